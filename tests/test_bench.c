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

static void marks_and_letters_beyond_ascii_are_told_apart(void **state) {
  (void)state;
  size_t at;
  char w[8];
  assert_true(names("say \u201cParis\u201d\u2014now", "paris", &at) && at == 7);
  assert_true(names("Paris\u2019s weather", "paris", NULL));
  assert_true(names("in Z\u00dcRICH today", "z\u00fcrich", NULL));
  assert_true(names("\u6771\u4eac", "\u6771\u4eac", NULL));
  assert_false(names("\u00e9tude", "tude", NULL)); /* a letter before it */
  assert_false(names("tud\u00e9", "tud", NULL));
  assert_false(names("Z\u00dcRICH", "zurich", NULL));
  assert_false(names("\xff", "x", NULL)); /* not UTF-8: no match, no overrun */
  assert_false(names("\xe2\x80", "x", NULL));
  assert_int_equal(word_at("\u201c\u00c9mile,\u201d he", 0, w, sizeof w), 6);
  assert_string_equal(w, "\u00e9mile");
  assert_int_equal(word_at("a\tb", 1, w, sizeof w), 1);
  assert_int_equal(word_at("\u00e9\u00e9\u00e9\u00e9", 0, w, sizeof w), 6); /* whole letters only */
  assert_int_equal(word_at("\u2014 ?", 0, w, sizeof w), 0);
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

static void scores_of_hand_made_cases(void **state) {
  (void)state;
  const double p[4] = {0.9, 0.8, 0.3, 0.1}, sure[2] = {1, 0}, back[4] = {0.1, 0.2, 0.7, 0.9};
  const uint8_t best[4] = {1, 1, 0, 0}, mixed[4] = {1, 0, 1, 0}, right[2] = {1, 0},
                one[4] = {1, 1, 1, 1};
  assert_true(auc(p, best, 4) == 1 && auc(back, best, 4) == 0);
  assert_true(auc(p, mixed, 4) == 0.75 && isnan(auc(p, one, 4)));
  assert_true(ece(sure, right, 2) == 0 && brier(sure, right, 2) == 0);
  assert_true(fabs(ece(p, best, 4) - (0.1 + 0.2 + 0.3 + 0.1) / 4) < 1e-12);
  assert_true(fabs(brier(p, best, 4) - (0.01 + 0.04 + 0.09 + 0.01) / 4) < 1e-12);
  assert_true(brier(back, best, 4) > 0.5 && ece(back, best, 4) > 0.5); /* the control: inverted */
  const double lost[3] = {NAN, 0.5, NAN};
  (void)auc(lost, best, 3); /* ends */
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

static void a_lot_of_prompts_is_the_same_for_the_same_seed(void **state) {
  (void)state;
  char text[8192] = "";
  size_t at = 0;
  for (int i = 0; i < 60; i++)
    at += (size_t)snprintf(text + at, sizeof text - at,
                           "{\"prompt\":\"p%02d\",\"completion\":\"r\",\"slot\":\"\"}\n", i);
  const char *name = file("many.jsonl", text);
  prompts p[3];
  const uint64_t seeds[3] = {7, 7, 8};
  for (int k = 0; k < 3; k++) {
    assert_int_equal(prompts_open(&p[k], name, 20, seeds[k], &e), 0);
    assert_int_equal(p[k].count, 20);
  }
  int moved = 0;
  for (int i = 0; i < 20; i++) {
    const char *a = p[0].items[i].turns[0].text;
    assert_string_equal(a, p[1].items[i].turns[0].text);
    moved += strcmp(a, p[2].items[i].turns[0].text) != 0;
    assert_true(i == 0 || strcmp(p[0].items[i - 1].turns[0].text, a) < 0); /* in file order */
    assert_null(p[0].items[i].slot); /* an empty value cannot be named */
  }
  assert_true(moved > 0);
  for (int k = 0; k < 3; k++) prompts_close(&p[k]);
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

static int whole_utf8(const char *s) {
  for (size_t k; *s; s += k)
    if (!(k = ulm_utf8_len((const uint8_t *)s, strlen(s)))) return 0;
  return 1;
}

/* A prompt of 1,500 two-byte letters before its value, and one byte that is not UTF-8, which JSON
 * text may hold where nobody checked it. */
static void long_and_broken_prompts_leave_every_page_sound(void **state) {
  (void)state;
  char asked[4096] = "x", *p = asked + 1;
  for (int i = 0; i < 1500; i++) p = stpcpy(p, "\u00e9");
  strcpy(p, " Written for Ten");
  json_t *s = hostile(), *x = json_array_get(json_object_get(s, "examples"), 0);
  json_object_set_new(x, "prompt", json_string(asked));
  json_object_set_new(x, "opener", json_string_nocheck("said \xff\xc3 so"));
  json_object_set_new(x, "slot", json_string("ten"));
  char *page = NULL;
  size_t size;
  FILE *f = open_memstream(&page, &size);
  json_t *all = json_pack("{sO}", "opener", s);
  report_html(f, all);
  fclose(f);
  assert_true(whole_utf8(page));
  assert_non_null(strstr(page, "\u00e9 Written for <mark>Ten</mark>"));
  *p = 0;
  assert_non_null(strstr(page, asked)); /* nothing of it is lost */
  assert_non_null(strstr(page, "said \xef\xbf\xbd\xef\xbf\xbd so"));
  free(page);
  json_object_set_new(x, "opener", json_string("said so"));
  assert_int_equal(report_write(dir, "opener", s, NULL, NULL, &e), 0);
  assert_true(whole_utf8(slurp("report.txt")));
  assert_true(whole_utf8(slurp("report.html")));
  int lines = 0;
  for (char *at = slurp("report.jsonl"), *line; (line = strsep(&at, "\n")) && *line; lines++) {
    json_t *row = json_loads(line, 0, NULL);
    assert_true(json_equal(row, s));
    json_decref(row);
  }
  assert_int_equal(lines, 1);
  json_decref(all), json_decref(s);
}

static size_t count_of(const char *s, const char *what) {
  size_t n = 0;
  for (; (s = strstr(s, what)); s++) n++;
  return n;
}

/* A training that blew up, and a handoff that says it took a year, still make a page of a sane
 * size. */
static void figures_out_of_all_proportion_end(void **state) {
  (void)state;
  json_t *all = json_pack("{s{s[{sf sf},{sf sf sf}]} s{s[{sf}]}}", "training", "rows", "step", 1.0,
                          "loss", 1e300, "step", 2.0, "loss", 2.0, "val_loss", -1e300, "handoff",
                          "examples", "cloud_ms", 3e15);
  char *page = NULL;
  size_t size;
  FILE *f = open_memstream(&page, &size);
  report_html(f, all);
  fclose(f);
  assert_in_range(count_of(page, "stroke='var(--rule)'"), 2, 700);
  assert_null(strstr(page, ",nan"));
  assert_null(strstr(page, "inf"));
  free(page);
  json_decref(all);
}

/* The number on top says which prompts it is of. */
static void the_headline_names_its_own_set(void **state) {
  (void)state;
  json_t *all = json_pack("{s{s[{ss s{sf sf sf si}}]}}", "opener", "slots", "of", "held-out <b>",
                          "named", "mean", 0.5, "low", 0.4, "high", 0.6, "n", 9);
  char *page = NULL;
  size_t size;
  FILE *f = open_memstream(&page, &size);
  report_html(f, all);
  fclose(f);
  assert_non_null(strstr(page, "name the value asked about (held-out &lt;b&gt;)"));
  free(page);
  json_decref(all);
}

static void a_damaged_section_or_a_missing_run_is_an_error_and_leaves_the_pages(void **state) {
  (void)state;
  json_t *s = hostile();
  static char before[3][1 << 17];
  static const char *const pages[3] = {"report.html", "report.jsonl", "opener.json"};
  for (int k = 0; k < 3; k++) strcpy(before[k], slurp(pages[k]));
  json_object_set_new(s, "model", json_string("another"));
  assert_int_equal(report_write(dir, "opener", s, "/nowhere/at/all", NULL, &e), -1);
  assert_int_equal(report_write(dir, "opener", s, NULL, "/nowhere/x.q", &e), -1);
  file("handoff.json", "{\"section\": ");
  assert_int_equal(report_write(dir, "opener", s, NULL, NULL, &e), -1);
  assert_non_null(strstr(e.text, "handoff.json"));
  file("handoff.json", "[]");
  assert_int_equal(report_write(dir, "opener", s, NULL, NULL, &e), -1);
  assert_non_null(strstr(e.text, "not an object"));
  for (int k = 0; k < 3; k++) assert_string_equal(slurp(pages[k]), before[k]);
  remove(file("handoff.json", NULL));
  assert_int_equal(report_write(dir, "opener", s, NULL, NULL, &e), 0); /* the control: it writes */
  assert_non_null(strstr(slurp("report.html"), "another"));
  json_decref(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_value_is_named_as_whole_words_in_any_case),
      cmocka_unit_test(words_and_content_words_are_found),
      cmocka_unit_test(marks_and_letters_beyond_ascii_are_told_apart),
      cmocka_unit_test(a_bootstrap_interval_holds_the_mean_and_narrows_with_n),
      cmocka_unit_test(ngram_probabilities_sum_to_one),
      cmocka_unit_test(a_trigram_learns_what_follows_and_nothing_where_nothing_does),
      cmocka_unit_test(the_regression_finds_the_coefficients_it_was_simulated_with),
      cmocka_unit_test(scores_of_hand_made_cases),
      cmocka_unit_test(a_conversation_is_cut_before_its_last_reply),
      cmocka_unit_test(a_lot_of_prompts_is_the_same_for_the_same_seed),
      cmocka_unit_test(what_a_model_says_cannot_become_markup),
      cmocka_unit_test(long_and_broken_prompts_leave_every_page_sound),
      cmocka_unit_test(figures_out_of_all_proportion_end),
      cmocka_unit_test(the_headline_names_its_own_set),
      cmocka_unit_test(a_damaged_section_or_a_missing_run_is_an_error_and_leaves_the_pages),
  };
  return cmocka_run_group_tests_name("bench", tests, make_dir, remove_dir);
}
