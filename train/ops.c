/* Row-wise operations, and the table of one compilation. Rows are shared out in blocks; sums over
 * rows are partial sums of fixed blocks, added in order. */
#include "kernels.h"

enum { ROWS = 32, PARTS = 64 };

#define FOR_ROWS _Pragma("omp parallel for num_threads(threads) schedule(dynamic, ROWS)")

static void embed(size_t N, size_t D, const uint16_t *ids, const real *table, real *x,
                  int threads) {
  FOR_ROWS
  for (size_t n = 0; n < N; n++) memcpy(x + n * D, table + ids[n] * D, D * sizeof(real));
}

static void embed_back(size_t N, size_t D, const uint16_t *ids, const real *dx, real *dtable,
                       int threads) {
  enum { COLS = 64 }; /* a thread owns columns, so rows add up in order of position */
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
  for (size_t c = 0; c < D; c += COLS)
    for (size_t n = 0; n < N; n++) {
      const real *from = dx + n * D;
      real *to = dtable + ids[n] * D;
      const size_t end = at_most(c + COLS, D);
#pragma omp simd
      for (size_t i = c; i < end; i++) to[i] += from[i];
    }
}

static void rmsnorm(size_t N, size_t D, real eps, const real *x, const real *delta, real *sum,
                    const real *w, real *y, real *rstd, int threads) {
  FOR_ROWS
  for (size_t n = 0; n < N; n++) {
    const real *a = x + n * D;
    real ss = 0, *o = y + n * D;
    if (delta) {
      const real *d = delta + n * D;
      real *to = sum + n * D;
#pragma omp simd reduction(+ : ss)
      for (size_t i = 0; i < D; i++) {
        const real v = a[i] + d[i];
        to[i] = v;
        ss += v * v;
      }
      a = to;
    } else {
#pragma omp simd reduction(+ : ss)
      for (size_t i = 0; i < D; i++) ss += a[i] * a[i];
    }
    const real r = 1 / (real)sqrt((double)(ss / (real)D + eps));
#pragma omp simd
    for (size_t i = 0; i < D; i++) o[i] = a[i] * r * w[i];
    rstd[n] = r;
  }
}

static size_t rmsnorm_work(size_t D) { return PARTS * D; }

static void rmsnorm_back(size_t N, size_t D, const real *x, const real *w, const real *rstd,
                         real *dy, int add, real *dx, real *dw, real *work, int threads) {
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
  for (size_t part = 0; part < PARTS; part++) {
    real *sums = work + part * D;
    memset(sums, 0, D * sizeof(real));
    for (size_t n = N * part / PARTS; n < N * (part + 1) / PARTS; n++) {
      const real *a = x + n * D, r = rstd[n];
      real *d = dy + n * D, *to = dx + n * D, dot = 0;
#pragma omp simd reduction(+ : dot)
      for (size_t i = 0; i < D; i++) dot += d[i] * w[i] * a[i];
      const real mean = dot * r * r / (real)D;
#pragma omp simd
      for (size_t i = 0; i < D; i++) {
        const real v = r * (d[i] * w[i] - a[i] * mean);
        sums[i] += d[i] * a[i] * r;
        to[i] = add ? to[i] + v : v;
        d[i] = a[i] * r * w[i];
      }
    }
  }
  for (size_t part = 0; part < PARTS; part++) {
#pragma omp simd
    for (size_t i = 0; i < D; i++) dw[i] += work[part * D + i];
  }
}

static void rope_table(size_t T, size_t H, double base, real *table) {
  const size_t half = H / 2;
  for (size_t t = 0; t < T; t++)
    for (size_t i = 0; i < half; i++) {
      const double angle = (double)t * pow(base, -2.0 * (double)i / (double)H);
      table[t * half + i] = (real)cos(angle), table[(T + t) * half + i] = (real)sin(angle);
    }
}

static void swiglu(size_t N, size_t F, const real *gu, real *h, int threads) {
  FOR_ROWS
  for (size_t n = 0; n < N; n++) {
    const real *g = gu + 2 * n * F, *u = g + F;
    real *o = h + n * F;
#pragma omp simd
    for (size_t i = 0; i < F; i++) o[i] = g[i] / (1 + exp_real(-g[i])) * u[i];
  }
}

static void swiglu_back(size_t N, size_t F, real *gu, real *dh, int threads) {
  FOR_ROWS
  for (size_t n = 0; n < N; n++) {
    real *g = gu + 2 * n * F, *u = g + F, *d = dh + n * F;
#pragma omp simd
    for (size_t i = 0; i < F; i++) {
      const real x = g[i], up = u[i], dy = d[i], sigma = 1 / (1 + exp_real(-x)), silu = x * sigma;
      g[i] = dy * up * (sigma + silu * (1 - sigma));
      u[i] = dy * silu;
      d[i] = silu * up;
    }
  }
}

static void cross_entropy(size_t n, size_t V, real *logits, const uint16_t *next,
                          const float *weight, int grad, real *losses, int threads) {
#pragma omp parallel for num_threads(threads) schedule(dynamic, 4)
  for (size_t r = 0; r < n; r++) {
    real *z = logits + r * V, sum = 0;
    const real top = max_of(V, z, z[0]);
    const real target = z[next[r]];
    if (grad) {
#pragma omp simd reduction(+ : sum)
      for (size_t i = 0; i < V; i++) {
        const real e = exp_real(z[i] - top);
        z[i] = e;
        sum += e;
      }
      const real a = (real)weight[r] / sum;
#pragma omp simd
      for (size_t i = 0; i < V; i++) z[i] *= a;
      z[next[r]] -= (real)weight[r];
    } else {
#pragma omp simd reduction(+ : sum)
      for (size_t i = 0; i < V; i++) sum += exp_real(z[i] - top);
    }
    losses[r] = (real)log((double)sum) + top - target;
  }
}

static void axpy(size_t n, real a, const real *x, real *y, int threads) {
#pragma omp parallel for simd num_threads(threads) schedule(static)
  for (size_t i = 0; i < n; i++) y[i] += a * x[i];
}

#ifdef MODEL_F64
const ops_f64 ops_double = {
#else
extern const ops_f32 NAME(ops);
const ops_f32 NAME(ops) = {
#endif
    .isa = TEXT(ISA),
    .gemm_work = NAME(gemm_work),
    .gemm = NAME(gemm),
#ifndef MODEL_F64
    .gemm_bf16 = NAME(gemm_bf16),
#endif
    .peak = NAME(peak),
    .tile_work = NAME(tile_work),
    .tile_rate = NAME(tile_rate),
    .embed = embed,
    .embed_back = embed_back,
    .rmsnorm = rmsnorm,
    .rmsnorm_work = rmsnorm_work,
    .rmsnorm_back = rmsnorm_back,
    .rope_table = rope_table,
    .attention_work = NAME(attention_work),
    .attention = NAME(attention),
    .attention_back = NAME(attention_back),
    .swiglu = swiglu,
    .swiglu_back = swiglu_back,
    .cross_entropy = cross_entropy,
    .axpy = axpy,
};
