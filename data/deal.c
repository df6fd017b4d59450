#include "deal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "lanes.h"
#include "line.h"

/* ---- Bounds ---- */

typedef int (*visit)(void *user, const head *h);

/* Each document that is no duplicate, in order. */
static int each_head(const gathered *g, const duplicates *d, visit f, void *user, host_error *e) {
  bytes b = {0};
  int bad = 0;
  for (size_t i = 0; i < g->segments && !bad; i++) {
    const segment *s = &g->segment[i];
    const size_t n = s->count * sizeof(head);
    b.size = 0;
    bad = temp_read(g->file, bytes_room(&b, n), n, s->at, e);
    for (uint32_t k = 0; k < s->count && !bad; k++)
      if (!duplicates_has(d->equal, s->first + k) && !duplicates_has(d->near, s->first + k))
        f(user, (const head *)(const void *)b.at + k);
  }
  bytes_free(&b);
  return bad;
}

typedef struct {
  bounds b;
  uint64_t count[SPLITS];
  uint64_t least[3]; /* distinct prompts, the first found */
  int distinct;      /* up to 3 */
} survey;

static split_id split_of(const bounds *b, uint64_t prompt) {
  return prompt < b->test ? SPLIT_TEST : prompt < b->val ? SPLIT_VAL : SPLIT_TRAIN;
}

static int look(void *user, const head *h) {
  survey *s = user;
  const uint64_t p = h->prompt;
  s->count[split_of(&s->b, p)]++;
  for (int i = 0; i < s->distinct; i++)
    if (s->least[i] == p) return 0;
  if (s->distinct < 3) s->least[s->distinct++] = p;
  return 0;
}

/* The least prompt of at least x, and the greatest of at most y. */
typedef struct {
  uint64_t x, y, least, most;
  bool any_least, any_most;
} range;

static int narrow(void *user, const head *h) {
  range *r = user;
  const uint64_t p = h->prompt;
  if (p >= r->x && (!r->any_least || p < r->least)) r->least = p, r->any_least = true;
  if (p <= r->y && (!r->any_most || p > r->most)) r->most = p, r->any_most = true;
  return 0;
}

static uint64_t fraction(double f) { return f >= 1 ? UINT64_MAX : (uint64_t)ldexp(f, 64); }

/* The least prompt of at least x; UINT64_MAX if there is none. */
static int least_from(uint64_t *out, uint64_t x, const gathered *g, const duplicates *d,
                      host_error *e) {
  range r = {.x = x};
  if (each_head(g, d, narrow, &r, e)) return -1;
  *out = r.any_least ? r.least : UINT64_MAX;
  return 0;
}

static int most_to(uint64_t *out, uint64_t y, const gathered *g, const duplicates *d,
                   host_error *e) {
  range r = {.x = UINT64_MAX, .y = y};
  if (each_head(g, d, narrow, &r, e)) return -1;
  *out = r.any_most ? r.most : 0;
  return 0;
}

/* Each split that was asked for gets a prompt; there are at least 3 distinct ones. */
static int move_bounds(bounds *b, const gathered *g, const duplicates *d, bool test, bool val,
                       host_error *e) {
  uint64_t p, q;
  if (test) { /* at least the first prompt; then at least as many remain as others need */
    if (least_from(&p, 0, g, d, e)) return -1;
    if (b->test <= p) b->test = p + 1;
    if (most_to(&p, UINT64_MAX, g, d, e) || (val && most_to(&p, p - 1, g, d, e))) return -1;
    if (b->test > p) b->test = p;
  } else
    b->test = 0;
  if (!val) {
    b->val = b->test;
    if (most_to(&p, UINT64_MAX, g, d, e)) return -1;
    if (b->val > p) b->val = p;
    return 0;
  }
  if (least_from(&p, b->test, g, d, e) || most_to(&q, UINT64_MAX, g, d, e)) return -1;
  if (b->val <= p) b->val = p + 1;
  if (b->val > q) b->val = q;
  return 0;
}

int deal_bounds(bounds *b, const gathered *g, const duplicates *d, const pipeline_options *o,
                host_error *e) {
  survey s = {.b = {fraction(o->test), fraction(o->val + o->test)}};
  *b = s.b;
  if (each_head(g, d, look, &s, e)) return -1;
  const bool lacks = !s.count[SPLIT_TRAIN] || (o->val > 0 && !s.count[SPLIT_VAL]) ||
                     (o->test > 0 && !s.count[SPLIT_TEST]);
  return lacks && s.distinct == 3 ? move_bounds(b, g, d, o->test > 0, o->val > 0, e) : 0;
}

/* ---- Dealing ---- */

/* Lines of one split, to be packed. */
typedef struct {
  split_id split;
  bytes lines, packed;
} block;

typedef struct {
  splits *out;
  gathered *g;
  const duplicates *d;
  const bounds *b;
  char *const *files;
  const pipeline_options *o;
  uint64_t *replies;
  size_t segment;       /* the next */
  bytes part;           /* heads, names and lines of the one before it */
  uint32_t at;          /* the next document in it */
  size_t line;          /* where its names begin */
  bytes filled[SPLITS]; /* lines waiting for a block */
  int ended;            /* splits whose last block is out */
  host_progress bar;
  uint64_t done;
} run;

static void leave_out(run *r, const segment *s, const char *why, const head *h, const char *line) {
  host_error ignored;
  doc d = {0};
  docs *in = docs_open_memory(line, h->size, "a gathered document", false, &ignored);
  if (!in || docs_next(in, &d, &ignored) != 1) d.count = 0;
  const char *text = d.text ? d.text : d.count ? d.turns[0].text : "";
  const size_t n = d.text ? d.text_size : d.count ? d.turns[0].size : 0;
  drops_add(&r->g->counts.drops, why, r->files[s->lane], h->line, text, n);
  docs_close(in);
}

static void deal_one(run *r, const segment *s, const head *h) {
  const uint64_t number = s->first + r->at;
  const char *source = r->part.at + r->line, *licence = source + strlen(source) + 1,
             *line = source + h->name;
  const bool equal = duplicates_has(r->d->equal, number);
  if (equal || duplicates_has(r->d->near, number)) {
    leave_out(r, s, equal ? "duplicate" : "near-duplicate", h, line);
  } else {
    const split_id k = split_of(r->b, h->prompt);
    const tally t = {1, h->turns, h->words, h->bytes};
    splits_tally(r->out, k, source, *licence ? licence : NULL, &t);
    for (int i = 0; i < DOC_SKIPS; i++) r->replies[i] += h->replies[i];
    bytes_put(&r->filled[k], line, h->size);
  }
  r->line += h->name + h->size;
}

/* The next segment's heads and lines into r->part. */
static int next_segment(run *r, host_error *e) {
  const segment *s = &r->g->segment[r->segment];
  const size_t heads = s->count * sizeof(head),
               sketches = r->o->near > 0 ? (size_t)s->count * NEAR_VALUES : 0;
  r->part.size = 0;
  bytes_room(&r->part, heads + s->lines);
  if (temp_read(r->g->file, r->part.at, heads, s->at, e) ||
      temp_read(r->g->file, r->part.at + heads, s->lines, s->at + heads + sketches, e))
    return -1;
  r->line = heads, r->at = 0;
  r->segment++;
  r->done += heads + sketches + s->lines;
  if (!r->o->quiet) host_progress_step(&r->bar, r->done, NULL);
  return 0;
}

static int fill(void *user, size_t lane, void *slot, size_t *size, host_error *e) {
  (void)lane;
  run *r = user;
  block *b = slot;
  for (;;) {
    const segment *s = r->segment ? &r->g->segment[r->segment - 1] : NULL;
    int full = 0;
    while (full < SPLITS && r->filled[full].size < SPLIT_BLOCK) full++;
    const bool over = r->segment == r->g->segments && (!s || r->at == s->count);
    if (full == SPLITS && over) /* what is left, a split at a time */
      for (full = r->ended; full < SPLITS && !r->filled[full].size;) r->ended = ++full;
    if (full < SPLITS) {
      bytes other = b->lines;
      b->lines = r->filled[full], b->split = (split_id)full;
      r->filled[full] = other, r->filled[full].size = 0;
      *size = b->lines.size;
      return 1;
    }
    if (over) return 0;
    if ((!s || r->at == s->count) && next_segment(r, e)) return -1;
    s = &r->g->segment[r->segment - 1];
    deal_one(r, s, (const head *)(const void *)r->part.at + r->at);
    r->at++;
  }
}

static int work(void *user, int thread, size_t lane, void *slot, host_error *e) {
  (void)user, (void)thread, (void)lane, (void)e;
  block *b = slot;
  b->packed.size = 0;
  gzip_put(&b->packed, b->lines.at, b->lines.size);
  return 0;
}

static int emit(void *user, size_t lane, void *slot, host_error *e) {
  (void)lane;
  run *r = user;
  block *b = slot;
  const int bad = splits_packed(r->out, b->split, b->packed.at, b->packed.size, e);
  bytes_clear(&b->lines, 4 * SPLIT_BLOCK), bytes_clear(&b->packed, 4 * SPLIT_BLOCK);
  return bad;
}

int deal(splits *out, gathered *g, const duplicates *d, const bounds *b, char *const *files,
         const pipeline_options *o, uint64_t replies[DOC_SKIPS], host_error *e) {
  run r = {.out = out, .g = g, .d = d, .b = b, .files = files, .o = o, .replies = replies};
  const size_t count = 2 * (size_t)o->threads + 2;
  block *blocks = host_alloc(count * sizeof *blocks, "blocks");
  void **slot = host_alloc(count * sizeof *slot, "blocks");
  for (size_t i = 0; i < count; i++) slot[i] = &blocks[i];
  if (!o->quiet) host_progress_begin(&r.bar, "writing", "bytes", g->size);
  const int bad =
      lanes_run(&(lanes_job){1, o->threads, slot, count, fill, work, emit, &r, 32 << 20}, e);
  if (!bad && !o->quiet) host_progress_end(&r.bar, r.done, NULL);
  for (size_t i = 0; i < count; i++) bytes_free(&blocks[i].lines), bytes_free(&blocks[i].packed);
  for (int k = 0; k < SPLITS; k++) bytes_free(&r.filled[k]);
  bytes_free(&r.part);
  free(blocks), free(slot);
  return bad;
}
