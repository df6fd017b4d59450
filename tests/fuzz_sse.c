/* A body of any bytes, streamed or not, in both kinds of answer: the same text, end and error for
 * any cut, within the stated bounds. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../bench/dialect.h"

typedef struct {
  char *text;
  size_t n, cap;
} heard;

static void hear(void *user, const char *p, size_t n) {
  heard *h = user;
  if (n > h->cap - h->n) abort(); /* more text than bytes */
  memcpy(h->text + h->n, p, n);
  h->n += n;
}

static reply_end run(reply *r, heard *h, const char *who, int streams, const char *s, size_t n,
                     unsigned cut) {
  h->n = 0;
  reply_begin(r, profile_named(who), streams, hear, h);
  for (size_t at = 0, step; at < n; at += step) {
    step = cut ? 1 + (cut * 7 + at) % (cut + 1) : n;
    if (step > n - at) step = n - at;
    reply_feed(r, s + at, step);
  }
  return reply_finish(r, 1);
}

/* First byte: dialect, streaming, cuts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static reply a, b;
  if (size < 1 || size > 1 << 14) return 0;
  const size_t n = size - 1;
  char *s = malloc(n + 1); /* exact but for what malloc needs */
  heard x = {malloc(3 * n + 1), 0, 3 * n + 1}, y = {malloc(3 * n + 1), 0, 3 * n + 1};
  if (!s || !x.text || !y.text) abort();
  memcpy(s, data + 1, n);
  const char *who = data[0] & 1 ? "anthropic" : "chat";
  const reply_end e = run(&a, &x, who, !(data[0] & 2), s, n, 0),
                  f = run(&b, &y, who, !(data[0] & 2), s, n, 1 + (data[0] >> 2) % 16);
  if (e == REPLY_OPEN || e != f || x.n != y.n || memcmp(x.text, y.text, x.n)) abort();
  if (strcmp(a.error, b.error) || (e == REPLY_ERROR) != (a.error[0] != 0)) abort();
  char model[16], why[16];
  (void)profile_of_models(s, n, model, sizeof model);
  dialect_error(s, n, why, sizeof why);
  if (memchr(model, 0, sizeof model) == NULL || memchr(why, 0, sizeof why) == NULL) abort();
  free(s), free(x.text), free(y.text);
  return 0;
}
