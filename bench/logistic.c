#include "logistic.h"
#include "../host.h"
#include <math.h>
#include <stdlib.h>

enum { D = FEATURES + 1 };

double logistic_at(const logistic *l, const double *x) {
  double z = l->bias;
  for (int k = 0; k < FEATURES; k++) z += l->weight[k] * x[k];
  return 1 / (1 + exp(-z));
}

/* Solves A s = b for a small symmetric positive A (Gaussian elimination with pivoting). */
static void solve(double a[D][D], double b[D]) {
  for (int i = 0; i < D; i++) {
    int p = i;
    for (int r = i + 1; r < D; r++)
      if (fabs(a[r][i]) > fabs(a[p][i])) p = r;
    for (int c = 0; c < D; c++) {
      const double t = a[i][c];
      a[i][c] = a[p][c], a[p][c] = t;
    }
    const double t = b[i];
    b[i] = b[p], b[p] = t;
    if (fabs(a[i][i]) < 1e-12) a[i][i] = 1e-12;
    for (int r = i + 1; r < D; r++) {
      const double f = a[r][i] / a[i][i];
      for (int c = i; c < D; c++) a[r][c] -= f * a[i][c];
      b[r] -= f * b[i];
    }
  }
  for (int i = D; i-- > 0;) {
    for (int c = i + 1; c < D; c++) b[i] -= a[i][c] * b[c];
    b[i] /= a[i][i];
  }
}

logistic logistic_fit(const double *x, const uint8_t *good, size_t n) {
  double mean[FEATURES] = {0}, dev[FEATURES] = {0}, w[D] = {0};
  for (int k = 0; k < FEATURES; k++) {
    for (size_t i = 0; i < n; i++) mean[k] += x[i * FEATURES + (size_t)k] / (double)n;
    for (size_t i = 0; i < n; i++)
      dev[k] += pow(x[i * FEATURES + (size_t)k] - mean[k], 2) / (double)n;
    dev[k] = dev[k] > 1e-18 ? sqrt(dev[k]) : 1;
  }
  for (int round = 0; round < 50; round++) {
    double h[D][D] = {{0}}, g[D] = {0}, largest = 0;
    for (size_t i = 0; i < n; i++) {
      double f[D] = {1}, z = w[0];
      for (int k = 0; k < FEATURES; k++)
        f[k + 1] = (x[i * FEATURES + (size_t)k] - mean[k]) / dev[k], z += w[k + 1] * f[k + 1];
      const double p = 1 / (1 + exp(-z)), r = (double)good[i] - p, s = p * (1 - p);
      for (int a = 0; a < D; a++) {
        g[a] += r * f[a];
        for (int b = 0; b < D; b++) h[a][b] += s * f[a] * f[b];
      }
    }
    const double ridge = 1e-3 * (double)n;
    for (int a = 0; a < D; a++) h[a][a] += a ? ridge : 1e-6, g[a] -= a ? ridge * w[a] : 0;
    solve(h, g);
    for (int a = 0; a < D; a++) {
      const double step = g[a] > 2    ? 2
                          : g[a] < -2 ? -2
                                      : g[a]; /* separable classes: walk, do not leap */
      w[a] += step;
      largest = fabs(step) > largest ? fabs(step) : largest;
    }
    if (largest < 1e-9) break;
  }
  logistic l = {.bias = w[0]};
  for (int k = 0; k < FEATURES; k++) {
    l.weight[k] = w[k + 1] / dev[k];
    l.bias -= l.weight[k] * mean[k];
  }
  return l;
}

typedef struct {
  double p;
  uint8_t good;
} scored;
static int by_p(const void *a, const void *b) {
  const double x = ((const scored *)a)->p, y = ((const scored *)b)->p;
  return (x > y) - (x < y);
}

double auc(const double *p, const uint8_t *good, size_t n) {
  scored *s = host_alloc(n * sizeof *s, "scores");
  double ranks = 0, goods = 0;
  for (size_t i = 0; i < n; i++) s[i] = (scored){p[i], good[i]};
  qsort(s, n, sizeof *s, by_p);
  for (size_t i = 0, j; i < n; i = j) { /* ties share their mean rank */
    for (j = i + 1; j < n && s[j].p == s[i].p;) j++;
    for (size_t k = i; k < j; k++)
      if (s[k].good) ranks += (double)(i + j + 1) / 2, goods++;
  }
  free(s);
  const double bads = (double)n - goods;
  return goods > 0 && bads > 0 ? (ranks - goods * (goods + 1) / 2) / (goods * bads) : NAN;
}

double ece(const double *p, const uint8_t *good, size_t n) {
  double sum[10] = {0}, hit[10] = {0}, e = 0;
  for (size_t i = 0; i < n; i++) {
    const int b = p[i] >= 1 ? 9 : p[i] > 0 ? (int)(p[i] * 10) : 0;
    sum[b] += p[i], hit[b] += good[i];
  }
  for (int b = 0; b < 10; b++) e += fabs(sum[b] - hit[b]) / (double)n;
  return e;
}

double brier(const double *p, const uint8_t *good, size_t n) {
  double e = 0;
  for (size_t i = 0; i < n; i++) e += pow(p[i] - (double)good[i], 2) / (double)n;
  return e;
}
