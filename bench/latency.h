/* What a user waits for besides tokens: the rest of a turn that was heard while it was spoken, the
 * state after a system prompt, a process that begins with nothing. Each beside the long way. */
#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

#include "../host.h"
#include "../runtime/ulm.h"

enum { LATENCY_PROMPT = 48, LATENCY_SYSTEM = 64, LATENCY_DRAWN = 12, LATENCY_ARGS = 16 };

typedef struct {
  ulm *m;
  char text[512];      /* a user's turn */
  size_t size, spoken; /* of text; of it without the last word */
  uint32_t tokens,
      tail;       /* of the turn with the reply's header; of them, those after the last word */
  uint16_t first; /* token of the reply */
  const uint16_t *system;
  uint8_t *snapshot; /* of the state after the system prompt */
  size_t snapshot_size;
  float *logits;                                                   /* there, [V] */
  char program[4096], threads[16], drawn[16], *argv[LATENCY_ARGS]; /* of the process */
} latency;

/* For a handle of the blob at `path`, with system[LATENCY_SYSTEM] for a system prompt. */
int latency_open(latency *l, ulm *m, const uint16_t *system, const char *path, int threads,
                 host_error *e);
void latency_close(latency *l);

/* Seconds, or negative: it failed, or the two ways do not agree to the bit. */
/* From a turn's last word to the reply's first token, all words before it heard as they came, or
 * none. */
double latency_tail(latency *l, bool heard, host_error *e);
/* To the state after the system prompt: from a snapshot, every byte of which is checked, or by
 * prefill. */
double latency_system(latency *l, bool restored, host_error *e);
/* The turn and LATENCY_DRAWN tokens: by a process of ulm-run, from its start to its end and without
 * the weights' checksum, or by the handle. */
double latency_cold(latency *l, bool process, host_error *e);

#endif
