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

static int is_quantized(const ulm_matrix *w) { return w->type == ULM_INT8 || w->type == ULM_INT4; }

/* Codes of x[n] from its element `at` on, where a quantized product of w reads them. */
static void encode(const ulm *m, const ulm_codes *c, const ulm_matrix *w, const float *x, size_t at,
                   uint32_t n) {
  if (is_quantized(w)) m->kernels->encode(c, at / ULM_GROUP, x + at, n / ULM_GROUP);
}

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

/* n = norm of x, and its codes for the matrix that follows. */
static void norm(const pass *p, uint32_t part, const float *weight, const ulm_matrix *next) {
  const ulm *m = p->m;
  const range r = tokens_of(p, part);
  const size_t D = m->config.dim;
  for (uint32_t t = r.from; t < r.to; t++) {
    m->kernels->rmsnorm(m->n + t * D, m->x + t * D, weight, (uint32_t)D, m->config.norm_eps);
    encode(m, &m->codes, next, m->n, t * D, (uint32_t)D);
  }
}

static void attention_norm(void *work, uint32_t part) {
  const ulm_layer *w = ((const pass *)work)->w;
  norm(work, part, w->attn_norm, quantized(&w->wq, &w->wk, &w->wv));
}

static void ffn_norm(void *work, uint32_t part) {
  const ulm_layer *w = ((const pass *)work)->w;
  norm(work, part, w->ffn_norm, quantized(&w->gate, &w->up, &w->up));
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

/* Keys and values of a token's heads first..last-1 into the caches. */
static void keep(const pass *p, uint32_t t, uint32_t first, uint32_t last) {
  const ulm *m = p->m;
  const uint32_t n = m->head_dim, K = m->kv_dim;
  for (uint32_t h = first; h < last; h++) {
    const size_t row = cache_row(m, p->layer, h, m->position + t),
                 at = (size_t)t * K + (size_t)h * n, angle = (size_t)t * (n / 2);
    m->kernels->rotate(m->k + at, m->cosine + angle, m->sine + angle, n);
    store(m, m->keys, m->key_scales, row, m->k + at);
    store(m, m->values, m->value_scales, row, m->v + at);
  }
}

static void remember(void *work, uint32_t part) {
  const pass *p = work;
  const range r = tokens_of(p, part);
  for (uint32_t t = r.from; t < r.to; t++) keep(p, t, 0, p->m->config.kv_heads);
}

static void encode_attention(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  const range r = tokens_of(p, part);
  const size_t D = m->config.dim;
  for (uint32_t t = r.from; t < r.to; t++)
    encode(m, &m->inner, &p->w->wo, m->att, t * D, (uint32_t)D);
}

/* ---- Steps by rows ---- */

/* Rows r of y[tokens, rows] for tokens from..tokens-1; c: the codes of x. */
static void rows(const pass *p, float *y, const ulm_matrix *w, const float *x, const ulm_codes *c,
                 uint32_t from, range r) {
  const size_t at = (size_t)from * w->cols, g = at / ULM_GROUP;
  const ulm_codes some = {c->code + at, c->scale + g, c->minus + g};
  if (r.from < r.to && from < p->tokens)
    p->m->kernels->matmul(y + (size_t)from * w->rows, w, x + at, &some, p->tokens - from, r.from,
                          r.to);
}

static range rows_of(const pass *p, const ulm_matrix *w, uint32_t part) {
  return share(w->rows, 2 * ULM_TILE, part, p->parts);
}

static void qkv(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  const ulm_layer *w = p->w;
  rows(p, m->k, &w->wk, m->n, &m->codes, 0, rows_of(p, &w->wk, part));
  rows(p, m->v, &w->wv, m->n, &m->codes, 0, rows_of(p, &w->wv, part));
  rows(p, m->q, &w->wq, m->n, &m->codes, p->from, rows_of(p, &w->wq, part));
}

/* x += W y, its rows. */
static void into_x(const pass *p, const ulm_matrix *w, const float *y, uint32_t part) {
  const ulm *m = p->m;
  const range r = rows_of(p, w, part);
  rows(p, m->n, w, y, &m->inner, p->from, r);
  for (uint32_t t = p->from; t < p->tokens; t++) {
    const size_t at = (size_t)t * m->config.dim + r.from;
    m->kernels->add(m->x + at, m->n + at, r.to - r.from);
  }
}

static void attention_out(void *work, uint32_t part) {
  const pass *p = work;
  into_x(p, &p->w->wo, p->m->att, part);
}

static void down(void *work, uint32_t part) {
  const pass *p = work;
  into_x(p, &p->w->down, p->m->gate_out, part);
}

/* Up to the codes that `down` reads. */
static void gate_up(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  const ulm_layer *w = p->w;
  const range r = rows_of(p, &w->gate, part);
  const uint32_t n = r.to - r.from;
  rows(p, m->gate_out, &w->gate, m->n, &m->codes, p->from, r);
  rows(p, m->up_out, &w->up, m->n, &m->codes, p->from, r);
  for (uint32_t t = p->from; t < p->tokens; t++) {
    const size_t at = (size_t)t * m->config.ffn + r.from;
    m->kernels->swiglu(m->gate_out + at, m->up_out + at, n);
    encode(m, &m->inner, &w->down, m->gate_out, at, n);
  }
}

static void logits(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  rows(p, m->logits, &m->embed, m->hidden, &m->codes, 0, rows_of(p, &m->embed, part));
}

/* ---- By tokens and heads ---- */

/* Attention of token t's query head h. */
static void look(const pass *p, uint32_t t, uint32_t h, uint32_t part) {
  const ulm *m = p->m;
  const uint32_t n = m->head_dim, group = m->config.heads / m->config.kv_heads;
  const int int8 = m->kv == ULM_KV_INT8;
  const size_t one = int8 ? 1 : m->kv == ULM_KV_F16 ? 2 : sizeof(float);
  const size_t row = cache_row(m, p->layer, h / group, 0), at = row * n * one,
               angle = (size_t)t * (n / 2), head = (size_t)t * m->config.dim + (size_t)h * n;
  const ulm_head kv = {(const char *)m->keys + at, (const char *)m->values + at,
                       int8 ? m->key_scales + row : NULL, int8 ? m->value_scales + row : NULL,
                       m->kv};
  m->kernels->rotate(m->q + head, m->cosine + angle, m->sine + angle, n);
  m->kernels->attend(m->att + head, m->q + head, &kv, m->position + t + 1, n, m->scale,
                     m->score + (size_t)part * m->context, m->lanes + (size_t)part * ULM_LANES * n);
}

static void attention(void *work, uint32_t part) {
  const pass *p = work;
  const uint32_t heads = p->m->config.heads;
  /* Dealt out in turn: later tokens look back further. */
  for (uint32_t i = part; i < (p->tokens - p->from) * heads; i += p->parts)
    look(p, p->from + i / heads, i % heads, part);
}

/* All of attention for some key heads and the query heads that look at them, up to the codes that
 * `wo` reads: no part waits for another. */
static void by_heads(void *work, uint32_t part) {
  const pass *p = work;
  const ulm *m = p->m;
  const ulm_layer *w = p->w;
  const uint32_t n = m->head_dim, group = m->config.heads / m->config.kv_heads;
  const range h = share(m->config.kv_heads, 1, part, p->parts), kv = {h.from * n, h.to * n},
              q = {kv.from * group, kv.to * group};
  rows(p, m->k, &w->wk, m->n, &m->codes, 0, kv);
  rows(p, m->v, &w->wv, m->n, &m->codes, 0, kv);
  for (uint32_t t = 0; t < p->tokens; t++) keep(p, t, h.from, h.to);
  rows(p, m->q, &w->wq, m->n, &m->codes, p->from, q);
  for (uint32_t t = p->from; t < p->tokens; t++) {
    for (uint32_t i = h.from * group; i < h.to * group; i++) look(p, t, i, part);
    encode(m, &m->inner, &w->wo, m->att, (size_t)t * m->config.dim + q.from, q.to - q.from);
  }
}

static void hide(ulm *m, uint32_t row) {
  const uint32_t D = m->config.dim;
  m->kernels->rmsnorm(m->hidden, m->x + (size_t)row * D, m->final_norm, D, m->config.norm_eps);
}

/* One block of tokens through all layers; the last layer computes only what somebody will read:
 * keys and values of all, and the output of the last token if it ends the call, with those `ahead`
 * behind it. 0 if the caller cancelled it: then only keys and values behind the tokens held were
 * written. */
static int block(ulm *m, const uint16_t *ids, uint32_t held, uint32_t ahead, int last) {
  const ulm_config *c = &m->config;
  const uint32_t tokens = held + ahead;
  const int many = tokens > 1;
  const uint32_t parts = m->workers.parts;
  const int whole_heads = parts == 1 || (c->kv_heads % parts == 0 && m->head_dim % ULM_GROUP == 0);
  pass p = {m, NULL, ids, 0, 0, tokens, 1};
  run(&p, embed, many);
  for (p.layer = 0; p.layer < c->layers; p.layer++) {
    if (m->cancelled && m->cancelled(m->user)) return 0;
    p.w = &m->layers[p.layer];
    p.from = 0;
    run(&p, attention_norm, many);
    if (p.layer + 1 == c->layers) p.from = last ? held - 1 : tokens;
    const uint32_t from = p.from;
    const int split = tokens - from > 1;
    if (whole_heads) {
      run(&p, by_heads, 1);
    } else {
      run(&p, qkv, 1);
      p.from = 0;
      run(&p, remember, many);
      p.from = from;
      if (from < tokens) {
        run(&p, attention, 1);
        run(&p, encode_attention, split);
      }
    }
    if (from == tokens) break;
    run(&p, attention_out, 1);
    run(&p, ffn_norm, split);
    run(&p, gate_up, 1);
    run(&p, down, 1);
  }
  if (last) hide(m, held - 1);
  m->position += held;
  return 1;
}

ulm_status ulm_extend(ulm *m, const uint16_t *ids, size_t n, size_t ahead) {
  if (n == 0) return ULM_OK;
  m->ahead = 0;
  if (n > m->context - m->position) return ULM_E_CONTEXT;
  for (size_t i = 0; i < n + ahead; i++)
    if (ids[i] >= m->config.vocab) return ULM_E_ARGUMENT;
  const uint32_t before = m->position, end = (uint32_t)((n - 1) % m->block + 1);
  if (ahead > m->block - end || ahead > m->context - before - n) ahead = 0;
  for (size_t i = 0; i < n; i += m->block) {
    const int last = n - i <= m->block;
    if (block(m, ids + i, last ? end : m->block, last ? (uint32_t)ahead : 0, last)) continue;
    m->position = before; /* hidden state and logits are still of its last token */
    return ULM_E_CANCELLED;
  }
  memcpy(m->held + before, ids, (n + ahead) * sizeof *ids);
  m->ahead = (uint32_t)ahead, m->ahead_row = end + (uint32_t)ahead - 1;
  m->has_hidden = 1;
  m->has_logits = 0;
  return ULM_OK;
}

int ulm_take_ahead(ulm *m, const uint16_t *ids, size_t n) {
  if (n == 0 || n != m->ahead || memcmp(m->held + m->position, ids, n * sizeof *ids)) return 0;
  hide(m, m->ahead_row);
  m->position += (uint32_t)n;
  m->ahead = 0, m->has_hidden = 1, m->has_logits = 0;
  return 1;
}

void ulm_cut(ulm *m, uint32_t position) {
  if (position < m->position) m->has_hidden = m->has_logits = 0, m->ahead = 0;
  m->position = position;
}

void ulm_unhear(ulm *m) {
  if (m->hearing) ulm_cut(m, m->heard);
  m->hearing = 0;
}

ulm_status ulm_prefill(ulm *m, const uint16_t *ids, size_t n) {
  if (n && !ids) return ULM_E_ARGUMENT;
  if (n) ulm_unhear(m);
  return ulm_extend(m, ids, n, 0);
}

ulm_status ulm_rewind(ulm *m, uint32_t position) {
  if (position > m->position) return ULM_E_ARGUMENT;
  m->hearing = 0;
  ulm_cut(m, position);
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
    encode(w, &w->codes, &w->embed, w->hidden, 0, w->config.dim);
    run(&p, logits, 1);
    w->has_logits = 1;
  }
  return m->logits;
}
