/* A checkpoint file into a quantized one. */
#include "calibrate.h"
#include "quantize.h"

#include "../train/ckpt.h"

#include <stdlib.h>
#include <string.h>

/* The one asked for, else the one it was trained for, else chat. */
static objective objective_of(const char *given, const json_t *meta) {
  const char *trained = json_string_value(json_object_get(meta, "objective"));
  objective o = OBJECTIVE_CHAT;
  if (given || trained) (void)objective_from(given ? given : trained, &o);
  return o;
}

/* The directory is known before any weight. */
static void write_directory(host_box *box, const ulm_config *c, const quant_plan *plan) {
  uint64_t at = 0;
  host_box_section(box, ULM_SEC_TENSORS);
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    uint8_t entry[ULM_TDIR_ENTRY];
    const ulm_tensor t = ulm_tensor_at(c, i);
    at = ulm_tdir_write(entry, c, i, quant_type(plan, &t), at);
    host_box_write(box, entry, sizeof entry);
  }
}

/* Writes WGTS and leaves in params what a reader will decode. */
static int write_weights(host_box *box, const ulm_config *c, const quant_plan *plan, float *params,
                         quant_loss *losses, const char *file, host_error *e) {
  uint64_t largest = 0;
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    largest = t.count > largest ? t.count : largest;
  }
  uint8_t *bytes = host_alloc((size_t)ulm_tensor_size(ULM_F32, largest, 0), "an encoded tensor");
  float *decoded = host_alloc((size_t)largest * sizeof *decoded, "a decoded tensor");
  host_progress p;
  host_progress_begin(&p, "quantize", "weights", ulm_param_count(c));
  host_box_section(box, ULM_SEC_WEIGHTS);
  int bad = 0;
  for (uint32_t i = 0; !bad && i < ulm_tensor_count(c); i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    const ulm_type type = quant_type(plan, &t);
    float *x = params + t.start;
    if ((bad = quant_encode(&t, type, x, bytes, file, e))) break;
    host_box_write(box, bytes, (size_t)ulm_tensor_size(type, t.rows, t.cols));
    quant_decode(&t, type, bytes, decoded);
    losses[i] = quant_measure(&t, type, x, decoded);
    memcpy(x, decoded, (size_t)t.count * sizeof *x);
    host_progress_step(&p, t.start + t.count, NULL);
  }
  if (!bad) host_progress_end(&p, ulm_param_count(c), NULL);
  free(bytes);
  free(decoded);
  return bad;
}

/* CONF, TDIR, WGTS, SPM, META. params are f's weights and become the decoded ones; k and m, which
 * holds params, may be NULL. meta becomes META, with the report in it. */
static int write_file(const model_file *f, const quant_options *o, const char *path,
                      const char *out, float *params, calib *k, model *m, double before,
                      json_t *meta, host_error *e) {
  const ulm_config *c = &f->config;
  uint8_t config[ULM_CONFIG_SIZE];
  host_box box;
  if (host_box_open(&box, out, ULM_KIND_QUANT, 5, e)) return -1;
  quant_loss *losses = host_alloc(ulm_tensor_count(c) * sizeof *losses, "the errors");
  ulm_config_write(config, c);
  host_box_section(&box, ULM_SEC_CONFIG);
  host_box_write(&box, config, sizeof config);
  write_directory(&box, c, &o->plan);
  quant_ppl ppl = {.before = before};
  int bad = write_weights(&box, c, &o->plan, params, losses, path, e);
  if (!bad && k) {
    bad = calib_loss(k, m, "loss after", &ppl.after, e);
    ppl.targets = k->targets;
    ppl.objective = objective_name(k->view.objective);
  }
  if (!bad) {
    json_object_set_new(meta, "quantization", quant_report(&o->plan, c, losses, k ? &ppl : NULL));
    json_object_set_new(meta, "weights_crc32",
                        json_integer(f->weights.crc)); /* which checkpoint this was */
    char *text = json_dumps(meta, JSON_COMPACT | JSON_REAL_PRECISION(9));
    host_box_section(&box, ULM_SEC_SPM);
    host_box_write(&box, f->spm.data, (size_t)f->spm.size);
    host_box_section(&box, ULM_SEC_META);
    host_box_write(&box, text, strlen(text));
    bad = host_box_commit(&box, e);
    free(text);
  } else {
    host_box_abort(&box);
  }
  free(losses);
  return bad;
}

static int convert(const model_file *f, const quant_options *o, const char *path, const char *out,
                   json_t *meta, host_error *e) {
  calib k = {0};
  model *m = NULL;
  double before = 0;
  int bad = 0;
  if (o->shards) {
    if (calib_open(&k, o->shards, &f->config, &f->spm, objective_of(o->objective, meta), o->tokens,
                   e))
      return -1;
    m = model_new(&f->config, CALIB_ROWS, k.T, 0, o->threads, e);
    bad = m ? 0 : -1;
  }
  float *own = o->shards
                   ? NULL
                   : host_alloc((size_t)ulm_param_count(&f->config) * sizeof *own, "the weights");
  float *params = m ? model_params(m) : own;
  host_error why;
  if (!bad && model_file_floats(f, params, &why)) bad = host_fail(e, "%s: %.900s", path, why.text);
  if (!bad && m) bad = calib_loss(&k, m, "loss before", &before, e);
  if (!bad) bad = write_file(f, o, path, out, params, m ? &k : NULL, m, before, meta, e);
  free(own);
  if (m) model_free(m);
  if (o->shards) calib_close(&k);
  return bad;
}

int quant_file(const char *path, const quant_options *o, const char *out, json_t **report,
               host_error *e) {
  model_file f;
  json_error_t why;
  if (model_file_open(&f, path, ULM_KIND_CKPT, e)) return -1;
  json_t *meta =
      json_loadb((const char *)f.meta.data, (size_t)f.meta.size, JSON_REJECT_DUPLICATES, &why);
  int bad = quant_check(&o->plan, &f.config, path, e);
  if (!bad && !json_is_object(meta))
    bad = host_fail(e, "%s: byte %llu: META is not a JSON object: %s", path,
                    (unsigned long long)f.meta.offset, meta ? "another value" : why.text);
  if (!bad) bad = convert(&f, o, path, out, meta, e);
  if (!bad) *report = json_incref(json_object_get(meta, "quantization"));
  json_decref(meta);
  model_file_close(&f);
  return bad;
}
