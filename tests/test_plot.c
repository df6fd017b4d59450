/* train/plot.c: metrics read with suspicion, and what gnuplot makes of them. */
#include "make_model.h"
#include "train/metrics.h"
#include "train/plot.h"

#include <math.h>
#include <sys/stat.h>

/* Names as a hostile shell, SVG or gnuplot would like them. */
static const char *const names[] = {"it's \"quoted\"`touch oops`",
                                    "<b>&$(touch oops)\n%d {/Bold x}"};

static void make_run(const char *dir, int steps, bool validated) {
  host_error e;
  metrics m;
  double vals[2];
  if (host_mkdir(dir, &e) || metrics_open(&m, dir, names, 2, 0, &e)) fail_msg("%s", e.text);
  for (int i = 1; i <= steps; i++) {
    const double loss = 2 + 7 * exp(-i / 30.0) + 0.2 * sin(7.0 * i);
    metrics_row r = {.step = (uint64_t)i,
                     .tokens = (uint64_t)i * 2048,
                     .loss = loss,
                     .val = NAN,
                     .lr = 1e-3 * (1 - i / (steps + 1.0)),
                     .grad_norm = 0.5 + 0.1 * cos(3.0 * i),
                     .rate = 3000 + 100 * sin(i),
                     .mfu = 0.6 + 0.02 * sin(i),
                     .seconds = 0.7 * i};
    if (validated && i % 25 == 0)
      r.val = loss + 0.1, vals[0] = loss - 0.3, vals[1] = loss + 0.5, r.vals = vals;
    if (metrics_add(&m, &r, &e)) fail_msg("%s", e.text);
  }
  metrics_close(&m);
}

/* ---- Reading ---- */

static int read_text(plot_rows *p, const char *text, host_error *e) {
  return plot_read(p, text, strlen(text), "m", e);
}

static void rows_come_back_with_their_fields_and_sources(void **state) {
  (void)state;
  host_error e;
  plot_rows p;
  make_run(in_dir("rows"), 60, true);
  char *text = made_text("rows/metrics.jsonl");
  if (read_text(&p, text, &e)) fail_msg("%s", e.text);
  free(text);
  assert_int_equal(p.count, 60);
  assert_int_equal(p.names_count, 2);
  assert_string_equal(p.names[0], names[0]);
  assert_string_equal(p.names[1], names[1]);
  for (size_t i = 0; i < p.count; i++) {
    const plot_row *r = &p.rows[i];
    assert_int_equal(r->step, i + 1);
    assert_int_equal(r->tokens, (i + 1) * 2048);
    assert_true(fabs(r->seconds - 0.7 * (double)r->step) < 0.006);
    assert_true(isfinite(r->rate) && isfinite(r->mfu) && isfinite(r->lr));
    assert_int_equal(isfinite(r->val), r->step % 25 == 0);
    assert_int_equal(r->vals != NULL, r->step % 25 == 0);
    if (r->vals) assert_true(fabs(r->vals[1] - r->vals[0] - 0.8) < 1e-5);
  }
  plot_free(&p);
}

static void a_line_under_way_is_left_out_and_other_damage_named(void **state) {
  (void)state;
  host_error e;
  plot_rows p;
  assert_int_equal(read_text(&p, "{\"step\":1,\"loss\":2}\n{\"step\":2,\"lo", &e), 0);
  assert_int_equal(p.count, 1);
  plot_free(&p);
  static const char *const bad[][2] = {
      {"", "no step yet"},
      {"{\"step\":1,\"loss\":2}", "no step yet"},
      {"{\"step\":1,\"loss\":2}\n[]\n", "line 2"},
      {"{\"step\":1,\"loss\":2}\n\n", "line 2"},
      {"{\"step\":1,\"loss\":2}\n{\"step\":1,\"loss\":2}\n", "not after"},
      {"{\"step\":0,\"loss\":2}\n", "no step"},
      {"{\"step\":-4,\"loss\":2}\n", "no step"},
      {"{\"step\":1.5,\"loss\":2}\n", "no step"},
      {"{\"step\":9223372036854775807,\"loss\":2}\n", "cannot be"},
      {"{\"step\":1,\"tokens\":-1,\"loss\":2}\n", "cannot be"},
      {"{\"step\":1,\"loss\":\"2\"}\n", "no loss"},
      {"{\"step\":1,\"loss\":1e999}\n", "line 1"},
      {"{\"step\":1,\"loss\":2,\"val\":[1]}\n", "by source"},
      {"\xff\xfe\n", "line 1"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    if (!read_text(&p, bad[i][0], &e)) fail_msg("accepted: %s", bad[i][0]);
    if (!strstr(e.text, bad[i][1])) fail_msg("'%s' does not say '%s'", e.text, bad[i][1]);
  }
}

static void smoothing_is_a_centred_mean_that_keeps_straight_lines(void **state) {
  (void)state;
  double x[50], y[50];
  for (int i = 0; i < 50; i++) x[i] = 3 * i + 1;
  plot_smooth(x, 50, 7, y);
  for (int i = 0; i < 50; i++) assert_true(fabs(x[i] - y[i]) < 1e-9);
  for (int i = 0; i < 50; i++) x[i] = i % 2 ? 1 : -1;
  plot_smooth(x, 50, 7, y);
  for (int i = 7; i < 43; i++) assert_true(fabs(y[i]) < 0.07);
  plot_smooth(x, 50, 0, y);
  assert_memory_equal(x, y, sizeof x);
}

/* ---- Drawing ---- */

static void a_run_becomes_two_pictures_with_every_curve(void **state) {
  (void)state;
  host_error e;
  make_run(in_dir("it's a `run`"), 300, true);
  if (plot_run(in_dir("it's a `run`"), &e)) fail_msg("%s", e.text);
  char *loss = made_text("it's a `run`/loss.svg"), *rate = made_text("it's a `run`/throughput.svg");
  assert_non_null(strstr(loss, "<svg"));
  assert_non_null(strstr(loss, "</svg>"));
  assert_non_null(strstr(rate, "</svg>"));
  static const char *const words[] = {">training<",
                                      ">smoothed<",
                                      ">validation<",
                                      "learning rate",
                                      "gradient norm",
                                      "it's &quot;quoted&quot;`touch oops`",
                                      "&amp;$(touch oops) %d {/Bold x}<",
                                      "it's a `run`: 300 steps, 614,400 tokens"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    char *plain = strdup(words[i]); /* some versions leave the quotes as they are */
    for (char *q; (q = strstr(plain, "&quot;"));) *q = '"', memmove(q + 1, q + 6, strlen(q + 5));
    if (!strstr(loss, words[i]) && !strstr(loss, plain)) fail_msg("no '%s'", words[i]);
    free(plain);
  }
  assert_non_null(strstr(rate, "tokens per second"));
  assert_non_null(strstr(rate, "share of peak"));
  /* The curves have as many points as there were numbers. */
  assert_true(strlen(loss) > 300 * 2 * 8);
  free(loss), free(rate);
  assert_int_equal(access("oops", F_OK), -1);
  assert_int_equal(access(in_dir("it's a `run`/oops"), F_OK), -1);

  make_run(in_dir("plain"), 30, false); /* the control: no validation, no such curve */
  if (plot_run(in_dir("plain"), &e)) fail_msg("%s", e.text);
  loss = made_text("plain/loss.svg");
  assert_null(strstr(loss, ">validation<"));
  free(loss);
}

static void one_step_is_enough(void **state) {
  (void)state;
  host_error e;
  make_run(in_dir("one"), 1, false);
  if (plot_run(in_dir("one"), &e)) fail_msg("%s", e.text);
}

static void use_gnuplot(const char *script) {
  char path[600];
  snprintf(path, sizeof path, "%s", in_dir("bin"));
  mkdir(path, 0777);
  made_unlink(in_dir("bin/gnuplot"), NULL, 0, NULL);
  if (script) {
    made_write(in_dir("bin/gnuplot"), script, strlen(script));
    assert_int_equal(chmod(in_dir("bin/gnuplot"), 0755), 0);
  }
  setenv("PATH", path, 1);
}

static void a_missing_or_failing_gnuplot_is_said_and_changes_nothing(void **state) {
  (void)state;
  host_error e;
  char *path = strdup(getenv("PATH"));
  make_run(in_dir("kept"), 30, true);
  if (plot_run(in_dir("kept"), &e)) fail_msg("%s", e.text);
  char *before = made_text("kept/loss.svg");
  static const char *const fakes[][2] = {
      {NULL, "gnuplot-nox"},
      {"#!/bin/sh\necho half a picture\necho line 7: no such thing >&2\nexit 3\n", "no such thing"},
      {"#!/bin/sh\nkill -9 $$\n", "stopped"},
      {"#!/nowhere/sh\n", "gnuplot"}};
  for (size_t i = 0; i < sizeof fakes / sizeof *fakes; i++) {
    use_gnuplot(fakes[i][0]);
    assert_int_equal(plot_run(in_dir("kept"), &e), -1);
    if (!strstr(e.text, fakes[i][1])) fail_msg("'%s' does not say '%s'", e.text, fakes[i][1]);
    char *after = made_text("kept/loss.svg");
    assert_string_equal(before, after);
    free(after);
    size_t left;
    char **temps = host_list(in_dir("kept"), ".tmp", &left, &e);
    assert_int_equal(left, 0);
    free(temps);
  }
  use_gnuplot("#!/bin/sh\nwhile read -r line; do :; done\necho other\n"); /* the fakes are used */
  assert_int_equal(plot_run(in_dir("kept"), &e), 0);
  char *after = made_text("kept/loss.svg");
  assert_string_equal(after, "other\n");
  setenv("PATH", path, 1);
  free(after), free(before), free(path);
}

static void a_folder_without_metrics_is_refused(void **state) {
  (void)state;
  host_error e;
  assert_int_equal(plot_run(in_dir("nowhere"), &e), -1);
  assert_non_null(strstr(e.text, "metrics.jsonl"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_come_back_with_their_fields_and_sources),
      cmocka_unit_test(a_line_under_way_is_left_out_and_other_damage_named),
      cmocka_unit_test(smoothing_is_a_centred_mean_that_keeps_straight_lines),
      cmocka_unit_test(a_run_becomes_two_pictures_with_every_curve),
      cmocka_unit_test(one_step_is_enough),
      cmocka_unit_test(a_missing_or_failing_gnuplot_is_said_and_changes_nothing),
      cmocka_unit_test(a_folder_without_metrics_is_refused),
  };
  return cmocka_run_group_tests(tests, made_dir_open, made_dir_close);
}
