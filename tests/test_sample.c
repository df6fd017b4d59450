/* Drawing the next token from given logits, and what a draw's probability is said to be. */
#include "t.h"
#include <math.h>

#include "runtime/ulm_state.h"

enum { V = 300 };
static float logits[V];
static uint16_t scratch[V];
static ulm fake;
static ulm_mask all;

static int set_up(void **state) {
  (void)state;
  fake.config.vocab = V;
  fake.logits = logits;
  fake.ids = scratch;
  fake.kernels = &ulm_portable;
  memset(&all, 1, sizeof all);
  ulm_rng r = ulm_rng_seed(3, 3);
  for (int i = 0; i < V; i++) logits[i] = 8 * ulm_rng_f32(&r) * ulm_rng_f32(&r);
  return 0;
}

/* Chi-squared of draws against softmax(logits / t), in standard deviations above its mean. */
static double misfit(float drawn_at, float top_p, double t, const uint8_t *in) {
  enum { N = 20000 };
  double p[V], sum = 0, chi = 0;
  int seen[V] = {0}, bins = 0;
  ulm_rng r = ulm_rng_seed(11, 0);
  for (int i = 0; i < V; i++) sum += p[i] = in && !in[i] ? 0 : exp(logits[i] / t);
  for (int i = 0; i < N; i++) seen[ulm_draw(&fake, &all, drawn_at, top_p, &r)]++;
  double rest = 0, rest_seen = 0;
  for (int i = 0; i < V; i++) {
    const double want = N * p[i] / sum;
    if (want < 10)
      rest += want, rest_seen += seen[i];
    else
      chi += pow(seen[i] - want, 2) / want, bins++;
  }
  if (rest > 10)
    chi += pow(rest_seen - rest, 2) / rest, bins++;
  else if (rest_seen > 40)
    return 1e9;
  return bins < 2 ? 0 : (chi - (bins - 1)) / sqrt(2.0 * (bins - 1));
}

static void draws_follow_the_softmax_at_their_temperature(void **state) {
  (void)state;
  assert_true(misfit(1, 1, 1, NULL) < 5);
  assert_true(misfit(0.5f, 1, 0.5, NULL) < 5);
  assert_false(misfit(0.5f, 1, 0.55, NULL) < 5); /* control: a tenth off */
  assert_false(misfit(1, 0.9f, 1, NULL) < 5);    /* control: top-p leaves the tail out */
}

static void draws_stay_in_the_smallest_set_that_holds_top_p(void **state) {
  (void)state;
  for (int round = 0; round < 20; round++) {
    const double t = 0.2 + 0.1 * round, top_p = 0.5 + 0.02 * round;
    int order[V];
    double p[V], sum = 0, mass = 0;
    for (int i = 0; i < V; i++) {
      logits[i] = roundf(logits[i] * 4) / 4; /* many equals: the lower id goes first */
      sum += p[i] = exp(logits[i] / t);
      int j = i;
      for (; j > 0 && logits[order[j - 1]] < logits[i]; j--) order[j] = order[j - 1];
      order[j] = i;
    }
    uint8_t in[V] = {0}, near[V] = {0};
    int n = 0;
    while (n < V && mass < top_p * sum) {
      near[order[n]] = fabs(mass - top_p * sum) < 1e-4 * sum; /* rounding may decide these */
      in[order[n]] = 1;
      mass += p[order[n++]];
    }
    if (n < V) near[order[n]] = fabs(mass - top_p * sum) < 1e-4 * sum;
    ulm_rng r = ulm_rng_seed((uint64_t)round, 0);
    int seen[V] = {0};
    for (int i = 0; i < 5000; i++) seen[ulm_draw(&fake, &all, (float)t, (float)top_p, &r)]++;
    for (int i = 0; i < V; i++) assert_true(in[i] || near[i] || !seen[i]);
    assert_true(misfit((float)t, (float)top_p, t, in) < 6);
  }
  ulm_rng r = ulm_rng_seed(1, 0);
  const uint16_t top = ulm_draw(&fake, &all, 0, 1, &r);
  for (int i = 0; i < 100; i++)
    assert_int_equal(ulm_draw(&fake, &all, 1, 0, &r), top); /* top_p 0: one token */
}

static void greedy_takes_the_first_of_the_largest_and_masks_hold(void **state) {
  (void)state;
  ulm_rng r = ulm_rng_seed(1, 0);
  logits[7] = logits[280] = 50;
  assert_int_equal(ulm_draw(&fake, &all, 0, 1, &r), 7);
  ulm_mask mask = all;
  mask.low[7] = 0;
  assert_int_equal(ulm_draw(&fake, &mask, 0, 1, &r), 280);
  mask.rest = 0;
  for (int i = 0; i < 2000; i++) {
    const uint16_t id = ulm_draw(&fake, &mask, 3, 0.95f, &r);
    assert_true(id < ULM_PIECE0 && id != 7);
  }
  memset(&mask, 0, sizeof mask);
  mask.low[9] = 1;
  assert_int_equal(ulm_draw(&fake, &mask, 0, 1, &r), 9);
  assert_int_equal(ulm_draw(&fake, &mask, 1, 0.5f, &r), 9);
}

static void the_same_seed_draws_the_same_and_another_does_not(void **state) {
  (void)state;
  ulm_rng a = ulm_rng_seed(5, 0), b = ulm_rng_seed(5, 0), c = ulm_rng_seed(6, 0);
  int differ = 0;
  for (int i = 0; i < 200; i++) {
    const uint16_t x = ulm_draw(&fake, &all, 1, 0.9f, &a);
    assert_int_equal(x, ulm_draw(&fake, &all, 1, 0.9f, &b));
    differ |= x != ulm_draw(&fake, &all, 1, 0.9f, &c);
  }
  assert_true(differ);
}

static void logits_that_are_not_numbers_are_survived(void **state) {
  (void)state;
  const float bad[] = {NAN, INFINITY, -INFINITY, 3.4e38f, -3.4e38f};
  ulm_rng r = ulm_rng_seed(1, 0);
  for (int b = 0; b < 5; b++)
    for (int some = 0; some < 2; some++) {
      ulm_mask mask = all;
      mask.low[0] = mask.low[1] = 0;
      for (int i = 0; i < V; i++)
        if (!some || i % 7 == 0) logits[i] = bad[b];
      for (int i = 0; i < 50; i++) {
        const uint16_t id = ulm_draw(&fake, &mask, i % 2 ? 1.0f : 1e-5f, 0.9f, &r);
        float x[3];
        assert_true(id >= 2 && id < V);
        ulm_surprise(&ulm_portable, logits, V, id, x);
        for (int k = 0; k < 3; k++) assert_true(x[k] >= -1000 && x[k] <= 1000);
      }
      set_up(NULL);
    }
}

static void surprise_matches_doubles(void **state) {
  (void)state;
  for (uint16_t id = 0; id < V; id += 13) {
    double sum = 0, entropy = 0, first = -1e9, second = -1e9;
    for (int i = 0; i < V; i++) {
      sum += exp(logits[i]);
      if (logits[i] > first)
        second = first, first = logits[i];
      else if (logits[i] > second)
        second = logits[i];
    }
    for (int i = 0; i < V; i++) entropy -= exp(logits[i]) / sum * (logits[i] - log(sum));
    float x[3];
    ulm_surprise(&ulm_portable, logits, V, id, x);
    assert_true(fabs(x[0] - (logits[id] - log(sum))) < 1e-5);
    assert_true(fabs(x[1] - entropy) < 1e-5);
    assert_true(fabs(x[2] - (first - second)) < 1e-5);
    assert_false(fabs(x[0] - (logits[(id + 1) % V] - log(sum))) <
                 1e-5); /* control: another token's */
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(draws_follow_the_softmax_at_their_temperature, set_up),
      cmocka_unit_test_setup(draws_stay_in_the_smallest_set_that_holds_top_p, set_up),
      cmocka_unit_test_setup(greedy_takes_the_first_of_the_largest_and_masks_hold, set_up),
      cmocka_unit_test_setup(the_same_seed_draws_the_same_and_another_does_not, set_up),
      cmocka_unit_test_setup(logits_that_are_not_numbers_are_survived, set_up),
      cmocka_unit_test_setup(surprise_matches_doubles, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
