/* tokenizer/shard*, encode.c, folder.c: flags are right, shards come back, damaged ones are
 * refused, and a shard folder is replaced as a whole. */
#include "t.h"
#include <sys/stat.h>
#include <unistd.h>

#include "small_tok.h"
#include "tokenizer/encode.h"

enum { VOCAB = 500 };

static uint8_t *model;
static size_t model_size;
static spm *tok;
static char dir[64];

static int setup(void **state) {
  (void)state;
  host_error e;
  small_model(VOCAB, &model, &model_size);
  tok = spm_open(model, model_size, &e);
  strcpy(dir, "/tmp/ulm-tok-XXXXXX");
  return tok && mkdtemp(dir) ? 0 : -1;
}

static void empty_folder(const char *path) {
  size_t n;
  host_error e;
  char **names = host_list(path, "", &n, &e), inner[512];
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
  spm_close(tok);
  free(model);
  empty_folder(dir);
  return rmdir(dir);
}

/* ---- Documents and flags ---- */

/* Joins the text of the tokens that have all of `flags`. */
static const char *flagged(const tokens *t, uint8_t flags) {
  static char *text;
  static size_t cap;
  host_error e;
  tokens chosen = {0};
  chosen.ids = malloc((t->count + 1) * sizeof *chosen.ids);
  for (size_t i = 0; i < t->count; i++)
    if ((t->mask[i] & flags) == flags) chosen.ids[chosen.count++] = t->ids[i];
  assert_true(spm_decode(tok, chosen.ids, chosen.count, &text, &cap, &e) >= 0);
  tokens_free(&chosen);
  return text;
}

static size_t how_many(const tokens *t, uint8_t flag) {
  size_t n = 0;
  for (size_t i = 0; i < t->count; i++) n += (t->mask[i] & flag) != 0;
  return n;
}

static void check_reply(const char *reply, const char *opener) {
  host_error e;
  tokens t = {0};
  const ulm_message turns[] = {{"user", "What now?", 9}, {"assistant", reply, strlen(reply)}};
  assert_int_equal(encode_chat(tok, turns, 2, NULL, &t, &e), 0);
  char whole[512];
  snprintf(whole, sizeof whole, "user\nWhat now?\nassistant\n%s\n", reply);
  assert_string_equal(flagged(&t, 0), whole);
  assert_string_equal(flagged(&t, SHARD_REPLY), reply);
  assert_string_equal(flagged(&t, SHARD_OPENER), opener);
  assert_int_equal(how_many(&t, SHARD_CHAT), t.count);
  assert_int_equal(how_many(&t, SHARD_BEGIN), 1);
  assert_int_equal(how_many(&t, SHARD_CUT), *opener ? 1 : 0);
  size_t begin = 0, end = 0, cut = 0;
  for (size_t i = 0; i < t.count; i++) {
    if (t.mask[i] & SHARD_BEGIN) begin = i;
    if (t.mask[i] & SHARD_REPLY) end = i;
    if (t.mask[i] & SHARD_CUT) cut = i;
  }
  assert_int_equal(end - begin + 1, how_many(&t, SHARD_REPLY));
  assert_int_equal(t.ids[end], ULM_EOS);
  assert_int_equal(t.ids[begin - 1], ULM_BYTE0 + '\n');
  if (*opener) {
    assert_true(t.mask[begin] & SHARD_OPENER);
    assert_int_equal(cut - begin + 1, how_many(&t, SHARD_OPENER));
  }
  tokens_free(&t);
}

static void the_flags_of_a_reply_are_right_on_written_examples(void **state) {
  (void)state;
  check_reply("The old captain paints the yellow umbrella before the meeting starts.",
              "The old captain paints the yellow umbrella before");
  check_reply("It never rains here. So the nurse sells umbrellas elsewhere.",
              "It never rains here.");
  check_reply("After the long dinner they left, and nobody knows why they did.",
              "After the long dinner they left,");
  check_reply("Yes, of course.", ""); /* three words: no opener */
  check_reply("A baker counted eggs", "A baker counted eggs");
  check_reply("The robot is looking for two\ntickets.", "The robot is looking for two");
  check_reply("unbelievablylongword-that-has-no-piece and three more words",
              "unbelievablylongword-that-has-no-piece and three more words");
  check_reply("", "");
}

static void a_conversation_is_laid_out_as_chatml(void **state) {
  (void)state;
  host_error e;
  tokens t = {0};
  uint16_t *ids = NULL;
  size_t cap = 0, at = 0;
  const char *const roles[] = {"system", "user", "assistant"}, *const texts[] = {"Be brief.",
                                                                                 "Who sells eggs?",
                                                                                 "A baker."};
  ulm_message turns[3];
  for (int i = 0; i < 3; i++) turns[i] = (ulm_message){roles[i], texts[i], strlen(texts[i])};
  assert_int_equal(encode_chat(tok, turns, 3, NULL, &t, &e), 0);
  for (int i = 0; i < 3; i++) {
    char head[64];
    const int k = snprintf(head, sizeof head, "%s\n", roles[i]);
    assert_int_equal(t.ids[at++], ULM_BOS);
    long n = spm_encode(tok, head, (size_t)k, &ids, &cap,
                        &e); /* role and newline together: the same ids */
    assert_memory_equal(t.ids + at, ids, (size_t)n * 2);
    at += (size_t)n;
    n = spm_encode(tok, texts[i], strlen(texts[i]), &ids, &cap, &e);
    assert_memory_equal(t.ids + at, ids, (size_t)n * 2);
    at += (size_t)n;
    assert_int_equal(t.ids[at++], ULM_EOS);
    assert_int_equal(t.ids[at++], ULM_BYTE0 + '\n');
  }
  assert_int_equal(t.ids[at++], ULM_PAD);
  assert_int_equal(at, t.count);
  free(ids);
  tokens_free(&t);
}

static void long_text_in_parts_has_the_ids_of_the_whole(void **state) {
  (void)state;
  host_error e;
  tokens t = {0};
  uint16_t *ids = NULL;
  size_t cap = 0, n = 0, k = 0;
  char *text = malloc(200000 + 1024);
  small_text source = small_text_begin(9, 100000);
  while (n < 200000) {
    const char *line = small_text_next(&source, &k);
    memcpy(text + n, line, k);
    n += k;
    text[n] = n % 3 ? '\n' : ' ';
    n++;
  }
  assert_int_equal(encode_text(tok, text, n, &t, &e), 0);
  const long count = spm_encode(tok, text, n, &ids, &cap, &e);
  assert_int_equal(t.count, count + 1);
  assert_memory_equal(t.ids, ids, (size_t)count * 2);
  assert_int_equal(t.ids[count], ULM_PAD);
  assert_int_equal(how_many(&t, SHARD_FLAGS), 0);
  free(ids);
  free(text);
  tokens_free(&t);
}

/* ---- Shards ---- */

/* Writes `docs` conversations and texts as shards of the split "train" into `folder`. */
static void write_shards(const char *folder, size_t docs, uint64_t shard_tokens) {
  host_error e;
  shard_writer w;
  tokens t = {0};
  json_t *options = json_pack("{s:i}", "seed", 1);
  small_text text = small_text_begin(4, 2 * docs);
  shard_writer_open(&w, folder, "train", model, model_size, options, shard_tokens);
  for (size_t i = 0; i < docs; i++) {
    char asked[512];
    size_t n = 0, k = 0;
    const char *line = small_text_next(&text, &k);
    memcpy(asked, line, k);
    line = small_text_next(&text, &n);
    const ulm_message turns[] = {{"user", asked, k}, {"assistant", line, n}};
    assert_int_equal(
        i % 3 ? encode_chat(tok, turns, 2, NULL, &t, &e) : encode_text(tok, line, n, &t, &e), 0);
    assert_int_equal(shard_writer_add(&w, &t, n, i % 3 ? "chat" : "text", NULL, &e), 0);
  }
  if (shard_writer_finish(&w, &e)) fail_msg("%s", e.text);
  shard_writer_free(&w);
  json_decref(options);
  tokens_free(&t);
}

static const char *new_folder(const char *name) {
  static char path[256];
  host_error e;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  assert_int_equal(host_mkdir(path, &e), 0);
  return path;
}

static void shards_come_back_document_by_document(void **state) {
  (void)state;
  host_error e;
  char folder[256];
  strcpy(folder, new_folder("round"));
  write_shards(folder, 100, 600);
  size_t count, docs = 0;
  shard *s = shard_open_split(folder, "train", &count, &e);
  if (!s) fail_msg("%s", e.text);
  assert_true(count > 3);
  tokens t = {0};
  small_text text = small_text_begin(4, 200);
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(s[i].vocab, VOCAB);
    for (uint64_t d = 0; d < s[i].docs; d++, docs++) {
      char asked[512];
      size_t n = 0, k = 0;
      const char *line = small_text_next(&text, &k);
      memcpy(asked, line, k);
      line = small_text_next(&text, &n);
      const ulm_message turns[] = {{"user", asked, k}, {"assistant", line, n}};
      assert_int_equal(docs % 3 ? encode_chat(tok, turns, 2, NULL, &t, &e)
                                : encode_text(tok, line, n, &t, &e),
                       0);
      const uint64_t from = shard_start(&s[i], d), end = shard_start(&s[i], d + 1);
      assert_int_equal(end - from, t.count);
      for (size_t k2 = 0; k2 < t.count; k2++) {
        assert_int_equal(shard_id(&s[i], from + k2), t.ids[k2]);
        assert_int_equal(s[i].mask[from + k2], t.mask[k2]);
      }
    }
  }
  assert_int_equal(docs, 100);
  shard_close_all(s, count);
  s = shard_open_split(folder, "test", &count, &e);
  assert_non_null(s);
  assert_int_equal(count, 0);
  shard_close_all(s, count);
  tokens_free(&t);
}

static uint8_t *slurp(const char *path, size_t *n) {
  host_map m;
  host_error e;
  assert_int_equal(host_map_open(&m, path, &e), 0);
  uint8_t *bytes = malloc(m.size);
  memcpy(bytes, m.bytes, *n = m.size);
  host_map_close(&m);
  return bytes;
}

static int parses(const uint8_t *bytes, size_t n, host_error *e) {
  shard s;
  return shard_parse(&s, bytes, n, "x.shard", e) == 0;
}

static void a_truncated_or_bit_flipped_shard_is_refused(void **state) {
  (void)state;
  host_error e;
  size_t n;
  char path[300];
  snprintf(path, sizeof path, "%s/train-00000.shard", new_folder("flip"));
  write_shards(new_folder("flip"), 6, 1 << 20);
  uint8_t *bytes = slurp(path, &n);
  assert_true(parses(bytes, n, &e));
  for (size_t k = 0; k < n; k += k < 400 || n - k < 400 ? 1 : 37) {
    uint8_t *cut = malloc(k ? k : 1);
    memcpy(cut, bytes, k);
    assert_false(parses(cut, k, &e));
    assert_non_null(strstr(e.text, "x.shard"));
    free(cut);
  }
  for (size_t at = 0; at < n; at += at < 400 || n - at < 400 ? 1 : 11) {
    bytes[at] ^= (uint8_t)(1u << at % 8);
    if (parses(bytes, n, &e)) fail_msg("a flipped bit of byte %zu was not noticed", at);
    bytes[at] ^= (uint8_t)(1u << at % 8);
  }
  free(bytes);
}

/* Changes bytes of one section and repairs the checksums: only the reader's own checks are left. */
static const char *lie(const uint8_t *good_bytes, size_t n, uint32_t tag, uint64_t at,
                       uint8_t value) {
  static host_error e;
  uint8_t *bytes = malloc(n);
  memcpy(bytes, good_bytes, n);
  ulm_file f;
  ulm_section s;
  assert_int_equal(ulm_file_open(&f, bytes, n, ULM_KIND_SHARD, NULL), ULM_OK);
  assert_true(ulm_file_find(&f, tag, &s));
  bytes[s.offset + at] = value;
  for (uint32_t i = 0; i < f.count; i++) {
    const ulm_section x = ulm_file_at(&f, i);
    ulm_put32(bytes + ULM_FILE_HEADER + i * ULM_FILE_ENTRY + 4,
              ulm_crc32(0, x.data, (size_t)x.size));
  }
  ulm_put32(bytes + 28, 0);
  const uint32_t crc = ulm_crc32(0, bytes, ULM_FILE_HEADER + f.count * ULM_FILE_ENTRY);
  ulm_put32(bytes + 28, crc);
  e.text[0] = 0;
  const int ok = parses(bytes, n, &e);
  free(bytes);
  return ok ? "accepted" : e.text;
}

static void a_checksum_right_over_lies_does_not_help(void **state) {
  (void)state;
  size_t n;
  char path[300];
  snprintf(path, sizeof path, "%s/train-00000.shard", new_folder("lies"));
  write_shards(new_folder("lies"), 6, 1 << 20);
  uint8_t *b = slurp(path, &n);
  shard s;
  host_error e;
  assert_int_equal(shard_parse(&s, b, n, "x.shard", &e), 0);
  const uint64_t second = shard_start(&s, 1), third = shard_start(&s, 2);
  assert_string_equal(lie(b, n, ULM_SEC_TOKENS, 0, (uint8_t)(shard_id(&s, 0) & 255)),
                      "accepted"); /* the control */
  assert_non_null(strstr(lie(b, n, ULM_SEC_TOKENS, 1, 0xff), "beyond the vocabulary"));
  assert_non_null(strstr(lie(b, n, ULM_SEC_TOKENS, 2 * (second - 1), 5), "does not end with"));
  assert_non_null(strstr(lie(b, n, ULM_SEC_DOCS, 0, 1), "token 0"));
  assert_non_null(strstr(lie(b, n, ULM_SEC_DOCS, 8, 0), "in order"));
  assert_non_null(strstr(lie(b, n, ULM_SEC_DOCS, 15, 0x80), "in order"));
  assert_non_null(strstr(lie(b, n, ULM_SEC_MASK, 0, 32), "contradict"));
  assert_non_null(strstr(lie(b, n, ULM_SEC_MASK, 0, SHARD_REPLY), "contradict"));
  assert_non_null(strstr(lie(b, n, ULM_SEC_MASK, second + 1, 0), "contradict"));
  assert_non_null(strstr(lie(b, n, ULM_SEC_MASK, second, SHARD_CHAT | SHARD_OPENER), "contradict"));
  assert_non_null(strstr(lie(b, n, ULM_SEC_MASK, third - 1, SHARD_CHAT | SHARD_REPLY | SHARD_CUT),
                         "contradict"));
  assert_non_null(strstr(lie(b, n, ULM_SEC_SPM, 0, 0), "section SPM"));
  assert_string_equal(lie(b, n, ULM_SEC_SOURCES, 0, 0),
                      "accepted"); /* another source: the control */
  assert_non_null(strstr(lie(b, n, ULM_SEC_SOURCES, 0, 2), "not in META"));
  assert_non_null(strstr(lie(b, n, ULM_SEC_SOURCES, 3, 1), "not in META"));
  assert_non_null(strstr(lie(b, n, ULM_SEC_META, 0, 'x'), "META is not JSON"));
  static const char *const keys[] = {"\"sources\"", "\"index\"", "\"licence\"", "\"source\"",
                                     "\"tokens\":"};
  for (size_t i = 0; i < 5; i++) { /* a key with another name; the last of them in the table */
    const char *meta = (const char *)s.meta.data, *at = NULL;
    for (const char *x = meta;
         (x = memmem(x, (size_t)(meta + s.meta.size - x), keys[i], strlen(keys[i]))); x++)
      if (x < strstr(meta, "\"split\"")) at = x;
    assert_non_null(at);
    assert_non_null(strstr(lie(b, n, ULM_SEC_META, (uint64_t)(at + 1 - meta), 'X'), "META"));
  }
  char index = 0; /* two sources of the same number */
  const char *first = memmem(s.meta.data, s.meta.size, "\"index\":0", 9);
  assert_non_null(first);
  index = '1';
  assert_non_null(strstr(
      lie(b, n, ULM_SEC_META, (uint64_t)(first + 8 - (const char *)s.meta.data), (uint8_t)index),
      "not numbered"));
  free(b);
}

static void a_split_with_a_gap_or_another_tokenizer_is_refused(void **state) {
  (void)state;
  host_error e;
  size_t count;
  char folder[256], a[300], b[300];
  strcpy(folder, new_folder("gap"));
  write_shards(folder, 60, 600);
  snprintf(a, sizeof a, "%s/train-00001.shard", folder);
  snprintf(b, sizeof b, "%s/aside", folder);
  assert_int_equal(rename(a, b), 0);
  assert_null(shard_open_split(folder, "train", &count, &e));
  assert_non_null(strstr(e.text, "train-00001.shard is expected"));
  uint8_t *old = model, *other;
  const size_t old_size = model_size;
  size_t other_size;
  small_model(VOCAB - 40, &other, &other_size);
  spm *old_tok = tok;
  tok = spm_open(other, other_size, &e);
  model = other, model_size = other_size;
  char alien[256];
  strcpy(alien, new_folder("alien"));
  write_shards(alien, 60, 600);
  spm_close(tok);
  free(other);
  tok = old_tok, model = old, model_size = old_size;
  snprintf(b, sizeof b, "%s/train-00001.shard", alien);
  assert_int_equal(rename(b, a), 0);
  assert_null(shard_open_split(folder, "train", &count, &e));
  assert_non_null(strstr(e.text, "differs"));
}

static void put_text(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  assert_int_equal(fclose(f), 0);
}

static void the_loss_of_any_shard_is_noticed(void **state) {
  (void)state;
  host_error e;
  size_t count;
  char folder[256], path[300], aside[300], index[300], text[256];
  strcpy(folder, new_folder("lost"));
  write_shards(folder, 100, 600);
  shard *s = shard_open_split(folder, "train", &count, &e);
  if (!s) fail_msg("%s", e.text);
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(s[i].number, i);
    assert_int_equal(s[i].last, i + 1 == count);
  }
  shard_close_all(s, count);
  const size_t all = count;
  snprintf(aside, sizeof aside, "%s/aside", folder);
  for (size_t i = 0; i < all; i++) {
    snprintf(path, sizeof path, "%s/train-%05zu.shard", folder, i);
    assert_int_equal(rename(path, aside), 0);
    assert_null(shard_open_split(folder, "train", &count, &e));
    char name[64];
    snprintf(name, sizeof name, "train-%05zu.shard", i);
    if (!strstr(e.text, name)) fail_msg("%s", e.text);
    assert_int_equal(rename(aside, path), 0);
  }
  /* A copy in the place of another: the number tells. */
  char other[300];
  snprintf(path, sizeof path, "%s/train-00001.shard", folder);
  snprintf(other, sizeof other, "%s/train-00002.shard", folder);
  assert_int_equal(rename(path, aside) || rename(other, path) || rename(aside, other), 0);
  assert_null(shard_open_split(folder, "train", &count, &e));
  assert_non_null(strstr(e.text, "was written as number 2"));
  assert_int_equal(rename(path, aside) || rename(other, path) || rename(aside, other), 0);
  /* shards.json knows of splits of which nothing is left. */
  snprintf(index, sizeof index, "%s/shards.json", folder);
  snprintf(text, sizeof text, "{\"splits\":{\"train\":{\"shards\":%zu},\"val\":{\"shards\":1}}}",
           all);
  put_text(index, text);
  s = shard_open_split(folder, "train", &count, &e);
  if (!s) fail_msg("%s", e.text);
  shard_close_all(s, count);
  assert_null(shard_open_split(folder, "val", &count, &e));
  assert_non_null(strstr(e.text, "1 val shards, but 0"));
}

static json_t *row_named(const json_t *rows, const char *source, const char *licence) {
  size_t i;
  json_t *x;
  json_array_foreach(
      rows, i, x) if (!strcmp(json_string_value(json_object_get(x, "source")), source) &&
                      !strcmp(json_string_value(json_object_get(x, "licence")), licence)) return x;
  fail_msg("no row for %s, %s", source, licence);
  return NULL;
}

static void every_document_keeps_its_source_and_licence(void **state) {
  (void)state;
  static const char *const from[][2] = {
      {"dolly", "CC BY-SA 3.0"}, {"books", NULL},     {NULL, NULL},
      {"dolly", "CC BY-SA 3.0"}, {"dolly", "MIT"},    {"b\u00fccher | x", "CC0"},
      {"dolly", "MIT"},          {"books", "unknown"}};
  enum { N = 8, DOCS = 200 };
  host_error e;
  shard_writer w;
  tokens t = {0};
  char folder[256];
  strcpy(folder, new_folder("from"));
  json_t *options = json_object(), *origins = json_pack("{s:{s:s}}", "dolly", "origin", "a mirror");
  small_text text = small_text_begin(4, DOCS);
  shard_writer_open(&w, folder, "train", model, model_size, options, 500);
  w.origins = origins;
  uint64_t tokens_of[N] = {0};
  for (size_t i = 0; i < DOCS; i++) {
    size_t n = 0;
    const char *line = small_text_next(&text, &n);
    assert_int_equal(encode_text(tok, line, n, &t, &e), 0);
    tokens_of[i % N] += t.count;
    assert_int_equal(shard_writer_add(&w, &t, n, from[i % N][0], from[i % N][1], &e), 0);
  }
  assert_int_equal(shard_writer_add(&w, &t, 1, "\xff", NULL, &e), -1);
  assert_int_equal(shard_writer_add(&w, &t, 1, "x", "\xff", &e), -1);
  assert_int_equal(shard_writer_finish(&w, &e), 0);
  shard_writer_free(&w);
  json_decref(options), json_decref(origins);
  tokens_free(&t);
  size_t count;
  shard *s = shard_open_split(folder, "train", &count, &e);
  if (!s) fail_msg("%s", e.text);
  assert_true(count > 3);
  json_t *rows = shard_sources(s, count);
  assert_int_equal(json_array_size(rows), 5);
  static const int same[][2] = {{0, 3}, {1, 7}, {2, 2}, {4, 6}, {5, 5}};
  for (int i = 0; i < 5; i++) {
    const int a = same[i][0], b = same[i][1];
    const json_t *x =
        row_named(rows, from[a][0] ? from[a][0] : "(unnamed)", from[a][1] ? from[a][1] : "unknown");
    assert_int_equal(json_integer_value(json_object_get(x, "documents")),
                     DOCS / N * (a == b ? 1 : 2));
    assert_int_equal(json_integer_value(json_object_get(x, "tokens")),
                     tokens_of[a] + (a == b ? 0 : tokens_of[b]));
    assert_int_equal(json_object_get(x, "origin") != NULL, a == 0 || a == 4);
  }
  json_decref(rows);
  shard_close_all(s, count);
}

/* tests/corpus/shard/tea: written before shards had SRCS. */
static void a_shard_of_the_build_before_is_read(void **state) {
  (void)state;
  host_error e;
  shard s;
  if (shard_open(&s, "tests/corpus/shard/tea", &e)) fail_msg("%s", e.text);
  assert_null(s.from);
  assert_int_equal(s.last, -1);
  json_t *rows = shard_sources(&s, 1);
  assert_int_equal(json_array_size(rows), 1);
  assert_int_equal(
      json_integer_value(json_object_get(row_named(rows, "(unnamed)", "unknown"), "documents")),
      s.docs);
  json_decref(rows);
  shard_close(&s);
}

static void a_reply_marked_as_no_opener_has_none(void **state) {
  (void)state;
  host_error e;
  tokens t = {0}, marked = {0};
  static const char text[] = "The old captain paints the yellow umbrella before dinner.";
  const ulm_message turns[] = {{"user", "What now?", 9},
                               {"assistant", text, sizeof text - 1},
                               {"user", "And then?", 9},
                               {"assistant", text, sizeof text - 1}};
  assert_int_equal(encode_chat(tok, turns, 4, NULL, &t, &e), 0);
  assert_int_equal(how_many(&t, SHARD_CUT), 2);
  assert_int_equal(encode_chat(tok, turns, 4, (const uint8_t[]){0, 1, 0, 0}, &marked, &e), 0);
  assert_int_equal(how_many(&marked, SHARD_CUT), 1);
  assert_int_equal(how_many(&marked, SHARD_BEGIN), 2);
  assert_string_equal(flagged(&marked, SHARD_OPENER),
                      "The old captain paints the yellow umbrella before");
  char both[256];
  snprintf(both, sizeof both, "%s%s", text, text);
  assert_string_equal(flagged(&marked, SHARD_REPLY), both);
  tokens_free(&t);
  tokens_free(&marked);
}

static int exists(const char *folder, const char *name) {
  char path[5000];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return access(path, F_OK) == 0;
}

static void write_file(const char *folder, const char *name) {
  char path[5000];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs("x", f);
  fclose(f);
}

static void a_shard_folder_is_replaced_as_a_whole_or_not_at_all(void **state) {
  (void)state;
  host_error e;
  char target[256], temp[4096];
  snprintf(target, sizeof target, "%s/data/", dir);
  assert_int_equal(folder_begin(temp, sizeof temp, target, &e), 0);
  write_file(temp, "train-00000.shard");
  write_file(temp, "train-00001.shard");
  assert_int_equal(folder_commit(temp, target, &e), 0);
  assert_true(exists(target, "train-00001.shard") && !exists(temp, ""));

  assert_int_equal(folder_begin(temp, sizeof temp, target, &e), 0);
  write_file(temp, "val-00000.shard");
  folder_abort(temp); /* a failure: the old files stay */
  assert_true(exists(target, "train-00001.shard") && !exists(target, "val-00000.shard") &&
              !exists(temp, ""));

  assert_int_equal(folder_begin(temp, sizeof temp, target, &e), 0);
  write_file(temp, "train-00000.shard");
  assert_int_equal(folder_commit(temp, target, &e), 0);
  assert_true(exists(target, "train-00000.shard") && !exists(target, "train-00001.shard") &&
              !exists(temp, ""));

  write_file(target, "notes.txt"); /* somebody else's */
  assert_int_equal(folder_begin(temp, sizeof temp, target, &e), -1);
  assert_non_null(strstr(e.text, "notes.txt"));
  assert_true(exists(target, "train-00000.shard") && exists(target, "notes.txt"));
  assert_int_equal(folder_begin(temp, sizeof temp, ".", &e), -1);
  assert_int_equal(folder_begin(temp, sizeof temp, "", &e), -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_flags_of_a_reply_are_right_on_written_examples),
      cmocka_unit_test(a_conversation_is_laid_out_as_chatml),
      cmocka_unit_test(long_text_in_parts_has_the_ids_of_the_whole),
      cmocka_unit_test(shards_come_back_document_by_document),
      cmocka_unit_test(a_truncated_or_bit_flipped_shard_is_refused),
      cmocka_unit_test(a_checksum_right_over_lies_does_not_help),
      cmocka_unit_test(a_split_with_a_gap_or_another_tokenizer_is_refused),
      cmocka_unit_test(the_loss_of_any_shard_is_noticed),
      cmocka_unit_test(every_document_keeps_its_source_and_licence),
      cmocka_unit_test(a_shard_of_the_build_before_is_read),
      cmocka_unit_test(a_reply_marked_as_no_opener_has_none),
      cmocka_unit_test(a_shard_folder_is_replaced_as_a_whole_or_not_at_all),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
