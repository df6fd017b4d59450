/* Builds the blob's VOCB section (runtime/ulm_tok.h, docs/FORMATS.md) from a sentencepiece model.
 */
#ifndef VOCAB_H
#define VOCAB_H

#include "../runtime/ulm_tok.h"
#include "spm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* *bytes (free it) and *n: the section, accepted by ulm_vocab_open and ulm_vocab_verify. Same
 * model, same bytes. */
int vocab_build(const spm *s, uint8_t **bytes, size_t *n, host_error *e);

/* The same from pieces 260.. as they come: UTF-8 with a plain space or U+2581 for a space, 1..64
 * bytes, none twice. The higher the score, the earlier two symbols are joined into the piece. */
typedef struct {
  const char *text;
  size_t size;
  float score;
} vocab_piece;
int vocab_make(const vocab_piece *pieces, uint32_t count, uint8_t **bytes, size_t *n,
               host_error *e);

#ifdef __cplusplus
}
#endif
#endif
