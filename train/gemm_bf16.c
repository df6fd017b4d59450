/* Matrix products of factors rounded to bfloat16. */
#define BF16 1
#define GEMM gemm_bf16
#include "gemm.c"
