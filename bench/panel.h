/* Who speaks on the same prompts: the model, other models, and the baselines it must beat. */
#ifndef BENCH_PANEL_H
#define BENCH_PANEL_H

#include "measures.h"

typedef struct {
  speaking how;        /* the models'; untrained ones draw at temperature 1 */
  const char *reader;  /* NULL: no grounding */
  host_strings beside; /* other models */
  host_strings train;  /* what openers and nearest prompts are taken from */
  int threads;
} panel_options;

typedef struct {
  speaker *list; /* [count]: 0 is the model, the last one the references */
  size_t count;
  spoken *forced, *unforced; /* of the model */
  size_t models;             /* of list, from 0: spoken by a trained model */
  size_t nearest;            /* of list: openers of the nearest training prompt; 0: none */
  size_t examples;           /* pairs in the training data */
  void **kept;
  size_t keeps;
} panel;

/* Speaks, reads and scores everything. Refuses a reader of the same weights as a speaker's. */
int panel_open(panel *x, session *s, const prompts *p, const panel_options *o, host_error *e);
void panel_close(panel *x);

#endif
