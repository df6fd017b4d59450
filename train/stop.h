/* Why a run stopped by itself: the step, what its batch was made of, which row stands out. */
#ifndef TRAIN_STOP_H
#define TRAIN_STOP_H

#include "loader.h"

typedef struct {
  uint64_t step, saved; /* the step that failed; that of the last checkpoint */
  const char *last;     /* its path */
  const loader *train;
  model *model;             /* as it was before the step's update */
  const model_batch *batch; /* NULL: a validation failed */
  const char *const *names; /* of the sources */
  bool json;
} stop_place;

/* Logs the batch, a row a line with its loss and its documents (source and number), and the text
 * around the worst target; json: as an object on stdout too. Fails with the step, the value and a
 * hint. limit: what `value` should have stayed below; infinity where it is not finite. */
int stop_run(const stop_place *p, const char *what, double value, double limit, host_error *e);

#endif
