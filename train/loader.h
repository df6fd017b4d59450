/* Documents of several sources into batches of packed rows. What the loader gives is a function of
 * the shards, their weights, the options and its cursor. */
#ifndef TRAIN_LOADER_H
#define TRAIN_LOADER_H

#include "model.h"
#include "view.h"

typedef struct loader loader;

typedef struct {
  const char *dir;
  double weight; /* share of tokens; 0: 1 beside weights that are given, else what the source has */
} loader_source;

typedef struct {
  uint32_t B, T;
  uint64_t seed; /* of the order of documents, another each epoch */
  view_options view;
  bool once; /* one epoch, of what the sources have of the split: for validation */
} loader_options;

/* Opens every shard of `split`. Fails if the tokenizers differ, or, unless `once`, if a source has
 * nothing to train on. */
loader *loader_open(const loader_source *sources, size_t count, const char *split,
                    const loader_options *o, host_error *e);
void loader_close(loader *l);

/* The next batch, or NULL after the one epoch of `once`. Rows hold whole documents where they fit:
 * the oldest of the next few hundred, then the longest that still fit. Longer ones are cut into
 * rows of T, of which those without a target are left out. A row's unused end is padding of weight
 * 0. Valid until the next call. */
const model_batch *loader_next(loader *l);
const model_batch *loader_rows(loader *l,
                               uint32_t rows); /* the first `rows` <= B of it: the rest waits */
void loader_rewind(loader *l);

/* What the last batch was made of, row by row: tokens from .. from + length - 1 of a document, at
 * `at` of `row`. Documents are numbered from 0 through a source's shards in their order. */
typedef struct {
  size_t source;
  uint64_t document, from, length;
  uint32_t row, at;
} loader_part;
const loader_part *loader_parts(const loader *l, size_t *count);

/* The cursor as bytes (docs/FORMATS.md, STAT): a loader on the same data with the same options goes
 * on from it exactly. Reading checks every field. */
size_t loader_cursor_size(const loader *l);
void loader_cursor_write(const loader *l, uint8_t *out);
int loader_cursor_read(loader *l, const uint8_t *bytes, size_t n, host_error *e);

typedef struct {
  uint64_t documents, tokens, used; /* all; positions of one epoch; documents with a target */
} loader_counts;
size_t loader_sources(const loader *l); /* that have the split; 0 is possible with `once` */
loader_counts loader_count(const loader *l, size_t source);
const loader_source *loader_from(const loader *l, size_t source); /* its folder, and the weight
                                                                     it has among the others */
double loader_epochs(const loader *l, size_t source); /* passes begun, with what waits */
uint64_t loader_positions(const loader *l);           /* given so far, padding left out */
uint64_t loader_fingerprint(const loader *l);         /* of all shards and weights */
const shard *loader_shards(const loader *l, size_t source, size_t *count);
ulm_section loader_tokenizer(const loader *l); /* of all sources */

#endif
