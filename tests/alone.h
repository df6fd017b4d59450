/* The tests of the kernels for processors that have neither cmocka nor the host's libraries: they
 * are cross-compiled with -DULM_ALONE and run in an emulator (scripts/portability). The part of
 * cmocka that they use, which ends the program at the first failure, and of host.c that
 * tests/make_blob.h uses. */
#ifndef TESTS_ALONE_H
#define TESTS_ALONE_H
#include "host.h"

#define fail_msg(...)                                                                              \
  (printf("%s:%d: ", __FILE__, __LINE__), printf(__VA_ARGS__), puts("\n[  FAILED  ] 1 test"),      \
   exit(1))
#define assert_true(x)               (void)((x) ? 0 : (fail_msg("%s", #x), 0))
#define assert_int_equal(a, b)       assert_true((uint64_t)(a) == (uint64_t)(b))
#define assert_string_equal(a, b)    assert_true(!strcmp(a, b))
#define assert_memory_equal(a, b, n) assert_true(!memcmp(a, b, n))

struct CMUnitTest {
  const char *name;
  void (*test)(void **state);
};
#define cmocka_unit_test(f)                                                                        \
  { #f, f }
#define cmocka_run_group_tests(tests, setup, teardown)                                             \
  alone_run(tests, sizeof(tests) / sizeof *(tests))

static int alone_run(const struct CMUnitTest *tests, size_t count) {
  for (size_t i = 0; i < count; i++) {
    tests[i].test(NULL);
    printf("[       OK ] %s\n", tests[i].name);
  }
  printf("[  PASSED  ] %zu test(s).\n", count);
  return 0;
}

void host_die(const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  vprintf(format, ap);
  va_end(ap);
  exit(1);
}

void *host_alloc(size_t size, const char *what) {
  void *p = calloc(1, size ? size : 1);
  if (!p) host_die("no memory for %s", what);
  return p;
}

int host_fail(host_error *e, const char *format, ...) {
  (void)e;
  host_die("%s", format);
}

int host_fail_ulm(host_error *e, const char *path, const ulm_error *u) {
  (void)e, (void)path;
  host_die("%s", u->message);
}

#endif
