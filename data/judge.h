/* A cleaned document by itself: is it kept, and what is needed to compare it with others. Private
 * to data/. */
#ifndef JUDGE_H
#define JUDGE_H

#include "docs.h"
#include "exclude.h"
#include "filter.h"
#include "near.h"
#include "pipeline.h"

typedef struct {
  const pipeline_options *o;
  const exclude *exclude;   /* NULL: nothing is excluded */
  const language *language; /* NULL: any */
  /* Scratch, one a thread: */
  words words;
  size_t *begin; /* where a turn's words begin; [turns + 1] */
  size_t turns, begin_room;
  uint64_t *runs;
  size_t runs_room;
} judge;

/* NULL, or why the document is left out (a constant string). */
const char *judge_doc(judge *j, const doc *d);
/* Of the document that judge_doc has kept. */
void judge_sketch(judge *j, const doc *d, near_sketch *s);
void judge_free(judge *j);

#endif
