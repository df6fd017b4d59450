/* Prototypes of one compilation of the kernels; their meaning is in ops_table.h. */
#ifndef TRAIN_KERNELS_H
#define TRAIN_KERNELS_H

#include "real.h"
#include "ops.h"

size_t NAME(gemm_work)(int threads);
void NAME(gemm)(int ta, int tb, size_t M, size_t N, size_t K, const real *A, size_t lda,
                const real *B, size_t ldb, int add, real *C, size_t ldc, real *work, int threads);
void NAME(gemm_bf16)(int ta, int tb, size_t M, size_t N, size_t K, const real *A, size_t lda,
                     const real *B, size_t ldb, int add, real *C, size_t ldc, real *work,
                     int threads);
double NAME(peak)(int bf16, int threads, double seconds);
size_t NAME(tile_work)(int threads);
double NAME(tile_rate)(int bf16, int threads, double seconds, real *work, double *median);
size_t NAME(attention_work)(size_t T, size_t heads, size_t kv, size_t H, int threads);
void NAME(attention)(size_t B, size_t T, size_t heads, size_t kv, size_t H, const real *qkv,
                     const real *rope, size_t rope_T, const uint16_t *start, real *out, real *lse,
                     real *work, int threads);
void NAME(attention_back)(size_t B, size_t T, size_t heads, size_t kv, size_t H, const real *qkv,
                          const real *rope, size_t rope_T, const uint16_t *start, const real *out,
                          const real *lse, const real *dout, real *dqkv, real *work, int threads);

#endif
