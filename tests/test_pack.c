/* ulm-tokenizer's train and encode: the same bytes for any number of threads, and a failure leaves
 * what was there. */
#include "t.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "small_tok.h"
#include "tokenizer/corpus.h"
#include "tokenizer/shard.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(training_writes_a_model_or_leaves_the_old_one),
      cmocka_unit_test(shards_are_the_same_for_any_number_of_threads),
      cmocka_unit_test(a_record_that_cannot_be_read_leaves_the_old_shards),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
