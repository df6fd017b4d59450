/* bench/meter.c, peer.c, products.c: what the bench of training measures with. */
#include "t.h"

#include "../bench/meter.h"
#include "../bench/peer.h"
#include "../bench/products.h"
#include "../train/run.h"

#include <math.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { B = 2, T = 24, V = 300 };

static const ulm_config shape = {.dim = 32,
                                 .layers = 3,
                                 .heads = 4,
                                 .kv_heads = 2,
                                 .ffn = 48,
                                 .vocab = V,
                                 .context = T,
                                 .rope_base = 1e4f,
                                 .norm_eps = 1e-5f};
static const step_options options = {
    .lr = 1e-2, .decay = 0.1, .beta1 = 0.9, .beta2 = 0.95, .clip = 1, .steps = 10};
static host_error e;

/* Two steps on random tokens; the parameters afterwards. */
static float *two_steps(int flags, const meter **m) {
  static uint16_t ids[B * T + 1], start[B * T];
  static float weight[B * T];
  stepper s;
  ulm_rng r = ulm_rng_seed(7, 7);
  for (int i = 0; i <= B * T; i++) ids[i] = (uint16_t)ulm_rng_below(&r, V);
  for (int i = 0; i < B * T; i++) weight[i] = 1;
  const model_batch x = {B, T, ids, ids + 1, weight, start};
  assert_int_equal(stepper_open(&s, &shape, B, T, flags, 2, &e), 0);
  model_init(s.model, 3);
  for (uint64_t i = 0; i < 2; i++) {
    if (m) meter_start();
    assert_true(step_gradient(&s, &x) > 0);
    if (m) meter_enter();
    assert_true(step_update(&s, &options, i) > 0);
    if (m) meter_leave(PART_UPDATE), *m = meter_stop();
  }
  const size_t n = (size_t)ulm_param_count(&shape);
  float *p = host_alloc(n * sizeof *p, "parameters");
  memcpy(p, model_params(s.model), n * sizeof *p);
  stepper_close(&s);
  return p;
}

static void a_metered_step_changes_no_bit(void **state) {
  (void)state;
  const meter *m;
  float *plain = two_steps(0, NULL);
  const ops_f32 *k = ops_pick(&e);
  ops_use(meter_table(k, V, 2));
  float *metered = two_steps(0, &m);
  ops_use(NULL);
  assert_ptr_equal(ops_pick(&e), k);
  assert_memory_equal(plain, metered, ulm_param_count(&shape) * sizeof *plain);
  free(plain), free(metered);
}

/* Forward, dX and dW of each weight, by positions: 6 FLOPs a weight and position, none left out. */
static void count(int flags) {
  const meter *m;
  ops_use(meter_table(ops_pick(&e), V, 2));
  const double began = host_now();
  free(two_steps(flags, &m));
  const double wall = host_now() - began;
  ops_use(NULL);
  double flops = 0, classifier = 0, parts = 0, products = 0;
  for (size_t i = 0; i < m->products_n; i++) {
    const product *p = &m->products[i];
    const double f = 2.0 * (double)p->M * (double)p->N * (double)p->K * (double)p->calls;
    flops += f;
    assert_int_equal(p->bf16, flags == MODEL_BF16);
    assert_true(p->wall > 0), products += p->wall;
    if (p->M == V || p->N == V || p->K == V) classifier += f;
  }
  const double attention = 6.0 * shape.layers * shape.dim * T;
  assert_true(flops == B * T * (run_flops(&shape, T) - attention));
  assert_true(classifier == B * T * 6.0 * V * shape.dim);
  for (int p = 0; p < PARTS; p++) {
    const part_time *t = &m->parts[p];
    assert_true(t->wall > 0 && t->idle >= 0 && t->longest <= t->idle + 1e-12);
    parts += t->wall;
  }
  assert_int_equal(m->parts[PART_ATTENTION].calls, 2 * shape.layers);
  assert_int_equal(m->parts[PART_UPDATE].calls, 1);
  assert_true(parts < wall); /* of the second step alone */
  assert_true(products <= m->parts[PART_PRODUCTS].wall + m->parts[PART_CLASSIFIER].wall);
}

static void the_meter_counts_every_product_and_all_of_the_time(void **state) {
  (void)state;
  count(0), count(MODEL_BF16);
}

static void a_sleeping_thread_counts_as_waiting(void **state) {
  (void)state;
  (void)meter_table(ops_pick(&e), V, 2);
  meter_start();
  meter_enter();
  const struct timespec nap = {0, 30000000};
  nanosleep(&nap, NULL); /* nobody works: twice 30 ms, for the one who waits longer */
  meter_leave(PART_NORM);
  const meter *m = meter_stop();
  assert_true(m->parts[PART_NORM].wall >= 0.03 && m->parts[PART_NORM].idle > 0.04);
  (void)meter_table(ops_pick(&e), V, 1);
  meter_start();
  meter_enter();
  for (const double from = host_now(); host_now() - from < 0.03;) continue;
  meter_leave(PART_NORM);
  m = meter_stop();
  assert_true(m->parts[PART_NORM].wall >= 0.03 && m->parts[PART_NORM].idle < 0.01);
}

static void shares_of_products_weigh_by_the_time_they_need(void **state) {
  (void)state;
  const product p[] = {{.M = 10, .N = 10, .K = 10, .calls = 3},
                       {.M = 10, .N = 10, .K = 30, .calls = 1}};
  const double shares[] = {0.5, 1};
  assert_true(fabs(products_share(p, shares, 2) - 2.0 / 3) < 1e-12); /* 1 / mean(1 / share) */
  assert_true(products_share(p, shares, 0) == 0);
}

static void products_are_named_and_none_beats_the_peak(void **state) {
  (void)state;
  const size_t D = 128, F = 384, S = 256, N = 512;
  ulm_config c = shape;
  c.dim = (uint32_t)D, c.ffn = (uint32_t)F, c.heads = 4, c.kv_heads = 2;
  const product p[] = {{.tb = 1, .M = N, .N = S, .K = D, .calls = 1},
                       {.M = N, .N = D, .K = 2 * F, .calls = 1, .bf16 = 1},
                       {.ta = 1, .add = 1, .M = D, .N = F, .K = N, .calls = 1}};
  double shares[3], best[3];
  assert_int_equal(products_alone(ops_pick(&e), p, 3, 5, 1, shares, best, &e), 0);
  const char *names[] = {"qkv forward", "gate-up dX", "down dW"};
  for (int i = 0; i < 3; i++) {
    char name[32];
    product_name(&c, &p[i], name, sizeof name);
    assert_string_equal(name, names[i]);
    assert_true(shares[i] > 0.02 && best[i] >= shares[i] && best[i] < 1.2);
  }
}

/* ---- peers ---- */

static double clock_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static void a_peer_runs_only_in_its_turn(void **state) {
  (void)state;
  /* Its "rates" are the time of day in ms. */
  const char *command =
      "echo hello; while :; do echo tokens_per_s $(date +%s%3N); sleep 0.01; done";
  peer p;
  double t[3], before = 0;
  assert_int_equal(peer_start(&p, command, &e), 0);
  for (int turn = 0; turn < 2; turn++) {
    const struct timespec nap = {0, 200000000};
    nanosleep(&nap, NULL);
    before = clock_ms();
    assert_int_equal(peer_turn(&p, 3, t, &e), 0);
    /* Made now, not while it should have stood still. */
    assert_true(t[0] >= before - 5 && t[0] <= t[1] && t[1] <= t[2] && t[2] <= clock_ms() + 5);
  }
  const pid_t pid = p.pid;
  peer_end(&p);
  assert_int_equal(kill(pid, 0), -1);
}

static void a_peer_that_ends_or_says_nothing_is_refused(void **state) {
  (void)state;
  peer p;
  assert_int_equal(peer_start(&p, "echo loading; exit 3", &e), -1);
  assert_non_null(strstr(e.text, "tokens_per_s"));
  peer_end(&p);
  assert_int_equal(peer_start(&p, "echo tokens_per_s -3; echo tokens_per_s nan?", &e), -1);
  peer_end(&p);
  assert_int_equal(peer_start(&p, "echo tokens_per_s 12", &e), 0);
  double rates[2];
  assert_int_equal(peer_turn(&p, 2, rates, &e), -1);
  assert_non_null(strstr(e.text, "ended"));
  peer_end(&p);
}

static void a_peer_s_long_lines_do_no_harm(void **state) {
  (void)state;
  peer p;
  double rate;
  assert_int_equal(
      peer_start(
          &p, "head -c 100000 /dev/zero | tr '\\0' x; echo; while :; do echo tokens_per_s 42; done",
          &e),
      0);
  assert_int_equal(peer_turn(&p, 1, &rate, &e), 0);
  assert_true(rate == 42);
  peer_end(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_metered_step_changes_no_bit),
      cmocka_unit_test(the_meter_counts_every_product_and_all_of_the_time),
      cmocka_unit_test(a_sleeping_thread_counts_as_waiting),
      cmocka_unit_test(shares_of_products_weigh_by_the_time_they_need),
      cmocka_unit_test(products_are_named_and_none_beats_the_peak),
      cmocka_unit_test(a_peer_runs_only_in_its_turn),
      cmocka_unit_test(a_peer_that_ends_or_says_nothing_is_refused),
      cmocka_unit_test(a_peer_s_long_lines_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
