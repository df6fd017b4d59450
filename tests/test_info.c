/* What ulm-info tells of every kind of file, what it refuses, and the document of the model against
 * the code. */
#include "make_shards.h"

#include "export/export.h"
#include "export/info.h"
#include "quantize/quantize.h"

static const ulm_config shape = {64, 2, 4, 2, 96, TINY_VOCAB, 64, 1e6f, 1e-5f};

static int set_up(void **state) {
  if (made_dir_open(state)) return -1;
  host_error e;
  json_t *report;
  export_model s;
  const ulm_gate gate = {1, 0.5f, {1, 2, 3}, 0.25f, 0};
  const quant_options o = {.plan = {ULM_INT4, ULM_INT8}};
  float *w = made_params(&shape, 0.1f, 3);
  made_checkpoint(in_dir("m.ckpt"), &shape, w);
  free(w);
  if (quant_file(in_dir("m.ckpt"), &o, in_dir("m.q"), &report, &e) ||
      export_open(&s, in_dir("m.q"), -1, &e) || export_blob(&s, &gate, in_dir("m.ulm"), &e))
    return fprintf(stderr, "%s\n", e.text), -1;
  export_close(&s);
  json_decref(report);

  /* Two documents, a conversation and a text. */
  static const uint8_t ids[] = {1, 0, 44, 1, 2, 0,  1, 0,  45, 1, 46,
                                1, 2, 0,  0, 0, 50, 1, 51, 1,  0, 0};
  static const uint8_t mask[] = {16, 16, 16, 16, 16 | 1 | 2 | 4, 16 | 1 | 4 | 8, 16 | 1,
                                 16, 0,  0,  0};
  static const uint8_t docs[] = {0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0};
  static const char meta[] = "{\"split\":\"val\",\"sources\":[{\"name\":\"a\"}]}";
  size_t n, tok_size;
  uint8_t *tok = made_read(tiny_tokenizer, &tok_size);
  const made_section sections[] = {{ULM_SEC_META, meta, sizeof meta - 1},
                                   {ULM_SEC_SPM, tok, tok_size},
                                   {ULM_SEC_TOKENS, ids, sizeof ids},
                                   {ULM_SEC_MASK, mask, sizeof mask},
                                   {ULM_SEC_DOCS, docs, sizeof docs}};
  uint8_t *p = made_container(ULM_KIND_SHARD, sections, 5, &n);
  made_write(in_dir("s.shard"), p, n);
  free(p);
  free(tok);
  return 0;
}

static json_t *info(const char *path) {
  host_error e;
  json_t *o = info_read(path, &e);
  if (!o) fail_msg("%s", e.text);
  return o;
}
static long long integer(const json_t *o, const char *key) {
  assert_true(json_is_integer(json_object_get(o, key)));
  return json_integer_value(json_object_get(o, key));
}
static const char *text(const json_t *o, const char *key) {
  assert_true(json_is_string(json_object_get(o, key)));
  return json_string_value(json_object_get(o, key));
}

/* What info_print says. */
static char *printed(const json_t *o) {
  char *s;
  size_t n;
  FILE *f = open_memstream(&s, &n);
  info_print(f, o);
  fclose(f);
  return s;
}

static void models_are_told_with_config_types_and_provenance(void **state) {
  (void)state;
  static const char *const names[] = {"m.ckpt", "m.q", "m.ulm"}, *const kinds[] = {"checkpoint",
                                                                                   "quantized",
                                                                                   "blob"};
  static const int sections[] = {5, 5, 7};
  for (int i = 0; i < 3; i++) {
    json_t *o = info(in_dir(names[i]));
    assert_string_equal(text(o, "kind"), kinds[i]);
    assert_int_equal(integer(o, "version"), 1);
    assert_int_equal(integer(o, "parameters"), ulm_param_count(&shape));
    assert_int_equal(integer(json_object_get(o, "config"), "ffn"), shape.ffn);
    assert_int_equal(json_array_size(json_object_get(o, "sections")), sections[i]);
    const json_t *w = json_object_get(o, "weights"), *x;
    size_t k;
    long long values = 0, bytes = 0;
    json_array_foreach(w, k, x) values += integer(x, "values"), bytes += integer(x, "bytes");
    assert_int_equal(values, ulm_param_count(&shape));
    if (i == 0)
      assert_int_equal(bytes, 4 * values);
    else {
      const long long norms = (2 * shape.layers + 1) * shape.dim,
                      embed = (long long)shape.vocab * shape.dim;
      assert_int_equal(bytes, 4 * norms + embed * 34 / 32 + (values - norms - embed) * 18 / 32);
    }
    assert_string_equal(text(json_object_get(o, "meta"), "preset"), "tiny");
    if (i == 2)
      assert_true(json_number_value(json_object_get(json_object_get(o, "gate"), "threshold")) ==
                  0.25);
    else
      assert_null(json_object_get(o, "gate"));
    char *s = printed(o);
    assert_non_null(strstr(s, "checksums match"));
    assert_non_null(strstr(s, "TDIR"));
    assert_non_null(strstr(s, i ? "int4" : "f32"));
    free(s);
    json_decref(o);
  }
}

static void a_shard_is_told_with_its_counts(void **state) {
  (void)state;
  json_t *o = info(in_dir("s.shard"));
  assert_string_equal(text(o, "kind"), "shard");
  assert_int_equal(integer(o, "tokens"), 11);
  assert_int_equal(integer(o, "documents"), 2);
  assert_int_equal(integer(o, "chats"), 1);
  assert_int_equal(integer(o, "replies"), 1);
  assert_int_equal(integer(o, "reply_tokens"), 3);
  assert_int_equal(integer(o, "opener_tokens"), 2);
  assert_int_equal(integer(o, "vocab"), TINY_VOCAB);
  char *s = printed(o);
  assert_non_null(strstr(s, "\"name\":\"a\""));
  free(s);
  json_decref(o);
}

static void a_tokenizer_is_told_with_its_size(void **state) {
  (void)state;
  json_t *o = info(tiny_tokenizer);
  assert_string_equal(text(o, "kind"), "tokenizer");
  assert_int_equal(integer(o, "vocab"), TINY_VOCAB);
  json_decref(o);
}

static void refuse(const char *name) {
  host_error e = {""};
  assert_null(info_read(in_dir(name), &e));
  assert_non_null(strstr(e.text, name));
  assert_true(strlen(e.text) > strlen(in_dir(name)) + 10);
}

static void foreign_files_are_refused(void **state) {
  (void)state;
  static const char *const contents[] = {"",       "\n",         "{\"a\": 1}\n",
                                         "GGUF\3", "\x1f\x8b\b", "\x89PNG\r\n\x1a\n"};
  for (int i = 0; i < 6; i++) {
    made_write(in_dir("foreign"), contents[i], strlen(contents[i]));
    refuse("foreign");
  }
  refuse("missing");
  host_error e;
  assert_null(info_read(made_dir, &e));
}

static void damage_is_seen_wherever_it_is(void **state) {
  (void)state;
  static const char *const names[] = {"m.ckpt", "m.q", "m.ulm", "s.shard"};
  ulm_rng r = ulm_rng_seed(5, 5);
  for (int i = 0; i < 4; i++) {
    size_t n;
    uint8_t *p = made_read(in_dir(names[i]), &n);
    for (int k = 0; k < 60; k++) {
      const size_t at =
          k < 20 ? (size_t)ulm_rng_below(&r, 320) : (size_t)ulm_rng_below(&r, (uint32_t)n);
      const uint8_t bit = (uint8_t)(1u << ulm_rng_below(&r, 8));
      p[at] ^= bit;
      made_write(in_dir("bad"), p, n);
      refuse("bad");
      p[at] ^= bit;
      made_write(in_dir("bad"), p, at);
      refuse("bad");
    }
    free(p);
  }
}

static void meta_that_is_not_json_is_refused(void **state) {
  (void)state;
  size_t n;
  float *w = made_params(&shape, 0.1f, 3);
  uint8_t *p = made_model(ULM_KIND_CKPT, &shape, ULM_F32, w, "{\"a\":", &n);
  made_write(in_dir("bad"), p, n);
  free(p);
  free(w);
  refuse("bad");
}

/* ---- docs/MODEL.md ---- */

/* The next number of a table's line, thousands separated by commas. */
static unsigned long long number(const char **p) {
  unsigned long long v = 0;
  while (**p && (**p < '0' || **p > '9')) ++*p;
  for (; (**p >= '0' && **p <= '9') || **p == ','; ++*p)
    if (**p != ',') v = 10 * v + (unsigned)(**p - '0');
  return v;
}

static char *document(void) {
  size_t n;
  uint8_t *p = made_read("docs/MODEL.md", &n);
  char *s = malloc(n + 1);
  memcpy(s, p, n);
  s[n] = 0;
  free(p);
  return s;
}

static void the_documents_presets_are_the_codes(void **state) {
  (void)state;
  char *s = document();
  int seen = 0;
#define X(name, d, l, h, k, f, v)                                                                  \
  {                                                                                                \
    ulm_config c;                                                                                  \
    assert_int_equal(ulm_preset(name, &c), 0);                                                     \
    const char *p = strstr(s, "\n| `" name "` |");                                                 \
    assert_non_null(p);                                                                            \
    p += strlen("\n| `" name "` |");                                                               \
    const unsigned want[] = {c.dim, c.layers, c.heads, c.kv_heads, c.ffn, c.vocab};                \
    for (int i = 0; i < 6; i++) assert_int_equal(number(&p), want[i]);                             \
    assert_int_equal(number(&p), ulm_param_count(&c));                                             \
    assert_int_equal(c.context, 512);                                                              \
    assert_true(c.rope_base == 1e6f && c.norm_eps == 1e-5f);                                       \
    seen++;                                                                                        \
  }
  ULM_PRESETS(X)
#undef X
  assert_int_equal(seen, 6);
  free(s);
}

static void the_documents_tensors_are_the_codes(void **state) {
  (void)state;
  char *s = document();
  const char *at = s;
  int seen = 0;
#define X(id, name, in_block, rows, cols, gguf, hf)                                                \
  {                                                                                                \
    static const char c[] = #cols;                                                                 \
    char row[256];                                                                                 \
    snprintf(row, sizeof row, "\n| `%s` | [%s%s%s] | `%s%s` | `%s%s` |\n", name, #rows,            \
             c[0] == '0' ? "" : ", ", c[0] == '0' ? "" : c, in_block ? "blk.N." : "", gguf,        \
             in_block ? "model.layers.N." : "", hf);                                               \
    const char *p = strstr(s, row);                                                                \
    if (!p) fail_msg("no row %s", row);                                                            \
    assert_true(p >= at); /* in the table's order */                                               \
    at = p;                                                                                        \
    seen++;                                                                                        \
  }
  ULM_TENSORS(X)
#undef X
  assert_int_equal(seen, ULM_T_KINDS);
  free(s);
}

static void the_documents_formula_gives_the_counts(void **state) {
  (void)state;
  char *s = document();
  assert_non_null(strstr(s, "V D + L (2 D + 2 D² + 2 K D + 3 F D) + D"));
  free(s);
#define X(name, d, l, h, k, f, v)                                                                  \
  {                                                                                                \
    ulm_config c;                                                                                  \
    (void)ulm_preset(name, &c);                                                                    \
    const uint64_t D = d, L = l, F = f, V = v, K = D / h * k;                                      \
    assert_int_equal(ulm_param_count(&c),                                                          \
                     V *D + L * (2 * D + 2 * D * D + 2 * K * D + 3 * F * D) + D);                  \
  }
  ULM_PRESETS(X)
#undef X
}

/* The table of data: of a folder counted document by document, of a model as its META has it. */
static void the_data_table_is_generated(void **state) {
  (void)state;
  host_error e;
  const char *folder = in_dir("table");
  static const char *const splits[] = {"train", "train", "train", "val"},
                           *const from[] = {"books", "chats", "books", "x|\033[31m"},
                           *const licence[] = {"CC0", "MIT", "CC0", NULL};
  made_doc d;
  ulm_rng r = ulm_rng_seed(1, 1);
  for (int k = 0; k < 2; k++) { /* train, val */
    made_shards m;
    made_shards_open(&m, folder, k ? "val" : "train", tiny_tokenizer, 30);
    for (int i = 0; i < 4; i++) {
      if (strcmp(splits[i], k ? "val" : "train")) continue;
      made_text_doc(&d, &r, (uint32_t)i, 20 + (uint32_t)i);
      if (shard_writer_add(&m.w, &d.t, 0, from[i], licence[i], &e)) fail_msg("%s", e.text);
    }
    made_shards_close(&m);
  }
  json_t *o = info(folder);
  assert_string_equal(text(o, "kind"), "shards");
  const json_t *train = json_object_get(json_object_get(o, "splits"), "train"),
               *rows = json_object_get(o, "sources");
  assert_int_equal(integer(train, "shards"), 3);
  assert_int_equal(integer(train, "documents"), 3);
  assert_int_equal(integer(train, "tokens"), 21 + 22 + 23);
  assert_int_equal(json_array_size(rows), 3);
  const json_t *books = json_array_get(rows, 0);
  assert_string_equal(text(books, "licence"), "CC0");
  assert_int_equal(integer(json_object_get(books, "train"), "documents"), 2);
  assert_int_equal(integer(json_object_get(books, "train"), "tokens"), 21 + 23);
  assert_null(json_object_get(books, "val"));
  char *s = printed(o);
  assert_non_null(strstr(s, "| books | CC0 | 2 | 44 | 66.7% | 0 | 0 |  |\n"));
  assert_non_null(strstr(s, "| chats | MIT | 1 | 22 | 33.3% | 0 | 0 |  |\n"));
  assert_non_null(strstr(s, "| x\\| [31m | unknown | 0 | 0 | 0.0% | 1 | 0 |  |\n"));
  free(s);
  json_decref(o);
  unlink(in_dir("table/train-00002.shard"));
  assert_null(info_read(folder, &e));
  assert_non_null(strstr(e.text, "train-00002.shard is missing"));

  float *w = made_params(&shape, 0.1f, 3);
  size_t n;
  uint8_t *p = made_model(ULM_KIND_CKPT, &shape, ULM_F32, w,
                          "{\"data\":[{\"weight\":0.5,\"sources\":{\"a\":{\"source\":\"a\","
                          "\"licence\":\"MIT\",\"origin\":\"o\",\"documents\":7,\"tokens\":9}}}]}",
                          &n);
  made_write(in_dir("data.ckpt"), p, n);
  free(p), free(w);
  o = info(in_dir("data.ckpt"));
  s = printed(o);
  assert_non_null(strstr(s, "| a | MIT | 7 | 9 | 0.5 | o |\n"));
  free(s);
  json_decref(o);
}

/* ---- The state of a system turn ---- */

static void a_blob_with_a_system_turn_says_so_and_speaks_the_same(void **state) {
  (void)state;
  static const char system[] = "You are brief, \xc3\xa9.", ask[] = "How tall is it?";
  host_error e;
  export_model s;
  assert_int_equal(export_kvs("int8,f32", &s.kvs, &e), 0);
  assert_int_equal(s.kvs, 1u << ULM_KV_F32 | 1u << ULM_KV_INT8);
  static const char *const bad[] = {"", "f64", "f32,", "f32;int8", ",f32"};
  for (size_t i = 0; i < 5; i++)
    assert_int_equal(export_kvs(bad[i], &s.kvs, &e), -1);
  assert_int_equal(export_open(&s, in_dir("m.q"), -1, &e), 0);
  s.system = system, s.kvs = 1u << ULM_KV_F32 | 1u << ULM_KV_INT8;
  if (export_blob(&s, NULL, in_dir("snap.ulm"), &e)) fail_msg("%s", e.text);
  s.system = NULL;
  if (export_blob(&s, NULL, in_dir("plain.ulm"), &e)) fail_msg("%s", e.text);
  char longer[4096];
  memset(longer, 'x', sizeof longer - 1), longer[sizeof longer - 1] = 0;
  s.system = longer;
  assert_int_equal(export_blob(&s, NULL, in_dir("no.ulm"), &e), -1);
  assert_non_null(strstr(e.text, "system turn"));
  assert_int_equal(access(in_dir("no.ulm"), F_OK), -1);
  export_close(&s);

  json_t *o = info(in_dir("snap.ulm")), *x = json_object_get(o, "snapshot"),
         *kvs = json_object_get(x, "kv");
  char *said = printed(o), want[64];
  snprintf(want, sizeof want, "system\n%s\n", system);
  assert_string_equal(text(x, "text"), want);
  assert_int_equal(json_array_size(kvs), 2);
  assert_string_equal(json_string_value(json_array_get(kvs, 0)), "f32");
  assert_string_equal(json_string_value(json_array_get(kvs, 1)), "int8");
  assert_non_null(strstr(said, "snapshot"));
  free(said);
  const uint32_t held = (uint32_t)integer(x, "tokens");
  json_decref(o);
  o = info(in_dir("plain.ulm"));
  assert_null(json_object_get(o, "snapshot"));
  json_decref(o);

  ulm_opener said_by[2][ULM_KVS];
  for (int which = 0; which < 2; which++)
    for (int kv = 0; kv < ULM_KVS; kv++) {
      const ulm_options options = {.kv = (ulm_kv)kv};
      const ulm_message turns[] = {{"system", system, sizeof system - 1},
                                   {"user", ask, sizeof ask - 1}};
      host_map m;
      ulm *u;
      ulm_error err;
      assert_int_equal(host_map_open(&m, in_dir(which ? "snap.ulm" : "plain.ulm"), &e), 0);
      const size_t need = ulm_sizeof(m.bytes, m.size, &options, &err);
      void *arena = host_alloc(need, "an arena");
      assert_int_equal(ulm_open(&u, m.bytes, m.size, arena, need, &options, &err), ULM_OK);
      assert_int_equal(ulm_chat_turn(u, "system", system, sizeof system - 1, &err), ULM_OK);
      assert_int_equal(ulm_position(u), held);
      assert_int_equal(ulm_chat(u, turns, 2, NULL, &err), ULM_OK);
      assert_int_equal(ulm_speak(u, NULL, &said_by[which][kv], &err), ULM_OK);
      free(arena);
      host_map_close(&m);
    }
  assert_memory_equal(said_by[0], said_by[1], sizeof said_by[0]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(models_are_told_with_config_types_and_provenance),
      cmocka_unit_test(a_shard_is_told_with_its_counts),
      cmocka_unit_test(the_data_table_is_generated),
      cmocka_unit_test(a_tokenizer_is_told_with_its_size),
      cmocka_unit_test(foreign_files_are_refused),
      cmocka_unit_test(damage_is_seen_wherever_it_is),
      cmocka_unit_test(meta_that_is_not_json_is_refused),
      cmocka_unit_test(the_documents_presets_are_the_codes),
      cmocka_unit_test(the_documents_tensors_are_the_codes),
      cmocka_unit_test(the_documents_formula_gives_the_counts),
      cmocka_unit_test(a_blob_with_a_system_turn_says_so_and_speaks_the_same),
  };
  return cmocka_run_group_tests(tests, set_up, made_dir_close);
}
