/* AdamW (Loshchilov and Hutter 2019). Only IEEE operations, so the numbers are the same on every
 * machine and for any number of threads. */
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
  float ema;     /* weight of the new weights in the average */
} adamw;
/* p[n] with moments m[n], v[n] and, unless it is NULL, their average in one pass: 28 bytes of
 * memory traffic a weight, 36 with the average. decayed: whether weight decay applies to these. */
void adamw_update(const adamw *a, float *p, const float *g, float *m, float *v, float *average,
                  size_t n, int decayed);

#endif
