#include "exclude.h"

#include <stdlib.h>
#include <string.h>
#include "clean.h"

static bool find(const exclude *x, uint64_t h, size_t *at) {
  size_t i = (size_t)h & (x->size - 1);
  for (; x->slot[i]; i = (i + 1) & (x->size - 1))
    if (x->slot[i] == h) return true;
  *at = i;
  return false;
}

static int add(exclude *x, uint64_t h, host_error *e) {
  h += !h;
  if (x->count >= x->size / 4 * 3) {
    exclude big = {.size = x->size ? 2 * x->size : 4096};
    big.slot = host_alloc(big.size * sizeof *big.slot, "evaluation texts");
    for (size_t i = 0, at; i < x->size; i++)
      if (x->slot[i] && !find(&big, x->slot[i], &at)) big.slot[at] = x->slot[i];
    free(x->slot);
    x->slot = big.slot, x->size = big.size;
  }
  size_t at;
  if (find(x, h, &at)) return 0;
  if (x->count == EXCLUDE_MAX)
    return host_fail(
        e,
        "the evaluation files hold more than %d runs of %zu words; exclude fewer files at a time",
        EXCLUDE_MAX, x->n);
  x->slot[at] = h;
  x->count++;
  return 0;
}

static uint64_t roll(const uint64_t *w, size_t n) {
  uint64_t h;
  words_shingles(w, n, n, &h);
  return h;
}

static const uint64_t prompt_mark =
    0xa0761d6478bd642fu; /* tells a prompt from a run of as many words */

static int add_text(exclude *x, const char *text, size_t size, bool first, host_error *e) {
  words_clear(&x->words);
  words_add(&x->words, text, size);
  const size_t count = x->words.count;
  if (!count) return 0;
  if (first && add(x, hash_mix(roll(x->words.hash, count) ^ prompt_mark), e)) return -1;
  if (count < x->n) return 0;
  if (x->runs_room < count)
    x->runs = host_realloc(x->runs, (x->runs_room = count) * sizeof *x->runs, "runs of words");
  const size_t runs = words_shingles(x->words.hash, count, x->n, x->runs);
  for (size_t i = 0; i < runs; i++)
    if (add(x, x->runs[i], e)) return -1;
  return 0;
}

int exclude_file(exclude *x, const char *path, host_error *e) {
  docs *in = docs_open_text(path, e);
  if (!in) return -1;
  cleaner c = {0};
  doc d;
  int got;
  while ((got = docs_next(in, &d, e)) > 0) {
    x->documents++;
    bool asked = false;
    if (d.text) {
      clean(&c, d.text, d.text_size);
      if (add_text(x, c.text, c.size, false, e)) got = -1;
    }
    for (size_t i = 0; !d.text && i < d.count && got > 0; i++) {
      const bool first = !asked && !strcmp(d.turns[i].role, "user");
      asked |= first;
      clean(&c, d.turns[i].text, d.turns[i].size);
      if (add_text(x, c.text, c.size, first, e)) got = -1;
    }
    if (got < 0) break;
  }
  clean_free(&c);
  docs_close(in);
  return got;
}

static bool has(const exclude *x, uint64_t h) {
  size_t at;
  return x->size && find(x, h + !h, &at);
}

bool exclude_run(const exclude *x, const uint64_t *w, size_t count) {
  if (count < x->n || !x->size) return false;
  enum { STEP = 256 };
  uint64_t runs[STEP];
  for (size_t i = 0; i + x->n <= count;
       i += STEP) { /* a few at a time: no memory of the text's size */
    const size_t k = count - i < STEP + x->n - 1 ? count - i : STEP + x->n - 1;
    const size_t m = words_shingles(w + i, k, x->n, runs);
    for (size_t j = 0; j < m; j++)
      if (has(x, runs[j])) return true;
  }
  return false;
}

bool exclude_prompt(const exclude *x, const uint64_t *w, size_t count) {
  return count && has(x, hash_mix(roll(w, count) ^ prompt_mark));
}

void exclude_free(exclude *x) {
  free(x->slot), free(x->runs);
  words_free(&x->words);
  *x = (exclude){0};
}
