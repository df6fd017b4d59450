/* bench/workers.c: every part once a turn, the runtime's bits on real threads, sleep when idle. */
#include "t.h"

#include "../bench/memory.h"
#include "../bench/workers.h"
#include "make_blob.h"

#include <dirent.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

static host_error e;

typedef struct {
  _Atomic uint32_t seen[WORKERS_MAX];
} tally;

static void count(void *work, uint32_t part) { ((tally *)work)->seen[part]++; }

static void every_part_runs_once_a_turn(void **state) {
  (void)state;
  for (int threads = 2; threads <= 5; threads++) {
    workers *w;
    ulm_workers hook;
    assert_int_equal(workers_open(&w, threads, &hook, &e), 0);
    assert_int_equal(hook.parts, threads);
    static tally t;
    memset(&t, 0, sizeof t);
    for (uint32_t turn = 1; turn <= 300; turn++) {
      hook.run(hook.user, count, &t);
      for (int part = 0; part < WORKERS_MAX; part++)
        assert_int_equal(t.seen[part], part < threads ? turn : 0);
      if (turn % 100 == 0) usleep(3000); /* so that they wake from sleep, too */
    }
    workers_close(w);
  }
}

static void one_thread_needs_no_pool(void **state) {
  (void)state;
  workers *w;
  ulm_workers hook;
  assert_int_equal(workers_open(&w, 1, &hook, &e), 0);
  assert_null(w);
  assert_null(hook.run);
  workers_close(w);
}

static void idle_threads_sleep(void **state) {
  (void)state;
  workers *w;
  ulm_workers hook;
  static tally t;
  assert_int_equal(workers_open(&w, 3, &hook, &e), 0);
  hook.run(hook.user, count, &t);
  const uint64_t before = workers_sleeps(w);
  for (int i = 0; i < 500 && workers_sleeps(w) < before + 2; i++) usleep(10000);
  assert_true(workers_sleeps(w) >= 2); /* both, and they stay asleep: */
  const uint64_t asleep = workers_sleeps(w);
  usleep(20000);
  assert_int_equal(workers_sleeps(w), asleep);
  workers_close(w);
}

/* Where each part ran, of jobs too short to be moved by anyone but themselves. */
typedef struct {
  int cpu[WORKERS_MAX];
  cpu_set_t may[WORKERS_MAX];
} places;

static void look_around(void *work, uint32_t part) {
  places *p = work;
  p->cpu[part] = sched_getcpu();
  assert_int_equal(sched_getaffinity(0, sizeof *p->may, &p->may[part]), 0);
}

/* A thread that is woken on the caller's processor leaves it, and may go anywhere afterwards. */
static void threads_leave_the_callers_processor(void **state) {
  (void)state;
  workers *w;
  ulm_workers hook;
  cpu_set_t all, one;
  assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
  if (CPU_COUNT(&all) < 2) {
    print_message("one processor only: nothing to leave\n");
    skip();
  }
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0); /* the thread inherits it: */
  assert_int_equal(workers_open(&w, 2, &hook, &e), 0);
  static places p;
  hook.run(hook.user, look_around, &p);
  assert_int_equal(p.cpu[1], p.cpu[0]); /* no other is allowed */
  assert_true(CPU_EQUAL(&p.may[1], &one));
  DIR *tasks = opendir("/proc/self/task");
  assert_non_null(tasks);
  for (struct dirent *d; (d = readdir(tasks));)
    if (atoi(d->d_name) > 0 && atoi(d->d_name) != getpid())
      assert_int_equal(sched_setaffinity(atoi(d->d_name), sizeof all, &all), 0);
  closedir(tasks);
  hook.run(hook.user, look_around, &p); /* the caller stays where it is */
  assert_int_not_equal(p.cpu[1], p.cpu[0]);
  assert_true(CPU_EQUAL(&p.may[1], &all));
  assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
  workers_close(w);
}

static void threads_give_the_bits_of_one(void **state) {
  (void)state;
  const ulm_config c = {128, 2, 4, 2, 160, 300, 64, 1e6f, 1e-5f};
  const ulm_config heads = {192, 2, 6, 3, 160, 300, 64, 1e6f, 1e-5f};
  for (int k = 0; k < 2; k++) {
    const ulm_config *x =
        k ? &heads : &c; /* 2 threads divide the key heads of one, not the other */
    float *p = made_params(x, 0.2f, 6), logits[2][300];
    size_t n, size;
    uint8_t *vocab = made_vocab(x->vocab, &n),
            *blob = made_blob(x, ULM_INT4, p, vocab, n, NULL, &size);
    for (int threads = 1; threads <= 2; threads++) {
      workers *w;
      ulm *m;
      ulm_options o = {.block = 8};
      assert_int_equal(workers_open(&w, threads, &o.workers, &e), 0);
      const size_t need = ulm_sizeof(blob, size, &o, NULL);
      void *arena = aligned_alloc(64, need);
      assert_int_equal(ulm_open(&m, blob, size, arena, need, &o, NULL), ULM_OK);
      uint16_t ids[40];
      for (uint16_t i = 0; i < 40; i++) ids[i] = (uint16_t)(260 + i);
      assert_int_equal(ulm_prefill(m, ids, 39), ULM_OK);
      assert_int_equal(ulm_prefill(m, ids + 39, 1), ULM_OK);
      memcpy(logits[threads - 1], ulm_logits(m), sizeof *logits);
      free(arena);
      workers_close(w);
    }
    assert_memory_equal(logits[0], logits[1], sizeof *logits);
    free(p), free(vocab), free(blob);
  }
}

static void bandwidth_is_of_this_world(void **state) {
  (void)state;
  const double small = memory_bandwidth(64 << 10, &(ulm_workers){0}),
               large = memory_bandwidth(96 << 20, &(ulm_workers){0});
  assert_true(large > 1e8 && large < 1e12 && small > large);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_part_runs_once_a_turn),
                                     cmocka_unit_test(one_thread_needs_no_pool),
                                     cmocka_unit_test(idle_threads_sleep),
                                     cmocka_unit_test(threads_leave_the_callers_processor),
                                     cmocka_unit_test(threads_give_the_bits_of_one),
                                     cmocka_unit_test(bandwidth_is_of_this_world)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
