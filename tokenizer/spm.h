/* SentencePiece behind a thin C shim: train, check, encode, decode. spm.cc is the only C++ file.
 * Every model is checked by spm_check (our own reader of its structure) before the library sees it.
 */
#ifndef SPM_H
#define SPM_H

#include "../host.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct spm spm; /* a loaded model; immutable, safe to share between threads */

/* Checks the bytes of a sentencepiece model: a well-formed ModelProto, BPE, byte fallback, identity
 * normalizer, no dummy prefix, spaces kept; ids 0..3 the four specials with their types, 4..259 the
 * byte pieces in order, all others normal; every piece valid UTF-8, not empty, at most
 * SPM_PIECE_MAX bytes, no duplicates, no NUL, newline or plain space inside, U+2581 (a space) among
 * them; scores finite. Errors name the byte. Never allocates more than a small multiple of n. */
enum { SPM_PIECE_MAX = 64 };
int spm_check(const uint8_t *bytes, size_t n, uint32_t *vocab, host_error *e);
enum { SPM_UNIGRAM = 1, SPM_BPE = 2 }; /* the same of a model of another type */
int spm_check_type(const uint8_t *bytes, size_t n, int type, uint32_t *vocab, host_error *e);

spm *spm_open(const uint8_t *bytes, size_t n, host_error *e); /* spm_check included */
/* A unigram model, for comparisons: it can be encoded with, and has no device tokenizer. */
spm *spm_open_unigram(const uint8_t *bytes, size_t n, host_error *e);
void spm_close(spm *s); /* s may be NULL */
uint32_t spm_vocab(const spm *s);
/* Piece text (as stored: U+2581 for a space), its length, score and type (1 normal, 2 unknown,
 * 3 control, 6 byte). Valid until spm_close. */
const char *spm_piece(const spm *s, uint32_t id, size_t *n, float *score, int *type);

/* Encodes UTF-8 text by the device's tokenizer (runtime/ulm_tok.h, built from the model), so that
 * training and device agree; `make parity` and the tests hold it to libsentencepiece's ids. Never
 * yields a special from text. *ids grows as needed (host_realloc). Returns the count, or -1. */
long spm_encode(const spm *s, const char *text, size_t n, uint16_t **ids, size_t *cap,
                host_error *e);
/* The same by libsentencepiece: what the device's tokenizer is held to, nine times slower. */
long spm_encode_library(const spm *s, const char *text, size_t n, uint16_t **ids, size_t *cap,
                        host_error *e);
/* Decodes ids into *text (grown as needed, NUL-terminated) by libsentencepiece: U+2581 becomes a
 * space, byte pieces characters (bytes that make none U+FFFD), control symbols nothing. Returns
 * bytes, or -1 for an id beyond the vocabulary. */
long spm_decode(const spm *s, const uint16_t *ids, size_t n, char **text, size_t *cap,
                host_error *e);

/* Trains BPE on lines that `next` yields (text without newline; NULL at the end). Longer lines are
 * taken in parts of at most SPM_LINE_MAX bytes. If there is more than max_bytes of text, a uniform
 * sample of the parts is learned from. The role names of ChatML are added, so that each becomes one
 * piece. Same lines and options, same bytes. *model: free it. */
enum { SPM_LINE_MAX = 2048 };
typedef struct {
  uint32_t vocab;     /* 260..65535, and at least as many as the text has characters */
  uint64_t seed;      /* of the sample */
  uint64_t max_bytes; /* of sampled text held in memory; the library needs several times as much */
  int unigram;        /* a unigram model, which only spm_open_unigram takes */
} spm_train_options;
int spm_train(const char *(*next)(void *user, size_t *n), void *user, const spm_train_options *o,
              uint8_t **model, size_t *size, host_error *e);

#ifdef __cplusplus
}
#endif
#endif
