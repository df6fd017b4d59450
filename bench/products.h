/* The matrix products of a training step, one by one, against the peak of the units they run on. */
#ifndef BENCH_PRODUCTS_H
#define BENCH_PRODUCTS_H

#include "meter.h"

typedef struct {
  char name[24]; /* "gate-up dX" */
  double rate;   /* FLOP/s, median */
  double share;  /* of the peak probed just before, median */
} product_speed;

/* Each product `rounds` times, all in turn, a probe of the peak before each: operands of one are
 * cold when its turn comes again, as in training. Packing and conversion are inside. out[n]. */
int products_measure(const ops_f32 *k, const ulm_config *c, const product *p, size_t n, int rounds,
                     int threads, product_speed *out, host_error *e);
/* Over a step: FLOPs by time, against `peak`. */
double products_share(const product *p, const product_speed *s, size_t n);

#endif
