#include "write.h"

#include <errno.h>
#include <unistd.h>
#include "line.h"
#include "seal.h"
#include "sources.h"

const char *const split_names[SPLITS] = {"train", "val", "test"};

enum { SOURCES_MAX = 4096, LICENCES_MAX = 1000 }; /* sources beyond are counted together */

typedef struct {
  char *name;
  bytes licences; /* "A; B", each once */
  tally in[SPLITS];
} source_tally;

struct splits {
  char dir[4096];
  bool made; /* the folder was made here */
  host_out out[SPLITS], stats;
  bool open[SPLITS], stats_open;
  bytes block[SPLITS], packed; /* lines of the member being filled; the member */
  tally total[SPLITS];
  json_t *index; /* source -> position in sources */
  source_tally *sources;
  size_t source_count;
};

/* ---- Counts ---- */

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

static void add_licence(source_tally *t, const char *licence) {
  const size_t n = strlen(licence);
  if (!n || t->licences.size + n > LICENCES_MAX) return;
  for (size_t at = 0; at < t->licences.size;) { /* each is followed by "; " */
    const char *one = t->licences.at + at, *end = strstr(one, "; ");
    if ((size_t)(end - one) == n && !memcmp(one, licence, n)) return;
    at = (size_t)(end - t->licences.at) + 2;
  }
  bytes_puts(&t->licences, licence);
  bytes_put(&t->licences, "; ", 3), t->licences.size--; /* NUL-terminated */
}

tally doc_tally(const doc *d) {
  tally t = {.documents = 1, .turns = d->text ? 0 : d->count};
  if (d->text) t.words = count_words(d->text, d->text_size), t.bytes = d->text_size;
  for (size_t i = 0; !d->text && i < d->count; i++)
    t.words += count_words(d->turns[i].text, d->turns[i].size), t.bytes += d->turns[i].size;
  return t;
}

void splits_tally(splits *s, split_id split, const char *source, const char *licence,
                  const tally *t) {
  source_tally *of = source_of(s, source ? source : "unnamed");
  if (licence) add_licence(of, licence);
  tally *to[] = {&s->total[split], &of->in[split]};
  for (int i = 0; i < 2; i++)
    to[i]->documents += t->documents, to[i]->turns += t->turns, to[i]->words += t->words,
        to[i]->bytes += t->bytes;
}

json_t *tally_json(const tally *t) {
  return json_pack("{s:I,s:I,s:I,s:I}", "documents", (json_int_t)t->documents, "turns",
                   (json_int_t)t->turns, "words", (json_int_t)t->words, "bytes",
                   (json_int_t)t->bytes);
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const source_tally *)a)->name, ((const source_tally *)b)->name);
}

static void add_counts(splits *s, json_t *stats, const sources *known) {
  json_t *all = json_object(), *named = json_object();
  qsort(s->sources, s->source_count, sizeof *s->sources, by_name);
  for (int k = 0; k < SPLITS; k++)
    json_object_set_new(all, split_names[k], tally_json(&s->total[k]));
  for (size_t i = 0; i < s->source_count; i++) {
    const source_tally *t = &s->sources[i];
    json_t *one = json_object();
    const char *origin = sources_origin(known, t->name);
    if (t->licences.size)
      json_object_set_new(one, "licence", json_stringn(t->licences.at, t->licences.size - 2));
    if (origin) json_object_set_new(one, "origin", json_string(origin));
    for (int k = 0; k < SPLITS; k++)
      if (t->in[k].documents) json_object_set_new(one, split_names[k], tally_json(&t->in[k]));
    json_object_set_new(named, t->name, one);
  }
  json_object_set_new(stats, "splits", all);
  json_object_set_new(stats, "sources", named);
}

/* ---- Files ---- */

static void end(splits *s) {
  for (int k = 0; k < SPLITS; k++) bytes_free(&s->block[k]);
  for (size_t i = 0; i < s->source_count; i++)
    free(s->sources[i].name), bytes_free(&s->sources[i].licences);
  json_decref(s->index);
  bytes_free(&s->packed);
  free(s->sources), free(s);
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
  if (!s->index) host_die("no memory for the sources");
  if (host_mkdir(dir, e)) goto failed;
  for (int k = 0; k < SPLITS; k++) {
    char name[32];
    snprintf(name, sizeof name, "%s.jsonl.gz", split_names[k]);
    if (host_path(path, sizeof path, dir, name, e) || host_out_open(&s->out[k], path, e))
      goto failed;
    s->open[k] = true;
  }
  if (host_path(path, sizeof path, dir, "data.json", e) || host_out_open(&s->stats, path, e))
    goto failed;
  s->stats_open = true;
  return s;
failed:
  splits_abort(s);
  return NULL;
}

int splits_packed(splits *s, split_id k, const void *members, size_t n, host_error *e) {
  return host_out_write(&s->out[k], members, n) ? host_fail(e, "%s", s->out[k].error.text) : 0;
}

static int flush(splits *s, split_id k, host_error *e) {
  s->packed.size = 0;
  gzip_put(&s->packed, s->block[k].at, s->block[k].size);
  s->block[k].size = 0;
  return splits_packed(s, k, s->packed.at, s->packed.size, e);
}

int splits_add(splits *s, split_id split, const doc *d, host_error *e) {
  bytes *b = &s->block[split];
  const size_t before = b->size;
  line_put(b, d);
  if (b->size - before > DOCS_RECORD_MAX) {
    host_fail(e, "a document of %zu bytes cannot be written: 16 MB is the most; split it",
              b->size - before);
    b->size = before;
    return -1;
  }
  const tally t = doc_tally(d);
  splits_tally(s, split, d->source, d->licence, &t);
  return b->size >= SPLIT_BLOCK ? flush(s, split, e) : 0;
}

uint64_t splits_count(const splits *s, split_id split) { return s->total[split].documents; }

/* All bytes on disk before the first rename, so that only a rename can part the four. */
static int synced(host_out *o, host_error *e) {
  if (!o->failed && !fflush(o->f) && !fsync(fileno(o->f))) return 0;
  return o->failed ? host_fail(e, "%s", o->error.text)
                   : host_fail(e, "%s: cannot write: %s", o->path, strerror(errno));
}

/* What data.json says of the other files, which are then on disk. */
static json_t *seals(splits *s, host_error *e) {
  json_t *files = json_object();
  for (int k = 0; k < SPLITS; k++) {
    char name[32];
    snprintf(name, sizeof name, "%s.jsonl.gz", split_names[k]);
    const bool lines = s->block[k].size || !s->out[k].size; /* an empty split is an empty member */
    json_t *seal = (lines && flush(s, (split_id)k, e)) || synced(&s->out[k], e)
                       ? NULL
                       : seal_of(s->out[k].temp, e);
    if (!seal) {
      json_decref(files);
      return NULL;
    }
    json_object_set_new(files, name, seal);
  }
  return files;
}

int splits_commit(splits *s, json_t *stats, const sources *known, json_t **written, host_error *e) {
  if (!stats) stats = json_object();
  add_counts(s, stats, known);
  json_t *files = seals(s, e);
  int bad = files ? 0 : -1;
  if (files) {
    json_object_set_new(stats, "files", files);
    char *text = json_dumps(stats, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9));
    if (!text) host_die("no memory for data.json");
    host_out_printf(&s->stats, "%s\n", text);
    free(text);
    bad = synced(&s->stats, e);
  }
  if (!bad) { /* first, so that whatever stands beside it later is known not to be of this run */
    s->stats_open = false;
    bad = host_out_commit(&s->stats, e);
  }
  for (int k = 0; k < SPLITS && !bad; k++) {
    s->open[k] = false;
    bad = host_out_commit(&s->out[k], e);
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
