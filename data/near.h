/* Near-duplicates: MinHash over shingles of 5 words, and bands of it to find candidates. Private to
 * data/.
 *
 * Two documents are near-duplicates where the Jaccard similarity of their shingle sets is estimated
 * at the threshold or above: of a conversation both what the user says and what the assistant says,
 * by 64 values each (standard error at 0.8: 0.05); of running text by 128 (0.035). A document with
 * fewer than 5 words is one shingle. The sketch is that of Dahlgaard, Knudsen and Thorup, "Fast
 * Similarity Sketching" (FOCS 2017): each element is hashed into one of the bins, again and again
 * until all are filled, so that long texts cost one hash a shingle and short ones are estimated as
 * well. */
#ifndef NEAR_H
#define NEAR_H

#include "words.h"

enum { NEAR_SHINGLE = 5, NEAR_SIDE = 64, NEAR_VALUES = 2 * NEAR_SIDE, NEAR_BANDS_MAX = NEAR_SIDE };

typedef struct {
  uint64_t
      value[NEAR_VALUES]; /* the first half of what the user says, the second of the assistant */
} near_sketch;

/* The set of shingles x[count], count >= 1, into half 0 or 1. */
void near_half(near_sketch *s, int half, const uint64_t *x, size_t count);
/* Values in a band, half of them from each half: the most that still find 99% of the pairs whose
 * similarity is the threshold. 2, 4, ..., 32. */
int near_rows(double threshold);
/* Keys of the NEAR_VALUES / rows bands; equal in documents that are candidates. Returns how many.
 */
int near_bands(const near_sketch *s, int rows, uint64_t *key);
/* A byte of each value, which is enough to compare candidates. */
void near_bytes(const near_sketch *s, uint8_t out[NEAR_VALUES]);
/* The estimated similarity: of the halves together, or where `apart` the lesser of the two. */
double near_similarity(const uint8_t a[NEAR_VALUES], const uint8_t b[NEAR_VALUES], bool apart);

#endif
