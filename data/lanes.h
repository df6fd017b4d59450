/* Several inputs by several threads, each input in its order: a slot is filled from a lane
 * (reading), worked on (anything that needs nothing else), and emitted. Filling and emitting are
 * done by one thread at a time a lane, in order; work by any number. What is emitted, and in what
 * order within a lane, does not depend on the number of threads. Private to data/. */
#ifndef LANES_H
#define LANES_H

#include "host.h"

typedef struct {
  size_t lanes;
  int threads;
  void **slots; /* [slot_count] */
  size_t slot_count;
  /* Reads on in a lane: 1, 0 at its end, -1 with *e. *bytes: what the slot holds in memory. */
  int (*fill)(void *user, size_t lane, void *slot, size_t *bytes, host_error *e);
  int (*work)(void *user, int thread, size_t lane, void *slot,
              host_error *e);                                      /* 0, or -1 with *e */
  int (*emit)(void *user, size_t lane, void *slot, host_error *e); /* 0, or -1 with *e */
  void *user;
  size_t bytes_max; /* no lane is read on while filled slots hold more, but for one slot */
} lanes_job;

/* 0; or -1 with the error of the first lane that had one, in the first slot that had one. Lanes
 * before it have been read to their end, those after it perhaps not. */
int lanes_run(const lanes_job *job, host_error *e);

#endif
