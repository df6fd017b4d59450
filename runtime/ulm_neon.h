/* 64-bit Arm NEON: v16 is four registers, a tile of weights four quads of 4 rows. Included by the
 * files with and without dot products after they have defined
 *   quad_sums(sum, quads, v, a, b, minus, int4)   sum[q], q < quads, a constant: 4 rows times one
 *                  group: their words v[q][8], codes a (words 0-3) and b (4-7); int4: v holds n =
 *                  w + 8, and `minus` is added
 * NEON computes floats as IEEE says, subnormals too; on 32-bit Arm it would flush them. */
#ifndef ULM_NEON_H
#define ULM_NEON_H
#define V ULM_INLINE

typedef struct {
  float32x4_t a, b, c, d;
} v16;
#define EACH(f)                                                                                    \
  (v16) { f(x.a, y.a), f(x.b, y.b), f(x.c, y.c), f(x.d, y.d) }
V v16 v_set(float f) {
  const float32x4_t x = vdupq_n_f32(f);
  return (v16){x, x, x, x};
}
V v16 v_load(const float *p) {
  return (v16){vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12)};
}
V void v_store(float *p, v16 x) {
  vst1q_f32(p, x.a), vst1q_f32(p + 4, x.b), vst1q_f32(p + 8, x.c), vst1q_f32(p + 12, x.d);
}
V v16 v_add(v16 x, v16 y) { return EACH(vaddq_f32); }
V v16 v_sub(v16 x, v16 y) { return EACH(vsubq_f32); }
V v16 v_mul(v16 x, v16 y) { return EACH(vmulq_f32); }
V v16 v_div(v16 x, v16 y) { return EACH(vdivq_f32); }
V float32x4_t larger4(float32x4_t x, float32x4_t y) { return vbslq_f32(vcgtq_f32(x, y), x, y); }
V float32x4_t smaller4(float32x4_t x, float32x4_t y) { return vbslq_f32(vcltq_f32(x, y), x, y); }
V v16 v_larger(v16 x, v16 y) { return EACH(larger4); }
V v16 v_smaller(v16 x, v16 y) { return EACH(smaller4); }
V v16 v_abs(v16 x) { return (v16){vabsq_f32(x.a), vabsq_f32(x.b), vabsq_f32(x.c), vabsq_f32(x.d)}; }
V v16 v_negate(v16 x) {
  return (v16){vnegq_f32(x.a), vnegq_f32(x.b), vnegq_f32(x.c), vnegq_f32(x.d)};
}
V float32x4_t half4(const uint16_t *p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
V v16 v_load_f16(const uint16_t *p) {
  return (v16){half4(p), half4(p + 4), half4(p + 8), half4(p + 12)};
}
V void v_store_f16(uint16_t *p, v16 x) {
  vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(x.a)));
  vst1_u16(p + 4, vreinterpret_u16_f16(vcvt_f16_f32(x.b)));
  vst1_u16(p + 8, vreinterpret_u16_f16(vcvt_f16_f32(x.c)));
  vst1_u16(p + 12, vreinterpret_u16_f16(vcvt_f16_f32(x.d)));
}
V v16 v_load_s8(const int8_t *p) {
  const int8x16_t s = vld1q_s8(p);
  const int16x8_t low = vmovl_s8(vget_low_s8(s)), high = vmovl_high_s8(s);
  return (v16){vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))), vcvtq_f32_s32(vmovl_high_s16(low)),
               vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))), vcvtq_f32_s32(vmovl_high_s16(high))};
}
V uint8x16_t bytes_of(float32x4_t x) { return vreinterpretq_u8_f32(x); }
V void v_store_low(int8_t *p, v16 x) {
  const uint8x16_t low = vuzp1q_u8(bytes_of(x.a), bytes_of(x.b)),
                   high = vuzp1q_u8(bytes_of(x.c), bytes_of(x.d));
  vst1q_u8((uint8_t *)p, vuzp1q_u8(low, high));
}
V float32x4_t shift4(float32x4_t y, float32x4_t z) { /* ULM_ROUND's low bits are zero */
  const int32x4_t n = vshlq_n_s32(vreinterpretq_s32_f32(z), 23);
  return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(y), n));
}
V v16 v_shift(v16 x, v16 y) { return EACH(shift4); }
V uint32_t v_at_least(v16 x, v16 y) {
  static const uint32_t bit[4] = {1, 2, 4, 8};
  const uint32x4_t m = vld1q_u32(bit);
  return vaddvq_u32(vandq_u32(vcgeq_f32(x.a, y.a), m)) |
         vaddvq_u32(vandq_u32(vcgeq_f32(x.b, y.b), m)) << 4 |
         vaddvq_u32(vandq_u32(vcgeq_f32(x.c, y.c), m)) << 8 |
         vaddvq_u32(vandq_u32(vcgeq_f32(x.d, y.d), m)) << 12;
}
V float v_fold(v16 x) {
  const float32x4_t s = vaddq_f32(vaddq_f32(x.a, x.c), vaddq_f32(x.b, x.d));
  return vaddv_f32(vadd_f32(vget_low_f32(s), vget_high_f32(s)));
}
/* Of four vectors. */
V float32x4_t quarter(v16 x) { return vaddq_f32(vaddq_f32(x.a, x.c), vaddq_f32(x.b, x.d)); }
V float32x4_t two_by_two(float32x4_t x, float32x4_t y) { /* lanes l + (l + 2) of x, then of y */
  const float64x2_t a = vreinterpretq_f64_f32(x), b = vreinterpretq_f64_f32(y);
  return vaddq_f32(vreinterpretq_f32_f64(vzip1q_f64(a, b)),
                   vreinterpretq_f32_f64(vzip2q_f64(a, b)));
}
V float32x4_t fold4(const v16 x[4]) {
  return vpaddq_f32(two_by_two(quarter(x[0]), quarter(x[1])),
                    two_by_two(quarter(x[2]), quarter(x[3])));
}
#define V_FOLD16
V v16 v_fold16(const v16 x[ULM_LANES]) {
  return (v16){fold4(x), fold4(x + 4), fold4(x + 8), fold4(x + 12)};
}
#define V_LARGEST
V float v_largest(v16 x) { return vmaxvq_f32(vmaxq_f32(vmaxq_f32(x.a, x.b), vmaxq_f32(x.c, x.d))); }
V int32_t sum_codes(const int8_t *p) {
  return vaddlvq_s16(vpadalq_s8(vpaddlq_s8(vld1q_s8(p)), vld1q_s8(p + 16)));
}
#undef V
#include "ulm_lanes.h"

/* The words of 4 rows, 64 bytes apart: int8 as they are; int4 as n = w + 8, the low nibbles first.
 */
V void load(int8x16_t v[8], const uint8_t *w, int int4) {
  for (int i = 0; i < (int4 ? 4 : 8); i++) v[i] = vreinterpretq_s8_u8(vld1q_u8(w + 64 * i));
  for (int i = 0; i < (int4 ? 4 : 0); i++) {
    const uint8x16_t n = vreinterpretq_u8_s8(v[i]);
    v[i] = vreinterpretq_s8_u8(vandq_u8(n, vdupq_n_u8(15)));
    v[4 + i] = vreinterpretq_s8_u8(vshrq_n_u8(n, 4));
  }
}

/* lane[q] += (float)isum * (w_scale * a) of 4 * quads rows and group `at` of the activations; from
 * +0 on if it is their first. */
V void add_products(float32x4_t *lane, int first, const uint32_t quads, const int8x16_t v[4][8],
                    const float32x4_t scale[4], const ulm_codes *c, size_t at, int int4) {
  const int8_t *code = c->code + at * ULM_GROUP;
  int32x4_t sum[4];
  quad_sums(sum, quads, v, vld1q_s8(code), vld1q_s8(code + 16), int4 ? 8 * c->minus[at] : 0, int4);
  for (uint32_t q = 0; q < quads; q++)
    lane[q] = vaddq_f32(first ? vdupq_n_f32(0) : lane[q],
                        vmulq_f32(vcvtq_f32_s32(sum[q]), vmulq_n_f32(scale[q], c->scale[at])));
}

/* The tree over the first n lanes, 8 or 16, which stand `step` vectors apart. Those after them hold
 * no group: they are +0 and add nothing to lanes, which are never -0. */
V float32x4_t fold_lanes(const float32x4_t *lane, uint32_t step, const uint32_t n) {
  float32x4_t r[ULM_LANES];
  for (uint32_t l = 0; l < n; l++) r[l] = lane[l * step];
  for (uint32_t half = n / 2; half; half /= 2)
    for (uint32_t l = 0; l < half; l++) r[l] = vaddq_f32(r[l], r[l + half]);
  return r[0];
}

/* y of 4 * quads rows, a constant, and of `tokens` tokens: a group's weights are unpacked once for
 * all of them, the lanes lie in memory. */
V void some_rows(const uint32_t quads, uint32_t tokens, float *y, size_t stride, const uint8_t *w,
                 const uint16_t *scale, uint32_t groups, const ulm_codes *c, size_t at, int int4) {
  float32x4_t lane[ULM_LANES][ULM_BLOCK * 4];
  const uint32_t lanes = groups <= 8 ? 8 : ULM_LANES;
  for (uint32_t l = groups; l < lanes; l++)
    for (uint32_t i = 0; i < tokens * quads; i++) lane[l][i] = vdupq_n_f32(0);
  for (uint32_t g = 0; g < groups; g++, w += int4 ? 256 : 512, scale += ULM_TILE) {
    int8x16_t v[4][8];
    float32x4_t s[4];
    for (uint32_t q = 0; q < quads; q++) load(v[q], w + 16 * q, int4), s[q] = half4(scale + 4 * q);
    float32x4_t *l = lane[g % ULM_LANES];
    for (uint32_t t = 0; t < tokens; t++)
      add_products(l + t * quads, g < ULM_LANES, quads, v, s, c, at + (size_t)t * groups + g, int4);
  }
  for (uint32_t t = 0; t < tokens; t++)
    for (uint32_t q = 0; q < quads; q++) {
      const float32x4_t *l = &lane[0][t * quads + q];
      vst1q_f32(y + t * stride + 4 * q, lanes == 8 ? fold_lanes(l, ULM_BLOCK * 4, 8)
                                                   : fold_lanes(l, ULM_BLOCK * 4, ULM_LANES));
    }
}

/* One token takes a whole tile at a time, in order; several share 8 rows, which fit in registers.
 */
V void tiles(float *y, const ulm_matrix *w, const ulm_codes *c, uint32_t tokens, uint32_t from,
             uint32_t to, int int4) {
  const uint32_t groups = w->cols / ULM_GROUP;
  const size_t row = int4 ? w->cols / 2 : w->cols, stride = w->rows;
  for (uint32_t r = from; r < to; r += ULM_TILE) {
    const uint8_t *values = (const uint8_t *)w->values + r * row;
    const uint16_t *scale = w->scales + (size_t)r * groups;
    for (uint32_t t = 0; t < tokens; t += ULM_BLOCK) {
      const uint32_t n = tokens - t < ULM_BLOCK ? tokens - t : ULM_BLOCK;
      float *out = y + t * stride + r;
      if (n == 1) some_rows(4, 1, out, stride, values, scale, groups, c, (size_t)t * groups, int4);
      for (uint32_t h = 0; n > 1 && h < ULM_TILE; h += 8)
        some_rows(2, n, out + h, stride, values + 4 * h, scale + h, groups, c, (size_t)t * groups,
                  int4);
    }
  }
}

#include "ulm_tiles.h"
#endif
