/* ulm-bench gate: a calibrated confidence from what decoding knows. */
#include "command.h"
#include "logistic.h"
#include "session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Good: the opener names the slot value the prompt asked about; where a prompt has none, its first
 * content word is the reference's. -1: nothing to tell it by. */
static int label(const prompt *p, const ulm_opener *o) {
  char a[80], b[80];
  if (p->slot) return names(o->text, p->slot, NULL);
  if (!p->reference || !content_word(p->reference, b, sizeof b)) return -1;
  return content_word(o->text, a, sizeof a) && !strcmp(a, b);
}

int command_gate(int argc, char **argv) {
  static const char usage[] =
      "ulm-bench gate M.ulm --prompts F.jsonl[.gz] -o gate.json\n\n"
      "Fits confidence = sigmoid(bias + w . {logprob, entropy, margin}) on half of the prompts, to "
      "tell openers that\n"
      "name the prompt's slot value (or open with the reference's first content word) from those "
      "that do not, and\n"
      "measures it on the other half. ulm-export --gate puts it into the blob.\n\n"
      "  ulm-bench gate m.ulm --prompts val.jsonl.gz -o gate.json";
  const char *file = NULL, *out = NULL;
  speaking how = {.temperature = 0.5, .top_p = 0.9, .seed = 1};
  int n = 0, threads = 0;
  double threshold = 0.5;
  bool json = false;
  const host_opt table[] = {
      {"prompts", "F", "chat JSONL with slots or references", OPT_STRING, &file},
      {"o", "gate.json", "where to write it", OPT_STRING, &out},
      {"n", "N", "prompts, chosen by lot (all)", OPT_INT, &n},
      {"temperature", "T", "of the openers (0.5)", OPT_DOUBLE, &how.temperature},
      {"threshold", "C", "confidence below which the device stays silent (0.5)", OPT_DOUBLE,
       &threshold},
      {"seed", "S", "of sampling and halves (1)", OPT_UINT64, &how.seed},
      {"threads", "N", "threads (all)", OPT_INT, &threads},
      {"json", NULL, "the result as one JSON object on stdout", OPT_FLAG, &json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  if (argc - at != 1 || !file || !out) host_usage("a blob, --prompts and -o are needed");
  if (n < 0 || threads < 0 || how.temperature < 0 || threshold < 0 || threshold > 1)
    host_usage("an option is out of range");
  host_error e;
  session s;
  prompts p;
  if (session_open(&s, argv[at], threads, &e) || prompts_open(&p, file, (uint64_t)n, how.seed, &e))
    host_die("%s", e.text);
  spoken *o = host_alloc(p.count * sizeof *o, "openers");
  if (speak_all(&s, &p, &how, o, "openers", &e)) host_die("%s", e.text);

  /* Two halves by lot. */
  double *x[2], *conf;
  uint8_t *good[2];
  size_t k[2] = {0, 0}, goods[2] = {0, 0};
  for (int h = 0; h < 2; h++)
    x[h] = host_alloc(p.count * FEATURES * sizeof(double), "features"),
    good[h] = host_alloc(p.count, "labels");
  conf = host_alloc(p.count * sizeof *conf, "confidences");
  ulm_rng r = ulm_rng_seed(how.seed, 0x67617465);
  for (size_t i = 0; i < p.count; i++) {
    const int h = (int)(ulm_rng_u32(&r) & 1), l = label(&p.items[i], &o[i].o);
    if (l < 0) continue;
    double *f = x[h] + FEATURES * k[h];
    f[0] = (double)o[i].o.logprob, f[1] = (double)o[i].o.entropy, f[2] = (double)o[i].o.margin;
    if (!isfinite(f[0]) || !isfinite(f[1]) || !isfinite(f[2])) continue;
    good[h][k[h]++] = (uint8_t)l, goods[h] += (size_t)l;
  }
  if (k[0] < 10 || k[1] < 10)
    host_die("%s: %zu openers can be labelled; a gate needs at least 20", file, k[0] + k[1]);
  for (int h = 0; h < 2; h++)
    if (goods[h] == 0 || goods[h] == k[h])
      host_die(
          "%s: every opener of one half is %s; a gate needs both kinds in both halves: use more "
          "or other prompts",
          file, goods[h] ? "good" : "bad");
  const double share = (double)goods[1] / (double)k[1];
  const logistic l = logistic_fit(x[0], good[0], k[0]);
  for (size_t i = 0; i < k[1]; i++) conf[i] = exp(x[1][FEATURES * i]);
  const double raw = auc(conf, good[1], k[1]), raw_ece = ece(conf, good[1], k[1]),
               raw_brier = brier(conf, good[1], k[1]);
  for (size_t i = 0; i < k[1]; i++) conf[i] = logistic_at(&l, x[1] + FEATURES * i);
  const double a = auc(conf, good[1], k[1]), c = ece(conf, good[1], k[1]),
               b = brier(conf, good[1], k[1]);

  host_out f;
  if (host_out_open(&f, out, &e)) host_die("%s", e.text);
  host_out_printf(&f,
                  "{\"bias\": %.9g, \"weights\": [%.9g, %.9g, %.9g], \"threshold\": %.9g, \"ece\": "
                  "%.6f, \"brier\": %.6f, \"auc\": %.6f, \"fitted_on\": %zu, \"measured_on\": %zu, "
                  "\"good\": %.6f}\n",
                  l.bias, l.weight[0], l.weight[1], l.weight[2], threshold, c, b, a, k[0], k[1],
                  share);
  if (host_out_commit(&f, &e)) host_die("%s", e.text);
  if (json)
    printf("{\"good\":%.6f,\"auc\":%.6f,\"ece\":%.6f,\"brier\":%.6f,\"raw_auc\":%.6f,\"raw_ece\":%."
           "6f,\"raw_brier\":%.6f}\n",
           share, a, c, b, raw, raw_ece, raw_brier);
  else
    printf("gate on %zu openers, %.1f%% good       AUC     ECE   Brier\n  exp(mean "
           "log-probability)      %7.3f %7.3f %7.3f\n"
           "  calibrated gate                %7.3f %7.3f %7.3f\n",
           k[1], 100 * share, raw, raw_ece, raw_brier, a, c, b);
  host_log("gate: %s; peak memory %llu MB", out, (unsigned long long)host_peak_rss() >> 20);
  for (int h = 0; h < 2; h++) free(x[h]), free(good[h]);
  free(conf), free(o);
  prompts_close(&p), session_close(&s);
  return fflush(stdout) ? 1 : 0;
}
