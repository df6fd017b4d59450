#include "sources.h"

#include <string.h>
#include "clean.h"

static bool fits(const char *s) {
  const size_t n = strlen(s);
  if (!n || n > SOURCE_MAX) return false;
  for (size_t i = 0, k; i < n; i += k)
    if (!(k = (uint8_t)s[i] < 0x80 ? (uint8_t)s[i] >= 0x20 && s[i] != 0x7f
                                   : ulm_utf8_len((const uint8_t *)s + i, n - i)))
      return false;
  return true;
}

static int check(const char *path, const char *id, const json_t *v, host_error *e) {
  const json_t *licence = json_object_get(v, "licence"), *origin = json_object_get(v, "origin");
  const char *key;
  json_t *any;
  if (!json_is_object(v))
    return host_fail(e, "%s: %.100s: say {\"licence\": ..., \"origin\": ...}", path, id);
  json_object_foreach((json_t *)v, key, any) if (any != licence && any != origin) return host_fail(
      e, "%s: %.100s: \"%.40s\" is not known; say \"licence\" and \"origin\"", path, id, key);
  if ((licence && (!json_is_string(licence) || !fits(json_string_value(licence)))) ||
      (origin && !json_is_string(origin)))
    return host_fail(e, "%s: %.100s: licence and origin must be text, the licence of 1 to %d bytes",
                     path, id, SOURCE_MAX);
  return fits(id) ? 0
                  : host_fail(e, "%s: %.100s: an id must be text of 1 to %d bytes", path, id,
                              SOURCE_MAX);
}

int sources_open(sources *s, const char *path, const char *source, const char *licence,
                 host_error *e) {
  *s = (sources){.source = source, .licence = licence};
  if (source && !fits(source))
    return host_fail(e, "--source must be text of 1 to %d bytes", SOURCE_MAX);
  if (licence && !fits(licence))
    return host_fail(e, "--licence must be text of 1 to %d bytes", SOURCE_MAX);
  if (!path) return 0;
  json_error_t why;
  s->said = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
  if (!s->said) return host_fail(e, "%s: line %d: %.200s", path, why.line, why.text);
  int bad = json_is_object(s->said)
                ? 0
                : host_fail(e, "%s: must be an object {ID: {\"licence\", \"origin\"}}", path);
  const char *id;
  json_t *v;
  json_object_foreach(s->said, id, v) if (!bad) bad = check(path, id, v, e);
  if (bad) sources_close(s);
  return bad;
}

/* What the file says of an id, or NULL. */
static const json_t *entry(const sources *s, const char *id) {
  const json_t *v = json_object_get(s->said, id);
  if (v || !s->said) return v;
  const char *key;
  json_t *any;
  size_t best = 0;
  json_object_foreach(s->said, key, any) {
    const size_t n = strlen(key);
    if (n > best && key[n - 1] == '*' && !strncmp(key, id, n - 1)) best = n, v = any;
  }
  return v;
}

void sources_of(const sources *s, const char *name, doc *d) {
  if (!d->source || !fits(d->source)) d->source = s->source ? s->source : name;
  if (d->licence && fits(d->licence)) return;
  d->licence = NULL;
  const char *const ids[] = {d->source, name};
  for (int i = 0; i < 2 && !d->licence; i++)
    d->licence = json_string_value(json_object_get(entry(s, ids[i]), "licence"));
  if (!d->licence) d->licence = s->licence;
}

const char *sources_origin(const sources *s, const char *id) {
  return s ? json_string_value(json_object_get(entry(s, id), "origin")) : NULL;
}

void sources_close(sources *s) {
  json_decref(s->said);
  *s = (sources){0};
}

void sources_name(char *out, const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  if (!strcmp(path, "-")) name = "stdin";
  const char *dot = strchr(name + (*name == '.'), '.');
  cleaner c = {0};
  clean(&c, name, dot ? (size_t)(dot - name) : strlen(name));
  size_t n = c.size;
  if (n > SOURCE_MAX)
    for (n = SOURCE_MAX; n && ((uint8_t)c.text[n] & 0xc0) == 0x80;) n--;
  memcpy(out, c.text, n);
  out[n] = 0;
  if (!n) strcpy(out, "unnamed");
  clean_free(&c);
}
