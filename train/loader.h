/* Documents of several sources into batches of packed rows. What the loader gives is a function of
 * the shards, their weights, the options and the number of batches drawn: resuming means drawing as
 * many again without filling them (loader_skip). */
#ifndef TRAIN_LOADER_H
#define TRAIN_LOADER_H

#include "model.h"
#include "view.h"

typedef struct loader loader;

typedef struct {
  const char *dir;
  double weight; /* share of tokens among the sources; 0: proportional to what the source has */
} loader_source;

typedef struct {
  uint32_t B, T;
  uint64_t seed;
  view_options view;
  int shuffle; /* 0: documents in order (validation) */
} loader_options;

/* Opens every shard of `split`. Fails if a source is missing, the tokenizers differ, or nothing is
 * a target. */
loader *loader_open(const loader_source *sources, size_t count, const char *split,
                    const loader_options *o, host_error *e);
void loader_close(loader *l);

/* The next batch. Rows hold whole documents where they fit, the best-fitting of the next few
 * hundred first; longer ones are cut into rows of T. A row's unused end is padding of weight 0.
 * Valid until the next call. */
const model_batch *loader_next(loader *l);
void loader_skip(loader *l, uint64_t batches);
void loader_rewind(loader *l);

typedef struct {
  uint64_t documents, tokens, used; /* all; positions of one epoch; documents with a target */
} loader_counts;
loader_counts loader_count(const loader *l, size_t source);
double loader_epochs(const loader *l);        /* passes over the first source so far */
uint64_t loader_positions(const loader *l);   /* positions given so far, padding left out */
uint64_t loader_fingerprint(const loader *l); /* of all shards and weights */
const shard *loader_first(const loader *l);   /* its tokenizer serves all */
const shard *loader_shards(const loader *l, size_t source, size_t *count);

#endif
