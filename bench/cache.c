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

static uint64_t key_of(const session *s, const prompts *p, const speaking *how) {
  char settings[128];
  const int n = snprintf(settings, sizeof settings, "2 %.9g %.9g %llu %d", how->temperature,
                         how->top_p, (unsigned long long)how->seed, how->unforced);
  uint64_t h = hash(0xcbf29ce484222325u, s->map.bytes, s->map.size);
  h = hash(h, settings, (size_t)n);
  for (size_t i = 0; i < p->count; i++)
    for (size_t k = 0; k < p->items[i].count; k++) {
      const ulm_message *t = &p->items[i].turns[k];
      h = hash(h, t->role, strlen(t->role) + 1);
      h = hash(h, t->text, t->size);
      h = hash(h, "", 1);
    }
  return h;
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
  char path[4096], key[20], name[48];
  host_out o;
  snprintf(key, sizeof key, "%016llx", (unsigned long long)key_of(s, p, how));
  snprintf(name, sizeof name, "openers-%s.jsonl", key);
  if (host_path(path, sizeof path, report, name, e)) return -1;
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
