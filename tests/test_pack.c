/* ulm-tokenizer's train and encode: the same bytes for any number of threads, and a failure leaves
 * what was there. */
#include "t.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "small_tok.h"
#include "tokenizer/corpus.h"
#include "tokenizer/shard.h"
#include <jansson.h>

static char dir[64], data[80], out[80], model[80];

static const char *join(const char *folder, const char *name) {
  static char path[256];
  host_error e;
  assert_int_equal(host_path(path, sizeof path, folder, name, &e), 0);
  return path;
}

/* Conversations of the small text as chat JSONL; plain text is read like gzip. */
static void write_split(const char *split, uint64_t seed, size_t count, const char *tail) {
  char name[64];
  snprintf(name, sizeof name, "%s.jsonl.gz", split);
  FILE *f = fopen(join(data, name), "w");
  assert_non_null(f);
  small_text text = small_text_begin(seed, 2 * count);
  for (size_t i = 0; i < count; i++) {
    size_t n = 0;
    fputs("{\"source\":\"small\",\"messages\":[{\"role\":\"user\",\"content\":", f);
    const char *line = small_text_next(&text, &n);
    host_json_string(f, line, n);
    fputs("},{\"role\":\"assistant\",\"content\":", f);
    line = small_text_next(&text, &n);
    host_json_string(f, line, n);
    fputs("}]}\n", f);
  }
  fputs(tail, f);
  assert_int_equal(fclose(f), 0);
}

static int setup(void **state) {
  (void)state;
  host_error e;
  strcpy(dir, "/tmp/ulm-pack-XXXXXX");
  if (!mkdtemp(dir)) return -1;
  snprintf(data, sizeof data, "%s/data", dir);
  snprintf(out, sizeof out, "%s/shards", dir);
  snprintf(model, sizeof model, "%s/tok.model", dir);
  if (host_mkdir(data, &e)) return -1;
  write_split("train", 1, 3000, "");
  write_split("val", 2, 100, "");
  return 0;
}

static void empty_folder(const char *path) {
  size_t n;
  char inner[512];
  char **names = host_list(path, "", &n, NULL);
  for (size_t i = 0; names && i < n; i++) {
    if (strcmp(names[i], ".") && strcmp(names[i], "..")) {
      snprintf(inner, sizeof inner, "%s/%s", path, names[i]);
      if (host_is_dir(inner))
        empty_folder(inner), rmdir(inner);
      else
        unlink(inner);
    }
    free(names[i]);
  }
  free(names);
}

static int teardown(void **state) {
  (void)state;
  empty_folder(dir);
  return rmdir(dir);
}

/* Runs a command with its results and logs thrown away. */
static int quietly(int (*command)(const tokenizer_job *, host_error *), const tokenizer_job *j,
                   host_error *e) {
  fflush(NULL);
  const int keep[2] = {dup(1), dup(2)}, null = open("/dev/null", O_WRONLY);
  dup2(null, 1);
  dup2(null, 2);
  const int bad = command(j, e);
  fflush(NULL);
  for (int i = 0; i < 2; i++) dup2(keep[i], i + 1), close(keep[i]);
  close(null);
  return bad;
}

static tokenizer_job job(const char *to) {
  static char *dirs[1];
  dirs[0] = data;
  return (tokenizer_job){.dirs = dirs,
                         .count = 1,
                         .threads = 2,
                         .model = model,
                         .out = to,
                         .vocab = 500,
                         .seed = 1,
                         .max_bytes = 1 << 20,
                         .shard_tokens = 20000};
}

/* CRC of all files of a folder, by name. */
static uint32_t fingerprint(const char *folder, size_t *files) {
  size_t n;
  uint32_t crc = 0;
  char **names = host_list(folder, "", &n, NULL);
  *files = 0;
  for (size_t i = 0; names && i < n; i++) {
    host_map m;
    if (!host_map_open(&m, join(folder, names[i]), NULL)) {
      crc = ulm_crc32(crc, names[i], strlen(names[i]));
      crc = ulm_crc32(crc, m.bytes, m.size);
      host_map_close(&m);
      ++*files;
    }
    free(names[i]);
  }
  free(names);
  return crc;
}

static void training_writes_a_model_or_leaves_the_old_one(void **state) {
  (void)state;
  host_error e;
  size_t files;
  tokenizer_job j = job(model);
  assert_int_equal(quietly(learn, &j, &e), 0);
  const uint32_t before = fingerprint(dir, &files);
  assert_int_equal(files, 1);
  j.vocab = 60000; /* more than this text has */
  assert_int_equal(quietly(learn, &j, &e), -1);
  assert_int_equal(fingerprint(dir, &files), before);
  j.vocab = 500;
  assert_int_equal(quietly(learn, &j, &e), 0);
  assert_int_equal(fingerprint(dir, &files), before); /* and the same text gives the same model */
}

static void shards_are_the_same_for_any_number_of_threads(void **state) {
  (void)state;
  host_error e;
  size_t files;
  uint32_t first = 0;
  for (int threads = 1; threads <= 4; threads++) {
    tokenizer_job j = job(out);
    j.threads = threads;
    if (quietly(pack, &j, &e)) fail_msg("%s", e.text);
    const uint32_t crc = fingerprint(out, &files);
    assert_true(files > 4); /* several train shards, val, shards.json */
    if (threads == 1) first = crc;
    assert_int_equal(crc, first);
  }
  size_t count, documents = 0;
  shard *s = shard_open_split(out, "train", &count, &e);
  if (!s) fail_msg("%s", e.text);
  for (size_t i = 0; i < count; i++) documents += s[i].docs;
  assert_int_equal(documents, 3000);
  shard_close_all(s, count);
}

static void a_record_that_cannot_be_read_leaves_the_old_shards(void **state) {
  (void)state;
  host_error e;
  size_t files;
  tokenizer_job j = job(out);
  assert_int_equal(quietly(pack, &j, &e), 0);
  const uint32_t before = fingerprint(out, &files);
  write_split("val", 2, 10, "{\"messages\": 5}\n");
  assert_int_equal(quietly(pack, &j, &e), -1);
  assert_non_null(strstr(e.text, "val.jsonl.gz"));
  assert_int_equal(fingerprint(out, &files), before);
  write_split("val", 2, 100, "");
  char *nowhere[] = {dir};
  j.dirs = nowhere;
  assert_int_equal(quietly(pack, &j, &e), -1);
  assert_non_null(strstr(e.text, "train.jsonl.gz"));
  j = job(out);
  j.model = data; /* a folder */
  assert_int_equal(quietly(pack, &j, &e), -1);
  assert_int_equal(fingerprint(out, &files), before);
  size_t left;
  (void)fingerprint(dir, &left); /* no temporary stays beside it */
  assert_int_equal(left, 1);
}

static json_t *row(json_t *rows, size_t i) { return json_array_get(rows, i); }
static const char *says(const json_t *row, const char *key) {
  return json_string_value(json_object_get(row, key));
}

static void what_a_record_says_of_itself_reaches_the_shards(void **state) {
  (void)state;
  host_error e;
  char folder[96], to[96];
  snprintf(folder, sizeof folder, "%s/said", dir);
  snprintf(to, sizeof to, "%s/said-shards", dir);
  assert_int_equal(host_mkdir(folder, &e), 0);
  static const char reply[] = "The old captain paints the yellow umbrella before dinner.";
  FILE *f = fopen(join(folder, "train.jsonl.gz"), "w");
  for (int i = 0; i < 4; i++)
    fprintf(f,
            "{\"source\":\"%s\",%s\"messages\":[{\"role\":\"user\",\"content\":\"What now?\"},"
            "{\"role\":\"assistant\",\"content\":\"%s\"%s}]}\n",
            i < 3 ? "a" : "b", i < 3 ? "\"licence\":\"CC BY 4.0\"," : "", reply,
            i % 2 ? ",\"no_opener\":\"list\"" : "");
  fclose(f);
  f = fopen(join(folder, "data.json"), "w");
  fputs("{\"sources\":{\"a\":{\"origin\":\"https://example.org/a\"},\"c\":{\"origin\":\"no\"}}}",
        f);
  fclose(f);
  tokenizer_job j = job(to);
  j.dirs = (char *[]){folder};
  if (quietly(pack, &j, &e)) fail_msg("%s", e.text);
  size_t count, openers = 0, cuts = 0, replies = 0;
  shard *s = shard_open_split(to, "train", &count, &e);
  if (!s) fail_msg("%s", e.text);
  assert_int_equal(count, 1);
  for (uint64_t t = 0; t < s->tokens; t++) {
    openers += (s->mask[t] & SHARD_OPENER) != 0;
    cuts += (s->mask[t] & SHARD_CUT) != 0;
    replies += (s->mask[t] & SHARD_BEGIN) != 0;
  }
  assert_int_equal(replies, 4);
  assert_int_equal(cuts, 2); /* replies 1 and 3 are marked */
  assert_true(openers > 8);
  json_t *rows = shard_sources(s, count);
  assert_int_equal(json_array_size(rows), 2);
  assert_string_equal(says(row(rows, 0), "source"), "a");
  assert_string_equal(says(row(rows, 0), "licence"), "CC BY 4.0");
  assert_string_equal(says(row(rows, 0), "origin"), "https://example.org/a");
  assert_string_equal(says(row(rows, 1), "source"), "b");
  assert_string_equal(says(row(rows, 1), "licence"), "unknown");
  assert_null(says(row(rows, 1), "origin"));
  json_decref(rows);
  shard_close_all(s, count);
}

/* Runs report and reads its JSON lines. */
static json_t *reported(tokenizer_job *j) {
  host_error e;
  char path[128];
  snprintf(path, sizeof path, "%s/report", dir);
  fflush(NULL);
  const int keep = dup(1), to = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  dup2(to, 1);
  j->json = true;
  const int bad = report(j, &e);
  fflush(stdout);
  dup2(keep, 1);
  close(keep), close(to);
  if (bad) fail_msg("%s", e.text);
  json_t *lines = json_array(), *x;
  FILE *f = fopen(path, "r");
  while ((x = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL))) json_array_append_new(lines, x);
  fclose(f);
  unlink(path);
  return lines;
}

static double number(const json_t *o, const char *key) {
  return json_number_value(json_object_get(o, key));
}

static void a_report_measures_each_type_on_held_out_text(void **state) {
  (void)state;
  host_error e;
  tokenizer_job j = job(NULL);
  j.unigram = true;
  double per_token[2];
  for (int i = 0; i < 2; i++) {
    j.vocab = i ? 400 : 370;
    json_t *lines = reported(&j);
    assert_int_equal(json_array_size(lines), 2);
    for (int k = 0; k < 2; k++) {
      const json_t *x = json_array_get(lines, (size_t)k);
      assert_string_equal(says(x, "type"), k ? "unigram" : "bpe");
      assert_string_equal(says(x, "split"), "val");
      assert_int_equal(number(x, "vocab"), j.vocab);
      assert_true(number(x, "bytes_per_token") > 1 && number(x, "tokens_per_word") > 1);
    }
    const json_t *bpe = json_array_get(lines, 0);
    per_token[i] = number(bpe, "bytes_per_token");
    /* against a count by hand: libsentencepiece over the validation text */
    uint8_t *model_bytes;
    size_t n, all = 0, held = 0, cap = 0;
    uint64_t seen = 1;
    uint16_t *ids = NULL;
    assert_int_equal(learn_model(&j, j.vocab, 0, &model_bytes, &n, &seen, &e), 0);
    spm *s = spm_open(model_bytes, n, &e);
    small_text text = small_text_begin(2, 200);
    for (const char *line; (line = small_text_next(&text, &n));) {
      held += n;
      all += (size_t)spm_encode_library(s, line, n, &ids, &cap, &e);
    }
    assert_int_equal(number(bpe, "bytes"), held);
    assert_int_equal(number(bpe, "tokens"), all);
    assert_true(number(bpe, "device_bytes") > 2048);
    spm_close(s);
    free(model_bytes), free(ids);
    json_decref(lines);
  }
  assert_true(per_token[1] > per_token[0]);
}

/* A unigram model is for comparison: nothing else takes it. */
static void a_unigram_model_is_refused_for_everything_else(void **state) {
  (void)state;
  host_error e;
  uint8_t *bytes;
  size_t n;
  uint64_t seen = 1;
  tokenizer_job j = job(NULL);
  assert_int_equal(learn_model(&j, 400, 1, &bytes, &n, &seen, &e), 0);
  assert_null(spm_open(bytes, n, &e));
  assert_non_null(strstr(e.text, "not BPE"));
  spm *s = spm_open_unigram(bytes, n, &e);
  assert_non_null(s);
  spm_close(s);
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(training_writes_a_model_or_leaves_the_old_one),
      cmocka_unit_test(shards_are_the_same_for_any_number_of_threads),
      cmocka_unit_test(what_a_record_says_of_itself_reaches_the_shards),
      cmocka_unit_test(a_report_measures_each_type_on_held_out_text),
      cmocka_unit_test(a_unigram_model_is_refused_for_everything_else),
      cmocka_unit_test(a_record_that_cannot_be_read_leaves_the_old_shards),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
