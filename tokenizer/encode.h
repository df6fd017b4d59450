/* Documents into token shards. The layout of documents and flags: shard.h. */
#ifndef ENCODE_H
#define ENCODE_H

#include <jansson.h>

#include "../runtime/ulm_words.h"
#include "shard.h"
#include "spm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- One document ---- */

typedef struct {
  uint16_t *ids;
  uint8_t *mask;
  size_t count, cap;
  uint16_t *part; /* scratch of spm_encode */
  size_t part_cap;
} tokens;
void tokens_free(tokens *t);

/* Replace what *t held. A reply of at least 4 words is encoded as opener and rest, so that a token
 * ends where the opener does; the rest begins with its space, so this is the encoding of the whole
 * wherever that has a token end there too. skip: NULL, or [count]: where not 0, that reply has no
 * opener to learn. */
int encode_chat(const spm *s, const ulm_message *turns, size_t count, const uint8_t *skip,
                tokens *t, host_error *e);
int encode_text(const spm *s, const char *text, size_t n, tokens *t, host_error *e);

/* ---- Shards of one split, written one after another as they fill ---- */

typedef struct {
  const char *dir, *split;
  const uint8_t *model;
  size_t model_size;
  const json_t *options; /* for META */
  uint64_t shard_tokens; /* a shard is full here; one document may exceed it */
  /* The shard being filled: */
  uint16_t *ids;
  uint8_t *mask;
  uint64_t *starts;
  uint16_t *from;
  uint64_t tokens, docs, token_cap, doc_cap;
  /* Of all shards: */
  uint32_t shards;
  uint64_t all_tokens, all_docs, chats, reply, opener, text_bytes;
  json_t *sources;       /* {name: {source, licence, origin?, documents, tokens, index}} */
  const json_t *origins; /* {source: {origin}}, or NULL */
} shard_writer;

void shard_writer_open(shard_writer *w, const char *dir, const char *split, const uint8_t *model,
                       size_t model_size, const json_t *options, uint64_t shard_tokens);
/* Adds a document with the bytes of text it came from. source and licence may be NULL: then they
 * are
 * "(unnamed)" and "unknown". A source whose documents have several licences counts as several. */
int shard_writer_add(shard_writer *w, const tokens *t, uint64_t text_bytes, const char *source,
                     const char *licence, host_error *e);
/* Writes the last shard; none if there was no document. */
int shard_writer_finish(shard_writer *w, host_error *e);
json_t *shard_writer_report(const shard_writer *w); /* counts and sources */
void shard_writer_free(shard_writer *w);

/* ---- A folder that is replaced as a whole ---- */

/* Makes an empty folder beside `dir` to write into, and names it in temp[size >= 4096]. `dir` must
 * not exist, or hold nothing but shards and shards.json. */
int folder_begin(char *temp, size_t size, const char *dir, host_error *e);
/* Puts it in the place of `dir`, whose old files are then removed. */
int folder_commit(const char *temp, const char *dir, host_error *e);
void folder_abort(const char *temp);

#ifdef __cplusplus
}
#endif
#endif
