/* What the header promises: versions, sizes that an ABI keeps, words for every status, options that
 * are refused, and an arena whose every part is used to its end. */
#include "t.h"

#include "make_blob.h"

/* ---- The ABI of major version 1 on 64-bit machines: a change here needs a new major version ----
 */

#if UINTPTR_MAX > 0xffffffff
_Static_assert(ULM_VERSION_MAJOR == 1, "new sizes may stand below");
_Static_assert(sizeof(ulm_error) == 24 && sizeof(ulm_workers) == 24, "ABI");
_Static_assert(sizeof(ulm_options) == 80 && offsetof(ulm_options, cancelled) == 48, "ABI");
_Static_assert(sizeof(ulm_config) == 36 && sizeof(ulm_message) == 24, "ABI");
_Static_assert(sizeof(ulm_opener_options) == 72 && offsetof(ulm_opener_options, on_word) == 32,
               "ABI");
_Static_assert(sizeof(ulm_opener) == 308 && offsetof(ulm_opener, confidence) == 288, "ABI");
_Static_assert(sizeof(ulm_gate) == 28 && sizeof(ulm_decoder) == 5 && sizeof(ulm_ram) == 56, "ABI");
#endif

static const ulm_config tiny = {32, 2, 4, 2, 64, 1600, 64, 1e6f, 1e-5f};

static uint8_t *make(ulm_type type, size_t *size) {
  size_t n;
  uint8_t *vocab = made_vocab(tiny.vocab, &n);
  float *w = made_params(&tiny, 0.2f, 5);
  uint8_t *b = made_blob(&tiny, type, w, vocab, n, NULL, size);
  free(w), free(vocab);
  return b;
}

static void the_library_is_of_the_headers_version(void **state) {
  (void)state;
  assert_int_equal(ulm_version(), ULM_VERSION);
  assert_int_equal(ulm_version() >> 16, ULM_VERSION_MAJOR);
}

static void every_status_and_name_has_words_of_its_own(void **state) {
  (void)state;
  for (int i = 0; i <= ULM_E_CANCELLED; i++) {
    assert_string_not_equal(ulm_status_text((ulm_status)i), "unknown status");
    for (int j = 0; j < i; j++)
      assert_string_not_equal(ulm_status_text((ulm_status)i), ulm_status_text((ulm_status)j));
  }
  assert_string_equal(ulm_status_text((ulm_status)99), "unknown status");
  assert_string_equal(ulm_kv_name(ULM_KV_F32), "f32");
  assert_string_equal(ulm_kv_name(ULM_KV_INT8), "int8");
  assert_string_equal(ulm_kv_name(ULM_KV_F16), "f16");
  assert_string_equal(ulm_kv_name(ULM_KVS), "?");
}

static void reserved_fields_that_are_not_zero_are_refused(void **state) {
  (void)state;
  size_t n;
  ulm_error err;
  uint8_t *blob = make(ULM_INT8, &n);
  for (int i = 0; i < 4; i++) {
    ulm_options o = {0};
    o.reserved[i] = 1;
    assert_int_equal(ulm_sizeof(blob, n, &o, &err), 0);
    assert_int_equal(err.code, ULM_E_ARGUMENT);
  }
  const size_t need = ulm_sizeof(blob, n, NULL, NULL);
  void *arena = aligned_alloc(64, need);
  ulm *m;
  ulm_opener out;
  assert_int_equal(ulm_open(&m, blob, n, arena, need, NULL, NULL), ULM_OK);
  for (int i = 0; i < 2; i++) {
    ulm_opener_options o = {0};
    o.reserved[i] = 1;
    assert_int_equal(ulm_speak(m, &o, &out, &err), ULM_E_ARGUMENT);
    assert_int_equal(ulm_position(m), 0);
  }
  free(arena), free(blob);
}

/* ---- The arena ---- */

/* Everything that writes: the whole context in full blocks, logits, the longest text without a cut.
 */
static void work_out(ulm *m) {
  const uint32_t C = ulm_context(m);
  uint16_t ids[512];
  ulm_rng r = ulm_rng_seed(1, 1);
  for (uint32_t i = 0; i < C; i++) ids[i] = (uint16_t)ulm_rng_below(&r, tiny.vocab);
  assert_int_equal(ulm_prefill(m, ids, C), ULM_OK);
  assert_non_null(ulm_logits(m));
  const size_t n = ulm_text_max(m);
  char *text = malloc(n);
  uint16_t *out = malloc(3 * n * sizeof *out);
  memset(text, 'A', n);
  size_t count;
  assert_int_equal(ulm_encode(m, text, n, out, 3 * n, &count), ULM_OK);
  assert_true(count > 0);
  free(text), free(out);
}

/* Bytes of [from, end) that differ from the fill. */
static size_t touched(const uint8_t *arena, uint8_t fill, size_t from, size_t end) {
  size_t k = 0;
  while (from < end) k += arena[from++] != fill;
  return k;
}

static void every_part_of_the_arena_is_used_to_its_last_64_bytes(void **state) {
  (void)state;
  for (int kv = 0; kv < ULM_KVS; kv++)
    for (int type = ULM_INT8; type <= ULM_INT4; type++)
      for (int context = 16; context <= 64; context += 48) {
        const ulm_options o = {.context = (uint32_t)context, .kv = (ulm_kv)kv, .block = 16};
        size_t n;
        ulm_error err;
        ulm_ram ram;
        ulm *m;
        uint8_t *blob = make((ulm_type)type, &n);
        const size_t need = ulm_sizeof(blob, n, &o, &err);
        assert_true(need > 0 && need % 64 == 0);
        assert_int_equal(ulm_arena_report(&tiny, &o, &ram), ULM_OK);
        const size_t parts[] = {ram.handle, ram.kv, ram.activations, ram.logits, ram.tokenizer};
        uint8_t *memory = aligned_alloc(64, need + 128), *arena = memory + 64;
        for (int fill = 0x5a; fill <= 0xa5; fill += 0xa5 - 0x5a) {
          memset(memory, fill, need + 128);
          /* Control: one byte less is refused and nothing is written. */
          assert_int_equal(ulm_open(&m, blob, n, arena, need - 1, &o, &err), ULM_E_MEMORY);
          assert_int_equal(touched(memory, (uint8_t)fill, 0, need + 128), 0);
          assert_int_equal(ulm_open(&m, blob, n, arena, need, &o, &err), ULM_OK);
          work_out(m);
          assert_int_equal(touched(memory, (uint8_t)fill, 0, 64), 0);
          assert_int_equal(touched(arena, (uint8_t)fill, need, need + 64), 0);
          size_t end = 0;
          for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            end += parts[i];
            if (!touched(arena, (uint8_t)fill, end - 64, end))
              fail_msg("part %zu of kv %d, %s, context %d: its last 64 bytes are not used", i, kv,
                       ulm_type_name((ulm_type)type), context);
          }
          assert_int_equal(end, need);
        }
        free(memory), free(blob);
      }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_library_is_of_the_headers_version),
      cmocka_unit_test(every_status_and_name_has_words_of_its_own),
      cmocka_unit_test(reserved_fields_that_are_not_zero_are_refused),
      cmocka_unit_test(every_part_of_the_arena_is_used_to_its_last_64_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
