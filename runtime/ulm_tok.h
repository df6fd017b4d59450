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
  ULM_VOCAB_VERSION = 2,        /* layout of VOCB */
  ULM_VOCAB_HEADER = 32,
  ULM_VOCAB_JOINS = 128 * 128 / 8, /* bytes of the table of joins */
  ULM_VOCAB_RANKED = 1             /* flag: a table of ranks; without it, ids are in rank order */
};

typedef struct {
  const uint8_t *joins;    /* bit [left, right]: some piece holds these two, side by side */
  const uint8_t *displace; /* u8 [buckets] of the perfect hash */
  const uint8_t *slots;    /* {u16 id, u8 tag} [slot_count]; id 0: empty */
  const uint8_t *blocks;   /* u32 [pieces / 256 + 1]: offset in text of piece 256 i */
  const uint8_t *places; /* u16 [pieces + 1]: offset from the block's; bit 15: encodes as itself */
  const uint8_t *ranks;  /* u16 [pieces]: the lower, the earlier a pair merges into it; or NULL */
  const uint8_t *text;   /* UTF-8, but 0x20 for U+2581 (a space) and 0xFF for U+FFFD */
  uint32_t vocab, text_size, slot_count, buckets, longest, base;
  uint32_t power[ULM_PIECE_MAX + 1]; /* base^i */
} ulm_vocab;

/* Checks the header and the bounds of every table, in constant time; no later call leaves the
 * section, whatever its bytes. It must hold `vocab` ids. The section's memory must outlive *v and
 * may lie at any address. ULM_E_VERSION for another layout. */
ulm_status ulm_vocab_open(ulm_vocab *v, const ulm_section *s, uint32_t vocab, ulm_error *err);

/* Reads every table of an opened section, in time linear in its size: pieces are whole characters,
 * each is where its hash says, and joins and marks are those of the pieces. */
ulm_status ulm_vocab_verify(const ulm_vocab *v, const ulm_section *s, ulm_error *err);

/* Bytes of scratch (4-byte aligned) for a text of n bytes: 11 a byte, and some. SIZE_MAX if n is
 * beyond 2^31. */
size_t ulm_vocab_scratch(size_t text_bytes);

/* Encodes text[n] (UTF-8; every byte that is none becomes U+FFFD) into ids[cap]. Linear where the
 * joins cut the text into words; n^2 / 64 steps for n bytes without a cut. *count is the number of
 * ids the text has, at most 3 a byte; ULM_E_CONTEXT if that is more than cap, with ids[cap] filled.
 * ULM_E_MEMORY if scratch is too small or misaligned. ids may be NULL if cap is 0. */
ulm_status ulm_vocab_encode(const ulm_vocab *v, const char *text, size_t n, void *scratch,
                            size_t scratch_size, uint16_t *ids, size_t cap, size_t *count);

/* Text of one id: at most cap bytes of it; returns the number written. Nothing for control symbols,
 * <unk>, ids beyond the vocabulary and pieces that are not whole characters; the raw byte, perhaps
 * a part of a character, for a byte piece. */
size_t ulm_vocab_piece(const ulm_vocab *v, uint16_t id, char *out, size_t cap);

/* Text of ids one by one, as SentencePiece decodes the sequence: byte pieces become characters as
 * soon as they are whole, and bytes that can be none become U+FFFD. Start with {0}. Returns the
 * bytes written to out[ULM_DECODE_MAX]: always whole characters. */
size_t ulm_vocab_decode(const ulm_vocab *v, ulm_decoder *d, uint16_t id, char *out);
size_t ulm_vocab_decode_end(ulm_decoder *d, char *out); /* what was held back, as U+FFFD */

/* ---- The perfect hash, for those who build VOCB ---- */

/* Polynomial hash of a piece in VOCB's byte form: sum of (byte + 1) base^(n - 1 - i), mod 2^32. */
uint32_t ulm_vocab_hash(uint32_t base, const uint8_t *bytes, size_t n);
/* Its last mix: the bucket is taken from its high bits, the tag from its low ones. */
static inline uint32_t ulm_vocab_mix(uint32_t h) {
  h = (h ^ h >> 16) * 0x7feb352du;
  h = (h ^ h >> 15) * 0x846ca68bu;
  return h ^ h >> 16;
}
static inline uint32_t ulm_vocab_scale(uint32_t x, uint32_t n) {
  return (uint32_t)((uint64_t)x * n >> 32);
}
static inline uint32_t ulm_vocab_slot(uint32_t mixed, uint8_t displace, uint32_t slots) {
  return ulm_vocab_scale((mixed ^ displace * 0x9e3779b1u) * 0x85ebca6bu, slots);
}
/* Class of a character in the table of joins, by its first byte. */
static inline uint32_t ulm_vocab_class(uint8_t byte) { return byte < 0x80 ? byte : 0x7f; }

#ifdef __cplusplus
}
#endif
#endif
