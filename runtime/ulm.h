/* ulm: the device runtime of micro language models.
 *
 *   static _Alignas(64) uint8_t arena[512 * 1024];    // ulm_sizeof(blob, size, &options, &err)
 *   ulm *m;
 *   ulm_error err;
 *   ulm_opener o;
 *   if (ulm_open(&m, blob, size, arena, sizeof arena, &options, &err)) puts(err.message);
 *   ulm_chat_begin(m);
 *   ulm_chat_hear(m, "How many people", 15, &err);    // while the user speaks, at every guess
 *   ulm_chat_turn(m, "user", "How many people live in Seattle?", 32, &err);
 *   ulm_speak(m, NULL, &o, &err);
 *   puts(o.text);                                     // "The population of Seattle is about"
 *
 * C11, libc's memcpy, memmove, memset and memcmp only: no allocation, no I/O, no globals, no errno,
 * no threads. The blob stays where it is (flash, mmap) and must outlive the handle; everything that
 * changes is in the caller's arena. There is nothing to close: a handle ends with its arena. One
 * handle serves one thread at a time; handles share blobs freely.
 *
 * Text is UTF-8 of a stated number of bytes and need not end with NUL; text that is given out does.
 * Pointers are read during the call alone, but for blob, arena and the options' callbacks. Handles
 * and `out` pointers must be valid; whatever else a caller can get wrong is answered by a status.
 * A call that fails leaves the handle as it was unless it says otherwise.
 *
 * Numbers are the same on every device: integer dot products, float reductions in 16 lanes and one
 * fixed tree, no fused multiply-add, and our own exp, sin and cos. */
#ifndef ULM_H
#define ULM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Version ----
 * major << 16 | minor. A program compiled with this header runs with any library of the same major
 * version and no smaller a minor one (the shared library's name holds the major version). Within a
 * major version no function, enumerator, field or size of a struct changes: new functions come,
 * enums grow at their end, and new fields take the place of `reserved`, where zero means what it
 * meant before. Structs that you fill begin as {0}: zero is each field's default, and a reserved
 * field that is not zero is refused. */
#define ULM_VERSION_MAJOR 1
#define ULM_VERSION_MINOR 0
#define ULM_VERSION       (ULM_VERSION_MAJOR << 16 | ULM_VERSION_MINOR)
uint32_t ulm_version(void); /* of the library: ULM_VERSION where it was compiled */

/* ---- Status and error ---- */

typedef enum {
  ULM_OK = 0,
  ULM_E_ARGUMENT, /* a pointer, count or option is out of range */
  ULM_E_FORMAT,   /* the bytes are not what they must be: see ulm_error */
  ULM_E_VERSION,  /* a format version this build does not read */
  ULM_E_CHECKSUM, /* bytes changed since they were written */
  ULM_E_MEMORY,   /* the arena is too small or misaligned */
  ULM_E_CONTEXT,  /* no room left in the context window */
  ULM_E_CANCELLED /* a callback asked to stop */
} ulm_status;
const char *ulm_status_text(ulm_status s); /* "done", "argument out of range", ...; a constant */

/* Filled where a call fails, otherwise left alone. Every `err` may be NULL. */
typedef struct {
  ulm_status code;
  const char *message; /* a constant string: what is wrong and what to do */
  uint64_t offset;     /* byte of the file it is about; 0 where it is about the whole */
} ulm_error;

/* ---- Options ---- */

typedef struct ulm ulm;

typedef enum {
  ULM_KV_F32 = 0,
  ULM_KV_INT8 = 1, /* one scale a head vector: the least memory */
  ULM_KV_F16 = 2,
  ULM_KVS
} ulm_kv;
const char *ulm_kv_name(ulm_kv kv); /* "f32", "int8", "f16"; "?" if unknown */

/* The caller's threads, if it has some to lend: run(user, job, work) calls job(work, i) once for
 * each i < parts, best all at the same time, and returns when all are done. The bits do not depend
 * on parts. Zeros: everything runs in the calling thread. */
typedef struct {
  uint32_t parts; /* at most 64 */
  void (*run)(void *user, void (*job)(void *work, uint32_t part), void *work);
  void *user;
} ulm_workers;

typedef struct {
  uint32_t context; /* tokens of KV cache, 16 or more; 0: the model's own, never more than it */
  ulm_kv kv;
  uint32_t block;  /* tokens that share one pass over the weights, 1..64; 0: 8. More prefill faster
                      and take a larger arena */
  const char *isa; /* instruction set: a name that ulm_isa_at gives; NULL: the fastest here */
  ulm_workers workers;
  /* Asked before each layer of a pass: non-zero cancels the call that is under way, which then
   * returns ULM_E_CANCELLED. It may read a flag that an interrupt or another thread sets. NULL:
   * never. */
  int (*cancelled)(void *user);
  void *user;           /* of `cancelled` */
  uint32_t reserved[4]; /* zeros */
} ulm_options;

/* Names of the instruction sets that this build has and this machine runs, "portable" first, the
 * fastest last; NULL where i is not below their number. All compute the same bits. */
const char *ulm_isa_at(uint32_t i);

/* ---- Open ---- */

enum { ULM_ALIGN = 64 }; /* of arenas, and best of blobs, bytes */

/* Bytes of arena that ulm_open will need, exactly, or 0 with *err set. options NULL: zeros. */
size_t ulm_sizeof(const void *blob, size_t size, const ulm_options *options, ulm_error *err);

/* Checks header, config and the bounds of every table, so that no later call can leave the blob
 * whatever its bytes are; not the weights' checksum. Touches little: microseconds. The blob lies on
 * a multiple of 4 bytes (best 64), the arena on one of 64. */
ulm_status ulm_open(ulm **out, const void *blob, size_t size, void *arena, size_t arena_size,
                    const ulm_options *options, ulm_error *err);

/* Reads every byte of the blob against its checksums and, beyond ulm_open, refuses tables that
 * contradict each other, and weights and scales that are not finite. */
ulm_status ulm_verify(const void *blob, size_t size, ulm_error *err);

typedef struct {
  uint32_t dim;      /* D: width of the residual stream */
  uint32_t layers;   /* L */
  uint32_t heads;    /* query heads; head size H = dim / heads, even */
  uint32_t kv_heads; /* key/value heads; divides heads */
  uint32_t ffn;      /* F: inner width of SwiGLU */
  uint32_t vocab;    /* V: at least 260 (4 specials + 256 bytes), at most 65,535 */
  uint32_t context;  /* longest sequence, in tokens */
  float rope_base;   /* RoPE base, 1e6 */
  float norm_eps;    /* RMSNorm epsilon, 1e-5 */
} ulm_config;
const ulm_config *ulm_get_config(const ulm *m);
uint32_t ulm_context(const ulm *m); /* tokens of KV cache this handle has */
const char *ulm_isa(const ulm *m);  /* the instruction set it uses */

/* ---- Conversation: ChatML ---- */

ulm_status ulm_chat_begin(ulm *m); /* forgets everything */

/* While the user speaks: `text` is all of the turn so far, as the recognizer has it now. Tokens
 * that were there before stay, those that were revised are taken back, new ones are computed.
 * Afterwards ulm_chat_turn with the role "user", or ulm_chat, computes the rest alone; every other
 * call that adds tokens first takes back what was heard. */
ulm_status ulm_chat_hear(ulm *m, const char *text, size_t n, ulm_error *err);

/* One whole turn, role "system", "user" or "assistant". If it fails, the turns before it are
 * held. */
ulm_status ulm_chat_turn(ulm *m, const char *role, const char *text, size_t n, ulm_error *err);

/* A conversation given as a whole: computes what differs from the tokens that are held, and nothing
 * where all of it is the same. One that does not fit the context is cut by a stated rule: oldest
 * turns go first, then the middle of the last user turn; at least 32 tokens stay free. *truncated
 * (may be NULL) tells. If it fails, nothing is held. */
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
  /* Called for each token as it is drawn, before its words are known, those that are taken back
   * among them: for clocks. May be NULL. */
  void (*on_token)(void *user, uint16_t id);
  void *user;           /* of both */
  uint32_t max_tokens;  /* drawn at most; 0: ULM_OPENER_TOKENS, the most */
  int repeats;          /* 0: begins no word twice in a row and no pair of words again; 1: may */
  uint32_t reserved[2]; /* zeros */
} ulm_opener_options;

typedef enum {
  ULM_FINISH_SENTENCE, /* the opener is a whole sentence */
  ULM_FINISH_CLAUSE,   /* cut after a comma, colon, semicolon or dash, or at a line's end */
  ULM_FINISH_WORDS,  /* cut after max_words at a word boundary, or the text ended there: a fragment
                      */
  ULM_FINISH_END,    /* the model ended its turn in fewer than min_words */
  ULM_FINISH_LENGTH, /* ran out of tokens, bytes or context; cut at the last word boundary */
  ULM_FINISH_CANCELLED
} ulm_finish;
const char *
ulm_finish_name(ulm_finish f); /* "sentence", "clause", "words", "end", "length", "cancelled" */

typedef struct {
  char text[ULM_OPENER_BYTES];  /* NUL-terminated UTF-8 */
  uint32_t size, words, tokens; /* size: bytes of text */
  ulm_finish finish;
  int ended;        /* the model itself ended its turn right after the last word */
  float logprob;    /* mean natural log-probability a token, at temperature 1 */
  float entropy;    /* mean entropy of the distribution, nats */
  float margin;     /* mean difference of the two largest log-probabilities */
  float confidence; /* 0..1: the gate's calibrated estimate, or exp(logprob) where the blob has none
                     */
  uint32_t reserved[4];
} ulm_opener;

/* Speaks an opener after the conversation so far: 4-8 whole words. Where it may not end yet, a
 * capital right behind a sentence's end gets its space if there is the token for it; a word that
 * has not ended after 16 tokens is taken back, and another begins. Unforced does neither. The KV
 * cache then holds the conversation, the reply's header and exactly the opener's tokens. options
 * NULL: temperature 0.5, top-p 0.9, seed 0. ULM_E_CANCELLED if on_word or ulm_options.cancelled
 * asked for it; *out then holds the words given out so far, and the cache is as above. */
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

/* ---- Snapshot: the state after a fixed system prompt, kept and put back ----
 * A blob may hold snapshots (`ulm export --system TEXT`): where a conversation begins with that
 * turn, the calls above copy its state rather than compute it, to the same bits. */

/* Bytes of a snapshot of the tokens held now; 0 if there are none. */
size_t ulm_snapshot_size(const ulm *m);
/* Writes it to out[size], at any address. It fits handles of the same model and KV type on every
 * machine, of any context that has room for its tokens. ULM_E_ARGUMENT after ulm_rewind, until
 * tokens follow. */
ulm_status ulm_snapshot(const ulm *m, void *out, size_t size, ulm_error *err);
/* Checks every byte of a snapshot and puts it in place of all that is held; ulm_logits are those of
 * its last token. */
ulm_status ulm_restore(ulm *m, const void *snapshot, size_t size, ulm_error *err);

/* ---- Tokens: what the conversation above is made of ---- */

/* Token ids that every ulm vocabulary starts with. Control symbols: text never produces them. */
enum {
  ULM_PAD = 0 /* <|endoftext|> */,
  ULM_BOS = 1 /* <|im_start|> */,
  ULM_EOS = 2 /* <|im_end|> */,
  ULM_UNK = 3
};

/* Encodes text to the ids libsentencepiece gives, into ids[cap]. Writes *count ids. Text never
 * yields a control symbol. ULM_E_CONTEXT if cap is too small (then *count is the number needed, at
 * most 3 a byte) or if n exceeds ulm_text_max (then *count is 0). */
ulm_status ulm_encode(ulm *m, const char *text, size_t n, uint16_t *ids, size_t cap, size_t *count);
size_t ulm_text_max(const ulm *m); /* longest text one call encodes, bytes */

/* Text of one id: writes at most cap bytes and returns their number, 0 for control symbols.
 * Raw bytes without NUL: a byte piece may be part of a character. */
size_t ulm_piece(const ulm *m, uint16_t id, char *out, size_t cap);

/* Text of ids one by one, for streaming: writes what is sure by now to out[ULM_DECODE_MAX], without
 * NUL, and returns its bytes, always whole characters. Byte pieces are held back until they make
 * one; what can make none becomes U+FFFD. Begin with a zeroed decoder; ulm_decode_end gives out the
 * rest. */
typedef struct {
  uint8_t bytes[4], count;
} ulm_decoder;
enum { ULM_DECODE_MAX = 3 * 64 + 9 }; /* most bytes that one token adds: 64 U+FFFD, 3 held back */
size_t ulm_decode(const ulm *m, ulm_decoder *d, uint16_t id, char *out);
size_t ulm_decode_end(ulm_decoder *d, char *out);

/* Appends n tokens; afterwards ulm_logits is of the last one. Piecemeal calls give the same bits
 * as one call. */
ulm_status ulm_prefill(ulm *m, const uint16_t *ids, size_t n);
/* Forgets all tokens from `position` on. */
ulm_status ulm_rewind(ulm *m, uint32_t position);
uint32_t ulm_position(const ulm *m); /* tokens held */
/* [V] of the last token, or NULL before the first and after ulm_rewind. In the arena: valid until
 * the next call that adds tokens. Computed when first asked for. */
const float *ulm_logits(const ulm *m);
const float *ulm_hidden(const ulm *m); /* [D] likewise: last hidden state after the final norm */

/* ---- Memory ---- */

/* RAM of an arena by owner, bytes; the weights stay in the blob. For any valid config. */
typedef struct {
  size_t weights;     /* 0: weights are read where they lie */
  size_t handle;      /* handle, tensor table, RoPE frequencies */
  size_t kv;          /* KV cache, and the ids of its tokens */
  size_t activations; /* residual stream, attention, feed-forward, for one block of tokens */
  size_t logits;      /* logits and last hidden state */
  size_t tokenizer;   /* scratch of encoding, shared with sampling */
  size_t total;
} ulm_ram;
ulm_status ulm_arena_report(const ulm_config *c, const ulm_options *options, ulm_ram *out);

#ifdef __cplusplus
}
#endif

#include "ulm_handoff.h" /* the cloud's side: how its words join the opener */
#endif
