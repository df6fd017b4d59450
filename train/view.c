#include "view.h"
#include <string.h>

static const char *const names[] = {"lm", "chat", "opener"};

int objective_from(const char *name, objective *o) {
  for (int i = 0; i < 3; i++)
    if (!strcmp(name, names[i])) return *o = (objective)i, 0;
  return -1;
}

const char *objective_name(objective o) { return (unsigned)o < 3 ? names[o] : "?"; }

static float weight_of(uint8_t flags, const view_options *o) {
  switch (o->objective) {
  case OBJECTIVE_LM:
    return 1;
  case OBJECTIVE_CHAT:
    return flags & SHARD_REPLY ? 1 : 0;
  default:
    return flags & SHARD_OPENER ? 1 : flags & SHARD_REPLY ? o->tail : o->prompt;
  }
}

/* Target and weight at token t of the shard. */
static float target_of(const shard *s, uint64_t t, const view_options *o, uint16_t *next) {
  const bool cut = o->objective == OBJECTIVE_OPENER && s->mask[t] & SHARD_CUT;
  *next = cut ? ULM_EOS : shard_id(s, t + 1);
  return cut ? 1 : weight_of(s->mask[t + 1], o);
}

bool view_counts(const shard *s, uint64_t doc, const view_options *o, uint64_t from, uint64_t n) {
  const uint64_t at = shard_start(s, doc) + from;
  uint16_t next;
  for (uint64_t t = 0; t < n; t++)
    if (target_of(s, at + t, o, &next) > 0) return true;
  return false;
}

uint64_t view_length(const shard *s, uint64_t doc, const view_options *o) {
  const uint64_t at = shard_start(s, doc);
  uint64_t n = shard_start(s, doc + 1) - at - 1;
  if (o->objective == OBJECTIVE_OPENER && o->tail == 0)
    for (uint64_t t = n; t-- > 0;)
      if (s->mask[at + t] & SHARD_CUT) {
        n = t + 1;
        break;
      }
  return view_counts(s, doc, o, 0, n) ? n : 0;
}

void view_part(const shard *s, uint64_t doc, const view_options *o, uint64_t from, uint64_t n,
               uint16_t *ids, uint16_t *next, float *weight) {
  const uint64_t at = shard_start(s, doc) + from;
  for (uint64_t t = 0; t < n; t++) {
    ids[t] = shard_id(s, at + t);
    weight[t] = target_of(s, at + t, o, &next[t]);
  }
}

uint64_t view_doc(const shard *s, uint64_t doc, const view_options *o, uint16_t *ids,
                  uint16_t *next, float *weight, uint64_t cap) {
  uint64_t n = view_length(s, doc, o);
  if (n > cap) n = cap;
  view_part(s, doc, o, 0, n, ids, next, weight);
  return n;
}
