/* The ulm-train program itself: stopped and resumed, it gives the same bytes; and what it refuses.
 * Kills are in test_kills.c. */
#include "trainer.h"

#include <sys/file.h>

static const char *const resume[] = {"--resume", NULL};

/* Stops a run with `sig` once it is some steps along; it must say so and end with 1. */
static void stop_midway(const char *run, int sig) {
  host_error e;
  const pid_t child = start(run, NULL);
  for (int i = 0; i < 1000; i++) {
    char path[700];
    host_map m;
    snprintf(path, sizeof path, "%s/metrics.csv", run);
    const bool there = !access(path, F_OK) && !host_map_open(&m, path, &e);
    const size_t size = there ? m.size : 0;
    if (there) host_map_close(&m);
    if (size > 700) break;
    pause_for(0.001);
  }
  kill(child, sig);
  const int status = finish(child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
  assert_true(made_says("err", "stopped by signal") && made_says("err", "--resume"));
}

static void the_whole_run_comes_first(void **state) {
  (void)state;
  must(in_dir("whole"), NULL);
}

static void a_signal_saves_and_resuming_goes_on_exactly(void **state) {
  (void)state;
  const int signals[] = {SIGINT, SIGTERM};
  for (int i = 0; i < 2; i++) {
    PLACE(run, "signalled");
    stop_midway(run, signals[i]);
    must(run, resume);
    assert_true(same_files("whole/last.ckpt", "signalled/last.ckpt"));
    must(run, resume); /* nothing is left to do, and nothing changes */
    assert_true(same_files("whole/last.ckpt", "signalled/last.ckpt"));
    made_remove(run);
  }
}

/* The training state in a checkpoint's bytes. */
static uint8_t *section(uint8_t *p, size_t n, uint32_t tag, uint64_t *size) {
  ulm_file f;
  ulm_section s;
  assert_int_equal(ulm_file_open(&f, p, n, 0, NULL), 0);
  assert_true(ulm_file_find(&f, tag, &s));
  *size = s.size;
  return p + s.offset;
}

static void lost_moments_or_a_moved_cursor_would_be_seen(void **state) {
  (void)state;
  for (int what = 0; what < 5; what++) {
    PLACE(run, "changed");
    stop_midway(run, SIGTERM);
    size_t n;
    uint64_t size;
    uint8_t *p = made_read(in_dir("changed/last.ckpt"), &n);
    uint8_t *stat = section(p, n, ULM_SEC_STATE, &size);
    const uint64_t step = ulm_get64(stat);
    assert_true(step > 3 && step < RUN_STEPS - 10);
    if (what == 0) memset(section(p, n, ULM_SEC_MOMENT1, &size), 0, size);
    if (what == 1) memset(section(p, n, ULM_SEC_MOMENT2, &size), 0, size);
    uint8_t *next = stat + STATE_SIZE + 32, *waiting = next + 16 + 16 + 8;
    if (what == 2) ulm_put64(next, ulm_get64(next) + 1);
    if (what == 3) ulm_put64(waiting, (ulm_get64(waiting) + 1) % 60);
    if (what == 4) ulm_put64(stat, step - 1);
    made_fix(p);
    made_write(in_dir("changed/last.ckpt"), p, n);
    free(p);
    /* Without its second moments a step can be so large that the guard stops the run: seen as well. */
    const int status = train(run, resume);
    if (status && !(what < 2 && status == 1 && made_says("err", "its course allows")))
      fail_msg("change %d: exit %d: %s", what, status, made_text("err"));
    if (!status && same_files("whole/last.ckpt", "changed/last.ckpt"))
      fail_msg("change %d: not seen", what);
    made_remove(run);
  }
}

static void a_checkpoint_is_the_same_for_any_number_of_threads(void **state) {
  (void)state;
  must(in_dir("one"), (const char *const[]){"--threads", "1", NULL});
  size_t n, k;
  uint64_t size, other;
  uint8_t *a = made_read(in_dir("whole/last.ckpt"), &n),
          *b = made_read(in_dir("one/last.ckpt"), &k);
  const uint32_t tags[] = {ULM_SEC_WEIGHTS, ULM_SEC_MOMENT1, ULM_SEC_MOMENT2, ULM_SEC_META};
  assert_int_equal(n, k);
  for (int i = 0; i < 4; i++) {
    const uint8_t *x = section(a, n, tags[i], &size), *y = section(b, k, tags[i], &other);
    assert_true(size == other);
    assert_memory_equal(x, y, size);
  }
  free(a), free(b);
}

/* ---- What it refuses ---- */

static void a_run_that_is_there_is_not_overwritten(void **state) {
  (void)state;
  PLACE(run, "whole");
  size_t n, k;
  uint8_t *before = made_read(in_dir("whole/last.ckpt"), &n);
  must_refuse(train(run, NULL), 1, "--resume");
  must_refuse(TRAIN(run, "--resume", "--seed", "9"), 1, "--seed 1 (now 9)");
  must_refuse(TRAIN(run, "--resume", "--batch", "3"), 1, "--batch 2 (now 3)");
  must_refuse(TRAIN(run, "--resume", "--objective", "lm"), 1, "--objective opener (now lm)");
  must_refuse(TRAIN(run, "--resume", "--optimizer", "adamw"), 1, "--optimizer muon (now adamw)");
  must_refuse(TRAIN(run, "--resume", "--prompt-weight", "0.2"), 1, "--prompt-weight");
  must_refuse(TRAIN(run, "--resume", "--steps", "20"), 1, "--steps 20");
  must_refuse(TRAIN(run, "--resume", "--dim", "24"), 1, "shape");
  made_chats(in_dir("other"), "train", 60, 9);
  must_refuse(TRAIN(run, "--resume", in_dir("other")), 1, "the shards");
  must_refuse(TRAIN(run, "--resume", "--force"), 2, "--force");
  uint8_t *after = made_read(in_dir("whole/last.ckpt"), &k);
  assert_int_equal(n, k);
  assert_memory_equal(before, after, n);
  free(before), free(after);
}

static void force_starts_anew_and_gives_the_same_again(void **state) {
  (void)state;
  must(in_dir("forced"), (const char *const[]){"--seed", "3", NULL});
  assert_false(same_files("whole/last.ckpt", "forced/last.ckpt"));
  must(in_dir("forced"), (const char *const[]){"--force", NULL});
  assert_true(same_files("whole/last.ckpt", "forced/last.ckpt"));
  assert_true(same_files("whole/best.ckpt", "forced/best.ckpt"));
}

static void more_steps_go_on_from_the_end_and_say_what_changed(void **state) {
  (void)state;
  must(in_dir("forced"), (const char *const[]){"--resume", "--steps", "90", "--lr", "0.02", NULL});
  assert_true(made_says("err", "--steps 80 (now 90)") && made_says("err", "--lr 0.01"));
  model_file f;
  host_error e;
  assert_int_equal(model_file_open(&f, in_dir("forced/last.ckpt"), ULM_KIND_CKPT, &e), 0);
  ulm_section s;
  assert_true(ulm_file_find(&f.file, ULM_SEC_STATE, &s) && ulm_get64(s.data) == 90);
  model_file_close(&f);
}

static void a_second_trainer_in_the_same_folder_is_refused(void **state) {
  (void)state;
  assert_int_equal(mkdir(in_dir("locked"), 0777), 0);
  const int lock = open(in_dir("locked/lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  assert_int_equal(flock(lock, LOCK_EX), 0);
  must_refuse(train(in_dir("locked"), NULL), 1, "another trainer");
  assert_int_equal(access(in_dir("locked/last.ckpt"), F_OK), -1);
  close(lock);
  must(in_dir("locked"), NULL);
}

static void a_run_starts_from_the_weights_it_is_given(void **state) {
  (void)state;
  must(in_dir("init"), (const char *const[]){"--init", in_dir("whole/best.ckpt"), NULL});
  char *csv = made_text("init/metrics.csv"), *old = made_text("whole/metrics.csv");
  const double from = atof(strchr(strchr(strchr(csv, '\n') + 1, ',') + 1, ',') + 1);
  const double anew = atof(strchr(strchr(strchr(old, '\n') + 1, ',') + 1, ',') + 1);
  assert_true(anew > 5.5 && from < anew - 1);
  free(csv), free(old);
  must_refuse(TRAIN(in_dir("no"), "--init", "tests/vectors/tiny.model"), 1, "tiny.model");
  must_refuse(TRAIN(in_dir("no"), "--init", in_dir("whole/best.ckpt"), "--ffn", "64"), 1, "shape");
  assert_int_equal(access(in_dir("no"), F_OK), -1);
}

static void the_vocabulary_is_the_tokenizers(void **state) {
  (void)state;
  must_refuse(TRAIN(in_dir("no"), "--vocab", "400"), 1, "384 pieces");
  must_refuse(TRAIN(in_dir("no"), "--heads", "5"), 2, "heads");
  must_refuse(TRAIN(in_dir("no"), "--lr", "-1"), 2, "--lr");
  must_refuse(TRAIN(in_dir("no"), "--seq", "100", "--context", "64"), 2, "--context");
  must_refuse(TRAIN(in_dir("no"), "--batch", "10000000"), 2, "--batch");
  must_refuse(TRAIN(in_dir("no"), "--threads", "-1"), 2, "--threads");
  must_refuse(TRAIN(in_dir("no"), "--objective", "chats"), 2, "chats");
  must_refuse(TRAIN(in_dir("no"), "--steps", "0"), 2, "--steps");
  must_refuse(TRAIN(in_dir("no"), "--preset", "9m"), 2, "9m");
  must_refuse(TRAIN(in_dir("no"), "a:0"), 2, "weight");
  must_refuse(TRAIN(in_dir("no"), in_dir("nowhere")), 1, "nowhere");
  assert_int_equal(access(in_dir("no"), F_OK), -1);
}

static void presets_print_their_exact_parameter_counts(void **state) {
  (void)state;
  static const char *const counts[][2] = {{"8.8m", "8786176"},
                                          {"14m", "14426368"},
                                          {"17m", "17111424"},
                                          {"28.9m", "28844544"},
                                          {"29.5m", "29503872"}};
  for (int i = 0; i < 5; i++) {
    char command[1400], line[256] = "";
    snprintf(command, sizeof command, "'%s' --preset %s --params", program, counts[i][0]);
    FILE *f = popen(command, "r");
    assert_non_null(fgets(line, sizeof line, f));
    assert_int_equal(pclose(f), 0);
    if (!strstr(line, counts[i][1])) fail_msg("%s: %s", counts[i][0], line);
  }
}

static void json_is_a_line_a_step(void **state) {
  (void)state;
  must(in_dir("json"), (const char *const[]){"--json", NULL});
  char *s = made_text("out");
  int lines = 0;
  for (char *line = strtok(s, "\n"); line; line = strtok(NULL, "\n"), lines++) {
    json_t *j = json_loads(line, 0, NULL);
    assert_true(json_is_object(j));
    if (lines == 0) assert_int_equal(json_integer_value(json_object_get(j, "parameters")), 8496);
    if (lines == 20) assert_true(json_object_get(j, "val_loss") != NULL);
    if (lines == RUN_STEPS + 1) assert_true(json_is_true(json_object_get(j, "done")));
    json_decref(j);
  }
  assert_int_equal(lines, RUN_STEPS + 2);
  free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_whole_run_comes_first),
      cmocka_unit_test(a_signal_saves_and_resuming_goes_on_exactly),
      cmocka_unit_test(lost_moments_or_a_moved_cursor_would_be_seen),
      cmocka_unit_test(a_checkpoint_is_the_same_for_any_number_of_threads),
      cmocka_unit_test(a_run_that_is_there_is_not_overwritten),
      cmocka_unit_test(force_starts_anew_and_gives_the_same_again),
      cmocka_unit_test(more_steps_go_on_from_the_end_and_say_what_changed),
      cmocka_unit_test(a_second_trainer_in_the_same_folder_is_refused),
      cmocka_unit_test(a_run_starts_from_the_weights_it_is_given),
      cmocka_unit_test(the_vocabulary_is_the_tokenizers),
      cmocka_unit_test(presets_print_their_exact_parameter_counts),
      cmocka_unit_test(json_is_a_line_a_step),
  };
  return cmocka_run_group_tests(tests, trainer_open, made_dir_close);
}
