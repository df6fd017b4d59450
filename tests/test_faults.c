/* Openers of a known kind by clouds of a known fault: nothing lost, nothing said twice, nothing
 * hangs; and the judge sees what is broken on purpose. */
#include "t.h"

#include "../bench/faults.h"
#include "../bench/loopback.h"
#include "../bench/online.h"
#include "../bench/report.h"

static host_error e;

static const char *const replies[][2] = {
    {"How many people live in Seattle?",
     "The population of Seattle is about 750,000 people, and it grows every year."},
    {"Can penguins fly?", "No, penguins are birds that cannot fly, but they swim very well."},
    {"What is the capital of France?",
     "The capital of France is Paris, which lies on the river Seine. It is a large city."},
    {"Who wrote Hamlet?", "William Shakespeare was the man who wrote Hamlet around the year 1600."},
    {"How do I make tea?", "First you boil some water, then you let the leaves steep for a while."},
    {"Is the sun a star?", "Yes, the sun is a star, and it is the one nearest to the Earth."},
    {"How tall is Everest?",
     "The height of Mount Everest is 8,849 metres. It is the highest mountain on the Earth."},
    {"What do bees make?", "All the bees in a hive are busy with making honey from nectar."},
    {"When did Rome fall?",
     "The fall of Rome came in 476, when Odoacer took the city for himself."},
    {"What is an opener?", "An opener is what the device says first while the cloud still thinks."},
    {"Where is the Louvre?",
     "The Louvre in Paris is a museum (the largest of them all) by the Seine."},
    {"Who sang Thriller?", "The singer of Thriller was Michael Jackson, who sang it in 1982."}};
enum { PROMPTS = sizeof replies / sizeof *replies };
static ulm_message turns[PROMPTS];
static prompt items[PROMPTS];
static prompts known = {items, PROMPTS};
static spoken own[PROMPTS];

static int make_prompts(void **state) {
  (void)state;
  for (size_t i = 0; i < PROMPTS; i++) {
    turns[i] = (ulm_message){"user", replies[i][0], strlen(replies[i][0])};
    items[i] = (prompt){.turns = &turns[i], .count = 1, .reference = replies[i][1]};
    strcpy(own[i].o.text, i % 2 ? "Well, that is a good question." : "The answer to it is");
    own[i].o.size = (uint32_t)strlen(own[i].o.text);
  }
  return 0;
}

/* ---- seams ---- */

static int seam(const char *opener, const char *rest, const char *truth) {
  const judged j = {opener, rest, truth, "", 0};
  return !(judge(&j).breaks & BREAKS_SEAM);
}

static void fifty_broken_seams_are_seen(void **state) {
  (void)state;
  static const char *const whole[][2] = {
      /* opener, what goes on behind it */
      {"The population of Seattle is", " the number of its people."},
      {"The song you mean is New York,", " New York, as Sinatra sang it."},
      {"Setting a timer for ten minutes.", " I will ring when it is done."},
      {"Paris, the capital of France, lies", " on the river Seine."},
      {"As far as I know,", " it was in the year 1600."},
      {"First you boil some water and", " then you let it steep."},
      {"That is a good question.", " Bees make honey from nectar."},
      {"The largest museum in the U.S.", ", by far, is in New York."},
      {"He was the first man to", " of all things sing it."},
      {"Rome fell in the year", " 476 after Christ."}};
  int broken = 0;
  for (size_t i = 0; i < 10; i++) {
    const char *o = whole[i][0], *t = whole[i][1];
    char bad[256];
    assert_true(seam(o, t, t));
    const int glued = t[0] == ',';
    for (int k = 0; k < 5; k++) {
      switch (k) {
      case 0: /* no space */
        snprintf(bad, sizeof bad, "%s", t + 1 + glued);
        break;
      case 1: /* two */
        snprintf(bad, sizeof bad, "  %s", t + 1 + glued);
        break;
      case 2: /* a broken character */
        snprintf(bad, sizeof bad, " \xe2\x82%s", t);
        break;
      case 3: /* the last word again */
        snprintf(bad, sizeof bad, " %s%s", strrchr(o, ' ') + 1, t);
        break;
      default: /* the wrong case, or marks on both sides */
        if (o[strlen(o) - 1] == '.' && !glued)
          snprintf(bad, sizeof bad, " %c%s", t[1] | 32, t + 2);
        else if (o[strlen(o) - 1] == ',')
          snprintf(bad, sizeof bad, ",%s", t);
        else
          snprintf(bad, sizeof bad, " The%s", t);
      }
      if (seam(o, bad, t)) fail_msg("taken for whole: %s|%s", o, bad);
      broken++;
    }
  }
  assert_int_equal(broken, 50);
}

/* ---- openers ---- */

static void openers_of_every_kind_are_wrong_as_they_should_be(void **state) {
  (void)state;
  size_t made[OPENER_KINDS] = {0};
  for (int k = OPENER_TRUE; k < OPENER_KINDS; k++)
    for (size_t i = 0; i < PROMPTS; i++) {
      char a[ULM_OPENER_BYTES], b[ULM_OPENER_BYTES], truth[ULM_OPENER_BYTES];
      ulm_rng r = ulm_rng_seed(7, i), same = ulm_rng_seed(7, i), other = ulm_rng_seed(7, i);
      const size_t n = opener_make((opener_kind)k, &known, i, &r, a);
      assert_int_equal(opener_make((opener_kind)k, &known, i, &same, b), n);
      assert_string_equal(a, b);
      if (!n) continue;
      made[k]++;
      assert_true(opener_make(OPENER_TRUE, &known, i, &other, truth));
      const uint32_t words = ulm_word_count(a, n);
      if (words < 4 || words > 8) fail_msg("%s: %s", opener_kind_name((opener_kind)k), a);
      assert_int_equal(!strcmp(a, truth), k == OPENER_TRUE);
      assert_int_equal(!strncmp(replies[i][1], a, n), k == OPENER_TRUE);
    }
  assert_true(made[OPENER_TRUE] == PROMPTS && made[OPENER_TOPIC] == PROMPTS);
  assert_true(made[OPENER_ENTITY] >= 3 && made[OPENER_POLARITY] >= 4);
  char out[ULM_OPENER_BYTES];
  ulm_rng r = ulm_rng_seed(1, 1);
  assert_int_equal(opener_make(OPENER_OWN, &known, 0, &r, out), 0);
  assert_true(opener_make(OPENER_POLARITY, &known, 1, &r, out));
  assert_string_equal(out, "Yes, penguins are birds that cannot fly,");
  assert_true(opener_make(OPENER_POLARITY, &known, 2, &r, out));
  assert_string_equal(out, "The capital of France is not Paris,");
  static const char *const unspoken[] = {"# Tea\nBoil some water and let the leaves steep in it.",
                                         "- one two three four five six seven eight nine ten.",
                                         "Too short.",
                                         "No sentence ends in all of these ten words"};
  for (int i = 0; i < 4; i++) assert_null(reference_spoken(unspoken[i], 200));
  char *s = reference_spoken("One two three four five six seven eight nine ten. And more.\nx", 52);
  assert_string_equal(s, "One two three four five six seven eight nine ten.");
  free(s);
}

static void hear(void *user, const char *p, size_t n) { strncat(user, p, n); }

/* A repeat of nearly the bound that is held, whose last word ends behind it; a bracket of the
 * opener's at a repeat's start. */
static void long_repeats_and_brackets_are_dropped(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"Alexei Borisovich Aleksandrov, is not a Russian mathematician,", ""},
      {"Alexei Borisovich Aleksandrov, is not a Russian mathematicians,", ""},
      {"Jennings won the Gubernatorial Jennings won the Gubernatorial", ""},
      {"The Football Association Challenge The Football Association Challenge",
       "Football Association Challenge The Football Association Challenge"},
      {"I'm an Old Cowhand (From and of", "(From and of"}};
  for (size_t i = 0; i < 5; i++)
    for (size_t step = 1; step < 9; step++) {
      char in[256], out[256] = "";
      ulm_splice s;
      const int n =
          snprintf(in, sizeof in, "%s then it went on.", *cases[i][1] ? cases[i][1] : cases[i][0]);
      ulm_splice_begin(&s, cases[i][0], strlen(cases[i][0]));
      for (size_t at = 0; at < (size_t)n; at += step)
        ulm_splice_feed(&s, in + at, step < (size_t)n - at ? step : (size_t)n - at, hear, out);
      ulm_splice_end(&s, hear, out);
      assert_string_equal(out, " then it went on.");
    }
}

/* ---- trials ---- */

static trial_plan all(size_t n, uint64_t seed) {
  trial_plan p = {.p = &known, .own = own, .mode = -1, .seed = seed, .n = n};
  assert_int_equal(faults_named("all", p.faults, &e), 0);
  memset(p.kinds, 1, OPENER_KINDS);
  return p;
}

static void show_and_fail(const trial_plan *p, const trial *t, size_t i, const char *what) {
  char *j = json_dumps(trial_json(p->p, i, t), JSON_INDENT(1));
  fail_msg("%s: %s\ntruth: %s", what, j, t->truth);
}

static void nothing_is_lost_and_nothing_hangs_under_any_fault(void **state) {
  (void)state;
  const trial_plan p = all(FAULTS * OPENER_KINDS * 12, 3);
  trial *t = trials_run(&p, 2, &e);
  if (!t) fail_msg("%s", e.text);
  size_t seen[FAULTS] = {0}, seams = 0, recovered = 0, off = 0;
  for (size_t i = 0; i < p.n; i++) {
    const trial *x = &t[i];
    seen[x->fault]++;
    if (x->exact && (x->verdict.lost || x->verdict.repeated)) show_and_fail(&p, x, i, "words");
    if (x->got.hung || x->got.late) show_and_fail(&p, x, i, "time");
    if (x->verdict.breaks & BREAKS_UTF8) show_and_fail(&p, x, i, "UTF-8");
    if (!x->as_expected) show_and_fail(&p, x, i, "its end");
    seams += trial_seam(x);
    if (x->fault == FAULT_NONE && trial_recovered(x) >= 0) off++, recovered += trial_recovered(x);
    if (x->fault == FAULT_CONTRADICTION && x->mode != ULM_RECOVER_EXPLICIT &&
        x->outcome == OUTCOME_RECOVERED)
      assert_int_equal(trial_bridged(x), 0); /* a blunt bridge is seen */
    if (x->fault == FAULT_LANGUAGE) assert_true(trial_recovered(x) <= 0);
    if (x->got.state == ULM_HANDOFF_CLOSED)
      assert_non_null(strstr(x->got.spoken + x->got.close, "ask me again"));
    else
      assert_int_equal(x->got.close, strlen(x->got.spoken));
  }
  assert_true((double)seams >= 0.99 * (double)p.n);
  assert_true(off > 30 && recovered == off);
  for (int f = 0; f < FAULTS; f++) assert_int_equal(seen[f], OPENER_KINDS * 12);
  json_t *s = faults_section("m", &p, t, 3);
  assert_int_equal(json_array_size(json_object_get(s, "faults")), FAULTS);
  assert_int_equal(json_array_size(json_object_get(s, "kinds")), OPENER_KINDS);
  json_decref(s);
  trials_free(t, p.n);
}

static void a_seed_is_all_that_matters(void **state) {
  (void)state;
  const trial_plan p = all(FAULTS * 3, 5), q = all(FAULTS * 3, 6);
  trial *a = trials_run(&p, 1, &e), *b = trials_run(&p, 3, &e), *c = trials_run(&q, 3, &e);
  size_t differ = 0;
  for (size_t i = 0; i < p.n; i++) {
    json_t *x = trial_json(p.p, i, &a[i]), *y = trial_json(p.p, i, &b[i]);
    assert_true(json_equal(x, y));
    json_decref(x), json_decref(y);
    differ += strcmp(a[i].got.spoken, c[i].got.spoken) != 0;
  }
  assert_true(differ > p.n / 2);
  trials_free(a, p.n), trials_free(b, p.n), trials_free(c, p.n);
}

/* The same over sockets; those whose times are short. */
static void over_loopback_the_same_is_said(void **state) {
  (void)state;
  trial_plan p = all(0, 11);
  assert_int_equal(
      faults_named("none,repeat,split-utf8,disconnect,400,500,sse-cr,sse-error", p.faults, &e), 0);
  p.n = 16;
  trial *a = trials_run(&p, 2, &e);
  p.wall = 1;
  trial *b = trials_run(&p, 2, &e);
  if (!a || !b) fail_msg("%s", e.text);
  for (size_t i = 0; i < p.n; i++) {
    if (strcmp(a[i].got.spoken, b[i].got.spoken)) show_and_fail(&p, &b[i], i, a[i].got.spoken);
    assert_int_equal(a[i].got.state, b[i].got.state);
    assert_int_equal(a[i].got.attempts, b[i].got.attempts);
    assert_false(b[i].got.hung || b[i].got.late);
    assert_true(b[i].got.end_ms > a[i].got.end_ms - 50 && b[i].got.end_ms < a[i].got.end_ms + 1500);
  }
  json_t *j = faults_wall(a, b, p.n);
  assert_int_equal(json_integer_value(json_object_get(j, "same")), p.n);
  json_decref(j);
  trials_free(a, p.n), trials_free(b, p.n);
}

/* ---- an endpoint ---- */

static void reply_to_any(void *user, const loopback_request *q, size_t index, wire *w) {
  static const char whole[] = "data: {\"choices\":[{\"delta\":{\"content\":\" hard to say, but "
                              "Paris lies on the Seine.\"}}]}\n\ndata: [DONE]\n\n",
                    twice[] = "data: {\"choices\":[{\"delta\":{\"content\":\"- it it\"}}]}\n\n"
                              "data: {\"error\":\"no more\"}\n\n";
  (void)user;
  wire_begin(w, 200, "text/event-stream");
  const char *s = strstr(q->body, "Hamlet") ? twice : whole;
  if (strcmp(q->method, "HEAD")) wire_add(w, 5 + (double)(index % 3), s, strlen(s));
}

static void an_endpoint_is_judged_without_the_truth(void **state) {
  (void)state;
  unsetenv("ULM_API_KEY");
  loopback *server = loopback_open(reply_to_any, NULL, &e);
  assert_non_null(server);
  char url[64];
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", loopback_port(server));
  endpoint *c =
      endpoint_open(&(endpoint_options){.url = url, .profile = "chat", .model = "<m>"}, &e);
  assert_non_null(c);
  const online_plan plan = {&known, own, c, 0, 32};
  trial *t = online_run(&plan);
  for (size_t i = 0; i < PROMPTS; i++) {
    assert_int_equal(t[i].got.state, i == 3 ? ULM_HANDOFF_CLOSED : ULM_HANDOFF_DONE);
    if (i != 3) assert_true(trial_seam(&t[i]));
  }
  assert_true(trial_overlap(&known, &t[2]) > 0.3 && trial_overlap(&known, &t[4]) < 0.3);
  json_t *s = online_section("m", url, &plan, t, 1, 3), *all = json_pack("{so}", "online", s);
  assert_int_equal(json_integer_value(json_object_get(s, "n")), PROMPTS);
  assert_true(json_is_true(json_object_get(s, "instructed")));
  char *page = NULL;
  size_t size;
  FILE *f = open_memstream(&page, &size);
  report_html(f, all);
  online_text(f, s);
  fclose(f);
  assert_non_null(strstr(page, "&lt;m&gt;, by instructions"));
  assert_non_null(strstr(page, "91.7%"));
  free(page), json_decref(all);
  trials_free(t, PROMPTS);
  endpoint_close(c), loopback_close(server);
}

/* A section from a folder may say anything: it is text on the page. */
static void the_pages_of_trials_and_matrices_hold_text_alone(void **state) {
  (void)state;
  json_error_t why;
  json_t *all = json_loads(
      "{\"faults\": {\"model\": \"<i>\", \"n\": 1, \"faults\": [{\"name\": \"<i>\", \"what\": "
      "\"</title><i>\", \"surprise\": {\"spoken\": 1, \"unspliced\": 2}}], \"surprise\": {}, "
      "\"kinds\": [{\"name\": \"<i>\", \"recovered\": {\"mean\": 1}}], \"examples\": [{\"state\": "
      "\"done\", \"prompt\": \"<i>\", \"opener\": \"<i>\", \"spoken\": \"<i>\", \"close\": "
      "\"<i>\", \"fault\": \"<i>\", \"kind\": \"<i>\", \"mode\": \"<i>\", \"failures\": "
      "[\"<i>\"]}]}, \"matrix\": {\"openers\": [\"<i>\"], \"continuators\": [\"<i>\"], \"cells\": "
      "[{\"good\": {\"mean\": 1}}]}, \"online\": {\"served\": \"<i>\"}}",
      0, &why);
  if (!all) fail_msg("%s", why.text);
  char *page = NULL;
  size_t size;
  FILE *f = open_memstream(&page, &size);
  report_html(f, all);
  fclose(f);
  assert_null(strstr(page, "<i>"));
  assert_non_null(strstr(page, "&lt;i&gt;"));
  assert_null(strstr(page, "nan"));
  free(page), json_decref(all);
}

static void names_are_checked(void **state) {
  (void)state;
  uint8_t set[FAULTS];
  assert_int_equal(faults_named("stall,none", set, &e), 0);
  assert_true(set[FAULT_STALL] && set[FAULT_NONE] && !set[FAULT_MUTE]);
  assert_int_equal(faults_named("stall,nothing", set, &e), -1);
  assert_non_null(strstr(e.text, "'nothing'"));
  assert_non_null(strstr(e.text, "sse-oversize"));
  for (int f = 0; f < FAULTS; f++) {
    assert_true(strlen(fault_what((fault)f)) > 3);
    assert_int_equal(faults_named(fault_name((fault)f), set, &e), 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fifty_broken_seams_are_seen),
      cmocka_unit_test(openers_of_every_kind_are_wrong_as_they_should_be),
      cmocka_unit_test(long_repeats_and_brackets_are_dropped),
      cmocka_unit_test(nothing_is_lost_and_nothing_hangs_under_any_fault),
      cmocka_unit_test(a_seed_is_all_that_matters),
      cmocka_unit_test(over_loopback_the_same_is_said),
      cmocka_unit_test(an_endpoint_is_judged_without_the_truth),
      cmocka_unit_test(the_pages_of_trials_and_matrices_hold_text_alone),
      cmocka_unit_test(names_are_checked)};
  return cmocka_run_group_tests_name("faults", tests, make_prompts, NULL);
}
