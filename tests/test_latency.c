/* bench/latency.c and cold.c: what a user waits for, and that both ways come to the same. */
#include "t.h"

#include "../bench/cold.h"
#include "../bench/latency.h"
#include "make_blob.h"

static host_error e;
static const ulm_config shape = {64, 2, 4, 2, 96, 2000, 128, 1e6f, 1e-5f};

typedef struct {
  ulm *m;
  void *arena;
  uint8_t *blob;
  uint16_t system[LATENCY_SYSTEM];
} model;

static model made(void) {
  model x;
  size_t n, size;
  float *p = made_params(&shape, 0.3f, 4);
  uint8_t *vocab = made_vocab(shape.vocab, &n);
  x.blob = made_blob(&shape, ULM_INT8, p, vocab, n, NULL, &size);
  const ulm_options o = {.block = 64};
  const size_t need = ulm_sizeof(x.blob, size, &o, NULL);
  x.arena = aligned_alloc(64, need);
  assert_int_equal(ulm_open(&x.m, x.blob, size, x.arena, need, &o, NULL), ULM_OK);
  for (int i = 0; i < LATENCY_SYSTEM; i++) x.system[i] = (uint16_t)(270 + 7 * i);
  free(p), free(vocab);
  return x;
}

static void unmade(model x) { free(x.arena), free(x.blob); }

static void both_ways_agree(void **state) {
  (void)state;
  model x = made();
  latency l;
  if (latency_open(&l, x.m, x.system, "made", 1, &e)) fail_msg("%s", e.text);
  assert_true(l.spoken > 0 && l.spoken < l.size && l.tokens <= LATENCY_PROMPT);
  assert_true(latency_tail(&l, false, &e) > 0);
  assert_true(latency_tail(&l, true, &e) > 0);
  assert_true(l.tail > 0 && l.tail < l.tokens);
  assert_true(latency_system(&l, false, &e) > 0);
  assert_true(latency_system(&l, true, &e) > 0);
  assert_true(latency_cold(&l, false, &e) > 0);
  latency_close(&l);
  unmade(x);
}

static void what_does_not_agree_is_refused(void **state) {
  (void)state;
  model x = made();
  latency l;
  if (latency_open(&l, x.m, x.system, "made", 1, &e)) fail_msg("%s", e.text);
  assert_true(latency_tail(&l, false, &e) > 0);
  l.first ^= 1;
  assert_true(latency_tail(&l, true, &e) < 0);
  assert_non_null(strstr(e.text, "another reply"));
  l.logits[7] += 1;
  assert_true(latency_system(&l, true, &e) < 0);
  assert_non_null(strstr(e.text, "other logits"));
  l.snapshot[l.snapshot_size - 1] ^= 1;
  assert_true(latency_system(&l, true, &e) < 0);
  assert_non_null(strstr(e.text, "checksum"));
  assert_true(latency_cold(&l, true, &e) < 0); /* no ulm-run lies beside this test */
  assert_non_null(strstr(e.text, "ulm-run: cannot run"));
  latency_close(&l);
  unmade(x);
}

static void a_process_is_timed_to_its_end(void **state) {
  (void)state;
  char *slow[] = {"/bin/sh", "-c", "echo said; sleep 0.1", NULL},
       *quick[] = {"/bin/sh", "-c", ":", NULL};
  const double s = cold_seconds(slow, &e), q = cold_seconds(quick, &e);
  assert_true(q > 0 && s >= 0.1);
}

static void a_process_that_fails_is_no_figure(void **state) {
  (void)state;
  char *bad[] = {"/bin/sh", "-c", "exit 3", NULL},
       *killed[] = {"/bin/sh", "-c", "kill -9 $$", NULL}, *none[] = {"/nonexistent/ulm-run", NULL};
  assert_true(cold_seconds(bad, &e) < 0);
  assert_non_null(strstr(e.text, "exit status 3"));
  assert_true(cold_seconds(killed, &e) < 0);
  assert_non_null(strstr(e.text, "signal 9"));
  assert_true(cold_seconds(none, &e) < 0);
  assert_non_null(strstr(e.text, "/nonexistent/ulm-run"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(both_ways_agree),
                                     cmocka_unit_test(what_does_not_agree_is_refused),
                                     cmocka_unit_test(a_process_is_timed_to_its_end),
                                     cmocka_unit_test(a_process_that_fails_is_no_figure)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
