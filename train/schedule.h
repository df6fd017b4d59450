/* The recipe of a run, and what of it changes from step to step by a rule: the learning rate and
 * the rows of a batch. Only IEEE operations, so the numbers are the same on every machine. Steps
 * count from 0. */
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
  SCHEDULE_COSINE = 0,   /* Loshchilov and Hutter 2017, arXiv 1608.03983 */
  SCHEDULE_WSD = 1,      /* warmup, stable, linear decay: Hu et al. 2024, arXiv 2404.06395 */
  SCHEDULE_WSD_SQRT = 2, /* the decay is 1 - sqrt: Haegele et al. 2024, arXiv 2405.18392 */
  SCHEDULES = 3
} schedule_kind;

typedef struct {
  double lr, min_lr, decay, beta1, beta2, clip; /* clip 0: no clipping */
  uint64_t steps, warmup;
  bool muon;       /* matrices of the blocks by Muon, momentum 0.95; all else by AdamW */
  double embed_lr; /* peak for the embedding and the norms; 0: lr, as for the matrices */
  schedule_kind schedule;
  double decay_fraction; /* of steps, at their end: where WSD decays */
  double ema;            /* of the weights' moving average; 0: there is none */
  uint64_t ramp;         /* steps until a batch has all its rows; 0: from the start */
  uint32_t first_rows;   /* of the first batch, with a ramp */
  bool zero_out;         /* wo and down start from zero */
} step_options;

/* 0, or -1 for a name that is none of cosine, wsd, wsd-sqrt. */
int schedule_from(const char *name, schedule_kind *kind);
const char *schedule_name(schedule_kind kind);

/* Linear warmup to lr, then: a cosine down to min_lr at the last step; or lr until the last
 * decay_fraction of the steps (schedule_decay of them) and from there down to min_lr at the last:
 *   lr - (lr - min_lr) x  or  lr - (lr - min_lr) sqrt(x),  x = 1/n .. 1 over these n steps. */
double step_lr(const step_options *o, uint64_t step);
/* The steps in which WSD decays: at least 1, at most those after warmup. */
uint64_t schedule_decay(const step_options *o);

/* Rows of the batch at `step`, of `rows` in the end: first_rows, doubled after equal parts of the
 * first `ramp` steps. */
uint32_t step_rows(const step_options *o, uint32_t rows, uint64_t step);
/* Rows of all batches before `step`. */
uint64_t step_rows_before(const step_options *o, uint32_t rows, uint64_t step);
/* Why the ramp is none (first_rows is not `rows` divided by a power of two), or NULL. */
const char *schedule_error(const step_options *o, uint32_t rows);

/* Weight a of the newest weights in the average after update n = 1, 2, ...: average += a (weights -
 * average), a = max(1 - ema, 10 / (9 + n)). The first average is the first weights, and until the
 * window of 1 / (1 - ema) updates is full it reaches back over a tenth of them. */
double step_ema(const step_options *o, uint64_t n);

#endif
