#include "muon.h"
#include <math.h>

enum { ROUNDS = 2, DEGREE = 9, PRODUCTS = 7, BLOCK = 64 };
/* s -> s p(s^2 - centre), p of degree 4: minimax to 1 on [0.015, 1], then on what the first leaves.
 * About a point amid the range of s^2 coefficients are small and little cancels. */
static const float centre[ROUNDS] = {0.5f, 1.5f};
static const float poly[ROUNDS][DEGREE / 2 + 1] = {
    {2.1287916f, 5.9445192f, -35.2528261f, -69.9175868f, 228.0359517f},
    {0.8490088f, 0.2588381f, -0.2023546f, -0.6687068f, 0.3835932f}};

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

double muon_flops(uint32_t rows, uint32_t cols) {
  const double r = (double)least(rows, cols), n = (double)rows * cols;
  double half = 0; /* what symmetric() computes of a product */
  for (double i = 0; i < r; i += BLOCK) half += fmin(BLOCK, r - i) * (r - i) / (r * r);
  return 2 * r * n * (1 + half) + 2 * r * r * r * half * PRODUCTS;
}

size_t muon_work(const ops_f32 *k, uint32_t rows, uint32_t cols) {
  const size_t r = least(rows, cols);
  return (2 * (size_t)rows * cols + 4 * r * r + k->gemm_work(1) + 15) & ~(size_t)15;
}

typedef void product(int ta, int tb, size_t M, size_t N, size_t K, const float *A, size_t lda,
                     const float *B, size_t ldb, int add, float *C, size_t ldc, float *work,
                     int threads);

/* C[r,r] (+)= op(A)[r,K] op(B)[K,r], known to be symmetric: blocks of rows from the diagonal on,
 * then mirrored. */
static void symmetric(product *f, int ta, int tb, size_t r, size_t K, const float *A, size_t lda,
                      const float *B, size_t ldb, int add, float *C, float *work) {
  for (size_t i = 0; i < r; i += BLOCK)
    f(ta, tb, least(BLOCK, r - i), r - i, K, A + (ta ? i : i * lda), lda, B + (tb ? i * ldb : i),
      ldb, add, C + i * r + i, r, work, 1);
  for (size_t i = 0; i < r; i += 16)
    for (size_t j = 0; j <= i; j += 16)
      for (size_t x = i; x < least(i + 16, r); x++)
        for (size_t y = j; y < least(j + 16, x); y++) C[x * r + y] = C[y * r + x];
}

/* out = p(a - centre I) of round `round` from a and b = a^2: with c = a - centre I, it is
 * k0 I + k1 c + (k2 I + k3 c + k4 c^2) c^2. b becomes c^2; t: scratch; out may be a. */
static void polynomial(product *f, size_t r, int round, const float *a, float *b, float *t,
                       float *out, float *work) {
  const float *k = poly[round], h = centre[round];
  for (size_t i = 0; i < r; i++)
    for (size_t j = 0; j < r; j++) {
      const size_t at = i * r + j;
      const float one = i == j, c = a[at] - h * one, cc = b[at] - 2 * h * a[at] + h * h * one;
      b[at] = cc;
      t[at] = k[2] * one + k[3] * c + k[4] * cc;
      out[at] = k[0] * one + k[1] * c;
    }
  symmetric(f, 0, 0, r, r, t, r, b, r, 1, out, work);
}

/* q[r,r] with O(X) = q X (or X q), from a = X X^T (or X^T X). b, t, q: scratch. Returns where q is.
 */
static float *factor(product *f, size_t r, float *a, float *b, float *t, float *q, float *work) {
  const size_t n = r * r;
  double trace = 0, sum = 0;
  for (size_t i = 0; i < r; i++) trace += (double)a[i * r + i];
  const float unit = trace > 0 ? (float)(1 / trace) : 0;
  for (size_t i = 0; i < n; i++) a[i] *= unit; /* so that no number below becomes too small */
  symmetric(f, 0, 0, r, r, a, r, a, r, 0, b, work);
  for (size_t i = 0; i < n; i++) sum += (double)b[i] * (double)b[i];
  const float bound = sum > 0 ? (float)sqrt(sqrt(sum)) : 1, shrink = 1 / bound;
  for (size_t i = 0; i < n; i++) a[i] *= shrink, b[i] *= shrink * shrink;
  polynomial(f, r, 0, a, b, t, q, work);
  symmetric(f, 0, 0, r, r, q, r, a, r, 0, t, work); /* a = q a q */
  symmetric(f, 0, 0, r, r, t, r, q, r, 0, a, work);
  symmetric(f, 0, 0, r, r, a, r, a, r, 0, b, work);
  polynomial(f, r, 1, a, b, t, a, work);
  symmetric(f, 0, 0, r, r, q, r, a, r, 0, t, work);
  const float size = sqrtf(unit * shrink); /* X itself was not divided */
  for (size_t i = 0; i < n; i++) t[i] *= size;
  return t;
}

void muon_update(const ops_f32 *k, const muon_step *o, uint32_t rows, uint32_t cols, float *p,
                 const float *g, float *m, float *average, float *work) {
  const size_t n = (size_t)rows * cols, r = least(rows, cols), rr = r * r;
  float *x = work, *y = x + n, *a = y + n, *b = a + rr, *t = b + rr, *q = t + rr, *room = q + rr;
  product *f = o->bf16 ? k->gemm_bf16 : k->gemm;
  const float beta = o->beta, scale = o->scale;
  for (size_t i = 0; i < n; i++) {
    m[i] = beta * m[i] + scale * g[i];
    x[i] = scale * g[i] + beta * m[i];
  }
  if (rows <= cols)
    symmetric(f, 0, 1, r, cols, x, cols, x, cols, 0, a, room);
  else
    symmetric(f, 1, 0, r, rows, x, cols, x, cols, 0, a, room);
  q = factor(k->gemm, r, a, b, t, q, room);
  if (rows <= cols)
    f(0, 0, rows, cols, r, q, r, x, cols, 0, y, cols, room, 1);
  else
    f(0, 0, rows, cols, r, x, cols, q, r, 0, y, cols, room, 1);
  const float keep = 1 - o->lr * o->decay, ema = o->ema,
              rate = o->lr * 0.2f * sqrtf((float)(rows > cols ? rows : cols));
  for (size_t i = 0; i < n; i++) p[i] = keep * p[i] - rate * y[i];
  if (average)
    for (size_t i = 0; i < n; i++) average[i] += ema * (p[i] - average[i]);
}
