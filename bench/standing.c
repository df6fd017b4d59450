#include "standing.h"
#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the figures ---- */

static json_t *named(const char *key, const char *name, json_t *rates) {
  json_object_set_new(rates, key, json_string(name));
  return rates;
}

static const char *source_of(const prompts *p, size_t i) {
  return p->items[i].source ? p->items[i].source : "";
}

/* The model's rates on each source, where there are several. */
static json_t *by_source(const panel *x, const prompts *p, uint64_t seed) {
  json_t *rows = json_array();
  uint8_t *seen = host_alloc(p->count, "marks"), *in = host_alloc(p->count, "marks");
  for (size_t i = 0; i < p->count; i++) {
    size_t k = 0;
    for (size_t j = 0; j < p->count; j++)
      k += in[j] = (uint8_t)!strcmp(source_of(p, i), source_of(p, j)), seen[j] |= in[j] & (j > i);
    if (seen[i] || k == p->count) continue;
    values v;
    values_take(&v, &x->list[0], p, CUTS - 1, in);
    json_t *row = values_json(&v, &x->list[0], CUTS - 1, seed);
    json_object_set_new(row, "prompts", json_integer((json_int_t)k));
    json_array_append_new(rows, named("source", source_of(p, i), row));
    values_free(&v);
  }
  free(seen), free(in);
  return rows;
}

static json_t *calibrations(const panel *x, const prompts *p, const values *v, uint64_t seed) {
  json_t *rows = json_array(), *row;
  double *c = host_alloc(p->count * sizeof *c, "confidences"),
         *named_slot = host_alloc(p->count * sizeof *c, "labels");
  size_t slots = 0;
  for (size_t i = 0; i < p->count; i++) {
    const char *slot = p->items[i].slot;
    c[i] = (double)x->forced[i].o.confidence;
    named_slot[i] = slot ? (double)names(x->forced[i].o.text, slot, NULL) : NAN;
    slots += slot != NULL;
  }
  const struct {
    const char *of;
    const double *good;
  } labels[] = {{"grounded", v->of[M_GROUNDED]},
                {"first content word as the reference's", v->of[M_CONTENT]},
                {"names the slot", slots ? named_slot : NULL}};
  for (size_t k = 0; k < 3; k++)
    if (labels[k].good && (row = calibration_json(labels[k].of, c, labels[k].good, p->count, seed)))
      json_array_append_new(rows, row);
  free(c), free(named_slot);
  return rows;
}

void standing_add(json_t *section, const panel *x, const prompts *p, uint64_t seed) {
  json_t *systems = json_array(), *paired = json_array(), *lengths = json_array();
  for (int c = 0; c < CUTS; c++) {
    values ours;
    values_take(&ours, &x->list[0], p, c, NULL);
    for (size_t k = 0; k < x->count; k++) {
      values v;
      values_take(&v, &x->list[k], p, c, NULL);
      json_t *row = named("name", x->list[k].name, values_json(&v, &x->list[k], c, seed));
      if (c == CUTS - 1) {
        json_array_append(systems, row);
        if (k)
          json_array_append_new(paired,
                                named("less", x->list[k].name, paired_json(&ours, &v, seed)));
      }
      json_object_set_new(row, "words", json_integer(cut_words[c]));
      json_array_append_new(lengths, row);
      values_free(&v);
    }
    if (c == CUTS - 1) {
      json_t *own = values_json(&ours, &x->list[0], c, seed);
      json_object_update(section, own);
      json_decref(own);
      json_object_set_new(section, "calibration", calibrations(x, p, &ours, seed));
    }
    values_free(&ours);
  }
  json_object_set_new(section, "systems", systems);
  json_object_set_new(section, "paired", paired);
  json_object_set_new(section, "lengths", lengths);
  json_object_set_new(section, "sources", by_source(x, p, seed));
  if (x->examples)
    json_object_set_new(section, "training_examples", json_integer((json_int_t)x->examples));
}

/* ---- lines ---- */

static json_t *said(const speaker *s, size_t i) {
  json_t *j = json_pack("{ss ss sb}", "name", s->name, "opener", s->texts[i], "contract",
                        keeps_contract(s->texts[i]));
  if (s->unforced)
    json_object_set_new(
        j, "contract_unforced",
        json_boolean(keeps_contract(s->unforced[i].o.text) && s->unforced[i].o.ended));
  if (s->loss && !isnan(s->loss[i][CUTS - 1]))
    json_object_set_new(j, "loss", json_real(s->loss[i][CUTS - 1]));
  if (s->read) {
    const grounded *g = &s->read[i];
    json_object_set_new(j, "picked", json_real(g->picked[CUTS - 1]));
    json_object_set_new(j, "span", json_boolean(g->span[CUTS - 1]));
    json_object_set_new(j, "nats", json_real(g->nats[CUTS - 1]));
    json_object_set_new(j, "bytes", json_integer(g->bytes[CUTS - 1]));
  }
  return j;
}

int standing_lines(const char *path, const panel *x, const prompts *p, host_error *e) {
  host_out o;
  if (host_out_open(&o, path, e)) return -1;
  for (size_t i = 0; i < p->count; i++) {
    const prompt *q = &p->items[i];
    json_t *all = json_array(), *j = json_pack("{sI ss ss* ss* sf so}", "prompt", (json_int_t)i + 1,
                                               "asked", q->turns[q->count - 1].text, "source",
                                               q->source, "reference", q->reference, "confidence",
                                               (double)x->forced[i].o.confidence, "said", all);
    for (size_t k = 0; k < x->count; k++)
      if (x->list[k].texts[i]) json_array_append_new(all, said(&x->list[k], i));
    char *line = json_dumps(j, JSON_COMPACT);
    if (line) host_out_printf(&o, "%s\n", line);
    free(line);
    json_decref(j);
  }
  return host_out_commit(&o, e);
}

/* ---- tables ---- */

static double number(const json_t *o, const char *key) {
  return json_number_value(json_object_get(o, key));
}
static const char *text(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

/* A rate as people read it: "71.2 ±2.9" in percent, "3.21 ±0.05" in nats; half its interval. */
static const char *cell(char out[32], const json_t *row, int m, int sign) {
  const json_t *r = json_object_get(row, measure_names[m].key);
  const double unit = measure_names[m].share ? 100 : 1;
  if (!json_is_object(r))
    strcpy(out, "-");
  else
    snprintf(out, 32, sign ? "%+.*f \u00b1%.*f" : "%.*f \u00b1%.*f", unit > 1 ? 1 : 2,
             fmin(fmax(unit * number(r, "mean"), -9999), 9999), unit > 1 ? 1 : 2,
             fmin(fmax(unit * (number(r, "high") - number(r, "low")) / 2, 0), 9999));
  return out;
}

/* Width in characters of what cell gives is a byte less than its bytes where it has a ±. */
static void put_cell(FILE *f, const char *s, int width) {
  const int wide = (int)strlen(s) - (strstr(s, "\u00b1") ? 1 : 0);
  fprintf(f, "%*s%s", width > wide ? width - wide : 1, "", s);
}

/* Measures that any row has (loss a byte stays in the JSON); of first words those that hang on
 * their number. */
static int columns(const json_t *rows, int out[MEASURES]) {
  const int whole = !(json_integer_value(json_object_get(json_array_get(rows, 0), "words")) < 8) ||
                    !json_object_get(json_array_get(rows, 0), "words");
  int n = 0;
  for (int m = 0; m < MEASURES; m++) {
    size_t i, has = 0;
    const json_t *row;
    if (m == M_LOSS_BYTE || (!whole && (m == M_CONTRACT || m == M_UNFORCED || m == M_FIRST)))
      continue;
    json_array_foreach(rows, i, row) has += json_object_get(row, measure_names[m].key) != NULL;
    if (has) out[n++] = m;
  }
  return n;
}

enum { NAME = 29, CELL = 12 };
static void table_text(FILE *f, const char *title, const json_t *rows, const char *key, int sign) {
  int m[MEASURES], n = columns(rows, m);
  size_t i;
  const json_t *row;
  char c[32];
  if (!json_array_size(rows)) return;
  fprintf(f, "\n  %-*s", NAME, title);
  for (int k = 0; k < n; k++) fprintf(f, "%*s", CELL, measure_names[m[k]].title);
  if (!sign) fprintf(f, "%10s", "distinct");
  json_array_foreach(rows, i, row) {
    fprintf(f, "\n  %-*.*s", NAME, NAME - 1, text(row, key));
    for (int k = 0; k < n; k++) put_cell(f, cell(c, row, m[k], sign), CELL);
    if (!sign) fprintf(f, "%10.1f", 100 * number(row, "distinct"));
  }
  fputc('\n', f);
}

/* Rows of "lengths" that speak of so many words. */
static json_t *of_length(const json_t *section, int words) {
  json_t *rows = json_array(), *row;
  size_t i;
  json_array_foreach(json_object_get(section, "lengths"), i,
                     row) if ((int)number(row, "words") == words) json_array_append(rows, row);
  return rows;
}

static void put_interval(FILE *f, const json_t *r) {
  if (r)
    fprintf(f, "   %5.3f [%5.3f, %5.3f]", number(r, "mean"), number(r, "low"), number(r, "high"));
  else
    fprintf(f, "%23s", "-");
}

void standing_text(FILE *f, const json_t *s) {
  size_t i;
  const json_t *row;
  if (!json_array_size(json_object_get(s, "systems"))) return;
  fprintf(f, "  shares in %%, loss in nats a token, read in nats; \u00b1 is half of the 95%% "
             "interval\n");
  table_text(f, "openers of", json_object_get(s, "systems"), "name", 0);
  table_text(f, "this model less, paired", json_object_get(s, "paired"), "less", 1);
  for (int c = 0; c + 1 < CUTS; c++) {
    json_t *rows = of_length(s, (int)cut_words[c]);
    char title[32];
    snprintf(title, sizeof title, "their first %u words", cut_words[c]);
    table_text(f, title, rows, "name", 0);
    json_decref(rows);
  }
  table_text(f, "this model by source", json_object_get(s, "sources"), "source", 0);
  const json_t *calibration = json_object_get(s, "calibration");
  if (json_array_size(calibration))
    fprintf(f, "\n  %-40s %6s %7s %22s %22s\n", "confidence tells", "of", "good", "AUC", "ECE");
  json_array_foreach(calibration, i, row) {
    const json_t *a = json_object_get(row, "auc"), *b = json_object_get(row, "ece");
    fprintf(f, "  %-40s %6.0f %6.1f%%", text(row, "of"), number(row, "n"),
            100 * number(row, "good"));
    put_interval(f, a);
    put_interval(f, b);
    fputc('\n', f);
  }
  fputc('\n', f);
}

static void table_html(FILE *f, const char *title, const json_t *rows, const char *key, int sign) {
  int m[MEASURES], n = columns(rows, m);
  size_t i;
  const json_t *row;
  char c[32];
  if (!json_array_size(rows)) return;
  fputs("<div style='overflow-x:auto'><table><tr><th>", f);
  html_text(f, title);
  for (int k = 0; k < n; k++) fprintf(f, "<th class=n>%s", measure_names[m[k]].title);
  fputs(sign ? "</tr>" : "<th class=n>distinct</tr>", f);
  json_array_foreach(rows, i, row) {
    fputs("<tr><td>", f);
    html_text(f, text(row, key));
    for (int k = 0; k < n; k++)
      fprintf(f, "<td class=n style='white-space:nowrap'>%s", cell(c, row, m[k], sign));
    if (!sign) fprintf(f, "<td class=n>%.1f", 100 * number(row, "distinct"));
    fputs("</tr>", f);
  }
  fputs("</table></div>", f);
}

/* Share of good openers by confidence, on the diagonal where the confidence is calibrated. */
static void reliability(FILE *f, const json_t *row) {
  size_t i;
  const json_t *b;
  fputs("<svg viewBox='0 0 940 240' role='img' aria-label='share of good openers by confidence'>"
        "<line x1='60' y1='210' x2='260' y2='10' stroke='var(--rule)'/>"
        "<path d='M60 10V210H260' fill='none' stroke='var(--rule)'/>",
        f);
  json_array_foreach(json_object_get(row, "bins"), i, b) {
    const double x = fmin(fmax(number(b, "confidence"), 0), 1),
                 y = fmin(fmax(number(b, "good"), 0), 1);
    fprintf(f, "<circle cx='%.1f' cy='%.1f' r='%.1f' fill='var(--a)' fill-opacity='.7'/>",
            60 + 200 * x, 210 - 200 * y,
            3 + 12 * sqrt(fmin(number(b, "n") / fmax(number(row, "n"), 1), 1)));
  }
  fputs("<text x='160' y='230' text-anchor='middle'>confidence</text><text x='52' y='16' "
        "text-anchor='end'>1</text><text x='52' y='214' text-anchor='end'>0</text><text x='290' "
        "y='40'>good: ",
        f);
  html_text(f, text(row, "of"));
  fprintf(f, "</text><text x='290' y='60'>%.1f%% of %.0f openers</text>", 100 * number(row, "good"),
          number(row, "n"));
  const json_t *a = json_object_get(row, "auc"), *c = json_object_get(row, "ece");
  fprintf(f,
          "<text x='290' y='80'>AUC %.3f [%.3f, %.3f]</text><text x='290' y='100'>calibration "
          "error %.3f [%.3f, %.3f]</text></svg>",
          number(a, "mean"), number(a, "low"), number(a, "high"), number(c, "mean"),
          number(c, "low"), number(c, "high"));
}

void standing_html(FILE *f, const json_t *s) {
  if (!json_array_size(json_object_get(s, "systems"))) return;
  fputs("<h2>Beside others</h2><p class=lead>Shares in percent; loss in nats a token of the "
        "references&#39; first words, read in nats a byte under the reader; \u00b1 is half of the "
        "95% "
        "bootstrap interval. Grounded: the reader picks the true prompt among 16, and the opener "
        "is no span of it; picked: the same without that rule.</p>",
        f);
  table_html(f, "openers of", json_object_get(s, "systems"), "name", 0);
  table_html(f, "this model less, paired", json_object_get(s, "paired"), "less", 1);
  for (int c = 0; c + 1 < CUTS; c++) {
    json_t *rows = of_length(s, (int)cut_words[c]);
    char title[32];
    snprintf(title, sizeof title, "their first %u words", cut_words[c]);
    table_html(f, title, rows, "name", 0);
    json_decref(rows);
  }
  const json_t *sources = json_object_get(s, "sources");
  const int many = json_array_size(sources) > 20; /* the generator's, one an intent */
  if (many)
    fprintf(f, "<details><summary class=lead>this model by source, %zu of them</summary>",
            json_array_size(sources));
  table_html(f, "this model by source", sources, "source", 0);
  if (many) fputs("</details>", f);
  const json_t *first = json_array_get(json_object_get(s, "calibration"), 0);
  if (first) fputs("<h2>What its confidence is worth</h2>", f), reliability(f, first);
}
