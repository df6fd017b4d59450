/* A Hugging Face folder of a plain Llama into a checkpoint: config.json, model.safetensors (F32,
 * F16 or BF16) and tokenizer.model, which must be one of ours (spm_check): a model exported before,
 * perhaps trained on elsewhere. RoPE is half-split there too, so weights keep their order.
 *
 * model.safetensors: u64 length of a JSON header, the header ({"name": {"dtype", "shape",
 * "data_offsets": [begin, end]}}), the tensors, which offsets count from the header's end. */
#include "import.h"

#include "../train/save.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MAX = 16 << 20, CONFIG_MAX = 1 << 20 };

/* ---- config.json ---- */

static int number(const json_t *o, const char *path, const char *key, uint32_t *to, host_error *e) {
  const json_t *v = json_object_get(o, key);
  const json_int_t x = json_integer_value(v);
  if (!json_is_integer(v) || x < 1 || x > UINT32_MAX)
    return host_fail(e, "%s: \"%s\" must be a whole number above 0", path, key);
  *to = (uint32_t)x;
  return 0;
}
static int real_number(const json_t *o, const char *path, const char *key, float *to,
                       host_error *e) {
  const json_t *v = json_object_get(o, key);
  const double x = json_number_value(v);
  if (!json_is_number(v) || !(x > 0 && x < 1e12))
    return host_fail(e, "%s: \"%s\" must be a number above 0", path, key);
  *to = (float)x;
  return 0;
}

/* Absent, null, or as the format's default has it. */
static bool is_off(const json_t *o, const char *key) {
  const json_t *v = json_object_get(o, key);
  return !v || json_is_null(v) || json_is_false(v);
}

int import_config(const uint8_t *bytes, size_t n, const char *path, ulm_config *c, host_error *e) {
  json_error_t why;
  uint32_t head;
  *c = (ulm_config){0};
  if (n > CONFIG_MAX) return host_fail(e, "%s: %zu bytes are no model's configuration", path, n);
  json_t *o = json_loadb((const char *)bytes, n, JSON_REJECT_DUPLICATES, &why);
  int bad = 0;
  if (!json_is_object(o))
    bad = host_fail(e, "%s: byte %d: not a JSON object: %s", path, o ? 0 : why.position,
                    o ? "another value" : why.text);
  const char *type = json_string_value(json_object_get(o, "model_type")),
             *act = json_string_value(json_object_get(o, "hidden_act"));
  if (!bad && (!type || strcmp(type, "llama")))
    bad =
        host_fail(e, "%s: \"model_type\" is \"%.50s\"; only plain \"llama\" models can be imported",
                  path, type ? type : "");
  if (!bad && act && strcmp(act, "silu"))
    bad = host_fail(e, "%s: \"hidden_act\" must be \"silu\"", path);
  if (!bad && !json_is_true(json_object_get(o, "tie_word_embeddings")))
    bad = host_fail(e, "%s: \"tie_word_embeddings\" must be true: the embedding is the output too",
                    path);
  static const char *const off[] = {"attention_bias", "mlp_bias", "rope_scaling",
                                    "quantization_config"};
  for (size_t i = 0; !bad && i < sizeof off / sizeof *off; i++)
    if (!is_off(o, off[i])) bad = host_fail(e, "%s: \"%s\" is not of a plain Llama", path, off[i]);
  if (!bad && (number(o, path, "hidden_size", &c->dim, e) ||
               number(o, path, "num_hidden_layers", &c->layers, e) ||
               number(o, path, "num_attention_heads", &c->heads, e) ||
               number(o, path, "intermediate_size", &c->ffn, e) ||
               number(o, path, "vocab_size", &c->vocab, e) ||
               number(o, path, "max_position_embeddings", &c->context, e) ||
               real_number(o, path, "rms_norm_eps", &c->norm_eps, e) ||
               real_number(o, path, "rope_theta", &c->rope_base, e)))
    bad = -1;
  c->kv_heads = c->heads;
  if (!bad && json_object_get(o, "num_key_value_heads"))
    bad = number(o, path, "num_key_value_heads", &c->kv_heads, e);
  if (!bad && ulm_config_error(c)) bad = host_fail(e, "%s: %s", path, ulm_config_error(c));
  if (!bad && json_object_get(o, "head_dim") && !number(o, path, "head_dim", &head, e) &&
      head != ulm_head_dim(c))
    bad = host_fail(e, "%s: \"head_dim\" must be hidden_size / num_attention_heads", path);
  json_decref(o);
  return bad;
}

/* ---- model.safetensors ---- */

typedef struct {
  const uint8_t *at; /* first value */
  int kind;          /* ULM_F32, ULM_F16, or BF16 */
} place;
enum { BF16 = ULM_TYPES };

static float value(const place *p, uint64_t i) {
  if (p->kind == ULM_F16) return ulm_f32_from_f16(ulm_get16(p->at + 2 * i));
  const uint32_t u =
      p->kind == BF16 ? (uint32_t)ulm_get16(p->at + 2 * i) << 16 : ulm_get32(p->at + 4 * i);
  float x;
  memcpy(&x, &u, 4);
  return x;
}

/* Where tensor `name` of rows x cols (cols 0: a vector) lies; `room`: bytes behind the header. */
static int find(const json_t *header, const char *path, const char *name, uint64_t rows,
                uint64_t cols, const uint8_t *data, uint64_t room, place *to, host_error *e) {
  const json_t *t = json_object_get(header, name), *shape = json_object_get(t, "shape"),
               *span = json_object_get(t, "data_offsets");
  const char *type = json_string_value(json_object_get(t, "dtype"));
  if (!json_is_object(t)) return host_fail(e, "%s: tensor %s is missing", path, name);
  to->kind = !type                   ? -1
             : !strcmp(type, "F32")  ? ULM_F32
             : !strcmp(type, "F16")  ? ULM_F16
             : !strcmp(type, "BF16") ? BF16
                                     : -1;
  if (to->kind < 0)
    return host_fail(e, "%s: tensor %s: \"dtype\" must be F32, F16 or BF16", path, name);
  if (json_array_size(shape) != (cols ? 2u : 1u) ||
      json_integer_value(json_array_get(shape, 0)) != (json_int_t)rows ||
      (cols && json_integer_value(json_array_get(shape, 1)) != (json_int_t)cols))
    return host_fail(e, "%s: tensor %s: \"shape\" must be [%llu%s%.0llu], by config.json", path,
                     name, (unsigned long long)rows, cols ? ", " : "", (unsigned long long)cols);
  const json_t *b = json_array_get(span, 0), *z = json_array_get(span, 1);
  const json_int_t begin = json_integer_value(b), end = json_integer_value(z);
  const uint64_t bytes = rows * (cols ? cols : 1) * (to->kind == ULM_F32 ? 4 : 2);
  if (json_array_size(span) != 2 || !json_is_integer(b) || !json_is_integer(z) || begin < 0 ||
      end < begin || (uint64_t)end > room || (uint64_t)(end - begin) != bytes)
    return host_fail(e,
                     "%s: tensor %s: \"data_offsets\" must span its %llu bytes inside the file; "
                     "perhaps it was cut short",
                     path, name, (unsigned long long)bytes);
  to->at = data + begin;
  return 0;
}

static int read_tensors(const json_t *header, const char *path, const ulm_config *c,
                        const uint8_t *data, uint64_t room, float *params, host_error *e) {
  const uint32_t n = ulm_tensor_count(c);
  size_t known = json_object_get(header, "__metadata__") ? 1 : 0;
  char name[96];
  for (uint32_t i = 0; i < n; i++, known++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    place p;
    if (find(header, path, export_hf_name(&t, name), t.rows, t.cols, data, room, &p, e)) return -1;
    for (uint64_t j = 0; j < t.count; j++)
      if (!isfinite(params[t.start + j] = value(&p, j)))
        return host_fail(e, "%s: tensor %s: value %llu is not finite", path, name,
                         (unsigned long long)j);
  }
  if (json_object_get(header, "lm_head.weight")) { /* some programs write the tied matrix twice */
    const ulm_tensor t = ulm_tensor_at(c, 0);
    place p;
    if (find(header, path, "lm_head.weight", t.rows, t.cols, data, room, &p, e)) return -1;
    for (uint64_t j = 0; j < t.count; j++)
      if (!(value(&p, j) == params[t.start + j]))
        return host_fail(
            e, "%s: lm_head.weight differs from the embedding; only tied models can be imported",
            path);
    known++;
  }
  if (known == json_object_size(header)) return 0;
  const char *key;
  json_t *v;
  json_object_foreach((json_t *)header, key, v) {
    bool ours = !strcmp(key, "__metadata__") || !strcmp(key, "lm_head.weight");
    for (uint32_t i = 0; !ours && i < n; i++) {
      const ulm_tensor t = ulm_tensor_at(c, i);
      ours = !strcmp(key, export_hf_name(&t, name));
    }
    if (!ours)
      return host_fail(e, "%s: tensor %.100s is not of a plain Llama of config.json's shape", path,
                       key);
  }
  return 0;
}

int import_safetensors(const uint8_t *bytes, size_t n, const char *path, const ulm_config *c,
                       float **params, host_error *e) {
  *params = NULL;
  const uint64_t length = n < 8 ? 0 : ulm_get64(bytes), count = ulm_param_count(c);
  if (n < 8 || length > n - 8 || length > HEADER_MAX)
    return host_fail(
        e,
        "%s: byte 0: the header's length of %llu bytes leaves the file; perhaps it was cut short",
        path, (unsigned long long)length);
  if (count > (n - 8 - length) / 2) /* before anything of that size is allocated */
    return host_fail(e, "%s: %zu bytes hold no %llu parameters, as config.json has it", path, n,
                     (unsigned long long)count);
  json_error_t why;
  json_t *header =
      json_loadb((const char *)bytes + 8, (size_t)length, JSON_REJECT_DUPLICATES, &why);
  int bad = 0;
  if (!json_is_object(header))
    bad = host_fail(e, "%s: byte %d: the header is not a JSON object", path,
                    8 + (header ? 0 : why.position));
  if (!bad) {
    *params = host_alloc(host_mul_add((size_t)count, sizeof **params, 0), "the weights");
    bad = read_tensors(header, path, c, bytes + 8 + length, n - 8 - length, *params, e);
  }
  json_decref(header);
  if (bad) free(*params), *params = NULL;
  return bad;
}

/* ---- the folder ---- */

int import_hf(const char *dir, const char *out, ulm_config *c, host_error *e) {
  static const char *const names[] = {"config.json", "tokenizer.model", "model.safetensors"};
  enum { CONFIG, TOKENIZER, WEIGHTS, FILES };
  char path[FILES][4096];
  host_map map[FILES] = {{0}};
  float *params = NULL;
  uint32_t vocab = 0;
  host_error why;
  int bad = 0;
  for (int i = 0; !bad && i < FILES; i++)
    bad = host_path(path[i], sizeof path[i], dir, names[i], e) || host_map_open(&map[i], path[i], e)
              ? -1
              : 0;
  if (!bad) bad = import_config(map[CONFIG].bytes, map[CONFIG].size, path[CONFIG], c, e);
  if (!bad && spm_check(map[TOKENIZER].bytes, map[TOKENIZER].size, &vocab, &why))
    bad = host_fail(e, "%s: not a vocabulary that ulm tokenizer made: %.700s", path[TOKENIZER],
                    why.text);
  if (!bad && vocab != c->vocab)
    bad = host_fail(e, "%s: has %u pieces, config.json %u", path[TOKENIZER], vocab, c->vocab);
  if (!bad)
    bad = import_safetensors(map[WEIGHTS].bytes, map[WEIGHTS].size, path[WEIGHTS], c, &params, e);
  if (!bad) {
    json_t *meta = json_pack("{s:s, s:s}", "tool", "ulm-export", "imported", dir);
    char *text = meta ? json_dumps(meta, JSON_COMPACT) : NULL;
    json_decref(meta);
    if (!text) {
      bad = host_fail(e, "%.200s: the folder's name must be UTF-8", dir);
    } else {
      const ckpt_parts p = {.config = c,
                            .params = params,
                            .spm = {.data = map[TOKENIZER].bytes, .size = map[TOKENIZER].size},
                            .meta = text,
                            .meta_size = strlen(text)};
      bad = ckpt_save(out, &p, e);
    }
    free(text);
  }
  free(params);
  for (int i = 0; i < FILES; i++) host_map_close(&map[i]);
  return bad;
}
