/* Writing checkpoints, and the training state that resuming needs. */
#ifndef TRAIN_SAVE_H
#define TRAIN_SAVE_H

#include "ckpt.h"

/* STAT: a head of STATE_SIZE bytes, then the data cursor (loader.h). Byte tables: docs/FORMATS.md.
 * Nothing else is random: weights were drawn from the seed, and the order of documents is a
 * function of it. Version 1, whose head has STATE_SIZE_1 bytes, is still read. */
enum { STATE_VERSION = 2, STATE_SIZE = 192, STATE_SIZE_1 = 144 };
typedef struct {
  uint64_t step, tokens, steps, seed;
  uint64_t data;     /* fingerprint of shards and their weights */
  double best, loss; /* lowest validation loss, last training loss; infinity before the first */
  uint32_t batch, seq, objective, warmup, threads, eval_every, eval_batches, muon, ranks;
  float tail, prompt, lr, min_lr, decay, beta1, beta2, clip;
  char isa[16];
  /* Not in version 1, where they are 0: a cosine, no ramp, no average, float32. */
  uint64_t ramp;
  uint32_t schedule, first_rows, zero_out, bf16;
  float decay_fraction, embed_lr, ema;
  const uint8_t *cursor;
  size_t cursor_size;
} train_state;

void state_write(uint8_t out[STATE_SIZE], const train_state *s); /* the head */
/* s->cursor points into the section. */
int state_read(const ulm_section *section, train_state *s, host_error *e);

/* params, and for resuming moments m and v and the state (m NULL: a checkpoint of weights alone),
 * all in table order. Where params is the average of the weights, which is then what export,
 * quantization and --init see, `trained` is the weights themselves; else NULL. */
typedef struct {
  const ulm_config *config;
  const float *params, *m, *v, *trained;
  const train_state *state;
  ulm_section spm;
  const char *meta;
  size_t meta_size;
} ckpt_parts;
int ckpt_save(const char *path, const ckpt_parts *p, host_error *e);

/* Moments and state of an open checkpoint; fails if it holds none. s->cursor is valid while f is.
 */
int ckpt_resume(const model_file *f, float *m, float *v, train_state *s, host_error *e);
/* 1 if the checkpoint has weights beside their average: they replace those in params, and average
 * (unless it is NULL) gets the checkpoint's; 0 if not; -1 on an error. */
int ckpt_average(const model_file *f, float *params, float *average, host_error *e);

#endif
