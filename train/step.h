/* One step of training: gradients of a batch's mean loss, then AdamW or Muon with clipping. */
#ifndef TRAIN_STEP_H
#define TRAIN_STEP_H

#include "model.h"
#include "ops.h"
#include "schedule.h"

/* What a thread updates at once: a matrix by Muon, or a part of a tensor by AdamW. */
typedef struct {
  uint32_t tensor;
  bool muon;
  size_t start, count; /* of the parameters */
} step_unit;

typedef struct {
  model *model;
  float *m, *v;   /* moments, in table order, as the parameters */
  float *average; /* of the weights, likewise; NULL: none is kept */
  double *blocks;
  const ops_f32 *ops;
  step_unit *units; /* Muon's, the costliest first, then all tensors for AdamW */
  size_t unit_count, muon_count;
  float *work; /* Muon's: work_each floats a thread */
  size_t work_each;
  int threads, flags;
} stepper;

/* Takes all memory, for the B rows that this process has; moments are zero, parameters too. flags:
 * MODEL_BF16, MODEL_RECOMPUTE. */
int stepper_open(stepper *s, const ulm_config *c, uint32_t B, uint32_t T, int flags, int threads,
                 host_error *e);
/* Weights by seed, with wo and down zero where the recipe asks for it: every block begins as the
 * identity (Zhang et al. 2019, arXiv 1901.09321; Yang et al. 2022, arXiv 2203.03466). */
void stepper_init(stepper *s, const step_options *o, uint64_t seed);
/* Keeps an average of the weights from here on; it begins as they are. */
void stepper_average(stepper *s);
void stepper_close(stepper *s);
uint64_t stepper_bytes(const stepper *s);

/* Mean loss of the batch (of all ranks; ranks.h), sum over weights / total weight; its gradients
 * replace those in model_grads. If the loss is not finite, gradients are not computed. */
double step_gradient(stepper *s, const model_batch *x);
/* Updates the parameters as step `step` (from 0) of o->steps; returns the gradients' norm before
 * clipping. If that is not finite, nothing is changed. Weight decay applies to matrices. */
double step_update(stepper *s, const step_options *o, uint64_t step);
/* Fails if another rank has other weights or moments. */
int stepper_agree(const stepper *s, host_error *e);
/* Exchanges weights and average (if there is one): before a validation, and again after it. */
void step_exchange(stepper *s);

#endif
