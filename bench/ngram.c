#include "ngram.h"
#include <stdlib.h>

/* Counts by key, open addressing; keys are token triples with a marker of their order, never 0. */
typedef struct {
  uint64_t key;
  uint32_t count, types;
} cell;

struct ngram {
  uint32_t V;
  uint64_t total, slots; /* a power of two */
  double discount;
  uint32_t *unigram;
  cell *cells;
};

enum { ORDER_CONTEXT1 = 1, ORDER_BIGRAM, ORDER_CONTEXT2, ORDER_TRIGRAM };
static uint64_t key(int order, uint16_t a, uint16_t b, uint16_t c) {
  return (uint64_t)order << 48 | (uint64_t)a << 32 | (uint64_t)b << 16 | c;
}

ngram *ngram_new(uint32_t V, uint64_t events) {
  ngram *g = host_alloc(sizeof *g, "an n-gram model");
  g->V = V, g->discount = 0.75;
  /* At most four new keys an event; at most half full. */
  for (g->slots = 1024; g->slots < events * 8 && g->slots < (uint64_t)1 << 40;) g->slots *= 2;
  g->unigram = host_alloc(host_mul_add(V, sizeof *g->unigram, 0), "unigram counts");
  g->cells = host_alloc(host_mul_add((size_t)g->slots, sizeof *g->cells, 0), "n-gram counts");
  return g;
}

void ngram_free(ngram *g) {
  if (!g) return;
  free(g->unigram), free(g->cells), free(g);
}

static cell *at(const ngram *g, uint64_t k) {
  uint64_t h = k * 0x9e3779b97f4a7c15u;
  for (h = (h ^ h >> 31) & (g->slots - 1);; h = (h + 1) & (g->slots - 1))
    if (g->cells[h].key == k || !g->cells[h].key) return &g->cells[h];
}

static void count(ngram *g, uint64_t context, uint64_t gram) {
  cell *x = at(g, context), *y;
  x->key = context, x->count++;
  y = at(g, gram);
  x->types += !y->key;
  y->key = gram, y->count++;
}

void ngram_add(ngram *g, uint16_t a, uint16_t b, uint16_t c) {
  g->total++, g->unigram[c]++;
  count(g, key(ORDER_CONTEXT1, 0, b, 0), key(ORDER_BIGRAM, 0, b, c));
  count(g, key(ORDER_CONTEXT2, a, b, 0), key(ORDER_TRIGRAM, a, b, c));
}

void ngram_set_discount(ngram *g, double d) { g->discount = d; }

double ngram_unigram(const ngram *g, uint16_t c) {
  return ((double)g->unigram[c] + 0.5) / ((double)g->total + 0.5 * (double)g->V);
}

static double interpolate(const ngram *g, uint64_t context, uint64_t gram, double lower) {
  const cell *x = at(g, context);
  if (!x->count) return lower;
  const double n = (double)at(g, gram)->count - g->discount;
  return ((n > 0 ? n : 0) + g->discount * (double)x->types * lower) / (double)x->count;
}

double ngram_trigram(const ngram *g, uint16_t a, uint16_t b, uint16_t c) {
  const double p2 =
      interpolate(g, key(ORDER_CONTEXT1, 0, b, 0), key(ORDER_BIGRAM, 0, b, c), ngram_unigram(g, c));
  return interpolate(g, key(ORDER_CONTEXT2, a, b, 0), key(ORDER_TRIGRAM, a, b, c), p2);
}
