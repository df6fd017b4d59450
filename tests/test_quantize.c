/* Quantization against its own definition, its report against independent sums, and the file it
 * writes. */
#include "make_model.h"

#include <math.h>

#include "quantize/quantize.h"
#include "tokenizer/shard.h"
#include "tokenizer/spm.h"
#include "train/ckpt.h"
#include "train/model.h"

static const ulm_config shape = {64, 2, 4, 2, 96, TINY_VOCAB, 64, 1e6f, 1e-5f};
static float *params;

static int set_up(void **state) {
  if (made_dir_open(state)) return -1;
  params = made_params(&shape, 0.1f, 3);
  made_checkpoint(in_dir("m.ckpt"), &shape, params);
  return 0;
}

static int tear_down(void **state) {
  free(params);
  return made_dir_close(state);
}

static ulm_tensor matrix(uint32_t rows, uint32_t cols) {
  return (ulm_tensor){ULM_T_WQ, 3, "wq", "", "", rows, cols, (uint64_t)rows * cols, 0};
}

/* ---- one tensor ---- */

enum { ROWS = 24, COLS = 96, N = ROWS * COLS };

/* Groups of very different size, and some that are all zero. */
static void some_weights(float *x) {
  ulm_rng r = ulm_rng_seed(1, 1);
  for (int i = 0; i < N; i++) {
    const int g = i / ULM_GROUP;
    x[i] = g % 9 == 8 ? 0 : (ulm_rng_f32(&r) - 0.5f) * ldexpf(1, g % 13 - 8);
  }
}

/* Whether every value of y is as near x as its group's scale promises: half a step, or, where
 * int4's codes end at +7, a whole one; and the scale's own rounding, 2^-11 of the largest value. */
static bool within_bounds(ulm_type type, const float *x, const float *y) {
  for (int g = 0; g < N; g += ULM_GROUP) {
    double largest = 0;
    for (int i = g; i < g + ULM_GROUP; i++) largest = fmax(largest, fabs((double)x[i]));
    const double step = largest / (type == ULM_INT8 ? 127 : 8), slack = largest * 0x1p-11;
    for (int i = g; i < g + ULM_GROUP; i++) {
      const bool past = type == ULM_INT4 && fabs((double)x[i]) > 7.5 * step;
      if (fabs((double)y[i] - (double)x[i]) > (past ? 1 : 0.5) * step * (1 + 0x1p-10) + slack)
        return false;
    }
  }
  return true;
}

static void a_decoded_value_is_within_half_a_step_of_the_weight(void **state) {
  (void)state;
  static float x[N], y[N], z[N];
  static _Alignas(64) uint8_t out[N * 4];
  const ulm_tensor t = matrix(ROWS, COLS);
  some_weights(x);
  for (ulm_type type = ULM_INT8; type <= ULM_INT4; type++) {
    host_error e;
    assert_int_equal(quant_encode(&t, type, x, out, "f", &e), 0);
    quant_decode(&t, type, out, y);
    assert_true(within_bounds(type, x, y));
    /* A decoder that gives zeros, takes the next group's scale, or swaps two groups, would be seen.
     */
    memset(z, 0, sizeof z);
    assert_false(within_bounds(type, x, z));
    for (int i = 0; i < N; i++) z[i] = y[(i + ULM_GROUP) % N];
    assert_false(within_bounds(type, x, z));
    memcpy(z, y, sizeof z);
    memcpy(z, y + ULM_GROUP, ULM_GROUP * sizeof *z);
    memcpy(z + ULM_GROUP, y, ULM_GROUP * sizeof *z);
    assert_false(within_bounds(type, x, z));
    memcpy(z, y, sizeof z);
    for (int i = 0; i < ULM_GROUP / 2; i++)
      z[i] = y[i + 16], z[i + 16] = y[i]; /* nibbles the wrong way round */
    assert_false(within_bounds(type, x, z));
  }
}

static void what_was_quantized_once_does_not_change_again(void **state) {
  (void)state;
  static float x[N], y[N];
  static _Alignas(64) uint8_t a[N * 4 + 64], b[N * 4 + 64];
  const ulm_tensor t = matrix(ROWS, COLS);
  some_weights(x);
  for (ulm_type type = ULM_F32; type < ULM_TYPES; type++) {
    host_error e;
    const size_t size = (size_t)ulm_tensor_size(type, ROWS, COLS);
    memset(a, 0xaa, sizeof a);
    memset(b, 0x55, sizeof b);
    assert_int_equal(quant_encode(&t, type, x, a, "f", &e), 0);
    quant_decode(&t, type, a, y);
    assert_int_equal(quant_encode(&t, type, y, b, "f", &e), 0);
    assert_memory_equal(a, b, size); /* padding included */
    assert_int_equal(a[size], 0xaa);
  }
}

static void weights_that_are_not_finite_are_refused_by_name(void **state) {
  (void)state;
  static float x[N];
  static _Alignas(64) uint8_t out[N * 4];
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  const ulm_tensor t = matrix(ROWS, COLS);
  for (ulm_type type = ULM_F32; type < ULM_TYPES; type++)
    for (int i = 0; i < 3; i++) {
      host_error e = {""};
      some_weights(x);
      x[77] = bad[i];
      assert_int_equal(quant_encode(&t, type, x, out, "some.ckpt", &e), -1);
      assert_non_null(strstr(e.text, "blocks.3.wq"));
      assert_non_null(strstr(e.text, "some.ckpt"));
      assert_non_null(strstr(e.text, "77"));
    }
}

static void weights_too_large_for_a_scale_are_refused_by_name(void **state) {
  (void)state;
  static float x[N];
  static _Alignas(64) uint8_t out[N * 4];
  static const float limit[ULM_TYPES] = {0, 65504, 65504.0f * 127, 65504.0f * 8};
  const ulm_tensor t = matrix(ROWS, COLS);
  for (ulm_type type = ULM_F16; type < ULM_TYPES; type++) {
    host_error e = {""};
    some_weights(x);
    x[40] = -limit[type];
    assert_int_equal(quant_encode(&t, type, x, out, "f", &e), 0);
    x[40] = -1.01f * limit[type];
    assert_int_equal(quant_encode(&t, type, x, out, "f", &e), -1);
    assert_non_null(strstr(e.text, "blocks.3.wq"));
    assert_non_null(strstr(e.text, ulm_type_name(type)));
  }
}

static void a_row_length_that_32_does_not_divide_is_refused_by_name(void **state) {
  (void)state;
  const quant_plan int8 = {ULM_INT8, ULM_INT8}, half = {ULM_INT8, ULM_F16};
  host_error e = {""};
  ulm_config c = shape;
  assert_int_equal(quant_check(&int8, &c, "f", &e), 0);
  c.ffn = 100;
  assert_int_equal(quant_check(&int8, &c, "some.ckpt", &e), -1);
  assert_non_null(strstr(e.text, "blocks.0.down"));
  assert_non_null(strstr(e.text, "100"));
  assert_non_null(strstr(e.text, "some.ckpt"));
  c = shape;
  c.dim = 48;
  assert_int_equal(quant_check(&int8, &c, "f", &e), -1);
  assert_non_null(strstr(e.text, "embed"));
  assert_non_null(strstr(e.text, "48"));
  assert_int_equal(quant_check(&half, &c, "f", &e),
                   -1); /* f16 rows may have any length, the others not */
  assert_non_null(strstr(e.text, "wq"));
  float *w = made_params(&c, 0.1f, 1);
  made_checkpoint(in_dir("odd.ckpt"), &c, w);
  free(w);
  const quant_options o = {.plan = int8};
  json_t *report;
  const int before = made_count();
  assert_int_equal(quant_file(in_dir("odd.ckpt"), &o, in_dir("no"), &report, &e), -1);
  assert_non_null(strstr(e.text, "32"));
  assert_int_equal(made_count(), before);
}

/* ---- the account ---- */

static void the_account_of_an_error_is_exact(void **state) {
  (void)state;
  const ulm_tensor t = matrix(1, 32);
  float x[32] = {0}, y[32] = {0};
  for (int i = 0; i < 32; i++) x[i] = i % 2 ? 2 : -2;
  memcpy(y, x, sizeof y);
  y[3] = 1.5f, y[4] = -1;
  quant_loss l = quant_measure(&t, ULM_INT8, x, y);
  assert_true(l.sum_w2 == 128 && l.sum_e2 == 1.25 && l.max_error == 1);
  assert_int_equal(l.bytes, 34);
  assert_true(quant_rel(&l) == sqrt(1.25 / 128));
  assert_true(fabs(quant_sqnr(&l) - 20.1030) < 1e-4);
  assert_int_equal(l.zeroed, 0);
  memset(y, 0, sizeof y);
  l = quant_measure(&t, ULM_INT8, x, y);
  assert_true(quant_rel(&l) == 1 && quant_sqnr(&l) == 0);
  assert_int_equal(l.zeroed, 1);
  l = quant_measure(&t, ULM_F32, x, x);
  assert_true(quant_rel(&l) == 0 && isinf(quant_sqnr(&l)));
  assert_int_equal(l.bytes, 128);
}

static void groups_too_small_for_a_scale_are_counted(void **state) {
  (void)state;
  static float x[N], y[N];
  static _Alignas(64) uint8_t out[N * 4];
  const ulm_tensor t = matrix(ROWS, COLS);
  host_error e;
  for (int i = 0; i < N; i++) x[i] = i < 2 * ULM_GROUP ? 1e-7f : 0.5f;
  assert_int_equal(quant_encode(&t, ULM_INT8, x, out, "f", &e), 0);
  quant_decode(&t, ULM_INT8, out, y);
  assert_int_equal(quant_measure(&t, ULM_INT8, x, y).zeroed, 2);
}

static double at(const json_t *o, const char *a, const char *b) {
  const json_t *x = json_object_get(json_object_get(o, a), b);
  assert_true(json_is_number(x));
  return json_number_value(x);
}

/* ---- the file ---- */

static json_t *quantize(ulm_type type, ulm_type embed, const char *shards, const char *out) {
  const quant_options o = {.plan = {type, embed}, .shards = shards, .tokens = 100000, .threads = 1};
  json_t *report;
  host_error e;
  if (quant_file(in_dir("m.ckpt"), &o, in_dir(out), &report, &e)) fail_msg("%s", e.text);
  return report;
}

static void a_quantized_file_holds_every_tensor_rounded_to_nearest(void **state) {
  (void)state;
  for (int i = 0; i < 4; i++) {
    const ulm_type type = i % 2 ? ULM_INT4 : ULM_INT8, embed = i < 2 ? type : ULM_F16;
    json_t *report = quantize(type, embed, NULL, "m.q");
    host_error e;
    model_file f;
    if (model_file_open(&f, in_dir("m.q"), ULM_KIND_QUANT, &e)) fail_msg("%s", e.text);
    assert_memory_equal(&f.config, &shape, sizeof shape);
    double bytes = 0, e2 = 0, w2 = 0, worst = 0;
    for (uint32_t k = 0; k < ulm_tensor_count(&shape); k++) {
      const model_tensor m = model_file_tensor(&f, k);
      const ulm_type want = m.t.cols == 0 ? ULM_F32 : m.t.kind == ULM_T_EMBED ? embed : type;
      assert_int_equal(m.type, want);
      const uint64_t size = ulm_tensor_size(want, m.t.rows, m.t.cols);
      uint8_t *encoded = aligned_alloc(64, size);
      float *y = malloc(m.t.count * sizeof *y);
      assert_int_equal(quant_encode(&m.t, want, params + m.t.start, encoded, "f", &e), 0);
      assert_memory_equal(m.values, encoded, size);
      assert_int_equal(model_tensor_floats(&f, k, y, &e), 0);
      for (uint64_t j = 0; j < m.t.count; j++) {
        const double w = params[m.t.start + j], d = y[j] - w;
        e2 += d * d, w2 += w * w, worst = fmax(worst, fabs(d));
      }
      bytes += (double)(ulm_values_size(want, m.t.rows, m.t.cols) +
                        ulm_scales_size(want, m.t.rows, m.t.cols));
      free(encoded);
      free(y);
    }
    assert_true(at(report, "total", "bytes") == bytes);
    assert_true(at(report, "total", "values") == (double)ulm_param_count(&shape));
    assert_true(fabs(at(report, "total", "rel_rms_error") / sqrt(e2 / w2) - 1) < 1e-9);
    assert_true(at(report, "total", "max_error") == worst);
    model_file_close(&f);
    json_decref(report);
  }
}

static void the_report_stays_in_the_file(void **state) {
  (void)state;
  json_t *report = quantize(ULM_INT4, ULM_INT8, NULL, "m.q");
  host_error e;
  model_file f;
  assert_int_equal(model_file_open(&f, in_dir("m.q"), ULM_KIND_QUANT, &e), 0);
  json_t *meta = json_loadb((const char *)f.meta.data, f.meta.size, 0, NULL),
         *q = json_object_get(meta, "quantization");
  assert_string_equal(json_string_value(json_object_get(meta, "objective")),
                      "chat"); /* the checkpoint's own */
  assert_int_equal(json_array_size(json_object_get(q, "kinds")), ULM_T_KINDS);
  assert_int_equal(json_array_size(json_object_get(q, "tensors")), 1 + 7 * shape.layers);
  assert_string_equal(json_string_value(json_object_get(q, "type")), "int4");
  assert_string_equal(json_string_value(json_object_get(q, "embed")), "int8");
  const json_t *line;
  size_t i;
  json_array_foreach(json_object_get(q, "tensors"), i, line) {
    const double bits = json_number_value(json_object_get(line, "bits_per_weight")),
                 db = json_number_value(json_object_get(line, "sqnr_db"));
    assert_true(bits == (i ? 4.5 : 8.5));
    assert_true(i ? db > 18 && db < 24
                  : db > 42 &&
                        db < 48); /* 6 dB a bit: about 4 x 6 and 8 x 6 less the peak's share */
  }
  assert_true(fabs(at(q, "total", "rel_rms_error") / at(report, "total", "rel_rms_error") - 1) <
              1e-8);
  json_decref(meta);
  json_decref(report);
  model_file_close(&f);
}

static void the_same_checkpoint_gives_the_same_file(void **state) {
  (void)state;
  size_t n, k;
  json_decref(quantize(ULM_INT4, ULM_INT4, NULL, "a.q"));
  json_decref(quantize(ULM_INT4, ULM_INT4, NULL, "b.q"));
  uint8_t *a = made_read(in_dir("a.q"), &n), *b = made_read(in_dir("b.q"), &k);
  assert_int_equal(n, k);
  assert_memory_equal(a, b, n);
  free(a);
  free(b);
}

static void refuse(const char *path, const char *shards, const char *word) {
  const quant_options o = {
      .plan = {ULM_INT8, ULM_INT8}, .shards = shards, .tokens = 100000, .threads = 1};
  json_t *report;
  host_error e = {""};
  const int before = made_count();
  assert_int_equal(quant_file(path, &o, in_dir("no"), &report, &e), -1);
  if (!strstr(e.text, word)) fail_msg("'%s' does not say '%s'", e.text, word);
  assert_int_equal(made_count(), before);
}

static void a_checkpoint_with_a_weight_that_is_not_finite_is_refused(void **state) {
  (void)state;
  float *w = malloc(ulm_param_count(&shape) * sizeof *w);
  memcpy(w, params, ulm_param_count(&shape) * sizeof *w);
  const ulm_tensor t = ulm_tensor_at(&shape, 8);
  w[t.start + 3] = NAN;
  made_checkpoint(in_dir("nan.ckpt"), &shape, w);
  free(w);
  refuse(in_dir("nan.ckpt"), NULL, t.name);
}

static void other_files_are_refused(void **state) {
  (void)state;
  json_decref(quantize(ULM_INT8, ULM_INT8, NULL, "m.q"));
  refuse(in_dir("m.q"), NULL, "m.q"); /* quantized already */
  refuse(tiny_tokenizer, NULL, "tiny.model");
  refuse(in_dir("missing"), NULL, "missing");
}

static void a_damaged_checkpoint_is_refused_wherever_the_damage_is(void **state) {
  (void)state;
  size_t n;
  uint8_t *p = made_read(in_dir("m.ckpt"), &n);
  ulm_rng r = ulm_rng_seed(9, 0);
  made_write(in_dir("bad"), p, 0);
  for (int i = 0; i < 40; i++) {
    const size_t where =
        i < 20 ? (size_t)ulm_rng_below(&r, 300) : (size_t)ulm_rng_below(&r, (uint32_t)n);
    const uint8_t bit = (uint8_t)(1u << ulm_rng_below(&r, 8));
    p[where] ^= bit;
    made_write(in_dir("bad"), p, n);
    refuse(in_dir("bad"), NULL, "bad");
    p[where] ^= bit;
    made_write(in_dir("bad"), p, where);
    refuse(in_dir("bad"), NULL, "bad");
  }
  free(p);
}

/* ---- the loss ---- */

enum { DOCS = 30, DOC = 40 };
static uint16_t ids[DOCS * DOC];
static uint8_t mask[DOCS * DOC];

/* Split val of a folder: conversations of random tokens whose second half is a reply. */
static void made_shards(const char *dir, const char *tokenizer) {
  uint8_t docs[DOCS * 8], toks[sizeof ids];
  char path[1024];
  size_t spm_size, n;
  uint8_t *tok = made_read(tokenizer, &spm_size);
  ulm_rng r = ulm_rng_seed(2, 2);
  for (int i = 0; i < DOCS * DOC; i++) {
    const int t = i % DOC;
    ids[i] = t == DOC - 1 ? ULM_PAD : (uint16_t)(260 + ulm_rng_below(&r, TINY_VOCAB - 260));
    mask[i] =
        (uint8_t)(SHARD_CHAT | (t > 20 && t < 35 ? SHARD_REPLY | (t == 21 ? SHARD_BEGIN : 0) : 0));
    ulm_put16(toks + 2 * i, ids[i]);
  }
  for (int d = 0; d < DOCS; d++) ulm_put64(docs + 8 * d, (uint64_t)d * DOC);
  static const char meta[] = "{\"split\":\"val\"}";
  const made_section s[] = {{ULM_SEC_META, meta, sizeof meta - 1},
                            {ULM_SEC_SPM, tok, spm_size},
                            {ULM_SEC_TOKENS, toks, sizeof toks},
                            {ULM_SEC_MASK, mask, sizeof mask},
                            {ULM_SEC_DOCS, docs, sizeof docs}};
  uint8_t *p = made_container(ULM_KIND_SHARD, s, 5, &n);
  host_error e;
  assert_int_equal(host_mkdir(in_dir(dir), &e), 0);
  snprintf(path, sizeof path, "%s/val-00000.shard", in_dir(dir));
  made_write(path, p, n);
  free(p);
  free(tok);
}

/* Mean over reply tokens, one document a row. */
static double loss_of(const float *weights) {
  static uint16_t start[DOC];
  host_error e;
  double sum = 0, total = 0;
  model *m = model_new(&shape, 1, DOC, 0, 1, &e);
  memcpy(model_params(m), weights, ulm_param_count(&shape) * sizeof *weights);
  for (int d = 0; d < DOCS; d++) {
    float weight[DOC];
    double one;
    for (int t = 0; t < DOC - 1; t++) weight[t] = (mask[d * DOC + t + 1] & SHARD_REPLY) != 0;
    sum += model_loss(
        m, &(model_batch){1, DOC - 1, ids + d * DOC, ids + d * DOC + 1, weight, start}, &one, NULL);
    total += one;
  }
  model_free(m);
  return sum / total;
}

static void the_loss_is_measured_before_and_after(void **state) {
  (void)state;
  made_shards("shards", tiny_tokenizer);
  for (int i = 0; i < 2; i++) {
    json_t *report =
        quantize(i ? ULM_INT4 : ULM_INT8, i ? ULM_INT4 : ULM_INT8, in_dir("shards"), "m.q");
    float *after = malloc(ulm_param_count(&shape) * sizeof *after);
    host_error e;
    model_file f;
    assert_int_equal(model_file_open(&f, in_dir("m.q"), ULM_KIND_QUANT, &e), 0);
    assert_int_equal(model_file_floats(&f, after, &e), 0);
    model_file_close(&f);
    const double b = loss_of(params), a = loss_of(after), change = fabs(a - b);
    assert_true(at(report, "loss", "targets") == DOCS * 14);
    assert_true(fabs(at(report, "loss", "before") - b) < 1e-5);
    assert_true(fabs(at(report, "loss", "after") - a) < 1e-5);
    /* The weights hold other values and the loss says so; int8 changes it by less than 0.01 nats.
     */
    if (i == 0)
      assert_true(change > 2e-5 && change < 0.01);
    else
      assert_true(change > 2e-4 && change < 0.2);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(report, "loss"), "objective")), "chat");
    free(after);
    json_decref(report);
  }
}

static void shards_of_another_tokenizer_or_none_are_refused(void **state) {
  (void)state;
  made_shards("shards", tiny_tokenizer);
  refuse(in_dir("m.ckpt"), in_dir("nowhere"), "nowhere");
  host_error e;
  assert_int_equal(host_mkdir(in_dir("empty"), &e), 0);
  refuse(in_dir("m.ckpt"), in_dir("empty"), "val");
  /* One piece of another score: the same vocabulary size, another tokenizer. */
  size_t n;
  uint8_t *p = made_read(tiny_tokenizer, &n);
  for (size_t i = n - 400; i < n - 8; i++)
    if (p[i] == 0x15) { /* a piece's score: field 2, 4 bytes */
      p[i + 1] ^= 1;
      break;
    }
  made_write(in_dir("other.model"), p, n);
  free(p);
  uint32_t vocab;
  uint8_t *q = made_read(in_dir("other.model"), &n);
  const bool valid = !spm_check(q, n, &vocab, &e);
  free(q);
  assert_true(valid);
  made_shards("other", in_dir("other.model"));
  refuse(in_dir("m.ckpt"), in_dir("other"), "another tokenizer");
}

static void a_split_without_target_tokens_is_refused(void **state) {
  (void)state;
  made_shards("shards", tiny_tokenizer); /* no openers are marked in it */
  const quant_options o = {.plan = {ULM_INT8, ULM_INT8},
                           .shards = in_dir("shards"),
                           .objective = "opener",
                           .tokens = 1000,
                           .threads = 1};
  json_t *report;
  host_error e = {""};
  const int before = made_count();
  assert_int_equal(quant_file(in_dir("m.ckpt"), &o, in_dir("no"), &report, &e), -1);
  assert_non_null(strstr(e.text, "opener"));
  assert_int_equal(made_count(), before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_decoded_value_is_within_half_a_step_of_the_weight),
      cmocka_unit_test(what_was_quantized_once_does_not_change_again),
      cmocka_unit_test(weights_that_are_not_finite_are_refused_by_name),
      cmocka_unit_test(weights_too_large_for_a_scale_are_refused_by_name),
      cmocka_unit_test(a_row_length_that_32_does_not_divide_is_refused_by_name),
      cmocka_unit_test(the_account_of_an_error_is_exact),
      cmocka_unit_test(groups_too_small_for_a_scale_are_counted),
      cmocka_unit_test(a_quantized_file_holds_every_tensor_rounded_to_nearest),
      cmocka_unit_test(the_report_stays_in_the_file),
      cmocka_unit_test(the_same_checkpoint_gives_the_same_file),
      cmocka_unit_test(a_checkpoint_with_a_weight_that_is_not_finite_is_refused),
      cmocka_unit_test(other_files_are_refused),
      cmocka_unit_test(a_damaged_checkpoint_is_refused_wherever_the_damage_is),
      cmocka_unit_test(the_loss_is_measured_before_and_after),
      cmocka_unit_test(shards_of_another_tokenizer_or_none_are_refused),
      cmocka_unit_test(a_split_without_target_tokens_is_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
