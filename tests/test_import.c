/* A Hugging Face folder back into a checkpoint: the same weights, and no other model. */
#include "make_model.h"

#include <math.h>
#include <sys/stat.h>

#include "export/import.h"

static const ulm_config shape = {64, 2, 4, 2, 96, TINY_VOCAB, 64, 1e5f, 2e-5f};
static float *params;

static int set_up(void **state) {
  if (made_dir_open(state)) return -1;
  params = made_params(&shape, 0.1f, 3);
  made_checkpoint(in_dir("m.ckpt"), &shape, params);
  return 0;
}
static int tear_down(void **state) {
  free(params);
  return made_dir_close(state);
}

static void folder(const char *dir, int type) {
  export_model s;
  host_error e;
  if (export_open(&s, in_dir("m.ckpt"), type, &e) || export_hf(&s, dir, &e)) fail_msg("%s", e.text);
  export_close(&s);
}
/* Imports dir and returns the weights. */
static float *imported(const char *dir) {
  host_error e;
  ulm_config c;
  model_file f;
  if (import_hf(dir, in_dir("back.ckpt"), &c, &e) ||
      model_file_open(&f, in_dir("back.ckpt"), ULM_KIND_CKPT, &e))
    fail_msg("%s", e.text);
  assert_memory_equal(&c, &shape, sizeof c);
  assert_memory_equal(&f.config, &shape, sizeof c);
  size_t n;
  uint8_t *tok = made_read(tiny_tokenizer, &n);
  assert_int_equal(f.spm.size, n);
  assert_memory_equal(f.spm.data, tok, n);
  free(tok);
  float *w = malloc(ulm_param_count(&c) * sizeof *w);
  if (model_file_floats(&f, w, &e)) fail_msg("%s", e.text);
  model_file_close(&f);
  return w;
}
/* Largest distance from params, in units of max(|x|, 0.01). */
static double distance(const float *w) {
  double worst = 0;
  for (uint64_t i = 0; i < ulm_param_count(&shape); i++)
    worst =
        fmax(worst, fabs((double)w[i] - (double)params[i]) / fmax(fabs((double)params[i]), 0.01));
  return worst;
}

/* ---- one file of the folder, changed ---- */

static char *text_of(const char *dir, const char *name, size_t *n) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  char *s = (char *)made_read(path, n);
  s = realloc(s, *n + 1);
  s[*n] = 0;
  return s;
}
static void put(const char *dir, const char *name, const void *bytes, size_t n) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  made_write(path, bytes, n);
}
/* Replaces `from` by `to`, once, keeping the length of model.safetensors (its header ends in spaces
 * or not). */
static void change(const char *dir, const char *name, const char *from, const char *to) {
  size_t n;
  char *s = text_of(dir, name, &n), *at = memmem(s, n, from, strlen(from));
  if (!at) fail_msg("%s: no %s", name, from);
  const size_t before = (size_t)(at - s), m = n - strlen(from) + strlen(to);
  char *t = malloc(m);
  memcpy(t, s, before);
  memcpy(t + before, to, strlen(to));
  memcpy(t + before + strlen(to), at + strlen(from), n - before - strlen(from));
  put(dir, name, t, m);
  free(s), free(t);
}
static void refused(const char *dir, const char *why) {
  host_error e = {""};
  ulm_config c;
  made_write(in_dir("old.ckpt"), "as it was", 9);
  const int before = made_count();
  if (!import_hf(dir, in_dir("old.ckpt"), &c, &e)) fail_msg("taken, not refused for %s", why);
  if (!strstr(e.text, why)) fail_msg("no \"%s\" in: %s", why, e.text);
  size_t n;
  uint8_t *old = made_read(in_dir("old.ckpt"), &n);
  assert_int_equal(n, 9);
  assert_int_equal(made_count(), before);
  free(old);
}

/* ---- tests ---- */

static void what_was_exported_comes_back(void **state) {
  (void)state;
  folder(in_dir("hf"), -1);
  float *w = imported(in_dir("hf"));
  assert_true(distance(w) == 0);
  w[5] += 1; /* the distance sees a change */
  assert_true(distance(w) > 1);
  free(w);
  folder(in_dir("hf16"), ULM_F16);
  w = imported(in_dir("hf16"));
  assert_true(distance(w) > 0 && distance(w) < 1.0 / 1024);
  free(w);
}

/* The same values as bfloat16, with lm_head.weight beside. */
static void bfloat16_and_a_second_copy_of_the_embedding_are_read(void **state) {
  (void)state;
  for (int wrong = 0; wrong < 2; wrong++) {
    folder(in_dir("bf"), -1);
    json_t *header = json_object();
    const uint64_t count = ulm_param_count(&shape), embed = ulm_tensor_at(&shape, 0).count;
    for (uint32_t i = 0; i <= ulm_tensor_count(&shape); i++) {
      const bool head = i == ulm_tensor_count(&shape);
      const ulm_tensor t = ulm_tensor_at(&shape, head ? 0 : i);
      char name[96];
      json_t *dims = json_pack("[I]", (json_int_t)t.rows);
      if (t.cols) json_array_append_new(dims, json_integer(t.cols));
      const uint64_t from = head ? count : t.start;
      json_object_set_new(header, head ? "lm_head.weight" : export_hf_name(&t, name),
                          json_pack("{s:s, s:o, s:[I, I]}", "dtype", "BF16", "shape", dims,
                                    "data_offsets", (json_int_t)(2 * from),
                                    (json_int_t)(2 * (from + t.count))));
    }
    char *text = json_dumps(header, JSON_COMPACT);
    json_decref(header);
    const size_t length = strlen(text), n = 8 + length + 2 * (count + embed);
    uint8_t *b = malloc(n);
    ulm_put64(b, length);
    memcpy(b + 8, text, length);
    for (uint64_t i = 0; i < count + embed; i++) {
      uint32_t u;
      memcpy(&u, &params[i < count ? i : i - count], 4);
      ulm_put16(b + 8 + length + 2 * i, (uint16_t)(u >> 16));
    }
    if (wrong) b[n - 1] ^= 1;
    put(in_dir("bf"), "model.safetensors", b, n);
    free(text), free(b);
    if (wrong) {
      refused(in_dir("bf"), "lm_head.weight differs");
      continue;
    }
    float *w = imported(in_dir("bf"));
    assert_true(distance(w) > 0 && distance(w) < 1.0 / 128);
    free(w);
  }
}

static void other_models_are_refused_with_a_reason(void **state) {
  (void)state;
  static const struct {
    const char *file, *from, *to, *why;
  } c[] = {
      {"config.json", "\"llama\"", "\"qwen2\"", "model_type"},
      {"config.json", "\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false",
       "tie_word_embeddings"},
      {"config.json", "\"attention_bias\": false", "\"attention_bias\": true", "attention_bias"},
      {"config.json", "\"silu\"", "\"gelu\"", "hidden_act"},
      {"config.json", "\"hidden_size\": 64", "\"hidden_size\": -64", "hidden_size"},
      {"config.json", "\"hidden_size\": 64", "\"hidden_size\": 4294967232", "config.json: "},
      {"config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 5", "config.json: "},
      {"config.json", "\"head_dim\": 16", "\"head_dim\": 32", "head_dim"},
      {"config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "is missing"},
      {"config.json", "\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1",
       "is not of a plain Llama"},
      {"config.json", "\"vocab_size\": 384", "\"vocab_size\": 383", "pieces"},
      {"config.json", "{", "[", "config.json: byte"},
      {"model.safetensors", "\"F32\"", "\"F64\"", "dtype"},
      {"model.safetensors", "q_proj", "Q_proj", "is missing"},
      {"model.safetensors", "\"shape\":[384,64]", "\"shape\":[64,384]", "shape"},
      {"model.safetensors", "\"data_offsets\":[0,", "\"data_offsets\":[4,", "data_offsets"},
      {"model.safetensors", "\"data_offsets\":[0,", "\"data_offsets\":[9,", "data_offsets"},
      {"model.safetensors", "{\"", "[\"", "model.safetensors: byte"},
      {"tokenizer.model", "<|im_end|>", "<|im_End|>", "tokenizer.model"},
  };
  for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
    folder(in_dir("bad"), -1);
    change(in_dir("bad"), c[i].file, c[i].from, c[i].to);
    refused(in_dir("bad"), c[i].why);
  }
  refused(in_dir("nowhere"), "nowhere/config.json");
}

static void a_file_cut_anywhere_is_refused(void **state) {
  (void)state;
  folder(in_dir("cut"), -1);
  size_t n;
  char *s = text_of(in_dir("cut"), "model.safetensors", &n);
  for (size_t keep = 0; keep < n; keep += keep < 40 ? 1 : n / 37) {
    put(in_dir("cut"), "model.safetensors", s, keep);
    refused(in_dir("cut"), "model.safetensors");
  }
  const float nan = NAN;
  memcpy(s + n - 4, &nan, 4);
  put(in_dir("cut"), "model.safetensors", s, n);
  refused(in_dir("cut"), "not finite");
  ulm_put64((uint8_t *)s, UINT64_MAX - 3);
  put(in_dir("cut"), "model.safetensors", s, n);
  refused(in_dir("cut"), "byte 0");
  free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_exported_comes_back),
      cmocka_unit_test(bfloat16_and_a_second_copy_of_the_embedding_are_read),
      cmocka_unit_test(other_models_are_refused_with_a_reason),
      cmocka_unit_test(a_file_cut_anywhere_is_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
