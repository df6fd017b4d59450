/* The library of model.h in double, for tests of gradients: model.c compiled a second time. */
#ifndef TRAIN_MODEL_F64_H
#define TRAIN_MODEL_F64_H

#include "model.h"

typedef struct model_f64 model_f64;
model_f64 *model_f64_new(const ulm_config *c, uint32_t B, uint32_t T, int flags, int threads,
                         host_error *e);
void model_f64_free(model_f64 *m);
const ulm_config *model_f64_config(const model_f64 *m);
uint64_t model_f64_bytes(const model_f64 *m);
double *model_f64_params(model_f64 *m);
double *model_f64_grads(model_f64 *m);
void model_f64_init(model_f64 *m, uint64_t seed);
double model_f64_forward(model_f64 *m, const model_batch *x, double *total, double *losses);
double model_f64_loss(model_f64 *m, const model_batch *x, double *total, double *losses);
void model_f64_backward(model_f64 *m, const model_batch *x, double scale);
void model_f64_zero_grads(model_f64 *m);
void model_f64_on_grads(model_f64 *m, void (*f)(void *ctx, size_t start, size_t count), void *ctx);
void model_f64_logits(model_f64 *m, const uint16_t *ids, uint32_t n, double *logits);
const char *model_f64_isa(const model_f64 *m);

#endif
