/* The splice, the synthetic continuator, the judge and the timeline. */
#include "t.h"

#include "../bench/continuator.h"
#include "../bench/judge.h"
#include "../bench/timeline.h"

typedef struct {
  char text[4096];
  size_t n;
  int half; /* something given out was not whole characters */
} heard;

static void emit(void *user, const char *p, size_t n) {
  heard *h = user;
  for (size_t i = 0, k; i < n; i += k) {
    k = ulm_utf8_len((const uint8_t *)p + i, n - i);
    if (!k) {
      h->half = 1;
      break;
    }
  }
  assert_true(h->n + n < sizeof h->text);
  memcpy(h->text + h->n, p, n);
  h->n += n;
  h->text[h->n] = 0;
}

/* Splices with the stream cut into pieces by `r`; NULL: in one piece. */
static const char *splice(heard *h, const char *opener, const char *stream, size_t n, ulm_rng *r) {
  ulm_splice s;
  *h = (heard){.n = 0};
  ulm_splice_begin(&s, opener, strlen(opener));
  for (size_t at = 0; at < n;) {
    size_t k = r ? 1 + ulm_rng_below(r, 7) : n;
    if (k > n - at) k = n - at;
    ulm_splice_feed(&s, stream + at, k, emit, h);
    at += k;
  }
  ulm_splice_end(&s, emit, h);
  assert_false(h->half);
  return h->text;
}

static const struct {
  const char *opener, *stream, *want;
} cases[] = {
    /* plain */
    {"The population of Seattle is", " about 750,000.", " about 750,000."},
    {"The population of Seattle is", "about 750,000.", " about 750,000."},
    {"The population of Seattle is", "  \n about 750,000.", " about 750,000."},
    {"Setting a timer for ten minutes.", " I'll ring.", " I'll ring."},
    {"Setting a timer for ten minutes.", "i'll ring.", " I'll ring."},
    /* marks of Markdown behind a mark */
    {"The air in Tel Aviv", ", **and** here it is, with 2*3.", ", and here it is, with 2*3."},
    {"The air in Tel Aviv", ", _or,_ `so`: 2*3*4.", ", or, `so`: 2*3*4."},
    {"The air in Tel Aviv", ",\n* a\n* b", ",\n a\n* b"},
    {"The air in Tel Aviv", ", as 2*3*4.", ", as 2*3*4."},
    /* quotation marks around all of it */
    {"And in Serbian, it goes like this.", "\". I'll show it.\"", " I'll show it."},
    {"The hot tub now has", "\", sorry, it is cold.\"", ", sorry, it is cold."},
    {"The song is called", "\"Yesterday\".", " \"Yesterday\"."},
    {"The song is called", "\"", " \""},
    /* control characters */
    {"It is",
     "\x1b[2J about\x07 \x1b]0;x\x07 7\x7f"
     "5 \xc2\x9b"
     "31m\tof\x01.",
     " [2J about ]0;x 75 31m\tof."},
    {"It is", " a\r\nb\rc\vd\f.", " a \nb c d ."},
    {"It is", "\r\n\x01\r\x02 good.", " good."},
    {"It is", " \xc2\xa0na\xc3\xafve \xe2\x80\x93 so.", " na\xc3\xafve \xe2\x80\x93 so."},
    /* case */
    {"The capital of France is", "The city of Paris.", " the city of Paris."},
    {"The capital of France is", "Paris.", " Paris."},
    {"The man who said so is", "I.", " I."},
    {"It belongs to", "NASA.", " NASA."},
    {"It opened in May,", "And it closed in June.", " and it closed in June."},
    /* repeats */
    {"The population of Seattle is", "The population of Seattle is about 750,000.",
     " about 750,000."},
    {"The population of Seattle is", "\"The population of Seattle is\" about 750,000.",
     " about 750,000."},
    {"The population of Seattle is", "the population of seattle is, as of today, 750,000.",
     ", as of today, 750,000."},
    {"The population of Seattle is", "of Seattle is about 750,000.", " about 750,000."},
    {"The population of Seattle is", "Seattle is about 750,000.", " about 750,000."},
    {"The population of Seattle is", "is about 750,000.", " about 750,000."},
    {"The population of Seattle is", "...is about 750,000.", " about 750,000."},
    {"The population of Seattle is", "Seattle has 750,000 people.", " Seattle has 750,000 people."},
    {"Your timer is set.", "Your timer is set. Enjoy.", " Enjoy."},
    {"And in Serbian And in Serbian", "And in Serbian, and there it ends.", ", and there it ends."},
    {"And in Serbian And in Serbian", "And in Serbian and so on.", " and so on."},
    /* what only looks like a repeat */
    {"The song is called New York,", " New York, by Sinatra.", " New York, by Sinatra."},
    {"It is a very, very", "very long way.", " very long way."},
    {"He said that it's", "It is fine.", " it is fine."},
    {"I think it is", "isotropic.", " isotropic."},
    /* marks */
    {"Well, the answer is yes,", ", and more.", " and more."},
    {"Dinner is at seven.", ". Bring bread.", " Bring bread."},
    {"Dinner is at seven", ". Bring bread.", ". Bring bread."},
    {"Dinner is at seven", "... sharp.", " sharp."},
    {"Dinner is at seven", "\xe2\x80\xa6 sharp.", " sharp."},
    {"She likes Paris", "'s cafes.", "'s cafes."},
    {"Is it raining?", "? No.", " No."},
    /* what is not speech */
    {"The first step is", "Sure, here is the continuation: to boil water.", " to boil water."},
    {"The first step is", "Continuation:\nto boil water.", " to boil water."},
    {"The first step is", "assistant: to boil water.", " to boil water."},
    {"The first step is", "## Steps\nto boil water.", " to boil water."},
    {"The first step is", "**to boil** water.", " to boil water."},
    {"The first step is", "sure to come.", " sure to come."},
    {"The first step is", "here: boil water.", " here: boil water."},
    {"", "Hello there.", "Hello there."},
    {"Good morning to you.", "", ""},
    {"Good morning to you.", "   ", ""},
    {"A friendly robot says", "\xf0\x9f\x91\x8b hello.", " \xf0\x9f\x91\x8b hello."},
    {"In Japanese that is", "\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf.",
     " \xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf."},
    {"That byte is", "\xff bad.", " \xef\xbf\xbd bad."},
    {"That character is", "cut \xe3\x81", " cut \xef\xbf\xbd\xef\xbf\xbd"},
};
enum { CASES = sizeof cases / sizeof *cases };

static void the_seam_comes_out_as_written_down(void **state) {
  (void)state;
  heard h;
  for (int i = 0; i < CASES; i++) {
    const char *got = splice(&h, cases[i].opener, cases[i].stream, strlen(cases[i].stream), NULL);
    if (strcmp(got, cases[i].want))
      fail_msg("\"%s\" + \"%s\": \"%s\" instead of \"%s\"", cases[i].opener, cases[i].stream, got,
               cases[i].want);
  }
}

static void any_cut_of_the_stream_gives_the_same(void **state) {
  (void)state;
  static heard whole, cut;
  ulm_rng r = ulm_rng_seed(7, 1);
  static const char *const parts[] = {"The ",
                                      "population ",
                                      "of ",
                                      "New York",
                                      ", ",
                                      "is",
                                      " ",
                                      "... ",
                                      "\"",
                                      "\n",
                                      "# ",
                                      "sure",
                                      ": ",
                                      "\xe2\x80\xa6",
                                      "\xe2\x80",
                                      "\xff",
                                      "\xf0\x9f\x91\x8b",
                                      "it's",
                                      "'",
                                      "-",
                                      ".",
                                      "continuation",
                                      "answer",
                                      "A",
                                      "I",
                                      "**",
                                      "?",
                                      "750,000"};
  for (int round = 0; round < 20000; round++) {
    char opener[200] = "", stream[600] = "";
    for (uint32_t k = ulm_rng_below(&r, 9); k; k--) strcat(opener, parts[ulm_rng_below(&r, 28)]);
    for (uint32_t k = ulm_rng_below(&r, 24); k; k--) strcat(stream, parts[ulm_rng_below(&r, 28)]);
    splice(&whole, opener, stream, strlen(stream), NULL);
    for (int again = 0; again < 3; again++)
      assert_string_equal(splice(&cut, opener, stream, strlen(stream), &r), whole.text);
  }
}

static void a_long_undecided_seam_is_let_go_within_its_bound(void **state) {
  (void)state;
  static heard h;
  ulm_splice s;
  char spaces[1000];
  memset(spaces, ' ', sizeof spaces);
  h.n = 0;
  ulm_splice_begin(&s, "It is", 5);
  for (size_t i = 0; i < sizeof spaces; i++) {
    ulm_splice_feed(&s, spaces + i, 1, emit, &h);
    assert_true(s.held_size <= ULM_SPLICE_HOLD);
  }
  ulm_splice_feed(&s, "here.", 5, emit, &h);
  ulm_splice_end(&s, emit, &h);
  assert_non_null(strstr(h.text, "here."));
}

static void no_word_is_lost_or_repeated_over_many_streams(void **state) {
  (void)state;
  static heard h;
  static const char *const words[] = {"river",   "stone", "Lisbon", "seven", "and", "the",
                                      "quickly", "New",   "York",   "we",    "ran", "blue"};
  ulm_rng r = ulm_rng_seed(3, 3);
  int repeats = 0;
  for (int round = 0; round < 5000; round++) {
    char opener[200] = "", rest[400] = "", stream[700];
    for (uint32_t k = 4 + ulm_rng_below(&r, 5), first = 1; k; k--, first = 0)
      strcat(strcat(opener, first ? "" : " "), words[ulm_rng_below(&r, 12)]);
    strcat(opener, " x"); /* a last word that the rest never begins with */
    for (uint32_t k = 3 + ulm_rng_below(&r, 20); k; k--)
      strcat(strcat(rest, " "), words[ulm_rng_below(&r, 12)]);
    strcat(rest, ".");
    const int repeat = (int)ulm_rng_below(&r, 2); /* the fault: the opener is said again */
    snprintf(stream, sizeof stream, "%s%s", repeat ? opener : "", rest);
    const char *said = splice(&h, opener, stream, strlen(stream), &r);
    const judged j = {opener, said, rest, "", 0};
    const verdict v = judge(&j);
    if (v.lost || v.repeated) fail_msg("\"%s\" + \"%s\" -> \"%s\"", opener, stream, said);
    repeats += repeat;
    /* The control: without the splice a repeated opener is seen. */
    const judged raw = {opener, stream, rest, "", 0};
    assert_int_equal(judge(&raw).repeated > 0, repeat);
  }
  assert_in_range(repeats, 2000, 3000);
}

/* ---- judge ---- */

static uint32_t breaks(const char *opener, const char *spoken, const char *truth,
                       const char *bridge, int explicit_mode) {
  const judged j = {opener, spoken, truth, bridge, explicit_mode};
  return judge(&j).breaks;
}

static void each_rule_sees_the_seam_that_breaks_it_and_no_other(void **state) {
  (void)state;
  const char *o = "The population of Seattle is", *t = " about 750,000.";
  assert_int_equal(breaks(o, t, t, "", 0), 0);
  assert_int_equal(breaks(o, " about \xff 750,000.", t, "", 0) & BREAKS_UTF8, BREAKS_UTF8);
  assert_int_equal(breaks(o, " 750,000.", t, "", 0), BREAKS_WORDS);
  assert_int_equal(breaks(o, " is about 750,000.", t, "", 0), BREAKS_WORDS | BREAKS_TWICE);
  assert_int_equal(breaks(o, "  about 750,000.", t, "", 0), BREAKS_SPACE);
  assert_int_equal(breaks("It is seven,", ", about 750,000.", t, "", 0), BREAKS_MARKS);
  assert_int_equal(breaks(o, " The number.", " the number.", "", 0), BREAKS_CASE);
  assert_int_equal(breaks("Done now, all of it.", " about 750,000.", t, "", 0), BREAKS_CASE);
  assert_int_equal(breaks(o, " about 750,000", t, "", 0), BREAKS_END);
  assert_int_equal(
      breaks(o, t, t, " one two three four five six seven eight nine ten eleven twelve", 0), 0);
  assert_int_equal(
      breaks(o, t, t, " one two three four five six seven eight nine ten eleven twelve thirteen",
             0),
      BREAKS_BRIDGE);
  assert_int_equal(breaks(o, t, t, " that was wrong:", 0), BREAKS_BRIDGE);
  assert_int_equal(breaks(o, t, t, " that was wrong:", 1), 0);
  const judged lost = {o, " 750,000.", t, "", 0}, twice = {o, " about about 750,000.", t, "", 0};
  assert_int_equal(judge(&lost).lost, 1);
  assert_int_equal(judge(&twice).repeated, 1);
}

/* ---- continuator ---- */

static continuation c, d;
static host_error e;

static void the_continuator_goes_on_joins_or_recovers(void **state) {
  (void)state;
  const char *ref = "Setting a timer for ten minutes. I'll ring when it's done.";
  handoff h = {"Setting a timer for ten", ref, "ten minutes", ULM_RECOVER_REDIRECT, 1};
  assert_int_equal(synthetic_continue(&h, &c, &e), 0);
  assert_int_equal(c.outcome, OUTCOME_CONTINUED);
  assert_string_equal(c.text, " minutes. I'll ring when it's done.");
  h.opener = "Your ten minutes start now.";
  assert_int_equal(synthetic_continue(&h, &c, &e), 0);
  assert_int_equal(c.outcome, OUTCOME_JOINED);
  assert_string_equal(c.text, " I'll ring when it's done.");
  h.opener = "Your twelve minutes start now.";
  assert_int_equal(synthetic_continue(&h, &c, &e), 0);
  assert_int_equal(c.outcome, OUTCOME_RECOVERED);
  assert_non_null(strstr(c.text, ref));
}

static void every_bridge_obeys_the_rules_behind_fragments_and_sentences(void **state) {
  (void)state;
  static heard h;
  const char *ref = "Rain in Oslo is likely. Take a coat.",
             *openers[] = {"The weather in Rome this", "The weather in Rome,",
                           "It is dry in Rome."};
  for (int m = 0; m < ULM_RECOVERIES; m++)
    for (int k = 0; k < 3; k++)
      for (uint64_t seed = 0; seed < 40; seed++) {
        const handoff hand = {openers[k], ref, "Oslo", (ulm_recovery)m, seed};
        assert_int_equal(synthetic_continue(&hand, &c, &e), 0);
        assert_int_equal(c.outcome, OUTCOME_RECOVERED);
        ulm_splice s;
        h.n = 0;
        ulm_splice_begin(&s, openers[k], strlen(openers[k]));
        for (uint32_t i = 0; i < c.count; i++)
          ulm_splice_feed(&s, c.text + c.pieces[i].from, c.pieces[i].size, emit, &h);
        ulm_splice_end(&s, emit, &h);
        char bridge[200];
        snprintf(bridge, sizeof bridge, "%.*s", (int)c.bridge, c.text);
        assert_true(*bridge);
        const uint32_t b = breaks(openers[k], h.text, c.text, bridge, m == ULM_RECOVER_EXPLICIT);
        if (b) fail_msg("\"%s\"%s breaks %x", openers[k], h.text, b);
      }
}

static void the_continuator_is_deterministic_and_its_delays_are_as_stated(void **state) {
  (void)state;
  double sum = 0, least = 1e9, most = 0;
  handoff h = {"Setting a timer for ten", "Setting a timer for ten minutes. I'll ring.", NULL,
               ULM_RECOVER_HUMOR, 0};
  for (h.seed = 0; h.seed < 2000; h.seed++) {
    assert_int_equal(synthetic_continue(&h, &c, &e), 0);
    const double ms = c.pieces[0].ms;
    sum += ms < 900, least = ms < least ? ms : least, most = ms > most ? ms : most;
    for (uint32_t i = 1; i < c.count; i++) {
      const double wait = c.pieces[i].ms - c.pieces[i - 1].ms;
      assert_true(wait > 19.999 && wait < 60.001);
    }
  }
  assert_true(sum > 900 && sum < 1100); /* half are below the median */
  assert_true(least >= 300 && least < 350 && most <= 4000 && most > 3000);
  h.seed = 5;
  synthetic_continue(&h, &c, &e), synthetic_continue(&h, &d, &e);
  assert_string_equal(c.text, d.text);
  assert_int_equal(c.count, d.count);
  for (uint32_t i = 0; i < c.count; i++)
    assert_true(c.pieces[i].ms == d.pieces[i].ms && c.pieces[i].size == d.pieces[i].size);
  h.seed = 6;
  synthetic_continue(&h, &d, &e);
  assert_true(c.pieces[0].ms != d.pieces[0].ms); /* the control */
}

static void a_reference_that_does_not_fit_is_refused(void **state) {
  (void)state;
  static char long_ref[CONTINUATION_MAX + 10];
  memset(long_ref, 'a', sizeof long_ref - 1);
  const handoff h = {"Something else entirely here", long_ref, NULL, ULM_RECOVER_HUMOR, 0};
  assert_int_equal(synthetic_continue(&h, &c, &e), -1);
}

static void speech_covers_the_delay_as_the_arithmetic_says(void **state) {
  (void)state;
  timeline t = timeline_of(5, 100, 900); /* speech from 100 to 2100 ms */
  assert_true(t.speech_end_ms == 2100 && t.masked_ms == 900 && t.gap_ms == 0);
  t = timeline_of(4, 10, 3010);
  assert_true(t.speech_end_ms == 1610 && t.masked_ms == 1610 && t.gap_ms == 1400);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_seam_comes_out_as_written_down),
      cmocka_unit_test(any_cut_of_the_stream_gives_the_same),
      cmocka_unit_test(a_long_undecided_seam_is_let_go_within_its_bound),
      cmocka_unit_test(no_word_is_lost_or_repeated_over_many_streams),
      cmocka_unit_test(each_rule_sees_the_seam_that_breaks_it_and_no_other),
      cmocka_unit_test(the_continuator_goes_on_joins_or_recovers),
      cmocka_unit_test(every_bridge_obeys_the_rules_behind_fragments_and_sentences),
      cmocka_unit_test(the_continuator_is_deterministic_and_its_delays_are_as_stated),
      cmocka_unit_test(a_reference_that_does_not_fit_is_refused),
      cmocka_unit_test(speech_covers_the_delay_as_the_arithmetic_says),
  };
  return cmocka_run_group_tests_name("handoff", tests, NULL, NULL);
}
