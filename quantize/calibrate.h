/* The validation split as batches, and a model's loss over them. */
#ifndef CALIBRATE_H
#define CALIBRATE_H

#include "../train/model.h"
#include "../train/view.h"

enum { CALIB_ROWS = 8 };

typedef struct {
  shard *shards;
  size_t count;
  uint32_t T;
  view_options view;
  uint64_t limit;   /* positions of one pass, rounded up to a batch */
  uint64_t targets; /* target tokens of the last pass */
} calib;

/* Opens split "val" of folder `dir` for a model with this config and tokenizer. Which tokens are
 * targets is as in training (view.h). */
int calib_open(calib *k, const char *dir, const ulm_config *c, const ulm_section *spm, objective o,
               uint64_t limit, host_error *e);
void calib_close(calib *k);

/* Mean loss, nats a target token, of m (model_new with at least CALIB_ROWS rows of k->T tokens).
 * Fails if there is no target or the loss is not finite. */
int calib_loss(calib *k, model *m, const char *what, double *loss, host_error *e);

#endif
