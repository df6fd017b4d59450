/* Rates with bootstrap intervals, and quantiles. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <jansson.h>

#include "../host.h"

/* A mean of 0/1 (or any) values over items, with the 2.5% and 97.5% quantiles of 1,000 resamplings.
 */
typedef struct {
  double mean, low, high;
  size_t n;
} rate;
/* skip[i] (may be NULL) leaves value i out. n 0: all NaN. */
rate rate_of(const double *values, const uint8_t *skip, size_t n, uint64_t seed);
json_t *rate_json(const rate *r); /* {"mean","low","high","n"}; null where n is 0 */

double quantile(double *values, size_t n, double q); /* sorts values; NaN if n is 0 */

#endif
