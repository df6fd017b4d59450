/* Grounding: how likely a reader finds openers, which prompt it picks, spans, the lot of
 * distractors; and the baselines beside it. */
#include "greedy_model.h"
#include "make_shards.h"
#include <math.h>

#include "../bench/examples.h"
#include "../bench/grounding.h"
#include "../bench/models.h"
#include "../bench/nearest.h"
#include "../export/export.h"

static host_error e;

/* ---- prompts and a reader ---- */

enum { N = 90 };
static prompts asked;

/* Different prompts of a few words that the small tokenizer knows, one user turn each. */
static void make_prompts(prompts *p, size_t n, const char *source) {
  static const char *const what[] = {"timer", "alarm", "egg", "walk", "train"},
                           *const where[] = {"Seattle", "Nairobi", "the park", "two hours",
                                             "Zürich"},
                           *const how[] = {"Set", "How far", "Remind me of", "What is",
                                           "Wake me for"};
  *p = (prompts){host_alloc(n * sizeof *p->items, "prompts"), n};
  for (size_t i = 0; i < n; i++) {
    char text[128];
    snprintf(text, sizeof text, "%s a %s in %s %zu?", how[i % 5], what[i / 5 % 5],
             where[i / 25 % 5], i);
    p->items[i].turns = host_alloc(sizeof *p->items[i].turns, "a turn");
    p->items[i].turns[0] = (ulm_message){strdup("user"), strdup(text), strlen(text)};
    p->items[i].count = 1;
    p->items[i].source = strdup(source);
  }
}

static void made_greedy_checkpoint(const char *path, uint64_t seed) {
  float *w = greedy_params(seed);
  made_checkpoint(path, &greedy_config, w);
  free(w);
}

static session reader;
static int set_up(void **state) {
  if (made_dir_open(state)) return -1;
  made_greedy_checkpoint(in_dir("r.ckpt"), GREEDY_SEED);
  make_prompts(&asked, N, "here");
  return model_session(&reader, in_dir("r.ckpt"), 3, &e);
}
static int tear_down(void **state) {
  prompts_close(&asked), session_close(&reader);
  return made_dir_close(state);
}

/* -log p of the first words of text, token by token, each from a conversation begun anew. */
static double slow_nats(const prompt *p, const char *text, uint32_t words) {
  ulm *m = reader.handles[0];
  uint16_t ids[256], head[32];
  size_t n, h, whole = strlen(text), cut = first_words(text, words), at = 0;
  double nats = 0;
  if (first_words(text, 8) < whole) whole = first_words(text, 8);
  assert_int_equal(ulm_encode(m, text, whole, ids, 256, &n), 0);
  for (size_t t = 0; t < n && t < SCORE_TOKENS && at < cut; t++) {
    const uint16_t bos = ULM_BOS;
    char piece[256];
    assert_int_equal(ulm_chat(m, p->turns, p->count, NULL, NULL), 0);
    assert_int_equal(ulm_encode(m, "assistant\n", 10, head, 32, &h), 0);
    assert_int_equal(ulm_prefill(m, &bos, 1) || ulm_prefill(m, head, h) || ulm_prefill(m, ids, t),
                     0);
    const float *x = ulm_logits(m);
    double sum = 0;
    for (uint32_t v = 0; v < TINY_VOCAB; v++) sum += exp((double)x[v] - (double)x[ids[t]]);
    nats += log(sum);
    at += ulm_piece(m, ids[t], piece, sizeof piece);
  }
  return nats;
}

/* ---- likelihood ---- */

static const char *const texts[] = {"Set a timer for ten minutes, then walk home again",
                                    "Set a timer for ten hours",
                                    "Set a timer for ten minutes, then",
                                    "It is far",
                                    "",
                                    "Set a train",
                                    "東京の地図 naïve café",
                                    NULL};
enum { TEXTS = 8 };

static void likelihoods_are_those_of_a_fresh_conversation_for_each_token(void **state) {
  (void)state;
  enum { P = 9 };
  prompts few = {asked.items, P};
  scored s[TEXTS * P];
  reading *r = readings_of(&reader, texts, TEXTS, &e);
  assert_non_null(r);
  for (uint32_t i = 0; i < TEXTS * P; i++)
    s[i] = (scored){.text = i / P, .prompt = i % P, .limit = INFINITY};
  assert_int_equal(score_all(&reader, &few, r, s, TEXTS * P, "texts", &e), 0);
  for (int i = 0; i < TEXTS * P; i++)
    for (int k = 0; k < CUTS; k++) {
      const double want =
          texts[i / P] ? slow_nats(&few.items[i % P], texts[i / P], cut_words[k]) : 0;
      assert_true(fabs(s[i].nats[k] - want) < 1e-4 * (1 + want));
    }
  assert_true(s[0].nats[2] > s[0].nats[1] && s[0].nats[1] > s[0].nats[0]); /* 8 words, 6, 4 */
  assert_true(s[3 * P].nats[0] == s[3 * P].nats[2]);                       /* has only three */
  assert_true(fabs(s[0].nats[2] - s[1].nats[2]) > 1e-3);                   /* control: it depends */
  assert_true(fabs(s[0].nats[2] - s[1 * P].nats[2]) > 1e-3);
  assert_int_equal(r[0].bytes[2], strlen("Set a timer for ten minutes, then walk"));
  assert_int_equal(r[0].bytes[0], strlen("Set a timer for"));
  assert_int_equal(r[7].tokens[2], 0);
  free(r);
}

static void a_limit_leaves_out_only_what_is_beyond_it(void **state) {
  (void)state;
  prompts few = {asked.items, 9};
  scored all[63], some[63];
  reading *r = readings_of(&reader, texts, 7, &e);
  ulm_rng g = ulm_rng_seed(3, 3);
  int stopped = 0, went_on = 0;
  for (uint32_t i = 0; i < 63; i++)
    all[i] = (scored){.text = i / 9, .prompt = i % 9, .limit = INFINITY};
  assert_int_equal(score_all(&reader, &few, r, all, 63, "all", &e), 0);
  for (uint32_t i = 0; i < 63; i++)
    some[i] = all[i], some[i].limit = all[ulm_rng_below(&g, 63)].nats[2];
  assert_int_equal(score_all(&reader, &few, r, some, 63, "some", &e), 0);
  for (int i = 0; i < 63; i++)
    for (int k = 0; k < CUTS; k++) {
      if (all[i].nats[k] <= some[i].limit)
        assert_true(some[i].nats[k] == all[i].nats[k]), went_on++;
      else
        assert_true(isinf(some[i].nats[k])), stopped++;
    }
  assert_true(stopped > 20 && went_on > 20);
  free(r);
}

/* ---- spans ---- */

static void a_run_of_the_prompts_words_with_one_of_its_own_is_a_span(void **state) {
  (void)state;
  static const char asks[] = "What is the population of Seattle, and how did it grow?";
  static const char *const spans[] = {"the population of Seattle",
                                      "The population of Seattle is",    /* one put in at the end */
                                      "So what is the population",       /* at the start */
                                      "the whole population of Seattle", /* in between */
                                      "the number of Seattle, and",      /* in place of one */
                                      "Is the population of seattle and how did",
                                      "did it grow? Yes",
                                      "",
                                      "..."},
                           *const own[] = {"The population of Seattle is estimated to be",
                                           "The population is of Seattle now",
                                           "Seattle's population grew in the",
                                           "the big population of big Seattle",
                                           "population of Seattle, how did it now",
                                           "did it grow? Yes it"};
  for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) assert_true(is_span(spans[i], asks));
  for (size_t i = 0; i < sizeof own / sizeof *own; i++) assert_false(is_span(own[i], asks));
  assert_false(is_span("a b c d", ""));
  assert_false(is_span("population of Seattle, how did it", asks)); /* leaves one out: no run */
}

/* ---- the pick ---- */

static void the_pick_goes_to_the_likeliest_and_is_shared_by_equals(void **state) {
  (void)state;
  const double others[] = {5, 3, INFINITY, 9};
  assert_true(pick_of(2, others, 4) == 1);
  assert_true(pick_of(4, others, 4) == 0);
  assert_true(pick_of(3, others, 4) == 0.5);
  const double equal[15] = {0};
  assert_true(pick_of(0, equal, 15) == 1.0 / 16); /* knows nothing: chance */
}

static void distractors_are_different_prompts_of_the_same_source_by_lot(void **state) {
  (void)state;
  prompts p, q;
  make_prompts(&p, 60, "a"), make_prompts(&q, 40, "b");
  prompts both = {host_alloc(100 * sizeof *both.items, "prompts"), 100};
  memcpy(both.items, p.items, 60 * sizeof *p.items);
  memcpy(both.items + 60, q.items, 40 * sizeof *q.items);
  for (int i = 0; i < 30; i++) { /* the first source says all twice */
    ulm_message *twin = &both.items[i + 30].turns[0];
    free((void *)twin->text);
    twin->text = strdup(both.items[i].turns[0].text), twin->size = strlen(twin->text);
  }
  static uint32_t a[100 * GROUND_K], b[100 * GROUND_K], c[100 * GROUND_K];
  assert_int_equal(others_by_lot(&both, 1, a, &e), 0);
  assert_int_equal(others_by_lot(&both, 1, b, &e), 0);
  assert_int_equal(others_by_lot(&both, 2, c, &e), 0);
  assert_memory_equal(a, b, sizeof a);
  assert_memory_not_equal(a, c, sizeof a);
  for (int i = 0; i < 100; i++)
    for (int k = 0; k < GROUND_K; k++) {
      const prompt *x = &both.items[a[i * GROUND_K + k]];
      assert_string_not_equal(x->turns[0].text, both.items[i].turns[0].text);
      assert_string_equal(x->source, both.items[i].source);
      for (int j = 0; j < k; j++)
        assert_string_not_equal(x->turns[0].text, both.items[a[i * GROUND_K + j]].turns[0].text);
    }
  prompts few = {both.items + 60, 16};
  assert_int_equal(others_by_lot(&few, 1, a, &e), -1); /* its own and 15 others, no stranger */
  assert_non_null(strstr(e.text, "16 different prompts"));
  few.count = 17;
  assert_int_equal(others_by_lot(&few, 1, a, &e), 0);
  few = (prompts){both.items, 60}; /* 30 different ones, each twice */
  assert_int_equal(others_by_lot(&few, 1, a, &e), 0);
  few = (prompts){both.items + 50, 26}; /* neither source has 17: any will do */
  assert_int_equal(others_by_lot(&few, 1, a, &e), 0);
  prompts_close(&p), prompts_close(&q);
  free(both.items);
}

/* The reader's own openers, which follow from their prompts, are grounded; the same ones dealt to
 * other prompts are picked as by chance, 1 in 16. */
static void openers_are_grounded_and_shuffled_ones_are_not(void **state) {
  (void)state;
  static spoken o[N];
  static uint32_t others[N * GROUND_K];
  static grounded g[2 * N], h[2 * N];
  const char *text[2 * N];
  assert_int_equal(speak_all(&reader, &asked, &(speaking){.temperature = 0, .seed = 1}, o, "", &e),
                   0);
  double own = 0, chance = 0;
  enum { ROUNDS = 4 };
  for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
    assert_int_equal(others_by_lot(&asked, seed, others, &e), 0);
    for (int i = 0; i < N; i++)
      text[i] = o[i].o.text, text[N + i] = o[others[i * GROUND_K + GROUND_K - 1]].o.text;
    assert_int_equal(ground_all(&reader, &asked, others, text, 2, g, &e), 0);
    for (int i = 0; i < N; i++)
      own += g[i].picked[2] / (ROUNDS * N), chance += g[N + i].picked[2] / (ROUNDS * N);
  }
  assert_true(own > 0.5);
  assert_true(fabs(chance - 1.0 / 16) < 4 * sqrt(1.0 / 16 * 15 / 16 / (ROUNDS * N)));
  /* As brute force has it, from likelihoods without any limit. */
  for (int i = 0; i < N; i += 7)
    for (int c = 0; c < CUTS; c++) {
      double nats[GROUND_K];
      for (int k = 0; k < GROUND_K - 1; k++)
        nats[k] = slow_nats(&asked.items[others[i * GROUND_K + k]], text[i], cut_words[c]);
      const double mine = slow_nats(&asked.items[i], text[i], cut_words[c]);
      assert_true(fabs(pick_of(mine, nats, GROUND_K - 1) - g[i].picked[c]) < 1e-12);
      assert_true(fabs(mine - g[i].nats[c]) < 1e-3);
    }
  /* The same with one thread, and an echo is a span. */
  for (int i = 0; i < N; i++) text[N + i] = asked.items[i].turns[0].text;
  reader.threads = 1;
  assert_int_equal(ground_all(&reader, &asked, others, text, 2, h, &e), 0);
  reader.threads = 3;
  assert_memory_equal(g, h, N * sizeof *g);
  for (int i = 0; i < N; i++) assert_true(h[N + i].span[0] && h[N + i].span[2]);
}

/* ---- the nearest prompt ---- */

static void bm25_is_as_by_hand(void **state) {
  (void)state;
  const char *const list[] = {"red apple pie", "green apple", "Green GREEN tea, please now", ""};
  nearest *x = nearest_new(list, 4);
  double score;
  assert_int_equal(nearest_of(x, "apple", &score), 1); /* the shorter text */
  /* N 4, df 2: idf ln 2; mean length 2.5, length 2, tf 1. */
  assert_true(fabs(score - log(2) * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / 2.5))) < 1e-12);
  assert_int_equal(nearest_of(x, "some green, green tea", &score), 2); /* a word counts once */
  assert_true(fabs(score - log(2) * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 5 / 2.5)) -
                   log(1 + 3.5 / 1.5) * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 5 / 2.5))) < 1e-12);
  assert_int_equal(nearest_of(x, "green apple pie", NULL), 0); /* pie is rare: idf ln(10/3) */
  assert_true(nearest_of(x, "lemon", &score) == SIZE_MAX && score == 0);
  assert_true(nearest_of(x, "", NULL) == SIZE_MAX);
  nearest_free(x);
  const char *const twins[] = {"a b", "a b"};
  x = nearest_new(twins, 2);
  assert_int_equal(nearest_of(x, "b", NULL), 0); /* the first of equals */
  nearest_free(x);
}

/* ---- examples ---- */

static void examples_are_pairs_of_a_user_and_an_opener(void **state) {
  (void)state;
  static const char file[] =
      "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":"
      "\"q1\"},"
      "{\"role\":\"assistant\",\"content\":\"One two three four five six seven eight nine.\"},"
      "{\"role\":\"user\",\"content\":\"q2\"},{\"role\":\"assistant\",\"content\":\"Yes it is so. "
      "Good.\"}]}\n"
      "{\"prompt\":\"q3\",\"completion\":\"Too short.\"}\n"
      "{\"prompt\":\"q4\",\"completion\":\"Yes it is so.\"}\n";
  made_write(in_dir("train.jsonl"), file, sizeof file - 1);
  examples x;
  char *path = (char *)in_dir("train.jsonl");
  assert_int_equal(examples_open(&x, &path, 1, &e), 0);
  assert_int_equal(x.count, 3);
  assert_int_equal(x.skipped, 1);
  assert_string_equal(x.prompts[0], "q1");
  assert_string_equal(x.openers[0], "One two three four five six seven eight");
  assert_string_equal(x.prompts[1], "q2");
  assert_string_equal(x.openers[x.most], "Yes it is so.");
  assert_int_equal(x.times, 2);
  examples_close(&x);
  made_write(in_dir("none.jsonl"), "{\"prompt\":\"q\",\"completion\":\"No.\"}\n", 34);
  path = (char *)in_dir("none.jsonl");
  assert_int_equal(examples_open(&x, &path, 1, &e), -1);
  assert_non_null(strstr(e.text, "none.jsonl"));
}

/* The same conversations as a chat file and as shards are the same examples. */
static void shards_give_the_examples_of_the_file_they_were_made_of(void **state) {
  (void)state;
  static const ulm_message turns[] = {{"system", "be kind", 7},
                                      {"user", "Wie weit?\nIn Zürich", 20},
                                      {"assistant", "It is far, about 12 miles. Take a train.", 40},
                                      {"user", "and a café?", 12},
                                      {"assistant", "No.", 3},
                                      {"assistant", "Nobody asked for this one.", 26}};
  static const char line[] =
      "{\"messages\":[{\"role\":\"system\",\"content\":\"be kind\"},{\"role\":\"user\","
      "\"content\":\"Wie weit?\\nIn Zürich\"},{\"role\":\"assistant\",\"content\":\"It is far, "
      "about 12 "
      "miles. Take a train.\"},{\"role\":\"user\",\"content\":\"and a "
      "café?\"},{\"role\":\"assistant\","
      "\"content\":\"No.\"}]}\n";
  made_write(in_dir("one.jsonl"), line, sizeof line - 1);
  size_t n;
  uint8_t *bytes = made_read(tiny_tokenizer, &n);
  spm *t = spm_open(bytes, n, &e);
  tokens out = {0};
  made_shards m;
  char *dir = strdup(in_dir("shards")), *file = strdup(in_dir("one.jsonl"));
  made_shards_open(&m, dir, "train", tiny_tokenizer, 2000);
  assert_int_equal(encode_chat(t, turns, 6, NULL, &out, &e), 0);
  assert_int_equal(shard_writer_add(&m.w, &out, 0, "one", NULL, &e), 0);
  assert_int_equal(encode_text(t, "It is running text", 18, &out, &e), 0);
  assert_int_equal(shard_writer_add(&m.w, &out, 0, "two", NULL, &e), 0);
  made_shards_close(&m);
  examples a, b;
  assert_int_equal(examples_open(&a, &dir, 1, &e), 0);
  assert_int_equal(examples_open(&b, &file, 1, &e), 0);
  assert_int_equal(a.count, 1);
  assert_int_equal(b.count, 1);
  assert_int_equal(a.skipped, 1);
  assert_int_equal(b.skipped, 1);
  assert_string_equal(a.prompts[0], b.prompts[0]);
  assert_string_equal(a.prompts[0], turns[1].text);
  assert_string_equal(a.openers[0], "It is far, about 12 miles.");
  assert_string_equal(b.openers[0], a.openers[0]);
  examples_close(&a), examples_close(&b);
  tokens_free(&out), spm_close(t), free(bytes), free(dir), free(file);
}

/* ---- models ---- */

static void quantized(const char *from, const char *to, int type) {
  export_model m;
  assert_int_equal(export_open(&m, in_dir(from), type, &e), 0);
  assert_int_equal(export_blob(&m, NULL, in_dir(to), &e), 0);
  export_close(&m);
}

static void a_model_is_told_from_another_form_of_itself(void **state) {
  (void)state;
  session a, b, c, u, v;
  made_greedy_checkpoint(in_dir("b.ckpt"), GREEDY_SEED + 1);
  quantized("r.ckpt", "a8.ulm", ULM_INT8), quantized("r.ckpt", "a4.ulm", ULM_INT4);
  assert_int_equal(model_session(&a, in_dir("a8.ulm"), 1, &e), 0);
  assert_int_equal(model_session(&b, in_dir("a4.ulm"), 1, &e), 0);
  assert_int_equal(model_session(&c, in_dir("b.ckpt"), 1, &e), 0);
  assert_true(same_weights(&a, &a) && same_weights(&a, &b) && same_weights(&a, &reader));
  assert_false(same_weights(&a, &c) || same_weights(&c, &reader));
  assert_int_equal(untrained_session(&u, &a, 1, &e), 0);
  assert_int_equal(untrained_session(&v, &a, 2, &e), 0);
  assert_false(same_weights(&u, &a));
  const int before = made_count();
  static spoken x[N], y[N];
  const speaking how = {
      .temperature = 1, .top_p = 1, .seed = 1}; /* greedy says one piece on and on */
  assert_int_equal(speak_all(&u, &asked, &how, x, "", &e) || speak_all(&v, &asked, &how, y, "", &e),
                   0);
  int differ = 0;
  for (int i = 0; i < N; i++) differ += strcmp(x[i].o.text, y[i].o.text) != 0;
  assert_true(differ > 0);
  session_close(&a), session_close(&b), session_close(&c), session_close(&u), session_close(&v);
  assert_int_equal(model_session(&a, in_dir("train.jsonl"), 1, &e), -1);
  assert_int_equal(model_session(&a, in_dir("nowhere"), 1, &e), -1);
  made_write(in_dir("cut.ckpt"), "\x89ULM\r\n\x1a\nCKPT", 12);
  assert_int_equal(model_session(&a, in_dir("cut.ckpt"), 1, &e), -1);
  assert_non_null(strstr(e.text, "cut.ckpt"));
  assert_int_equal(made_count(), before + 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(likelihoods_are_those_of_a_fresh_conversation_for_each_token),
      cmocka_unit_test(a_limit_leaves_out_only_what_is_beyond_it),
      cmocka_unit_test(a_run_of_the_prompts_words_with_one_of_its_own_is_a_span),
      cmocka_unit_test(the_pick_goes_to_the_likeliest_and_is_shared_by_equals),
      cmocka_unit_test(distractors_are_different_prompts_of_the_same_source_by_lot),
      cmocka_unit_test(openers_are_grounded_and_shuffled_ones_are_not),
      cmocka_unit_test(bm25_is_as_by_hand),
      cmocka_unit_test(examples_are_pairs_of_a_user_and_an_opener),
      cmocka_unit_test(shards_give_the_examples_of_the_file_they_were_made_of),
      cmocka_unit_test(a_model_is_told_from_another_form_of_itself),
  };
  return cmocka_run_group_tests_name("grounding", tests, set_up, tear_down);
}
