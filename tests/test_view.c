/* train/view.c: which targets of a document count. */
#include "make_shards.h"

#include "train/view.h"

enum { CAP = 4096 };
typedef struct {
  uint16_t ids[CAP], next[CAP];
  float weight[CAP];
  uint64_t n;
} view;

static view *look_at(const shard *s, uint64_t doc, const view_options *o) {
  static view v;
  v.n = view_doc(s, doc, o, v.ids, v.next, v.weight, CAP);
  return &v;
}
static view *look(const shard *s, uint64_t doc, objective what, float tail, float prompt) {
  return look_at(s, doc, &(view_options){what, tail, prompt, 0});
}

/* Three conversations: one reply of 8 tokens, a reply of 3 (no opener), both; then running text. */
static shard *four_documents(size_t *count) {
  static int made;
  host_error e;
  if (!made++) {
    made_shards m;
    made_doc d;
    ulm_rng r = ulm_rng_seed(4, 4);
    made_shards_open(&m, in_dir("views"), "train", tiny_tokenizer, 1 << 20);
    for (uint32_t i = 0; i < 3; i++) {
      made_begin(&d);
      if (i != 1) made_turns(&d, &r, 8);
      if (i != 0) made_turns(&d, &r, 3);
      made_push(&d, ULM_PAD, SHARD_CHAT);
      made_shards_add(&m, &d, NULL);
    }
    made_text_doc(&d, &r, 7, 20);
    made_shards_add(&m, &d, NULL);
    made_shards_close(&m);
  }
  shard *s = shard_open_split(in_dir("views"), "train", count, &e);
  if (!s) fail_msg("%s", e.text);
  assert_int_equal(*count, 1);
  assert_int_equal(s->docs, 4);
  return s;
}

static void lm_counts_every_target_and_nothing_crosses_documents(void **state) {
  (void)state;
  size_t count;
  shard *s = four_documents(&count);
  for (uint64_t doc = 0; doc < 4; doc++) {
    const view *v = look(s, doc, OBJECTIVE_LM, 0, 0);
    const uint64_t at = shard_start(s, doc), n = shard_start(s, doc + 1) - at;
    assert_int_equal(v->n, n - 1);
    for (uint64_t t = 0; t < v->n; t++) {
      assert_int_equal(v->ids[t], shard_id(s, at + t));
      assert_int_equal(v->next[t], shard_id(s, at + t + 1));
      assert_true(v->weight[t] == 1);
    }
    assert_int_equal(v->next[v->n - 1], ULM_PAD);
    for (uint64_t t = 0; t + 1 < v->n; t++) assert_int_not_equal(v->next[t], ULM_PAD);
  }
  shard_close_all(s, count);
}

static void chat_counts_replies_with_their_ends_and_nothing_else(void **state) {
  (void)state;
  size_t count;
  shard *s = four_documents(&count);
  const view *v = look(s, 0, OBJECTIVE_CHAT, 1, 1); /* 3 + 8 + 2 + 3 tokens before the reply */
  float sum = 0;
  for (uint64_t t = 0; t < v->n; t++) {
    assert_true(v->weight[t] == (t + 1 >= 16 && t + 1 < 25 ? 1.0f : 0.0f));
    sum += v->weight[t];
  }
  assert_true(sum == 9); /* 8 and <|im_end|> */
  assert_int_equal(v->next[23], ULM_EOS);
  assert_int_equal(look(s, 3, OBJECTIVE_CHAT, 1, 1)->n, 0); /* running text has no reply */
  shard_close_all(s, count);
}

static void an_opener_ends_its_turn_at_the_cut_and_what_follows_is_left_out(void **state) {
  (void)state;
  size_t count;
  shard *s = four_documents(&count);
  const view *v = look(s, 0, OBJECTIVE_OPENER, 0, 0.25f);
  assert_int_equal(v->n, 22); /* the opener's sixth token stands at 21 */
  for (uint64_t t = 0; t < v->n; t++) assert_true(v->weight[t] == (t < 15 ? 0.25f : 1.0f));
  for (uint64_t t = 0; t < 21; t++) assert_int_equal(v->next[t], v->ids[t + 1]);
  assert_int_equal(v->next[21], ULM_EOS);
  assert_int_not_equal(shard_id(s, 22), ULM_EOS); /* in the text the reply goes on */

  v = look(s, 0, OBJECTIVE_OPENER, 0.5f, 0.25f);
  assert_int_equal(v->n, 26);
  assert_int_equal(v->next[21], ULM_EOS);
  assert_true(v->weight[21] == 1);
  for (uint64_t t = 22; t < 24; t++) assert_true(v->weight[t] == 0.5f); /* the rest, <|im_end|> */
  for (uint64_t t = 24; t < 26; t++) assert_true(v->weight[t] == 0.25f);
  shard_close_all(s, count);
}

static void replies_too_short_for_an_opener_weigh_the_tail(void **state) {
  (void)state;
  size_t count;
  shard *s = four_documents(&count);
  const view *v = look(s, 1, OBJECTIVE_OPENER, 0, 0.25f); /* 3 + 3 + 2 + 3 tokens, then the reply */
  assert_int_equal(v->n, shard_start(s, 2) - shard_start(s, 1) - 1);
  for (uint64_t t = 0; t < v->n; t++)
    assert_true(v->weight[t] == (t + 1 >= 11 && t + 1 < 15 ? 0.0f : 0.25f));
  assert_int_equal(look(s, 1, OBJECTIVE_OPENER, 0, 0)->n, 0);
  assert_true(look(s, 1, OBJECTIVE_OPENER, 0.5f, 0)->weight[11] == 0.5f);
  v = look(s, 2, OBJECTIVE_OPENER, 0, 0.25f); /* the last opener is that of the first reply */
  assert_int_equal(v->n, 22);
  shard_close_all(s, count);
}

static void the_first_tokens_of_every_reply_can_be_its_opener(void **state) {
  (void)state;
  size_t count;
  shard *s = four_documents(&count);
  /* Document 2: a reply of 8 at 16..23 and <|im_end|>, then, 26 tokens on, one of 3 at 37..39. */
  for (uint32_t k = 1; k < 12; k++) {
    view_options o = {OBJECTIVE_OPENER, 0.5f, 0.25f, k};
    const view *v = look_at(s, 2, &o);
    assert_int_equal(v->n, shard_start(s, 3) - shard_start(s, 2) - 1);
    for (uint64_t t = 0; t < v->n; t++) {
      const uint64_t target = t + 1, at = target >= 37 ? 37 : 16;
      const bool reply = (target >= 16 && target < 25) || (target >= 37 && target < 41);
      const float want = !reply ? 0.25f : target - at < k ? 1 : 0.5f;
      if (v->weight[t] != want) fail_msg("first %u, token %d", k, (int)target);
      assert_int_equal(v->next[t], shard_id(s, shard_start(s, 2) + target)); /* no end is put in */
    }
    o.tail = 0; /* what follows the last reply's opener is left out */
    assert_int_equal(look_at(s, 2, &o)->n, 36 + (k < 4 ? k : 4));
    o.prompt = 0;
    float sum = 0;
    v = look_at(s, 0, &o);
    for (uint64_t t = 0; t < v->n; t++) sum += v->weight[t];
    assert_true(sum == (k < 9 ? (float)k : 9));
    o.objective = OBJECTIVE_CHAT; /* the others take no notice */
    assert_int_equal(look_at(s, 0, &o)->n, look(s, 0, OBJECTIVE_CHAT, 0, 0)->n);
  }
  shard_close_all(s, count);
}

static void a_view_in_parts_is_the_view(void **state) {
  (void)state;
  size_t count;
  shard *s = four_documents(&count);
  for (int what = 0; what < 10; what++)
    for (uint64_t doc = 0; doc < 4; doc++) {
      const view_options o = {what < 3 ? (objective)what : OBJECTIVE_OPENER, what % 2 ? 0 : 0.5f,
                              0.25f, what < 3 ? 0 : (uint32_t)what - 2};
      const view *v = look_at(s, doc, &o);
      assert_int_equal(view_length(s, doc, &o), v->n);
      for (uint64_t from = 0; from < v->n; from += 5) {
        const uint64_t n = v->n - from < 5 ? v->n - from : 5;
        uint16_t ids[5], next[5];
        float weight[5];
        bool some = false;
        view_part(s, doc, &o, from, n, ids, next, weight);
        assert_memory_equal(ids, v->ids + from, n * sizeof *ids);
        assert_memory_equal(next, v->next + from, n * sizeof *next);
        assert_memory_equal(weight, v->weight + from, n * sizeof *weight);
        for (uint64_t t = 0; t < n; t++) some |= weight[t] > 0;
        assert_int_equal(view_counts(s, doc, &o, from, n), some);
      }
    }
  shard_close_all(s, count);
}

static void objectives_have_names(void **state) {
  (void)state;
  objective o;
  for (int i = 0; i < 3; i++) {
    assert_int_equal(objective_from(objective_name((objective)i), &o), 0);
    assert_int_equal(o, i);
  }
  assert_int_equal(objective_from("openers", &o), -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lm_counts_every_target_and_nothing_crosses_documents),
      cmocka_unit_test(chat_counts_replies_with_their_ends_and_nothing_else),
      cmocka_unit_test(an_opener_ends_its_turn_at_the_cut_and_what_follows_is_left_out),
      cmocka_unit_test(replies_too_short_for_an_opener_weigh_the_tail),
      cmocka_unit_test(the_first_tokens_of_every_reply_can_be_its_opener),
      cmocka_unit_test(a_view_in_parts_is_the_view),
      cmocka_unit_test(objectives_have_names),
  };
  return cmocka_run_group_tests(tests, made_dir_open, made_dir_close);
}
