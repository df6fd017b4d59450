/* Every instruction set computes the bits of the portable kernels: for each number format, layout
 * of the weights, KV cache, block of tokens and number of workers; and kernel by kernel at odd
 * sizes. */
#include "t.h"
#include <math.h>

#include "make_blob.h"

static const ulm_config shape = {96,  2,  6,    2,    160,
                                 333, 96, 1e6f, 1e-5f};                /* 333: a last tile of 13 */
static const ulm_config odd = {40, 1, 2, 1, 72, 301, 64, 1e4f, 1e-5f}; /* floats only */

#ifdef ULM_ALONE
enum { N = 20, WORKERS = 3 }; /* emulators are slow */
#else
enum { N = 70, WORKERS = 3 };
#endif

/* Jobs in any order, each by itself: what threads may do. */
static void backwards(void *user, void (*job)(void *work, uint32_t part), void *work) {
  ++*(int *)user;
  for (uint32_t part = WORKERS; part-- > 0;) job(work, part);
}

/* Logits after N tokens, in vocab floats to free; logits of the last but one in out[vocab..]. */
static float *run(const ulm_config *c, uint8_t *blob, size_t size, ulm_options o) {
  ulm *m;
  ulm_error err;
  const size_t need = ulm_sizeof(blob, size, &o, &err);
  if (!need) fail_msg("%s", err.message);
  void *arena = aligned_alloc(64, need);
  memset(arena, 0x5a, need);
  if (ulm_open(&m, blob, size, arena, need, &o, &err)) fail_msg("%s", err.message);
  assert_string_equal(ulm_isa(m), o.isa);
  uint16_t ids[N];
  ulm_rng r = ulm_rng_seed(4, 4);
  for (int i = 0; i < N; i++) ids[i] = (uint16_t)ulm_rng_below(&r, c->vocab);
  const size_t n = o.context ? o.context : N < c->context ? N : c->context;
  float *out = malloc(2 * c->vocab * sizeof *out);
  assert_int_equal(ulm_prefill(m, ids, n - 1), ULM_OK);
  memcpy(out + c->vocab, ulm_logits(m), c->vocab * sizeof *out);
  assert_int_equal(ulm_prefill(m, ids + n - 1, 1), ULM_OK);
  memcpy(out, ulm_logits(m), c->vocab * sizeof *out);
  for (uint32_t i = 0; i < 2 * c->vocab; i++) assert_true(isfinite(out[i]));
  free(arena);
  return out;
}

static uint8_t *make(const ulm_config *c, ulm_type type, int in_rows, float *w, size_t *size) {
  size_t n;
  uint8_t *vocab = made_vocab(c->vocab, &n);
  made_in_rows = in_rows;
  uint8_t *b = made_blob(c, type, w, vocab, n, NULL, size);
  made_in_rows = 0;
  free(vocab);
  return b;
}

static void every_instruction_set_gives_the_bits_of_the_portable_one(void **state) {
  (void)state;
  for (int kind = 0; kind < 2; kind++) {
    const ulm_config *c = kind ? &odd : &shape;
    float *w = made_params(c, 0.2f, 6);
    const size_t bytes = 2 * c->vocab * sizeof(float);
    for (int type = 0; type < (kind ? ULM_INT8 : ULM_TYPES); type++)
      for (int kv = 0; kv < 3; kv++) {
        size_t size;
        uint8_t *blob = make(c, (ulm_type)type, 1, w, &size);
        const ulm_options o = {.kv = (ulm_kv)kv, .isa = "portable", .block = 1};
        float *want = run(c, blob, size, o);
        free(blob);
        for (int in_rows = 0; in_rows < (type >= ULM_INT8 ? 2 : 1); in_rows++) {
          blob = make(c, (ulm_type)type, in_rows, w, &size);
          for (uint32_t i = 0; ulm_isa_at(i); i++)
            for (uint32_t block = 1; block <= 64; block = block * 3 + 4)
              for (uint32_t parts = 1; parts <= WORKERS; parts += WORKERS - 1) {
                int runs = 0;
                ulm_options p = o;
                p.isa = ulm_isa_at(i), p.block = block;
                if (parts > 1) p.workers = (ulm_workers){parts, backwards, &runs};
                float *got = run(c, blob, size, p);
                if (memcmp(want, got, bytes))
                  fail_msg("%s: %s, %s, kv %d, block %u, %u parts", p.isa,
                           ulm_type_name((ulm_type)type), in_rows ? "rows" : "tiles", kv, block,
                           parts);
                assert_true(parts == 1 || runs > 0);
                free(got);
              }
          free(blob);
        }
        free(want);
      }
    free(w);
  }
}

/* Control: one weight of the last row moved by the least that its format can say is seen. */
static void a_single_changed_weight_is_seen(void **state) {
  (void)state;
  for (int type = 0; type < ULM_TYPES; type++)
    for (uint32_t i = 0; ulm_isa_at(i); i++) {
      float *w = made_params(&shape, 0.2f, 6);
      size_t size;
      const ulm_options o = {.isa = ulm_isa_at(i)};
      uint8_t *blob = make(&shape, (ulm_type)type, 0, w, &size);
      float *a = run(&shape, blob, size, o);
      free(blob);
      w[(size_t)shape.vocab * shape.dim - 1] *= -1; /* of the embedding, so of the last logit */
      blob = make(&shape, (ulm_type)type, 0, w, &size);
      float *b = run(&shape, blob, size, o);
      assert_true(a[shape.vocab - 1] != b[shape.vocab - 1]);
      free(blob), free(a), free(b), free(w);
    }
}

static void an_instruction_set_that_is_not_there_is_refused(void **state) {
  (void)state;
  float *w = made_params(&shape, 0.2f, 6);
  size_t size;
  ulm_error err;
  uint8_t *blob = make(&shape, ULM_INT4, 0, w, &size);
  const char *none[] = {"", "avx", "portabl", "portable2", "AVX2"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    const ulm_options o = {.isa = none[i]};
    assert_int_equal(ulm_sizeof(blob, size, &o, &err), 0);
    assert_int_equal(err.code, ULM_E_ARGUMENT);
  }
  free(blob), free(w);
}

/* ---- Kernel by kernel, with numbers that are none ---- */

enum { ROWS = 45, COLS = 352, T = 11 };
static struct {
  float x[T * COLS], w[ROWS * COLS], want[T * ROWS], got[T * ROWS];
  int8_t q[ROWS * COLS], tiles[ROWS * COLS], code[2][T * COLS];
  uint16_t scale[ROWS * COLS / 32], tile_scale[ROWS * COLS / 32];
  float code_scale[2][T * COLS / 32];
  int32_t minus[2][T * COLS / 32];
} k;

static float numbers(ulm_rng *r, int hostile) {
  static const float odd_ones[] = {0,     -0.0f, 1e-44f,   -1e-38f,   3.4e38f,
                                   1e30f, NAN,   INFINITY, -INFINITY, 0.5f};
  if (hostile && ulm_rng_below(r, 5) == 0) return odd_ones[ulm_rng_below(r, 10)];
  return ((float)ulm_rng_below(r, 20001) - 10000) / 3333.0f;
}

static void codes_and_products_are_equal_for_any_input(void **state) {
  (void)state;
  ulm_rng r = ulm_rng_seed(7, 7);
  for (int round = 0; round < 40; round++) {
    const uint32_t cols = 32 * (1 + ulm_rng_below(&r, COLS / 32)),
                   rows = 1 + ulm_rng_below(&r, ROWS), tokens = 1 + ulm_rng_below(&r, T),
                   groups = cols / 32;
    for (uint32_t i = 0; i < tokens * cols; i++) k.x[i] = numbers(&r, round % 2);
    for (uint32_t i = 0; i < rows * cols; i++) k.q[i] = (int8_t)ulm_rng_below(&r, 256);
    for (uint32_t i = 0; i < rows * groups; i++) k.scale[i] = ulm_f16_from_f32(numbers(&r, 0) / 64);
    for (int type = ULM_INT8; type <= ULM_INT4; type++) {
      const size_t row = type == ULM_INT8 ? cols : cols / 2;
      ulm_tile((uint8_t *)k.tiles, (const uint8_t *)k.q, rows, row, 4);
      ulm_tile((uint8_t *)k.tile_scale, (const uint8_t *)k.scale, rows, groups * 2, 2);
      const ulm_matrix plain = {(ulm_type)type, rows, cols, 0, k.q, k.scale},
                       tiled = {(ulm_type)type, rows, cols, 1, k.tiles, k.tile_scale};
      const ulm_codes a = {k.code[0], k.code_scale[0], k.minus[0]},
                      b = {k.code[1], k.code_scale[1], k.minus[1]};
      ulm_portable.encode(&a, 0, k.x, tokens * groups);
      ulm_portable.matmul(k.want, &plain, k.x, &a, tokens, 0, rows);
      for (uint32_t i = 0; ulm_kernels_at(i); i++) {
        const ulm_kernels *isa = ulm_kernels_at(i);
        memset(k.code[1], 99, sizeof k.code[1]);
        isa->encode(&b, 0, k.x, tokens * groups);
        assert_memory_equal(a.code, b.code, tokens * cols);
        assert_memory_equal(a.scale, b.scale, tokens * groups * sizeof(float));
        assert_memory_equal(a.minus, b.minus, tokens * groups * sizeof(int32_t));
        for (int t = 0; t < 2; t++) {
          memset(k.got, 0xff, sizeof k.got);
          const uint32_t half = rows / 2 / ULM_TILE * ULM_TILE;
          isa->matmul(k.got, t ? &tiled : &plain, k.x, &b, tokens, half, rows);
          isa->matmul(k.got, t ? &tiled : &plain, k.x, &b, tokens, 0, half);
          if (memcmp(k.want, k.got, tokens * rows * sizeof(float)))
            fail_msg("%s %s %s: %u x %u by %u", isa->name, ulm_type_name((ulm_type)type),
                     t ? "tiles" : "rows", tokens, rows, cols);
          for (uint32_t j = tokens * rows; j < T * ROWS; j++) /* nothing written beside it */
            assert_memory_equal(&k.got[j], "\xff\xff\xff\xff", 4);
        }
      }
    }
  }
}

/* NaNs of every sign count as equal. */
static int alike(const float *a, const float *b, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (memcmp(a + i, b + i, 4) && !(isnan(a[i]) && isnan(b[i]))) return 0;
  return 1;
}

static void vectors_of_every_length_are_equal(void **state) {
  (void)state;
  ulm_rng r = ulm_rng_seed(8, 8);
  enum { M = 300 };
  static float x[M], y[M], a[M], b[M];
  static uint16_t ida[M], idb[M], ha[M], hb[M];
  static int8_t ca[M], cb[M];
  for (int round = 0; round < 400; round++) {
    const uint32_t n = 1 + ulm_rng_below(&r, M - 1);
    for (uint32_t i = 0; i < n; i++) x[i] = numbers(&r, round % 2), y[i] = numbers(&r, 0);
    for (uint32_t i = 1; ulm_kernels_at(i); i++) {
      const ulm_kernels *p = &ulm_portable, *s = ulm_kernels_at(i);
#define SAME(n)                                                                                    \
  if (!alike(a, b, n))                                                                             \
  fail_msg("%s, line %d, length %u, round %d", s->name, __LINE__, (unsigned)(n), round)
      p->rmsnorm(a, x, y, n, 1e-5f), s->rmsnorm(b, x, y, n, 1e-5f);
      SAME(n);
      memcpy(a, x, n * 4), memcpy(b, x, n * 4);
      p->add(a, y, n), s->add(b, y, n);
      SAME(n);
      p->swiglu(a, y, n), s->swiglu(b, y, n);
      SAME(n);
      const uint32_t even = n / 2 * 2;
      p->rotate(a, y, y + n / 2, even), s->rotate(b, y, y + n / 2, even);
      SAME(even);
      p->store_f16(ha, x, n), s->store_f16(hb, x, n);
      for (uint32_t j = 0; j < n; j++)
        assert_true(ha[j] == hb[j] || ((ha[j] & 0x7fff) > 0x7c00 && (hb[j] & 0x7fff) > 0x7c00));
      a[0] = p->store_s8(ca, x, n), b[0] = s->store_s8(cb, x, n);
      SAME(1);
      assert_memory_equal(ca, cb, n);
      const float top = p->largest(x, n, -3e38f);
      a[0] = top, b[0] = s->largest(x, n, -3e38f);
      SAME(1);
      float lane_a[16] = {0}, lane_b[16] = {0}, two_a[2], two_b[2], mean_a[16] = {0},
            mean_b[16] = {0};
      p->mass(lane_a, x, n, top, 0.7f), s->mass(lane_b, x, n, top, 0.7f);
      assert_true(alike(lane_a, lane_b, 16));
      const uint32_t first = ulm_rng_below(&r, n),
                     found = p->likely(ida, x, first, n, top, 0.7f, 0.1f);
      assert_int_equal(found, s->likely(idb, x, first, n, top, 0.7f, 0.1f));
      assert_memory_equal(ida, idb, found * 2);
      p->spread(x, n, two_a, lane_a, mean_a), s->spread(x, n, two_b, lane_b, mean_b);
      assert_true(alike(two_a, two_b, 2) && alike(lane_a, lane_b, 16) && alike(mean_a, mean_b, 16));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_instruction_set_gives_the_bits_of_the_portable_one),
      cmocka_unit_test(a_single_changed_weight_is_seen),
      cmocka_unit_test(an_instruction_set_that_is_not_there_is_refused),
      cmocka_unit_test(codes_and_products_are_equal_for_any_input),
      cmocka_unit_test(vectors_of_every_length_are_equal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
