/* The register tile that all matrix products and attention share: plain C over vectors of VL reals.
 */
#ifndef TRAIN_GEMM_H
#define TRAIN_GEMM_H

#include "real.h"
#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

/* MR x NV vectors of accumulators, NV vectors of B and a broadcast of A fill the register file:
 * 32 registers with AVX-512 and NEON, 16 elsewhere. Without fused multiply-add a product needs one
 * more. 9 x 3 takes 1.6 instructions a multiply-add where 12 x 2 takes 1.8, which shows on cores
 * that decode 4 a cycle, or share that with another thread. Heads are two or four vectors wide:
 * attention has tiles of MR2 x 2. */
#if defined __AVX512F__
enum { MR = 9, NV = 3, MR2 = 12 };
#elif defined __AVX2__
enum { MR = 6, NV = 2, MR2 = MR };
#elif defined NEON /* of 12 rows four sums would spill: loads of A wait in registers */
enum { MR = 8, NV = 2, MR2 = MR };
#else
enum { MR = 4, NV = 2, MR2 = MR };
#endif
enum { NR = NV * VL };

/* A product of two elements: reals, or (pairs) two bfloat16 of neighbouring k each in the bits of a
 * float, of which the products are summed in float. */
INLINE vec broadcast(const int pairs, const real *a) {
#ifdef __AVX512BF16__
  if (pairs) {
    int32_t bits;
    memcpy(&bits, a, sizeof bits);
    return (vec)_mm512_set1_epi32(bits);
  }
#endif
  (void)pairs;
  return *a - (vec){0};
}
INLINE vec mac(const int pairs, vec acc, vec a, vec b) {
#ifdef __AVX512BF16__
  if (pairs) return (vec)_mm512_dpbf16_ps((__m512)acc, (__m512bh)a, (__m512bh)b);
#endif
  (void)pairs;
  return acc + a * b;
}

/* C[mr,n] (+)= A[mr,K] B[K,nv*VL], where A[i,k] = a[i*ars + k*acs] and n <= nv*VL columns are
 * stored. mr, nv, pairs and whichever strides are constants fold into the code. Three rows share a
 * pointer: x86 addresses hold base, base + ars and base + 2 ars. */
INLINE void tile(const int mr, const int nv, const int pairs, size_t K, const real *a,
                 const size_t ars, const size_t acs, const real *b, const size_t ldb, real *c,
                 size_t ldc, size_t n, int add) {
  vec acc[MR2][NV];
  const real *row[(MR2 + 2) / 3];
  UNROLL for (int i = 0; i < mr; i += 3) row[i / 3] = a + (size_t)i * ars;
  UNROLL for (int i = 0; i < mr; i++) UNROLL for (int j = 0; j < nv; j++) acc[i][j] = (vec){0};
  UNROLL for (int i = 0; i < mr; i++) /* C comes while the sums are made */
      UNROLL for (int j = 0; j < nv * VL; j += 64 / (int)sizeof(real))
          __builtin_prefetch(c + (size_t)i * ldc + j, 1);
  TWICE for (size_t k = 0; k < K; k++, b += ldb) {
    vec bv[NV];
    UNROLL for (int j = 0; j < nv; j++) bv[j] = *(const vecu *)(b + j * VL);
    UNROLL for (int i = 0; i < mr; i++) {
      const vec av = broadcast(pairs, row[i / 3] + (size_t)(i % 3) * ars);
      UNROLL for (int j = 0; j < nv; j++) acc[i][j] = mac(pairs, acc[i][j], av, bv[j]);
    }
    UNROLL for (int i = 0; i < mr; i += 3) row[i / 3] += acs;
  }
  if (n == (size_t)(nv * VL)) {
    UNROLL for (int i = 0; i < mr; i++) UNROLL for (int j = 0; j < nv; j++) {
      vecu *to = (vecu *)(c + (size_t)i * ldc + j * VL);
      *to = add ? (vecu)(*to + acc[i][j]) : (vecu)acc[i][j];
    }
  } else {
    real edge[NR] = {0};
    UNROLL for (int i = 0; i < mr; i++) {
      UNROLL for (int j = 0; j < nv; j++) * (vecu *)(edge + j * VL) = acc[i][j];
      real *to = c + (size_t)i * ldc;
      for (size_t j = 0; j < n; j++) to[j] = add ? to[j] + edge[j] : edge[j];
    }
  }
}

/* All M <= any rows of one column panel: tiles of `most` rows, then of 8, 4, 2 and 1. */
INLINE void tile_rows(const int most, const int nv, const int pairs, size_t M, size_t K,
                      const real *a, const size_t ars, const size_t acs, const real *b,
                      const size_t ldb, real *c, size_t ldc, size_t n, int add) {
#define TILES(rows)                                                                                \
  while (rows <= most && M >= (size_t)(rows)) {                                                    \
    tile(rows, nv, pairs, K, a, ars, acs, b, ldb, c, ldc, n, add);                                 \
    a += (size_t)(rows)*ars, c += (size_t)(rows)*ldc, M -= (size_t)(rows);                         \
  }
  TILES(most)
#if defined __AVX512F__
  TILES(8)
#endif
#if defined __AVX__ || defined NEON
  TILES(4)
#endif
  TILES(2)
  TILES(1)
#undef TILES
}

#endif
