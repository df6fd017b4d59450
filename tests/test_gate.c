/* The gate: features of openers that are given, risk against coverage, and the section. */
#include "greedy_model.h"
#include <math.h>

#include "../bench/forced.h"
#include "../bench/models.h"
#include "../bench/report.h"
#include "../bench/risk.h"
#include "../runtime/ulm_state.h"

static host_error e;
static session speaker;

static int set_up(void **state) {
  if (made_dir_open(state)) return -1;
  float *w = greedy_params(GREEDY_SEED);
  made_checkpoint(in_dir("s.ckpt"), &greedy_config, w);
  free(w);
  return model_session(&speaker, in_dir("s.ckpt"), 2, &e);
}
static int tear_down(void **state) {
  session_close(&speaker);
  return made_dir_close(state);
}

/* As ulm_speak takes them of tokens that it draws. */
static void a_given_opener_has_the_features_it_would_have_drawn(void **state) {
  (void)state;
  enum { N = 4 };
  static const char *const asked[N] = {"Set a timer for ten minutes", "What time is it?",
                                       "How far is Nairobi", "Wake me up"},
                           *const said[N] = {"The timer is set", "It is half past two",
                                             "That is two hours from here", ""};
  ulm_message turns[N];
  prompt items[N];
  forced f[N], other[N];
  ulm *m = speaker.handles[0];
  const prompts p = {items, N};
  const uint32_t V = ulm_get_config(m)->vocab;
  size_t differ = 0;
  for (size_t i = 0; i < N; i++) {
    turns[i] = (ulm_message){"user", asked[i], strlen(asked[i])};
    items[i] = (prompt){.turns = &turns[i], .count = 1};
    f[i] = (forced){.prompt = i, .text = said[i]};
    other[i] = (forced){.prompt = (i + 1) % N, .text = said[i]}; /* the control */
  }
  assert_int_equal(features_all(&speaker, &p, f, N, &e), 0);
  assert_int_equal(features_all(&speaker, &p, other, N, &e), 0);
  for (size_t i = 0; i < N; i++) {
    uint16_t ids[ULM_OPENER_TOKENS];
    double sum[FEATURES] = {0};
    size_t n;
    assert_int_equal(read_conversation(m, &items[i], NULL), ULM_OK);
    assert_int_equal(ulm_encode(m, said[i], strlen(said[i]), ids, ULM_OPENER_TOKENS, &n), ULM_OK);
    for (size_t t = 0; t < n; t++) {
      float x[3];
      ulm_surprise(m->kernels, ulm_logits(m), V, ids[t], x);
      for (int k = 0; k < FEATURES; k++) sum[k] += (double)x[k] / (double)n;
      assert_int_equal(ulm_prefill(m, &ids[t], 1), ULM_OK);
    }
    for (int k = 0; k < FEATURES; k++) assert_true(fabs(f[i].x[k] - sum[k]) < 1e-4);
    differ += fabs(other[i].x[0] - f[i].x[0]) > 1e-2;
  }
  assert_int_equal(differ, N - 1); /* all but the one that says nothing */
  char many[512] = "";
  for (int i = 0; i < 100; i++) strcat(many, "q!9 ");
  f[3].text = many;
  assert_int_equal(features_all(&speaker, &p, f, N, &e), -1);
  assert_non_null(strstr(e.text, "48 tokens"));
}

static const json_t *at(const json_t *j, const char *key, size_t i) {
  return json_array_get(json_object_get(j, key), i);
}
static double value(const json_t *j, const char *key) {
  return json_number_value(json_object_get(j, key));
}

static void risk_falls_with_coverage_as_by_hand(void **state) {
  (void)state;
  enum { N = 40 };
  double p[N], flat[N];
  uint8_t good[N];
  for (int i = 0; i < N; i++) p[i] = (i + 0.5) / N, good[i] = i >= 10, flat[i] = 0.75;
  json_t *j = risk_json(p, good, N, 1), *lot = risk_json(flat, good, N, 1);
  assert_int_equal(json_array_size(json_object_get(j, "risk")), 20);
  for (size_t k = 0; k < 20; k++) { /* 30 of 40 are good, and they come first */
    const json_t *x = at(j, "risk", k);
    const double taken = 2.0 * (double)(k + 1), bad = taken > 30 ? (taken - 30) / taken : 0;
    assert_true(fabs(value(x, "coverage") - taken / N) < 1e-12);
    assert_true(fabs(value(x, "bad") - bad) < 1e-12);
    assert_true(fabs(value(x, "from") - (N - taken + 0.5) / N) < 1e-12);
  }
  assert_true(value(j, "good") == 0.75 && value(j, "n") == N);
  assert_true(value(json_object_get(j, "auc"), "mean") == 1);
  assert_true(value(json_object_get(lot, "auc"), "mean") == 0.5); /* the control */
  assert_true(value(lot, "ece") < 1e-9 && value(j, "ece") > 0.1);
  assert_int_equal(json_array_size(json_object_get(j, "bins")), 10);
  assert_true(value(at(j, "bins", 0), "good") == 0 && value(at(j, "bins", 9), "good") == 1);
  assert_true(fabs(value(at(j, "bins", 0), "confidence") - 0.05) < 1e-12);
  json_decref(j), json_decref(lot);
}

static void the_section_is_drawn_and_told(void **state) {
  (void)state;
  enum { N = 200 };
  double p[N];
  uint8_t good[N];
  ulm_rng r = ulm_rng_seed(3, 3);
  for (int i = 0; i < N; i++)
    p[i] = (double)ulm_rng_f32(&r), good[i] = (double)ulm_rng_f32(&r) < p[i];
  json_t *s = json_pack("{ss ss sf sf s[{ss sI so so s[{ss sf sI}]}]}", "section", "gate", "model",
                        "m<.ulm", "threshold", 0.5, "silent", 0.1, "labels", "of", "hand & foot",
                        "fitted_on", (json_int_t)N, "raw", risk_json(p, good, N, 1), "gate",
                        risk_json(p, good, N, 1), "kinds", "name", "entity", "auc", 0.75, "n",
                        (json_int_t)N);
  assert_non_null(s);
  assert_int_equal(report_write(in_dir("report"), "gate", s, NULL, NULL, &e), 0);
  host_map page;
  assert_int_equal(host_map_open(&page, in_dir("report/report.html"), &e), 0);
#define in_page(text) memmem(page.bytes, page.size, text, strlen(text))
  assert_non_null(in_page("hand &amp; foot"));
  assert_non_null(in_page("bad among the spoken"));
  assert_null(in_page("nan"));
  host_map_close(&page);
  assert_int_equal(host_map_open(&page, in_dir("report/report.txt"), &e), 0);
  assert_non_null(in_page("entity 0.750"));
  host_map_close(&page);
  json_decref(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_given_opener_has_the_features_it_would_have_drawn),
      cmocka_unit_test(risk_falls_with_coverage_as_by_hand),
      cmocka_unit_test(the_section_is_drawn_and_told),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
