/* AVX-512 with VNNI: v16 is one register, a tile of weights 16 rows of one. Several tokens go
 * through two tiles at once, 16 sums in registers: 8 dot products a code word of 4, 4 float
 * operations a group. */
#if defined(__x86_64__)
#include "ulm.h"
#include "ulm_kernels.h"
#include "ulm_math.h"
#include <immintrin.h>
#ifdef __clang__
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), apply_to = function)
#else
#ifdef __OPTIMIZE__
#pragma GCC optimize("O3")
#endif
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
#endif
#define V ULM_INLINE

typedef __m512 v16;
V v16 v_set(float x) { return _mm512_set1_ps(x); }
V v16 v_load(const float *p) { return _mm512_loadu_ps(p); }
V void v_store(float *p, v16 a) { _mm512_storeu_ps(p, a); }
V v16 v_add(v16 a, v16 b) { return _mm512_add_ps(a, b); }
V v16 v_sub(v16 a, v16 b) { return _mm512_sub_ps(a, b); }
V v16 v_mul(v16 a, v16 b) { return _mm512_mul_ps(a, b); }
V v16 v_div(v16 a, v16 b) { return _mm512_div_ps(a, b); }
V v16 v_abs(v16 a) { return _mm512_and_ps(a, _mm512_castsi512_ps(_mm512_set1_epi32(0x7fffffff))); }
V v16 v_negate(v16 a) { return _mm512_xor_ps(a, _mm512_set1_ps(-0.0f)); }
V v16 v_larger(v16 a, v16 b) { return _mm512_max_ps(a, b); }
V v16 v_smaller(v16 a, v16 b) { return _mm512_min_ps(a, b); }
V v16 v_load_f16(const uint16_t *p) {
  return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)p));
}
V void v_store_f16(uint16_t *p, v16 a) {
  _mm256_storeu_si256((__m256i *)(void *)p, _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}
V v16 v_load_s8(const int8_t *p) {
  return _mm512_cvtepi32_ps(
      _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(const void *)p)));
}
V void v_store_low(int8_t *p, v16 a) {
  _mm_storeu_si128((__m128i *)(void *)p, _mm512_cvtepi32_epi8(_mm512_castps_si512(a)));
}
V v16 v_shift(v16 y, v16 z) { /* ULM_ROUND's low bits are zero */
  const __m512i n = _mm512_slli_epi32(_mm512_castps_si512(z), 23);
  return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(y), n));
}
V uint32_t v_at_least(v16 a, v16 b) { return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ); }
V float v_fold(v16 a) {
  const __m256 b = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
  const __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
  const __m128 d = _mm_add_ps(c, _mm_movehl_ps(c, c));
  return _mm_cvtss_f32(_mm_add_ss(d, _mm_movehdup_ps(d)));
}
#define V_LARGEST
V float v_largest(v16 a) {
  const __m256 b = _mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
  const __m128 c = _mm_max_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
  const __m128 d = _mm_max_ps(c, _mm_movehl_ps(c, c));
  return _mm_cvtss_f32(_mm_max_ss(d, _mm_movehdup_ps(d)));
}
#define V_FOLD16
/* Each level of the tree on two vectors at once; the lanes come out in order. */
V v16 fold2(v16 a, v16 b) { /* lanes l and l + 8: 8 of a, 8 of b */
  return v_add(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xee));
}
V v16 fold4(v16 a, v16 b) { /* l and l + 4: 4 each of what a and b hold */
  return v_add(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xdd));
}
V v16 fold8(v16 a, v16 b) { /* l and l + 2 within 128 bits */
  return v_add(_mm512_shuffle_ps(a, b, 0x44), _mm512_shuffle_ps(a, b, 0xee));
}
V v16 v_fold16(const v16 a[ULM_LANES]) {
  v16 c[4];
  for (int i = 0; i < 4; i++) /* 128 bits i of c: */
    c[i] = fold4(fold2(a[i], a[i + 4]), fold2(a[i + 8], a[i + 12]));
  const v16 d = fold8(c[0], c[1]), e = fold8(c[2], c[3]);
  return v_add(_mm512_shuffle_ps(d, e, 0x88), _mm512_shuffle_ps(d, e, 0xdd));
}
V int32_t sum_codes(const int8_t *p) {
  const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
  const __m256i s = _mm256_dpbusd_epi32(_mm256_setzero_si256(), _mm256_set1_epi8(1), a);
  __m128i b = _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
  b = _mm_add_epi32(b, _mm_unpackhi_epi64(b, b));
  return _mm_cvtsi128_si32(_mm_add_epi32(b, _mm_shuffle_epi32(b, 1)));
}

#define V_WIDE
#undef V
#include "ulm_lanes.h"

/* Weights as unsigned bytes: w + 128, or n = w + 8, where word i of a group has the low nibbles of
 * word i and the high ones of word i + 4. */
V void load(__m512i v[2], const uint8_t *w, int int4) {
  const __m512i x = _mm512_loadu_si512(w), low = _mm512_set1_epi8(15);
  v[0] = int4 ? _mm512_and_si512(x, low) : _mm512_xor_si512(x, _mm512_set1_epi8((char)0x80));
  if (int4) v[1] = _mm512_and_si512(_mm512_srli_epi16(x, 4), low);
}

V __m512i word(const int8_t *code) {
  int32_t x;
  memcpy(&x, code, sizeof x);
  return _mm512_set1_epi32(x);
}

/* What the unsigned weights add, taken off. */
V __m512i begin(const ulm_codes *c, size_t at, int int4) {
  return _mm512_slli_epi32(_mm512_set1_epi32(c->minus[at]), int4 ? 3 : 7);
}

/* (float)isum * (w_scale * a) */
V v16 product(__m512i sum, v16 scale, const ulm_codes *c, size_t at) {
  return v_mul(_mm512_cvtepi32_ps(sum), v_mul(scale, v_set(c->scale[at])));
}

/* One token: the 16 lanes of 16 rows stay in registers. */
V void one(float *y, const uint8_t *w, const uint16_t *scale, uint32_t groups, const ulm_codes *c,
           size_t at, int int4) {
  const uint32_t size = int4 ? 256 : 512;
#define L(X)     X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define BEGIN(i) v16 a##i = v_set(0);
#define ADD(i)                                                                                     \
  if (g + i < groups) {                                                                            \
    __m512i v[2], sum = begin(c, at + g + i, int4), more = _mm512_setzero_si512();                 \
    const int8_t *a = c->code + (at + g + i) * ULM_GROUP;                                          \
    for (uint32_t j = 0; j < (int4 ? 4 : 8); j += 2) {                                             \
      load(v, w + (size_t)(g + i) * size + 64 * j, int4);                                          \
      sum = _mm512_dpbusd_epi32(sum, v[0], word(a + 4 * j));                                       \
      if (int4) sum = _mm512_dpbusd_epi32(sum, v[1], word(a + 4 * j + 16));                        \
      load(v, w + (size_t)(g + i) * size + 64 * j + 64, int4);                                     \
      more = _mm512_dpbusd_epi32(more, v[0], word(a + 4 * j + 4));                                 \
      if (int4) more = _mm512_dpbusd_epi32(more, v[1], word(a + 4 * j + 20));                      \
    }                                                                                              \
    sum = _mm512_add_epi32(sum, more);                                                             \
    a##i = v_add(a##i, product(sum, v_load_f16(scale + (g + i) * ULM_TILE), c, at + g + i));       \
  }
  L(BEGIN)
  for (uint32_t g = 0; g < groups; g += ULM_LANES) {
    L(ADD)
  }
#define FOLD(i, j) a##i = v_add(a##i, a##j);
  FOLD(0, 8)
  FOLD(1, 9)
  FOLD(2, 10)
  FOLD(3, 11)
  FOLD(4, 12)
  FOLD(5, 13) FOLD(6, 14) FOLD(7, 15) FOLD(0, 4) FOLD(1, 5) FOLD(2, 6) FOLD(3, 7) FOLD(0, 2)
      FOLD(1, 3) v_store(y, v_add(a0, a1));
}

/* Several tokens and tiles, both constants: each word of weights is loaded once for all tokens,
 * each code once for all tiles; the sums of a group stay in registers, the lanes lie in memory. */
#define EACH(i, n) _Pragma("GCC unroll 16") for (uint32_t i = 0; i < (n); i++)
V void group(v16 *lane, const uint32_t tokens, const uint32_t tiles, const uint8_t *w, size_t tile,
             const uint16_t *scale, size_t scale_tile, uint32_t groups, const ulm_codes *c,
             size_t at, int int4, int first) {
  __m512i sum[16];
  EACH(t, tokens) EACH(k, tiles) sum[t * tiles + k] = begin(c, at + (size_t)t * groups, int4);
  const int8_t *a = c->code + at * ULM_GROUP;
  const size_t next = (size_t)groups * ULM_GROUP;
  const uint32_t words = int4 ? 4 : 8;
  EACH(i, words) {
    __m512i v[2][2];
    EACH(k, tiles) load(v[k], w + k * tile + 64 * i, int4);
    EACH(t, tokens) {
      const __m512i x = word(a + t * next + 4 * i);
      EACH(k, tiles) sum[t * tiles + k] = _mm512_dpbusd_epi32(sum[t * tiles + k], v[k][0], x);
      if (!int4) continue;
      const __m512i z = word(a + t * next + 4 * i + 16);
      EACH(k, tiles) sum[t * tiles + k] = _mm512_dpbusd_epi32(sum[t * tiles + k], v[k][1], z);
    }
  }
  EACH(k, tiles) {
    const v16 s = v_load_f16(scale + k * scale_tile);
    EACH(t, tokens) {
      const v16 p = product(sum[t * tiles + k], s, c, at + (size_t)t * groups);
      v16 *l = lane + t * tiles + k;
      *l = first ? p : v_add(*l, p);
    }
  }
}

/* Lanes begin with their first product instead of 0 + it: that differs in the sign of zeros, which
 * adding 0 at the end makes right. */
V void several(const uint32_t tokens, const uint32_t tiles, float *y, size_t stride,
               const uint8_t *w, const uint16_t *scale, uint32_t groups, const ulm_codes *c,
               size_t at, int int4) {
  v16 lane[ULM_LANES][16];
  const uint32_t size = int4 ? 256 : 512;
  const size_t tile = (size_t)groups * size, scale_tile = (size_t)groups * ULM_TILE;
  for (uint32_t g = 0; g < groups; g++, w += size, scale += ULM_TILE)
    if (g < ULM_LANES)
      group(lane[g], tokens, tiles, w, tile, scale, scale_tile, groups, c, at + g, int4, 1);
    else
      group(lane[g % ULM_LANES], tokens, tiles, w, tile, scale, scale_tile, groups, c, at + g, int4,
            0);
  for (uint32_t half = 8; half; half /= 2)
    for (uint32_t l = 0; l < half && l + half < groups; l++)
      EACH(i, tokens * tiles) lane[l][i] = v_add(lane[l][i], lane[l + half][i]);
  EACH(i, tokens * tiles)
  v_store(y + i / tiles * stride + i % tiles * ULM_TILE, v_add(lane[0][i], v_set(0)));
}

V void tiles(float *y, const ulm_matrix *w, const ulm_codes *c, uint32_t tokens, uint32_t from,
             uint32_t to, int int4) {
  const uint32_t groups = w->cols / ULM_GROUP;
  const size_t row = int4 ? w->cols / 2 : w->cols, stride = w->rows;
#define SEVERAL(tokens, tiles)                                                                     \
  several(tokens, tiles, y + t * stride + r, stride, (const uint8_t *)w->values + r * row,         \
          w->scales + (size_t)r * groups, groups, c, (size_t)t * groups, int4)
  for (uint32_t r = from, next; r < to; r = next) {
    const uint32_t eights = tokens - tokens % 8;
    next = r + (eights && to - r >= 2 * ULM_TILE ? 2 : 1) * ULM_TILE;
    if (next - r > ULM_TILE)
      for (uint32_t t = 0; t < eights; t += 8) SEVERAL(8, 2);
    else
      for (uint32_t t = 0; t < eights; t += 8) SEVERAL(8, 1);
    for (; r < next; r += ULM_TILE) {
      uint32_t t = eights;
      if (tokens - t >= 4) {
        SEVERAL(4, 1);
        t += 4;
      }
      if (tokens - t >= 2) {
        SEVERAL(2, 1);
        t += 2;
      }
      if (t < tokens)
        one(y + t * stride + r, (const uint8_t *)w->values + r * row,
            w->scales + (size_t)r * groups, groups, c, (size_t)t * groups, int4);
    }
  }
}

#include "ulm_tiles.h"

const ulm_kernels ulm_avx512 = ULM_TABLE("avx512");
#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int ulm_no_avx512; /* ISO C wants a declaration in every file */
#endif
