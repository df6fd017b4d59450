/* ulm-bench opener: what a model's openers are like, over a file of prompts. */
#include "command.h"
#include "models.h"
#include "report.h"
#include "standing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- measures ---- */

enum { HELD_VALUE, HELD_TEMPLATE, HELD_NONE, HELD_ALL, HELDS };
static const char *const held_names[HELDS] = {"seen templates, held-out values",
                                              "held-out templates", "seen templates and values",
                                              "all with a slot"};

static int held_of(const prompt *p) {
  return !p->held || !strcmp(p->held, "none") ? HELD_NONE
         : !strcmp(p->held, "value")          ? HELD_VALUE
                                              : HELD_TEMPLATE;
}

typedef struct {
  rate truncated, slot[HELDS], control[HELDS];
  double finish[6], logprob, confidence, prefill_ms, first_word_ms, total_ms, tokens;
} measures;

/* Another prompt's value for each, one that differs: what naming by chance would give. */
static const char *other_slot(const prompts *p, size_t i) {
  for (size_t step = 1; step < p->count; step++) {
    const char *s = p->items[(i + p->count / 2 + step) % p->count].slot;
    if (s && !names(s, p->items[i].slot, NULL) && !names(p->items[i].slot, s, NULL)) return s;
  }
  return NULL;
}

static double median_of(const spoken *s, size_t n, size_t offset) {
  double *v = host_alloc(n * sizeof *v, "times");
  for (size_t i = 0; i < n; i++) memcpy(&v[i], (const char *)&s[i] + offset, sizeof v[i]);
  const double x = quantile(v, n, 0.5);
  free(v);
  return x;
}

static void measure(const prompts *p, const spoken *s, uint64_t seed, measures *m) {
  const size_t n = p->count;
  double *v = host_alloc(n * sizeof *v, "values"), *c = host_alloc(n * sizeof *c, "values");
  uint8_t *skip = host_alloc(n, "marks");
  memset(m, 0, sizeof *m);
  for (size_t i = 0; i < n; i++) v[i] = s[i].truncated;
  m->truncated = rate_of(v, NULL, n, seed);
  for (int h = 0; h < HELDS; h++) {
    for (size_t i = 0; i < n; i++) {
      const char *slot = p->items[i].slot,
                 *other = slot && (h == HELD_ALL || held_of(&p->items[i]) == h) ? other_slot(p, i)
                                                                                : NULL;
      skip[i] = !other;
      v[i] = other && names(s[i].o.text, slot, NULL);
      c[i] = other && names(s[i].o.text, other, NULL);
    }
    m->slot[h] = rate_of(v, skip, n, seed);
    m->control[h] = rate_of(c, skip, n, seed);
  }
  for (size_t i = 0; i < n; i++) {
    m->finish[s[i].o.finish] += 1.0 / (double)n;
    m->logprob += (double)s[i].o.logprob / (double)n;
    m->confidence += (double)s[i].o.confidence / (double)n;
    m->tokens += (double)s[i].o.tokens / (double)n;
  }
  m->prefill_ms = median_of(s, n, offsetof(spoken, prefill_ms));
  m->first_word_ms = median_of(s, n, offsetof(spoken, first_word_ms));
  m->total_ms = median_of(s, n, offsetof(spoken, total_ms));
  free(v), free(c), free(skip);
}

/* ---- showing ---- */

static const char *base(const char *path) {
  return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

static json_t *to_json(const session *s, const prompts *p, const panel *x, const measures *m,
                       const size_t *shown, size_t nshown, uint64_t seed) {
  json_t *j = json_pack("{ss ss sI so sf sf sf sf sf sf sI sI}", "section", "opener", "model",
                        base(s->path), "prompts", (json_int_t)p->count, "truncated",
                        rate_json(&m->truncated), "logprob", m->logprob, "confidence",
                        m->confidence, "tokens", m->tokens, "prefill_ms", m->prefill_ms,
                        "first_word_ms", m->first_word_ms, "total_ms", m->total_ms, "blob_bytes",
                        (json_int_t)s->map.size, "arena_bytes", (json_int_t)s->arena_bytes);
  json_t *slots = json_array(), *finish = json_object(), *examples = json_array();
  for (int h = 0; h < HELDS; h++)
    if (m->slot[h].n)
      json_array_append_new(slots, json_pack("{ss so so}", "of", held_names[h], "named",
                                             rate_json(&m->slot[h]), "control",
                                             rate_json(&m->control[h])));
  for (int f = 0; f < 6; f++)
    json_object_set_new(finish, ulm_finish_name((ulm_finish)f), json_real(m->finish[f]));
  for (size_t k = 0; k < nshown; k++) {
    const prompt *q = &p->items[shown[k]];
    const spoken *o = &x->forced[shown[k]], *free_o = &x->unforced[shown[k]];
    const grounded *g = x->list[0].read ? &x->list[0].read[shown[k]] : NULL;
    json_t *row =
        json_pack("{ss ss ss* ss* ss* si ss sb sf sf}", "prompt", q->turns[q->count - 1].text,
                  "opener", o->o.text, "reference", q->reference, "slot", q->slot, "held", q->held,
                  "words", o->o.words, "finish", ulm_finish_name(o->o.finish), "unforced_ok",
                  keeps_contract(free_o->o.text) && free_o->o.ended, "confidence",
                  (double)o->o.confidence, "first_word_ms", o->first_word_ms);
    if (g)
      json_object_set_new(row, "grounded", json_real(g->span[CUTS - 1] ? 0 : g->picked[CUTS - 1]));
    json_array_append_new(examples, row);
  }
  json_object_set_new(j, "slots", slots);
  json_object_set_new(j, "finish", finish);
  json_object_set_new(j, "examples", examples);
  standing_add(j, x, p, seed);
  return j;
}

static void show(const json_t *section, bool json) {
  if (json) {
    json_dumpf(section, stdout, JSON_COMPACT);
    printf("\n");
  } else {
    report_text(stdout, section, isatty(1));
  }
}

static int write_report(const char *dir, const json_t *section, const panel *x, const prompts *p,
                        const char *run, const char *quant, host_error *e) {
  char path[4096];
  if (report_write(dir, "opener", section, run, quant, e)) return -1;
  return host_path(path, sizeof path, dir, "openers.jsonl", e) || standing_lines(path, x, p, e);
}

/* --json: the section on one line; otherwise the same text as REPORT/report.txt, in bold where it
 * helps. */
int command_opener(int argc, char **argv) {
  static const char usage[] =
      "ulm-bench opener MODEL --prompts F.jsonl[.gz] [--reader MODEL] [--train DATA] [-o "
      "REPORT]\n\n"
      "Speaks an opener for every prompt, forced and unforced, and measures them: the 4-8-word "
      "contract, loss\n"
      "and agreement on the references, diversity, repetition, latency; with --reader whether "
      "another model\n"
      "finds the true prompt among 16 by the opener; beside baselines. docs/EVAL.md tells what "
      "each is worth.\n\n"
      "  ulm-bench opener m.ulm --prompts test.jsonl.gz --reader r.ulm --train shards/chat -o "
      "report";
  const char *file = NULL, *report = NULL, *run = NULL, *quant = NULL;
  panel_options o = {.how = {.temperature = 0, .top_p = 0.9, .seed = 1}};
  int n = 0, shows = 20;
  bool json = false, repeats = false;
  const host_opt table[] = {
      {"prompts", "F", "chat JSONL; the last assistant message is the reference", OPT_STRING,
       &file},
      {"reader", "MODEL", "blob or checkpoint, of other weights, that judges grounding", OPT_STRING,
       &o.reader},
      {"train", "DATA", "shards, data folder or chat file the baselines know; may be given again",
       OPT_STRINGS, &o.train},
      {"beside", "MODEL",
       "another model on the same prompts, compared in pairs; may be given again", OPT_STRINGS,
       &o.beside},
      {"o", "REPORT", "folder of the report", OPT_STRING, &report},
      {"n", "N", "prompts, chosen by lot (all)", OPT_INT, &n},
      {"temperature", "T", "0 is greedy (0)", OPT_DOUBLE, &o.how.temperature},
      {"top-p", "P", "share of the likeliest tokens to sample from (0.9)", OPT_DOUBLE,
       &o.how.top_p},
      {"seed", "S", "of sampling, lots and intervals (1)", OPT_UINT64, &o.how.seed},
      {"repeats", NULL, "let the model say a word twice in a row, or a pair of words again",
       OPT_FLAG, &repeats},
      {"show", "N", "openers to print, chosen by lot (20)", OPT_INT, &shows},
      {"run", "RUN", "add a training's curves to the report", OPT_STRING, &run},
      {"quant", "A.q,B.q", "add quantization errors to the report", OPT_STRING, &quant},
      {"threads", "N", "threads (all)", OPT_INT, &o.threads},
      {"json", NULL, "the section as one JSON object on stdout", OPT_FLAG, &json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  if (argc - at != 1 || !file) host_usage("a model and --prompts are needed");
  if (!report && (run || quant)) host_usage("--run and --quant need a report: give -o");
  if (n < 0 || shows < 0 || shows > 1000 || o.threads < 0 || o.how.temperature < 0 ||
      o.how.top_p < 0 || o.how.top_p > 1)
    host_usage("an option is out of range");
  o.how.repeats = repeats;
  host_error e;
  session s;
  prompts p;
  panel x;
  if (model_session(&s, argv[at], o.threads, &e) ||
      prompts_open(&p, file, (uint64_t)n, o.how.seed, &e))
    host_die("%s", e.text);
  o.threads = s.threads;
  if (panel_open(&x, &s, &p, &o, &e)) host_die("%s", e.text);
  measures m;
  measure(&p, x.forced, o.how.seed, &m);
  size_t nshown = (size_t)shows < p.count ? (size_t)shows : p.count,
         *shown = host_alloc((nshown + 1) * sizeof *shown, "examples");
  ulm_rng lot = ulm_rng_seed(o.how.seed, 0x6c6f74);
  for (size_t i = 0, k = 0; k < nshown; i++)
    if (ulm_rng_below(&lot, (uint32_t)(p.count - i)) < nshown - k) shown[k++] = i;
  json_t *section = to_json(&s, &p, &x, &m, shown, nshown, o.how.seed);
  if (o.reader) json_object_set_new(section, "reader", json_string(base(o.reader)));
  if (report && write_report(report, section, &x, &p, run, quant, &e)) host_die("%s", e.text);
  show(section, json);
  host_log("%s%speak memory %llu MB", report ? report : "", report ? "/report.html; " : "",
           (unsigned long long)host_peak_rss() >> 20);
  json_decref(section);
  free(shown), free(o.beside.item), free(o.train.item);
  panel_close(&x), prompts_close(&p), session_close(&s);
  return fflush(stdout) ? 1 : 0;
}
