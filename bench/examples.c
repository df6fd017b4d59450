#include "examples.h"
#include "../data/docs.h"
#include "../runtime/ulm_words.h"
#include "../tokenizer/shard.h"
#include "../tokenizer/spm.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  examples *x;
  size_t cap;
} adding;

static void add(adding *a, const char *asked, size_t asked_size, const char *opener, size_t size) {
  examples *x = a->x;
  const uint32_t words = ulm_word_count(opener, size);
  if (words < 4 || words > 8) {
    x->skipped++;
    return;
  }
  if (x->count == a->cap) {
    a->cap = a->cap ? 2 * a->cap : 1024;
    x->prompts = host_realloc(x->prompts, a->cap * sizeof *x->prompts, "examples");
    x->openers = host_realloc(x->openers, a->cap * sizeof *x->openers, "examples");
  }
  x->prompts[x->count] = host_alloc(asked_size + 1, "an example");
  memcpy(x->prompts[x->count], asked, asked_size);
  x->openers[x->count] = host_alloc(size + 1, "an example");
  memcpy(x->openers[x->count++], opener, size);
}

/* ---- chat files ---- */

static int add_docs(adding *a, docs *in, host_error *e) {
  doc d;
  int got;
  if (!in) return -1;
  while ((got = docs_next(in, &d, e)) > 0)
    for (size_t i = 1; d.turns && i < d.count; i++) {
      const ulm_message *u = &d.turns[i - 1], *r = &d.turns[i];
      if (strcmp(u->role, "user") || strcmp(r->role, "assistant")) continue;
      if (d.skip && d.skip[i] != DOC_OPENS)
        a->x->skipped++;
      else
        add(a, u->text, u->size, r->text, opener_cut(r->text, r->size));
    }
  docs_close(in);
  return got;
}

/* ---- shards ---- */

typedef struct {
  char *text;
  size_t cap;
  long size;
} decoded;

/* One conversation: <|im_start|> role \n text <|im_end|> \n for each turn. */
static int add_tokens(adding *a, const spm *t, const uint16_t *ids, const uint8_t *mask, uint64_t n,
                      decoded d[2], host_error *e) {
  d[0].size = -1; /* d[0]: the user's last turn, if the turn before was one */
  for (uint64_t i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n && ids[end] != ULM_BOS;) end++;
    if (ids[i] != ULM_BOS) continue;
    uint64_t text = i + 1, stop, cut;
    while (text < end && ids[text] != ULM_BYTE0 + '\n') text++;
    for (stop = ++text; stop < end && ids[stop] != ULM_EOS;) stop++;
    if (text >= end) continue;
    for (cut = text; cut < stop && mask[cut] & SHARD_OPENER;) cut++;
    const bool reply = text < end && mask[text] & SHARD_REPLY;
    if (reply && d[0].size >= 0) {
      if ((d[1].size = spm_decode(t, ids + text, cut - text, &d[1].text, &d[1].cap, e)) < 0)
        return -1;
      add(a, d[0].text, (size_t)d[0].size, d[1].text, (size_t)d[1].size);
      d[0].size = -1;
    } else if (!reply) {
      if ((d[0].size = spm_decode(t, ids + text, stop - text, &d[0].text, &d[0].cap, e)) < 0)
        return -1;
    }
  }
  return 0;
}

static int add_shard(adding *a, const shard *s, const spm *t, host_error *e) {
  decoded d[2] = {{0}};
  int bad = 0;
  for (uint64_t k = 0; !bad && k < s->docs; k++) {
    const uint64_t from = shard_start(s, k), n = shard_start(s, k + 1) - from;
    if (!n || !(s->mask[from] & SHARD_CHAT)) continue;
    uint16_t *ids = host_alloc((size_t)n * sizeof *ids, "a document");
    for (uint64_t i = 0; i < n; i++) ids[i] = shard_id(s, from + i);
    bad = add_tokens(a, t, ids, s->mask + from, n, d, e);
    free(ids);
  }
  free(d[0].text), free(d[1].text);
  return bad;
}

static int add_shards(adding *a, const char *dir, host_error *e) {
  size_t count;
  shard *s = shard_open_split(dir, "train", &count, e);
  if (!s) return -1;
  spm *t = count ? spm_open(s[0].spm.data, (size_t)s[0].spm.size, e) : NULL;
  int bad = count && !t ? -1 : 0;
  for (size_t i = 0; !bad && i < count; i++) bad = add_shard(a, &s[i], t, e);
  spm_close(t);
  shard_close_all(s, count);
  return bad;
}

/* ---- all ---- */

static char **sorted;
static int by_opener(const void *a, const void *b) {
  const size_t i = *(const size_t *)a, j = *(const size_t *)b;
  const int d = strcmp(sorted[i], sorted[j]);
  return d ? d : (i > j) - (i < j);
}

static void find_most(examples *x) {
  size_t *order = host_alloc(x->count * sizeof *order, "an order"), run = 0;
  for (size_t i = 0; i < x->count; i++) order[i] = i;
  sorted = x->openers;
  qsort(order, x->count, sizeof *order, by_opener);
  for (size_t i = 0; i < x->count; i++) {
    run = i && !strcmp(x->openers[order[i]], x->openers[order[i - 1]]) ? run + 1 : 1;
    if (run > x->times) x->times = run, x->most = order[i];
  }
  free(order);
}

int examples_open(examples *x, char *const *paths, size_t count, host_error *e) {
  *x = (examples){0};
  adding a = {.x = x};
  int bad = 0;
  for (size_t i = 0; !bad && i < count; i++) {
    size_t shards = 0;
    char **names = host_is_dir(paths[i]) ? host_list(paths[i], ".shard", &shards, e) : NULL;
    for (size_t k = 0; names && k < shards; k++) free(names[k]);
    free(names);
    bad = !host_is_dir(paths[i]) ? add_docs(&a, docs_open(paths[i], e), e)
          : shards               ? add_shards(&a, paths[i], e)
                                 : add_docs(&a, docs_open_split(paths[i], "train", e), e);
  }
  if (!bad && !x->count)
    bad = host_fail(e, "%s: holds no reply of 4 words or more to a user; give chat to --train",
                    paths[0]);
  if (bad) return examples_close(x), -1;
  find_most(x);
  return 0;
}

void examples_close(examples *x) {
  for (size_t i = 0; i < x->count; i++) free(x->prompts[i]), free(x->openers[i]);
  free(x->prompts), free(x->openers);
  *x = (examples){0};
}
