/* AVX-512 with VNNI: v16 is one register, a tile of weights 16 rows of one. */
#if defined(__x86_64__)
#include "ulm.h"
#include "ulm_kernels.h"
#include "ulm_math.h"
#include <immintrin.h>
#ifdef __clang__
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), apply_to = function)
#else
#pragma GCC optimize("O3")
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
#endif
#define V static inline __attribute__((always_inline))

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
V int32_t sum_codes(const int8_t *p) {
  const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
  const __m256i s = _mm256_dpbusd_epi32(_mm256_setzero_si256(), _mm256_set1_epi8(1), a);
  __m128i b = _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
  b = _mm_add_epi32(b, _mm_unpackhi_epi64(b, b));
  return _mm_cvtsi128_si32(_mm_add_epi32(b, _mm_shuffle_epi32(b, 1)));
}

#undef V
#include "ulm_lanes.h"

/* Weights of one group, 16 rows, as unsigned bytes: w + 128 or n = w + 8. */
V void load(__m512i v[8], const uint8_t *w, int int4) {
  for (int i = 0; i < (int4 ? 4 : 8); i++) v[i] = _mm512_loadu_si512(w + 64 * i);
  if (int4)
    for (int i = 0; i < 4; i++) {
      const __m512i low = _mm512_set1_epi8(15);
      v[4 + i] = _mm512_and_si512(_mm512_srli_epi16(v[i], 4), low);
      v[i] = _mm512_and_si512(v[i], low);
    }
  else
    for (int i = 0; i < 8; i++) v[i] = _mm512_xor_si512(v[i], _mm512_set1_epi8((char)0x80));
}

/* 16 rows times group `at` of the activations: (float)isum * (w_scale * a). */
V v16 product(const __m512i v[8], v16 scale, const ulm_codes *c, size_t at, int int4) {
  __m512i sum = _mm512_slli_epi32(_mm512_set1_epi32(c->minus[at]), int4 ? 3 : 7), more;
  int32_t a[8];
  memcpy(a, c->code + at * ULM_GROUP, sizeof a);
  more = _mm512_dpbusd_epi32(_mm512_setzero_si512(), v[0], _mm512_set1_epi32(a[0]));
  for (int i = 1; i < 4; i++) more = _mm512_dpbusd_epi32(more, v[i], _mm512_set1_epi32(a[i]));
  for (int i = 4; i < 8; i++) sum = _mm512_dpbusd_epi32(sum, v[i], _mm512_set1_epi32(a[i]));
  sum = _mm512_add_epi32(sum, more);
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
    __m512i v[8];                                                                                  \
    load(v, w + (size_t)(g + i) * size, int4);                                                     \
    a##i = v_add(a##i, product(v, v_load_f16(scale + (g + i) * ULM_TILE), c, at + g + i, int4));   \
  }
  L(BEGIN)
  for (uint32_t g = 0; g < groups; g += ULM_LANES) {
    L(ADD)
  }
#define FOLD(i, j) a##i = v_add(a##i, a##j);
  FOLD(0, 8)
  FOLD(1, 9) FOLD(2, 10) FOLD(3, 11) FOLD(4, 12) FOLD(5, 13) FOLD(6, 14) FOLD(7, 15) FOLD(0, 4)
      FOLD(1, 5) FOLD(2, 6) FOLD(3, 7) FOLD(0, 2) FOLD(1, 3) v_store(y, v_add(a0, a1));
}

/* `tokens` tokens, a constant: each group's weights are unpacked once, the lanes lie in memory. */
V void several(const uint32_t tokens, float *y, size_t stride, const uint8_t *w,
               const uint16_t *scale, uint32_t groups, const ulm_codes *c, size_t at, int int4) {
  v16 lane[ULM_LANES][ULM_BLOCK];
  for (uint32_t g = 0; g < groups; g++) {
    __m512i v[8];
    load(v, w + (size_t)g * (int4 ? 256 : 512), int4);
    const v16 s = v_load_f16(scale + (size_t)g * ULM_TILE);
    v16 *l = lane[g % ULM_LANES];
    for (uint32_t t = 0; t < tokens; t++)
      l[t] = v_add(g < ULM_LANES ? v_set(0) : l[t],
                   product(v, s, c, at + (size_t)t * groups + g, int4));
  }
  for (uint32_t t = 0; t < tokens; t++) {
    for (uint32_t l = groups; l < ULM_LANES; l++) lane[l][t] = v_set(0);
    for (uint32_t half = 8; half; half /= 2)
      for (uint32_t l = 0; l < half; l++) lane[l][t] = v_add(lane[l][t], lane[l + half][t]);
    v_store(y + t * stride, lane[0][t]);
  }
}

V void tiles(float *y, const ulm_matrix *w, const ulm_codes *c, uint32_t tokens, uint32_t from,
             uint32_t to, int int4) {
  const uint32_t groups = w->cols / ULM_GROUP;
  const size_t row = int4 ? w->cols / 2 : w->cols, stride = w->rows;
  for (uint32_t r = from; r < to; r += ULM_TILE) {
    const uint8_t *values = (const uint8_t *)w->values + r * row;
    const uint16_t *scale = w->scales + (size_t)r * groups;
    uint32_t t = 0;
    for (; t + 8 <= tokens; t += 8)
      several(8, y + t * stride + r, stride, values, scale, groups, c, (size_t)t * groups, int4);
    if (tokens - t >= 4) {
      several(4, y + t * stride + r, stride, values, scale, groups, c, (size_t)t * groups, int4);
      t += 4;
    }
    if (tokens - t >= 2) {
      several(2, y + t * stride + r, stride, values, scale, groups, c, (size_t)t * groups, int4);
      t += 2;
    }
    if (t < tokens) one(y + t * stride + r, values, scale, groups, c, (size_t)t * groups, int4);
  }
}

static void matmul(float *y, const ulm_matrix *w, const float *x, const ulm_codes *c,
                   uint32_t tokens, uint32_t from, uint32_t to) {
  const uint32_t whole = to - (to - from) % ULM_TILE;
  if (w->type == ULM_F32)
    matmul_floats(ULM_KV_F32, y, w, x, tokens, from, to);
  else if (w->type == ULM_F16)
    matmul_floats(ULM_KV_F16, y, w, x, tokens, from, to);
  else if (!w->tiled)
    ulm_portable.matmul(y, w, x, c, tokens, from, to);
  else {
    if (w->type == ULM_INT4)
      tiles(y, w, c, tokens, from, whole, 1);
    else
      tiles(y, w, c, tokens, from, whole, 0);
    if (whole < to) ulm_portable.matmul(y, w, x, c, tokens, whole, to);
  }
}

const ulm_kernels ulm_avx512 = ULM_TABLE("avx512");
#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int ulm_no_avx512; /* ISO C wants a declaration in every file */
#endif
