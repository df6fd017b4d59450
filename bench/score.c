#include "score.h"
#include "../runtime/ulm_math.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

const uint32_t cut_words[CUTS] = {4, 6, 8};

size_t first_words(const char *text, uint32_t words) {
  return ulm_opener_cut(text, strlen(text), words, words, NULL, NULL);
}

/* ---- texts ---- */

static ulm_status read_text(ulm *m, const char *text, reading *r) {
  uint16_t ids[3 * ULM_OPENER_BYTES];
  size_t n = 0, at = 0, end[CUTS];
  for (int k = 0; k < CUTS; k++) end[k] = first_words(text, cut_words[k]);
  size_t size = end[CUTS - 1];
  if (size > ULM_OPENER_BYTES)
    for (size = ULM_OPENER_BYTES; size && ((uint8_t)text[size] & 0xc0) == 0x80;) size--;
  const ulm_status s = ulm_encode(m, text, size, ids, sizeof ids / sizeof *ids, &n);
  if (s) return s;
  for (size_t i = 0; i < n && i < SCORE_TOKENS; i++) {
    char piece[ULM_OPENER_BYTES];
    const size_t bytes = ulm_piece(m, ids[i], piece, sizeof piece);
    r->ids[i] = ids[i];
    for (int k = 0; k < CUTS; k++)
      if (at < end[k]) r->tokens[k]++, r->bytes[k] += (uint32_t)bytes;
    at += bytes;
  }
  return ULM_OK;
}

reading *readings_of(session *reader, const char *const *texts, size_t count, host_error *e) {
  reading *r = host_alloc(count * sizeof *r, "readings");
  size_t failed = SIZE_MAX;
#pragma omp parallel for num_threads(reader->threads)
  for (size_t i = 0; i < count; i++)
    if (texts[i] && read_text(reader->handles[omp_get_thread_num()], texts[i], &r[i])) {
#pragma omp critical
      failed = i < failed ? i : failed;
    }
  if (failed == SIZE_MAX) return r;
  host_fail(e, "%s: cannot encode text %zu", reader->path, failed + 1);
  free(r);
  return NULL;
}

/* ---- one prompt ---- */

/* What is known below a prompt: logits row t [V] and its log of the sum of exponentials follow
 * held[0..t). Rows 0 .. rows - 1 are there, and held[0 .. rows - 2] is in the KV cache behind
 * `base`. */
typedef struct {
  ulm *m;
  float *logits;
  double lse[SCORE_TOKENS];
  uint16_t held[SCORE_TOKENS];
  uint32_t base, rows, vocab;
} branch;

static ulm_status take_row(branch *b) {
  const float *x = ulm_logits(b->m);
  if (!x) return ULM_E_ARGUMENT;
  float top = x[0], lane[ULM_LANES] = {0}, *row = b->logits + (size_t)b->rows * b->vocab;
  double sum = 0;
  uint32_t v = 0;
  for (v = 1; v < b->vocab; v++) top = x[v] > top ? x[v] : top;
  for (v = 0; v + ULM_LANES <= b->vocab; v += ULM_LANES)
    for (int l = 0; l < ULM_LANES; l++) lane[l] += ulm_exp(x[v + (uint32_t)l] - top);
  for (; v < b->vocab; v++) sum += (double)ulm_exp(x[v] - top);
  for (int l = 0; l < ULM_LANES; l++) sum += (double)lane[l];
  memcpy(row, x, b->vocab * sizeof *row);
  b->lse[b->rows++] = (double)top + log(sum);
  return ULM_OK;
}

static ulm_status read_prompt(branch *b, const prompt *p, ulm_error *err) {
  const ulm_status s = read_conversation(b->m, p, err);
  b->base = ulm_position(b->m), b->rows = 0;
  return s ? s : take_row(b);
}

static ulm_status read_reply(branch *b, const reading *r, scored *out) {
  double sum = 0;
  uint32_t t = 0, k = 0, same = 0;
  while (same + 1 < b->rows && same < r->tokens[CUTS - 1] && b->held[same] == r->ids[same]) same++;
  ulm_status s = ULM_OK;
  for (k = 0; k < CUTS; k++) out->nats[k] = INFINITY;
  for (k = 0; k < CUTS; k++) {
    for (; t < r->tokens[k] && sum <= out->limit; t++) {
      if (t > same && t >= b->rows) { /* the row behind t tokens is new */
        b->held[t - 1] = r->ids[t - 1];
        if ((s = ulm_prefill(b->m, &r->ids[t - 1], 1)) || (s = take_row(b))) return s;
      } else if (t == same && b->rows > same + 1) { /* leaves what was read before */
        b->rows = same + 1;
        if ((s = ulm_rewind(b->m, b->base + same))) return s;
      }
      sum += b->lse[t] - (double)b->logits[(size_t)t * b->vocab + r->ids[t]];
    }
    if (sum > out->limit) return ULM_OK;
    out->nats[k] = sum;
  }
  return ULM_OK;
}

/* ---- all ---- */

static const reading *sorted_texts;
static scored *sorted_pairs;
static int by_prompt_and_ids(const void *a, const void *b) {
  const scored *x = &sorted_pairs[*(const size_t *)a], *y = &sorted_pairs[*(const size_t *)b];
  if (x->prompt != y->prompt) return x->prompt < y->prompt ? -1 : 1;
  const reading *r = &sorted_texts[x->text], *q = &sorted_texts[y->text];
  const uint32_t n = r->tokens[CUTS - 1], m = q->tokens[CUTS - 1];
  for (uint32_t t = 0; t < n && t < m; t++)
    if (r->ids[t] != q->ids[t]) return r->ids[t] < q->ids[t] ? -1 : 1;
  return n != m ? (n < m ? -1 : 1) : (x > y) - (x < y);
}

int score_all(session *reader, const prompts *p, const reading *texts, scored *pairs, size_t count,
              const char *what, host_error *e) {
  const uint32_t vocab = ulm_get_config(reader->handles[0])->vocab;
  size_t *order = host_alloc((count + 1) * sizeof *order, "an order"),
         *from = host_alloc((p->count + 1) * sizeof *from, "an order"), done = 0, failed = SIZE_MAX;
  for (size_t i = 0; i < count; i++) order[i] = i, from[pairs[i].prompt + 1]++;
  for (size_t i = 0; i < p->count; i++) from[i + 1] += from[i];
  sorted_texts = texts, sorted_pairs = pairs;
  qsort(order, count, sizeof *order, by_prompt_and_ids);
  ulm_error why = {0};
  host_progress bar;
  host_progress_begin(&bar, what, "prompts", p->count);
#pragma omp parallel num_threads(reader->threads)
  {
    branch b = {.m = reader->handles[omp_get_thread_num()], .vocab = vocab};
    b.logits = host_alloc((size_t)SCORE_TOKENS * vocab * sizeof *b.logits, "logits");
#pragma omp for schedule(dynamic, 1)
    for (size_t i = 0; i < p->count; i++) {
      ulm_error err = {0};
      ulm_status s = from[i] < from[i + 1] ? read_prompt(&b, &p->items[i], &err) : ULM_OK;
      for (size_t j = from[i]; !s && j < from[i + 1]; j++)
        s = read_reply(&b, &texts[pairs[order[j]].text], &pairs[order[j]]);
#pragma omp critical
      {
        if (s && i < failed) failed = i, why = err;
        host_progress_step(&bar, ++done, NULL);
      }
    }
    free(b.logits);
  }
  host_progress_end(&bar, done, NULL);
  free(order), free(from);
  return failed == SIZE_MAX ? 0
                            : host_fail(e, "%s: prompt %zu: %s", reader->path, failed + 1,
                                        why.message ? why.message : "cannot read it");
}
