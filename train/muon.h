/* Muon (Jordan 2024; weight decay and scale as Liu et al. 2025, arXiv 2502.16982): momentum, made
 * orthogonal. */
#ifndef TRAIN_MUON_H
#define TRAIN_MUON_H

#include "ops.h"

/* Floats of scratch that one thread needs for a rows x cols matrix. */
size_t muon_work(const ops_f32 *k, uint32_t rows, uint32_t cols);
/* Multiply-adds of one update, times two. */
double muon_flops(uint32_t rows, uint32_t cols);

typedef struct {
  float lr, beta, decay;
  float scale; /* applied to every gradient first: clipping */
  float ema;   /* weight of the new weights in the average */
  bool bf16;   /* the two products with the matrix itself in bfloat16 */
} muon_step;

/* m = beta m + scale g; p = (1 - lr decay) p - lr 0.2 sqrt(max(rows, cols)) O(scale g + beta m), of
 * the size that AdamW's updates have; average (or NULL) += ema (p - average).
 *
 * O(X) is the orthogonal factor of X: its singular values s taken to about 1 by two odd polynomials
 * of degree 9, the best in sequence for s from 0.015 to 1 of a bound on the largest (minimax by
 * exchange; in sequence as Amsel et al. 2025, arXiv 2505.16932): 0.77 to 1.23 there, 56 s below.
 * They are evaluated on the Gram matrix A = X X^T of the shorter side, where everything commutes
 * and is symmetric, so that half a product is enough: O = q2(q1(A)^2 A) q1(A) X. The bound is
 * ||A^2||_F^(1/4). A quarter of the operations of five steps of Newton-Schulz on X.
 * work: muon_work floats. */
void muon_update(const ops_f32 *k, const muon_step *a, uint32_t rows, uint32_t cols, float *p,
                 const float *g, float *m, float *average, float *work);

#endif
