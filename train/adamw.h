/* AdamW (Loshchilov and Hutter 2019) and the learning rate's schedule. Only IEEE operations, so the
 * numbers are the same on every machine and for any number of threads. */
#ifndef TRAIN_ADAMW_H
#define TRAIN_ADAMW_H

#include <stddef.h>
#include <stdint.h>

/* Euclidean norm of g[n], summed in double over fixed blocks. blocks: scratch of adamw_blocks(n)
 * doubles. */
size_t adamw_blocks(size_t n);
double adamw_norm(const float *g, size_t n, double *blocks, int threads);

typedef struct {
  float lr, beta1, beta2, eps, decay;
  float scale;   /* applied to every gradient first: clipping */
  uint64_t step; /* from 1, for the bias corrections */
} adamw;
/* p[n] with moments m[n], v[n] in one pass; decayed: whether weight decay applies to these. */
void adamw_update(const adamw *a, float *p, const float *g, float *m, float *v, size_t n,
                  int decayed, int threads);

/* Linear warmup to lr, then a cosine down to min_lr at the last of `steps`. step counts from 0. */
float schedule_lr(uint64_t step, uint64_t steps, uint64_t warmup, float lr, float min_lr);

#endif
