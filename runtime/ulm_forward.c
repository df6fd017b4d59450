/* Tokens through the model. A pass is a sequence of steps; each step is split into parts that do
 * not depend on each other, by rows of a matrix, by tokens, or by tokens and heads. */
#include "ulm_state.h"
#include "ulm_math.h"
#include <string.h>

typedef struct {
  ulm *m;
  const ulm_layer *w;
  const uint16_t *ids;
  uint32_t layer, from, tokens; /* tokens from..tokens-1 of the block */
  uint32_t parts;
} pass;

typedef struct {
  uint32_t from, to;
} range;

/* Part i of n things that go together by `unit`. */
static range share(uint32_t n, uint32_t unit, uint32_t i, uint32_t parts) {
  const uint64_t units = (n + unit - 1) / unit;
  const uint32_t a = (uint32_t)(units * i / parts) * unit,
                 b = (uint32_t)(units * (i + 1) / parts) * unit;
  return (range){a < n ? a : n, b < n ? b : n};
}

static void run(pass *p, void (*job)(void *, uint32_t), int split) {
  const ulm_workers *w = &p->m->workers;
  p->parts = split ? w->parts : 1;
  if (p->parts > 1)
    w->run(w->user, job, p);
  else
    job(p, 0);
}

/* ---- Steps by tokens ---- */

static range tokens_of(const pass *p, uint32_t part) {
  const range r = share(p->tokens - p->from, 1, part, p->parts);
  return (range){p->from + r.from, p->from + r.to};
}

/* Codes of token t's x[n]; only a quantized product reads them. */
static void encode(const ulm *m, const ulm_matrix *w, const float *x, uint32_t t, uint32_t n) {
  if (w->type == ULM_INT8 || w->type == ULM_INT4)
    m->kernels->encode(&m->codes, (size_t)t * (n / ULM_GROUP), x + (size_t)t * n, n / ULM_GROUP);
}

static int is_quantized(const ulm_matrix *w) { return w->type == ULM_INT8 || w->type == ULM_INT4; }
static const ulm_matrix *quantized(const ulm_matrix *a, const ulm_matrix *b, const ulm_matrix *c) {
  return is_quantized(a) ? a : is_quantized(b) ? b : c;
}

static void embed(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  const range r = tokens_of(p, part);
  const uint32_t D = m->config.dim, half = m->head_dim / 2;
  for (uint32_t t = r.from; t < r.to; t++) {
    ulm_row(m->x + (size_t)t * D, &m->embed, p->ids[t]);
    for (uint32_t i = 0; i < half; i++)
      ulm_sincos(m->turn[i] * (m->position + t), &m->sine[t * half + i], &m->cosine[t * half + i]);
  }
}

static void attention_norm(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  const range r = tokens_of(p, part);
  const uint32_t D = m->config.dim;
  for (uint32_t t = r.from; t < r.to; t++) {
    m->kernels->rmsnorm(m->n + (size_t)t * D, m->x + (size_t)t * D, p->w->attn_norm, D,
                        m->config.norm_eps);
    encode(m, quantized(&p->w->wq, &p->w->wk, &p->w->wv), m->n, t, D);
  }
}

/* Row of the caches for position `position` of layer l, key head h. */
static size_t cache_row(const ulm *m, uint32_t l, uint32_t h, uint32_t position) {
  return ((size_t)l * m->config.kv_heads + h) * m->context + position;
}

static void store(const ulm *m, void *cache, float *scales, size_t row, const float *x) {
  const uint32_t n = m->head_dim;
  if (m->kv == ULM_KV_INT8)
    scales[row] = m->kernels->store_s8((int8_t *)cache + row * n, x, n);
  else if (m->kv == ULM_KV_F16)
    m->kernels->store_f16((uint16_t *)cache + row * n, x, n);
  else
    memcpy((float *)cache + row * n, x, n * sizeof *x);
}

static void remember(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  const range r = tokens_of(p, part);
  const uint32_t n = m->head_dim, K = m->kv_dim;
  for (uint32_t t = r.from; t < r.to; t++)
    for (uint32_t h = 0; h < m->config.kv_heads; h++) {
      const size_t row = cache_row(m, p->layer, h, m->position + t),
                   at = (size_t)t * K + (size_t)h * n, angle = (size_t)t * (n / 2);
      m->kernels->rotate(m->k + at, m->cosine + angle, m->sine + angle, n);
      store(m, m->keys, m->key_scales, row, m->k + at);
      store(m, m->values, m->value_scales, row, m->v + at);
    }
}

static void encode_attention(void *work, uint32_t part) {
  const pass *p = work;
  const range r = tokens_of(p, part);
  for (uint32_t t = r.from; t < r.to; t++) encode(p->m, &p->w->wo, p->m->att, t, p->m->config.dim);
}

/* x += what the step before left in n; then the next norm. */
static void ffn_norm(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  const range r = tokens_of(p, part);
  const uint32_t D = m->config.dim;
  for (uint32_t t = r.from; t < r.to; t++) {
    m->kernels->add(m->x + (size_t)t * D, m->n + (size_t)t * D, D);
    m->kernels->rmsnorm(m->n + (size_t)t * D, m->x + (size_t)t * D, p->w->ffn_norm, D,
                        m->config.norm_eps);
    encode(m, quantized(&p->w->gate, &p->w->up, &p->w->up), m->n, t, D);
  }
}

static void encode_ffn(void *work, uint32_t part) {
  const pass *p = work;
  const range r = tokens_of(p, part);
  for (uint32_t t = r.from; t < r.to; t++)
    encode(p->m, &p->w->down, p->m->gate_out, t, p->m->config.ffn);
}

static void ffn_add(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  const range r = tokens_of(p, part);
  const uint32_t D = m->config.dim;
  m->kernels->add(m->x + (size_t)r.from * D, m->n + (size_t)r.from * D,
                  (size_t)(r.to - r.from) * D);
}

/* ---- Steps by rows ---- */

/* Its part of y[tokens, rows] for tokens from..tokens-1. */
static void rows(const pass *p, float *y, const ulm_matrix *w, const float *x, uint32_t from,
                 uint32_t part) {
  const ulm *m = p->m;
  const range r = share(w->rows, ULM_TILE, part, p->parts);
  const size_t groups = (size_t)from * (w->cols / ULM_GROUP);
  const ulm_codes c = {m->codes.code + groups * ULM_GROUP, m->codes.scale + groups,
                       m->codes.minus + groups};
  if (r.from < r.to)
    m->kernels->matmul(y + (size_t)from * w->rows, w, x + (size_t)from * w->cols, &c,
                       p->tokens - from, r.from, r.to);
}

static void qkv(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  rows(p, m->k, &p->w->wk, m->n, 0, part);
  rows(p, m->v, &p->w->wv, m->n, 0, part);
  if (p->from < p->tokens) rows(p, m->q, &p->w->wq, m->n, p->from, part);
}

static void attention_out(void *work, uint32_t part) {
  const pass *p = work;
  rows(p, p->m->n, &p->w->wo, p->m->att, p->from, part);
}

static void gate_up(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  const uint32_t F = m->config.ffn;
  rows(p, m->gate_out, &p->w->gate, m->n, p->from, part);
  rows(p, m->up_out, &p->w->up, m->n, p->from, part);
  const range r = share(F, ULM_TILE, part, p->parts);
  for (uint32_t t = p->from; t < p->tokens; t++)
    m->kernels->swiglu(m->gate_out + (size_t)t * F + r.from, m->up_out + (size_t)t * F + r.from,
                       r.to - r.from);
}

static void down(void *work, uint32_t part) {
  const pass *p = work;
  rows(p, p->m->n, &p->w->down, p->m->gate_out, p->from, part);
}

static void logits(void *work, uint32_t part) {
  const pass *p = work;
  rows(p, p->m->logits, &p->m->embed, p->m->hidden, 0, part);
}

/* ---- By tokens and heads ---- */

static void attention(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  const uint32_t n = m->head_dim, heads = m->config.heads, group = heads / m->config.kv_heads;
  const int int8 = m->kv == ULM_KV_INT8;
  const size_t one = int8 ? 1 : m->kv == ULM_KV_F16 ? 2 : sizeof(float);
  float *score = m->score + (size_t)part * m->context,
        *lanes = m->lanes + (size_t)part * ULM_LANES * n;
  /* Dealt out in turn: later tokens look back further. */
  for (uint32_t i = part; i < (p->tokens - p->from) * heads; i += p->parts) {
    const uint32_t t = p->from + i / heads, h = i % heads;
    const size_t row = cache_row(m, p->layer, h / group, 0), at = row * n * one,
                 angle = (size_t)t * (n / 2), head = (size_t)t * m->config.dim + (size_t)h * n;
    const ulm_head kv = {(const char *)m->keys + at, (const char *)m->values + at,
                         int8 ? m->key_scales + row : NULL, int8 ? m->value_scales + row : NULL,
                         m->kv};
    m->kernels->rotate(m->q + head, m->cosine + angle, m->sine + angle, n);
    m->kernels->attend(m->att + head, m->q + head, &kv, m->position + t + 1, n, m->scale, score,
                       lanes);
  }
}

/* One block of tokens through all layers; the last layer computes only what somebody will read:
 * keys and values of all, and the output of the last token if it ends the call. */
static void block(ulm *m, const uint16_t *ids, uint32_t tokens, int last) {
  const ulm_config *c = &m->config;
  const int many = tokens > 1;
  pass p = {m, NULL, ids, 0, 0, tokens, 1};
  run(&p, embed, many);
  for (p.layer = 0; p.layer < c->layers; p.layer++) {
    const int ends = p.layer + 1 == c->layers;
    p.w = &m->layers[p.layer];
    p.from = 0;
    run(&p, attention_norm, many);
    if (ends) p.from = last ? tokens - 1 : tokens;
    run(&p, qkv, 1);
    const uint32_t from = p.from;
    p.from = 0;
    run(&p, remember, many);
    p.from = from;
    if (from == tokens) break;
    const int split = tokens - from > 1;
    run(&p, attention, 1);
    run(&p, encode_attention, split);
    run(&p, attention_out, 1);
    run(&p, ffn_norm, split);
    run(&p, gate_up, 1);
    run(&p, encode_ffn, split);
    run(&p, down, 1);
    run(&p, ffn_add, 0);
  }
  if (last)
    m->kernels->rmsnorm(m->hidden, m->x + (size_t)(tokens - 1) * c->dim, m->final_norm, c->dim,
                        c->norm_eps);
  m->position += tokens;
}

ulm_status ulm_prefill(ulm *m, const uint16_t *ids, size_t n) {
  if (n == 0) return ULM_OK;
  if (!ids) return ULM_E_ARGUMENT;
  if (n > m->context - m->position) return ULM_E_CONTEXT;
  for (size_t i = 0; i < n; i++)
    if (ids[i] >= m->config.vocab) return ULM_E_ARGUMENT;
  for (size_t i = 0; i < n; i += m->block) {
    const size_t left = n - i;
    block(m, ids + i, left < m->block ? (uint32_t)left : m->block, left <= m->block);
  }
  m->has_hidden = 1;
  m->has_logits = 0;
  return ULM_OK;
}

ulm_status ulm_rewind(ulm *m, uint32_t position) {
  if (position > m->position) return ULM_E_ARGUMENT;
  if (position < m->position) m->has_hidden = m->has_logits = 0;
  m->position = position;
  return ULM_OK;
}

uint32_t ulm_position(const ulm *m) { return m->position; }
const float *ulm_hidden(const ulm *m) { return m->has_hidden ? m->hidden : NULL; }

/* Computed when first asked for: a conversation prefilled turn by turn needs none before the
 * opener. The handle lies in the caller's arena, which is never const. */
const float *ulm_logits(const ulm *m) {
  if (!m->has_hidden) return NULL;
  if (!m->has_logits) {
    ulm *w = (ulm *)(uintptr_t)m;
    pass p = {w, NULL, NULL, 0, 0, 1, 1};
    encode(w, &w->embed, w->hidden, 0, w->config.dim);
    run(&p, logits, 1);
    w->has_logits = 1;
  }
  return m->logits;
}
