#include "trial.h"
#include "timeline.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

int trial_seam(const trial *t) { return !(t->verdict.breaks & BREAKS_SEAM); }

int trial_bridged(const trial *t) {
  return t->outcome != OUTCOME_RECOVERED || !*t->bridge ? -1 : !(t->verdict.breaks & BREAKS_BRIDGE);
}

int trial_recovered(const trial *t) {
  if (t->outcome != OUTCOME_RECOVERED || !t->answered) return -1;
  return t->got.state == ULM_HANDOFF_DONE && *t->bridge && !t->verdict.lost &&
         !(t->verdict.breaks & BREAKS_BRIDGE);
}

/* The truth as far as it was delivered: where the reply broke off, in whole words; where the user
 * spoke, as many words as were said. */
static char *truth_of(const staged *s, const passage *got) {
  const size_t all = s->size - s->junk, came = got->got > s->junk ? got->got - s->junk : 0;
  size_t n = came < all ? came : all;
  char *t = host_alloc(n + 1, "a truth");
  memcpy(t, s->text + s->junk, n);
  if (got->state == ULM_HANDOFF_CLOSED && got->end != ULM_CLOUD_WHOLE)
    while (n && t[n - 1] != ' ' && t[n - 1] != '\n') n--;
  t[n] = 0;
  if (got->state == ULM_HANDOFF_CANCELLED) {
    size_t words = 0, at = 0;
    char w[64];
    while (word_at(got->spoken, words, w, sizeof w)) words++;
    for (; words && t[at]; words--) {
      size_t k = 0;
      while (t[at] && !k) { /* a token without a letter is no word */
        at += strspn(t + at, " \n");
        const size_t n1 = strcspn(t + at, " \n");
        char one[64];
        snprintf(one, sizeof one, "%.*s", (int)n1, t + at);
        k = word_at(one, 0, w, sizeof w);
        at += n1;
      }
    }
    t[at] = 0;
  }
  return t;
}

static void first_of(char out[256], const char *text, size_t n) {
  n = n < 255 ? n : 255;
  while (n && (text[n] & 0xc0) == 0x80) n--; /* whole characters */
  memcpy(out, text, n), out[n] = 0;
}

static void judge_trial(trial *t, const staged *s, const continuation *c) {
  char *own = strndup(t->got.spoken, t->got.close);
  if (!own) host_die("no memory for a transcript");
  t->truth = truth_of(s, &t->got);
  const judged words = {t->opener, own, t->truth, s->bridge, t->mode == ULM_RECOVER_EXPLICIT},
               seam = {t->opener, t->got.spoken, s->exact ? t->truth : NULL, "", 0};
  t->verdict = judge(&words);
  const verdict whole = judge(&seam); /* the close is part of what is heard */
  const uint32_t rest = BREAKS_SEAM | BREAKS_END;
  t->verdict.breaks = (t->verdict.breaks & ~rest) | (whole.breaks & rest);
  if (t->got.state == ULM_HANDOFF_CANCELLED) t->verdict.breaks &= ~(uint32_t)BREAKS_END;
  free(own);
  snprintf(t->bridge, sizeof t->bridge, "%s", s->bridge);
  first_of(t->raw, s->text, s->size);
  if (t->fault == FAULT_CONTRADICTION || t->fault == FAULT_LANGUAGE)
    strcpy(t->clean, t->raw); /* it means to say that */
  else {                      /* a mark that the opener has already is not due again */
    const size_t skip = ulm_stop(t->opener, strlen(t->opener)) ? strspn(c->text, ".,;:!?") : 0;
    first_of(t->clean, c->text + skip, c->size - skip);
  }
  t->exact = (uint32_t)s->exact, t->answered = (uint32_t)s->answered;
  t->as_expected = s->expect == ULM_HANDOFF_STATES || s->expect == t->got.state;
}

/* The i-th of those that are set. */
static int nth(const uint8_t *set, int n, uint64_t i) {
  int count = 0;
  for (int k = 0; k < n; k++) count += set[k];
  for (int k = 0, left = (int)(i % (uint64_t)count); k < n; k++)
    if (set[k] && !left--) return k;
  return 0;
}
static uint64_t count_of(const uint8_t *set, int n) {
  uint64_t count = 0;
  for (int k = 0; k < n; k++) count += set[k];
  return count;
}

/* Fault by fault, kind by kind, mode by mode; prompts by lot. A kind that cannot be made of a
 * prompt's reference is made of the next. */
static int give(const trial_plan *plan, size_t i, trial *t, continuation *c, host_error *e) {
  ulm_rng r = ulm_rng_seed(plan->seed * 1000003 + i, 0x7472696c);
  const uint64_t faults = count_of(plan->faults, FAULTS),
                 kinds = count_of(plan->kinds, OPENER_KINDS);
  t->fault = (fault)nth(plan->faults, FAULTS, i);
  t->kind = (opener_kind)nth(plan->kinds, OPENER_KINDS, i / faults);
  t->prompt = plan->in_order ? i % plan->p->count : ulm_rng_below(&r, (uint32_t)plan->p->count);
  t->mode = plan->mode >= 0    ? (ulm_recovery)plan->mode
            : plan->mode == -2 ? ulm_recovery_for(opener_slip(t->kind), 0)
                               : (ulm_recovery)(i / (faults * kinds) % ULM_RECOVERIES);
  if (t->fault == FAULT_TWINS) {
    const char *const *pair = twins(ulm_rng_u32(&r));
    t->kind = OPENER_TRUE, t->outcome = OUTCOME_CONTINUED;
    strcpy(t->opener, pair[0]);
    c->size = (uint32_t)strlen(pair[1]), c->bridge = c->count = 0, c->outcome = OUTCOME_CONTINUED;
    memcpy(c->text, pair[1], c->size + 1);
    return 0;
  }
  for (size_t tries = 0; t->kind != OPENER_OWN && tries < 256; tries++) {
    if (opener_make(t->kind, plan->p, t->prompt, &r, t->opener)) break;
    t->prompt = (t->prompt + 1) % plan->p->count;
  }
  if (t->kind == OPENER_OWN)
    strcpy(t->opener, plan->own[t->prompt].o.text);
  else if (!*t->opener)
    return host_fail(e, "no prompt's reference gives an opener of kind %s",
                     opener_kind_name(t->kind));
  const prompt *p = &plan->p->items[t->prompt];
  const handoff h = {t->opener, p->reference, p->slot, t->mode, plan->seed * 7919 + i};
  const int bad =
      t->kind > OPENER_TRUE ? synthetic_recover(&h, c, e) : synthetic_continue(&h, c, e);
  t->outcome = c->outcome;
  return bad;
}

static int run(const trial_plan *plan, size_t i, int lane, relay_wall *wall, trial *t,
               host_error *e) {
  continuation *c = host_alloc(sizeof *c, "a continuation");
  staged s = {0};
  int bad = give(plan, i, t, c, e);
  if (!bad) {
    const prompt *p = &plan->p->items[t->prompt];
    const ulm_message *last = &p->turns[p->count - 1];
    char topic[ULM_TOPIC_BYTES];
    ulm_topic(last->text, last->size, topic);
    const spoken_opener o = {t->opener, TRIAL_FIRST_MS, TRIAL_OPENED_MS, topic};
    fault_stage(t->fault, t->opener, p->reference, c, plan->seed * 31 + i, &s);
    if (wall)
      bad = relay_wall_run(wall, lane, &s, &o, &t->got, e);
    else
      relay_virtual(&s, &o, plan->seed * 17 + i, &t->got);
    if (!bad) judge_trial(t, &s, c);
  }
  staged_free(&s);
  free(c);
  return bad;
}

trial *trials_run(const trial_plan *plan, int threads, host_error *e) {
  trial *t = host_alloc(plan->n * sizeof *t, "trials");
  relay_wall *wall = NULL;
  host_progress bar;
  size_t done = 0;
  int failed = 0;
  if (plan->wall && !(wall = relay_wall_open(e))) return free(t), NULL;
  if (plan->wall) threads = WALL_LANES;
  host_progress_begin(&bar, plan->wall ? "over loopback" : "handoffs", "handoffs", plan->n);
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
  for (size_t i = 0; i < plan->n; i++) {
    host_error why = {0};
    const int bad = run(plan, i, omp_get_thread_num(), wall, &t[i], &why);
#pragma omp critical
    {
      if (bad && !failed) failed = 1, *e = why;
      host_progress_step(&bar, ++done, NULL);
    }
  }
  host_progress_end(&bar, done, NULL);
  relay_wall_close(wall);
  if (failed) return trials_free(t, plan->n), NULL;
  return t;
}

double trial_overlap(const prompts *p, const trial *t) {
  const char *reference = p->items[t->prompt].reference;
  char w[64], c[64];
  size_t words = 0, named = 0;
  for (size_t i = 0; reference && i < 200 && word_at(reference, i, w, sizeof w); i++) {
    if (strlen(w) < 4 || !content_word(w, c, sizeof c)) continue;
    words++, named += names(t->opener, w, NULL) || names(t->got.spoken, w, NULL);
  }
  return words ? (double)named / (double)words : NAN;
}

void trials_free(trial *t, size_t n) {
  for (size_t i = 0; t && i < n; i++) free(t[i].truth), free(t[i].got.spoken);
  free(t);
}

json_t *trial_json(const prompts *all, size_t i, const trial *t) {
  const prompt *p = &all->items[t->prompt];
  const passage *g = &t->got;
  json_t *j = json_pack(
      "{sI ss ss ss ss ss ss ss% ss sf sf sf sf sf sf sf si}", "i", (json_int_t)i, "fault",
      fault_name(t->fault), "kind", opener_kind_name(t->kind), "outcome", outcome_name(t->outcome),
      "mode", t->outcome == OUTCOME_RECOVERED ? ulm_recovery_name(t->mode) : "", "prompt",
      t->fault == FAULT_TWINS ? "" : p->turns[p->count - 1].text, "opener", t->opener, "spoken",
      g->spoken, g->close, "close", g->spoken + g->close, "first_word_ms",
      g->opener_end_ms - WORD_MS * (double)ulm_word_count(t->opener, strlen(t->opener)),
      "speech_end_ms", g->opener_end_ms, "cloud_ms", g->text_ms, "gap_ms",
      g->word_ms > g->opener_end_ms ? g->word_ms - g->opener_end_ms : 0, "word_ms", g->word_ms,
      "end_ms", g->end_ms, "silence_ms", g->silence_ms, "attempts", g->attempts);
  if (!j) host_die("a handoff cannot be written as JSON");
  json_t *why = json_array();
  for (int b = 0; b < BREAKS; b++)
    if (t->verdict.breaks >> b & 1) json_array_append_new(why, json_string(rule_name(b)));
  json_object_set_new(j, "failures", why);
  json_object_set_new(j, "state", json_string(ulm_handoff_state_name(g->state)));
  json_object_set_new(j, "lost", json_integer(t->verdict.lost));
  json_object_set_new(j, "repeated", json_integer(t->verdict.repeated));
  json_object_set_new(j, "exact", json_boolean(t->exact));
  json_object_set_new(j, "seam", json_boolean(trial_seam(t)));
  json_object_set_new(j, "bridge", json_string(t->bridge));
  json_object_set_new(j, "sent", json_string(t->raw));
  return j;
}
