#include "shard.h"

#include <stdlib.h>
#include <string.h>

#include "../runtime/ulm_words.h"
#include "spm.h"

size_t opener_cut(const char *text, size_t n) { return ulm_opener_cut(text, n, 4, 8, NULL, NULL); }

static int fail(host_error *e, const char *name, uint64_t at, const char *why) {
  return host_fail(e, "%s: byte %llu: %s; encode it again with `ulm tokenizer encode`", name,
                   (unsigned long long)at, why);
}

/* Flags that can stand together. */
static int flags_agree(uint8_t m) {
  if (m & ~SHARD_FLAGS) return 0;
  if ((m & SHARD_CUT) && !(m & SHARD_OPENER)) return 0;
  if ((m & (SHARD_BEGIN | SHARD_OPENER)) && !(m & SHARD_REPLY)) return 0;
  return !(m & SHARD_REPLY) || (m & SHARD_CHAT);
}

static int check_sections(shard *s, const ulm_section *toks, const ulm_section *mask,
                          const ulm_section *docs, const char *name, host_error *e) {
  if (toks->size % 2 || toks->size < 2 || toks->size / 2 > SHARD_TOKENS_MAX)
    return fail(e, name, toks->offset, "the number of tokens is out of range");
  s->tokens = toks->size / 2;
  if (mask->size != s->tokens) return fail(e, name, mask->offset, "there is not one flag a token");
  if (docs->size % 8 || docs->size < 8 || docs->size / 8 > s->tokens)
    return fail(e, name, docs->offset, "the number of documents is out of range");
  s->docs = docs->size / 8;
  s->ids = toks->data;
  s->mask = mask->data;
  s->starts = docs->data;
  if (shard_start(s, 0))
    return fail(e, name, docs->offset, "the first document does not start at token 0");
  for (uint64_t d = 1; d < s->docs; d++)
    if (shard_start(s, d) <= shard_start(s, d - 1) || shard_start(s, d) >= s->tokens)
      return fail(e, name, docs->offset + 8 * d, "document starts are not in order");
  for (uint64_t t = 0; t < s->tokens; t++)
    if (shard_id(s, t) >= s->vocab)
      return fail(e, name, toks->offset + 2 * t, "a token id is beyond the vocabulary");
  for (uint64_t d = 0; d < s->docs; d++) {
    const uint64_t from = shard_start(s, d), end = shard_start(s, d + 1);
    if (shard_id(s, end - 1) != ULM_PAD)
      return fail(e, name, toks->offset + 2 * (end - 1),
                  "a document does not end with <|endoftext|>");
    for (uint64_t t = from; t < end; t++)
      if (!flags_agree(s->mask[t]) || (s->mask[t] ^ s->mask[from]) & SHARD_CHAT)
        return fail(e, name, mask->offset + t, "a token's flags contradict each other");
  }
  return 0;
}

int shard_parse(shard *s, const uint8_t *bytes, size_t n, const char *name, host_error *e) {
  ulm_error err;
  ulm_section toks, mask, docs;
  host_error why;
  *s = (shard){0};
  if (ulm_file_open(&s->file, bytes, n, ULM_KIND_SHARD, &err) || ulm_file_verify(&s->file, &err) ||
      ulm_file_need(&s->file, ULM_SEC_META, &s->meta, &err) ||
      ulm_file_need(&s->file, ULM_SEC_SPM, &s->spm, &err) ||
      ulm_file_need(&s->file, ULM_SEC_TOKENS, &toks, &err) ||
      ulm_file_need(&s->file, ULM_SEC_MASK, &mask, &err) ||
      ulm_file_need(&s->file, ULM_SEC_DOCS, &docs, &err))
    return host_fail_ulm(e, name, &err);
  if (spm_check(s->spm.data, (size_t)s->spm.size, &s->vocab, &why))
    return host_fail(e, "%s: section SPM at byte %llu: %s", name, (unsigned long long)s->spm.offset,
                     why.text);
  return check_sections(s, &toks, &mask, &docs, name, e);
}

int shard_open(shard *s, const char *path, host_error *e) {
  host_map map;
  if (host_map_open(&map, path, e)) return -1;
  if (shard_parse(s, map.bytes, map.size, path, e)) {
    host_map_close(&map);
    return -1;
  }
  s->map = map;
  return 0;
}

void shard_close(shard *s) {
  host_map_close(&s->map);
  *s = (shard){0};
}

shard *shard_open_split(const char *dir, const char *split, size_t *count, host_error *e) {
  size_t n = 0, k = strlen(split);
  *count = 0;
  char **names = host_list(dir, ".shard", &n, e);
  if (!names) return NULL;
  shard *s = host_alloc((n + 1) * sizeof *s, "shards");
  int bad = 0;
  for (size_t i = 0; i < n && !bad; i++) {
    if (strncmp(names[i], split, k) || names[i][k] != '-') continue;
    char path[4096], want[64];
    snprintf(want, sizeof want, "%.32s-%05zu.shard", split, *count);
    bad = host_path(path, sizeof path, dir, names[i], e);
    if (!bad && strcmp(names[i], want))
      bad = host_fail(e, "%s: %s is expected before it; encode the folder again", path, want);
    if (!bad) bad = shard_open(&s[*count], path, e);
    if (bad) break;
    const shard *a = &s[0], *b = &s[(*count)++];
    if (a->spm.size != b->spm.size || memcmp(a->spm.data, b->spm.data, (size_t)a->spm.size))
      bad = host_fail(
          e, "%s: its tokenizer differs from that of the shards before it; encode the folder again",
          path);
  }
  for (size_t i = 0; i < n; i++) free(names[i]);
  free(names);
  if (!bad) return s;
  shard_close_all(s, *count);
  *count = 0;
  return NULL;
}

void shard_close_all(shard *s, size_t count) {
  for (size_t i = 0; s && i < count; i++) shard_close(&s[i]);
  free(s);
}
