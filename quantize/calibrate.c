#include "calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int calib_open(calib *k, const char *dir, const ulm_config *c, const ulm_section *spm, objective o,
               uint64_t limit, host_error *e) {
  *k = (calib){.T = c->context < 256 ? c->context : 256, .view = {.objective = o}, .limit = limit};
  k->shards = shard_open_split(dir, "val", &k->count, e);
  if (!k->shards) return -1;
  const shard *s = k->shards;
  int bad = 0;
  if (k->count == 0)
    bad = host_fail(e, "%s: no shards of split val to calibrate on", dir);
  else if (s->vocab != c->vocab || s->spm.size != spm->size ||
           memcmp(s->spm.data, spm->data, (size_t)spm->size))
    bad =
        host_fail(e, "%s: these shards were encoded with another tokenizer than the model's", dir);
  if (bad) calib_close(k);
  return bad;
}

void calib_close(calib *k) {
  if (k->shards) shard_close_all(k->shards, k->count);
  k->shards = NULL;
}

/* Walks the documents once: whole ones are packed into a row while they fit, longer ones are cut
 * into rows. */
typedef struct {
  const calib *k;
  size_t shard;
  uint64_t doc, at; /* in that shard: document, next position of its view */
} cursor;

/* Positions that the current document has left, going on to the next one that has some; 0 at the
 * end. */
static uint64_t left(cursor *w) {
  for (; w->shard < w->k->count; w->shard++, w->doc = 0) {
    const shard *s = &w->k->shards[w->shard];
    for (; w->doc < s->docs; w->doc++, w->at = 0) {
      const uint64_t n = view_length(s, w->doc, &w->k->view);
      if (n > w->at) return n - w->at;
    }
  }
  return 0;
}

typedef struct {
  uint16_t *ids, *next, *start;
  float *weight;
} rows;

/* Fills row r; returns its positions. */
static uint32_t fill(cursor *w, const rows *b, uint32_t r) {
  const uint32_t T = w->k->T;
  const size_t base = (size_t)r * T;
  uint32_t used = 0;
  for (uint64_t n; used < T && (n = left(w)) > 0;) {
    if (n > T - used && used) break;
    const uint32_t take = n < T - used ? (uint32_t)n : T - used;
    const size_t to = base + used;
    view_part(&w->k->shards[w->shard], w->doc, &w->k->view, w->at, take, b->ids + to, b->next + to,
              b->weight + to);
    for (uint32_t i = 0; i < take; i++) b->start[to + i] = (uint16_t)used;
    used += take;
    w->at += take;
  }
  for (uint32_t i = used; i < T; i++) {
    b->ids[base + i] = b->next[base + i] = ULM_PAD;
    b->start[base + i] = (uint16_t)i;
    b->weight[base + i] = 0;
  }
  return used;
}

int calib_loss(calib *k, model *m, const char *what, double *loss, host_error *e) {
  const size_t n = (size_t)CALIB_ROWS * k->T;
  rows b = {host_alloc(n * 2, "a batch"), host_alloc(n * 2, "a batch"),
            host_alloc(n * 2, "a batch"), host_alloc(n * sizeof(float), "a batch")};
  cursor w = {k, 0, 0, 0};
  uint64_t all = 0, done = 0;
  for (size_t i = 0; i < k->count; i++) all += k->shards[i].tokens;
  double sum = 0, total = 0;
  host_progress p;
  host_progress_begin(&p, what, "tokens", all < k->limit ? all : k->limit);
  while (done < k->limit) {
    uint64_t used = 0;
    for (uint32_t r = 0; r < CALIB_ROWS; r++) used += fill(&w, &b, r);
    if (used == 0) break;
    double weights;
    sum += model_loss(m, &(model_batch){CALIB_ROWS, k->T, b.ids, b.next, b.weight, b.start},
                      &weights, NULL);
    total += weights;
    host_progress_step(&p, done += used, NULL);
  }
  host_progress_end(&p, done, NULL);
  free(b.ids), free(b.next), free(b.start), free(b.weight);
  k->targets = (uint64_t)total;
  *loss = sum / total;
  if (!(total > 0))
    return host_fail(e, "split val has no target token for objective %s; try --objective lm",
                     objective_name(k->view.objective));
  if (!isfinite(*loss)) return host_fail(e, "%s: the loss is not finite", what);
  return 0;
}
