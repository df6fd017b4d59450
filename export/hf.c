/* A folder that transformers' LlamaForCausalLM and LlamaTokenizer read. Its RoPE is half-split, as
 * ours, so weights keep their order.
 *
 * model.safetensors: u64 length of a JSON header, the header ({"name": {"dtype", "shape",
 * "data_offsets"}}, padded with spaces to a multiple of 8), the tensors one after another. */
#include "export.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const files[] = {"config.json",       "generation_config.json",
                                    "model.safetensors", "special_tokens_map.json",
                                    "tokenizer.model",   "tokenizer_config.json"};
enum { FILES = sizeof files / sizeof *files };
static const char *const specials[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<unk>"};

/* ---- JSON files ---- */

static json_t *config_json(const export_model *s, ulm_type type) {
  const ulm_config *c = &s->file.config;
  return json_pack("{s:[s], s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:f, s:f, s:s, s:b, s:b, "
                   "s:b, s:i, s:i, s:i, s:s}",
                   "architectures", "LlamaForCausalLM", "model_type", "llama", "hidden_size",
                   (int)c->dim, "intermediate_size", (int)c->ffn, "num_hidden_layers",
                   (int)c->layers, "num_attention_heads", (int)c->heads, "num_key_value_heads",
                   (int)c->kv_heads, "head_dim", (int)ulm_head_dim(c), "vocab_size", (int)c->vocab,
                   "max_position_embeddings", (int)c->context, "rms_norm_eps", (double)c->norm_eps,
                   "rope_theta", (double)c->rope_base, "hidden_act", "silu", "tie_word_embeddings",
                   1, "attention_bias", 0, "mlp_bias", 0, "bos_token_id", ULM_BOS, "eos_token_id",
                   ULM_EOS, "pad_token_id", ULM_PAD, "torch_dtype",
                   type == ULM_F16 ? "float16" : "float32");
}

static json_t *generation_json(void) {
  return json_pack("{s:i, s:[i, i], s:i, s:b, s:f, s:f, s:i}", "bos_token_id", ULM_BOS,
                   "eos_token_id", ULM_EOS, ULM_PAD, "pad_token_id", ULM_PAD, "do_sample", 1,
                   "temperature", 0.5, "top_p", 0.9, "max_new_tokens", ULM_OPENER_TOKENS);
}

static json_t *specials_json(void) {
  return json_pack("{s:s, s:s, s:s, s:s}", "bos_token", specials[ULM_BOS], "eos_token",
                   specials[ULM_EOS], "pad_token", specials[ULM_PAD], "unk_token",
                   specials[ULM_UNK]);
}

static json_t *tokenizer_json(const export_model *s) {
  json_t *o = specials_json(), *added = json_object();
  for (int i = 0; i < 4; i++) {
    const char id[2] = {(char)('0' + i), 0};
    json_object_set_new(added, id,
                        json_pack("{s:s, s:b, s:b, s:b, s:b, s:b}", "content", specials[i],
                                  "lstrip", 0, "rstrip", 0, "normalized", 0, "single_word", 0,
                                  "special", 1));
  }
  json_object_set_new(o, "tokenizer_class", json_string("LlamaTokenizer"));
  json_object_set_new(o, "added_tokens_decoder", added);
  json_object_set_new(o, "legacy", json_false());
  json_object_set_new(o, "add_bos_token", json_false());
  json_object_set_new(o, "add_eos_token", json_false());
  json_object_set_new(o, "add_prefix_space", json_false());
  json_object_set_new(o, "clean_up_tokenization_spaces", json_false());
  json_object_set_new(o, "model_max_length", json_integer(s->file.config.context));
  json_object_set_new(o, "chat_template", json_string(ULM_CHATML));
  return o;
}

/* ---- tensors ---- */

char *export_hf_name(const ulm_tensor *t, char out[96]) {
  if (t->layer < 0)
    snprintf(out, 96, "%s.weight", t->hf);
  else
    snprintf(out, 96, "model.layers.%d.%s.weight", t->layer, t->hf);
  return out;
}

/* Every tensor is of one type there, norms too. */
static int write_safetensors(host_out *o, const export_model *s, ulm_type type, host_error *e) {
  const ulm_config *c = &s->file.config;
  const uint32_t n = ulm_tensor_count(c);
  const uint64_t one = type == ULM_F16 ? 2 : 4;
  json_t *header = json_pack("{s:{s:s}}", "__metadata__", "format", "pt");
  for (uint32_t i = 0; i < n; i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    char name[96];
    json_t *shape = json_pack("[I]", (json_int_t)t.rows);
    if (t.cols) json_array_append_new(shape, json_integer(t.cols));
    json_object_set_new(header, export_hf_name(&t, name),
                        json_pack("{s:s, s:o, s:[I, I]}", "dtype", type == ULM_F16 ? "F16" : "F32",
                                  "shape", shape, "data_offsets", (json_int_t)(t.start * one),
                                  (json_int_t)((t.start + t.count) * one)));
  }
  char *text = json_dumps(header, JSON_COMPACT);
  json_decref(header);
  const size_t size = strlen(text), padded = (size + 7) / 8 * 8;
  uint8_t length[8];
  ulm_put64(length, padded);
  host_out_write(o, length, sizeof length);
  host_out_write(o, text, size);
  host_out_write(o, "        ", padded - size);
  free(text);

  float *x = host_alloc((size_t)export_largest(s), "a tensor");
  int bad = 0;
  for (uint32_t i = 0; !bad && i < n; i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    if ((bad = model_tensor_floats(&s->file, i, x, e))) break;
    if (type == ULM_F16) {
      uint16_t *h = (uint16_t *)(void *)x; /* in place: each write is behind the reads to come */
      for (uint64_t j = 0; j < t.count && !bad; j++) {
        float v;
        memcpy(&v, (const char *)x + 4 * j, 4);
        const uint16_t half = ulm_f16_from_f32(v);
        memcpy(h + j, &half, 2);
        if ((half & 0x7c00) == 0x7c00) {
          char name[96];
          bad = host_fail(e, "%s: tensor %s: value %llu is too large for f16; use --type f32",
                          s->path, export_hf_name(&t, name), (unsigned long long)j);
        }
      }
    }
    host_out_write(o, x, (size_t)(t.count * one));
  }
  free(x);
  return bad;
}

/* ---- the folder ---- */

static int write_file(const export_model *s, ulm_type type, const char *dir, const char *name,
                      host_error *e) {
  char path[4096];
  host_out o;
  int bad = 0;
  json_t *json = NULL;
  if (host_path(path, sizeof path, dir, name, e) || host_out_open(&o, path, e)) return -1;
  if (!strcmp(name, "model.safetensors"))
    bad = write_safetensors(&o, s, type, e);
  else if (!strcmp(name, "tokenizer.model"))
    host_out_write(&o, s->file.spm.data, (size_t)s->file.spm.size);
  else if (!strcmp(name, "config.json"))
    json = config_json(s, type);
  else if (!strcmp(name, "generation_config.json"))
    json = generation_json();
  else if (!strcmp(name, "special_tokens_map.json"))
    json = specials_json();
  else
    json = tokenizer_json(s);
  if (json) {
    char *text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    host_out_printf(&o, "%s\n", text);
    free(text);
    json_decref(json);
  }
  if (!bad) return host_out_commit(&o, e);
  host_out_abort(&o);
  return -1;
}

static void remove_folder(const char *dir) {
  char path[4096];
  for (int i = 0; i < FILES; i++)
    if (!host_path(path, sizeof path, dir, files[i], NULL)) unlink(path);
  rmdir(dir);
}

/* A folder that may be replaced: absent, or holding such files alone. */
static int check_target(const char *dir, host_error *e) {
  struct stat st;
  if (lstat(dir, &st)) return errno == ENOENT ? 0 : host_fail(e, "%s: %s", dir, strerror(errno));
  DIR *d = opendir(dir);
  if (!d) return host_fail(e, "%s: cannot be replaced by a folder: %s", dir, strerror(errno));
  int bad = 0;
  for (struct dirent *x; !bad && (x = readdir(d));) {
    bool known = !strcmp(x->d_name, ".") || !strcmp(x->d_name, "..");
    for (int i = 0; i < FILES; i++) known |= !strcmp(x->d_name, files[i]);
    if (!known)
      bad = host_fail(e, "%s: holds %s, which is no part of such an export; choose another folder",
                      dir, x->d_name);
  }
  closedir(d);
  return bad;
}

int export_hf(const export_model *s, const char *out, host_error *e) {
  char target[4096], temp[4096], old[4096];
  const ulm_type type = s->type == ULM_F16 ? ULM_F16 : ULM_F32;
  size_t n = strlen(out);
  while (n > 1 && out[n - 1] == '/') n--;
  if ((size_t)snprintf(target, sizeof target, "%.*s", (int)n, out) >= sizeof target)
    return host_fail(e, "%.100s...: path is too long", out);
  if (export_temp(temp, sizeof temp, target, e) || check_target(target, e)) return -1;
  if ((size_t)snprintf(old, sizeof old, "%s.old", temp) >= sizeof old)
    return host_fail(e, "%.100s...: path is too long", out);
  if (mkdir(temp, 0777))
    return host_fail(e, "%s: cannot make the folder: %s", temp, strerror(errno));
  int bad = 0;
  for (int i = 0; !bad && i < FILES; i++) bad = write_file(s, type, temp, files[i], e);
  if (!bad) {
    const bool there = !rename(target, old);
    if (rename(temp, target) || host_fsync_dir(target)) {
      bad = host_fail(e, "%s: cannot rename onto it: %s", target, strerror(errno));
      if (there) rename(old, target);
    } else if (there) {
      remove_folder(old);
    }
  }
  if (bad) remove_folder(temp);
  return bad;
}
