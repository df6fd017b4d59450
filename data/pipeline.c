#include "pipeline.h"

#include <string.h>
#include <unistd.h>
#include "deal.h"

const pipeline_options pipeline_defaults = {.val = 0.01,
                                            .test = 0.01,
                                            .seed = 1,
                                            .near = 0.8,
                                            .max_repeat = 0.5,
                                            .language_share = 0.6,
                                            .exclude_words = 13};

/* ---- Options ---- */

int pipeline_check(const pipeline_options *o, host_error *e) {
  if (!(o->val >= 0 && o->test >= 0 && o->val + o->test < 1))
    return host_fail(
        e,
        "the fractions for validation (%g) and test (%g) must be at least 0 and together below 1",
        o->val, o->test);
  if (!(o->near == 0 || (o->near >= 0.3 && o->near <= 1)))
    return host_fail(
        e, "the similarity of near-duplicates (%g) must be 0 (do not look) or 0.3 to 1", o->near);
  if (!(o->max_repeat >= 0 && o->max_repeat <= 1) ||
      !(o->language_share >= 0 && o->language_share <= 1))
    return host_fail(e, "the shares of repetition (%g) and language (%g) must be 0 to 1",
                     o->max_repeat, o->language_share);
  if (o->min_words < 0 || o->max_words < 0 || o->sentences < 0 || o->replies < 0)
    return host_fail(
        e, "the limits of words (%d, %d), sentences (%d) and replies (%d) must be at least 0",
        o->min_words, o->max_words, o->sentences, o->replies);
  if (o->exclude_count && (o->exclude_words < 4 || o->exclude_words > 64))
    return host_fail(e, "the length of an excluded run (%d words) must be 4 to 64",
                     o->exclude_words);
  if (o->questions && !o->text)
    return host_fail(e, "questions are made of running text, not of conversations");
  if (o->threads < 0 || o->threads > 256)
    return host_fail(e, "the number of threads (%d) must be 1 to 256", o->threads);
  return 0;
}

/* ---- Evaluation files ---- */

/* A file, or those of a folder whose names end as text and records do. */
static int exclude_path(exclude *x, const char *path, json_t *names, host_error *e) {
  static const char *const ends[] = {".jsonl", ".jsonl.gz", ".json", ".json.gz", ".txt", ".txt.gz"};
  if (!host_is_dir(path)) {
    const uint64_t before = x->documents;
    if (exclude_file(x, path, e)) return -1;
    char name[SOURCE_MAX + 1];
    sources_name(name, path);
    json_array_append_new(names, json_pack("{s:s,s:I}", "name", name, "documents",
                                           (json_int_t)(x->documents - before)));
    return 0;
  }
  size_t found = 0;
  int bad = 0;
  for (size_t k = 0; k < sizeof ends / sizeof *ends && !bad; k++) {
    size_t count = 0;
    char **list = host_list(path, ends[k], &count, e), inside[4096];
    if (!list) return -1;
    for (size_t i = 0; i < count; i++) {
      if (!bad)
        bad =
            host_path(inside, sizeof inside, path, list[i], e) || exclude_path(x, inside, names, e)
                ? -1
                : 0;
      free(list[i]);
    }
    free(list);
    found += count;
  }
  return bad || found
             ? bad
             : host_fail(e, "%s: holds no .jsonl, .json or .txt file (nor packed ones) to exclude",
                         path);
}

static int read_excluded(exclude *x, const pipeline_options *o, json_t *names, host_error *e) {
  x->n = (size_t)o->exclude_words;
  for (size_t i = 0; i < o->exclude_count; i++)
    if (exclude_path(x, o->exclude[i], names, e)) return -1;
  return 0;
}

/* ---- data.json ---- */

static json_t *options_json(const pipeline_options *o) {
  json_t *j =
      json_pack("{s:f,s:f,s:I,s:b,s:f,s:i,s:i,s:f,s:i,s:i,s:b,s:b}", "val", o->val, "test", o->test,
                "seed", (json_int_t)o->seed, "skip_bad", o->skip_bad, "near", o->near, "min_words",
                o->min_words, "max_words", o->max_words, "max_repeat", o->max_repeat, "sentences",
                o->sentences, "replies", o->replies, "raw", o->raw, "personal", o->personal);
  if (o->text) json_object_set_new(j, "questions", json_boolean(o->questions));
  if (o->language)
    json_object_set_new(j, "language", json_string(o->language)),
        json_object_set_new(j, "language_share", json_real(o->language_share));
  return j;
}

static json_t *inputs_json(char *const *files, size_t count, const gathered *g) {
  json_t *all = json_array();
  cleaner c = {0};
  for (size_t i = 0; i < count; i++) {
    const char *slash = strrchr(files[i], '/'), *name = slash ? slash + 1 : files[i];
    clean(&c, name, strlen(name));
    json_array_append_new(
        all, json_pack("{s:s,s:I}", "name", c.text, "bytes", (json_int_t)g->lane_bytes[i]));
  }
  clean_free(&c);
  return all;
}

static json_t *changed_json(const gather_counts *c) {
  return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "invalid_bytes",
                   (json_int_t)(c->invalid + c->clean.invalid), "mojibake_repaired",
                   (json_int_t)c->clean.mojibake, "controls_dropped", (json_int_t)c->clean.controls,
                   "characters_folded", (json_int_t)c->clean.folded, "empty_turns_dropped",
                   (json_int_t)c->turns.empty, "early_turns_dropped", (json_int_t)c->turns.early,
                   "turns_joined", (json_int_t)c->turns.joined, "replies_cut",
                   (json_int_t)c->turns.cut, "later_turns_dropped", (json_int_t)c->turns.later);
}

static uint64_t documents(const splits *s) {
  uint64_t n = 0;
  for (int k = 0; k < SPLITS; k++) n += splits_count(s, (split_id)k);
  return n;
}

/* ---- A run ---- */

typedef struct {
  sources known;
  exclude exclude;
  language *language;
  json_t *excluded; /* names of the evaluation files */
  gathered g;
  duplicates d;
  splits *out;
  uint64_t replies[DOC_SKIPS];
} run;

static json_t *stats_json(const run *r, char *const *files, size_t count,
                          const pipeline_options *o) {
  const gather_counts *c = &r->g.counts;
  json_t *all = json_pack("{s:s,s:o,s:o,s:I,s:I,s:o,s:o}", "command", o->text ? "text" : "chat",
                          "options", options_json(o), "inputs", inputs_json(files, count, &r->g),
                          "read", (json_int_t)c->read, "written", (json_int_t)documents(r->out),
                          "changed", changed_json(c), "dropped", drops_json(&c->drops));
  if (!all) host_die("no memory for data.json");
  if (o->exclude_count)
    json_object_set_new(all, "excluded",
                        json_pack("{s:i,s:O,s:I,s:I}", "words", o->exclude_words, "files",
                                  r->excluded, "documents", (json_int_t)r->exclude.documents,
                                  "runs_and_prompts", (json_int_t)r->exclude.count));
  if (!o->text || o->questions) {
    json_t *replies = json_object();
    for (int i = 0; i < DOC_SKIPS; i++)
      json_object_set_new(replies, i ? doc_skip_names[i] : "openers",
                          json_integer((json_int_t)r->replies[i]));
    json_object_set_new(all, "replies", replies);
  }
  return all;
}

/* Nothing can be written: why each record was dropped, as data.json would have counted. */
static int none_left(const gathered *g, const char *name, host_error *e) {
  const drops *d = &g->counts.drops;
  char why[600] = "";
  for (size_t i = 0, n = 0; i < d->count && n < sizeof why - 1; n = strlen(why), i++)
    snprintf(why + n, sizeof why - n, "%s%llu: %s", i ? "; " : "",
             (unsigned long long)d->item[i].documents, d->item[i].why);
  return host_fail(e,
                   "%s: no document is left of %llu records (%s); mend the records or loosen the "
                   "filter that dropped them",
                   name, (unsigned long long)g->counts.read, why);
}

static int run_all(run *r, char *const *files, size_t count, const char *dir,
                   const pipeline_options *o, json_t **stats, host_error *e) {
  bounds b;
  if (sources_open(&r->known, o->sources, o->source, o->licence, e)) return -1;
  if (o->language && !(r->language = language_open(o->language)))
    return host_fail(e, "no language '%.20s'; there are %s", o->language, language_codes);
  if (o->exclude_count && read_excluded(&r->exclude, o, r->excluded, e)) return -1;
  if (!(r->out = splits_open(dir, e))) return -1;
  if (gather(&r->g, files, count, dir, o, &r->known, o->exclude_count ? &r->exclude : NULL,
             r->language, e))
    return -1;
  if (!r->g.documents) return none_left(&r->g, count == 1 ? files[0] : "all files", e);
  if (duplicates_find(&r->d, &r->g, o, e) || deal_bounds(&b, &r->g, &r->d, o, e) ||
      deal(r->out, &r->g, &r->d, &b, files, o, r->replies, e))
    return -1;
  json_t *all = stats_json(r, files, count, o);
  splits *out = r->out;
  r->out = NULL;
  return splits_commit(out, all, &r->known, stats, e);
}

int pipeline_run(char *const *files, size_t count, const char *dir, const pipeline_options *given,
                 json_t **stats, host_error *e) {
  pipeline_options o = *given;
  if (pipeline_check(&o, e)) return -1;
  if (!o.threads) {
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    o.threads = n < 1 ? 1 : n > 256 ? 256 : (int)n;
  }
  run r = {.excluded = json_array(), .g.file = -1};
  const int bad = run_all(&r, files, count, dir, &o, stats, e);
  splits_abort(r.out);
  gather_free(&r.g);
  duplicates_free(&r.d);
  exclude_free(&r.exclude);
  language_close(r.language);
  sources_close(&r.known);
  json_decref(r.excluded);
  return bad;
}
