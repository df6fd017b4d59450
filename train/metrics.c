#include "metrics.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- opening ---- */

/* Copies the rows of steps up to `step` below the header line into the file anew, then opens it.
 * A row begins with `lead` and its step. */
static int reopen(const char *path, const char *lead, const char *header, uint64_t step,
                  uint64_t *size, double *seconds, host_error *e) {
  FILE *old = fopen(path, "r");
  if (!old && errno != ENOENT) return host_fail(e, "%s: cannot open: %s", path, strerror(errno));
  host_out out;
  if (host_out_open(&out, path, e)) {
    if (old) fclose(old);
    return -1;
  }
  host_out_printf(&out, "%s", header);
  char *line = NULL;
  size_t cap = 0;
  bool other = false;
  for (ssize_t n; old && step && (n = getline(&line, &cap, old)) > 0;) {
    const size_t k = strlen(lead);
    if (line[n - 1] != '\n') continue; /* cut short by a kill */
    if (*header && !strncmp(line, "step,", 5)) other = strcmp(line, header) != 0;
    if (strncmp(line, lead, k) || line[k] < '0' || line[k] > '9') continue;
    if (strtoull(line + k, NULL, 10) > step) continue;
    host_out_write(&out, line, (size_t)n);
    if (*header) *seconds = atof(strrchr(line, ',') ? strrchr(line, ',') + 1 : "0");
  }
  free(line);
  if (old) fclose(old);
  if (other) {
    host_out_abort(&out);
    return host_fail(e, "%s: has other columns than this program writes; move it away to go on",
                     path);
  }
  if (host_out_commit(&out, e)) return -1;
  *size = out.size;
  const int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  return fd >= 0 ? fd : host_fail(e, "%s: cannot append: %s", path, strerror(errno));
}

/* ,"val:NAME" for each source: quotes doubled, no control characters. */
static void csv_names(FILE *f, const metrics *m) {
  for (size_t i = 0; i < m->count; i++) {
    fputs(",\"val:", f);
    for (const char *p = m->names[i]; *p; p++) {
      if (*p == '"') fputc('"', f);
      fputc((unsigned char)*p < ' ' ? ' ' : *p, f);
    }
    fputc('"', f);
  }
}

/* What a FILE in memory has written; frees nothing. */
static FILE *text_open(char **text, size_t *n) {
  FILE *f = open_memstream(text, n);
  if (!f) host_die("no memory for metrics");
  return f;
}
static void text_close(FILE *f) {
  if (fclose(f)) host_die("no memory for metrics");
}

int metrics_open(metrics *m, const char *dir, const char *const *names, size_t count, uint64_t step,
                 host_error *e) {
  char path[4096], *header;
  size_t n;
  *m = (metrics){.jsonl = -1, .csv = -1, .names = names, .count = count > 1 ? count : 0};
  FILE *f = text_open(&header, &n);
  fputs("step,tokens,loss,val_loss", f);
  csv_names(f, m);
  fputs(",lr,grad_norm,tokens_per_s,mfu,seconds\n", f);
  text_close(f);
  if (!host_path(path, sizeof path, dir, "metrics.jsonl", e))
    m->jsonl = reopen(path, "{\"step\":", "", step, &m->jsonl_size, &m->seconds, e);
  if (m->jsonl >= 0 && !host_path(path, sizeof path, dir, "metrics.csv", e))
    m->csv = reopen(path, "", header, step, &m->csv_size, &m->seconds, e);
  free(header);
  if (m->csv >= 0) return 0;
  metrics_close(m);
  return -1;
}

void metrics_close(metrics *m) {
  if (m->jsonl >= 0) close(m->jsonl);
  if (m->csv >= 0) close(m->csv);
  m->jsonl = m->csv = -1;
}

/* ---- rows ---- */

static void write_json(FILE *f, const metrics *m, const metrics_row *r) {
  fprintf(f, "{\"step\":%llu,\"tokens\":%llu,\"loss\":%.6f,", (unsigned long long)r->step,
          (unsigned long long)r->tokens, r->loss);
  if (!isnan(r->val)) fprintf(f, "\"val_loss\":%.6f,", r->val);
  if (r->vals && m->count) {
    fputs("\"val\":{", f);
    for (size_t i = 0; i < m->count; i++) {
      if (i) fputc(',', f);
      host_json_string(f, m->names[i], strlen(m->names[i]));
      fprintf(f, ":%.6f", r->vals[i]);
    }
    fputs("},", f);
  }
  fprintf(f, "\"lr\":%.6g,\"grad_norm\":%.6g,\"tokens_per_s\":%.0f,", r->lr, r->grad_norm, r->rate);
  if (!isnan(r->mfu)) fprintf(f, "\"mfu\":%.4f,", r->mfu);
  fprintf(f, "\"seconds\":%.2f}\n", r->seconds);
}

static void write_csv(FILE *f, const metrics *m, const metrics_row *r) {
  fprintf(f, "%llu,%llu,%.6f,", (unsigned long long)r->step, (unsigned long long)r->tokens,
          r->loss);
  if (!isnan(r->val)) fprintf(f, "%.6f", r->val);
  for (size_t i = 0; i < m->count; i++)
    if (r->vals)
      fprintf(f, ",%.6f", r->vals[i]);
    else
      fputc(',', f);
  fprintf(f, ",%.6g,%.6g,%.0f,", r->lr, r->grad_norm, r->rate);
  if (!isnan(r->mfu)) fprintf(f, "%.4f", r->mfu);
  fprintf(f, ",%.2f\n", r->seconds);
}

static int append(int fd, const char *text, size_t n) {
  for (ssize_t k; n; text += k, n -= (size_t)k)
    if ((k = write(fd, text, n)) < 0) {
      if (errno != EINTR) return -1;
      k = 0;
    }
  return 0;
}

int metrics_add(metrics *m, const metrics_row *r, host_error *e) {
  char *json, *csv;
  size_t jn, cn;
  FILE *f = text_open(&json, &jn);
  write_json(f, m, r);
  text_close(f), f = text_open(&csv, &cn);
  write_csv(f, m, r);
  text_close(f);
  int bad = append(m->jsonl, json, jn) || append(m->csv, csv, cn) ? -1 : 0;
  free(json), free(csv);
  if (!bad) {
    m->jsonl_size += jn, m->csv_size += cn;
    return 0;
  }
  const int why = errno;
  bad = ftruncate(m->jsonl, (off_t)m->jsonl_size) || ftruncate(m->csv, (off_t)m->csv_size);
  return host_fail(e, "metrics of step %llu: cannot write: %s%s", (unsigned long long)r->step,
                   strerror(why), bad ? "; part of a row may be left" : "");
}

int metrics_sync(metrics *m, host_error *e) {
  if (fsync(m->jsonl) || fsync(m->csv))
    return host_fail(e, "metrics: cannot sync: %s", strerror(errno));
  return 0;
}
