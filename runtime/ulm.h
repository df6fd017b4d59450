/* ulm: the device runtime of micro language models.
 *
 *   static uint8_t arena[...];                              // ulm_sizeof(blob, size, &options, 0)
 * bytes ulm *m; ulm_error err; if (ulm_open(&m, blob, size, arena, sizeof arena, &options, &err))
 * ... ulm_chat_begin(m); ulm_chat_turn(m, "user", "How many people live in Seattle?", 32, &err);
 *   ulm_opener o;
 *   ulm_speak(m, &(ulm_opener_options){.temperature = 0.5f, .top_p = 0.9f, .seed = 1}, &o, &err);
 *   // o.text: "The population of Seattle is estimated to be", o.confidence, ...
 *
 * C11, libc's memory functions only: no allocation, no I/O, no globals, no threads. The blob stays
 * where it is (flash, mmap) and must outlive the handle; everything mutable is in the caller's
 * arena, 64-byte aligned. One handle serves one thread at a time; handles share blobs freely.
 *
 * Numbers are the same on every device: integer dot products, float reductions in 16 lanes and one
 * fixed tree, no fused multiply-add, and our own exp, sin and cos. */
#ifndef ULM_H
#define ULM_H

#include "ulm_file.h"
#include "ulm_words.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ULM_VERSION 1

typedef struct ulm ulm;

typedef enum {
  ULM_KV_F32 = 0,
  ULM_KV_INT8 = 1,
  ULM_KV_F16 = 2
} ulm_kv; /* int8: one scale a head vector */

/* The caller's threads, if it has some to lend: run(user, job, work) calls job(work, i) once for
 * each i < parts, best all at the same time, and returns when all are done. The bits do not depend
 * on parts. Zeros: everything runs in the calling thread. */
typedef struct {
  uint32_t parts; /* at most 64 */
  void (*run)(void *user, void (*job)(void *work, uint32_t part), void *work);
  void *user;
} ulm_workers;

typedef struct {
  uint32_t context; /* tokens of KV cache; 0: the model's own, never more than it */
  ulm_kv kv;
  uint32_t block;  /* tokens that share one pass over the weights, 1..64; 0: 8. More prefill faster
                      and take a larger arena */
  const char *isa; /* instruction set: a name that ulm_isa_at gives; NULL: the fastest here */
  ulm_workers workers;
} ulm_options;

/* Names of the instruction sets that this build has and this machine runs, "portable" first, the
 * fastest last; NULL where i is not below their number. All compute the same bits. */
const char *ulm_isa_at(uint32_t i);

/* ---- Open ---- */

/* Bytes of arena that ulm_open will need, or 0 with *err set (err may be NULL). options NULL:
 * zeros. */
size_t ulm_sizeof(const void *blob, size_t size, const ulm_options *options, ulm_error *err);

/* Checks header, config and every table, so that no later call can leave the blob; not the weights'
 * checksum. Touches little: microseconds. */
ulm_status ulm_open(ulm **out, const void *blob, size_t size, void *arena, size_t arena_size,
                    const ulm_options *options, ulm_error *err);

/* Reads every byte of the blob against its checksums and, beyond ulm_open, refuses weights and
 * scales that are not finite. */
ulm_status ulm_verify(const void *blob, size_t size, ulm_error *err);

const ulm_config *ulm_get_config(const ulm *m);
uint32_t ulm_context(const ulm *m); /* tokens of KV cache this handle has */
const char *ulm_isa(const ulm *m);  /* the instruction set it uses */

/* ---- Tokenizer: the ids libsentencepiece gives, from the blob's table ---- */

/* Encodes UTF-8 text (not a NUL-terminated string) into ids[cap]. Writes *count ids. Text never
 * yields a control symbol. ULM_E_CONTEXT if cap is too small (then *count is the number needed, at
 * most 3 a byte) or if n exceeds ulm_text_max (then *count is 0). */
ulm_status ulm_encode(ulm *m, const char *text, size_t n, uint16_t *ids, size_t cap, size_t *count);
size_t ulm_text_max(const ulm *m); /* longest text one call encodes, bytes */

/* Text of one id: writes at most cap bytes and returns their number, 0 for control symbols.
 * Raw bytes: a byte piece may be part of a character. */
size_t ulm_piece(const ulm *m, uint16_t id, char *out, size_t cap);

/* Text of ids one by one, for streaming: writes what is sure by now to out[ULM_DECODE_MAX] and
 * returns its bytes, always whole characters. Byte pieces are held back until they make one; what
 * can make none becomes U+FFFD. Begin with a zeroed decoder; ulm_decode_end gives out the rest. */
size_t ulm_decode(const ulm *m, ulm_decoder *d, uint16_t id, char *out);
size_t ulm_decode_end(ulm_decoder *d, char *out);

/* ---- Model ---- */

/* Appends n tokens; afterwards ulm_logits is of the last one. Piecemeal calls give the same bits
 * as one call. */
ulm_status ulm_prefill(ulm *m, const uint16_t *ids, size_t n);
/* Forgets all tokens from `position` on (speech recognition revises its tail). */
ulm_status ulm_rewind(ulm *m, uint32_t position);
uint32_t ulm_position(const ulm *m);   /* tokens held */
const float *ulm_logits(const ulm *m); /* [V] of the last token, or NULL before the first */
const float *ulm_hidden(const ulm *m); /* [D] last hidden state after the final norm */

/* ---- Conversation: ChatML ---- */

ulm_status ulm_chat_begin(ulm *m); /* forgets everything */
/* One whole turn, role "system", "user" or "assistant". */
ulm_status ulm_chat_turn(ulm *m, const char *role, const char *text, size_t n, ulm_error *err);
/* The stated rule of context overflow, for a conversation given as a whole: oldest turns go first,
 * then the middle of the last user turn; at least 32 tokens stay free. *truncated tells. */
typedef struct {
  const char *role, *text;
  size_t size; /* of text, bytes */
} ulm_message;
ulm_status ulm_chat(ulm *m, const ulm_message *turns, size_t count, int *truncated, ulm_error *err);

/* ---- Opener ---- */

enum { ULM_OPENER_BYTES = 256, ULM_OPENER_TOKENS = 48 };

typedef struct {
  uint32_t min_words, max_words; /* 0: 4 and 8 */
  float temperature, top_p;      /* temperature 0: greedy */
  uint64_t seed;
  int unforced; /* 1: leave ends to the model: nothing suppresses a turn that ends early */
  /* Called for each whole word as soon as it is sure (with its leading space, if any); non-zero
   * cancels. May be NULL. */
  int (*on_word)(void *user, const char *word, size_t n);
  /* Called for each token as it is drawn, before its words are known: for clocks. May be NULL. */
  void (*on_token)(void *user, uint16_t id);
  void *user;
} ulm_opener_options;

typedef struct {
  char text[ULM_OPENER_BYTES]; /* NUL-terminated UTF-8 */
  uint32_t size, words, tokens;
  ulm_finish finish;
  int ended;        /* the model itself ended its turn right after the last word */
  float logprob;    /* mean natural log-probability a token, at temperature 1 */
  float entropy;    /* mean entropy of the distribution, nats */
  float margin;     /* mean difference of the two largest log-probabilities */
  float confidence; /* 0..1: the gate's calibrated estimate, or exp(logprob) where the blob has none
                     */
} ulm_opener;

/* Speaks an opener after the conversation so far: 4-8 whole words. The KV cache then holds the
 * conversation, the reply's header and exactly the opener's tokens. options NULL: temperature 0.5,
 * top-p 0.9, seed 0. ULM_E_CANCELLED if on_word asked for it; *out then holds the words given out
 * so far. */
ulm_status ulm_speak(ulm *m, const ulm_opener_options *options, ulm_opener *out, ulm_error *err);

/* Gate: confidence = sigmoid(bias + w . {logprob, entropy, margin}); present only if calibrated. */
typedef struct {
  int calibrated;
  float bias, weight[3];
  float threshold; /* from it on the opener is spoken; below it something neutral */
  float silent;    /* below it nothing is; at most `threshold` */
} ulm_gate;
ulm_gate ulm_get_gate(const ulm *m);

typedef enum { ULM_SAY_OPENER, ULM_SAY_NEUTRAL, ULM_SAY_NOTHING, ULM_CHOICES } ulm_choice;
const char *ulm_choice_name(ulm_choice c); /* "opener", "neutral", "nothing" */
/* What to say at a confidence; without a calibrated gate always the opener. Where a neutral opener
 * finds no topic (ulm_neutral), nothing is said. */
ulm_choice ulm_gate_choose(const ulm_gate *g, float confidence);

/* The GATE section of a blob; the reader refuses floats that are not finite. */
enum { ULM_GATE_SIZE = 32 };
void ulm_gate_write(uint8_t out[ULM_GATE_SIZE], const ulm_gate *g);
ulm_status ulm_gate_read(const ulm_section *s, ulm_gate *g, ulm_error *err);

/* The CHAT section of a blob: ChatML, for other engines. */
#define ULM_CHATML                                                                                 \
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + " \
  "'<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}" \
  "{% endif %}"

/* RAM of an arena by owner, bytes; the weights stay in the blob. For any valid config. */
typedef struct {
  size_t weights;     /* 0: weights are read where they lie */
  size_t handle;      /* handle, tensor table, RoPE frequencies */
  size_t kv;          /* KV cache */
  size_t activations; /* residual stream, attention, feed-forward, for one block of tokens */
  size_t logits;      /* logits and last hidden state */
  size_t tokenizer;   /* scratch of encoding, shared with sampling */
  size_t total;
} ulm_ram;
ulm_status ulm_arena_report(const ulm_config *c, const ulm_options *options, ulm_ram *out);

#ifdef __cplusplus
}
#endif
#endif
