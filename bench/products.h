/* The matrix products of a training step against the peak of the units they run on. */
#ifndef BENCH_PRODUCTS_H
#define BENCH_PRODUCTS_H

#include "meter.h"

double product_flops(const product *p); /* of one call */
/* "gate-up dX", by the shapes of c's weights. */
void product_name(const ulm_config *c, const product *p, char *out, size_t size);

/* Each product alone, as shares of the peak probed just before: medians of `rounds`, all in turn,
 * each made twice and the second timed, so that operands are as near as the caches keep them.
 * Packing and conversion are inside. shares[n]; best[n]: of the best round, which on a machine with
 * neighbours is the one they left alone. */
int products_alone(const ops_f32 *k, const product *p, size_t n, int rounds, int threads,
                   double *shares, double *best, host_error *e);
/* Of all the products of a step: FLOPs by the time that these shares mean. */
double products_share(const product *p, const double *shares, size_t n);

#endif
