#include "nearest.h"
#include "session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  uint64_t word;
  uint32_t text, times;
} posting;
struct nearest {
  posting *list; /* by word, then by text */
  size_t postings, texts;
  uint32_t *words; /* of each text */
  double mean;
};

static int by_word(const void *a, const void *b) {
  const posting *x = a, *y = b;
  return x->word != y->word ? (x->word < y->word ? -1 : 1)
                            : (x->text > y->text) - (x->text < y->text);
}
static int by_value(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

nearest *nearest_new(const char *const *texts, size_t count) {
  nearest *x = host_alloc(sizeof *x, "an index");
  size_t cap = 0, n = 0;
  x->texts = count;
  x->words = host_alloc(count * sizeof *x->words, "an index");
  for (size_t i = 0; i < count; i++) {
    size_t k;
    uint64_t *w = word_hashes(texts[i], &k);
    if (n + k > cap)
      x->list = host_realloc(x->list, (cap = 2 * (n + k)) * sizeof *x->list, "an index");
    for (size_t j = 0; j < k; j++) x->list[n++] = (posting){w[j], (uint32_t)i, 1};
    x->words[i] = (uint32_t)k;
    x->mean += (double)k / (double)count;
    free(w);
  }
  if (n) qsort(x->list, n, sizeof *x->list, by_word);
  for (size_t i = 0; i < n; i++)
    if (x->postings && !by_word(&x->list[x->postings - 1], &x->list[i]))
      x->list[x->postings - 1].times++;
    else
      x->list[x->postings++] = x->list[i];
  return x;
}

void nearest_free(nearest *x) {
  if (x) free(x->list), free(x->words);
  free(x);
}

/* First posting of a word at or above `word`. */
static size_t lower(const nearest *x, uint64_t word) {
  size_t a = 0, b = x->postings;
  while (a < b) {
    const size_t m = a + (b - a) / 2;
    if (x->list[m].word < word)
      a = m + 1;
    else
      b = m;
  }
  return a;
}

size_t nearest_of(const nearest *x, const char *query, double *score) {
  const double k1 = 1.2, b = 0.75, N = (double)x->texts;
  double *sum = host_alloc(x->texts * sizeof *sum, "scores"), top = 0;
  size_t n, best = SIZE_MAX;
  uint64_t *w = word_hashes(query, &n);
  if (n) qsort(w, n, sizeof *w, by_value);
  for (size_t i = 0; i < n; i++) {
    if (i && w[i] == w[i - 1]) continue;
    const size_t from = lower(x, w[i]);
    size_t to = from;
    while (to < x->postings && x->list[to].word == w[i]) to++;
    const double df = (double)(to - from), idf = log(1 + (N - df + 0.5) / (df + 0.5));
    for (size_t j = from; j < to; j++) {
      const double tf = x->list[j].times, words = x->words[x->list[j].text];
      sum[x->list[j].text] += idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * words / x->mean));
    }
  }
  for (size_t i = 0; i < x->texts; i++)
    if (sum[i] > top) top = sum[i], best = i;
  if (score) *score = top;
  free(sum), free(w);
  return best;
}
