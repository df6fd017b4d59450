/* Threads for the runtime's hook: one a part of the work, the caller's being the first. They spin
 * between the steps of a call, where a wake-up would cost more than the step, and sleep otherwise.
 */
#ifndef BENCH_WORKERS_H
#define BENCH_WORKERS_H

#include "../host.h"
#include "../runtime/ulm.h"

enum { WORKERS_MAX = 64 };
typedef struct workers workers;

/* `threads` in all, 1..WORKERS_MAX; one needs no pool. *hook is what ulm_options takes. */
int workers_open(workers **w, int threads, ulm_workers *hook, host_error *e);
void workers_close(workers *w);            /* NULL is fine */
uint64_t workers_sleeps(const workers *w); /* how often a thread has gone to sleep */

#endif
