/* The portable kernels: the specification of every number the runtime computes. A kernel for
 * another instruction set must give the same bits.
 *
 * Float matrix (f32, f16): y[r] = fold of lanes over products w[r][i] * x[i], each product rounded
 * and then added (ulm_math.h states the order; no fused multiply-add).
 *
 * Quantized matrix (int8, int4): x is quantized in groups of 32,
 *   amax = largest |x| of the group (NaN counts as 0); a = amax / 127; inverse = 127 / amax
 *   code = nearest(clamp(x * inverse, -127, 127)), ties to even; all codes and a are 0 where amax <
 * 1e-30 then for group g of row r, lane g % 16 gets  (float)isum * (w_scale * a),  isum the exact
 * integer dot product of the 32 pairs of codes, groups in increasing order; y[r] = fold of lanes.
 * So a vector of 16 rows (interleaved weights) or a vector of 16 groups (planar) both follow it
 * without shuffling floats. */
#ifndef ULM_KERNELS_H
#define ULM_KERNELS_H

#include "ulm_model.h"
#include "ulm_num.h"

enum { ULM_BLOCK = 8, ULM_BLOCK_MAX = 64, ULM_TILE = 16 };

/* A quantized matrix lies in rows, or in tiles: 16 rows (the last tile: those left) whose 32-bit
 * words stand side by side, word 0 of each row, then word 1, ...; so do their scales. A vector then
 * holds the same part of several rows, and 16 rows are streamed in order. */
typedef struct {
  ulm_type type;
  uint32_t rows, cols;
  int tiled;
  const void *values;
  const uint16_t *scales;
} ulm_matrix;

/* Quantized activations of a block of tokens. */
typedef struct {
  int8_t *code;   /* [tokens, cols] */
  float *scale;   /* [tokens, cols / 32] */
  int32_t *minus; /* [tokens, cols / 32] minus the sum of a group's codes: what turns a product with
                     weights that were made unsigned, w + 128 or w + 8, back */
} ulm_codes;

/* Keys and values of one head: [positions, n] floats, binary16, or int8 codes with one scale a
 * position. */
typedef struct {
  const void *keys, *values;
  const float *key_scale, *value_scale; /* int8 only */
  int kind;                             /* ulm_kv */
} ulm_head;

/* What an instruction set must do, always with the same bits. One table a file; ulm_kernels_pick
 * chooses. */
typedef struct {
  const char *name;
  /* Codes of `groups` groups of x, from group `at` of c on. */
  void (*encode)(const ulm_codes *c, size_t at, const float *x, size_t groups);
  /* Rows from..to-1 of y[tokens, rows] = x[tokens, cols] W^T; of x a quantized W reads the codes
   * alone. from and to divide by ULM_TILE, or to is rows. */
  void (*matmul)(float *y, const ulm_matrix *w, const float *x, const ulm_codes *c, uint32_t tokens,
                 uint32_t from, uint32_t to);
  /* y[i] = (x[i] / sqrt(mean of squares + eps)) * w[i] */
  void (*rmsnorm)(float *y, const float *x, const float *w, uint32_t n, float eps);
  void (*add)(float *x, const float *y, size_t n);        /* x += y */
  void (*swiglu)(float *gate, const float *up, size_t n); /* gate = gate / (1 + e^-gate) * up */
  /* Rotates pairs (i, i + n/2) of a head by cosine[i] and sine[i]. */
  void (*rotate)(float *x, const float *cosine, const float *sine, uint32_t n);
  /* One head vector as binary16; as int8 codes, quantized as a group above (returns the scale). */
  void (*store_f16)(uint16_t *half, const float *x, uint32_t n);
  float (*store_s8)(int8_t *code, const float *x, uint32_t n);
  /* y[n] = softmax(scale q.k) v over `count` positions; score [count], lanes [16, n] are scratch.
   * Scores are e^(s - max), summed in lanes by position; so are their products with v; then one
   * division. */
  void (*attend)(float *y, const float *q, const ulm_head *kv, uint32_t count, uint32_t n,
                 float scale, float *score, float *lanes);
  /* Of numbers x[n] (NaN is none): the largest, or `least` if that is larger. */
  float (*largest)(const float *x, uint32_t n, float least);
  /* Adds e^((x[i] - max) * inverse) to lane[i % 16]. */
  void (*mass)(float lane[16], const float *x, uint32_t n, float max, float inverse);
  /* Writes those i, from `first` on, with x[i] <= max and e^((x[i] - max) * inverse) >= cutoff, in
   * order, to out; returns how many. */
  uint32_t (*likely)(uint16_t *out, const float *x, uint32_t first, uint32_t n, float max,
                     float inverse, float cutoff);
  /* The two largest numbers of x; e^d and e^d d, d = x[i] - two[0], added to lanes by i % 16. */
  void (*spread)(const float *x, uint32_t n, float two[2], float mass[16], float mean[16]);
} ulm_kernels;

/* The small functions that a kernel is made of must melt into it; at -O0, where nothing else does,
 * they would only make it large. */
#ifdef __OPTIMIZE__
#define ULM_INLINE static inline __attribute__((always_inline))
#else
#define ULM_INLINE static inline
#endif

extern const ulm_kernels ulm_portable;
/* Those that this machine runs, portable first and the fastest last; NULL where i is not below
 * their number. */
const ulm_kernels *ulm_kernels_at(uint32_t i);

void ulm_row(float *y, const ulm_matrix *w, uint32_t row); /* y[cols] = row of W, dequantized */
/* Turns [rows, row_bytes] bytes (row_bytes divides by `unit`) of rows into tiles: units of `unit`
 * bytes, 4 for values and 2 for scales, stand side by side. */
void ulm_tile(uint8_t *out, const uint8_t *in, uint32_t rows, uint64_t row_bytes, uint32_t unit);

#endif
