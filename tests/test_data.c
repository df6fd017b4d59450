/* data/: every form is read, damage is named by file and line, the same text makes the same bytes.
 */
#include "t.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "data/converse.h"
#include "data/pipeline.h"
#include "data/write.h"

static char dir[64];

static int make_dir(void **state) {
  (void)state;
  const char *tmp = getenv("TMPDIR");
  if (!tmp || strlen(tmp) > 30) tmp = "/tmp";
  snprintf(dir, sizeof dir, "%s/ulm-data-XXXXXX", tmp);
  return mkdtemp(dir) ? 0 : -1;
}

static void empty_folder(const char *path) {
  host_error e;
  size_t n;
  char **names = host_list(path, "", &n, &e), inside[512];
  for (size_t i = 0; names && i < n; i++) {
    snprintf(inside, sizeof inside, "%s/%s", path, names[i]);
    if (strcmp(names[i], ".") && strcmp(names[i], "..")) {
      if (host_is_dir(inside)) empty_folder(inside);
      remove(inside);
    }
    free(names[i]);
  }
  free(names);
}

static int remove_dir(void **state) {
  (void)state;
  empty_folder(dir);
  return rmdir(dir);
}

static char *in_dir(const char *name) {
  static char path[64][256];
  static int turn;
  char *p = path[turn++ % 64];
  snprintf(p, sizeof path[0], "%s/%s", dir, name);
  return p;
}

static size_t slurp(const char *path, uint8_t *out, size_t cap) {
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  const size_t n = fread(out, 1, cap, f);
  assert_true(n < cap);
  fclose(f);
  return n;
}

static char *spill(const char *name, const void *bytes, size_t n) {
  char *path = in_dir(name);
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(bytes, 1, n, f), n);
  assert_int_equal(fclose(f), 0);
  return path;
}

static size_t packed(const void *bytes, size_t n, uint8_t *out, size_t cap) {
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_in = (Bytef *)bytes, z.avail_in = (uInt)n, z.next_out = out, z.avail_out = (uInt)cap;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  deflateEnd(&z);
  return cap - z.avail_out;
}

static docs *memory(const char *bytes, bool text) {
  host_error e = {{0}};
  docs *d = docs_open_memory(bytes, strlen(bytes), "input", text, &e);
  if (!d) fail_msg("%s", e.text);
  return d;
}

static void want_turn(const doc *d, size_t i, const char *role, const char *text) {
  assert_true(i < d->count);
  assert_string_equal(d->turns[i].role, role);
  assert_int_equal(d->turns[i].size, strlen(text));
  assert_memory_equal(d->turns[i].text, text, strlen(text));
}

/* One record, two turns: user and assistant. */
static void want_pair(const char *bytes, const char *user, const char *assistant) {
  host_error e = {{0}};
  doc d;
  docs *in = memory(bytes, false);
  if (docs_next(in, &d, &e) != 1) fail_msg("%s", e.text);
  assert_null(d.text);
  assert_int_equal(d.count, 2);
  want_turn(&d, 0, "user", user);
  want_turn(&d, 1, "assistant", assistant);
  assert_int_equal(docs_next(in, &d, &e), 0);
  docs_close(in);
}

/* The first error of the input. */
static const char *error_of(const void *bytes, size_t n, bool text) {
  static host_error e;
  doc d;
  int got = -1;
  memset(&e, 0, sizeof e);
  docs *in = docs_open_memory(bytes, n, "input", text, &e);
  while (in && (got = docs_next(in, &d, &e)) > 0) {
  }
  docs_close(in);
  assert_int_equal(got, -1);
  return e.text;
}

static void want_error(const char *bytes, const char *place, const char *why) {
  const char *got = error_of(bytes, strlen(bytes), false);
  if (!strstr(got, place) || !strstr(got, why))
    fail_msg("'%s' says neither '%s' nor '%s'", got, place, why);
}

/* ---- Forms ---- */

static void every_form_becomes_turns(void **state) {
  (void)state;
  want_pair("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", "
            "\"content\": \"b\"}]}",
            "a", "b");
  want_pair("{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"a "
            "\"}, {\"type\": \"text\", "
            "\"text\": \"c\"}]}, {\"role\": \"assistant\", \"content\": null}]}",
            "a c", "");
  want_pair("{\"conversations\": [{\"from\": \"human\", \"value\": \"a\"}, {\"from\": \"gpt\", "
            "\"value\": \"b\"}]}",
            "a", "b");
  want_pair("{\"instruction\": \"a\", \"input\": \"x\", \"output\": \"b\"}", "a\n\nx", "b");
  want_pair("{\"instruction\": \"a\", \"input\": \"\", \"output\": \"b\"}", "a", "b");
  want_pair("{\"instruction\": \"a\", \"output\": \"b\"}", "a", "b");
  want_pair("{\"prompt\": \"a\", \"completion\": \"b\"}", "a", "b");
  want_pair("{\"prompt\": \"a\", \"response\": \"b\"}", "a", "b");
  want_pair("{\"question\": \"a\", \"answer\": \"b\"}", "a", "b");
}

static void a_record_keeps_what_it_says_of_itself(void **state) {
  (void)state;
  host_error e;
  doc d;
  docs *in = memory("\n{\"text\": \"t\", \"source\": \"s\", \"slot\": \"l\", \"held\": \"value\", "
                    "\"license\": \"MIT\"}\n{\"text\": \"u\"}",
                    false);
  assert_int_equal(docs_next(in, &d, &e), 1);
  assert_string_equal(d.text, "t");
  assert_null(d.turns);
  assert_string_equal(d.source, "s");
  assert_string_equal(d.slot, "l");
  assert_string_equal(d.held, "value");
  assert_string_equal(d.licence, "MIT");
  assert_int_equal(d.line, 2);
  assert_int_equal(d.byte, 1);
  assert_int_equal(docs_next(in, &d, &e), 1);
  assert_string_equal(d.text, "u");
  assert_null(d.source);
  assert_null(d.slot);
  assert_int_equal(d.line, 3);
  docs_close(in);
}

static void arrays_and_records_over_several_lines_are_read(void **state) {
  (void)state;
  static const char *const same[] = {
      "{\"question\": \"}\\\"\", \"answer\": \"1\"}\n{\"question\": \"b\", \"answer\": \"2\"}\n",
      "\xef\xbb\xbf[{\"question\": \"}\\\"\", \"answer\": \"1\"},\n {\"question\": \"b\", "
      "\"answer\": \"2\"}]\n",
      "{\n \"question\": \"}\\\"\",\n \"answer\": \"1\"\n}\n{\n \"question\": \"b\", \"answer\": "
      "\"2\"}",
      "\xef\xbb\xbf{\"question\": \"}\\\"\", \"answer\": \"1\"}\r\n\r\n{\"question\": \"b\", "
      "\"answer\": \"2\"}\r\n"};
  for (size_t i = 0; i < 4; i++) {
    host_error e;
    doc d;
    docs *in = memory(same[i], false);
    assert_int_equal(docs_next(in, &d, &e), 1);
    want_turn(&d, 0, "user", "}\"");
    assert_int_equal(docs_next(in, &d, &e), 1);
    want_turn(&d, 1, "assistant", "2");
    assert_int_equal(docs_next(in, &d, &e), 0);
    docs_close(in);
  }
}

static void gzip_reads_as_the_plain_file_does_also_in_members(void **state) {
  (void)state;
  const char *a = "{\"text\": \"one\"}\n{\"text\":", *b = " \"two\"}\n";
  uint8_t bytes[512];
  size_t n = packed(a, strlen(a), bytes, sizeof bytes);
  n += packed(b, strlen(b), bytes + n, sizeof bytes - n);
  host_error e;
  doc d;
  docs *in = docs_open(spill("members.gz", bytes, n), &e);
  assert_non_null(in);
  assert_int_equal(docs_next(in, &d, &e), 1);
  assert_string_equal(d.text, "one");
  assert_int_equal(docs_next(in, &d, &e), 1);
  assert_string_equal(d.text, "two");
  assert_int_equal(docs_next(in, &d, &e), 0);
  docs_close(in);
}

static void paragraphs_group_up_to_a_limit_and_never_over_an_empty_line(void **state) {
  (void)state;
  char *bytes = malloc(40000);
  size_t n = (size_t)sprintf(bytes, "\n \nTitle\r\nFirst.\n\n\nOther\n");
  memset(bytes + n, 'x', 5000), bytes[n + 5000] = '\n';
  memset(bytes + n + 5001, 'y', 5000), bytes[n + 10001] = '\n';
  memset(bytes + n + 10002, 'z', 9000), bytes[n + 19002] = 0;
  host_error e;
  doc d;
  docs *in = memory(bytes, true);
  const size_t sizes[] = {strlen("Title\r\nFirst."), strlen("Other\n") + 5000, 5000, 9000};
  const uint64_t part[] = {0, 0, 1, 2}, line[] = {3, 7, 9, 10};
  for (int i = 0; i < 4; i++) {
    assert_int_equal(docs_next(in, &d, &e), 1);
    assert_int_equal(d.text_size, sizes[i]);
    assert_int_equal(d.part, part[i]);
    assert_int_equal(d.line, line[i]);
  }
  assert_int_equal(docs_next(in, &d, &e), 0);
  docs_close(in);
  free(bytes);
}

/* ---- Damage ---- */

static void damage_is_named_by_line_and_byte(void **state) {
  (void)state;
  want_error("", "line 1 (byte 0)", "no record");
  want_error(" \n\n", "line 3 (byte 3)", "no record");
  want_error("[]", "line 1", "no record");
  want_error("{\"text\": \"a\"}\n{\"text\": nil}\n", "input: line 2 (byte ", "not JSON");
  want_error("{\"text\": \"a\"}\n{\"text\": \"b\"} x\n", "line 2", "not JSON");
  want_error("{\"text\": \"a\"}\n{\"text\": \"b", "line 2", "not JSON");
  want_error("{\"text\": \"a\",\n\"b\": 1", "line 1 (byte 0)", "ends inside");
  want_error("[{\"text\": \"a\"}\n {\"text\": \"b\"}]", "line 2 (byte 16)", "missing");
  want_error("[{\"text\": \"a\"},\n", "line 2", "not closed");
  want_error("[{\"text\": \"a\"}] x", "line 1 (byte 16)", "after the end");
  want_error("[{\"text\": \"a\"}, 3]", "line 1", "must be a JSON object");
  want_error("{\"text\": 3}", "line 1", "none of the known forms");
  want_error("[1]", "line 1", "must be a JSON object");
  want_error("3\n", "line 1", "not JSON"); /* a bare value is no record */
  want_error("{\"messages\": []}", "line 1", "no turn");
  want_error("{\"messages\": [{\"content\": \"a\"}]}", "line 1", "has no \"role\"");
  want_error("{\"messages\": [{\"role\": \"user\"}]}", "line 1", "content is missing");
  want_error("{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image\"}]}]}",
             "line 1", "'image'");
  want_error("{\"prompt\": \"a\", \"completion\": 3}", "line 1", "not text");
}

static void a_cut_changed_or_continued_gzip_is_refused_at_every_byte(void **state) {
  (void)state;
  const char *a = "{\"text\": \"one\"}\n{\"text\": \"and another\"}\n";
  uint8_t bytes[256];
  const size_t n = packed(a, strlen(a), bytes, sizeof bytes);
  for (size_t cut = 2; cut < n; cut++)
    assert_non_null(strstr(error_of(bytes, cut, false), "cut off"));
  for (size_t i = n - 8; i < n; i++) { /* checksum and length */
    bytes[i] ^= 1;
    assert_non_null(strstr(error_of(bytes, n, false), "packed byte"));
    bytes[i] ^= 1;
  }
  bytes[n] = 'x';
  assert_non_null(strstr(error_of(bytes, n + 1, false), "after the end of the gzip"));
  bytes[n] = 0x1f;
  assert_non_null(strstr(error_of(bytes, n + 1, false), "cut off"));
}

static void running_text_with_a_zero_byte_is_refused(void **state) {
  (void)state;
  static const char utf16[] = "h\0i\0";
  assert_non_null(strstr(error_of("fine\nbad\0", 9, true), "line 2 (byte 5): a zero byte"));
  assert_non_null(strstr(error_of(utf16, sizeof utf16 - 1, true), "line 1"));
}

static void a_line_over_16_mb_is_refused(void **state) {
  (void)state;
  const size_t n = DOCS_RECORD_MAX + 2;
  char *bytes = malloc(n + 1);
  assert_non_null(bytes);
  memset(bytes, 'a', n);
  memcpy(bytes, "{\"text\": \"", 10);
  assert_non_null(strstr(error_of(bytes, n, false), "16 MB"));
  assert_non_null(strstr(error_of(bytes + 1, n - 1, true), "16 MB"));
  bytes[0] = '[', bytes[1] = '{';
  assert_non_null(strstr(error_of(bytes, n, false), "16 MB"));
  free(bytes);
}

static void a_bad_record_may_be_passed_over_but_a_bad_file_not(void **state) {
  (void)state;
  host_error e;
  doc d;
  docs *in = memory("{\"text\": \"a\"}\n{bad}\n{\"text\": \"b\"}\n", false);
  assert_int_equal(docs_next(in, &d, &e), 1);
  assert_int_equal(docs_next(in, &d, &e), -1);
  assert_true(docs_can_skip(in));
  assert_int_equal(docs_next(in, &d, &e), 1);
  assert_string_equal(d.text, "b");
  docs_close(in);
  in = memory("[{\"text\": \"a\"}, 1]", false);
  assert_int_equal(docs_next(in, &d, &e), 1);
  assert_int_equal(docs_next(in, &d, &e), -1);
  assert_false(docs_can_skip(in));
  docs_close(in);
}

static void bytes_that_are_not_utf8_are_dropped_and_counted(void **state) {
  (void)state;
  host_error e;
  doc d;
  docs *in = memory("{\"text\": \"a\xff\xc3\x28\xed\xa0\x80 z\"}\n", false);
  if (docs_next(in, &d, &e) != 1) fail_msg("%s", e.text);
  assert_string_equal(d.text, "a( z");
  assert_int_equal(d.invalid, 5);
  docs_close(in);
}

/* ---- Cleaning and checks ---- */

static void cleaning_gives_one_spelling(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"  a \t b\xc2\xa0\xe2\x80\x83"
       "c  ",
       "a b c"},
      {"a\r\nb\rc\n\n\n\nd \n e", "a\nb\nc\n\nd\ne"},
      {"\xe2\x80\x9cyou\xe2\x80\x9d \xe2\x80\x98I\xe2\x80\x99m\xe2\x80\x99", "\"you\" 'I'm'"},
      {"1\xe2\x80\x93"
       "2 a\xe2\x80\x94"
       "b\xe2\x80\xa6",
       "1-2 a--b..."},
      {"e\xcc\x81 \xc3\xa9", "\xc3\xa9 \xc3\xa9"}, /* NFC */
      {"a\xe2\x80\x8b"
       "b\xef\xbb\xbf"
       "c\x01"
       "d\x7f",
       "abcd"},
      {"\xff"
       "a\xc0\x80",
       "a"},
      {" \n\t", ""}};
  cleaner c = {0};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    clean(&c, cases[i][0], strlen(cases[i][0]));
    assert_string_equal(c.text, cases[i][1]);
    assert_int_equal(c.size, strlen(cases[i][1]));
  }
  assert_int_equal(c.counts.invalid, 3);
  clean_free(&c);
}

static const char *judge(conversation *c, const ulm_message *turns, size_t count) {
  const doc d = {.turns = turns, .count = count};
  return converse(c, &d);
}

static void a_conversation_is_mended_or_refused_with_a_reason(void **state) {
  (void)state;
  conversation c = {0};
  const ulm_message all[] = {{"system", "s", 1},   {"assistant", "early", 5}, {"user", " a", 2},
                             {"user", "\n", 1},    {"user", "b", 1},          {"assistant", "", 0},
                             {"assistant", "r", 1}};
  assert_null(judge(&c, all, 7));
  assert_int_equal(c.out.count, 3);
  want_turn(&c.out, 0, "system", "s");
  want_turn(&c.out, 1, "user", "a\nb");
  want_turn(&c.out, 2, "assistant", "r");
  assert_string_equal(judge(&c, all, 5), "no assistant turn");
  assert_string_equal(judge(&c, all, 2), "no user turn");
  assert_string_equal(judge(&c, all + 3, 1), "empty");
  const ulm_message tool[] = {{"user", "a", 1}, {"tool", "b", 1}};
  assert_string_equal(judge(&c, tool, 2), "unknown role");
  const ulm_message late[] = {{"user", "a", 1}, {"system", "b", 1}};
  assert_string_equal(judge(&c, late, 2), "system turn not first");
  converse_free(&c);
}

/* ---- Data sets ---- */

static const pipeline_options usual = {
    .val = 0.1, .test = 0.1, .seed = 1, .quiet = true, .near = 0.8};

static void run(char **files, size_t n, const char *out, const pipeline_options *o,
                json_t **stats) {
  host_error e = {{0}};
  if (pipeline_run(files, n, in_dir(out), o, stats, &e)) fail_msg("%s", e.text);
}

static char *prompts_file(const char *name, int from, int to) {
  char *bytes = malloc(200000);
  size_t n = 0;
  for (int i = from; i < to; i++)
    n += (size_t)sprintf(bytes + n,
                         "{\"prompt\": \"Prompt %d?\", \"completion\": \"reply %d\"}\n{\"prompt\": "
                         "\"prompt %d?\", \"completion\": \"other\"}\n",
                         i, i, i);
  char *path = spill(name, bytes, n);
  free(bytes);
  return path;
}

/* Which split says "Prompt i?": 1 << split, both letter cases; also the number of documents. */
static size_t where(const char *out, uint8_t *split, size_t count) {
  size_t total = 0;
  for (int k = 0; k < SPLITS; k++) {
    host_error e;
    doc d;
    docs *in = docs_open_split(in_dir(out), split_names[k], &e);
    assert_non_null(in);
    while (docs_next(in, &d, &e) == 1) {
      const unsigned long i = strtoul(d.turns[0].text + strlen("Prompt "), NULL, 10);
      assert_true(i < count);
      split[i] |= (uint8_t)(1 << k);
      total++;
    }
    docs_close(in);
  }
  return total;
}

static void equal_prompts_share_a_split_whatever_the_order_of_files(void **state) {
  (void)state;
  enum { N = 500 };
  uint8_t ab[N] = {0}, ba[N] = {0}, other[N] = {0};
  char *a = prompts_file("a.jsonl", 0, 300), *b = prompts_file("b.jsonl", 200, N);
  char *forth[] = {a, b}, *back[] = {b, a};
  json_t *stats = NULL;
  run(forth, 2, "ab", &usual, &stats);
  run(back, 2, "ba", &usual, NULL);
  pipeline_options seeded = usual;
  seeded.seed = 2;
  run(forth, 2, "other", &seeded, NULL);
  assert_int_equal(where("ab", ab, N), 2 * N);
  assert_int_equal(where("ba", ba, N), 2 * N);
  where("other", other, N);
  assert_memory_equal(ab, ba, N);
  size_t of[8] = {0};
  for (int i = 0; i < N; i++) of[ab[i] & 7]++;
  assert_int_equal(of[1] + of[2] + of[4], N); /* no prompt is in two */
  assert_in_range(of[2], 25, 80);
  assert_in_range(of[4], 25, 80);
  assert_true(memcmp(ab, other, N));
  json_t *dup = json_object_get(json_object_get(stats, "dropped"), "duplicate");
  assert_int_equal(json_integer_value(json_object_get(dup, "documents")), 200);
  assert_int_equal(json_array_size(json_object_get(dup, "examples")), 3);
  assert_string_equal(json_string_value(json_object_get(
                          json_array_get(json_object_get(stats, "inputs"), 0), "name")),
                      "a.jsonl");
  json_decref(stats);
}

static void three_prompts_are_enough_for_three_splits(void **state) {
  (void)state;
  for (int n = 3; n < 6; n++) {
    uint8_t split[8] = {0}, all = 0;
    char *file = prompts_file("few.jsonl", 0, n);
    pipeline_options o = usual;
    o.val = o.test = n == 5 ? 0.45 : 0.01;
    run(&file, 1, "few", &o, NULL);
    where("few", split, 8);
    for (int i = 0; i < n; i++) all |= split[i];
    assert_int_equal(all, 7);
  }
}

static void the_same_input_makes_the_same_bytes(void **state) {
  (void)state;
  static uint8_t one[1 << 18], two[1 << 18];
  static const char *const names[] = {"train.jsonl.gz", "val.jsonl.gz", "test.jsonl.gz",
                                      "data.json"};
  char *file = prompts_file("same.jsonl", 0, 300), path[64];
  run(&file, 1, "one", &usual, NULL);
  run(&file, 1, "two", &usual, NULL);
  for (int i = 0; i < 4; i++) {
    snprintf(path, sizeof path, "one/%s", names[i]);
    const size_t n = slurp(in_dir(path), one, sizeof one);
    memcpy(path, "two", 3);
    assert_int_equal(slurp(in_dir(path), two, sizeof two), n);
    assert_memory_equal(one, two, n);
    if (i < 3) assert_memory_equal(one, "\x1f\x8b\x08\0\0\0\0\0", 8); /* no time */
    if (i < 3) assert_int_equal(one[9], 255);                         /* no system */
  }
  one[slurp(in_dir("one/data.json"), one, sizeof one)] = 0;
  assert_null(strstr((char *)one, dir));
}

static void a_failure_leaves_the_old_data_set_and_nothing_new(void **state) {
  (void)state;
  static uint8_t before[1 << 16], after[1 << 16];
  char *good = prompts_file("good.jsonl", 0, 50);
  run(&good, 1, "kept", &usual, NULL);
  const size_t n = slurp(in_dir("kept/train.jsonl.gz"), before, sizeof before);
  const char *text = "{\"prompt\": \"a\", \"completion\": \"b\"}\n{\"prompt\": \n";
  char *bad = spill("bad.jsonl", text, strlen(text)), *files[] = {good, bad};
  host_error e = {{0}};
  assert_int_equal(pipeline_run(files, 2, in_dir("kept"), &usual, NULL, &e), -1);
  assert_non_null(strstr(e.text, "bad.jsonl: line 2 (byte "));
  assert_int_equal(slurp(in_dir("kept/train.jsonl.gz"), after, sizeof after), n);
  assert_memory_equal(before, after, n);
  size_t left;
  char **names = host_list(in_dir("kept"), ".tmp", &left, &e);
  free(names);
  assert_int_equal(left, 0);
  assert_int_equal(pipeline_run(files, 2, in_dir("fresh"), &usual, NULL, &e), -1);
  assert_false(host_is_dir(in_dir("fresh")));
  pipeline_options lenient = usual;
  lenient.skip_bad = true;
  json_t *stats = NULL;
  run(files, 2, "fresh", &lenient, &stats);
  json_t *r = json_object_get(json_object_get(stats, "dropped"), "unreadable");
  assert_int_equal(json_integer_value(json_object_get(r, "documents")), 1);
  assert_int_equal(json_integer_value(
                       json_object_get(json_array_get(json_object_get(r, "examples"), 0), "line")),
                   2);
  json_decref(stats);
}

static void nothing_usable_is_an_error(void **state) {
  (void)state;
  const char *text = "{\"prompt\": \"a\", \"completion\": \"\"}\n";
  char *file = spill("none.jsonl", text, strlen(text));
  host_error e = {{0}};
  assert_int_equal(pipeline_run(&file, 1, in_dir("none"), &usual, NULL, &e), -1);
  assert_non_null(strstr(e.text, "no document is left of 1 records (1: "));
  assert_false(host_is_dir(in_dir("none")));
  file = in_dir("absent.jsonl");
  assert_int_equal(pipeline_run(&file, 1, in_dir("none"), &usual, NULL, &e), -1);
  assert_non_null(strstr(e.text, "cannot open"));
}

static void what_is_written_reads_back(void **state) {
  (void)state;
  host_error e = {{0}};
  const char *hard = "a\n\"q\" \\ \xc3\xa9 \x7f\x01\xff";
  const ulm_message turns[] = {{"user", hard, strlen(hard)}, {"assistant", "", 0}};
  const doc talk = {
      .source = "s", .slot = "x", .held = "none", .licence = "MIT", .turns = turns, .count = 2};
  const doc text = {.text = "plain", .text_size = 5};
  splits *s = splits_open(in_dir("back"), &e);
  if (!s) fail_msg("%s", e.text);
  assert_int_equal(splits_add(s, SPLIT_VAL, &talk, &e), 0);
  assert_int_equal(splits_add(s, SPLIT_VAL, &text, &e), 0);
  assert_int_equal(splits_count(s, SPLIT_VAL), 2);
  assert_int_equal(splits_commit(s, NULL, NULL, NULL, &e), 0);
  doc d;
  docs *in = docs_open_split(in_dir("back"), "val", &e);
  assert_int_equal(docs_next(in, &d, &e), 1);
  want_turn(&d, 0, "user", "a\n\"q\" \\ \xc3\xa9 \x7f\x01\xef\xbf\xbd");
  want_turn(&d, 1, "assistant", "");
  assert_string_equal(d.slot, "x");
  assert_string_equal(d.held, "none");
  assert_string_equal(d.licence, "MIT");
  assert_int_equal(docs_next(in, &d, &e), 1);
  assert_string_equal(d.text, "plain");
  assert_null(d.source);
  assert_int_equal(docs_next(in, &d, &e), 0);
  docs_close(in);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_form_becomes_turns),
      cmocka_unit_test(a_record_keeps_what_it_says_of_itself),
      cmocka_unit_test(arrays_and_records_over_several_lines_are_read),
      cmocka_unit_test(gzip_reads_as_the_plain_file_does_also_in_members),
      cmocka_unit_test(paragraphs_group_up_to_a_limit_and_never_over_an_empty_line),
      cmocka_unit_test(damage_is_named_by_line_and_byte),
      cmocka_unit_test(a_cut_changed_or_continued_gzip_is_refused_at_every_byte),
      cmocka_unit_test(running_text_with_a_zero_byte_is_refused),
      cmocka_unit_test(a_line_over_16_mb_is_refused),
      cmocka_unit_test(a_bad_record_may_be_passed_over_but_a_bad_file_not),
      cmocka_unit_test(bytes_that_are_not_utf8_are_dropped_and_counted),
      cmocka_unit_test(cleaning_gives_one_spelling),
      cmocka_unit_test(a_conversation_is_mended_or_refused_with_a_reason),
      cmocka_unit_test(equal_prompts_share_a_split_whatever_the_order_of_files),
      cmocka_unit_test(three_prompts_are_enough_for_three_splits),
      cmocka_unit_test(the_same_input_makes_the_same_bytes),
      cmocka_unit_test(a_failure_leaves_the_old_data_set_and_nothing_new),
      cmocka_unit_test(nothing_usable_is_an_error),
      cmocka_unit_test(what_is_written_reads_back),
  };
  return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
