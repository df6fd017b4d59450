/* The register tile that all matrix products and attention share: plain C over vectors of VL reals.
 */
#ifndef TRAIN_GEMM_H
#define TRAIN_GEMM_H

#include "real.h"

/* MR x NV vectors of accumulators, NV vectors of B and a broadcast of A fill the register file:
 * 32 registers with AVX-512 and NEON, 16 elsewhere. Without fused multiply-add a product needs one
 * more. */
#if defined __AVX512F__
enum { MR = 12, NV = 2 };
#elif defined __AVX2__
enum { MR = 6, NV = 2 };
#elif defined __aarch64__
enum { MR = 12, NV = 2 };
#else
enum { MR = 4, NV = 2 };
#endif
enum { NR = NV * VL };

/* C[mr,n] (+)= A[mr,K] B[K,nv*VL], where A[i,k] = a[i*ars + k*acs] and n <= nv*VL columns are
 * stored. mr, nv, and whichever strides are constants fold into the code. */
INLINE void tile(const int mr, const int nv, size_t K, const real *a, const size_t ars,
                 const size_t acs, const real *b, const size_t ldb, real *c, size_t ldc, size_t n,
                 int add) {
  vec acc[MR][NV];
  UNROLL for (int i = 0; i < mr; i++) UNROLL for (int j = 0; j < nv; j++) acc[i][j] = (vec){0};
  for (size_t k = 0; k < K; k++, a += acs, b += ldb) {
    vec bv[NV];
    UNROLL for (int j = 0; j < nv; j++) bv[j] = *(const vecu *)(b + j * VL);
    UNROLL for (int i = 0; i < mr; i++) {
      const vec av = a[(size_t)i * ars] - (vec){0};
      UNROLL for (int j = 0; j < nv; j++) acc[i][j] += av * bv[j];
    }
  }
  if (n == (size_t)(nv * VL)) {
    UNROLL for (int i = 0; i < mr; i++) UNROLL for (int j = 0; j < nv; j++) {
      vecu *to = (vecu *)(c + (size_t)i * ldc + j * VL);
      *to = add ? (vecu)(*to + acc[i][j]) : (vecu)acc[i][j];
    }
  } else {
    real edge[NR];
    UNROLL for (int i = 0; i < mr; i++) {
      UNROLL for (int j = 0; j < nv; j++) * (vecu *)(edge + j * VL) = acc[i][j];
      real *to = c + (size_t)i * ldc;
      for (size_t j = 0; j < n; j++) to[j] = add ? to[j] + edge[j] : edge[j];
    }
  }
}

/* All M <= any rows of one column panel: tiles of MR rows, then of 8, 4, 2 and 1. */
INLINE void tile_rows(const int nv, size_t M, size_t K, const real *a, const size_t ars,
                      const size_t acs, const real *b, const size_t ldb, real *c, size_t ldc,
                      size_t n, int add) {
#define TILES(rows)                                                                                \
  while (M >= rows) {                                                                              \
    tile(rows, nv, K, a, ars, acs, b, ldb, c, ldc, n, add);                                        \
    a += (size_t)(rows)*ars, c += (size_t)(rows)*ldc, M -= rows;                                   \
  }
  TILES(MR)
#if defined __AVX512F__ || defined __aarch64__
  TILES(8)
#endif
#if defined __AVX__ || defined __aarch64__
  TILES(4)
#endif
  TILES(2)
  TILES(1)
#undef TILES
}

#endif
