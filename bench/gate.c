/* ulm-bench gate: a calibrated confidence from what decoding knows. */
#include "command.h"
#include "forced.h"
#include "grounding.h"
#include "logistic.h"
#include "models.h"
#include "report.h"
#include "risk.h"
#include "slip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Openers that are known to be good or bad, in two halves by lot: the gate is fitted on the first
 * and measured on the second. */
typedef struct {
  const char *of;
  double *x[2]; /* [n, FEATURES] */
  uint8_t *good[2], *kind;
  size_t n[2], goods[2];
} labelled;

static labelled labels_new(const char *of, size_t n) {
  labelled l = {.of = of, .kind = host_alloc(n, "kinds")};
  for (int h = 0; h < 2; h++)
    l.x[h] = host_alloc(n * FEATURES * sizeof(double), "features"),
    l.good[h] = host_alloc(n, "labels");
  return l;
}

static void labels_free(labelled *l) {
  for (int h = 0; h < 2; h++) free(l->x[h]), free(l->good[h]);
  free(l->kind);
}

static void label(labelled *l, int half, const double x[FEATURES], int good, opener_kind kind) {
  for (int k = 0; k < FEATURES; k++)
    if (!isfinite(x[k])) return;
  if (half) l->kind[l->n[1]] = (uint8_t)kind;
  memcpy(l->x[half] + FEATURES * l->n[half], x, FEATURES * sizeof *x);
  l->good[half][l->n[half]++] = good != 0, l->goods[half] += good != 0;
}

static int enough(const labelled *l, const char *file, host_error *e) {
  if (l->n[0] < 10 || l->n[1] < 10)
    return host_fail(e, "%s: %zu openers can be labelled by %s; a gate needs at least 20", file,
                     l->n[0] + l->n[1], l->of);
  for (int h = 0; h < 2; h++)
    if (!l->goods[h] || l->goods[h] == l->n[h])
      return host_fail(e,
                       "%s: every opener of one half is %s by %s; a gate needs both kinds in both "
                       "halves: use more or other prompts",
                       file, l->goods[h] ? "good" : "bad", l->of);
  return 0;
}

/* ---- labels ---- */

/* Good: the opener names the slot value the prompt asked about; where a prompt has none, its first
 * content word is the reference's. -1: nothing to tell it by. */
static int by_reference(const prompt *p, const char *opener) {
  char a[80], b[80];
  if (p->slot) return names(opener, p->slot, NULL);
  if (!p->reference || !content_word(p->reference, b, sizeof b)) return -1;
  return content_word(opener, a, sizeof a) && !strcmp(a, b);
}

static void features_of(const ulm_opener *o, double x[FEATURES]) {
  x[0] = (double)o->logprob, x[1] = (double)o->entropy, x[2] = (double)o->margin;
}

/* For each prompt the beginning of its reference, and the same with an error, in turn. */
static int injected(session *s, const prompts *p, const uint8_t *half, uint64_t seed, labelled *l,
                    host_error *e) {
  forced *f = host_alloc(2 * p->count * sizeof *f, "openers");
  char(*texts)[ULM_OPENER_BYTES] = host_alloc(2 * p->count * sizeof *texts, "openers");
  uint8_t *kind = host_alloc(2 * p->count, "kinds");
  size_t n = 0;
  for (size_t i = 0; i < p->count; i++) {
    ulm_rng r = ulm_rng_seed(seed * 1000003 + i, 0x6f666600);
    if (!opener_make(OPENER_TRUE, p, i, &r, texts[n])) continue;
    size_t k = OPENER_TRUE + 1, tries = 0;
    const size_t errors = OPENER_KINDS - k;
    for (; tries < errors; tries++) {
      k = OPENER_TRUE + 1 + (i + tries) % errors;
      if (opener_make((opener_kind)k, p, i, &r, texts[n + 1])) break;
    }
    if (tries == errors) continue;
    f[n] = (forced){.prompt = i, .text = texts[n]}, kind[n] = OPENER_TRUE;
    f[n + 1] = (forced){.prompt = i, .text = texts[n + 1]}, kind[n + 1] = (uint8_t)k;
    n += 2;
  }
  const int bad = features_all(s, p, f, n, e);
  for (size_t i = 0; !bad && i < n; i++)
    label(l, half[f[i].prompt], f[i].x, kind[i] == OPENER_TRUE, (opener_kind)kind[i]);
  free(f), free(texts), free(kind);
  return bad;
}

/* Good: from the opener alone a reader finds its prompt among 16. */
static int grounded_by(session *s, const char *path, const prompts *p, const spoken *o,
                       const uint8_t *half, uint64_t seed, labelled *l, host_error *e) {
  session r;
  uint32_t *others = host_alloc(p->count * GROUND_K * sizeof *others, "distractors");
  grounded *g = host_alloc(p->count * sizeof *g, "readings");
  const char **texts = host_alloc(p->count * sizeof *texts, "openers");
  for (size_t i = 0; i < p->count; i++) texts[i] = o[i].o.text;
  int bad = model_session(&r, path, s->threads, e);
  if (!bad) {
    if (same_weights(s, &r))
      bad = host_fail(e, "%s: has the speaker's own weights; a reader must be another model", path);
    if (!bad) bad = others_by_lot(p, seed, others, e);
    if (!bad) bad = ground_all(&r, p, others, texts, 1, g, e);
    session_close(&r);
  }
  for (size_t i = 0; !bad && i < p->count; i++) {
    double x[FEATURES];
    features_of(&o[i].o, x);
    label(l, half[i], x, !g[i].span[CUTS - 1] && g[i].picked[CUTS - 1] > 0.5, OPENER_OWN);
  }
  free(others), free(g), free(texts);
  return bad;
}

/* ---- the measure ---- */

/* Of true openers against those of one kind of error. */
static json_t *kinds_json(const labelled *l, const double *conf) {
  json_t *all = json_array();
  double *c = host_alloc(l->n[1] * sizeof *c, "confidences");
  uint8_t *g = host_alloc(l->n[1], "labels");
  for (int k = OPENER_TRUE + 1; k < OPENER_KINDS; k++) {
    size_t n = 0;
    for (size_t i = 0; i < l->n[1]; i++)
      if (l->kind[i] == OPENER_TRUE || l->kind[i] == k) c[n] = conf[i], g[n++] = l->good[1][i];
    const double a = auc(c, g, n);
    if (!isnan(a))
      json_array_append_new(all, json_pack("{ss sf sI}", "name", opener_kind_name((opener_kind)k),
                                           "auc", a, "n", (json_int_t)n));
  }
  free(c), free(g);
  return all;
}

static json_t *measured(const labelled *l, const logistic *fit, uint64_t seed) {
  double *conf = host_alloc(l->n[1] * sizeof *conf, "confidences");
  for (size_t i = 0; i < l->n[1]; i++) conf[i] = exp(l->x[1][FEATURES * i]);
  json_t *raw = risk_json(conf, l->good[1], l->n[1], seed);
  for (size_t i = 0; i < l->n[1]; i++) conf[i] = logistic_at(fit, l->x[1] + FEATURES * i);
  json_t *j = json_pack("{ss sI so so}", "of", l->of, "fitted_on", (json_int_t)l->n[0], "raw", raw,
                        "gate", risk_json(conf, l->good[1], l->n[1], seed));
  json_t *kinds = kinds_json(l, conf);
  if (json_array_size(kinds)) json_object_set(j, "kinds", kinds);
  json_decref(kinds), free(conf);
  return j;
}

static int write_gate(const char *path, const logistic *g, double threshold, double silent,
                      const json_t *of, host_error *e) {
  const json_t *x = json_object_get(of, "gate");
#define at(o, key) json_number_value(json_object_get(o, key))
  host_out f;
  if (host_out_open(&f, path, e)) return -1;
  host_out_printf(&f,
                  "{\"bias\": %.9g, \"weights\": [%.9g, %.9g, %.9g], \"threshold\": %.9g, "
                  "\"silent\": %.9g, \"ece\": %.6f, \"brier\": %.6f, \"auc\": %.6f, \"fitted_on\": "
                  "%.0f, \"measured_on\": %.0f, \"good\": %.6f, \"labels\": \"%s\"}\n",
                  g->bias, g->weight[0], g->weight[1], g->weight[2], threshold, silent,
                  at(x, "ece"), at(x, "brier"), at(json_object_get(x, "auc"), "mean"),
                  at(of, "fitted_on"), at(x, "n"), at(x, "good"),
                  json_string_value(json_object_get(of, "of")));
#undef at
  return host_out_commit(&f, e);
}

int command_gate(int argc, char **argv) {
  static const char usage[] =
      "ulm-bench gate M.ulm --prompts F.jsonl[.gz] [--reader R.ulm] [--report REPORT] -o "
      "gate.json\n\n"
      "Fits confidence = sigmoid(bias + w . {logprob, entropy, margin}) on half of the prompts and "
      "measures it on\n"
      "the other half. An opener is good if it names the prompt's slot value (or opens with the "
      "reference's first\n"
      "content word); with --reader, if that model finds its prompt among 16. Beside it: errors "
      "injected into\n"
      "references, which of them the gate would see. ulm-export --gate puts it into the blob; the "
      "report draws\n"
      "risk against coverage, to choose a threshold by.\n\n"
      "  ulm-bench gate m.ulm --prompts val.jsonl.gz --report report -o gate.json";
  const char *file = NULL, *out = NULL, *reader = NULL, *report = NULL;
  speaking how = {.temperature = 0.5, .top_p = 0.9, .seed = 1};
  int n = 0, threads = 0;
  double threshold = 0.5, silent = 0;
  bool json = false;
  const host_opt table[] = {
      {"prompts", "F", "chat JSONL with slots or references", OPT_STRING, &file},
      {"o", "gate.json", "where to write it", OPT_STRING, &out},
      {"reader", "R.ulm", "a model other than the speaker; the gate is fitted to its grounding",
       OPT_STRING, &reader},
      {"report", "REPORT", "folder of a report that gets the curves", OPT_STRING, &report},
      {"n", "N", "prompts, chosen by lot (all)", OPT_INT, &n},
      {"temperature", "T", "of the openers (0.5)", OPT_DOUBLE, &how.temperature},
      {"threshold", "C", "confidence below which the device says something neutral (0.5)",
       OPT_DOUBLE, &threshold},
      {"silent", "C", "and below which nothing; at most the threshold (0)", OPT_DOUBLE, &silent},
      {"seed", "S", "of sampling and halves (1)", OPT_UINT64, &how.seed},
      {"threads", "N", "threads (all)", OPT_INT, &threads},
      {"json", NULL, "the result as one JSON object on stdout", OPT_FLAG, &json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  if (argc - at != 1 || !file || !out) host_usage("a blob, --prompts and -o are needed");
  if (n < 0 || threads < 0 || how.temperature < 0 || !(threshold >= 0 && threshold <= 1))
    host_usage("an option is out of range");
  if (!(silent >= 0 && silent <= threshold)) host_usage("--silent must be 0..--threshold");
  host_error e, why;
  session s;
  prompts p;
  if (session_open(&s, argv[at], threads, &e) || prompts_open(&p, file, (uint64_t)n, how.seed, &e))
    host_die("%s", e.text);
  spoken *o = host_alloc(p.count * sizeof *o, "openers");
  uint8_t *half = host_alloc(p.count, "halves");
  if (speak_all(&s, &p, &how, o, "openers", &e)) host_die("%s", e.text);
  ulm_rng r = ulm_rng_seed(how.seed, 0x67617465);
  for (size_t i = 0; i < p.count; i++) half[i] = ulm_rng_u32(&r) & 1;

  labelled all[3] = {labels_new("slots and references", p.count),
                     labels_new("errors injected into references", 2 * p.count),
                     labels_new("a reader's grounding", p.count)};
  for (size_t i = 0; i < p.count; i++) {
    const int good = by_reference(&p.items[i], o[i].o.text);
    double x[FEATURES];
    features_of(&o[i].o, x);
    if (good >= 0) label(&all[0], half[i], x, good, OPENER_OWN);
  }
  if (injected(&s, &p, half, how.seed, &all[1], &e) ||
      (reader && grounded_by(&s, reader, &p, o, half, how.seed, &all[2], &e)))
    host_die("%s", e.text);

  /* The gate is the reader's, or the references'; what cannot be measured beside it is left out. */
  const int own = reader ? 2 : 0;
  json_t *labels = json_array();
  logistic gate = {0};
  const json_t *first = NULL;
  for (int turn = 0; turn < 3; turn++) {
    const int k = !turn ? own : turn == 1 ? (own ? 0 : 1) : own ? 1 : 2;
    if (k == 2 && !reader) continue;
    if (enough(&all[k], file, &why)) {
      if (k == own) host_die("%s", why.text);
      continue;
    }
    const logistic fit = logistic_fit(all[k].x[0], all[k].good[0], all[k].n[0]);
    json_array_append_new(labels, measured(&all[k], &fit, how.seed));
    if (k == own) gate = fit, first = json_array_get(labels, 0);
  }
  json_t *j = json_pack("{ss ss sf sf so}", "section", "gate", "model",
                        strrchr(argv[at], '/') ? strrchr(argv[at], '/') + 1 : argv[at], "threshold",
                        threshold, "silent", silent, "labels", labels);
  if (write_gate(out, &gate, threshold, silent, first, &e) ||
      (report && report_write(report, "gate", j, NULL, NULL, &e)))
    host_die("%s", e.text);
  if (json)
    json_dumpf(j, stdout, JSON_COMPACT), printf("\n");
  else
    report_text(stdout, j, isatty(1));
  host_log("gate: %s; peak memory %llu MB", out, (unsigned long long)host_peak_rss() >> 20);
  for (int k = 0; k < 3; k++) labels_free(&all[k]);
  json_decref(j);
  free(o), free(half);
  prompts_close(&p), session_close(&s);
  return fflush(stdout) ? 1 : 0;
}
