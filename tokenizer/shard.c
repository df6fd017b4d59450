#include "shard.h"

#include <stdlib.h>
#include <string.h>

#include "spm.h"

static int fail(host_error *e, const char *name, uint64_t at, const char *why) {
  return host_fail(e, "%s: byte %llu: %s; encode it again with `ulm tokenizer encode`", name,
                   (unsigned long long)at, why);
}

/* Flags that can stand together. */
static int flags_agree(uint8_t m) {
  if (m & ~SHARD_FLAGS) return 0;
  if ((m & SHARD_CUT) && !(m & SHARD_OPENER)) return 0;
  if ((m & (SHARD_BEGIN | SHARD_OPENER)) && !(m & SHARD_REPLY)) return 0;
  return !(m & SHARD_REPLY) || (m & SHARD_CHAT);
}

static int check_sections(shard *s, const ulm_section *toks, const ulm_section *mask,
                          const ulm_section *docs, const char *name, host_error *e) {
  if (toks->size % 2 || toks->size < 2 || toks->size / 2 > SHARD_TOKENS_MAX)
    return fail(e, name, toks->offset, "the number of tokens is out of range");
  s->tokens = toks->size / 2;
  if (mask->size != s->tokens) return fail(e, name, mask->offset, "there is not one flag a token");
  if (docs->size % 8 || docs->size < 8 || docs->size / 8 > s->tokens)
    return fail(e, name, docs->offset, "the number of documents is out of range");
  s->docs = docs->size / 8;
  s->ids = toks->data;
  s->mask = mask->data;
  s->starts = docs->data;
  if (shard_start(s, 0))
    return fail(e, name, docs->offset, "the first document does not start at token 0");
  for (uint64_t d = 1; d < s->docs; d++)
    if (shard_start(s, d) <= shard_start(s, d - 1) || shard_start(s, d) >= s->tokens)
      return fail(e, name, docs->offset + 8 * d, "document starts are not in order");
  for (uint64_t t = 0; t < s->tokens; t++)
    if (shard_id(s, t) >= s->vocab)
      return fail(e, name, toks->offset + 2 * t, "a token id is beyond the vocabulary");
  for (uint64_t d = 0; d < s->docs; d++) {
    const uint64_t from = shard_start(s, d), end = shard_start(s, d + 1);
    if (shard_id(s, end - 1) != ULM_PAD)
      return fail(e, name, toks->offset + 2 * (end - 1),
                  "a document does not end with <|endoftext|>");
    for (uint64_t t = from; t < end; t++)
      if (!flags_agree(s->mask[t]) || (s->mask[t] ^ s->mask[from]) & SHARD_CHAT)
        return fail(e, name, mask->offset + t, "a token's flags contradict each other");
  }
  return 0;
}

/* ---- META: where a shard stands in its split, and its sources ---- */

static bool is_count(const json_t *x) { return json_is_integer(x) && json_integer_value(x) >= 0; }

/* Why a table of sources is not one, or NULL; *n sources whose indices are 0..n-1. */
static const char *check_table(json_t *table, uint32_t *n) {
  const char *name;
  json_t *x;
  const size_t count = json_object_size(table);
  if (!json_is_object(table) || count > UINT16_MAX) return "META has no table of sources";
  bool *seen = host_alloc(count, "sources");
  const char *why = NULL;
  json_object_foreach(table, name, x) {
    const json_t *at = json_object_get(x, "index"), *origin = json_object_get(x, "origin");
    if (!is_count(json_object_get(x, "documents")) || !is_count(json_object_get(x, "tokens")) ||
        !json_is_string(json_object_get(x, "source")) ||
        !json_is_string(json_object_get(x, "licence")) || (origin && !json_is_string(origin)))
      why = "a source in META has no name, licence or counts";
    else if (!is_count(at) || json_integer_value(at) >= (json_int_t)count ||
             seen[json_integer_value(at)])
      why = "the sources in META are not numbered";
    if (why) break;
    seen[json_integer_value(at)] = true;
  }
  free(seen);
  *n = (uint32_t)count;
  return why;
}

static const char *check_meta(shard *s, const ulm_section *from) {
  json_t *m =
      json_loadb((const char *)s->meta.data, (size_t)s->meta.size, JSON_REJECT_DUPLICATES, NULL);
  const json_t *number = json_object_get(m, "shard"), *last = json_object_get(m, "last");
  s->number = is_count(number) && json_integer_value(number) < INT32_MAX
                  ? (int)json_integer_value(number)
                  : -1;
  s->last = json_is_boolean(last) ? json_is_true(last) : -1;
  const char *why = NULL;
  if (from) why = m ? check_table(json_object_get(m, "sources"), &s->sources) : "META is not JSON";
  json_decref(m);
  return why;
}

/* SRCS is missing in shards of older builds. */
static int check_sources(shard *s, const char *name, host_error *e) {
  ulm_section from;
  const int there = ulm_file_find(&s->file, ULM_SEC_SOURCES, &from);
  const char *why = check_meta(s, there ? &from : NULL);
  if (why) return fail(e, name, s->meta.offset, why);
  if (!there) return 0;
  if (from.size != 2 * s->docs)
    return fail(e, name, from.offset, "there is not one source a document");
  for (uint64_t d = 0; d < s->docs; d++)
    if (ulm_get16(from.data + 2 * d) >= s->sources)
      return fail(e, name, from.offset + 2 * d, "a document's source is not in META");
  s->from = from.data;
  return 0;
}

int shard_parse(shard *s, const uint8_t *bytes, size_t n, const char *name, host_error *e) {
  ulm_error err;
  ulm_section toks, mask, docs;
  host_error why;
  *s = (shard){0};
  if (ulm_file_open(&s->file, bytes, n, ULM_KIND_SHARD, &err) || ulm_file_verify(&s->file, &err) ||
      ulm_file_need(&s->file, ULM_SEC_META, &s->meta, &err) ||
      ulm_file_need(&s->file, ULM_SEC_SPM, &s->spm, &err) ||
      ulm_file_need(&s->file, ULM_SEC_TOKENS, &toks, &err) ||
      ulm_file_need(&s->file, ULM_SEC_MASK, &mask, &err) ||
      ulm_file_need(&s->file, ULM_SEC_DOCS, &docs, &err))
    return host_fail_ulm(e, name, &err);
  if (spm_check(s->spm.data, (size_t)s->spm.size, &s->vocab, &why))
    return host_fail(e, "%s: section SPM at byte %llu: %s", name, (unsigned long long)s->spm.offset,
                     why.text);
  return check_sections(s, &toks, &mask, &docs, name, e) || check_sources(s, name, e) ? -1 : 0;
}

/* ---- The data table ---- */

static json_t *row_of(json_t *rows, json_t *by_name, const char *source, const char *licence,
                      const char *origin) {
  char *key = host_alloc(strlen(source) + strlen(licence) + 2, "a source");
  sprintf(key, "%s\n%s", source, licence);
  json_t *row = json_object_get(by_name, key);
  if (!row) {
    row = json_pack("{s:s, s:s, s:i, s:i}", "source", source, "licence", licence, "documents", 0,
                    "tokens", 0);
    if (origin) json_object_set_new(row, "origin", json_string(origin));
    json_array_append_new(rows, row);
    json_object_set(by_name, key, row);
  }
  free(key);
  return row;
}

static void count_in(json_t *row, const char *key, uint64_t n) {
  json_t *x = json_object_get(row, key);
  json_integer_set(x, json_integer_value(x) + (json_int_t)n);
}

static const char *text_of(const json_t *o, const char *key) {
  return json_string_value(json_object_get(o, key));
}

json_t *shard_sources(const shard *s, size_t count) {
  json_t *rows = json_array(), *by_name = json_object();
  for (size_t i = 0; i < count; i++) {
    json_t *meta = json_loadb((const char *)s[i].meta.data, (size_t)s[i].meta.size, 0, NULL), *x;
    const uint32_t n = s[i].from ? s[i].sources : 1;
    const char *name;
    json_t **row = host_alloc(n * sizeof *row, "sources");
    if (!s[i].from)
      row[0] = row_of(rows, by_name, "(unnamed)", "unknown", NULL);
    else
      json_object_foreach(json_object_get(meta, "sources"), name,
                          x) row[json_integer_value(json_object_get(x, "index"))] =
          row_of(rows, by_name, text_of(x, "source"), text_of(x, "licence"), text_of(x, "origin"));
    for (uint64_t d = 0; d < s[i].docs; d++) {
      json_t *r = row[s[i].from ? ulm_get16(s[i].from + 2 * d) : 0];
      count_in(r, "documents", 1);
      count_in(r, "tokens", shard_start(&s[i], d + 1) - shard_start(&s[i], d));
    }
    free(row);
    json_decref(meta);
  }
  json_decref(by_name);
  return rows;
}
