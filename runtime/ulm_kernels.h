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

enum { ULM_BLOCK = 8 }; /* tokens that share one pass over the weights */

typedef struct {
  ulm_type type;
  uint32_t rows, cols;
  const void *values;
  const uint16_t *scales;
} ulm_matrix;

/* Quantized activations of a block: 8-bit codes widened to 16, which every instruction set
 * multiplies in pairs (pmaddwd, smlad, smlal). */
typedef struct {
  int16_t *code; /* [tokens, cols] */
  float *scale;  /* [tokens, cols / 32] */
  const float
      *of; /* the x they were made of, or NULL: made at most once for matrices that share x */
} ulm_codes;

/* y[tokens, rows] = x[tokens, cols] W^T; tokens <= ULM_BLOCK. Set codes->of = NULL whenever x
 * changes. */
void ulm_matmul(float *y, const ulm_matrix *w, const float *x, uint32_t tokens, ulm_codes *codes);
void ulm_row(float *y, const ulm_matrix *w, uint32_t row); /* y[cols] = row of W, dequantized */

/* y[i] = (x[i] / sqrt(mean of squares + eps)) * w[i] */
void ulm_rmsnorm(float *y, const float *x, const float *w, uint32_t n, float eps);
void ulm_add(float *x, const float *y, size_t n);        /* x += y */
void ulm_swiglu(float *gate, const float *up, size_t n); /* gate = gate / (1 + e^-gate) * up */
/* Rotates pairs (i, i + n/2) of a head; angle[i] = {cos, sin}. */
void ulm_rotate(float *x, const float (*angle)[2], uint32_t n);

/* Keys and values of one head: [positions, n] floats, or int8 codes with one scale a position. */
typedef struct {
  const void *keys, *values;
  const float *key_scale, *value_scale; /* int8 only */
  int int8;
} ulm_head;
void ulm_store_s8(int8_t *code, float *scale, const float *x,
                  uint32_t n); /* one head vector, as a group above */
/* y[n] = softmax(scale q.k) v over `count` positions; score [count], lanes [16, n] are scratch.
 * Scores are e^(s - max), summed in lanes by position; so are their products with v; then one
 * division. */
void ulm_attend(float *y, const float *q, const ulm_head *kv, uint32_t count, uint32_t n,
                float scale, float *score, float *lanes);

#endif
