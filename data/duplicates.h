/* Which of the gathered documents say what an earlier one says. Private to data/. */
#ifndef DUPLICATES_H
#define DUPLICATES_H

#include "gather.h"

typedef struct {
  uint8_t *equal, *near; /* a bit for each document */
} duplicates;

/* Exact: equal are documents whose 128-bit fingerprints are. Near: of the documents that share a
 * band (near.h) each is compared with up to 8 that came before it there and were not alike; all are
 * found but those that no band finds (1% at the threshold, fewer above). The first of each kind
 * stays. */
int duplicates_find(duplicates *d, gathered *g, const pipeline_options *o, host_error *e);
static inline bool duplicates_has(const uint8_t *bits, uint64_t i) {
  return bits[i / 8] >> i % 8 & 1;
}
void duplicates_free(duplicates *d);

#endif
