/* Writing checkpoints, and the training state that resuming needs. */
#ifndef TRAIN_SAVE_H
#define TRAIN_SAVE_H

#include "ckpt.h"

/* STAT, 128 bytes: docs/FORMATS.md. The batches drawn so far follow from seed, step and data alone.
 */
enum { STATE_SIZE = 128 };
typedef struct {
  uint64_t step, tokens, seed;
  double best;   /* lowest validation loss; infinity before the first */
  uint64_t data; /* fingerprint of shards and their weights */
  uint32_t batch, seq, objective;
  float tail, prompt, lr, min_lr;
  uint32_t warmup;
  uint64_t steps;
  float decay, beta1, beta2, clip;
  char isa[16];
  uint32_t threads;
} train_state;

void state_write(uint8_t out[STATE_SIZE], const train_state *s);
int state_read(const ulm_section *section, train_state *s, host_error *e);

/* params, and for resuming moments m and v (NULL: a checkpoint of weights alone), all in table
 * order. */
typedef struct {
  const ulm_config *config;
  const float *params, *m, *v;
  const train_state *state;
  const uint8_t *spm;
  size_t spm_size;
  const char *meta;
  size_t meta_size;
} ckpt_parts;
int ckpt_save(const char *path, const ckpt_parts *p, host_error *e);

/* Moments and state of an open checkpoint; fails if it holds none. */
int ckpt_resume(const model_file *f, float *m, float *v, train_state *s, host_error *e);

#endif
