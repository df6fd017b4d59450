/* Logistic regression on a few features, and how well a probability tells good from bad. */
#ifndef BENCH_LOGISTIC_H
#define BENCH_LOGISTIC_H

#include <stddef.h>
#include <stdint.h>

enum { FEATURES = 3 };
typedef struct {
  double bias, weight[FEATURES];
} logistic;

/* Most likely coefficients with a small ridge (1e-3 on standardized features), by Newton's method.
 * x is [n, FEATURES]; good[i] is 0 or 1. */
logistic logistic_fit(const double *x, const uint8_t *good, size_t n);
double logistic_at(const logistic *l, const double *x);

double auc(const double *p, const uint8_t *good,
           size_t n); /* area under the ROC curve; NaN with one class */
double ece(const double *p, const uint8_t *good,
           size_t n); /* expected calibration error, 10 bins */
double brier(const double *p, const uint8_t *good, size_t n); /* mean squared error */

#endif
