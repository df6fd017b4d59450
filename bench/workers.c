#include "workers.h"
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A step of the smallest preset takes some microseconds and what a caller does between two tokens
 * some tens; a thread that has had nothing for this long sleeps. */
static const double patience = 100e-6;

struct workers {
  _Alignas(64) _Atomic uint32_t turn; /* grows with each job; threads sleep on it */
  void (*job)(void *work, uint32_t part);
  void *work;
  bool over;
  _Alignas(64) _Atomic uint32_t done;
  _Atomic uint32_t asleep;
  _Atomic uint64_t sleeps;
  _Atomic int caller; /* processor of who called last */
  _Alignas(64) uint32_t parts, begun;
  struct seat {
    workers *w;
    uint32_t part;
    pthread_t thread;
  } seats[WORKERS_MAX];
};

static inline void pause_a_little(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* The turn after `seen`. Whoever sleeps says so before it looks for the last time, and the caller
 * looks for sleepers after it has set the turn, so one of them sees the other. */
static uint32_t next_turn(workers *w, uint32_t seen) {
  uint32_t now = seen;
  for (int i = 0; i < 200; i++, pause_a_little())
    if ((now = atomic_load_explicit(&w->turn, memory_order_acquire)) != seen) return now;
  for (const double until = host_now() + patience; host_now() < until;)
    for (int i = 0; i < 100; i++, pause_a_little())
      if ((now = atomic_load_explicit(&w->turn, memory_order_acquire)) != seen) return now;
  atomic_fetch_add(&w->sleeps, 1);
  atomic_fetch_add(&w->asleep, 1);
  while ((now = atomic_load(&w->turn)) == seen)
    syscall(SYS_futex, &w->turn, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
  atomic_fetch_sub(&w->asleep, 1);
  return now;
}

/* A kernel whose processors were all busy a moment ago wakes a thread on the waker's own: the parts
 * then run one after the other (prefill with 2 threads: 4,400 tokens/s instead of 11,000), and as
 * the thread sleeps between two jobs, no balancing moves it. So it moves itself, to the processor
 * as far behind the caller's as it sits behind the caller, and may go anywhere from there. */
static void move_away(int caller, uint32_t part) {
  cpu_set_t may, there;
  int list[CPU_SETSIZE], n = 0, at = -1;
  if (sched_getaffinity(0, sizeof may, &may)) return;
  for (int i = 0; i < CPU_SETSIZE; i++) {
    if (!CPU_ISSET(i, &may)) continue;
    if (i == caller) at = n;
    list[n++] = i;
  }
  if (at < 0 || n < 2 || part % (uint32_t)n == 0) return;
  CPU_ZERO(&there);
  CPU_SET(list[((uint32_t)at + part) % (uint32_t)n], &there);
  if (!sched_setaffinity(0, sizeof there, &there)) sched_setaffinity(0, sizeof may, &may);
}

static void begin_turn(workers *w) {
  atomic_store_explicit(&w->caller, sched_getcpu(), memory_order_relaxed);
  atomic_fetch_add(&w->turn, 1);
  if (atomic_load(&w->asleep))
    syscall(SYS_futex, &w->turn, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static void *sit(void *seat) {
  const struct seat *s = seat;
  workers *w = s->w;
  for (uint32_t turn = 0;;) {
    turn = next_turn(w, turn);
    if (w->over) return NULL;
    const int caller = atomic_load_explicit(&w->caller, memory_order_relaxed);
    if (caller == sched_getcpu()) move_away(caller, s->part);
    w->job(w->work, s->part);
    atomic_fetch_add_explicit(&w->done, 1, memory_order_release);
  }
}

static void run(void *user, void (*job)(void *work, uint32_t part), void *work) {
  workers *w = user;
  w->job = job, w->work = work;
  atomic_store_explicit(&w->done, 0, memory_order_relaxed);
  begin_turn(w);
  job(work, 0);
  for (uint32_t i = 1; atomic_load_explicit(&w->done, memory_order_acquire) + 1 < w->parts; i++)
    if (i % 2000)
      pause_a_little();
    else
      sched_yield(); /* more threads than processors */
}

int workers_open(workers **out, int threads, ulm_workers *hook, host_error *e) {
  *out = NULL, *hook = (ulm_workers){0};
  if (threads <= 1) return 0;
  workers *w = host_alloc(sizeof *w, "threads");
  memset(w, 0, sizeof *w);
  *out = w;
  w->parts = (uint32_t)threads;
  for (w->begun = 1; w->begun < w->parts; w->begun++) {
    struct seat *s = &w->seats[w->begun];
    s->w = w, s->part = w->begun;
    const int error = pthread_create(&s->thread, NULL, sit, s);
    if (!error) continue;
    host_fail(e, "no thread %u: %s", s->part + 1, strerror(error));
    workers_close(w);
    *out = NULL;
    return -1;
  }
  *hook = (ulm_workers){w->parts, run, w};
  return 0;
}

void workers_close(workers *w) {
  if (!w) return;
  w->over = true;
  begin_turn(w);
  for (uint32_t i = 1; i < w->begun; i++) pthread_join(w->seats[i].thread, NULL);
  free(w);
}

uint64_t workers_sleeps(const workers *w) {
  return atomic_load(&((workers *)(uintptr_t)w)->sleeps);
}
