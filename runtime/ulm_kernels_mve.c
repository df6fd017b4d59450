/* Helium (MVE, as in Cortex-M55): sixteen 8-bit products an instruction, summed across the vector
 * into a general register.
 *
 * Helium's floats always flush subnormals to zero, whatever FPSCR.FZ says (the "standard FPSCR
 * value" of 32-bit Arm's vectors), so they serve only where none can occur; all else is the scalar
 * unit's, in the portable kernels. In a quantized product: a scale of weights is 0 or at least
 * 2^-24 (binary16), the sum of a group 0 or at least 1. Where scales of activations are 0 or at
 * least 2^-79, each term is 0 or at least 2^-103 and so, with its 24 bits, a multiple of 2^-126;
 * so is every sum of such, and no multiple of 2^-126 but 0 is subnormal. Other activations (a
 * largest value below 2^-72) go to the portable kernel. */
#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 2)
#include "ulm.h"
#include "ulm_kernels.h"
#include "ulm_math.h"
#include "ulm_plain.h"
#include <arm_mve.h>
#pragma GCC optimize("O2") /* -O3 doubles its size and saves nothing */
#define V static inline __attribute__((always_inline))

enum { PAIR = 2 }; /* tokens that share a tile's weights; their lanes take 1 KB of stack each */
static const float least = 0x1p-79f;

/* 4 binary16 as floats. Registers are named: older assemblers encode others wrongly. */
V float32x4_t halves(const uint16_t *p) {
  register uint32x4_t q __asm__("s0") = vldrhq_u32(p);
  __asm__("vcvtb.f32.f16 q0, q0" : "+t"(q));
  return vreinterpretq_f32_u32(q);
}

/* Codes of one group of row `row` of a tile: words 64 bytes apart, whose addresses are in `at`. */
#define WORDS(row, half) vreinterpretq_s8_s32(vldrwq_gather_base_s32(at, 4 * (row) + 256 * (half)))
#define ROW_S8(row)                                                                                \
  do {                                                                                             \
    const int8x16_t v = WORDS(row, 0), w = WORDS(row, 1);                                          \
    _Pragma("GCC unroll 2") for (uint32_t t = 0; t < tokens; t++) sum[t][row] =                    \
        vmladavaq_s8(vmladavq_s8(v, x[t][0]), w, x[t][1]);                                         \
  } while (0)
/* Nibbles n = w + 8: the codes' sum, times 8, is taken off. */
#define ROW_S4(row)                                                                                \
  do {                                                                                             \
    const uint8x16_t n = vreinterpretq_u8_s8(WORDS(row, 0));                                       \
    const int8x16_t v = vreinterpretq_s8_u8(vandq_u8(n, vdupq_n_u8(15))),                          \
                    w = vreinterpretq_s8_u8(vshrq_n_u8(n, 4));                                     \
    _Pragma("GCC unroll 2") for (uint32_t t = 0; t < tokens; t++) sum[t][row] =                    \
        vmladavaq_s8(vmladavaq_s8(less[t], v, x[t][0]), w, x[t][1]);                               \
  } while (0)
#define EACH(f)                                                                                    \
  f(0);                                                                                            \
  f(1);                                                                                            \
  f(2);                                                                                            \
  f(3);                                                                                            \
  f(4);                                                                                            \
  f(5);                                                                                            \
  f(6);                                                                                            \
  f(7);                                                                                            \
  f(8);                                                                                            \
  f(9);                                                                                            \
  f(10);                                                                                           \
  f(11);                                                                                           \
  f(12);                                                                                           \
  f(13);                                                                                           \
  f(14);                                                                                           \
  f(15)

/* y[t * stride + r] of 16 rows and 1 or 2 tokens, a constant. */
V void tile(const uint32_t tokens, float *y, size_t stride, const uint8_t *values,
            const uint16_t *scale, uint32_t groups, const ulm_codes *c, size_t first, int int4) {
  float lane[ULM_LANES][PAIR][ULM_TILE];
  int32_t sum[PAIR][ULM_TILE];
  uint32x4_t at = vaddq_n_u32(vmulq_n_u32(vidupq_n_u32(0, 1), 64), (uint32_t)(uintptr_t)values);
  for (uint32_t g = 0; g < groups; g++, scale += ULM_TILE) {
    int8x16_t x[PAIR][2];
    int32_t less[PAIR];
#pragma GCC unroll 2
    for (uint32_t t = 0; t < tokens; t++) {
      const int8_t *code = c->code + (first + (size_t)t * groups + g) * ULM_GROUP;
      x[t][0] = vldrbq_s8(code), x[t][1] = vldrbq_s8(code + 16);
      less[t] = 8 * c->minus[first + (size_t)t * groups + g];
    }
    if (int4) {
      EACH(ROW_S4);
    } else {
      EACH(ROW_S8);
    }
    at = vaddq_n_u32(at, int4 ? 256 : 512);
#pragma GCC unroll 4
    for (uint32_t r = 0; r < ULM_TILE; r += 4) {
      const float32x4_t s = halves(scale + r);
#pragma GCC unroll 2
      for (uint32_t t = 0; t < tokens; t++) {
        float *l = &lane[g % ULM_LANES][t][r];
        const float32x4_t w = vmulq_n_f32(s, c->scale[first + (size_t)t * groups + g]),
                          p = vmulq_f32(vcvtq_f32_s32(vldrwq_s32(&sum[t][r])), w);
        vstrwq_f32(l, vaddq_f32(g < ULM_LANES ? vdupq_n_f32(0) : vldrwq_f32(l), p));
      }
    }
  }
  /* The tree; lanes that had no group are +0 and change nothing. */
  uint32_t n = groups < ULM_LANES ? groups : ULM_LANES;
  for (uint32_t half = ULM_LANES / 2; half; half /= 2) {
    for (uint32_t l = 0; l + half < n; l++)
      for (uint32_t t = 0; t < tokens; t++)
        for (uint32_t r = 0; r < ULM_TILE; r += 4)
          vstrwq_f32(&lane[l][t][r],
                     vaddq_f32(vldrwq_f32(&lane[l][t][r]), vldrwq_f32(&lane[l + half][t][r])));
    n = n < half ? n : half;
  }
  for (uint32_t t = 0; t < tokens; t++)
    for (uint32_t r = 0; r < ULM_TILE; r += 4)
      vstrwq_f32(y + t * stride + r, vldrwq_f32(&lane[0][t][r]));
}

V void tiles(float *y, const ulm_matrix *w, const ulm_codes *c, uint32_t tokens, uint32_t from,
             uint32_t to, int int4) {
  const uint32_t groups = w->cols / ULM_GROUP;
  const size_t row = int4 ? w->cols / 2 : w->cols, stride = w->rows;
  for (uint32_t r = from; r < to; r += ULM_TILE) {
    const uint8_t *values = (const uint8_t *)w->values + r * row;
    const uint16_t *scale = w->scales + (size_t)r * groups;
    uint32_t t = 0;
    for (; t + PAIR <= tokens; t += PAIR)
      tile(PAIR, y + t * stride + r, stride, values, scale, groups, c, (size_t)t * groups, int4);
    if (t < tokens)
      tile(1, y + t * stride + r, stride, values, scale, groups, c, (size_t)t * groups, int4);
  }
}

static int are_safe(const float *scale, size_t n) {
  int safe = 1;
  for (size_t i = 0; i < n; i++) safe &= scale[i] == 0 || scale[i] >= least;
  return safe;
}

static void matmul(float *y, const ulm_matrix *w, const float *x, const ulm_codes *c,
                   uint32_t tokens, uint32_t from, uint32_t to) {
  const uint32_t whole = to - (to - from) % ULM_TILE;
  if (!w->tiled || !are_safe(c->scale, (size_t)tokens * (w->cols / ULM_GROUP))) {
    ulm_portable.matmul(y, w, x, c, tokens, from, to);
    return;
  }
  if (w->type == ULM_INT4)
    tiles(y, w, c, tokens, from, whole, 1);
  else
    tiles(y, w, c, tokens, from, whole, 0);
  if (whole < to) ulm_portable.matmul(y, w, x, c, tokens, whole, to);
}

const ulm_kernels ulm_mve = {"helium",       plain_encode, matmul,        plain_rmsnorm,
                             plain_add,      plain_swiglu, plain_rotate,  plain_store_f16,
                             plain_store_s8, plain_attend, plain_largest, plain_mass,
                             plain_likely,   plain_spread};
#else
typedef int ulm_no_mve; /* ISO C wants a declaration in every file */
#endif
