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
  bool json;
} tokenizer_job;
int learn(const tokenizer_job *j, host_error *e); /* learn.c: train */
int pack(const tokenizer_job *j, host_error *e);  /* pack.c: encode */

#endif
