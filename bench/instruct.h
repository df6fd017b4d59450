/* What a continuator is told: go on from words already spoken, and if they were off, recover. */
#ifndef BENCH_INSTRUCT_H
#define BENCH_INSTRUCT_H

#include "../runtime/ulm_handoff.h"

typedef struct {
  unsigned allowed; /* recovery modes the integrator allows, bits 1 << ulm_recovery; 0: all */
  int stop;         /* of the opener: 2 a sentence, 1 a clause, 0 a fragment */
} instruction;

enum { INSTRUCT_MAX = 4096 };

/* The system text into out[INSTRUCT_MAX]; its length. prefill: the opener stands in the assistant's
 * message; otherwise it is quoted (and in `opener`; "": nothing was spoken). */
size_t instruct(const instruction *how, const char *opener, int prefill, char out[INSTRUCT_MAX]);

#endif
