#include "pipeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "converse.h"
#include "write.h"

enum { RUN = 16, EXAMPLES = 3, EXAMPLE_BYTES = 80 };

typedef struct {
  const pipeline_options *o;
  splits *out;
  conversation talk;
  cleaner name, about; /* a file's source name; an example's text */
  seen seen;
  uint64_t *prompts; /* hash of each document written */
  size_t count, room;
  uint64_t run;       /* running text: hash of the run's first document */
  uint64_t test, val; /* hash < test: test; < val: validation; else train */
  uint64_t invalid;
  json_t *dropped, *inputs;
} pipeline;

static const char *base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* "dir/dolly.jsonl.gz" -> "dolly" */
static void source_name(cleaner *c, const char *path) {
  const char *name = base(path), *dot = strchr(name + (*name == '.'), '.');
  clean(c, name, dot ? (size_t)(dot - name) : strlen(name));
}

/* One more left out: how many, and the first few. */
static void drop(pipeline *p, const char *why, const char *file, const doc *d, const char *text,
                 size_t n) {
  json_t *r = json_object_get(p->dropped, why);
  if (!r) {
    r = json_pack("{s:i,s:[]}", "documents", 0, "examples");
    json_object_set_new(p->dropped, why, r);
  }
  json_object_set_new(r, "documents",
                      json_integer(json_integer_value(json_object_get(r, "documents")) + 1));
  json_t *examples = json_object_get(r, "examples");
  if (json_array_size(examples) >= EXAMPLES) return;
  clean(&p->about, base(file), strlen(base(file)));
  json_t *one = json_pack("{s:s,s:I}", "file", p->about.text, "line", (json_int_t)d->line);
  clean(&p->about, text, n);
  size_t k = p->about.size;
  if (k > EXAMPLE_BYTES)
    for (k = EXAMPLE_BYTES; k && ((uint8_t)p->about.text[k] & 0xc0) == 0x80;) k--;
  json_object_set_new(one, "text", json_stringn(p->about.text, k));
  json_array_append_new(examples, one);
}

static void drop_doc(pipeline *p, const char *why, const char *file, const doc *d) {
  if (d->text)
    drop(p, why, file, d, d->text, d->text_size < 400 ? d->text_size : 400);
  else if (d->count)
    drop(p, why, file, d, d->turns[0].text, d->turns[0].size < 400 ? d->turns[0].size : 400);
  else
    drop(p, why, file, d, "", 0);
}

static int take(pipeline *p, const char *file, const doc *d, host_error *e) {
  p->invalid += d->invalid;
  const char *why = converse(&p->talk, d);
  doc *out = &p->talk.out;
  uint64_t prompt = 0;
  if (!why && p->o->text) {
    if (d->part % RUN == 0) p->run = doc_prompt(out, p->o->seed);
    prompt = p->run;
  } else if (!why)
    prompt = doc_prompt(out, p->o->seed);
  if (!why && !seen_add(&p->seen, doc_fingerprint(out))) why = "duplicate";
  if (why) {
    drop_doc(p, why, file, d);
    return 0;
  }
  if (!out->source) out->source = p->name.text;
  if (p->count == p->room)
    p->prompts = host_realloc(
        p->prompts, (p->room = p->room ? p->room + p->room / 2 : 4096) * sizeof *p->prompts,
        "prompts");
  p->prompts[p->count++] = prompt;
  return splits_add(p->out,
                    prompt < p->test  ? SPLIT_TEST
                    : prompt < p->val ? SPLIT_VAL
                                      : SPLIT_TRAIN,
                    out, e);
}

static int read_file(pipeline *p, const char *path, host_progress *bar, uint64_t before,
                     host_error *e) {
  docs *in = p->o->text ? docs_open_text(path, e) : docs_open(path, e);
  if (!in) return -1;
  source_name(&p->name, path);
  doc d;
  host_error skipped;
  int got;
  while ((got = docs_next(in, &d, &skipped))) {
    if (got > 0 && p->o->text && !d.text) {
      host_fail(
          &skipped,
          "%s: line %llu (byte %llu): a conversation, not running text; read it with ulm-data chat",
          path, (unsigned long long)d.line, (unsigned long long)d.byte);
      break;
    }
    if (got > 0 && take(p, path, &d, &skipped))
      got = -1;
    else if (got < 0 && docs_can_skip(in) && p->o->skip_bad) {
      const char *why = strstr(skipped.text, "): ");
      drop(p, "unreadable", path, &d, why ? why + 3 : skipped.text,
           strlen(why ? why + 3 : skipped.text));
      got = 0;
    } else if (got < 0 && docs_can_skip(in)) {
      const size_t n = strlen(skipped.text);
      snprintf(skipped.text + n, sizeof skipped.text - n, " (--skip-bad goes on without it)");
    }
    if (got < 0) break;
    if (!p->o->quiet) host_progress_step(bar, before + docs_read(in), NULL);
  }
  docs_close(in);
  return got ? host_fail(e, "%s", skipped.text) : 0;
}

/* ---- The split's bounds ---- */

static int by_value(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static uint64_t bound(double fraction) {
  return fraction >= 1 ? UINT64_MAX : (uint64_t)ldexp(fraction, 64);
}

/* Does a split that was asked for lack a document? */
static bool lacks(const pipeline *p) {
  return !splits_count(p->out, SPLIT_TRAIN) ||
         (p->o->val > 0 && !splits_count(p->out, SPLIT_VAL)) ||
         (p->o->test > 0 && !splits_count(p->out, SPLIT_TEST));
}

/* Moves the bounds so that each split gets a prompt; false where there are too few prompts. */
static bool move_bounds(pipeline *p) {
  size_t n = 0;
  qsort(p->prompts, p->count, sizeof *p->prompts, by_value);
  for (size_t i = 0; i < p->count; i++)
    if (!n || p->prompts[n - 1] != p->prompts[i]) p->prompts[n++] = p->prompts[i];
  if (n < 3) return false;
  size_t test = 0, val = 0;
  const size_t want_test = p->o->test > 0, want_val = p->o->val > 0;
  while (test < n && p->prompts[test] < p->test) test++;
  while (val < n && p->prompts[val] < p->val) val++;
  if (test < want_test) test = want_test;
  if (test > n - 1 - want_val) test = n - 1 - want_val;
  if (val < test + want_val) val = test + want_val;
  if (val > n - 1) val = n - 1;
  p->test = p->prompts[test], p->val = p->prompts[val];
  return true;
}

/* ---- A run ---- */

static void clear(pipeline *p) {
  converse_free(&p->talk);
  clean_free(&p->name), clean_free(&p->about);
  seen_free(&p->seen);
  free(p->prompts);
  json_decref(p->dropped), json_decref(p->inputs);
}

static int pass(pipeline *p, char *const *files, size_t count, const char *dir, uint64_t total,
                host_error *e) {
  host_progress bar;
  uint64_t before = 0;
  p->count = 0, p->invalid = 0;
  seen_free(&p->seen);
  json_decref(p->dropped), json_decref(p->inputs);
  p->dropped = json_object(), p->inputs = json_array();
  if (!p->dropped || !p->inputs) host_die("no memory for counts");
  p->out = splits_open(dir, e);
  if (!p->out) return -1;
  if (!p->o->quiet) host_progress_begin(&bar, p->o->text ? "text" : "chat", "bytes", total);
  int bad = 0;
  for (size_t i = 0; i < count && !bad; i++) {
    struct stat st;
    const uint64_t size = stat(files[i], &st) ? 0 : (uint64_t)st.st_size;
    clean(&p->about, base(files[i]), strlen(base(files[i])));
    json_array_append_new(p->inputs,
                          json_pack("{s:s,s:I}", "name", p->about.text, "bytes", (json_int_t)size));
    bad = read_file(p, files[i], &bar, before, e);
    before += size;
  }
  if (!p->o->quiet && !bad) host_progress_end(&bar, before, NULL);
  if (!bad && !p->count)
    bad = host_fail(e,
                    "%s: no document is left after checking and cleaning; see that the records "
                    "have a user and an assistant turn",
                    count == 1 ? files[0] : "all files");
  if (bad) splits_abort(p->out), p->out = NULL;
  return bad;
}

int pipeline_run(char *const *files, size_t count, const char *dir, const pipeline_options *o,
                 json_t **stats, host_error *e) {
  if (!(o->val >= 0 && o->test >= 0 && o->val + o->test < 1))
    return host_fail(
        e,
        "the fractions for validation (%g) and test (%g) must be at least 0 and together below 1",
        o->val, o->test);
  pipeline p = {.o = o, .test = bound(o->test), .val = bound(o->val + o->test)};
  uint64_t total = 0;
  struct stat st;
  for (size_t i = 0; i < count; i++) total += stat(files[i], &st) ? 0 : (uint64_t)st.st_size;
  int bad = pass(&p, files, count, dir, total, e);
  if (!bad && lacks(&p) &&
      move_bounds(&p)) { /* few prompts: once more, with bounds that serve all splits */
    splits_abort(p.out);
    bad = pass(&p, files, count, dir, total, e);
  }
  if (!bad) {
    json_t *options = json_pack("{s:f,s:f,s:I,s:b}", "val", o->val, "test", o->test, "seed",
                                (json_int_t)o->seed, "skip_bad", o->skip_bad);
    json_t *all =
        json_pack("{s:s,s:o,s:O,s:O,s:I}", "command", o->text ? "text" : "chat", "options", options,
                  "inputs", p.inputs, "dropped", p.dropped, "invalid_bytes", (json_int_t)p.invalid);
    if (!all) host_die("no memory for data.json");
    bad = splits_commit(p.out, all, stats, e);
  }
  clear(&p);
  return bad;
}
