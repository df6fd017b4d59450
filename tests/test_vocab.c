/* runtime/ulm_tok.c and tokenizer/vocab.c: the device's tokenizer gives libsentencepiece's ids for
 * every input, refuses every damaged table, and stays inside the memory it was given. */
#include "t.h"

#include <jansson.h>

#include "small_tok.h"
#include "tok_strings.h"
#include "tokenizer/vocab.h"

enum { VOCAB = 600, TEXT_MAX = 4096 };

static spm *model, *shuffled; /* shuffled: scores in no order, many of them equal */
static uint8_t *section, *shuffled_section;
static size_t section_size, shuffled_size;
static char text_of[1 << 16];
static size_t text_size;

static ulm_section as_section(const uint8_t *bytes, size_t n) {
  return (ulm_section){bytes, n, 4096, 0, 0};
}

/* The scores of all pieces of a model, where they stand in its bytes: {text}, 0x15, float. */
static void shuffle_scores(uint8_t *bytes, size_t n) {
  ulm_rng r = ulm_rng_seed(11, 0);
  for (uint32_t id = ULM_PIECE0; id < VOCAB; id++) {
    size_t k;
    const char *p = spm_piece(model, id, &k, NULL, NULL);
    uint8_t *at = bytes;
    for (;; at++) {
      at = memmem(at, n - (size_t)(at - bytes), p, k);
      assert_non_null(at);
      if (at[-1] == k && at[-2] == 0x0a && at[k] == 0x15) break;
    }
    const float score = -(float)ulm_rng_below(&r, 40);
    memcpy(at + k + 1, &score, 4);
  }
}

static int make_model(void **state) {
  (void)state;
  host_error e;
  uint8_t *bytes;
  size_t n, k;
  small_model(VOCAB, &bytes, &n);
  model = spm_open(bytes, n, &e);
  shuffle_scores(bytes, n);
  shuffled = spm_open(bytes, n, &e);
  free(bytes);
  small_text text = small_text_begin(5, 1000);
  for (const char *l; (l = small_text_next(&text, &k)) && text_size + k + 1 < sizeof text_of;) {
    memcpy(text_of + text_size, l, k);
    text_size += k + 1;
    text_of[text_size - 1] = '\n';
  }
  return !model || !shuffled || vocab_build(model, &section, &section_size, &e) ||
         vocab_build(shuffled, &shuffled_section, &shuffled_size, &e);
}

static int free_model(void **state) {
  (void)state;
  spm_close(model);
  spm_close(shuffled);
  free(section);
  free(shuffled_section);
  return 0;
}

static ulm_vocab opened(const uint8_t *bytes, size_t n) {
  const ulm_section s = as_section(bytes, n);
  ulm_vocab v;
  assert_int_equal(ulm_vocab_open(&v, &s, VOCAB, NULL), ULM_OK);
  return v;
}

static ulm_status verified(const uint8_t *bytes, size_t n) {
  const ulm_section s = as_section(bytes, n);
  const ulm_vocab v = opened(bytes, n);
  return ulm_vocab_verify(&v, &s, NULL);
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
static int agree(const spm *m, const ulm_vocab *v, place *p, const char *text, size_t n) {
  host_error e;
  size_t count = 0;
  char *copy = malloc(n ? n : 1);
  memcpy(copy, text, n);
  const long want = spm_encode_library(m, copy, n, &p->want, &p->cap, &e);
  assert_true(want >= 0);
  assert_int_equal(
      ulm_vocab_encode(v, copy, n, p->scratch, ulm_vocab_scratch(n), p->got, p->room, &count),
      ULM_OK);
  free(copy);
  return (size_t)want == count && !memcmp(p->want, p->got, count * sizeof *p->got);
}

/* Strings out of `tries` on which the two disagree. */
static size_t disagreements(const spm *m, const ulm_vocab *v, uint32_t seed, size_t tries) {
  place p = place_make();
  ulm_rng r = ulm_rng_seed(seed, 0);
  const string_source from = {m, text_of, text_size};
  char *text = malloc(TEXT_MAX);
  size_t wrong = 0;
  for (size_t i = 0; i < tries; i++) {
    const size_t n = string_make(&from, &r, i % 500 ? ulm_rng_below(&r, 6) : 200, text, TEXT_MAX);
    wrong += !agree(m, v, &p, text, n);
  }
  free(text);
  place_free(&p);
  return wrong;
}

static void the_device_gives_the_ids_of_libsentencepiece_on_120000_strings(void **state) {
  (void)state;
  const ulm_vocab v = opened(section, section_size);
  assert_null(v.ranks); /* a trained model's ids are in rank order: no table */
  assert_int_equal(disagreements(model, &v, 1, 120000), 0);
}

static void scores_in_any_order_and_equal_ones_are_obeyed(void **state) {
  (void)state;
  const ulm_vocab v = opened(shuffled_section, shuffled_size);
  assert_non_null(v.ranks);
  assert_int_equal(verified(shuffled_section, shuffled_size), ULM_OK);
  assert_int_equal(disagreements(shuffled, &v, 2, 60000), 0);
}

/* The controls: with the other model's order, without cuts kept, with a mark too many. */
static void a_wrong_rank_join_or_mark_makes_the_ids_differ(void **state) {
  (void)state;
  uint8_t *bytes = malloc(section_size);
  const ulm_vocab other = opened(shuffled_section, shuffled_size);
  assert_true(disagreements(model, &other, 1, 2000) > 200);
  ulm_vocab v = opened(section, section_size);
  memcpy(bytes, section, section_size);
  memset(bytes + (v.joins - section), 0, ULM_VOCAB_JOINS);
  v = opened(bytes, section_size);
  assert_true(disagreements(model, &v, 1, 2000) > 200);
  assert_int_equal(verified(bytes, section_size), ULM_E_FORMAT);

  bytes = realloc(bytes, shuffled_size);
  memcpy(bytes, shuffled_section, shuffled_size);
  v = opened(bytes, shuffled_size);
  size_t marked = 0;
  for (uint32_t i = 0; i < VOCAB - ULM_PIECE0; i++) {
    uint8_t *mark = bytes + (v.places - bytes) + 2 * i + 1;
    marked += !(*mark & 0x80);
    *mark |= 0x80;
  }
  assert_true(marked > 10); /* of scores without order, many pieces are never reached */
  assert_true(disagreements(shuffled, &v, 1, 2000) > 20);
  assert_int_equal(verified(bytes, shuffled_size), ULM_E_FORMAT);
  free(bytes);
}

static void equal_scores_merge_leftmost_first(void **state) {
  (void)state;
  const ulm_vocab v = opened(section, section_size);
  place p = place_make();
  char text[TEXT_MAX];
  for (size_t n = 1; n <= TEXT_MAX; n = n < 70 ? n + 1 : n * 2) {
    for (int c = 0; c < 3; c++) {
      memset(text, "et "[c], n);
      assert_true(agree(model, &v, &p, text, n));
    }
  }
  place_free(&p);
}

static void a_special_spelled_in_text_is_plain_text(void **state) {
  (void)state;
  const ulm_vocab v = opened(section, section_size);
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
  const ulm_vocab v = opened(section, section_size);
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

static size_t whole_characters(const char *s, size_t n) { /* bytes of s that are */
  size_t i = 0;
  for (size_t k; i < n && (k = ulm_utf8_len((const uint8_t *)s + i, n - i)); i += k) {
  }
  return i;
}

/* Ids of all kinds, most of them bytes, in any order: the streamed text is the library's, and each
 * step gives whole characters; the pieces alone would not. */
static void streamed_text_is_the_librarys_and_never_half_a_character(void **state) {
  (void)state;
  enum { IDS = 40 };
  const ulm_vocab v = opened(section, section_size);
  ulm_rng r = ulm_rng_seed(8, 0);
  char *want = NULL, got[(IDS + 1) * ULM_DECODE_MAX], piece[3 * ULM_PIECE_MAX];
  size_t cap = 0, broken = 0, held = 0;
  host_error e;
  for (int i = 0; i < 20000; i++) {
    uint16_t ids[IDS];
    const size_t count = ulm_rng_below(&r, IDS + 1);
    for (size_t k = 0; k < count; k++) {
      static const uint8_t emoji[] = {0xf0, 0x9f, 0x98, 0x80, 0xe2, 0x96, 0x81, 0xef, 0xbf, 0xbd};
      const uint32_t kind = ulm_rng_below(&r, 4), at = ulm_rng_below(&r, 10);
      ids[k] = (uint16_t)(kind == 0   ? ulm_rng_below(&r, VOCAB)
                          : kind == 1 ? ULM_BYTE0 + ulm_rng_below(&r, 256)
                                      : ULM_BYTE0 + (uint32_t)emoji[(at + k) % 10]);
      if (ids[k] == ULM_UNK) ids[k] = ULM_PAD;
    }
    ulm_decoder d = {0};
    size_t n = 0;
    for (size_t k = 0; k <= count; k++) {
      const size_t more =
          k < count ? ulm_vocab_decode(&v, &d, ids[k], got + n) : ulm_vocab_decode_end(&d, got + n);
      assert_true(more <= ULM_DECODE_MAX && d.count < 4);
      assert_int_equal(whole_characters(got + n, more), more);
      held += d.count > 0;
      n += more;
      if (k == count) break;
      const size_t m = ulm_vocab_piece(&v, ids[k], piece, sizeof piece);
      broken += whole_characters(piece, m) != m;
    }
    assert_int_equal(spm_decode(model, ids, count, &want, &cap, &e), n);
    assert_memory_equal(got, want, n);
  }
  assert_true(broken > 10000 && held > 10000); /* the control */
  free(want);
}

/* Few pieces or as many as there can be: every one is found, and the section verifies. */
static void vocabularies_of_any_size_are_hashed(void **state) {
  (void)state;
  static const uint32_t counts[] = {0, 1, 2, 3, 255, 256, 257, 1024, 12028, 16124, 65275};
  host_error e;
  vocab_piece *pieces = calloc(65275, sizeof *pieces);
  char(*text)[8] = malloc(65275 * sizeof *text);
  ulm_rng r = ulm_rng_seed(9, 0);
  for (uint32_t i = 0; i < 65275; i++) { /* all different: their first three letters are i */
    uint32_t n = 0, x = i;
    for (; n < 3; x /= 41) text[i][n++] = (char)('A' + x % 41);
    for (uint32_t more = ulm_rng_below(&r, 5); more; more--)
      text[i][n++] = (char)('a' + ulm_rng_below(&r, 26));
    pieces[i] = (vocab_piece){text[i], n, -(float)i};
  }
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
    uint8_t *bytes;
    size_t n;
    if (vocab_make(pieces, counts[c], &bytes, &n, &e)) fail_msg("%s", e.text);
    const ulm_section s = as_section(bytes, n);
    ulm_vocab v;
    assert_int_equal(ulm_vocab_open(&v, &s, ULM_PIECE0 + counts[c], NULL), ULM_OK);
    assert_int_equal(ulm_vocab_verify(&v, &s, NULL), ULM_OK);
    free(bytes);
  }
  pieces[7] = pieces[5]; /* twice */
  uint8_t *bytes;
  size_t n;
  assert_int_equal(vocab_make(pieces, 256, &bytes, &n, &e), -1);
  assert_non_null(strstr(e.text, "twice"));
  free(pieces);
  free(text);
}

/* tests/vectors/tokens.json: texts with the ids that libsentencepiece 0.1.97 gave for tiny.model.
 */
static void recorded_texts_have_their_recorded_ids(void **state) {
  (void)state;
  host_error e;
  host_map m;
  if (host_map_open(&m, "tests/vectors/tiny.model", &e)) fail_msg("%s", e.text);
  spm *s = spm_open(m.bytes, m.size, &e);
  json_t *list = json_load_file("tests/vectors/tokens.json", 0, NULL), *x;
  assert_true(s && json_array_size(list) > 30);
  uint16_t *got[2] = {NULL, NULL};
  size_t cap[2] = {0, 0}, i;
  json_array_foreach(list, i, x) {
    const json_t *hex = json_object_get(x, "hex"), *want = json_object_get(x, "ids");
    const char *digits = json_string_value(hex);
    char text[1024];
    const size_t n = json_string_length(hex) / 2;
    for (size_t k = 0; k < n; k++) {
      unsigned byte;
      assert_int_equal(sscanf(digits + 2 * k, "%2x", &byte), 1);
      text[k] = (char)byte;
    }
    const long a = spm_encode(s, text, n, &got[0], &cap[0], &e),
               b = spm_encode_library(s, text, n, &got[1], &cap[1], &e);
    assert_true(a == b && (size_t)a == json_array_size(want));
    for (long k = 0; k < a; k++) {
      const json_int_t id = json_integer_value(json_array_get(want, (size_t)k));
      if (got[0][k] != id || got[1][k] != id) fail_msg("text %zu, id %ld", i, k);
    }
  }
  free(got[0]), free(got[1]);
  json_decref(list);
  spm_close(s);
  host_map_close(&m);
}

static void too_little_room_is_said(void **state) {
  (void)state;
  const ulm_vocab v = opened(section, section_size);
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
    assert_true(ulm_vocab_open(&v, &s, VOCAB, &err) == ULM_E_FORMAT);
    assert_true(err.message && err.offset >= 4096);
    free(cut);
  }
}

/* A changed byte is refused by opening or verifying, or changes no id (a join too many, what stands
 * in an empty slot); and whatever is opened is safe to use. */
static void no_changed_byte_lets_a_call_leave_the_section(void **state) {
  (void)state;
  place p = place_make();
  ulm_rng r = ulm_rng_seed(3, 0);
  const string_source from = {model, text_of, text_size};
  uint8_t *bytes = malloc(section_size);
  size_t refused = 0, found = 0, harmless = 0;
  for (size_t at = 0; at < section_size; at++) {
    memcpy(bytes, section, section_size);
    bytes[at] ^= (uint8_t)(1u << ulm_rng_below(&r, 8));
    const ulm_section s = as_section(bytes, section_size);
    ulm_vocab v;
    if (ulm_vocab_open(&v, &s, VOCAB, NULL)) {
      refused++;
      continue;
    }
    const int ok = !ulm_vocab_verify(&v, &s, NULL);
    ok ? harmless++ : found++;
    char text[TEXT_MAX], out[ULM_DECODE_MAX];
    const size_t n = string_make(&from, &r, 4, text, TEXT_MAX);
    ulm_decoder d = {0};
    size_t count;
    if (ok) assert_true(agree(model, &v, &p, text, n));
    assert_int_equal(
        ulm_vocab_encode(&v, text, n, p.scratch, p.scratch_size, p.got, p.room, &count), ULM_OK);
    for (size_t i = 0; i < count; i++) {
      assert_true(p.got[i] >= ULM_BYTE0 && p.got[i] < VOCAB);
      assert_true(ulm_vocab_decode(&v, &d, p.got[i], out) <= sizeof out);
    }
    for (uint32_t id = 0; id < VOCAB; id += 7) ulm_vocab_piece(&v, (uint16_t)id, out, sizeof out);
  }
  print_message("%zu refused, %zu found by verifying, %zu harmless\n", refused, found, harmless);
  assert_true(refused >= 24 && found > 2000 && harmless < 2 * ULM_VOCAB_JOINS);
  free(bytes);
  place_free(&p);
}

/* Tables of bytes without sense, under a header that fits them. */
static void tables_of_random_bytes_are_safe_to_use_and_refused_by_verifying(void **state) {
  (void)state;
  place p = place_make();
  ulm_rng r = ulm_rng_seed(4, 0);
  const string_source from = {model, text_of, text_size};
  for (int i = 0; i < 2000; i++) {
    const int ranked = i % 2;
    const size_t n = ranked ? shuffled_size : section_size;
    uint8_t *bytes = malloc(n); /* exactly sized: the sanitizer sees a read past it */
    memcpy(bytes, ranked ? shuffled_section : section, n);
    ulm_vocab v = opened(bytes, n);
    const uint8_t *from_table[] = {v.joins, v.displace, v.slots, v.blocks, v.places, v.text};
    size_t at = (size_t)(from_table[ulm_rng_below(&r, 6)] - bytes);
    for (size_t k = 1 + ulm_rng_below(&r, 3000); k && at < n; k--, at++)
      bytes[at] = ulm_rng_below(&r, 4) ? (uint8_t)ulm_rng_u32(&r) : 0xff;
    v = opened(bytes, n);
    char text[TEXT_MAX], out[ULM_DECODE_MAX];
    const size_t size = string_make(&from, &r, 8, text, TEXT_MAX);
    size_t count;
    assert_int_equal(
        ulm_vocab_encode(&v, text, size, p.scratch, p.scratch_size, p.got, p.room, &count), ULM_OK);
    for (uint32_t id = 0; id < 65536; id += 1 + id / 1000) {
      ulm_decoder d = {{0xf0, 0x9f, 0x98}, 3};
      assert_true(ulm_vocab_decode(&v, &d, (uint16_t)id, out) <= sizeof out);
    }
    const ulm_section s = as_section(bytes, n);
    (void)ulm_vocab_verify(&v, &s, NULL);
    free(bytes);
  }
  place_free(&p);
}

static void the_layout_before_is_refused_by_its_number(void **state) {
  (void)state;
  static const uint8_t old[64] = {0x58, 2}; /* V = 600; byte 24, the layout now, was zero */
  const ulm_section s = as_section(old, sizeof old);
  ulm_vocab v;
  ulm_error err;
  assert_int_equal(ulm_vocab_open(&v, &s, VOCAB, &err), ULM_E_VERSION);
  assert_non_null(strstr(err.message, "version 1"));
  uint8_t *bytes = malloc(section_size);
  memcpy(bytes, section, section_size);
  bytes[24] = 3;
  const ulm_section later = as_section(bytes, section_size);
  assert_int_equal(ulm_vocab_open(&v, &later, VOCAB, &err), ULM_E_VERSION);
  free(bytes);
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
      cmocka_unit_test(scores_in_any_order_and_equal_ones_are_obeyed),
      cmocka_unit_test(a_wrong_rank_join_or_mark_makes_the_ids_differ),
      cmocka_unit_test(equal_scores_merge_leftmost_first),
      cmocka_unit_test(a_special_spelled_in_text_is_plain_text),
      cmocka_unit_test(pieces_join_to_the_text),
      cmocka_unit_test(streamed_text_is_the_librarys_and_never_half_a_character),
      cmocka_unit_test(vocabularies_of_any_size_are_hashed),
      cmocka_unit_test(recorded_texts_have_their_recorded_ids),
      cmocka_unit_test(too_little_room_is_said),
      cmocka_unit_test(a_truncated_section_is_refused),
      cmocka_unit_test(no_changed_byte_lets_a_call_leave_the_section),
      cmocka_unit_test(tables_of_random_bytes_are_safe_to_use_and_refused_by_verifying),
      cmocka_unit_test(the_layout_before_is_refused_by_its_number),
      cmocka_unit_test(another_vocabulary_size_is_refused),
      cmocka_unit_test(the_same_model_gives_the_same_section),
  };
  return cmocka_run_group_tests(tests, make_model, free_model);
}
