/* Another trainer beside ours: a command that prints "tokens_per_s X" after each of its steps,
 * without end. It is stopped (SIGSTOP, with all its processes) while it is not its turn. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "../host.h"
#include <sys/types.h>

typedef struct {
  const char *command; /* of sh; inherits the environment */
  pid_t pid;
  int pipe;
  char line[4096];
  size_t n; /* bytes in `line` */
} peer;

/* Starts it, waits for its first step and stops it. */
int peer_start(peer *p, const char *command, host_error *e);
/* Lets it make the step it is in, then `steps` more: their rates, tokens/s. */
int peer_turn(peer *p, size_t steps, double *rates, host_error *e);
void peer_end(peer *p); /* with all its processes */

#endif
