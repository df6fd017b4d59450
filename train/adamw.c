#include "adamw.h"
#include <math.h>

enum { BLOCK = 8192 };

size_t adamw_blocks(size_t n) { return (n + BLOCK - 1) / BLOCK; }

double adamw_norm(const float *g, size_t n, double *blocks, int threads) {
  const size_t count = adamw_blocks(n);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (size_t b = 0; b < count; b++) {
    const size_t from = b * BLOCK, to = from + BLOCK < n ? from + BLOCK : n;
    double lanes[8] = {0};
    size_t i = from;
    for (; i + 8 <= to; i += 8)
      for (int k = 0; k < 8; k++) lanes[k] += (double)g[i + (size_t)k] * (double)g[i + (size_t)k];
    for (; i < to; i++) lanes[0] += (double)g[i] * (double)g[i];
    blocks[b] = ((lanes[0] + lanes[4]) + (lanes[1] + lanes[5])) +
                ((lanes[2] + lanes[6]) + (lanes[3] + lanes[7]));
  }
  double sum = 0;
  for (size_t b = 0; b < count; b++) sum += blocks[b];
  return sqrt(sum);
}

/* 1 / (1 - b^n), the power by squaring. */
static float correction(double b, uint64_t n) {
  double power = 1;
  for (; n; n >>= 1, b *= b)
    if (n & 1) power *= b;
  return (float)(1 / (1 - power));
}

/* m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;
 * p -= lr (m / c1 / (sqrt(v / c2) + eps) + decay p),  c1 = 1 - b1^step, c2 = 1 - b2^step
 * average += ema (p - average) */
void adamw_update(const adamw *a, float *restrict p, const float *restrict g, float *restrict m,
                  float *restrict v, float *restrict average, size_t n, int decayed) {
  const float b1 = a->beta1, b2 = a->beta2, scale = a->scale, eps = a->eps, ema = a->ema;
  const float rate = a->lr * correction((double)b1, a->step), c2 = correction((double)b2, a->step);
  const float keep = decayed ? 1.0f - a->lr * a->decay : 1.0f;
#define STEP                                                                                       \
  const float d = g[i] * scale;                                                                    \
  m[i] = b1 * m[i] + (1.0f - b1) * d;                                                              \
  v[i] = b2 * v[i] + (1.0f - b2) * d * d;                                                          \
  p[i] = keep * p[i] - rate * m[i] / (__builtin_sqrtf(v[i] * c2) + eps);
  if (average)
    for (size_t i = 0; i < n; i++) {
      STEP average[i] += ema * (p[i] - average[i]);
    }
  else
    for (size_t i = 0; i < n; i++) {
      STEP
    }
#undef STEP
}
