/* Unigram and interpolated trigram models over token events, the baselines a trained model must
 * beat. */
#ifndef BENCH_NGRAM_H
#define BENCH_NGRAM_H

#include "../host.h"

typedef struct ngram ngram;

/* V: vocabulary; events: how many will be added at most. */
ngram *ngram_new(uint32_t V, uint64_t events);
void ngram_free(ngram *g);
/* The token c follows a b (ULM_PAD where the document has no token there). */
void ngram_add(ngram *g, uint16_t a, uint16_t b, uint16_t c);
/* Absolute discount of every order, 0..1. */
void ngram_set_discount(ngram *g, double d);

/* p1(c) = (n(c) + 1/2) / (N + V/2)
 * p2(c|b) = (max(n(bc) - d, 0) + d t(b) p1(c)) / n(b), t(b) the number of distinct tokens seen
 * after b p3(c|ab) likewise over p2; an unseen context passes on to the lower order. */
double ngram_unigram(const ngram *g, uint16_t c);
double ngram_trigram(const ngram *g, uint16_t a, uint16_t b, uint16_t c);

#endif
