#include "write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include "seal.h"

const char *const split_names[SPLITS] = {"train", "val", "test"};

enum { SOURCES_MAX = 4096 }; /* more are counted together */

typedef struct {
  uint64_t documents, turns, words, bytes;
} tally;

typedef struct {
  char *name;
  tally in[SPLITS];
} source_tally;

struct splits {
  char dir[4096];
  bool made; /* the folder was made here */
  host_out out[SPLITS], stats;
  bool open[SPLITS], stats_open;
  z_stream z[SPLITS];
  gz_header header;
  tally total[SPLITS];
  json_t *index; /* source -> position in sources */
  source_tally *sources;
  size_t source_count;
  char *line; /* the JSON line being made */
  size_t size, room;
};

/* ---- A line of JSON ---- */

static void put(splits *s, const char *bytes, size_t n) {
  if (s->room - s->size < n) {
    s->room = host_mul_add(s->size + n, 2, 256);
    s->line = host_realloc(s->line, s->room, "a document's line");
  }
  memcpy(s->line + s->size, bytes, n);
  s->size += n;
}

static void put_text(splits *s, const char *text) { put(s, text, strlen(text)); }

static void put_string(splits *s, const char *text, size_t n) {
  put(s, "\"", 1);
  for (size_t i = 0, from = 0; i <= n;) {
    const uint8_t c = i < n ? (uint8_t)text[i] : 0;
    const size_t k = i == n ? 0 : c < 0x80 ? 1 : ulm_utf8_len((const uint8_t *)text + i, n - i);
    if (i < n && k && c >= 0x20 && c != 0x7f && c != '"' && c != '\\') {
      i += k;
      continue;
    }
    put(s, text + from, i - from);
    if (i == n) break;
    char code[8];
    if (!k)
      put_text(s, "\xef\xbf\xbd");
    else if (c == '\n')
      put_text(s, "\\n");
    else if (c == '"' || c == '\\')
      put(s, (char[]){'\\', (char)c}, 2);
    else
      snprintf(code, sizeof code, "\\u%04x", c), put_text(s, code);
    from = ++i;
  }
  put(s, "\"", 1);
}

static void put_member(splits *s, const char *key, const char *text, size_t n) {
  put_text(s, s->size == 1 ? "\"" : ", \"");
  put_text(s, key);
  put_text(s, "\": ");
  put_string(s, text, n);
}

static void make_line(splits *s, const doc *d) {
  s->size = 0;
  put(s, "{", 1);
  if (d->source) put_member(s, "source", d->source, strlen(d->source));
  if (d->text)
    put_member(s, "text", d->text, d->text_size);
  else {
    put_text(s, s->size == 1 ? "\"messages\": [" : ", \"messages\": [");
    for (size_t i = 0; i < d->count; i++) {
      put_text(s, i ? ", {\"role\": " : "{\"role\": ");
      put_string(s, d->turns[i].role, strlen(d->turns[i].role));
      put_text(s, ", \"content\": ");
      put_string(s, d->turns[i].text, d->turns[i].size);
      if (d->skip && d->skip[i]) {
        put_text(s, ", \"no_opener\": \"");
        put_text(s, doc_skip_names[d->skip[i]]);
        put_text(s, "\"");
      }
      put(s, "}", 1);
    }
    put(s, "]", 1);
  }
  if (d->slot) put_member(s, "slot", d->slot, strlen(d->slot));
  if (d->held) put_member(s, "held", d->held, strlen(d->held));
  if (d->licence) put_member(s, "licence", d->licence, strlen(d->licence));
  put_text(s, "}\n");
}

/* ---- Counts ---- */

static uint64_t words(const char *s, size_t n) {
  uint64_t count = 0;
  bool in = false;
  for (size_t i = 0; i < n; i++) {
    const bool space = s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r';
    count += !space && !in;
    in = !space;
  }
  return count;
}

static source_tally *source_of(splits *s, const char *name) {
  const json_t *at = json_object_get(s->index, name);
  if (at) return s->sources + json_integer_value(at);
  if (s->source_count + 1 >= SOURCES_MAX && strcmp(name, "other")) return source_of(s, "other");
  if (json_object_set_new(s->index, name, json_integer((json_int_t)s->source_count)))
    return source_of(s, "other"); /* a name that is not UTF-8 */
  s->sources = host_realloc(s->sources, (s->source_count + 1) * sizeof *s->sources, "sources");
  source_tally *t = s->sources + s->source_count++;
  memset(t, 0, sizeof *t);
  if (!(t->name = strdup(name))) host_die("no memory for a source's name");
  return t;
}

static void count(splits *s, split_id split, const doc *d) {
  tally t = {.documents = 1, .turns = d->text ? 0 : d->count};
  if (d->text) t.words = words(d->text, d->text_size), t.bytes = d->text_size;
  for (size_t i = 0; !d->text && i < d->count; i++)
    t.words += words(d->turns[i].text, d->turns[i].size), t.bytes += d->turns[i].size;
  tally *to[] = {&s->total[split], &source_of(s, d->source ? d->source : "unnamed")->in[split]};
  for (int i = 0; i < 2; i++)
    to[i]->documents += 1, to[i]->turns += t.turns, to[i]->words += t.words,
        to[i]->bytes += t.bytes;
}

static json_t *tally_json(const tally *t) {
  return json_pack("{s:I,s:I,s:I,s:I}", "documents", (json_int_t)t->documents, "turns",
                   (json_int_t)t->turns, "words", (json_int_t)t->words, "bytes",
                   (json_int_t)t->bytes);
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const source_tally *)a)->name, ((const source_tally *)b)->name);
}

static void add_counts(splits *s, json_t *stats) {
  json_t *all = json_object(), *sources = json_object();
  qsort(s->sources, s->source_count, sizeof *s->sources, by_name);
  for (int k = 0; k < SPLITS; k++)
    json_object_set_new(all, split_names[k], tally_json(&s->total[k]));
  for (size_t i = 0; i < s->source_count; i++) {
    json_t *one = json_object();
    for (int k = 0; k < SPLITS; k++)
      if (s->sources[i].in[k].documents)
        json_object_set_new(one, split_names[k], tally_json(&s->sources[i].in[k]));
    json_object_set_new(sources, s->sources[i].name, one);
  }
  json_object_set_new(stats, "splits", all);
  json_object_set_new(stats, "sources", sources);
}

/* ---- Files ---- */

static void end(splits *s) {
  for (int k = 0; k < SPLITS; k++)
    if (s->open[k]) deflateEnd(&s->z[k]);
  for (size_t i = 0; i < s->source_count; i++) free(s->sources[i].name);
  json_decref(s->index);
  free(s->sources), free(s->line), free(s);
}

void splits_abort(splits *s) {
  if (!s) return;
  for (int k = 0; k < SPLITS; k++)
    if (s->open[k]) host_out_abort(&s->out[k]);
  if (s->stats_open) host_out_abort(&s->stats);
  if (s->made) rmdir(s->dir);
  end(s);
}

splits *splits_open(const char *dir, host_error *e) {
  splits *s = host_alloc(sizeof *s, "a writer");
  char path[4096];
  if (!*dir || strlen(dir) >= sizeof s->dir) {
    host_fail(e, "%.100s: the output folder's name is empty or too long", dir);
    free(s);
    return NULL;
  }
  strcpy(s->dir, dir);
  s->made = !host_is_dir(dir);
  s->index = json_object();
  s->header.os = 255; /* unknown; time 0 */
  if (!s->index) host_die("no memory for the sources");
  if (host_mkdir(dir, e)) goto failed;
  for (int k = 0; k < SPLITS; k++) {
    char name[32];
    snprintf(name, sizeof name, "%s.jsonl.gz", split_names[k]);
    if (host_path(path, sizeof path, dir, name, e) || host_out_open(&s->out[k], path, e))
      goto failed;
    s->open[k] = true;
    if (deflateInit2(&s->z[k], 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        deflateSetHeader(&s->z[k], &s->header) != Z_OK)
      host_die("no memory to pack gzip");
  }
  if (host_path(path, sizeof path, dir, "data.json", e) || host_out_open(&s->stats, path, e))
    goto failed;
  s->stats_open = true;
  return s;
failed:
  splits_abort(s);
  return NULL;
}

static int pack(splits *s, split_id k, const void *bytes, size_t n, int flush, host_error *e) {
  uint8_t out[1 << 14];
  s->z[k].next_in = (Bytef *)bytes, s->z[k].avail_in = (uInt)n;
  do {
    s->z[k].next_out = out, s->z[k].avail_out = sizeof out;
    deflate(&s->z[k], flush);
    if (host_out_write(&s->out[k], out, sizeof out - s->z[k].avail_out))
      return host_fail(e, "%s", s->out[k].error.text);
  } while (!s->z[k].avail_out);
  return 0;
}

int splits_add(splits *s, split_id split, const doc *d, host_error *e) {
  make_line(s, d);
  if (s->size > DOCS_RECORD_MAX)
    return host_fail(e, "a document of %zu bytes cannot be written: 16 MB is the most; split it",
                     s->size);
  if (pack(s, split, s->line, s->size, Z_NO_FLUSH, e)) return -1;
  count(s, split, d);
  return 0;
}

uint64_t splits_count(const splits *s, split_id split) { return s->total[split].documents; }

/* All bytes on disk before the first rename, so that only a rename can part the four. */
static int synced(host_out *o, host_error *e) {
  if (!o->failed && !fflush(o->f) && !fsync(fileno(o->f))) return 0;
  return o->failed ? host_fail(e, "%s", o->error.text)
                   : host_fail(e, "%s: cannot write: %s", o->path, strerror(errno));
}

int splits_commit(splits *s, json_t *stats, json_t **written, host_error *e) {
  if (!stats) stats = json_object();
  add_counts(s, stats);
  json_t *files = json_object();
  int bad = 0;
  for (int k = 0; k < SPLITS && !bad; k++) {
    char name[32];
    snprintf(name, sizeof name, "%s.jsonl.gz", split_names[k]);
    bad = pack(s, (split_id)k, "", 0, Z_FINISH, e) || synced(&s->out[k], e);
    json_t *seal = bad ? NULL : seal_of(s->out[k].temp, e);
    if (!seal)
      bad = -1;
    else
      json_object_set_new(files, name, seal);
  }
  json_object_set_new(stats, "files", files);
  char *text = json_dumps(stats, JSON_INDENT(2) | JSON_ENSURE_ASCII);
  if (!text) host_die("no memory for data.json");
  host_out_printf(&s->stats, "%s\n", text);
  free(text);
  if (!bad) bad = synced(&s->stats, e);
  for (int k = 0; k < SPLITS && !bad; k++) {
    s->open[k] = false;
    deflateEnd(&s->z[k]);
    bad = host_out_commit(&s->out[k], e);
  }
  if (!bad) {
    s->stats_open = false;
    bad = host_out_commit(&s->stats, e);
  }
  if (written && !bad)
    *written = stats;
  else
    json_decref(stats);
  if (bad)
    splits_abort(s);
  else
    end(s);
  return bad ? -1 : 0;
}
