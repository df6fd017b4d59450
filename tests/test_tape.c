/* data/tape.h: the same values as jansson finds, or an error with its place. */
#include "t.h"
#include "same_json.h"

/* Parses a copy of exactly n bytes. Free text. */
static int parse(tape *t, const char *text, size_t n, char **copy) {
  *copy = malloc(n ? n : 1);
  assert_non_null(*copy);
  if (n) memcpy(*copy, text, n);
  return tape_parse(t, *copy, n);
}

static void want_same(const char *text, size_t n) {
  tape t = {0};
  char *copy;
  json_error_t e;
  const int bad = parse(&t, text, n, &copy);
  json_t *j = json_loadb(text, n, JSON_ALLOW_NUL | JSON_DECODE_ANY, &e);
  if (j && bad) fail_msg("refused, but jansson reads it: %s: %.*s", t.why, (int)n, text);
  if (!j && !bad && !may_differ(e.text))
    fail_msg("read, but jansson says %s: %.*s", e.text, (int)n, text);
  if (j && !same_json(&t, t.value, j)) fail_msg("read as something else: %.*s", (int)n, text);
  json_decref(j);
  tape_free(&t);
  free(copy);
}

static const char *const texts[] = {"{}",
                                    "[]",
                                    " [ ] ",
                                    "{\"a\":1}",
                                    "[1,2,[3,[4]],{\"x\":{\"y\":[]}},[]]",
                                    "{\"a\":{},\"b\":[{}],\"a\":\"twice\"}",
                                    "\"plain text of more than eight bytes\"",
                                    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                    "\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\\u0000 end\"",
                                    "\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"",
                                    "[0,-0,1.5,-2e3,1E+2,1e-2,123456789]",
                                    "[true,false,null]",
                                    "\t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : null }\n"};

static void values_are_those_that_jansson_finds(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) want_same(texts[i], strlen(texts[i]));
}

/* Every prefix, and every byte replaced by each of the bytes that mean something. */
static void damaged_texts_are_refused_or_read_as_jansson_does(void **state) {
  (void)state;
  static const char bytes[] = "\"\\{}[],:0-1.eEtfnu /\n\x01\x1f\x7f";
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    const size_t n = strlen(texts[i]);
    char *copy = strdup(texts[i]);
    for (size_t k = 0; k < n; k++) want_same(texts[i], k);
    for (size_t k = 0; k < n; k++) {
      const char was = copy[k];
      if ((uint8_t)was >= 0x80) continue; /* readers pass valid UTF-8 only */
      for (size_t b = 0; b + 1 < sizeof bytes; b++) copy[k] = bytes[b], want_same(copy, n);
      copy[k] = was;
    }
    free(copy);
  }
}

static void want_error(const char *text, const char *why, size_t at, size_t lines) {
  tape t = {0};
  char *copy;
  assert_int_equal(parse(&t, text, strlen(text), &copy), -1);
  if (!strstr(t.why, why)) fail_msg("'%s' does not say '%s': %s", t.why, why, text);
  assert_int_equal(t.at, at);
  assert_int_equal(t.lines, lines);
  tape_free(&t);
  free(copy);
}

static void an_error_says_why_and_where(void **state) {
  (void)state;
  want_error("", "ends where a value", 0, 0);
  want_error("{\n\"a\": nil}", "neither a value", 7, 1);
  want_error("[1 2]", "comma or closing", 3, 0);
  want_error("[1}", "comma or closing", 2, 0);
  want_error("{\"a\" 1}", "colon", 5, 0);
  want_error("{1:2}", "name is missing", 1, 0);
  want_error("{\"a\":1,}", "name is missing", 7, 0);
  want_error("[\"ab", "does not end", 1, 0);
  want_error("[\"a\tb\"]", "control character", 3, 0);
  want_error("[\"a\\x\"]", "escape", 3, 0);
  want_error("[\"\\u12g4\"]", "escape", 2, 0);
  want_error("[01]", "neither a value", 1, 0);
  want_error("{} {}", "follows", 3, 0);
  want_error("[[1]", "ends inside", 4, 0);
}

static void half_a_surrogate_pair_becomes_the_replacement_character(void **state) {
  (void)state;
  static const char *const halves[] = {"\"a\\ud83d b\"", "\"a\\ude00 b\"", "\"a\\ud83d\\ud83d b\"",
                                       "\"a\\ud83d\\n b\""};
  for (size_t i = 0; i < 4; i++) {
    tape t = {0};
    char *copy;
    assert_int_equal(parse(&t, halves[i], strlen(halves[i]), &copy), 0);
    assert_int_equal(t.lone, i == 2 ? 2 : 1);
    assert_memory_equal(t.text + t.value->at, "a\xef\xbf\xbd", 4);
    assert_int_equal(t.text[t.value->at + t.value->size], 0);
    tape_free(&t);
    free(copy);
  }
}

static void the_limits_hold_at_and_one_past_each(void **state) {
  (void)state;
  const size_t n = 2 * (size_t)TAPE_VALUES_MAX + 16;
  char *text = malloc(n), *copy;
  assert_non_null(text);
  for (int over = 0; over < 2; over++) {
    tape t = {0};
    const size_t depth = TAPE_DEPTH_MAX + (size_t)over;
    memset(text, '[', depth), memset(text + depth, ']', depth);
    assert_int_equal(parse(&t, text, 2 * depth, &copy), over ? -1 : 0);
    if (over) assert_non_null(strstr(t.why, "levels"));
    tape_free(&t);
    free(copy);
  }
  size_t k = 0;
  for (text[k++] = '['; k + 1 < n; k += 2) text[k] = '1', text[k + 1] = ',';
  text[k - 1] = ']';
  tape t = {0};
  assert_int_equal(parse(&t, text, k, &copy), -1);
  assert_non_null(strstr(t.why, "values"));
  assert_true(t.count <= TAPE_VALUES_MAX);
  tape_free(&t);
  free(copy);
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_those_that_jansson_finds),
      cmocka_unit_test(damaged_texts_are_refused_or_read_as_jansson_does),
      cmocka_unit_test(an_error_says_why_and_where),
      cmocka_unit_test(half_a_surrogate_pair_becomes_the_replacement_character),
      cmocka_unit_test(the_limits_hold_at_and_one_past_each),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
