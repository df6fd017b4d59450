/* Opening a blob: every check that keeps later calls inside it, and the arena. */
#include "ulm_state.h"
#include "ulm_math.h"
#include <string.h>

/* ---- Arena: one place that says what lies where ---- */

typedef struct {
  uint8_t *base; /* NULL: only counting */
  uint64_t size;
} cursor;

static void *take(cursor *c, uint64_t size) {
  void *p = c->base ? c->base + c->size : NULL;
  c->size += ulm_pad64(size);
  return p;
}

enum {
  TURN = 3 * 10 + 2 + 4
}; /* most ids around a turn's text: "assistant\n", two controls, "\n" */

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }

static ulm_codes take_codes(cursor *c, uint64_t tokens, uint64_t n) {
  ulm_codes x;
  x.code = take(c, tokens * n);
  x.scale = take(c, tokens * (n / ULM_GROUP) * sizeof *x.scale);
  x.minus = take(c, tokens * (n / ULM_GROUP) * sizeof *x.minus);
  return x;
}

/* Sizes cannot overflow 64 bits: ulm_config_error bounds every factor. Returns the total. */
static uint64_t lay_out(ulm *m, uint8_t *base, uint64_t owner[6]) {
  const ulm_config *c = &m->config;
  const uint64_t T = m->block, P = m->workers.parts, D = c->dim, F = c->ffn, K = m->kv_dim,
                 H = m->head_dim, V = c->vocab, C = m->context;
  const uint64_t vectors = (uint64_t)c->layers * c->kv_heads * C, one = ulm_kv_size(m->kv);
  const uint64_t f = sizeof(float);
  cursor a = {base, 0};

  (void)take(&a, sizeof *m);
  m->layers = take(&a, c->layers * sizeof *m->layers);
  m->turn = take(&a, H / 2 * sizeof *m->turn);
  owner[0] = a.size;

  m->keys = take(&a, vectors * H * one);
  m->values = take(&a, vectors * H * one);
  m->key_scales = take(&a, one == 1 ? vectors * f : 0);
  m->value_scales = take(&a, one == 1 ? vectors * f : 0);
  m->held = take(&a, C * sizeof *m->held);
  owner[1] = a.size;

  m->x = take(&a, T * D * f);
  m->n = take(&a, T * D * f);
  cursor attention = a; /* its vectors are done with when those of the feed-forward begin */
  m->q = take(&attention, T * D * f);
  m->att = take(&attention, T * D * f);
  m->k = take(&attention, T * K * f);
  m->v = take(&attention, T * K * f);
  m->score = take(&attention, P * C * f);
  m->lanes = take(&attention, P * ULM_LANES * H * f);
  m->gate_out = take(&a, T * F * f);
  m->up_out = take(&a, T * F * f);
  a.size = larger(a.size, attention.size);
  m->cosine = take(&a, T * (H / 2) * f);
  m->sine = take(&a, T * (H / 2) * f);
  m->codes = take_codes(&a, T, D);
  m->inner = take_codes(&a, T, larger(D, F));
  owner[2] = a.size;

  m->hidden = take(&a, D * f);
  m->logits = take(&a, V * f);
  owner[3] = a.size;

  m->text_max = (size_t)larger(8 * C, 512);
  /* A byte of text gives at most 3 ids; TURN are around that of a turn. */
  m->ids_max = (size_t)larger(3 * m->text_max + TURN, V);
  m->ids = take(&a, m->ids_max * sizeof *m->ids);
  m->scratch_size = ulm_vocab_scratch(m->text_max);
  m->scratch = take(&a, m->scratch_size);
  owner[4] = a.size;
  return a.size;
}

/* Config and options into *m, as far as the arena's layout needs. */
static ulm_status prepare(ulm *m, const ulm_config *c, const ulm_options *options, ulm_error *err) {
  const ulm_options o = options ? *options : (ulm_options){0};
  if ((unsigned)o.kv >= ULM_KVS) return ulm_fail(err, ULM_E_ARGUMENT, 0, "unknown KV cache type");
  if (o.context && o.context < 16)
    return ulm_fail(err, ULM_E_ARGUMENT, 0, "context must be 0 or at least 16");
  if (o.block > ULM_BLOCK_MAX) return ulm_fail(err, ULM_E_ARGUMENT, 0, "block must be 0..64");
  if (o.workers.parts > 64 || (o.workers.parts > 1 && !o.workers.run))
    return ulm_fail(err, ULM_E_ARGUMENT, 0, "workers need a function, and at most 64 parts");
  if (o.reserved[0] | o.reserved[1] | o.reserved[2] | o.reserved[3])
    return ulm_fail(err, ULM_E_ARGUMENT, 0, "reserved options must be zero; begin with {0}");
  memset(m, 0, sizeof *m);
  m->kernels = ulm_kernels_named(o.isa);
  if (!m->kernels)
    return ulm_fail(err, ULM_E_ARGUMENT, 0, "this build and machine lack that instruction set");
  m->block = o.block ? o.block : ULM_BLOCK;
  m->workers = o.workers;
  if (m->workers.parts < 1) m->workers.parts = 1;
  m->config = *c;
  m->kv = o.kv;
  m->cancelled = o.cancelled, m->user = o.user;
  m->context = o.context && o.context < c->context ? o.context : c->context;
  m->head_dim = ulm_head_dim(c);
  m->kv_dim = ulm_kv_dim(c);
  uint64_t owner[6];
  if (lay_out(m, NULL, owner) > SIZE_MAX)
    return ulm_fail(err, ULM_E_MEMORY, 0,
                    "the arena would exceed the address space; use a smaller context");
  return ULM_OK;
}

ulm_status ulm_arena_report(const ulm_config *c, const ulm_options *options, ulm_ram *out) {
  ulm m;
  uint64_t at[6];
  if (!c || !out || ulm_config_error(c)) return ULM_E_ARGUMENT;
  const ulm_status s = prepare(&m, c, options, NULL);
  if (s) return s;
  const uint64_t total = lay_out(&m, NULL, at);
  *out = (ulm_ram){0,
                   (size_t)at[0],
                   (size_t)(at[1] - at[0]),
                   (size_t)(at[2] - at[1]),
                   (size_t)(at[3] - at[2]),
                   (size_t)(at[4] - at[3]),
                   (size_t)total};
  return ULM_OK;
}

/* ---- The blob ---- */

typedef struct {
  ulm_file file;
  ulm_config config;
  ulm_section dir, weights, vocab;
  ulm_gate gate;
  uint32_t model;
  int has_snap;
  ulm_section snap;
  const uint8_t *snapshots[ULM_KVS]; /* or NULL */
} blob;

uint32_t ulm_blob_model(const ulm_file *f) {
  static const uint32_t tags[] = {ULM_SEC_CONFIG, ULM_SEC_TENSORS, ULM_SEC_WEIGHTS, ULM_SEC_VOCAB};
  uint32_t crc = 0;
  for (int i = 0; i < 4; i++) {
    ulm_section s = {0};
    uint8_t b[16] = {0};
    if (!ulm_file_find(f, tags[i], &s)) continue;
    ulm_put32(b, s.tag), ulm_put32(b + 4, s.crc), ulm_put64(b + 8, s.size);
    crc = ulm_crc32(crc, b, sizeof b);
  }
  return crc;
}

static ulm_status read_blob(blob *b, const void *bytes, size_t size, ulm_error *err) {
  ulm_section config, chat, gate;
  ulm_status s;
  if ((uintptr_t)bytes % 4)
    return ulm_fail(err, ULM_E_ARGUMENT, 0,
                    "the blob must lie on a multiple of 4 bytes (64 for speed)");
  if ((s = ulm_file_open(&b->file, bytes, size, ULM_KIND_BLOB, err))) return s;
  if ((s = ulm_file_need(&b->file, ULM_SEC_CONFIG, &config, err))) return s;
  if ((s = ulm_config_read(&config, &b->config, err))) return s;
  if ((s = ulm_file_need(&b->file, ULM_SEC_TENSORS, &b->dir, err))) return s;
  if ((s = ulm_file_need(&b->file, ULM_SEC_WEIGHTS, &b->weights, err))) return s;
  if ((s = ulm_tdir_check(&b->dir, &b->config, b->weights.size, 1, err))) return s;
  if ((s = ulm_file_need(&b->file, ULM_SEC_VOCAB, &b->vocab, err))) return s;
  if ((s = ulm_file_need(&b->file, ULM_SEC_CHAT, &chat, err))) return s;
  if (chat.size != sizeof ULM_CHATML - 1 || memcmp(chat.data, ULM_CHATML, sizeof ULM_CHATML - 1))
    return ulm_fail(err, ULM_E_FORMAT, chat.offset,
                    "the chat template is not ChatML; export the model again");
  b->gate = (ulm_gate){0};
  if (ulm_file_find(&b->file, ULM_SEC_GATE, &gate) && (s = ulm_gate_read(&gate, &b->gate, err)))
    return s;
  b->model = ulm_blob_model(&b->file);
  for (int i = 0; i < ULM_KVS; i++) b->snapshots[i] = NULL;
  b->has_snap = ulm_file_find(&b->file, ULM_SEC_SNAP, &b->snap);
  return b->has_snap ? ulm_snapshots_open(&b->snap, &b->config, b->model, b->snapshots, err)
                     : ULM_OK;
}

static const void *tensor(const blob *b, uint32_t index, ulm_matrix *w, uint32_t rows,
                          uint32_t cols) {
  const ulm_placed p = ulm_tdir_at(&b->dir, index);
  const uint8_t *base = b->weights.data;
  const ulm_matrix x = {p.type,
                        rows,
                        cols,
                        p.tiled,
                        base + p.offset,
                        p.scales ? (const uint16_t *)(const void *)(base + p.scales) : NULL};
  if (w) *w = x;
  return x.values;
}

/* Points the handle at the tensors, in the order of the tensor table. */
static void bind(ulm *m, const blob *b) {
  const uint32_t D = m->config.dim, F = m->config.ffn, V = m->config.vocab, K = m->kv_dim;
  uint32_t at = 0;
  (void)tensor(b, at++, &m->embed, V, D);
  for (uint32_t l = 0; l < m->config.layers; l++) {
    ulm_layer *w = &m->layers[l];
    w->attn_norm = tensor(b, at++, NULL, D, 0);
    (void)tensor(b, at++, &w->wq, D, D);
    (void)tensor(b, at++, &w->wk, K, D);
    (void)tensor(b, at++, &w->wv, K, D);
    (void)tensor(b, at++, &w->wo, D, D);
    w->ffn_norm = tensor(b, at++, NULL, D, 0);
    (void)tensor(b, at++, &w->gate, F, D);
    (void)tensor(b, at++, &w->up, F, D);
    (void)tensor(b, at++, &w->down, D, F);
  }
  m->final_norm = tensor(b, at, NULL, D, 0);
}

size_t ulm_sizeof(const void *bytes, size_t size, const ulm_options *options, ulm_error *err) {
  blob b;
  ulm m;
  uint64_t owner[6];
  if (read_blob(&b, bytes, size, err) || prepare(&m, &b.config, options, err)) return 0;
  return (size_t)lay_out(&m, NULL, owner);
}

ulm_status ulm_open(ulm **out, const void *bytes, size_t size, void *arena, size_t arena_size,
                    const ulm_options *options, ulm_error *err) {
  blob b;
  ulm m;
  uint64_t owner[6];
  if (!out) return ulm_fail(err, ULM_E_ARGUMENT, 0, "no place for the handle");
  *out = NULL;
  ulm_status s = read_blob(&b, bytes, size, err);
  if (!s) s = prepare(&m, &b.config, options, err);
  if (s) return s;
  if (!arena || (uintptr_t)arena % ULM_ALIGN)
    return ulm_fail(err, ULM_E_MEMORY, 0, "the arena must lie on a multiple of 64 bytes");
  if (arena_size < lay_out(&m, NULL, owner))
    return ulm_fail(err, ULM_E_MEMORY, 0, "the arena is smaller than ulm_sizeof says");
  if ((s = ulm_vocab_open(&m.vocab, &b.vocab, b.config.vocab, err))) return s;
  (void)lay_out(&m, arena, owner);
  m.gate = b.gate;
  m.model = b.model;
  m.snapshot = b.snapshots[m.kv];
  if (m.snapshot && ulm_snapshot_tokens(m.snapshot) > m.context) m.snapshot = NULL;
  m.scale = ulm_rsqrt((float)m.head_dim);
  bind(&m, &b);
  for (uint32_t i = 0; i < m.head_dim / 2; i++)
    m.turn[i] = ulm_rope_turn(m.config.rope_base, i, m.head_dim);
  memcpy(arena, &m, sizeof m);
  *out = arena;
  return ULM_OK;
}

static int finite16(const uint16_t *h, uint64_t n) {
  uint32_t bad = 0;
  for (uint64_t i = 0; i < n; i++) bad |= (h[i] & 0x7c00) == 0x7c00;
  return !bad;
}

static int finite32(const uint32_t *u, uint64_t n) {
  uint32_t bad = 0;
  for (uint64_t i = 0; i < n; i++) bad |= (u[i] & 0x7f800000) == 0x7f800000;
  return !bad;
}

/* Of 8 bytes at once: x - 1 borrows into the top bit of a byte that is 0 (or above one). */
static int holds(const uint8_t *p, uint8_t byte, uint64_t n) { /* n divides by 8 */
  const uint64_t ones = 0x0101010101010101;
  uint64_t found = 0, x;
  for (uint64_t i = 0; i < n; i += sizeof x) {
    memcpy(&x, p + i, sizeof x);
    x ^= byte * ones;
    found |= (x - ones) & ~x & 0x80 * ones;
  }
  return found != 0;
}

ulm_status ulm_verify(const void *bytes, size_t size, ulm_error *err) {
  blob b;
  ulm_vocab vocab;
  ulm_status s = read_blob(&b, bytes, size, err);
  if (!s) s = ulm_vocab_open(&vocab, &b.vocab, b.config.vocab, err);
  if (!s) s = ulm_vocab_verify(&vocab, &b.vocab, err);
  if (!s) s = ulm_file_verify(&b.file, err);
  if (!s && b.has_snap) s = ulm_snapshots_verify(&b.snap, &b.config, b.model, err);
  const uint32_t n = s ? 0 : ulm_tensor_count(&b.config);
  for (uint32_t i = 0; i < n; i++) {
    const ulm_tensor t = ulm_tensor_at(&b.config, i);
    ulm_matrix w;
    const void *values = tensor(&b, i, &w, t.rows, t.cols);
    const uint64_t at = b.weights.offset + (uint64_t)((const uint8_t *)values - b.weights.data);
    if ((w.type == ULM_F32 && !finite32(values, t.count)) ||
        (w.type == ULM_F16 && !finite16(values, t.count)))
      return ulm_fail(err, ULM_E_FORMAT, at, "a tensor has weights that are not finite");
    if (w.scales && !finite16(w.scales, t.count / ULM_GROUP))
      return ulm_fail(err, ULM_E_FORMAT, at, "a tensor has scales that are not finite");
    if (w.type == ULM_INT8 && holds(values, 0x80, t.count))
      return ulm_fail(err, ULM_E_FORMAT, at,
                      "an int8 tensor holds -128, which the format does not allow");
  }
  return s;
}

/* ---- Gate ---- */

/* u32 calibrated, f32 bias, weight[3], threshold, 8 zero bytes */
void ulm_gate_write(uint8_t out[ULM_GATE_SIZE], const ulm_gate *g) {
  const float f[6] = {g->bias, g->weight[0], g->weight[1], g->weight[2], g->threshold, g->silent};
  memset(out, 0, ULM_GATE_SIZE);
  ulm_put32(out, g->calibrated != 0);
  for (int i = 0; i < 6; i++) ulm_put32(out + 4 + 4 * i, ulm_as_bits(f[i]));
}

ulm_status ulm_gate_read(const ulm_section *s, ulm_gate *g, ulm_error *err) {
  float f[6];
  if (s->size != ULM_GATE_SIZE)
    return ulm_fail(err, ULM_E_FORMAT, s->offset, "gate section is not 32 bytes");
  const uint32_t calibrated = ulm_get32(s->data);
  if (calibrated > 1)
    return ulm_fail(err, ULM_E_FORMAT, s->offset, "gate's calibrated flag is not 0 or 1");
  for (int i = 0; i < 6; i++) {
    f[i] = ulm_as_float(ulm_get32(s->data + 4 + 4 * i));
    if (!(f[i] > -1e9f && f[i] < 1e9f))
      return ulm_fail(err, ULM_E_FORMAT, s->offset + 4 + 4 * (uint64_t)i,
                      "gate's numbers must be finite and below 1e9");
  }
  if (!(f[4] >= 0.0f && f[4] <= 1.0f))
    return ulm_fail(err, ULM_E_FORMAT, s->offset + 20, "gate's threshold must be 0..1");
  if (!(f[5] >= 0.0f && f[5] <= f[4]))
    return ulm_fail(err, ULM_E_FORMAT, s->offset + 24,
                    "gate's bound of silence must be 0..threshold");
  if (ulm_get32(s->data + 28))
    return ulm_fail(err, ULM_E_FORMAT, s->offset + 28, "reserved gate bytes are not zero");
  *g = (ulm_gate){(int)calibrated, f[0], {f[1], f[2], f[3]}, f[4], f[5]};
  return ULM_OK;
}

/* ---- Small things ---- */

uint32_t ulm_version(void) { return ULM_VERSION; }
const char *ulm_kv_name(ulm_kv kv) {
  static const char *const names[ULM_KVS] = {"f32", "int8", "f16"};
  return (unsigned)kv < ULM_KVS ? names[kv] : "?";
}
const ulm_config *ulm_get_config(const ulm *m) { return &m->config; }
uint32_t ulm_context(const ulm *m) { return m->context; }
const char *ulm_isa(const ulm *m) { return m->kernels->name; }
const char *ulm_isa_at(uint32_t i) {
  const ulm_kernels *k = ulm_kernels_at(i);
  return k ? k->name : NULL;
}
ulm_gate ulm_get_gate(const ulm *m) { return m->gate; }
size_t ulm_text_max(const ulm *m) { return m->text_max; }

ulm_status ulm_encode(ulm *m, const char *text, size_t n, uint16_t *ids, size_t cap,
                      size_t *count) {
  *count = 0;
  if (n > m->text_max) return ULM_E_CONTEXT;
  return ulm_vocab_encode(&m->vocab, text, n, m->scratch, m->scratch_size, ids, cap, count);
}

size_t ulm_piece(const ulm *m, uint16_t id, char *out, size_t cap) {
  return ulm_vocab_piece(&m->vocab, id, out, cap);
}

size_t ulm_decode(const ulm *m, ulm_decoder *d, uint16_t id, char *out) {
  return ulm_vocab_decode(&m->vocab, d, id, out);
}

size_t ulm_decode_end(ulm_decoder *d, char *out) { return ulm_vocab_decode_end(d, out); }
