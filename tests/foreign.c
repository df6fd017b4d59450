/* cmocka for a machine that has none: as much of it as the tests of the trainer's kernels call, so
 * that they run unchanged under an emulator (make portability). A test that fails ends the program
 * with 1. */
#include "tests/t.h"

static const char *running;

void print_error(const char *const format, ...) {
  va_list args;
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
}

void _fail(const char *const file, const int line) {
  print_error("%s: failed at %s:%d\n", running, file, line);
  exit(1);
}

void _assert_true(const LargestIntegralType result, const char *const expression,
                  const char *const file, const int line) {
  if (result) return;
  print_error("%s\n", expression);
  _fail(file, line);
}

void _assert_int_equal(const LargestIntegralType a, const LargestIntegralType b,
                       const char *const file, const int line) {
  _assert_true(a == b, "the integers are equal", file, line);
}

void _assert_in_range(const LargestIntegralType value, const LargestIntegralType least,
                      const LargestIntegralType most, const char *const file, const int line) {
  _assert_true(value >= least && value <= most, "the integer is in range", file, line);
}

void _assert_string_equal(const char *const a, const char *const b, const char *const file,
                          const int line) {
  _assert_true(!strcmp(a, b), "the strings are equal", file, line);
}

void _assert_memory_equal(const void *const a, const void *const b, const size_t size,
                          const char *const file, const int line) {
  _assert_true(!memcmp(a, b, size), "the bytes are equal", file, line);
}

void _assert_memory_not_equal(const void *const a, const void *const b, const size_t size,
                              const char *const file, const int line) {
  _assert_true(memcmp(a, b, size), "the bytes differ", file, line);
}

int _cmocka_run_group_tests(const char *name, const struct CMUnitTest *const tests,
                            const size_t count, CMFixtureFunction setup,
                            CMFixtureFunction teardown) {
  void *state = NULL;
  (void)name;
  if (setup && setup(&state)) return 1;
  for (size_t i = 0; i < count; i++) {
    running = tests[i].name;
    tests[i].test_func(&state);
    printf("ok %s\n", running);
  }
  return teardown && teardown(&state) ? 1 : 0;
}
