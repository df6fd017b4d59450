/* The kernels of AVX-VNNI where that is lacking: the same source with the same dot products as
 * AVX-512 encodes them. What no processor without AVX-VNNI can test is the encoding, which is the
 * compiler's, and the bit of CPUID that chooses them. */
#include "t.h"

#include "../runtime/ulm.h"
#include "../runtime/ulm_kernels.h"

#if defined(__x86_64__)
#define ULM_VNNI 2
#pragma GCC push_options
#ifndef __clang__
#pragma GCC optimize("fp-contract=off")
#else
#pragma STDC FP_CONTRACT OFF
#endif
#include "../runtime/ulm_kernels_avx2.c"
#pragma GCC pop_options

enum { ROWS = 45, COLS = 608, T = 11 };

static void products_are_the_portable_ones(void **state) {
  (void)state;
  if (!__builtin_cpu_supports("avx512vnni") || !__builtin_cpu_supports("avx512vl")) skip();
  static float x[T * COLS], want[T * ROWS], got[T * ROWS];
  static int8_t q[ROWS * COLS], tiles[ROWS * COLS], code[2][T * COLS];
  static uint16_t scale[ROWS * COLS / 32], tile_scale[ROWS * COLS / 32];
  static float code_scale[2][T * COLS / 32];
  static int32_t minus[2][T * COLS / 32];
  const ulm_codes a = {code[0], code_scale[0], minus[0]}, b = {code[1], code_scale[1], minus[1]};
  ulm_rng r = ulm_rng_seed(9, 9);
  int differ = 0;
  for (int round = 0; round < 60; round++) {
    const uint32_t cols = 32 * (1 + ulm_rng_below(&r, COLS / 32)),
                   rows = 1 + ulm_rng_below(&r, ROWS), tokens = 1 + ulm_rng_below(&r, T),
                   groups = cols / 32;
    for (uint32_t i = 0; i < tokens * cols; i++)
      x[i] = ((float)ulm_rng_below(&r, 20001) - 10000) / 3333.0f;
    for (uint32_t i = 0; i < rows * cols; i++) q[i] = (int8_t)ulm_rng_below(&r, 256);
    for (uint32_t i = 0; i < rows * groups; i++)
      scale[i] = ulm_f16_from_f32((float)ulm_rng_below(&r, 1000) / 9999);
    ulm_portable.encode(&a, 0, x, tokens * groups);
    ulm_avxvnni_as_avx512.encode(&b, 0, x, tokens * groups);
    assert_memory_equal(code[0], code[1], tokens * cols);
    assert_memory_equal(minus[0], minus[1], tokens * groups * sizeof **minus);
    for (int type = ULM_INT8; type <= ULM_INT4; type++) {
      const size_t row = type == ULM_INT8 ? cols : cols / 2;
      ulm_tile((uint8_t *)tiles, (const uint8_t *)q, rows, row, 4);
      ulm_tile((uint8_t *)tile_scale, (const uint8_t *)scale, rows, groups * 2, 2);
      const ulm_matrix w = {(ulm_type)type, rows, cols, 1, tiles, tile_scale};
      ulm_portable.matmul(want, &w, x, &a, tokens, 0, rows);
      ulm_avxvnni_as_avx512.matmul(got, &w, x, &b, tokens, 0, rows);
      assert_memory_equal(want, got, tokens * rows * sizeof *got);
      tiles[0] ^= 1; /* control: one bit of one weight is seen, unless the code it meets is 0 */
      ulm_avxvnni_as_avx512.matmul(got, &w, x, &b, tokens, 0, rows);
      differ += memcmp(want, got, tokens * rows * sizeof *got) != 0;
      tiles[0] ^= 1;
    }
  }
  assert_true(differ > 100);
}
#else
static void products_are_the_portable_ones(void **state) {
  (void)state;
  skip();
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(products_are_the_portable_ones)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
