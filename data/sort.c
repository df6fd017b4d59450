#include "sort.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Files without a name ---- */

int temp_file(const char *dir, host_error *e) {
  char path[4096];
  if (host_path(path, sizeof path, dir, ".ulm-data-XXXXXX", e)) return -1;
  const int file = mkstemp(path);
  if (file < 0) return host_fail(e, "%s: cannot make a temporary file: %s", dir, strerror(errno));
  unlink(path);
  return file;
}

int temp_write(int file, const void *from, size_t n, uint64_t at, host_error *e) {
  for (size_t done = 0; done < n;) {
    const ssize_t k = pwrite(file, (const char *)from + done, n - done, (off_t)(at + done));
    if (k < 0 && errno == EINTR) continue;
    if (k <= 0)
      return host_fail(
          e,
          "a temporary file in the output folder cannot be written: %s; the folder needs about as "
          "much room as the unpacked input",
          k ? strerror(errno) : "nothing was taken");
    done += (size_t)k;
  }
  return 0;
}

int temp_read(int file, void *to, size_t n, uint64_t at, host_error *e) {
  for (size_t done = 0; done < n;) {
    const ssize_t k = pread(file, (char *)to + done, n - done, (off_t)(at + done));
    if (k < 0 && errno == EINTR) continue;
    if (k <= 0)
      return host_fail(e, "a temporary file in the output folder cannot be read back: %s",
                       k ? strerror(errno) : "it is shorter than what was written");
    done += (size_t)k;
  }
  return 0;
}

/* ---- Runs ---- */

typedef struct {
  uint64_t at, left; /* records on disk not yet read: place, number */
  uint64_t *block;   /* [count] records in memory, from block[used] */
  size_t used, count;
} sorted;

struct sorter {
  size_t words, room, count; /* room, count: records of the buffer */
  uint64_t *buffer, *scratch, total;
  const char *dir;
  int file; /* -1: nothing is on disk */
  uint64_t size;
  sorted *run;
  size_t runs;
  size_t *heap, heaped; /* runs by their next record, the smallest first */
  size_t block;         /* records a run reads at once */
  bool taken;           /* the record at the top has been given out */
};

sorter *sorter_open(size_t words, size_t memory, const char *dir) {
  sorter *s = host_alloc(sizeof *s, "a sorter");
  s->words = words, s->file = -1, s->dir = dir;
  s->room = memory / (words * sizeof *s->buffer);
  if (s->room < 2) s->room = 2;
  return s;
}

/* Least significant byte first; a byte that is the same in all records costs a count. */
static void sort(sorter *s) {
  const size_t n = s->count, w = s->words;
  if (n < 2) return;
  if (!s->scratch) s->scratch = host_alloc(s->room * w * sizeof *s->scratch, "sorting");
  for (size_t word = w; word-- > 0;)
    for (unsigned shift = 0; shift < 64; shift += 8) {
      size_t at[256] = {0};
      for (size_t i = 0; i < n; i++) at[s->buffer[i * w + word] >> shift & 255]++;
      if (at[s->buffer[word] >> shift & 255] == n) continue;
      for (size_t b = 0, sum = 0; b < 256; b++) {
        const size_t k = at[b];
        at[b] = sum, sum += k;
      }
      for (size_t i = 0; i < n; i++) {
        const uint64_t *from = s->buffer + i * w;
        memcpy(s->scratch + at[from[word] >> shift & 255]++ * w, from, w * sizeof *from);
      }
      uint64_t *other = s->buffer;
      s->buffer = s->scratch, s->scratch = other;
    }
}

static int spill(sorter *s, host_error *e) {
  if (s->file < 0 && (s->file = temp_file(s->dir, e)) < 0) return -1;
  sort(s);
  const size_t n = s->count * s->words * sizeof *s->buffer;
  if (temp_write(s->file, s->buffer, n, s->size, e)) return -1;
  s->run = host_realloc(s->run, (s->runs + 1) * sizeof *s->run, "runs");
  s->run[s->runs++] = (sorted){.at = s->size, .left = s->count};
  s->size += n, s->count = 0;
  return 0;
}

int sorter_add(sorter *s, const uint64_t *record, host_error *e) {
  if (s->count == s->room && spill(s, e)) return -1;
  if (!s->buffer) s->buffer = host_alloc(s->room * s->words * sizeof *s->buffer, "sorting");
  memcpy(s->buffer + s->count++ * s->words, record, s->words * sizeof *record);
  s->total++;
  return 0;
}

/* ---- Merging ---- */

static const uint64_t *head(const sorter *s, size_t run) {
  return s->run[run].block + s->run[run].used * s->words;
}

static bool less(const sorter *s, size_t a, size_t b) {
  const uint64_t *x = head(s, a), *y = head(s, b);
  for (size_t i = 0; i < s->words; i++)
    if (x[i] != y[i]) return x[i] < y[i];
  return a < b;
}

static void sink(sorter *s, size_t i) {
  for (size_t child; (child = 2 * i + 1) < s->heaped; i = child) {
    if (child + 1 < s->heaped && less(s, s->heap[child + 1], s->heap[child])) child++;
    if (!less(s, s->heap[child], s->heap[i])) break;
    const size_t other = s->heap[i];
    s->heap[i] = s->heap[child], s->heap[child] = other;
  }
}

/* More of a run into its block; count 0 at its end. */
static int refill(sorter *s, sorted *r, host_error *e) {
  r->used = 0, r->count = r->left < s->block ? (size_t)r->left : s->block;
  const size_t n = r->count * s->words * sizeof *r->block;
  if (n && temp_read(s->file, r->block, n, r->at, e)) return -1;
  r->at += n, r->left -= r->count;
  return 0;
}

int sorter_begin(sorter *s, host_error *e) {
  s->taken = false;
  if (s->file < 0) { /* all is in memory: one run */
    sort(s);
    s->run = host_realloc(s->run, sizeof *s->run, "runs");
    s->run[0] = (sorted){.block = s->buffer, .count = s->count};
    s->buffer = NULL;
    s->runs = s->total > 0;
    if (!s->runs) free(s->run[0].block);
  } else {
    if (s->count && spill(s, e)) return -1;
    s->block = s->room / s->runs;
    if (s->block < 64) s->block = 64;
    free(s->buffer);
    s->buffer = NULL;
    for (size_t i = 0; i < s->runs; i++) {
      s->run[i].block = host_alloc(s->block * s->words * sizeof *s->run[i].block, "a run");
      if (refill(s, &s->run[i], e)) return -1;
    }
  }
  free(s->scratch);
  s->scratch = NULL;
  s->heap = host_alloc((s->runs + 1) * sizeof *s->heap, "runs");
  for (s->heaped = 0; s->heaped < s->runs; s->heaped++) s->heap[s->heaped] = s->heaped;
  for (size_t i = s->heaped; i-- > 0;) sink(s, i);
  return 0;
}

int sorter_next(sorter *s, const uint64_t **record, host_error *e) {
  if (s->taken) {
    sorted *r = &s->run[s->heap[0]];
    if (++r->used == r->count && refill(s, r, e)) return -1;
    if (!r->count) s->heap[0] = s->heap[--s->heaped];
    sink(s, 0);
  }
  s->taken = s->heaped > 0;
  if (s->taken) *record = head(s, s->heap[0]);
  return s->taken;
}

uint64_t sorter_count(const sorter *s) { return s->total; }

void sorter_close(sorter *s) {
  if (!s) return;
  for (size_t i = 0; i < s->runs; i++) free(s->run[i].block);
  if (s->file >= 0) close(s->file);
  free(s->run), free(s->heap), free(s->buffer), free(s->scratch), free(s);
}
