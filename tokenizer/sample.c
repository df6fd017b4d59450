#include "sample.h"

#include <stdlib.h>
#include <string.h>

#include "spm.h"

/* parts[] is a heap with the largest key on top while sampling. */
static void sink(sample *s, size_t i) {
  for (;;) {
    size_t top = i;
    for (size_t c = 2 * i + 1; c <= 2 * i + 2 && c < s->count; c++)
      if (s->parts[c].key > s->parts[top].key) top = c;
    if (top == i) return;
    const sample_part swap = s->parts[i];
    s->parts[i] = s->parts[top];
    s->parts[top] = swap;
    i = top;
  }
}

static void rise(sample *s, size_t i) {
  for (; i && s->parts[i].key > s->parts[(i - 1) / 2].key; i = (i - 1) / 2) {
    const sample_part swap = s->parts[i];
    s->parts[i] = s->parts[(i - 1) / 2];
    s->parts[(i - 1) / 2] = swap;
  }
}

/* What a part is counted as: a short one costs its place in the list more than its text. */
static uint64_t cost(size_t n) { return n < SAMPLE_PART_MIN ? SAMPLE_PART_MIN : n; }

static void drop_top(sample *s) {
  s->bytes -= cost(s->parts[0].size);
  free(s->parts[0].text);
  s->parts[0] = s->parts[--s->count];
  sink(s, 0);
}

static void add(sample *s, const char *text, size_t n, uint64_t key, uint64_t order, uint64_t max) {
  if (cost(n) > max || (s->bytes + cost(n) > max && key >= s->parts[0].key)) return;
  if (s->count == s->cap) {
    s->cap = s->cap ? 2 * s->cap : 1024;
    s->parts = host_realloc(s->parts, s->cap * sizeof *s->parts, "a sample of the text");
  }
  char *copy = host_realloc(NULL, n, "a sample of the text");
  memcpy(copy, text, n);
  s->parts[s->count++] = (sample_part){copy, n, key, order};
  s->bytes += cost(n);
  rise(s, s->count - 1);
  while (s->bytes > max) drop_top(s);
}

/* Bytes of the next part of text[n]: up to the last space in reach, else to a character's end. */
static size_t part_size(const char *text, size_t n) {
  if (n <= SPM_LINE_MAX) return n;
  size_t k = SPM_LINE_MAX;
  while (k && text[k] != ' ') k--;
  if (k) return k;
  k = SPM_LINE_MAX;
  while (k > SPM_LINE_MAX - 4 && ((uint8_t)text[k] & 0xc0) == 0x80) k--;
  return k;
}

static int by_order(const void *a, const void *b) {
  const uint64_t x = ((const sample_part *)a)->order, y = ((const sample_part *)b)->order;
  return (x > y) - (x < y);
}

int sample_lines(sample *s, const char *(*next)(void *user, size_t *n), void *user,
                 uint64_t max_bytes, uint64_t seed, host_error *e) {
  *s = (sample){0};
  ulm_rng rng = ulm_rng_seed(seed, 0x73616d70);
  uint64_t order = 0;
  size_t n;
  for (const char *text; (text = next(user, &n));) {
    for (size_t k; n; text += k, n -= k) {
      k = part_size(text, n);
      const uint64_t high = ulm_rng_u32(&rng);
      add(s, text, k, high << 32 | ulm_rng_u32(&rng), order++, max_bytes);
    }
  }
  if (!order) return host_fail(e, "there is no text to learn a vocabulary from");
  if (!s->count)
    return host_fail(e, "%llu bytes have no room for a line of text; use a larger --max-bytes",
                     (unsigned long long)max_bytes);
  qsort(s->parts, s->count, sizeof *s->parts, by_order);
  return 0;
}

void sample_free(sample *s) {
  for (size_t i = 0; i < s->count; i++) free(s->parts[i].text);
  free(s->parts);
  *s = (sample){0};
}
