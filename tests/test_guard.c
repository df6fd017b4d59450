/* train/guard.c: which losses are off their course. */
#include "t.h"
#include "train/guard.h"

#include <math.h>

/* A course like a training's: from 9 down to 3, with noise of 0.2 and one odd batch in 50. */
static double course(ulm_rng *r, int step) {
  double noise = -6;
  for (int i = 0; i < 12; i++) noise += (double)ulm_rng_f32(r);
  const double odd = step % 50 == 49 ? 1.2 : 0;
  return 3 + 6 * exp(-step / 40.0) + 0.2 * noise + odd;
}

static guard after(int steps, uint64_t seed) {
  guard g = guard_new();
  ulm_rng r = ulm_rng_seed(seed, 1);
  for (int i = 0; i < steps; i++) guard_add(&g, course(&r, i));
  return g;
}

static void a_training_with_its_noise_and_odd_batches_goes_on(void **state) {
  (void)state;
  for (uint64_t seed = 0; seed < 20; seed++) {
    guard g = guard_new();
    ulm_rng r = ulm_rng_seed(seed, 1);
    for (int i = 0; i < 1000; i++) {
      const double loss = course(&r, i);
      if (loss > guard_limit(&g, 20)) fail_msg("step %d: %g", i, loss);
      guard_add(&g, loss);
    }
  }
}

static void a_spike_is_above_the_limit_and_few_of_them_do_not_move_it(void **state) {
  (void)state;
  guard g = after(400, 1);
  const double limit = guard_limit(&g, 20);
  assert_true(limit > 5 && limit < 9); /* course 3, spread 0.2 */
  for (int i = 0; i < 10; i++) guard_add(&g, 50);
  assert_true(guard_limit(&g, 20) < 10); /* the mean would be at 10, and a deviation 17 */
  assert_true(guard_limit(&g, 10) < guard_limit(&g, 20));
  assert_true(guard_limit(&g, 0) == INFINITY);
}

static void a_slow_divergence_is_above_it_too(void **state) {
  (void)state;
  guard g = after(400, 2);
  ulm_rng r = ulm_rng_seed(3, 3);
  int steps = 0;
  for (double loss = 3; loss <= guard_limit(&g, 20) && steps < 3000; steps++) {
    loss = 3 + 0.003 * steps + 0.1 * (double)ulm_rng_f32(&r); /* 0.2 nats in the window */
    if (loss <= guard_limit(&g, 20)) guard_add(&g, loss);
  }
  assert_true(steps < 1500);
  guard moved = after(400, 2); /* without its memory the course would follow the drift */
  for (int i = 0; i < 3000; i++) {
    moved.low = INFINITY;
    guard_add(&moved, 3 + 0.003 * i);
  }
  assert_true(guard_limit(&moved, 20) > 10);
}

static void the_first_steps_and_losses_near_zero_are_not_judged_harshly(void **state) {
  (void)state;
  guard g = guard_new();
  for (int i = 0; i < GUARD_LEAST; i++) {
    assert_true(guard_limit(&g, 20) == INFINITY);
    guard_add(&g, 0.001);
  }
  assert_true(guard_limit(&g, 20) > 1.9 && guard_limit(&g, 20) < 2.1); /* known by heart */
}

static void state_comes_back_and_goes_on_alike(void **state) {
  (void)state;
  host_error e;
  for (int steps = 0; steps < 200; steps += 7) {
    guard g = after(steps, 4), h;
    g.stale = 3, g.patience = 5, g.first = 7, g.spike = 20, g.val = 3.25, g.best = 40;
    uint8_t bytes[GUARD_SIZE];
    guard_write(&g, bytes);
    assert_int_equal(guard_read(&h, bytes, &e), 0);
    assert_memory_equal(&g, &h, sizeof g);
    ulm_rng r = ulm_rng_seed(9, 9);
    for (int i = 0; i < 100; i++) {
      const double loss = course(&r, i);
      guard_add(&g, loss), guard_add(&h, loss);
      assert_true(guard_limit(&g, 20) == guard_limit(&h, 20));
    }
  }
}

static void a_damaged_state_is_refused_or_harmless(void **state) {
  (void)state;
  host_error e;
  guard g = after(100, 5);
  uint8_t good[GUARD_SIZE], bad[GUARD_SIZE];
  guard_write(&g, good);
  static const uint64_t odd[] = {0x7ff8000000000000, 0x7ff0000000000000, 0xfff0000000000000};
  for (size_t at = 0; at < GUARD_SIZE; at += 8)
    for (int k = 0; k < 3; k++) {
      memcpy(bad, good, sizeof bad);
      ulm_put64(bad + at, odd[k]);
      const bool number = at >= 16 && at != 32 && at != 48; /* the others are whole numbers */
      const bool infinite = (at == 40 && k == 1);           /* no validation yet */
      const int refused = guard_read(&g, bad, &e);
      if (number && !infinite && !refused) fail_msg("byte %d, %d", (int)at, k);
      if (refused) continue;
      guard_add(&g, 3), (void)guard_limit(&g, 20);
    }
  memcpy(bad, good, sizeof bad);
  ulm_put64(bad + 32, 3); /* fewer losses than are there */
  assert_int_equal(guard_read(&g, bad, &e), -1);
  memcpy(bad, good, sizeof bad);
  ulm_put32(bad + 12, 1);
  assert_int_equal(guard_read(&g, bad, &e), -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_training_with_its_noise_and_odd_batches_goes_on),
      cmocka_unit_test(a_spike_is_above_the_limit_and_few_of_them_do_not_move_it),
      cmocka_unit_test(a_slow_divergence_is_above_it_too),
      cmocka_unit_test(the_first_steps_and_losses_near_zero_are_not_judged_harshly),
      cmocka_unit_test(state_comes_back_and_goes_on_alike),
      cmocka_unit_test(a_damaged_state_is_refused_or_harmless),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
