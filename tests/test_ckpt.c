/* train/ckpt.c, train/save.c: checkpoints come back as they were, damaged ones are refused. */
#include "make_model.h"
#include "train/save.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static const ulm_config shape = {16, 2, 2, 1, 24, TINY_VOCAB, 64, 1e6f, 1e-5f};
enum { CURSOR = 48 };
static float *params, *first, *second;
static uint8_t cursor[CURSOR], *tokenizer;
static size_t tokenizer_size, count;

static const train_state trained = {.step = 7,
                                    .tokens = 1234567890123,
                                    .steps = 9,
                                    .seed = UINT64_MAX,
                                    .data = 0x0123456789abcdef,
                                    .best = 1.25,
                                    .loss = 2.5,
                                    .batch = 3,
                                    .seq = 64,
                                    .objective = 2,
                                    .warmup = 5,
                                    .threads = 4,
                                    .eval_every = 11,
                                    .eval_batches = 13,
                                    .tail = 0.5f,
                                    .prompt = 0.25f,
                                    .lr = 1e-3f,
                                    .min_lr = 1e-4f,
                                    .decay = 0.1f,
                                    .beta1 = 0.9f,
                                    .beta2 = 0.95f,
                                    .clip = 2,
                                    .isa = "avx2",
                                    .ramp = 40,
                                    .schedule = 2,
                                    .first_rows = 4,
                                    .zero_out = 1,
                                    .bf16 = 1,
                                    .decay_fraction = 0.25f,
                                    .embed_lr = 2e-3f,
                                    .ema = 0.999f,
                                    .cursor = cursor,
                                    .cursor_size = CURSOR};

static int save_as(const char *path, bool whole, host_error *e) {
  const ckpt_parts p = {.config = &shape,
                        .params = params,
                        .m = whole ? first : NULL,
                        .v = second,
                        .state = &trained,
                        .spm = {.data = tokenizer, .size = tokenizer_size},
                        .meta = "{\"tool\":\"test\"}",
                        .meta_size = 15};
  return ckpt_save(path, &p, e);
}

static int setup(void **state) {
  host_error e;
  count = (size_t)ulm_param_count(&shape);
  params = made_params(&shape, 0.1f, 1), first = made_params(&shape, 0.2f, 2);
  second = made_params(&shape, 0.3f, 3);
  for (size_t i = 0; i < count; i++) second[i] = fabsf(second[i]);
  for (int i = 0; i < CURSOR; i++) cursor[i] = (uint8_t)(i * 37);
  tokenizer = made_read(tiny_tokenizer, &tokenizer_size);
  if (made_dir_open(state)) return -1;
  return save_as(in_dir("whole.ckpt"), true, &e) || save_as(in_dir("plain.ckpt"), false, &e);
}

static int teardown(void **state) {
  free(params), free(first), free(second), free(tokenizer);
  return made_dir_close(state);
}

static uint8_t *whole(size_t *n) { return made_read(in_dir("whole.ckpt"), n); }

/* ---- Round trip ---- */

static void a_checkpoint_comes_back_as_it_was(void **state) {
  (void)state;
  host_error e;
  model_file f;
  train_state s;
  float *p = malloc(count * sizeof *p), *m = malloc(count * sizeof *m),
        *v = malloc(count * sizeof *v);
  if (model_file_open(&f, in_dir("whole.ckpt"), ULM_KIND_CKPT, &e)) fail_msg("%s", e.text);
  assert_memory_equal(&f.config, &shape, sizeof shape);
  assert_int_equal(f.spm.size, tokenizer_size);
  assert_memory_equal(f.spm.data, tokenizer, tokenizer_size);
  assert_int_equal(f.meta.size, 15);
  assert_memory_equal(f.meta.data, "{\"tool\":\"test\"}", 15);
  assert_int_equal(model_file_floats(&f, p, &e), 0);
  assert_int_equal(ckpt_resume(&f, m, v, &s, &e), 0);
  assert_memory_equal(p, params, count * sizeof *p);
  assert_memory_equal(m, first, count * sizeof *m);
  assert_memory_equal(v, second, count * sizeof *v);
  assert_int_equal(s.cursor_size, CURSOR);
  assert_memory_equal(s.cursor, cursor, CURSOR);
  uint8_t a[STATE_SIZE], b[STATE_SIZE];
  state_write(a, &trained), state_write(b, &s);
  assert_memory_equal(a, b, STATE_SIZE);
  assert_true(s.step == 7 && s.seed == UINT64_MAX && s.best == 1.25 && s.eval_batches == 13);
  assert_true(s.clip == 2 && s.prompt == 0.25f);
  assert_string_equal(s.isa, "avx2");
  model_file_close(&f);
  free(p), free(m), free(v);
}

static void every_field_of_the_state_has_its_own_bytes(void **state) {
  (void)state;
  uint8_t zero[STATE_SIZE], one[STATE_SIZE];
  int changed[STATE_SIZE] = {0};
  state_write(zero, &(train_state){0});
#define FIELD(field, value)                                                                        \
  state_write(one, &(train_state){.field = value});                                                \
  for (int i = 0, any = 0; i < STATE_SIZE; i++) {                                                  \
    if (one[i] != zero[i]) assert_int_equal(changed[i]++, 0), any = 1;                             \
    if (i == STATE_SIZE - 1) assert_true(any);                                                     \
  }
  const double d = -1.1;
  FIELD(step, UINT64_MAX)
  FIELD(tokens, UINT64_MAX)
  FIELD(steps, UINT64_MAX)
  FIELD(seed, UINT64_MAX)
  FIELD(data, UINT64_MAX)
  FIELD(best, d)
  FIELD(loss, d)
  FIELD(batch, UINT32_MAX)
  FIELD(seq, UINT32_MAX)
  FIELD(objective, UINT32_MAX)
  FIELD(warmup, UINT32_MAX)
  FIELD(threads, UINT32_MAX)
  FIELD(eval_every, UINT32_MAX)
  FIELD(eval_batches, UINT32_MAX)
  FIELD(muon, UINT32_MAX)
  FIELD(tail, (float)d)
  FIELD(prompt, (float)d)
  FIELD(lr, (float)d)
  FIELD(min_lr, (float)d)
  FIELD(decay, (float)d)
  FIELD(beta1, (float)d)
  FIELD(beta2, (float)d)
  FIELD(clip, (float)d)
  FIELD(isa, "portable")
  FIELD(ramp, UINT64_MAX)
  FIELD(schedule, UINT32_MAX)
  FIELD(first_rows, UINT32_MAX)
  FIELD(zero_out, UINT32_MAX)
  FIELD(bf16, UINT32_MAX)
  FIELD(decay_fraction, (float)d)
  FIELD(embed_lr, (float)d)
  FIELD(ema, (float)d)
#undef FIELD
}

static void the_same_parts_make_the_same_bytes(void **state) {
  (void)state;
  host_error e;
  size_t n, k;
  assert_int_equal(save_as(in_dir("again.ckpt"), true, &e), 0);
  uint8_t *a = whole(&n), *b = made_read(in_dir("again.ckpt"), &k);
  assert_int_equal(n, k);
  assert_memory_equal(a, b, n);
  free(a), free(b);
}

static void every_number_format_is_read_as_floats(void **state) {
  (void)state;
  const ulm_config c = {32, 1, 2, 1, 32, TINY_VOCAB, 64, 1e6f, 1e-5f};
  host_error e;
  const size_t n = (size_t)ulm_param_count(&c);
  float *want = made_params(&c, 0.05f, 9), *got = malloc(n * sizeof *got);
  /* Of a group's largest: half a step, and a whole one of int4, whose codes end at -8 and 7. */
  static const double most[ULM_TYPES] = {0, 1.0 / 2048, 0.5 / 127, 1.0 / 8};
  for (int type = 0; type < ULM_TYPES; type++) {
    size_t size;
    model_file f;
    uint8_t *p = made_model(ULM_KIND_QUANT, &c, (ulm_type)type, want, "{}", &size);
    if (model_file_parse(&f, p, size, "made", ULM_KIND_QUANT, &e)) fail_msg("%s", e.text);
    assert_int_equal(model_file_floats(&f, got, &e), 0);
    double error = 0, largest = 0;
    for (size_t i = 0; i < n; i++) {
      if (ulm_tensor_at(&c, 0).count <= i) break; /* the embedding */
      error = fmax(error, fabs((double)got[i] - (double)want[i]));
      largest = fmax(largest, fabs((double)want[i]));
    }
    assert_true(error <= most[type] * largest * 1.01);
    assert_true(type == ULM_F32 || error > 0);
    assert_int_equal(model_file_parse(&f, p, size, "made", ULM_KIND_CKPT, &e), -1);
    assert_int_equal(model_file_parse(&f, p, size, "made", 0, &e), 0);
    free(p);
  }
  free(want), free(got);
}

/* ---- Damage ---- */

static void refuse(const uint8_t *p, size_t n, const char *word) {
  host_error e = {""};
  model_file f;
  uint8_t *copy = malloc(n ? n : 1); /* exactly sized, so that tools see a read past the end */
  memcpy(copy, p, n);
  assert_int_equal(model_file_parse(&f, copy, n, "made.ckpt", 0, &e), -1);
  if (!strstr(e.text, "made.ckpt") || !strstr(e.text, word))
    fail_msg("'%s' does not name the file and say '%s'", e.text, word);
  free(copy);
}

static void a_truncated_checkpoint_is_refused_at_every_length(void **state) {
  (void)state;
  size_t n;
  uint8_t *p = whole(&n);
  for (size_t k = 0; k < n; k += k < 1024 ? 1 : 997) refuse(p, k, "");
  refuse(p, n - 1, "");
  free(p);
}

static void a_changed_byte_is_refused_wherever_it_is(void **state) {
  (void)state;
  size_t n, tried = 0;
  uint8_t *p = whole(&n);
  for (size_t k = 0; k < n; k += k < 1024 || k > n - 256 ? 1 : 211, tried++) {
    p[k] ^= (uint8_t)(1u << k % 8);
    refuse(p, n, "");
    p[k] ^= (uint8_t)(1u << k % 8);
  }
  assert_true(tried > 1500);
  host_error e;
  model_file f;
  assert_int_equal(model_file_parse(&f, p, n, "made.ckpt", 0, &e), 0); /* and whole it is fine */
  free(p);
}

/* A section's payload in a container's bytes. */
static uint8_t *section(uint8_t *p, size_t n, uint32_t tag, uint64_t *size) {
  ulm_file f;
  ulm_section s;
  assert_int_equal(ulm_file_open(&f, p, n, 0, NULL), 0);
  assert_true(ulm_file_find(&f, tag, &s));
  if (size) *size = s.size;
  return p + s.offset;
}

static void a_wrong_field_behind_good_checksums_is_refused(void **state) {
  (void)state;
  size_t n;
  static const struct {
    uint32_t tag, at, bytes;
    const char *word;
  } wrong[] = {{ULM_SEC_CONFIG, 0, 0xffffffff, ""}, {ULM_SEC_CONFIG, 0, 32, ""},
               {ULM_SEC_CONFIG, 4, 3, ""},          {ULM_SEC_CONFIG, 20, TINY_VOCAB + 1, ""},
               {ULM_SEC_CONFIG, 40, 1, ""},         {ULM_SEC_TENSORS, 4, 2, ""},
               {ULM_SEC_TENSORS, 16, 64, ""},       {ULM_SEC_TENSORS, 8, 0xffffffff, ""},
               {ULM_SEC_SPM, 0, 0xffffffff, ""},    {ULM_SEC_SPM, 4000, 0, ""}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    uint8_t *p = whole(&n);
    ulm_put32(section(p, n, wrong[i].tag, NULL) + wrong[i].at, wrong[i].bytes);
    made_fix(p);
    refuse(p, n, wrong[i].word);
    free(p);
  }
  static const uint32_t tags[] = {ULM_SEC_CONFIG, ULM_SEC_TENSORS, ULM_SEC_WEIGHTS, ULM_SEC_META,
                                  ULM_SEC_SPM};
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
    uint8_t *p = whole(&n);
    for (uint32_t k = 0; k < 8; k++) { /* a section under another name is a missing one */
      uint8_t *entry = p + ULM_FILE_HEADER + k * ULM_FILE_ENTRY;
      if (ulm_get32(entry) == tags[i]) ulm_put32(entry, ULM_TAG('N', 'O', 'N', 'E'));
    }
    made_fix(p);
    refuse(p, n, "");
    free(p);
  }
  uint8_t *p = whole(&n);
  ulm_put32(p + 8, ULM_KIND_SHARD);
  made_fix(p);
  refuse(p, n, "checkpoint");
  free(p);
}

static void a_tokenizer_of_another_size_is_refused(void **state) {
  (void)state;
  ulm_config c = shape;
  c.vocab++;
  size_t n;
  float *w = made_params(&c, 0.1f, 1);
  uint8_t *p = made_model(ULM_KIND_CKPT, &c, ULM_F32, w, "{}", &n);
  refuse(p, n, "vocabulary");
  free(p), free(w);
}

static int resume(uint8_t *p, size_t n, host_error *e) {
  model_file f;
  train_state s;
  float *m = malloc(count * sizeof *m), *v = malloc(count * sizeof *v);
  made_fix(p);
  if (model_file_parse(&f, p, n, "made", ULM_KIND_CKPT, e)) fail_msg("%s", e->text);
  const int bad = ckpt_resume(&f, m, v, &s, e);
  free(m), free(v);
  return bad;
}

static void numbers_that_cannot_be_are_refused(void **state) {
  (void)state;
  size_t n;
  host_error e;
  model_file f;
  uint8_t *p = whole(&n);
  float *w = malloc(count * sizeof *w);
  ulm_put32(section(p, n, ULM_SEC_WEIGHTS, NULL) + 400, 0x7fc00000);
  made_fix(p);
  assert_int_equal(model_file_parse(&f, p, n, "made", 0, &e), 0);
  assert_int_equal(model_file_floats(&f, w, &e), -1);
  assert_non_null(strstr(e.text, "embed"));
  free(p), free(w);
  static const struct {
    uint32_t tag, at, bits;
  } wrong[] = {{ULM_SEC_MOMENT1, 400, 0x7f800000}, /* infinity */
               {ULM_SEC_MOMENT2, 400, 0xbf800000}, /* a negative mean of squares */
               {ULM_SEC_STATE, 0, 10},             /* a step past the last */
               {ULM_SEC_STATE, 64, 3},             /* no such objective */
               {ULM_SEC_STATE, 44, 0x7ff80000},    /* best: not a number */
               {ULM_SEC_STATE, 84, 2},
               {ULM_SEC_STATE, 124, 1},
               {ULM_SEC_STATE, 140, 0x41414141}, /* a name without an end */
               {ULM_SEC_STATE, 152, 3},          /* no such schedule */
               {ULM_SEC_STATE, 160, 2},
               {ULM_SEC_STATE, 164, 2},
               {ULM_SEC_STATE, 168, 0x40000000}, /* decays for twice the steps */
               {ULM_SEC_STATE, 172, 0x7fc00000},
               {ULM_SEC_STATE, 176, 0x3f800000}, /* an average that never moves */
               {ULM_SEC_STATE, 180, 1},
               {ULM_SEC_STATE, 188, 1}};
  p = whole(&n);
  assert_int_equal(resume(p, n, &e), 0);
  free(p);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    p = whole(&n);
    ulm_put32(section(p, n, wrong[i].tag, NULL) + wrong[i].at, wrong[i].bits);
    assert_int_equal(resume(p, n, &e), -1);
    free(p);
  }
}

static void a_state_of_a_later_version_is_refused_by_number(void **state) {
  (void)state;
  size_t n;
  host_error e;
  uint8_t *p = whole(&n);
  ulm_put32(section(p, n, ULM_SEC_STATE, NULL) + 124, 3);
  assert_int_equal(resume(p, n, &e), -1);
  assert_non_null(strstr(e.text, "version 3; this program knows 1..2"));
  free(p);
}

/* tests/corpus/ckpt/resumable was written before STAT had a version. */
static void a_state_of_the_first_version_is_still_read(void **state) {
  (void)state;
  host_error e;
  model_file f;
  train_state s;
  if (model_file_open(&f, "tests/corpus/ckpt/resumable", ULM_KIND_CKPT, &e)) fail_msg("%s", e.text);
  const size_t k = (size_t)ulm_param_count(&f.config);
  float *m = malloc(k * sizeof *m), *v = malloc(k * sizeof *v);
  if (ckpt_resume(&f, m, v, &s, &e)) fail_msg("%s", e.text);
  ulm_section stat;
  assert_true(ulm_file_find(&f.file, ULM_SEC_STATE, &stat));
  assert_int_equal(ulm_get32(stat.data + 124), 0);
  assert_true(s.cursor == stat.data + STATE_SIZE_1 && s.step == ulm_get64(stat.data));
  assert_true(s.step > 0 && s.steps >= s.step && s.batch > 0 && s.lr > 0 && *s.isa);
  assert_true(s.schedule == 0 && s.ramp == 0 && s.ema == 0 && s.bf16 == 0 && s.embed_lr == 0);
  assert_int_equal(ckpt_average(&f, m, v, &e), 0); /* nothing beside the weights */
  free(m), free(v);
  model_file_close(&f);
}

static void an_average_comes_back_with_the_weights_beside_it(void **state) {
  (void)state;
  host_error e;
  model_file f;
  size_t n;
  float *p = malloc(count * sizeof *p), *a = malloc(count * sizeof *a);
  ckpt_parts parts = {.config = &shape,
                      .params = params,
                      .m = first,
                      .v = second,
                      .trained = second,
                      .state = &trained,
                      .spm = {.data = tokenizer, .size = tokenizer_size},
                      .meta = "{}",
                      .meta_size = 2};
  assert_int_equal(ckpt_save(in_dir("average.ckpt"), &parts, &e), 0);
  assert_int_equal(model_file_open(&f, in_dir("average.ckpt"), ULM_KIND_CKPT, &e), 0);
  assert_int_equal(ckpt_average(&f, p, a, &e), 1);
  assert_memory_equal(p, second, count * sizeof *p);
  assert_memory_equal(a, params, count * sizeof *a);
  memset(p, 0, count * sizeof *p);
  assert_int_equal(ckpt_average(&f, p, NULL, &e), 1);
  assert_memory_equal(p, second, count * sizeof *p);
  model_file_close(&f);
  uint8_t *bytes = made_read(in_dir("average.ckpt"), &n);
  ulm_put32(section(bytes, n, ULM_SEC_TRAINED, NULL) + 400, 0x7fc00000);
  made_fix(bytes);
  assert_int_equal(model_file_parse(&f, bytes, n, "made", 0, &e), 0);
  assert_int_equal(ckpt_average(&f, p, a, &e), -1);
  assert_non_null(strstr(e.text, "embed"));
  free(bytes);
  parts.m = NULL; /* weights alone: the average */
  assert_int_equal(ckpt_save(in_dir("average.ckpt"), &parts, &e), 0);
  assert_int_equal(model_file_open(&f, in_dir("average.ckpt"), ULM_KIND_CKPT, &e), 0);
  assert_int_equal(ckpt_average(&f, p, a, &e), 0);
  assert_int_equal(model_file_floats(&f, p, &e), 0);
  assert_memory_equal(p, params, count * sizeof *p);
  model_file_close(&f);
  free(p), free(a);
}

static void weights_alone_cannot_be_resumed(void **state) {
  (void)state;
  size_t n;
  host_error e;
  uint8_t *p = made_read(in_dir("plain.ckpt"), &n);
  assert_int_equal(resume(p, n, &e), -1);
  assert_non_null(strstr(e.text, "--init"));
  free(p);
}

static void what_is_no_file_of_ours_is_refused_by_name(void **state) {
  (void)state;
  host_error e;
  model_file f;
  made_write(in_dir("text"), "once upon a time, and so on, and so on", 38);
  made_write(in_dir("nothing"), "", 0);
  const char *const paths[] = {"text", "nothing", "absent", "."};
  for (int i = 0; i < 4; i++) {
    assert_int_equal(model_file_open(&f, in_dir(paths[i]), 0, &e), -1);
    assert_non_null(strstr(e.text, made_dir));
  }
  assert_int_equal(model_file_open(&f, "tests/corpus/shard/tea", 0, &e), -1);
}

/* ---- Writing ---- */

static void a_checkpoint_that_cannot_be_written_leaves_the_old_one(void **state) {
  (void)state;
  size_t n, k;
  uint8_t *before = whole(&n);
  const int files = made_count();
  const pid_t child = fork();
  if (child == 0) { /* a full disk, as far as one can be made */
    host_error e = {""};
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small = {n / 2, n / 2};
    const int bad =
        setrlimit(RLIMIT_FSIZE, &small) || save_as(in_dir("whole.ckpt"), true, &e) != -1;
    _exit(bad || !strstr(e.text, "whole.ckpt"));
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  uint8_t *after = whole(&k);
  assert_int_equal(n, k);
  assert_memory_equal(before, after, n);
  assert_int_equal(made_count(), files); /* and no temporary */
  host_error e;
  assert_int_equal(save_as(in_dir("no/such/folder.ckpt"), true, &e), -1);
  assert_int_equal(save_as(made_dir, true, &e), -1);
  free(before), free(after);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_checkpoint_comes_back_as_it_was),
      cmocka_unit_test(every_field_of_the_state_has_its_own_bytes),
      cmocka_unit_test(the_same_parts_make_the_same_bytes),
      cmocka_unit_test(every_number_format_is_read_as_floats),
      cmocka_unit_test(a_truncated_checkpoint_is_refused_at_every_length),
      cmocka_unit_test(a_changed_byte_is_refused_wherever_it_is),
      cmocka_unit_test(a_wrong_field_behind_good_checksums_is_refused),
      cmocka_unit_test(a_tokenizer_of_another_size_is_refused),
      cmocka_unit_test(numbers_that_cannot_be_are_refused),
      cmocka_unit_test(a_state_of_a_later_version_is_refused_by_number),
      cmocka_unit_test(a_state_of_the_first_version_is_still_read),
      cmocka_unit_test(an_average_comes_back_with_the_weights_beside_it),
      cmocka_unit_test(weights_alone_cannot_be_resumed),
      cmocka_unit_test(what_is_no_file_of_ours_is_refused_by_name),
      cmocka_unit_test(a_checkpoint_that_cannot_be_written_leaves_the_old_one),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
