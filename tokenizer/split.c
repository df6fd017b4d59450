/* Shards in files, and those of one split of a folder, none of them missing. */
#include "shard.h"

#include <stdlib.h>
#include <string.h>

#include "../runtime/ulm_words.h"

size_t opener_cut(const char *text, size_t n) { return ulm_opener_cut(text, n, 4, 8, NULL, NULL); }

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

/* Fails if shards.json is there and counts other shards in the split than these. */
static int check_index(const char *dir, const char *split, size_t count, host_error *e) {
  char path[4096];
  if (host_path(path, sizeof path, dir, "shards.json", e)) return -1;
  json_t *index = json_load_file(path, 0, NULL);
  const json_t *n =
      json_object_get(json_object_get(json_object_get(index, "splits"), split), "shards");
  const json_int_t want = json_is_integer(n) ? json_integer_value(n) : (json_int_t)count;
  json_decref(index);
  if (want == (json_int_t)count) return 0;
  return host_fail(e, "%s: counts %lld %s shards, but %zu are there; encode the folder again", path,
                   (long long)want, split, count);
}

/* Fails if shard number i cannot follow those before it. */
static int check_place(const shard *s, size_t i, const char *path, host_error *e) {
  const ulm_section *a = &s[0].spm, *b = &s[i].spm;
  if (a->size != b->size || memcmp(a->data, b->data, (size_t)a->size))
    return host_fail(
        e, "%s: its tokenizer differs from that of the shards before it; encode the folder again",
        path);
  if (s[i].number >= 0 && s[i].number != (int)i)
    return host_fail(e, "%s: was written as number %d; encode the folder again", path, s[i].number);
  if (i && s[i - 1].last == 1)
    return host_fail(e, "%s: comes after the last of its split; encode the folder again", path);
  return 0;
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
    if (!bad) bad = check_place(s, (*count)++, path, e);
  }
  for (size_t i = 0; i < n; i++) free(names[i]);
  free(names);
  if (!bad && *count && s[*count - 1].last == 0)
    bad =
        host_fail(e, "%s: %s-%05zu.shard is missing: the %s split goes on; encode the folder again",
                  dir, split, *count, split);
  if (!bad) bad = check_index(dir, split, *count, e);
  if (!bad) return s;
  shard_close_all(s, *count);
  *count = 0;
  return NULL;
}

void shard_close_all(shard *s, size_t count) {
  for (size_t i = 0; s && i < count; i++) shard_close(&s[i]);
  free(s);
}
