/* Personal data by its shape: what is found and, as its control, what looks like it and is not. */
#include "t.h"

#include "../data/personal.h"
#include <stdlib.h>
#include <string.h>

/* In a copy of exactly its size, so that a sanitizer sees a read behind it. */
static const char *find(const char *text) {
  const size_t n = strlen(text);
  char *exact = malloc(n + !n);
  assert_non_null(exact);
  memcpy(exact, text, n);
  const char *why = personal_find(exact, n);
  free(exact);
  return why;
}

static void what_reaches_a_person_is_found(void **state) {
  (void)state;
  static const char *const all[][2] = {
      {"Write to jane.doe+x@mail.example.org, please", "personal data: an e-mail address"},
      {"a_@b.io", "personal data: an e-mail address"},
      {"The phone number is 619-239-0512.", "personal data: a telephone number"},
      {"Call (619) 239-0512", "personal data: a telephone number"},
      {"(619)239-0512", "personal data: a telephone number"},
      {"call 1-800-555-0199 now", "personal data: a telephone number"},
      {"619.239.0512", "personal data: a telephone number"},
      {"+49 30 901820", "personal data: a telephone number"},
      {"+1-619-239-0512", "personal data: a telephone number"},
      {"card 4111 1111 1111 1111, exp 12/30", "personal data: a card number"},
      {"4111111111111111", "personal data: a card number"},
      {"4111-1111-1111-1111", "personal data: a card number"},
      {"SSN 078-05-1120", "personal data: an identity number"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    const char *why = find(all[i][0]);
    if (!why) fail_msg("nothing found in: %s", all[i][0]);
    assert_string_equal(why, all[i][1]);
  }
}

static void what_only_looks_like_it_is_left(void **state) {
  (void)state;
  static const char *const all[] = {"",
                                    "@",
                                    "me @ home",
                                    "@name said 5@3 and a@b",
                                    "a@b.c",
                                    "follow @ulm.",
                                    "In 1990-1995 and 2001-02-03 it grew by 10.5%",
                                    "The population is 1 234 567",
                                    "750,000 people at 12:30, gate 45",
                                    "4111 1111 1111 1112", /* Luhn's check fails */
                                    "0000000000000000",
                                    "ISBN 978-3-16-148410-0",
                                    "pi is 3.14159265358979323846",
                                    "2 + 3 = 5, +5, + 49",
                                    "619-239-05123",
                                    "619-239-051",
                                    "x619-239-0512",
                                    "078-05-112",
                                    "version 1.2.3.4",
                                    "100 200 300"};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    const char *why = find(all[i]);
    if (why) fail_msg("%s found in: %s", why, all[i]);
  }
}

static void every_cut_is_safe(void **state) {
  (void)state;
  const char *text =
      "(+1 (619) 239-0512 a@b.cd 4111 1111 1111 1111 078-05-1120 1.2.3.4.5.6.7.8.9.0";
  char part[128];
  for (size_t from = 0; from < strlen(text); from++)
    for (size_t n = 0; from + n <= strlen(text); n++) {
      memcpy(part, text + from, n), part[n] = 0;
      find(part);
    }
  assert_string_equal(find(text), "personal data: a telephone number");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_reaches_a_person_is_found),
      cmocka_unit_test(what_only_looks_like_it_is_left),
      cmocka_unit_test(every_cut_is_safe),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
