/* The ulm-train program for tests: started on small shards, waited for, its files compared. */
#ifndef TESTS_TRAINER_H
#define TESTS_TRAINER_H
#include "make_shards.h"
#include "train/save.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static char program[1024], shards[600];

static inline int trainer_open(void **state) {
  const ssize_t n = readlink("/proc/self/exe", program, sizeof program - 32);
  if (n <= 0) return -1;
  program[n] = 0;
  for (int up = 0; up < 2; up++) *strrchr(program, '/') = 0; /* tests/ stands beside the programs */
  strcat(program, "/ulm-train");
  if (access(program, X_OK)) {
    print_error("%s is needed: make all first\n", program);
    return -1;
  }
  if (made_dir_open(state)) return -1;
  snprintf(shards, sizeof shards, "%s", in_dir("shards"));
  made_chats(shards, "train", 60, 1);
  made_chats(shards, "val", 20, 2);
  setenv("OMP_WAIT_POLICY", "passive", 1); /* tests share the machine */
  return 0;
}

/* ---- Running it ---- */

static void (*before_exec)(void); /* in the child, if it is set */

enum { ARGS = 64, RUN_STEPS = 80 };
static inline pid_t start(const char *run, const char *const *more) {
  const char *args[ARGS] = {program,        shards, "--preset",       "nano",
                            "--dim",        "16",   "--layers",       "1",
                            "--heads",      "2",    "--kv-heads",     "1",
                            "--ffn",        "32",   "--steps",        "80",
                            "--batch",      "2",    "--seq",          "64",
                            "--lr",         "0.01", "--objective",    "opener",
                            "--eval-every", "10",   "--eval-batches", "2",
                            "--save-every", "7",    "--threads",      "2",
                            "-o",           run};
  int n = 34;
  while (more && *more && n < ARGS - 1) args[n++] = *more++;
  const pid_t child = fork();
  if (child) return child;
  const int out = open(in_dir("out"), O_WRONLY | O_CREAT | O_TRUNC, 0666),
            err = open(in_dir("err"), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  dup2(out, 1), dup2(err, 2);
  if (before_exec) before_exec();
  execv(program, (char *const *)args);
  _exit(127);
}

static inline int finish(pid_t child) {
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  return status;
}
/* Exit status, or -1 where a signal ended it. */
static inline int train(const char *run, const char *const *more) {
  const int status = finish(start(run, more));
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
#define TRAIN(run, ...) train(run, (const char *const[]){__VA_ARGS__, NULL})

static inline void must(const char *run, const char *const *more) {
  const int status = train(run, more);
  if (status) fail_msg("exit %d: %s", status, made_text("err"));
}
static inline void must_refuse(int status, int want, const char *word) {
  if (status != want || !made_says("err", word))
    fail_msg("exit %d, and '%s' does not say '%s'", status, made_text("err"), word);
}

static inline void pause_for(double seconds) {
  const struct timespec t = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
  nanosleep(&t, NULL);
}

static inline bool same_files(const char *a, const char *b) {
  size_t n, k;
  uint8_t *x = made_read(in_dir(a), &n), *y = made_read(in_dir(b), &k);
  const bool same = n == k && !memcmp(x, y, n);
  free(x), free(y);
  return same;
}

/* Metrics without their last three columns, which tell times. */
static inline char *columns(const char *name) {
  char *s = made_text(name), *out = s;
  for (char *line = s; *line;) {
    char *end = strchr(line, '\n'), *cut = end;
    for (int commas = 0; cut > line && commas < 3; commas += *cut == ',') cut--;
    memmove(out, line, (size_t)(cut - line)), out += cut - line, *out++ = '\n';
    line = end + 1;
  }
  *out = 0;
  return s;
}

/* A path that outlives the next few in_dir. */
#define PLACE(path, name)                                                                          \
  char path[600];                                                                                  \
  snprintf(path, sizeof path, "%s", in_dir(name))

#endif
