/* ulm-bench handoff: openers handed to a continuator, spliced, judged and timed. */
#include "cache.h"
#include "command.h"
#include "continuator.h"
#include "faults.h"
#include "judge.h"
#include "matrix.h"
#include "online.h"
#include "report.h"
#include "session.h"
#include "stats.h"
#include "surprise.h"
#include "talk.h"
#include "timeline.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  outcome outcome;
  ulm_recovery mode;
  verdict verdict;
  timeline time;
  char *spoken;    /* behind the opener */
  uint32_t bridge; /* bytes of `spoken` */
} result;

typedef struct {
  char text[CONTINUATION_MAX + 64];
  size_t n;
} heard;
static void emit(void *user, const char *p, size_t n) {
  heard *h = user;
  if (n > sizeof h->text - 1 - h->n)
    n = sizeof h->text - 1 - h->n; /* the splice adds a few bytes at most */
  memcpy(h->text + h->n, p, n);
  h->n += n;
  h->text[h->n] = 0;
}

static int run_one(const prompt *p, const spoken *o, ulm_recovery mode, uint64_t seed, result *r,
                   host_error *e) {
  continuation *c = host_alloc(sizeof *c, "a continuation");
  heard *h = host_alloc(sizeof *h, "what is heard");
  const handoff hand = {o->o.text, p->reference, p->slot, mode, seed};
  const int bad = synthetic_continue(&hand, c, e);
  if (!bad) {
    ulm_splice s;
    ulm_splice_begin(&s, o->o.text, o->o.size);
    for (uint32_t i = 0; i < c->count; i++)
      ulm_splice_feed(&s, c->text + c->pieces[i].from, c->pieces[i].size, emit, h);
    ulm_splice_end(&s, emit, h);
    char bridge[256];
    snprintf(bridge, sizeof bridge, "%.*s", (int)c->bridge, c->text);
    const judged j = {o->o.text, h->text, c->text, bridge, mode == ULM_RECOVER_EXPLICIT};
    *r = (result){c->outcome,      mode,
                  judge(&j),       timeline_of(o->o.words, o->first_word_ms, c->pieces[0].ms),
                  strdup(h->text), 0};
    if (!r->spoken) host_die("no memory for a transcript");
    if (c->bridge) { /* where the bridge ends in what was heard */
      const char *reference = strstr(h->text, p->reference);
      r->bridge = reference ? (uint32_t)(reference - h->text) : 0;
    }
  }
  free(c), free(h);
  return bad;
}

static json_t *example(const prompt *p, const spoken *o, const result *r) {
  char *bridge = strndup(r->spoken, r->bridge);
  json_t *j = json_pack("{ss ss ss ss ss ss sf sf sf sf}", "prompt", p->turns[p->count - 1].text,
                        "opener", o->o.text, "bridge", bridge ? bridge : "", "continuation",
                        r->spoken + r->bridge, "outcome", outcome_name(r->outcome), "mode",
                        r->outcome == OUTCOME_RECOVERED ? ulm_recovery_name(r->mode) : "",
                        "first_word_ms", o->first_word_ms, "speech_end_ms", r->time.speech_end_ms,
                        "cloud_ms", r->time.cloud_ms, "gap_ms", r->time.gap_ms);
  free(bridge);
  json_t *why = json_array();
  for (int b = 0; b < BREAKS; b++)
    if (r->verdict.breaks >> b & 1) json_array_append_new(why, json_string(rule_name(b)));
  json_object_set_new(j, "failures", why);
  return j;
}

/* Rows by outcome and, where recovered, by mode. */
static json_t *rows(const result *r, size_t n) {
  json_t *all = json_array();
  double *gaps = host_alloc(n * sizeof *gaps, "gaps");
  for (int o = 0; o < OUTCOMES; o++)
    for (int m = 0; m < ULM_RECOVERIES; m++) {
      const int split = o == OUTCOME_RECOVERED;
      size_t k = 0;
      double good = 0, masked = 0;
      if (!split && m) continue;
      for (size_t i = 0; i < n; i++) {
        if ((int)r[i].outcome != o || (split && (int)r[i].mode != m)) continue;
        gaps[k++] = r[i].time.gap_ms;
        good += !r[i].verdict.breaks, masked += r[i].time.masked_ms / r[i].time.cloud_ms;
      }
      if (k)
        json_array_append_new(all,
                              json_pack("{ss ss sI sf sf sf}", "outcome", outcome_name((outcome)o),
                                        "mode", split ? ulm_recovery_name((ulm_recovery)m) : "",
                                        "count", (json_int_t)k, "good", good / (double)k, "masked",
                                        masked / (double)k, "gap_ms", quantile(gaps, k, 0.5)));
    }
  free(gaps);
  return all;
}

static const char *name_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static json_t *section(const session *s, const prompts *p, const spoken *o, const result *r,
                       uint64_t seed, size_t show) {
  const size_t n = p->count;
  double *v = host_alloc(n * sizeof *v, "values"), lost = 0, repeated = 0, masked = 0, none = 0,
         bins[10] = {0};
  uint32_t broken[BREAKS] = {0};
  for (size_t i = 0; i < n; i++) {
    const double share = r[i].time.masked_ms / r[i].time.cloud_ms;
    lost += r[i].verdict.lost, repeated += r[i].verdict.repeated;
    masked += share / (double)n, none += (r[i].time.gap_ms == 0) / (double)n;
    bins[share >= 1 ? 9 : (int)(share * 10)]++;
    v[i] = !r[i].verdict.breaks;
    for (int b = 0; b < BREAKS; b++) broken[b] += r[i].verdict.breaks >> b & 1;
  }
  const rate good = rate_of(v, NULL, n, seed);
  json_t *histogram = json_array(), *examples = json_array(), *rules = json_object();
  for (int b = 0; b < 10; b++) json_array_append_new(histogram, json_real(bins[b]));
  for (int b = 0; b < BREAKS; b++)
    json_object_set_new(rules, rule_name(b), json_integer(broken[b]));
  for (size_t i = 0; i < n; i++) v[i] = o[i].first_word_ms;
  const double first = quantile(v, n, 0.5);
  for (size_t i = 0; i < n; i++) v[i] = r[i].time.cloud_ms;
  const double cloud = quantile(v, n, 0.5);
  free(v);
  /* Shown: by lot, one of each outcome and mode first; then failures. */
  uint8_t *taken = host_alloc(n, "marks");
  ulm_rng g = ulm_rng_seed(seed, 0x73686f77);
  const uint32_t turn = ulm_rng_below(&g, (uint32_t)n);
  for (int kind = 0; kind < OUTCOMES - 1 + ULM_RECOVERIES; kind++)
    for (size_t k = 0; k < n && json_array_size(examples) < show; k++) {
      const size_t i = (turn + k) % n;
      const int of = r[i].outcome == OUTCOME_RECOVERED ? OUTCOME_RECOVERED + (int)r[i].mode
                                                       : (int)r[i].outcome;
      if (of != kind || taken[i]) continue;
      taken[i] = 1;
      json_array_append_new(examples, example(&p->items[i], &o[i], &r[i]));
      break;
    }
  for (size_t i = 0, failures = 0; i < n && failures < 3; i++)
    if (r[i].verdict.breaks && !taken[i])
      json_array_append_new(examples, example(&p->items[i], &o[i], &r[i])), failures++;
  free(taken);
  return json_pack("{ss ss sI so sf sf sf sf sf sf so so so so}", "section", "handoff", "model",
                   name_of(s->path), "n", (json_int_t)n, "good", rate_json(&good), "lost", lost,
                   "repeated", repeated, "masked", masked, "no_gap", none, "first_word_ms", first,
                   "cloud_ms", cloud, "rows", rows(r, n), "histogram", histogram, "rules_broken",
                   rules, "examples", examples);
}

/* Only prompts with a reference can be handed to the synthetic continuator. */
static void keep_referenced(prompts *p) {
  size_t n = 0;
  for (size_t i = 0; i < p->count; i++)
    if (p->items[i].reference && *p->items[i].reference) {
      const prompt t = p->items[n];
      p->items[n++] = p->items[i], p->items[i] = t;
    }
  if (!n)
    host_die(
        "no prompt has a reference; the synthetic continuator needs the last assistant message");
  if (n < p->count) host_log("%zu prompts without a reference are left out", p->count - n);
  p->count = n;
}

/* ---- under faults ---- */

/* References as a cloud would speak them. */
static void keep_speakable(prompts *p) {
  enum { REFERENCE_MAX = 400 };
  size_t n = 0;
  for (size_t i = 0; i < p->count; i++) {
    char *s = p->items[i].reference ? reference_spoken(p->items[i].reference, REFERENCE_MAX) : NULL;
    if (!s) continue;
    free((void *)p->items[i].reference);
    p->items[i].reference = s;
    const prompt t = p->items[n];
    p->items[n++] = p->items[i], p->items[i] = t;
  }
  if (!n)
    host_die("no prompt has a reference of 10 words or more that could be spoken (running text)");
  if (n < p->count)
    host_log("%zu prompts without a reference that can be spoken are left out", p->count - n);
  p->count = n;
}

static int kinds_named(const char *list, uint8_t set[OPENER_KINDS], host_error *e) {
  memset(set, !strcmp(list, "all"), OPENER_KINDS);
  for (const char *p = list; strcmp(list, "all") && *p;) {
    const size_t k = strcspn(p, ",");
    int i = 0;
    while (i < OPENER_KINDS && (strlen(opener_kind_name((opener_kind)i)) != k ||
                                memcmp(opener_kind_name((opener_kind)i), p, k)))
      i++;
    if (i == OPENER_KINDS)
      return host_fail(e,
                       "no openers '%.*s'; there are: all own true entity topic polarity fragment "
                       "repetition",
                       (int)k, p);
    set[i] = 1;
    p += k + (p[k] == ',');
  }
  return 0;
}

static int write_trials(const char *dir, const char *name, const trial_plan *plan, const trial *t,
                        host_error *e) {
  char path[4096];
  host_out o;
  if (host_mkdir(dir, e) || host_path(path, sizeof path, dir, name, e) ||
      host_out_open(&o, path, e))
    return -1;
  for (size_t i = 0; i < plan->n; i++) {
    json_t *j = trial_json(plan->p, i, &t[i]);
    json_dumpf(j, o.f, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(j);
    host_out_printf(&o, "\n");
  }
  return host_out_commit(&o, e);
}

/* A reader's surprise at the seams of a sample, into section j and its rows. */
static int read_seams(const char *reader, const trial_plan *plan, const trial *t, int threads,
                      const char *report, json_t *j, host_error *e) {
  enum { EACH = 12 };
  session s;
  if (session_open(&s, reader, threads, e)) return -1;
  surprise *read = host_alloc(plan->n * sizeof *read, "surprises");
  const int bad = surprise_all_cached(&s, plan->p, t, plan->n, EACH, read, report, e);
  if (!bad) {
    json_object_set_new(j, "reader", json_string(name_of(reader)));
    json_object_set_new(j, "surprise", surprise_json(t, read, plan->n, -1, plan->seed));
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(j, "faults"), i, row) {
      uint8_t set[FAULTS];
      faults_named(json_string_value(json_object_get(row, "name")), set, NULL);
      int f = 0;
      while (!set[f]) f++;
      json_object_set_new(row, "surprise", surprise_json(t, read, plan->n, f, plan->seed));
    }
  }
  free(read);
  session_close(&s);
  return bad;
}

static json_t *under_faults(trial_plan *plan, size_t wall, const char *model, const spoken *own,
                            const char *reader, int threads, size_t show, const char *report,
                            host_error *e) {
  const double began = host_now();
  trial *t = trials_run(plan, threads, e), *again = NULL;
  if (!t) return NULL;
  const double seconds = host_now() - began;
  json_t *j = faults_section(model, plan, t, show);
  json_object_set_new(j, "seconds", json_real(seconds));
  double *first = host_alloc(plan->p->count * sizeof *first, "times");
  for (size_t i = 0; own && i < plan->p->count; i++) first[i] = own[i].first_word_ms;
  if (own) json_object_set_new(j, "first_word_ms", json_real(quantile(first, plan->p->count, 0.5)));
  free(first);
  int bad = write_trials(report, "handoffs.jsonl", plan, t, e);
  if (!bad && reader) bad = read_seams(reader, plan, t, threads, report, j, e);
  if (!bad && wall) {
    trial_plan real = *plan;
    real.n = wall < plan->n ? wall : plan->n, real.wall = 1;
    again = trials_run(&real, threads, e);
    bad = !again || write_trials(report, "handoffs-wall.jsonl", &real, again, e);
    if (!bad) json_object_set_new(j, "wall", faults_wall(t, again, real.n));
    trials_free(again, real.n);
  }
  trials_free(t, plan->n);
  if (!bad) return j;
  json_decref(j);
  return NULL;
}

int command_handoff(int argc, char **argv) {
  static const char usage[] =
      "ulm-bench handoff M.ulm --prompts F.jsonl[.gz] [--faults LIST|all] -o REPORT\n"
      "ulm-bench handoff A.ulm B.ulm ... --continuator LIST --prompts F.jsonl[.gz] -o REPORT\n\n"
      "Hands the openers of a model to a continuator, splices what comes back, judges the seam by "
      "rules and times it:\n"
      "the device speaks at 150 words a minute while the cloud is silent.\n\n"
      "With --faults, openers of a known kind meet clouds of a known fault, and every word that "
      "is spoken is held\n"
      "against what should have been: in virtual time, N handoffs over real loopback HTTP with "
      "--wall N.\n\n"
      "  ulm-bench handoff m.ulm --prompts test.jsonl.gz --n 300 -o report\n"
      "  ulm-bench handoff m.ulm --prompts test.jsonl.gz --faults all --n 10000 --wall 400 -o "
      "report";
  const char *file = NULL, *report = NULL, *run = NULL, *quant = NULL, *who = "synthetic",
             *recovery = "cycle", *faults = NULL, *openers = "all", *reader = NULL;
  enum { PROMPTS_MAX = 1000 }; /* prompts under faults: their openers are made once */
  speaking how = {.temperature = 0.5, .top_p = 0.9, .seed = 1};
  int n = 0, show = -1, threads = 0, wall = 0;
  int tokens = 96;
  bool json = false;
  endpoint_options at_cloud = {0};
  endpoint *cloud = NULL;
  const host_opt table[] = {
      {"prompts", "F", "chat JSONL; the last assistant message is the reference", OPT_STRING,
       &file},
      {"o", "REPORT", "folder of the report", OPT_STRING, &report},
      {"continuator", "C",
       "synthetic (it knows the references), or the URL of an endpoint; with commas: a matrix of "
       "them, synthetic:FAULT too",
       OPT_STRING, &who},
      ENDPOINT_OPTIONS(at_cloud),
      {"tokens", "N", "most tokens of an endpoint's continuation (96)", OPT_INT, &tokens},
      {"faults", "LIST", "of the cloud, by name, or all; a wrong name lists them", OPT_STRING,
       &faults},
      {"openers", "LIST", "with --faults: own, true, entity, topic, polarity, ... (all)",
       OPT_STRING, &openers},
      {"reader", "R.ulm", "with --faults: a model other than the speaker reads the seams",
       OPT_STRING, &reader},
      {"wall", "N", "with --faults: so many again over loopback HTTP, in real time (0)", OPT_INT,
       &wall},
      {"recovery", "R",
       "explicit, redirect, humor, cycle through them, or by the policy for a known error (cycle)",
       OPT_STRING, &recovery},
      {"n", "N", "handoffs, chosen by lot (all)", OPT_INT, &n},
      {"temperature", "T", "of the openers (0.5)", OPT_DOUBLE, &how.temperature},
      {"top-p", "P", "share of the likeliest tokens to sample from (0.9)", OPT_DOUBLE, &how.top_p},
      {"seed", "S", "of sampling, lots, delays (1)", OPT_UINT64, &how.seed},
      {"show", "N", "transcripts in the report (5; under faults one of each)", OPT_INT, &show},
      {"run", "RUN", "add a training's curves to the report", OPT_STRING, &run},
      {"quant", "A.q,B.q", "add quantization errors to the report", OPT_STRING, &quant},
      {"threads", "N", "threads (all)", OPT_INT, &threads},
      {"json", NULL, "the section as one JSON object on stdout", OPT_FLAG, &json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  if (argc - at < 1 || !file || !report) host_usage("a blob, --prompts and -o are needed");
  const bool matrix = argc - at > 1 || strchr(who, ',') || !strncmp(who, "synthetic:", 10);
  if (matrix && faults) host_usage("--faults takes one blob; in a matrix: synthetic:FAULT");
  if (show == -1) show = faults ? FAULTS : 5;
  if (n < 0 || show < 0 || show > 1000 || threads < 0 || wall < 0 || how.temperature < 0 ||
      how.top_p < 0 || how.top_p > 1)
    host_usage("an option is out of range");
  const bool online = !matrix && strcmp(who, "synthetic") != 0;
  if (online && !strstr(who, "://"))
    host_usage("--continuator %s: neither synthetic nor a URL (http://, https://)", who);
  if (online && faults) host_usage("--faults are of the synthetic continuator");
  if (tokens < 1 || tokens > 65536) host_usage("--tokens must be 1..65536");
  int mode = -1;
  for (int m = 0; m < ULM_RECOVERIES; m++)
    if (!strcmp(recovery, ulm_recovery_name((ulm_recovery)m))) mode = m;
  if (faults && !strcmp(recovery, "policy")) mode = -2;
  if (mode == -1 && strcmp(recovery, "cycle"))
    host_usage("no recovery '%s' (explicit, redirect, humor, cycle%s)", recovery,
               faults ? ", policy" : "");
  host_error e;
  session s;
  prompts p;
  at_cloud.url = who;
  if (online && (!(cloud = endpoint_open(&at_cloud, &e)) || endpoint_probe(cloud, &e)))
    host_die("%s", e.text);
  trial_plan plan = {.mode = mode, .seed = how.seed, .n = n ? (size_t)n : 10000};
  if (faults && (faults_named(faults, plan.faults, &e) || kinds_named(openers, plan.kinds, &e)))
    host_usage("%s", e.text);
  if (faults && n > PROMPTS_MAX) n = PROMPTS_MAX;
  if (faults && !n) n = PROMPTS_MAX;
  if (matrix) {
    if (prompts_open(&p, file, (uint64_t)n, how.seed, &e)) host_die("%s", e.text);
    const size_t before = p.count;
    keep_speakable(&p);
    const matrix_plan m = {&p,
                           argv + at,
                           (size_t)(argc - at),
                           who,
                           how,
                           at_cloud,
                           mode,
                           (uint32_t)tokens,
                           threads ? threads : omp_get_max_threads(),
                           report};
    json_t *cells = matrix_section(&m, &e);
    if (!cells || report_write(report, "matrix", cells, run, quant, &e)) host_die("%s", e.text);
    if (json)
      json_dumpf(cells, stdout, JSON_COMPACT), printf("\n");
    else
      report_text(stdout, cells, isatty(1));
    json_decref(cells);
    p.count = before;
    prompts_close(&p);
    return fflush(stdout) ? 1 : 0;
  }
  if (session_open(&s, argv[at], threads, &e) || prompts_open(&p, file, (uint64_t)n, how.seed, &e))
    host_die("%s", e.text);
  const size_t all = p.count;
  if (faults) keep_speakable(&p);
  if (!faults && !online) keep_referenced(&p);
  spoken *o = host_alloc(p.count * sizeof *o, "openers");
  result *r = host_alloc(p.count * sizeof *r, "results");
  json_t *j;
  if (faults) {
    plan.p = &p, plan.own = o;
    if ((plan.kinds[OPENER_OWN] && speak_all_cached(&s, &p, &how, o, report, &e)) ||
        !(j = under_faults(&plan, (size_t)wall, name_of(s.path), plan.kinds[OPENER_OWN] ? o : NULL,
                           reader, s.threads, (size_t)show, report, &e)))
      host_die("%s", e.text);
  } else if (online) {
    const online_plan live = {&p, o, cloud, mode < 0 ? 0 : 1u << mode, (uint32_t)tokens};
    if (speak_all_cached(&s, &p, &how, o, report, &e)) host_die("%s", e.text);
    trial *t = online_run(&live);
    j = online_section(name_of(s.path), who, &live, t, how.seed, (size_t)show);
    trials_free(t, p.count);
  } else {
    if (speak_all(&s, &p, &how, o, "openers", &e)) host_die("%s", e.text);
    for (size_t i = 0; i < p.count; i++)
      if (run_one(&p.items[i], &o[i], (ulm_recovery)(mode < 0 ? (int)(i % ULM_RECOVERIES) : mode),
                  how.seed * 7919 + i, &r[i], &e))
        host_die("%s: handoff %zu: %s", file, i + 1, e.text);
    j = section(&s, &p, o, r, how.seed, (size_t)show);
  }
  if (report_write(report, faults ? "faults" : online ? "online" : "handoff", j, run, quant, &e))
    host_die("%s", e.text);
  if (json) {
    json_dumpf(j, stdout, JSON_COMPACT);
    printf("\n");
  } else {
    report_text(stdout, j, isatty(1));
  }
  host_log("report: %s/report.html; peak memory %llu MB", report,
           (unsigned long long)host_peak_rss() >> 20);
  json_decref(j);
  for (size_t i = 0; i < p.count; i++) free(r[i].spoken);
  free(o), free(r);
  p.count = all;
  prompts_close(&p), session_close(&s);
  endpoint_close(cloud);
  return fflush(stdout) ? 1 : 0;
}
