#include "info.h"

#include "../runtime/ulm_blob.h"
#include "../runtime/ulm_tok.h"
#include "../tokenizer/shard.h"
#include "../tokenizer/spm.h"
#include "../train/ckpt.h"

#include <stdlib.h>
#include <string.h>

static void set_int(json_t *o, const char *key, uint64_t v) {
  json_object_set_new(o, key, json_integer((json_int_t)v));
}

/* ---- parts ---- */

static void add_sections(json_t *o, const ulm_file *f) {
  json_t *list = json_array();
  for (uint32_t i = 0; i < f->count; i++) {
    const ulm_section s = ulm_file_at(f, i);
    char tag[5] = {0}, crc[16];
    for (int b = 0; b < 4; b++) {
      const char c = (char)(s.tag >> 8 * b);
      tag[b] = c >= ' ' && c <= '~' ? c : '?';
    }
    snprintf(crc, sizeof crc, "%08x", s.crc);
    json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:s}", "tag", tag, "offset",
                                          (json_int_t)s.offset, "bytes", (json_int_t)s.size,
                                          "crc32", crc));
  }
  set_int(o, "version", f->version);
  json_object_set_new(o, "sections", list);
}

static void add_model(json_t *o, const ulm_config *c, const ulm_section *dir) {
  json_object_set_new(o, "config",
                      json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:f, s:f}", "dim", (int)c->dim,
                                "layers", (int)c->layers, "heads", (int)c->heads, "kv_heads",
                                (int)c->kv_heads, "ffn", (int)c->ffn, "vocab", (int)c->vocab,
                                "context", (int)c->context, "rope_base", (double)c->rope_base,
                                "norm_eps", (double)c->norm_eps));
  set_int(o, "parameters", ulm_param_count(c));
  uint64_t values[ULM_TYPES] = {0}, bytes[ULM_TYPES] = {0};
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    const ulm_type type = ulm_tdir_at(dir, i).type;
    values[type] += t.count;
    bytes[type] += ulm_values_size(type, t.rows, t.cols) + ulm_scales_size(type, t.rows, t.cols);
  }
  json_t *list = json_array();
  for (ulm_type t = 0; t < ULM_TYPES; t++)
    if (values[t])
      json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "type", ulm_type_name(t), "values",
                                            (json_int_t)values[t], "bytes", (json_int_t)bytes[t]));
  json_object_set_new(o, "weights", list);
  set_int(o, "vocab", c->vocab);
}

/* META is informative: one that is missing is fine, one that is not JSON is damage. */
static int add_meta(json_t *o, const ulm_file *f, const char *path, host_error *e) {
  ulm_section s;
  json_error_t why;
  if (!ulm_file_find(f, ULM_SEC_META, &s)) return 0;
  json_t *meta = json_loadb((const char *)s.data, (size_t)s.size, JSON_REJECT_DUPLICATES, &why);
  if (!meta)
    return host_fail(e, "%s: byte %llu: META is not JSON: %s", path, (unsigned long long)s.offset,
                     why.text);
  json_object_set_new(o, "meta", meta);
  return 0;
}

/* Of the state of a system turn: its text as the tokenizer gives it back, and the KV cache types. */
static void add_snapshot(json_t *o, const ulm_file *f, const ulm_config *c) {
  ulm_section s, v;
  ulm_vocab vocab;
  const uint8_t *found[ULM_KVS], *any = NULL;
  if (!ulm_file_find(f, ULM_SEC_SNAP, &s) || !ulm_file_find(f, ULM_SEC_VOCAB, &v) ||
      ulm_snapshots_open(&s, c, ulm_blob_model(f), found, NULL) ||
      ulm_vocab_open(&vocab, &v, c->vocab, NULL))
    return;
  json_t *kvs = json_array();
  for (int kv = 0; kv < ULM_KVS; kv++)
    if (found[kv])
      any = found[kv], json_array_append_new(kvs, json_string(ulm_kv_name((ulm_kv)kv)));
  const uint32_t n = ulm_snapshot_tokens(any);
  char *text = host_alloc(((size_t)n + 1) * ULM_DECODE_MAX, "a text");
  size_t k = 0;
  ulm_decoder d = {{0}, 0};
  for (uint32_t i = 0; i < n; i++) k += ulm_vocab_decode(&vocab, &d, ulm_snapshot_id(any, i), text + k);
  k += ulm_vocab_decode_end(&d, text + k);
  json_object_set_new(o, "snapshot",
                      json_pack("{s:i, s:s%, s:o}", "tokens", (int)n, "text", text, k, "kv", kvs));
  free(text);
}

/* ---- kinds ---- */

static int read_shard(json_t *o, const char *path, host_error *e) {
  shard s;
  if (shard_open(&s, path, e)) return -1;
  uint64_t chats = 0, reply = 0, begin = 0, opener = 0;
  for (uint64_t t = 0; t < s.tokens; t++) {
    reply += (s.mask[t] & SHARD_REPLY) != 0;
    begin += (s.mask[t] & SHARD_BEGIN) != 0;
    opener += (s.mask[t] & SHARD_OPENER) != 0;
  }
  for (uint64_t d = 0; d < s.docs; d++)
    chats += shard_start(&s, d) < s.tokens && (s.mask[shard_start(&s, d)] & SHARD_CHAT);
  set_int(o, "vocab", s.vocab);
  set_int(o, "tokens", s.tokens);
  set_int(o, "documents", s.docs);
  set_int(o, "chats", chats);
  set_int(o, "replies", begin);
  set_int(o, "reply_tokens", reply);
  set_int(o, "opener_tokens", opener);
  json_object_set_new(o, "sources", shard_sources(&s, 1));
  shard_close(&s);
  return 0;
}

/* ---- a folder of shards: the data table ---- */

static const char *const splits[] = {"train", "val", "test"};

/* The row of this source and licence, made where it is missing. */
static json_t *row_like(json_t *rows, const json_t *x) {
  json_t *row;
  size_t i;
  json_array_foreach(
      rows, i, row) if (json_equal(json_object_get(row, "source"), json_object_get(x, "source")) &&
                        json_equal(json_object_get(row, "licence"),
                                   json_object_get(x, "licence"))) return row;
  row = json_deep_copy(x);
  json_object_del(row, "documents");
  json_object_del(row, "tokens");
  json_array_append_new(rows, row);
  return row;
}

static int read_folder(json_t *o, const char *path, host_error *e) {
  json_t *rows = json_array(), *counts = json_object(), *x;
  size_t all = 0, i;
  int bad = 0;
  for (int k = 0; k < 3 && !bad; k++) {
    size_t n;
    shard *s = shard_open_split(path, splits[k], &n, e);
    if (!s) {
      bad = -1;
      break;
    }
    uint64_t docs = 0, tokens = 0;
    for (i = 0; i < n; i++) docs += s[i].docs, tokens += s[i].tokens;
    json_t *table = shard_sources(s, n);
    json_array_foreach(table, i, x)
        json_object_set_new(row_like(rows, x), splits[k],
                            json_pack("{s:O, s:O}", "documents", json_object_get(x, "documents"),
                                      "tokens", json_object_get(x, "tokens")));
    json_object_set_new(counts, splits[k],
                        json_pack("{s:I, s:I, s:I}", "shards", (json_int_t)n, "documents",
                                  (json_int_t)docs, "tokens", (json_int_t)tokens));
    if (n) set_int(o, "vocab", s[0].vocab);
    all += n;
    json_decref(table);
    shard_close_all(s, n);
  }
  if (!bad && !all) bad = host_fail(e, "%s: a folder without shards", path);
  json_object_set_new(o, "kind", json_string("shards"));
  json_object_set_new(o, "splits", counts);
  json_object_set_new(o, "sources", rows);
  return bad;
}

static int read_model(json_t *o, const char *path, uint32_t kind, host_error *e) {
  model_file f;
  if (model_file_open(&f, path, kind, e)) return -1;
  add_model(o, &f.config, &f.dir);
  model_file_close(&f);
  return 0;
}

static int read_blob(json_t *o, const ulm_file *f, const char *path, host_error *e) {
  ulm_error err;
  ulm_section config, dir, gate;
  ulm_config c;
  ulm_gate g;
  if (ulm_verify(f->bytes, (size_t)f->size, &err) ||
      ulm_file_need(f, ULM_SEC_CONFIG, &config, &err) || ulm_config_read(&config, &c, &err) ||
      ulm_file_need(f, ULM_SEC_TENSORS, &dir, &err))
    return host_fail_ulm(e, path, &err);
  add_model(o, &c, &dir);
  if (ulm_file_find(f, ULM_SEC_GATE, &gate) && !ulm_gate_read(&gate, &g, NULL) && g.calibrated)
    json_object_set_new(o, "gate",
                        json_pack("{s:f, s:[f, f, f], s:f, s:f}", "bias", (double)g.bias, "weights",
                                  (double)g.weight[0], (double)g.weight[1], (double)g.weight[2],
                                  "threshold", (double)g.threshold, "silent",
                                  (double)g.silent));
  add_snapshot(o, f, &c);
  return 0;
}

static int read_container(json_t *o, const host_map *m, const char *path, host_error *e) {
  static const struct {
    uint32_t kind;
    const char *name;
  } kinds[] = {{ULM_KIND_SHARD, "shard"},
               {ULM_KIND_CKPT, "checkpoint"},
               {ULM_KIND_QUANT, "quantized"},
               {ULM_KIND_BLOB, "blob"}};
  ulm_file f;
  ulm_error err;
  if (ulm_file_open(&f, m->bytes, m->size, 0, &err) || ulm_file_verify(&f, &err))
    return host_fail_ulm(e, path, &err);
  size_t k = 0;
  while (k < 4 && kinds[k].kind != f.kind) k++;
  if (k == 4)
    return host_fail(e, "%s: byte 8: a ulm container of a kind that this build does not know",
                     path);
  json_object_set_new(o, "kind", json_string(kinds[k].name));
  set_int(o, "bytes", m->size);
  add_sections(o, &f);
  const int bad = f.kind == ULM_KIND_SHARD  ? read_shard(o, path, e)
                  : f.kind == ULM_KIND_BLOB ? read_blob(o, &f, path, e)
                                            : read_model(o, path, f.kind, e);
  return bad ? -1 : add_meta(o, &f, path, e);
}

json_t *info_read(const char *path, host_error *e) {
  host_map m = {0};
  const bool folder = host_is_dir(path);
  if (!folder && host_map_open(&m, path, e)) return NULL;
  json_t *o = json_object();
  json_object_set_new(o, "file", json_string(path));
  int bad = 0;
  uint32_t vocab;
  if (folder)
    bad = read_folder(o, path, e);
  else if (m.size == 0)
    bad = host_fail(e, "%s: the file is empty", path);
  else if (m.bytes[0] == 0x89)
    bad = read_container(o, &m, path, e);
  else if (m.bytes[0] != 0x0a ||
           spm_check(m.bytes, m.size, &vocab, e)) { /* a ModelProto begins with field 1 */
    host_error why = e && m.bytes[0] == 0x0a ? *e : (host_error){""};
    bad = host_fail(e,
                    "%s: no file of ulm's: neither a shard, checkpoint, quantized model or blob "
                    "nor a tokenizer model%s%.600s",
                    path, *why.text ? ": " : "", why.text);
  } else {
    json_object_set_new(o, "kind", json_string("tokenizer"));
    set_int(o, "bytes", m.size);
    set_int(o, "vocab", vocab);
  }
  host_map_close(&m);
  if (!bad) return o;
  json_decref(o);
  return NULL;
}

/* ---- for people ---- */

static const char *text(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "?";
}
static long long integer(const json_t *o, const char *key) {
  return json_integer_value(json_object_get(o, key));
}

/* Text of a table's cell: what would break the table, or a terminal, is left out. */
static void print_cell(FILE *f, const char *s) {
  for (; *s; s++)
    if (*s == '|')
      fputs("\\|", f);
    else
      fputc((uint8_t)*s < ' ' || *s == 0x7f ? ' ' : *s, f);
}

/* One source: {source, licence, origin?}, with documents and tokens of *n and a share of all tokens
 * or a weight. */
static void print_source(FILE *f, const json_t *x, const json_t *n, const char *share) {
  fputs("| ", f);
  print_cell(f, text(x, "source"));
  fputs(" | ", f);
  print_cell(f, text(x, "licence"));
  fprintf(f, " | %lld | %lld | %s |", integer(n, "documents"), integer(n, "tokens"), share);
}

static void print_origin(FILE *f, const json_t *x) {
  const char *origin = json_string_value(json_object_get(x, "origin"));
  fputc(' ', f);
  print_cell(f, origin ? origin : "");
  fputs(" |\n", f);
}

/* The sources of a shard or folder, as Markdown. */
static void print_sources(FILE *f, const json_t *info) {
  const json_t *x, *counts = json_object_get(info, "splits");
  const long long all = integer(counts ? json_object_get(counts, "train") : info, "tokens");
  size_t i;
  fputs(
      counts
          ? "\n| source | licence | training documents | tokens | share | validation documents "
            "| test documents | origin |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |\n"
          : "\n| source | licence | documents | tokens | share | origin |\n"
            "| --- | --- | ---: | ---: | ---: | --- |\n",
      f);
  json_array_foreach(json_object_get(info, "sources"), i, x) {
    const json_t *n = counts ? json_object_get(x, "train") : x;
    char share[32];
    snprintf(share, sizeof share, "%.1f%%",
             all ? 100.0 * (double)integer(n, "tokens") / (double)all : 0.0);
    print_source(f, x, n, share);
    if (counts)
      fprintf(f, " %lld | %lld |", integer(json_object_get(x, "val"), "documents"),
              integer(json_object_get(x, "test"), "documents"));
    print_origin(f, x);
  }
}

/* The data of a trained model: META's "data", a folder of shards each. */
static void print_data(FILE *f, const json_t *data) {
  const json_t *folder, *x;
  const char *name;
  size_t i;
  fputs("\n| source | licence | documents | tokens | weight | origin |\n"
        "| --- | --- | ---: | ---: | ---: | --- |\n",
        f);
  json_array_foreach(data, i, folder) {
    json_object_foreach(json_object_get(folder, "sources"), name, x) {
      char weight[32];
      snprintf(weight, sizeof weight, "%.3g", json_number_value(json_object_get(folder, "weight")));
      print_source(f, x, x, weight);
      print_origin(f, x);
    }
  }
  fputc('\n', f);
}

static void print_splits(FILE *f, const json_t *counts) {
  for (int k = 0; k < 3; k++) {
    const json_t *x = json_object_get(counts, splits[k]);
    fprintf(f, "  %-5s %5lld shards %10lld documents %12lld tokens\n", splits[k],
            integer(x, "shards"), integer(x, "documents"), integer(x, "tokens"));
  }
}

void info_print(FILE *f, const json_t *info) {
  static const struct {
    const char *kind, *what;
  } kinds[] = {{"shards", "token shards, checksums match"},
               {"shard", "token shard"},
               {"checkpoint", "checkpoint"},
               {"quantized", "quantized model"},
               {"blob", "device blob"},
               {"tokenizer", "SentencePiece tokenizer model"}};
  const char *what = "";
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (!strcmp(kinds[i].kind, text(info, "kind"))) what = kinds[i].what;
  const json_t *list, *x;
  const char *key;
  size_t i;
  fprintf(f, "%s: %s", text(info, "file"), what);
  if (json_object_get(info, "bytes")) fprintf(f, ", %lld bytes", integer(info, "bytes"));
  if (json_object_get(info, "version"))
    fprintf(f, ", format version %lld, checksums match", integer(info, "version"));
  fputc('\n', f);
  if ((list = json_object_get(info, "sections"))) {
    fprintf(f, "\n  %-8s %12s %12s  %s\n", "section", "offset", "bytes", "CRC-32");
    json_array_foreach(list, i, x)
        fprintf(f, "  %-8s %12lld %12lld  %s\n", text(x, "tag"), integer(x, "offset"),
                integer(x, "bytes"), text(x, "crc32"));
  }
  fputc('\n', f);
  if ((list = json_object_get(info, "config"))) {
    fprintf(f, "  config    ");
    json_object_foreach((json_t *)(uintptr_t)list, key, x)
        fprintf(f, " %s %.7g", key, json_number_value(x));
    fprintf(f, "\n  parameters %lld\n", integer(info, "parameters"));
    json_array_foreach(json_object_get(info, "weights"), i, x)
        fprintf(f, "  weights    %-5s %12lld values %12lld bytes\n", text(x, "type"),
                integer(x, "values"), integer(x, "bytes"));
  }
  static const char *const counts[] = {"vocab",   "tokens",       "documents",    "chats",
                                       "replies", "reply_tokens", "opener_tokens"};
  for (i = 0; i < sizeof counts / sizeof *counts; i++)
    if (json_object_get(info, counts[i]))
      fprintf(f, "  %-13s %lld\n", counts[i], integer(info, counts[i]));
  if ((x = json_object_get(info, "splits"))) print_splits(f, x);
  if (json_object_get(info, "sources")) print_sources(f, info);
  if ((x = json_object_get(info, "gate"))) {
    char *s = json_dumps(x, JSON_REAL_PRECISION(6));
    fprintf(f, "  gate       %s\n", s);
    free(s);
  }
  if ((x = json_object_get(info, "snapshot"))) {
    char *s = json_dumps(x, JSON_COMPACT);
    fprintf(f, "  snapshot   %s\n", s);
    free(s);
  }
  if ((list = json_object_get(info, "meta"))) {
    if ((x = json_object_get(list, "data"))) print_data(f, x);
    fprintf(f, "  provenance\n");
    json_object_foreach((json_t *)(uintptr_t)list, key, x) {
      char *s = json_dumps(x, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
      size_t n = strlen(s) < 160 ? strlen(s) : 160;
      const bool cut = s[n] != 0;
      if (cut) n -= ulm_utf8_pending((const uint8_t *)s, n);
      fprintf(f, "    %-16s %.*s%s\n", key, (int)n, s, cut ? "..." : "");
      free(s);
    }
  }
}
