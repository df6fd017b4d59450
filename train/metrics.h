/* RUN/metrics.jsonl and RUN/metrics.csv: a row a step, flushed as it is written. */
#ifndef TRAIN_METRICS_H
#define TRAIN_METRICS_H

#include "../host.h"

typedef struct {
  uint64_t step, tokens;
  double loss, val, lr, grad_norm, rate,
      seconds; /* val NaN where not evaluated; rate in tokens/s */
} metrics_row;

typedef struct {
  FILE *jsonl, *csv;
} metrics;

/* Opens both files in `dir` for appending, keeping the rows of steps up to `step` alone: a resumed
 * run writes the later ones again. */
int metrics_open(metrics *m, const char *dir, uint64_t step, host_error *e);
int metrics_add(metrics *m, const metrics_row *row, host_error *e);
int metrics_sync(metrics *m, host_error *e); /* onto the disk: before a checkpoint says so */
void metrics_close(metrics *m);

#endif
