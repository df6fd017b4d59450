#include "faults.h"
#include "page.h"
#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

trial_counts trials_count(const trial *t, size_t n) {
  trial_counts c = {.n = n};
  for (size_t i = 0; i < n; i++) {
    if (t[i].exact) c.lost += t[i].verdict.lost, c.repeated += t[i].verdict.repeated;
    c.hung += (size_t)t[i].got.hung, c.late += (size_t)t[i].got.late;
    c.not_utf8 += (t[i].verdict.breaks & BREAKS_UTF8) != 0;
    c.unexpected += !t[i].as_expected;
  }
  return c;
}

static json_t *counts_json(const trial_counts *c) {
  return json_pack("{sI sI sI sI sI sI sI}", "n", (json_int_t)c->n, "lost", (json_int_t)c->lost,
                   "repeated", (json_int_t)c->repeated, "hung", (json_int_t)c->hung, "late",
                   (json_int_t)c->late, "not_utf8", (json_int_t)c->not_utf8, "unexpected",
                   (json_int_t)c->unexpected);
}

/* ---- rows ---- */

typedef enum { ALL, BY_FAULT, BY_KIND, BY_MODE } grouping;
static int group_of(const trial *t, grouping g) {
  return g == BY_FAULT  ? (int)t->fault
         : g == BY_KIND ? t->fault == FAULT_TWINS ? -1 : (int)t->kind
         : g == BY_MODE ? t->outcome == OUTCOME_RECOVERED ? (int)t->mode : -1
                        : 0;
}

static double masked(const trial *t) {
  return t->got.word_ms > t->got.opener_end_ms ? t->got.opener_end_ms / t->got.word_ms : 1;
}
static double gap(const trial *t) {
  return t->got.word_ms > t->got.opener_end_ms ? t->got.word_ms - t->got.opener_end_ms : 0;
}

typedef struct {
  const trial *t;
  size_t n;
  uint64_t seed;
  uint8_t *out; /* trials that are not of the row */
  double *v;
  uint8_t *skip;
} table;

static json_t *rate_of_ints(table *b, int (*of)(const trial *t)) {
  for (size_t i = 0; i < b->n; i++) {
    const int x = b->out[i] ? -1 : of(&b->t[i]);
    b->skip[i] = x < 0, b->v[i] = x;
  }
  const rate r = rate_of(b->v, b->skip, b->n, b->seed);
  return rate_json(&r);
}

static int speaks(const trial *t) { return t->got.word_ms > 0; }
static int closed(const trial *t) { return t->got.state == ULM_HANDOFF_CLOSED; }
static int done(const trial *t) { return t->got.state == ULM_HANDOFF_DONE; }
static int seam(const trial *t) { return speaks(t) ? trial_seam(t) : -1; }
static int clean(const trial *t) { return !t->verdict.repeated && !t->verdict.lost; }
static int twice(const trial *t) { return (t->verdict.breaks & BREAKS_TWICE) != 0; }

/* Quantiles of what is where `has`, and its rate where q is negative. */
static json_t *spread(table *b, double (*of)(const trial *t), int (*has)(const trial *t)) {
  size_t k = 0;
  double sum = 0;
  for (size_t i = 0; i < b->n; i++)
    if (!b->out[i] && has(&b->t[i])) sum += b->v[k++] = of(&b->t[i]);
  if (!k) return json_null();
  const double p50 = quantile(b->v, k, 0.5), p95 = quantile(b->v, k, 0.95);
  return json_pack("{sf sf sf sf sI}", "mean", sum / (double)k, "p50", p50, "p95", p95, "max",
                   b->v[k - 1], "n", (json_int_t)k);
}
static double silence(const trial *t) { return t->got.silence_ms; }

static json_t *row(table *b, const char *name, const char *what, grouping g, int group) {
  trial_counts c = {0};
  for (size_t i = 0; i < b->n; i++) {
    b->out[i] = group_of(&b->t[i], g) != group;
    if (b->out[i]) continue;
    const trial_counts one = trials_count(&b->t[i], 1);
    c.n++, c.lost += one.lost, c.repeated += one.repeated, c.hung += one.hung, c.late += one.late,
        c.not_utf8 += one.not_utf8, c.unexpected += one.unexpected;
  }
  if (!c.n) return NULL;
  json_t *j = counts_json(&c);
  json_object_set_new(j, "name", json_string(name));
  json_object_set_new(j, "what", json_string(what));
  json_object_set_new(j, "done", rate_of_ints(b, done));
  json_object_set_new(j, "closed", rate_of_ints(b, closed));
  json_object_set_new(j, "seam", rate_of_ints(b, seam));
  json_object_set_new(j, "clean", rate_of_ints(b, clean));
  json_object_set_new(j, "twice", rate_of_ints(b, twice));
  json_object_set_new(j, "recovered", rate_of_ints(b, trial_recovered));
  json_object_set_new(j, "bridged", rate_of_ints(b, trial_bridged));
  json_object_set_new(j, "masked", spread(b, masked, speaks));
  json_object_set_new(j, "gap_ms", spread(b, gap, speaks));
  json_object_set_new(j, "silence_ms", spread(b, silence, closed));
  return j;
}

static json_t *rows(table *b, grouping g, int groups) {
  json_t *all = json_array();
  for (int k = 0; k < groups; k++) {
    json_t *j = g == BY_FAULT  ? row(b, fault_name((fault)k), fault_what((fault)k), g, k)
                : g == BY_KIND ? row(b, opener_kind_name((opener_kind)k), "", g, k)
                               : row(b, ulm_recovery_name((ulm_recovery)k), "", g, k);
    if (j) json_array_append_new(all, j);
  }
  return all;
}

json_t *faults_section(const char *model, const trial_plan *plan, const trial *t, size_t show) {
  const size_t n = plan->n;
  table b = {t,
             n,
             plan->seed,
             host_alloc(n, "marks"),
             host_alloc(n * sizeof(double), "values"),
             host_alloc(n, "marks")};
  json_t *j = row(&b, "all", "", ALL, 0);
  json_object_set_new(j, "section", json_string("faults"));
  json_object_set_new(j, "model", json_string(model));
  json_object_set_new(j, "faults", rows(&b, BY_FAULT, FAULTS));
  json_object_set_new(j, "kinds", rows(&b, BY_KIND, OPENER_KINDS));
  json_object_set_new(j, "modes", rows(&b, BY_MODE, ULM_RECOVERIES));
  json_t *bins = json_array(), *examples = json_array();
  size_t covered[10] = {0}, of = 0;
  for (size_t i = 0; i < n; i++)
    if (speaks(&t[i])) covered[masked(&t[i]) >= 1 ? 9 : (int)(10 * masked(&t[i]))]++, of++;
  for (int k = 0; k < 10; k++) json_array_append_new(bins, json_integer((json_int_t)covered[k]));
  json_object_set_new(j, "histogram", bins);
  /* Shown: one of each fault in turn, by lot and each of another kind of opener; then what failed.
   */
  ulm_rng r = ulm_rng_seed(plan->seed, 0x73686f77);
  const size_t from = ulm_rng_below(&r, (uint32_t)n);
  for (int f = 0; f < FAULTS && json_array_size(examples) < show; f++)
    for (size_t k = 0; k < n; k++) {
      const size_t i = (from + (size_t)f * FAULTS + k) % n;
      if ((int)t[i].fault != f) continue;
      json_array_append_new(examples, trial_json(plan->p, i, &t[i]));
      break;
    }
  size_t failures = 0;
  for (size_t i = 0; i < n && failures < 12; i++)
    if (t[i].got.hung || t[i].got.late || !t[i].as_expected ||
        (t[i].exact && (t[i].verdict.lost || t[i].verdict.repeated || !trial_seam(&t[i]))))
      json_array_append_new(examples, trial_json(plan->p, i, &t[i])), failures++;
  json_object_set_new(j, "examples", examples);
  free(b.out), free(b.v), free(b.skip);
  return j;
}

json_t *faults_wall(const trial *t, const trial *wall, size_t n) {
  const trial_counts c = trials_count(wall, n);
  json_t *j = counts_json(&c);
  size_t same = 0;
  for (size_t i = 0; i < n; i++) same += !strcmp(t[i].got.spoken, wall[i].got.spoken);
  json_object_set_new(j, "same", json_integer((json_int_t)same));
  return j;
}

/* ---- the table ---- */

static void cell(FILE *f, const json_t *row, const char *key, const char *of, double by,
                 const char *unit) {
  const json_t *x = json_object_get(row, key);
  if (!json_is_object(x) || !(number(x, "n") > 0))
    fprintf(f, " %8s", "-");
  else
    fprintf(f, " %*.*f%s", 8 - (int)strlen(unit), by > 1 ? 1 : 0, by * number(x, of), unit);
}

static void table_text(FILE *f, const char *title, const json_t *all) {
  size_t i;
  const json_t *x;
  fprintf(f, "  %-14s %6s %9s %8s %8s %8s %8s %8s %8s %8s %8s\n", title, "n", "lost+rep", "seam",
          "done", "closed", "recov.", "bridge", "masked", "gap p95", "silence");
  json_array_foreach(all, i, x) {
    fprintf(f, "  %-14s %6.0f %4.0f+%-4.0f", text(x, "name"), number(x, "n"), number(x, "lost"),
            number(x, "repeated"));
    cell(f, x, "seam", "mean", 100, "%"), cell(f, x, "done", "mean", 100, "%");
    cell(f, x, "closed", "mean", 100, "%"), cell(f, x, "recovered", "mean", 100, "%");
    cell(f, x, "bridged", "mean", 100, "%"), cell(f, x, "masked", "mean", 100, "%");
    cell(f, x, "gap_ms", "p95", 1, ""), cell(f, x, "silence_ms", "max", 1, "");
    fputc('\n', f);
  }
  fputc('\n', f);
}

static void line(FILE *f, const char *name, const json_t *r) {
  if (number(r, "n") > 0)
    fprintf(f, "  %-46s %6.2f%%  (%.2f-%.2f%%, n %.0f)\n", name, 100 * number(r, "mean"),
            100 * number(r, "low"), 100 * number(r, "high"), number(r, "n"));
}

static void say_text(FILE *f, const json_t *x) {
  size_t k;
  const json_t *why;
  fprintf(f, "  %s, %s opener, %s%s%s: %s\n    %s|%s%s%s\n", text(x, "fault"), text(x, "kind"),
          text(x, "outcome"), *text(x, "mode") ? " " : "", text(x, "mode"), text(x, "state"),
          text(x, "opener"), text(x, "spoken"), *text(x, "close") ? " |" : "", text(x, "close"));
  json_array_foreach(json_object_get(x, "failures"), k, why)
      fprintf(f, "    breaks: %s\n", json_string_value(why));
}

void faults_text(FILE *f, const json_t *s) {
  size_t i;
  const json_t *x, *wall = json_object_get(s, "wall");
  fprintf(f, "%.0f handoffs of %s under faults, in virtual time\n", number(s, "n"),
          text(s, "model"));
  fprintf(f, "  %-46s %6.0f lost, %.0f repeated\n", "words, where the truth is exact",
          number(s, "lost"), number(s, "repeated"));
  fprintf(f, "  %-46s %6.0f hung, %.0f closed late, %.0f not UTF-8, %.0f ended otherwise\n",
          "replies", number(s, "hung"), number(s, "late"), number(s, "not_utf8"),
          number(s, "unexpected"));
  line(f, "seams valid", json_object_get(s, "seam"));
  line(f, "recovered, where an answer came", json_object_get(s, "recovered"));
  line(f, "bridges that keep the rules", json_object_get(s, "bridged"));
  const json_t *m = json_object_get(s, "masked"), *g = json_object_get(s, "gap_ms"),
               *q = json_object_get(s, "silence_ms");
  fprintf(f, "  %-46s %6.1f%% mean\n", "of the wait masked by speech", 100 * number(m, "mean"));
  fprintf(f, "  %-46s %6.0f ms median, %.0f p95\n", "audible gap at the seam", number(g, "p50"),
          number(g, "p95"));
  fprintf(f, "  %-46s %6.0f ms median, %.0f at most\n", "silence before a close", number(q, "p50"),
          number(q, "max"));
  if (number(s, "first_word_ms") > 0)
    fprintf(f, "  %-46s %6.2f ms median, measured\n", "first word of the model's own openers",
            number(s, "first_word_ms"));
  if (number(s, "seconds") > 0)
    fprintf(f, "  %-46s %6.1f s\n", "time of all handoffs", number(s, "seconds"));
  const json_t *r = json_object_get(s, "surprise");
  if (json_is_object(r)) {
    const json_t *w = json_object_get(r, "worse"), *c = json_object_get(r, "control");
    fprintf(f, "  %-46s %+6.3f nats a word (%+.3f..%+.3f, n %.0f)\n  %-46s %+6.3f (%+.3f..%+.3f)\n",
            "surprise behind the seam, against the unbroken", number(w, "mean"), number(w, "low"),
            number(w, "high"), number(r, "n"), "  control: without the splice", number(c, "mean"),
            number(c, "low"), number(c, "high"));
  }
  if (wall)
    fprintf(f,
            "  over loopback HTTP, in real time: %.0f handoffs, %.0f said the same, %.0f lost, "
            "%.0f repeated, %.0f hung, %.0f late\n",
            number(wall, "n"), number(wall, "same"), number(wall, "lost"), number(wall, "repeated"),
            number(wall, "hung"), number(wall, "late"));
  fputc('\n', f);
  table_text(f, "fault", json_object_get(s, "faults"));
  if (json_is_object(r)) {
    fprintf(f, "  %-14s %8s %8s %10s   nats a word, the reader is %s\n", "behind the seam",
            "spoken", "unbroken", "unspliced", text(s, "reader"));
    json_array_foreach(json_object_get(s, "faults"), i, x) {
      const json_t *one = json_object_get(x, "surprise");
      if (json_is_object(one))
        fprintf(f, "  %-14s %8.3f %8.3f %10.3f\n", text(x, "name"), number(one, "spoken"),
                number(one, "unbroken"), number(one, "unspliced"));
    }
    fputc('\n', f);
  }
  table_text(f, "opener", json_object_get(s, "kinds"));
  table_text(f, "recovery", json_object_get(s, "modes"));
  size_t shown = 0;
  json_array_foreach(json_object_get(s, "examples"), i,
                     x) if (shown++ < 5 || json_array_size(json_object_get(x, "failures")))
      say_text(f, x);
}

/* ---- the page ---- */

/* A row a fault: how its replies ended, and what became of the words. */
static void endings(FILE *f, const json_t *rows) {
  const double x0 = 130, w = 470, h = 22;
  size_t i;
  const json_t *r;
  fprintf(f, "<svg viewBox='0 0 940 %.0f' role='img' aria-label='how replies ended, by fault'>",
          h * (double)json_array_size(rows) + 26);
  fprintf(f,
          "<text x='%.0f' y='12' style='fill:var(--c)'>the cloud ended it</text><text x='%.0f' "
          "y='12' style='fill:var(--b)'>closed by the device</text><text x='%.0f' y='12'>the user "
          "spoke</text><text x='700' y='12' text-anchor='end'>seams</text><text x='790' y='12' "
          "text-anchor='end'>lost + twice</text><text x='930' y='12' text-anchor='end'>silence, at "
          "most</text>",
          x0, x0 + 160, x0 + 330);
  json_array_foreach(rows, i, r) {
    const double y = 22 + h * (double)i, done_w = w * number(json_object_get(r, "done"), "mean"),
                 closed_w = w * number(json_object_get(r, "closed"), "mean"),
                 wrong = number(r, "lost") + number(r, "repeated");
    fprintf(f, "<text x='%.0f' y='%.1f' text-anchor='end' style='fill:var(--ink)'>", x0 - 10,
            y + 13);
    html_text(f, text(r, "name"));
    fputs("<title>", f), html_text(f, text(r, "what"));
    fprintf(f,
            "</title></text><rect x='%.1f' y='%.1f' width='%.1f' height='16' "
            "fill='var(--soft)' fill-opacity='.35'/><rect x='%.1f' y='%.1f' width='%.1f' "
            "height='16' fill='var(--c)' fill-opacity='.8'/><rect x='%.1f' y='%.1f' width='%.1f' "
            "height='16' fill='var(--b)' fill-opacity='.8'/>",
            x0, y, w, x0, y, done_w, x0 + done_w, y, closed_w);
    fprintf(f,
            "<text x='700' y='%.1f' text-anchor='end'>%.1f%%</text><text x='790' y='%.1f' "
            "text-anchor='end' style='fill:var(--%s)'>%.0f + %.0f</text>",
            y + 13, 100 * number(json_object_get(r, "seam"), "mean"), y + 13,
            wrong > 0 ? "bad" : "soft", number(r, "lost"), number(r, "repeated"));
    const json_t *q = json_object_get(r, "silence_ms");
    if (json_is_object(q))
      fprintf(f, "<text x='930' y='%.1f' text-anchor='end'>%.1f s</text>", y + 13,
              number(q, "max") / 1e3);
  }
  fputs("</svg>", f);
}

static void rates(FILE *f, const json_t *rows, const char *key, const char *colour) {
  size_t i, shown = 0;
  const json_t *r;
  json_array_foreach(rows, i, r) shown += json_is_object(json_object_get(r, key));
  fprintf(f, "<svg viewBox='0 0 940 %zu'>", 24 * shown + 4);
  shown = 0;
  json_array_foreach(rows, i, r) if (json_is_object(json_object_get(r, key)))
      page_bar(f, 4 + 24 * (double)shown++, text(r, "name"), json_object_get(r, key), colour);
  fputs("</svg>", f);
}

static void talk_html(FILE *f, const json_t *x) {
  size_t k;
  const json_t *why;
  fputs("<div class=talk>", f);
  if (*text(x, "prompt")) fputs("<q>", f), html_text(f, text(x, "prompt")), fputs("</q>", f);
  fputs("<span class=tag>", f), html_text(f, text(x, "fault"));
  fputs("</span><span class=tag>", f), html_text(f, text(x, "kind"));
  fputs(" opener</span>", f);
  if (*text(x, "mode"))
    fputs("<span class=tag>", f), html_text(f, text(x, "mode")), fputs("</span>", f);
  fputs("<span class=tag>", f), html_text(f, text(x, "state")), fputs("</span>", f);
  page_spoken(f, x);
  page_timeline(f, x);
  json_array_foreach(json_object_get(x, "failures"), k, why) fputs("<p class=no>breaks: ", f),
      html_text(f, json_string_value(why)), fputs("</p>", f);
  fputs("</div>", f);
}

/* What was spoken, the same words unbroken, and what would have been heard without a splice. */
static void surprises(FILE *f, const json_t *rows) {
  static const char *const keys[] = {"spoken", "unspliced"};
  static const char *const colours[] = {"var(--a)", "var(--bad)"};
  size_t i, shown = 0;
  double top = 0;
  const json_t *r;
  json_array_foreach(rows, i, r) {
    const json_t *q = json_object_get(r, "surprise");
    shown += json_is_object(q), top = fmax(top, fmax(number(q, "spoken"), number(q, "unspliced")));
  }
  if (!shown) return;
  fprintf(f, "<svg viewBox='0 0 940 %zu' role='img' aria-label='surprise behind the seam'>",
          shown * 26 + 4);
  double y = 4;
  json_array_foreach(rows, i, r) {
    const json_t *q = json_object_get(r, "surprise");
    if (!json_is_object(q)) continue;
    fprintf(f, "<text x='120' y='%.1f' text-anchor='end'>", y + 13);
    html_text(f, text(r, "name")), fputs("</text>", f);
    for (int k = 0; k < 2; k++) {
      const double w = 720 * number(q, keys[k]) / top;
      fprintf(f,
              "<rect x='130' y='%.1f' width='%.1f' height='9' rx='2' fill='%s' "
              "fill-opacity='.8'/><text x='%.1f' y='%.1f' style='font-size:10px'>%.2f</text>",
              y + 10 * k, w, colours[k], 136 + w, y + 10 * k + 8, number(q, keys[k]));
    }
    const double x = 130 + 720 * number(q, "unbroken") / top;
    fprintf(f,
            "<line x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f' stroke='var(--ink)' stroke-width='2'/>",
            x, x, y - 1, y + 20);
    y += 26;
  }
  fputs("</svg>", f);
}

void faults_html(FILE *f, const json_t *s) {
  static const char *const states[][2] = {{"done", "The cloud ended its answer"},
                                          {"closed", "The cloud failed, the device closed"},
                                          {"cancelled", "The user spoke"}};
  size_t i;
  const json_t *x;
  fputs("<h2>Under faults</h2><p class=lead>Openers of a known kind meet clouds of a known fault. "
        "Every word that is spoken is held against what should have been; a reply that breaks off "
        "is closed by the device.</p>",
        f);
  endings(f, json_object_get(s, "faults"));
  fputs("<h2>Recovered, by kind of opener</h2><p class=lead>Openers that were off and came to the "
        "right answer by a bridge that keeps the rules, where the cloud gave that answer.</p>",
        f);
  rates(f, json_object_get(s, "kinds"), "recovered", "var(--a)");
  fputs("<h2>Bridges that keep the rules, by recovery</h2><p class=lead>The fault "
        "&#34;contradiction&#34; is a bridge that breaks them.</p>",
        f);
  rates(f, json_object_get(s, "modes"), "bridged", "var(--b)");
  if (json_is_object(json_object_get(s, "surprise"))) {
    fputs("<h2>Surprise behind the seam</h2><p class=lead>Nats a word of the first six words, read "
          "by another model: as spoken (blue), as they would have been heard without a splice "
          "(red), and the same words unbroken (the line). What only says the opener again is no "
          "surprise.</p>",
          f);
    surprises(f, json_object_get(s, "faults"));
  }
  fputs("<h2>How much of the wait the opener covers</h2>", f);
  page_histogram(f, json_object_get(s, "histogram"));
  for (int k = 0; k < 3; k++) {
    fprintf(f,
            "<h2>%s</h2><p class=lead><span class=op>opener</span><span class='seam ok'></span> "
            "<span class=br>bridge</span> continuation <span class=cl>the device&#39;s own "
            "close</span>; a seam that breaks a rule is <span class=no>red</span>.</p>",
            states[k][1]);
    json_array_foreach(json_object_get(s, "examples"), i,
                       x) if (!strcmp(text(x, "state"), states[k][0])) talk_html(f, x);
  }
}
