/* train/live.c: what a person sees of a training, at every width. */
#include "t.h"
#include "train/live.h"

#include <math.h>

static const live_fields usual = {.step = 12345,
                                  .steps = 20000,
                                  .bytes = 612ull << 20,
                                  .loss = 3.2143,
                                  .val = 3.3012,
                                  .lr = 1.5e-3,
                                  .grad_norm = 0.421,
                                  .rate = 3411,
                                  .mfu = 0.6234,
                                  .left = 5025};

static void all_fields_stand_in_a_line_of_eighty(void **state) {
  (void)state;
  char line[512];
  live_format(line, sizeof line, &usual, 79);
  assert_string_equal(
      line, "12345/20000 loss 3.214 val 3.301 lr 1.5e-3 g 0.42 3.41k/s MFU 62% 1:23:45 612M");
  assert_true(strlen(line) < 80);
}

static void wider_terminals_get_words_and_a_bar(void **state) {
  (void)state;
  char line[512];
  live_format(line, sizeof line, &usual, 90);
  assert_string_equal(
      line, "12345/20000 loss 3.214 val 3.301 lr 1.5e-3 |g| 0.42 3.41k tok/s MFU 62% 1:23:45 612M");
  live_format(line, sizeof line, &usual, 200);
  assert_string_equal(line, "[#########.......]  step 12345/20000  loss 3.214  val 3.301  lr 1.5e-3"
                            "  |g| 0.42  3.41k tok/s  MFU 62%  1:23:45 left  612 MB");
  live_format(line, sizeof line, &usual, 0); /* a file: all, without a bar */
  assert_string_equal(line, "step 12345/20000  loss 3.214  val 3.301  lr 1.5e-3  |g| 0.42  "
                            "3.41k tok/s  MFU 62%  1:23:45 left  612 MB");
}

static void narrow_ones_lose_what_matters_least_and_never_overflow(void **state) {
  (void)state;
  char line[512];
  live_format(line, sizeof line, &usual, 60);
  assert_string_equal(line, "12345/20000 loss 3.214 val 3.301 3.41k/s MFU 62% 1:23:45");
  for (int columns = 31; columns < 250; columns++) {
    live_format(line, sizeof line, &usual, columns);
    if ((int)strlen(line) > columns) fail_msg("%d: %s", columns, line);
    assert_non_null(strstr(line, "loss 3.214"));
    assert_non_null(strstr(line, "1:23:45"));
  }
}

static void what_is_not_known_is_left_out(void **state) {
  (void)state;
  char line[512];
  live_fields x = usual;
  x.val = INFINITY, x.mfu = NAN;
  live_format(line, sizeof line, &x, 0);
  assert_null(strstr(line, "val"));
  assert_null(strstr(line, "MFU"));
  assert_null(strstr(line, "nan"));
}

static void extreme_numbers_keep_to_the_line(void **state) {
  (void)state;
  char line[512];
  const live_fields x = {.step = UINT64_MAX,
                         .steps = UINT64_MAX,
                         .bytes = UINT64_MAX,
                         .loss = 1e300,
                         .val = -1e300,
                         .lr = 1e-300,
                         .grad_norm = 1e30,
                         .rate = 1e18,
                         .mfu = 1e9,
                         .left = 1e300};
  for (int columns = 0; columns < 400; columns += 7) live_format(line, sizeof line, &x, columns);
  assert_true(strlen(line) < sizeof line);
}

static void times_read_as_people_say_them(void **state) {
  (void)state;
  static const struct {
    double s;
    const char *text;
  } want[] = {{0, "0 s"},          {59.9, "59 s"},       {60, "1:00"},
              {754, "12:34"},      {3599, "59:59"},      {3600, "1:00:00"},
              {86399, "23:59:59"}, {86400, "1 d 00:00"}, {200000, "2 d 07:33"},
              {-1, "0 s"},         {NAN, "0 s"},         {1e300, "0 s"}};
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
    char got[24];
    live_time(got, want[i].s);
    assert_string_equal(got, want[i].text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_fields_stand_in_a_line_of_eighty),
      cmocka_unit_test(wider_terminals_get_words_and_a_bar),
      cmocka_unit_test(narrow_ones_lose_what_matters_least_and_never_overflow),
      cmocka_unit_test(what_is_not_known_is_left_out),
      cmocka_unit_test(extreme_numbers_keep_to_the_line),
      cmocka_unit_test(times_read_as_people_say_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
