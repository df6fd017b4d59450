#include "surprise.h"
#include "stats.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1024, TOKENS_MAX = 512 };

/* Bytes of text that hold its first `words` words. */
static size_t span_of(const char *text, uint32_t words) {
  size_t n = 0;
  for (uint32_t i = 0; i < words && text[n]; i++) {
    n += strspn(text + n, " \n");
    n += strcspn(text + n, " \n");
  }
  return n;
}

/* -log p of what follows the opener's bytes, given conversation and opener; base: where the reply
 * begins in m. Negative: it cannot be read. */
static double nats_behind(ulm *m, uint32_t base, const char *opener, const char *rest,
                          size_t size) {
  char text[TEXT_MAX], piece[64];
  uint16_t ids[TOKENS_MAX];
  const size_t k = strlen(opener);
  size_t count, at = 0;
  double nats = 0;
  if (k + size >= sizeof text) return -1;
  memcpy(text, opener, k), memcpy(text + k, rest, size);
  if (ulm_encode(m, text, k + size, ids, TOKENS_MAX, &count) || ulm_rewind(m, base)) return -1;
  const uint32_t V = ulm_get_config(m)->vocab;
  size_t from = 0; /* tokens that end within the opener */
  while (from < count && (at += ulm_piece(m, ids[from], piece, sizeof piece)) <= k) from++;
  if (from && ulm_prefill(m, ids, from)) return -1;
  for (size_t i = from; i < count; i++) {
    const float *x = ulm_logits(m);
    double top = -INFINITY, sum = 0;
    for (uint32_t v = 0; v < V; v++) top = fmax(top, (double)x[v]);
    for (uint32_t v = 0; v < V; v++) sum += exp((double)x[v] - top);
    nats += top + log(sum) - (double)x[ids[i]];
    if (i + 1 < count && ulm_prefill(m, &ids[i], 1)) return -1;
  }
  return nats;
}

static void read_one(ulm *m, const prompts *p, const trial *t, surprise *s) {
  const prompt *q = &p->items[t->prompt];
  ulm_error err;
  memset(s, 0, sizeof *s);
  if (read_conversation(m, q, &err)) return;
  const uint32_t base = ulm_position(m);
  const char *texts[3] = {t->got.spoken, t->clean, t->raw};
  double v[3];
  for (int k = 0; k < 3; k++) {
    v[k] = nats_behind(m, base, t->opener, texts[k], span_of(texts[k], SURPRISE_WORDS));
    if (v[k] < 0) return;
    v[k] /= SURPRISE_WORDS;
  }
  *s = (surprise){1, v[0], v[1], v[2]};
}

int surprise_all(session *reader, const prompts *p, const trial *t, size_t n, size_t each,
                 surprise *out, host_error *e) {
  size_t *chosen = host_alloc(n * sizeof *chosen, "a choice"), count = 0, of[FAULTS] = {0},
         done = 0;
  host_progress bar;
  memset(out, 0, n * sizeof *out);
  for (size_t i = 0; i < n; i++) {
    if (!t[i].exact || t[i].fault == FAULT_TWINS || of[t[i].fault] >= each ||
        ulm_word_count(t[i].truth, strlen(t[i].truth)) < SURPRISE_WORDS)
      continue;
    of[t[i].fault]++, chosen[count++] = i;
  }
  host_progress_begin(&bar, "read", "seams", count);
#pragma omp parallel for num_threads(reader->threads) schedule(dynamic, 1)
  for (size_t k = 0; k < count; k++) {
    read_one(reader->handles[omp_get_thread_num()], p, &t[chosen[k]], &out[chosen[k]]);
#pragma omp critical
    host_progress_step(&bar, ++done, NULL);
  }
  host_progress_end(&bar, done, NULL);
  free(chosen);
  return count ? 0 : host_fail(e, "no seam has %d words behind it to read", SURPRISE_WORDS);
}

json_t *surprise_json(const trial *t, const surprise *s, size_t n, int of, uint64_t seed) {
  double *worse = host_alloc(n * sizeof *worse, "values"),
         *control = host_alloc(n * sizeof *control, "values"), sum[3] = {0};
  size_t k = 0;
  for (size_t i = 0; i < n; i++) {
    if (!s[i].read || (of >= 0 && (int)t[i].fault != of)) continue;
    worse[k] = s[i].spoken - s[i].unbroken, control[k] = s[i].unspliced - s[i].unbroken, k++;
    sum[0] += s[i].spoken, sum[1] += s[i].unbroken, sum[2] += s[i].unspliced;
  }
  json_t *j = json_null();
  if (k) {
    const rate w = rate_of(worse, NULL, k, seed), c = rate_of(control, NULL, k, seed);
    j = json_pack("{sI sf sf sf so so}", "n", (json_int_t)k, "spoken", sum[0] / (double)k,
                  "unbroken", sum[1] / (double)k, "unspliced", sum[2] / (double)k, "worse",
                  rate_json(&w), "control", rate_json(&c));
  }
  free(worse), free(control);
  return j;
}
