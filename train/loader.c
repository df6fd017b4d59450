#include "loader.h"
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 256 }; /* documents that wait to be placed; the oldest always goes first */

typedef struct {
  loader_source from;
  shard *shards;
  size_t count;
  uint64_t *first; /* [count + 1] documents before each shard */
  uint64_t docs;
  uint64_t next;  /* documents fetched so far, over all epochs */
  uint64_t given; /* positions of those */
  loader_counts counts;
} source;

typedef struct {
  uint64_t doc, from, length; /* positions from .. from + length - 1 of a document's view */
  uint32_t source;
} piece;

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
  loader_part *parts;
  size_t parts_count, parts_cap;
};

/* ---- opening ---- */

static void mix(uint64_t *h, uint64_t x) { *h = (*h ^ x) * 0x9e3779b97f4a7c15u, *h ^= *h >> 29; }

/* 1 if it has something to train on, 0 if not. */
static int open_source(loader *l, source *s, const char *dir, const char *split, host_error *e) {
  s->shards = shard_open_split(dir, split, &s->count, e);
  if (!s->shards) return -1;
  if (!s->count) {
    if (l->o.once) return 0;
    return host_fail(e, "%s: holds no %s shard; make some with `ulm tokenizer encode`", dir, split);
  }
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
  if (s->counts.used || l->o.once) return s->counts.used > 0;
  return host_fail(
      e,
      "%s: no %s document has a target under --objective %s; use another objective or other data",
      dir, split, objective_name(l->o.view.objective));
}

static void close_source(source *s) {
  shard_close_all(s->shards, s->count);
  free(s->first);
  *s = (source){0};
}

static int open_all(loader *l, const loader_source *from, size_t count, const char *split,
                    host_error *e) {
  bool given = false;
  for (size_t i = 0; i < count; i++) given |= from[i].weight > 0;
  for (size_t i = 0; i < count; i++) {
    source *s = &l->sources[l->count];
    const int some = open_source(l, s, from[i].dir, split, e);
    if (some <= 0) close_source(s);
    if (some < 0) return -1;
    if (!some) continue;
    s->from.dir = from[i].dir;
    s->from.weight = from[i].weight > 0 ? from[i].weight : given ? 1 : (double)s->counts.tokens;
    uint64_t bits;
    memcpy(&bits, &s->from.weight, sizeof bits);
    mix(&l->fingerprint, bits);
    l->count++;
    const ulm_section a = loader_tokenizer(l), b = s->shards[0].spm;
    if (a.size != b.size || memcmp(a.data, b.data, (size_t)a.size))
      return host_fail(e, "%s: was encoded with another tokenizer than %s; encode both with one",
                       from[i].dir, from[0].dir);
  }
  return 0;
}

loader *loader_open(const loader_source *sources, size_t count, const char *split,
                    const loader_options *o, host_error *e) {
  if (o->T < 1 || o->T > UINT16_MAX || o->B < 1 || o->B > (1u << 24) / o->T)
    return host_fail(e, "batches of %u rows of %u tokens; at most 2^24 tokens, 65535 a row", o->B,
                     o->T),
           NULL;
  loader *l = host_alloc(sizeof *l, "the loader");
  l->o = *o;
  l->sources = host_alloc(count * sizeof *l->sources, "sources");
  if (open_all(l, sources, count, split, e)) return loader_close(l), NULL;
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
  for (size_t i = 0; i < l->count; i++) close_source(&l->sources[i]);
  free(l->sources), free(l->ids), free(l->next), free(l->start), free(l->weight);
  free(l->parts);
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

/* The source that is furthest behind its share; NULL if all are done. */
static source *pick(loader *l) {
  source *best = NULL;
  for (size_t i = 0; i < l->count; i++) {
    source *s = &l->sources[i];
    if (l->o.once && s->next == s->docs) continue;
    if (!best || (double)s->given / s->from.weight < (double)best->given / best->from.weight)
      best = s;
  }
  return best;
}

/* The shard that holds the source's document, and its number there. */
static const shard *locate(const source *s, uint64_t doc, uint64_t *inner) {
  size_t k = 0;
  while (doc >= s->first[k + 1]) k++;
  *inner = doc - s->first[k];
  return &s->shards[k];
}

static uint64_t length_of(const loader *l, uint32_t of, uint64_t doc) {
  uint64_t inner;
  const shard *x = locate(&l->sources[of], doc, &inner);
  return view_length(x, inner, &l->o.view);
}

/* The next document that has a target. */
static bool fetch(loader *l, piece *p) {
  for (source *s; (s = pick(l));) {
    *p = (piece){.source = (uint32_t)(s - l->sources)};
    uint64_t key = l->o.seed;
    mix(&key, s->next / s->docs), mix(&key, p->source);
    p->doc = permute(s->next++ % s->docs, s->docs, key);
    p->length = length_of(l, p->source, p->doc);
    s->given += p->length;
    if (p->length) return true;
  }
  return false;
}

/* ---- rows ---- */

/* The oldest document that waits where a row begins, else the longest that fits into `room`. */
static bool take(loader *l, uint64_t room, bool oldest, piece *p) {
  while (l->held < WINDOW && fetch(l, &l->window[l->held])) l->held++;
  size_t best = oldest && l->held ? 0 : WINDOW;
  for (size_t i = 0; !oldest && i < l->held; i++)
    if (l->window[i].length <= room &&
        (best == WINDOW || l->window[i].length > l->window[best].length))
      best = i;
  if (best == WINDOW) return false;
  *p = l->window[best];
  memmove(l->window + best, l->window + best + 1, (--l->held - best) * sizeof *l->window);
  return true;
}

/* The next row of a document longer than one. */
static bool take_rest(loader *l, piece *p) {
  while (l->rest.length) {
    *p = l->rest;
    if (p->length > l->o.T) p->length = l->o.T;
    l->rest.from += p->length, l->rest.length -= p->length;
    uint64_t doc;
    const shard *x = locate(&l->sources[p->source], p->doc, &doc);
    if (view_counts(x, doc, &l->o.view, p->from, p->length)) return true;
  }
  return false;
}

static void place(loader *l, const piece *p, size_t row, uint32_t at) {
  const size_t base = row * l->o.T + at;
  uint64_t doc;
  const shard *x = locate(&l->sources[p->source], p->doc, &doc);
  view_part(x, doc, &l->o.view, p->from, p->length, l->ids + base, l->next + base,
            l->weight + base);
  for (uint64_t t = 0; t < p->length; t++) l->start[base + t] = (uint16_t)at;
  l->positions += p->length;
  if (l->parts_count == l->parts_cap)
    l->parts = host_realloc(l->parts, (l->parts_cap = 2 * l->parts_cap + 64) * sizeof *l->parts,
                            "a batch's documents");
  l->parts[l->parts_count++] =
      (loader_part){p->source, p->doc, p->from, p->length, (uint32_t)row, at};
}

static void fill_row(loader *l, size_t row) {
  const uint32_t T = l->o.T;
  uint32_t at = 0;
  piece p;
  while (at < T) {
    if (!(at == 0 && take_rest(l, &p))) {
      if (!take(l, T - at, at == 0, &p)) break;
      if (p.length > T) {
        l->rest = p;
        continue;
      }
    }
    place(l, &p, row, at);
    at += (uint32_t)p.length;
  }
  for (; at < T; at++) {
    const size_t i = row * T + at;
    l->ids[i] = l->next[i] = ULM_PAD, l->weight[i] = 0, l->start[i] = (uint16_t)at;
  }
}

const model_batch *loader_rows(loader *l, uint32_t rows) {
  const uint64_t before = l->positions;
  l->parts_count = 0;
  l->batch.B = rows;
  for (size_t row = 0; row < rows; row++) fill_row(l, row);
  return l->positions > before ? &l->batch : NULL;
}
const model_batch *loader_next(loader *l) { return loader_rows(l, l->o.B); }

void loader_rewind(loader *l) {
  for (size_t i = 0; i < l->count; i++) l->sources[i].next = l->sources[i].given = 0;
  l->held = 0, l->rest = (piece){0}, l->positions = 0;
}

/* ---- cursor ---- */

enum { CURSOR_HEAD = 32 };

size_t loader_cursor_size(const loader *l) { return CURSOR_HEAD + 16 * (l->count + 1 + WINDOW); }

static void put_piece(uint8_t *out, const piece *p) {
  ulm_put32(out, p->source), ulm_put32(out + 4, 0), ulm_put64(out + 8, p->doc);
}

void loader_cursor_write(const loader *l, uint8_t *out) {
  memset(out, 0, loader_cursor_size(l));
  ulm_put32(out, (uint32_t)l->count);
  ulm_put32(out + 4, (uint32_t)l->held);
  ulm_put64(out + 8, l->positions);
  ulm_put64(out + 16, l->rest.length ? l->rest.from : 0);
  out += CURSOR_HEAD;
  for (size_t i = 0; i < l->count; i++, out += 16)
    ulm_put64(out, l->sources[i].next), ulm_put64(out + 8, l->sources[i].given);
  if (l->rest.length) put_piece(out, &l->rest);
  for (size_t i = 0; i < l->held; i++) put_piece(out + 16 * (i + 1), &l->window[i]);
}

/* A document that waits, whole. */
static bool get_piece(const loader *l, const uint8_t *in, piece *p) {
  *p = (piece){.source = ulm_get32(in), .doc = ulm_get64(in + 8)};
  if (p->source >= l->count || ulm_get32(in + 4) || p->doc >= l->sources[p->source].docs)
    return false;
  p->length = length_of(l, p->source, p->doc);
  return p->length > 0;
}

int loader_cursor_read(loader *l, const uint8_t *in, size_t n, host_error *e) {
  if (n != loader_cursor_size(l) || ulm_get32(in) != l->count)
    return host_fail(e, "the data cursor is not one of %zu sources", l->count);
  const uint32_t held = ulm_get32(in + 4);
  const uint64_t from = ulm_get64(in + 16);
  const uint8_t *pieces = in + CURSOR_HEAD + 16 * l->count;
  bool good = held <= WINDOW;
  loader_rewind(l);
  l->positions = ulm_get64(in + 8);
  for (size_t i = 0; i < l->count; i++) {
    l->sources[i].next = ulm_get64(in + CURSOR_HEAD + 16 * i);
    l->sources[i].given = ulm_get64(in + CURSOR_HEAD + 16 * i + 8);
  }
  for (; good && l->held < held; l->held++)
    good = get_piece(l, pieces + 16 * (l->held + 1), &l->window[l->held]);
  if (good && from) {
    good = get_piece(l, pieces, &l->rest) && from < l->rest.length;
    l->rest.from = from, l->rest.length -= from;
  }
  if (good) { /* every byte is as it would be written */
    uint8_t *same = host_alloc(n, "a data cursor");
    loader_cursor_write(l, same);
    good = !memcmp(same, in, n);
    free(same);
  }
  if (good) return 0;
  loader_rewind(l);
  return host_fail(e, "the data cursor names documents that the shards do not have");
}

/* ---- what there is ---- */

size_t loader_sources(const loader *l) { return l->count; }
loader_counts loader_count(const loader *l, size_t i) { return l->sources[i].counts; }
const loader_source *loader_from(const loader *l, size_t i) { return &l->sources[i].from; }
const loader_part *loader_parts(const loader *l, size_t *count) {
  *count = l->parts_count;
  return l->parts;
}
double loader_epochs(const loader *l, size_t i) {
  return (double)l->sources[i].next / (double)l->sources[i].docs;
}
uint64_t loader_positions(const loader *l) { return l->positions; }
uint64_t loader_fingerprint(const loader *l) { return l->fingerprint; }
const shard *loader_shards(const loader *l, size_t i, size_t *count) {
  *count = l->sources[i].count;
  return l->sources[i].shards;
}
ulm_section loader_tokenizer(const loader *l) { return l->sources[0].shards[0].spm; }
