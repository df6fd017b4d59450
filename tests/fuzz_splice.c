/* The splice over any bytes: whole characters out, and the same for any cut of the stream. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../runtime/ulm_handoff.h"
#include "../runtime/ulm_num.h"

typedef struct {
  char *text;
  size_t n, cap;
} heard;

static void emit(void *user, const char *p, size_t n) {
  heard *h = user;
  for (size_t i = 0, k; i < n; i += k) {
    const uint8_t c = (uint8_t)p[i];
    if (!(k = ulm_utf8_len((const uint8_t *)p + i, n - i))) abort();
    if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) abort(); /* a control character */
    if (c == 0xc2 && (uint8_t)p[i + 1] < 0xa0) abort();
  }
  if (n > h->cap - h->n) abort(); /* more out than the stream could give */
  memcpy(h->text + h->n, p, n);
  h->n += n;
}

static void splice(heard *h, const char *opener, size_t k, const char *stream, size_t n,
                   unsigned cut) {
  ulm_splice s;
  h->n = 0;
  ulm_splice_begin(&s, opener, k);
  for (size_t at = 0, step; at < n; at += step) {
    step = cut ? 1 + (cut * 7 + at) % (cut + 1) : n;
    if (step > n - at) step = n - at;
    ulm_splice_feed(&s, stream + at, step, emit, h);
    if (s.held_size > ULM_SPLICE_HOLD) abort();
  }
  ulm_splice_end(&s, emit, h);
}

/* First byte: cuts; second: length of the opener; then opener and stream. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2 || size > 1 << 14) return 0;
  const size_t k = data[1] < size - 2 ? data[1] : size - 2, n = size - 2 - k;
  char *opener = malloc(k + 1), *stream = malloc(n + 1); /* exact but for what malloc needs */
  heard a = {malloc(3 * n + 16), 0, 3 * n + 16}, b = {malloc(3 * n + 16), 0, 3 * n + 16};
  if (!opener || !stream || !a.text || !b.text) abort();
  memcpy(opener, data + 2, k);
  memcpy(stream, data + 2 + k, n);
  splice(&a, opener, k, stream, n, 0);
  splice(&b, opener, k, stream, n, 1 + data[0] % 16);
  if (a.n != b.n || memcmp(a.text, b.text, a.n)) abort();
  free(opener), free(stream), free(a.text), free(b.text);
  return 0;
}
