/* Inside the handle: shared by the runtime's own files, of no interest outside them. */
#ifndef ULM_STATE_H
#define ULM_STATE_H

#include "ulm_blob.h"
#include "ulm_kernels.h"
#include "ulm_tok.h"
#include "ulm_words.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "weights are read where they lie: the device must be little-endian"
#endif

typedef struct {
  const float *attn_norm, *ffn_norm;
  ulm_matrix wq, wk, wv, wo, gate, up, down;
} ulm_layer;

/* T = block tokens, P = parts of the work, C = context, D dim, F ffn, K kv width, H head size, V
 * vocab */
struct ulm {
  ulm_config config;
  ulm_gate gate;
  ulm_vocab vocab;
  ulm_kv kv;
  ulm_workers workers;
  int (*cancelled)(void *user); /* or NULL */
  void *user;
  const ulm_kernels *kernels;
  uint32_t context, position, block, head_dim, kv_dim;
  int has_hidden, has_logits;
  uint32_t ahead;     /* tokens behind those held are computed: a reply's header that may come; */
  uint32_t ahead_row; /* the state after the last of them is in this row of x */
  int hearing;        /* a user's turn is under way, */
  uint32_t heard;     /* which begins at this position */
  uint32_t model;     /* names the weights: snapshots are of one model */
  const uint8_t *snapshot; /* of this KV type in the blob, fitting the context; or NULL */
  float scale;             /* 1 / sqrt(H) */
  ulm_matrix embed;
  const float *final_norm;
  /* In the arena: */
  ulm_layer *layers;                /* [L] */
  uint64_t *turn;                   /* [H/2] RoPE frequencies */
  void *keys, *values;              /* [L, kv_heads, C, H] float, binary16 or int8 */
  float *key_scales, *value_scales; /* [L, kv_heads, C], int8 only */
  uint16_t *held;                   /* [C] ids of the tokens in the caches */
  float *x, *n, *q, *k, *v, *att;   /* [T, D] and, for k and v, [T, K] */
  float *gate_out, *up_out;         /* [T, F]; they share memory with q, k, v, att */
  float *cosine, *sine;             /* [T, H/2] */
  float *score, *lanes;             /* [P, C]; [P, 16, H] */
  ulm_codes codes, inner;           /* [T, D] of n or hidden; [T, max(D, F)] of att, gate_out */
  float *hidden, *logits;           /* [D]; [V] */
  uint16_t *ids;                    /* [ids_max] tokens of a text, or candidates of a draw */
  void *scratch;                    /* of the tokenizer, for text_max bytes */
  size_t scratch_size, text_max, ids_max;
};

/* ---- Kernels (ulm_isa.c) ---- */

/* Those of this name, or for NULL the fastest; NULL if the machine lacks them. */
const ulm_kernels *ulm_kernels_named(const char *isa);

/* ---- Sampling (ulm_sample.c) ---- */

/* Which tokens may be drawn: specials and bytes one by one, all others together. */
typedef struct {
  uint8_t low[ULM_BYTE0 + 256], rest;
} ulm_mask;
/* The next token: greedy at temperature 0, otherwise from the smallest set of the most likely
 * tokens whose share of the allowed mass reaches top_p. At least one token must be allowed.
 * Not-finite logits are safe: then the first of the largest numbers, or the first allowed token. */
uint16_t ulm_draw(ulm *m, const ulm_mask *mask, float temperature, float top_p, ulm_rng *rng);
/* Of the whole distribution at temperature 1: out = {log-probability of id, entropy, difference of
 * the two largest log-probabilities}, each within -1000..1000 whatever the logits. */
void ulm_surprise(const ulm_kernels *k, const float *logits, uint32_t vocab, uint16_t id,
                  float out[3]);

/* ---- Tokens (ulm_forward.c) ---- */

/* Appends ids[n]; all of them or none. If the `ahead` tokens behind them fit in their last pass,
 * they are computed in it but not held: ulm_take_ahead holds them. */
ulm_status ulm_extend(ulm *m, const uint16_t *ids, size_t n, size_t ahead);
int ulm_take_ahead(ulm *m, const uint16_t *ids, size_t n); /* 0 if they are not what is ahead */
void ulm_cut(ulm *m, uint32_t position);                   /* forgets; position <= m->position */
void ulm_unhear(ulm *m); /* takes back what was heard of a turn that is under way */

/* ---- Snapshots (ulm_snapshot.c) ---- */

size_t ulm_kv_size(ulm_kv kv); /* bytes of one number in the cache */
/* For a conversation that begins with ids[n], of whose tokens the first `held` are held: takes over
 * what the blob's snapshot has of them, if that is more. Returns how many are held. */
size_t ulm_snapshot_take(ulm *m, const uint16_t *ids, size_t n, size_t held);

/* ---- Conversation (ulm_chat.c) ---- */

/* <|im_start|> role \n */
ulm_status ulm_chat_header(ulm *m, const char *role);

#endif
