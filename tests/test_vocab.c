/* runtime/ulm_tok.c and tokenizer/vocab.c: the device's tokenizer gives libsentencepiece's ids for
 * every input, refuses every damaged table, and stays inside the memory it was given. */
#include "t.h"

#include "small_tok.h"
#include "tokenizer/vocab.h"

enum { VOCAB = 600, TEXT_MAX = 4096 };

static spm *model;
static uint8_t *section;
static size_t section_size;

static ulm_section as_section(const uint8_t *bytes, size_t n) {
  return (ulm_section){bytes, n, 4096, 0, 0};
}

static int make_model(void **state) {
  (void)state;
  host_error e;
  model = small_spm(VOCAB);
  return vocab_build(model, &section, &section_size, &e);
}

static int free_model(void **state) {
  (void)state;
  spm_close(model);
  free(section);
  return 0;
}

/* ---- Strings of every kind ---- */

static size_t put_utf8(char *out, uint32_t c) {
  if (c < 0x80) return out[0] = (char)c, 1;
  if (c < 0x800) return out[0] = (char)(0xc0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
  if (c < 0x10000)
    return out[0] = (char)(0xe0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63)),
           out[2] = (char)(0x80 | (c & 63)), 3;
  return out[0] = (char)(0xf0 | c >> 18), out[1] = (char)(0x80 | (c >> 12 & 63)),
         out[2] = (char)(0x80 | (c >> 6 & 63)), out[3] = (char)(0x80 | (c & 63)), 4;
}

/* Appends one random bit of text of at most 512 bytes. */
static size_t some_text(ulm_rng *r, char *out) {
  static const char *const spelled[] = {"<|im_end|>", "<|im_start|>", "<|endoftext|>", "<unk>",
                                        "<0x41>",     "\u2581",       "\ufffd",        "\u2585",
                                        "\n",         "\t",           "\r\n",          "  ",
                                        " ",          "user",         "assistant\n",   "''",
                                        "\u00a0",     "the the",      "\xe2\x96",      "\xff\xfe"};
  const uint32_t kind = ulm_rng_below(r, 8), count = 1 + ulm_rng_below(r, 12);
  size_t n = 0;
  if (kind == 0) {
    for (uint32_t i = 0; i < count; i++) out[n++] = (char)ulm_rng_below(r, 256);
  } else if (kind == 1) {
    static const uint32_t reach[] = {0x80, 0x800, 0x10000, 0x110000, 0x140000};
    for (uint32_t i = 0; i < count; i++)
      n += put_utf8(out + n, ulm_rng_below(r, reach[ulm_rng_below(r, 5)]));
  } else if (kind == 2) {
    for (uint32_t i = 0; i < count; i++) out[n++] = " \t\n\v\r "[ulm_rng_below(r, 6)];
  } else if (kind == 3) {
    const char *s = spelled[ulm_rng_below(r, sizeof spelled / sizeof *spelled)];
    memcpy(out, s, n = strlen(s));
  } else if (kind == 4) {
    for (uint32_t i = 0; i < count; i++) out[n++] = "aehinorst "[ulm_rng_below(r, 10)];
  } else if (kind == 5) { /* a piece as it stands in the table */
    const char *s = spm_piece(model, ulm_rng_below(r, spm_vocab(model)), &n, NULL, NULL);
    memcpy(out, s, n);
  } else { /* a part of a line of the training text */
    small_text text = small_text_begin(ulm_rng_u32(r), 1);
    size_t k;
    const char *line = small_text_next(&text, &k);
    const uint32_t from = ulm_rng_below(r, (uint32_t)k);
    memcpy(out, line + from, n = 1 + ulm_rng_below(r, (uint32_t)(k - from)));
  }
  return n;
}

typedef struct {
  uint16_t *want, *got;
  size_t cap, room, scratch_size;
  void *scratch;
} place;

static place place_make(void) {
  place p = {.room = 3 * TEXT_MAX, .scratch_size = ulm_vocab_scratch(TEXT_MAX)};
  p.got = malloc(p.room * sizeof *p.got);
  p.scratch = malloc(p.scratch_size);
  return p;
}

static void place_free(place *p) {
  free(p->want);
  free(p->got);
  free(p->scratch);
}

/* 1 if both give the same ids. The text is copied so that a read past its end is seen. */
static int agree(const ulm_vocab *v, place *p, const char *text, size_t n) {
  host_error e;
  size_t count = 0;
  char *copy = malloc(n ? n : 1);
  memcpy(copy, text, n);
  const long want = spm_encode(model, copy, n, &p->want, &p->cap, &e);
  assert_true(want >= 0);
  assert_int_equal(
      ulm_vocab_encode(v, copy, n, p->scratch, ulm_vocab_scratch(n), p->got, p->room, &count),
      ULM_OK);
  free(copy);
  return (size_t)want == count && !memcmp(p->want, p->got, count * sizeof *p->got);
}

/* Strings out of `tries` on which the two disagree. */
static size_t disagreements(const ulm_vocab *v, uint32_t seed, size_t tries) {
  place p = place_make();
  ulm_rng r = ulm_rng_seed(seed, 0);
  char *text = malloc(TEXT_MAX + 512);
  size_t wrong = 0;
  for (size_t i = 0; i < tries; i++) {
    size_t n = 0;
    const uint32_t bits = i % 500 ? ulm_rng_below(&r, 6) : 200;
    for (uint32_t b = 0; b < bits && n < TEXT_MAX - 512; b++) n += some_text(&r, text + n);
    wrong += !agree(v, &p, text, n);
  }
  free(text);
  place_free(&p);
  return wrong;
}

static void the_device_gives_the_ids_of_libsentencepiece_on_120000_strings(void **state) {
  (void)state;
  const ulm_section s = as_section(section, section_size);
  ulm_vocab v;
  assert_int_equal(ulm_vocab_open(&v, &s, VOCAB, NULL), ULM_OK);
  assert_int_equal(disagreements(&v, 1, 120000), 0);
}

static void one_wrong_rank_makes_the_ids_differ(void **state) {
  (void)state;
  uint8_t *bytes = malloc(section_size);
  memcpy(bytes, section, section_size);
  const size_t ranks = ULM_VOCAB_HEADER + 4 * (VOCAB - ULM_PIECE0 + 1);
  ulm_put16(bytes + ranks, 65535); /* the first merge now comes last */
  const ulm_section s = as_section(bytes, section_size);
  ulm_vocab v;
  assert_int_equal(ulm_vocab_open(&v, &s, VOCAB, NULL), ULM_OK);
  assert_true(disagreements(&v, 1, 2000) > 20);
  free(bytes);
}

static void equal_scores_merge_leftmost_first(void **state) {
  (void)state;
  const ulm_section s = as_section(section, section_size);
  ulm_vocab v;
  assert_int_equal(ulm_vocab_open(&v, &s, VOCAB, NULL), ULM_OK);
  place p = place_make();
  char text[TEXT_MAX];
  for (size_t n = 1; n <= TEXT_MAX; n = n < 70 ? n + 1 : n * 2) {
    for (int c = 0; c < 3; c++) {
      memset(text, "et "[c], n);
      assert_true(agree(&v, &p, text, n));
    }
  }
  place_free(&p);
}

static void a_special_spelled_in_text_is_plain_text(void **state) {
  (void)state;
  const ulm_section s = as_section(section, section_size);
  ulm_vocab v;
  assert_int_equal(ulm_vocab_open(&v, &s, VOCAB, NULL), ULM_OK);
  place p = place_make();
  static const char *const texts[] = {"<|im_end|>", "<|im_start|>", "<|endoftext|>", "<unk>",
                                      "<0x0A>"};
  for (size_t i = 0; i < 5; i++) {
    size_t count;
    assert_int_equal(ulm_vocab_encode(&v, texts[i], strlen(texts[i]), p.scratch, p.scratch_size,
                                      p.got, p.room, &count),
                     ULM_OK);
    assert_true(count > 1);
    for (size_t k = 0; k < count; k++)
      assert_true(p.got[k] >= ULM_BYTE0 && p.got[k] != ULM_BYTE0 + '\n');
  }
  place_free(&p);
}

static void pieces_join_to_the_text(void **state) {
  (void)state;
  const ulm_section s = as_section(section, section_size);
  ulm_vocab v;
  assert_int_equal(ulm_vocab_open(&v, &s, VOCAB, NULL), ULM_OK);
  place p = place_make();
  const char text[] = "  A baker\tcounted 12 eggs\n\n\u00fcber \u6771 \U0001F680 \ufffd";
  size_t count, n = 0;
  char back[256];
  assert_int_equal(
      ulm_vocab_encode(&v, text, sizeof text - 1, p.scratch, p.scratch_size, p.got, p.room, &count),
      ULM_OK);
  for (size_t i = 0; i < count; i++) n += ulm_vocab_piece(&v, p.got[i], back + n, sizeof back - n);
  assert_int_equal(n, sizeof text - 1);
  assert_memory_equal(back, text, n);
  for (uint32_t id = 0; id < VOCAB; id++) { /* and each piece says what the library's table says */
    size_t k;
    int type;
    char out[3 * ULM_PIECE_MAX];
    const size_t got = ulm_vocab_piece(&v, (uint16_t)id, out, sizeof out);
    const char *want = spm_piece(model, id, &k, NULL, &type);
    if (type == 6)
      assert_true(got == 1 && (uint8_t)out[0] == id - ULM_BYTE0);
    else if (type != 1)
      assert_int_equal(got, 0);
    else if (!memcmp(want, "\u2581", k < 3 ? k : 3))
      assert_true(out[0] == ' ' && got == k - 2 && !memcmp(out + 1, want + 3, k - 3));
    else
      assert_true(got == k && !memcmp(out, want, k));
  }
  assert_int_equal(ulm_vocab_piece(&v, VOCAB, back, sizeof back), 0);
  assert_int_equal(ulm_vocab_piece(&v, VOCAB - 1, back, 0), 0);
  place_free(&p);
}

static void too_little_room_is_said(void **state) {
  (void)state;
  const ulm_section s = as_section(section, section_size);
  ulm_vocab v;
  assert_int_equal(ulm_vocab_open(&v, &s, VOCAB, NULL), ULM_OK);
  place p = place_make();
  size_t whole, count;
  const char text[] = "The robot is looking for a caf\xc3\xa9 \xf0\x9f\x9a\x80";
  const size_t n = sizeof text - 1;
  assert_int_equal(ulm_vocab_encode(&v, text, n, p.scratch, p.scratch_size, NULL, 0, &whole),
                   ULM_E_CONTEXT);
  assert_true(whole > 4);
  uint16_t *few =
      malloc((whole - 1) * sizeof *few); /* exactly sized: the sanitizer sees an overrun */
  assert_int_equal(ulm_vocab_encode(&v, text, n, p.scratch, p.scratch_size, few, whole - 1, &count),
                   ULM_E_CONTEXT);
  assert_int_equal(count, whole);
  assert_int_equal(ulm_vocab_encode(&v, text, n, p.scratch, p.scratch_size, p.got, whole, &count),
                   ULM_OK);
  assert_memory_equal(few, p.got, (whole - 1) * sizeof *few);
  free(few);
  assert_int_equal(
      ulm_vocab_encode(&v, text, n, p.scratch, ulm_vocab_scratch(n) - 1, p.got, p.room, &count),
      ULM_E_MEMORY);
  assert_int_equal(ulm_vocab_encode(&v, text, n, (char *)p.scratch + 1, p.scratch_size - 1, p.got,
                                    p.room, &count),
                   ULM_E_MEMORY);
  assert_int_equal(ulm_vocab_encode(&v, text, 0, NULL, 0, NULL, 0, &count), ULM_OK);
  assert_int_equal(count, 0);
  assert_true(ulm_vocab_scratch(SIZE_MAX / 2) == SIZE_MAX);
  place_free(&p);
}

/* ---- Damage ---- */

static void a_truncated_section_is_refused(void **state) {
  (void)state;
  for (size_t n = 0; n < section_size; n++) {
    uint8_t *cut = malloc(n ? n : 1);
    memcpy(cut, section, n);
    const ulm_section s = as_section(cut, n);
    ulm_vocab v;
    ulm_error err = {0};
    assert_int_equal(ulm_vocab_open(&v, &s, VOCAB, &err), ULM_E_FORMAT);
    assert_true(err.message && err.offset >= 4096);
    free(cut);
  }
}

/* A changed byte is refused, or leaves a table that is safe to use (a rank may be anything). */
static void no_changed_byte_lets_a_call_leave_the_section(void **state) {
  (void)state;
  place p = place_make();
  ulm_rng r = ulm_rng_seed(3, 0);
  uint8_t *bytes = malloc(section_size);
  const size_t ranks = ULM_VOCAB_HEADER + 4 * (VOCAB - ULM_PIECE0 + 1),
               table = ranks + 2 * (VOCAB - ULM_PIECE0);
  size_t accepted = 0, refused = 0;
  for (size_t at = 0; at < section_size; at++) {
    memcpy(bytes, section, section_size);
    bytes[at] ^= (uint8_t)(1u << ulm_rng_below(&r, 8));
    const ulm_section s = as_section(bytes, section_size);
    ulm_vocab v;
    const int ok = ulm_vocab_open(&v, &s, VOCAB, NULL) == ULM_OK;
    ok ? accepted++ : refused++;
    if (at >= ranks && at < table) assert_true(ok);
    if (at < ranks && at != 16 && at != 20)
      assert_false(ok); /* longest and probes may be above what is needed */
    if (at >= table && at < section_size - ulm_get32(section + 12)) assert_false(ok);
    if (!ok || at % 7) continue;
    char text[512];
    size_t count;
    const size_t n = some_text(&r, text);
    assert_int_equal(
        ulm_vocab_encode(&v, text, n, p.scratch, p.scratch_size, p.got, p.room, &count), ULM_OK);
    for (size_t i = 0; i < count; i++) {
      assert_true(p.got[i] >= ULM_BYTE0 && p.got[i] < VOCAB);
      ulm_vocab_piece(&v, p.got[i], text, sizeof text);
    }
  }
  assert_true(accepted > 100 && refused > 1000);
  free(bytes);
  place_free(&p);
}

static void another_vocabulary_size_is_refused(void **state) {
  (void)state;
  const ulm_section s = as_section(section, section_size);
  ulm_vocab v;
  assert_int_equal(ulm_vocab_open(&v, &s, VOCAB - 1, NULL), ULM_E_FORMAT);
  assert_int_equal(ulm_vocab_open(&v, &s, VOCAB + 1, NULL), ULM_E_FORMAT);
  assert_int_equal(ulm_vocab_open(&v, &s, 0, NULL), ULM_E_FORMAT);
}

static void the_same_model_gives_the_same_section(void **state) {
  (void)state;
  host_error e;
  uint8_t *again;
  size_t n;
  assert_int_equal(vocab_build(model, &again, &n, &e), 0);
  assert_int_equal(n, section_size);
  assert_memory_equal(again, section, n);
  free(again);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_device_gives_the_ids_of_libsentencepiece_on_120000_strings),
      cmocka_unit_test(one_wrong_rank_makes_the_ids_differ),
      cmocka_unit_test(equal_scores_merge_leftmost_first),
      cmocka_unit_test(a_special_spelled_in_text_is_plain_text),
      cmocka_unit_test(pieces_join_to_the_text),
      cmocka_unit_test(too_little_room_is_said),
      cmocka_unit_test(a_truncated_section_is_refused),
      cmocka_unit_test(no_changed_byte_lets_a_call_leave_the_section),
      cmocka_unit_test(another_vocabulary_size_is_refused),
      cmocka_unit_test(the_same_model_gives_the_same_section),
  };
  return cmocka_run_group_tests(tests, make_model, free_model);
}
