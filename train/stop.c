#include "stop.h"
#include "../tokenizer/spm.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long ull;

static FILE *text_open(char **text, size_t *n) {
  FILE *f = open_memstream(text, n);
  if (!f) host_die("no memory for a message");
  return f;
}

/* Mean loss of a row, and its worst target: those that are no numbers are worse than all. */
static double row_loss(const model_batch *b, const float *losses, uint32_t row, uint32_t *worst) {
  double sum = 0, weights = 0, most = -1;
  *worst = 0;
  for (uint32_t t = 0; t < b->T; t++) {
    const size_t i = (size_t)row * b->T + t;
    if (b->weight[i] == 0) continue;
    const double loss = isfinite(losses[i]) ? (double)losses[i] : INFINITY;
    sum += (double)b->weight[i] * loss, weights += (double)b->weight[i];
    if (loss > most) most = loss, *worst = t;
  }
  return weights > 0 ? sum / weights : 0;
}

/* "chats 812, 9911 from token 256; books 3" */
static void write_documents(FILE *f, const stop_place *p, uint32_t row) {
  size_t n, before = SIZE_MAX;
  const loader_part *parts = loader_parts(p->train, &n);
  for (size_t i = 0; i < n; i++) {
    if (parts[i].row != row) continue;
    if (parts[i].source == before)
      fputs(", ", f);
    else
      fprintf(f, "%s%s ", before == SIZE_MAX ? "" : "; ", p->names[parts[i].source]);
    fprintf(f, "%llu", (ull)parts[i].document);
    if (parts[i].from) fprintf(f, " from token %llu", (ull)parts[i].from);
    before = parts[i].source;
  }
}

/* The text of a few tokens around position t of a row, within its document. */
static void log_text(const stop_place *p, uint32_t row, uint32_t t) {
  const model_batch *b = p->batch;
  const size_t base = (size_t)row * b->T;
  const ulm_section x = loader_tokenizer(p->train);
  const uint32_t from = t > b->start[base + t] + 24u ? t - 24u : b->start[base + t];
  char *text = NULL, *json;
  size_t cap = 0, n;
  host_error e;
  spm *s = spm_open(x.data, (size_t)x.size, &e);
  if (s && spm_decode(s, b->ids + base + from, t + 1 - from, &text, &cap, &e) >= 0) {
    FILE *f = text_open(&json, &n);
    host_json_string(f, text, strlen(text));
    fputs(" and then ", f);
    if (spm_decode(s, b->next + base + t, 1, &text, &cap, &e) >= 0)
      host_json_string(f, text, strlen(text));
    if (fclose(f)) host_die("no memory for a message");
    host_log("  least expected in row %u: %s", row, json);
    free(json);
  }
  free(text);
  spm_close(s);
}

static json_t *row_json(const stop_place *p, uint32_t row, double loss) {
  size_t n;
  const loader_part *parts = loader_parts(p->train, &n);
  json_t *documents = json_array();
  for (size_t i = 0; i < n; i++)
    if (parts[i].row == row)
      json_array_append_new(
          documents, json_pack("{ss? sI sI sI}", "source", p->names[parts[i].source], "document",
                               (json_int_t)parts[i].document, "from", (json_int_t)parts[i].from,
                               "tokens", (json_int_t)parts[i].length));
  return json_pack("{si so so}", "row", (int)row, "loss",
                   isfinite(loss) ? json_real(loss) : json_null(), "documents", documents);
}

static json_t *log_batch(const stop_place *p) {
  const model_batch *b = p->batch;
  float *losses = host_alloc((size_t)b->B * b->T * sizeof *losses, "losses");
  double total, most = -1;
  uint32_t worst = 0, at = 0;
  json_t *rows = json_array();
  for (uint32_t row = 0; row < b->B; row++) { /* the model may hold fewer rows than the batch */
    const size_t i = (size_t)row * b->T;
    const model_batch one = {1, b->T, b->ids + i, b->next + i, b->weight + i, b->start + i};
    model_loss(p->model, &one, &total, losses + i);
  }
  host_log("the batch of step %llu; documents count from 0 through a source's train shards:",
           (ull)p->step);
  for (uint32_t row = 0; row < b->B; row++) {
    uint32_t t;
    char *text;
    size_t n;
    const double loss = row_loss(b, losses, row, &t);
    FILE *f = text_open(&text, &n);
    write_documents(f, p, row);
    if (fclose(f)) host_die("no memory for a message");
    host_log("  row %-3u loss %7.3f  %s", row, loss, text);
    free(text);
    json_array_append_new(rows, row_json(p, row, loss));
    if (loss > most) most = loss, worst = row, at = t;
  }
  log_text(p, worst, at);
  free(losses);
  return rows;
}

int stop_run(const stop_place *p, const char *what, double value, double limit, host_error *e) {
  json_t *rows = p->batch ? log_batch(p) : NULL;
  if (p->json) {
    json_t *j =
        json_pack("{sb sI ss so so so*}", "stopped", 1, "step", (json_int_t)p->step, "what", what,
                  "value", isfinite(value) ? json_real(value) : json_null(), "limit",
                  isfinite(limit) ? json_real(limit) : json_null(), "rows", json_incref(rows));
    char *text = json_dumps(j, JSON_COMPACT | JSON_REAL_PRECISION(9));
    if (text) printf("%s\n", text);
    free(text);
    json_decref(j);
  }
  json_decref(rows);
  if (isfinite(limit))
    return host_fail(e,
                     "step %llu: the %s is %.4g, and its course allows %.4g: stopped before the "
                     "update. %s, of step %llu, is the last good checkpoint. If a row above holds "
                     "bad data, leave that out; else go on with --resume and a lower --lr or "
                     "--clip, a higher --spike, or --spike 0 to let it pass",
                     (ull)p->step, what, value, limit, p->last, (ull)p->saved);
  return host_fail(e,
                   "step %llu: the %s is %g: training diverged. %s, of step %llu, is the last good "
                   "checkpoint; go on with --resume and a lower --lr or --clip, or start anew with "
                   "a longer --warmup",
                   (ull)p->step, what, value, p->last, (ull)p->saved);
}
