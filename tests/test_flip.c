/* Every single-bit flip of a small blob: refused, or harmless. The blob lies in a heap block of
 * exactly its size, so that a sanitizer sees a read outside. All bits with ULM_FLIPS=1;
 * otherwise those of header, table, config and directory, and of the others one in 97, or one in 7
 * with ULM_SLOW=1 (make asan). */
#include "t.h"

#include "make_blob.h"
#include "repair.h"

static const ulm_config small = {32, 1, 2, 1, 32, 292, 64, 1e6f, 1e-5f};
static const char sys[] = "y.", ask[] = "the is, zya .\xc3\xa9";
static const ulm_gate gate = {1, 0.5f, {1, -0.5f, 0.25f}, 0.3f, 0};
static const ulm_options options = {.kv = ULM_KV_INT8};

static uint8_t *build(ulm_type type, const void *snap, size_t snap_size, size_t *size) {
  size_t n, dir_size, weights_size;
  uint8_t config[ULM_CONFIG_SIZE], gated[ULM_GATE_SIZE], *dir, *weights,
      *vocab = made_vocab(small.vocab, &n);
  float *w = made_params(&small, 0.2f, 5);
  ulm_config_write(config, &small);
  ulm_gate_write(gated, &gate);
  made_weights(&small, type, w, &dir, &dir_size, &weights, &weights_size);
  const made_section s[] = {{ULM_SEC_CONFIG, config, sizeof config},
                            {ULM_SEC_TENSORS, dir, dir_size},
                            {ULM_SEC_WEIGHTS, weights, weights_size},
                            {ULM_SEC_VOCAB, vocab, n},
                            {ULM_SEC_CHAT, ULM_CHATML, sizeof ULM_CHATML - 1},
                            {ULM_SEC_GATE, gated, sizeof gated},
                            {ULM_SEC_SNAP, snap, snap_size}};
  uint8_t *b = made_container(ULM_KIND_BLOB, s, snap ? 7 : 6, size);
  free(w), free(vocab), free(dir), free(weights);
  return b;
}

/* The same with the state of its system turn inside. */
static uint8_t *whole(ulm_type type, size_t *size) {
  ulm_error err;
  size_t n;
  ulm *m;
  uint8_t *b = build(type, NULL, 0, &n);
  const size_t need = ulm_sizeof(b, n, &options, &err);
  void *arena = aligned_alloc(64, need);
  assert_int_equal(ulm_open(&m, b, n, arena, need, &options, &err), ULM_OK);
  assert_int_equal(ulm_chat_turn(m, "system", sys, sizeof sys - 1, &err), ULM_OK);
  const size_t k = ulm_snapshot_size(m);
  uint8_t *snap = malloc(k);
  assert_int_equal(ulm_snapshot(m, snap, k, &err), ULM_OK);
  uint8_t *out = build(type, snap, k, size);
  free(snap), free(arena), free(b);
  assert_int_equal(ulm_verify(out, *size, &err), ULM_OK);
  return out;
}

/* Opens and speaks; what comes out must be clean whatever the blob is. 1: it opened */
static int use(const uint8_t *blob, size_t n) {
  ulm_error err = {ULM_OK, NULL, 0};
  ulm *m;
  ulm_opener o;
  const size_t need = ulm_sizeof(blob, n, &options, &err);
  if (!need) {
    if (err.code == ULM_OK || !err.message || err.offset > n)
      fail_msg("a refusal without a reason");
    return 0;
  }
  assert_true(need < 16u << 20);
  void *arena = aligned_alloc(64, need);
  const int open = ulm_open(&m, blob, n, arena, need, &options, &err) == ULM_OK;
  if (open) {
    const ulm_message turns[] = {{"system", sys, sizeof sys - 1}, {"user", ask, sizeof ask - 1}};
    const ulm_opener_options how = {
        .max_words = 2, .min_words = 1, .temperature = 1, .top_p = 0.9f};
    if (!ulm_chat(m, turns, 2, NULL, &err)) {
      (void)ulm_speak(m, &how, &o, &err);
      if (strlen(o.text) != o.size || !(o.confidence >= 0 && o.confidence <= 1))
        fail_msg("an unclean opener");
      for (size_t i = 0, k; i < o.size; i += k)
        if ((k = ulm_utf8_len((const uint8_t *)o.text + i, o.size - i)) == 0) fail_msg("not UTF-8");
    }
    if (ulm_position(m) > ulm_context(m)) fail_msg("more tokens than the context");
  }
  free(arena);
  return open;
}

static void flip_all(ulm_type type) {
  const size_t step = getenv("ULM_FLIPS") ? 1 : getenv("ULM_SLOW") ? 7 : 97;
  size_t n;
  uint8_t *blob = whole(type, &n), *copy = malloc(n);
  const ulm_file f = {blob, n, ULM_KIND_BLOB, ULM_FILE_VERSION, ulm_get32(blob + 24)};
  ulm_section dir;
  assert_true(ulm_file_find(&f, ULM_SEC_TENSORS, &dir));
  const size_t front = (size_t)(dir.offset + dir.size);
  size_t refused = 0, harmless = 0;
  memcpy(copy, blob, n);
  assert_int_equal(use(copy, n), 1);
  for (size_t bit = 0; bit < 8 * n; bit += bit < 8 * front ? 1 : step) {
    ulm_error err;
    copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    if (ulm_verify(copy, n, &err) == ULM_OK) fail_msg("bit %zu: ulm_verify does not see it", bit);
    /* The header's checksum guards header and table; opening reads no other. */
    if (bit < 8 * (ULM_FILE_HEADER + f.count * ULM_FILE_ENTRY) && use(copy, n))
      fail_msg("bit %zu of header or table is not refused", bit);
    box_repair(copy, n);
    use(copy, n) ? harmless++ : refused++;
    memcpy(copy, blob, n);
  }
  print_message(
      "%s: %zu bytes, one bit in %zu: with checksums repaired %zu refused, %zu harmless\n",
      ulm_type_name(type), n, step, refused, harmless);
  assert_true(refused > 1000 && harmless > 100);
  free(copy), free(blob);
}

static void every_flipped_bit_of_an_int4_blob_is_refused_or_harmless(void **state) {
  (void)state;
  flip_all(ULM_INT4);
}
static void every_flipped_bit_of_an_int8_blob_is_refused_or_harmless(void **state) {
  (void)state;
  flip_all(ULM_INT8);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_flipped_bit_of_an_int4_blob_is_refused_or_harmless),
      cmocka_unit_test(every_flipped_bit_of_an_int8_blob_is_refused_or_harmless),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
