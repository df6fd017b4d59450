#include "docs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "forms.h"
#include "seal.h"

struct docs {
  records *in;
  bool skip; /* the last error was of one record */
  form form;
};

static docs *opened(records *in) {
  if (!in) return NULL;
  docs *d = host_alloc(sizeof *d, "a reader");
  d->in = in;
  return d;
}

docs *docs_open(const char *path, host_error *e) { return opened(records_open(path, false, e)); }
docs *docs_open_text(const char *path, host_error *e) {
  return opened(records_open(path, true, e));
}
docs *docs_open_memory(const void *bytes, size_t size, const char *name, bool text, host_error *e) {
  return opened(records_open_memory(bytes, size, name, text, e));
}

/* "SPLIT.jsonl.gz" */
static int name_split(char *name, size_t size, const char *split, host_error *e) {
  return (size_t)snprintf(name, size, "%s.jsonl.gz", split) < size
             ? 0
             : host_fail(e, "%.40s: no split has such a name", split);
}

bool docs_has_split(const char *dir, const char *split) {
  char name[64], path[4096];
  return !name_split(name, sizeof name, split, NULL) &&
         !host_path(path, sizeof path, dir, name, NULL) &&
         (!access(path, F_OK) || seal_promises(dir, name));
}

docs *docs_open_split(const char *dir, const char *split, host_error *e) {
  char name[64], path[4096];
  if (name_split(name, sizeof name, split, e)) return NULL;
  if (host_path(path, sizeof path, dir, name, e) || seal_check(dir, name, e)) return NULL;
  docs *d = docs_open(path, e);
  if (d) records_allow_empty(d->in);
  return d;
}

void docs_close(docs *d) {
  if (!d) return;
  records_close(d->in);
  form_free(&d->form);
  free(d);
}

bool docs_can_skip(const docs *d) { return d->skip; }
uint64_t docs_read(const docs *d) { return records_read(d->in); }

int docs_next(docs *d, doc *out, host_error *e) {
  record r;
  d->skip = false;
  const int got = records_next(d->in, &r, e);
  if (got <= 0) return got;
  d->skip = true;
  if (form_read(&d->form, records_name(d->in), &r, records_paragraphs(d->in), out, e)) return -1;
  d->skip = false;
  return 1;
}
