/* The portable kernels. Inner loops run over 16 lanes or 32 codes, constant trip counts that
 * compilers turn into vectors; gcc keeps the lanes in registers only at -O3. Where nothing is to be
 * optimized (-O0), nothing is. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
#if defined(__ARM_FEATURE_MVE)
#pragma GCC optimize("O2,no-tree-vectorize") /* Helium's floats flush subnormals; -O3: 5 KB more */
#else
#pragma GCC optimize("O3")
#endif
#endif
#if defined(__GNUC__)
#define NOINLINE __attribute__((noinline))
#else
#define NOINLINE
#endif
#include "ulm.h"
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
static inline float encode(int8_t *restrict code, const float *restrict x, uint32_t n) {
  float amax = 0;
  for (uint32_t i = 0; i < n; i++) {
    const float a = x[i] < 0 ? -x[i] : x[i];
    amax = a > amax ? a : amax;
  }
  const float inverse = amax < 1e-30f ? 0.0f : 127.0f / amax;
  for (uint32_t i = 0; i < n; i++) {
    float v = x[i] * inverse;
    v = v > -127.0f ? v : -127.0f; /* NaN too */
    v = v < 127.0f ? v : 127.0f;
    code[i] = (int8_t)(int32_t)(ulm_as_bits(v + ULM_ROUND) - ulm_as_bits(ULM_ROUND));
  }
  return amax < 1e-30f ? 0.0f : amax / 127.0f;
}

static void encode_groups(const ulm_codes *c, size_t at, const float *x, size_t groups) {
  for (size_t g = 0; g < groups; g++) {
    int8_t *code = c->code + (at + g) * ULM_GROUP;
    c->scale[at + g] = encode(code, x + g * ULM_GROUP, ULM_GROUP);
    int32_t sum = 0;
    for (int i = 0; i < ULM_GROUP; i++) sum += code[i];
    c->minus[at + g] = -sum;
  }
}

static float store_s8(int8_t *code, const float *x, uint32_t n) { return encode(code, x, n); }

static void store_f16(uint16_t *half, const float *x, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) half[i] = ulm_f16_from_f32(x[i]);
}

/* ---- Matrices ---- */

/* Groups of one row are worked on in runs of 16, one a lane. These stay functions of their own:
 * inlined, gcc unrolls their inner loops before it could turn them into vectors. */
NOINLINE static void sums_s8(int32_t *restrict sum, const int8_t *restrict w,
                             const int8_t *restrict a, uint32_t groups) {
  for (uint32_t g = 0; g < groups; g++, w += ULM_GROUP, a += ULM_GROUP) {
    int32_t s = 0;
    for (int i = 0; i < ULM_GROUP; i++) s += (int16_t)w[i] * (int16_t)a[i];
    sum[g] = s;
  }
}

NOINLINE static void unpack_s4(int8_t *restrict code, const uint8_t *restrict w, uint32_t groups) {
  for (uint32_t g = 0; g < groups; g++, w += ULM_GROUP / 2, code += ULM_GROUP)
    for (int i = 0; i < ULM_GROUP / 2; i++) {
      code[i] = (int8_t)((w[i] & 15) - 8);
      code[i + ULM_GROUP / 2] = (int8_t)((w[i] >> 4) - 8);
    }
}

/* Bytes of one row: its words stand `step` bytes apart. */
NOINLINE static void gather(uint8_t *restrict out, const uint8_t *restrict w, size_t step,
                            uint32_t words) {
  for (uint32_t i = 0; i < words; i++, w += step)
    for (int b = 0; b < 4; b++) out[4 * i + b] = w[b];
}

/* Where row r of W begins, and how far apart its words and its scales are. */
typedef struct {
  const uint8_t *values;
  const uint16_t *scales;
  size_t step, scale_step;
} row_at;

static row_at find_row(const ulm_matrix *w, uint32_t r) {
  const uint32_t groups = w->cols / ULM_GROUP;
  const size_t size = (size_t)(w->type == ULM_INT4 ? w->cols / 2 : w->cols);
  const uint8_t *values = w->values;
  if (!w->tiled) return (row_at){values + r * size, w->scales + (size_t)r * groups, 4, 1};
  const uint32_t lane = r % ULM_TILE, first = r - lane;
  const uint32_t width = w->rows - first < ULM_TILE ? w->rows - first : ULM_TILE;
  return (row_at){values + first * size + 4 * lane, w->scales + (size_t)first * groups + lane,
                  (size_t)4 * width, width};
}

/* Codes of groups g..g+run-1; may point into the weights. */
static const int8_t *codes_of(int8_t code[], uint8_t packed[], const row_at *row, uint32_t g,
                              uint32_t run, int int4) {
  const uint32_t words = int4 ? 4 : 8;
  const uint8_t *from = row->values + (size_t)g * words * row->step;
  if (row->step != 4) {
    uint8_t *to = int4 ? packed : (uint8_t *)code;
    gather(to, from, row->step, run * words);
    from = to;
  }
  if (!int4) return (const int8_t *)from;
  unpack_s4(code, from, run);
  return code;
}

/* y[t * stride] = row . x[t] for up to ULM_BLOCK tokens, whose codes begin at group `at`. */
static void row_codes(float *y, const row_at *row, uint32_t groups, uint32_t tokens, size_t stride,
                      const ulm_codes *c, size_t at, int int4) {
  float lane[ULM_BLOCK][ULM_LANES];
  memset(lane, 0, tokens * sizeof *lane);
  for (uint32_t g = 0; g < groups; g += ULM_LANES) {
    const uint32_t run = groups - g < ULM_LANES ? groups - g : ULM_LANES;
    int8_t code[ULM_LANES * ULM_GROUP];
    uint8_t packed[ULM_LANES * ULM_GROUP / 2];
    int32_t sum[ULM_LANES];
    float s[ULM_LANES];
    for (uint32_t l = 0; l < run; l++) s[l] = ulm_half(row->scales[(g + l) * row->scale_step]);
    const int8_t *w = codes_of(code, packed, row, g, run, int4);
    for (uint32_t t = 0; t < tokens; t++) {
      const size_t x = at + (size_t)t * groups + g;
      sums_s8(sum, w, c->code + x * ULM_GROUP, run);
      for (uint32_t l = 0; l < run; l++) lane[t][l] += (float)sum[l] * (s[l] * c->scale[x + l]);
    }
  }
  for (uint32_t t = 0; t < tokens; t++) y[t * stride] = ulm_fold(lane[t]);
}

static void matmul_codes(float *y, const ulm_matrix *w, const ulm_codes *c, uint32_t tokens,
                         uint32_t from, uint32_t to) {
  const uint32_t groups = w->cols / ULM_GROUP;
  for (uint32_t r = from; r < to; r++) {
    const row_at row = find_row(w, r);
    for (uint32_t t = 0; t < tokens; t += ULM_BLOCK)
      row_codes(y + (size_t)t * w->rows + r, &row, groups,
                tokens - t < ULM_BLOCK ? tokens - t : ULM_BLOCK, w->rows, c, (size_t)t * groups,
                w->type == ULM_INT4);
  }
}

static void matmul(float *y, const ulm_matrix *w, const float *x, const ulm_codes *c,
                   uint32_t tokens, uint32_t from, uint32_t to) {
  const uint32_t rows = w->rows, cols = w->cols;
  if (w->type >= ULM_INT8) {
    matmul_codes(y, w, c, tokens, from, to);
    return;
  }
  for (uint32_t r = from; r < to; r++)
    for (uint32_t t = 0; t < tokens; t++) {
      const size_t at = (size_t)r * cols;
      const float *v = x + (size_t)t * cols;
      y[(size_t)t * rows + r] = w->type == ULM_F32
                                    ? dot_f32((const float *)w->values + at, v, cols)
                                    : dot_f16((const uint16_t *)w->values + at, v, cols);
    }
}

void ulm_row(float *y, const ulm_matrix *w, uint32_t row) {
  const uint32_t n = w->cols;
  if (w->type == ULM_F32) {
    memcpy(y, (const float *)w->values + (size_t)row * n, n * sizeof *y);
  } else if (w->type == ULM_F16) {
    for (uint32_t i = 0; i < n; i++)
      y[i] = ulm_half(((const uint16_t *)w->values)[(size_t)row * n + i]);
  } else {
    const row_at at = find_row(w, row);
    for (uint32_t g = 0; g < n / ULM_GROUP; g++) {
      int8_t code[ULM_GROUP];
      uint8_t packed[ULM_GROUP / 2];
      const int8_t *q = codes_of(code, packed, &at, g, 1, w->type == ULM_INT4);
      const float s = ulm_half(at.scales[g * at.scale_step]);
      for (int i = 0; i < ULM_GROUP; i++) y[g * ULM_GROUP + i] = (float)q[i] * s;
    }
  }
}

void ulm_tile(uint8_t *out, const uint8_t *in, uint32_t rows, uint64_t row_bytes, uint32_t unit) {
  for (uint32_t first = 0; first < rows; first += ULM_TILE) {
    const uint32_t width = rows - first < ULM_TILE ? rows - first : ULM_TILE;
    const uint8_t *from = in + first * row_bytes;
    for (uint64_t at = 0; at < row_bytes; at += unit)
      for (uint32_t r = 0; r < width; r++, out += unit)
        memcpy(out, from + r * row_bytes + at, unit);
  }
}

/* ---- Vectors ---- */

static void rmsnorm(float *y, const float *x, const float *w, uint32_t n, float eps) {
  const float r = ulm_rsqrt(dot_f32(x, x, n) / (float)n + eps);
  for (uint32_t i = 0; i < n; i++) y[i] = (x[i] * r) * w[i];
}

static void add(float *x, const float *y, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] += y[i];
}

static void swiglu(float *gate, const float *up, size_t n) {
  for (size_t i = 0; i < n; i++) gate[i] = gate[i] / (1.0f + ulm_exp(-gate[i])) * up[i];
}

static void rotate(float *x, const float *cosine, const float *sine, uint32_t n) {
  for (uint32_t i = 0; i < n / 2; i++) {
    const float a = x[i], b = x[i + n / 2];
    x[i] = a * cosine[i] - b * sine[i];
    x[i + n / 2] = b * cosine[i] + a * sine[i];
  }
}

/* ---- Attention ---- */

static void attend(float *y, const float *q, const ulm_head *kv, uint32_t count, uint32_t n,
                   float scale, float *score, float *lanes) {
  float max = -3.4028235e38f, sums[ULM_LANES] = {0};
  for (uint32_t j = 0; j < count; j++) {
    const size_t at = (size_t)j * n;
    float s;
    if (kv->kind == ULM_KV_INT8)
      s = dot_s8((const int8_t *)kv->keys + at, q, n) * kv->key_scale[j];
    else if (kv->kind == ULM_KV_F16)
      s = dot_f16((const uint16_t *)kv->keys + at, q, n);
    else
      s = dot_f32((const float *)kv->keys + at, q, n);
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
    const size_t at = (size_t)j * n;
    if (kv->kind == ULM_KV_INT8) {
      const int8_t *restrict v = (const int8_t *)kv->values + at;
      const float p = score[j] * kv->value_scale[j];
      for (uint32_t d = 0; d < n; d++) out[d] += p * (float)v[d];
    } else if (kv->kind == ULM_KV_F16) {
      const uint16_t *restrict v = (const uint16_t *)kv->values + at;
      for (uint32_t d = 0; d < n; d++) out[d] += score[j] * ulm_half(v[d]);
    } else {
      const float *restrict v = (const float *)kv->values + at;
      for (uint32_t d = 0; d < n; d++) out[d] += score[j] * v[d];
    }
  }
  for (uint32_t half = ULM_LANES / 2; half; half /= 2)
    for (uint32_t i = 0; i < half * n; i++) lanes[i] += lanes[(size_t)half * n + i];
  for (uint32_t d = 0; d < n; d++) y[d] = lanes[d] / sum;
}

/* ---- Logits ---- */

static float largest(const float *x, uint32_t n, float least) {
  for (uint32_t i = 0; i < n; i++) least = x[i] > least ? x[i] : least;
  return least;
}

static void mass(float lane[ULM_LANES], const float *x, uint32_t n, float max, float inverse) {
  for (uint32_t i = 0; i < n; i++) lane[i % ULM_LANES] += ulm_exp((x[i] - max) * inverse);
}

static uint32_t likely(uint16_t *out, const float *x, uint32_t first, uint32_t n, float max,
                       float inverse, float cutoff) {
  uint32_t count = 0;
  for (uint32_t i = first; i < n; i++)
    if (x[i] <= max && ulm_exp((x[i] - max) * inverse) >= cutoff) out[count++] = (uint16_t)i;
  return count;
}

static void spread(const float *x, uint32_t n, float two[2], float m[ULM_LANES],
                   float mean[ULM_LANES]) {
  float first = -3.4028235e38f, second = first;
  for (uint32_t i = 0; i < n; i++) {
    if (x[i] > first)
      second = first, first = x[i];
    else if (x[i] > second)
      second = x[i];
  }
  for (uint32_t i = 0; i < n; i++) {
    const float d = x[i] - first, e = ulm_exp(d);
    m[i % ULM_LANES] += e;
    mean[i % ULM_LANES] += e * d;
  }
  two[0] = first, two[1] = second;
}

const ulm_kernels ulm_portable = {"portable", encode_groups, matmul, rmsnorm, add,  swiglu, rotate,
                                  store_f16,  store_s8,      attend, largest, mass, likely, spread};
