/* train/loader.c: packing loses and doubles nothing, and a cursor goes on exactly. */
#include "make_shards.h"

#include "train/loader.h"

enum { CAP = 4096 };
typedef struct {
  uint16_t ids[CAP], next[CAP];
  float weight[CAP];
  uint64_t n;
} view;

/* ---- Rows ---- */

/* Running text of 3..2 T tokens, each document another; several shards. */
enum { DOCS = 700, ROW = 64 };
static void texts(const char *dir, const char *split, uint32_t docs, uint32_t least, uint32_t most,
                  uint32_t first) {
  made_shards m;
  made_doc d;
  ulm_rng r = ulm_rng_seed(first, 5);
  made_shards_open(&m, dir, split, tiny_tokenizer, 8000);
  for (uint32_t i = 0; i < docs; i++) {
    made_text_doc(&d, &r, first + i, least + ulm_rng_below(&r, most - least + 1));
    made_shards_add(&m, &d, NULL);
  }
  made_shards_close(&m);
}

static loader *open_loader(const loader_source *s, size_t n, const loader_options *o) {
  host_error e;
  loader *l = loader_open(s, n, "train", o, &e);
  if (!l) fail_msg("%s", e.text);
  return l;
}

typedef struct {
  uint64_t *hash;
  size_t count, cap;
} pieces;
static uint64_t hash_of(const uint16_t *ids, const uint16_t *next, const float *weight,
                        uint64_t n) {
  uint64_t h = n;
  for (uint64_t t = 0; t < n; t++)
    h = (h ^ ids[t] ^ (uint64_t)next[t] << 16 ^ (uint64_t)(weight[t] * 64) << 32) *
        0x9e3779b97f4a7c15u,
    h ^= h >> 31;
  return h;
}
static void note(pieces *p, uint64_t h) {
  if (p->count == p->cap) p->hash = realloc(p->hash, (p->cap = 2 * p->cap + 64) * sizeof *p->hash);
  p->hash[p->count++] = h;
}
static int by_value(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}
static bool same_pieces(pieces *a, pieces *b) {
  qsort(a->hash, a->count, sizeof *a->hash, by_value);
  qsort(b->hash, b->count, sizeof *b->hash, by_value);
  return a->count == b->count && !memcmp(a->hash, b->hash, a->count * sizeof *a->hash);
}

/* What a split holds, cut into rows of T. */
static pieces expected(const char *dir, const view_options *o, uint32_t T) {
  pieces p = {0};
  size_t count;
  host_error e;
  static view v;
  shard *s = shard_open_split(dir, "train", &count, &e);
  for (size_t i = 0; i < count; i++)
    for (uint64_t d = 0; d < s[i].docs; d++) {
      const uint64_t n = view_doc(&s[i], d, o, v.ids, v.next, v.weight, CAP);
      for (uint64_t from = 0; from < n; from += T) {
        const uint64_t k = n - from < T ? n - from : T;
        if (view_counts(&s[i], d, o, from, k))
          note(&p, hash_of(v.ids + from, v.next + from, v.weight + from, k));
      }
    }
  shard_close_all(s, count);
  return p;
}

/* The documents and parts in a batch's rows; checks that rows are well formed. */
static uint64_t collect(const model_batch *b, pieces *p) {
  uint64_t padding = 0;
  for (uint32_t row = 0; row < b->B; row++)
    for (uint32_t t = 0, n; t < b->T; t += n) {
      const size_t at = (size_t)row * b->T + t;
      assert_int_equal(b->start[at], t);
      for (n = 1; t + n < b->T && b->start[at + n] == t; n++) {
      }
      for (uint32_t i = 0; i < n; i++)
        assert_true(b->ids[at + i] < TINY_VOCAB && b->next[at + i] < TINY_VOCAB);
      if (n == 1 && b->ids[at] == ULM_PAD) { /* no document begins so */
        assert_true(b->weight[at] == 0);
        padding++;
      } else
        note(p, hash_of(b->ids + at, b->next + at, b->weight + at, n));
    }
  return padding;
}

static void one_epoch_gives_every_document_once(void **state) {
  (void)state;
  const view_options o = {OBJECTIVE_LM, 0, 0, 0};
  texts(in_dir("many"), "train", DOCS, 3, 2 * ROW, 0);
  const loader_source source = {in_dir("many"), 0};
  pieces want = expected(source.dir, &o, ROW), got = {0};
  loader *l = open_loader(&source, 1, &(loader_options){4, ROW, 1, o, true});
  const model_batch *b;
  uint64_t padding = 0, rows = 0;
  while ((b = loader_next(l))) padding += collect(b, &got), rows += b->B;
  assert_true(same_pieces(&want, &got));
  assert_true(want.count > DOCS);
  assert_int_equal(loader_positions(l), loader_count(l, 0).tokens);
  assert_int_equal(loader_positions(l) + padding, rows * ROW);
  assert_true(padding < rows * ROW / 12);
  assert_null(loader_next(l));
  got.hash[3] = got.hash[4]; /* one lost and one doubled would be seen */
  assert_false(same_pieces(&want, &got));
  loader_rewind(l);
  got.count = 0;
  while ((b = loader_next(l))) collect(b, &got);
  assert_true(same_pieces(&want, &got));
  loader_close(l);
  l = open_loader(&source, 1, &(loader_options){1, 8 * ROW, 1, o, false});
  for (padding = 0, rows = 0; rows < 1000; rows++) padding += collect(loader_next(l), &got);
  assert_true(padding < rows * 8 * ROW / 100); /* documents shorter than rows pack tightly */
  loader_close(l);
  free(want.hash), free(got.hash);
}

static void an_epoch_is_a_permutation_and_the_next_one_another(void **state) {
  (void)state;
  enum { N = 97, LENGTH = 16 };
  uint32_t order[2][3 * N];
  texts(in_dir("equal"), "train", N, LENGTH, LENGTH, 0); /* a document a row: order is seen */
  const loader_source source = {in_dir("equal"), 0};
  for (uint64_t seed = 0; seed < 2; seed++) {
    loader *l =
        open_loader(&source, 1, &(loader_options){1, LENGTH, seed, {OBJECTIVE_LM, 0, 0, 0}, false});
    for (int i = 0; i < 3 * N; i++) {
      const model_batch *b = loader_next(l);
      order[seed][i] = b->ids[0] - MADE_PIECE0 + 100u * (b->ids[1] - MADE_PIECE0);
    }
    for (int epoch = 0; epoch < 3; epoch++) {
      int seen[N] = {0};
      for (int i = 0; i < N; i++) seen[order[seed][epoch * N + i]]++;
      for (int i = 0; i < N; i++) assert_int_equal(seen[i], 1);
    }
    assert_memory_not_equal(order[seed], order[seed] + N, N * sizeof(uint32_t));
    loader_close(l);
  }
  assert_memory_not_equal(order[0], order[1], N * sizeof(uint32_t));
  int fixed = 0, rising = 0;
  for (int i = 0; i < N; i++) fixed += order[0][i] == (uint32_t)i;
  for (int i = 1; i < N; i++) rising += order[0][i] == order[0][i - 1] + 1;
  assert_true(fixed < 8 && rising < 8);
}

static void sources_are_mixed_by_their_weights(void **state) {
  (void)state;
  texts(in_dir("low"), "train", 60, 20, 60, 0);
  texts(in_dir("high"), "train", 300, 5, 30, 6000); /* second tokens from 60 on tell it */
  static const double given[3][2] = {{3, 1}, {0.5, 4}, {0, 0}};
  for (int i = 0; i < 3; i++) {
    const loader_source s[] = {{in_dir("low"), given[i][0]}, {in_dir("high"), given[i][1]}};
    loader *l = open_loader(s, 2, &(loader_options){4, ROW, 3, {OBJECTIVE_LM, 0, 0, 0}, false});
    double got[2] = {0};
    const double a = given[i][0] > 0 ? given[i][0] : (double)loader_count(l, 0).tokens,
                 b = given[i][1] > 0 ? given[i][1] : (double)loader_count(l, 1).tokens;
    for (int k = 0; k < 400; k++) {
      const model_batch *x = loader_next(l);
      for (size_t t = 0, of = 0; t < 4 * ROW; t++) {
        if (t == 0 || x->start[t] != x->start[t - 1] || x->start[t] == t % ROW)
          of = x->ids[t] == ULM_PAD ? 2 : x->ids[t + 1] >= MADE_PIECE0 + 60;
        if (of < 2) got[of]++;
      }
    }
    const double share = got[0] / (got[0] + got[1]);
    assert_true(share > a / (a + b) - 0.02 && share < a / (a + b) + 0.02);
    loader_close(l);
  }
  const loader_source one[] = {{in_dir("low"), 0}, {in_dir("high"), 2}};
  loader *l = open_loader(one, 2, &(loader_options){4, ROW, 3, {OBJECTIVE_LM, 0, 0, 0}, false});
  for (int k = 0; k < 400; k++) loader_next(l); /* without a weight beside one that has: 1 */
  const double low = loader_epochs(l, 0) * (double)loader_count(l, 0).tokens,
               high = loader_epochs(l, 1) * (double)loader_count(l, 1).tokens;
  assert_true(high / low > 1.9 && high / low < 2.1);
  loader_close(l);
}

static void rows_without_a_target_are_left_out(void **state) {
  (void)state;
  made_shards m;
  made_doc d;
  ulm_rng r = ulm_rng_seed(9, 9);
  made_shards_open(&m, in_dir("long"), "train", tiny_tokenizer, 1 << 20);
  for (int i = 0; i < 5; i++) {
    made_begin(&d);
    made_turns(&d, &r, 200); /* a prompt of 200 tokens, then a reply as long */
    made_push(&d, ULM_PAD, SHARD_CHAT);
    made_shards_add(&m, &d, NULL);
  }
  made_shards_close(&m);
  const view_options o = {OBJECTIVE_CHAT, 0, 0, 0};
  const loader_source source = {in_dir("long"), 0};
  pieces want = expected(source.dir, &o, ROW), got = {0};
  loader *l = open_loader(&source, 1, &(loader_options){1, ROW, 1, o, true});
  const model_batch *b;
  while ((b = loader_next(l))) {
    float sum = 0;
    for (int t = 0; t < ROW; t++) sum += b->weight[t];
    assert_true(sum > 0);
    collect(b, &got);
  }
  assert_true(same_pieces(&want, &got));
  loader_close(l);
  free(want.hash), free(got.hash);
}

static void every_part_of_a_batch_is_named_where_it_lies(void **state) {
  (void)state;
  const loader_source s[] = {{in_dir("many"), 1}, {in_dir("high"), 2}};
  loader *l = open_loader(s, 2, &(loader_options){4, ROW, 3, {OBJECTIVE_LM, 0, 0, 0}, false});
  uint64_t before = 0;
  int longer = 0;
  for (int k = 0; k < 300; k++) {
    const model_batch *b = loader_next(l);
    size_t n, covered = 0;
    const loader_part *p = loader_parts(l, &n);
    for (size_t i = 0; i < n; i++) {
      size_t shards;
      uint16_t ids[ROW], next[ROW];
      float weight[ROW];
      const shard *x = loader_shards(l, p[i].source, &shards);
      uint64_t doc = p[i].document;
      while (doc >= x->docs) doc -= x++->docs;
      assert_true(p[i].at + p[i].length <= ROW && p[i].row < 4);
      view_part(x, doc, &(view_options){OBJECTIVE_LM, 0, 0, 0}, p[i].from, p[i].length, ids, next,
                weight);
      assert_memory_equal(ids, b->ids + p[i].row * ROW + p[i].at, p[i].length * sizeof *ids);
      assert_int_equal(b->start[p[i].row * ROW + p[i].at], p[i].at);
      covered += p[i].length, longer += p[i].from > 0;
    }
    assert_int_equal(covered, loader_positions(l) - before);
    before = loader_positions(l);
  }
  assert_true(longer > 10);
  loader_close(l);
}

/* ---- The cursor ---- */

enum { AHEAD = 160 }; /* batches, in which all documents that wait are used up */
static uint64_t draw(loader *l, int batches) {
  uint64_t h = 0;
  for (int i = 0; i < batches; i++) {
    const model_batch *b = loader_next(l);
    h = h * 31 + hash_of(b->ids, b->next, b->weight, (uint64_t)b->B * b->T);
    for (size_t t = 0; t < (size_t)b->B * b->T; t++) h = h * 31 + b->start[t];
  }
  return h;
}

static void a_cursor_goes_on_exactly_and_a_changed_one_does_not(void **state) {
  (void)state;
  host_error e;
  texts(in_dir("c1"), "train", 300, 3, 3 * ROW, 0); /* some longer than a row */
  texts(in_dir("c2"), "train", 90, 3, 40, 300);
  const loader_source s[] = {{in_dir("c1"), 2}, {in_dir("c2"), 1}};
  const loader_options o = {3, ROW, 11, {OBJECTIVE_LM, 0, 0, 0}, false};
  loader *l = open_loader(s, 2, &o);
  const size_t n = loader_cursor_size(l);
  uint8_t *cursor = malloc(n), *again = malloc(n);
  int within = 0; /* cursors that stand in the middle of a long document */
  for (int k = 0; k < 40; k++) {
    loader_cursor_write(l, cursor);
    within += ulm_get64(cursor + 16) > 0;
    loader *other = open_loader(s, 2, &o);
    if (loader_cursor_read(other, cursor, n, &e)) fail_msg("%s", e.text);
    loader_cursor_write(other, again);
    assert_memory_equal(cursor, again, n);
    const uint64_t want = draw(l, AHEAD), positions = loader_positions(l);
    assert_true(draw(other, AHEAD) == want);
    assert_int_equal(loader_positions(other), positions);
    const size_t change[] = {32, 32 + 16 * 3 + 8, 32 + 16 * 200 + 8}; /* next; waiting documents */
    for (int i = 0; i < 3; i++) {
      memcpy(again, cursor, n);
      ulm_put64(again + change[i], ulm_get64(again + change[i]) ^ 1);
      if (loader_cursor_read(other, again, n, &e)) continue;
      assert_true(draw(other, AHEAD) != want);
    }
    loader_close(other);
    loader_rewind(l);
    if (loader_cursor_read(l, cursor, n, &e)) fail_msg("%s", e.text);
    draw(l, 1 + k % 3);
  }
  assert_true(within > 5);
  loader_close(l);
  free(cursor), free(again);
}

static void a_damaged_cursor_is_refused_or_harmless(void **state) {
  (void)state;
  host_error e;
  const loader_source s[] = {{in_dir("c1"), 2}, {in_dir("c2"), 1}};
  loader *l = open_loader(s, 2, &(loader_options){3, ROW, 11, {OBJECTIVE_LM, 0, 0, 0}, false});
  const size_t n = loader_cursor_size(l);
  uint8_t *cursor = malloc(n), *bad = malloc(n);
  draw(l, 5);
  loader_cursor_write(l, cursor);
  ulm_rng r = ulm_rng_seed(1, 2);
  int refused = 0;
  for (int i = 0; i < 3000; i++) {
    memcpy(bad, cursor, n);
    bad[ulm_rng_below(&r, (uint32_t)n)] ^= (uint8_t)(1u << ulm_rng_below(&r, 8));
    if (i % 3 == 0) bad[ulm_rng_below(&r, 120)] = (uint8_t)ulm_rng_u32(&r);
    if (loader_cursor_read(l, bad, n, &e))
      refused++;
    else
      draw(l, 1);
  }
  assert_true(refused > 500);
  assert_int_equal(loader_cursor_read(l, cursor, n - 1, &e), -1);
  assert_int_equal(loader_cursor_read(l, cursor, 0, &e), -1);
  loader_close(l);
  free(cursor), free(bad);
}

/* ---- What is refused ---- */

static void refuse(const loader_source *s, size_t n, const loader_options *o, const char *word) {
  host_error e = {""};
  assert_null(loader_open(s, n, "train", o, &e));
  if (!strstr(e.text, word)) fail_msg("'%s' does not say '%s'", e.text, word);
}

static void unusable_sources_are_refused_by_name(void **state) {
  (void)state;
  made_shards m;
  made_doc d;
  ulm_rng r = ulm_rng_seed(1, 1);
  const loader_options lm = {1, ROW, 1, {OBJECTIVE_LM, 0, 0, 0}, false},
                       chat = {1, ROW, 1, {OBJECTIVE_CHAT, 0, 0, 0}, false};
  made_shards_open(&m, in_dir("foreign"), "train", "tests/corpus/spm/small", 1 << 20);
  made_begin(&d);
  made_push(&d, 259, 0), made_push(&d, ULM_PAD, 0);
  made_shards_add(&m, &d, NULL);
  made_shards_close(&m);
  texts(in_dir("texts"), "train", 10, 5, 9, 0);
  texts(in_dir("vals"), "val", 10, 5, 9, 0);
  made_begin(&d); /* documents of nothing but their end */
  made_shards_open(&m, in_dir("empty"), "train", tiny_tokenizer, 1 << 20);
  made_push(&d, ULM_PAD, 0);
  made_shards_add(&m, &d, NULL);
  made_shards_close(&m);
  (void)r;
  const loader_source two[] = {{in_dir("texts"), 0}, {in_dir("foreign"), 0}};
  refuse(two, 2, &lm, "foreign");
  refuse(&(loader_source){in_dir("nowhere"), 0}, 1, &lm, "nowhere");
  refuse(&(loader_source){in_dir("vals"), 0}, 1, &lm, "no train shard");
  refuse(&(loader_source){in_dir("texts"), 0}, 1, &chat, "--objective chat");
  refuse(&(loader_source){in_dir("empty"), 0}, 1, &lm, "target");
  refuse(&(loader_source){in_dir("texts"), 0}, 1,
         &(loader_options){1u << 20, 1000, 1, {OBJECTIVE_LM, 0, 0, 0}, false}, "2^24");
  char *path = strdup(in_dir("texts/train-00000.shard"));
  size_t n;
  uint8_t *bytes = made_read(path, &n);
  bytes[n / 2] ^= 4;
  made_write(path, bytes, n);
  refuse(&(loader_source){in_dir("texts"), 0}, 1, &lm, "train-00000.shard");
  free(bytes);
  free(path);
}

static void a_split_that_is_absent_is_passed_over_in_validation_alone(void **state) {
  (void)state;
  host_error e;
  const loader_source s[] = {{in_dir("many"), 0}, {in_dir("vals"), 0}};
  const loader_options o = {1, ROW, 1, {OBJECTIVE_LM, 0, 0, 0}, true};
  loader *l = loader_open(s, 2, "val", &o, &e);
  assert_non_null(l);
  assert_int_equal(loader_sources(l), 1);
  assert_non_null(loader_next(l));
  loader_close(l);
  l = loader_open(s, 1, "val", &o, &e);
  assert_non_null(l);
  assert_int_equal(loader_sources(l), 0);
  assert_null(loader_next(l));
  loader_close(l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_epoch_gives_every_document_once),
      cmocka_unit_test(an_epoch_is_a_permutation_and_the_next_one_another),
      cmocka_unit_test(sources_are_mixed_by_their_weights),
      cmocka_unit_test(rows_without_a_target_are_left_out),
      cmocka_unit_test(every_part_of_a_batch_is_named_where_it_lies),
      cmocka_unit_test(a_cursor_goes_on_exactly_and_a_changed_one_does_not),
      cmocka_unit_test(a_damaged_cursor_is_refused_or_harmless),
      cmocka_unit_test(unusable_sources_are_refused_by_name),
      cmocka_unit_test(a_split_that_is_absent_is_passed_over_in_validation_alone),
  };
  return cmocka_run_group_tests(tests, made_dir_open, made_dir_close);
}
