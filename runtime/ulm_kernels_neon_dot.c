/* NEON with dot products (Armv8.2): four bytes of each row at once. */
#if defined(__aarch64__) && defined(__ARM_NEON)
#include "ulm.h"
#include "ulm_kernels.h"
#include "ulm_math.h"
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#ifndef __ARM_FEATURE_DOTPROD
#define __ARM_FEATURE_DOTPROD 1 /* before clang 16 the intrinsics hide behind it */
#endif
#else
#pragma GCC target("arch=armv8.2-a+dotprod")
#ifdef __OPTIMIZE__
#pragma GCC optimize("O3")
#endif
#endif
#include <arm_neon.h>

ULM_INLINE void quad_sums(int32x4_t sum[4], const uint32_t quads, const int8x16_t v[4][8],
                          int8x16_t a, int8x16_t b, int32_t minus, int int4) {
  (void)int4;
  for (uint32_t q = 0; q < quads; q++) {
    int32x4_t s = vdotq_laneq_s32(vdupq_n_s32(minus), v[q][0], a, 0);
    s = vdotq_laneq_s32(s, v[q][1], a, 1);
    s = vdotq_laneq_s32(s, v[q][2], a, 2);
    s = vdotq_laneq_s32(s, v[q][3], a, 3);
    s = vdotq_laneq_s32(s, v[q][4], b, 0);
    s = vdotq_laneq_s32(s, v[q][5], b, 1);
    s = vdotq_laneq_s32(s, v[q][6], b, 2);
    sum[q] = vdotq_laneq_s32(s, v[q][7], b, 3);
  }
}

#include "ulm_neon.h"
const ulm_kernels ulm_neon_dot = ULM_TABLE("neon-dot");
#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int ulm_no_neon_dot; /* ISO C wants a declaration in every file */
#endif
