/* The model, described once.
 *
 * Plain Llama: token embedding tied with the output, L blocks of {RMSNorm, grouped-query attention
 * with half-split RoPE, RMSNorm, SwiGLU}, final RMSNorm; no biases. ULM_TENSORS below is the only
 * list of tensors: the trainer, the checkpoint, the quantizer, the exporters, the runtime and the
 * tests derive names, shapes and file order from it.
 *
 * Every matrix is row-major [rows, cols] and is applied as y[rows] = W x[cols]. */
#ifndef ULM_MODEL_H
#define ULM_MODEL_H

#include "ulm.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ULM_BYTE0 = 4 }; /* id of the piece <0x00>; the 256 byte pieces follow one another */

/* X(id, name, in_block, rows, cols, gguf name, Hugging Face name); D, F, V as above, K = kv width.
 * In-block tensors are stored block after block. cols == 0 marks a vector of `rows` values. */
#define ULM_TENSORS(X)                                                                             \
  X(EMBED, "embed", 0, V, D, "token_embd", "model.embed_tokens")                                   \
  X(ATTN_NORM, "attn_norm", 1, D, 0, "attn_norm", "input_layernorm")                               \
  X(WQ, "wq", 1, D, D, "attn_q", "self_attn.q_proj")                                               \
  X(WK, "wk", 1, K, D, "attn_k", "self_attn.k_proj")                                               \
  X(WV, "wv", 1, K, D, "attn_v", "self_attn.v_proj")                                               \
  X(WO, "wo", 1, D, D, "attn_output", "self_attn.o_proj")                                          \
  X(FFN_NORM, "ffn_norm", 1, D, 0, "ffn_norm", "post_attention_layernorm")                         \
  X(GATE, "gate", 1, F, D, "ffn_gate", "mlp.gate_proj")                                            \
  X(UP, "up", 1, F, D, "ffn_up", "mlp.up_proj")                                                    \
  X(DOWN, "down", 1, D, F, "ffn_down", "mlp.down_proj")                                            \
  X(FINAL_NORM, "final_norm", 0, D, 0, "output_norm", "model.norm")

enum {
#define X(id, name, in_block, rows, cols, gguf, hf) ULM_T_##id,
  ULM_TENSORS(X)
#undef X
      ULM_T_KINDS
};

typedef struct {
  int kind;              /* ULM_T_* */
  int layer;             /* 0..L-1, or -1 outside the blocks */
  const char *name;      /* short name, e.g. "wq" */
  const char *gguf, *hf; /* that name in other formats */
  uint32_t rows, cols;   /* cols == 0: a vector of `rows` values */
  uint64_t count;        /* rows * max(cols, 1) */
  uint64_t start;        /* first element, counted over all tensors before it in file order */
} ulm_tensor;

/* Presets: the paper's five shapes and `nano`.  X(name, dim, layers, heads, kv, ffn, vocab) */
#define ULM_PRESETS(X)                                                                             \
  X("nano", 128, 4, 4, 2, 384, 2048)                                                               \
  X("8.8m", 256, 8, 8, 2, 704, 12288)                                                              \
  X("14m", 256, 16, 8, 2, 704, 12288)                                                              \
  X("17m", 384, 8, 8, 2, 1024, 12288)                                                              \
  X("28.9m", 512, 8, 8, 2, 1408, 12288)                                                            \
  X("29.5m", 384, 16, 8, 2, 1024, 12288)

/* Fills *c (context 512, base 1e6, eps 1e-5) from a preset's name. Returns 0, or -1 if unknown. */
int ulm_preset(const char *name, ulm_config *c);

/* 0 if every field is in range and the derived sizes cannot overflow; otherwise the reason. */
const char *ulm_config_error(const ulm_config *c);

/* Of a config that ulm_config_error accepts: */
uint32_t ulm_tensor_count(const ulm_config *c);                /* 2 + 9 L */
ulm_tensor ulm_tensor_at(const ulm_config *c, uint32_t index); /* in file order; index < count */
uint64_t ulm_param_count(const ulm_config *c);                 /* all elements */
static inline uint32_t ulm_head_dim(const ulm_config *c) { return c->dim / c->heads; }
static inline uint32_t ulm_kv_dim(const ulm_config *c) { return c->dim / c->heads * c->kv_heads; }

#ifdef __cplusplus
}
#endif
#endif
