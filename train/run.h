/* One training run: what it is asked for, and the loop. */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include "loader.h"
#include "save.h"
#include "step.h"

typedef struct {
  ulm_config config;
  const char *preset; /* name, or "custom" */
  const loader_source *sources;
  size_t count;
  const char *dir, *init;   /* init: a checkpoint to start from, or NULL */
  bool resume, force, json; /* force: start anew over what is in dir */
  view_options view;
  step_options step;
  uint64_t seed;
  uint32_t batch, seq, eval_every, eval_batches, save_every;
  uint32_t patience;        /* validations without a better one that end the run; 0: none do */
  double spike;             /* guard_limit's; 0: no loss is too high */
  double disk_wait;         /* seconds to go on trying a write that fails */
  int threads, model_flags; /* MODEL_BF16, MODEL_RECOMPUTE */
} run_options;

/* Trains; logs to stderr, the summary (json: a line a step) to stdout. 0 when all steps are done or
 * patience is at its end; -1 with *e otherwise, signals included. Whatever ends it, RUN/last.ckpt
 * is whole and resumable, and resuming gives the same bytes as never having stopped. */
int run_train(const run_options *o, host_error *e);

/* FLOPs of forward and backward for one token of a row of T: 6 for each weight that a product reads
 * (the embedding counts once, as the classifier), and attention's 12 * layers * dim * T/2. */
double run_flops(const ulm_config *c, uint32_t T);

#endif
