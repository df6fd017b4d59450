#include "export.h"

#include "../quantize/quantize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int floats(const export_model *s, uint32_t index, float *x, host_error *e) {
  host_error why;
  return model_tensor_floats(&s->file, index, x, &why)
             ? host_fail(e, "%s: %.900s", s->path, why.text)
             : 0;
}

/* Tensor `index` is what its type allows: finite, and no -128 among int8. x: room for it as floats.
 */
static int check(const export_model *s, uint32_t index, float *x, host_error *e) {
  const model_tensor m = model_file_tensor(&s->file, index);
  char name[32];
  if (floats(s, index, x, e)) return -1;
  if (m.type == ULM_INT8 && memchr(m.values, 0x80, (size_t)m.t.count))
    return host_fail(e, "%s: tensor %s: holds the int8 value -128, which the format does not allow",
                     s->path, quant_name(&m.t, name));
  return 0;
}

int export_open(export_model *s, const char *path, int type, host_error *e) {
  *s = (export_model){.path = path, .type = type};
  if (model_file_open(&s->file, path, 0, e)) return -1;
  json_error_t why;
  s->meta = json_loadb((const char *)s->file.meta.data, (size_t)s->file.meta.size,
                       JSON_REJECT_DUPLICATES, &why);
  int bad = 0;
  if (!json_is_object(s->meta))
    bad = host_fail(e, "%s: byte %llu: META is not a JSON object: %s", path,
                    (unsigned long long)s->file.meta.offset, s->meta ? "another value" : why.text);
  if (!bad && !(s->tokenizer = spm_open(s->file.spm.data, (size_t)s->file.spm.size, e))) bad = -1;
  if (!bad) {
    float *x = host_alloc((size_t)export_largest(s), "a tensor");
    for (uint32_t i = 0; !bad && i < ulm_tensor_count(&s->file.config); i++)
      bad = check(s, i, x, e);
    free(x);
  }
  if (bad) export_close(s);
  return bad;
}

void export_close(export_model *s) {
  if (s->tokenizer) spm_close(s->tokenizer);
  json_decref(s->meta);
  model_file_close(&s->file);
  s->tokenizer = NULL;
  s->meta = NULL;
}

ulm_type export_type(const export_model *s, uint32_t index) {
  const model_tensor m = model_file_tensor(&s->file, index);
  return m.t.cols == 0 ? ULM_F32 : s->type >= 0 ? (ulm_type)s->type : m.type;
}

ulm_type export_matrices(const export_model *s) {
  uint32_t i = 0;
  while (ulm_tensor_at(&s->file.config, i).kind != ULM_T_WQ) i++;
  return export_type(s, i);
}

uint64_t export_largest(const export_model *s) {
  uint64_t n = 0;
  for (uint32_t i = 0; i < ulm_tensor_count(&s->file.config); i++) {
    const ulm_tensor t = ulm_tensor_at(&s->file.config, i);
    const uint64_t size = ulm_tensor_size(ULM_F32, t.rows, t.cols);
    n = size > n ? size : n;
  }
  return n + 2 * ULM_ALIGN; /* a quantized tensor has two paddings */
}

uint64_t export_tensor(const export_model *s, uint32_t index, uint8_t *out, float *scratch,
                       host_error *e) {
  const model_tensor m = model_file_tensor(&s->file, index);
  const ulm_type type = export_type(s, index);
  const uint64_t size = ulm_tensor_size(type, m.t.rows, m.t.cols);
  if (type == m.type) {
    const uint64_t values = ulm_values_size(type, m.t.rows, m.t.cols);
    memset(out, 0, (size_t)size);
    memcpy(out, m.values, (size_t)values);
    if (m.scales)
      memcpy(out + ulm_pad64(values), m.scales, (size_t)ulm_scales_size(type, m.t.rows, m.t.cols));
    return size;
  }
  if (floats(s, index, scratch, e)) return 0;
  return quant_encode(&m.t, type, scratch, out, s->path, e) ? 0 : size;
}

/* ---- gate ---- */

static int get(const json_t *v, const char *what, const char *path, float *out, host_error *e) {
  const double x = json_number_value(v);
  if (!json_is_number(v) || !(fabs(x) < 1e9))
    return host_fail(e, "%s: \"%s\" must be a number below 1e9", path, what);
  *out = (float)x;
  return 0;
}

int gate_from_json(const char *path, ulm_gate *g, host_error *e) {
  json_error_t why;
  host_map map;
  if (host_map_open(&map, path, e)) return -1;
  json_t *o = json_loadb((const char *)map.bytes, map.size, JSON_REJECT_DUPLICATES, &why);
  host_map_close(&map);
  *g = (ulm_gate){.calibrated = 1};
  const json_t *w = json_object_get(o, "weights");
  int bad = 0;
  if (!o)
    bad = host_fail(e, "%s: line %d: not JSON: %s", path, why.line, why.text);
  else if (!json_is_array(w) || json_array_size(w) != 3)
    bad = host_fail(
        e, "%s: \"weights\" must be three numbers: of log-probability, entropy and margin", path);
  if (!bad) bad = get(json_object_get(o, "bias"), "bias", path, &g->bias, e);
  for (size_t i = 0; !bad && i < 3; i++)
    bad = get(json_array_get(w, i), "weights", path, &g->weight[i], e);
  if (!bad) bad = get(json_object_get(o, "threshold"), "threshold", path, &g->threshold, e);
  if (!bad && !(g->threshold >= 0 && g->threshold <= 1))
    bad = host_fail(e, "%s: \"threshold\" must be 0..1", path);
  const json_t *silent = json_object_get(o, "silent"); /* absent in files of old: never silent */
  if (!bad && silent) bad = get(silent, "silent", path, &g->silent, e);
  if (!bad && !(g->silent >= 0 && g->silent <= g->threshold))
    bad = host_fail(e, "%s: \"silent\" must be 0..threshold", path);
  json_decref(o);
  return bad;
}
