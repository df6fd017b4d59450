/* Grounding@16: which of 16 prompts does a reader think an opener answers? docs/EVAL.md. */
#ifndef BENCH_GROUNDING_H
#define BENCH_GROUNDING_H

#include "score.h"

enum { GROUND_K = 16 };

/* For each prompt GROUND_K others by lot, [p->count, GROUND_K]: 15 distractors, then a stranger
 * that is no candidate, whose opener is the control. Different conversations all, of the prompt's
 * own source where that has more than 16, else of all. Fails where there are not 17. */
int others_by_lot(const prompts *p, uint64_t seed, uint32_t *others, host_error *e);

/* Whether the opener, but for at most one word of its own (put in, or in place of one), is a run of
 * words of text in any case. An opener of no words is. */
int is_span(const char *opener, const char *text);

/* Share of the pick that the true prompt gets: 1 if it makes the opener likelier than every other,
 * 1/m if m are equally likely, 0 else. */
double pick_of(double own, const double *others, size_t count);

typedef struct {
  double nats[CUTS]; /* of the opener's first 4, 6, 8 words given its own prompt */
  uint32_t bytes[CUTS], tokens[CUTS];
  double picked[CUTS]; /* pick_of */
  uint8_t span[CUTS];  /* is_span of any turn: counted as a miss */
} grounded;
/* texts[systems * p->count]: openers of one system after another; NULL: has none. out: likewise. */
int ground_all(session *reader, const prompts *p, const uint32_t *others, const char *const *texts,
               size_t systems, grounded *out, host_error *e);

#endif
