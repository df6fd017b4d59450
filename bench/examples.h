/* What a model was trained on, as the baselines use it: prompts and the openers of their replies.
 */
#ifndef BENCH_EXAMPLES_H
#define BENCH_EXAMPLES_H

#include "../host.h"

typedef struct {
  char **prompts, **openers; /* the user's turn, and the opener of the reply to it: 4-8 words */
  size_t count, skipped;     /* skipped: replies whose opener has fewer, or is marked as none */
  size_t most, times;        /* the most frequent opener is that of `most`; how often it comes */
} examples;

/* Each path: a folder of shards or one that ulm data wrote (its train split), or a chat file. */
int examples_open(examples *x, char *const *paths, size_t count, host_error *e);
void examples_close(examples *x);

#endif
