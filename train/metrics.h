/* RUN/metrics.jsonl and RUN/metrics.csv: a row a step, whole or not at all. */
#ifndef TRAIN_METRICS_H
#define TRAIN_METRICS_H

#include "../host.h"

typedef struct {
  uint64_t step, tokens;
  double loss, val; /* val NaN where not evaluated */
  double lr, grad_norm;
  double rate, mfu;   /* tokens/s of the step; share of the machine's peak, NaN if not known */
  double seconds;     /* of training so far, over all resumptions */
  const double *vals; /* [metrics.count] validation by source; NULL where not evaluated */
} metrics_row;

typedef struct {
  int jsonl, csv; /* -1: closed */
  uint64_t jsonl_size, csv_size;
  const char *const *names; /* of the sources that validation tells apart */
  size_t count;
  double seconds; /* of the last row kept by metrics_open */
} metrics;

/* Opens both files in `dir` for appending, keeping the rows of steps up to `step` alone: a resumed
 * run writes the later ones again. names[count] must stay; with fewer than two there are no columns
 * by source. */
int metrics_open(metrics *m, const char *dir, const char *const *names, size_t count, uint64_t step,
                 host_error *e);
/* On failure neither file has changed, and the row can be given again. */
int metrics_add(metrics *m, const metrics_row *row, host_error *e);
int metrics_sync(metrics *m, host_error *e); /* onto the disk: before a checkpoint says so */
void metrics_close(metrics *m);

#endif
