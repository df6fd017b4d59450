/* The text of a collection that is nearest to another, by Okapi BM25 over its words. */
#ifndef BENCH_NEAREST_H
#define BENCH_NEAREST_H

#include "../host.h"

typedef struct nearest nearest;
nearest *nearest_new(const char *const *texts, size_t count);
void nearest_free(nearest *x); /* may be NULL */
/* The text with the highest
 *   sum over the query's different words w of  ln(1 + (N - df + 0.5) / (df + 0.5))
 *     * tf (k1 + 1) / (tf + k1 (1 - b + b words / mean words)),   k1 = 1.2, b = 0.75,
 * the first of equals; SIZE_MAX where none shares a word. *score may be NULL. */
size_t nearest_of(const nearest *x, const char *query, double *score);

#endif
