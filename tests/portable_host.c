/* The hosted target of `make portability`: blobs from files, two threads.
 *   portable_host [--flip] BLOB...      --flip: one bit of the last weight is wrong, a control */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "portable.h"

static void put(const char *line) { fputs(line, stdout); }

/* ---- Two threads: this one and another, which waits for work ---- */

static struct {
  pthread_t thread;
  sem_t begin, done;
  void (*job)(void *work, uint32_t part);
  void *work;
} other;

static void *serve(void *unused) {
  (void)unused;
  for (;;) {
    while (sem_wait(&other.begin)) continue;
    if (!other.job) return NULL;
    other.job(other.work, 1);
    sem_post(&other.done);
  }
}

static void on_two(void *user, void (*job)(void *work, uint32_t part), void *work) {
  (void)user;
  other.job = job, other.work = work;
  sem_post(&other.begin);
  job(work, 0);
  while (sem_wait(&other.done)) continue;
}

/* ---- Blobs ---- */

static uint8_t *read_whole(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  if (!f || fseek(f, 0, SEEK_END)) return NULL;
  *size = (size_t)ftell(f);
  rewind(f);
  uint8_t *p = aligned_alloc(64, (*size + 63) / 64 * 64);
  if (p && fread(p, 1, *size, f) != *size) return NULL;
  fclose(f);
  return p;
}

/* The last tensor is the norm before the logits: the lowest bit of its last value's exponent. (The
 * lowest bit of all would be rounded away where activations are quantized.) */
static int flip(uint8_t *blob, size_t size) {
  ulm_file f;
  ulm_section weights;
  if (ulm_file_open(&f, blob, size, ULM_KIND_BLOB, NULL)) return 0;
  if (!ulm_file_find(&f, ULM_SEC_WEIGHTS, &weights)) return 0;
  const ulm_config *c;
  ulm *m;
  static _Alignas(64) uint8_t arena[PORTABLE_ARENA];
  if (ulm_open(&m, blob, size, arena, sizeof arena, NULL, NULL)) return 0;
  c = ulm_get_config(m);
  blob[weights.offset + weights.size - ulm_pad64(4 * c->dim) + 4 * (c->dim - 1) + 2] ^= 0x80;
  return 1;
}

static const char *stem(char *path) { /* "dir/int8.ulm": "int8" */
  char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strchr(name, '.');
  if (dot) *dot = 0;
  return name;
}

int main(int argc, char **argv) {
  const int flipped = argc > 1 && !strcmp(argv[1], "--flip");
  if (argc < 2 + flipped) {
    fprintf(stderr, "portable_host [--flip] BLOB...\n");
    return 2;
  }
  static _Alignas(64) uint8_t arena[PORTABLE_ARENA];
  if (sem_init(&other.begin, 0, 0) || sem_init(&other.done, 0, 0) ||
      pthread_create(&other.thread, NULL, serve, NULL)) {
    fprintf(stderr, "portable_host: no second thread\n");
    return 1;
  }
  const portable_target t = {put, arena, sizeof arena, {2, on_two, NULL}};
  int failed = 0;
  for (int i = 1 + flipped; i < argc && !failed; i++) {
    size_t size;
    uint8_t *blob = read_whole(argv[i], &size);
    if (!blob || (flipped && !flip(blob, size))) {
      fprintf(stderr, "portable_host: %s: cannot be read\n", argv[i]);
      return 1;
    }
    failed = portable(stem(argv[i]), blob, size, &t);
    free(blob);
  }
  other.job = NULL;
  sem_post(&other.begin);
  pthread_join(other.thread, NULL);
  return failed;
}
