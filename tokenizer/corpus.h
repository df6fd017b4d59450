/* The documents of one split of several data folders, one after another. */
#ifndef CORPUS_H
#define CORPUS_H

#include "../data/docs.h"
#include "spm.h"

typedef struct {
  char *const *dirs;
  int count, at; /* folders; the one being read */
  const char *split;
  docs *in;
} corpus;

/* Every folder must be one that ulm-data wrote; those without the split are passed over. */
int corpus_open(corpus *c, char *const *dirs, int count, const char *split, host_error *e);
int corpus_next(corpus *c, doc *d, host_error *e); /* as docs_next */
void corpus_close(corpus *c);

/* ---- The commands ---- */

typedef struct {
  char *const *dirs;
  int count, threads;
  const char *model, *out;
  uint32_t vocab;
  uint64_t seed, max_bytes, shard_tokens;
  bool json, unigram;
} tokenizer_job;
int learn(const tokenizer_job *j, host_error *e);  /* learn.c: train */
int report(const tokenizer_job *j, host_error *e); /* report.c: report */
int pack(const tokenizer_job *j, host_error *e);   /* pack.c: encode */

/* The SentencePiece model in `path`: that file itself, or what any file of ours carries: a
 * checkpoint, so that data for fine-tuning gets its vocabulary. Valid while the map is open. */
int tokenizer_model_open(host_map *m, ulm_section *model, const char *path, host_error *e);

/* A model of the training text (free *model). *bytes: of that text; progress is shown while it is
 * 0. */
int learn_model(const tokenizer_job *j, uint32_t vocab, int unigram, uint8_t **model, size_t *size,
                uint64_t *bytes, host_error *e);

#endif
