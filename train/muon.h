/* Muon (Jordan 2024; scaled as Liu et al. 2025, arXiv 2502.16982): momentum, made orthogonal. */
#ifndef TRAIN_MUON_H
#define TRAIN_MUON_H

#include "ops.h"

/* Floats of scratch that one thread needs for matrices of up to rows x cols. */
size_t muon_work(const ops_f32 *k, uint32_t rows, uint32_t cols);
/* m = beta m + scale g; p = (1 - lr decay) p - lr 0.2 sqrt(max(rows, cols)) O(scale g + beta m),
 * O(X) the orthogonal factor of X by five Newton-Schulz steps, of the size that AdamW's updates
 * have. */
void muon_update(const ops_f32 *k, float lr, float beta, float decay, float scale, uint32_t rows,
                 uint32_t cols, float *p, const float *g, float *m, float *work);

#endif
