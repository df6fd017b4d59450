/* host.h and the container: files appear whole or not at all; every damaged byte is noticed. */
#include "t.h"
#include <pty.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "host.h"

static char dir[64];

static int make_dir(void **state) {
  (void)state;
  strcpy(dir, "/tmp/ulm-host-XXXXXX");
  return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state) {
  (void)state;
  host_error e;
  size_t n;
  char **names = host_list(dir, "", &n, &e), path[256];
  for (size_t i = 0; names && i < n; i++) {
    snprintf(path, sizeof path, "%s/%s", dir, names[i]);
    remove(path); /* "." and ".." refuse */
    free(names[i]);
  }
  free(names);
  return rmdir(dir);
}

static const char *in_dir(const char *name) {
  static char path[256];
  host_error e;
  assert_int_equal(host_path(path, sizeof path, dir, name, &e), 0);
  return path;
}

static size_t count(const char *suffix) {
  size_t n;
  host_error e;
  char **names = host_list(dir, suffix, &n, &e);
  assert_non_null(names);
  for (size_t i = 0; i < n; i++) free(names[i]);
  free(names);
  return n;
}

static size_t slurp(const char *path, uint8_t *out, size_t cap) {
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  const size_t n = fread(out, 1, cap, f);
  fclose(f);
  return n;
}

static void a_file_appears_whole_and_leaves_no_temporary(void **state) {
  (void)state;
  host_out o;
  host_error e;
  uint8_t back[64];
  assert_int_equal(host_out_open(&o, in_dir("a.txt"), &e), 0);
  host_out_write(&o, "one ", 4);
  host_out_printf(&o, "%d", 2);
  assert_int_equal(count(".txt"), 0); /* not there before the commit */
  assert_int_equal(host_out_commit(&o, &e), 0);
  assert_int_equal(slurp(in_dir("a.txt"), back, sizeof back), 5);
  assert_memory_equal(back, "one 2", 5);
  assert_int_equal(count(".tmp"), 0);
}

static void an_aborted_or_failed_write_leaves_the_old_file(void **state) {
  (void)state;
  host_out o;
  host_error e;
  uint8_t back[64];
  assert_int_equal(host_out_open(&o, in_dir("a.txt"), &e), 0);
  host_out_write(&o, "new", 3);
  host_out_abort(&o);
  assert_int_equal(slurp(in_dir("a.txt"), back, sizeof back), 5);
  assert_int_equal(host_out_open(&o, in_dir("a.txt"), &e), 0);
  assert_int_equal(freopen("/dev/full", "wb", o.f) != NULL, 1); /* the disk fills up */
  host_out_write(&o, "new", 3);
  assert_int_equal(host_out_commit(&o, &e), -1);
  assert_non_null(strstr(e.text, "a.txt"));
  assert_int_equal(slurp(in_dir("a.txt"), back, sizeof back), 5);
  assert_memory_equal(back, "one 2", 5);
  assert_int_equal(count(".tmp"), 0);
  assert_int_equal(host_out_open(&o, dir, &e), -1); /* a folder */
  assert_int_equal(host_out_open(&o, "/nowhere/at/all", &e), -1);
  assert_int_equal(host_out_open(&o, "/dev/full", &e), -1); /* not to be replaced by a file */
}

static void a_link_at_the_temporarys_place_is_not_followed(void **state) {
  (void)state;
  host_out o;
  host_error e;
  char temp[512];
  uint8_t back[64];
  assert_int_equal(host_out_open(&o, in_dir("kept.txt"), &e), 0);
  host_out_write(&o, "kept", 4);
  assert_int_equal(host_out_commit(&o, &e), 0);
  snprintf(temp, sizeof temp, "%s.%ld.tmp", in_dir("b.txt"), (long)getpid());
  assert_int_equal(symlink("kept.txt", temp), 0);
  assert_int_equal(host_out_open(&o, in_dir("b.txt"), &e), 0);
  host_out_write(&o, "new", 3);
  assert_int_equal(host_out_commit(&o, &e), 0);
  assert_int_equal(slurp(in_dir("kept.txt"), back, sizeof back), 4);
  assert_int_equal(slurp(in_dir("b.txt"), back, sizeof back), 3);
}

static void a_process_that_is_stopped_leaves_no_temporary(void **state) {
  (void)state;
  static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
  for (int clean = 0; clean < 2; clean++)
    for (size_t i = 0; i < 3; i++) {
      fflush(stdout);
      const pid_t child = fork();
      if (!child) {
        host_out o, done;
        host_error e;
        for (size_t k = 0; k < 3; k++) signal(stops[k], SIG_DFL);
        if (clean) host_clean_on_stop();
        if (host_out_open(&done, in_dir("done.txt"), &e) || host_out_commit(&done, &e)) _exit(3);
        if (host_out_open(&o, in_dir("half.txt"), &e)) _exit(3);
        raise(stops[i]);
        _exit(4);
      }
      int status;
      assert_int_equal(waitpid(child, &status, 0), child);
      assert_true(WIFSIGNALED(status) && WTERMSIG(status) == stops[i]);
      assert_int_equal(count(".tmp"), !clean);
      char temp[512];
      snprintf(temp, sizeof temp, "%s.%ld.tmp", in_dir("half.txt"), (long)child);
      assert_int_equal(unlink(temp), clean ? -1 : 0);
      assert_int_equal(unlink(in_dir("done.txt")), 0);
    }
}

static void a_message_cannot_drive_a_terminal(void **state) {
  (void)state;
  host_error e;
  host_fail(&e, "%s: \x1b[2J \x7f \xc2\x9b 1m \xc3\x9b\n\t%c", "\r\a", 8);
  assert_string_equal(e.text, "??: ?[2J ? ?? 1m \xc3\x9b\n\t?");
}

static const uint32_t tag_a = ULM_TAG('A', 'A', 'A', 'A'), tag_b = ULM_TAG('B', 'B', 'B', 'B');

static void write_box(const char *path) {
  host_box b;
  host_error e;
  uint8_t data[100];
  for (int i = 0; i < 100; i++) data[i] = (uint8_t)(i * 7);
  assert_int_equal(host_box_open(&b, path, ULM_KIND_SHARD, 3, &e), 0);
  host_box_section(&b, tag_a);
  host_box_write(&b, data, 60);
  host_box_write(&b, data + 60, 40);
  host_box_section(&b, tag_b); /* an empty section */
  host_box_section(&b, ULM_SEC_META);
  host_box_write(&b, "{}", 2);
  assert_int_equal(host_box_commit(&b, &e), 0);
}

static void a_container_comes_back_as_it_was_written(void **state) {
  (void)state;
  ulm_file f;
  host_map m;
  host_error e;
  ulm_section s;
  write_box(in_dir("x.box"));
  assert_int_equal(host_box_read(&f, &m, in_dir("x.box"), ULM_KIND_SHARD, &e), 0);
  assert_int_equal(f.count, 3);
  assert_int_equal(ulm_file_find(&f, tag_a, &s), 1);
  assert_int_equal(s.size, 100);
  assert_int_equal(s.offset % ULM_ALIGN, 0);
  for (int i = 0; i < 100; i++) assert_int_equal(s.data[i], (uint8_t)(i * 7));
  assert_int_equal(ulm_file_find(&f, tag_b, &s), 1);
  assert_int_equal(s.size, 0);
  assert_int_equal(ulm_file_find(&f, ULM_SEC_SPM, &s), 0);
  host_map_close(&m);
  assert_int_equal(host_box_read(&f, &m, in_dir("x.box"), ULM_KIND_BLOB, &e),
                   -1); /* another kind */
}

static void every_flipped_bit_and_every_cut_of_a_container_is_noticed(void **state) {
  (void)state;
  uint8_t good[4096];
  const size_t n = slurp(in_dir("x.box"), good, sizeof good);
  ulm_file f;
  ulm_error err;
  assert_int_equal(ulm_file_open(&f, good, n, 0, &err) || ulm_file_verify(&f, &err), 0);
  for (size_t i = 0; i < n; i++)
    for (int bit = 0; bit < 8; bit++) {
      good[i] ^= (uint8_t)(1 << bit);
      assert_true(ulm_file_open(&f, good, n, 0, &err) || ulm_file_verify(&f, &err));
      good[i] ^= (uint8_t)(1 << bit);
    }
  for (size_t cut = 0; cut < n; cut++) {
    uint8_t *exact = malloc(cut ? cut : 1);
    memcpy(exact, good, cut);
    assert_true(ulm_file_open(&f, exact, cut, 0, &err) != ULM_OK);
    free(exact);
  }
}

static void a_box_with_too_few_or_too_many_sections_is_not_written(void **state) {
  (void)state;
  host_box b;
  host_error e;
  assert_int_equal(host_box_open(&b, in_dir("few.box"), ULM_KIND_SHARD, 2, &e), 0);
  host_box_section(&b, tag_a);
  assert_int_equal(host_box_commit(&b, &e), -1);
  assert_int_equal(host_box_open(&b, in_dir("few.box"), ULM_KIND_SHARD, 1, &e), 0);
  host_box_section(&b, tag_a);
  host_box_section(&b, tag_b);
  assert_int_equal(host_box_commit(&b, &e), -1);
  assert_int_equal(access(in_dir("few.box"), F_OK), -1);
}

/* Runs host_options in a child with output closed; returns its exit status, 99 if it came back. */
static int parse(int argc, char **argv, int *v_out) {
  const pid_t pid = fork();
  int status;
  if (pid == 0) {
    int v = 7;
    uint64_t u = 0;
    bool flag = false;
    const host_opt table[] = {{"steps", "N", "steps", OPT_INT, &v},
                              {"seed", "S", "seed", OPT_UINT64, &u},
                              {"o", "F", "output", OPT_STRING, &(const char *){NULL}},
                              {"json", NULL, "JSON", OPT_FLAG, &flag},
                              {NULL, NULL, NULL, OPT_FLAG, NULL}};
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)) _exit(98);
    const int at = host_options(argc, argv, table, "usage: test");
    _exit(v == *v_out && at < argc && !strcmp(argv[at], "FILE") && flag ? 99 : 97);
  }
  waitpid(pid, &status, 0);
  return WEXITSTATUS(status);
}

static void options_are_read_checked_and_operands_come_last(void **state) {
  (void)state;
  int want = 12;
  assert_int_equal(parse(5, (char *[]){"t", "FILE", "--steps", "12", "--json"}, &want), 99);
  assert_int_equal(parse(4, (char *[]){"t", "FILE", "--steps=12", "--json"}, &want), 99);
  assert_int_equal(parse(4, (char *[]){"t", "FILE", "--steps=13", "--json"}, &want),
                   97); /* the control */
  assert_int_equal(parse(2, (char *[]){"t", "--help"}, &want), 0);
  assert_int_equal(parse(2, (char *[]){"t", "--unknown"}, &want), 2);
  assert_int_equal(parse(3, (char *[]){"t", "--steps", "12x"}, &want), 2);
  assert_int_equal(parse(3, (char *[]){"t", "--steps", "99999999999"}, &want), 2);
  assert_int_equal(parse(3, (char *[]){"t", "--seed", "-1"}, &want), 2);
  assert_int_equal(parse(2, (char *[]){"t", "--steps"}, &want), 2);
  assert_int_equal(parse(2, (char *[]){"t", "--json=1"}, &want), 2);
}

/* What `say` writes to stderr when that is a terminal of so many columns, or a pipe (0). */
static char *said(int columns, void (*say)(void)) {
  static char text[4096];
  int end[2], status;
  const struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = 24};
  if (columns)
    assert_int_equal(openpty(&end[0], &end[1], NULL, NULL, &size), 0);
  else
    assert_int_equal(pipe(end), 0);
  const pid_t child = fork();
  if (!child) {
    dup2(end[1], 2);
    say();
    fflush(NULL);
    _exit(0);
  }
  waitpid(child, &status, 0);
  const ssize_t n = read(end[0], text, sizeof text - 1);
  text[n > 0 ? n : 0] = 0;
  close(end[0]), close(end[1]);
  return text;
}

static void say_twice(void) {
  host_live("0123456789abc");
  host_live("\xc3\xa4\xc3\xb6\xc3\xbc");
  host_log("log");
  host_live("x");
  host_live(NULL);
}

static void a_live_line_replaces_itself_within_the_terminals_width(void **state) {
  (void)state;
  assert_string_equal(
      said(10, say_twice),
      "\r012345678\033[K\r\xc3\xa4\xc3\xb6\xc3\xbc\033[K\r\033[Klog\r\n\rx\033[K\r\033[K");
  assert_string_equal(said(200, say_twice), "\r0123456789abc\033[K\r\xc3\xa4\xc3\xb6\xc3\xbc\033[K"
                                            "\r\033[Klog\r\n\rx\033[K\r\033[K");
  assert_string_equal(said(3, say_twice),
                      "\r01\033[K\r\xc3\xa4\xc3\xb6\033[K\r\033[Klog\r\n\rx\033[K\r\033[K");
  assert_string_equal(said(0, say_twice), "0123456789abc\n\xc3\xa4\xc3\xb6\xc3\xbc\nlog\nx\n");
}

static void sizes_that_overflow_become_impossible_ones(void **state) {
  (void)state;
  assert_int_equal(host_mul_add(3, 4, 5), 17);
  assert_true(host_mul_add(SIZE_MAX / 2, 3, 0) == SIZE_MAX);
  assert_true(host_mul_add(SIZE_MAX, 1, 1) == SIZE_MAX);
}

static void json_strings_are_escaped_and_always_utf8(void **state) {
  (void)state;
  char *text;
  size_t n;
  FILE *f = open_memstream(&text, &n);
  host_json_string(f, "a\"\\\n\xff\xc3\xa9", 7);
  fclose(f);
  assert_string_equal(text, "\"a\\\"\\\\\\u000a\xef\xbf\xbd\xc3\xa9\"");
  free(text);
}

static void device_and_zlib_checksums_agree(void **state) {
  (void)state;
  /* The standard check value of this CRC: the nine digits "123456789" give CBF43926. */
  assert_int_equal(ulm_crc32(0, "123456789", 9), 0xcbf43926);
  assert_int_equal(ulm_crc32(ulm_crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
  /* Short texts go another way than long ones; all lengths, at all addresses, as pieces too. */
  static uint8_t bytes[4096 + 80];
  ulm_rng r = ulm_rng_seed(5, 5);
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)ulm_rng_u32(&r);
  for (size_t n = 0; n < 4096; n += n % 1024 < 200 ? 1 : 37) {
    const uint8_t *p = bytes + n % 67;
    const uint32_t want = (uint32_t)crc32(0, p, (uInt)n);
    assert_int_equal(ulm_crc32(0, p, n), want);
    assert_int_equal(ulm_crc32(ulm_crc32(0, p, n / 3), p + n / 3, n - n / 3), want);
    if (!n) continue;
    bytes[n % 67 + n / 2] ^= 1;
    assert_int_not_equal(ulm_crc32(0, p, n), want);
    bytes[n % 67 + n / 2] ^= 1;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_file_appears_whole_and_leaves_no_temporary),
      cmocka_unit_test(an_aborted_or_failed_write_leaves_the_old_file),
      cmocka_unit_test(a_link_at_the_temporarys_place_is_not_followed),
      cmocka_unit_test(a_process_that_is_stopped_leaves_no_temporary),
      cmocka_unit_test(a_message_cannot_drive_a_terminal),
      cmocka_unit_test(a_container_comes_back_as_it_was_written),
      cmocka_unit_test(every_flipped_bit_and_every_cut_of_a_container_is_noticed),
      cmocka_unit_test(a_box_with_too_few_or_too_many_sections_is_not_written),
      cmocka_unit_test(options_are_read_checked_and_operands_come_last),
      cmocka_unit_test(a_live_line_replaces_itself_within_the_terminals_width),
      cmocka_unit_test(sizes_that_overflow_become_impossible_ones),
      cmocka_unit_test(json_strings_are_escaped_and_always_utf8),
      cmocka_unit_test(device_and_zlib_checksums_agree),
  };
  return cmocka_run_group_tests_name("host", tests, make_dir, remove_dir);
}
