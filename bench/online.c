#include "online.h"
#include "page.h"
#include "stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

trial *online_run(const online_plan *plan) {
  const prompts *p = plan->p;
  trial *all = host_alloc(p->count * sizeof *all, "trials");
  host_progress bar;
  host_progress_begin(&bar, "handoffs", "handoffs", p->count);
  for (size_t i = 0; i < p->count; i++) {
    const prompt *q = &p->items[i];
    const spoken *own = &plan->own[i];
    trial *t = &all[i];
    char topic[ULM_TOPIC_BYTES];
    ulm_topic(q->turns[q->count - 1].text, q->turns[q->count - 1].size, topic);
    t->prompt = i, t->as_expected = 1, t->outcome = OUTCOMES;
    strcpy(t->opener, own->o.text);
    const spoken_opener o = {t->opener, own->first_word_ms, own->total_ms, topic};
    const asking a = {.turns = q->turns,
                      .count = q->count,
                      .max_tokens = plan->tokens,
                      .temperature = -1,
                      .how = {plan->allowed, 0}};
    relay_ask(plan->cloud, &a, &o, -1, &t->got);
    t->truth = strdup("");
    const judged j = {t->opener, t->got.spoken, NULL, "", 0};
    t->verdict = judge(&j);
    host_progress_step(&bar, i + 1, NULL);
  }
  host_progress_end(&bar, p->count, NULL);
  return all;
}

static json_t *quantiles(double *v, size_t n) {
  if (!n) return json_null();
  const double p50 = quantile(v, n, 0.5), p95 = quantile(v, n, 0.95);
  return json_pack("{sf sf sf}", "p50", p50, "p95", p95, "max", v[n - 1]);
}

json_t *online_section(const char *model, const char *url, const online_plan *plan, const trial *t,
                       uint64_t seed, size_t show) {
  const size_t n = plan->p->count;
  const endpoint_state x = endpoint_get(plan->cloud);
  double *v = host_alloc(n * sizeof *v, "values"), masked = 0;
  uint8_t *skip = host_alloc(n, "marks");
  json_t *j = json_pack("{ss ss ss ss ss sb sI}", "section", "online", "model", model, "url", url,
                        "profile", x.profile, "served", x.model, "instructed", x.instructed, "n",
                        (json_int_t)n);
  const struct {
    const char *name;
    int what;
  } rates[] = {{"done", 0}, {"seam", 1}, {"ends", 2}, {"overlap", 3}};
  for (int k = 0; k < 4; k++) {
    for (size_t i = 0; i < n; i++) {
      v[i] = k == 0   ? t[i].got.state == ULM_HANDOFF_DONE
             : k == 1 ? trial_seam(&t[i])
             : k == 2 ? !(t[i].verdict.breaks & BREAKS_END)
                      : trial_overlap(plan->p, &t[i]);
      skip[i] = (uint8_t)isnan(v[i]);
    }
    const rate r = rate_of(v, skip, n, seed);
    json_object_set_new(j, rates[k].name, rate_json(&r));
  }
  size_t k = 0;
  for (size_t i = 0; i < n; i++) v[i] = plan->own[i].first_word_ms;
  json_object_set_new(j, "first_word_ms", quantiles(v, n));
  for (size_t i = k = 0; i < n; i++)
    if (t[i].got.text_ms > 0) v[k++] = t[i].got.text_ms;
  json_object_set_new(j, "cloud_ms", quantiles(v, k));
  for (size_t i = k = 0; i < n; i++) {
    const passage *g = &t[i].got;
    if (g->word_ms <= 0) continue;
    const double gap = g->word_ms > g->opener_end_ms ? g->word_ms - g->opener_end_ms : 0;
    v[k++] = gap, masked += gap > 0 ? g->opener_end_ms / g->word_ms : 1;
  }
  json_object_set_new(j, "gap_ms", quantiles(v, k));
  json_object_set_new(j, "masked", k ? json_real(masked / (double)k) : json_null());
  json_t *examples = json_array();
  for (size_t i = 0; i < n && i < show; i++)
    json_array_append_new(examples, trial_json(plan->p, i, &t[i]));
  json_object_set_new(j, "examples", examples);
  free(v), free(skip);
  return j;
}

static void line(FILE *f, const char *name, const json_t *r) {
  if (number(r, "n") > 0)
    fprintf(f, "  %-46s %6.1f%%  (%.1f-%.1f%%, n %.0f)\n", name, 100 * number(r, "mean"),
            100 * number(r, "low"), 100 * number(r, "high"), number(r, "n"));
}
static void times(FILE *f, const char *name, const json_t *q) {
  if (json_is_object(q))
    fprintf(f, "  %-46s %6.1f ms median, %.1f p95\n", name, number(q, "p50"), number(q, "p95"));
}

void online_text(FILE *f, const json_t *s) {
  size_t i, k;
  const json_t *x, *why;
  fprintf(f, "%.0f handoffs of %s to %s (%s, %s, %s), in real time\n", number(s, "n"),
          text(s, "model"), text(s, "url"), text(s, "served"), text(s, "profile"),
          json_is_true(json_object_get(s, "instructed")) ? "instructions" : "prefill");
  line(f, "the cloud ended its answer", json_object_get(s, "done"));
  line(f, "seams valid", json_object_get(s, "seam"));
  line(f, "replies that end like a sentence", json_object_get(s, "ends"));
  line(f, "content words of the reference named", json_object_get(s, "overlap"));
  times(f, "first word on the device", json_object_get(s, "first_word_ms"));
  times(f, "first text of the cloud", json_object_get(s, "cloud_ms"));
  times(f, "audible gap at the seam", json_object_get(s, "gap_ms"));
  fprintf(f, "  %-46s %6.1f%% mean\n\n", "of the wait masked by speech", 100 * number(s, "masked"));
  json_array_foreach(json_object_get(s, "examples"), i, x) {
    fprintf(f, "  %.200s\n    %s|%s%s%s  (%s, %.0f ms)\n", text(x, "prompt"), text(x, "opener"),
            text(x, "spoken"), *text(x, "close") ? " |" : "", text(x, "close"), text(x, "state"),
            number(x, "word_ms"));
    json_array_foreach(json_object_get(x, "failures"), k, why)
        fprintf(f, "    breaks: %s\n", json_string_value(why));
  }
}

void online_html(FILE *f, const json_t *s) {
  size_t i;
  const json_t *x;
  fputs("<h2>A real continuator</h2><p class=lead>", f);
  html_text(f, text(s, "served"));
  fprintf(f, ", %s, in real time.</p><svg viewBox='0 0 940 100'>",
          json_is_true(json_object_get(s, "instructed")) ? "by instructions" : "with prefill");
  page_bar(f, 4, "the cloud ended its answer", json_object_get(s, "done"), "var(--c)");
  page_bar(f, 28, "seams valid", json_object_get(s, "seam"), "var(--c)");
  page_bar(f, 52, "end like a sentence", json_object_get(s, "ends"), "var(--c)");
  page_bar(f, 76, "reference's words named", json_object_get(s, "overlap"), "var(--soft)");
  fputs("</svg>", f);
  json_array_foreach(json_object_get(s, "examples"), i, x) {
    fputs("<div class=talk><q>", f), html_text(f, text(x, "prompt"));
    fputs("</q>", f);
    page_spoken(f, x);
    page_timeline(f, x);
    fputs("</div>", f);
  }
}
