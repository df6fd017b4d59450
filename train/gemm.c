/* Matrix product: panels of A and B are packed so that the register tile reads both in order.
 *   for blocks of NC columns, for blocks of KC of the inner dimension:
 *     pack B[kc,nc] into panels of NR columns (shared, by all threads);
 *     units of up to ROWS rows of A, claimed one by one: pack A (per thread, stays in L2) and run
 * over the panels. An element of C is summed by one thread at a time, in an order that depends on K
 * alone: results do not depend on the number of threads. */
#include "gemm.h"
#include "kernels.h"

enum { KC = 384, NC = 3072, PANELS = 8, ROWS = PANELS * MR };

size_t NAME(gemm_work)(int threads) { return (size_t)KC * NC + (size_t)threads * KC * ROWS; }

/* 4x4 block: dst[k*W + i] = src[i*ld + k]. */
INLINE void transpose4(const real *src, size_t ld, real *dst, size_t W) {
  typedef real four
      __attribute__((vector_size(4 * sizeof(real)), aligned(sizeof(real)), may_alias));
#define ROW(i) (*(const four *)(src + (i)*ld))
  const four ab = __builtin_shufflevector(ROW(0), ROW(1), 0, 4, 1, 5);
  const four AB = __builtin_shufflevector(ROW(0), ROW(1), 2, 6, 3, 7);
  const four cd = __builtin_shufflevector(ROW(2), ROW(3), 0, 4, 1, 5);
  const four CD = __builtin_shufflevector(ROW(2), ROW(3), 2, 6, 3, 7);
  *(four *)(dst) = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
  *(four *)(dst + W) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  *(four *)(dst + 2 * W) = __builtin_shufflevector(AB, CD, 0, 1, 4, 5);
  *(four *)(dst + 3 * W) = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
#undef ROW
}

/* A panel [kc][W] of w <= W rows of src[w,kc], zero-padded to W. A cache line of every row at a
 * time: their misses overlap. */
INLINE void pack_rows(const size_t W, size_t w, size_t kc, const real *src, size_t ld, real *dst) {
  enum { LINE = 64 / sizeof(real) };
  const size_t fours = w / 4 * 4;
  for (size_t k0 = 0; k0 < kc; k0 += LINE) {
    const size_t end = at_most(k0 + LINE, kc);
    for (size_t i = 0; i < fours; i += 4) {
      size_t k = k0;
      for (; k + 4 <= end; k += 4) transpose4(src + i * ld + k, ld, dst + k * W + i, W);
      for (; k < end; k++)
        for (size_t r = 0; r < 4; r++) dst[k * W + i + r] = src[(i + r) * ld + k];
    }
    for (size_t i = fours; i < W; i++)
      for (size_t k = k0; k < end; k++) dst[k * W + i] = i < w ? src[i * ld + k] : 0;
  }
}

/* The same of w <= W columns of src[kc,w]. */
INLINE void pack_cols(const size_t W, size_t w, size_t kc, const real *src, size_t ld, real *dst) {
  if (w == W) {
    for (size_t k = 0; k < kc; k++) memcpy(dst + k * W, src + k * ld, W * sizeof(real));
  } else {
    for (size_t k = 0; k < kc; k++) {
      for (size_t i = 0; i < w; i++) dst[k * W + i] = src[k * ld + i];
      for (size_t i = w; i < W; i++) dst[k * W + i] = 0;
    }
  }
}

/* Rows [0,m) of one unit against column panels [p0,p1). a: packed; b: packed panels; c: of the
 * unit's first row. */
static void unit(size_t m, size_t kc, const real *a, const real *b, real *c, size_t ldc, size_t p0,
                 size_t p1, size_t nc, int add) {
  for (size_t p = p0; p < p1; p++) {
    const size_t j = p * NR, n = at_most(NR, nc - j);
    for (size_t i = 0; i < m; i += MR) {
      if (n > VL || NV == 1)
        tile_rows(NV, at_most(MR, m - i), kc, a + i * kc, 1, MR, b + j * kc, NR, c + i * ldc + j,
                  ldc, n, add);
      else
        tile_rows(1, at_most(MR, m - i), kc, a + i * kc, 1, MR, b + j * kc, NR, c + i * ldc + j,
                  ldc, n, add);
    }
  }
}

void NAME(gemm)(int ta, int tb, size_t M, size_t N, size_t K, const real *A, size_t lda,
                const real *B, size_t ldb, int add, real *C, size_t ldc, real *work, int threads) {
  /* Few columns: longer blocks in the same workspace, so that threads meet less often. Not a matter
   * of threads: the length of a block decides how sums are rounded. */
  const size_t times = N > NC ? 1 : at_most(NC / round_up(N, NR), 4), long_kc = KC * times,
               most = PANELS / times;
  /* Enough units to share out evenly: fewer panels a unit, then fewer columns a unit. */
  const size_t want = threads > 1 ? (size_t)threads * 12 : 1, panels_m = (M + MR - 1) / MR;
  size_t per = panels_m / want;
  per = per < 1 ? 1 : at_most(per, most);
  const size_t units_m = (panels_m + per - 1) / per;
  const size_t blocks = (K + long_kc - 1) / long_kc,
               step = blocks ? round_up((K + blocks - 1) / blocks, 4) : 1;
#pragma omp parallel num_threads(threads)
  {
    real *mine = work + (size_t)KC * NC + (size_t)thread_id() * KC * ROWS;
    for (size_t jc = 0; jc < N; jc += NC) {
      const size_t nc = at_most(NC, N - jc), panels_n = (nc + NR - 1) / NR;
      size_t split = at_most((want + units_m - 1) / units_m, (panels_n + 1) / 2);
      if (split < 1) split = 1;
      for (size_t pc = 0; pc < K; pc += step) {
        const size_t kc = at_most(step, K - pc);
#pragma omp for schedule(dynamic, 1)
        for (size_t p = 0; p < panels_n; p++) {
          const size_t j = jc + p * NR, w = at_most(NR, N - j);
          real *to = work + p * NR * kc;
          if (tb)
            pack_rows(NR, w, kc, B + j * ldb + pc, ldb, to);
          else
            pack_cols(NR, w, kc, B + pc * ldb + j, ldb, to);
        }
#pragma omp for schedule(dynamic, 1)
        for (size_t u = 0; u < units_m * split; u++) {
          const size_t i0 = u / split * per * MR, m = at_most(per * MR, M - i0), s = u % split;
          for (size_t i = 0; i < m; i += MR) {
            const size_t w = at_most(MR, m - i);
            if (ta)
              pack_cols(MR, w, kc, A + pc * lda + i0 + i, lda, mine + i * kc);
            else
              pack_rows(MR, w, kc, A + (i0 + i) * lda + pc, lda, mine + i * kc);
          }
          unit(m, kc, mine, work, C + i0 * ldc + jc, ldc, panels_n * s / split,
               panels_n * (s + 1) / split, nc, add || pc > 0);
        }
      }
    }
  }
}
