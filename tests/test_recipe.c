/* What a recipe may contain, by the ulm-train program: averages of the weights, WSD, the ramp of
 * the batch, outputs from zero, a second learning rate; exact resume across all of it; starting
 * from another model's checkpoint. */
#include "trainer.h"

#define EVERYTHING                                                                                 \
  "--ema", "0.9", "--schedule", "wsd-sqrt", "--ramp", "40", "--first-batch", "1", "--zero-out",    \
      "--embed-lr", "0.005"
static const char *const everything[] = {EVERYTHING, NULL};
static const char *const go_on[] = {EVERYTHING, "--resume", NULL};

/* Kills the run when metrics.csv has `size` bytes. */
static void kill_midway(const char *run, size_t size) {
  const pid_t child = start(run, everything);
  char path[700];
  struct stat st;
  snprintf(path, sizeof path, "%s/metrics.csv", run);
  for (int i = 0; i < 5000 && (stat(path, &st) || (size_t)st.st_size < size); i++) pause_for(0.001);
  kill(child, SIGKILL);
  assert_false(WIFEXITED(finish(child)));
}

static void kills_anywhere_in_such_a_run_leave_no_trace(void **state) {
  (void)state;
  must(in_dir("whole"), everything);
  for (int i = 0; i < 6; i++) {
    PLACE(run, "killed");
    kill_midway(run, 300 + 450 * (size_t)i);
    must(run, go_on);
    assert_true(same_files("whole/last.ckpt", "killed/last.ckpt"));
    assert_true(same_files("whole/best.ckpt", "killed/best.ckpt"));
    char *a = columns("whole/metrics.csv"), *b = columns("killed/metrics.csv");
    assert_string_equal(a, b);
    free(a), free(b);
    made_remove(run);
  }
}

static uint8_t *section(uint8_t *p, size_t n, uint32_t tag, uint64_t *size) {
  ulm_file f;
  ulm_section s;
  assert_int_equal(ulm_file_open(&f, p, n, 0, NULL), 0);
  if (!ulm_file_find(&f, tag, &s)) return NULL;
  *size = s.size;
  return p + s.offset;
}

static void an_average_restored_wrongly_would_be_seen(void **state) {
  (void)state;
  for (int what = 0; what < 4; what++) {
    PLACE(run, "changed");
    kill_midway(run, 1500);
    size_t n;
    uint64_t size;
    uint8_t *p = made_read(in_dir("changed/last.ckpt"), &n),
            *average = section(p, n, ULM_SEC_WEIGHTS, &size),
            *trained = section(p, n, ULM_SEC_TRAINED, &size);
    assert_true(ulm_get64(section(p, n, ULM_SEC_STATE, &size)) > 3);
    section(p, n, ULM_SEC_WEIGHTS, &size);
    if (what == 0) memcpy(average, trained, size); /* starts anew from the weights */
    if (what == 1) memcpy(trained, average, size); /* the weights become the average */
    if (what == 2) average[402] ^= 0x20; /* one number of the average, by a quarter at most */
    made_fix(p);
    made_write(in_dir("changed/last.ckpt"), p, n);
    free(p);
    must(run, go_on);
    if (same_files("whole/last.ckpt", "changed/last.ckpt") != (what == 3))
      fail_msg("change %d: %s", what, what == 3 ? "seen where there is none" : "not seen");
    made_remove(run);
  }
}

static void every_part_of_a_recipe_changes_the_run(void **state) {
  (void)state;
  static const char *const parts[][4] = {
      {"--ema", "0.9"},           {"--schedule", "wsd"},
      {"--schedule", "wsd-sqrt"}, {"--schedule", "wsd", "--decay-fraction", "0.5"},
      {"--ramp", "40"},           {"--zero-out"},
      {"--embed-lr", "0.005"},    {"--optimizer", "adamw"}};
  static const char *const names[] = {"part0", "part1", "part2", "part3",
                                      "part4", "part5", "part6", "part7"};
  static const char *const files[] = {"part0/last.ckpt", "part1/last.ckpt", "part2/last.ckpt",
                                      "part3/last.ckpt", "part4/last.ckpt", "part5/last.ckpt",
                                      "part6/last.ckpt", "part7/last.ckpt"};
  must(in_dir("plain"), NULL);
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    must(in_dir(names[i]),
         (const char *const[]){parts[i][0], parts[i][1], parts[i][2], parts[i][3], NULL});
    if (same_files("plain/last.ckpt", files[i])) fail_msg("%s changes nothing", parts[i][0]);
    for (size_t k = 0; k < i; k++)
      if (same_files(files[k], files[i])) fail_msg("%s is as %s", names[i], names[k]);
  }
}

/* Squared distance of a checkpoint's sections. */
static double apart(const char *name, uint32_t one, uint32_t other) {
  size_t n;
  uint64_t size;
  uint8_t *p = made_read(in_dir(name), &n);
  const uint8_t *a = section(p, n, one, &size), *b = section(p, n, other, &size);
  double sum = 0;
  for (uint64_t i = 0; a && b && i < size; i += 4) {
    float x, y;
    memcpy(&x, a + i, 4), memcpy(&y, b + i, 4);
    sum += (double)(x - y) * (double)(x - y);
  }
  const bool both = a && b;
  free(p);
  return both ? sum : -1;
}

static void the_average_is_what_is_exported_and_the_weights_go_on_beside_it(void **state) {
  (void)state;
  assert_true(apart("part0/last.ckpt", ULM_SEC_WEIGHTS, ULM_SEC_TRAINED) > 1e-4);
  assert_true(apart("part0/best.ckpt", ULM_SEC_WEIGHTS, ULM_SEC_TRAINED) == -1); /* weights alone */
  assert_true(apart("plain/last.ckpt", ULM_SEC_WEIGHTS, ULM_SEC_TRAINED) == -1);
  /* Training itself is the same with an average and without. */
  size_t n, k;
  uint64_t size;
  uint8_t *with = made_read(in_dir("part0/last.ckpt"), &n),
          *without = made_read(in_dir("plain/last.ckpt"), &k);
  const uint8_t *a = section(with, n, ULM_SEC_TRAINED, &size),
                *b = section(without, k, ULM_SEC_WEIGHTS, &size);
  assert_memory_equal(a, b, size);
  const char *meta = (const char *)section(with, n, ULM_SEC_META, &size);
  json_t *j = json_loadb(meta, size, 0, NULL);
  assert_string_equal(json_string_value(json_object_get(j, "weights")), "average");
  assert_true(json_number_value(json_object_get(j, "ema")) == 0.9);
  json_decref(j);
  free(with), free(without);
  /* And may end or begin on the way. */
  must(in_dir("part0"), (const char *const[]){"--resume", "--steps", "84", NULL});
  assert_true(made_says("err", "--ema 0.9 (now 0)"));
  must(in_dir("plain"), (const char *const[]){"--resume", "--steps", "84", NULL});
  assert_true(apart("part0/last.ckpt", ULM_SEC_WEIGHTS, ULM_SEC_TRAINED) == -1);
  with = made_read(in_dir("part0/last.ckpt"), &n),
  without = made_read(in_dir("plain/last.ckpt"), &k);
  const uint32_t tags[] = {ULM_SEC_WEIGHTS, ULM_SEC_MOMENT1, ULM_SEC_MOMENT2};
  for (int i = 0; i < 3; i++) {
    const uint8_t *x = section(with, n, tags[i], &size), *y = section(without, k, tags[i], &size);
    assert_memory_equal(x, y, size);
  }
  free(with), free(without);
  must(in_dir("plain"), (const char *const[]){"--resume", "--steps", "88", "--ema", "0.99", NULL});
  assert_true(apart("plain/last.ckpt", ULM_SEC_WEIGHTS, ULM_SEC_TRAINED) > 0);
}

static void another_instruction_set_or_number_of_threads_is_said(void **state) {
  (void)state;
  PLACE(run, "moved");
  kill_midway(run, 1500);
  must(run, (const char *const[]){EVERYTHING, "--resume", "--threads", "1", NULL});
  assert_true(made_says("err", "there were 2 threads and are 1 now: the bits stay the same"));
  size_t n, k; /* as it says: all but the number of threads in STAT */
  uint64_t size;
  uint8_t *a = made_read(in_dir("whole/last.ckpt"), &n),
          *b = made_read(in_dir("moved/last.ckpt"), &k);
  ulm_put32(section(a, n, ULM_SEC_STATE, &size) + 72, 1);
  made_fix(a);
  assert_int_equal(n, k);
  assert_memory_equal(a, b, n);
  free(a), free(b);
  made_remove(run);
  kill_midway(run, 1500);
  setenv("ULM_ISA", "portable", 1);
  must(run, go_on);
  unsetenv("ULM_ISA");
  if (!made_says("err", "portable now")) skip(); /* this machine knows no other */
  assert_true(made_says("err", "no longer bit-identical"));
  assert_false(same_files("whole/last.ckpt", "moved/last.ckpt"));
}

static void parts_that_cannot_be_are_refused(void **state) {
  (void)state;
  PLACE(run, "no");
  must_refuse(TRAIN(run, "--ema", "1"), 2, "--ema");
  must_refuse(TRAIN(run, "--schedule", "linear"), 2, "wsd-sqrt");
  must_refuse(TRAIN(run, "--decay-fraction", "1.5"), 2, "--decay-fraction");
  must_refuse(TRAIN(run, "--first-batch", "1"), 2, "--ramp");
  must_refuse(TRAIN(run, "--batch", "6", "--ramp", "9", "--first-batch", "4"), 2, "--first-batch");
  must_refuse(TRAIN(run, "--embed-lr", "-1"), 2, "--embed-lr");
  assert_int_equal(access(run, F_OK), -1);
  must_refuse(TRAIN(in_dir("whole"), "--resume", "--ema", "0.9"), 1, "--ramp 40 (now 0)");
}

/* ---- Starting from another model ---- */

/* A program that stands beside ulm-train. */
static int tool(const char *format, ...) {
  char command[4000];
  int n = snprintf(command, sizeof command, "%.*s/ulm-", (int)(strrchr(program, '/') - program),
                   program);
  va_list args;
  va_start(args, format);
  n += vsnprintf(command + n, sizeof command - (size_t)n, format, args);
  va_end(args);
  snprintf(command + n, sizeof command - (size_t)n, " >'%s' 2>'%s'", in_dir("out"), in_dir("err"));
  const int status = system(command);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void fine_tuning_begins_with_a_model_and_its_own_vocabulary(void **state) {
  (void)state;
  PLACE(corpus, "corpus");
  PLACE(base, "whole/last.ckpt");
  PLACE(mine, "mine");
  PLACE(plain, "plain-shards");
  PLACE(tuned, "tuned");
  assert_int_equal(tool("data synth --pairs 2000 --seed 3 -o '%s'", corpus), 0);
  /* A checkpoint stands for its tokenizer. */
  assert_int_equal(tool("tokenizer encode '%s' --model '%s' -o '%s'", corpus, base, mine), 0);
  assert_int_equal(tool("tokenizer encode '%s' --model %s -o '%s'", corpus, tiny_tokenizer, plain),
                   0);
  assert_true(same_files("mine/train-00000.shard", "plain-shards/train-00000.shard"));
  char before[600];
  strcpy(before, shards), strcpy(shards, mine);
  must(tuned, (const char *const[]){"--init", base, "--eval-every", "1", NULL});
  must(in_dir("anew"), (const char *const[]){"--eval-every", "1", NULL});
  assert_false(same_files("tuned/last.ckpt", "anew/last.ckpt"));
  /* Other vocabularies: of another size, and of the same. */
  static const struct {
    const char *size, *word;
  } others[] = {{"420", "has a vocabulary of 384, the shards have 420"},
                {"384", "was trained with another tokenizer"}};
  for (int i = 0; i < 2; i++) {
    PLACE(model, "other.model");
    snprintf(shards, sizeof shards, "%s", in_dir(others[i].size));
    assert_int_equal(tool("tokenizer train '%s' --vocab %s -o '%s'", corpus, others[i].size, model),
                     0);
    assert_int_equal(tool("tokenizer encode '%s' --model '%s' -o '%s'", corpus, model, shards), 0);
    must_refuse(TRAIN(in_dir("no"), "--init", base), 1, others[i].word);
    assert_true(made_says("err", "ulm tokenizer encode DIR --model"));
    assert_int_equal(access(in_dir("no"), F_OK), -1);
  }
  /* A damaged checkpoint has no tokenizer to give. */
  size_t n;
  uint8_t *p = made_read(base, &n);
  p[n / 2] ^= 1;
  made_write(in_dir("damaged.ckpt"), p, n);
  free(p);
  assert_int_equal(tool("tokenizer encode '%s' --model '%s' -o '%s'", corpus,
                        in_dir("damaged.ckpt"), in_dir("no")),
                   1);
  assert_true(made_says("err", "damaged.ckpt"));
  strcpy(shards, before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kills_anywhere_in_such_a_run_leave_no_trace),
      cmocka_unit_test(an_average_restored_wrongly_would_be_seen),
      cmocka_unit_test(every_part_of_a_recipe_changes_the_run),
      cmocka_unit_test(the_average_is_what_is_exported_and_the_weights_go_on_beside_it),
      cmocka_unit_test(another_instruction_set_or_number_of_threads_is_said),
      cmocka_unit_test(parts_that_cannot_be_are_refused),
      cmocka_unit_test(fine_tuning_begins_with_a_model_and_its_own_vocabulary),
  };
  return cmocka_run_group_tests(tests, trainer_open, made_dir_close);
}
