/* The documents of one split of several data folders, one after another. */
#ifndef CORPUS_H
#define CORPUS_H

#include "../runtime/ulm.h"
#include "spm.h"

typedef struct {
  const ulm_message *turns; /* NULL: running text, in turns_of_text */
  size_t count;
  const char *text;
  size_t size;
  const char *source, *licence; /* may be NULL */
} document;

typedef struct corpus corpus;
/* Folders without that split are passed over; *found (may be NULL) counts the others. */
corpus *corpus_open(char *const *dirs, int count, const char *split, int *found, host_error *e);
int corpus_next(corpus *c, document *d, host_error *e); /* 1, 0 at the end, -1; d is valid until the next call */
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
