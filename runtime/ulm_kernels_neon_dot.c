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

ULM_INLINE int32x4_t quad_sums(const int8x16_t v[8], int8x16_t a, int8x16_t b, int32_t minus,
                               int int4) {
  int32x4_t sum = vdotq_laneq_s32(vdupq_n_s32(minus), v[0], a, 0);
  (void)int4;
  sum = vdotq_laneq_s32(sum, v[1], a, 1);
  sum = vdotq_laneq_s32(sum, v[2], a, 2);
  sum = vdotq_laneq_s32(sum, v[3], a, 3);
  sum = vdotq_laneq_s32(sum, v[4], b, 0);
  sum = vdotq_laneq_s32(sum, v[5], b, 1);
  sum = vdotq_laneq_s32(sum, v[6], b, 2);
  return vdotq_laneq_s32(sum, v[7], b, 3);
}

#include "ulm_neon.h"
const ulm_kernels ulm_neon_dot = ULM_TABLE("neon-dot");
#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int ulm_no_neon_dot; /* ISO C wants a declaration in every file */
#endif
