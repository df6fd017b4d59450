/* The opener's contract, and conversations, on random models that know no language. */
#include "t.h"
#include <ctype.h>
#include <math.h>

#include "make_blob.h"
#include "runtime/ulm_state.h"

/* ---- Openers ---- */

static const ulm_config tiny = {32, 2, 4, 2, 64, 640, 128, 1e6f, 1e-5f};

typedef struct {
  ulm *m;
  void *arena, *blob;
} opened;

/* end: how much the model wants to end its turn (0: like any token). vocab and w are freed. */
static opened open_with(uint8_t *vocab, size_t n, float *w, float end, ulm_type type,
                        const ulm_gate *gate, uint32_t context) {
  size_t size;
  if (end != 0) {
    for (uint32_t i = 0; i < tiny.vocab; i++)
      w[i * tiny.dim] = 6; /* all hidden states agree in one place */
    for (uint32_t i = 1; i < tiny.dim; i++) w[ULM_EOS * tiny.dim + i] = 0;
    w[ULM_EOS * tiny.dim] = w[ULM_PAD * tiny.dim] = end;
  }
  opened x = {NULL, NULL, made_blob(&tiny, type, w, vocab, n, gate, &size)};
  ulm_error err;
  const ulm_options o = {.context = context};
  const size_t need = ulm_sizeof(x.blob, size, &o, &err);
  if (!need) fail_msg("%s", err.message);
  x.arena = aligned_alloc(64, need);
  if (ulm_open(&x.m, x.blob, size, x.arena, need, &o, &err)) fail_msg("%s", err.message);
  free(w);
  free(vocab);
  return x;
}
static opened open_tiny(float end, ulm_type type, uint64_t seed, const ulm_gate *gate,
                        uint32_t context) {
  size_t n;
  uint8_t *vocab = made_vocab(tiny.vocab, &n);
  return open_with(vocab, n, made_params(&tiny, 0.3f, seed), end, type, gate, context);
}

/* Words with a small letter, with and without a space or a mark that ends a sentence, and words
 * with a capital, with and without a space. */
static const char *const tight[] = {"%c%s", "%c%s.", "%c%s", " %c%s", " %c%s"};
static uint8_t *words_vocab(const char *const shapes[5], size_t *size) {
  enum { PIECES = 640 - ULM_PIECE0 };
  vocab_piece list[PIECES];
  char text[PIECES][8] = {" "};
  for (int i = 0; i < PIECES; i++) {
    const int j = i - 1, shape = j % 5, word = j / 5;
    const char tail[2] = {(char)(word < 26 ? 0 : 'a' + word / 26 - 1), 0};
    const char letter =
        (char)((shape == 2 || shape == 3 || (shape == 1 && word >= 26) ? 'A' : 'a') + word % 26);
    if (i) snprintf(text[i], 8, shapes[shape], letter, tail);
    list[i] = (vocab_piece){text[i], strlen(text[i]), -(float)i};
  }
  host_error e;
  uint8_t *vocab;
  if (vocab_make(list, PIECES, &vocab, size, &e)) fail_msg("%s", e.text);
  return vocab;
}
static opened open_words(uint64_t seed) {
  size_t n;
  uint8_t *vocab = words_vocab(tight, &n);
  float *w = made_params(&tiny, 0.3f, seed);
  for (uint32_t i = ULM_PIECE0 + 1; i + 5 <= tiny.vocab; i += 5)
    for (uint32_t k = 3; k < 5; k++) /* "A", " A" and " a" are one to the model */
      memcpy(w + (i + k) * tiny.dim, w + (i + 2) * tiny.dim, tiny.dim * sizeof *w);
  return open_with(vocab, n, w, -40, ULM_F32, NULL, 0);
}
/* One piece in five goes on with a word. */
static opened open_loose(uint64_t seed) {
  static const char *const loose[] = {"%c%s", " %c%s.", " %c%s", " %c%s;", " %c%s"};
  size_t n;
  uint8_t *vocab = words_vocab(loose, &n);
  return open_with(vocab, n, made_params(&tiny, 0.3f, seed), -40, ULM_F32, NULL, 0);
}
static void shut(opened x) {
  free(x.arena);
  free(x.blob);
}

typedef struct {
  char text[ULM_OPENER_BYTES];
  size_t size;
  uint32_t words, stop_after;
  uint16_t ids[64];
  uint32_t drawn;
} listener;
static int hear(void *user, const char *word, size_t n) {
  listener *l = user;
  assert_true(n > 0 && l->size + n < sizeof l->text);
  memcpy(l->text + l->size, word, n);
  l->size += n;
  return ++l->words == l->stop_after;
}
static void draw(void *user, uint16_t id) {
  listener *l = user;
  assert_true(l->drawn < 64);
  l->ids[l->drawn++] = id;
}

static void check_text(const ulm_opener *o, const listener *l) {
  assert_int_equal(strlen(o->text), o->size);
  assert_int_equal(l->size, o->size);
  assert_memory_equal(l->text, o->text, o->size); /* what was said is what is reported */
  assert_int_equal(l->words, o->words);
  assert_int_equal(ulm_word_count(o->text, o->size), o->words);
  assert_true(o->size == 0 || (o->text[0] > ' ' || o->text[0] < 0));
  assert_true(o->size == 0 || (o->text[o->size - 1] > ' ' || o->text[o->size - 1] < 0));
  for (size_t i = 0, k; i < o->size; i += k) {
    assert_true((k = ulm_utf8_len((const uint8_t *)o->text + i, o->size - i)) > 0);
    assert_true(k > 1 || (uint8_t)o->text[i] >= ' ');
  }
  assert_true(o->confidence >= 0 && o->confidence <= 1 && o->logprob <= 0 && o->entropy >= 0 &&
              o->margin >= 0);
}

/* The tokens of an opener that the cache holds. */
static listener held(const ulm *m, const ulm_opener *o) {
  listener l = {.drawn = o->tokens};
  assert_true(o->tokens <= 64 && o->tokens <= m->position);
  memcpy(l.ids, m->held + (m->position - o->tokens), o->tokens * sizeof *l.ids);
  return l;
}

/* a's cache is what one has that is given the conversation of `before` tokens, the reply's header
 * and the opener's tokens, which were drawn one after the other and are its text. */
static void check_cache(ulm *a, ulm *b, uint32_t before, const ulm_opener *o, const listener *l) {
  const uint16_t next = 300;
  ulm_chat_begin(b);
  assert_int_equal(ulm_prefill(b, a->held, before), ULM_OK);
  assert_int_equal(ulm_chat_header(b, "assistant"), ULM_OK);
  assert_int_equal(ulm_position(a) - ulm_position(b), o->tokens);
  assert_memory_equal(a->held, b->held, ulm_position(b) * sizeof *a->held);
  const listener kept = held(a, o);
  char text[ULM_OPENER_BYTES];
  size_t size = 0, lead = 0, drawn = 0;
  uint32_t used = 0;
  for (uint32_t i = 0; i < l->drawn && used < kept.drawn; i++) used += l->ids[i] == kept.ids[used];
  for (uint32_t i = 0; i < kept.drawn; i++) {
    size += ulm_piece(a, kept.ids[i], text + size, sizeof text - size);
    if (i + 1 == used) drawn = size;
  }
  while (lead < size && (uint8_t)text[lead] <= ' ') lead++;
  assert_int_equal(size - lead, o->size);
  assert_memory_equal(text + lead, o->text, o->size);
  if (used < kept.drawn) { /* the cut fell inside a token: its head was encoded anew */
    uint16_t tail[64];
    size_t k;
    assert_int_equal(ulm_encode(b, text + drawn, size - drawn, tail, 64, &k), ULM_OK);
    assert_int_equal(used + k, kept.drawn);
    assert_memory_equal(tail, kept.ids + used, k * sizeof *tail);
  }
  float stats[3], sum[3] = {0};
  for (uint32_t i = 0; i < kept.drawn; i++) {
    (void)ulm_logits(b);
    ulm_surprise(b->kernels, b->logits, tiny.vocab, kept.ids[i], stats);
    for (int k = 0; k < 3; k++) sum[k] += stats[k] / (float)kept.drawn;
    assert_int_equal(ulm_prefill(b, kept.ids + i, 1), ULM_OK);
  }
  if (used == kept.drawn) { /* how likely they were does not depend on what else was tried */
    assert_true(fabsf(sum[0] - o->logprob) < 1e-3f && fabsf(sum[1] - o->entropy) < 1e-3f);
    assert_true(fabsf(sum[2] - o->margin) < 1e-3f);
    /* Control: without the last token. */
    const float less = sum[0] - stats[0] / (float)(kept.drawn ? kept.drawn : 1);
    if (kept.drawn) assert_false(fabsf(less - o->logprob) < 1e-3f && stats[0] < -0.1f);
  }
  assert_int_equal(ulm_prefill(a, &next, 1), ULM_OK);
  assert_int_equal(ulm_prefill(b, &next, 1), ULM_OK);
  assert_memory_equal(ulm_logits(a), ulm_logits(b), tiny.vocab * sizeof(float));
}

static const ulm_message question = {"user", "the Yaz is \xc3\xa9, ok?", 17};

static void a_forced_opener_has_four_to_eight_clean_words_and_the_cache_holds_it(void **state) {
  (void)state;
  int finishes[8] = {0}, split_characters = 0;
  for (int model = 0; model < 4; model++) {
    opened a = open_tiny(0, (ulm_type)model, (uint64_t)model, NULL, 0),
           b = open_tiny(0, (ulm_type)model, (uint64_t)model, NULL, 0);
    for (uint64_t seed = 0; seed < 60; seed++) {
      ulm_error err;
      ulm_opener o;
      listener l = {.size = 0};
      const ulm_opener_options options = {.temperature = seed ? 1.5f : 0,
                                          .top_p = 1,
                                          .seed = seed,
                                          .on_word = hear,
                                          .on_token = draw,
                                          .user = &l};
      assert_int_equal(ulm_chat(a.m, &question, 1, NULL, &err), ULM_OK);
      const uint32_t before = ulm_position(a.m);
      assert_int_equal(ulm_speak(a.m, &options, &o, &err), ULM_OK);
      check_text(&o, &l);
      assert_true(o.words <= 8);
      assert_true(o.words >= 4 || o.finish == ULM_FINISH_LENGTH);
      assert_int_equal(o.finish == ULM_FINISH_END, 0);
      ulm_finish why;
      uint32_t words;
      if (o.finish != ULM_FINISH_LENGTH) { /* the same rule as for labels */
        assert_int_equal(ulm_opener_cut(o.text, o.size, 4, 8, &why, &words), o.size);
        assert_int_equal(words, o.words);
      }
      finishes[o.finish]++;
      for (uint32_t i = 0; i < l.drawn; i++)
        split_characters += l.ids[i] >= ULM_BYTE0 + 0x80 && l.ids[i] < ULM_PIECE0;
      check_cache(a.m, b.m, before, &o, &l);
    }
    shut(a);
    shut(b);
  }
  assert_true(finishes[ULM_FINISH_SENTENCE] && finishes[ULM_FINISH_CLAUSE] &&
              finishes[ULM_FINISH_WORDS]);
  assert_true(split_characters >
              10); /* byte pieces were drawn, and every character came out whole */
}

static void a_model_that_always_wants_to_end_is_held_to_four_words_unless_unforced(void **state) {
  (void)state;
  opened a = open_tiny(40, ULM_F32, 3, NULL, 0);
  ulm_error err;
  ulm_opener o;
  for (uint64_t seed = 0; seed < 10; seed++) {
    listener l = {.size = 0};
    ulm_opener_options options = {
        .temperature = 0.9f, .top_p = 1, .seed = seed, .on_word = hear, .user = &l};
    assert_int_equal(ulm_chat(a.m, &question, 1, NULL, &err), ULM_OK);
    assert_int_equal(ulm_speak(a.m, &options, &o, &err), ULM_OK);
    check_text(&o, &l);
    if (o.finish != ULM_FINISH_LENGTH) {
      assert_int_equal(o.words, 4);
      assert_int_equal(o.ended, 1);
    }
    l = (listener){.size = 0};
    options.min_words = 2, options.max_words = 3;
    ulm_chat(a.m, &question, 1, NULL, &err);
    assert_int_equal(ulm_speak(a.m, &options, &o, &err), ULM_OK);
    if (o.finish != ULM_FINISH_LENGTH) assert_int_equal(o.words, 2);
    l = (listener){.size = 0};
    options.unforced = 1;
    ulm_chat(a.m, &question, 1, NULL, &err);
    assert_int_equal(ulm_speak(a.m, &options, &o, &err), ULM_OK);
    check_text(&o, &l);
    assert_true(o.ended && o.words == 0 && o.tokens == 0 && o.finish == ULM_FINISH_END &&
                o.confidence == 0);
  }
  shut(a);
}

static void a_model_that_never_ends_is_cut_by_the_rule_or_runs_on_when_unforced(void **state) {
  (void)state;
  opened a = open_tiny(-40, ULM_F32, 3, NULL, 0);
  ulm_error err;
  ulm_opener o;
  int longer = 0;
  for (uint64_t seed = 0; seed < 20; seed++) {
    listener l = {.size = 0};
    ulm_opener_options options = {.temperature = 1,
                                  .top_p = 1,
                                  .seed = seed,
                                  .on_word = hear,
                                  .on_token = draw,
                                  .user = &l,
                                  .unforced = 1};
    ulm_chat(a.m, &question, 1, NULL, &err);
    assert_int_equal(ulm_speak(a.m, &options, &o, &err), ULM_OK);
    assert_int_equal(o.finish, ULM_FINISH_LENGTH);
    assert_int_equal(o.ended, 0);
    assert_int_equal(l.drawn, ULM_OPENER_TOKENS);
    longer |= o.words > 8; /* nothing cut it */
    options.unforced = 0;
    l = (listener){.size = 0};
    ulm_chat(a.m, &question, 1, NULL, &err);
    assert_int_equal(ulm_speak(a.m, &options, &o, &err), ULM_OK);
    check_text(&o, &l);
    assert_true(o.words <= 8 && !o.ended);
  }
  assert_true(longer);
  shut(a);
}

/* How a word is said again: in a row or as the first of a pair; the first word of all with its
 * capital or without. */
enum { ROW, PAIR, FIRST_ROW, FIRST_SMALL, FIRST_PAIR, FIRST_PAIR_SMALL, KINDS };

/* Of a first token and a later one, are they of one word? 1: with the same letter, 2: with a small
 * one. */
static int first_again(ulm *m, uint16_t first, uint16_t later) {
  char s[64] = {0}, t[64] = {0};
  if (!ulm_piece(m, first, s, 63) || !ulm_piece(m, later, t, 63) || t[0] != ' ') return 0;
  const char *word = s + (s[0] == ' ');
  if (!ulm_word_count(word, strlen(word)) || isdigit((uint8_t)*word)) return 0;
  uint16_t ids[64];
  size_t n; /* what no text is encoded to cannot be found by its text */
  if (later != first && (ulm_encode(m, t, strlen(t), ids, 64, &n) || n != 1)) return 0;
  if (!strcmp(word, t + 1)) return 1;
  return isupper((uint8_t)*word) && tolower(*word) == t[1] && !strcmp(word + 1, t + 2) ? 2 : 0;
}

/* Counts what is said again in the tokens drawn; a word is known by its first token. */
static void said_again(ulm *m, const listener *l, int times[KINDS]) {
  uint16_t head[ULM_OPENER_TOKENS];
  int n = 0;
  for (uint32_t i = 0; i < l->drawn; i++) {
    char piece[64] = {0};
    if (l->ids[i] == ULM_EOS || l->ids[i] == ULM_PAD) break;
    const size_t k = ulm_piece(m, l->ids[i], piece, sizeof piece);
    if (i > 0 && piece[0] != ' ') continue;
    head[n++] = ulm_word_count(piece, k) ? l->ids[i] : 0;
    if (n < 2 || !head[n - 1]) continue;
    const int last = first_again(m, head[0], head[n - 1]),
              pair = n > 2 ? first_again(m, head[0], head[n - 2]) : 0;
    times[ROW] += n > 2 && head[n - 2] == head[n - 1];
    if (n == 2 && last) times[last == 1 ? FIRST_ROW : FIRST_SMALL]++;
    if (pair && head[1] == head[n - 1]) times[pair == 1 ? FIRST_PAIR : FIRST_PAIR_SMALL]++;
    for (int j = 1; j < n - 2; j++)
      times[PAIR] += head[n - 2] && head[j] == head[n - 2] && head[j + 1] == head[n - 1];
  }
}

static void
no_word_is_begun_twice_in_a_row_and_no_pair_twice_unless_repeats_are_allowed(void **state) {
  (void)state;
  int again[2][KINDS] = {{0}}, same = 0, other = 0;
  for (int model = 0; model < 5; model++) {
    for (uint64_t seed = 0; seed < (model < 4 ? 40 : 500); seed++) {
      opened a = model < 4 ? open_tiny(-40, (ulm_type)model, seed, NULL, 0) : open_words(seed);
      ulm_error err;
      ulm_opener o[2];
      listener l[2] = {{.size = 0}, {.size = 0}};
      for (int repeats = 0; repeats < 2; repeats++) {
        const ulm_opener_options options = {.min_words = model == 4 ? 8 : 2,
                                            .max_words = seed % 4 && model < 4 ? 3 : 8,
                                            .temperature = seed % 2 || model == 4 ? 0.8f : 0,
                                            .top_p = 1,
                                            .seed = seed,
                                            .on_word = hear,
                                            .on_token = draw,
                                            .user = &l[repeats],
                                            .repeats = repeats};
        assert_int_equal(ulm_chat(a.m, &question, 1, NULL, &err), ULM_OK);
        assert_int_equal(ulm_speak(a.m, &options, &o[repeats], &err), ULM_OK);
        check_text(&o[repeats], &l[repeats]);
        const listener kept = held(a.m, &o[repeats]);
        said_again(a.m, &kept, again[repeats]);
      }
      /* What is out of the question changes no probability that is reported. */
      const int equal =
          l[0].drawn == l[1].drawn && !memcmp(l[0].ids, l[1].ids, l[0].drawn * sizeof *l[0].ids);
      if (equal) assert_memory_equal(&o[0], &o[1], sizeof o[0]);
      same += equal, other += !equal;
      shut(a);
    }
  }
  for (int i = 0; i < KINDS; i++) {
    assert_int_equal(again[0][i], 0);
    assert_true(again[1][i] > 3); /* control: these models do say things again */
  }
  assert_true(same > 10 && other > 10);
}

/* Capitals right behind a sentence's end, though there is the token that has a space. *spared:
 * those that belong there, as in "Ph.D". */
static int glued(ulm *m, const listener *l, int *spared) {
  char text[2048];
  size_t n = 0;
  int times = 0;
  for (uint32_t i = 0; i < l->drawn && l->ids[i] != ULM_EOS && l->ids[i] != ULM_PAD; i++) {
    char piece[64] = " ";
    const size_t k = ulm_piece(m, l->ids[i], piece + 1, 63);
    uint16_t ids[64];
    size_t count;
    if (n > 2 && islower((uint8_t)text[n - 2]) && strchr(".!?", text[n - 1]) &&
        isupper((uint8_t)piece[1]) && !ulm_encode(m, piece, 1 + k, ids, 64, &count) && count == 1) {
      const int abbreviated = isupper((uint8_t)text[n - 3]) != 0;
      times += !abbreviated, *spared += abbreviated;
    }
    memcpy(text + n, piece + 1, k), n += k;
  }
  return times;
}

static void a_sentence_that_follows_another_before_the_end_is_allowed_has_its_space(void **state) {
  (void)state;
  int times[2][2] = {{0}}, spared[2] = {0};
  for (uint64_t seed = 0; seed < 200; seed++) {
    opened a = open_words(seed / 10);
    ulm_error err;
    ulm_opener o;
    for (int repeats = 0; repeats < 2; repeats++)
      for (int unforced = 0; unforced < 2; unforced++) {
        listener l = {.size = 0};
        const ulm_opener_options options = {.min_words = 47,
                                            .max_words = 48,
                                            .temperature = 2,
                                            .top_p = 1,
                                            .seed = seed,
                                            .on_word = hear,
                                            .on_token = draw,
                                            .user = &l,
                                            .unforced = unforced,
                                            .repeats = repeats};
        assert_int_equal(ulm_chat(a.m, &question, 1, NULL, &err), ULM_OK);
        assert_int_equal(ulm_speak(a.m, &options, &o, &err), ULM_OK);
        if (!unforced) check_text(&o, &l);
        times[repeats][unforced] += glued(a.m, &l, &spared[unforced]);
        int again[KINDS] = {0};
        const listener kept = held(a.m, &o);
        said_again(a.m, &kept, again);
        for (int i = 0; i < KINDS && !repeats; i++) assert_int_equal(again[i], 0);
      }
    shut(a);
  }
  assert_int_equal(times[1][0], 0);
  assert_true(spared[0] > 100);
  assert_true(times[0][0] < 10); /* where the word with its space was said before */
  /* Control: nothing is held back where nothing is forced. */
  assert_true(times[0][1] > 30 && times[1][1] > 30);
}

/* Tokens in a row, at most, within one word. */
static uint32_t longest_word(ulm *m, const listener *l) {
  uint32_t most = 0, now = 0;
  for (uint32_t i = 0; i < l->drawn; i++) {
    char first = ' ';
    ulm_piece(m, l->ids[i], &first, 1);
    now = first == ' ' ? 1 : now + 1;
    most = now > most ? now : most;
  }
  return most;
}

static int patience;
static int cancelled(void *user) {
  (void)user;
  return patience-- <= 0;
}

static void a_word_that_does_not_end_is_taken_back_and_another_begins(void **state) {
  (void)state;
  int endless[2] = {0}, whole = 0, cut = 0, resumed = 0;
  uint32_t longest = 0;
  for (uint64_t seed = 0; seed < 150; seed++) {
    opened a = open_loose(seed), b = open_loose(seed);
    ulm_error err;
    ulm_opener o;
    listener l[2] = {{.size = 0}, {.size = 0}};
    uint32_t before = 0;
    ulm_opener_options options = {.temperature = seed % 2 ? 0.6f : 0,
                                  .top_p = 0.9f,
                                  .seed = seed,
                                  .on_word = hear,
                                  .on_token = draw,
                                  .repeats = seed % 3 == 0};
    for (int unforced = 0; unforced < 2; unforced++) {
      options.unforced = unforced, options.user = &l[unforced];
      assert_int_equal(ulm_chat(a.m, &question, 1, NULL, &err), ULM_OK);
      before = ulm_position(a.m);
      assert_int_equal(ulm_speak(a.m, &options, &o, &err), ULM_OK);
      const listener kept = held(a.m, &o);
      const uint32_t tokens = longest_word(a.m, unforced ? &l[1] : &kept);
      endless[unforced] += tokens > 15;
      if (!unforced && tokens > longest) longest = tokens;
      if (unforced) assert_memory_equal(kept.ids, l[1].ids, kept.drawn * sizeof *kept.ids);
      if (unforced) continue;
      check_text(&o, &l[0]);
      check_cache(a.m, b.m, before, &o, &l[0]);
      assert_true(l[0].drawn <= ULM_OPENER_TOKENS);
      /* What was taken back is not begun again. */
      for (uint32_t at = 0; !options.temperature && !options.repeats && at + 32 <= l[0].drawn; at++)
        assert_memory_not_equal(l[0].ids + at, l[0].ids + at + 16, 16 * sizeof *l[0].ids);
    }
    if (longest_word(a.m, &l[0]) >= 16) { /* one was taken back */
      whole += l[0].words >= 4, cut += l[0].words < 4;
      /* Wherever it is cancelled, the cache holds what was said. */
      options.unforced = 0;
      for (int k = 1, going = 1; going; k += 7) {
        listener some = {.size = 0};
        options.user = &some;
        assert_int_equal(ulm_chat(a.m, &question, 1, NULL, &err), ULM_OK);
        patience = k, a.m->cancelled = cancelled;
        going = ulm_speak(a.m, &options, &o, &err) == ULM_E_CANCELLED;
        a.m->cancelled = NULL;
        check_text(&o, &some);
        if (!going || ulm_position(a.m) > before) check_cache(a.m, b.m, before, &o, &some);
        assert_memory_equal(some.text, l[0].text, some.size);
        resumed += going && some.drawn > 16;
      }
    }
    shut(a);
    shut(b);
  }
  assert_int_equal(endless[0], 0);
  assert_int_equal(longest, 15);
  assert_true(endless[1] > 10); /* control: these models do lose themselves in a word */
  assert_true(whole > 5 && cut > 5 && resumed > 50);
}

static void a_cancelled_opener_keeps_the_words_already_said(void **state) {
  (void)state;
  opened a = open_tiny(0, ULM_INT8, 1, NULL, 0);
  ulm_error err;
  ulm_opener whole, o;
  for (uint32_t k = 1; k <= 4; k++) {
    listener l = {.size = 0}, cut = {.stop_after = k};
    ulm_opener_options options = {
        .temperature = 1, .top_p = 1, .seed = 2, .on_word = hear, .user = &l};
    ulm_chat(a.m, &question, 1, NULL, &err);
    assert_int_equal(ulm_speak(a.m, &options, &whole, &err), ULM_OK);
    options.user = &cut;
    ulm_chat(a.m, &question, 1, NULL, &err);
    const uint32_t before = ulm_position(a.m);
    assert_int_equal(ulm_speak(a.m, &options, &o, &err), ULM_E_CANCELLED);
    assert_int_equal(err.code, ULM_E_CANCELLED);
    assert_int_equal(o.finish, ULM_FINISH_CANCELLED);
    check_text(&o, &cut);
    assert_int_equal(o.words, k);
    assert_memory_equal(o.text, whole.text, o.size);
    assert_true(ulm_position(a.m) > before + o.tokens);
    assert_int_equal(ulm_rewind(a.m, before), ULM_OK);
  }
  shut(a);
}

static void an_opener_stops_where_the_context_ends(void **state) {
  (void)state;
  opened a = open_tiny(0, ULM_F32, 1, NULL, 32);
  uint16_t ids[32];
  for (int i = 0; i < 32; i++) ids[i] = (uint16_t)(300 + i);
  ulm_error err;
  ulm_opener o;
  for (uint32_t held = 0; held <= 32; held++) {
    listener l = {.size = 0};
    const ulm_opener_options options = {.temperature = 1, .top_p = 1, .on_word = hear, .user = &l};
    ulm_chat_begin(a.m);
    assert_int_equal(ulm_prefill(a.m, ids, held), ULM_OK);
    const ulm_status s = ulm_speak(a.m, &options, &o, &err);
    if (s) {
      assert_int_equal(s, ULM_E_CONTEXT);
      assert_int_equal(ulm_position(a.m), held);
      assert_true(held > 16);
    } else {
      check_text(&o, &l);
    }
    assert_true(ulm_position(a.m) <= 32);
  }
  shut(a);
}

static void an_opener_draws_no_more_tokens_than_it_may(void **state) {
  (void)state;
  opened a = open_tiny(-40, ULM_F32, 3, NULL, 0);
  ulm_error err;
  ulm_opener whole, o;
  listener full = {.size = 0};
  ulm_opener_options options = {
      .temperature = 1, .top_p = 1, .seed = 5, .on_token = draw, .user = &full};
  ulm_chat(a.m, &question, 1, NULL, &err);
  assert_int_equal(ulm_speak(a.m, &options, &whole, &err), ULM_OK);
  assert_true(full.drawn > 8 && full.drawn < ULM_OPENER_TOKENS);
  for (uint32_t most = 1; most <= full.drawn + 1; most++) {
    listener l = {.size = 0};
    options.max_tokens = most, options.on_word = hear, options.user = &l;
    ulm_chat(a.m, &question, 1, NULL, &err);
    const uint32_t before = ulm_position(a.m);
    assert_int_equal(ulm_speak(a.m, &options, &o, &err), ULM_OK);
    assert_int_equal(l.drawn, most < full.drawn ? most : full.drawn);
    assert_memory_equal(l.ids, full.ids, l.drawn * sizeof *l.ids);
    check_text(&o, &l);
    assert_memory_equal(o.text, whole.text, o.size);
    assert_int_equal(o.finish, most < full.drawn ? ULM_FINISH_LENGTH : whole.finish);
    assert_true(ulm_position(a.m) > before + o.tokens);
  }
  shut(a);
}

static void options_out_of_range_are_refused(void **state) {
  (void)state;
  opened a = open_tiny(0, ULM_F32, 1, NULL, 0);
  ulm_error err;
  ulm_opener o;
  const ulm_opener_options bad[] = {{.temperature = -1},       {.temperature = NAN},
                                    {.temperature = INFINITY}, {.top_p = -0.1f},
                                    {.top_p = 1.1f},           {.top_p = NAN},
                                    {.min_words = 9},          {.min_words = 5, .max_words = 4},
                                    {.max_words = 49},         {.max_tokens = 49}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(ulm_speak(a.m, &bad[i], &o, &err), ULM_E_ARGUMENT);
  assert_int_equal(ulm_speak(a.m, NULL, NULL, &err), ULM_E_ARGUMENT);
  assert_int_equal(ulm_position(a.m), 0);
  assert_int_equal(ulm_speak(a.m, NULL, &o, NULL), ULM_OK);
  shut(a);
}

static void confidence_comes_from_the_gate_where_it_is_calibrated(void **state) {
  (void)state;
  const ulm_gate gate = {1, 2, {0.5f, -0.25f, 1}, 0.5f, 0},
                 raw = {0, 2, {0.5f, -0.25f, 1}, 0.5f, 0};
  const ulm_gate *gates[] = {&gate, &raw, NULL};
  for (int i = 0; i < 3; i++) {
    opened a = open_tiny(0, ULM_F32, 1, gates[i], 0);
    ulm_error err;
    ulm_opener o;
    ulm_chat(a.m, &question, 1, NULL, &err);
    assert_int_equal(ulm_speak(a.m, &(ulm_opener_options){.temperature = 0}, &o, &err), ULM_OK);
    const double z = 2 + 0.5 * o.logprob - 0.25 * o.entropy + o.margin;
    const double want = i == 0 ? 1 / (1 + exp(-z)) : exp(o.logprob),
                 other = i ? 1 / (1 + exp(-z)) : exp(o.logprob);
    assert_true(fabs(o.confidence - want) < 1e-5);
    assert_false(fabs(o.confidence - other) < 1e-5);
    shut(a);
  }
}

/* ---- Conversations ---- */

static void turns_are_encoded_as_chatml(void **state) {
  (void)state;
  opened a = open_tiny(0, ULM_F32, 1, NULL, 0), b = open_tiny(0, ULM_F32, 1, NULL, 0);
  ulm_error err;
  uint16_t ids[64];
  size_t n = 0, k;
  ids[n++] = ULM_BOS;
  assert_int_equal(ulm_encode(b.m, "user\n", 5, ids + n, 64 - n, &k), ULM_OK);
  n += k;
  assert_int_equal(ulm_encode(b.m, "<|im_end|> is", 13, ids + n, 64 - n, &k), ULM_OK);
  for (size_t i = n; i < n + k; i++)
    assert_true(ids[i] > ULM_UNK); /* text never yields a special */
  n += k;
  ids[n++] = ULM_EOS;
  ids[n++] = ULM_BYTE0 + '\n';
  assert_int_equal(ulm_prefill(b.m, ids, n), ULM_OK);
  assert_int_equal(ulm_chat_turn(a.m, "user", "<|im_end|> is", 13, &err), ULM_OK);
  assert_int_equal(ulm_position(a.m), n);
  assert_memory_equal(ulm_logits(a.m), ulm_logits(b.m), tiny.vocab * sizeof(float));
  assert_int_equal(ulm_chat_turn(a.m, "tool", "x", 1, &err), ULM_E_ARGUMENT);
  assert_int_equal(ulm_chat_turn(a.m, NULL, "x", 1, &err), ULM_E_ARGUMENT);
  assert_int_equal(ulm_chat_turn(a.m, "user", NULL, 1, &err), ULM_E_ARGUMENT);
  char much[400];
  memset(much, 'q', sizeof much);
  assert_int_equal(ulm_chat_turn(a.m, "user", much, sizeof much, &err), ULM_E_CONTEXT);
  assert_int_equal(ulm_position(a.m), n); /* whole or not at all */
  shut(a);
  shut(b);
}

static void
an_overflowing_conversation_loses_its_oldest_turns_then_the_middle_of_the_last(void **state) {
  (void)state;
  opened a = open_tiny(0, ULM_F32, 1, NULL, 0), b = open_tiny(0, ULM_F32, 1, NULL, 0);
  ulm_error err;
  int truncated = -1;
  const ulm_message turns[] = {{"system", "aa aa aa aa aa aa aa aa aa aa", 29},
                               {"user", "yy", 2},
                               {"assistant", "zz", 2},
                               {"user", "Y?", 2}};
  /* All fit. */
  assert_int_equal(ulm_chat(a.m, turns, 4, &truncated, &err), ULM_OK);
  assert_int_equal(truncated, 0);
  for (int i = 0; i < 4; i++)
    assert_int_equal(ulm_chat_turn(b.m, turns[i].role, turns[i].text, turns[i].size, &err), ULM_OK);
  assert_memory_equal(ulm_logits(a.m), ulm_logits(b.m), tiny.vocab * sizeof(float));
  shut(a);
  /* In less context the oldest go, and what is left is as if they had never been. */
  a = open_tiny(0, ULM_F32, 1, NULL, 96);
  assert_int_equal(ulm_chat(a.m, turns, 4, &truncated, &err), ULM_OK);
  assert_int_equal(truncated, 1);
  assert_true(ulm_position(a.m) + 32 <= 96);
  int same = 0;
  for (int first = 1; first < 4; first++) {
    ulm_chat_begin(b.m);
    for (int i = first; i < 4; i++)
      assert_int_equal(ulm_chat_turn(b.m, turns[i].role, turns[i].text, turns[i].size, &err),
                       ULM_OK);
    same += !memcmp(ulm_logits(a.m), ulm_logits(b.m), tiny.vocab * sizeof(float));
  }
  assert_int_equal(same, 1);
  /* A last turn of any length keeps its two ends. */
  for (size_t n = 40; n <= 5000; n = n * 3 / 2) {
    char *text = malloc(n);
    for (size_t i = 0; i < n; i++) text[i] = "\xc3\xa9"[i % 2];
    memcpy(text, "ya", 2);
    text[n - 1] = 'z';
    if (n % 2) text[n - 2] = ' ';
    const ulm_message last[] = {{"user", "yy", 2}, {"user", text, n}};
    assert_int_equal(ulm_chat(a.m, last, 2, &truncated, &err), ULM_OK);
    assert_int_equal(truncated, n > 60);
    assert_true(ulm_position(a.m) + 32 <= 96);
    if (n > 200) assert_true(ulm_position(a.m) + 32 + 12 >= 96); /* no more is cut than must be */
    ulm_opener o;
    assert_int_equal(ulm_speak(a.m, &(ulm_opener_options){.temperature = 1, .top_p = 1}, &o, &err),
                     ULM_OK);
    free(text);
  }
  assert_int_equal(ulm_chat(a.m, NULL, 0, &truncated, &err), ULM_OK);
  assert_int_equal(ulm_position(a.m), 0);
  const ulm_message bad = {"nobody", "x", 1};
  assert_int_equal(ulm_chat(a.m, &bad, 1, &truncated, &err), ULM_E_ARGUMENT);
  shut(a);
  a = open_tiny(0, ULM_F32, 1, NULL, 32);
  assert_int_equal(ulm_chat(a.m, turns + 3, 1, &truncated, &err), ULM_E_CONTEXT);
  shut(a);
  shut(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_forced_opener_has_four_to_eight_clean_words_and_the_cache_holds_it),
      cmocka_unit_test(a_model_that_always_wants_to_end_is_held_to_four_words_unless_unforced),
      cmocka_unit_test(a_model_that_never_ends_is_cut_by_the_rule_or_runs_on_when_unforced),
      cmocka_unit_test(
          no_word_is_begun_twice_in_a_row_and_no_pair_twice_unless_repeats_are_allowed),
      cmocka_unit_test(a_sentence_that_follows_another_before_the_end_is_allowed_has_its_space),
      cmocka_unit_test(a_word_that_does_not_end_is_taken_back_and_another_begins),
      cmocka_unit_test(a_cancelled_opener_keeps_the_words_already_said),
      cmocka_unit_test(an_opener_stops_where_the_context_ends),
      cmocka_unit_test(an_opener_draws_no_more_tokens_than_it_may),
      cmocka_unit_test(options_out_of_range_are_refused),
      cmocka_unit_test(confidence_comes_from_the_gate_where_it_is_calibrated),
      cmocka_unit_test(turns_are_encoded_as_chatml),
      cmocka_unit_test(
          an_overflowing_conversation_loses_its_oldest_turns_then_the_middle_of_the_last),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
