#include "grounding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the lot ---- */

static const prompts *sorted;
static int conversation_order(const prompt *a, const prompt *b) {
  const char *s = a->source ? a->source : "", *t = b->source ? b->source : "";
  int d = strcmp(s, t);
  for (size_t i = 0; !d && i < a->count && i < b->count; i++) {
    d = strcmp(a->turns[i].role, b->turns[i].role);
    if (!d) d = strcmp(a->turns[i].text, b->turns[i].text);
  }
  return d ? d : (a->count > b->count) - (a->count < b->count);
}
static int by_conversation(const void *a, const void *b) {
  const uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
  const int d = conversation_order(&sorted->items[i], &sorted->items[j]);
  return d ? d : (i > j) - (i < j);
}
static int same_source(const prompt *a, const prompt *b) {
  return !strcmp(a->source ? a->source : "", b->source ? b->source : "");
}

int others_by_lot(const prompts *p, uint64_t seed, uint32_t *others, host_error *e) {
  /* pool: the first of each different conversation, source by source; of prompt i: kind[i] is its
   * own conversation's place in the pool, and its source's run is from[] .. to[]. */
  const size_t n = p->count;
  uint32_t *order = host_alloc(n * sizeof *order, "an order"),
           *pool = host_alloc(n * sizeof *pool, "a pool"),
           *kind = host_alloc(n * sizeof *kind, "a pool"),
           *from = host_alloc(n * sizeof *from, "a pool"),
           *to = host_alloc(n * sizeof *to, "a pool"), size = 0;
  for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
  sorted = p;
  qsort(order, n, sizeof *order, by_conversation);
  for (size_t k = 0, first = 0, j; k < n; first = k) {
    const uint32_t begin = size;
    for (; k < n && same_source(&p->items[order[first]], &p->items[order[k]]); k++) {
      if (k == first || conversation_order(&p->items[order[k - 1]], &p->items[order[k]]))
        pool[size++] = order[k];
      kind[order[k]] = size - 1;
    }
    for (j = first; j < k; j++) from[order[j]] = begin, to[order[j]] = size;
  }
  int bad = 0;
  if (size <= GROUND_K)
    bad = host_fail(e,
                    "%u different prompts: grounding needs at least %d, a prompt's own and %d "
                    "others; give more prompts or leave --reader out",
                    size, GROUND_K + 1, GROUND_K);
  for (size_t i = 0; !bad && i < n; i++) {
    ulm_rng r = ulm_rng_seed(seed, 0x67726e64 + i);
    const int small = to[i] - from[i] <= GROUND_K;
    const uint32_t base = small ? 0 : from[i], room = small ? size : to[i] - from[i];
    uint32_t taken[GROUND_K], got = 0;
    while (got < GROUND_K) {
      const uint32_t c = base + ulm_rng_below(&r, room);
      uint32_t k = 0;
      while (k < got && taken[k] != c) k++;
      if (c != kind[i] && k == got) taken[got++] = c;
    }
    for (uint32_t k = 0; k < GROUND_K; k++) others[i * GROUND_K + k] = pool[taken[k]];
  }
  free(order), free(pool), free(kind), free(from), free(to);
  return bad;
}

/* ---- spans ---- */

static int equal(const uint64_t *a, size_t n, const uint64_t *b, size_t m) {
  return n <= m && !memcmp(a, b, n * sizeof *a);
}

int is_span(const char *opener, const char *text) {
  size_t n, m;
  uint64_t *o = word_hashes(opener, &n), *t = word_hashes(text, &m);
  int span = n == 0;
  for (size_t at = 0; !span && at <= m; at++) {
    size_t k = 0;
    while (k < n && at + k < m && o[k] == t[at + k]) k++;
    /* Word k is its own: the rest goes on where the text was left, or one word later. */
    span = k == n || k + 1 == n || equal(o + k + 1, n - k - 1, t + at + k, m - at - k) ||
           (at + k < m && equal(o + k + 1, n - k - 1, t + at + k + 1, m - at - k - 1));
  }
  free(o), free(t);
  return span;
}

static int is_span_of(const char *opener, size_t size, const prompt *p) {
  char text[4 * ULM_OPENER_BYTES];
  snprintf(text, sizeof text, "%.*s", (int)(size < sizeof text ? size : sizeof text - 1), opener);
  for (size_t i = 0; i < p->count; i++)
    if (is_span(text, p->turns[i].text)) return 1;
  return 0;
}

/* ---- the pick ---- */

double pick_of(double own, const double *others, size_t count) {
  size_t ties = 1;
  for (size_t i = 0; i < count; i++) {
    if (others[i] < own) return 0;
    ties += others[i] == own;
  }
  return 1 / (double)ties;
}

int ground_all(session *reader, const prompts *p, const uint32_t *others, const char *const *texts,
               size_t systems, grounded *out, host_error *e) {
  const size_t n = p->count, all = systems * n, far = GROUND_K - 1;
  reading *r = readings_of(reader, texts, all, e);
  if (!r) return -1;
  scored *own = host_alloc(all * sizeof *own, "likelihoods"),
         *rest = host_alloc(all * far * sizeof *rest, "likelihoods");
  for (size_t i = 0; i < all; i++)
    own[i] = (scored){.text = (uint32_t)i, .prompt = (uint32_t)(i % n), .limit = INFINITY};
  int bad = score_all(reader, p, r, own, all, "true prompts", e);
  for (size_t i = 0; !bad && i < all; i++)
    for (size_t k = 0; k < far; k++)
      rest[i * far + k] = (scored){.text = (uint32_t)i,
                                   .prompt = others[i % n * GROUND_K + k],
                                   .limit = own[i].nats[CUTS - 1]};
  if (!bad) bad = score_all(reader, p, r, rest, all * far, "distractors", e);
  for (size_t i = 0; !bad && i < all; i++)
    for (int c = 0; c < CUTS; c++) {
      double nats[GROUND_K];
      for (size_t k = 0; k < far; k++) nats[k] = rest[i * far + k].nats[c];
      out[i].nats[c] = own[i].nats[c];
      out[i].bytes[c] = r[i].bytes[c], out[i].tokens[c] = r[i].tokens[c];
      out[i].picked[c] = texts[i] ? pick_of(own[i].nats[c], nats, far) : NAN;
      out[i].span[c] =
          texts[i] && is_span_of(texts[i], first_words(texts[i], cut_words[c]), &p->items[i % n]);
    }
  free(r), free(own), free(rest);
  return bad;
}
