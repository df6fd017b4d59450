/* WebAssembly SIMD of 128 bits (neither relaxed nor fused): v16 is four vectors, a tile of weights
 * two halves of 8 rows. */
#if defined(__wasm_simd128__)
#include "ulm.h"
#include "ulm_kernels.h"
#include "ulm_math.h"
#include <wasm_simd128.h>
#define V ULM_INLINE

typedef struct {
  v128_t a, b, c, d;
} v16;
#define EACH(f)                                                                                    \
  (v16) { f(x.a), f(x.b), f(x.c), f(x.d) }
#define PAIR(f)                                                                                    \
  (v16) { f(x.a, y.a), f(x.b, y.b), f(x.c, y.c), f(x.d, y.d) }
V v16 v_set(float s) {
  const v128_t x = wasm_f32x4_splat(s);
  return (v16){x, x, x, x};
}
V v16 v_load(const float *p) {
  return (v16){wasm_v128_load(p), wasm_v128_load(p + 4), wasm_v128_load(p + 8),
               wasm_v128_load(p + 12)};
}
V void v_store(float *p, v16 x) {
  wasm_v128_store(p, x.a), wasm_v128_store(p + 4, x.b);
  wasm_v128_store(p + 8, x.c), wasm_v128_store(p + 12, x.d);
}
V v16 v_add(v16 x, v16 y) { return PAIR(wasm_f32x4_add); }
V v16 v_sub(v16 x, v16 y) { return PAIR(wasm_f32x4_sub); }
V v16 v_mul(v16 x, v16 y) { return PAIR(wasm_f32x4_mul); }
V v16 v_div(v16 x, v16 y) { return PAIR(wasm_f32x4_div); }
V v16 v_larger(v16 y, v16 x) { return PAIR(wasm_f32x4_pmax); } /* pmax(x, y) = x < y ? y : x */
V v16 v_smaller(v16 y, v16 x) { return PAIR(wasm_f32x4_pmin); }
V v16 v_abs(v16 x) { return EACH(wasm_f32x4_abs); }
V v16 v_negate(v16 x) { return EACH(wasm_f32x4_neg); }

/* Four binary16 in the low halves of four words. Their bits, moved into a float's place, are 2^112
 * too small; infinities and NaN get the largest exponent. */
V v128_t from_half(v128_t h) {
  const v128_t mag = wasm_i32x4_shl(wasm_v128_and(h, wasm_i32x4_splat(0x7fff)), 13);
  const v128_t special =
      wasm_v128_and(wasm_i32x4_ge(mag, wasm_i32x4_splat(31 << 23)), wasm_i32x4_splat(0x7f800000));
  const v128_t sign = wasm_i32x4_shl(wasm_v128_and(h, wasm_i32x4_splat(0x8000)), 16);
  return wasm_v128_or(wasm_v128_or(wasm_f32x4_mul(mag, wasm_f32x4_splat(0x1p112f)), special), sign);
}
/* ulm_f16_from_f32: adding 1/2 rounds a subnormal half to its unit of 2^-24. */
V v128_t to_half(v128_t x) {
  const v128_t mag = wasm_v128_and(x, wasm_i32x4_splat(0x7fffffff));
  const v128_t sign = wasm_v128_and(wasm_u32x4_shr(x, 16), wasm_i32x4_splat(0x8000));
  const v128_t half = wasm_f32x4_splat(0.5f), low = wasm_i32x4_sub(wasm_f32x4_add(mag, half), half);
  const v128_t odd = wasm_v128_and(wasm_u32x4_shr(mag, 13), wasm_i32x4_splat(1));
  const v128_t near = wasm_i32x4_add(wasm_i32x4_add(mag, odd), wasm_i32x4_splat(0xfff));
  v128_t y = wasm_i32x4_sub(wasm_u32x4_shr(near, 13), wasm_i32x4_splat(112 << 10));
  y = wasm_v128_bitselect(low, y, wasm_i32x4_lt(mag, wasm_i32x4_splat(0x38800000)));
  y = wasm_v128_bitselect(wasm_i32x4_splat(0x7c00), y,
                          wasm_i32x4_ge(mag, wasm_i32x4_splat(0x477ff000)));
  y = wasm_v128_bitselect(wasm_i32x4_splat(0x7e00), y,
                          wasm_i32x4_gt(mag, wasm_i32x4_splat(0x7f800000)));
  return wasm_v128_or(y, sign);
}
V v128_t load_half(const uint16_t *p) { return from_half(wasm_u32x4_load16x4(p)); }
V v16 v_load_f16(const uint16_t *p) {
  return (v16){load_half(p), load_half(p + 4), load_half(p + 8), load_half(p + 12)};
}
V void v_store_f16(uint16_t *p, v16 x) {
  wasm_v128_store(p, wasm_u16x8_narrow_i32x4(to_half(x.a), to_half(x.b)));
  wasm_v128_store(p + 8, wasm_u16x8_narrow_i32x4(to_half(x.c), to_half(x.d)));
}
V v16 v_load_s8(const int8_t *p) {
  const v128_t x = wasm_i16x8_load8x8(p), y = wasm_i16x8_load8x8(p + 8);
  return (v16){wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(x)),
               wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(x)),
               wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(y)),
               wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(y))};
}
V void v_store_low(int8_t *p, v16 x) {
#define LOW(a, b) wasm_i8x16_shuffle(a, b, 0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12, 16, 20, 24, 28)
  wasm_v128_store(p, wasm_i64x2_shuffle(LOW(x.a, x.b), LOW(x.c, x.d), 0, 2));
}
V v128_t shift4(v128_t y, v128_t z) { /* ULM_ROUND's low bits are zero */
  return wasm_i32x4_add(y, wasm_i32x4_shl(z, 23));
}
V v16 v_shift(v16 x, v16 y) { return PAIR(shift4); }
V uint32_t v_at_least(v16 x, v16 y) {
  const v16 m = PAIR(wasm_f32x4_ge);
  return (uint32_t)wasm_i32x4_bitmask(m.a) | (uint32_t)wasm_i32x4_bitmask(m.b) << 4 |
         (uint32_t)wasm_i32x4_bitmask(m.c) << 8 | (uint32_t)wasm_i32x4_bitmask(m.d) << 12;
}
V float v_fold(v16 x) {
  const v128_t b = wasm_f32x4_add(wasm_f32x4_add(x.a, x.c), wasm_f32x4_add(x.b, x.d));
  const v128_t c = wasm_f32x4_add(b, wasm_i64x2_shuffle(b, b, 1, 1));
  return wasm_f32x4_extract_lane(c, 0) + wasm_f32x4_extract_lane(c, 1);
}
#define V_LARGEST
V v128_t larger4(v128_t a, v128_t b) { return wasm_f32x4_pmax(b, a); }
V float v_largest(v16 x) {
  const v128_t b = larger4(larger4(x.a, x.c), larger4(x.b, x.d));
  const v128_t c = larger4(b, wasm_i64x2_shuffle(b, b, 1, 1));
  return wasm_f32x4_extract_lane(larger4(c, wasm_i32x4_shuffle(c, c, 1, 1, 1, 1)), 0);
}
#define V_FOLD16
V v128_t fold4(const v16 *a) { /* the last two levels of four trees at once */
  v128_t b[4];
  for (int i = 0; i < 4; i++)
    b[i] = wasm_f32x4_add(wasm_f32x4_add(a[i].a, a[i].c), wasm_f32x4_add(a[i].b, a[i].d));
  const v128_t c = wasm_f32x4_add(wasm_i64x2_shuffle(b[0], b[1], 0, 2),
                                  wasm_i64x2_shuffle(b[0], b[1], 1, 3)),
               d = wasm_f32x4_add(wasm_i64x2_shuffle(b[2], b[3], 0, 2),
                                  wasm_i64x2_shuffle(b[2], b[3], 1, 3));
  return wasm_f32x4_add(wasm_i32x4_shuffle(c, d, 0, 2, 4, 6), wasm_i32x4_shuffle(c, d, 1, 3, 5, 7));
}
V v16 v_fold16(const v16 a[ULM_LANES]) {
  return (v16){fold4(a), fold4(a + 4), fold4(a + 8), fold4(a + 12)};
}
V int32_t sum_codes(const int8_t *p) {
  const v128_t a = wasm_i16x8_extadd_pairwise_i8x16(wasm_v128_load(p)),
               b = wasm_i16x8_extadd_pairwise_i8x16(wasm_v128_load(p + 16));
  const v128_t c = wasm_i32x4_extadd_pairwise_i16x8(wasm_i16x8_add(a, b));
  const v128_t d = wasm_i32x4_add(c, wasm_i64x2_shuffle(c, c, 1, 1));
  return wasm_i32x4_extract_lane(d, 0) + wasm_i32x4_extract_lane(d, 1);
}
#undef V
#include "ulm_lanes.h"

/* 4 rows of one word, each code a 16-bit number: rows 0 and 1, rows 2 and 3. int4 as n = w + 8, the
 * low nibbles first. */
V void word(v128_t v[2], const uint8_t *w, int i, int int4) {
  v128_t x = wasm_v128_load(w + 64 * (int4 ? i % 4 : i));
  if (int4) x = i < 4 ? wasm_v128_and(x, wasm_i8x16_splat(15)) : wasm_u8x16_shr(x, 4);
  v[0] = wasm_i16x8_extend_low_i8x16(x);
  v[1] = wasm_i16x8_extend_high_i8x16(x);
}

/* Group g of 8 rows times `tokens` tokens, a constant: sums of 32 products. Two products of bytes
 * are at most 2 * 128 * 127 < 2^15; eight of a nibble and a byte 15,240. */
V void sums(const uint32_t tokens, v128_t sum[][2], const uint8_t *w, const ulm_codes *c, size_t at,
            uint32_t groups, int int4) {
  v128_t wide[4][4], narrow[4][4]; /* [tokens, pairs of rows]: halves of each row's sum */
  for (uint32_t t = 0; t < tokens; t++)
    for (int h = 0; h < 4; h++) wide[t][h] = narrow[t][h] = wasm_i32x4_splat(0);
  for (int i = 0; i < 8; i++) {
    v128_t v[4];
    word(v, w, i, int4), word(v + 2, w + 16, i, int4);
    for (uint32_t t = 0; t < tokens; t++) {
      const int8_t *code = c->code + (at + (size_t)t * groups) * ULM_GROUP;
      const v128_t a = wasm_i16x8_extend_low_i8x16(wasm_v128_load32_splat(code + 4 * i));
      for (int h = 0; h < 4; h++) {
        const v128_t p = wasm_i16x8_mul(v[h], a);
        narrow[t][h] = (int4 ? i : i % 2) ? wasm_i16x8_add(narrow[t][h], p) : p;
        if (int4 ? i == 7 : i % 2)
          wide[t][h] = wasm_i32x4_add(wide[t][h], wasm_i32x4_extadd_pairwise_i16x8(narrow[t][h]));
      }
    }
  }
  for (uint32_t t = 0; t < tokens; t++)
    for (int h = 0; h < 2; h++) {
      const v128_t x = wide[t][2 * h], y = wide[t][2 * h + 1];
      sum[t][h] = wasm_i32x4_add(wasm_i32x4_shuffle(x, y, 0, 2, 4, 6),
                                 wasm_i32x4_shuffle(x, y, 1, 3, 5, 7));
      if (int4)
        sum[t][h] =
            wasm_i32x4_add(sum[t][h], wasm_i32x4_splat(8 * c->minus[at + (size_t)t * groups]));
    }
}

/* 8 rows: the lanes lie in memory. */
V void half_tile(const uint32_t tokens, float *y, size_t stride, const uint8_t *w,
                 const uint16_t *scale, uint32_t groups, const ulm_codes *c, size_t at, int int4) {
  v128_t lane[ULM_LANES][4][2];
  for (uint32_t g = 0; g < groups; g++) {
    v128_t sum[4][2];
    sums(tokens, sum, w + (size_t)g * (int4 ? 256 : 512), c, at + g, groups, int4);
    for (int h = 0; h < 2; h++) {
      const v128_t s = load_half(scale + (size_t)g * ULM_TILE + 4 * h);
      for (uint32_t t = 0; t < tokens; t++) {
        const v128_t a = wasm_f32x4_splat(c->scale[at + g + (size_t)t * groups]);
        const v128_t p = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(sum[t][h]), wasm_f32x4_mul(s, a));
        v128_t *l = &lane[g % ULM_LANES][t][h];
        *l = wasm_f32x4_add(g < ULM_LANES ? wasm_f32x4_splat(0) : *l, p);
      }
    }
  }
  for (uint32_t t = 0; t < tokens; t++) /* lanes from `groups` on are +0, and no lane is -0 */
    for (int h = 0; h < 2; h++) {
      for (uint32_t half = 8; half; half /= 2)
        for (uint32_t l = 0; l < half && l + half < groups; l++)
          lane[l][t][h] = wasm_f32x4_add(lane[l][t][h], lane[l + half][t][h]);
      wasm_v128_store(y + t * stride + 4 * h, lane[0][t][h]);
    }
}

V void tiles(float *y, const ulm_matrix *w, const ulm_codes *c, uint32_t tokens, uint32_t from,
             uint32_t to, int int4) {
  const uint32_t groups = w->cols / ULM_GROUP;
  const size_t row = int4 ? w->cols / 2 : w->cols, stride = w->rows;
  for (uint32_t r = from; r < to; r += 8) {
    const uint32_t half = r % ULM_TILE, first = r - half;
    const uint8_t *values = (const uint8_t *)w->values + first * row + 4 * half;
    const uint16_t *scale = w->scales + (size_t)first * groups + half;
    uint32_t t = 0;
    for (; t + 4 <= tokens; t += 4)
      half_tile(4, y + t * stride + r, stride, values, scale, groups, c, (size_t)t * groups, int4);
    for (; t < tokens; t++)
      half_tile(1, y + t * stride + r, stride, values, scale, groups, c, (size_t)t * groups, int4);
  }
}

#include "ulm_tiles.h"

const ulm_kernels ulm_wasm = ULM_TABLE("wasm-simd");
#else
typedef int ulm_no_wasm; /* ISO C wants a declaration in every file */
#endif
