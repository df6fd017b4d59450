/* The way back: a Hugging Face folder into a checkpoint that ulm-train --init goes on from. */
#ifndef IMPORT_H
#define IMPORT_H

#include "export.h"

/* Reads dir/{config.json, tokenizer.model, model.safetensors} and writes the checkpoint `out`,
 * weights alone. *c: its shape. Fails where the model is not a plain tied Llama, or its vocabulary
 * is not one of ours. */
int import_hf(const char *dir, const char *out, ulm_config *c, host_error *e);

/* Its parts, over bytes; path is for messages. *params: free it; ulm_param_count floats in table
 * order, finite. */
int import_config(const uint8_t *bytes, size_t n, const char *path, ulm_config *c, host_error *e);
int import_safetensors(const uint8_t *bytes, size_t n, const char *path, const ulm_config *c,
                       float **params, host_error *e);

#endif
