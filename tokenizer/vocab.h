/* Builds the blob's VOCB section (runtime/ulm_tok.h, docs/FORMATS.md) from a sentencepiece model.
 */
#ifndef VOCAB_H
#define VOCAB_H

#include "../runtime/ulm_tok.h"
#include "spm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* *bytes (free it) and *n: the section, accepted by ulm_vocab_open. Same model, same bytes. */
int vocab_build(const spm *s, uint8_t **bytes, size_t *n, host_error *e);

#ifdef __cplusplus
}
#endif
#endif
