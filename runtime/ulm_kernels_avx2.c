/* AVX2 with F16C: v16 is two registers, a tile of weights two halves of 8 rows. With ULM_VNNI, the
 * dot products of AVX-VNNI: ulm_kernels_avxvnni.c includes this file. ULM_VNNI 2 takes those of
 * AVX-512 instead, the same intrinsics encoded otherwise: so that where AVX-VNNI is lacking the
 * test runs this code nevertheless. */
#if defined(__x86_64__)
#include "ulm.h"
#include "ulm_kernels.h"
#include "ulm_math.h"
#include <immintrin.h>
#ifdef __clang__
#if !defined(ULM_VNNI)
#define TARGET "avx2,f16c"
#elif ULM_VNNI == 1
#define TARGET "avx2,f16c,avxvnni"
#else
#define TARGET "avx2,f16c,avx512f,avx512vl,avx512vnni"
#endif
#pragma clang attribute push(__attribute__((target(TARGET))), apply_to = function)
#else
#ifdef __OPTIMIZE__
#pragma GCC optimize("O3")
#endif
#if !defined(ULM_VNNI)
#pragma GCC target("avx2,f16c")
#elif ULM_VNNI == 1
#pragma GCC target("avx2,f16c,avxvnni")
#else
#pragma GCC target("avx2,f16c,avx512f,avx512vl,avx512vnni")
#endif
#endif
#define V ULM_INLINE

typedef struct {
  __m256 a, b;
} v16;
#define BOTH(f)                                                                                    \
  (v16) { f(x.a, y.a), f(x.b, y.b) }
V v16 v_set(float x) { return (v16){_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
V v16 v_load(const float *p) { return (v16){_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
V void v_store(float *p, v16 x) { _mm256_storeu_ps(p, x.a), _mm256_storeu_ps(p + 8, x.b); }
V v16 v_add(v16 x, v16 y) { return BOTH(_mm256_add_ps); }
V v16 v_sub(v16 x, v16 y) { return BOTH(_mm256_sub_ps); }
V v16 v_mul(v16 x, v16 y) { return BOTH(_mm256_mul_ps); }
V v16 v_div(v16 x, v16 y) { return BOTH(_mm256_div_ps); }
V v16 v_larger(v16 x, v16 y) { return BOTH(_mm256_max_ps); }
V v16 v_smaller(v16 x, v16 y) { return BOTH(_mm256_min_ps); }
V v16 v_abs(v16 x) {
  const v16 y = v_set(-0.0f);
  return (v16){_mm256_andnot_ps(y.a, x.a), _mm256_andnot_ps(y.b, x.b)};
}
V v16 v_negate(v16 x) {
  const v16 y = v_set(-0.0f);
  return BOTH(_mm256_xor_ps);
}
V __m128i half_load(const void *p) { return _mm_loadu_si128((const __m128i *)p); }
V v16 v_load_f16(const uint16_t *p) {
  return (v16){_mm256_cvtph_ps(half_load(p)), _mm256_cvtph_ps(half_load(p + 8))};
}
V void v_store_f16(uint16_t *p, v16 x) {
  _mm_storeu_si128((__m128i *)(void *)p, _mm256_cvtps_ph(x.a, _MM_FROUND_TO_NEAREST_INT));
  _mm_storeu_si128((__m128i *)(void *)(p + 8), _mm256_cvtps_ph(x.b, _MM_FROUND_TO_NEAREST_INT));
}
V v16 v_load_s8(const int8_t *p) {
  const __m128i c = half_load(p);
  return (v16){_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(c)),
               _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_unpackhi_epi64(c, c)))};
}
V void v_store_low(int8_t *p, v16 x) {
  const __m256i pick =
      _mm256_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 4, 8, 12, -1,
                       -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  const __m256i a = _mm256_shuffle_epi8(_mm256_castps_si256(x.a), pick),
                b = _mm256_shuffle_epi8(_mm256_castps_si256(x.b), pick);
  const __m128i c = _mm_unpacklo_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1)),
                d = _mm_unpacklo_epi32(_mm256_castsi256_si128(b), _mm256_extracti128_si256(b, 1));
  _mm_storeu_si128((__m128i *)(void *)p, _mm_unpacklo_epi64(c, d));
}
V __m256 shift8(__m256 y, __m256 z) { /* ULM_ROUND's low bits are zero */
  const __m256i n = _mm256_slli_epi32(_mm256_castps_si256(z), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(y), n));
}
V v16 v_shift(v16 x, v16 y) { return BOTH(shift8); }
V uint32_t v_at_least(v16 x, v16 y) {
  return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(x.a, y.a, _CMP_GE_OQ)) |
         (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(x.b, y.b, _CMP_GE_OQ)) << 8;
}
V float v_fold(v16 x) {
  const __m256 b = _mm256_add_ps(x.a, x.b);
  const __m128 c = _mm_add_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
  const __m128 d = _mm_add_ps(c, _mm_movehl_ps(c, c));
  return _mm_cvtss_f32(_mm_add_ss(d, _mm_movehdup_ps(d)));
}
#define V_LARGEST
V float v_largest(v16 x) {
  const __m256 b = _mm256_max_ps(x.a, x.b);
  const __m128 c = _mm_max_ps(_mm256_castps256_ps128(b), _mm256_extractf128_ps(b, 1));
  const __m128 d = _mm_max_ps(c, _mm_movehl_ps(c, c));
  return _mm_cvtss_f32(_mm_max_ss(d, _mm_movehdup_ps(d)));
}
V int32_t sum_codes(const int8_t *p) { /* |codes| <= 127: u8 x s8 pairs stay below 2^15 */
  const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
  const __m256i s =
      _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_set1_epi8(1), a), _mm256_set1_epi16(1));
  __m128i b = _mm_add_epi32(_mm256_castsi256_si128(s), _mm256_extracti128_si256(s, 1));
  b = _mm_add_epi32(b, _mm_unpackhi_epi64(b, b));
  return _mm_cvtsi128_si32(_mm_add_epi32(b, _mm_shuffle_epi32(b, 1)));
}
#undef V
#include "ulm_lanes.h"

/* 8 rows of one group: int8 as it is, or w + 128; int4 as n = w + 8, the low nibbles first. */
V void load(__m256i v[8], const uint8_t *w, int int4) {
  for (int i = 0; i < (int4 ? 4 : 8); i++)
    v[i] = _mm256_loadu_si256((const __m256i *)(const void *)(w + 64 * i));
  for (int i = 0; i < (int4 ? 4 : 0); i++) {
    const __m256i low = _mm256_set1_epi8(15);
    v[4 + i] = _mm256_and_si256(_mm256_srli_epi16(v[i], 4), low);
    v[i] = _mm256_and_si256(v[i], low);
  }
#ifdef ULM_VNNI
  for (int i = 0; i < (int4 ? 0 : 8); i++)
    v[i] = _mm256_xor_si256(v[i], _mm256_set1_epi8((char)0x80));
#endif
}

/* isum of 8 rows. */
#ifdef ULM_VNNI
V __m256i isum(const __m256i v[8], const int32_t a[8], int32_t minus, int int4) {
  __m256i sum = _mm256_slli_epi32(_mm256_set1_epi32(minus), int4 ? 3 : 7);
  __m256i more = _mm256_setzero_si256();
  for (int i = 0; i < 8; i += 2) {
#if ULM_VNNI == 1
    sum = _mm256_dpbusd_avx_epi32(sum, v[i], _mm256_set1_epi32(a[i]));
    more = _mm256_dpbusd_avx_epi32(more, v[i + 1], _mm256_set1_epi32(a[i + 1]));
#else
    sum = _mm256_dpbusd_epi32(sum, v[i], _mm256_set1_epi32(a[i]));
    more = _mm256_dpbusd_epi32(more, v[i + 1], _mm256_set1_epi32(a[i + 1]));
#endif
  }
  return _mm256_add_epi32(sum, more);
}
#else
/* Pairs of bytes are multiplied as |w| (0..128) times the code with w's sign, at most 2 * 128 * 127
 * < 2^15; eight pairs of nibbles are at most 30,480. */
V __m256i isum(const __m256i v[8], const int32_t a[8], int32_t minus, int int4) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sum = _mm256_setzero_si256();
  if (int4) {
    for (int i = 0; i < 8; i++)
      sum = _mm256_add_epi16(sum, _mm256_maddubs_epi16(v[i], _mm256_set1_epi32(a[i])));
    return _mm256_add_epi32(_mm256_madd_epi16(sum, ones), _mm256_set1_epi32(8 * minus));
  }
  for (int i = 0; i < 8; i++) {
    const __m256i s = _mm256_sign_epi8(_mm256_set1_epi32(a[i]), v[i]);
    const __m256i p = _mm256_maddubs_epi16(_mm256_abs_epi8(v[i]), s);
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(p, ones));
  }
  return sum;
}
#endif

/* (float)isum * (w_scale * a) of 8 rows. */
V __m256 product(const __m256i v[8], __m256 scale, const ulm_codes *c, size_t at, int int4) {
  int32_t a[8];
  memcpy(a, c->code + at * ULM_GROUP, sizeof a);
  return _mm256_mul_ps(_mm256_cvtepi32_ps(isum(v, a, c->minus[at], int4)),
                       _mm256_mul_ps(scale, _mm256_set1_ps(c->scale[at])));
}

/* `tokens` tokens, a constant, and 8 rows: each group's weights are unpacked once, the lanes lie in
 * memory. */
V void half_tile(const uint32_t tokens, float *y, size_t stride, const uint8_t *w,
                 const uint16_t *scale, uint32_t groups, const ulm_codes *c, size_t at, int int4) {
  __m256 lane[ULM_LANES][ULM_BLOCK];
  for (uint32_t g = 0; g < groups; g++) {
    __m256i v[8];
    load(v, w + (size_t)g * (int4 ? 256 : 512), int4);
    const __m256 s = _mm256_cvtph_ps(half_load(scale + (size_t)g * ULM_TILE));
    __m256 *l = lane[g % ULM_LANES];
    for (uint32_t t = 0; t < tokens; t++)
      l[t] = _mm256_add_ps(g < ULM_LANES ? _mm256_setzero_ps() : l[t],
                           product(v, s, c, at + (size_t)t * groups + g, int4));
  }
  for (uint32_t t = 0; t < tokens; t++) {
    for (uint32_t l = groups; l < ULM_LANES; l++) lane[l][t] = _mm256_setzero_ps();
    for (uint32_t half = 8; half; half /= 2)
      for (uint32_t l = 0; l < half; l++) lane[l][t] = _mm256_add_ps(lane[l][t], lane[l + half][t]);
    _mm256_storeu_ps(y + t * stride, lane[0][t]);
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

#if !defined(ULM_VNNI)
const ulm_kernels ulm_avx2 = ULM_TABLE("avx2");
#elif ULM_VNNI == 1
const ulm_kernels ulm_avxvnni = ULM_TABLE("avxvnni");
#else
const ulm_kernels ulm_avxvnni_as_avx512 = ULM_TABLE("avxvnni");
#endif
#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int ulm_no_avx2; /* ISO C wants a declaration in every file */
#endif
