/* A model file (.ckpt or .q) into what other programs run: a blob, a C array of it, GGUF, a Hugging
 * Face folder. */
#ifndef EXPORT_H
#define EXPORT_H

#include "../runtime/ulm_blob.h"
#include "../tokenizer/spm.h"
#include "../tokenizer/vocab.h"
#include "../train/ckpt.h"

#include <jansson.h>

/* ---- The source ---- */

typedef struct {
  const char *path;
  model_file file;
  spm *tokenizer;
  json_t *meta; /* an object */
  int type;     /* ulm_type that every matrix is written in, or -1: as it is */
  /* Of blobs: a system turn whose state is stored, for KV cache types 1 << ulm_kv; NULL: none. */
  const char *system;
  unsigned kvs;
} export_model;

/* Maps and verifies; also that every weight is finite. */
int export_open(export_model *s, const char *path, int type, host_error *e);
void export_close(export_model *s);

/* Type that tensor `index` is written in; norms stay F32. */
ulm_type export_type(const export_model *s, uint32_t index);
/* Type of the matrices that are not the embedding. */
ulm_type export_matrices(const export_model *s);
uint64_t
export_largest(const export_model *s); /* bytes that the largest tensor takes, in any type */

/* Tensor `index` as export_type: values, then scales, each padded to 64 bytes, at most
 * export_largest bytes. Returns its bytes, or 0 with the error set. `scratch`: export_largest
 * bytes. */
uint64_t export_tensor(const export_model *s, uint32_t index, uint8_t *out, float *scratch,
                       host_error *e);

/* ---- The gate ---- */

/* {"bias": b, "weights": [w1, w2, w3], "threshold": t} */
int gate_from_json(const char *path, ulm_gate *g, host_error *e);

/* ---- Snapshots of a system turn ---- */

/* "f32,int8" as bits 1 << ulm_kv. */
int export_kvs(const char *list, unsigned *kvs, host_error *e);

/* ---- Inside this folder ---- */

/* The SNAP section for s->system and s->kvs, made by running the blob. Free *out. */
int export_snapshots(const export_model *s, const host_map *blob, uint8_t **out, size_t *size,
                     host_error *e);

/* A name beside `out` for a file that is not complete yet. */
int export_temp(char *temp, size_t size, const char *out, host_error *e);
/* Writes a blob to `temp`, maps it and has the runtime verify it; removes it on failure. */
int export_blob_as(const export_model *s, const ulm_gate *gate, const char *temp, host_map *map,
                   host_error *e);

/* What transformers calls a tensor; returns out. */
char *export_hf_name(const ulm_tensor *t, char out[96]);

/* ---- Formats; gate may be NULL. Each output appears whole or not at all. ---- */

/* A blob, opened and verified by the runtime's reader before it gets its name. */
int export_blob(const export_model *s, const ulm_gate *gate, const char *out, host_error *e);

/* A blob as C source: `const uint32_t NAME[]` and `const size_t NAME_size`, and a header beside it.
 * NAME is "model_" and the letters, digits and underscores of the file's name. */
int export_c(const export_model *s, const ulm_gate *gate, const char *out, host_error *e);

/* GGUF v3 for llama.cpp's "llama" architecture: F32 or F16; int8 as Q8_0, int4 as Q4_0, without
 * loss. */
int export_gguf(const export_model *s, const char *out, host_error *e);

/* A folder for transformers' LlamaForCausalLM; F32 or F16. A folder that is already there is
 * replaced if it holds nothing but such files. */
int export_hf(const export_model *s, const char *out, host_error *e);

#endif
