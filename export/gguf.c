/* GGUF v3 (little-endian): "GGUF", u32 version, u64 tensors, u64 keys; keys; tensor table; data
 * from the next multiple of 32, each tensor at a multiple of 32. Strings are u64 length and bytes;
 * a tensor's dimensions stand innermost first.
 *
 * llama.cpp turns neighbouring pairs of a head's row (2j, 2j + 1) in the llama architecture, ulm
 * turns (j, j + H/2): rows of wq and wk are permuted within each head. A row keeps its values and
 * scales, so quantized tensors travel without loss: an int8 group is a Q8_0 block {f16 scale, 32
 * int8}, an int4 group a Q4_0 block {f16 scale, 16 bytes: low nibbles 0..15, high nibbles 16..31},
 * w = (n - 8) * scale in both. */
#include "export.h"

#include <stdlib.h>
#include <string.h>

enum { U32 = 4, I32 = 5, F32 = 6, BOOL = 7, STRING = 8, ARRAY = 9 }; /* value types */
static const uint32_t tensor_type[ULM_TYPES] = {0, 1, 8, 2};         /* F32, F16, Q8_0, Q4_0 */
static const uint32_t file_type[ULM_TYPES] = {0, 1, 7, 2}; /* llama.cpp's ftype of most tensors */
enum { ALIGN = 32, QUANTIZATION_VERSION = 2 };

typedef struct {
  host_out *o;
  uint64_t keys;
} writer;

static void u32(writer *w, uint32_t v) {
  uint8_t b[4];
  ulm_put32(b, v);
  host_out_write(w->o, b, 4);
}
static void u64(writer *w, uint64_t v) {
  uint8_t b[8];
  ulm_put64(b, v);
  host_out_write(w->o, b, 8);
}
static void f32(writer *w, float v) {
  uint32_t b;
  memcpy(&b, &v, 4);
  u32(w, b);
}
static void string(writer *w, const char *s, size_t n) {
  u64(w, n);
  host_out_write(w->o, s, n);
}
static void key(writer *w, const char *name, uint32_t type) {
  string(w, name, strlen(name));
  u32(w, type);
  w->keys++;
}
static void key_u32(writer *w, const char *name, uint32_t v) { key(w, name, U32), u32(w, v); }
static void key_f32(writer *w, const char *name, float v) { key(w, name, F32), f32(w, v); }
static void key_bool(writer *w, const char *name, bool v) {
  const uint8_t b = v;
  key(w, name, BOOL);
  host_out_write(w->o, &b, 1);
}
static void key_string(writer *w, const char *name, const char *v) {
  key(w, name, STRING), string(w, v, strlen(v));
}
static void key_array(writer *w, const char *name, uint32_t type, uint64_t n) {
  key(w, name, ARRAY), u32(w, type), u64(w, n);
}

static void write_keys(writer *w, const export_model *s) {
  const ulm_config *c = &s->file.config;
  const ulm_type type = export_matrices(s);
  key_string(w, "general.architecture", "llama");
  key_string(w, "general.type", "model");
  key_string(w, "general.name", "ulm");
  key_u32(w, "general.alignment", ALIGN);
  key_u32(w, "general.file_type", file_type[type]);
  if (type == ULM_INT8 || type == ULM_INT4)
    key_u32(w, "general.quantization_version", QUANTIZATION_VERSION);
  key_u32(w, "llama.vocab_size", c->vocab);
  key_u32(w, "llama.context_length", c->context);
  key_u32(w, "llama.embedding_length", c->dim);
  key_u32(w, "llama.block_count", c->layers);
  key_u32(w, "llama.feed_forward_length", c->ffn);
  key_u32(w, "llama.attention.head_count", c->heads);
  key_u32(w, "llama.attention.head_count_kv", c->kv_heads);
  key_f32(w, "llama.attention.layer_norm_rms_epsilon", c->norm_eps);
  key_u32(w, "llama.rope.dimension_count", ulm_head_dim(c));
  key_f32(w, "llama.rope.freq_base", c->rope_base);

  key_string(w, "tokenizer.ggml.model", "llama");
  key_string(w, "tokenizer.ggml.pre", "default");
  size_t n;
  float score;
  int kind;
  key_array(w, "tokenizer.ggml.tokens", STRING, c->vocab);
  for (uint32_t i = 0; i < c->vocab; i++) {
    const char *piece = spm_piece(s->tokenizer, i, &n, &score, &kind);
    string(w, piece, n);
  }
  key_array(w, "tokenizer.ggml.scores", F32, c->vocab);
  for (uint32_t i = 0; i < c->vocab; i++) {
    spm_piece(s->tokenizer, i, &n, &score, &kind);
    f32(w, score);
  }
  key_array(w, "tokenizer.ggml.token_type", I32,
            c->vocab); /* 1 normal, 2 unknown, 3 control, 6 byte: as in ours */
  for (uint32_t i = 0; i < c->vocab; i++) {
    spm_piece(s->tokenizer, i, &n, &score, &kind);
    u32(w, (uint32_t)kind);
  }
  key_u32(w, "tokenizer.ggml.bos_token_id", ULM_BOS);
  key_u32(w, "tokenizer.ggml.eos_token_id", ULM_EOS);
  key_u32(w, "tokenizer.ggml.eot_token_id", ULM_EOS);
  key_u32(w, "tokenizer.ggml.unknown_token_id", ULM_UNK);
  key_u32(w, "tokenizer.ggml.padding_token_id", ULM_PAD);
  key_bool(w, "tokenizer.ggml.add_bos_token", false); /* the template writes it */
  key_bool(w, "tokenizer.ggml.add_eos_token", false);
  key_bool(w, "tokenizer.ggml.add_space_prefix", false);
  key_bool(w, "tokenizer.ggml.remove_extra_whitespaces", false);
  key_string(w, "tokenizer.chat_template", ULM_CHATML);
}

static uint64_t tensor_bytes(const ulm_tensor *t, ulm_type type) {
  return ulm_values_size(type, t->rows, t->cols) + ulm_scales_size(type, t->rows, t->cols);
}
static uint64_t pad(uint64_t n) { return (n + ALIGN - 1) / ALIGN * ALIGN; }

static void write_table(writer *w, const export_model *s) {
  uint64_t at = 0;
  for (uint32_t i = 0; i < ulm_tensor_count(&s->file.config); i++) {
    const ulm_tensor t = ulm_tensor_at(&s->file.config, i);
    char name[64];
    if (t.layer < 0)
      snprintf(name, sizeof name, "%s.weight", t.gguf);
    else
      snprintf(name, sizeof name, "blk.%d.%s.weight", t.layer, t.gguf);
    string(w, name, strlen(name));
    u32(w, t.cols ? 2 : 1);
    if (t.cols) u64(w, t.cols);
    u64(w, t.rows);
    u32(w, tensor_type[export_type(s, i)]);
    u64(w, at);
    at += pad(tensor_bytes(&t, export_type(s, i)));
  }
}

/* Row of ours that is row r of GGUF's: within each head of H rows, 2j + half <- half * H/2 + j. */
static uint64_t row_of(const ulm_config *c, const ulm_tensor *t, uint64_t r) {
  if (t->kind != ULM_T_WQ && t->kind != ULM_T_WK) return r;
  const uint64_t H = ulm_head_dim(c), in = r % H;
  return r - in + in % 2 * (H / 2) + in / 2;
}

static void write_row(writer *w, ulm_type type, const uint8_t *values, const uint8_t *scales,
                      uint64_t cols, uint64_t row) {
  const uint64_t stride = ulm_values_size(type, 1, cols);
  const uint8_t *v = values + row * stride;
  if (!ulm_scales_size(type, 1, cols)) {
    host_out_write(w->o, v, (size_t)stride);
    return;
  }
  const uint64_t groups = cols / ULM_GROUP, bytes = stride / groups;
  for (uint64_t g = 0; g < groups; g++) {
    host_out_write(w->o, scales + 2 * (row * groups + g), 2);
    host_out_write(w->o, v + g * bytes, (size_t)bytes);
  }
}

static void align(writer *w) {
  static const uint8_t zero[ALIGN];
  host_out_write(w->o, zero, (size_t)(pad(w->o->size) - w->o->size));
}

static int write_tensors(writer *w, const export_model *s, host_error *e) {
  const ulm_config *c = &s->file.config;
  uint8_t *bytes = host_alloc((size_t)export_largest(s), "an encoded tensor");
  float *scratch = host_alloc((size_t)export_largest(s), "a tensor");
  int bad = 0;
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    const ulm_type type = export_type(s, i);
    if ((bad = export_tensor(s, i, bytes, scratch, e) ? 0 : -1)) break;
    const uint8_t *scales = bytes + ulm_pad64(ulm_values_size(type, t.rows, t.cols));
    align(w);
    for (uint64_t r = 0; r < (t.cols ? t.rows : 1); r++)
      write_row(w, type, bytes, scales, t.cols ? t.cols : t.rows, row_of(c, &t, r));
  }
  align(w);
  free(bytes);
  free(scratch);
  return bad;
}

/* The number of keys is known once they are written. */
static void set_key_count(writer *w) {
  const uint64_t size = w->o->size;
  if (fseeko(w->o->f, 16, SEEK_SET)) {
    w->o->failed = 1;
    host_fail(&w->o->error, "%s: cannot seek in it; write to a regular file", w->o->path);
  }
  u64(w, w->keys);
  w->o->size = size;
}

int export_gguf(const export_model *s, const char *out, host_error *e) {
  host_out o;
  if (host_out_open(&o, out, e)) return -1;
  writer w = {&o, 0};
  host_out_write(&o, "GGUF", 4);
  u32(&w, 3);
  u64(&w, ulm_tensor_count(&s->file.config));
  u64(&w, 0);
  write_keys(&w, s);
  write_table(&w, s);
  if (write_tensors(&w, s, e)) {
    host_out_abort(&o);
    return -1;
  }
  set_key_count(&w);
  return host_out_commit(&o, e);
}
