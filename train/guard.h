/* What ends a run by itself: a loss that has left its course, and validation that no longer
 * improves. Its state is part of the checkpoint, so that a resumed run stops where it would have.
 */
#ifndef TRAIN_GUARD_H
#define TRAIN_GUARD_H

#include "../host.h"

/* The course is the median of the last GUARD_WINDOW losses, known once GUARD_LEAST were seen; its
 * spread the median absolute deviation times 1.4826 (a normal's sigma). Neither moves for a few
 * outliers. */
enum { GUARD_WINDOW = 64, GUARD_LEAST = 16, GUARD_SIZE = 56 + 8 * GUARD_WINDOW };
#define GUARD_FLOOR                                                                                \
  0.1 /* nats: a spread below it counts as this, so that text known by heart may vary */

typedef struct {
  double losses[GUARD_WINDOW]; /* loss i stands at i % GUARD_WINDOW */
  uint64_t seen;
  double low;     /* lowest median so far; infinity before GUARD_LEAST losses */
  double val;     /* newest validation loss; infinity before the first */
  uint64_t best;  /* step of the best one */
  uint32_t stale; /* validations since then */
  /* Options of the run, for comparison: view_options.first, the threshold, the patience. */
  uint32_t first;
  double spike;
  uint32_t patience;
} guard;

guard guard_new(void);
/* The largest loss that is still this run's: the lowest median so far + spike * spread. Infinity
 * while there is no course, and for spike 0. A slow divergence is above it too, since the lowest
 * median stays. */
double guard_limit(const guard *g, double spike);
void guard_add(guard *g, double loss);

/* State as bytes (docs/FORMATS.md, STAT). Reading checks every field. */
void guard_write(const guard *g, uint8_t out[GUARD_SIZE]);
int guard_read(guard *g, const uint8_t in[GUARD_SIZE], host_error *e);

#endif
