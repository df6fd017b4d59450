#include "matrix.h"
#include "cache.h"
#include "page.h"
#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a cell is measured by; one value a handoff. */
static double good_of(const matrix_plan *plan, const trial *t) {
  (void)plan;
  return t->got.state == ULM_HANDOFF_DONE && trial_seam(t) && !(t->verdict.breaks & BREAKS_END);
}
static double overlap_of(const matrix_plan *plan, const trial *t) {
  return trial_overlap(plan->p, t);
}
static double fits_of(const matrix_plan *plan, const trial *t) { /* nobody knows of an endpoint's */
  (void)plan;
  return t->outcome == OUTCOMES ? NAN : t->outcome != OUTCOME_RECOVERED;
}
static double gap_of(const matrix_plan *plan, const trial *t) {
  (void)plan;
  return t->got.word_ms > t->got.opener_end_ms ? t->got.word_ms - t->got.opener_end_ms : 0;
}
static double words_of(const matrix_plan *plan, const trial *t) {
  (void)plan;
  return ulm_word_count(t->opener, strlen(t->opener));
}
static const struct {
  const char *name, *what;
  double (*of)(const matrix_plan *plan, const trial *t);
  int share;
} measures[] = {{"good", "whole, with a valid seam", good_of, 1},
                {"fits", "the opener needs no recovery", fits_of, 1},
                {"overlap", "content words of the reference named", overlap_of, 1},
                {"gap_ms", "audible gap, ms", gap_of, 0},
                {"words", "words of the opener", words_of, 0}};
enum { MEASURES = sizeof measures / sizeof *measures };

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static trial *run_cell(const matrix_plan *plan, const spoken *own, const char *who, host_error *e) {
  if (strstr(who, "://")) {
    endpoint_options o = plan->cloud;
    o.url = who;
    endpoint *c = endpoint_open(&o, e);
    if (!c || endpoint_probe(c, e)) return endpoint_close(c), NULL;
    const online_plan live = {plan->p, own, c, plan->mode < 0 ? 0 : 1u << plan->mode, plan->tokens};
    trial *t = online_run(&live);
    endpoint_close(c);
    return t;
  }
  trial_plan p = {.p = plan->p,
                  .own = own,
                  .mode = plan->mode,
                  .seed = plan->how.seed,
                  .n = plan->p->count,
                  .in_order = 1};
  p.kinds[OPENER_OWN] = 1;
  const char *name = !strcmp(who, "synthetic")         ? "none"
                     : !strncmp(who, "synthetic:", 10) ? who + 10
                                                       : NULL;
  if (!name)
    return host_fail(e, "no continuator '%s' (synthetic, synthetic:FAULT, a URL)", who), NULL;
  if (faults_named(name, p.faults, e)) return NULL;
  return trials_run(&p, plan->threads, e);
}

json_t *matrix_section(const matrix_plan *plan, host_error *e) {
  const size_t n = plan->p->count;
  json_t *cells = json_array(), *openers = json_array(), *names_of = json_array();
  double *v[MEASURES], *first[MEASURES], *d = host_alloc(n * sizeof *d, "values");
  uint8_t *skip = host_alloc(n, "marks");
  spoken *own = host_alloc(n * sizeof *own, "openers");
  int bad = 0, any = 0;
  for (int m = 0; m < MEASURES; m++) {
    v[m] = host_alloc(n * sizeof(double), "values");
    first[m] = host_alloc(n * sizeof(double), "values");
  }
  for (size_t b = 0; b < plan->count && !bad; b++) {
    session s;
    if ((bad = session_open(&s, plan->blobs[b], plan->threads, e))) break;
    bad = speak_all_cached(&s, plan->p, &plan->how, own, plan->report, e);
    session_close(&s);
    json_array_append_new(openers, json_string(base_name(plan->blobs[b])));
    char *list = strdup(plan->continuators), *rest = list;
    for (char *who; !bad && (who = strsep(&rest, ","));) {
      trial *t = *who ? run_cell(plan, own, who, e) : NULL;
      if (!*who) continue;
      if ((bad = !t)) break;
      if (!b) json_array_append_new(names_of, json_string(who));
      json_t *cell = json_pack("{ss ss sI}", "opener", base_name(plan->blobs[b]), "continuator",
                               who, "n", (json_int_t)n),
             *against = json_object();
      for (int m = 0; m < MEASURES; m++) {
        for (size_t i = 0; i < n; i++) {
          v[m][i] = measures[m].of(plan, &t[i]);
          if (!any) first[m][i] = v[m][i];
          d[i] = v[m][i] - first[m][i], skip[i] = (uint8_t)isnan(d[i]);
        }
        const rate r = rate_of(v[m], skip, n, plan->how.seed),
                   x = rate_of(d, skip, n, plan->how.seed);
        json_object_set_new(cell, measures[m].name, rate_json(&r));
        json_object_set_new(against, measures[m].name, rate_json(&x));
      }
      if (any)
        json_object_set_new(cell, "against_first", against);
      else
        json_decref(against);
      any = 1;
      json_array_append_new(cells, cell);
      trials_free(t, n);
    }
    free(list);
  }
  for (int m = 0; m < MEASURES; m++) free(v[m]), free(first[m]);
  free(d), free(skip), free(own);
  json_t *j = json_pack("{ss sI so so so}", "section", "matrix", "n", (json_int_t)n, "openers",
                        openers, "continuators", names_of, "cells", cells);
  if (!bad && any) return j;
  json_decref(j);
  if (!bad) host_fail(e, "--continuator names none");
  return NULL;
}

static const json_t *measure_of(const json_t *cell, int m) {
  return json_object_get(cell, measures[m].name);
}

/* Does the interval of a paired difference leave zero out? */
static int differs(const json_t *d) {
  return json_is_object(d) && (number(d, "low") > 0 || number(d, "high") < 0);
}

void matrix_text(FILE *f, const json_t *s) {
  size_t i;
  const json_t *x;
  fprintf(f,
          "switch matrix over %.0f prompts; differences to the first cell by paired bootstrap, * "
          "where the interval leaves zero out\n\n",
          number(s, "n"));
  for (int m = 0; m < MEASURES; m++) {
    const int share = measures[m].share;
    fprintf(f, "  %s\n", measures[m].what);
    json_array_foreach(json_object_get(s, "cells"), i, x) {
      if (!json_is_object(measure_of(x, m))) continue;
      const json_t *r = measure_of(x, m), *d = measure_of(json_object_get(x, "against_first"), m);
      const double by = share ? 100 : 1;
      fprintf(f, "    %-24s %-28s %8.1f%s [%.1f, %.1f]", text(x, "opener"), text(x, "continuator"),
              by * number(r, "mean"), share ? "%" : "", by * number(r, "low"),
              by * number(r, "high"));
      if (json_is_object(d))
        fprintf(f, "   %+.1f [%+.1f, %+.1f]%s", by * number(d, "mean"), by * number(d, "low"),
                by * number(d, "high"), differs(d) ? " *" : "");
      fputc('\n', f);
    }
  }
}

void matrix_html(FILE *f, const json_t *s) {
  const json_t *openers = json_object_get(s, "openers"),
               *names_of = json_object_get(s, "continuators"), *cells = json_object_get(s, "cells"),
               *o, *c;
  size_t i, k;
  fprintf(f,
          "<h2>Opener by continuator</h2><p class=lead>The same %.0f prompts in every cell. A "
          "difference to the first cell is marked where its paired bootstrap interval leaves zero "
          "out.</p>",
          number(s, "n"));
  for (int m = 0; m < 4; m++) {
    double top = 0;
    json_array_foreach(cells, i, c) top = fmax(top, number(measure_of(c, m), "mean"));
    fputs("<table style='margin-bottom:28px'><tr><th>", f), html_text(f, measures[m].what);
    fputs("</th>", f);
    json_array_foreach(names_of, k, c) fputs("<th class=n>", f), html_text(f, json_string_value(c)),
        fputs("</th>", f);
    fputs("</tr>", f);
    json_array_foreach(openers, i, o) {
      fputs("<tr><td>", f), html_text(f, json_string_value(o));
      for (k = 0; k < json_array_size(names_of); k++) {
        const json_t *x = json_array_get(cells, i * json_array_size(names_of) + k),
                     *r = measure_of(x, m), *d = measure_of(json_object_get(x, "against_first"), m);
        const double by = measures[m].share ? 100 : 1,
                     share = top > 0 ? number(r, "mean") / top : 0;
        fprintf(f,
                "<td class=n style='background:color-mix(in srgb,var(--%s) %.0f%%,transparent)'>"
                "%.1f%s <small>&#177;%.1f</small>%s",
                measures[m].share ? "a" : "b", 40 * share, by * number(r, "mean"),
                measures[m].share ? "%" : "", by * (number(r, "high") - number(r, "low")) / 2,
                differs(d) ? " *" : "");
      }
      fputs("</tr>", f);
    }
    fputs("</table>", f);
  }
}
