/* Inner loops run over 16 lanes or 32 codes, constant trip counts that compilers turn into vectors;
 * gcc keeps the lanes in registers only at -O3. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#if defined(__GNUC__)
#define NOINLINE __attribute__((noinline))
#else
#define NOINLINE
#endif
#include "ulm_kernels.h"
#include "ulm_math.h"

/* ---- Dot products ---- */

static inline float dot_f32(const float *restrict w, const float *restrict x, uint32_t n) {
  float lane[ULM_LANES] = {0}, out[ULM_LANES];
  const uint32_t whole = n / ULM_LANES;
  for (uint32_t i = 0; i < whole; i++, w += ULM_LANES, x += ULM_LANES)
    for (int l = 0; l < ULM_LANES; l++) lane[l] += w[l] * x[l];
  memcpy(out, lane, sizeof out); /* so that `lane` stays in registers */
  for (uint32_t l = 0; l < n % ULM_LANES; l++) out[l] += w[l] * x[l];
  return ulm_fold(out);
}

static inline float dot_f16(const uint16_t *restrict w, const float *restrict x, uint32_t n) {
  float lane[ULM_LANES] = {0}, out[ULM_LANES];
  const uint32_t whole = n / ULM_LANES;
  for (uint32_t i = 0; i < whole; i++, w += ULM_LANES, x += ULM_LANES)
    for (int l = 0; l < ULM_LANES; l++) lane[l] += ulm_half(w[l]) * x[l];
  memcpy(out, lane, sizeof out);
  for (uint32_t l = 0; l < n % ULM_LANES; l++) out[l] += ulm_half(w[l]) * x[l];
  return ulm_fold(out);
}

static inline float dot_s8(const int8_t *restrict w, const float *restrict x, uint32_t n) {
  float lane[ULM_LANES] = {0}, out[ULM_LANES];
  const uint32_t whole = n / ULM_LANES;
  for (uint32_t i = 0; i < whole; i++, w += ULM_LANES, x += ULM_LANES)
    for (int l = 0; l < ULM_LANES; l++) lane[l] += (float)w[l] * x[l];
  memcpy(out, lane, sizeof out);
  for (uint32_t l = 0; l < n % ULM_LANES; l++) out[l] += (float)w[l] * x[l];
  return ulm_fold(out);
}

/* ---- Quantized activations ---- */

/* Codes of n values under one scale (see the header); returns the scale. */
static inline float encode(int16_t *restrict code, const float *restrict x, uint32_t n) {
  float amax = 0;
  for (uint32_t i = 0; i < n; i++) {
    const float a = x[i] < 0 ? -x[i] : x[i];
    amax = a > amax ? a : amax;
  }
  const float inverse = amax < 1e-30f ? 0.0f : 127.0f / amax;
  for (uint32_t i = 0; i < n; i++) {
    float v = x[i] * inverse;
    v = v > 127.0f ? 127.0f : v;
    v = v > -127.0f ? v : -127.0f; /* NaN too */
    code[i] = (int16_t)(int32_t)(ulm_as_bits(v + ULM_ROUND) - ulm_as_bits(ULM_ROUND));
  }
  return amax < 1e-30f ? 0.0f : amax / 127.0f;
}

static void encode_block(ulm_codes *c, const float *x, uint32_t tokens, uint32_t cols) {
  if (c->of == x) return;
  c->of = x;
  for (uint32_t g = 0; g < tokens * (cols / ULM_GROUP); g++)
    c->scale[g] = encode(c->code + (size_t)g * ULM_GROUP, x + (size_t)g * ULM_GROUP, ULM_GROUP);
}

void ulm_store_s8(int8_t *code, float *scale, const float *x, uint32_t n) {
  int16_t wide[256]; /* the largest head */
  *scale = encode(wide, x, n);
  for (uint32_t i = 0; i < n; i++) code[i] = (int8_t)wide[i];
}

/* ---- Matrices ---- */

/* Groups of one row are worked on in runs of 16, one a lane. These four stay functions of their
 * own: inlined, gcc unrolls their inner loops before it could turn them into vectors. */
NOINLINE static void sums_s16(int32_t *restrict sum, const int16_t *restrict w,
                              const int16_t *restrict a, uint32_t groups) {
  for (uint32_t g = 0; g < groups; g++, w += ULM_GROUP, a += ULM_GROUP) {
    int32_t s = 0;
    for (int i = 0; i < ULM_GROUP; i++) s += w[i] * a[i];
    sum[g] = s;
  }
}

NOINLINE static void sums_s8(int32_t *restrict sum, const int8_t *restrict w,
                             const int16_t *restrict a, uint32_t groups) {
  for (uint32_t g = 0; g < groups; g++, w += ULM_GROUP, a += ULM_GROUP) {
    int32_t s = 0;
    for (int i = 0; i < ULM_GROUP; i++) s += (int16_t)w[i] * a[i];
    sum[g] = s;
  }
}

static inline void unpack_s4(int16_t *restrict code, const uint8_t *restrict w) {
  for (int i = 0; i < ULM_GROUP / 2; i++) {
    code[i] = (int16_t)((w[i] & 15) - 8);
    code[i + ULM_GROUP / 2] = (int16_t)((w[i] >> 4) - 8);
  }
}

NOINLINE static void sums_s4(int32_t *restrict sum, const uint8_t *restrict w,
                             const int16_t *restrict a, uint32_t groups) {
  for (uint32_t g = 0; g < groups; g++, w += ULM_GROUP / 2, a += ULM_GROUP) {
    int16_t code[ULM_GROUP];
    unpack_s4(code, w);
    int32_t s = 0;
    for (int i = 0; i < ULM_GROUP; i++) s += code[i] * a[i];
    sum[g] = s;
  }
}

/* Weights of some groups as 16-bit codes. */
NOINLINE static void unpack(int16_t *restrict code, const void *values, uint32_t groups, int int4) {
  if (int4) {
    const uint8_t *w = values;
    for (uint32_t g = 0; g < groups; g++) unpack_s4(code + g * ULM_GROUP, w + g * (ULM_GROUP / 2));
  } else {
    const int8_t *restrict w = values;
    for (uint32_t i = 0; i < groups * ULM_GROUP; i++) code[i] = w[i];
  }
}

/* y[t * stride] = row . x[t] for each token. */
static void row_codes(float *y, const uint8_t *w, const uint16_t *scale, uint32_t groups,
                      uint32_t tokens, size_t stride, const ulm_codes *c, int int4) {
  const uint32_t size = int4 ? ULM_GROUP / 2 : ULM_GROUP;
  float lane[ULM_BLOCK][ULM_LANES];
  memset(lane, 0, tokens * sizeof *lane);
  for (uint32_t g = 0; g < groups; g += ULM_LANES) {
    const uint32_t run = groups - g < ULM_LANES ? groups - g : ULM_LANES;
    const uint8_t *values = w + (size_t)g * size;
    int16_t code[ULM_LANES * ULM_GROUP];
    int32_t sum[ULM_LANES];
    float s[ULM_LANES];
    for (uint32_t l = 0; l < run; l++) s[l] = ulm_half(scale[g + l]);
    if (tokens > 1) unpack(code, values, run, int4);
    for (uint32_t t = 0; t < tokens; t++) {
      const size_t at = (size_t)t * groups + g;
      const int16_t *a = c->code + at * ULM_GROUP;
      if (tokens > 1)
        sums_s16(sum, code, a, run);
      else if (int4)
        sums_s4(sum, values, a, run);
      else
        sums_s8(sum, (const int8_t *)values, a, run);
      for (uint32_t l = 0; l < run; l++) lane[t][l] += (float)sum[l] * (s[l] * c->scale[at + l]);
    }
  }
  for (uint32_t t = 0; t < tokens; t++) y[t * stride] = ulm_fold(lane[t]);
}

static void matmul_codes(float *y, const ulm_matrix *w, uint32_t tokens, const ulm_codes *c,
                         int int4) {
  const uint32_t groups = w->cols / ULM_GROUP;
  const size_t row = (size_t)(int4 ? w->cols / 2 : w->cols);
  for (uint32_t r = 0; r < w->rows; r++)
    row_codes(y + r, (const uint8_t *)w->values + r * row, w->scales + (size_t)r * groups, groups,
              tokens, w->rows, c, int4);
}

void ulm_matmul(float *y, const ulm_matrix *w, const float *x, uint32_t tokens, ulm_codes *codes) {
  const uint32_t rows = w->rows, cols = w->cols;
  switch (w->type) {
  case ULM_F32:
    for (uint32_t r = 0; r < rows; r++)
      for (uint32_t t = 0; t < tokens; t++)
        y[(size_t)t * rows + r] =
            dot_f32((const float *)w->values + (size_t)r * cols, x + (size_t)t * cols, cols);
    break;
  case ULM_F16:
    for (uint32_t r = 0; r < rows; r++)
      for (uint32_t t = 0; t < tokens; t++)
        y[(size_t)t * rows + r] =
            dot_f16((const uint16_t *)w->values + (size_t)r * cols, x + (size_t)t * cols, cols);
    break;
  case ULM_INT8:
    encode_block(codes, x, tokens, cols);
    matmul_codes(y, w, tokens, codes, 0);
    break;
  default:
    encode_block(codes, x, tokens, cols);
    matmul_codes(y, w, tokens, codes, 1);
  }
}

void ulm_row(float *y, const ulm_matrix *w, uint32_t row) {
  const uint32_t n = w->cols, groups = n / ULM_GROUP;
  const size_t at = (size_t)row * groups;
  const int int4 = w->type == ULM_INT4;
  switch (w->type) {
  case ULM_F32:
    memcpy(y, (const float *)w->values + (size_t)row * n, n * sizeof *y);
    break;
  case ULM_F16:
    for (uint32_t i = 0; i < n; i++)
      y[i] = ulm_half(((const uint16_t *)w->values)[(size_t)row * n + i]);
    break;
  default:
    for (uint32_t g = 0; g < groups; g++) {
      int16_t code[ULM_GROUP];
      unpack(code, (const uint8_t *)w->values + (at + g) * (int4 ? ULM_GROUP / 2 : ULM_GROUP), 1,
             int4);
      const float s = ulm_half(w->scales[at + g]);
      for (int i = 0; i < ULM_GROUP; i++) y[g * ULM_GROUP + i] = (float)code[i] * s;
    }
  }
}

/* ---- Vectors ---- */

void ulm_rmsnorm(float *y, const float *x, const float *w, uint32_t n, float eps) {
  const float r = ulm_rsqrt(dot_f32(x, x, n) / (float)n + eps);
  for (uint32_t i = 0; i < n; i++) y[i] = (x[i] * r) * w[i];
}

void ulm_add(float *x, const float *y, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] += y[i];
}

void ulm_swiglu(float *gate, const float *up, size_t n) {
  for (size_t i = 0; i < n; i++) gate[i] = gate[i] / (1.0f + ulm_exp(-gate[i])) * up[i];
}

void ulm_rotate(float *x, const float (*angle)[2], uint32_t n) {
  for (uint32_t i = 0; i < n / 2; i++) {
    const float a = x[i], b = x[i + n / 2];
    x[i] = a * angle[i][0] - b * angle[i][1];
    x[i + n / 2] = b * angle[i][0] + a * angle[i][1];
  }
}

/* ---- Attention ---- */

void ulm_attend(float *y, const float *q, const ulm_head *kv, uint32_t count, uint32_t n,
                float scale, float *score, float *lanes) {
  float max = -3.4028235e38f, sums[ULM_LANES] = {0};
  for (uint32_t j = 0; j < count; j++) {
    const size_t at = (size_t)j * n;
    float s = kv->int8 ? dot_s8((const int8_t *)kv->keys + at, q, n) * kv->key_scale[j]
                       : dot_f32((const float *)kv->keys + at, q, n);
    s *= scale;
    score[j] = s;
    max = s > max ? s : max;
  }
  for (uint32_t j = 0; j < count; j++) score[j] = ulm_exp(score[j] - max);
  for (uint32_t j = 0; j < count; j++) sums[j % ULM_LANES] += score[j];
  const float sum = ulm_fold(sums);

  memset(lanes, 0, (size_t)ULM_LANES * n * sizeof *lanes);
  for (uint32_t j = 0; j < count; j++) {
    float *restrict out = lanes + (size_t)(j % ULM_LANES) * n;
    if (kv->int8) {
      const int8_t *restrict v = (const int8_t *)kv->values + (size_t)j * n;
      const float p = score[j] * kv->value_scale[j];
      for (uint32_t d = 0; d < n; d++) out[d] += p * (float)v[d];
    } else {
      const float *restrict v = (const float *)kv->values + (size_t)j * n;
      for (uint32_t d = 0; d < n; d++) out[d] += score[j] * v[d];
    }
  }
  for (uint32_t half = ULM_LANES / 2; half; half /= 2)
    for (uint32_t i = 0; i < half * n; i++) lanes[i] += lanes[(size_t)half * n + i];
  for (uint32_t d = 0; d < n; d++) y[d] = lanes[d] / sum;
}
