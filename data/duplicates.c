#include "duplicates.h"

#include <stdlib.h>
#include <string.h>

enum { LEADERS = 8 };

static void mark(uint8_t *bits, uint64_t i) { bits[i / 8] |= (uint8_t)(1 << i % 8); }

static int find_equal(duplicates *d, gathered *g, host_error *e) {
  uint64_t last[2] = {0};
  const uint64_t *r;
  bool any = false;
  int got;
  if (sorter_begin(g->equal, e)) return -1;
  while ((got = sorter_next(g->equal, &r, e)) > 0) {
    if (any && r[0] == last[0] && r[1] == last[1]) mark(d->equal, gather_number(g, r[2]));
    last[0] = r[0], last[1] = r[1], any = true;
  }
  sorter_close(g->equal);
  g->equal = NULL;
  return got;
}

static int read_sketch(const gathered *g, uint64_t number, uint8_t out[NEAR_VALUES],
                       host_error *e) {
  const segment *s = gather_segment(g, number);
  return temp_read(g->file, out, NEAR_VALUES,
                   s->at + s->count * sizeof(head) + (number - s->first) * NEAR_VALUES, e);
}

/* The documents of a band in their order; `leader` holds those that were like none before them. */
typedef struct {
  uint64_t key, first; /* first: the band's first document, not yet read */
  bool waiting;
  uint8_t leader[LEADERS][NEAR_VALUES];
  int leaders;
} band;

static int compare(duplicates *d, const gathered *g, const pipeline_options *o, band *b,
                   uint64_t number, host_error *e) {
  if (duplicates_has(d->equal, number) || duplicates_has(d->near, number)) return 0;
  if (!b->leaders && !b->waiting) { /* most bands have one document, whose sketch nobody wants */
    b->first = number, b->waiting = true;
    return 0;
  }
  if (b->waiting && read_sketch(g, b->first, b->leader[b->leaders++], e)) return -1;
  b->waiting = false;
  uint8_t own[NEAR_VALUES];
  if (read_sketch(g, number, own, e)) return -1;
  for (int i = 0; i < b->leaders; i++)
    if (near_similarity(b->leader[i], own, !o->text || o->questions) >= o->near) {
      mark(d->near, number);
      return 0;
    }
  if (b->leaders < LEADERS) memcpy(b->leader[b->leaders++], own, sizeof own);
  return 0;
}

static int find_near(duplicates *d, gathered *g, const pipeline_options *o, host_error *e) {
  band b = {0};
  const uint64_t *r;
  bool any = false;
  int got;
  uint64_t done = 0;
  host_progress bar;
  if (sorter_begin(g->similar, e)) return -1;
  if (!o->quiet) host_progress_begin(&bar, "near-duplicates", "bands", sorter_count(g->similar));
  while ((got = sorter_next(g->similar, &r, e)) > 0) {
    if (!any || r[0] != b.key) b.key = r[0], b.leaders = 0, b.waiting = false;
    any = true;
    if (compare(d, g, o, &b, gather_number(g, r[1]), e)) return -1;
    if (++done % 4096 == 0 && !o->quiet) host_progress_step(&bar, done, NULL);
  }
  if (!got && !o->quiet) host_progress_end(&bar, done, NULL);
  sorter_close(g->similar);
  g->similar = NULL;
  return got;
}

int duplicates_find(duplicates *d, gathered *g, const pipeline_options *o, host_error *e) {
  d->equal = host_alloc(g->documents / 8 + 1, "duplicates");
  d->near = host_alloc(g->documents / 8 + 1, "duplicates");
  return find_equal(d, g, e) || (g->similar && find_near(d, g, o, e)) ? -1 : 0;
}

void duplicates_free(duplicates *d) {
  free(d->equal), free(d->near);
  *d = (duplicates){0};
}
