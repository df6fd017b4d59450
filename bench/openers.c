/* ulm-bench opener: what a model's openers are like, over a file of prompts. */
#include "command.h"
#include "report.h"
#include "session.h"
#include "stats.h"

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
  rate contract, unforced, first_word, content_word, truncated;
  rate slot[HELDS], control[HELDS];
  double distinct, most_share, repeats;
  size_t most; /* prompt with the most frequent opener */
  double finish[6], logprob, confidence, prefill_ms, first_word_ms, total_ms, tokens;
} measures;

/* 4-8 whole words, clean UTF-8, no marker of the chat template. */
static int keeps_contract(const ulm_opener *o) {
  for (size_t i = 0, k; i < o->size; i += k)
    if (!(k = ulm_utf8_len((const uint8_t *)o->text + i, o->size - i))) return 0;
  return o->words >= 4 && o->words <= 8 && !strstr(o->text, "<|") &&
         !strstr(o->text, "\xef\xbf\xbd");
}

/* Another prompt's value for each, one that differs: what naming by chance would give. */
static const char *other_slot(const prompts *p, size_t i) {
  for (size_t step = 1; step < p->count; step++) {
    const char *s = p->items[(i + p->count / 2 + step) % p->count].slot;
    if (s && !names(s, p->items[i].slot, NULL) && !names(p->items[i].slot, s, NULL)) return s;
  }
  return NULL;
}

static const char **by_text;
static int text_order(const void *a, const void *b) {
  return strcmp(by_text[*(const size_t *)a], by_text[*(const size_t *)b]);
}

static void repetition(const prompts *p, const spoken *s, measures *m) {
  size_t *order = host_alloc(p->count * sizeof *order, "an order"), distinct = 0, run = 0,
         longest = 0;
  by_text = host_alloc(p->count * sizeof *by_text, "openers");
  for (size_t i = 0; i < p->count; i++) order[i] = i, by_text[i] = s[i].o.text;
  qsort(order, p->count, sizeof *order, text_order);
  for (size_t i = 0; i < p->count; i++) {
    const int same = i && !strcmp(by_text[order[i]], by_text[order[i - 1]]);
    run = same ? run + 1 : 1;
    distinct += !same;
    if (run > longest) longest = run, m->most = order[i];
    char a[80], b[80] = "";
    int repeated = 0;
    for (size_t w = 0; word_at(s[i].o.text, w, a, sizeof a); w++)
      repeated |= !strcmp(a, b), strcpy(b, a);
    m->repeats += repeated / (double)p->count;
  }
  m->distinct = (double)distinct / (double)p->count;
  m->most_share = (double)longest / (double)p->count;
  free(order), free(by_text);
}

static double median_of(const spoken *s, size_t n, size_t offset) {
  double *v = host_alloc(n * sizeof *v, "times");
  for (size_t i = 0; i < n; i++) memcpy(&v[i], (const char *)&s[i] + offset, sizeof v[i]);
  const double x = quantile(v, n, 0.5);
  free(v);
  return x;
}

static void measure(const prompts *p, const spoken *s, const spoken *free_s, uint64_t seed,
                    measures *m) {
  const size_t n = p->count;
  double *v = host_alloc(n * sizeof *v, "values"), *c = host_alloc(n * sizeof *c, "values");
  uint8_t *skip = host_alloc(n, "marks");
  memset(m, 0, sizeof *m);
  for (size_t i = 0; i < n; i++) v[i] = keeps_contract(&s[i].o);
  m->contract = rate_of(v, NULL, n, seed);
  for (size_t i = 0; i < n; i++) v[i] = keeps_contract(&free_s[i].o) && free_s[i].o.ended;
  m->unforced = rate_of(v, NULL, n, seed);
  for (size_t i = 0; i < n; i++) v[i] = s[i].truncated;
  m->truncated = rate_of(v, NULL, n, seed);
  for (size_t i = 0; i < n; i++) {
    char a[80], b[80];
    skip[i] = !p->items[i].reference || !word_at(p->items[i].reference, 0, b, sizeof b);
    v[i] = !skip[i] && word_at(s[i].o.text, 0, a, sizeof a) && !strcmp(a, b);
  }
  m->first_word = rate_of(v, skip, n, seed);
  for (size_t i = 0; i < n; i++) {
    char a[80], b[80];
    skip[i] = !p->items[i].reference || !content_word(p->items[i].reference, b, sizeof b);
    v[i] = !skip[i] && content_word(s[i].o.text, a, sizeof a) && !strcmp(a, b);
  }
  m->content_word = rate_of(v, skip, n, seed);
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
  repetition(p, s, m);
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

static json_t *to_json(const session *s, const prompts *p, const spoken *o, const spoken *free_o,
                       const measures *m, const size_t *shown, size_t nshown) {
  json_t *j = json_pack(
      "{ss ss sI so so so so so sf sf sf ss sf sf sf sf sf sf sI sI}", "section", "opener", "model",
      strrchr(s->path, '/') ? strrchr(s->path, '/') + 1 : s->path, "prompts", (json_int_t)p->count,
      "contract", rate_json(&m->contract), "contract_unforced", rate_json(&m->unforced),
      "first_word", rate_json(&m->first_word), "first_content_word", rate_json(&m->content_word),
      "truncated", rate_json(&m->truncated), "distinct", m->distinct, "repeated_word", m->repeats,
      "most_frequent_share", m->most_share, "most_frequent", o[m->most].o.text, "logprob",
      m->logprob, "confidence", m->confidence, "tokens", m->tokens, "prefill_ms", m->prefill_ms,
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
    const spoken *x = &o[shown[k]];
    json_array_append_new(
        examples,
        json_pack("{ss ss ss* ss* ss* si ss sb sf sf}", "prompt", q->turns[q->count - 1].text,
                  "opener", x->o.text, "reference", q->reference, "slot", q->slot, "held", q->held,
                  "words", x->o.words, "finish", ulm_finish_name(x->o.finish), "unforced_ok",
                  keeps_contract(&free_o[shown[k]].o) && free_o[shown[k]].o.ended, "confidence",
                  (double)x->o.confidence, "first_word_ms", x->first_word_ms));
  }
  json_object_set_new(j, "slots", slots);
  json_object_set_new(j, "finish", finish);
  json_object_set_new(j, "examples", examples);
  return j;
}

/* --json: the section on one line; otherwise the same text as REPORT/report.txt, in bold where it
 * helps. */
int command_opener(int argc, char **argv) {
  static const char usage[] =
      "ulm-bench opener M.ulm --prompts F.jsonl[.gz] -o REPORT\n\n"
      "Speaks an opener for every prompt, forced and unforced, and measures them: the 4-8-word "
      "contract,\n"
      "naming the prompt's slot value, agreement with the references, diversity, latency.\n\n"
      "  ulm-bench opener m.ulm --prompts test.jsonl.gz -o report";
  const char *file = NULL, *report = NULL, *run = NULL, *quant = NULL;
  speaking how = {.temperature = 0, .top_p = 0.9, .seed = 1};
  int n = 0, show = 12, threads = 0;
  bool json = false;
  const host_opt table[] = {
      {"prompts", "F", "chat JSONL; the last assistant message is the reference", OPT_STRING,
       &file},
      {"o", "REPORT", "folder of the report", OPT_STRING, &report},
      {"n", "N", "prompts, chosen by lot (all)", OPT_INT, &n},
      {"temperature", "T", "0 is greedy (0)", OPT_DOUBLE, &how.temperature},
      {"top-p", "P", "share of the likeliest tokens to sample from (0.9)", OPT_DOUBLE, &how.top_p},
      {"seed", "S", "of sampling, lots and intervals (1)", OPT_UINT64, &how.seed},
      {"show", "N", "openers to print, chosen by lot (12)", OPT_INT, &show},
      {"run", "RUN", "add a training's curves to the report", OPT_STRING, &run},
      {"quant", "A.q,B.q", "add quantization errors to the report", OPT_STRING, &quant},
      {"threads", "N", "threads (all)", OPT_INT, &threads},
      {"json", NULL, "the section as one JSON object on stdout", OPT_FLAG, &json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  if (argc - at != 1 || !file || !report) host_usage("a blob, --prompts and -o are needed");
  if (n < 0 || show < 0 || show > 1000 || threads < 0 || how.temperature < 0 || how.top_p < 0 ||
      how.top_p > 1)
    host_usage("an option is out of range");
  host_error e;
  session s;
  prompts p;
  if (session_open(&s, argv[at], threads, &e) || prompts_open(&p, file, (uint64_t)n, how.seed, &e))
    host_die("%s", e.text);
  spoken *forced = host_alloc(p.count * sizeof *forced, "openers"),
         *unforced = host_alloc(p.count * sizeof *unforced, "openers");
  if (speak_all(&s, &p, &how, forced, "openers", &e)) host_die("%s", e.text);
  how.unforced = 1;
  if (speak_all(&s, &p, &how, unforced, "unforced", &e)) host_die("%s", e.text);
  measures m;
  measure(&p, forced, unforced, how.seed, &m);
  size_t nshown = (size_t)show < p.count ? (size_t)show : p.count,
         *shown = host_alloc((nshown + 1) * sizeof *shown, "examples");
  ulm_rng lot = ulm_rng_seed(how.seed, 0x6c6f74);
  for (size_t i = 0, k = 0; k < nshown; i++)
    if (ulm_rng_below(&lot, (uint32_t)(p.count - i)) < nshown - k) shown[k++] = i;
  json_t *section = to_json(&s, &p, forced, unforced, &m, shown, nshown);
  if (report_write(report, "opener", section, run, quant, &e)) host_die("%s", e.text);
  if (json) {
    json_dumpf(section, stdout, JSON_COMPACT);
    printf("\n");
  } else {
    report_text(stdout, section, isatty(1));
  }
  host_log("report: %s/report.html; peak memory %llu MB", report,
           (unsigned long long)host_peak_rss() >> 20);
  json_decref(section);
  free(forced), free(unforced), free(shown);
  prompts_close(&p), session_close(&s);
  return fflush(stdout) ? 1 : 0;
}
