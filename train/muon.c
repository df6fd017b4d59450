#include "muon.h"
#include <math.h>

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

size_t muon_work(const ops_f32 *k, uint32_t rows, uint32_t cols) {
  const size_t n = (size_t)rows * cols, r = least(rows, cols);
  return (2 * n + 2 * r * r + k->gemm_work(1) + 15) & ~(size_t)15;
}

void muon_update(const ops_f32 *k, float lr, float beta, float decay, float scale, uint32_t rows,
                 uint32_t cols, float *p, const float *g, float *m, float *work) {
  const size_t n = (size_t)rows * cols, r = least(rows, cols), c = n / r;
  float *x = work, *y = x + n, *a = y + n, *b = a + r * r, *gemm = b + r * r;
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    m[i] = beta * m[i] + scale * g[i];
    x[i] = scale * g[i] + beta * m[i];
    sum += (double)x[i] * (double)x[i];
  }
  const float unit = (float)(1 / (sqrt(sum) + 1e-12));
  if (rows <= cols)
    for (size_t i = 0; i < n; i++) x[i] *= unit;
  else {
    for (size_t i = 0; i < rows; i++)
      for (size_t j = 0; j < cols; j++) y[j * rows + i] = x[i * cols + j] * unit;
    float *t = x;
    x = y, y = t;
  }
  /* x[r,c] <- 3.4445 x - 4.7750 (x x^T) x + 2.0315 (x x^T)^2 x: singular values go to about 1. */
  for (int round = 0; round < 5; round++) {
    k->gemm(0, 1, r, r, c, x, c, x, c, 0, a, r, gemm, 1);
    k->gemm(0, 0, r, r, r, a, r, a, r, 0, b, r, gemm, 1);
    for (size_t i = 0; i < r * r; i++) b[i] = -4.7750f * a[i] + 2.0315f * b[i];
    for (size_t i = 0; i < r; i++) b[i * r + i] += 3.4445f;
    k->gemm(0, 0, r, c, r, b, r, x, c, 0, y, c, gemm, 1);
    float *t = x;
    x = y, y = t;
  }
  const float keep = 1 - lr * decay, rate = lr * 0.2f * sqrtf((float)(rows > cols ? rows : cols));
  if (rows <= cols)
    for (size_t i = 0; i < n; i++) p[i] = keep * p[i] - rate * x[i];
  else
    for (size_t i = 0; i < rows; i++)
      for (size_t j = 0; j < cols; j++)
        p[i * cols + j] = keep * p[i * cols + j] - rate * x[j * rows + i];
}
