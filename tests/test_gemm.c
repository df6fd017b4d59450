/* Matrix products of odd shapes against sums in double with a rigorous bound, on every instruction
 * set. */
#include "tests/t.h"
#include "train/ops.h"
#include <math.h>

typedef struct {
  size_t M, N, K;
} shape;
/* Around the register tiles (1..12 rows, 8..48 columns), the blocks (512 inner, 1056 columns) and
 * rows of 4 KB (1021 + 3; 96+ rows). */
static const shape shapes[] = {
    {1, 1, 1},     {1, 33, 7},    {3, 5, 2},      {12, 32, 384},  {13, 31, 385},   {14, 64, 767},
    {96, 16, 4},   {113, 97, 61}, {130, 48, 769}, {257, 70, 40},  {2, 3089, 5},    {45, 6150, 3},
    {29, 8, 1200}, {64, 1, 64},   {1, 64, 64},    {40, 40, 2500}, {30, 800, 1000}, {30, 40, 1021},
    {9, 47, 6},    {19, 97, 30},  {108, 48, 9},   {5, 1057, 600}, {7, 528, 1030}};

static float *random_floats(size_t n, ulm_rng *r) {
  float *x = host_alloc(n * sizeof *x, "values");
  for (size_t i = 0; i < n; i++) x[i] = 2 * ulm_rng_f32(r) - 1;
  return x;
}

/* K products and sums, each rounded once: at most (K + 2) 2^-24 of the sum of magnitudes (Higham
 * 2002, 3.1), in any order. want, size: the sum and the sum of magnitudes in double. */
static int within(size_t M, size_t N, size_t K, const float *C, size_t ldc, const double *want,
                  const double *size) {
  for (size_t m = 0; m < M; m++)
    for (size_t n = 0; n < N; n++) {
      const double bound = (double)(K + 2) * 0x1p-24 * size[m * N + n];
      if (!(fabs((double)C[m * ldc + n] - want[m * N + n]) <= bound)) return 0;
    }
  return 1;
}

/* The nearest bfloat16 (8 bits of significand), ties to even, by arithmetic alone. */
static double bf16(double x) {
  int e;
  const double f = frexp(x, &e);
  return ldexp(nearbyint(ldexp(f, 8)), e - 8);
}

static double *factors(size_t n, const float *x, int narrow) {
  double *to = host_alloc(n * sizeof *to, "factors");
  for (size_t i = 0; i < n; i++) to[i] = narrow ? bf16((double)x[i]) : (double)x[i];
  return to;
}

typedef __typeof__(((const ops_f32 *)0)->gemm) product;

/* Returns whether 1, 2 and 3 threads gave the same bits as `same` does with one. */
static int one(const ops_f32 *k, const ops_f32 *same, int narrow, shape s, int ta, int tb, int add,
               ulm_rng *r) {
  const product gemm = narrow ? k->gemm_bf16 : k->gemm, other = narrow ? k->gemm : k->gemm_bf16;
  int equal = 1;
  const size_t M = s.M, N = s.N, K = s.K, lda = (ta ? M : K) + 3, ldb = (tb ? K : N) + 1,
               ldc = N + 2;
  const float mark = 12345;
  float *A = random_floats((ta ? K : M) * lda, r), *B = random_floats((tb ? N : K) * ldb, r);
  float *C0 = random_floats(M * ldc, r), *work[4], *C[4];
  double *want = host_alloc(M * N * sizeof *want, "sums"),
         *size = host_alloc(M * N * sizeof *size, "magnitudes");
  double *a = factors((ta ? K : M) * lda, A, narrow), *b = factors((tb ? N : K) * ldb, B, narrow);
  for (size_t m = 0; m < M; m++) {
    for (size_t n = N; n < ldc; n++) C0[m * ldc + n] = mark;
    for (size_t n = 0; n < N; n++) {
      double c = add ? (double)C0[m * ldc + n] : 0, most = fabs(c);
      for (size_t i = 0; i < K; i++) {
        const double p = a[ta ? i * lda + m : m * lda + i] * b[tb ? n * ldb + i : i * ldb + n];
        c += p, most += fabs(p);
      }
      want[m * N + n] = c, size[m * N + n] = most;
    }
  }
  for (int th = 1; th <= 3; th++) {
    work[th] = host_alloc(k->gemm_work(th) * sizeof(float), "work");
    C[th] = host_alloc(M * ldc * sizeof(float), "C");
    memcpy(C[th], C0, M * ldc * sizeof(float));
    if (!add) /* what was there must not matter */
      for (size_t m = 0; m < M; m++)
        for (size_t n = 0; n < N; n++) C[th][m * ldc + n] = NAN;
    gemm(ta, tb, M, N, K, A, lda, B, ldb, add, C[th], ldc, work[th], th);
    for (size_t m = 0; m < M; m++)
      for (size_t n = N; n < ldc; n++) assert_true(C[th][m * ldc + n] == mark);
    if (!within(M, N, K, C[th], ldc, want, size))
      fail_msg("%s: %zu x %zu x %zu, ta %d tb %d add %d bf16 %d", k->isa, M, N, K, ta, tb, add,
               narrow);
  }
  C[0] = host_alloc(M * ldc * sizeof(float), "C");
  memcpy(C[0], C0, M * ldc * sizeof(float));
  (narrow ? same->gemm_bf16 : same->gemm)(ta, tb, M, N, K, A, lda, B, ldb, add, C[0], ldc, work[1],
                                          1);
  for (int th = 1; th <= 3; th++) equal &= !memcmp(C[th], C[0], M * ldc * sizeof(float));
  if (M * N > 1) { /* controls: permuted, then zero */
    for (size_t m = 0; m < M; m++)
      for (size_t n = 0; n < N; n++) C[2][m * ldc + n] = C[1][(m + 1) % M * ldc + (n + 1) % N];
    assert_false(within(M, N, K, C[2], ldc, want, size));
  }
  memcpy(C[3], C0, M * ldc * sizeof(float)); /* the other precision must not pass for this one */
  other(ta, tb, M, N, K, A, lda, B, ldb, add, C[3], ldc, work[3], 1);
  assert_false(within(M, N, K, C[3], ldc, want, size));
  memset(C[3], 0, M * ldc * sizeof(float));
  assert_false(within(M, N, K, C[3], ldc, want, size));
  for (int th = 1; th <= 3; th++) free(work[th]), free(C[th]);
  free(A), free(B), free(C0), free(C[0]), free(want), free(size), free(a), free(b);
  return equal;
}

/* All shapes, orientations and precisions; how many did not give the bits of `same`. */
static int all(const ops_f32 *k, const ops_f32 *same) {
  ulm_rng r = ulm_rng_seed(1, 1);
  int others = 0;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    for (int ways = 0; ways < 16; ways++)
      others += !one(k, same, ways >> 3, shapes[i], ways & 1, ways >> 1 & 1, ways >> 2 & 1, &r);
  return others;
}

static void products_are_within_the_rounding_bound(void **state) {
  (void)state;
  for (uint32_t k = 0; ops_at(k); k++) assert_int_equal(all(ops_at(k), ops_at(k)), 0);
}

/* The portable products are the specification: the same bits on every processor and compiler. */
static void portable_products_have_the_same_bits_everywhere(void **state) {
  (void)state;
  static const uint32_t golden[] = {0xbe93a57c, 0xa2963383};
  ulm_rng r = ulm_rng_seed(4, 4);
  for (int narrow = 0; narrow < 2; narrow++) {
    uint32_t crc = 0, other = 0;
    const ops_f32 *o = ops_at(0);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
      const shape s = shapes[i];
      float *A = random_floats(s.M * s.K, &r), *B = random_floats(s.K * s.N, &r),
            *C = host_alloc(s.M * s.N * sizeof *C, "C"),
            *work = host_alloc(o->gemm_work(1) * sizeof *work, "work");
      (narrow ? o->gemm_bf16 : o->gemm)(0, 1, s.M, s.N, s.K, A, s.K, B, s.K, 0, C, s.N, work, 1);
      crc = ulm_crc32(crc, C, s.M * s.N * sizeof *C);
      if (s.M * s.N > 1) C[1] = nextafterf(C[1], 9); /* control: the least change is seen */
      other = ulm_crc32(other, C, s.M * s.N * sizeof *C);
      free(A), free(B), free(C), free(work);
    }
    if (crc != golden[narrow]) fail_msg("bf16 %d: %08x, not %08x", narrow, crc, golden[narrow]);
    assert_true(other != crc);
  }
}

/* Where it is built in; and it is not the built-in kernels that answer. */
static void oneDNN_s_products_are_within_the_same_bound(void **state) {
  (void)state;
  uint32_t last = 0;
  while (ops_at(last + 1)) last++;
  const ops_f32 *k = ops_dnnl(ops_at(last));
  host_error e;
  setenv("ULM_ISA", "dnnl", 1);
  assert_ptr_equal(ops_pick(&e), k);
  unsetenv("ULM_ISA");
  if (k)
    assert_true(all(k, ops_at(last)) > 20);
  else
    assert_non_null(strstr(e.text, "DNNL=1"));
}

static void nothing_is_written_past_the_workspace(void **state) {
  (void)state;
  enum { N = 400, PAD = 64 };
  ulm_rng r = ulm_rng_seed(2, 2);
  for (uint32_t k = 0; ops_at(k); k++)
    for (int th = 1; th <= 3; th++) {
      const size_t n = ops_at(k)->gemm_work(th);
      float *A = random_floats(N * N, &r), *C = random_floats(N * N, &r),
            *work = host_alloc((n + PAD) * sizeof *work, "work");
      for (size_t i = 0; i < PAD; i++) work[n + i] = 77;
      ops_at(k)->gemm(0, 1, N, N, N, A, N, A, N, 0, C, N, work, th);
      ops_at(k)->gemm(1, 0, N, N, N, A, N, A, N, 0, C, N, work, th);
      ops_at(k)->gemm_bf16(0, 1, N, N, N, A, N, A, N, 0, C, N, work, th);
      ops_at(k)->gemm_bf16(1, 0, N, N, N, A, N, A, N, 0, C, N, work, th);
      for (size_t i = 0; i < PAD; i++) assert_true(work[n + i] == 77);
      free(A), free(C), free(work);
    }
}

/* Values that rounding treats apart: ties, carries into the exponent, the largest, NaN, infinity.
 */
static void bfloat16_rounding_is_to_nearest_even_everywhere(void **state) {
  (void)state;
  static const struct {
    uint32_t in, out;
  } cases[] = {{0x3f808000, 0x3f800000}, {0x3f818000, 0x3f820000}, {0x3f808001, 0x3f810000},
               {0x3fffffff, 0x40000000}, {0xbf808001, 0xbf810000}, {0x7f7f7fff, 0x7f7f0000},
               {0x7f7fffff, 0x7f800000}, {0x7f800000, 0x7f800000}, {0x00000000, 0x00000000}};
  for (uint32_t k = 0; ops_at(k); k++) {
    float *work = host_alloc(ops_at(k)->gemm_work(1) * sizeof *work, "work"), one = 1, c, x;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
      for (int side = 0; side < 2; side++) {
        memcpy(&x, &cases[i].in, sizeof x);
        ops_at(k)->gemm_bf16(0, 0, 1, 1, 1, side ? &x : &one, 1, side ? &one : &x, 1, 0, &c, 1,
                             work, 1);
        uint32_t got;
        memcpy(&got, &c, sizeof got);
        assert_int_equal(got, cases[i].out);
      }
    x = NAN;
    ops_at(k)->gemm_bf16(0, 0, 1, 1, 1, &x, 1, &one, 1, 0, &c, 1, work, 1);
    assert_true(isnan(c));
    free(work);
  }
}

/* No path is faster than its own peak, nor its tile, nor is the peak a wild guess. The best of
 * rounds: a machine may be half as fast for a while. */
static void the_peak_bounds_the_products(void **state) {
  (void)state;
  enum { N = 384 };
  ulm_rng r = ulm_rng_seed(3, 3);
  for (uint32_t k = 0; ops_at(k); k++)
    for (int narrow = 0; narrow < 2; narrow++) {
      const ops_f32 *o = ops_at(k);
      float *A = random_floats(N * N, &r), *C = random_floats(N * N, &r),
            *work = host_alloc(o->gemm_work(1) * sizeof *work, "work"),
            *panels = host_alloc(o->tile_work(1) * sizeof *panels, "panels");
      double best = 0, tile = 0, peak = 0, half;
      for (int round = 0; round < 5; round++) {
        peak = fmax(peak, o->peak(narrow, 1, 0.004));
        const double start = host_now();
        (narrow ? o->gemm_bf16 : o->gemm)(0, 1, N, N, N, A, N, A, N, 0, C, N, work, 1);
        best = fmax(best, 2.0 * N * N * N / (host_now() - start));
        tile = fmax(tile, o->tile_rate(narrow, 1, 0.002, panels, &half));
        assert_true(half > 0 && half <= tile);
        peak = fmax(peak, o->peak(narrow, 1, 0.004));
      }
      if (!(best < 1.15 * peak && tile < 1.15 * peak && best > 0.02 * peak))
        fail_msg("%s bf16 %d: %.3g, the tile alone %.3g of a peak of %.3g FLOP/s", o->isa, narrow,
                 best, tile, peak);
      free(A), free(C), free(work), free(panels);
    }
}

static void an_unknown_instruction_set_is_refused(void **state) {
  (void)state;
  host_error e;
  setenv("ULM_ISA", "abacus", 1);
  assert_null(ops_pick(&e));
  assert_non_null(strstr(e.text, "portable"));
  setenv("ULM_ISA", "portable", 1);
  assert_string_equal(ops_pick(&e)->isa, "portable");
  unsetenv("ULM_ISA");
  uint32_t last = 0;
  while (ops_at(last + 1)) last++;
  assert_ptr_equal(ops_pick(&e), ops_at(last));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_are_within_the_rounding_bound),
      cmocka_unit_test(portable_products_have_the_same_bits_everywhere),
      cmocka_unit_test(oneDNN_s_products_are_within_the_same_bound),
      cmocka_unit_test(nothing_is_written_past_the_workspace),
      cmocka_unit_test(bfloat16_rounding_is_to_nearest_even_everywhere),
      cmocka_unit_test(the_peak_bounds_the_products),
      cmocka_unit_test(an_unknown_instruction_set_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
