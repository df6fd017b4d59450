/* Handoffs by the thousand: openers of a known kind by clouds of a known fault, judged against what
 * should have been said. */
#ifndef BENCH_TRIAL_H
#define BENCH_TRIAL_H

#include <jansson.h>

#include "judge.h"
#include "relay.h"
#include "slip.h"

typedef struct {
  const prompts *p;  /* with references (reference_spoken) */
  const spoken *own; /* the model's openers, p->count; NULL: it has none */
  uint8_t faults[FAULTS], kinds[OPENER_KINDS];
  int mode; /* ulm_recovery; -1: all in turn; -2: the policy's, by the kind of error */
  uint64_t seed;
  size_t n;
  int in_order; /* prompts in turn, not by lot: pairs with any other plan of this */
  int wall;     /* over loopback HTTP, in real time */
} trial_plan;

typedef struct {
  /* what was given */
  size_t prompt;
  opener_kind kind;
  fault fault;
  ulm_recovery mode;
  outcome outcome;
  char opener[ULM_OPENER_BYTES];
  char *truth; /* what should be spoken behind it, as far as the cloud came */
  char bridge[192];
  char raw[256];   /* what the cloud said first, as it came */
  char clean[256]; /* and as it would have without the fault */
  uint32_t exact, answered;
  /* what came of it */
  passage got;
  verdict verdict;
  int as_expected; /* ended as the fault should */
} trial;

enum { TRIAL_FIRST_MS = 20, TRIAL_OPENED_MS = 40 }; /* of the device, so that a seed is all */

/* n trials; the same for any number of threads (but for wall). Free with trials_free. */
trial *trials_run(const trial_plan *plan, int threads, host_error *e);
void trials_free(trial *t, size_t n);

/* A trial as it is judged: 1 good in every rule that the fault leaves to the device. */
int trial_seam(const trial *t);      /* no rule of the seam is broken */
int trial_bridged(const trial *t);   /* its bridge keeps the rules; -1: it has none */
int trial_recovered(const trial *t); /* an opener that was off came to the right answer by a bridge
                                        that keeps the rules; -1: it was not off, or the cloud
                                        never gave the answer */
/* Share of the reference's content words that the whole reply names; NaN without a reference. */
double trial_overlap(const prompts *p, const trial *t);
json_t *trial_json(const prompts *p, size_t i, const trial *t);

#endif
