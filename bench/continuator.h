/* Continuators: models that go on from words already spoken. The synthetic one knows the reference
 * and lives in virtual time, so that what it should have said is known to the word.
 * docs/HANDOFF.md. */
#ifndef BENCH_CONTINUATOR_H
#define BENCH_CONTINUATOR_H

#include "../host.h"
#include "../runtime/ulm_handoff.h"
#include "../runtime/ulm_words.h"

typedef enum {
  OUTCOME_CONTINUED, /* the opener is how the reference begins: goes on with its rest */
  OUTCOME_JOINED,    /* a whole sentence that names what was asked about: goes on behind the
                        reference's first */
  OUTCOME_RECOVERED, /* they part ways: a bridge of at most 12 words, then the reference */
  OUTCOMES
} outcome;
const char *outcome_name(outcome o);

/* What the device hands over. */
typedef struct {
  const char *opener, *reference;
  const char *slot;  /* value that a good opener names, or NULL */
  ulm_recovery mode; /* how to recover, if need be */
  uint64_t seed;
} handoff;

enum { CONTINUATION_MAX = 8192, PIECES_MAX = 4096 };

typedef struct {
  double ms;           /* virtual time since the request */
  uint32_t from, size; /* bytes of text */
} timed_piece;

typedef struct {
  outcome outcome;
  uint32_t bridge; /* bytes of text that are the bridge; 0: none */
  char text[CONTINUATION_MAX];
  uint32_t size;
  timed_piece pieces[PIECES_MAX]; /* cut anywhere, also within characters */
  uint32_t count;
} continuation;

/* Deterministic by h->seed. Time to the first piece: log-normal, median 0.9 s, sigma 0.5, within
 * 0.3..4 s; then a piece of 1-8 bytes every 20-60 ms. Fails if the reference does not fit. */
double synthetic_first_ms(ulm_rng *r);
int synthetic_continue(const handoff *h, continuation *out, host_error *e);
/* The same for an opener that is known to be wrong: nothing but recovery will do. */
int synthetic_recover(const handoff *h, continuation *out, host_error *e);

#endif
