/* Lines of all turns and texts of a split, for learning a vocabulary, and what a vocabulary makes
 * of a split. */
#ifndef LINES_H
#define LINES_H

#include "corpus.h"

typedef struct {
  corpus from;
  doc doc;
  size_t turn;
  const char *text; /* what is left of the text at hand */
  size_t left;
  uint64_t bytes; /* read so far */
  int failed;
  host_error *e;
  host_progress progress;
} lines;

int lines_open(lines *l, const tokenizer_job *j, const char *split, host_error *e);
const char *lines_next(void *user, size_t *n); /* as spm_train wants it; user: lines */
void lines_close(lines *l);

typedef struct {
  const char *split; /* the text measured: "val", where that is empty "test", else "train" */
  uint64_t bytes, words, tokens;
  uint64_t fallback; /* tokens that are bytes of characters without a piece; newlines aside */
} text_use;

/* What the vocabulary makes of the first max_bytes of held-out text. */
int text_use_measure(text_use *u, const spm *s, const tokenizer_job *j, host_error *e);
double text_use_per_token(const text_use *u); /* bytes a token */
double text_use_per_word(const text_use *u);  /* tokens a word */
double text_use_fallback(const text_use *u);  /* share of all tokens */

#endif
