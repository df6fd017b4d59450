#include "forced.h"

#include <math.h>
#include <omp.h>
#include <string.h>

/* Of the distribution that logits [V] stand for: log-probability of id, entropy, and how far the
 * likeliest is ahead of the next. */
static void add_token(const float *logits, uint32_t V, uint16_t id, double x[FEATURES]) {
  double top = -INFINITY, next = -INFINITY, sum = 0, mean = 0;
  for (uint32_t v = 0; v < V; v++) {
    const double l = (double)logits[v];
    if (l > top)
      next = top, top = l;
    else if (l > next)
      next = l;
  }
  for (uint32_t v = 0; v < V; v++) {
    const double d = (double)logits[v] - top, p = exp(d);
    sum += p, mean += p * d;
  }
  x[0] += (double)logits[id] - top - log(sum);
  x[1] += log(sum) - mean / sum;
  x[2] += top - next;
}

static ulm_status read_one(ulm *m, const prompts *p, forced *f, ulm_error *err) {
  uint16_t ids[ULM_OPENER_TOKENS];
  size_t n;
  memset(f->x, 0, sizeof f->x);
  ulm_status s = read_conversation(m, &p->items[f->prompt], err);
  if (!s && (s = ulm_encode(m, f->text, strlen(f->text), ids, ULM_OPENER_TOKENS, &n)))
    *err = (ulm_error){s, "an opener of more than 48 tokens", 0};
  for (size_t i = 0; !s && i < n; i++) {
    add_token(ulm_logits(m), ulm_get_config(m)->vocab, ids[i], f->x);
    if (i + 1 < n) s = ulm_prefill(m, &ids[i], 1);
  }
  for (int k = 0; !s && n && k < FEATURES; k++) f->x[k] /= (double)n;
  return s;
}

int features_all(session *s, const prompts *p, forced *f, size_t n, host_error *e) {
  size_t failed = n, done = 0;
  ulm_error why = {0};
  host_progress bar;
  host_progress_begin(&bar, "given openers", "openers", n);
#pragma omp parallel for num_threads(s->threads) schedule(dynamic, 1)
  for (size_t i = 0; i < n; i++) {
    ulm_error err = {0};
    const ulm_status bad = read_one(s->handles[omp_get_thread_num()], p, &f[i], &err);
#pragma omp critical
    {
      if (bad && i < failed) failed = i, why = err;
      host_progress_step(&bar, ++done, NULL);
    }
  }
  host_progress_end(&bar, done, NULL);
  return failed == n ? 0
                     : host_fail(e, "%s: cannot read \"%s\": %s", s->path, f[failed].text,
                                 why.message ? why.message : "it does not fit");
}
