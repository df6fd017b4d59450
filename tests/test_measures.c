/* What openers are worth: each measure by hand, the panel of speakers, and the section made of it.
 */
#include "greedy_model.h"
#include <math.h>

#include "../bench/models.h"
#include "../bench/report.h"
#include "../bench/standing.h"

static host_error e;
#define near(a, b) assert_true(fabs((a) - (b)) < 1e-9)

/* ---- of one text ---- */

static void the_contract_is_four_to_eight_whole_clean_words(void **state) {
  (void)state;
  assert_true(keeps_contract("It is a good") && keeps_contract("It is far, about 12 miles or so"));
  assert_false(keeps_contract("It is far") || keeps_contract(""));
  assert_false(keeps_contract("One two three four five six seven eight nine"));
  assert_false(keeps_contract("It is a \xff good one"));
  assert_false(keeps_contract("It is a \xef\xbf\xbd good one"));
  assert_false(keeps_contract("It is a good <|im_end|>"));
}

static void a_word_or_a_pair_said_twice_is_repetition(void **state) {
  (void)state;
  assert_true(repeats("It is is far") && repeats("The, the cat"));
  assert_true(repeats("The first time of the first time is") && repeats("a b a b"));
  assert_false(repeats("The end of the road is near") || repeats("a b b2 a") || repeats("") ||
               repeats("one"));
}

/* ---- of all ---- */

static prompt made_prompt(const char *reference, const char *source) {
  static ulm_message turn = {"user", "what is it", 10};
  return (prompt){.turns = &turn, .count = 1, .reference = reference, .source = source};
}

static void values_are_as_by_hand_at_every_length(void **state) {
  (void)state;
  prompt items[5] = {made_prompt("It is red and far away from here", "a"),
                     made_prompt("Cats sleep all day", "a"), made_prompt(NULL, "b"),
                     made_prompt("The dog", "b"), made_prompt("...", "b")};
  const prompts p = {items, 5};
  const char *texts[5] = {"It is the red house over there", "It is the red one",
                          "It is the red one", "It is the red one", NULL};
  grounded g[5] = {
      {.nats = {4, 6, 8}, .bytes = {8, 12, 16}, .picked = {0, 1, 1}},
      {.nats = {4, 5, 5}, .bytes = {8, 10, 10}, .picked = {1, 1, 1}, .span = {1, 0, 0}},
      {.nats = {9, 9, 9}, .bytes = {9, 9, 9}, .picked = {0.5, 0.5, 0.5}},
      {.nats = {9, 9, 9}, .bytes = {0, 0, 0}},
      {.picked = {NAN, NAN, NAN}}};
  const double loss[5][2 * CUTS] = {{1, 2, 3, 4, 5, 6},
                                    {3, 4, 5, 6, 7, 8},
                                    {NAN, NAN, NAN, NAN, NAN, NAN},
                                    {2, 2, 2, 2, 2, 2},
                                    {NAN, NAN, NAN, NAN, NAN, NAN}};
  spoken free[5] = {{.o = {.text = "It is a house", .ended = 1}},
                    {.o = {.text = "It is a house", .ended = 0}},
                    {.o = {.text = "It is", .ended = 1}}};
  const speaker s = {"s", texts, free, g, loss};
  values v;
  values_take(&v, &s, &p, 2, NULL);
  assert_int_equal(v.spoken, 4);
  near(v.distinct, 2.0 / 4);
  assert_int_equal(v.most, 1);
  json_t *j = values_json(&v, &s, 2, 1), *few;
#define mean(key) json_number_value(json_object_get(json_object_get(j, key), "mean"))
#define of(key)   json_integer_value(json_object_get(json_object_get(j, key), "n"))
  near(mean("contract"), 1), near(mean("contract_unforced"), 1.0 / 5);
  near(mean("loss"), (3 + 5 + 2) / 3.0), near(mean("loss_byte"), (6 + 8 + 2) / 3.0);
  near(mean("grounded"), 2.5 / 4), near(mean("picked"), 2.5 / 4);
  near(mean("reader_byte"), (0.5 + 0.5 + 1) / 3);
  near(mean("first_word"), 1.0 / 3);         /* of the three with a reference that has words */
  near(mean("first_content_word"), 1.0 / 3); /* red; sleep, dog: not */
  near(mean("most_frequent_share"), 3.0 / 4), near(mean("repeats"), 0);
  assert_int_equal(of("first_word"), 3);
  assert_string_equal(json_string_value(json_object_get(j, "most_frequent")), "It is the red one");
  json_decref(j), values_free(&v);

  values_take(&v, &s, &p, 0, NULL); /* their first four words are all the same */
  j = values_json(&v, &s, 0, 1);
  near(v.distinct, 1.0 / 4), near(mean("most_frequent_share"), 1);
  near(mean("grounded"), 0.5 / 4), near(mean("picked"), 1.5 / 4); /* a span is a miss */
  near(mean("loss"), 2), near(mean("contract"), 1);
  assert_string_equal(json_string_value(json_object_get(j, "most_frequent")), "It is the red");
  json_decref(j), values_free(&v);

  const uint8_t in[5] = {0, 0, 1, 0, 1};
  values_take(&v, &s, &p, 2, in); /* nothing to agree with */
  few = values_json(&v, &s, 2, 1);
  assert_null(json_object_get(few, "first_word"));
  assert_int_equal(json_integer_value(json_object_get(few, "openers")), 1);
  json_decref(few), values_free(&v);
}

static void differences_are_paired(void **state) {
  (void)state;
  enum { N = 200 };
  static char text[N][64];
  const char *texts[N];
  static grounded ga[N], gb[N];
  prompt items[N];
  const prompts p = {items, N};
  ulm_rng r = ulm_rng_seed(5, 5);
  for (int i = 0; i < N; i++) {
    items[i] = made_prompt(NULL, NULL);
    snprintf(text[i], sizeof text[i], "opener number %d is this", i);
    texts[i] = text[i];
    ga[i].bytes[2] = gb[i].bytes[2] = 10;
    ga[i].nats[2] = 1000 * (double)ulm_rng_f32(&r); /* prompts differ far more than speakers */
    gb[i].nats[2] = ga[i].nats[2] + 1 + (double)ulm_rng_f32(&r);
  }
  const speaker a = {.name = "a", .texts = texts, .read = ga},
                b = {.name = "b", .texts = texts, .read = gb};
  values x, y;
  values_take(&x, &a, &p, 2, NULL), values_take(&y, &b, &p, 2, NULL);
  json_t *d = paired_json(&x, &y, 1), *same = paired_json(&x, &x, 1),
         *alone = values_json(&x, &a, 2, 1);
  const json_t *read = json_object_get(d, "reader_byte"),
               *wide = json_object_get(alone, "reader_byte");
#define field(r, key) json_number_value(json_object_get(r, key))
  assert_true(field(read, "mean") < -0.1 && field(read, "mean") > -0.2);
  assert_true(field(read, "high") < 0 && field(read, "high") - field(read, "low") < 0.02);
  assert_true(field(wide, "high") - field(wide, "low") > 5); /* control: not paired */
  read = json_object_get(same, "reader_byte");
  assert_true(field(read, "low") == 0 && field(read, "high") == 0);
  assert_null(json_object_get(d, "loss")); /* neither has one */
  json_decref(d), json_decref(same), json_decref(alone);
  values_free(&x), values_free(&y);
}

/* ---- confidence ---- */

static void calibration_of_a_confidence_that_is_right_and_of_one_that_is_not(void **state) {
  (void)state;
  enum { N = 4000 };
  static double c[N], good[N], off[N];
  ulm_rng r = ulm_rng_seed(2, 2);
  for (int i = 0; i < N; i++) {
    c[i] = (double)ulm_rng_f32(&r);
    good[i] = (double)ulm_rng_f32(&r) < c[i];
    off[i] = 1 - c[i];
    if (i % 4 == 0) good[i] = NAN;
  }
  json_t *right = calibration_json("x", c, good, N, 1),
         *wrong = calibration_json("x", off, good, N, 1);
  const json_t *ece = json_object_get(right, "ece"), *auc = json_object_get(right, "auc");
  assert_int_equal(json_integer_value(json_object_get(right, "n")), N * 3 / 4);
  assert_true(field(ece, "mean") < 0.03 && field(json_object_get(wrong, "ece"), "low") > 0.3);
  assert_true(field(auc, "low") > 0.75 && field(auc, "low") < field(auc, "mean"));
  assert_true(field(auc, "high") < 0.9);
  assert_true(field(json_object_get(wrong, "auc"), "high") < 0.25);
  near(field(json_object_get(right, "auc"), "mean") + field(json_object_get(wrong, "auc"), "mean"),
       1);
  assert_int_equal(json_array_size(json_object_get(right, "bins")), 10);
  double sum = 0;
  size_t i;
  const json_t *b;
  json_array_foreach(json_object_get(right, "bins"), i, b) sum += field(b, "n");
  near(sum, N * 3 / 4);
  json_decref(right), json_decref(wrong);
  assert_null(calibration_json("x", c, good, 12, 1)); /* nine that are known */
  for (int k = 0; k < 40; k++) good[k] = 1;
  right = calibration_json("x", c, good, 40, 1); /* all of one kind: no AUC */
  assert_true(json_object_get(right, "ece") && !json_object_get(right, "auc"));
  json_decref(right);
}

/* ---- the panel ---- */

static prompts asked;
static session speaks;
static int set_up(void **state) {
  if (made_dir_open(state)) return -1;
  FILE *f = fopen(in_dir("p.jsonl"), "w"), *t = fopen(in_dir("t.jsonl"), "w");
  for (int i = 0; i < 40; i++)
    fprintf(
        f,
        "{\"prompt\":\"How far is the %d train, <b>please</b>?\",\"completion\":\"It is %d miles "
        "from here to there\",\"source\":\"%s\"}\n",
        i, i, i % 2 ? "odd" : "even");
  fprintf(t, "{\"prompt\":\"a 7 train?\",\"completion\":\"Seven is the one you want\"}\n"
             "{\"prompt\":\"b\",\"completion\":\"Most frequent of all here\"}\n"
             "{\"prompt\":\"c\",\"completion\":\"Most frequent of all here\"}\n");
  if (fclose(f) || fclose(t)) return -1;
  for (uint64_t k = 0; k < 2; k++) {
    float *w = greedy_params(GREEDY_SEED + k);
    made_checkpoint(in_dir(k ? "reader.ckpt" : "speaker.ckpt"), &greedy_config, w);
    free(w);
  }
  return prompts_open(&asked, in_dir("p.jsonl"), 0, 1, &e) ||
         model_session(&speaks, in_dir("speaker.ckpt"), 2, &e);
}
static int tear_down(void **state) {
  prompts_close(&asked), session_close(&speaks);
  return made_dir_close(state);
}

static const speaker *called(const panel *x, const char *name) {
  for (size_t i = 0; i < x->count; i++)
    if (!strcmp(x->list[i].name, name)) return &x->list[i];
  fail_msg("nobody is called %s", name);
  return NULL;
}

static void the_panel_speaks_reads_and_makes_a_section(void **state) {
  (void)state;
  char *train = strdup(in_dir("t.jsonl"));
  panel_options o = {.how = {.top_p = 0.9, .seed = 1},
                     .reader = strdup(in_dir("reader.ckpt")),
                     .train = {&train, 1},
                     .threads = 2};
  panel x;
  assert_int_equal(panel_open(&x, &speaks, &asked, &o, &e), 0);
  assert_int_equal(x.count, 7);
  assert_string_equal(x.list[0].name, "speaker.ckpt");
  assert_string_equal(x.list[x.count - 1].name, "references");
  assert_string_equal(called(&x, "references")->texts[3], "It is 3 miles from here to there");
  assert_string_equal(called(&x, "most frequent in training")->texts[9],
                      "Most frequent of all here");
  assert_string_equal(x.list[x.nearest].texts[7], "Seven is the one you want");
  assert_string_equal(called(&x, "echo of the prompt")->texts[7],
                      "How far is the 7 train, <b>please</b>?");
  const speaker *control = called(&x, "control: a stranger's opener");
  int own = 0;
  for (size_t i = 0; i < asked.count; i++) own += control->texts[i] == x.list[0].texts[i];
  assert_int_equal(own, 0);

  json_t *s = json_object();
  standing_add(s, &x, &asked, 1);
  assert_int_equal(json_array_size(json_object_get(s, "systems")), 7);
  assert_int_equal(json_array_size(json_object_get(s, "paired")), 6);
  assert_int_equal(json_array_size(json_object_get(s, "lengths")), 7 * CUTS);
  assert_int_equal(json_array_size(json_object_get(s, "sources")), 2);
  size_t i;
  const json_t *row;
  json_array_foreach(json_object_get(s, "systems"), i, row) {
    const char *name = json_string_value(json_object_get(row, "name"));
    const double hits = field(json_object_get(row, "grounded"), "mean"),
                 frequent = field(json_object_get(row, "most_frequent_share"), "mean");
    if (!strcmp(name, "echo of the prompt")) near(hits, 0);
    if (!strcmp(name, "most frequent in training")) near(frequent, 1);
    if (!strcmp(name, "references")) near(field(json_object_get(row, "first_word"), "mean"), 1);
  }
  char *shown = NULL;
  size_t size;
  FILE *f = open_memstream(&shown, &size);
  standing_text(f, s);
  fclose(f);
  assert_non_null(strstr(shown, "nearest in training (BM25)"));
  free(shown);
  assert_int_equal(standing_lines(in_dir("openers.jsonl"), &x, &asked, &e), 0);
  char *lines = made_text("openers.jsonl"), *at = lines, *line;
  int n = 0;
  for (; (line = strsep(&at, "\n")) && *line; n++) {
    json_t *j = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(json_object_get(j, "said")), 7);
    json_decref(j);
  }
  assert_int_equal(n, 40);
  free(lines);
  json_decref(s), panel_close(&x);

  free((void *)o.reader), o.reader = NULL; /* without a reader: nothing is grounded, no control */
  assert_int_equal(panel_open(&x, &speaks, &asked, &o, &e), 0);
  assert_int_equal(x.count, 6);
  assert_null(x.list[0].read);
  panel_close(&x);
  free(train);
}

static void a_reader_of_the_same_weights_is_refused(void **state) {
  (void)state;
  panel x;
  panel_options o = {.how = {.seed = 1}, .reader = in_dir("speaker.ckpt"), .threads = 1};
  assert_int_equal(panel_open(&x, &speaks, &asked, &o, &e), -1);
  assert_non_null(strstr(e.text, "own weights"));
  char *beside = strdup(in_dir("reader.ckpt")), *reader = strdup(beside);
  o.reader = reader, o.beside = (host_strings){&beside, 1};
  assert_int_equal(panel_open(&x, &speaks, &asked, &o, &e), -1); /* it must not judge itself */
  assert_non_null(strstr(e.text, "own weights"));
  free(beside), free(reader);
}

/* What a model's file is called, and what it says, stays text. */
static void names_and_figures_cannot_become_markup(void **state) {
  (void)state;
  json_t *s = json_pack("{s[{ss s{sf sf sf si}}] s[{ss s{sf}}] s[{ss s[{sf sf sf}]}]}", "systems",
                        "name", "<script>x", "loss", "mean", 1e300, "low", -1e300, "high", 1e300,
                        "n", 3, "paired", "less", "<img>", "loss", "mean", 2.0, "calibration", "of",
                        "<b>", "bins", "n", 1e300, "confidence", 1e300, "good", -1e300);
  assert_non_null(s);
  char *page = NULL;
  size_t size;
  FILE *f = open_memstream(&page, &size);
  standing_html(f, s);
  fclose(f);
  assert_non_null(strstr(page, "&lt;script&gt;x"));
  assert_non_null(strstr(page, "&lt;img&gt;"));
  assert_null(strstr(page, "<b>"));
  assert_true(size < 20000);
  free(page);
  f = open_memstream(&page, &size);
  standing_text(f, s);
  fclose(f);
  assert_true(size < 20000);
  free(page), json_decref(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_contract_is_four_to_eight_whole_clean_words),
      cmocka_unit_test(a_word_or_a_pair_said_twice_is_repetition),
      cmocka_unit_test(values_are_as_by_hand_at_every_length),
      cmocka_unit_test(differences_are_paired),
      cmocka_unit_test(calibration_of_a_confidence_that_is_right_and_of_one_that_is_not),
      cmocka_unit_test(the_panel_speaks_reads_and_makes_a_section),
      cmocka_unit_test(a_reader_of_the_same_weights_is_refused),
      cmocka_unit_test(names_and_figures_cannot_become_markup),
  };
  return cmocka_run_group_tests_name("measures", tests, set_up, tear_down);
}
