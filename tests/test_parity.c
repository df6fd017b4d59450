/* The trainer's logits against the runtime's, for one random model in every number format. The
 * trainer computes with the very weights that the blob holds (dequantized), so what is left is the
 * order of float sums and, for int8 and int4, the rounding of activations to 8 bits. */
#include "t.h"
#include <math.h>

#include "make_blob.h"
#include "train/model.h"

enum { N = 56 };
static const ulm_config shape = {64, 3, 4, 2, 160, 352, 64, 1e6f, 1e-5f};
static float *params, *trained; /* trained: the trainer's logits [N, V] for the current weights */
static uint16_t ids[N];
static model *reference;

/* Root mean square of the difference over that of the logits. Measured: 9e-7 and 0.025; an int8 KV
 * cache alone makes 0.012. */
static const double bound[ULM_TYPES] = {
    [ULM_F32] = 5e-6, [ULM_F16] = 5e-6, [ULM_INT8] = 0.03, [ULM_INT4] = 0.03};

static int set_up(void **state) {
  (void)state;
  host_error e;
  params = made_params(&shape, 0.12f, 21);
  trained = malloc((size_t)N * shape.vocab * sizeof *trained);
  reference = model_new(&shape, 1, N, 0, 1, &e);
  ulm_rng r = ulm_rng_seed(4, 4);
  for (int i = 0; i < N; i++) ids[i] = (uint16_t)ulm_rng_below(&r, shape.vocab);
  return reference ? 0 : -1;
}

static int tear_down(void **state) {
  (void)state;
  model_free(reference);
  free(params);
  free(trained);
  return 0;
}

/* Weights as the number format keeps them, into the trainer; its logits into `trained`. */
static void train_with(ulm_type type) {
  float *w = model_params(reference);
  memcpy(w, params, (size_t)ulm_param_count(&shape) * sizeof *w);
  for (uint32_t i = 0; i < ulm_tensor_count(&shape); i++) {
    const ulm_tensor t = ulm_tensor_at(&shape, i);
    if (!t.cols) continue;
    float *x = w + t.start;
    uint8_t *q = malloc(t.count);
    uint16_t *s = malloc(t.count / 32 * 2);
    if (type == ULM_INT8)
      ulm_quant_s8(t.count, x, (int8_t *)q, s), ulm_dequant_s8(t.count, (int8_t *)q, s, x);
    if (type == ULM_INT4) ulm_quant_s4(t.count, x, q, s), ulm_dequant_s4(t.count, q, s, x);
    for (uint64_t j = 0; type == ULM_F16 && j < t.count; j++)
      x[j] = ulm_f32_from_f16(ulm_f16_from_f32(x[j]));
    free(q);
    free(s);
  }
  model_logits(reference, ids, N, trained);
}

/* The runtime's logits of a blob of these weights, against `trained`. skip: a token to leave out,
 * or -1. */
static double difference(const ulm_config *c, ulm_type type, const float *w, ulm_kv kv, int skip) {
  size_t n, size;
  uint8_t *vocab = made_vocab(c->vocab, &n), *blob = made_blob(c, type, w, vocab, n, NULL, &size);
  ulm_error err;
  const ulm_options o = {.kv = kv};
  const size_t need = ulm_sizeof(blob, size, &o, &err);
  void *arena = aligned_alloc(64, need);
  ulm *m;
  if (!need || ulm_open(&m, blob, size, arena, need, &o, &err)) fail_msg("%s", err.message);
  double d = 0, s = 0;
  for (int i = 0; i < N; i++) {
    if (i == skip) continue;
    assert_int_equal(ulm_prefill(m, ids + i, 1), ULM_OK);
    const float *a = trained + (size_t)i * c->vocab, *b = ulm_logits(m);
    for (uint32_t j = 0; j < c->vocab; j++)
      d += pow((double)a[j] - b[j], 2), s += (double)a[j] * a[j];
  }
  free(arena);
  free(blob);
  free(vocab);
  return sqrt(d / s);
}

static void the_runtime_computes_what_the_trainer_does_in_every_number_format(void **state) {
  (void)state;
  for (int type = 0; type < ULM_TYPES; type++) {
    train_with((ulm_type)type);
    const double d = difference(&shape, (ulm_type)type, params, ULM_KV_F32, -1);
    const double d8 = difference(&shape, (ulm_type)type, params, ULM_KV_INT8, -1);
    print_message("%s: %.2g of the logits (bound %.2g); int8 cache %.2g\n",
                  ulm_type_name((ulm_type)type), d, bound[type], d8);
    assert_true(d > 0 && d < bound[type]);
    assert_true(d8 > d && d8 < bound[type] + 0.03);
  }
}

/* Each way to be wrong, in each number format, must miss the bound. */
static void a_zeroed_or_permuted_matrix_misses_the_bound(void **state) {
  (void)state;
  const size_t all = (size_t)ulm_param_count(&shape) * sizeof(float);
  float *w = malloc(all);
  for (int type = 0; type < ULM_TYPES; type++) {
    train_with((ulm_type)type);
    for (uint32_t i = 0; i < ulm_tensor_count(&shape); i++) {
      const ulm_tensor t = ulm_tensor_at(&shape, i);
      if (!t.cols || t.layer > 0) continue; /* the embedding and one block */
      memcpy(w, params, all);
      memset(w + t.start, 0, t.count * sizeof *w);
      assert_false(difference(&shape, (ulm_type)type, w, ULM_KV_F32, -1) < bound[type] + 0.03);
      memcpy(w, params, all);
      for (uint32_t r = 0; r < t.rows; r++) /* every row one place down */
        memcpy(w + t.start + (size_t)r * t.cols,
               params + t.start + (size_t)((r + 1) % t.rows) * t.cols, t.cols * sizeof *w);
      assert_false(difference(&shape, (ulm_type)type, w, ULM_KV_F32, -1) < bound[type] + 0.03);
    }
  }
  free(w);
}

static void a_single_pair_of_swapped_rows_is_seen_in_float(void **state) {
  (void)state;
  const size_t all = (size_t)ulm_param_count(&shape) * sizeof(float);
  float *w = malloc(all);
  train_with(ULM_F32);
  for (uint32_t i = 0; i < ulm_tensor_count(&shape); i++) {
    const ulm_tensor t = ulm_tensor_at(&shape, i);
    memcpy(w, params, all);
    const uint32_t cols = t.cols ? t.cols : 1;
    memcpy(w + t.start, params + t.start + cols, cols * sizeof *w);
    memcpy(w + t.start + cols, params + t.start, cols * sizeof *w);
    assert_false(difference(&shape, ULM_F32, w, ULM_KV_F32, -1) < bound[ULM_F32]);
  }
  free(w);
}

static void wrong_angles_and_positions_miss_the_bound(void **state) {
  (void)state;
  for (int type = 0; type < ULM_TYPES; type++) {
    train_with((ulm_type)type);
    ulm_config other = shape;
    other.rope_base = 1e3f;
    assert_false(difference(&other, (ulm_type)type, params, ULM_KV_F32, -1) < bound[type] + 0.03);
    other = shape;
    other.norm_eps = 1e-2f;
    if (type < ULM_INT8)
      assert_false(difference(&other, (ulm_type)type, params, ULM_KV_F32, -1) < bound[type]);
    assert_false(difference(&shape, (ulm_type)type, params, ULM_KV_F32, 1) <
                 bound[type] + 0.03); /* a token lost */
  }
}

static void one_number_format_is_not_mistaken_for_another(void **state) {
  (void)state;
  train_with(ULM_F32);
  assert_false(difference(&shape, ULM_F16, params, ULM_KV_F32, -1) < bound[ULM_F16]);
  assert_false(difference(&shape, ULM_INT4, params, ULM_KV_F32, -1) < bound[ULM_INT4]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_runtime_computes_what_the_trainer_does_in_every_number_format),
      cmocka_unit_test(a_zeroed_or_permuted_matrix_misses_the_bound),
      cmocka_unit_test(a_single_pair_of_swapped_rows_is_seen_in_float),
      cmocka_unit_test(wrong_angles_and_positions_miss_the_bound),
      cmocka_unit_test(one_number_format_is_not_mistaken_for_another),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
