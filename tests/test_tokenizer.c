/* tokenizer/spm*, sample.c: models that are not what spm.h asks for are refused, training is
 * deterministic and bounded, specials never come from text, and text comes back. */
#include "t.h"

#include "small_tok.h"
#include "tokenizer/sample.h"

enum { VOCAB = 500 };

static uint8_t *model;
static size_t model_size;
static spm *tok;

static int setup(void **state) {
  (void)state;
  host_error e;
  small_model(VOCAB, &model, &model_size);
  tok = spm_open(model, model_size, &e);
  return tok ? 0 : -1;
}

static int teardown(void **state) {
  (void)state;
  spm_close(tok);
  free(model);
  return 0;
}

/* ---- Models ---- */

/* A ModelProto that a test writes field by field. */
typedef struct {
  uint8_t bytes[1 << 17];
  size_t n;
} proto;

static void put_varint(proto *p, uint64_t v) {
  for (; v > 127; v >>= 7) p->bytes[p->n++] = (uint8_t)(v | 128);
  p->bytes[p->n++] = (uint8_t)v;
}

static void put_bytes(proto *p, uint32_t number, const void *bytes, size_t n) {
  put_varint(p, number << 3 | 2);
  put_varint(p, n);
  memcpy(p->bytes + p->n, bytes, n);
  p->n += n;
}

static void put_number(proto *p, uint32_t number, uint64_t v) {
  put_varint(p, number << 3);
  put_varint(p, v);
}

static void put_piece(proto *p, const char *text, size_t n, float score, int type) {
  proto inner = {.n = 0};
  uint32_t bits;
  memcpy(&bits, &score, 4);
  put_bytes(&inner, 1, text, n);
  put_varint(&inner, 2 << 3 | 5);
  ulm_put32(inner.bytes + inner.n, bits);
  inner.n += 4;
  if (type != 1) put_number(&inner, 3, (uint64_t)type);
  put_bytes(p, 1, inner.bytes, inner.n);
}

typedef struct {
  int model_type, byte_fallback, dummy_prefix, remove_spaces;
  const char *charsmap, *extra; /* extra: one more piece */
  size_t extra_size;
  float extra_score;
  int extra_type, bytes, swap_special;
  const char *space;
} recipe;

static const recipe good = {2, 1, 0, 0, NULL, "ab", 2, -1.0f, 1, 256, 0, "\u2581"};

static const proto *cook(recipe r) {
  static proto p;
  p.n = 0;
  put_piece(&p, "<|endoftext|>", 13, 0, 3);
  put_piece(&p, r.swap_special ? "<|im_end|>" : "<|im_start|>", r.swap_special ? 10 : 12, 0, 3);
  put_piece(&p, r.swap_special ? "<|im_start|>" : "<|im_end|>", r.swap_special ? 12 : 10, 0, 3);
  put_piece(&p, "<unk>", 5, 0, 2);
  for (int i = 0; i < r.bytes; i++) {
    char name[16];
    snprintf(name, sizeof name, "<0x%02X>", (unsigned)i);
    put_piece(&p, name, 6, 0, 6);
  }
  put_piece(&p, "a", 1, -2, 1);
  put_piece(&p, "b", 1, -3, 1);
  put_piece(&p, r.space, strlen(r.space), -4, 1);
  if (r.extra) put_piece(&p, r.extra, r.extra_size, r.extra_score, r.extra_type);
  proto t = {.n = 0}, n = {.n = 0};
  put_number(&t, 3, (uint64_t)r.model_type);
  put_number(&t, 35, (uint64_t)r.byte_fallback);
  put_bytes(&t, 1000, "unknown", 7);
  put_bytes(&p, 2, t.bytes, t.n);
  if (r.charsmap) put_bytes(&n, 2, r.charsmap, strlen(r.charsmap));
  put_number(&n, 3, (uint64_t)r.dummy_prefix);
  put_number(&n, 4, (uint64_t)r.remove_spaces);
  put_bytes(&p, 3, n.bytes, n.n);
  put_bytes(&p, 77, "a field of the future", 21);
  return &p;
}

/* The reason for a refusal, or "" if the model is accepted. */
static const char *verdict(const uint8_t *bytes, size_t n) {
  static host_error e;
  uint32_t vocab;
  uint8_t *copy = malloc(n ? n : 1);
  memcpy(copy, bytes, n);
  e.text[0] = 0;
  const int bad = spm_check(copy, n, &vocab, &e);
  free(copy);
  assert_int_equal(bad != 0, e.text[0] != 0);
  return e.text;
}

static const char *taste(recipe r) {
  const proto *p = cook(r);
  return verdict(p->bytes, p->n);
}

#define REFUSED(reason, ...)                                                                       \
  do {                                                                                             \
    recipe r = good;                                                                               \
    __VA_ARGS__;                                                                                   \
    const char *said = taste(r);                                                                   \
    if (!strstr(said, reason)) fail_msg("'%s' was expected, not '%s'", reason, said);              \
  } while (0)

static void a_model_of_another_kind_is_refused_with_the_reason(void **state) {
  (void)state;
  assert_string_equal(taste(good), ""); /* the control: unknown fields and all */
  host_error e;
  const proto *p = cook(good);
  spm *s = spm_open(p->bytes, p->n, &e);
  assert_non_null(s);
  assert_int_equal(spm_vocab(s), 264);
  spm_close(s);
  REFUSED("not BPE", r.model_type = 1);
  REFUSED("byte fallback", r.byte_fallback = 0);
  REFUSED("dummy prefix", r.dummy_prefix = 1);
  REFUSED("removes spaces", r.remove_spaces = 1);
  REFUSED("identity", r.charsmap = "x");
  REFUSED("not <|im_start|>", r.swap_special = 1);
  REFUSED("is not <0xFF>", r.bytes = 255);
  REFUSED("twice", r.extra = "a", r.extra_size = 1);
  REFUSED("twice", r.extra = "<unk>", r.extra_size = 5);
  REFUSED("empty", r.extra_size = 0);
  REFUSED("not valid UTF-8", r.extra = "a\xc3");
  REFUSED("newline", r.extra = "\n", r.extra_size = 1);
  REFUSED("newline", r.extra = "a\0", r.extra_size = 2);
  REFUSED("plain space", r.extra = " a", r.extra_size = 2);
  REFUSED("not finite", r.extra_score = (float)(1e308 * 10));
  REFUSED("type 4", r.extra_type = 4);
  REFUSED("type 3", r.extra_type = 3);
  REFUSED("longer than 64",
          r.extra = "0123456789012345678901234567890123456789012345678901234567890123456789",
          r.extra_size = 65);
  assert_string_equal(
      taste((recipe){2, 1, 0, 0, NULL,
                     "0123456789012345678901234567890123456789012345678901234567890123", 64, -1, 1,
                     256, 0, "\u2581"}),
      "");
  REFUSED("no piece for a space", r.space = "\u2582");
}

/* What known flaws of the library's and protobuf's readers need. */
static void what_old_parsers_trip_over_is_refused(void **state) {
  (void)state;
  static uint8_t zeros[1 << 20];
  static const struct {
    const char *reason;
    uint8_t bytes[12];
    size_t n;
  } tails[] = {
      {"unknown wire type", {0x9b, 0x06, 0x9c, 0x06}, 4},        /* a group: field 99 */
      {"shortest form", {0x92, 0x86, 0x00, 0x00}, 4},            /* a tag in too many bytes */
      {"shortest form", {0x9a, 0x06, 0x80, 0x00}, 4},            /* a length in too many bytes */
      {"self-test", {0x22, 0x02, 0x0a, 0x00}, 4},                /* a sample */
      {"identity", {0x1a, 0x03, 0x12, 0x01, 0x00}, 5},           /* a second normalizer_spec: */
      {"identity", {0x2a, 0x03, 0x12, 0x01, 0x00}, 5},           /* protobuf merges; denormalizer */
      {"out of range", {0x82, 0x80, 0x80, 0x80, 0x80, 0x01}, 6}, /* field number above 2^29 */
      {"out of range", {0x02, 0x00}, 2},                         /* field number 0 */
      {"runs past the end", {0x9a, 0x06, 0xff, 0xff, 0xff, 0xff, 0x0f}, 7},
      {"not BPE", {0x12, 0x02, 0x18, 0x01}, 4}, /* a second trainer_spec: the last one counts */
      {"not a number", {0x12, 0x03, 0x1a, 0x01, 0x02}, 5},
      {"not a message", {0x10, 0x02}, 2},
  };
  const proto *p = cook(good);
  uint8_t *bytes = malloc(p->n + 2 * sizeof zeros);
  for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
    memcpy(bytes, p->bytes, p->n);
    memcpy(bytes + p->n, tails[i].bytes, tails[i].n);
    const char *said = verdict(bytes, p->n + tails[i].n);
    if (!strstr(said, tails[i].reason)) fail_msg("%zu: '%s', not '%s'", i, said, tails[i].reason);
  }
  proto t = {.n = 0};
  put_varint(&t, 2 << 3 | 2); /* settings of more than 1 MB */
  put_varint(&t, sizeof zeros + 1);
  memcpy(bytes, p->bytes, p->n);
  memcpy(bytes + p->n, t.bytes, t.n);
  memset(bytes + p->n + t.n, 0x0a, sizeof zeros + 1);
  assert_non_null(strstr(verdict(bytes, p->n + t.n + sizeof zeros + 1), "larger than 1 MB"));
  free(bytes);
  proto inner = {.n = 0}, outer = {.n = 0};
  put_bytes(&inner, 44, zeros, 65);
  put_bytes(&outer, 2, inner.bytes, inner.n);
  bytes = malloc(p->n + outer.n);
  memcpy(bytes, p->bytes, p->n);
  memcpy(bytes + p->n, outer.bytes, outer.n);
  assert_non_null(strstr(verdict(bytes, p->n + outer.n), "text of <unk>"));
  free(bytes);
  REFUSED("longer than 64", r.extra = (const char *)zeros, r.extra_size = 30000);
}

static void every_truncation_of_a_model_is_refused(void **state) {
  (void)state;
  for (size_t n = 0; n < model_size; n++) {
    if (!verdict(model, n)[0]) fail_msg("accepted at %zu bytes", n);
    if (!strstr(verdict(model, n), "byte ")) fail_msg("no place named at %zu bytes", n);
  }
  assert_string_equal(verdict(model, model_size), "");
}

/* What spm_check accepts, the library loads and encodes with, and the ids stay in range. */
static void a_changed_model_is_refused_or_works(void **state) {
  (void)state;
  ulm_rng r = ulm_rng_seed(5, 0);
  size_t refused = 0, accepted = 0;
  uint8_t *bytes = malloc(model_size);
  uint16_t *ids = NULL;
  size_t cap = 0;
  for (int i = 0; i < 3000; i++) {
    host_error e;
    memcpy(bytes, model, model_size);
    for (uint32_t k = 1 + ulm_rng_below(&r, 3); k; k--)
      bytes[ulm_rng_below(&r, (uint32_t)model_size)] = (uint8_t)ulm_rng_u32(&r);
    if (verdict(bytes, model_size)[0]) {
      refused++;
      continue;
    }
    spm *s = spm_open(bytes, model_size, &e);
    assert_non_null(s);
    const long n = spm_encode(s, "A baker counted <|im_end|> 12 eggs\n\xff", 36, &ids, &cap, &e);
    assert_true(n > 0);
    for (long t = 0; t < n; t++) assert_true(ids[t] >= ULM_BYTE0 && ids[t] < spm_vocab(s));
    spm_close(s);
    accepted++;
  }
  assert_true(refused > 300 && accepted > 300);
  free(bytes);
  free(ids);
}

static const char *spaceless(void *user, size_t *n) {
  static const char *const texts[] = {"\u6771\u4eac\u306e\u5730\u56f3", "abcabcabdabcd",
                                      "\u5730\u56f3\u6771\u4eac"};
  int *left = user;
  if (*left == 0) return NULL;
  *n = strlen(texts[*left % 3]);
  return texts[(*left)-- % 3];
}

static void a_space_is_a_piece_even_where_the_text_has_none(void **state) {
  (void)state;
  host_error e;
  uint8_t *bytes;
  size_t n;
  int left = 300;
  uint16_t *ids = NULL;
  size_t cap = 0;
  const spm_train_options o = {.vocab = 285, .seed = 1, .max_bytes = 1 << 20};
  if (spm_train(spaceless, &left, &o, &bytes, &n, &e)) fail_msg("%s", e.text);
  spm *s = spm_open(bytes, n, &e);
  if (!s) fail_msg("%s", e.text);
  assert_int_equal(spm_encode(s, "  ", 2, &ids, &cap, &e), 2);
  assert_true(ids[0] >= ULM_BYTE0 + 256 && ids[0] == ids[1]);
  spm_close(s);
  free(bytes);
  free(ids);
}

/* docs/TOKENIZER.md: a digit is a piece of its own; a space begins a piece and stands nowhere else;
 * no piece holds two; letters keep their case. */
static void digits_spaces_and_case_follow_the_stated_rules(void **state) {
  (void)state;
  host_error e;
  uint16_t *ids = NULL;
  size_t cap = 0, spaced = 0, upper = 0, lower = 0;
  for (uint32_t id = ULM_BYTE0 + 256; id < VOCAB; id++) {
    size_t n;
    const char *p = spm_piece(tok, id, &n, NULL, NULL);
    for (size_t i = 0; i < n; i++) {
      if (p[i] >= '0' && p[i] <= '9') assert_int_equal(n, 1);
      if (i + 3 <= n && !memcmp(p + i, "\u2581", 3)) assert_int_equal(i, 0);
    }
    spaced += n > 3 && !memcmp(p, "\u2581", 3);
    upper += n == 1 && *p == 'T';
    lower += n == 1 && *p == 't';
  }
  assert_true(spaced > 20 && upper == 1 && lower == 1);
  assert_int_equal(spm_encode(tok, "350", 3, &ids, &cap, &e), 3);
  assert_int_equal(spm_encode(tok, "    ", 4, &ids, &cap, &e), 4); /* a run: one each */
  const long the = spm_encode(tok, "The nurse", 9, &ids, &cap, &e);
  const uint16_t first = ids[0];
  assert_true(the > 0 && spm_encode(tok, "the nurse", 9, &ids, &cap, &e) > 0);
  assert_int_not_equal(ids[0], first);
  assert_int_equal(spm_encode(tok, "\n\t", 2, &ids, &cap, &e), 2); /* bytes */
  assert_true(ids[0] == ULM_BYTE0 + '\n' && ids[1] == ULM_BYTE0 + '\t');
  free(ids);
}

static int train(uint32_t vocab, uint64_t seed, uint64_t max_bytes, size_t lines, uint8_t **out,
                 size_t *n, host_error *e) {
  small_text text = small_text_begin(1, lines);
  const spm_train_options o = {.vocab = vocab, .seed = seed, .max_bytes = max_bytes};
  return spm_train(small_text_next, &text, &o, out, n, e);
}

static void training_is_deterministic_and_its_sample_follows_the_seed(void **state) {
  (void)state;
  host_error e;
  uint8_t *a, *b, *c;
  size_t na, nb, nc;
  assert_int_equal(train(400, 1, 20000, 2000, &a, &na, &e), 0);
  assert_int_equal(train(400, 1, 20000, 2000, &b, &nb, &e), 0);
  assert_int_equal(train(400, 2, 20000, 2000, &c, &nc, &e), 0);
  assert_true(na == nb && !memcmp(a, b, na));
  assert_false(na == nc && !memcmp(a, c, na));
  free(a);
  free(b);
  free(c);
}

static void a_vocabulary_that_does_not_fit_the_text_is_refused_with_a_remedy(void **state) {
  (void)state;
  host_error e;
  uint8_t *bytes;
  size_t n;
  unsigned most = 0, least = 0;
  assert_int_equal(train(60000, 1, 1 << 20, 50, &bytes, &n, &e), -1);
  assert_int_equal(
      sscanf(e.text, "the text is too small for 60000 pieces; give more text or use --vocab %u",
             &most),
      1);
  assert_int_equal(train(most, 1, 1 << 20, 50, &bytes, &n, &e), 0); /* the remedy works */
  free(bytes);
  assert_int_equal(train(261, 1, 1 << 20, 50, &bytes, &n, &e), -1);
  assert_non_null(strstr(e.text, "too few"));
  assert_int_equal(sscanf(strstr(e.text, "--vocab"), "--vocab %u", &least), 1);
  assert_int_equal(train(least, 1, 1 << 20, 50, &bytes, &n, &e), 0);
  free(bytes);
  assert_int_equal(train(100, 1, 1 << 20, 50, &bytes, &n, &e), -1);
  assert_int_equal(train(400, 1, 1 << 20, 0, &bytes, &n, &e), -1);
  assert_non_null(strstr(e.text, "no text"));
  assert_int_equal(train(400, 1, 10, 50, &bytes, &n, &e), -1);
  assert_non_null(strstr(e.text, "--max-bytes"));
}

/* Lines of random bytes, NUL, tabs, and one that is far too long. */
static const char *hostile_line(void *user, size_t *n) {
  static char line[20000];
  ulm_rng *r = user;
  if (r->stream == 0) return NULL;
  if (ulm_rng_below(r, 400) == 0) r->stream = 0;
  *n = ulm_rng_below(r, 20) ? ulm_rng_below(r, 200) : sizeof line;
  for (size_t i = 0; i < *n; i++)
    line[i] = ulm_rng_below(r, 3) ? (char)('a' + ulm_rng_below(r, 4)) : (char)ulm_rng_below(r, 128);
  for (size_t i = 0; i < *n; i++)
    if (line[i] == '\n' || ulm_rng_below(r, 50) == 0) line[i] = (char)0xc3;
  return line;
}

static void text_of_any_bytes_can_be_learned_from(void **state) {
  (void)state;
  host_error e;
  uint8_t *bytes;
  size_t n;
  ulm_rng r = {12345, 77};
  const spm_train_options o = {.vocab = 420, .seed = 1, .max_bytes = 1 << 20};
  if (spm_train(hostile_line, &r, &o, &bytes, &n, &e)) fail_msg("%s", e.text);
  free(bytes);
}

static const char *numbered(void *user, size_t *n) {
  static char line[32];
  int *left = user;
  if (*left == 0) return NULL;
  *n = (size_t)snprintf(line, sizeof line, "%06d", --*left);
  return line;
}

static void a_sample_is_uniform_in_order_and_bounded(void **state) {
  (void)state;
  host_error e;
  size_t early = 0, total = 0;
  for (uint64_t seed = 0; seed < 200; seed++) {
    sample s;
    int left = 1000;
    assert_int_equal(sample_lines(&s, numbered, &left, 100 * SAMPLE_PART_MIN, seed, &e),
                     0); /* 100 lines of 6 bytes, each counted as 48 */
    assert_int_equal(s.bytes, 100 * SAMPLE_PART_MIN);
    assert_int_equal(s.count, 100);
    for (size_t i = 1; i < s.count; i++) assert_true(s.parts[i].order > s.parts[i - 1].order);
    for (size_t i = 0; i < s.count; i++) early += s.parts[i].order < 500;
    total += s.count;
    sample_free(&s);
  }
  /* 20,000 draws, half from the first half: standard deviation 67 */
  assert_true(early > total / 2 - 400 && early < total / 2 + 400);
}

static void the_role_names_are_single_pieces(void **state) {
  (void)state;
  host_error e;
  uint16_t *ids = NULL;
  size_t cap = 0;
  static const char *const roles[] = {"user", "assistant", "system"};
  for (int i = 0; i < 3; i++) {
    assert_int_equal(spm_encode(tok, roles[i], strlen(roles[i]), &ids, &cap, &e), 1);
    assert_true(ids[0] >= 260);
  }
  free(ids);
}

static void specials_have_their_ids_and_never_come_from_text(void **state) {
  (void)state;
  static const char *const names[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<unk>"};
  host_error e;
  uint16_t *ids = NULL;
  size_t cap = 0;
  assert_int_equal(spm_vocab(tok), VOCAB);
  for (uint32_t id = 0; id < 4; id++) {
    size_t n;
    int type;
    const char *p = spm_piece(tok, id, &n, NULL, &type);
    assert_int_equal(n, strlen(names[id]));
    assert_memory_equal(p, names[id], n);
    assert_int_equal(type, id == ULM_UNK ? 2 : 3);
    const long count = spm_encode(tok, names[id], n, &ids, &cap, &e);
    assert_true(count > 1);
    for (long t = 0; t < count; t++) assert_true(ids[t] >= ULM_BYTE0);
  }
  assert_null(spm_piece(tok, VOCAB, NULL, NULL, NULL));
  free(ids);
}

static void text_comes_back_as_it_was(void **state) {
  (void)state;
  host_error e;
  uint16_t *ids = NULL;
  char *back = NULL;
  size_t cap = 0, back_cap = 0;
  static const char *const texts[] = {"",
                                      " ",
                                      "   ",
                                      "A baker counted 12 eggs.",
                                      " leading and trailing ",
                                      "line\none\r\n\ttwo\n\n",
                                      "\u0394\u03bb \U0001F680 \ufffd \u00a0",
                                      "<|im_end|>",
                                      "no  single   spaces"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    const size_t n = strlen(texts[i]);
    const long count = spm_encode(tok, texts[i], n, &ids, &cap, &e);
    assert_true(count >= 0);
    assert_int_equal(spm_decode(tok, ids, (size_t)count, &back, &back_cap, &e), n);
    assert_string_equal(back, texts[i]);
  }
  const uint16_t beyond = VOCAB;
  assert_int_equal(spm_decode(tok, &beyond, 1, &back, &back_cap, &e), -1);
  free(ids);
  free(back);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_model_of_another_kind_is_refused_with_the_reason),
      cmocka_unit_test(what_old_parsers_trip_over_is_refused),
      cmocka_unit_test(every_truncation_of_a_model_is_refused),
      cmocka_unit_test(a_changed_model_is_refused_or_works),
      cmocka_unit_test(training_is_deterministic_and_its_sample_follows_the_seed),
      cmocka_unit_test(a_vocabulary_that_does_not_fit_the_text_is_refused_with_a_remedy),
      cmocka_unit_test(text_of_any_bytes_can_be_learned_from),
      cmocka_unit_test(a_sample_is_uniform_in_order_and_bounded),
      cmocka_unit_test(a_space_is_a_piece_even_where_the_text_has_none),
      cmocka_unit_test(digits_spaces_and_case_follow_the_stated_rules),
      cmocka_unit_test(the_role_names_are_single_pieces),
      cmocka_unit_test(specials_have_their_ids_and_never_come_from_text),
      cmocka_unit_test(text_comes_back_as_it_was),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
