/* ulm-train killed at random instants and resumed: the bytes of a run that was left alone. The
 * environment variable ULM_KILLS says how many kills (20; `make kills`: 1,000), ULM_SEED which. */
#include "trainer.h"

/* What the trainer has to carry over a kill, in turn. */
static const struct {
  const char *what, *more[16];
} kinds[] = {
    {"openers, Muon", {NULL}},
    {"saved at every step, AdamW", {"--optimizer", "adamw", "--save-every", "1"}},
    {"stopped early", {"--patience", "2", "--eval-every", "3", "--lr", "0.1", "--spike", "0"}},
    {"two sources, running text", {"OTHER:2.5", "--objective", "lm", "--save-every", "3"}},
    {"bfloat16, recomputed", {"--precision", "bf16", "--recompute", "--save-every", "5"}},
    {"first tokens of replies", {"--opener-tokens", "3", "--tail", "0.2", "--batch", "3"}}};
enum { KINDS = sizeof kinds / sizeof *kinds, KILLS_A_RUN = 4 };

static char other[700];
static const char *const *arguments(int kind, bool resume) {
  static const char *list[20];
  int n = 0;
  for (const char *const *a = kinds[kind].more; *a; a++) list[n++] = **a == 'O' ? other : *a;
  if (resume) list[n++] = "--resume";
  list[n] = NULL;
  return list;
}

static char *place(const char *folder, int kind, const char *file) {
  static char path[4][64];
  static int turn;
  char *p = path[turn++ % 4];
  snprintf(p, sizeof path[0], "%s%d%s%s", folder, kind, *file ? "/" : "", file);
  return p;
}

/* Each line of metrics.jsonl up to its times. */
static char *untimed(const char *name) {
  char *s = made_text(name), *out = s;
  for (char *line = s, *end; *line; line = end + 1) {
    end = strchr(line, '\n');
    char *cut = strstr(line, "\"tokens_per_s\"");
    assert_true(cut && cut < end);
    memmove(out, line, (size_t)(cut - line)), out += cut - line, *out++ = '\n';
  }
  *out = 0;
  return s;
}

static void must_equal(int kind, int kills) {
  static const char *const files[] = {"last.ckpt", "best.ckpt"};
  for (int i = 0; i < 2; i++)
    if (!same_files(place("whole", kind, files[i]), place("killed", kind, files[i])))
      fail_msg("%s: %s differs after kill %d", kinds[kind].what, files[i], kills);
  char *a = columns(place("whole", kind, "metrics.csv")),
       *b = columns(place("killed", kind, "metrics.csv"));
  assert_string_equal(a, b);
  free(a), free(b);
  a = untimed(place("whole", kind, "metrics.jsonl"));
  b = untimed(place("killed", kind, "metrics.jsonl"));
  assert_string_equal(a, b);
  free(a), free(b);
  size_t left;
  host_error e;
  char **names = host_list(in_dir(place("killed", kind, "")), ".tmp", &left, &e);
  assert_int_equal(left, 0);
  free(names);
}

static uint64_t setting(const char *name, uint64_t otherwise) {
  const char *s = getenv(name);
  return s && *s ? strtoull(s, NULL, 10) : otherwise;
}

static void random_kills_leave_the_bytes_of_a_run_left_alone(void **state) {
  (void)state;
  const int wanted = (int)setting("ULM_KILLS", 20);
  ulm_rng r = ulm_rng_seed(setting("ULM_SEED", (uint64_t)getpid()), 1);
  double whole[KINDS];
  int kills = 0, runs = 0, late = 0;
  snprintf(other, sizeof other, "%s:2.5", in_dir("other"));
  made_chats(in_dir("other"), "train", 40, 3);
  made_chats(in_dir("other"), "val", 20, 4);
  for (int k = 0; k < KINDS; k++) {
    const double began = host_now();
    must(in_dir(place("whole", k, "")), arguments(k, false));
    whole[k] = host_now() - began;
  }
  for (; kills < wanted; runs++) {
    const int kind = runs % KINDS;
    PLACE(run, place("killed", kind, ""));
    bool done = false;
    for (int part = 0; !done; part++) { /* killed several times on its way, then left alone */
      const pid_t child = start(run, arguments(kind, part > 0));
      if (part < KILLS_A_RUN) {
        pause_for((double)ulm_rng_f32(&r) * whole[kind] * 0.8);
        kill(child, SIGKILL);
      }
      const int status = finish(child);
      done = WIFEXITED(status);
      if (done && WEXITSTATUS(status)) fail_msg("resuming failed: %s", made_text("err"));
      kills += !done, late += done && part < KILLS_A_RUN;
      /* The machine may have been busier, or idler, when the whole run was timed. */
      if (part < KILLS_A_RUN) whole[kind] *= done ? 0.6 : 1.03;
    }
    must_equal(kind, kills);
    made_remove(run);
  }
  print_message("  %d kills in %d runs of %d kinds (seed %llu); %d kills came too late\n", kills,
                runs, KINDS, (unsigned long long)setting("ULM_SEED", (uint64_t)getpid()), late);
}

/* The comparison above is not blind: a run of another seed differs in every file. */
static void another_run_would_be_seen(void **state) {
  (void)state;
  must(in_dir("killed0"), (const char *const[]){"--seed", "2", NULL});
  assert_false(same_files("whole0/last.ckpt", "killed0/last.ckpt"));
  assert_false(same_files("whole0/best.ckpt", "killed0/best.ckpt"));
  char *a = columns("whole0/metrics.csv"), *b = columns("killed0/metrics.csv");
  assert_string_not_equal(a, b);
  free(a), free(b);
  a = untimed("whole0/metrics.jsonl"), b = untimed("killed0/metrics.jsonl");
  assert_string_not_equal(a, b);
  free(a), free(b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_kills_leave_the_bytes_of_a_run_left_alone),
      cmocka_unit_test(another_run_would_be_seen),
  };
  return cmocka_run_group_tests(tests, trainer_open, made_dir_close);
}
