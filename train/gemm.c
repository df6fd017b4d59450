/* Matrix product: B is packed into panels that the register tile reads in order; A is read where it
 * lies if its rows run along k, else packed too.
 *   for blocks of NC columns, for blocks of KC of the inner dimension:
 *     pack B[kc,nc] into panels of NR columns (shared, by all threads);
 *     units of up to PANELS * MR rows of A, claimed one by one: pack A where needed (per thread,
 * stays in L2) and run over the panels. An element of C is summed by one thread at a time, in an
 * order that depends on K alone: results do not depend on the number of threads.
 *
 * gemm_bf16.c includes this file with BF16: the factors are rounded to bfloat16 as they are packed,
 * and where the processor multiplies bfloat16 an element of a packed panel is a pair of them (k,
 * k+1) in the bits of a float. Sums are in float. */
#include "gemm.h"
#include "kernels.h"

#ifndef BF16
#define BF16 0
#define GEMM gemm
#endif
#ifdef __AVX512BF16__
enum { PAIRS = BF16 };
#else
enum { PAIRS = 0 };
#endif
enum { COLS = 1056 /* whole panels of any NR */, ROWS = 96 };
enum { PER = 1 + PAIRS, KC = 512, NC = COLS * PER, PANELS = ROWS / MR * PER };
/* Reals of packed B, and of a thread's packed A with room for a whole vector at each panel's end.
 */
enum { B_BLOCK = KC * COLS, A_BLOCK = KC * ROWS + 16 * 32 };
_Static_assert(COLS % NR == 0 && PANELS <= 32, "a block of B is whole panels");

#if !BF16
size_t NAME(gemm_work)(int threads) { return (size_t)B_BLOCK + (size_t)threads * A_BLOCK; }
#endif

INLINE size_t elements(size_t k) { return (k + PER - 1) / PER; }

/* ---- packing ---- */

/* Nearest bfloat16, ties to even, as a float. */
INLINE real rounded(real x) {
#if BF16
  uint32_t u;
  memcpy(&u, &x, sizeof u);
  u = x == x ? (u + 0x7fff + (u >> 16 & 1)) & 0xffff0000u : u | 0x400000;
  memcpy(&x, &u, sizeof x);
#endif
  return x;
}

/* n reals of a row as elements(n) elements. */
INLINE void narrow(size_t n, const real *src, real *dst) {
#if BF16 && defined __AVX512BF16__
  for (size_t k = 0; k < n; k += 32) {
    const size_t left = n - k;
    const __mmask32 m = left >= 32 ? 0xffffffffu : (1u << left) - 1;
    const __m512 lo = _mm512_maskz_loadu_ps((__mmask16)m, src + k),
                 hi = _mm512_maskz_loadu_ps((__mmask16)(m >> 16), src + k + 16);
    const __mmask16 to = (__mmask16)((1u << (left >= 32 ? 16 : (left + 1) / 2)) - 1);
    _mm512_mask_storeu_epi32(dst + k / 2, to, (__m512i)_mm512_cvtne2ps_pbh(hi, lo));
  }
#else
  for (size_t k = 0; k < n; k++) dst[k] = rounded(src[k]);
#endif
}

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

/* A panel [elements(kc)][W] of w <= W rows of src[w,kc], zero-padded to W, a multiple of 4. A cache
 * line or two of every row at a time: their misses overlap. */
INLINE void pack_rows(const size_t W, size_t w, size_t kc, const real *src, size_t ld, real *dst) {
  enum { STEP = 32 };
  for (size_t k0 = 0; k0 < kc; k0 += STEP) {
    const size_t n = at_most(STEP, kc - k0), e = elements(n);
    for (size_t i = 0; i < W; i += 4) {
      real some[4][STEP], *to = dst + k0 / PER * W + i;
      const real *from = src + i * ld + k0;
      size_t step = ld, k = 0;
      if (BF16 || i + 4 > w) {
        for (size_t r = 0; r < 4; r++)
          if (i + r < w)
            narrow(n, src + (i + r) * ld + k0, some[r]);
          else
            memset(some[r], 0, sizeof some[r]);
        from = some[0], step = STEP;
      }
      for (; k + 4 <= e; k += 4) transpose4(from + k, step, to + k * W, W);
      for (; k < e; k++)
        for (size_t r = 0; r < 4; r++) memcpy(to + k * W + r, from + r * step + k, sizeof *to);
    }
  }
}

/* One row of elements: w <= W of x, and (pairs) of y, the row after x, or NULL; zero-padded to W,
 * perhaps to the next whole vector. */
INLINE void join(const size_t W, size_t w, const real *x, const real *y, real *dst) {
#if BF16 && defined __AVX512BF16__
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24,
                                         8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  UNROLL for (size_t i = 0; i < W; i += 16) {
    const size_t n = w <= i ? 0 : at_most(w - i, 16);
    const __mmask16 in = (__mmask16)((1u << n) - 1);
    const __m512 lo = _mm512_maskz_loadu_ps(in, x + i),
                 hi = _mm512_maskz_loadu_ps(y ? in : 0, (y ? y : x) + i);
    _mm512_storeu_si512(dst + i,
                        _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(hi, lo)));
  }
#else
  (void)y;
  if (!BF16 && w == W) { /* of 9 the compiler would make 9 loads and stores */
    memcpy(dst, x, W * sizeof *dst);
    return;
  }
  for (size_t i = 0; i < w; i++) dst[i] = rounded(x[i]);
  for (size_t i = w; i < W; i++) dst[i] = 0;
#endif
}

/* Panels [elements(kc)][W], `panel` apart, of the w columns of src[kc,w], row after row. Rows may
 * lie pages apart, where no hardware prefetches: about 8 KB ahead hide a miss. */
INLINE void pack_cols(const size_t W, size_t w, size_t kc, const real *src, size_t ld, size_t panel,
                      real *dst) {
  enum { LINE = 64 / sizeof(real) };
  const size_t whole = w / W * W, ahead = at_most(2048 / (w + 1), 30) / 2 * 2 + 2;
  for (size_t k = 0; k < kc; k += PER) {
    const real *x = src + k * ld, *y = k + 1 < kc ? x + ld : NULL;
    for (size_t r = k + ahead; r < at_most(k + ahead + PER, kc); r++)
      for (size_t i = 0; i < w; i += LINE) __builtin_prefetch(src + r * ld + i);
    real *to = dst + k / PER * W;
    for (size_t i = 0; i < whole; i += W, to += panel) join(W, W, x + i, y ? y + i : NULL, to);
    if (whole < w) join(W, w - whole, x + whole, y ? y + whole : NULL, to);
  }
}

/* ---- the product ---- */

/* A packed panel of A, and room for the last row's whole vector. */
INLINE size_t a_panel(size_t ke) { return ke * MR + 16; }

/* m rows against column panels [p0,p1). A[i,k] = a[i*ars + k] or, packed in panels of MR rows,
 * a[i/MR*a_panel(ke) + k*MR + i%MR]; b: packed panels; c: of the first row. */
INLINE void rows_by_panels(const int packed, size_t m, size_t ke, const real *a, size_t ars,
                           const real *b, real *c, size_t ldc, size_t p0, size_t p1, size_t nc,
                           int add) {
  for (size_t p = p0; p < p1; p++) {
    const size_t j = p * NR, n = at_most(NR, nc - j);
    for (size_t i = 0; i < m; i += MR) {
      const real *from = a + (packed ? i / MR * a_panel(ke) : i * ars), *panel = b + j * ke;
      const size_t step = packed ? 1 : ars, next = packed ? MR : 1, rows = at_most(MR, m - i);
      real *to = c + i * ldc + j;
      if (NV > 2 && n > 2 * VL)
        tile_rows(MR, NV, PAIRS, rows, ke, from, step, next, panel, NR, to, ldc, n, add);
      else if (n > VL)
        tile_rows(MR, 2, PAIRS, rows, ke, from, step, next, panel, NR, to, ldc, n, add);
      else
        tile_rows(MR, 1, PAIRS, rows, ke, from, step, next, panel, NR, to, ldc, n, add);
    }
  }
}
static void unit_packed(size_t m, size_t ke, const real *a, const real *b, real *c, size_t ldc,
                        size_t p0, size_t p1, size_t nc, int add) {
  rows_by_panels(1, m, ke, a, 0, b, c, ldc, p0, p1, nc, add);
}
static void unit_rows(size_t m, size_t ke, const real *a, size_t ars, const real *b, real *c,
                      size_t ldc, size_t p0, size_t p1, size_t nc, int add) {
  rows_by_panels(0, m, ke, a, ars, b, c, ldc, p0, p1, nc, add);
}

void NAME(GEMM)(int ta, int tb, size_t M, size_t N, size_t K, const real *A, size_t lda,
                const real *B, size_t ldb, int add, real *C, size_t ldc, real *work, int threads) {
  /* Few columns: longer blocks in the same workspace, so that threads meet less often. Not a matter
   * of threads: the length of a block decides how sums are rounded. */
  const size_t times = N > NC ? 1 : at_most(NC / round_up(N, NR), 2), long_kc = KC * times,
               most = PANELS / times;
  const size_t blocks = (K + long_kc - 1) / long_kc,
               step = blocks ? round_up((K + blocks - 1) / blocks, 4) : 1;
  /* Large units first, which use a panel of B often; the last are single panels of rows, so that
   * threads end together. Columns are split where rows are few. */
  const size_t T = (size_t)threads, panels_m = (M + MR - 1) / MR;
  size_t per = threads > 1 ? panels_m / (2 * T) : most;
  per = per < 1 ? 1 : at_most(per, most);
  const size_t large = threads > 1 ? (panels_m - at_most(panels_m, 4 * T)) / per : panels_m / per;
  const size_t units = large + (panels_m - large * per),
               want = threads > 1 && units < 4 * T ? (4 * T + units - 1) / units : 1;
#pragma omp parallel num_threads(threads)
  {
    real *mine = work + (size_t)B_BLOCK + (size_t)thread_id() * A_BLOCK;
    for (size_t jc = 0; jc < N; jc += NC) {
      const size_t nc = at_most(NC, N - jc), panels_n = (nc + NR - 1) / NR,
                   split = at_most(want, panels_n);
      for (size_t pc = 0; pc < K; pc += step) {
        const size_t kc = at_most(step, K - pc), ke = elements(kc);
#pragma omp for schedule(dynamic, 1)
        for (size_t p = 0; p < panels_n; p++) {
          const size_t j = jc + p * NR, w = at_most(NR, N - j);
          real *to = work + p * NR * ke;
          if (tb)
            pack_rows(NR, w, kc, B + j * ldb + pc, ldb, to);
          else
            pack_cols(NR, w, kc, B + pc * ldb + j, ldb, 0, to);
        }
#pragma omp for schedule(dynamic, 1)
        for (size_t us = 0; us < units * split; us++) {
          const size_t u = us / split, s = us % split, p0 = panels_n * s / split,
                       p1 = panels_n * (s + 1) / split;
          const size_t first = u < large ? u * per : large * per + (u - large), i0 = first * MR,
                       m = at_most((u < large ? per : 1) * MR, M - i0);
          real *c = C + i0 * ldc + jc;
          if (ta) {
            pack_cols(MR, m, kc, A + pc * lda + i0, lda, a_panel(ke), mine);
            unit_packed(m, ke, mine, work, c, ldc, p0, p1, nc, add || pc > 0);
          } else if (BF16 || lda % 1024 == 0) { /* rows 4 KB apart share few sets of a cache */
            for (size_t i = 0; i < m; i++) narrow(kc, A + (i0 + i) * lda + pc, mine + i * ke);
            unit_rows(m, ke, mine, ke, work, c, ldc, p0, p1, nc, add || pc > 0);
          } else
            unit_rows(m, kc, A + i0 * lda + pc, lda, work, c, ldc, p0, p1, nc, add || pc > 0);
        }
      }
    }
  }
}
