/* Checkpoints (.ckpt): a container of CONF, TDIR, WGTS (float32), META (JSON), SPM (the tokenizer),
 * and, for resuming, MOM1, MOM2 (float32 moments in table order, as WGTS) and STAT. Byte tables:
 * docs/FORMATS.md. */
#ifndef TRAIN_CKPT_H
#define TRAIN_CKPT_H

#include "../host.h"

/* Any model file that holds a config, tensors and a tokenizer: .ckpt or .q. Mapped and verified
 * whole. */
typedef struct {
  host_map map;
  ulm_file file;
  ulm_config config;
  ulm_section dir, weights, spm, meta; /* meta is JSON */
} model_file;

/* kind: ULM_KIND_CKPT, ULM_KIND_QUANT, or 0 for either. Checks config, directory, tokenizer
 * (spm_check, vocabulary equal to the config's). */
int model_file_open(model_file *f, const char *path, uint32_t kind, host_error *e);
/* The same over bytes in memory (fuzzing). */
int model_file_parse(model_file *f, const uint8_t *bytes, size_t n, const char *name, uint32_t kind,
                     host_error *e);
void model_file_close(model_file *f);

/* Where tensor `index` is: values, and scales (NULL if the type has none). */
typedef struct {
  ulm_tensor t;
  ulm_type type;
  const uint8_t *values;
  const uint16_t *scales; /* host order is little-endian: checked when built */
} model_tensor;
model_tensor model_file_tensor(const model_file *f, uint32_t index);
/* Tensor as float32: t.count values. Fails on values that are not finite. */
int model_tensor_floats(const model_file *f, uint32_t index, float *out, host_error *e);
/* All tensors into ulm_param_count floats in table order. */
int model_file_floats(const model_file *f, float *params, host_error *e);

#endif
