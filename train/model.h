/* The model in float32 with gradients: forward, loss, backward. A small library that quantize/
 * (loss, calibration) and bench/ (reader) link too. */
#ifndef TRAIN_MODEL_H
#define TRAIN_MODEL_H

#include "../host.h"

typedef struct model model;

enum {
  MODEL_GRAD = 1, /* also take memory for gradients and saved activations */
  MODEL_BF16 = 2, /* products of weights and activations in bfloat16, sums, norms, attention, weights and
                     gradients in float32 (mixed precision: Micikevicius et al. 2018, Kalamkar et al. 2019) */
  MODEL_RECOMPUTE = 4 /* backward computes gate and up again: more than half of the saved activations less
                         memory for about a tenth more time; the same bits (Chen et al. 2016) */
};

/* Takes all memory for batches of up to B sequences of up to T tokens. Nothing allocates afterwards.
 * threads: OpenMP threads; 0: omp_get_max_threads(). */
model *model_new(const ulm_config *c, uint32_t B, uint32_t T, int flags, int threads, host_error *e);
void model_free(model *m);
const ulm_config *model_config(const model *m);
uint64_t model_bytes(const model *m); /* memory it took */

/* All parameters / gradients, contiguous, in tensor-table order: ulm_param_count(c) floats. */
float *model_params(model *m);
float *model_grads(model *m);

/* N(0, 0.02), wo and down scaled by 1/sqrt(2 L), norms 1; by seed, the same on every machine. */
void model_init(model *m, uint64_t seed);

/* One batch. Row b holds T tokens; several documents may be packed into a row:
 *   ids    [B,T] input tokens
 *   next   [B,T] target of each position
 *   weight [B,T] weight of each position's loss; 0: not a target
 *   start  [B,T] index in the row where the position's document begins: attention sees start..t,
 *                RoPE position is t - start
 * ids and next must be below vocab (readers check files; nothing is checked here), B and T within model_new's.
 * Pointers are the caller's and must stay until backward is done. */
typedef struct {
  uint32_t B, T;
  const uint16_t *ids, *next;
  const float *weight;
  const uint16_t *start;
} model_batch;

/* Sum over positions of weight * -log p(next); *total is the sum of weights. If losses is not NULL,
 * losses[B,T] gets each position's unweighted -log p (0 where weight is 0). With MODEL_GRAD it keeps what
 * backward needs. */
double model_forward(model *m, const model_batch *x, double *total, float *losses);
/* The same loss, keeping nothing for backward: for validation; with MODEL_GRAD much cheaper than forward. */
double model_loss(model *m, const model_batch *x, double *total, float *losses);
/* Gradients of scale * (weighted sum) of the last forward, added to model_grads. Once a forward: it works
 * in the memory that forward left. */
void model_backward(model *m, const model_batch *x, float scale);
void model_zero_grads(model *m);
/* From now on backward calls f(ctx, start, count) from its own thread wherever model_grads[start ..
 * start + count - 1] have become final: each gradient once, from the last to the first. A backward
 * without targets calls nothing. f NULL: no more calls. */
void model_on_grads(model *m, void (*f)(void *ctx, size_t start, size_t count), void *ctx);

/* Logits [n, V] of one sequence of n <= T tokens. */
void model_logits(model *m, const uint16_t *ids, uint32_t n, float *logits);

/* The instruction set its kernels use: "portable", "avx2" or "avx512". Results are the same bits for any number
 * of threads, and differ between instruction sets by rounding. The environment variable ULM_ISA chooses. */
const char *model_isa(const model *m);

#endif
