#include "encode.h"

#include <stdlib.h>
#include <string.h>

enum { PART = 256, MIN_WORDS = 4, MAX_WORDS = 8 };

void tokens_free(tokens *t) {
  free(t->ids);
  free(t->mask);
  free(t->part);
  *t = (tokens){0};
}

static void reserve(tokens *t, size_t more) {
  if (t->count + more <= t->cap) return;
  t->cap = 2 * (t->count + more);
  t->ids = host_realloc(t->ids, host_mul_add(t->cap, sizeof *t->ids, 0), "a document's tokens");
  t->mask = host_realloc(t->mask, t->cap, "a document's flags");
}

static void put(tokens *t, uint16_t id, uint8_t flags) {
  reserve(t, 1);
  t->ids[t->count] = id;
  t->mask[t->count++] = flags;
}

/* No piece holds a newline, so a text may be encoded in parts that end with one: the same ids in
 * bounded memory. */
static int put_text(const spm *s, const char *text, size_t n, uint8_t flags, tokens *t,
                    host_error *e) {
  while (n) {
    size_t k = n;
    if (n > PART) {
      const char *newline = memchr(text + PART, '\n', n - PART);
      if (newline) k = (size_t)(newline - text) + 1;
    }
    const long count = spm_encode(s, text, k, &t->part, &t->part_cap, e);
    if (count < 0) return -1;
    reserve(t, (size_t)count);
    memcpy(t->ids + t->count, t->part, (size_t)count * sizeof *t->ids);
    memset(t->mask + t->count, flags, (size_t)count);
    t->count += (size_t)count;
    text += k;
    n -= k;
  }
  return 0;
}

static int put_reply(const spm *s, const char *text, size_t n, int skip, tokens *t, host_error *e) {
  const uint8_t flags = SHARD_CHAT | SHARD_REPLY;
  const size_t begin = t->count;
  uint32_t words;
  size_t cut = ulm_opener_cut(text, n, MIN_WORDS, MAX_WORDS, NULL, &words);
  if (words < MIN_WORDS || skip) cut = 0;
  if (put_text(s, text, cut, flags | SHARD_OPENER, t, e)) return -1;
  if (cut) t->mask[t->count - 1] |= SHARD_CUT;
  if (put_text(s, text + cut, n - cut, flags, t, e)) return -1;
  put(t, ULM_EOS, flags);
  t->mask[begin] |= SHARD_BEGIN;
  return 0;
}

int encode_chat(const spm *s, const ulm_message *turns, size_t count, const uint8_t *skip,
                tokens *t, host_error *e) {
  t->count = 0;
  for (size_t i = 0; i < count; i++) {
    const ulm_message *m = &turns[i];
    put(t, ULM_BOS, SHARD_CHAT);
    if (put_text(s, m->role, strlen(m->role), SHARD_CHAT, t, e) ||
        put_text(s, "\n", 1, SHARD_CHAT, t, e))
      return -1;
    if (!strcmp(m->role, "assistant")) {
      if (put_reply(s, m->text, m->size, skip && skip[i], t, e)) return -1;
    } else {
      if (put_text(s, m->text, m->size, SHARD_CHAT, t, e)) return -1;
      put(t, ULM_EOS, SHARD_CHAT);
    }
    if (put_text(s, "\n", 1, SHARD_CHAT, t, e)) return -1;
  }
  put(t, ULM_PAD, SHARD_CHAT);
  return 0;
}

int encode_text(const spm *s, const char *text, size_t n, tokens *t, host_error *e) {
  t->count = 0;
  if (put_text(s, text, n, 0, t, e)) return -1;
  put(t, ULM_PAD, 0);
  return 0;
}
