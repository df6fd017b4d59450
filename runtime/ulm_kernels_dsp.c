/* The DSP extension (Cortex-M4, M7, M33, and M55 built without Helium): two 16-bit products an
 * instruction, four rows of a tile at a time. */
#if defined(__ARM_FEATURE_SIMD32) && __ARM_ARCH_PROFILE == 'M' &&                                  \
    !(defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 2))
#include "ulm.h"
#include "ulm_kernels.h"
#include "ulm_math.h"
#include "ulm_plain.h"
#include <arm_acle.h>
#pragma GCC optimize("O3")
#define V static inline __attribute__((always_inline))

enum { ROWS = 4 };

V uint32_t word(const void *p) {
  uint32_t w;
  memcpy(&w, p, 4);
  return w;
}

/* Bytes 0 and 2, then 1 and 3 of a word, as pairs of 16 bits. */
V int16x2_t even(uint32_t w) { return __sxtb16((int8x4_t)w); }
V int16x2_t odd(uint32_t w) { return __sxtb16((int8x4_t)(w >> 8 | w << 24)); }

/* Binary16 as float; the unit's own conversion where there is one. */
V float half(uint16_t h) {
#if defined(__ARM_FP) && (__ARM_FP & 2)
  float f;
  __asm__("vmov %0, %1\n\tvcvtb.f32.f16 %0, %0" : "=t"(f) : "r"((uint32_t)h));
  return f;
#else
  return ulm_half(h);
#endif
}

/* Adds the products of one group of 4 rows; `step` bytes lie between a row's words. */
V void sums_s8(int32_t sum[ROWS], const uint8_t *w, size_t step, const int8_t *code) {
  for (int i = 0; i < 8; i++, w += step, code += 4) {
    const uint32_t x = word(code);
    const int16x2_t a = even(x), b = odd(x);
    for (int r = 0; r < ROWS; r++) {
      const uint32_t v = word(w + 4 * r);
      sum[r] = __smlad(even(v), a, sum[r]);
      sum[r] = __smlad(odd(v), b, sum[r]);
    }
  }
}

/* Nibbles n = w + 8; the caller has taken 8 times the sum of codes off. */
V void sums_s4(int32_t sum[ROWS], const uint8_t *w, size_t step, const int8_t *code) {
  const uint32_t low = 0x000f000f;
  for (int i = 0; i < 4; i++, w += step, code += 4) {
    const uint32_t x = word(code), y = word(code + 16);
    const int16x2_t a = even(x), b = odd(x), c = even(y), d = odd(y);
    for (int r = 0; r < ROWS; r++) {
      const uint32_t v = word(w + 4 * r);
      sum[r] = __smlad((int16x2_t)(v & low), a, sum[r]);
      sum[r] = __smlad((int16x2_t)(v >> 8 & low), b, sum[r]);
      sum[r] = __smlad((int16x2_t)(v >> 4 & low), c, sum[r]);
      sum[r] = __smlad((int16x2_t)(v >> 12 & low), d, sum[r]);
    }
  }
}

/* y[0..3] of rows `row`.. of a tile, one token. */
V void rows4(float *y, const uint8_t *w, const uint16_t *scale, uint32_t groups, const ulm_codes *c,
             size_t at, int int4) {
  float lane[ROWS][ULM_LANES] = {{0}};
  const size_t step = 4 * ULM_TILE;
  for (uint32_t g = 0; g < groups; g++, at++, scale += ULM_TILE, w += step * (int4 ? 4 : 8)) {
    const int8_t *code = c->code + at * ULM_GROUP;
    const int32_t less = int4 ? 8 * c->minus[at] : 0;
    int32_t sum[ROWS] = {less, less, less, less};
    if (int4)
      sums_s4(sum, w, step, code);
    else
      sums_s8(sum, w, step, code);
    for (int r = 0; r < ROWS; r++)
      lane[r][g % ULM_LANES] += (float)sum[r] * (half(scale[r]) * c->scale[at]);
  }
  for (int r = 0; r < ROWS; r++) y[r] = ulm_fold(lane[r]);
}

V void tiles(float *y, const ulm_matrix *w, const ulm_codes *c, uint32_t tokens, uint32_t from,
             uint32_t to, int int4) {
  const uint32_t groups = w->cols / ULM_GROUP;
  const size_t row = int4 ? w->cols / 2 : w->cols;
  for (uint32_t r = from; r < to; r += ROWS) {
    const uint32_t in = r % ULM_TILE, first = r - in;
    for (uint32_t t = 0; t < tokens; t++)
      rows4(y + (size_t)t * w->rows + r, (const uint8_t *)w->values + first * row + 4 * in,
            w->scales + (size_t)first * groups + in, groups, c, (size_t)t * groups, int4);
  }
}

static void matmul(float *y, const ulm_matrix *w, const float *x, const ulm_codes *c,
                   uint32_t tokens, uint32_t from, uint32_t to) {
  const uint32_t whole = w->tiled ? to - (to - from) % ULM_TILE : from;
  if (w->type == ULM_INT4)
    tiles(y, w, c, tokens, from, whole, 1);
  else
    tiles(y, w, c, tokens, from, whole, 0);
  if (whole < to) ulm_portable.matmul(y, w, x, c, tokens, whole, to);
}

const ulm_kernels ulm_dsp = {"dsp",          plain_encode, matmul,        plain_rmsnorm,
                             plain_add,      plain_swiglu, plain_rotate,  plain_store_f16,
                             plain_store_s8, plain_attend, plain_largest, plain_mass,
                             plain_likely,   plain_spread};
#else
typedef int ulm_no_dsp; /* ISO C wants a declaration in every file */
#endif
