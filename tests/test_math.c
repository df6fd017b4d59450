/* exp, log, 1/sqrt, sin and cos of the runtime against libm; binary16; the reference quantizers. */
#include "t.h"
#include <math.h>

#include "runtime/ulm.h"
#include "runtime/ulm_kernels.h"
#include "runtime/ulm_math.h"

static uint64_t seed = 1;
static double uniform(double lo, double hi) {
  ulm_rng r = ulm_rng_seed(seed++, 7);
  return lo + (hi - lo) * ulm_rng_f32(&r);
}

typedef double (*error_of)(float x);
static double exp_error(float x) { return fabs(ulm_exp(x) / exp(x) - 1); }
static double log_error(float x) { return fabs(ulm_log(x) - log(x)) / (1 + fabs(log(x))); }
static double rsqrt_error(float x) { return fabs(ulm_rsqrt(x) * sqrt(x) - 1); }

static double worst(error_of error, double lo, double hi, int exponent) {
  double most = 0;
  for (int i = 0; i < 200000; i++) {
    const double x = uniform(lo, hi), e = error((float)(exponent ? exp2(x) : x));
    if (!(e <= most)) most = e;
  }
  return most;
}

static void exp_log_and_rsqrt_are_as_exact_as_stated(void **state) {
  (void)state;
  assert_true(worst(exp_error, -86, 88, 0) < 2e-7);
  assert_true(worst(exp_error, -1, 1, 0) < 2e-7);
  assert_true(worst(log_error, -90, 120, 1) < 1e-7);
  assert_true(worst(log_error, 0.5, 2, 0) < 1e-7);
  assert_true(worst(rsqrt_error, -90, 120, 1) < 3e-7);
}

/* The bounds above notice a polynomial that lost its last term. */
static double exp_without_a_term(float x) {
  return fabs((double)ulm_exp(x) * (1 - 1e-6) / exp(x) - 1);
}
static void the_accuracy_bound_notices_a_part_in_a_million(void **state) {
  (void)state;
  assert_false(worst(exp_without_a_term, -86, 88, 0) < 2e-7);
}

static void exp_and_log_survive_what_is_not_a_number(void **state) {
  (void)state;
  const float bad[] = {NAN, -NAN, INFINITY, -INFINITY, 1e38f, -1e38f, 0, -0.0f, 1e-45f};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_true(isfinite(ulm_exp(bad[i])));
    assert_true(isfinite(ulm_log(bad[i])));
  }
  assert_true(ulm_exp(0) == 1.0f);
  assert_true(ulm_log(1) == 0.0f);
}

static double rope_error(float base, uint32_t n, uint32_t context, uint64_t skew) {
  double most = 0;
  for (uint32_t i = 0; i < n / 2; i++) {
    const uint64_t turn = ulm_rope_turn(base, i, n) + skew;
    const double angle = pow(base, -2.0 * i / n);
    for (uint32_t p = 0; p < context; p += 1 + p / 64) {
      float s, c;
      ulm_sincos(turn * p, &s, &c);
      const double e = fmax(fabs(s - sin(p * angle)), fabs(c - cos(p * angle)));
      if (!(e <= most)) most = e;
    }
  }
  return most;
}

static void rope_angles_are_right_to_a_millionth_at_every_position(void **state) {
  (void)state;
  assert_true(rope_error(1e6f, 64, 16384, 0) < 2e-7);
  assert_true(rope_error(1e6f, 32, 512, 0) < 2e-7);
  assert_true(rope_error(10000.0f, 100, 4096, 0) < 2e-7);
  assert_true(rope_error(1.0f, 8, 1000, 0) < 2e-7);
  assert_true(rope_error(1e9f, 256, 1000, 0) < 2e-7);
  assert_false(rope_error(1e6f, 64, 16384, (uint64_t)1 << 30) <
               2e-7); /* a frequency off by 2^-34 turns */
}

static void every_binary16_converts_as_the_compiler_does(void **state) {
  (void)state;
  for (uint32_t h = 0; h < 65536; h++) {
    const int e = (int)(h >> 10 & 31), m = (int)(h & 1023);
    const double mag = e == 31 ? (m ? NAN : INFINITY) : e ? ldexp(1024 + m, e - 25) : ldexp(m, -24);
    const float want = (float)(h & 0x8000 ? -mag : mag), a = ulm_f32_from_f16((uint16_t)h),
                b = ulm_half((uint16_t)h);
    if (want != want) {
      assert_true(a != a && b != b);
      continue;
    }
    assert_true(ulm_as_bits(a) == ulm_as_bits(want) && ulm_as_bits(b) == ulm_as_bits(want));
    assert_int_equal(ulm_f16_from_f32(want), h);
  }
}

static void floats_round_to_the_nearest_binary16_ties_to_even(void **state) {
  (void)state;
  for (uint32_t h = 0; h < 0x7c00;
       h++) { /* each gap between neighbours: its middle and either side of it */
    const float a = ulm_f32_from_f16((uint16_t)h);
    const float b = h + 1 < 0x7c00 ? ulm_f32_from_f16((uint16_t)(h + 1)) : 65536.0f;
    const float middle = a + (b - a) / 2;
    assert_int_equal(ulm_f16_from_f32(middle), h & 1 ? h + 1 : h);
    assert_int_equal(ulm_f16_from_f32(nextafterf(middle, 0)), h);
    assert_int_equal(ulm_f16_from_f32(nextafterf(middle, INFINITY)), h + 1);
    assert_int_equal(ulm_f16_from_f32(-middle), (h & 1 ? h + 1 : h) | 0x8000);
  }
}

static void a_quantized_group_is_within_half_a_step_and_keeps_its_extremes(void **state) {
  (void)state;
  for (int round = 0; round < 2000; round++) {
    float x[64], y[64], most[2] = {0};
    const double size = exp2(uniform(-12, 8));
    for (int i = 0; i < 64; i++) {
      x[i] = (float)uniform(-size, size);
      most[i / 32] = fmaxf(most[i / 32], fabsf(x[i]));
    }
    int8_t q[64];
    uint8_t n[32];
    uint16_t s[2];
    ulm_quant_s8(64, x, q, s);
    ulm_dequant_s8(64, q, s, y);
    for (int i = 0; i < 64; i++)
      assert_true(fabsf(x[i] - y[i]) <=
                  0.5f * most[i / 32] / 127 * 1.002f + most[i / 32] * 5e-4f + 4e-6f);
    ulm_quant_s4(64, x, n, s);
    ulm_dequant_s4(64, n, s, y);
    for (int i = 0; i < 64;
         i++) /* the end without a code of its own, +7.5..8 steps, loses up to one step */
      assert_true(fabsf(x[i] - y[i]) <= most[i / 32] / 8 + most[i / 32] * 1e-3f + 4e-6f);
    float worst_far = 0;
    for (int i = 0; i < 64; i++)
      if (fabsf(x[i]) < most[i / 32] * 0.9f)
        worst_far = fmaxf(worst_far, fabsf(x[i] - y[i]) / most[i / 32]);
    assert_true(worst_far <= 0.5f / 8 * 1.002f + 4e-6f / (float)size * 4);
  }
}

static void quantizing_what_was_quantized_changes_nothing(void **state) {
  (void)state;
  float x[32], y[32];
  int8_t q[32], q2[32];
  uint8_t n[16], n2[16];
  uint16_t s, s2;
  for (int round = 0; round < 500; round++) {
    for (int i = 0; i < 32; i++) x[i] = (float)uniform(-1, 1);
    ulm_quant_s8(32, x, q, &s);
    ulm_dequant_s8(32, q, &s, y);
    ulm_quant_s8(32, y, q2, &s2);
    assert_memory_equal(q, q2, 32);
    ulm_quant_s4(32, x, n, &s);
    ulm_dequant_s4(32, n, &s, y);
    ulm_quant_s4(32, y, n2, &s2);
    assert_memory_equal(n, n2, 16);
  }
  memset(x, 0, sizeof x);
  ulm_quant_s8(32, x, q, &s);
  ulm_dequant_s8(32, q, &s, y);
  for (int i = 0; i < 32; i++) assert_true(y[i] == 0);
  ulm_quant_s4(32, x, n, &s);
  ulm_dequant_s4(32, n, &s, y);
  for (int i = 0; i < 32; i++) assert_true(y[i] == 0);
}

/* ---- Kernels against doubles ---- */

enum { ROWS = 48, COLS = 96 + 512, T = ULM_BLOCK };
static struct {
  float w[ROWS * COLS], x[T * COLS], y[T * ROWS];
  double want[T * ROWS];
  int8_t q[ROWS * COLS];
  uint16_t scale[ROWS * COLS / 32], half[ROWS * COLS];
  int8_t code[T * COLS];
  float code_scale[T * COLS / 32];
  int32_t minus[T * COLS / 32];
} k;

/* y = x W^T by the portable kernels. */
static void product(float *y, const ulm_matrix *w, const float *x, uint32_t tokens) {
  const ulm_codes c = {k.code, k.code_scale, k.minus};
  if (w->type >= ULM_INT8) ulm_portable.encode(&c, 0, x, (size_t)tokens * w->cols / ULM_GROUP);
  ulm_portable.matmul(y, w, x, &c, tokens, 0, w->rows);
}

static double matmul_error(const ulm_matrix *w, const float *dense) {
  product(k.y, w, k.x, T);
  double most = 0;
  for (int t = 0; t < T; t++)
    for (uint32_t r = 0; r < w->rows; r++) {
      double want = 0, size = 0;
      for (uint32_t i = 0; i < w->cols; i++) {
        const double p = (double)dense[r * w->cols + i] * k.x[t * w->cols + i];
        want += p, size += p * p;
      }
      const double e = fabs(k.y[t * w->rows + r] - want) / sqrt(size);
      if (!(e <= most)) most = e;
    }
  return most;
}

static void fill(void) {
  for (int i = 0; i < ROWS * COLS; i++) k.w[i] = (float)uniform(-1, 1);
  for (int i = 0; i < T * COLS; i++) k.x[i] = (float)uniform(-2, 2);
}

static void matrix_products_match_doubles_in_every_number_format(void **state) {
  (void)state;
  static float dense[(ROWS + 1) * COLS];
  fill();
  for (int odd = 0; odd < 2; odd++) { /* float rows of any length */
    ulm_matrix w = {ULM_F32, ROWS, COLS - 13 * odd, 0, k.w, NULL};
    assert_true(matmul_error(&w, k.w) < 2e-6);
    for (int i = 0; i < ROWS * COLS; i++) {
      k.half[i] = ulm_f16_from_f32(k.w[i]);
      dense[i] = ulm_f32_from_f16(k.half[i]);
    }
    w.type = ULM_F16, w.values = k.half;
    assert_true(matmul_error(&w, dense) < 2e-6);
  }
  ulm_matrix w = {ULM_INT8, ROWS, COLS, 0, k.q, k.scale};
  ulm_quant_s8(ROWS * COLS, k.w, k.q, k.scale);
  ulm_dequant_s8(ROWS * COLS, k.q, k.scale, dense);
  /* Rounding of the activations: a step of amax/127, its error amax/127/sqrt(12) a product. */
  assert_true(matmul_error(&w, dense) < 0.02);
  assert_true(matmul_error(&w, k.w) < 0.03);
  w.type = ULM_INT4;
  ulm_quant_s4(ROWS * COLS, k.w, (uint8_t *)k.q, k.scale);
  ulm_dequant_s4(ROWS * COLS, (uint8_t *)k.q, k.scale, dense);
  assert_true(matmul_error(&w, dense) < 0.02);
  /* Controls: neighbouring rows, and nothing at all, are far outside these bounds. */
  assert_false(matmul_error(&w, dense + COLS) < 0.5);
  memset(k.scale, 0, sizeof k.scale);
  assert_false(matmul_error(&w, dense) < 0.5);
}

static void integers_that_need_no_rounding_multiply_exactly(void **state) {
  (void)state;
  for (int i = 0; i < T * COLS; i++) k.x[i] = i % 32 == 0 ? 127.0f : (float)(int)uniform(-127, 127);
  for (int i = 0; i < ROWS * COLS; i++)
    k.q[i] = (int8_t)(i % 32 == 5 ? -128 : (int)uniform(-127, 127));
  for (size_t i = 0; i < sizeof k.scale / 2; i++) k.scale[i] = ulm_f16_from_f32(0.5f);
  const ulm_matrix w = {ULM_INT8, ROWS, COLS, 0, k.q, k.scale};
  product(k.y, &w, k.x, T);
  for (int t = 0; t < T; t++)
    for (int r = 0; r < ROWS; r++) {
      long sum = 0;
      for (int i = 0; i < COLS; i++) sum += k.q[r * COLS + i] * (long)k.x[t * COLS + i];
      assert_true(k.y[t * ROWS + r] == (float)sum * 0.5f);
    }
}

static void a_block_of_tokens_gives_the_bits_of_one_at_a_time(void **state) {
  (void)state;
  fill();
  ulm_quant_s8(ROWS * COLS, k.w, k.q, k.scale);
  const void *values[] = {k.w, k.half, k.q, k.q};
  for (int type = 0; type < 4; type++) {
    const ulm_matrix w = {
        (ulm_type)type, ROWS, COLS, 0, values[type], type >= ULM_INT8 ? k.scale : NULL};
    float one[ROWS];
    product(k.y, &w, k.x, T);
    for (int t = 0; t < T; t++) {
      product(one, &w, k.x + t * COLS, 1);
      assert_memory_equal(one, k.y + t * ROWS, sizeof one);
    }
  }
}

/* The stated order, written naively: what another instruction set must reproduce. */
static void products_follow_the_stated_order_bit_for_bit(void **state) {
  (void)state;
  fill();
  ulm_quant_s8(ROWS * COLS, k.w, k.q, k.scale);
  for (int quantized = 0; quantized < 2; quantized++) {
    const ulm_matrix w = {
        quantized ? ULM_INT8 : ULM_F32, ROWS, COLS, 0, quantized ? (const void *)k.q : k.w,
        quantized ? k.scale : NULL};
    product(k.y, &w, k.x, 1);
    int differ_in_sequence = 0;
    for (int r = 0; r < ROWS; r++) {
      volatile float lane[16] = {0}, plain = 0; /* volatile: one operation, one rounding */
      for (int i = 0; i < (quantized ? COLS / 32 : COLS); i++) {
        volatile float p;
        if (quantized) {
          const float *x = k.x + i * 32;
          float amax = 0;
          int sum = 0;
          for (int j = 0; j < 32; j++) amax = fmaxf(amax, fabsf(x[j]));
          for (int j = 0; j < 32; j++) {
            volatile float v = x[j] * (127.0f / amax);
            sum += k.q[r * COLS + i * 32 + j] * (int)nearbyintf(v);
          }
          volatile float s = ulm_f32_from_f16(k.scale[r * COLS / 32 + i]) * (amax / 127.0f);
          p = (float)sum * s;
        } else {
          p = k.w[r * COLS + i] * k.x[i];
        }
        lane[i % 16] = lane[i % 16] + p;
        plain = plain + p;
      }
      for (int half = 8; half; half /= 2)
        for (int l = 0; l < half; l++) lane[l] = lane[l] + lane[l + half];
      assert_true(lane[0] == k.y[r]);
      differ_in_sequence |= plain != k.y[r];
    }
    assert_true(differ_in_sequence); /* control: one long sum gives other bits */
  }
}

static void attention_matches_doubles(void **state) {
  (void)state;
  enum { N = 40, C = 37 };
  static float q[N], key[C * N], value[C * N], y[N], score[C], lanes[16 * N], ks[C], vs[C];
  static int8_t k8[C * N], v8[C * N];
  for (int i = 0; i < N; i++) q[i] = (float)uniform(-1, 1);
  for (int i = 0; i < C * N; i++) key[i] = (float)uniform(-1, 1), value[i] = (float)uniform(-1, 1);
  double want[N] = {0}, e[C], sum = 0, max = -1e9;
  for (int j = 0; j < C; j++) {
    e[j] = 0;
    for (int i = 0; i < N; i++) e[j] += (double)q[i] * key[j * N + i];
    e[j] *= 3, max = fmax(max, e[j]);
  }
  for (int j = 0; j < C; j++) sum += e[j] = exp(e[j] - max);
  for (int j = 0; j < C; j++)
    for (int i = 0; i < N; i++) want[i] += e[j] / sum * value[j * N + i];
  ulm_head kv = {key, value, NULL, NULL, 0};
  ulm_portable.attend(y, q, &kv, C, N, 3, score, lanes);
  for (int i = 0; i < N; i++) assert_true(fabs(y[i] - want[i]) < 2e-6);
  for (int j = 0; j < C; j++) {
    ks[j] = ulm_portable.store_s8(k8 + j * N, key + j * N, N);
    vs[j] = ulm_portable.store_s8(v8 + j * N, value + j * N, N);
  }
  kv = (ulm_head){k8, v8, ks, vs, 1};
  double most = 0, wrong = 0;
  ulm_portable.attend(y, q, &kv, C, N, 3, score, lanes);
  for (int i = 0; i < N; i++) most = fmax(most, fabs(y[i] - want[i]));
  kv.values = v8 + N, kv.value_scale = vs + 1; /* control: values one position late */
  ulm_portable.attend(y, q, &kv, C - 1, N, 3, score, lanes);
  for (int i = 0; i < N; i++) wrong = fmax(wrong, fabs(y[i] - want[i]));
  assert_true(most < 0.02);
  assert_false(wrong < 0.02);
}

static void codes_of_broken_activations_stay_in_range(void **state) {
  (void)state;
  const float bad[] = {NAN, INFINITY, -INFINITY, 3e38f, 1e-44f, -1e-31f};
  for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
    float x[32];
    int8_t code[32];
    for (int i = 0; i < 32; i++) x[i] = i % 3 ? bad[b] : (float)i;
    (void)ulm_portable.store_s8(code, x, 32);
    for (int i = 0; i < 32; i++) assert_true(code[i] >= -127);
    for (int i = 0; i < 32; i++) x[i] = bad[b];
    (void)ulm_portable.store_s8(code, x, 32);
    for (int i = 0; i < 32; i++) assert_true(code[i] >= -127);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exp_log_and_rsqrt_are_as_exact_as_stated),
      cmocka_unit_test(the_accuracy_bound_notices_a_part_in_a_million),
      cmocka_unit_test(exp_and_log_survive_what_is_not_a_number),
      cmocka_unit_test(rope_angles_are_right_to_a_millionth_at_every_position),
      cmocka_unit_test(every_binary16_converts_as_the_compiler_does),
      cmocka_unit_test(floats_round_to_the_nearest_binary16_ties_to_even),
      cmocka_unit_test(a_quantized_group_is_within_half_a_step_and_keeps_its_extremes),
      cmocka_unit_test(quantizing_what_was_quantized_changes_nothing),
      cmocka_unit_test(matrix_products_match_doubles_in_every_number_format),
      cmocka_unit_test(integers_that_need_no_rounding_multiply_exactly),
      cmocka_unit_test(a_block_of_tokens_gives_the_bits_of_one_at_a_time),
      cmocka_unit_test(products_follow_the_stated_order_bit_for_bit),
      cmocka_unit_test(attention_matches_doubles),
      cmocka_unit_test(codes_of_broken_activations_stay_in_range),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
