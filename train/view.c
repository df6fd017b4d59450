#include "view.h"
#include <string.h>

static const char *const names[] = {"lm", "chat", "opener"};

int objective_from(const char *name, objective *o) {
  for (int i = 0; i < 3; i++)
    if (!strcmp(name, names[i])) return *o = (objective)i, 0;
  return -1;
}

const char *objective_name(objective o) { return (unsigned)o < 3 ? names[o] : "?"; }

/* Reads targets in order. */
typedef struct {
  const shard *s;
  const view_options *o;
  uint64_t t;    /* token whose target is next */
  uint64_t left; /* of a reply's `first` tokens */
} reader;

static reader read_from(const shard *s, const view_options *o, uint64_t doc, uint64_t from) {
  reader r = {s, o, shard_start(s, doc) + from, 0};
  if (o->objective == OBJECTIVE_OPENER) /* the reply may have begun before */
    for (uint64_t back = 0; back < from && back < o->first && !r.left; back++)
      if (s->mask[r.t - back] & SHARD_BEGIN) r.left = o->first - back - 1;
  return r;
}

/* The next target and its weight; *ends: an opener may end with it. */
static float read_target(reader *r, uint16_t *next, bool *ends) {
  const view_options *o = r->o;
  const bool marked = o->objective == OBJECTIVE_OPENER && !o->first;
  const bool cut = marked && r->s->mask[r->t] & SHARD_CUT;
  const uint8_t flags = r->s->mask[++r->t];
  if (flags & SHARD_BEGIN) r->left = o->first;
  const bool counted = flags & SHARD_REPLY && r->left > 0;
  *ends = cut || counted;
  if (r->left) r->left--;
  *next = cut ? ULM_EOS : shard_id(r->s, r->t);
  switch (o->objective) {
  case OBJECTIVE_LM:
    return 1;
  case OBJECTIVE_CHAT:
    return flags & SHARD_REPLY ? 1 : 0;
  default:
    return *ends || (marked && flags & SHARD_OPENER) ? 1
           : flags & SHARD_REPLY                     ? o->tail
                                                     : o->prompt;
  }
}

bool view_counts(const shard *s, uint64_t doc, const view_options *o, uint64_t from, uint64_t n) {
  reader r = read_from(s, o, doc, from);
  uint16_t next;
  bool ends;
  for (uint64_t t = 0; t < n; t++)
    if (read_target(&r, &next, &ends) > 0) return true;
  return false;
}

uint64_t view_length(const shard *s, uint64_t doc, const view_options *o) {
  const uint64_t n = shard_start(s, doc + 1) - shard_start(s, doc) - 1;
  uint64_t last = 0; /* positions up to the last opener's end */
  if (o->objective == OBJECTIVE_OPENER && o->tail == 0) {
    reader r = read_from(s, o, doc, 0);
    uint16_t next;
    bool ends;
    for (uint64_t t = 0; t < n; t++)
      if (read_target(&r, &next, &ends), ends) last = t + 1;
  }
  return view_counts(s, doc, o, 0, last ? last : n) ? last ? last : n : 0;
}

void view_part(const shard *s, uint64_t doc, const view_options *o, uint64_t from, uint64_t n,
               uint16_t *ids, uint16_t *next, float *weight) {
  reader r = read_from(s, o, doc, from);
  bool ends;
  for (uint64_t t = 0; t < n; t++) {
    ids[t] = shard_id(s, r.t);
    weight[t] = read_target(&r, &next[t], &ends);
  }
}

uint64_t view_doc(const shard *s, uint64_t doc, const view_options *o, uint16_t *ids,
                  uint16_t *next, float *weight, uint64_t cap) {
  uint64_t n = view_length(s, doc, o);
  if (n > cap) n = cap;
  view_part(s, doc, o, 0, n, ids, next, weight);
  return n;
}
