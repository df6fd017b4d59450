/* One step of training: gradients of a batch's mean loss, then AdamW or Muon with clipping. */
#ifndef TRAIN_STEP_H
#define TRAIN_STEP_H

#include "model.h"
#include "ops.h"

typedef struct {
  double lr, min_lr, decay, beta1, beta2, clip; /* clip 0: no clipping */
  uint64_t steps, warmup;
  bool muon; /* matrices of the blocks by Muon, momentum 0.95; all else by AdamW */
} step_options;

typedef struct {
  model *model;
  float *m, *v; /* moments, in table order, as the parameters */
  double *blocks;
  const ops_f32 *ops;
  float *work; /* Muon's: work_each floats a thread */
  size_t work_each;
  int threads;
} stepper;

/* Takes all memory, for the B rows that this process has; moments are zero, parameters too. flags:
 * MODEL_BF16, MODEL_RECOMPUTE. */
int stepper_open(stepper *s, const ulm_config *c, uint32_t B, uint32_t T, int flags, int threads,
                 host_error *e);
void stepper_close(stepper *s);
uint64_t stepper_bytes(const stepper *s);

/* Mean loss of the batch (of all ranks; ranks.h), sum over weights / total weight; its gradients replace those in
 * model_grads. If the loss is not finite, gradients are not computed. */
double step_gradient(stepper *s, const model_batch *x);
/* Updates the parameters as step `step` (from 0) of o->steps; returns the gradients' norm before
 * clipping. If that is not finite, nothing is changed. Weight decay applies to matrices. */
double step_update(stepper *s, const step_options *o, uint64_t step);
/* Fails if another rank has other weights or moments. */
int stepper_agree(const stepper *s, host_error *e);
double step_lr(const step_options *o, uint64_t step);

#endif
