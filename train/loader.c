#include "loader.h"
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 256 }; /* documents that wait to be placed; the oldest always goes first */

typedef struct {
  shard *shards;
  size_t count;
  uint64_t *first; /* [count + 1] documents before each shard */
  uint64_t docs, next,
      given; /* next: documents fetched so far, over all epochs; given: positions */
  double weight;
  loader_counts counts;
} source;

typedef struct {
  const shard *s;
  uint64_t doc, from, length;
} piece; /* positions from .. from + length - 1 of a document's view */

struct loader {
  loader_options o;
  source *sources;
  size_t count;
  piece window[WINDOW];
  size_t held;
  piece rest; /* of a document longer than a row; length 0: none */
  uint64_t positions, fingerprint;
  model_batch batch;
  uint16_t *ids, *next, *start;
  float *weight;
};

/* ---- opening ---- */

static void mix(uint64_t *h, uint64_t x) { *h = (*h ^ x) * 0x9e3779b97f4a7c15u, *h ^= *h >> 29; }

static int open_source(loader *l, source *s, const loader_source *from, const char *split,
                       host_error *e) {
  s->shards = shard_open_split(from->dir, split, &s->count, e);
  if (!s->shards) return -1;
  if (!s->count)
    return host_fail(e, "%s: holds no %s shard; make some with `ulm tokenizer encode`", from->dir,
                     split);
  s->first = host_alloc((s->count + 1) * sizeof *s->first, "shard starts");
  for (size_t i = 0; i < s->count; i++) {
    const shard *x = &s->shards[i];
    s->first[i + 1] = s->first[i] + x->docs;
    for (uint32_t k = 0; k < x->file.count; k++) mix(&l->fingerprint, ulm_file_at(&x->file, k).crc);
    for (uint64_t d = 0; d < x->docs; d++) {
      const uint64_t n = view_length(x, d, &l->o.view);
      s->counts.tokens += n, s->counts.used += n > 0;
    }
  }
  s->counts.documents = s->docs = s->first[s->count];
  if (!s->counts.used)
    return host_fail(
        e,
        "%s: no %s document has a target under --objective %s; use another objective or other data",
        from->dir, split, objective_name(l->o.view.objective));
  s->weight = from->weight > 0 ? from->weight : (double)s->counts.tokens;
  mix(&l->fingerprint, (uint64_t)(s->weight * 1e6));
  return 0;
}

loader *loader_open(const loader_source *sources, size_t count, const char *split,
                    const loader_options *o, host_error *e) {
  loader *l = host_alloc(sizeof *l, "the loader");
  l->o = *o;
  l->count = count;
  l->sources = host_alloc(count * sizeof *l->sources, "sources");
  for (size_t i = 0; i < count; i++) {
    if (open_source(l, &l->sources[i], &sources[i], split, e)) return loader_close(l), NULL;
    const ulm_section a = loader_first(l)->spm, b = l->sources[i].shards[0].spm;
    if (a.size != b.size || memcmp(a.data, b.data, a.size))
      return host_fail(e, "%s and %s were encoded with different tokenizers", sources[0].dir,
                       sources[i].dir),
             loader_close(l), NULL;
  }
  const size_t n = (size_t)o->B * o->T;
  l->ids = host_alloc(n * sizeof *l->ids, "a batch");
  l->next = host_alloc(n * sizeof *l->next, "a batch");
  l->start = host_alloc(n * sizeof *l->start, "a batch");
  l->weight = host_alloc(n * sizeof *l->weight, "a batch");
  l->batch = (model_batch){o->B, o->T, l->ids, l->next, l->weight, l->start};
  return l;
}

void loader_close(loader *l) {
  if (!l) return;
  for (size_t i = 0; i < l->count; i++) {
    shard_close_all(l->sources[i].shards, l->sources[i].count);
    free(l->sources[i].first);
  }
  free(l->sources), free(l->ids), free(l->next), free(l->start), free(l->weight);
  free(l);
}

/* ---- order ---- */

/* A seeded permutation of 0..n-1 that needs no memory: four Feistel rounds on the next even number
 * of bits, walked until the value is below n (Black and Rogaway 2002). */
static uint64_t permute(uint64_t i, uint64_t n, uint64_t key) {
  unsigned half = 1;
  while (half < 31 && (uint64_t)1 << 2 * half < n) half++;
  const uint64_t mask = ((uint64_t)1 << half) - 1;
  do {
    uint64_t left = i >> half, right = i & mask;
    for (unsigned round = 0; round < 4; round++) {
      uint64_t h = (right + key + round) * 0xd6e8feb86659fd93u;
      h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
      const uint64_t swapped = left ^ ((h ^ h >> 32) & mask);
      left = right, right = swapped;
    }
    i = left << half | right;
  } while (i >= n);
  return i;
}

/* The source that is furthest behind its share. */
static source *pick(loader *l) {
  source *best = &l->sources[0];
  for (size_t i = 1; i < l->count; i++)
    if ((double)l->sources[i].given / l->sources[i].weight < (double)best->given / best->weight)
      best = &l->sources[i];
  return best;
}

static piece fetch(loader *l) {
  source *s = pick(l);
  for (;;) {
    const uint64_t epoch = s->next / s->docs, i = s->next % s->docs;
    s->next++;
    uint64_t key = l->o.seed;
    mix(&key, epoch), mix(&key, (uint64_t)(s - l->sources));
    const uint64_t doc = l->o.shuffle ? permute(i, s->docs, key) : i;
    size_t k = 0;
    while (doc >= s->first[k + 1]) k++;
    const piece p = {&s->shards[k], doc - s->first[k], 0,
                     view_length(&s->shards[k], doc - s->first[k], &l->o.view)};
    if (!p.length) continue; /* no target; at least one document of the source has one */
    s->given += p.length;
    return p;
  }
}

/* ---- rows ---- */

static void place(loader *l, const piece *p, size_t row, uint32_t at, int fill) {
  l->positions += p->length;
  if (!fill) return;
  const size_t base = row * l->o.T + at;
  view_part(p->s, p->doc, &l->o.view, p->from, p->length, l->ids + base, l->next + base,
            l->weight + base);
  for (uint64_t t = 0; t < p->length; t++) l->start[base + t] = (uint16_t)at;
}

static void fill_row(loader *l, size_t row, int fill) {
  const uint32_t T = l->o.T;
  uint32_t at = 0;
  for (;;) {
    if (at == 0 && l->rest.length) { /* the next row of a long document */
      piece p = l->rest;
      if (p.length > T) p.length = T;
      l->rest.from += p.length, l->rest.length -= p.length;
      place(l, &p, row, at, fill);
      at += (uint32_t)p.length;
      continue;
    }
    while (l->held < WINDOW) l->window[l->held++] = fetch(l);
    size_t best = WINDOW;
    if (at == 0)
      best = 0;
    else
      for (size_t i = 0; i < WINDOW; i++)
        if (l->window[i].length <= T - at &&
            (best == WINDOW || l->window[i].length > l->window[best].length))
          best = i;
    if (best == WINDOW) break;
    piece p = l->window[best];
    memmove(l->window + best, l->window + best + 1, (--l->held - best) * sizeof *l->window);
    if (p.length > T) {
      l->rest = p;
      l->rest.from = T, l->rest.length = p.length - T;
      p.length = T;
    }
    place(l, &p, row, at, fill);
    at += (uint32_t)p.length;
    if (at == T) break;
  }
  if (fill)
    for (uint32_t t = at; t < T; t++) {
      const size_t i = row * T + t;
      l->ids[i] = l->next[i] = ULM_PAD, l->weight[i] = 0, l->start[i] = (uint16_t)t;
    }
}

const model_batch *loader_next(loader *l) {
  for (size_t row = 0; row < l->o.B; row++) fill_row(l, row, 1);
  return &l->batch;
}

void loader_skip(loader *l, uint64_t batches) {
  for (uint64_t i = 0; i < batches * l->o.B; i++) fill_row(l, 0, 0);
}

void loader_rewind(loader *l) {
  for (size_t i = 0; i < l->count; i++) l->sources[i].next = l->sources[i].given = 0;
  l->held = 0, l->rest.length = 0, l->positions = 0;
}

loader_counts loader_count(const loader *l, size_t i) { return l->sources[i].counts; }
double loader_epochs(const loader *l) {
  return (double)l->sources[0].next / (double)l->sources[0].docs;
}
uint64_t loader_positions(const loader *l) { return l->positions; }
uint64_t loader_fingerprint(const loader *l) { return l->fingerprint; }
const shard *loader_first(const loader *l) { return &l->sources[0].shards[0]; }
const shard *loader_shards(const loader *l, size_t i, size_t *count) {
  *count = l->sources[i].count;
  return l->sources[i].shards;
}
