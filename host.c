#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "host tools map little-endian files; build them on a little-endian machine"
#endif

static const char *tool = "ulm";
static bool bar_shown;

static void clear_bar(void) {
  if (bar_shown) fputs("\r\033[K", stderr);
  bar_shown = false;
}

/* ---- errors ---- */

/* A message may quote what a hostile file says: characters that a terminal obeys (C0 but newline
 * and tab, DEL, C1) become '?'. */
static void harmless(char *s) {
  for (; *s; s++) {
    const uint8_t c = (uint8_t)s[0], next = (uint8_t)s[1];
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) *s = '?';
    if (c == 0xc2 && next >= 0x80 && next < 0xa0) s[0] = s[1] = '?';
  }
}

int host_fail(host_error *e, const char *format, ...) {
  if (!e) return -1;
  va_list ap;
  va_start(ap, format);
  vsnprintf(e->text, sizeof e->text, format, ap);
  va_end(ap);
  harmless(e->text);
  return -1;
}

int host_fail_ulm(host_error *e, const char *path, const ulm_error *err) {
  return host_fail(e, "%s: byte %llu: %s (%s)", path, (unsigned long long)err->offset, err->message,
                   ulm_status_text(err->code));
}

void host_die(const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  fflush(stdout);
  clear_bar();
  fprintf(stderr, "%s: ", tool);
  vfprintf(stderr, format, ap);
  fputc('\n', stderr);
  va_end(ap);
  exit(1);
}

void host_log(const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  clear_bar();
  vfprintf(stderr, format, ap);
  fputc('\n', stderr);
  va_end(ap);
}

/* ---- memory ---- */

size_t host_mul_add(size_t a, size_t b, size_t c) {
  size_t r;
  return __builtin_mul_overflow(a, b, &r) || __builtin_add_overflow(r, c, &r) ? SIZE_MAX : r;
}

void *host_alloc(size_t size, const char *what) {
  void *p = NULL;
  if (size > PTRDIFF_MAX - 64 || posix_memalign(&p, 64, size ? size : 1)) host_die("no memory for %s (%zu bytes)", what, size);
  memset(p, 0, size ? size : 1);
  return p;
}

void *host_realloc(void *p, size_t size, const char *what) {
  void *q = size <= PTRDIFF_MAX ? realloc(p, size ? size : 1) : NULL;
  if (!q) host_die("no memory for %s (%zu bytes)", what, size);
  return q;
}

uint64_t host_peak_rss(void) {
  struct rusage r;
  return getrusage(RUSAGE_SELF, &r) ? 0 : (uint64_t)r.ru_maxrss * 1024;
}

/* ---- reading ---- */

int host_map_open(host_map *m, const char *path, host_error *e) {
  *m = (host_map){0};
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return host_fail(e, "%s: cannot open: %s", path, strerror(errno));
  struct stat st;
  int bad = fstat(fd, &st);
  if (bad) host_fail(e, "%s: cannot stat: %s", path, strerror(errno));
  else if (!S_ISREG(st.st_mode)) bad = host_fail(e, "%s: not a regular file", path);
  else if (st.st_size > 0) {
    void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED) bad = host_fail(e, "%s: cannot map: %s", path, strerror(errno));
    else *m = (host_map){p, (size_t)st.st_size};
  }
  close(fd);
  return bad ? -1 : 0;
}

void host_map_close(host_map *m) {
  if (m->bytes) munmap(m->bytes, m->size);
  *m = (host_map){0};
}

int host_box_read(ulm_file *f, host_map *m, const char *path, uint32_t kind, host_error *e) {
  ulm_error err;
  if (host_map_open(m, path, e)) return -1;
  if (ulm_file_open(f, m->bytes, m->size, kind, &err) || ulm_file_verify(f, &err)) {
    host_map_close(m);
    return host_fail_ulm(e, path, &err);
  }
  return 0;
}

/* ---- writing ---- */

static int out_fail(host_out *o, const char *doing) {
  if (!o->failed) host_fail(&o->error, "%s: cannot %s: %s; the old file, if any, is untouched", o->path, doing, strerror(errno));
  o->failed = 1;
  return -1;
}

/* Temporaries of files being written, for a handler of signals. */
enum { TEMPS = 8 };
static char temps[TEMPS][sizeof((host_out *)0)->temp];

static void remember(const char *temp, bool is_there) {
  for (int i = 0; i < TEMPS; i++)
    if (is_there ? !temps[i][0] : !strcmp(temps[i], temp)) {
      if (is_there) strcpy(temps[i], temp);
      else temps[i][0] = 0;
      return;
    }
}

static void stop(int s) {
  for (int i = 0; i < TEMPS; i++)
    if (temps[i][0]) unlink(temps[i]);
  raise(s); /* the handler is gone by now: the process ends as by this signal */
}

void host_clean_on_stop(void) {
  static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction a = {.sa_handler = stop, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)}, was;
  for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
    if (!sigaction(stops[i], NULL, &was) && was.sa_handler != SIG_IGN) sigaction(stops[i], &a, NULL);
}

int host_replaceable(const char *path, host_error *e) {
  struct stat st;
  if (stat(path, &st) || S_ISREG(st.st_mode)) return 0;
  return host_fail(e, "%s: is %s, a file is needed", path, S_ISDIR(st.st_mode) ? "a folder" : "no regular file");
}

int host_out_open(host_out *o, const char *path, host_error *e) {
  memset(o, 0, sizeof *o);
  if (!*path) return host_fail(e, "an output path is empty");
  if (strlen(path) >= sizeof o->path) return host_fail(e, "%.100s...: path is too long", path);
  strcpy(o->path, path);
  if (host_replaceable(path, e)) return -1;
  snprintf(o->temp, sizeof o->temp, "%s.%ld.tmp", path, (long)getpid());
  unlink(o->temp); /* of a killed process that had this number; a link that waits here is not followed */
  const int fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  o->f = fd < 0 ? NULL : fdopen(fd, "wb");
  if (!o->f) {
    host_fail(e, "%s: cannot write: %s", o->temp, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
  }
  remember(o->temp, true);
  return 0;
}

int host_out_write(host_out *o, const void *bytes, size_t n) {
  if (o->failed) return -1;
  if (n && fwrite(bytes, 1, n, o->f) != n) return out_fail(o, "write");
  o->size += n;
  return 0;
}

int host_out_printf(host_out *o, const char *format, ...) {
  if (o->failed) return -1;
  va_list ap;
  va_start(ap, format);
  const int n = vfprintf(o->f, format, ap);
  va_end(ap);
  if (n < 0) return out_fail(o, "write");
  o->size += (uint64_t)n;
  return 0;
}

int host_fsync_dir(const char *path) {
  char dir[4096];
  const char *slash = strrchr(path, '/');
  const size_t n = slash ? (size_t)(slash - path) : 0;
  if (n >= sizeof dir) return -1;
  memcpy(dir, path, n);
  dir[n] = 0;
  const int fd = open(n ? dir : slash ? "/" : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return -1;
  const int bad = fsync(fd) && errno != EINVAL;
  close(fd);
  return bad ? -1 : 0;
}

int host_out_commit(host_out *o, host_error *e) {
  if (!o->failed && (fflush(o->f) || fsync(fileno(o->f)))) out_fail(o, "write");
  if (o->f && fclose(o->f)) out_fail(o, "close");
  o->f = NULL;
  if (!o->failed && rename(o->temp, o->path)) out_fail(o, "rename onto it");
  if (!o->failed && host_fsync_dir(o->path)) out_fail(o, "sync its folder");
  remember(o->temp, false);
  if (!o->failed) return 0;
  unlink(o->temp);
  return host_fail(e, "%s", o->error.text);
}

void host_out_abort(host_out *o) {
  if (o->f) fclose(o->f);
  if (o->temp[0]) unlink(o->temp), remember(o->temp, false);
  o->f = NULL;
}

static const uint8_t zeros[ULM_ALIGN];

static int box_pad(host_box *b) { return host_out_write(&b->out, zeros, (size_t)(ulm_pad64(b->out.size) - b->out.size)); }

static void box_close_section(host_box *b) {
  if (!b->count) return;
  uint8_t *e = b->table + (b->count - 1) * ULM_FILE_ENTRY;
  ulm_put32(e + 4, b->crc);
  ulm_put64(e + 16, b->out.size - b->start);
}

int host_box_open(host_box *b, const char *path, uint32_t kind, uint32_t sections, host_error *e) {
  memset(b, 0, sizeof *b);
  if (sections < 1 || sections > ULM_FILE_SECTIONS_MAX) return host_fail(e, "%s: %u sections cannot be written", path, sections);
  if (host_out_open(&b->out, path, e)) return -1;
  b->kind = kind;
  b->expect = sections;
  for (uint32_t i = 0; i < 2 + (sections + 1) / 2; i++) host_out_write(&b->out, zeros, ULM_ALIGN);
  b->out.size = ULM_FILE_HEADER + (uint64_t)sections * ULM_FILE_ENTRY;
  if (fseeko(b->out.f, (off_t)b->out.size, SEEK_SET)) out_fail(&b->out, "seek");
  return 0;
}

int host_box_section(host_box *b, uint32_t tag) {
  box_close_section(b);
  if (b->count == b->expect) {
    errno = EINVAL;
    return out_fail(&b->out, "add one more section");
  }
  box_pad(b);
  b->start = b->out.size;
  b->crc = 0;
  uint8_t *e = b->table + b->count++ * ULM_FILE_ENTRY;
  ulm_put32(e, tag);
  ulm_put64(e + 8, b->start);
  return b->out.failed ? -1 : 0;
}

int host_box_write(host_box *b, const void *bytes, size_t n) {
  if (n) b->crc = (uint32_t)crc32_z(b->crc, bytes, n);
  return host_out_write(&b->out, bytes, n);
}

int host_box_commit(host_box *b, host_error *e) {
  static const uint8_t magic[8] = {0x89, 'U', 'L', 'M', '\r', '\n', 0x1a, '\n'};
  box_close_section(b);
  if (b->count != b->expect) {
    errno = EINVAL;
    out_fail(&b->out, "write fewer sections than promised");
  }
  box_pad(b);
  uint8_t h[ULM_FILE_HEADER] = {0};
  memcpy(h, magic, 8);
  ulm_put32(h + 8, b->kind);
  ulm_put16(h + 12, ULM_FILE_VERSION);
  ulm_put16(h + 14, 0x0102);
  ulm_put64(h + 16, b->out.size);
  ulm_put32(h + 24, b->count);
  uint32_t crc = ulm_crc32(0, h, sizeof h);
  ulm_put32(h + 28, ulm_crc32(crc, b->table, b->count * ULM_FILE_ENTRY));
  const uint64_t size = b->out.size;
  if (!b->out.failed && fseeko(b->out.f, 0, SEEK_SET)) out_fail(&b->out, "seek");
  host_out_write(&b->out, h, sizeof h);
  host_out_write(&b->out, b->table, b->count * ULM_FILE_ENTRY);
  b->out.size = size;
  return host_out_commit(&b->out, e);
}

void host_box_abort(host_box *b) { host_out_abort(&b->out); }

/* ---- folders ---- */

bool host_is_dir(const char *path) {
  struct stat st;
  return !stat(path, &st) && S_ISDIR(st.st_mode);
}

int host_mkdir(const char *path, host_error *e) {
  char p[4096];
  const size_t n = strlen(path);
  if (n == 0 || n >= sizeof p) return host_fail(e, "%.100s: path is empty or too long", path);
  memcpy(p, path, n + 1);
  for (size_t i = 1; i <= n; i++) {
    if (p[i] != '/' && p[i] != 0) continue;
    const char c = p[i];
    p[i] = 0;
    if (mkdir(p, 0777) && errno != EEXIST) return host_fail(e, "%s: cannot make the folder: %s", p, strerror(errno));
    p[i] = c;
  }
  return host_is_dir(path) ? 0 : host_fail(e, "%s: is not a folder", path);
}

int host_path(char *out, size_t size, const char *dir, const char *name, host_error *e) {
  const size_t d = strlen(dir);
  const int n = snprintf(out, size, "%s%s%s", dir, d && dir[d - 1] == '/' ? "" : "/", name);
  return n < 0 || (size_t)n >= size ? host_fail(e, "%.100s/%.100s: path is too long", dir, name) : 0;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

char **host_list(const char *dir, const char *suffix, size_t *count, host_error *e) {
  *count = 0;
  DIR *d = opendir(dir);
  if (!d) {
    host_fail(e, "%s: cannot open the folder: %s", dir, strerror(errno));
    return NULL;
  }
  size_t n = 0, cap = 16, k = strlen(suffix);
  char **names = host_alloc(cap * sizeof *names, "a folder's names");
  for (struct dirent *x; (x = readdir(d));) {
    const size_t len = strlen(x->d_name);
    if (len <= k || strcmp(x->d_name + len - k, suffix)) continue;
    if (n + 1 == cap) names = host_realloc(names, (cap *= 2) * sizeof *names, "a folder's names");
    names[n] = host_alloc(len + 1, "a name");
    memcpy(names[n++], x->d_name, len + 1);
  }
  closedir(d);
  qsort(names, n, sizeof *names, by_name);
  names[n] = NULL;
  *count = n;
  return names;
}

/* ---- options ---- */

static void print_help(const host_opt *table, const char *usage) {
  printf("%s\n\noptions:\n", usage);
  for (const host_opt *o = table; o->name; o++) {
    char left[64];
    snprintf(left, sizeof left, "%s%s%s%s", o->name[1] ? "--" : "-", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
    printf("  %-24s %s\n", left, o->help);
  }
  printf("  %-24s %s\n", "--help", "this text");
}

void host_usage(const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  fflush(stdout);
  fprintf(stderr, "%s: ", tool);
  vfprintf(stderr, format, ap);
  fprintf(stderr, "; try --help\n");
  va_end(ap);
  exit(2);
}

static void set_option(const host_opt *o, const char *s) {
  char *end = NULL;
  errno = 0;
  switch (o->type) {
  case OPT_FLAG: *(bool *)o->value = true; return;
  case OPT_STRING: *(const char **)o->value = s; return;
  case OPT_STRINGS: {
    host_strings *l = o->value;
    l->item = host_realloc(l->item, (l->count + 1) * sizeof *l->item, "options");
    l->item[l->count++] = (char *)s;
    return;
  }
  case OPT_INT: {
    const long v = strtol(s, &end, 10);
    if (errno || end == s || *end || v < INT_MIN || v > INT_MAX) host_usage("option %s needs a whole number, not '%s'", o->name, s);
    *(int *)o->value = (int)v;
    return;
  }
  case OPT_UINT64: {
    const unsigned long long v = strtoull(s, &end, 10);
    if (errno || end == s || *end || *s == '-') host_usage("option %s needs a whole number, not '%s'", o->name, s);
    *(uint64_t *)o->value = v;
    return;
  }
  case OPT_DOUBLE: {
    const double v = strtod(s, &end);
    if (end == s || *end || !isfinite(v)) host_usage("option %s needs a number, not '%s'", o->name, s);
    *(double *)o->value = v;
    return;
  }
  }
}

int host_options(int argc, char **argv, const host_opt *table, const char *usage) {
  const char *slash = strrchr(argv[0], '/');
  tool = slash ? slash + 1 : argv[0];
  char **rest = host_alloc(((size_t)argc + 1) * sizeof *rest, "operands");
  char **used = host_alloc(((size_t)argc + 1) * sizeof *used, "options");
  int nrest = 0, nused = 0, only = 0;
  for (int i = 1; i < argc; i++) {
    char *a = argv[i];
    if (only || a[0] != '-' || !a[1]) {
      rest[nrest++] = a;
      continue;
    }
    used[nused++] = a;
    if (!strcmp(a, "--")) {
      only = 1;
      continue;
    }
    const char *name = a + (a[1] == '-' ? 2 : 1), *eq = a[1] == '-' ? strchr(name, '=') : NULL;
    const size_t len = eq ? (size_t)(eq - name) : strlen(name);
    if (!strcmp(a, "--help") || !strcmp(a, "-h")) {
      print_help(table, usage);
      exit(fflush(stdout) ? 1 : 0);
    }
    const host_opt *o = table;
    while (o->name && !(strlen(o->name) == len && !memcmp(o->name, name, len) && (a[1] == '-' || len == 1))) o++;
    if (!o->name) host_usage("unknown option '%s'", a);
    if (o->type == OPT_FLAG && eq) host_usage("option %s takes no value", o->name);
    if (o->type == OPT_FLAG || eq) set_option(o, eq ? eq + 1 : NULL);
    else if (i + 1 < argc) set_option(o, used[nused++] = argv[++i]);
    else host_usage("option %s needs a value (%s)", o->name, o->arg);
  }
  for (int i = 0; i < nused; i++) argv[1 + i] = used[i];
  for (int i = 0; i < nrest; i++) argv[1 + nused + i] = rest[i];
  free(rest);
  free(used);
  return 1 + nused;
}

/* ---- progress ---- */

double host_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int host_columns(void) {
  struct winsize w;
  if (!isatty(2)) return 0;
  return ioctl(2, TIOCGWINSZ, &w) || !w.ws_col ? 80 : w.ws_col;
}

void host_live(const char *line) {
  const int columns = host_columns();
  if (!line) return clear_bar();
  if (!columns) {
    fprintf(stderr, "%s\n", line);
    return;
  }
  size_t n = 0; /* characters, one short of the width: some terminals wrap at the last column */
  const char *end = line;
  for (; *end && (n += (*end & 0xc0) != 0x80) < (size_t)columns; end++) {
  }
  fprintf(stderr, "\r%.*s\033[K", (int)(end - line), line);
  fflush(stderr);
  bar_shown = true;
}

static const char *scaled(double v, char out[16]) {
  const char *const unit[] = {"", "k", "M", "G", "T"};
  int i = 0;
  while (v >= 1000 && i < 4) v /= 1000, i++;
  snprintf(out, 16, v < 10 && i ? "%.2f%s" : v < 100 && i ? "%.1f%s" : "%.0f%s", v, unit[i]);
  return out;
}

static void draw(host_progress *p, uint64_t done, const char *note, int final) {
  char a[16], b[16], c[16], eta[32] = "";
  const double t = host_now() - p->start, rate = t > 0 ? (double)done / t : 0;
  if (p->total && rate > 0 && !final) {
    const double left = done < p->total ? (double)(p->total - done) / rate : 0;
    snprintf(eta, sizeof eta, "  %d:%02d left", (int)(left / 60), (int)left % 60);
  } else if (final) {
    snprintf(eta, sizeof eta, "  in %.1f s", t);
  }
  const int tty = isatty(2);
  char bar[32] = "";
  if (tty && p->total) {
    const int w = 20, fill = done >= p->total ? w : (int)((double)w * (double)done / (double)p->total);
    for (int i = 0; i < w; i++) bar[i] = i < fill ? '#' : '.';
    bar[w] = ' ', bar[w + 1] = 0;
  }
  fprintf(stderr, "%s%s: %s%s%s%s %s  %s/s%s%s%s%s", tty ? "\r\033[K" : "", p->what, bar, scaled((double)done, a),
          p->total ? "/" : "", p->total ? scaled((double)p->total, b) : "", p->unit, scaled(rate, c), eta,
          note && *note ? "  " : "", note ? note : "", tty && !final ? "" : "\n");
  fflush(stderr);
  bar_shown = tty && !final;
}

void host_progress_begin(host_progress *p, const char *what, const char *unit, uint64_t total) {
  *p = (host_progress){what, unit, total, host_now(), 0};
  p->last = p->start;
}

void host_progress_step(host_progress *p, uint64_t done, const char *note) {
  const double now = host_now();
  if (now - p->last < (isatty(2) ? 0.2 : 5.0)) return;
  p->last = now;
  draw(p, done, note, 0);
}

void host_progress_end(host_progress *p, uint64_t done, const char *note) { draw(p, done, note, 1); }

/* ---- JSON ---- */

void host_json_string(FILE *f, const char *s, size_t n) {
  fputc('"', f);
  for (size_t i = 0; i < n;) {
    const uint8_t c = (uint8_t)s[i];
    const size_t k = ulm_utf8_len((const uint8_t *)s + i, n - i);
    if (k == 0) {
      fputs("\xef\xbf\xbd", f);
      i++;
      continue;
    }
    if (c == '"' || c == '\\') fprintf(f, "\\%c", c);
    else if (c < 0x20 || c == 0x7f) fprintf(f, "\\u%04x", c);
    else fwrite(s + i, 1, k, f);
    i += k;
  }
  fputc('"', f);
}
