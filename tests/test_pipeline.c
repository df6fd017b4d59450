/* data/: files to data sets: what is dropped and why, provenance, bounds on memory, order and
 * bytes. */
#include "t.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/lanes.h"
#include "data/line.h"
#include "data/near.h"
#include "data/pipeline.h"
#include "data/seal.h"
#include "data/sort.h"
#include "data/write.h"
#include "runtime/ulm_num.h"

static char dir[64];

static int make_dir(void **state) {
  (void)state;
  const char *tmp = getenv("TMPDIR");
  if (!tmp || strlen(tmp) > 30) tmp = "/tmp";
  snprintf(dir, sizeof dir, "%s/ulm-pipe-XXXXXX", tmp);
  return mkdtemp(dir) ? 0 : -1;
}

static void empty_folder(const char *path) {
  size_t n;
  char **names = host_list(path, "", &n, NULL), inside[512];
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

static char *spill(const char *name, const void *text, size_t n) {
  char *path = in_dir(name);
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, n, f), n);
  assert_int_equal(fclose(f), 0);
  return path;
}

static char *spill_text(const char *name, const char *text) {
  return spill(name, text, strlen(text));
}

static bytes slurp(const char *path) {
  bytes b = {0};
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  for (size_t n; (n = fread(bytes_room(&b, 65536), 1, 65536, f));) b.size += n;
  fclose(f);
  return b;
}

static pipeline_options usual(void) {
  pipeline_options o = pipeline_defaults;
  o.quiet = true, o.val = o.test = 0, o.threads = 2;
  return o;
}

static json_t *run(char **files, size_t n, const char *out, const pipeline_options *o) {
  host_error e = {{0}};
  json_t *stats = NULL;
  if (pipeline_run(files, n, in_dir(out), o, &stats, &e)) fail_msg("%s", e.text);
  return stats;
}

static const char *error_of(char **files, size_t n, const char *out, const pipeline_options *o) {
  static host_error e;
  e.text[0] = 0;
  assert_int_equal(pipeline_run(files, n, in_dir(out), o, NULL, &e), -1);
  return e.text;
}

static uint64_t number(const json_t *o, const char *a, const char *b) {
  const json_t *v = json_object_get(o, a);
  if (b) v = json_object_get(v, b);
  if (json_is_object(v)) v = json_object_get(v, "documents");
  return (uint64_t)json_integer_value(v);
}

/* Documents of a split, by their first text; NULL-terminated by `more`. */
static size_t documents(const char *out, const char *split, bool (*see)(const doc *d)) {
  host_error e = {{0}};
  doc d;
  size_t n = 0;
  int got;
  docs *in = docs_open_split(in_dir(out), split, &e);
  if (!in) fail_msg("%s", e.text);
  while ((got = docs_next(in, &d, &e)) > 0) {
    n++;
    if (see) assert_true(see(&d));
  }
  if (got) fail_msg("%s", e.text);
  docs_close(in);
  return n;
}

/* Nothing is dropped without being counted. */
static void want_all_counted(const json_t *stats) {
  uint64_t dropped = 0;
  const char *why;
  json_t *r;
  json_object_foreach(json_object_get(stats, "dropped"), why, r) {
    const uint64_t n = (uint64_t)json_integer_value(json_object_get(r, "documents"));
    assert_int_equal(json_array_size(json_object_get(r, "examples")), n < 3 ? n : 3);
    dropped += n;
  }
  assert_int_equal(number(stats, "read", NULL), number(stats, "written", NULL) + dropped);
}

/* Words that differ from seed to seed. */
static void say(bytes *b, uint64_t seed, int count) {
  ulm_rng r = ulm_rng_seed(seed, 0);
  for (int i = 0; i < count; i++) {
    char word[24];
    snprintf(word, sizeof word, "%sw%u", i ? " " : "", ulm_rng_below(&r, 5000));
    bytes_puts(b, word);
  }
}

static void put_pair(bytes *b, uint64_t prompt, uint64_t reply, int count, const char *more) {
  bytes_puts(b, "{\"prompt\": \"");
  say(b, prompt, count);
  bytes_puts(b, "\", \"completion\": \"");
  say(b, reply, count);
  bytes_puts(b, more);
  bytes_puts(b, "\"}\n");
}

/* ---- Order, threads, inputs ---- */

static void want_same_sets(const char *a, const char *b) {
  static const char *const names[] = {"train.jsonl.gz", "val.jsonl.gz", "test.jsonl.gz",
                                      "data.json"};
  for (int i = 0; i < 4; i++) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", a, names[i]);
    bytes x = slurp(in_dir(path));
    snprintf(path, sizeof path, "%s/%s", b, names[i]);
    bytes y = slurp(in_dir(path));
    assert_int_equal(x.size, y.size);
    assert_memory_equal(x.at, y.at, x.size);
    bytes_free(&x), bytes_free(&y);
  }
}

static void any_number_of_threads_makes_the_same_bytes(void **state) {
  (void)state;
  char *files[5];
  for (int f = 0; f < 5;
       f++) { /* several chunks a file, equal and near documents in and across files */
    bytes b = {0};
    for (uint64_t i = 0; i < 600 + 300 * (unsigned)f; i++)
      put_pair(&b, i % 7 ? 1000 * (unsigned)f + i : i, i % 5 ? i : i % 50, 60, i % 3 ? "" : " z");
    char name[32];
    snprintf(name, sizeof name, "in%d.jsonl", f);
    files[f] = spill(name, b.at, b.size);
    assert_true(b.size > 3 * (256 << 10) || f < 2);
    bytes_free(&b);
  }
  pipeline_options o = usual();
  o.val = o.test = 0.05;
  o.threads = 1;
  json_t *stats = run(files, 5, "threads1", &o);
  assert_true(number(stats, "dropped", "duplicate") > 0 &&
              number(stats, "dropped", "near-duplicate") > 0);
  want_all_counted(stats);
  json_decref(stats);
  for (int threads = 2; threads <= 9; threads += 7) {
    o.threads = threads;
    json_decref(run(files, 5, "threads", &o));
    want_same_sets("threads1", "threads");
  }
}

static const char *expected_error; /* of the first bad file, whatever thread finds it */

static void the_first_error_in_order_is_told_by_any_number_of_threads(void **state) {
  (void)state;
  bytes good = {0};
  for (uint64_t i = 0; i < 3000; i++) put_pair(&good, i, i + 9, 40, "");
  const size_t before = good.size;
  bytes_puts(&good, "{\"bad\": 1}\n");
  char *late = spill("late.jsonl", good.at, good.size),
       *early = spill_text("early.jsonl", "{\"worse\": 1}\n");
  spill("good.jsonl", good.at, before);
  char *files[] = {in_dir("good.jsonl"), late, early};
  expected_error = "late.jsonl: line 3001";
  for (int threads = 1; threads <= 8; threads *= 2) {
    pipeline_options o = usual();
    o.threads = threads;
    const char *e = error_of(files, 3, "errors", &o);
    if (!strstr(e, expected_error)) fail_msg("%d threads: %s", threads, e);
    assert_false(host_is_dir(in_dir("errors")));
  }
  bytes_free(&good);
}

static void *feed(void *path) {
  FILE *f = fopen(path, "wb");
  if (!f) return NULL;
  bytes b = {0};
  for (uint64_t i = 0; i < 200; i++) put_pair(&b, i, i + 9, 30, "");
  fwrite(b.at, 1, b.size, f);
  fclose(f);
  bytes_free(&b);
  return NULL;
}

static void a_pipe_is_read_as_a_file_is(void **state) {
  (void)state;
  char *pipe = in_dir("pipe.jsonl");
  assert_int_equal(mkfifo(pipe, 0600), 0);
  pthread_t writer;
  pthread_create(&writer, NULL, feed, pipe);
  pipeline_options o = usual();
  json_t *stats = run(&pipe, 1, "piped", &o);
  pthread_join(writer, NULL);
  assert_int_equal(number(stats, "written", NULL), 200);
  json_decref(stats);
  unlink(pipe);
}

/* ---- Duplicates ---- */

static void near_duplicates_are_dropped_from_the_threshold_on(void **state) {
  (void)state;
  /* Of 100 words with k in the middle replaced, shingles of 5 shared: 96 - k - 4 of 96 + k + 4. */
  static const int replaced[] = {0, 2, 6, 30, 80};
  bytes b = {0};
  for (int i = 0; i < 5; i++) {
    bytes text = {0};
    say(&text, 1, 100);
    bytes_put(&text, "", 1);
    bytes_puts(&b, "{\"text\": \"");
    const char *word = text.at;
    for (int w = 0; w < 100; w++) {
      const size_t n = strcspn(word, " ");
      char other[32];
      snprintf(other, sizeof other, "x%dy%d", i, w);
      if (w >= 10 && w < 10 + replaced[i])
        bytes_puts(&b, other);
      else
        bytes_put(&b, word, n);
      bytes_puts(&b, " ");
      word += n + (w < 99);
    }
    bytes_puts(&b, i ? "\"}\n" : "!\"}\n{\"text\": \"A text of its own.\"}\n");
    bytes_free(&text);
  }
  char *file = spill("near.jsonl", b.at, b.size);
  pipeline_options o = usual();
  o.text = true, o.max_repeat = 0;
  static const struct {
    double near;
    uint64_t dropped;
  } cases[] = {
      {0.95, 0}, {0.8, 2}, {0.4, 3}, {0, 0}}; /* similarities: 90/102, 86/106, 62/130, 12/180 */
  for (size_t i = 0; i < 4; i++) {
    o.near = cases[i].near;
    json_t *stats = run(&file, 1, "near", &o);
    const uint64_t n = number(stats, "dropped", "near-duplicate");
    if (n != cases[i].dropped) fail_msg("%g drops %llu", cases[i].near, (unsigned long long)n);
    want_all_counted(stats);
    json_decref(stats);
  }
  bytes_free(&b);
}

/* The exact Jaccard similarity of sets against the estimate. */
static void the_estimate_is_near_the_similarity(void **state) {
  (void)state;
  static const size_t sizes[] = {8, 40, 400, 4000};
  for (size_t s = 0; s < 4; s++)
    for (int tenth = 0; tenth <= 10; tenth += 2) {
      const size_t n = sizes[s], shared = n * (size_t)tenth / 10;
      double sum = 0;
      enum { TRIALS = 40 };
      for (uint64_t t = 0; t < TRIALS; t++) {
        uint64_t x[4000], y[4000];
        for (size_t i = 0; i < n; i++)
          x[i] = hash_mix(t * 100000 + i),
          y[i] = i < shared ? x[i] : hash_mix(t * 100000 + 50000 + i);
        near_sketch a, b;
        uint8_t p[NEAR_VALUES], q[NEAR_VALUES];
        for (int half = 0; half < 2; half++) near_half(&a, half, x, n), near_half(&b, half, y, n);
        near_bytes(&a, p), near_bytes(&b, q);
        const double got = near_similarity(p, q, false),
                     want = (double)shared / (double)(2 * n - shared);
        assert_true(got > want - 0.2 && got < want + 0.2);
        assert_true(near_similarity(p, q, true) <= got + 1e-9);
        sum += got - want;
      }
      assert_true(sum / TRIALS < 0.025 && sum / TRIALS > -0.025);
    }
}

static void conversations_are_near_only_if_both_sides_are(void **state) {
  (void)state;
  bytes b = {0};
  put_pair(&b, 1, 2, 50, "");
  put_pair(&b, 1, 3, 50, "");     /* another reply */
  put_pair(&b, 4, 2, 50, "");     /* another prompt */
  put_pair(&b, 1, 2, 50, " end"); /* near the first */
  char *file = spill("sides.jsonl", b.at, b.size);
  pipeline_options o = usual();
  json_t *stats = run(&file, 1, "sides", &o);
  assert_int_equal(number(stats, "dropped", "near-duplicate"), 1);
  assert_int_equal(
      json_integer_value(json_object_get(
          json_array_get(
              json_object_get(json_object_get(json_object_get(stats, "dropped"), "near-duplicate"),
                              "examples"),
              0),
          "line")),
      4);
  json_decref(stats);
  bytes_free(&b);
}

/* ---- Contamination ---- */

static void training_text_that_shares_a_run_with_an_evaluation_file_is_dropped(void **state) {
  (void)state;
  bytes held = {0}, b = {0};
  put_pair(&held, 1, 2, 20, "");
  mkdir(in_dir("held"), 0700);
  spill("held/one.jsonl", held.at, held.size);
  spill_text("held/two.txt", "What is a lake?\n");
  bytes run13 = {0}, run12 = {0};
  say(&run13, 2, 13), say(&run12, 2, 12);
  const char *const texts[][2] = {
      {"first of all", run13.at}, {"nearly all", run12.at}, {"What is a LAKE", "some water"}};
  const size_t sizes[] = {run13.size, run12.size, 10};
  for (int i = 0; i < 3; i++) {
    bytes_puts(&b, "{\"prompt\": \"");
    bytes_puts(&b, texts[i][0]);
    bytes_puts(&b, "\", \"completion\": \"Well: ");
    bytes_put(&b, texts[i][1], sizes[i]);
    bytes_puts(&b, ", is it not?\"}\n");
  }
  put_pair(&b, 1, 77, 20, ""); /* an evaluation prompt */
  char *file = spill("train.jsonl", b.at, b.size), *excluded[] = {in_dir("held")};
  pipeline_options o = usual();
  o.exclude = excluded, o.exclude_count = 1;
  json_t *stats = run(&file, 1, "clean", &o);
  assert_int_equal(number(stats, "dropped", "contaminated: a run of words"), 1);
  assert_int_equal(number(stats, "dropped", "contaminated: an evaluation prompt"), 1);
  assert_int_equal(number(stats, "written", NULL), 2);
  assert_int_equal(number(stats, "excluded", "words"), 13);
  assert_int_equal(json_array_size(json_object_get(json_object_get(stats, "excluded"), "files")),
                   2);
  want_all_counted(stats);
  json_decref(stats);
  o.exclude_words = 12;
  stats = run(&file, 1, "clean", &o);
  assert_int_equal(number(stats, "dropped", "contaminated: a run of words"), 2);
  json_decref(stats);
  o.exclude_count = 0; /* and without: all stay */
  stats = run(&file, 1, "clean", &o);
  assert_int_equal(number(stats, "written", NULL), 4);
  assert_null(json_object_get(stats, "excluded"));
  json_decref(stats);
  excluded[0] = in_dir("nowhere");
  o.exclude_count = 1;
  assert_non_null(strstr(error_of(&file, 1, "clean2", &o), "nowhere"));
  bytes_free(&held), bytes_free(&b), bytes_free(&run13), bytes_free(&run12);
}

/* ---- Filters and counts ---- */

static void every_filter_counts_what_it_drops(void **state) {
  (void)state;
  bytes b = {0};
  bytes_puts(&b, "{\"text\": \"Too short.\"}\n{\"text\": \"");
  say(&b, 3, 300);
  bytes_puts(&b, "\"}\n{\"text\": \"");
  for (int i = 0; i < 20; i++) bytes_puts(&b, "buy now and save money ");
  bytes_puts(
      &b,
      "\"}\n{\"text\": \"Das ist nicht der Weg, den wir mit dem Wagen und der Familie gehen.\"}\n"
      "{\"text\": \"The way that we went with the family was not what it had been.\"}\n"
      "{\"text\": \"Please write to the people of the house at jane@example.org.\"}\n"
      "{\"text\": \"\\u200b\"}\n");
  char *file = spill("filter.jsonl", b.at, b.size);
  pipeline_options o = usual();
  o.text = true, o.min_words = 5, o.max_words = 200, o.language = "en", o.personal = true;
  json_t *stats = run(&file, 1, "filtered", &o);
  static const char *const why[] = {"too short", "too long", "repetitive",
                                    "language",  "empty",    "personal data: an e-mail address"};
  for (size_t i = 0; i < sizeof why / sizeof *why; i++)
    if (number(stats, "dropped", why[i]) != 1) fail_msg("%s", why[i]);
  assert_int_equal(number(stats, "written", NULL), 1);
  want_all_counted(stats);
  json_decref(stats);
  o.min_words = o.max_words = 0, o.max_repeat = 0, o.language = NULL, o.personal = false;
  stats = run(&file, 1, "filtered", &o);
  assert_int_equal(number(stats, "written", NULL), 6);
  json_decref(stats);
  o.language = "klingon";
  assert_non_null(strstr(error_of(&file, 1, "filtered2", &o), "klingon"));
  bytes_free(&b);
}

static void examples_are_short_valid_and_escaped(void **state) {
  (void)state;
  bytes b = {0};
  for (int i = 0; i < 5; i++) {
    bytes_puts(&b, "{\"prompt\": \"line\\n");
    for (int k = 0; k < 100; k++) bytes_puts(&b, "\xe2\x82\xac");
    bytes_puts(&b, "\", \"completion\": \"\"}\n");
  }
  bytes_puts(&b, "{\"prompt\": \"a\", \"completion\": \"b\"}\n");
  char *file = spill("examples.jsonl", b.at, b.size);
  pipeline_options o = usual();
  json_t *stats = run(&file, 1, "examples", &o);
  const json_t *r = json_object_get(json_object_get(stats, "dropped"), "no assistant turn"), *one;
  assert_int_equal(json_integer_value(json_object_get(r, "documents")), 5);
  size_t i;
  json_array_foreach(json_object_get(r, "examples"), i, one) {
    assert_string_equal(json_string_value(json_object_get(one, "file")), "examples.jsonl");
    assert_int_equal(json_integer_value(json_object_get(one, "line")), i + 1);
    const json_t *text = json_object_get(one, "text");
    assert_int_equal(json_string_length(text), 5 + 75); /* 80 bytes, back to a character's begin */
    assert_memory_equal(json_string_value(text), "line\n\xe2\x82\xac", 8);
  }
  assert_int_equal(i, 3);
  json_decref(stats);
  bytes raw = slurp(in_dir("examples/data.json"));
  for (size_t k = 0; k < raw.size; k++)
    assert_true((raw.at[k] >= ' ' && raw.at[k] < 127) || raw.at[k] == '\n');
  bytes_free(&raw), bytes_free(&b);
}

static void what_is_changed_is_counted(void **state) {
  (void)state;
  char *file = spill_text(
      "changed.jsonl",
      "{\"messages\": [{\"role\": \"assistant\", \"content\": \"early\"}, {\"role\": \"user\", "
      "\"content\": "
      "\"caf\\u00c3\\u00a9 \\ud800\"}, {\"role\": \"user\", \"content\": \"more\"}, {\"role\": "
      "\"assistant\", "
      "\"content\": \" \"}, {\"role\": \"assistant\", \"content\": \"One. Two. Three.\"}]}\n");
  pipeline_options o = usual();
  o.sentences = 2;
  json_t *stats = run(&file, 1, "changed", &o);
  static const char *const fields[] = {
      "invalid_bytes", "mojibake_repaired", "early_turns_dropped", "empty_turns_dropped",
      "turns_joined",  "replies_cut",       "controls_dropped"};
  for (int i = 0; i < 7; i++)
    if (number(stats, "changed", fields[i]) != 1) fail_msg("%s", fields[i]);
  json_decref(stats);
  host_error e;
  doc d;
  docs *in = docs_open_split(in_dir("changed"), "train", &e);
  assert_int_equal(docs_next(in, &d, &e), 1);
  assert_int_equal(d.count, 2);
  assert_string_equal(d.turns[0].text, "caf\xc3\xa9\nmore");
  assert_string_equal(d.turns[1].text, "One. Two.");
  docs_close(in);
}

static void a_conversation_is_kept_up_to_so_many_replies(void **state) {
  (void)state;
  char *file = spill_text(
      "long.jsonl",
      "{\"messages\": [{\"role\": \"user\", \"content\": \"one\"}, {\"role\": \"assistant\", "
      "\"content\": \"uno\"}, {\"role\": \"user\", \"content\": \"two\"}, {\"role\": "
      "\"assistant\", \"content\": \"due\"}, {\"role\": \"assistant\", \"content\": "
      "\"joined\"}, {\"role\": \"user\", \"content\": \"three\"}, {\"role\": \"assistant\", "
      "\"content\": \"tre\"}]}\n");
  static const char *const last[] = {"tre", "uno", "due\njoined", "tre", "tre"};
  static const int turns[] = {6, 2, 4, 6, 6}, dropped[] = {0, 5, 2, 0, 0};
  for (int replies = 0; replies < 5; replies++) {
    pipeline_options o = usual();
    o.replies = replies;
    json_t *stats = run(&file, 1, "long", &o);
    assert_int_equal(number(stats, "changed", "later_turns_dropped"), dropped[replies]);
    json_decref(stats);
    host_error e;
    doc d;
    docs *in = docs_open_split(in_dir("long"), "train", &e);
    assert_int_equal(docs_next(in, &d, &e), 1);
    assert_int_equal(d.count, turns[replies]);
    assert_string_equal(d.turns[d.count - 1].text, last[replies]);
    docs_close(in);
  }
}

static bool marked(const doc *d) {
  static const doc_skip want[] = {DOC_OPENS, DOC_LIST, DOC_MARKED, DOC_SHORT};
  static size_t i;
  assert_int_equal(d->count, 2);
  return d->skip[0] == 0 && d->skip[1] == want[i++];
}

static void replies_that_are_no_openers_are_marked_and_counted(void **state) {
  (void)state;
  char *file = spill_text(
      "marks.jsonl", "{\"prompt\": \"a\", \"completion\": \"The first thing to do is this.\"}\n"
                     "{\"prompt\": \"b\", \"completion\": \"- one thing\\n- another thing\"}\n"
                     "{\"messages\": [{\"role\": \"user\", \"content\": \"c\"}, {\"role\": "
                     "\"assistant\", \"content\": "
                     "\"I say what I say here.\", \"no_opener\": \"by hand\"}]}\n"
                     "{\"prompt\": \"d\", \"completion\": \"Paris.\"}\n");
  pipeline_options o = usual();
  json_t *stats = run(&file, 1, "marks", &o);
  assert_int_equal(documents("marks", "train", marked), 4);
  assert_int_equal(number(stats, "replies", "openers"), 1);
  assert_int_equal(number(stats, "replies", "list"), 1);
  assert_int_equal(number(stats, "replies", "marked"), 1);
  assert_int_equal(number(stats, "replies", "short"), 1);
  json_decref(stats);
}

static void questions_replace_the_text_and_the_rest_is_counted(void **state) {
  (void)state;
  char *file = spill_text(
      "prose.txt",
      "Odda Lake\nOdda Lake is a small lake in the north of Norway.\n\nNothing to ask here.\n");
  pipeline_options o = usual();
  o.text = o.questions = true;
  json_t *stats = run(&file, 1, "asked", &o);
  assert_int_equal(number(stats, "read", NULL), 2);
  assert_int_equal(number(stats, "written", NULL), 2);
  assert_int_equal(number(stats, "dropped", "no question"), 1);
  assert_int_equal(documents("asked", "train", NULL), 2);
  json_decref(stats);
}

/* ---- Provenance ---- */

static bool has_licence(const doc *d) {
  static const char *const want[][2] = {{"known", "MIT"},
                                        {"seed-12", "Apache-2.0"},
                                        {"own", "BSD"},
                                        {"mix", "CC0"},
                                        {"other", "by file"}};
  static size_t i;
  const size_t k = i++;
  return !strcmp(d->source, want[k][0]) && !strcmp(d->licence, want[k][1]);
}

static void documents_carry_their_source_and_licence(void **state) {
  (void)state;
  char *mix = spill_text(
      "mix.jsonl",
      "{\"prompt\": \"a\", \"completion\": \"b\", \"source\": \"known\"}\n"
      "{\"prompt\": \"b\", \"completion\": \"b\", \"source\": \"seed-12\"}\n"
      "{\"prompt\": \"c\", \"completion\": \"b\", \"source\": \"own\", \"licence\": \"BSD\"}\n"
      "{\"prompt\": \"d\", \"completion\": \"b\"}\n");
  char *plain = spill_text("plain.jsonl",
                           "{\"prompt\": \"e\", \"completion\": \"b\", \"source\": \"other\"}\n");
  pipeline_options o = usual();
  o.sources = spill_text(
      "sources.json",
      "{\"known\": {\"licence\": \"MIT\", \"origin\": \"somewhere @ 1234\"}, \"seed-*\": "
      "{\"licence\": \"Apache-2.0\"}, \"se*\": {\"licence\": \"wrong\"}, \"mix\": {\"licence\": "
      "\"CC0\"}, \"plain\": {\"licence\": \"by file\"}}");
  char *files[] = {mix, plain};
  json_t *stats = run(files, 2, "sourced", &o);
  assert_int_equal(documents("sourced", "train", has_licence), 5);
  const json_t *sources = json_object_get(stats, "sources"),
               *known = json_object_get(sources, "known");
  assert_string_equal(json_string_value(json_object_get(known, "licence")), "MIT");
  assert_string_equal(json_string_value(json_object_get(known, "origin")), "somewhere @ 1234");
  assert_int_equal(number(known, "train", NULL), 1);
  json_decref(stats);
  o.sources = NULL, o.source = "mine", o.licence = "my own";
  stats = run(files, 2, "sourced", &o);
  const json_t *mine = json_object_get(json_object_get(stats, "sources"), "mine");
  assert_string_equal(json_string_value(json_object_get(mine, "licence")), "my own");
  json_decref(stats);
  static const char *const bad[] = {"[]",
                                    "{\"a\": 3}",
                                    "{\"a\": {\"licence\": \"\"}}",
                                    "{\"a\": {\"license\": \"MIT\"}}",
                                    "{\"a\": {\"licence\": 3}}",
                                    "{\"a\": {}",
                                    "{\"\": {}}"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    o.sources = spill_text("sources.json", bad[i]);
    assert_non_null(strstr(error_of(files, 2, "sourced2", &o), "sources.json"));
  }
}

/* ---- The folder ---- */

static void an_empty_split_reads_as_one(void **state) {
  (void)state;
  char *file = spill_text("tiny.jsonl", "{\"prompt\": \"a\", \"completion\": \"b\"}\n");
  pipeline_options o = usual();
  o.val = o.test = 0.01;
  json_decref(run(&file, 1, "tiny", &o));
  assert_int_equal(documents("tiny", "train", NULL), 1);
  assert_int_equal(documents("tiny", "val", NULL), 0);
  assert_int_equal(documents("tiny", "test", NULL), 0);
}

static void a_folder_mixed_of_two_runs_is_refused(void **state) {
  (void)state;
  char *one = spill_text("one.jsonl", "{\"prompt\": \"a\", \"completion\": \"b\"}\n");
  char *two = spill_text("two.jsonl", "{\"prompt\": \"c\", \"completion\": \"d\"}\n");
  pipeline_options o = usual();
  json_decref(run(&one, 1, "mixed", &o));
  bytes first = slurp(in_dir("mixed/train.jsonl.gz"));
  json_decref(run(&two, 1, "mixed", &o));
  bytes second = slurp(in_dir("mixed/train.jsonl.gz"));
  spill("mixed/train.jsonl.gz", first.at,
        first.size); /* as if killed before this one was renamed */
  host_error e = {{0}};
  assert_null(docs_open_split(in_dir("mixed"), "train", &e));
  assert_non_null(strstr(e.text, "is not the file that"));
  docs *val = docs_open_split(in_dir("mixed"), "val", &e);
  assert_non_null(val);
  docs_close(val);
  spill("mixed/train.jsonl.gz", second.at, second.size);
  assert_int_equal(documents("mixed", "train", NULL), 1);
  bytes sealed = slurp(in_dir("mixed/val.jsonl.gz"));
  unlink(in_dir("mixed/val.jsonl.gz")); /* as if killed before it was renamed for the first time */
  assert_true(docs_has_split(in_dir("mixed"), "val"));
  assert_null(docs_open_split(in_dir("mixed"), "val", &e));
  assert_non_null(strstr(e.text, "is not there, but"));
  spill("mixed/val.jsonl.gz", sealed.at, sealed.size);
  assert_int_equal(documents("mixed", "val", NULL), 0);
  bytes_free(&sealed);
  spill_text("mixed/data.json", "{");
  assert_null(docs_open_split(in_dir("mixed"), "train", &e));
  assert_non_null(strstr(e.text, "data.json"));
  unlink(in_dir("mixed/data.json")); /* a folder made by hand */
  assert_false(docs_has_split(in_dir("mixed"), "nothing"));
  assert_int_equal(documents("mixed", "train", NULL), 1);
  bytes_free(&first), bytes_free(&second);
}

static void wrong_options_are_named(void **state) {
  (void)state;
  char *file = spill_text("ok.jsonl", "{\"prompt\": \"a\", \"completion\": \"b\"}\n");
  static const struct {
    size_t at;
    double value;
    const char *why;
  } cases[] = {{offsetof(pipeline_options, near), 0.1, "near-duplicates"},
               {offsetof(pipeline_options, near), 1.5, "near-duplicates"},
               {offsetof(pipeline_options, max_repeat), -1, "repetition"},
               {offsetof(pipeline_options, val), 1.5, "fractions"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    pipeline_options o = usual();
    memcpy((char *)&o + cases[i].at, &cases[i].value, sizeof(double));
    assert_non_null(strstr(error_of(&file, 1, "wrong", &o), cases[i].why));
  }
  pipeline_options o = usual();
  o.questions = true;
  assert_non_null(strstr(error_of(&file, 1, "wrong", &o), "running text"));
  o = usual(), o.licence = "";
  assert_non_null(strstr(error_of(&file, 1, "wrong", &o), "licence"));
  o = usual(), o.replies = -1;
  assert_non_null(strstr(error_of(&file, 1, "wrong", &o), "replies (-1)"));
  assert_false(host_is_dir(in_dir("wrong")));
}

/* ---- The parts ---- */

static void sorting_on_disk_is_as_sorting_in_memory(void **state) {
  (void)state;
  for (size_t width = 1; width <= SORT_WORDS; width++)
    for (size_t memory = 256; memory <= 1 << 20; memory <<= 12) { /* many runs; one */
      host_error e = {{0}};
      sorter *s = sorter_open(width, memory, dir);
      uint64_t sum = 0, got_sum = 0, r[SORT_WORDS], last[SORT_WORDS] = {0};
      const uint64_t *got;
      enum { RECORDS = 5000 };
      for (uint64_t i = 0; i < RECORDS; i++) {
        for (size_t w = 0; w < width; w++)
          r[w] = hash_mix(i * 7 + w) >> (w ? 0 : 55); /* equal first words */
        for (size_t w = 0; w < width; w++) sum += hash_mix(r[w] + w);
        assert_int_equal(sorter_add(s, r, &e), 0);
      }
      assert_int_equal(sorter_begin(s, &e), 0);
      size_t n = 0;
      for (; sorter_next(s, &got, &e) == 1; n++) {
        size_t w = 0;
        while (w < width && got[w] == last[w]) w++;
        assert_true(w == width || got[w] > last[w]);
        for (w = 0; w < width; w++) last[w] = got[w], got_sum += hash_mix(got[w] + w);
      }
      assert_int_equal(n, RECORDS);
      assert_true(sum == got_sum);
      sorter_close(s);
    }
  size_t left;
  char **names = host_list(dir, "", &left, NULL);
  for (size_t i = 0; i < left; i++) {
    assert_null(strstr(names[i], ".ulm-data"));
    free(names[i]);
  }
  free(names);
}

typedef struct {
  uint64_t filled[7], emitted[7], fail_at;
  int fail_lane;
} counting;
typedef struct {
  uint64_t number, squared;
} item;

static int count_fill(void *user, size_t lane, void *slot, size_t *size, host_error *e) {
  (void)e;
  counting *c = user;
  item *x = slot;
  x->number = c->filled[lane]++;
  *size = 1000;
  return x->number < 50 * (lane + 1);
}

static int count_work(void *user, int thread, size_t lane, void *slot, host_error *e) {
  counting *c = user;
  item *x = slot;
  (void)thread;
  x->squared = x->number * x->number;
  if ((int)lane >= c->fail_lane && x->number >= c->fail_at)
    return host_fail(e, "lane %zu item %llu", lane, (unsigned long long)x->number);
  return 0;
}

static int count_emit(void *user, size_t lane, void *slot, host_error *e) {
  (void)e;
  counting *c = user;
  item *x = slot;
  assert_int_equal(x->number, c->emitted[lane]++);
  assert_int_equal(x->squared, x->number * x->number);
  return 0;
}

static void lanes_keep_their_order_and_the_first_error(void **state) {
  (void)state;
  for (int threads = 1; threads <= 8; threads++)
    for (int fails = 0; fails < 2; fails++) {
      item items[9];
      void *slots[9];
      for (int i = 0; i < 9; i++) slots[i] = &items[i];
      counting c = {.fail_at = 20, .fail_lane = fails ? 3 : 99};
      host_error e = {{0}};
      const int bad = lanes_run(
          &(lanes_job){7, threads, slots, 9, count_fill, count_work, count_emit, &c, 3000}, &e);
      assert_int_equal(bad, fails ? -1 : 0);
      if (fails) assert_string_equal(e.text, "lane 3 item 20");
      for (uint64_t lane = 0; lane < (fails ? 3 : 7); lane++)
        assert_int_equal(c.emitted[lane], 50 * (lane + 1));
      if (fails) assert_int_equal(c.emitted[3], 20);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_number_of_threads_makes_the_same_bytes),
      cmocka_unit_test(the_first_error_in_order_is_told_by_any_number_of_threads),
      cmocka_unit_test(a_pipe_is_read_as_a_file_is),
      cmocka_unit_test(near_duplicates_are_dropped_from_the_threshold_on),
      cmocka_unit_test(the_estimate_is_near_the_similarity),
      cmocka_unit_test(conversations_are_near_only_if_both_sides_are),
      cmocka_unit_test(training_text_that_shares_a_run_with_an_evaluation_file_is_dropped),
      cmocka_unit_test(every_filter_counts_what_it_drops),
      cmocka_unit_test(examples_are_short_valid_and_escaped),
      cmocka_unit_test(what_is_changed_is_counted),
      cmocka_unit_test(a_conversation_is_kept_up_to_so_many_replies),
      cmocka_unit_test(replies_that_are_no_openers_are_marked_and_counted),
      cmocka_unit_test(questions_replace_the_text_and_the_rest_is_counted),
      cmocka_unit_test(documents_carry_their_source_and_licence),
      cmocka_unit_test(an_empty_split_reads_as_one),
      cmocka_unit_test(a_folder_mixed_of_two_runs_is_refused),
      cmocka_unit_test(wrong_options_are_named),
      cmocka_unit_test(sorting_on_disk_is_as_sorting_in_memory),
      cmocka_unit_test(lanes_keep_their_order_and_the_first_error),
  };
  return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
