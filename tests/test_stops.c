/* Why ulm-train ends, and that nothing is lost: spikes, patience, full disks, folders that became
 * read-only, signals, a second trainer. */
#include "trainer.h"
#include "train/guard.h"

#include <linux/capability.h>
#include <math.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* What the program is trained on instead of the shards of trainer.h. */
static char usual[600];
static void train_on(const char *dir) { snprintf(shards, sizeof shards, "%s", dir); }

/* The value of a number in a checkpoint's state: its step. */
static uint64_t step_of(const char *name) {
  model_file f;
  host_error e;
  ulm_section s;
  if (model_file_open(&f, in_dir(name), ULM_KIND_CKPT, &e)) fail_msg("%s", e.text);
  assert_true(ulm_file_find(&f.file, ULM_SEC_STATE, &s));
  const uint64_t step = ulm_get64(s.data);
  model_file_close(&f);
  return step;
}

/* Waits until a run has written some rows, or what it says holds `word`. */
static void wait_for(const char *run, const char *word) {
  char path[700];
  host_map m;
  host_error e;
  snprintf(path, sizeof path, "%s/metrics.csv", run);
  for (int i = 0; i < 20000; i++, pause_for(0.001)) {
    if (word && made_says("err", word)) return;
    if (word || access(path, F_OK) || host_map_open(&m, path, &e)) continue;
    const size_t size = m.size;
    host_map_close(&m);
    if (size > 700) return;
  }
  fail_msg("never came: %s", word ? word : run);
}

static void must_be_whole(const char *run) {
  char path[2][64];
  static const char *const files[] = {"last.ckpt", "best.ckpt"};
  for (int i = 0; i < 2; i++) {
    snprintf(path[0], sizeof path[0], "whole/%s", files[i]);
    snprintf(path[1], sizeof path[1], "%s/%s", run, files[i]);
    if (!same_files(path[0], path[1])) fail_msg("%s differs", path[1]);
  }
  snprintf(path[1], sizeof path[1], "%s/metrics.csv", run);
  char *a = columns("whole/metrics.csv"), *b = columns(path[1]);
  assert_string_equal(a, b);
  free(a), free(b);
  size_t left;
  host_error e;
  char **names = host_list(in_dir(run), ".tmp", &left, &e);
  assert_int_equal(left, 0);
  free(names);
}

/* ---- Losses off their course ---- */

/* A document a row, all the same but one, which is random. */
enum { SAME_DOCS = 150, POISON = 97 };
static void make_same(const char *dir, bool poisoned) {
  made_shards m;
  made_doc d;
  ulm_rng r = ulm_rng_seed(5, 5);
  made_shards_open(&m, dir, "train", tiny_tokenizer, 2000);
  for (uint32_t i = 0; i < SAME_DOCS; i++) {
    made_begin(&d);
    for (int t = 0; t < 63; t++)
      made_push(&d, MADE_PIECE0 + (poisoned && i == POISON ? ulm_rng_below(&r, 100) : 7), 0);
    made_push(&d, ULM_PAD, 0);
    made_shards_add(&m, &d, NULL);
  }
  made_shards_close(&m);
}
#define ON_SAME                                                                                    \
  "--objective", "lm", "--batch", "1", "--seq", "63", "--steps", "149", "--save-every", "20",      \
      "--seed", "4", "--lr", "0.02"

static void a_spike_stops_before_the_update_and_names_its_documents(void **state) {
  (void)state;
  make_same(in_dir("same"), false), make_same(in_dir("bad"), true);
  PLACE(run, "spiked");
  train_on(in_dir("same")); /* the control */
  must(in_dir("unspiked"), (const char *const[]){ON_SAME, NULL});
  train_on(in_dir("bad"));
  must_refuse(TRAIN(run, ON_SAME), 1, "its course allows");
  char *err = made_text("err"), *at = strstr(err, "ulm-train: step "), want[64];
  assert_non_null(at);
  const int step = atoi(at + strlen("ulm-train: step "));
  snprintf(want, sizeof want, "  bad %d\n", POISON);
  if (!strstr(err, "row 0 ") || !strstr(err, want)) fail_msg("not named: %s", err);
  assert_true(step > GUARD_LEAST && strstr(err, "--spike") && strstr(err, "least expected"));
  free(err);
  const uint64_t saved = (uint64_t)(step - 1) / 20 * 20;
  assert_true(step_of("spiked/last.ckpt") == saved);
  char *csv = made_text("spiked/metrics.csv");
  int lines = -1;
  for (const char *p = csv; *p; p++) lines += *p == '\n';
  assert_int_equal(lines, step - 1);
  free(csv);

  must_refuse(TRAIN(run, ON_SAME, "--resume", "--json"), 1, "its course allows"); /* there again */
  assert_true(step_of("spiked/last.ckpt") == saved);
  char *out = made_text("out"), *line = strstr(out, "{\"stopped\"");
  assert_non_null(line);
  json_t *j = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL),
         *row = json_array_get(json_object_get(j, "rows"), 0),
         *doc = json_array_get(json_object_get(row, "documents"), 0);
  assert_int_equal(json_integer_value(json_object_get(j, "step")), step);
  assert_int_equal(json_integer_value(json_object_get(doc, "document")), POISON);
  assert_string_equal(json_string_value(json_object_get(doc, "source")), "bad");
  json_decref(j), free(out);
  must(run, (const char *const[]){ON_SAME, "--resume", "--spike", "0", NULL});
  assert_true(step_of("spiked/last.ckpt") == 149);
  train_on(usual);
}

static void a_diverged_run_stops_by_name_and_keeps_what_was_good(void **state) {
  (void)state;
  const ulm_config c = {16, 1, 2, 1, 32, TINY_VOCAB, 512, 1e6f, 1e-5f};
  float *w = made_params(&c, 0.1f, 1);
  for (uint64_t i = 0; i < ulm_param_count(&c); i++) w[i] *= 1e30f;
  made_checkpoint(in_dir("huge.ckpt"), &c, w);
  free(w);
  must_refuse(TRAIN(in_dir("diverged"), "--init", in_dir("huge.ckpt")), 1, "step 1:");
  assert_true(made_says("err", "--lr") && made_says("err", "  row 1 "));
  assert_true(step_of("diverged/last.ckpt") == 0);
}

/* ---- Patience ---- */

#define HASTY "--lr", "0.3", "--eval-every", "3", "--spike", "0"
static void patience_ends_a_run_that_no_longer_improves(void **state) {
  (void)state;
  PLACE(run, "patient");
  must(in_dir("hasty"), (const char *const[]){HASTY, NULL}); /* where validation goes */
  char *csv = made_text("hasty/metrics.csv");
  double best = INFINITY;
  int stale = 0, end = 0;
  for (char *line = strchr(csv, '\n') + 1; *line && !end; line = strchr(line, '\n') + 1) {
    char *field = line;
    for (int i = 0; i < 3; i++) field = strchr(field, ',') + 1;
    if (*field == ',') continue;
    stale = atof(field) < best ? 0 : stale + 1;
    best = fmin(best, atof(field));
    if (stale == 3) end = atoi(line);
  }
  free(csv);
  assert_true(end > 0 && end < RUN_STEPS);
  must(run, (const char *const[]){HASTY, "--patience", "3", NULL});
  assert_true(made_says("err", "stopped early: 3 validations"));
  assert_true(step_of("patient/last.ckpt") == (uint64_t)end);
  size_t n, k;
  uint8_t *before = made_read(in_dir("patient/last.ckpt"), &n);
  must(run, (const char *const[]){HASTY, "--patience", "3", "--resume", "--json", NULL});
  assert_true(made_says("out", "\"early\":true"));
  uint8_t *after = made_read(in_dir("patient/last.ckpt"), &k);
  assert_int_equal(n, k);
  assert_memory_equal(before, after, n);
  free(before), free(after);
  must(run, (const char *const[]){HASTY, "--resume", NULL}); /* without it, on to the end */
  assert_true(made_says("err", "--patience 3 (now 0)"));
  assert_true(same_files("hasty/best.ckpt", "patient/best.ckpt"));
  char *a = columns("hasty/metrics.csv"), *b = columns("patient/metrics.csv");
  assert_string_equal(a, b);
  free(a), free(b);
}

/* ---- Disks and folders ---- */

/* A child under way whose files may not grow beyond `bytes`, as on a full disk. */
static void limit_files(pid_t child, rlim_t bytes) {
  const struct rlimit l = {bytes, RLIM_INFINITY};
  assert_int_equal(prlimit(child, RLIMIT_FSIZE, &l, NULL), 0);
}

static void a_full_disk_waits_for_room_and_loses_nothing(void **state) {
  (void)state;
  for (rlim_t bytes = 800; bytes < 40000; bytes *= 40) { /* metrics fail, or checkpoints alone */
    PLACE(run, "full");
    const pid_t child = start(run, (const char *const[]){"--save-every", "1", NULL});
    wait_for(run, NULL);
    limit_files(child, bytes);
    wait_for(run, "trying again");
    pause_for(0.7);
    limit_files(child, RLIM_INFINITY);
    const int status = finish(child);
    if (!WIFEXITED(status) || WEXITSTATUS(status)) fail_msg("%s", made_text("err"));
    must_be_whole("full");
    made_remove(run);
  }
}

static void a_disk_that_stays_full_ends_the_run_and_the_last_checkpoint_is_good(void **state) {
  (void)state;
  for (rlim_t bytes = 800; bytes < 40000; bytes *= 40) {
    PLACE(run, "stuck");
    const pid_t child =
        start(run, (const char *const[]){"--save-every", "1", "--disk-wait", "0.2", NULL});
    wait_for(run, NULL);
    limit_files(child, bytes);
    const int status = finish(child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    assert_true(made_says("err", "File too large"));
    const uint64_t step = step_of("stuck/last.ckpt");
    assert_true(step > 3 && step < RUN_STEPS);
    must(run, (const char *const[]){"--save-every", "1", "--resume", NULL});
    must_be_whole("stuck");
    made_remove(run);
  }
}

static void a_signal_ends_the_waiting_for_room(void **state) {
  (void)state;
  PLACE(run, "given-up");
  const pid_t child = start(run, (const char *const[]){"--save-every", "1", NULL});
  wait_for(run, NULL);
  limit_files(child, 800);
  wait_for(run, "trying again");
  kill(child, SIGTERM);
  const int status = finish(child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
  must(run, (const char *const[]){"--save-every", "1", "--resume", NULL});
  must_be_whole("given-up");
}

/* Permissions bind a root without these capabilities as they bind everybody. */
static void be_bound(void) {
  prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
  prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0);
}

static void a_folder_that_becomes_read_only_waits_or_ends_and_loses_nothing(void **state) {
  (void)state;
  before_exec = be_bound;
  for (int stays = 0; stays < 2; stays++) {
    PLACE(run, "readonly");
    const pid_t child = start(
        run, (const char *const[]){"--save-every", "1", "--disk-wait", stays ? "0.2" : "60", NULL});
    wait_for(run, NULL);
    assert_int_equal(chmod(run, 0555), 0);
    if (!stays) {
      wait_for(run, "trying again");
      assert_int_equal(chmod(run, 0755), 0);
    }
    const int status = finish(child);
    assert_int_equal(chmod(run, 0755), 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == stays);
    if (stays) {
      assert_true(made_says("err", "Permission denied"));
      assert_true(step_of("readonly/last.ckpt") < RUN_STEPS);
      must(run, (const char *const[]){"--save-every", "1", "--resume", NULL});
    }
    must_be_whole("readonly");
    made_remove(run);
  }
  PLACE(closed, "closed");
  assert_int_equal(mkdir(closed, 0555), 0); /* from the beginning: refused at once */
  must_refuse(train(closed, NULL), 1, "Permission denied");
  before_exec = NULL;
}

/* ---- Signals and neighbours ---- */

static void ignore_hangup(void) { signal(SIGHUP, SIG_IGN); }

static void a_hangup_saves_unless_it_is_ignored(void **state) {
  (void)state;
  for (int ignored = 0; ignored < 2; ignored++) {
    PLACE(run, "hangup");
    before_exec = ignored ? ignore_hangup : NULL;
    const pid_t child = start(run, NULL);
    wait_for(run, NULL);
    kill(child, SIGHUP);
    const int status = finish(child);
    before_exec = NULL;
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == !ignored);
    if (!ignored) {
      assert_true(made_says("err", "stopped by signal 1"));
      must(run, (const char *const[]){"--resume", NULL});
    }
    must_be_whole("hangup");
    made_remove(run);
  }
}

static void a_second_signal_ends_it_at_once_and_resuming_goes_on(void **state) {
  (void)state;
  PLACE(run, "twice");
  const pid_t child = start(run, NULL);
  wait_for(run, NULL);
  kill(child, SIGTERM), kill(child, SIGTERM);
  pause_for(0.02);
  kill(child, SIGTERM);
  finish(child);
  must(run, (const char *const[]){"--resume", NULL});
  must_be_whole("twice");
}

static int broken[2];
static void write_to_nobody(void) {
  dup2(broken[1], 1), dup2(broken[1], 2);
  close(broken[0]), close(broken[1]);
}

static void readers_that_go_away_do_not_end_the_training(void **state) {
  (void)state;
  PLACE(run, "unread");
  assert_int_equal(pipe(broken), 0);
  before_exec = write_to_nobody;
  const pid_t child = start(run, (const char *const[]){"--json", NULL});
  before_exec = NULL;
  close(broken[0]), close(broken[1]);
  const int status = finish(child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1); /* what it had to say was lost */
  must_be_whole("unread");
}

static void a_second_trainer_is_refused_by_the_first_ones_number(void **state) {
  (void)state;
  PLACE(run, "shared");
  char number[40];
  const pid_t child = start(run, (const char *const[]){"--steps", "1000000", NULL});
  wait_for(run, NULL);
  snprintf(number, sizeof number, "another trainer, process %ld,", (long)child);
  must_refuse(TRAIN(run, "--steps", "1000000", "--resume"), 1, number);
  must_refuse(TRAIN(run, "--force"), 1, number);
  kill(child, SIGKILL);
  finish(child);
  must(run, (const char *const[]){"--force", NULL}); /* a lock that nobody holds is none */
  must_be_whole("shared");
}

static int setup(void **state) {
  if (trainer_open(state)) return -1;
  memcpy(usual, shards, sizeof usual);
  return train(in_dir("whole"), NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_spike_stops_before_the_update_and_names_its_documents),
      cmocka_unit_test(a_diverged_run_stops_by_name_and_keeps_what_was_good),
      cmocka_unit_test(patience_ends_a_run_that_no_longer_improves),
      cmocka_unit_test(a_full_disk_waits_for_room_and_loses_nothing),
      cmocka_unit_test(a_disk_that_stays_full_ends_the_run_and_the_last_checkpoint_is_good),
      cmocka_unit_test(a_signal_ends_the_waiting_for_room),
      cmocka_unit_test(a_folder_that_becomes_read_only_waits_or_ends_and_loses_nothing),
      cmocka_unit_test(a_hangup_saves_unless_it_is_ignored),
      cmocka_unit_test(a_second_signal_ends_it_at_once_and_resuming_goes_on),
      cmocka_unit_test(readers_that_go_away_do_not_end_the_training),
      cmocka_unit_test(a_second_trainer_is_refused_by_the_first_ones_number),
  };
  return cmocka_run_group_tests(tests, setup, made_dir_close);
}
