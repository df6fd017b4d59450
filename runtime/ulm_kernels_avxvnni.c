/* AVX-VNNI: 256-bit dot products on processors without AVX-512. */
#define ULM_VNNI 1
#include "ulm_kernels_avx2.c"
