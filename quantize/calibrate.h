/* The validation split as batches, and a model's loss over them. */
#ifndef CALIBRATE_H
#define CALIBRATE_H

#include "../tokenizer/shard.h"
#include "../train/model.h"

enum { CALIB_ROWS = 8 };

typedef enum { CALIB_LM, CALIB_CHAT, CALIB_OPENER } calib_objective; /* which tokens are targets */
static const char *const calib_objectives[] = {"lm", "chat", "opener"};

typedef struct {
  shard *shards;
  size_t count;
  uint32_t T;
  calib_objective objective;
  uint64_t limit;   /* input tokens of one pass */
  uint64_t targets; /* target tokens of the last pass */
} calib;

/* Opens split "val" of folder `dir` for a model with this config and tokenizer. Targets are every
 * token (lm; running text always), assistant replies (chat) or their openers (opener). */
int calib_open(calib *k, const char *dir, const ulm_config *c, const ulm_section *spm,
               calib_objective o, uint64_t limit, host_error *e);
void calib_close(calib *k);

/* Mean loss, nats a target token, of m (model_new with at least CALIB_ROWS rows of k->T tokens).
 * Fails if there is no target or the loss is not finite. */
int calib_loss(calib *k, model *m, const char *what, double *loss, host_error *e);

#endif
