#include "encode.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCES_MAX = 1000 }; /* sources that are kept; the others count as one */

void shard_writer_open(shard_writer *w, const char *dir, const char *split, const uint8_t *model,
                       size_t model_size, const json_t *options, uint64_t shard_tokens) {
  *w = (shard_writer){.dir = dir,
                      .split = split,
                      .model = model,
                      .model_size = model_size,
                      .options = options,
                      .shard_tokens = shard_tokens};
  w->sources = json_object();
}

/* Counts a document of `tokens_added` tokens; returns the index of its source, or -1 if a name is
 * not valid UTF-8. */
static int count_source(shard_writer *w, const char *source, const char *licence,
                        size_t tokens_added) {
  char *name = host_alloc(strlen(source) + strlen(licence) + 4, "a source");
  strcpy(name, source);
  json_t *s = json_object_get(w->sources, name);
  if (s && strcmp(json_string_value(json_object_get(s, "licence")), licence)) {
    sprintf(name, "%s (%s)", source, licence);
    s = json_object_get(w->sources, name);
  }
  if (!s && json_object_size(w->sources) >= SOURCES_MAX) {
    source = "(others)", licence = "several";
    s = json_object_get(w->sources, source);
    free(name);
    name = strdup(source);
  }
  if (!s) {
    s = json_pack("{s:s, s:s, s:i, s:i, s:I}", "source", source, "licence", licence, "documents", 0,
                  "tokens", 0, "index", (json_int_t)json_object_size(w->sources));
    json_t *origin = json_object_get(json_object_get(w->origins, source), "origin");
    if (s && json_is_string(origin)) json_object_set(s, "origin", origin);
    if (s && json_object_set_new(w->sources, name, s)) s = NULL;
  }
  free(name);
  if (!s) return -1;
  json_t *d = json_object_get(s, "documents"), *t = json_object_get(s, "tokens");
  json_integer_set(d, json_integer_value(d) + 1);
  json_integer_set(t, json_integer_value(t) + (json_int_t)tokens_added);
  return (int)json_integer_value(json_object_get(s, "index"));
}

json_t *shard_writer_report(const shard_writer *w) {
  return json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:O}", "shards", (int)w->shards,
                   "documents", (json_int_t)w->all_docs, "conversations", (json_int_t)w->chats,
                   "tokens", (json_int_t)w->all_tokens, "reply_tokens", (json_int_t)w->reply,
                   "opener_tokens", (json_int_t)w->opener, "text_bytes", (json_int_t)w->text_bytes,
                   "sources", w->sources);
}

/* META; its sources are those of the split so far. */
static char *meta_text(const shard_writer *w, int last) {
  json_t *m =
      json_pack("{s:s, s:I, s:b, s:I, s:I, s:O, s:O}", "split", w->split, "shard",
                (json_int_t)w->shards, "last", last, "documents", (json_int_t)w->docs, "tokens",
                (json_int_t)w->tokens, "options", w->options, "sources", w->sources);
  char *text = m ? json_dumps(m, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
  json_decref(m);
  return text;
}

static int flush(shard_writer *w, int last, host_error *e) {
  if (!w->docs) return 0;
  char name[64], path[4096];
  snprintf(name, sizeof name, "%s-%05u.shard", w->split, w->shards);
  if (host_path(path, sizeof path, w->dir, name, e)) return -1;
  char *meta = meta_text(w, last);
  if (!meta)
    return host_fail(e, "%s: cannot write its META section: a name is not valid UTF-8", path);
  host_box b;
  int bad = host_box_open(&b, path, ULM_KIND_SHARD, 6, e);
  if (!bad) {
    host_box_section(&b, ULM_SEC_META);
    host_box_write(&b, meta, strlen(meta));
    host_box_section(&b, ULM_SEC_SPM);
    host_box_write(&b, w->model, w->model_size);
    host_box_section(&b, ULM_SEC_TOKENS); /* hosts are little-endian (host.c) */
    host_box_write(&b, w->ids, (size_t)w->tokens * sizeof *w->ids);
    host_box_section(&b, ULM_SEC_MASK);
    host_box_write(&b, w->mask, (size_t)w->tokens);
    host_box_section(&b, ULM_SEC_DOCS);
    host_box_write(&b, w->starts, (size_t)w->docs * sizeof *w->starts);
    host_box_section(&b, ULM_SEC_SOURCES);
    host_box_write(&b, w->from, (size_t)w->docs * sizeof *w->from);
    bad = host_box_commit(&b, e);
  }
  free(meta);
  w->shards++;
  w->tokens = w->docs = 0;
  return bad;
}

int shard_writer_add(shard_writer *w, const tokens *t, uint64_t text_bytes, const char *source,
                     const char *licence, host_error *e) {
  if (t->count > SHARD_TOKENS_MAX)
    return host_fail(e, "a document of %zu tokens exceeds a shard's %u; split it", t->count,
                     (unsigned)SHARD_TOKENS_MAX);
  if (w->docs && w->tokens + t->count > w->shard_tokens && flush(w, 0, e)) return -1;
  if (w->tokens + t->count > w->token_cap) {
    w->token_cap = 2 * (w->tokens + t->count);
    w->ids = host_realloc(w->ids, w->token_cap * sizeof *w->ids, "a shard's tokens");
    w->mask = host_realloc(w->mask, w->token_cap, "a shard's flags");
  }
  if (w->docs == w->doc_cap) {
    w->doc_cap = w->doc_cap ? 2 * w->doc_cap : 1024;
    w->starts = host_realloc(w->starts, w->doc_cap * sizeof *w->starts, "a shard's documents");
    w->from = host_realloc(w->from, w->doc_cap * sizeof *w->from, "a shard's documents");
  }
  memcpy(w->ids + w->tokens, t->ids, t->count * sizeof *t->ids);
  memcpy(w->mask + w->tokens, t->mask, t->count);
  const int from =
      count_source(w, source ? source : "(unnamed)", licence ? licence : "unknown", t->count);
  if (from < 0) return host_fail(e, "a source or licence is not valid UTF-8");
  w->from[w->docs] = (uint16_t)from;
  w->starts[w->docs++] = w->tokens;
  w->tokens += t->count;
  w->all_docs++;
  w->all_tokens += t->count;
  w->text_bytes += text_bytes;
  w->chats += t->mask[0] & SHARD_CHAT ? 1 : 0;
  for (size_t i = 0; i < t->count; i++) {
    w->reply += t->mask[i] & SHARD_REPLY ? 1 : 0;
    w->opener += t->mask[i] & SHARD_OPENER ? 1 : 0;
  }
  return 0;
}

int shard_writer_finish(shard_writer *w, host_error *e) { return flush(w, 1, e); }

void shard_writer_free(shard_writer *w) {
  free(w->ids);
  free(w->mask);
  free(w->starts);
  free(w->from);
  json_decref(w->sources);
  *w = (shard_writer){0};
}
