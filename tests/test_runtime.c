/* The device runtime on small random models: arena, hostile blobs, same bits however tokens arrive.
 */
#include "t.h"
#include <math.h>

#include "make_blob.h"

static const ulm_config tiny = {32, 2, 4, 2, 64, 320, 64, 1e6f, 1e-5f};
static const ulm_config odd = {24,  1,  2,    1,    40,
                               300, 48, 1e4f, 1e-5f}; /* nothing divides by 16 or 32: floats only */
static const ulm_gate gate = {1, 0.5f, {1, -0.5f, 0.25f}, 0.3f, 0};

static uint8_t *make(const ulm_config *c, ulm_type type, size_t *size) {
  size_t n;
  uint8_t *vocab = made_vocab(c->vocab, &n);
  float *w = made_params(c, 0.2f, 5);
  uint8_t *b = made_blob(c, type, w, vocab, n, &gate, size);
  free(w);
  free(vocab);
  return b;
}

typedef struct {
  ulm *m;
  void *arena, *blob;
} opened;

static opened open_blob(uint8_t *blob, size_t n, ulm_options o) {
  ulm_error err;
  opened x = {NULL, NULL, blob};
  const size_t need = ulm_sizeof(blob, n, &o, &err);
  if (!need) fail_msg("%s", err.message);
  x.arena = aligned_alloc(64, need);
  memset(x.arena, 0xa5, need);
  if (ulm_open(&x.m, blob, n, x.arena, need, &o, &err)) fail_msg("%s", err.message);
  return x;
}
static opened open_made(const ulm_config *c, ulm_type type, ulm_options o) {
  size_t n;
  uint8_t *b = make(c, type, &n);
  return open_blob(b, n, o);
}
static void shut(opened x) {
  free(x.arena);
  free(x.blob);
}

static void some_ids(uint16_t *ids, size_t n, uint32_t vocab, uint64_t seed) {
  ulm_rng r = ulm_rng_seed(seed, 1);
  for (size_t i = 0; i < n; i++) ids[i] = (uint16_t)ulm_rng_below(&r, vocab);
}

/* ---- Arena ---- */

static void the_arena_is_exactly_as_large_as_sizeof_says(void **state) {
  (void)state;
  for (int kind = 0; kind < 6; kind++) {
    const ulm_config *c = kind < 2 ? &odd : &tiny;
    const ulm_options o = {.context = kind % 2 ? 32 : 0, .kv = kind % 2 ? ULM_KV_INT8 : ULM_KV_F32};
    size_t n;
    uint8_t *blob = make(c, kind < 2 ? ULM_F32 : (ulm_type)(kind - 2), &n);
    ulm_error err;
    ulm *m;
    const size_t need = ulm_sizeof(blob, n, &o, &err);
    assert_true(need > 0 && need % 64 == 0);
    ulm_ram ram;
    assert_int_equal(ulm_arena_report(c, &o, &ram), ULM_OK);
    assert_int_equal(ram.total, need);
    assert_int_equal(
        ram.weights + ram.handle + ram.kv + ram.activations + ram.logits + ram.tokenizer, need);

    uint8_t *memory = aligned_alloc(64, need + 128);
    memset(memory, 0x5a, need + 128);
    uint8_t *arena = memory + 64;
    assert_int_equal(ulm_open(&m, blob, n, arena, need - 1, &o, &err), ULM_E_MEMORY);
    assert_null(m);
    assert_int_equal(ulm_open(&m, blob, n, arena + 4, need, &o, &err), ULM_E_MEMORY);
    for (size_t i = 0; i < need + 128; i++)
      assert_int_equal(memory[i], 0x5a); /* a refusal writes nothing */
    assert_int_equal(ulm_open(&m, blob, n, arena, need, &o, &err), ULM_OK);
    assert_int_equal(ulm_context(m), o.context ? o.context : c->context);
    /* Everything that writes, to the last token of the context and the longest text. */
    char text[2048];
    memset(text, 'a', sizeof text);
    uint16_t ids[64];
    some_ids(ids, 64, c->vocab, 1);
    assert_int_equal(ulm_prefill(m, ids, ulm_context(m)), ULM_OK);
    assert_non_null(ulm_logits(m));
    assert_int_equal(ulm_prefill(m, ids, 1), ULM_E_CONTEXT);
    int truncated;
    const ulm_message long_one = {"user", text, ulm_text_max(m)};
    (void)ulm_chat(m, &long_one, 1, &truncated, &err);
    ulm_opener opener;
    ulm_chat_begin(m);
    for (uint64_t seed = 0; seed < 4; seed++) {
      ulm_rewind(m, 0);
      assert_int_equal(
          ulm_speak(m,
                    &(ulm_opener_options){
                        .temperature = 2, .top_p = 1, .seed = seed, .unforced = seed & 1},
                    &opener, &err),
          ULM_OK);
    }
    for (size_t i = 0; i < 64; i++) assert_true(memory[i] == 0x5a && memory[64 + need + i] == 0x5a);
    free(memory);
    free(blob);
  }
}

static void presets_keep_the_promised_memory(void **state) {
  (void)state;
  ulm_config c;
  ulm_ram r;
  ulm_preset("8.8m", &c);
  assert_int_equal(ulm_arena_report(&c, &(ulm_options){.context = 256, .kv = ULM_KV_INT8}, &r), ULM_OK);
  assert_true(r.total <= 512 * 1024);
  ulm_preset("28.9m", &c);
  assert_int_equal(ulm_arena_report(&c, &(ulm_options){.context = 256, .kv = ULM_KV_INT8}, &r), ULM_OK);
  assert_true(r.total <= 1536 * 1024);
  assert_int_equal(ulm_arena_report(&c, &(ulm_options){.context = 7, .kv = ULM_KV_F32}, &r), ULM_E_ARGUMENT);
  assert_int_equal(ulm_arena_report(&c, &(ulm_options){.context = 0, .kv = (ulm_kv)3}, &r), ULM_E_ARGUMENT);
}

/* ---- The same bits ---- */

static void tokens_one_by_one_or_all_at_once_give_the_same_bits(void **state) {
  (void)state;
  for (int kind = 0; kind < 10; kind++) {
    const ulm_config *c = kind < 2 ? &odd : &tiny;
    const ulm_options o = {.kv = kind % 2 ? ULM_KV_INT8 : ULM_KV_F32};
    const ulm_type type = kind < 2 ? ULM_F32 : (ulm_type)((kind - 2) / 2);
    opened a = open_made(c, type, o), b = open_made(c, type, o);
    uint16_t ids[40];
    some_ids(ids, 40, c->vocab, 9);
    const size_t bytes = c->vocab * sizeof(float);
    ulm_rng r = ulm_rng_seed(1, 1);
    for (size_t n = 37; n <= 40; n++) {
      ulm_chat_begin(a.m);
      ulm_chat_begin(b.m);
      assert_null(ulm_logits(a.m));
      assert_int_equal(ulm_prefill(a.m, ids, n), ULM_OK);
      for (size_t i = 0, k; i < n; i += k) {
        k = 1 + ulm_rng_below(&r, 11);
        if (k > n - i) k = n - i;
        assert_int_equal(ulm_prefill(b.m, ids + i, k), ULM_OK);
        if (i % 3 == 0) (void)ulm_logits(b.m);
      }
      assert_memory_equal(ulm_logits(a.m), ulm_logits(b.m), bytes);
      assert_memory_equal(ulm_hidden(a.m), ulm_hidden(b.m), c->dim * sizeof(float));
    }
    /* Control: one other token at the very beginning is seen. */
    ids[0] = (uint16_t)(ids[0] ^ 1);
    ulm_chat_begin(b.m);
    assert_int_equal(ulm_prefill(b.m, ids, 40), ULM_OK);
    assert_memory_not_equal(ulm_logits(a.m), ulm_logits(b.m), bytes);
    shut(a);
    shut(b);
  }
}

/* CRC-32 of the logits after 60 tokens: the same on every machine, compiler and instruction set. A
 * change here is a change of the numbers' specification (ulm_kernels.h, ulm_math.h). */
static const uint32_t golden[ULM_TYPES][2] = {{0x4150a07e, 0x587e5a3b},
                                              {0xa8bf9cd2, 0xea6eebcf},
                                              {0xf00a1594, 0x13c0f5b1},
                                              {0x5e4f677e, 0x09642745}}; /* [type][KV type] */

static void logits_are_the_recorded_bits(void **state) {
  (void)state;
  for (int type = 0; type < ULM_TYPES; type++)
    for (int kv = 0; kv < 2; kv++) {
      opened a = open_made(&tiny, (ulm_type)type, (ulm_options){.context = 0, .kv = (ulm_kv)kv});
      uint16_t ids[60];
      some_ids(ids, 60, tiny.vocab, 12);
      assert_int_equal(ulm_prefill(a.m, ids, 60), ULM_OK);
      const uint32_t crc = ulm_crc32(0, ulm_logits(a.m), tiny.vocab * sizeof(float));
      if (crc != golden[type][kv])
        fail_msg("%s, kv %d: 0x%08x", ulm_type_name((ulm_type)type), kv, crc);
      shut(a);
    }
}

static void a_rewound_tail_leaves_no_trace(void **state) {
  (void)state;
  for (int kv = 0; kv < 2; kv++) {
    opened a = open_made(&tiny, ULM_INT4, (ulm_options){.context = 0, .kv = (ulm_kv)kv}),
           b = open_made(&tiny, ULM_INT4, (ulm_options){.context = 0, .kv = (ulm_kv)kv});
    uint16_t ids[32], other[32];
    some_ids(ids, 32, tiny.vocab, 2);
    some_ids(other, 32, tiny.vocab, 3);
    assert_int_equal(ulm_prefill(a.m, ids, 20), ULM_OK);
    assert_int_equal(ulm_prefill(a.m, other, 25), ULM_OK); /* what was heard first */
    assert_int_equal(ulm_rewind(a.m, 46), ULM_E_ARGUMENT);
    assert_int_equal(ulm_position(a.m), 45);
    assert_int_equal(ulm_rewind(a.m, 20), ULM_OK);
    assert_null(ulm_logits(a.m)); /* those of a forgotten token */
    assert_int_equal(ulm_prefill(a.m, ids + 20, 12), ULM_OK);
    assert_int_equal(ulm_prefill(b.m, ids, 32), ULM_OK);
    assert_memory_equal(ulm_logits(a.m), ulm_logits(b.m), tiny.vocab * sizeof(float));
    shut(a);
    shut(b);
  }
}

static void handles_share_a_blob_and_never_write_to_it(void **state) {
  (void)state;
  size_t n;
  uint8_t *blob = make(&tiny, ULM_INT8, &n), *copy = malloc(n);
  memcpy(copy, blob, n);
  opened a = open_blob(blob, n, (ulm_options){0}), b = open_blob(blob, n, (ulm_options){0});
  uint16_t ids[8];
  some_ids(ids, 8, tiny.vocab, 2);
  for (int i = 0; i < 8; i++) {
    assert_int_equal(ulm_prefill(a.m, ids + i, 1), ULM_OK);
    assert_int_equal(ulm_prefill(b.m, ids + 7 - i, 1), ULM_OK);
  }
  ulm_chat_begin(b.m);
  assert_int_equal(ulm_prefill(b.m, ids, 8), ULM_OK);
  assert_memory_equal(ulm_logits(a.m), ulm_logits(b.m), tiny.vocab * sizeof(float));
  assert_memory_equal(blob, copy, n);
  free(copy);
  free(b.arena);
  shut(a);
}

static void the_int8_cache_stays_close_to_the_float_one(void **state) {
  (void)state;
  opened a = open_made(&tiny, ULM_F32, (ulm_options){.context = 0, .kv = ULM_KV_F32}),
         b = open_made(&tiny, ULM_F32, (ulm_options){.context = 0, .kv = ULM_KV_INT8});
  uint16_t ids[40];
  some_ids(ids, 40, tiny.vocab, 4);
  assert_int_equal(ulm_prefill(a.m, ids, 40), ULM_OK);
  assert_int_equal(ulm_prefill(b.m, ids, 40), ULM_OK);
  double near = 0, far = 0, size = 0;
  const float *x = ulm_logits(a.m), *y = ulm_logits(b.m);
  for (uint32_t i = 0; i < tiny.vocab; i++) {
    near += pow(x[i] - y[i], 2), size += pow(x[i], 2);
    far += pow(x[i] - y[(i + 1) % tiny.vocab], 2);
  }
  assert_true(near > 0 && sqrt(near / size) < 0.02);
  assert_false(sqrt(far / size) < 0.02);
  shut(a);
  shut(b);
}

static void bad_tokens_and_full_contexts_are_refused_whole(void **state) {
  (void)state;
  opened a = open_made(&tiny, ULM_F32, (ulm_options){.context = 32, .kv = ULM_KV_F32});
  uint16_t ids[40];
  some_ids(ids, 40, tiny.vocab, 4);
  assert_int_equal(ulm_prefill(a.m, ids, 33), ULM_E_CONTEXT);
  assert_int_equal(ulm_prefill(a.m, NULL, 3), ULM_E_ARGUMENT);
  assert_int_equal(ulm_prefill(a.m, NULL, 0), ULM_OK);
  ids[5] = (uint16_t)tiny.vocab;
  assert_int_equal(ulm_prefill(a.m, ids, 10), ULM_E_ARGUMENT);
  assert_int_equal(ulm_position(a.m), 0);
  assert_int_equal(ulm_prefill(a.m, ids + 6, 32), ULM_OK);
  assert_int_equal(ulm_prefill(a.m, ids + 6, 1), ULM_E_CONTEXT);
  assert_int_equal(ulm_position(a.m), 32);
  shut(a);
}

/* ---- Hostile blobs ---- */

/* Opens whatever it is; if it opens, everything must stay in bounds and give clean text. */
static int survive(const uint8_t *bytes, size_t n) {
  uint8_t *blob = malloc(n ? n : 1);
  memcpy(blob, bytes, n);
  const ulm_options o = {.context = 32, .kv = ULM_KV_INT8};
  ulm_error err = {ULM_OK, NULL, 0};
  const size_t need = ulm_sizeof(blob, n, &o, &err);
  if (!need) assert_true(err.code != ULM_OK && err.message && err.offset <= n);
  void *arena = need && need < (64u << 20) ? aligned_alloc(64, need) : NULL;
  ulm *m = NULL;
  if (arena && ulm_open(&m, blob, n, arena, need, &o, &err) == ULM_OK) {
    uint16_t ids[12];
    some_ids(ids, 12, ulm_get_config(m)->vocab, 3);
    assert_int_equal(ulm_prefill(m, ids, 12), ULM_OK);
    ulm_opener x;
    for (int i = 0; i < 2; i++) {
      ulm_chat_begin(m);
      (void)ulm_speak(m, &(ulm_opener_options){.temperature = (float)i, .top_p = 0.9f}, &x, &err);
      assert_true(strlen(x.text) == x.size && x.confidence >= 0 && x.confidence <= 1);
      for (size_t k = 0, len; k < x.size; k += len)
        assert_true((len = ulm_utf8_len((uint8_t *)x.text + k, x.size - k)) > 0);
    }
  }
  free(arena);
  free(blob);
  return m != NULL;
}

static void every_header_and_table_field_can_lie_without_harm(void **state) {
  (void)state;
  size_t n;
  const ulm_config c = {32, 1, 2, 1, 32, 300, 64, 1e6f, 1e-5f};
  uint8_t *blob = make(&c, ULM_INT8, &n), *bad = malloc(n);
  assert_int_equal(survive(blob, n), 1);
  int refused = 0, opened_anyway = 0;
  static const uint8_t values[] = {0, 1, 2, 0x7f, 0x80, 0xff};
  const uint32_t sections = ulm_get32(blob + 24);
  for (uint32_t s = 0; s <= sections;
       s++) { /* the header and table, then each section but the weights */
    const uint8_t *e = blob + ULM_FILE_HEADER + (s - 1) * ULM_FILE_ENTRY;
    const size_t from = s ? (size_t)ulm_get64(e + 8) : 0,
                 size = s ? (size_t)ulm_get64(e + 16) : ULM_FILE_HEADER + sections * ULM_FILE_ENTRY;
    if (s && ulm_get32(e) == ULM_SEC_WEIGHTS) continue;
    const size_t step = s && ulm_get32(e) == ULM_SEC_VOCAB ? 7 : 1;
    for (size_t i = from; i < from + size; i += step)
      for (size_t v = 0; v < sizeof values + 2; v++) {
        memcpy(bad, blob, n);
        bad[i] = v < sizeof values ? values[v] : (uint8_t)(blob[i] ^ (v == sizeof values ? 1 : 64));
        if (bad[i] == blob[i]) continue;
        if (s)
          made_fix(bad);
        else if (i < 28 || i >= 32) { /* only the header's own checksum can be repaired */
          ulm_put32(bad + 28, 0);
          const uint32_t count = ulm_get32(bad + 24);
          const size_t covered =
              count <= ULM_FILE_SECTIONS_MAX ? ULM_FILE_HEADER + count * ULM_FILE_ENTRY : n;
          ulm_put32(bad + 28, ulm_crc32(0, bad, covered < n ? covered : n));
        }
        if (survive(bad, n))
          opened_anyway++;
        else
          refused++;
      }
  }
  assert_true(refused > 1000 && opened_anyway > 10); /* e.g. another RoPE base */
  free(bad);
  free(blob);
}

/* tests/vectors/vocb1.ulm: written while VOCB had its first layout. */
static void a_blob_with_the_tokenizer_layout_before_is_refused_by_its_number(void **state) {
  (void)state;
  host_map m;
  host_error e;
  ulm_error err = {0};
  if (host_map_open(&m, "tests/vectors/vocb1.ulm", &e)) fail_msg("%s", e.text);
  assert_int_equal(ulm_verify(m.bytes, m.size, &err), ULM_E_VERSION);
  assert_non_null(strstr(err.message, "layout is version 1"));
  const size_t need = ulm_sizeof(m.bytes, m.size, NULL, &err);
  void *arena = aligned_alloc(64, need);
  ulm *x;
  assert_int_equal(ulm_open(&x, m.bytes, m.size, arena, need, NULL, &err), ULM_E_VERSION);
  free(arena);
  host_map_close(&m);
}

static void a_blob_cut_anywhere_is_refused(void **state) {
  (void)state;
  size_t n;
  ulm_error err;
  uint8_t *blob = make(&odd, ULM_F32, &n);
  for (size_t k = 0; k < n; k += k < 2048 ? 1 : 61) {
    uint8_t *cut = malloc(k ? k : 1);
    memcpy(cut, blob, k);
    assert_int_equal(ulm_sizeof(cut, k, NULL, &err), 0);
    assert_int_equal(err.code, ULM_E_FORMAT);
    free(cut);
  }
  uint8_t *shifted = malloc(n + 1);
  memcpy(shifted + 1, blob, n);
  assert_int_equal(ulm_sizeof(shifted + 1, n, NULL, &err), 0);
  assert_int_equal(err.code, ULM_E_ARGUMENT);
  free(shifted);
  free(blob);
}

static uint8_t *section_of(uint8_t *blob, uint32_t tag, size_t *size) {
  for (uint32_t i = 0; i < ulm_get32(blob + 24); i++) {
    const uint8_t *e = blob + ULM_FILE_HEADER + i * ULM_FILE_ENTRY;
    if (ulm_get32(e) != tag) continue;
    *size = (size_t)ulm_get64(e + 16);
    return blob + ulm_get64(e + 8);
  }
  return NULL;
}

static void verify_notices_every_damaged_byte_that_open_lets_pass(void **state) {
  (void)state;
  size_t n, size;
  ulm_error err;
  uint8_t *blob = make(&odd, ULM_F16, &n), *weights = section_of(blob, ULM_SEC_WEIGHTS, &size);
  assert_int_equal(ulm_verify(blob, n, &err), ULM_OK);
  for (size_t i = 0; i < size; i += 211) {
    weights[i] ^= 4;
    assert_true(ulm_sizeof(blob, n, NULL, &err) > 0);
    assert_int_equal(ulm_verify(blob, n, &err), ULM_E_CHECKSUM);
    weights[i] ^= 4;
  }
  assert_int_equal(ulm_verify(blob, n, &err), ULM_OK);
  free(blob);
}

static void
weights_that_are_not_numbers_are_refused_by_verify_and_survived_otherwise(void **state) {
  (void)state;
  for (int type = 0; type < 4; type++)
    for (int what = 0; what < 3; what++) {
      size_t n, size;
      ulm_error err;
      uint8_t *blob = make(&tiny, (ulm_type)type, &n),
              *weights = section_of(blob, ULM_SEC_WEIGHTS, &size);
      uint8_t *dir = section_of(blob, ULM_SEC_TENSORS, &size);
      const ulm_section s = {dir, size, 0, 0, 0};
      for (uint32_t i = 0; i < ulm_tensor_count(&tiny);
           i += what == 2 ? 100 : 1) { /* all tensors, or one weight */
        const ulm_placed p = ulm_tdir_at(&s, i);
        uint8_t *at = weights + (p.scales ? p.scales : p.offset);
        if (p.type == ULM_F32)
          ulm_put32(at, what ? 0x7f800000 : 0x7fc00001);
        else
          ulm_put16(at, what ? 0xfc00 : 0x7e00);
      }
      made_fix(blob);
      assert_int_equal(ulm_verify(blob, n, &err), ULM_E_FORMAT);
      assert_int_equal(survive(blob, n), 1);
      free(blob);
    }
  size_t n, size;
  ulm_error err;
  uint8_t *blob = make(&tiny, ULM_INT8, &n), *weights = section_of(blob, ULM_SEC_WEIGHTS, &size);
  weights[100] = 0x80; /* -128, which int8 rows never hold */
  made_fix(blob);
  assert_int_equal(ulm_verify(blob, n, &err), ULM_E_FORMAT);
  assert_int_equal(survive(blob, n), 1);
  free(blob);
}

static void a_gate_or_template_that_is_not_ours_is_refused(void **state) {
  (void)state;
  size_t n, size;
  ulm_error err;
  uint8_t *blob = make(&tiny, ULM_F32, &n), *g = section_of(blob, ULM_SEC_GATE, &size);
  opened x = open_made(&tiny, ULM_F32, (ulm_options){0});
  const ulm_gate got = ulm_get_gate(x.m);
  assert_memory_equal(&got, &gate, sizeof gate);
  shut(x);
  assert_int_equal(size, ULM_GATE_SIZE);
  for (int i = 0; i < 5; i++) {
    uint8_t keep[4];
    memcpy(keep, g + 4 + 4 * i, 4);
    ulm_put32(g + 4 + 4 * i, 0x7fc00000);
    made_fix(blob);
    assert_int_equal(ulm_sizeof(blob, n, NULL, &err), 0);
    memcpy(g + 4 + 4 * i, keep, 4);
  }
  section_of(blob, ULM_SEC_CHAT, &size)[3] ^= 1;
  made_fix(blob);
  assert_int_equal(ulm_sizeof(blob, n, NULL, &err), 0);
  assert_non_null(strstr(err.message, "ChatML"));
  free(blob);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_arena_is_exactly_as_large_as_sizeof_says),
      cmocka_unit_test(presets_keep_the_promised_memory),
      cmocka_unit_test(tokens_one_by_one_or_all_at_once_give_the_same_bits),
      cmocka_unit_test(logits_are_the_recorded_bits),
      cmocka_unit_test(a_rewound_tail_leaves_no_trace),
      cmocka_unit_test(handles_share_a_blob_and_never_write_to_it),
      cmocka_unit_test(the_int8_cache_stays_close_to_the_float_one),
      cmocka_unit_test(bad_tokens_and_full_contexts_are_refused_whole),
      cmocka_unit_test(every_header_and_table_field_can_lie_without_harm),
      cmocka_unit_test(a_blob_with_the_tokenizer_layout_before_is_refused_by_its_number),
      cmocka_unit_test(a_blob_cut_anywhere_is_refused),
      cmocka_unit_test(verify_notices_every_damaged_byte_that_open_lets_pass),
      cmocka_unit_test(weights_that_are_not_numbers_are_refused_by_verify_and_survived_otherwise),
      cmocka_unit_test(a_gate_or_template_that_is_not_ours_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
