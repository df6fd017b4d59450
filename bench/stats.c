#include "stats.h"
#include <math.h>
#include <stdlib.h>

enum { RESAMPLES = 1000 };

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double quantile(double *v, size_t n, double q) {
  if (!n) return NAN;
  qsort(v, n, sizeof *v, ascending);
  const double at = q * (double)(n - 1);
  const size_t i = (size_t)at;
  return i + 1 < n ? v[i] + (at - (double)i) * (v[i + 1] - v[i]) : v[i];
}

rate rate_of(const double *values, const uint8_t *skip, size_t n, uint64_t seed) {
  double *kept = host_alloc(n * sizeof *kept, "values"), means[RESAMPLES], sum = 0;
  size_t k = 0;
  for (size_t i = 0; i < n; i++)
    if (!skip || !skip[i]) kept[k] = values[i], sum += kept[k++];
  rate r = {NAN, NAN, NAN, k};
  if (k) {
    ulm_rng g = ulm_rng_seed(seed, 0x626f6f74);
    for (int b = 0; b < RESAMPLES; b++) {
      double s = 0;
      for (size_t i = 0; i < k; i++) s += kept[ulm_rng_below(&g, (uint32_t)k)];
      means[b] = s / (double)k;
    }
    r.mean = sum / (double)k;
    r.low = quantile(means, RESAMPLES, 0.025);
    r.high = quantile(means, RESAMPLES, 0.975);
  }
  free(kept);
  return r;
}

json_t *rate_json(const rate *r) {
  return r->n ? json_pack("{sf sf sf sI}", "mean", r->mean, "low", r->low, "high", r->high, "n",
                          (json_int_t)r->n)
              : json_null();
}
