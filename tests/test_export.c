/* Blob, C array, GGUF and Hugging Face folder, each read back by a reader of its own. */
#include "make_model.h"

#include <dlfcn.h>
#include <math.h>
#include <sys/stat.h>

#include "export/export.h"
#include "quantize/quantize.h"

static const ulm_config shape = {64, 2, 4, 2, 96, TINY_VOCAB, 64, 1e5f, 2e-5f};
static float *params;
static const char *paths[3]; /* float, int8, int4 */
static const ulm_type types[3] = {ULM_F32, ULM_INT8, ULM_INT4};

static int set_up(void **state) {
  if (made_dir_open(state)) return -1;
  static char p[3][512];
  static const char *const names[] = {"m.ckpt", "m8.q", "m4.q"};
  params = made_params(&shape, 0.1f, 3);
  for (int i = 0; i < 3; i++) {
    snprintf(p[i], sizeof p[i], "%s", in_dir(names[i]));
    paths[i] = p[i];
    const quant_options o = {.plan = {types[i], i == 1 ? ULM_F16 : types[i]}};
    json_t *report;
    host_error e;
    if (i == 0)
      made_checkpoint(p[i], &shape, params);
    else if (quant_file(p[0], &o, p[i], &report, &e))
      return fprintf(stderr, "%s\n", e.text), -1;
    else
      json_decref(report);
  }
  return 0;
}

static int tear_down(void **state) {
  free(params);
  return made_dir_close(state);
}

static export_model open_source(const char *path, int type) {
  export_model s;
  host_error e;
  if (export_open(&s, path, type, &e)) fail_msg("%s", e.text);
  return s;
}

/* All weights of a .ckpt or .q as floats. */
static float *floats_of(const char *path) {
  export_model s = open_source(path, -1);
  host_error e;
  float *w = malloc(ulm_param_count(&shape) * sizeof *w);
  assert_int_equal(model_file_floats(&s.file, w, &e), 0);
  export_close(&s);
  return w;
}

/* ---- blob ---- */

static void export_ok(int bad, const host_error *e) {
  if (bad) fail_msg("%s", e->text);
}

static void a_blob_of_every_type_is_opened_by_the_runtime(void **state) {
  (void)state;
  for (int i = 0; i < 4; i++) {
    export_model s = open_source(paths[i % 3], i == 3 ? ULM_F16 : -1);
    host_error e = {""};
    ulm_error err;
    size_t n;
    export_ok(export_blob(&s, NULL, in_dir("b.ulm"), &e), &e);
    uint8_t *b = made_read(in_dir("b.ulm"), &n);
    assert_int_equal(ulm_verify(b, n, &err), ULM_OK);
    const size_t need = ulm_sizeof(b, n, NULL, &err);
    void *arena = aligned_alloc(64, need);
    ulm *m;
    assert_int_equal(ulm_open(&m, b, n, arena, need, NULL, &err), ULM_OK);
    assert_memory_equal(ulm_get_config(m), &shape, sizeof shape);
    assert_int_equal(ulm_chat_turn(m, "user", "Set a timer", 11, &err), ULM_OK);
    assert_true(isfinite(ulm_logits(m)[7]));
    free(arena);
    free(b);
    export_close(&s);
  }
}

static void a_blob_holds_its_sections_in_order_on_multiples_of_64(void **state) {
  (void)state;
  static const uint32_t order[] = {ULM_SEC_CONFIG, ULM_SEC_TENSORS, ULM_SEC_WEIGHTS,
                                   ULM_SEC_VOCAB,  ULM_SEC_CHAT,    ULM_SEC_META};
  export_model s = open_source(paths[2], -1);
  host_error e;
  ulm_file f;
  host_map m;
  export_ok(export_blob(&s, NULL, in_dir("b.ulm"), &e), &e);
  export_ok(host_box_read(&f, &m, in_dir("b.ulm"), ULM_KIND_BLOB, &e), &e);
  assert_int_equal(f.count, 6);
  for (uint32_t i = 0; i < f.count; i++) {
    const ulm_section x = ulm_file_at(&f, i);
    assert_int_equal(x.tag, order[i]);
    assert_int_equal(x.offset % 64, 0);
  }
  ulm_section dir;
  assert_true(ulm_file_find(&f, ULM_SEC_TENSORS, &dir));
  for (uint32_t i = 0; i < ulm_tensor_count(&shape); i++) {
    assert_int_equal(ulm_tdir_at(&dir, i).offset % 64, 0);
    assert_int_equal(ulm_tdir_at(&dir, i).scales % 64, 0);
    assert_int_equal(ulm_tdir_at(&dir, i).type, ulm_tensor_at(&shape, i).cols ? ULM_INT4 : ULM_F32);
  }
  host_map_close(&m);
  export_close(&s);
}

/* Rows out of tiles of 16: docs/FORMATS.md, written down once more. */
static void untiled(uint8_t *rows, const uint8_t *tiles, uint32_t count, size_t row, size_t unit) {
  for (size_t r = 0; r < count; r++) {
    const size_t first = r - r % 16, width = count - first < 16 ? count - first : 16;
    for (size_t k = 0; k < row / unit; k++)
      memcpy(rows + r * row + k * unit, tiles + first * row + (k * width + r % 16) * unit, unit);
  }
}

static void a_blob_of_quantized_weights_holds_them_byte_for_byte(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    export_model s = open_source(paths[i], -1);
    host_error e;
    ulm_file f;
    host_map m;
    ulm_section w, dir;
    export_ok(export_blob(&s, NULL, in_dir("b.ulm"), &e), &e);
    export_ok(host_box_read(&f, &m, in_dir("b.ulm"), ULM_KIND_BLOB, &e), &e);
    assert_true(ulm_file_find(&f, ULM_SEC_WEIGHTS, &w) && ulm_file_find(&f, ULM_SEC_TENSORS, &dir));
    assert_int_equal(w.size, s.file.weights.size);
    assert_int_equal(dir.size, s.file.dir.size);
    for (uint32_t k = 0; k < ulm_tensor_count(&shape); k++) {
      const ulm_tensor t = ulm_tensor_at(&shape, k);
      const ulm_placed a = ulm_tdir_at(&dir, k), b = ulm_tdir_at(&s.file.dir, k);
      const size_t values = (size_t)ulm_values_size(b.type, t.rows, t.cols),
                   scales = (size_t)ulm_scales_size(b.type, t.rows, t.cols);
      assert_true(a.type == b.type && a.offset == b.offset && a.scales == b.scales && !b.tiled);
      assert_int_equal(a.tiled, b.type == ULM_INT8 || b.type == ULM_INT4);
      uint8_t *rows = malloc(values + scales + 1);
      memcpy(rows, w.data + a.offset, values), memcpy(rows + values, w.data + a.scales, scales);
      if (a.tiled) {
        untiled(rows, w.data + a.offset, t.rows, values / t.rows, 4);
        untiled(rows + values, w.data + a.scales, t.rows, scales / t.rows, 2);
      }
      assert_memory_equal(rows, s.file.weights.data + b.offset, values);
      assert_memory_equal(rows + values, s.file.weights.data + b.scales, scales);
      free(rows);
    }
    host_map_close(&m);
    export_close(&s);
  }
}

static void the_same_file_gives_the_same_blob(void **state) {
  (void)state;
  export_model s = open_source(paths[1], -1);
  host_error e;
  size_t n, k;
  export_ok(export_blob(&s, NULL, in_dir("b1.ulm"), &e) ||
                export_blob(&s, NULL, in_dir("b2.ulm"), &e),
            &e);
  uint8_t *a = made_read(in_dir("b1.ulm"), &n), *b = made_read(in_dir("b2.ulm"), &k);
  assert_int_equal(n, k);
  assert_memory_equal(a, b, n);
  free(a);
  free(b);
  export_close(&s);
}

static void a_gate_travels_into_the_blob(void **state) {
  (void)state;
  export_model s = open_source(paths[1], -1);
  host_error e;
  ulm_gate g;
  ulm_file f;
  host_map m;
  ulm_section x;
  static const char text[] =
      "{\"bias\": -0.5, \"weights\": [1, -2.25, 0.125], \"threshold\": 0.375, \"silent\": 0.125, "
      "\"auc\": 0.9}";
  made_write(in_dir("gate.json"), text, sizeof text - 1);
  export_ok(gate_from_json(in_dir("gate.json"), &g, &e), &e);
  export_ok(export_blob(&s, &g, in_dir("b.ulm"), &e), &e);
  export_ok(host_box_read(&f, &m, in_dir("b.ulm"), ULM_KIND_BLOB, &e), &e);
  assert_true(ulm_file_find(&f, ULM_SEC_GATE, &x));
  assert_int_equal(ulm_gate_read(&x, &g, NULL), ULM_OK);
  assert_true(g.calibrated && g.bias == -0.5f && g.weight[0] == 1 && g.weight[1] == -2.25f &&
              g.weight[2] == 0.125f && g.threshold == 0.375f && g.silent == 0.125f);
  /* Nothing else changes: every other section is the same byte for byte as without a gate. */
  ulm_file f0;
  host_map m0;
  export_ok(export_blob(&s, NULL, in_dir("b0.ulm"), &e), &e);
  export_ok(host_box_read(&f0, &m0, in_dir("b0.ulm"), ULM_KIND_BLOB, &e), &e);
  assert_int_equal(f.count, f0.count + 1);
  for (uint32_t i = 0; i < f.count; i++) {
    ulm_section with = ulm_file_at(&f, i), without;
    if (with.tag == ULM_SEC_GATE) continue;
    assert_true(ulm_file_find(&f0, with.tag, &without));
    assert_int_equal(with.size, without.size);
    assert_int_equal(with.crc, without.crc);
    assert_memory_equal(with.data, without.data, with.size);
  }
  host_map_close(&m0), host_map_close(&m);
  export_close(&s);
}

static void a_malformed_gate_is_refused(void **state) {
  (void)state;
  static const char *const bad[] = {
      "",
      "{",
      "[]",
      "{\"bias\": 0, \"weights\": [1, 2], \"threshold\": 0.5}",
      "{\"bias\": 0, \"weights\": [1, 2, 3, 4], \"threshold\": 0.5}",
      "{\"bias\": 0, \"weights\": [1, \"2\", 3], \"threshold\": 0.5}",
      "{\"bias\": \"x\", \"weights\": [1, 2, 3], \"threshold\": 0.5}",
      "{\"weights\": [1, 2, 3], \"threshold\": 0.5}",
      "{\"bias\": 0, \"weights\": [1, 2, 3]}",
      "{\"bias\": 0, \"weights\": [1, 2, 3], \"threshold\": 1.5}",
      "{\"bias\": 0, \"weights\": [1, 2, 3], \"threshold\": -0.5}",
      "{\"bias\": 0, \"weights\": [1, 2, 3], \"threshold\": 0.5, \"silent\": 0.6}",
      "{\"bias\": 0, \"weights\": [1, 2, 3], \"threshold\": 0.5, \"silent\": -0.1}",
      "{\"bias\": 0, \"weights\": [1, 2, 3], \"threshold\": 0.5, \"silent\": \"0\"}",
      "{\"bias\": 1e10, \"weights\": [1, 2, 3], \"threshold\": 0.5}",
      "{\"bias\": 1e999, \"weights\": [1, 2, 3], \"threshold\": 0.5}",
      "{\"bias\": NaN, \"weights\": [1, 2, 3], \"threshold\": 0.5}",
      "{\"bias\": 0, \"weights\": [1, 2, 3], \"threshold\": 0.5} x",
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    host_error e = {""};
    ulm_gate g;
    made_write(in_dir("gate.json"), bad[i], strlen(bad[i]));
    assert_int_equal(gate_from_json(in_dir("gate.json"), &g, &e), -1);
    assert_non_null(strstr(e.text, "gate.json"));
  }
}

/* ---- C ---- */

static void a_c_array_compiles_without_a_warning_and_is_the_blob(void **state) {
  (void)state;
  char command[4096];
  host_error e;
  ulm_error err;
  size_t n;
  export_model s = open_source(paths[2], -1);
  export_ok(export_blob(&s, NULL, in_dir("b.ulm"), &e) || export_c(&s, NULL, in_dir("3-x.c"), &e),
            &e);
  export_close(&s);
  snprintf(
      command, sizeof command,
      "cd '%s' && ${CC:-cc} -std=c11 -Wall -Wextra -Werror -pedantic -shared -fPIC 3-x.c -o x.so",
      made_dir);
  assert_int_equal(system(command), 0);
  void *lib = dlopen(in_dir("x.so"), RTLD_NOW | RTLD_LOCAL);
  assert_non_null(lib);
  const uint32_t *words = dlsym(lib, "model_3_x");
  const size_t *size = dlsym(lib, "model_3_x_size");
  assert_non_null(words);
  assert_non_null(size);
  uint8_t *b = made_read(in_dir("b.ulm"), &n);
  assert_int_equal(*size, n);
  assert_memory_equal(words, b, n);
  assert_int_equal((uintptr_t)words % 64, 0);
  const size_t need = ulm_sizeof(words, *size, NULL, &err);
  void *arena = aligned_alloc(64, need);
  ulm *m;
  assert_int_equal(ulm_open(&m, words, *size, arena, need, NULL, &err), ULM_OK);
  free(arena);
  free(b);
  dlclose(lib);
}

/* ---- GGUF: a little reader that knows nothing of the writer ---- */

typedef struct {
  const uint8_t *p, *end;
} bytes;
static uint64_t take(bytes *b, int n) {
  uint64_t v = 0;
  assert_true(b->end - b->p >= n);
  for (int i = 0; i < n; i++) v |= (uint64_t)*b->p++ << 8 * i;
  return v;
}
static void take_string(bytes *b, char *out, size_t size) {
  const uint64_t n = take(b, 8);
  assert_true(n < size && n <= (uint64_t)(b->end - b->p));
  memcpy(out, b->p, n);
  out[n] = 0;
  b->p += n;
}
static double take_value(bytes *b, uint64_t type, char *text, size_t size) {
  uint32_t u;
  float f;
  *text = 0;
  switch (type) {
  case 4:
    return (double)take(b, 4);
  case 5:
    return (int32_t)take(b, 4);
  case 6:
    u = (uint32_t)take(b, 4);
    memcpy(&f, &u, 4);
    return f;
  case 7:
    return (double)take(b, 1);
  case 8:
    take_string(b, text, size);
    return 0;
  default:
    fail_msg("unknown value type");
    return 0;
  }
}

typedef struct {
  char name[64];
  uint64_t dims[2], offset;
  uint32_t n, type;
} info;

typedef struct {
  uint8_t *file;
  const uint8_t *data;
  uint64_t data_size, keys, tensors;
  char key[64][64], text[64][400];
  uint32_t type[64];
  double value[64];
  char (*token)[80];
  float score[TINY_VOCAB];
  int token_type[TINY_VOCAB];
  info info[64];
} gguf;

static gguf *gguf_read(const char *path) {
  gguf *g = calloc(1, sizeof *g);
  size_t n;
  g->file = made_read(path, &n);
  g->token = calloc(TINY_VOCAB, sizeof *g->token);
  bytes b = {g->file, g->file + n};
  assert_int_equal(take(&b, 4), 0x46554747);
  assert_int_equal(take(&b, 4), 3);
  g->tensors = take(&b, 8);
  g->keys = take(&b, 8);
  assert_in_range(g->tensors, 1, 64);
  assert_in_range(g->keys, 1, 64);
  for (uint64_t i = 0; i < g->keys; i++) {
    take_string(&b, g->key[i], sizeof g->key[i]);
    for (uint64_t j = 0; j < i; j++) assert_string_not_equal(g->key[i], g->key[j]);
    g->type[i] = (uint32_t)take(&b, 4);
    if (g->type[i] != 9) {
      g->value[i] = take_value(&b, g->type[i], g->text[i], sizeof g->text[i]);
      continue;
    }
    const uint64_t of = take(&b, 4), count = take(&b, 8);
    assert_int_equal(count, TINY_VOCAB);
    for (uint64_t k = 0; k < count; k++) {
      char text[80];
      const double v = take_value(&b, of, text, sizeof text);
      if (of == 8)
        memcpy(g->token[k], text, sizeof text);
      else if (of == 6)
        g->score[k] = (float)v;
      else
        g->token_type[k] = (int)v;
    }
  }
  for (uint64_t i = 0; i < g->tensors; i++) {
    info *t = &g->info[i];
    take_string(&b, t->name, sizeof t->name);
    t->n = (uint32_t)take(&b, 4);
    assert_in_range(t->n, 1, 2);
    t->dims[1] = 1;
    for (uint32_t d = 0; d < t->n; d++) t->dims[d] = take(&b, 8);
    t->type = (uint32_t)take(&b, 4);
    t->offset = take(&b, 8);
  }
  const uint64_t at = ((uint64_t)(b.p - g->file) + 31) / 32 * 32;
  g->data = g->file + at;
  g->data_size = n - at;
  return g;
}

static void gguf_free(gguf *g) {
  free(g->file);
  free(g->token);
  free(g);
}
static double gguf_number(const gguf *g, const char *key, uint32_t type) {
  for (uint64_t i = 0; i < g->keys; i++)
    if (!strcmp(g->key[i], key)) {
      assert_int_equal(g->type[i], type);
      return g->value[i];
    }
  fail_msg("no key %s", key);
  return 0;
}
static const char *gguf_text(const gguf *g, const char *key) {
  for (uint64_t i = 0; i < g->keys; i++)
    if (!strcmp(g->key[i], key) && g->type[i] == 8) return g->text[i];
  fail_msg("no key %s", key);
  return "";
}

/* Row r of a tensor as floats. */
static void gguf_row(const gguf *g, const info *t, uint64_t r, float *out) {
  static const uint64_t block_bytes[9] = {4, 2, 18, 0, 0, 0, 0, 0, 34};
  const uint64_t group = t->type < 2 ? 1 : 32, stride = t->dims[0] / group * block_bytes[t->type];
  assert_true(t->offset + (r + 1) * stride <= g->data_size);
  const uint8_t *p = g->data + t->offset + r * stride;
  for (uint64_t i = 0; i < t->dims[0]; i += group) {
    if (t->type == 0)
      memcpy(out + i, p + 4 * i, 4);
    else if (t->type == 1)
      out[i] = ulm_f32_from_f16(ulm_get16(p + 2 * i));
    else {
      const uint8_t *block = p + i / 32 * block_bytes[t->type];
      const float d = ulm_f32_from_f16(ulm_get16(block));
      for (int k = 0; k < 32; k++)
        out[i + (uint64_t)k] =
            d * (float)(t->type == 8 ? (int8_t)block[2 + k]
                                     : (block[2 + k % 16] >> (k / 16 * 4) & 15) - 8);
    }
  }
}

static gguf *export_and_read(const char *path, int type) {
  export_model s = open_source(path, type);
  host_error e;
  export_ok(export_gguf(&s, in_dir("m.gguf"), &e), &e);
  export_close(&s);
  return gguf_read(in_dir("m.gguf"));
}

static void gguf_has_every_key_that_the_llama_architecture_needs(void **state) {
  (void)state;
  gguf *g = export_and_read(paths[0], -1);
  assert_string_equal(gguf_text(g, "general.architecture"), "llama");
  assert_true(gguf_number(g, "general.alignment", 4) == 32);
  assert_true(gguf_number(g, "general.file_type", 4) == 0);
  assert_true(gguf_number(g, "llama.vocab_size", 4) == shape.vocab);
  assert_true(gguf_number(g, "llama.context_length", 4) == shape.context);
  assert_true(gguf_number(g, "llama.embedding_length", 4) == shape.dim);
  assert_true(gguf_number(g, "llama.block_count", 4) == shape.layers);
  assert_true(gguf_number(g, "llama.feed_forward_length", 4) == shape.ffn);
  assert_true(gguf_number(g, "llama.attention.head_count", 4) == shape.heads);
  assert_true(gguf_number(g, "llama.attention.head_count_kv", 4) == shape.kv_heads);
  assert_true(gguf_number(g, "llama.rope.dimension_count", 4) == shape.dim / shape.heads);
  assert_true((float)gguf_number(g, "llama.attention.layer_norm_rms_epsilon", 6) == shape.norm_eps);
  assert_true((float)gguf_number(g, "llama.rope.freq_base", 6) == shape.rope_base);
  assert_string_equal(gguf_text(g, "tokenizer.ggml.model"), "llama");
  assert_string_equal(gguf_text(g, "tokenizer.ggml.pre"), "default");
  assert_string_equal(gguf_text(g, "tokenizer.chat_template"), ULM_CHATML);
  assert_true(gguf_number(g, "tokenizer.ggml.bos_token_id", 4) == 1);
  assert_true(gguf_number(g, "tokenizer.ggml.eos_token_id", 4) == 2);
  assert_true(gguf_number(g, "tokenizer.ggml.unknown_token_id", 4) == 3);
  assert_true(gguf_number(g, "tokenizer.ggml.padding_token_id", 4) == 0);
  assert_true(gguf_number(g, "tokenizer.ggml.add_bos_token", 7) == 0);
  assert_true(gguf_number(g, "tokenizer.ggml.add_space_prefix", 7) == 0);
  gguf_free(g);
  static const double file_type[3] = {0, 7, 2};
  for (int i = 1; i < 3; i++) {
    g = export_and_read(paths[i], -1);
    assert_true(gguf_number(g, "general.file_type", 4) == file_type[i]);
    assert_true(gguf_number(g, "general.quantization_version", 4) == 2);
    gguf_free(g);
  }
}

static void gguf_holds_the_tokenizer(void **state) {
  (void)state;
  gguf *g = export_and_read(paths[0], -1);
  static const char *const specials[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<unk>"};
  export_model s = open_source(paths[0], -1);
  for (uint32_t i = 0; i < TINY_VOCAB; i++) {
    size_t n;
    float score;
    int kind;
    const char *piece = spm_piece(s.tokenizer, i, &n, &score, &kind);
    assert_int_equal(strlen(g->token[i]), n);
    assert_memory_equal(g->token[i], piece, n);
    assert_true(g->score[i] == score);
    assert_int_equal(g->token_type[i], i == 3 ? 2 : i < 3 ? 3 : i < 260 ? 6 : 1);
    if (i < 4) assert_string_equal(g->token[i], specials[i]);
  }
  assert_string_equal(g->token[4 + 10], "<0x0A>");
  assert_true(g->score[261] < g->score[260]); /* merges in order */
  export_close(&s);
  gguf_free(g);
}

/* Largest difference between a GGUF's weights and w, with query and key rows put back (or not). */
static double gguf_difference(const gguf *g, const float *w, bool put_back) {
  double worst = 0;
  uint64_t at = 0;
  const uint32_t H = ulm_head_dim(&shape);
  assert_int_equal(g->tensors, ulm_tensor_count(&shape)); /* so no "output": it is tied */
  for (uint32_t i = 0; i < g->tensors; i++) {
    const ulm_tensor t = ulm_tensor_at(&shape, i);
    const info *x = &g->info[i];
    char name[64];
    if (t.layer < 0)
      snprintf(name, sizeof name, "%s.weight", t.gguf);
    else
      snprintf(name, sizeof name, "blk.%d.%s.weight", t.layer, t.gguf);
    assert_string_equal(x->name, name);
    assert_int_equal(x->n, t.cols ? 2 : 1);
    assert_int_equal(x->dims[0], t.cols ? t.cols : t.rows);
    assert_int_equal(x->dims[1], t.cols ? t.rows : 1);
    assert_int_equal(x->offset, at); /* each at the next multiple of 32 */
    static const uint64_t block_bytes[9] = {4, 2, 18, 0, 0, 0, 0, 0, 34};
    at += (t.count / (x->type < 2 ? 1 : 32) * block_bytes[x->type] + 31) / 32 * 32;
    for (uint64_t r = 0; r < x->dims[1]; r++) {
      float row[256];
      gguf_row(g, x, r, row);
      uint64_t ours = r;
      if (put_back && (t.kind == ULM_T_WQ ||
                       t.kind == ULM_T_WK)) /* GGUF's pair (2j, 2j + 1) is our (j, j + H/2) */
        ours = r / H * H + (r % H) / 2 + (r % 2 ? H / 2 : 0);
      for (uint64_t c = 0; c < x->dims[0]; c++)
        worst = fmax(worst, fabs((double)row[c] - (double)w[t.start + ours * x->dims[0] + c]));
    }
  }
  assert_int_equal(g->data_size, at);
  return worst;
}

static void gguf_holds_the_weights_without_loss_in_every_type(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    float *w = floats_of(paths[i]);
    gguf *g = export_and_read(paths[i], -1);
    static const uint32_t wq_type[3] = {0, 8, 2};
    assert_int_equal(g->info[2].type, wq_type[i]);
    assert_int_equal(g->info[1].type, 0); /* a norm */
    assert_true(gguf_difference(g, w, true) == 0);
    assert_true(gguf_difference(g, w, false) > 0.1);
    gguf_free(g);
    free(w);
  }
}

static void gguf_in_f16_is_the_nearest_f16(void **state) {
  (void)state;
  gguf *g = export_and_read(paths[0], ULM_F16);
  const double worst = gguf_difference(g, params, true);
  assert_true(worst > 0 && worst < 0.5 / 2048); /* values below 1: half a unit of 2^-11 */
  assert_true(gguf_number(g, "general.file_type", 4) == 1);
  gguf_free(g);
}

/* ---- Hugging Face ---- */

static json_t *json_in(const char *dir, const char *name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  json_error_t why;
  json_t *o = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
  if (!o) fail_msg("%s: %s", path, why.text);
  return o;
}

/* Largest difference between model.safetensors and w. */
static double safetensors_difference(const char *dir, const float *w, const char *dtype,
                                     size_t one) {
  char path[1024];
  size_t n;
  snprintf(path, sizeof path, "%s/model.safetensors", dir);
  uint8_t *b = made_read(path, &n);
  assert_true(n > 8);
  const uint64_t header = ulm_get64(b);
  assert_true(header < n - 8 && header % 8 == 0);
  json_t *o = json_loadb((const char *)b + 8, header, 0, NULL);
  assert_non_null(o);
  assert_int_equal(json_object_size(o), ulm_tensor_count(&shape) + 1);
  double worst = 0;
  uint64_t total = 0;
  for (uint32_t i = 0; i < ulm_tensor_count(&shape); i++) {
    const ulm_tensor t = ulm_tensor_at(&shape, i);
    char name[96];
    if (t.layer < 0)
      snprintf(name, sizeof name, "%s.weight", t.hf);
    else
      snprintf(name, sizeof name, "model.layers.%d.%s.weight", t.layer, t.hf);
    const json_t *x = json_object_get(o, name), *at = json_object_get(x, "data_offsets"),
                 *dims = json_object_get(x, "shape");
    assert_non_null(x);
    assert_string_equal(json_string_value(json_object_get(x, "dtype")), dtype);
    assert_int_equal(json_array_size(dims), t.cols ? 2 : 1);
    assert_int_equal(json_integer_value(json_array_get(dims, 0)), t.rows);
    if (t.cols) assert_int_equal(json_integer_value(json_array_get(dims, 1)), t.cols);
    const uint64_t from = (uint64_t)json_integer_value(json_array_get(at, 0)),
                   to = (uint64_t)json_integer_value(json_array_get(at, 1));
    assert_int_equal(to - from, t.count * one);
    assert_true(8 + header + to <= n);
    total += to - from;
    for (uint64_t k = 0; k < t.count; k++) {
      const uint8_t *p = b + 8 + header + from + k * one;
      float v;
      if (one == 2)
        v = ulm_f32_from_f16(ulm_get16(p));
      else
        memcpy(&v, p, 4);
      worst = fmax(worst, fabs((double)v - (double)w[t.start + k]));
    }
  }
  assert_int_equal(8 + header + total, n); /* no byte is left over */
  json_decref(o);
  free(b);
  return worst;
}

static void a_hugging_face_folder_holds_the_model(void **state) {
  (void)state;
  host_error e;
  for (int i = 0; i < 4; i++) {
    export_model s = open_source(paths[i % 3], i == 3 ? ULM_F16 : -1);
    const char *dir = in_dir("hf");
    export_ok(export_hf(&s, dir, &e), &e); /* from the second on it replaces the one before */
    float *w = floats_of(paths[i % 3]);
    const double worst = safetensors_difference(dir, w, i == 3 ? "F16" : "F32", i == 3 ? 2 : 4);
    if (i < 3)
      assert_true(worst == 0);
    else
      assert_true(worst > 0 && worst < 1.0 / 2048); /* norms reach 2 */
    free(w);

    json_t *c = json_in(dir, "config.json");
    static const char *const names[] = {
        "hidden_size",       "num_hidden_layers", "num_attention_heads",    "num_key_value_heads",
        "intermediate_size", "vocab_size",        "max_position_embeddings"};
    const uint32_t want[] = {shape.dim, shape.layers, shape.heads,  shape.kv_heads,
                             shape.ffn, shape.vocab,  shape.context};
    for (int k = 0; k < 7; k++)
      assert_int_equal(json_integer_value(json_object_get(c, names[k])), want[k]);
    assert_int_equal(json_integer_value(json_object_get(c, "head_dim")), shape.dim / shape.heads);
    assert_true((float)json_number_value(json_object_get(c, "rope_theta")) == shape.rope_base);
    assert_true((float)json_number_value(json_object_get(c, "rms_norm_eps")) == shape.norm_eps);
    assert_true(json_is_true(json_object_get(c, "tie_word_embeddings")));
    assert_string_equal(json_string_value(json_array_get(json_object_get(c, "architectures"), 0)),
                        "LlamaForCausalLM");
    assert_int_equal(json_integer_value(json_object_get(c, "eos_token_id")), ULM_EOS);
    json_decref(c);
    c = json_in(dir, "tokenizer_config.json");
    assert_string_equal(json_string_value(json_object_get(c, "chat_template")), ULM_CHATML);
    json_decref(c);
    json_decref(json_in(dir, "generation_config.json"));
    json_decref(json_in(dir, "special_tokens_map.json"));

    char path[1024];
    size_t n;
    snprintf(path, sizeof path, "%s/tokenizer.model", dir);
    uint8_t *tok = made_read(path, &n);
    assert_int_equal(n, s.file.spm.size);
    assert_memory_equal(tok, s.file.spm.data, n);
    free(tok);
    export_close(&s);
  }
}

static void a_folder_with_other_files_is_not_replaced(void **state) {
  (void)state;
  host_error e;
  char path[1024];
  export_model s = open_source(paths[0], -1);
  assert_int_equal(mkdir(in_dir("mine"), 0777), 0);
  snprintf(path, sizeof path, "%s/thesis.txt", in_dir("mine"));
  made_write(path, "all of it", 9);
  const int before = made_count();
  assert_int_equal(export_hf(&s, in_dir("mine"), &e), -1);
  assert_non_null(strstr(e.text, "thesis.txt"));
  assert_int_equal(export_hf(&s, paths[1], &e), -1); /* a file */
  assert_int_equal(made_count(), before);
  size_t n;
  free(made_read(path, &n));
  assert_int_equal(n, 9);
  export_close(&s);
}

/* ---- refusals ---- */

static void weights_that_do_not_fit_f16_are_refused_by_name(void **state) {
  (void)state;
  const ulm_tensor t = ulm_tensor_at(&shape, 11); /* blocks.1.wq */
  float *w = malloc(ulm_param_count(&shape) * sizeof *w);
  memcpy(w, params, ulm_param_count(&shape) * sizeof *w);
  w[t.start + 5] = 70000;
  made_checkpoint(in_dir("big.ckpt"), &shape, w);
  free(w);
  export_model s = open_source(in_dir("big.ckpt"), ULM_F16);
  host_error e;
  const int before = made_count();
  assert_int_equal(export_blob(&s, NULL, in_dir("no"), &e), -1);
  assert_non_null(strstr(e.text, "blocks.1.wq"));
  assert_int_equal(export_c(&s, NULL, in_dir("no"), &e), -1);
  assert_int_equal(export_gguf(&s, in_dir("no"), &e), -1);
  assert_non_null(strstr(e.text, "blocks.1.wq"));
  assert_int_equal(export_hf(&s, in_dir("no"), &e), -1);
  assert_int_equal(made_count(), before);
  export_close(&s);
}

/* A .q whose checksums are right over values that the format does not allow. */
static void quantized_values_that_lie_are_refused(void **state) {
  (void)state;
  for (int lie = 0; lie < 2; lie++) {
    size_t n;
    host_error e = {""};
    uint8_t *p = made_read(paths[1], &n);
    export_model s = open_source(paths[1], -1);
    const model_tensor t = model_file_tensor(&s.file, 2);
    const size_t values = (size_t)(t.values - s.file.file.bytes),
                 scales = (size_t)((const uint8_t *)t.scales - s.file.file.bytes);
    export_close(&s);
    if (lie)
      p[values + 9] = 0x80; /* -128 */
    else
      ulm_put16(p + scales + 4, 0x7c00); /* infinity */
    made_fix(p);
    made_write(in_dir("lie.q"), p, n);
    free(p);
    const int before = made_count();
    assert_int_equal(export_open(&s, in_dir("lie.q"), -1, &e), -1);
    assert_non_null(strstr(e.text, "wq"));
    assert_int_equal(made_count(), before);
  }
}

static void a_damaged_file_is_refused_wherever_the_damage_is(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    size_t n;
    uint8_t *p = made_read(paths[i], &n);
    ulm_file f;
    export_model s;
    assert_int_equal(ulm_file_open(&f, p, n, 0, NULL), ULM_OK);
    for (uint32_t k = 0; k < f.count; k++) { /* cut inside each section and at its ends */
      const ulm_section x = ulm_file_at(&f, k);
      const uint64_t cuts[] = {x.offset, x.offset + x.size / 2, x.offset + x.size - (x.size > 0)};
      for (int c = 0; c < 3; c++) {
        host_error e = {""};
        made_write(in_dir("cut"), p, cuts[c]);
        assert_int_equal(export_open(&s, in_dir("cut"), -1, &e), -1);
        assert_non_null(strstr(e.text, "cut"));
      }
    }
    ulm_rng r = ulm_rng_seed(7, 0);
    for (int k = 0; k < 60; k++) {
      host_error e = {""};
      const size_t at =
          k < 20 ? (size_t)ulm_rng_below(&r, 300) : (size_t)ulm_rng_below(&r, (uint32_t)n);
      p[at] ^= (uint8_t)(1u << ulm_rng_below(&r, 8));
      made_write(in_dir("flip"), p, n);
      const int bad = export_open(&s, in_dir("flip"), -1, &e);
      if (!bad) fail_msg("a flip of byte %zu is not seen", at);
      assert_non_null(strstr(e.text, "flip"));
      made_write(in_dir("flip"), p, 0);
      free(p);
      p = made_read(paths[i], &n);
    }
    free(p);
  }
}

static void a_target_that_cannot_be_written_is_refused(void **state) {
  (void)state;
  host_error e;
  export_model s = open_source(paths[1], -1);
  assert_int_equal(mkdir(in_dir("folder"), 0777), 0);
  const int before = made_count();
  assert_int_equal(export_blob(&s, NULL, in_dir("folder"), &e), -1);
  assert_int_equal(export_c(&s, NULL, in_dir("folder"), &e), -1);
  assert_int_equal(export_gguf(&s, in_dir("folder"), &e), -1);
  assert_int_equal(export_blob(&s, NULL, in_dir("nowhere/x"), &e), -1);
  assert_int_equal(export_c(&s, NULL, in_dir("nowhere/x"), &e), -1);
  assert_int_equal(export_gguf(&s, in_dir("nowhere/x"), &e), -1);
  assert_int_equal(export_hf(&s, in_dir("nowhere/x"), &e), -1);
  assert_int_equal(export_blob(&s, NULL, "", &e), -1);
  assert_int_equal(made_count(), before);
  export_close(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_blob_of_every_type_is_opened_by_the_runtime),
      cmocka_unit_test(a_blob_holds_its_sections_in_order_on_multiples_of_64),
      cmocka_unit_test(a_blob_of_quantized_weights_holds_them_byte_for_byte),
      cmocka_unit_test(the_same_file_gives_the_same_blob),
      cmocka_unit_test(a_gate_travels_into_the_blob),
      cmocka_unit_test(a_malformed_gate_is_refused),
      cmocka_unit_test(a_c_array_compiles_without_a_warning_and_is_the_blob),
      cmocka_unit_test(gguf_has_every_key_that_the_llama_architecture_needs),
      cmocka_unit_test(gguf_holds_the_tokenizer),
      cmocka_unit_test(gguf_holds_the_weights_without_loss_in_every_type),
      cmocka_unit_test(gguf_in_f16_is_the_nearest_f16),
      cmocka_unit_test(a_hugging_face_folder_holds_the_model),
      cmocka_unit_test(a_folder_with_other_files_is_not_replaced),
      cmocka_unit_test(weights_that_do_not_fit_f16_are_refused_by_name),
      cmocka_unit_test(quantized_values_that_lie_are_refused),
      cmocka_unit_test(a_damaged_file_is_refused_wherever_the_damage_is),
      cmocka_unit_test(a_target_that_cannot_be_written_is_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
