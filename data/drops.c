#include "drops.h"

#include <stdlib.h>
#include <string.h>

static drop *of(drops *d, const char *why) {
  for (size_t i = 0; i < d->count; i++)
    if (!strcmp(d->item[i].why, why)) return &d->item[i];
  d->item = host_realloc(d->item, (d->count + 1) * sizeof *d->item, "reasons");
  d->item[d->count] = (drop){.why = why};
  return &d->item[d->count++];
}

void drops_add(drops *d, const char *why, const char *file, uint64_t line, const char *text,
               size_t n) {
  drop *r = of(d, why);
  r->documents++;
  if (r->count == DROPS_EXAMPLES) return;
  cleaner c = {0};
  clean(&c, text, n < 4 * DROPS_TEXT ? n : 4 * DROPS_TEXT);
  size_t k = c.size;
  if (k > DROPS_TEXT)
    for (k = DROPS_TEXT; k && ((uint8_t)c.text[k] & 0xc0) == 0x80;) k--;
  r->example[r->count].file = file;
  r->example[r->count].line = line;
  memcpy(r->example[r->count].text, c.text, k);
  r->example[r->count++].text[k] = 0;
  clean_free(&c);
}

void drops_merge(drops *into, const drops *from) {
  for (size_t i = 0; i < from->count; i++) {
    const drop *f = &from->item[i];
    drop *r = of(into, f->why);
    r->documents += f->documents;
    for (int k = 0; k < f->count && r->count < DROPS_EXAMPLES; k++)
      r->example[r->count++] = f->example[k];
  }
}

uint64_t drops_count(const drops *d) {
  uint64_t n = 0;
  for (size_t i = 0; i < d->count; i++) n += d->item[i].documents;
  return n;
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const drop *)a)->why, ((const drop *)b)->why);
}

json_t *drops_json(const drops *d) {
  json_t *all = json_object();
  cleaner c = {0};
  if (d->count) qsort(d->item, d->count, sizeof *d->item, by_name);
  for (size_t i = 0; i < d->count; i++) {
    const drop *r = &d->item[i];
    json_t *examples = json_array();
    for (int k = 0; k < r->count; k++) {
      const char *slash = strrchr(r->example[k].file, '/'),
                 *name = slash ? slash + 1 : r->example[k].file;
      clean(&c, name, strlen(name));
      json_array_append_new(examples,
                            json_pack("{s:s,s:I,s:s}", "file", c.text, "line",
                                      (json_int_t)r->example[k].line, "text", r->example[k].text));
    }
    json_object_set_new(
        all, r->why,
        json_pack("{s:I,s:o}", "documents", (json_int_t)r->documents, "examples", examples));
  }
  clean_free(&c);
  return all;
}

void drops_clear(drops *d) {
  free(d->item);
  *d = (drops){0};
}
