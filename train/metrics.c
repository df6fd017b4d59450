#include "metrics.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Copies the rows of steps up to `step` (and a header line) into the file anew, then opens it. */
static FILE *reopen(const char *path, const char *lead, const char *header, uint64_t step,
                    host_error *e) {
  FILE *old = fopen(path, "r");
  if (!old && errno != ENOENT)
    return host_fail(e, "%s: cannot open: %s", path, strerror(errno)), NULL;
  host_out out;
  if (host_out_open(&out, path, e)) {
    if (old) fclose(old);
    return NULL;
  }
  host_out_printf(&out, "%s", header);
  char *line = NULL;
  size_t cap = 0;
  for (ssize_t n; old && step && (n = getline(&line, &cap, old)) > 0;) {
    const size_t k = strlen(lead);
    if (line[n - 1] != '\n' || strncmp(line, lead, k) || line[k] < '0' || line[k] > '9') continue;
    if (strtoull(line + k, NULL, 10) <= step) host_out_write(&out, line, (size_t)n);
  }
  free(line);
  if (old) fclose(old);
  if (host_out_commit(&out, e)) return NULL;
  FILE *f = fopen(path, "a");
  if (!f) host_fail(e, "%s: cannot append: %s", path, strerror(errno));
  return f;
}

int metrics_open(metrics *m, const char *dir, uint64_t step, host_error *e) {
  char path[4096];
  memset(m, 0, sizeof *m);
  if (host_path(path, sizeof path, dir, "metrics.jsonl", e) ||
      !(m->jsonl = reopen(path, "{\"step\":", "", step, e)))
    return -1;
  if (host_path(path, sizeof path, dir, "metrics.csv", e) ||
      !(m->csv = reopen(path, "", "step,tokens,loss,val_loss,lr,grad_norm,tokens_per_s,seconds\n",
                        step, e)))
    return metrics_close(m), -1;
  return 0;
}

int metrics_add(metrics *m, const metrics_row *r, host_error *e) {
  char val[40] = "", json[64] = "";
  if (!isnan(r->val)) {
    snprintf(val, sizeof val, "%.6f", r->val);
    snprintf(json, sizeof json, "\"val_loss\":%s,", val);
  }
  fprintf(m->jsonl,
          "{\"step\":%llu,\"tokens\":%llu,\"loss\":%.6f,%s\"lr\":%.6g,\"grad_norm\":%.6g,\"tokens_"
          "per_s\":%.0f,\"seconds\":%.2f}\n",
          (unsigned long long)r->step, (unsigned long long)r->tokens, r->loss, json, r->lr,
          r->grad_norm, r->rate, r->seconds);
  fprintf(m->csv, "%llu,%llu,%.6f,%s,%.6g,%.6g,%.0f,%.2f\n", (unsigned long long)r->step,
          (unsigned long long)r->tokens, r->loss, val, r->lr, r->grad_norm, r->rate, r->seconds);
  if (fflush(m->jsonl) || fflush(m->csv))
    return host_fail(e, "metrics: cannot write: %s", strerror(errno));
  return 0;
}

int metrics_sync(metrics *m, host_error *e) {
  if (fsync(fileno(m->jsonl)) || fsync(fileno(m->csv)))
    return host_fail(e, "metrics: cannot sync: %s", strerror(errno));
  return 0;
}

void metrics_close(metrics *m) {
  if (m->jsonl) fclose(m->jsonl);
  if (m->csv) fclose(m->csv);
  memset(m, 0, sizeof *m);
}
