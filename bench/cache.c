#include "cache.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits. */
static uint64_t hash(uint64_t h, const void *bytes, size_t n) {
  const uint8_t *p = bytes;
  for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * 0x100000001b3u;
  return h;
}

static uint64_t hash_line(uint64_t h, const char *s) { return hash(h, s, strlen(s) + 1); }

/* Of a model and what it is asked. */
static uint64_t key_of(const session *s, const prompts *p, const char *settings) {
  uint64_t h = hash(0xcbf29ce484222325u, s->map.bytes, s->map.size);
  h = hash(h, settings, strlen(settings));
  for (size_t i = 0; i < p->count; i++)
    for (size_t k = 0; k < p->items[i].count; k++) {
      const ulm_message *t = &p->items[i].turns[k];
      h = hash_line(h, t->role);
      h = hash(h, t->text, t->size);
      h = hash(h, "", 1);
    }
  return h;
}

static int path_of(char *path, size_t size, char key[20], const char *report, const char *what,
                   uint64_t h, host_error *e) {
  char name[48];
  snprintf(key, 20, "%016llx", (unsigned long long)h);
  snprintf(name, sizeof name, "%s-%s.jsonl", what, key);
  return host_path(path, size, report, name, e);
}

static int read_kept(const char *path, const char *key, spoken *out, size_t count) {
  FILE *f = fopen(path, "r");
  char *line = NULL;
  size_t cap = 0, n = 0;
  int ok = f != NULL;
  for (ssize_t k; ok && (k = getline(&line, &cap, f)) > 0; n++) {
    json_t *j = json_loadb(line, (size_t)k, 0, NULL);
    if (!n) {
      const char *own = json_string_value(json_object_get(j, "key"));
      ok = own && !strcmp(own, key);
    } else {
      const char *text = json_string_value(json_object_get(j, "opener"));
      ok = text && strlen(text) < ULM_OPENER_BYTES && n <= count;
      if (ok) {
        spoken *s = &out[n - 1];
        memset(s, 0, sizeof *s);
        strcpy(s->o.text, text);
        s->o.size = (uint32_t)strlen(text), s->o.words = ulm_word_count(text, s->o.size);
        s->o.confidence = (float)json_number_value(json_object_get(j, "confidence"));
        s->first_word_ms = json_number_value(json_object_get(j, "first_word_ms"));
        s->total_ms = json_number_value(json_object_get(j, "total_ms"));
      }
    }
    json_decref(j);
  }
  free(line);
  if (f) fclose(f);
  return ok && n == count + 1;
}

int speak_all_cached(session *s, const prompts *p, const speaking *how, spoken *out,
                     const char *report, host_error *e) {
  char path[4096], key[20], settings[128];
  host_out o;
  snprintf(settings, sizeof settings, "3 %.9g %.9g %llu %d %d", how->temperature, how->top_p,
           (unsigned long long)how->seed, how->unforced, how->repeats);
  if (path_of(path, sizeof path, key, report, "openers", key_of(s, p, settings), e)) return -1;
  if (read_kept(path, key, out, p->count)) return 0;
  if (speak_all(s, p, how, out, "openers", e) || host_mkdir(report, e) ||
      host_out_open(&o, path, e))
    return -1;
  host_out_printf(&o, "{\"key\": \"%s\"}\n", key);
  for (size_t i = 0; i < p->count; i++) {
    host_out_printf(&o, "{\"opener\": ");
    host_json_string(o.f, out[i].o.text, out[i].o.size);
    host_out_printf(&o, ", \"confidence\": %.6g, \"first_word_ms\": %.6g, \"total_ms\": %.6g}\n",
                    (double)out[i].o.confidence, out[i].first_word_ms, out[i].total_ms);
  }
  return host_out_commit(&o, e);
}

/* ---- seams ---- */

static int read_seams(const char *path, const char *key, surprise *out, size_t n) {
  FILE *f = fopen(path, "r");
  char *line = NULL;
  size_t cap = 0, rows = 0;
  int ok = f != NULL;
  memset(out, 0, n * sizeof *out);
  for (ssize_t k; ok && (k = getline(&line, &cap, f)) > 0; rows++) {
    json_t *j = json_loadb(line, (size_t)k, 0, NULL);
    json_int_t i;
    surprise s = {.read = 1};
    if (!rows) {
      const char *own = json_string_value(json_object_get(j, "key"));
      ok = own && !strcmp(own, key);
    } else if ((ok = !json_unpack(j, "[IFFF]", &i, &s.spoken, &s.unbroken, &s.unspliced) &&
                     i >= 0 && (size_t)i < n)) {
      out[i] = s;
    }
    json_decref(j);
  }
  free(line);
  if (f) fclose(f);
  return ok && rows > 1;
}

int surprise_all_cached(session *reader, const prompts *p, const trial *t, size_t n, size_t each,
                        surprise *out, const char *report, host_error *e) {
  char path[4096], key[20], settings[32];
  host_out o;
  snprintf(settings, sizeof settings, "1 %zu", each);
  uint64_t h = key_of(reader, p, settings);
  for (size_t i = 0; i < n; i++) {
    h = hash(h, &t[i].prompt, sizeof t[i].prompt);
    h = hash_line(hash_line(h, t[i].opener), t[i].got.spoken);
    h = hash_line(hash_line(h, t[i].clean), t[i].raw);
  }
  if (path_of(path, sizeof path, key, report, "seams", h, e)) return -1;
  if (read_seams(path, key, out, n)) return 0;
  if (surprise_all(reader, p, t, n, each, out, e) || host_mkdir(report, e) ||
      host_out_open(&o, path, e))
    return -1;
  host_out_printf(&o, "{\"key\": \"%s\"}\n", key);
  for (size_t i = 0; i < n; i++)
    if (out[i].read)
      host_out_printf(&o, "[%zu, %.17g, %.17g, %.17g]\n", i, out[i].spoken, out[i].unbroken,
                      out[i].unspliced);
  return host_out_commit(&o, e);
}
