/* Token shards: documents as ids with a loss mask. A data set is a folder:
 *   SHARDS/{train,val,test}-00000.shard, ...     at most SHARD_TOKENS_MAX tokens each
 *   SHARDS/shards.json                            counts, sources, options
 * A shard is a container (ulm_file.h) of META (JSON: split, number, whether it is the split's last,
 * sources with licences, options), SPM (the tokenizer), TOKS (u16 each), MASK (u8 each), DOCS (u64
 * each: first token of each document; strictly increasing, first 0), SRCS (u16 each: the document's
 * source). Byte tables: docs/FORMATS.md.
 *
 * A chat document is  <|im_start|> role \n text <|im_end|> \n  for each turn, then <|endoftext|>;
 * running text is text <|endoftext|>. Role and text are encoded apart ("user\n", then the text), as
 * the runtime does; no piece holds a newline but the byte piece, so both ways give the same ids. A
 * reply's opener and what follows it are encoded apart too, so that a token ends at the cut.
 *
 * MASK flags of token t describe t itself as a *target*: */
#ifndef SHARD_H
#define SHARD_H

#include <jansson.h>

#include "../host.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  SHARD_REPLY = 1,  /* in an assistant reply (its text and its <|im_end|>) */
  SHARD_BEGIN = 2,  /* first token of an assistant reply */
  SHARD_OPENER = 4, /* within the reply's opener: its first 4-8 words, cut at a good place */
  SHARD_CUT = 8,    /* last token of that opener: a model that stops here ends its turn next */
  SHARD_CHAT = 16,  /* the document is a conversation (set on all its tokens) */
  SHARD_FLAGS = 31
};
#define SHARD_TOKENS_MAX (64u << 20)

typedef struct {
  host_map map;
  ulm_file file;
  uint64_t tokens, docs;
  const uint8_t *ids; /* little-endian u16, 64-byte aligned */
  const uint8_t *mask;
  const uint8_t *starts; /* little-endian u64 */
  const uint8_t *from; /* little-endian u16 [docs]: source; NULL in shards made before there were */
  ulm_section spm, meta;
  uint32_t vocab, sources;
  int number, last; /* place in its split, and whether it ends it; -1: META does not say */
} shard;

/* Maps and checks everything: container, checksums, tokenizer, every id below the vocabulary,
 * document starts in order, each document ended by <|endoftext|>, flags known and in agreement,
 * every source one that META lists. */
int shard_open(shard *s, const char *path, host_error *e);
/* The same checks over bytes in memory (fuzzing); s->map stays empty. */
int shard_parse(shard *s, const uint8_t *bytes, size_t n, const char *name, host_error *e);
void shard_close(shard *s);
static inline uint16_t shard_id(const shard *s, uint64_t t) { return ulm_get16(s->ids + 2 * t); }
static inline uint64_t shard_start(const shard *s, uint64_t d) {
  return d < s->docs ? ulm_get64(s->starts + 8 * d) : s->tokens;
}

/* All shards of one split of a folder ("train", "val", "test"), in order. *count 0 if none.
 * Fails if their tokenizers differ, and if one is missing: by the numbers, by the mark of the last,
 * and by shards.json where that is there. */
shard *shard_open_split(const char *dir, const char *split, size_t *count, host_error *e);
void shard_close_all(shard *s, size_t count);

/* Sources of several shards of one folder or more, counted document by document: the data table of
 * a model card. Array of {source, licence, origin?, documents, tokens}, in order of first mention;
 * documents of shards that name no sources are of source "(unnamed)", licence "unknown". */
json_t *shard_sources(const shard *s, size_t count);

/* Where an opener ends: bytes of `text` that make its first 4-8 words by the rule of ulm_words.h
 * (all, if fewer). 0 if there is no word. */
size_t opener_cut(const char *text, size_t n);

#ifdef __cplusplus
}
#endif
#endif
