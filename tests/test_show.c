/* ulm-data show: what a person sees of a document. */
#include "tests/t.h"
#include "data/show.h"
#include "host.h"
#include <sys/wait.h>
#include <unistd.h>

static char path[64];
static const char records[] =
    "{\"source\":\"a\",\"licence\":\"CC0\",\"messages\":[{\"role\":\"user\",\"content\":\"Who was "
    "Ada?\"},{\"role\":\"assistant\",\"content\":\"Ada Lovelace was a mathematician of the "
    "nineteenth century.\\nShe wrote notes.\"}]}\n"
    "{\"messages\":[{\"role\":\"user\",\"content\":\"red \\u001b[31m \\u202e\"},{\"role\":"
    "\"assistant\",\"content\":\"Fine.\",\"no_opener\":\"short\"}]}\n"
    "{\"text\":\"Only text.\"}\n"
    "{\"source\":\"s\\u001b[2J\",\"licence\":\"l\\u009b1m\",\"messages\":[{\"role\":"
    "\"a role \\u0007 as long as that\",\"content\":\"Hello.\"}]}\n";

static int write_records(void **state) {
  (void)state;
  strcpy(path, "/tmp/ulm-show-XXXXXX");
  const int fd = mkstemp(path);
  const ssize_t n = (ssize_t)sizeof records - 1;
  return fd < 0 || write(fd, records, (size_t)n) != n || close(fd);
}
static int remove_records(void **state) {
  (void)state;
  return unlink(path);
}

/* Runs `show FILE option value`; its status, and what it printed in out. */
static int run(const char *option, const char *value, char *out, size_t cap) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  fflush(stdout);
  const pid_t child = fork();
  if (!child) {
    char *argv[] = {(char[]){"ulm-data show"}, path, (char *)(uintptr_t)option,
                    (char *)(uintptr_t)value, NULL};
    dup2(ends[1], 1), close(ends[0]), close(ends[1]);
    if (!freopen("/dev/null", "w", stderr)) _exit(9);
    exit(show_main(value ? 4 : option ? 3 : 2, argv));
  }
  close(ends[1]);
  size_t n = 0;
  for (ssize_t k; n + 1 < cap && (k = read(ends[0], out + n, cap - 1 - n)) > 0;) n += (size_t)k;
  out[n] = 0;
  close(ends[0]);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void documents_are_shown_in_order_with_source_and_licence(void **state) {
  (void)state;
  char out[4096];
  assert_int_equal(run(NULL, NULL, out, sizeof out), 0);
  assert_non_null(strstr(out, "-- 1  a  line 1  CC0\nuser       Who was Ada?\nassistant  Ada "
                              "Lovelace was a mathematician of the nineteenth century.\n           "
                              "She wrote notes.\n"));
  assert_non_null(strstr(out, "-- 2  no source  line 2\n"));
  assert_non_null(strstr(out, "Fine.  (no opener: short)\n"));
  assert_non_null(strstr(out, "-- 3  no source  line 3\nOnly text.\n"));
}

static void what_could_move_a_cursor_is_spelled_out(void **state) {
  (void)state;
  char out[4096];
  assert_int_equal(run(NULL, NULL, out, sizeof out), 0);
  assert_non_null(strstr(out, "red <U+001B>[31m <U+202E>\n"));
  assert_non_null(strstr(out, "-- 4  s<U+001B>[2J  line 4  l<U+009B>1m\n"
                              "a role <U+0007> as long as that Hello.\n"));
  assert_null(strchr(out, 27)), assert_null(strchr(out, 7)), assert_null(strstr(out, "\xc2\x9b"));
}

static void a_part_of_the_file_can_be_chosen(void **state) {
  (void)state;
  char out[4096], again[4096];
  assert_int_equal(run("--from", "3", out, sizeof out), 0);
  assert_ptr_equal(strstr(out, "-- 3"), out);
  assert_int_equal(run("--n", "1", out, sizeof out), 0);
  assert_null(strstr(out, "-- 2"));
  assert_int_equal(run("--seed", "4", out, sizeof out), 0);
  assert_int_equal(run("--seed", "4", again, sizeof again), 0);
  assert_string_equal(out, again);
  assert_int_equal(run("--from", "5", out, sizeof out), 1);
  assert_int_equal(run("--from", "0", out, sizeof out), 2);
  assert_int_equal(run("--n", "0", out, sizeof out), 2);
}

static void json_names_the_opener_unless_the_reply_must_not_be_one(void **state) {
  (void)state;
  char out[4096];
  assert_int_equal(run("--json", NULL, out, sizeof out), 0);
  assert_non_null(strstr(out, "\"opener\":\"Ada Lovelace was a mathematician of the nineteenth\""));
  assert_null(strstr(out, "\"opener\":\"Fine"));
  assert_non_null(strstr(out, "{\"line\":3,\"source\":null,\"text\":\"Only text.\"}\n"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(documents_are_shown_in_order_with_source_and_licence),
      cmocka_unit_test(what_could_move_a_cursor_is_spelled_out),
      cmocka_unit_test(a_part_of_the_file_can_be_chosen),
      cmocka_unit_test(json_names_the_opener_unless_the_reply_must_not_be_one),
  };
  return cmocka_run_group_tests(tests, write_records, remove_records);
}
