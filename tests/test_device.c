/* scripts/device proves that runtime/ is a leaf; here, that the proof can fail. */
#include "t.h"
#include <sys/wait.h>
#include <unistd.h>

static char dir[64];

static int make_dir(void **state) {
  (void)state;
  strcpy(dir, "/tmp/ulm-leaf-XXXXXX");
  return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state) {
  (void)state;
  char path[128];
  snprintf(path, sizeof path, "%s/guest.c", dir);
  unlink(path);
  snprintf(path, sizeof path, "%s/log", dir);
  unlink(path);
  return rmdir(dir);
}

static char log_text[1 << 16];

/* Runs scripts/device with one more file that holds `code`; NULL: none. Returns its exit status. */
static int device(const char *code) {
  char path[128], command[512];
  snprintf(path, sizeof path, "%s/guest.c", dir);
  if (code) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(code, f);
    fclose(f);
  }
  snprintf(command, sizeof command, "scripts/device %s >%s/log 2>&1", code ? path : "", dir);
  const int status = system(command);
  snprintf(path, sizeof path, "%s/log", dir);
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  log_text[fread(log_text, 1, sizeof log_text - 1, f)] = 0;
  fclose(f);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void the_runtime_is_a_leaf(void **state) {
  (void)state;
  if (device(NULL)) fail_msg("%s", log_text);
  assert_non_null(strstr(log_text, "host: a leaf"));
  assert_non_null(strstr(log_text, "ulm_kernels.c"));
  assert_non_null(strstr(log_text, "28.9m"));
}

static void a_file_that_prints_is_caught(void **state) {
  (void)state;
  assert_int_equal(
      device("#include <stdio.h>\nvoid guest(int x);\nvoid guest(int x) { printf(\"%d\", x); }\n"),
      1);
  assert_non_null(strstr(log_text, "printf"));
}

static void a_file_that_allocates_is_caught(void **state) {
  (void)state;
  assert_int_equal(
      device("#include <stdlib.h>\nvoid *guest(void);\nvoid *guest(void) { return malloc(9); }\n"),
      1);
  assert_non_null(strstr(log_text, "malloc"));
}

static void a_file_that_calls_libm_is_caught(void **state) {
  (void)state;
  assert_int_equal(
      device(
          "#include <math.h>\nfloat guest(float x);\nfloat guest(float x) { return expf(x); }\n"),
      1);
  assert_non_null(strstr(log_text, "expf"));
}

static void a_file_that_remembers_is_caught(void **state) {
  (void)state;
  assert_int_equal(device("int guest(void);\nint guest(void) { static int n; return ++n; }\n"), 1);
  assert_non_null(strstr(log_text, "writable"));
  assert_int_equal(device("int guest(void);\nint guest(void) { static int n = 5; return ++n; }\n"),
                   1);
  assert_non_null(strstr(log_text, "writable"));
}

static void a_file_that_reaches_for_host_code_does_not_compile(void **state) {
  (void)state;
  assert_int_equal(device("#include \"host.h\"\n"), 1);
  assert_non_null(strstr(log_text, "-Iruntime alone"));
}

static void a_harmless_file_passes(void **state) {
  (void)state;
  assert_int_equal(device("#include <string.h>\nint guest(const char *a);\nint guest(const char "
                          "*a) { return memcmp(a, \"x\", 1); }\n"),
                   0);
}

/* Of Cortex-M55 alone: where its compiler is not installed, scripts/device says so. */
static void too_much_flash_is_caught(void **state) {
  (void)state;
  if (system("command -v arm-none-eabi-gcc >/dev/null")) skip();
  setenv("FLASH", "20000", 1);
  const int status = device(NULL);
  unsetenv("FLASH");
  assert_int_equal(status, 1);
  assert_non_null(strstr(log_text, "more than 20000"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_runtime_is_a_leaf),
      cmocka_unit_test(a_file_that_prints_is_caught),
      cmocka_unit_test(a_file_that_allocates_is_caught),
      cmocka_unit_test(a_file_that_calls_libm_is_caught),
      cmocka_unit_test(a_file_that_remembers_is_caught),
      cmocka_unit_test(a_file_that_reaches_for_host_code_does_not_compile),
      cmocka_unit_test(too_much_flash_is_caught),
      cmocka_unit_test(a_harmless_file_passes),
  };
  return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
