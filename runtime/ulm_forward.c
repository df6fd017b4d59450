#include "ulm_state.h"
#include "ulm_math.h"
#include <string.h>

/* Keys and values of layer `l`, head `h` start `at` elements into the caches. */
static size_t head_at(const ulm *m, uint32_t l, uint32_t h) {
  return ((size_t)l * m->config.kv_heads + h) * m->context;
}

static void store(ulm *m, void *cache, float *scales, size_t row, const float *x) {
  const uint32_t n = m->head_dim;
  if (m->kv == ULM_KV_INT8)
    ulm_store_s8((int8_t *)cache + row * n, scales + row, x, n);
  else
    memcpy((float *)cache + row * n, x, n * sizeof *x);
}

static void attention(ulm *m, uint32_t l, uint32_t t) {
  const uint32_t n = m->head_dim, count = m->position + t + 1;
  const uint32_t share = m->config.heads / m->config.kv_heads;
  for (uint32_t h = 0; h < m->config.heads; h++) {
    const size_t row = head_at(m, l, h / share);
    const int int8 = m->kv == ULM_KV_INT8;
    const size_t at = row * n * (int8 ? 1 : sizeof(float));
    const ulm_head kv = {(const char *)m->keys + at, (const char *)m->values + at,
                         int8 ? m->key_scales + row : NULL, int8 ? m->value_scales + row : NULL,
                         int8};
    const size_t head = (size_t)t * m->config.dim + (size_t)h * n;
    ulm_attend(m->att + head, m->q + head, &kv, count, n, m->scale, m->score, m->lanes);
  }
}

static void matmul(ulm *m, float *y, const ulm_matrix *w, const float *x, uint32_t tokens) {
  ulm_matmul(y, w, x, tokens, &m->codes);
}

static void norms(ulm *m, const float *x, const float *w, uint32_t tokens) {
  const uint32_t D = m->config.dim;
  for (uint32_t t = 0; t < tokens; t++)
    ulm_rmsnorm(m->n + (size_t)t * D, x + (size_t)t * D, w, D, m->config.norm_eps);
  m->codes.of = NULL;
}

/* One block of tokens through all layers; the last layer computes only what somebody will read:
 * keys and values of all, and the output of the last token if it ends the call. */
static void block(ulm *m, const uint16_t *ids, uint32_t tokens, int last) {
  const ulm_config *c = &m->config;
  const uint32_t D = c->dim, K = m->kv_dim, n = m->head_dim;
  for (uint32_t t = 0; t < tokens; t++) {
    ulm_row(m->x + (size_t)t * D, &m->embed, ids[t]);
    for (uint32_t i = 0; i < n / 2; i++) {
      float *a = m->angle[(size_t)t * (n / 2) + i];
      ulm_sincos(m->turn[i] * (m->position + t), &a[1], &a[0]);
    }
  }
  for (uint32_t l = 0; l < c->layers; l++) {
    const ulm_layer *w = &m->layers[l];
    norms(m, m->x, w->attn_norm, tokens);
    matmul(m, m->k, &w->wk, m->n, tokens);
    matmul(m, m->v, &w->wv, m->n, tokens);
    for (uint32_t t = 0; t < tokens; t++)
      for (uint32_t h = 0; h < c->kv_heads; h++) {
        const size_t row = head_at(m, l, h) + m->position + t, at = (size_t)t * K + (size_t)h * n;
        ulm_rotate(m->k + at, (const float(*)[2])m->angle + (size_t)t * (n / 2), n);
        store(m, m->keys, m->key_scales, row, m->k + at);
        store(m, m->values, m->value_scales, row, m->v + at);
      }
    const int ends = l + 1 == c->layers;
    if (ends && !last) break;
    const uint32_t from = ends ? tokens - 1 : 0, count = tokens - from;
    float *x = m->x + (size_t)from * D, *normed = m->n + (size_t)from * D,
          *att = m->att + (size_t)from * D;
    if (from) m->codes.of = NULL;
    matmul(m, m->q + (size_t)from * D, &w->wq, normed, count);
    for (uint32_t t = from; t < tokens; t++) {
      for (uint32_t h = 0; h < c->heads; h++)
        ulm_rotate(m->q + (size_t)t * D + (size_t)h * n,
                   (const float(*)[2])m->angle + (size_t)t * (n / 2), n);
      attention(m, l, t);
    }
    m->codes.of = NULL;
    matmul(m, m->n, &w->wo, att, count);
    ulm_add(x, m->n, (size_t)count * D);
    norms(m, x, w->ffn_norm, count);
    matmul(m, m->gate_out, &w->gate, m->n, count);
    matmul(m, m->up_out, &w->up, m->n, count);
    ulm_swiglu(m->gate_out, m->up_out, (size_t)count * c->ffn);
    m->codes.of = NULL;
    matmul(m, m->n, &w->down, m->gate_out, count);
    ulm_add(x, m->n, (size_t)count * D);
  }
  if (last) ulm_rmsnorm(m->hidden, m->x + (size_t)(tokens - 1) * D, m->final_norm, D, c->norm_eps);
  m->position += tokens;
}

ulm_status ulm_prefill(ulm *m, const uint16_t *ids, size_t n) {
  if (n == 0) return ULM_OK;
  if (!ids) return ULM_E_ARGUMENT;
  if (n > m->context - m->position) return ULM_E_CONTEXT;
  for (size_t i = 0; i < n; i++)
    if (ids[i] >= m->config.vocab) return ULM_E_ARGUMENT;
  for (size_t i = 0; i < n; i += ULM_BLOCK) {
    const size_t left = n - i;
    block(m, ids + i, left < ULM_BLOCK ? (uint32_t)left : ULM_BLOCK, left <= ULM_BLOCK);
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
    w->codes.of = NULL;
    ulm_matmul(w->logits, &w->embed, w->hidden, 1, &w->codes);
    w->has_logits = 1;
  }
  return m->logits;
}
