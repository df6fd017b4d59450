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

/* m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  p -= lr (m / c1 / (sqrt(v / c2) + eps) + decay
 * p) */
void adamw_update(const adamw *a, float *p, const float *g, float *m, float *v, size_t n,
                  int decayed, int threads) {
  const float b1 = a->beta1, b2 = a->beta2, scale = a->scale, eps = a->eps;
  const float c1 = (float)(1.0 / (1.0 - pow((double)b1, (double)a->step)));
  const float c2 = (float)(1.0 / (1.0 - pow((double)b2, (double)a->step)));
  const float keep = decayed ? 1.0f - a->lr * a->decay : 1.0f, rate = a->lr * c1;
#pragma omp parallel for simd num_threads(threads) schedule(static)
  for (size_t i = 0; i < n; i++) {
    const float d = g[i] * scale;
    m[i] = b1 * m[i] + (1.0f - b1) * d;
    v[i] = b2 * v[i] + (1.0f - b2) * d * d;
    p[i] = keep * p[i] - rate * m[i] / (__builtin_sqrtf(v[i] * c2) + eps);
  }
}

float schedule_lr(uint64_t step, uint64_t steps, uint64_t warmup, float lr, float min_lr) {
  if (step < warmup) return lr * (float)(step + 1) / (float)(warmup + 1);
  if (steps <= warmup + 1) return lr;
  const double x = (double)(step - warmup) / (double)(steps - warmup - 1);
  return min_lr +
         (lr - min_lr) * (float)(0.5 * (1.0 + cos(3.14159265358979323846 * (x > 1 ? 1 : x))));
}
