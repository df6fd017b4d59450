/* What decoding would have known of an opener that it did not draw. */
#ifndef BENCH_FORCED_H
#define BENCH_FORCED_H

#include "logistic.h"
#include "session.h"

typedef struct {
  size_t prompt;
  const char *text;
  double x[FEATURES]; /* out: means over its tokens of log-probability, entropy, margin */
} forced;

/* Fills in x as ulm_speak would have it, had it drawn these tokens; the same for any number of
 * threads. */
int features_all(session *s, const prompts *p, forced *f, size_t n, host_error *e);

#endif
