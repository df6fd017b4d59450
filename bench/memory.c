#include "memory.h"
#include <string.h>
#include <sys/mman.h>

typedef uint64_t line __attribute__((vector_size(64)));
enum { PASSES = 12 };

typedef struct {
  const char *bytes;
  size_t size;
  uint32_t parts;
  _Alignas(64) uint64_t sink[WORKERS_MAX][8];
} reading;

#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
static void
read_part(void *work, uint32_t part) {
  reading *r = work;
  const size_t lines = r->size / sizeof(line), from = lines * part / r->parts / 4 * 4,
               to = lines * (part + 1) / r->parts / 4 * 4;
  const line *p = (const line *)(const void *)r->bytes;
  line a = {0}, b = a, c = a, d = a;
  for (size_t i = from; i < to; i += 4) a |= p[i], b |= p[i + 1], c |= p[i + 2], d |= p[i + 3];
  a |= b | c | d;
  memcpy(r->sink[part], &a, sizeof a);
}

double memory_bandwidth(size_t size, const ulm_workers *w) {
  const size_t huge = (size_t)2 << 20, room = (size + 2 * huge - 1) / huge * huge;
  char *all = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) host_die("no memory for %zu bytes", room);
  char *bytes = all + (huge - (uintptr_t)all % huge) % huge;
  (void)madvise(bytes, room - (size_t)(bytes - all), MADV_HUGEPAGE);
  memset(bytes, 1, size);
  reading r = {.bytes = bytes, .size = size, .parts = w->parts > 1 ? w->parts : 1};
  double best = 0;
  for (int i = 0; i < PASSES; i++) {
    const double t0 = host_now();
    if (r.parts > 1)
      w->run(w->user, read_part, &r);
    else
      read_part(&r, 0);
    const double rate = (double)size / (host_now() - t0);
    best = rate > best ? rate : best;
  }
  munmap(all, room);
  return best;
}
