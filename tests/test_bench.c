/* The bench: text measures, statistics, n-grams, the gate's regression, prompts and the report. */
#include "t.h"
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../bench/logistic.h"
#include "../bench/ngram.h"
#include "../bench/report.h"
#include "../bench/session.h"
#include "../bench/stats.h"

static char dir[64], path[256];
static host_error e;

static int make_dir(void **state) {
  (void)state;
  strcpy(dir, "/tmp/ulm-bench-XXXXXX");
  return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state) {
  (void)state;
  size_t n;
  char **all = host_list(dir, "", &n, &e);
  for (size_t i = 0; all && i < n; i++) {
    host_path(path, sizeof path, dir, all[i], &e);
    remove(path); /* "." and ".." refuse */
    free(all[i]);
  }
  free(all);
  return rmdir(dir);
}

static const char *file(const char *name, const char *text) {
  assert_int_equal(host_path(path, sizeof path, dir, name, &e), 0);
  if (text) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
  }
  return path;
}

static char *slurp(const char *name) {
  static char text[1 << 17];
  FILE *f = fopen(file(name, NULL), "rb");
  assert_non_null(f);
  text[fread(text, 1, sizeof text - 1, f)] = 0;
  fclose(f);
  return text;
}

/* ---- text ---- */

static void a_value_is_named_as_whole_words_in_any_case(void **state) {
  (void)state;
  size_t at;
  assert_true(names("Setting a timer for Ten Minutes.", "ten minutes", &at) && at == 20);
  assert_true(names("9 am it is", "9 am", NULL) && names("ten", "ten", NULL) &&
              names("(ten)", "ten", NULL));
  assert_false(names("Written notes", "ten", NULL));
  assert_false(names("Ten minute timer", "ten minutes", NULL));
  assert_false(names("nineteen", "nine", NULL));
  assert_false(names("caf\xc3\xa9s", "caf\xc3\xa9", NULL));
  assert_false(names("anything", "", NULL));
}

static void words_and_content_words_are_found(void **state) {
  (void)state;
  char w[32];
  assert_int_equal(word_at("  \"Hello,\" she said.", 0, w, sizeof w), 5);
  assert_string_equal(w, "hello");
  word_at("a b, c", 2, w, sizeof w);
  assert_string_equal(w, "c");
  assert_int_equal(word_at("a b", 2, w, sizeof w), 0);
  assert_true(content_word("The capital of France", w, sizeof w) > 0);
  assert_string_equal(w, "capital");
  assert_int_equal(content_word("it is the", w, sizeof w), 0);
}

/* ---- statistics ---- */

static void a_bootstrap_interval_holds_the_mean_and_narrows_with_n(void **state) {
  (void)state;
  double v[4000];
  uint8_t skip[4000] = {0};
  for (int i = 0; i < 4000; i++) v[i] = i % 4 == 0;
  const rate few = rate_of(v, NULL, 40, 1), many = rate_of(v, NULL, 4000, 1),
             again = rate_of(v, NULL, 4000, 1), other = rate_of(v, NULL, 4000, 2);
  assert_true(few.low < 0.25 && few.high > 0.25 && fabs(many.mean - 0.25) < 1e-12);
  assert_true(many.high - many.low < (few.high - few.low) / 4);
  assert_true(many.low == again.low && many.high == again.high);
  assert_true(many.low != other.low || many.high != other.high);
  for (int i = 0; i < 4000; i++) skip[i] = i % 4 == 0;
  const rate none = rate_of(v, skip, 4000, 1);
  assert_true(none.n == 3000 && none.mean == 0);
  assert_true(isnan(rate_of(v, NULL, 0, 1).mean));
  double q[5] = {5, 1, 4, 2, 3};
  assert_true(quantile(q, 5, 0.5) == 3 && quantile(q, 5, 0) == 1 && quantile(q, 5, 1) == 5 &&
              fabs(quantile(q, 5, 0.875) - 4.5) < 1e-12);
}

/* ---- n-grams ---- */

enum { V = 300, EVENTS = 6000 };

/* Follows from the token before it; shuffled: from nothing. */
static uint16_t next_token(ulm_rng *r, uint16_t b, int shuffled) {
  const uint32_t x = shuffled ? ulm_rng_below(r, 40) : b * 7u + ulm_rng_below(r, 2);
  return (uint16_t)(260 + x % 40);
}

static ngram *fitted(int shuffled) {
  ngram *g = ngram_new(V, EVENTS);
  ulm_rng r = ulm_rng_seed(4, 4);
  uint16_t a = 0, b = 0;
  for (int i = 0; i < EVENTS; i++) {
    const uint16_t c = next_token(&r, b, shuffled);
    ngram_add(g, a, b, c);
    a = b, b = c;
  }
  return g;
}

static void ngram_probabilities_sum_to_one(void **state) {
  (void)state;
  ngram *g = fitted(0);
  const uint16_t contexts[][2] = {{0, 0}, {270, 271}, {260, 299}, {5, 6}, {0, 265}};
  for (double d = 0.1; d < 1; d += 0.4) {
    ngram_set_discount(g, d);
    for (int k = 0; k < 5; k++) {
      double p3 = 0, p1 = 0;
      for (uint16_t c = 0; c < V; c++) {
        const double p = ngram_trigram(g, contexts[k][0], contexts[k][1], c);
        assert_true(p > 0);
        p3 += p, p1 += ngram_unigram(g, c);
      }
      assert_true(fabs(p3 - 1) < 1e-9 && fabs(p1 - 1) < 1e-9);
    }
  }
  ngram_free(g);
}

/* Nats a token by which the trigram beats the unigram on text drawn like the one it was fitted on.
 */
static double gain(int shuffled) {
  ngram *g = fitted(shuffled);
  ngram_set_discount(g, 0.7);
  ulm_rng r = ulm_rng_seed(5, 5);
  double sum = 0;
  uint16_t a = 260, b = 267;
  for (int i = 0; i < 2000; i++) {
    const uint16_t c = next_token(&r, b, shuffled);
    sum += log(ngram_trigram(g, a, b, c) / ngram_unigram(g, c));
    a = b, b = c;
  }
  ngram_free(g);
  return sum / 2000;
}

static void a_trigram_learns_what_follows_and_nothing_where_nothing_does(void **state) {
  (void)state;
  assert_true(gain(0) > 1.5);
  assert_true(gain(1) < 0.1); /* the control */
}

/* ---- gate ---- */

static void the_regression_finds_the_coefficients_it_was_simulated_with(void **state) {
  (void)state;
  enum { N = 20000 };
  double *x = host_alloc(sizeof *x * N * FEATURES, "x"), *p = host_alloc(sizeof *p * N, "p");
  uint8_t *good = host_alloc(N, "labels"), *lot = host_alloc(N, "labels");
  const logistic truth = {0.5, {2, -1, 0.3}};
  ulm_rng r = ulm_rng_seed(9, 9);
  for (int i = 0; i < N; i++) {
    for (int k = 0; k < FEATURES; k++) x[i * FEATURES + k] = 4 * (double)ulm_rng_f32(&r) - 2;
    good[i] = (double)ulm_rng_f32(&r) < logistic_at(&truth, x + i * FEATURES);
    lot[i] = ulm_rng_u32(&r) & 1;
  }
  const logistic l = logistic_fit(x, good, N);
  assert_true(fabs(l.bias - 0.5) < 0.1 && fabs(l.weight[0] - 2) < 0.15 &&
              fabs(l.weight[1] + 1) < 0.1 && fabs(l.weight[2] - 0.3) < 0.1);
  for (int i = 0; i < N; i++) p[i] = logistic_at(&l, x + i * FEATURES);
  const double a = auc(p, good, N);
  assert_true(a > 0.8 && ece(p, good, N) < 0.02 && brier(p, good, N) < 0.2);
  assert_true(fabs(auc(p, lot, N) - 0.5) < 0.03); /* the control: labels by lot */
  for (int i = 0; i < N; i++) p[i] = -p[i];
  assert_true(fabs(auc(p, good, N) - (1 - a)) < 1e-9);
  const double tied[4] = {0.5, 0.5, 0.5, 0.5};
  const uint8_t two[4] = {1, 0, 1, 0};
  assert_true(auc(tied, two, 4) == 0.5 && ece(tied, two, 4) == 0 && brier(tied, two, 4) == 0.25);
  free(x), free(p), free(good), free(lot);
}

/* ---- prompts ---- */

static void a_conversation_is_cut_before_its_last_reply(void **state) {
  (void)state;
  prompts p, q;
  const char *name = file(
      "p.jsonl", "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\","
                 "\"content\":\"b\"},{\"role\":\"user\",\"content\":\"c\"},"
                 "{\"role\":\"assistant\",\"content\":\"d\"}],\"slot\":\"s\",\"held\":\"value\"}\n"
                 "{\"messages\":[{\"role\":\"user\",\"content\":\"e\"}]}\n"
                 "{\"messages\":[{\"role\":\"user\",\"content\":\"f\"},{\"role\":\"assistant\","
                 "\"content\":\"g\"}]}\n");
  assert_int_equal(prompts_open(&p, name, 0, 1, &e), 0);
  assert_int_equal(p.count, 3);
  assert_int_equal(p.items[0].count, 3);
  assert_string_equal(p.items[0].turns[2].text, "c");
  assert_string_equal(p.items[0].reference, "d");
  assert_string_equal(p.items[0].slot, "s");
  assert_null(p.items[1].reference);
  assert_int_equal(prompts_open(&q, name, 2, 7, &e), 0);
  assert_int_equal(q.count, 2);
  prompts_close(&q);
  prompts_close(&p);
  assert_int_equal(prompts_open(&p, file("t.jsonl", "{\"text\":\"running text\"}\n"), 0, 1, &e),
                   -1);
  assert_int_equal(prompts_open(&p, file("bad.jsonl", "{\"messages\": [}\n"), 0, 1, &e), -1);
  assert_non_null(strstr(e.text, "bad.jsonl"));
}

/* ---- report ---- */

static json_t *hostile(void) {
  return json_pack("{ss ss sf s[{ss ss sb sf sf}]}", "section", "opener", "model",
                   "<script>alert(1)</script>", "prompts", 1.0, "examples", "prompt",
                   "\"><img src=x onerror=alert(1)>", "opener", "</td><script>alert('2')</script>",
                   "unforced_ok", 1, "words", 4.0, "confidence", 0.5);
}

static void what_a_model_says_cannot_become_markup(void **state) {
  (void)state;
  json_t *s = hostile();
  assert_non_null(s);
  assert_int_equal(report_write(dir, "opener", s, NULL, NULL, &e), 0);
  json_decref(s);
  const char *page = slurp("report.html");
  assert_null(strstr(page, "<script"));
  assert_null(strstr(page, "<img"));
  assert_non_null(strstr(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
  char bytes[64] = {0};
  FILE *f = fmemopen(bytes, sizeof bytes, "w");
  html_text(f, "a\xff<b");
  fclose(f);
  assert_string_equal(bytes, "a\xef\xbf\xbd&lt;b");
}

static void a_damaged_section_or_a_missing_run_is_an_error_and_leaves_the_pages(void **state) {
  (void)state;
  json_t *s = hostile();
  const size_t before = strlen(slurp("report.html"));
  assert_int_equal(report_write(dir, "opener", s, "/nowhere/at/all", NULL, &e), -1);
  assert_int_equal(report_write(dir, "opener", s, NULL, "/nowhere/x.q", &e), -1);
  file("handoff.json", "{\"section\": ");
  assert_int_equal(report_write(dir, "opener", s, NULL, NULL, &e), -1);
  assert_non_null(strstr(e.text, "handoff.json"));
  assert_int_equal(strlen(slurp("report.html")), before);
  json_decref(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_value_is_named_as_whole_words_in_any_case),
      cmocka_unit_test(words_and_content_words_are_found),
      cmocka_unit_test(a_bootstrap_interval_holds_the_mean_and_narrows_with_n),
      cmocka_unit_test(ngram_probabilities_sum_to_one),
      cmocka_unit_test(a_trigram_learns_what_follows_and_nothing_where_nothing_does),
      cmocka_unit_test(the_regression_finds_the_coefficients_it_was_simulated_with),
      cmocka_unit_test(a_conversation_is_cut_before_its_last_reply),
      cmocka_unit_test(what_a_model_says_cannot_become_markup),
      cmocka_unit_test(a_damaged_section_or_a_missing_run_is_an_error_and_leaves_the_pages),
  };
  return cmocka_run_group_tests_name("bench", tests, make_dir, remove_dir);
}
