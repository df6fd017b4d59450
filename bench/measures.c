#include "measures.h"
#include "logistic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const measure_name measure_names[MEASURES] = {
#define X(id, key, title, share) {key, title, share},
    MEASURE_TABLE(X)
#undef X
};

/* ---- of one text ---- */

int keeps_contract(const char *text) {
  const size_t n = strlen(text);
  for (size_t i = 0, k; i < n; i += k)
    if (!(k = ulm_utf8_len((const uint8_t *)text + i, n - i))) return 0;
  const uint32_t words = ulm_word_count(text, n);
  return words >= 4 && words <= 8 && !strstr(text, "<|") && !strstr(text, "\xef\xbf\xbd");
}

int repeats(const char *text) {
  size_t n;
  int twice = 0;
  uint64_t *w = word_hashes(text, &n);
  for (size_t i = 1; i < n; i++) {
    twice |= w[i] == w[i - 1];
    for (size_t j = i + 2; j < n; j++) twice |= w[i - 1] == w[j - 1] && w[i] == w[j];
  }
  free(w);
  return twice;
}

/* 1, 0, or NAN where the reference has no such word. */
static double agrees(const char *text, const char *reference, int content) {
  char a[80], b[80];
  if (!reference ||
      !(content ? content_word(reference, b, sizeof b) : word_at(reference, 0, b, sizeof b)))
    return NAN;
  return (content ? content_word(text, a, sizeof a) : word_at(text, 0, a, sizeof a)) &&
         !strcmp(a, b);
}

/* ---- of all ---- */

static char **sorted;
static int by_text(const void *a, const void *b) {
  const size_t i = *(const size_t *)a, j = *(const size_t *)b;
  const int d = strcmp(sorted[i], sorted[j]);
  return d ? d : (i > j) - (i < j);
}

/* The most frequent opener (the first of equals), the share of different ones. */
static void frequencies(values *v, char **texts) {
  size_t *order = host_alloc(v->n * sizeof *order, "an order"), distinct = 0, run = 0, top = 0;
  v->spoken = 0, v->most = SIZE_MAX;
  for (size_t i = 0; i < v->n; i++)
    if (texts[i]) order[v->spoken++] = i;
  sorted = texts;
  if (v->spoken) qsort(order, v->spoken, sizeof *order, by_text);
  for (size_t k = 0; k < v->spoken; k++) {
    const int same = k && !strcmp(texts[order[k]], texts[order[k - 1]]);
    run = same ? run + 1 : 1;
    distinct += !same;
    if (run > top) top = run, v->most = order[k + 1 - run];
  }
  v->distinct = v->spoken ? (double)distinct / (double)v->spoken : NAN;
  free(order);
}

void values_take(values *v, const speaker *s, const prompts *p, int cut, const uint8_t *in) {
  *v = (values){.n = p->count};
  char **texts = host_alloc(v->n * sizeof *texts, "openers");
  for (int m = 0; m < MEASURES; m++) {
    v->of[m] = host_alloc(v->n * sizeof *v->of[m], "values");
    for (size_t i = 0; i < v->n; i++) v->of[m][i] = NAN;
  }
  for (size_t i = 0; i < v->n; i++) {
    const char *reference = p->items[i].reference;
    if (in && !in[i]) continue;
    if (s->loss) v->of[M_LOSS][i] = s->loss[i][cut], v->of[M_LOSS_BYTE][i] = s->loss[i][CUTS + cut];
    if (s->unforced)
      v->of[M_UNFORCED][i] = keeps_contract(s->unforced[i].o.text) && s->unforced[i].o.ended;
    if (!s->texts[i]) continue;
    texts[i] = strndup(s->texts[i], first_words(s->texts[i], cut_words[cut]));
    if (!texts[i]) host_die("out of memory for openers");
    v->of[M_CONTRACT][i] = keeps_contract(s->texts[i]);
    v->of[M_FIRST][i] = agrees(texts[i], reference, 0);
    v->of[M_CONTENT][i] = agrees(texts[i], reference, 1);
    v->of[M_REPEATS][i] = repeats(texts[i]);
    if (!s->read) continue;
    const grounded *g = &s->read[i];
    v->of[M_PICKED][i] = g->picked[cut];
    v->of[M_GROUNDED][i] = g->span[cut] ? 0 : g->picked[cut];
    if (g->bytes[cut]) v->of[M_READ][i] = g->nats[cut] / g->bytes[cut];
  }
  frequencies(v, texts);
  for (size_t i = 0; i < v->n; i++)
    if (texts[i]) v->of[M_MOST][i] = !strcmp(texts[i], texts[v->most]);
  for (size_t i = 0; i < v->n; i++) free(texts[i]);
  free(texts);
}

void values_free(values *v) {
  for (int m = 0; m < MEASURES; m++) free(v->of[m]);
  *v = (values){0};
}

static void put_rate(json_t *j, int m, double *v, size_t n, uint64_t seed) {
  uint8_t *skip = host_alloc(n, "marks");
  for (size_t i = 0; i < n; i++) skip[i] = (uint8_t)(isnan(v[i]) != 0);
  const rate r = rate_of(v, skip, n, seed);
  if (r.n) json_object_set_new(j, measure_names[m].key, rate_json(&r));
  free(skip);
}

json_t *values_json(const values *v, const speaker *s, int cut, uint64_t seed) {
  json_t *j = json_object();
  for (int m = 0; m < MEASURES; m++) put_rate(j, m, v->of[m], v->n, seed);
  json_object_set_new(j, "openers", json_integer((json_int_t)v->spoken));
  if (v->spoken) {
    const char *most = s->texts[v->most];
    json_object_set_new(j, "distinct", json_real(v->distinct));
    json_object_set_new(j, "most_frequent", json_stringn(most, first_words(most, cut_words[cut])));
  }
  return j;
}

json_t *paired_json(const values *a, const values *b, uint64_t seed) {
  json_t *j = json_object();
  double *d = host_alloc(a->n * sizeof *d, "differences");
  for (int m = 0; m < MEASURES; m++) {
    for (size_t i = 0; i < a->n; i++) d[i] = a->of[m][i] - b->of[m][i]; /* NAN where either is */
    put_rate(j, m, d, a->n, seed);
  }
  free(d);
  return j;
}

int reference_loss(session *s, const prompts *p, double (*loss)[2 * CUTS], host_error *e) {
  const size_t n = p->count;
  const char **texts = host_alloc(n * sizeof *texts, "references");
  scored *pairs = host_alloc(n * sizeof *pairs, "likelihoods");
  for (size_t i = 0; i < n; i++) {
    texts[i] = p->items[i].reference;
    pairs[i] = (scored){.text = (uint32_t)i, .prompt = (uint32_t)i, .limit = INFINITY};
  }
  reading *r = readings_of(s, texts, n, e);
  const int bad = r ? score_all(s, p, r, pairs, n, "references", e) : -1;
  for (size_t i = 0; !bad && i < n; i++)
    for (int c = 0; c < CUTS; c++) {
      loss[i][c] = r[i].tokens[c] ? pairs[i].nats[c] / r[i].tokens[c] : NAN;
      loss[i][CUTS + c] = r[i].bytes[c] ? pairs[i].nats[c] / r[i].bytes[c] : NAN;
    }
  free(r), free(texts), free(pairs);
  return bad;
}

/* ---- confidence ---- */

enum { BINS = 10, ROUNDS = 1000 };

json_t *calibration_json(const char *of, const double *confidence, const double *good, size_t n,
                         uint64_t seed) {
  double *p = host_alloc(n * sizeof *p, "confidences"), *q = host_alloc(n * sizeof *q, "a sample");
  uint8_t *g = host_alloc(n, "labels"), *h = host_alloc(n, "a sample");
  size_t k = 0, goods = 0;
  for (size_t i = 0; i < n; i++)
    if (!isnan(good[i])) p[k] = confidence[i], g[k] = (uint8_t)(good[i] > 0.5), goods += g[k], k++;
  json_t *j = NULL;
  if (k >= 10) {
    double (*const score[3])(const double *, const uint8_t *, size_t) = {auc, ece, brier};
    static const char *const names_of[3] = {"auc", "ece", "brier"};
    double *drawn[3];
    size_t valid[3] = {0};
    for (int s = 0; s < 3; s++) drawn[s] = host_alloc(ROUNDS * sizeof(double), "resamplings");
    ulm_rng r = ulm_rng_seed(seed, 0x63616c69);
    for (int b = 0; b < ROUNDS; b++) {
      for (size_t i = 0; i < k; i++) {
        const uint32_t from = ulm_rng_below(&r, (uint32_t)k);
        q[i] = p[from], h[i] = g[from];
      }
      for (int s = 0; s < 3; s++) {
        const double x = score[s](q, h, k);
        if (!isnan(x)) drawn[s][valid[s]++] = x; /* no AUC where all are of one kind */
      }
    }
    j = json_pack("{ss sI sf}", "of", of, "n", (json_int_t)k, "good", (double)goods / (double)k);
    for (int s = 0; s < 3; s++) {
      const rate x = {score[s](p, g, k), quantile(drawn[s], valid[s], 0.025),
                      quantile(drawn[s], valid[s], 0.975), k};
      if (!isnan(x.mean) && valid[s]) json_object_set_new(j, names_of[s], rate_json(&x));
      free(drawn[s]);
    }
    json_t *bins = json_array();
    for (int b = 0; b < BINS; b++) {
      double sum = 0, hit = 0;
      size_t in = 0;
      for (size_t i = 0; i < k; i++)
        if ((p[i] >= 1 ? BINS - 1 : p[i] > 0 ? (int)(p[i] * BINS) : 0) == b)
          sum += p[i], hit += g[i], in++;
      if (in)
        json_array_append_new(bins, json_pack("{sI sf sf}", "n", (json_int_t)in, "confidence",
                                              sum / (double)in, "good", hit / (double)in));
    }
    json_object_set_new(j, "bins", bins);
  }
  free(p), free(q), free(g), free(h);
  return j;
}
