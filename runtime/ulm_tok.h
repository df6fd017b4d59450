/* The device's tokenizer: byte-pair encoding from the blob's VOCB section (docs/FORMATS.md). It
 * gives libsentencepiece's ids for every input. Text never yields a control symbol.
 *
 * Ids 0..3 are the specials, 4..259 the byte pieces, 260..V-1 the pieces that VOCB holds. */
#ifndef ULM_TOK_H
#define ULM_TOK_H

#include "ulm_file.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  ULM_PIECE0 = ULM_BYTE0 + 256, /* id of the first piece with text */
  ULM_PIECE_MAX = 64,           /* longest piece, bytes */
  ULM_VOCAB_HEADER = 32,
  ULM_VOCAB_PROBES = 64 /* most slots a lookup may visit */
};

typedef struct {
  const uint8_t *offsets; /* u32 [pieces + 1] into bytes */
  const uint8_t *ranks;   /* u16 [pieces]: the lower, the earlier a pair merges into this piece */
  const uint8_t *slots;   /* u16 [mask + 1]: hash table of ids, 0 empty */
  const uint8_t *bytes;   /* UTF-8, but 0x20 for U+2581 (a space) and 0xFF for U+FFFD */
  uint32_t vocab, mask, seed, longest, probes;
} ulm_vocab;

/* Checks the whole section, in time linear in its size, so that no later call can leave it. It must
 * hold `vocab` ids. The section's memory must outlive *v; it may lie at any address. */
ulm_status ulm_vocab_open(ulm_vocab *v, const ulm_section *s, uint32_t vocab, ulm_error *err);

/* Bytes of scratch (4-byte aligned) for a text of n bytes: 12 a byte. SIZE_MAX if n is beyond 2^31.
 */
size_t ulm_vocab_scratch(size_t text_bytes);

/* Encodes text[n] (UTF-8; every byte that is none becomes U+FFFD) in O(n log n) into ids[cap].
 * *count is the number of ids the text has, at most 3 a byte; ULM_E_CONTEXT if that is more than
 * cap, with ids[cap] filled. ULM_E_MEMORY if scratch is too small or misaligned. ids may be NULL if
 * cap is 0. */
ulm_status ulm_vocab_encode(const ulm_vocab *v, const char *text, size_t n, void *scratch,
                            size_t scratch_size, uint16_t *ids, size_t cap, size_t *count);

/* Text of one id: at most cap bytes of it; returns the number written. Nothing for control symbols,
 * <unk> and ids beyond the vocabulary; the raw byte, perhaps a part of a character, for a byte
 * piece. */
size_t ulm_vocab_piece(const ulm_vocab *v, uint16_t id, char *out, size_t cap);

/* Hash of a piece in VOCB's byte form; slot = hash & (slots - 1), then the next ones, round the
 * end. */
uint32_t ulm_vocab_hash(uint32_t seed, const uint8_t *bytes, size_t n);

#ifdef __cplusplus
}
#endif
#endif
