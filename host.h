/* host.h: what all host tools share and no device needs: errors, checked files, options, progress,
 * clock, JSON output. Results go to stdout, progress and logs to stderr. */
#ifndef HOST_H
#define HOST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runtime/ulm_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors: functions return 0, or -1 with *e filled: file, place, reason, remedy -------------- */

typedef struct {
  char text[1024];
} host_error;

/* Writes the message and returns -1. e may be NULL. */
int host_fail(host_error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "path: byte N: message" of a device error. Returns -1. */
int host_fail_ulm(host_error *e, const char *path, const ulm_error *err);
/* Prints "ulm-tool: message" to stderr and exits with 1. */
__attribute__((noreturn)) void host_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A line of log on stderr (clears a progress bar first). */
void host_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- Memory ---------------------------------------------------------------------------------------- */

/* a * b + c, or SIZE_MAX on overflow (which no allocation below grants). */
size_t host_mul_add(size_t a, size_t b, size_t c);
/* Zeroed, 64-byte aligned, at least 1 byte; dies with the size and purpose if refused. Free with free(). */
void *host_alloc(size_t size, const char *what);
void *host_realloc(void *p, size_t size, const char *what); /* plain realloc that dies; for growing arrays */
uint64_t host_peak_rss(void);                               /* peak resident bytes of this process */

/* ---- Files -------------------------------------------------------------------------------------------- */

typedef struct {
  uint8_t *bytes; /* read-only mapping, or NULL for an empty file */
  size_t size;
} host_map;
int host_map_open(host_map *m, const char *path, host_error *e); /* regular files only */
void host_map_close(host_map *m);

/* A file that appears whole or not at all: written to a temporary beside it, fsync, rename. The
 * first error sticks; commit reports it and removes the temporary. */
typedef struct {
  FILE *f;
  char path[4096], temp[4096 + 32];
  uint64_t size;
  host_error error;
  int failed;
} host_out;
/* Fails if something stands at `path` that a rename must not replace: a folder, a device, a pipe. */
int host_replaceable(const char *path, host_error *e);
int host_out_open(host_out *o, const char *path, host_error *e);
int host_out_write(host_out *o, const void *bytes, size_t n);
int host_out_printf(host_out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
int host_out_commit(host_out *o, host_error *e);
void host_out_abort(host_out *o);
/* From now on SIGINT, SIGTERM and SIGHUP remove the temporaries (of up to 8 files at a time) before
 * they end the process. For tools that have nothing to save then. */
void host_clean_on_stop(void);

/* The container of ulm_file.h, written section by section; same promise as host_out. */
typedef struct {
  host_out out;
  uint32_t kind, count, expect;
  uint8_t table[ULM_FILE_SECTIONS_MAX * ULM_FILE_ENTRY];
  uint32_t crc;
  uint64_t start;
} host_box;
int host_box_open(host_box *b, const char *path, uint32_t kind, uint32_t sections, host_error *e);
int host_box_section(host_box *b, uint32_t tag); /* begins the next section, ending the one before */
int host_box_write(host_box *b, const void *bytes, size_t n);
int host_box_commit(host_box *b, host_error *e); /* exactly `sections` sections must have been written */
void host_box_abort(host_box *b);

/* Maps, opens and verifies (every checksum) a container. */
int host_box_read(ulm_file *f, host_map *m, const char *path, uint32_t kind, host_error *e);

int host_mkdir(const char *path, host_error *e); /* with parents; fine if it is there */
bool host_is_dir(const char *path);
int host_fsync_dir(const char *path);
/* Writes dir/name into out[size]; -1 if it does not fit. */
int host_path(char *out, size_t size, const char *dir, const char *name, host_error *e);
/* Sorted names in `dir` that end in `suffix`; NULL-terminated; free each and the array. NULL on error. */
char **host_list(const char *dir, const char *suffix, size_t *count, host_error *e);

/* ---- Options: long options from one table; --help, --json, --seed, --threads look the same everywhere */

typedef enum { OPT_FLAG, OPT_INT, OPT_UINT64, OPT_DOUBLE, OPT_STRING, OPT_STRINGS } host_opt_type;
typedef struct {
  char **item; /* [count]; the strings belong to argv */
  size_t count;
} host_strings;
typedef struct {
  const char *name; /* without dashes; one letter: also a short option, e.g. -o and --o */
  const char *arg;  /* what --help calls its argument; NULL for flags */
  const char *help;
  host_opt_type type;
  void *value; /* bool, int, uint64_t, double or const char * to be set; keeps its default otherwise; or
                  host_strings, to which each use adds */
} host_opt;
/* Permutes argv so that operands come last and returns the index of the first. Ends with status 0
 * after --help and 2 after a usage error (unknown option, malformed or out-of-range number). The
 * table ends with a NULL name. `usage` is the first lines of --help: forms and an example. */
int host_options(int argc, char **argv, const host_opt *table, const char *usage);
/* A usage error found later: message, hint at --help, exit 2. */
__attribute__((noreturn)) void host_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- Progress: a bar on a terminal, a plain line at most every 5 s elsewhere ------------------------- */

typedef struct {
  const char *what, *unit;
  uint64_t total; /* 0: unknown */
  double start, last;
} host_progress;
void host_progress_begin(host_progress *p, const char *what, const char *unit, uint64_t total);
/* `note` (may be NULL) is shown after the rate and the time left. Cheap to call often. */
void host_progress_step(host_progress *p, uint64_t done, const char *note);
void host_progress_end(host_progress *p, uint64_t done, const char *note);

/* The same for lines of one's own: on a terminal the line takes the place of the last one, cut to its
 * width, until host_log or a newer one does; elsewhere it is printed. NULL takes it away. */
void host_live(const char *line);
int host_columns(void); /* of the terminal at stderr; 0 if there is none */

double host_now(void); /* seconds, monotonic */

/* Text as a JSON string, quotes included; invalid UTF-8 becomes U+FFFD. */
void host_json_string(FILE *f, const char *s, size_t n);

#ifdef __cplusplus
}
#endif
#endif
