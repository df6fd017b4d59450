#include "risk.h"
#include "logistic.h"
#include "page.h"
#include "stats.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  double p;
  uint8_t good;
} held;
static int most_first(const void *a, const void *b) {
  const double x = ((const held *)a)->p, y = ((const held *)b)->p;
  return (x < y) - (x > y);
}

/* The area with its bootstrap interval; resamplings of one class alone are drawn again. */
static json_t *area(const double *p, const uint8_t *good, size_t n, uint64_t seed) {
  enum { RESAMPLES = 300 };
  double *q = host_alloc(n * sizeof *q, "a sample"), v[RESAMPLES];
  uint8_t *g = host_alloc(n, "a sample");
  ulm_rng r = ulm_rng_seed(seed, 0x61756300);
  for (int b = 0; b < RESAMPLES; b++) do {
      for (size_t i = 0; i < n; i++) {
        const uint32_t k = ulm_rng_below(&r, (uint32_t)n);
        q[i] = p[k], g[i] = good[k];
      }
    } while (isnan(v[b] = auc(q, g, n)));
  const rate a = {auc(p, good, n), quantile(v, RESAMPLES, 0.025), quantile(v, RESAMPLES, 0.975), n};
  free(q), free(g);
  return rate_json(&a);
}

json_t *risk_json(const double *p, const uint8_t *good, size_t n, uint64_t seed) {
  enum { POINTS = 20, BINS = 10 };
  held *h = host_alloc(n * sizeof *h, "confidences");
  double goods = 0;
  for (size_t i = 0; i < n; i++) h[i] = (held){p[i], good[i]}, goods += good[i];
  qsort(h, n, sizeof *h, most_first);
  json_t *risk = json_array(), *bins = json_array();
  double bad = 0;
  for (size_t i = 0, k = 1; i < n; i++) {
    bad += !h[i].good;
    if ((i + 1) * POINTS < k * n) continue;
    while ((i + 1) * POINTS >= k * n) k++;
    json_array_append_new(risk, json_pack("{sf sf sf}", "coverage", (double)(i + 1) / (double)n,
                                          "from", h[i].p, "bad", bad / (double)(i + 1)));
  }
  for (size_t b = BINS; b-- > 0;) {
    const size_t from = b * n / BINS, to = (b + 1) * n / BINS;
    double sum = 0, hit = 0;
    for (size_t i = from; i < to; i++) sum += h[i].p, hit += h[i].good;
    const double k = (double)(to - from);
    if (to > from)
      json_array_append_new(bins, json_pack("{sf sf sI}", "confidence", sum / k, "good", hit / k,
                                            "n", (json_int_t)(to - from)));
  }
  free(h);
  return json_pack("{sI sf so sf sf so so}", "n", (json_int_t)n, "good", goods / (double)n, "auc",
                   area(p, good, n, seed), "ece", ece(p, good, n), "brier", brier(p, good, n),
                   "risk", risk, "bins", bins);
}

/* Share of bad ones among the most confident `coverage`. */
static double bad_at(const json_t *of, double coverage) {
  size_t i;
  const json_t *x;
  json_array_foreach(json_object_get(of, "risk"), i,
                     x) if (number(x, "coverage") >= coverage - 1e-9) return number(x, "bad");
  return NAN;
}

/* ---- the table ---- */

static void row(FILE *f, const char *name, const json_t *x) {
  const json_t *a = json_object_get(x, "auc");
  fprintf(f, "    %-28s %6.3f [%.3f, %.3f] %7.3f %7.3f   %5.1f%% %5.1f%% %5.1f%%\n", name,
          number(a, "mean"), number(a, "low"), number(a, "high"), number(x, "ece"),
          number(x, "brier"), 100 * bad_at(x, 0.5), 100 * bad_at(x, 0.8), 100 * bad_at(x, 1));
}

void gate_text(FILE *f, const json_t *s) {
  size_t i, k;
  const json_t *x, *kind;
  fprintf(f, "gate of %s\n  %-30s %6s %16s %7s %7s   bad if 50%%, 80%%, all are spoken\n",
          text(s, "model"), "labels", "AUC", "", "ECE", "Brier");
  json_array_foreach(json_object_get(s, "labels"), i, x) {
    const json_t *gate = json_object_get(x, "gate");
    fprintf(f, "  %s: %.0f openers, %.1f%% good\n", text(x, "of"), number(gate, "n"),
            100 * number(gate, "good"));
    row(f, "exp(mean log-probability)", json_object_get(x, "raw"));
    row(f, "calibrated gate", gate);
    if (!json_object_get(x, "kinds")) continue;
    fputs("    AUC against true ones:", f);
    json_array_foreach(json_object_get(x, "kinds"), k, kind)
        fprintf(f, " %s %.3f", text(kind, "name"), number(kind, "auc"));
    fputc('\n', f);
  }
  fputc('\n', f);
}

/* ---- the page ---- */

static const char *const colours[] = {"var(--a)", "var(--b)", "var(--c)"};

/* Two pictures side by side: bad among what is spoken against its share; good against confidence.
 * Axes 0..1 but for the first one's height. */
static void frame(FILE *f, double x0, double top, const char *below, const char *beside) {
  for (int k = 0; k <= 4; k++) {
    fprintf(f,
            "<line x1='%.0f' x2='%.0f' y1='%.1f' y2='%.1f' stroke='var(--rule)'/><text x='%.0f' "
            "y='%.1f' text-anchor='end'>%.0f%%</text><text x='%.1f' y='258' "
            "text-anchor='middle'>%d%%</text>",
            x0, x0 + 360, 240 - 52.5 * k, 240 - 52.5 * k, x0 - 8, 244 - 52.5 * k, 25 * top * k,
            x0 + 90 * k, 25 * k);
  }
  fprintf(f,
          "<text x='%.0f' y='278' text-anchor='middle'>%s</text><text x='%.0f' y='14' "
          "text-anchor='start'>%s</text>",
          x0 + 180, below, x0, beside);
}

static void curve(FILE *f, const json_t *of, double top, const char *colour, const char *dash) {
  size_t i;
  const json_t *x;
  fprintf(f, "<polyline fill='none' stroke='%s' stroke-width='2.5' stroke-dasharray='%s' points='",
          colour, dash);
  json_array_foreach(json_object_get(of, "risk"), i, x)
      fprintf(f, "%.1f,%.1f ", 60 + 360 * number(x, "coverage"),
              240 - 210 * fmin(number(x, "bad") / top, 1));
  fputs("'/>", f);
}

void gate_html(FILE *f, const json_t *s) {
  size_t i, k;
  const json_t *x, *b, *labels = json_object_get(s, "labels");
  double top = 0.05;
  json_array_foreach(labels, i, x) for (int of = 0; of < 2; of++) {
    const json_t *one = json_object_get(x, of ? "gate" : "raw");
    json_array_foreach(json_object_get(one, "risk"), k, b) top = fmax(top, number(b, "bad"));
  }
  top = ceil(top * 20) / 20;
  fputs(
      "<h2>The gate</h2><p class=lead>From what decoding knows (log-probability, entropy, margin) "
      "a confidence; below a threshold the device says something neutral, or nothing. Left: the "
      "fewer openers are spoken, the surest first, the fewer of them are bad; dashed is the bare "
      "log-probability. Right: what a confidence says and what came of it; on the line it is "
      "right.</p><svg viewBox='0 0 940 290' role='img' aria-label='risk against coverage; "
      "calibration'>",
      f);
  frame(f, 60, top, "of all openers are spoken", "bad among the spoken");
  frame(f, 540, 1, "confidence", "good");
  fputs("<line x1='540' y1='240' x2='900' y2='30' stroke='var(--soft)' stroke-dasharray='3 3'/>",
        f);
  json_array_foreach(labels, i, x) {
    const char *colour = colours[i % 3];
    const json_t *gate = json_object_get(x, "gate");
    curve(f, json_object_get(x, "raw"), top, colour, "4 4");
    curve(f, gate, top, colour, "none");
    fprintf(f, "<polyline fill='none' stroke='%s' stroke-width='1.5' stroke-opacity='.5' points='",
            colour);
    json_array_foreach(json_object_get(gate, "bins"), k, b) fprintf(
        f, "%.1f,%.1f ", 540 + 360 * number(b, "confidence"), 240 - 210 * number(b, "good"));
    fputs("'/>", f);
    json_array_foreach(json_object_get(gate, "bins"), k, b)
        fprintf(f, "<circle cx='%.1f' cy='%.1f' r='4' fill='%s'/>",
                540 + 360 * number(b, "confidence"), 240 - 210 * number(b, "good"), colour);
  }
  fputs("</svg><table><tr><th>bad openers known by</th><th class=n>openers</th><th "
        "class=n>good</th><th class=n>ROC area</th><th class=n>of bare log-prob.</th><th "
        "class=n>calibration error</th><th class=n>bad if 80% are spoken</th></tr>",
        f);
  json_array_foreach(labels, i, x) {
    const json_t *gate = json_object_get(x, "gate"), *raw = json_object_get(x, "raw"),
                 *a = json_object_get(gate, "auc");
    fprintf(f,
            "<tr><td><svg viewBox='0 0 10 10' style='display:inline;width:10px;height:10px'><rect "
            "width='10' height='10' fill='%s'/></svg> ",
            colours[i % 3]);
    html_text(f, text(x, "of"));
    fprintf(f,
            "<td class=n>%.0f<td class=n>%.1f%%<td class=n>%.3f <small>[%.3f, %.3f]</small><td "
            "class=n>%.3f<td class=n>%.3f<td class=n>%.1f%%</tr>",
            number(gate, "n"), 100 * number(gate, "good"), number(a, "mean"), number(a, "low"),
            number(a, "high"), number(json_object_get(raw, "auc"), "mean"), number(gate, "ece"),
            100 * bad_at(gate, 0.8));
  }
  fputs("</table>", f);
  json_array_foreach(labels, i, x) {
    const json_t *kinds = json_object_get(x, "kinds");
    if (!json_array_size(kinds)) continue;
    fprintf(f,
            "<p class=lead style='margin-top:18px'>Which injected errors it sees: ROC area against "
            "true openers; 0.5 (the line) is chance.</p><svg viewBox='0 0 940 %zu'>",
            24 * json_array_size(kinds) + 6);
    json_array_foreach(kinds, k, b) {
      const double y = 4 + 24 * (double)k, a = number(b, "auc");
      fprintf(f, "<text x='120' y='%.1f' text-anchor='end'>", y + 13);
      html_text(f, text(b, "name"));
      fprintf(f,
              "</text><rect x='130' y='%.1f' width='%.1f' height='16' rx='2' fill='%s' "
              "fill-opacity='.8'/><text x='%.1f' y='%.1f' style='fill:var(--ink)'>%.3f</text>",
              y, fmax(700 * a, 1), colours[i % 3], 138 + 700 * a, y + 13, a);
    }
    fprintf(f,
            "<line x1='480' x2='480' y1='0' y2='%zu' stroke='var(--ink)' stroke-dasharray='3 "
            "3'/></svg>",
            24 * json_array_size(kinds) + 4);
  }
}
