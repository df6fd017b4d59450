/* What can go wrong with a cloud, by name: HTTP answers that misbehave, with what should have been
 * spoken known to the word. docs/HANDOFF.md. */
#ifndef BENCH_FAULT_H
#define BENCH_FAULT_H

#include "continuator.h"
#include "wire.h"

typedef enum {
  FAULT_NONE = 0,
  FAULT_TWINS, /* none either: words that are rightly said twice, "New York, New York" */
  /* in the text */
  FAULT_REPEAT,
  FAULT_TAIL,
  FAULT_RESTART,
  FAULT_PARAPHRASE,
  FAULT_META,
  FAULT_HEADING,
  FAULT_QUOTES,
  FAULT_ELLIPSIS,
  FAULT_BOLD,
  FAULT_CASE,
  FAULT_NOSPACE,
  FAULT_MARKS,
  FAULT_SPLIT_UTF8,
  FAULT_CONTRADICTION,
  FAULT_LANGUAGE,
  /* in time and transport */
  FAULT_TRUNCATION,
  FAULT_EMPTY,
  FAULT_MUTE,
  FAULT_STALL,
  FAULT_SLOW,
  FAULT_DISCONNECT,
  FAULT_400,
  FAULT_429,
  FAULT_500,
  FAULT_SSE_CRLF,
  FAULT_SSE_CR,
  FAULT_SSE_NOSPACE,
  FAULT_SSE_NODONE,
  FAULT_SSE_OVERSIZE,
  FAULT_SSE_ERROR,
  FAULT_SSE_GARBAGE,
  FAULT_JSON,
  FAULT_BARGE_IN,
  FAULTS
} fault;
const char *fault_name(fault f); /* "none", "twins", "repeat", ... */
const char *fault_what(fault f); /* in a few words */
/* "all" or names with commas into set[FAULTS]; -1 with *e: a name that is none. */
int faults_named(const char *list, uint8_t set[FAULTS], host_error *e);

/* Openers that go with FAULT_TWINS, and how they go on. */
const char *const *twins(uint32_t i); /* {opener, continuation} */

typedef struct {
  wire answer[2]; /* to the request, and to a second attempt */
  int answers;
  char *text;  /* what the body says, as far as it goes */
  size_t size; /* of text */
  size_t junk; /* its first bytes are to be dropped; the truth follows */
  char bridge[192];
  int exact;                /* what is to be spoken is known to the word */
  int answered;             /* the truth gives the answer asked for */
  ulm_handoff_state expect; /* ULM_HANDOFF_STATES: DONE or CLOSED */
  double barge_in_ms;       /* negative: none */
} staged;

/* The answers that f makes of what the continuator would say. staged must be zeros before its first
 * use and is freed by staged_free. Deterministic by seed. */
void fault_stage(fault f, const char *opener, const char *reference, const continuation *c,
                 uint64_t seed, staged *out);
void staged_free(staged *s);

#endif
