/* The second half of the pipeline: gathered documents to the splits. Private to data/. */
#ifndef DEAL_H
#define DEAL_H

#include "duplicates.h"

typedef struct {
  uint64_t test, val; /* prompt < test: test; < val: validation; else train */
} bounds;

/* The bounds that the fractions give; moved, where a split that was asked for would be empty, to
 * the next prompts, if there are 3 distinct ones. */
int deal_bounds(bounds *b, const gathered *g, const duplicates *d, const pipeline_options *o,
                host_error *e);
/* Writes the documents that are not duplicates, in their order; adds the others to g's drops. */
int deal(splits *out, gathered *g, const duplicates *d, const bounds *b, char *const *files,
         const pipeline_options *o, uint64_t replies[DOC_SKIPS], host_error *e);

#endif
