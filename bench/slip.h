/* Openers whose error is known: made from references, so that the truth is. */
#ifndef BENCH_SLIP_H
#define BENCH_SLIP_H

#include "../runtime/ulm_handoff.h"
#include "session.h"

typedef enum {
  OPENER_OWN = 0,    /* what the model said; nobody knows what is wrong with it */
  OPENER_TRUE,       /* how the reference begins */
  OPENER_ENTITY,     /* a name or a number swapped for another prompt's */
  OPENER_TOPIC,      /* how another prompt's reference begins */
  OPENER_POLARITY,   /* yes for no, "is not" for "is" */
  OPENER_FRAGMENT,   /* cut where no sentence can go on: "The population of because of the" */
  OPENER_REPETITION, /* says its first words twice */
  OPENER_KINDS
} opener_kind;
const char *opener_kind_name(opener_kind k); /* "own", "true", "entity", ... */
ulm_slip opener_slip(opener_kind k);         /* for the kinds behind OPENER_TRUE */

/* The opener of prompt i's reference with error k, 4-8 words, into out; 0: it cannot be made of
 * this one (no name to swap, no verb to turn), or k is OPENER_OWN. Deterministic by r. */
size_t opener_make(opener_kind k, const prompts *p, size_t i, ulm_rng *r,
                   char out[ULM_OPENER_BYTES]);

/* A reference as a cloud would speak it: its first paragraph, whole sentences of at most `most`
 * bytes; NULL if it begins with a mark of Markdown, has fewer than 10 words, one that nobody would
 * say (more than 40 bytes), or words that no space divides (Chinese, Japanese). Free it. */
char *reference_spoken(const char *reference, size_t most);

#endif
