/* exp, log, 1/sqrt, sin and cos from basic IEEE operations alone, so that every device gets the
 * same bits; and the one order in which floats are added up.
 *
 * Reduction order: element i belongs to lane i % 16; each lane starts at +0 and adds its elements
 * in order of i; then lanes are folded in halves, lane l += lane l + 8, then + 4, + 2, + 1. */
#ifndef ULM_MATH_H
#define ULM_MATH_H

#include <float.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if FLT_EVAL_METHOD != 0
#error "floats must be computed as floats: build for SSE2 or newer (-msse2 -mfpmath=sse)"
#endif

enum { ULM_LANES = 16 };

static inline float ulm_fold(float lane[ULM_LANES]) {
  for (int l = 0; l < 8; l++) lane[l] += lane[l + 8];
  for (int l = 0; l < 4; l++) lane[l] += lane[l + 4];
  for (int l = 0; l < 2; l++) lane[l] += lane[l + 2];
  return lane[0] + lane[1];
}

static inline float ulm_as_float(uint32_t u) {
  float f;
  memcpy(&f, &u, 4);
  return f;
}
static inline uint32_t ulm_as_bits(float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  return u;
}

/* Adding 1.5 * 2^23 leaves no fraction bits: the sum rounds to the nearest integer, ties to even.
 */
#define ULM_ROUND 12582912.0f

/* binary16 to float without branches, so that loops over it vectorize; exact. */
static inline float ulm_half(uint16_t h) {
  const int32_t mag = (int32_t)((uint32_t)(h & 0x7fff) << 13), rebias = 112 << 23; /* 15 -> 127 */
  const int32_t small = (int32_t)ulm_as_bits(ulm_as_float((uint32_t)(mag + rebias + (1 << 23))) -
                                             0x1p-14f); /* m 2^-24 */
  const int32_t is_small = -(mag < (1 << 23)),
                is_special = -(mag >= (31 << 23)); /* exponent 0; 31 -> 255 */
  const int32_t bits = (small & is_small) | ((mag + rebias + (rebias & is_special)) & ~is_small);
  return ulm_as_float((uint32_t)bits | (uint32_t)(h & 0x8000) << 16);
}

/* e^x for x clamped to -87..88 (NaN: -87); relative error below 2e-7. Range reduction x = n ln 2 +
 * r with ln 2 in two parts, then the minimax polynomial of Cephes expf on |r| <= ln 2 / 2. */
static inline float ulm_exp(float x) {
  x = x > -87.0f ? x : -87.0f;
  x = x < 88.0f ? x : 88.0f;
  const float z = x * 1.44269504f + ULM_ROUND;
  const float n = z - ULM_ROUND;
  float r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float y = 1.9875691500e-4f;
  y = y * r + 1.3981999507e-3f;
  y = y * r + 8.3334519073e-3f;
  y = y * r + 4.1665795894e-2f;
  y = y * r + 1.6666665459e-1f;
  y = y * r + 5.0000001201e-1f;
  y = y * (r * r) + r + 1.0f;
  return ulm_as_float(ulm_as_bits(y) + ((ulm_as_bits(z) - ulm_as_bits(ULM_ROUND)) << 23));
}

float ulm_log(
    float x); /* natural; x clamped to 1e-30..FLT_MAX; absolute error below 1e-7 + 1e-7 |log x| */
float ulm_rsqrt(float x); /* 1 / sqrt(x) for x in 1e-30..1e38; relative error below 3e-7 */

/* Angles as 64-bit fractions of a turn: multiples wrap without loss. */
void ulm_sincos(uint64_t turn, float *sine, float *cosine); /* absolute error below 1.5e-7 */
/* round(2^64 base^(-2 i / head_dim) / (2 pi)): turns that RoPE's pair i advances a position. i >=
 * 0, base >= 1 */
uint64_t ulm_rope_turn(float base, uint32_t i, uint32_t head_dim);

#endif
