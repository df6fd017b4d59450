#include "ckpt.h"
#include "../tokenizer/spm.h"
#include <math.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "files are little-endian and used in place");

static int check(model_file *f, const uint8_t *bytes, size_t n, const char *name, uint32_t kind,
                 host_error *e) {
  ulm_error err;
  ulm_section conf;
  uint32_t vocab;
  host_error why;
  if (ulm_file_open(&f->file, bytes, n, kind, &err) || ulm_file_verify(&f->file, &err))
    return host_fail_ulm(e, name, &err);
  if (f->file.kind != ULM_KIND_CKPT && f->file.kind != ULM_KIND_QUANT)
    return host_fail(
        e, "%s: byte 8: a checkpoint or a quantized model is needed; `ulm info` tells what this is",
        name);
  if (ulm_file_need(&f->file, ULM_SEC_CONFIG, &conf, &err) ||
      ulm_config_read(&conf, &f->config, &err) ||
      ulm_file_need(&f->file, ULM_SEC_TENSORS, &f->dir, &err) ||
      ulm_file_need(&f->file, ULM_SEC_WEIGHTS, &f->weights, &err) ||
      ulm_file_need(&f->file, ULM_SEC_SPM, &f->spm, &err) ||
      ulm_file_need(&f->file, ULM_SEC_META, &f->meta, &err) ||
      ulm_tdir_check(&f->dir, &f->config, f->weights.size, 0, &err))
    return host_fail_ulm(e, name, &err);
  if (spm_check(f->spm.data, f->spm.size, &vocab, &why))
    return host_fail(e, "%s: byte %llu: tokenizer: %s", name, (unsigned long long)f->spm.offset,
                     why.text);
  if (vocab != f->config.vocab)
    return host_fail(e, "%s: the tokenizer has %u pieces, the model's vocabulary %u", name, vocab,
                     f->config.vocab);
  return 0;
}

int model_file_open(model_file *f, const char *path, uint32_t kind, host_error *e) {
  memset(f, 0, sizeof *f);
  if (host_map_open(&f->map, path, e)) return -1;
  if (!check(f, f->map.bytes, f->map.size, path, kind, e)) return 0;
  model_file_close(f);
  return -1;
}

int model_file_parse(model_file *f, const uint8_t *bytes, size_t n, const char *name, uint32_t kind,
                     host_error *e) {
  memset(f, 0, sizeof *f);
  return check(f, bytes, n, name, kind, e);
}

void model_file_close(model_file *f) { host_map_close(&f->map); }

model_tensor model_file_tensor(const model_file *f, uint32_t index) {
  const ulm_placed p = ulm_tdir_at(&f->dir, index);
  return (model_tensor){ulm_tensor_at(&f->config, index), p.type, f->weights.data + p.offset,
                        p.scales ? (const uint16_t *)(const void *)(f->weights.data + p.scales)
                                 : NULL};
}

int model_tensor_floats(const model_file *f, uint32_t index, float *out, host_error *e) {
  const model_tensor m = model_file_tensor(f, index);
  const size_t n = (size_t)m.t.count;
  switch (m.type) {
  case ULM_F32:
    memcpy(out, m.values, n * sizeof *out);
    break;
  case ULM_F16:
    for (size_t i = 0; i < n; i++) out[i] = ulm_f32_from_f16(ulm_get16(m.values + 2 * i));
    break;
  case ULM_INT8:
    ulm_dequant_s8(n, (const int8_t *)m.values, m.scales, out);
    break;
  default:
    ulm_dequant_s4(n, m.values, m.scales, out);
  }
  for (size_t i = 0; i < n; i++)
    if (!isfinite(out[i]))
      return host_fail(e,
                       "tensor %s (block %d): value %zu is not finite; the model is damaged or its "
                       "training diverged",
                       m.t.name, m.t.layer, i);
  return 0;
}

int model_file_floats(const model_file *f, float *params, host_error *e) {
  const uint32_t n = ulm_tensor_count(&f->config);
  for (uint32_t i = 0; i < n; i++)
    if (model_tensor_floats(f, i, params + ulm_tensor_at(&f->config, i).start, e)) return -1;
  return 0;
}
