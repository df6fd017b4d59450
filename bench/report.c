#include "report.h"
#include "standing.h"
#include "faults.h"
#include "matrix.h"
#include "online.h"
#include "page.h"
#include "risk.h"
#include "../train/ckpt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const section_names[] = {"training", "quant",  "opener", "handoff",
                                            "gate",     "faults", "online", "matrix"};
enum { SECTIONS = 8 };

/* ---- what comes from elsewhere ---- */

/* {"rows": [{"step","loss","val_loss"?,"lr","grad_norm","tokens","tokens_per_s"}]}: at most about
 * 400 rows, evenly taken, and every validation. */
static json_t *training_section(const char *run, host_error *e) {
  char path[4096];
  if (host_path(path, sizeof path, run, "metrics.jsonl", e)) return NULL;
  FILE *f = fopen(path, "r");
  if (!f) return host_fail(e, "%s: cannot open; is %s a training's folder?", path, run), NULL;
  json_t *all = json_array(), *rows = json_array();
  char *line = NULL;
  size_t cap = 0, n = 0;
  json_error_t why;
  for (ssize_t k; (k = getline(&line, &cap, f)) > 0;) {
    json_t *row = json_loadb(line, (size_t)k, 0, &why);
    n++;
    if (!json_is_object(row) || !json_is_number(json_object_get(row, "step")) ||
        !json_is_number(json_object_get(row, "loss"))) {
      json_decref(row), json_decref(all), json_decref(rows), free(line), fclose(f);
      return host_fail(e, "%s: line %zu is not a row of metrics", path, n), NULL;
    }
    json_array_append_new(all, row);
  }
  free(line);
  fclose(f);
  const size_t total = json_array_size(all), every = total / 400 + 1;
  for (size_t i = 0; i < total; i++) {
    json_t *row = json_array_get(all, i);
    if (i % every == 0 || i + 1 == total || json_object_get(row, "val_loss"))
      json_array_append(rows, row);
  }
  json_decref(all);
  if (!total) return json_decref(rows), host_fail(e, "%s: holds no row", path), NULL;
  return json_pack("{ss so}", "section", "training", "rows", rows);
}

/* {"models": [{"name", "report"}]} from the META of quantized files. */
static json_t *quant_section(const char *list, host_error *e) {
  json_t *models = json_array();
  char *copy = strdup(list), *rest = copy;
  int bad = !copy;
  for (char *path; !bad && (path = strsep(&rest, ","));) {
    model_file f;
    if (!*path) continue;
    if ((bad = model_file_open(&f, path, ULM_KIND_QUANT, e))) break;
    json_t *meta = json_loadb((const char *)f.meta.data, f.meta.size, 0, NULL),
           *report = json_object_get(meta, "quantization");
    if (!json_is_object(report))
      bad = host_fail(e, "%s: its description holds no quantization report", path);
    else
      json_array_append_new(models, json_pack("{ss sO}", "name",
                                              strrchr(path, '/') ? strrchr(path, '/') + 1 : path,
                                              "report", report));
    json_decref(meta);
    model_file_close(&f);
  }
  free(copy);
  if (bad) return json_decref(models), NULL;
  return json_pack("{ss so}", "section", "quant", "models", models);
}

/* ---- text ---- */

static void rate_line(FILE *f, const char *name, const json_t *r) {
  if (!json_is_object(r)) return;
  fprintf(f, "  %-46s %6.1f%%  [%.1f, %.1f]  of %.0f\n", name, 100 * number(r, "mean"),
          100 * number(r, "low"), 100 * number(r, "high"), number(r, "n"));
}

/* Bytes of a prompt to show: of its first line at most 200, of whole characters. */
static int shown(const char *s) {
  size_t n = strcspn(s, "\n");
  if (n > 200) n = 200;
  while (s[n] && n && ((unsigned char)s[n] & 0xc0) == 0x80) n--;
  return (int)n;
}

static void opener_text(FILE *f, const json_t *s, int bold) {
  const char *on = bold ? "\033[1m" : "", *off = bold ? "\033[0m" : "";
  size_t i;
  const json_t *x;
  fprintf(f, "openers of %s on %.0f prompts (95%% bootstrap intervals)\n", text(s, "model"),
          number(s, "prompts"));
  rate_line(f, "contract, 4-8 whole words", json_object_get(s, "contract"));
  rate_line(f, "contract unforced: the model ends by itself",
            json_object_get(s, "contract_unforced"));
  if (*text(s, "reader")) {
    char name[80];
    snprintf(name, sizeof name, "grounding@16, read by %.24s", text(s, "reader"));
    rate_line(f, name, json_object_get(s, "grounded"));
    rate_line(f, "  spans of the prompt counted too", json_object_get(s, "picked"));
  }
  json_array_foreach(json_object_get(s, "slots"), i, x) {
    char name[80];
    snprintf(name, sizeof name, "slot named, %s", text(x, "of"));
    rate_line(f, name, json_object_get(x, "named"));
    rate_line(f, "  control: another prompt's slot", json_object_get(x, "control"));
  }
  rate_line(f, "first word as the reference's", json_object_get(s, "first_word"));
  rate_line(f, "first content word as the reference's", json_object_get(s, "first_content_word"));
  rate_line(f, "a word or two said twice", json_object_get(s, "repeats"));
  fprintf(f, "  %-46s %6.1f%%\n", "distinct openers", 100 * number(s, "distinct"));
  rate_line(f, "most frequent opener", json_object_get(s, "most_frequent_share"));
  fprintf(f, "  %-46s         \"%s\"\n", "", text(s, "most_frequent"));
  fprintf(f, "  %-46s", "ends with");
  json_t *ends = json_object_get(s, "finish"), *v;
  const char *key;
  json_object_foreach(ends, key, v) if (json_number_value(v) > 0)
      fprintf(f, " %s %.1f%%", key, 100 * json_number_value(v));
  fprintf(f, "\n  %-46s %6.3f nats a token, confidence %.3f\n", "mean log-probability",
          number(s, "logprob"), number(s, "confidence"));
  fprintf(f, "  %-46s %6.2f ms prefill, %.2f ms first word, %.2f ms all\n\n", "median latency",
          number(s, "prefill_ms"), number(s, "first_word_ms"), number(s, "total_ms"));
  standing_text(f, s);
  json_array_foreach(json_object_get(s, "examples"), i, x)
      fprintf(f, "  %.*s\n    %s%s%s%s%s\n", shown(text(x, "prompt")), text(x, "prompt"), on,
              text(x, "opener"), off,
              json_is_true(json_object_get(x, "unforced_ok")) ? "" : "   (does not end by itself)",
              *text(x, "held") && strcmp(text(x, "held"), "none") ? "   [held out]" : "");
}

static void handoff_text(FILE *f, const json_t *s, int bold) {
  const char *on = bold ? "\033[1m" : "", *mid = bold ? "\033[35m" : "",
             *off = bold ? "\033[0m" : "";
  size_t i, k;
  const json_t *x, *why;
  fprintf(f, "%.0f handoffs of %s to the synthetic continuator\n", number(s, "n"),
          text(s, "model"));
  rate_line(f, "judged good by every rule", json_object_get(s, "good"));
  fprintf(f, "  %-46s %6.0f lost, %.0f repeated\n", "words", number(s, "lost"),
          number(s, "repeated"));
  fprintf(f, "  %-46s %6.2f ms median\n", "first word on the device", number(s, "first_word_ms"));
  fprintf(f, "  %-46s %6.0f ms median\n", "first cloud text", number(s, "cloud_ms"));
  fprintf(f, "  %-46s %6.1f%% mean, %.1f%% with no gap at all\n\n",
          "of the cloud's latency masked by speech", 100 * number(s, "masked"),
          100 * number(s, "no_gap"));
  fprintf(f, "  %-22s %-10s %7s %7s %9s %10s\n", "outcome", "mode", "count", "good", "masked",
          "gap, ms");
  json_array_foreach(json_object_get(s, "rows"), i, x) fprintf(
      f, "  %-22s %-10s %7.0f %6.1f%% %8.1f%% %10.0f\n", text(x, "outcome"), text(x, "mode"),
      number(x, "count"), 100 * number(x, "good"), 100 * number(x, "masked"), number(x, "gap_ms"));
  fprintf(f, "\n");
  json_array_foreach(json_object_get(s, "examples"), i, x) {
    fprintf(f, "  %s (%s%s%s)\n    %s%s%s%s%s%s%s\n", text(x, "prompt"), text(x, "outcome"),
            *text(x, "mode") ? ", " : "", text(x, "mode"), on, text(x, "opener"), off, mid,
            text(x, "bridge"), off, text(x, "continuation"));
    json_array_foreach(json_object_get(x, "failures"), k, why)
        fprintf(f, "    breaks: %s\n", json_string_value(why));
  }
}

void report_text(FILE *f, const json_t *s, int bold) {
  if (!strcmp(text(s, "section"), "opener")) opener_text(f, s, bold);
  if (!strcmp(text(s, "section"), "handoff")) handoff_text(f, s, bold);
  if (!strcmp(text(s, "section"), "gate")) gate_text(f, s);
  if (!strcmp(text(s, "section"), "faults")) faults_text(f, s);
  if (!strcmp(text(s, "section"), "online")) online_text(f, s);
  if (!strcmp(text(s, "section"), "matrix")) matrix_text(f, s);
}

/* ---- the folder ---- */

static int write_json(const char *dir, const char *name, const json_t *j, host_error *e) {
  char path[4096], file[64];
  host_out o;
  snprintf(file, sizeof file, "%s.json", name);
  if (host_path(path, sizeof path, dir, file, e) || host_out_open(&o, path, e)) return -1;
  char *s = json_dumps(j, JSON_INDENT(1) | JSON_SORT_KEYS);
  if (!s) return host_out_abort(&o), host_fail(e, "%s: cannot be written as JSON", path);
  host_out_printf(&o, "%s\n", s);
  free(s);
  return host_out_commit(&o, e);
}

static int write_pages(const char *dir, const json_t *sections, host_error *e) {
  static const char *const pages[] = {"report.txt", "report.jsonl", "report.html"};
  for (int k = 0; k < 3; k++) {
    char path[4096];
    host_out o;
    if (host_path(path, sizeof path, dir, pages[k], e) || host_out_open(&o, path, e)) return -1;
    if (k == 2) report_html(o.f, sections);
    for (int i = 0; k < 2 && i < SECTIONS; i++) {
      const json_t *s = json_object_get(sections, section_names[i]);
      if (!s) continue;
      if (k == 0)
        report_text(o.f, s, 0);
      else
        json_dumpf(s, o.f, JSON_COMPACT | JSON_SORT_KEYS), fputc('\n', o.f);
    }
    if (host_out_commit(&o, e)) return -1;
  }
  return 0;
}

/* sections[name] from REPORT/<name>.json, if it is there. */
static int read_json(const char *dir, const char *name, json_t *sections, host_error *e) {
  char path[4096], file[64];
  json_error_t why;
  snprintf(file, sizeof file, "%s.json", name);
  if (host_path(path, sizeof path, dir, file, e)) return -1;
  if (access(path, F_OK)) return 0;
  json_t *s = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
  if (json_is_object(s)) return json_object_set_new(sections, name, s);
  host_fail(e, "%s: line %d: %s; remove the file and run the command that makes it again", path,
            s ? 1 : why.line, s ? "not an object" : why.text);
  json_decref(s);
  return -1;
}

int report_write(const char *dir, const char *name, const json_t *section, const char *run,
                 const char *quant, host_error *e) {
  json_t *more[2] = {NULL, NULL}, *sections = json_object();
  int bad = 0;
  if (run && !(more[0] = training_section(run, e))) bad = -1;
  if (!bad && quant && !(more[1] = quant_section(quant, e))) bad = -1;
  /* Nothing is written before all that the pages need is known to be sound. */
  for (int i = 0; !bad && i < SECTIONS; i++)
    if (strcmp(section_names[i], name) && !(i < 2 && more[i]))
      bad = read_json(dir, section_names[i], sections, e);
  if (!bad) bad = host_mkdir(dir, e) || write_json(dir, name, section, e) ? -1 : 0;
  for (int i = 0; i < 2; i++) {
    if (!bad && more[i]) bad = write_json(dir, section_names[i], more[i], e);
    json_decref(more[i]);
  }
  for (int i = 0; !bad && i < SECTIONS; i++) bad = read_json(dir, section_names[i], sections, e);
  if (!bad) bad = write_pages(dir, sections, e);
  json_decref(sections);
  return bad;
}
