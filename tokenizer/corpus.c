#include "corpus.h"

int corpus_open(corpus *c, char *const *dirs, int count, const char *split, host_error *e) {
  *c = (corpus){.dirs = dirs, .count = count, .split = split};
  for (int i = 0; i < count; i++)
    if (!docs_has_split(dirs[i], "train") && !docs_has_split(dirs[i], "val") &&
        !docs_has_split(dirs[i], "test"))
      return host_fail(e, "%s: no folder with train.jsonl.gz; make one with `ulm data`", dirs[i]);
  return 0;
}

int corpus_next(corpus *c, doc *d, host_error *e) {
  for (; c->at < c->count; c->at++) {
    if (!c->in) {
      if (!docs_has_split(c->dirs[c->at], c->split)) continue;
      if (!(c->in = docs_open_split(c->dirs[c->at], c->split, e))) return -1;
    }
    const int got = docs_next(c->in, d, e);
    if (got) return got;
    docs_close(c->in);
    c->in = NULL;
  }
  return 0;
}

void corpus_close(corpus *c) {
  docs_close(c->in);
  c->in = NULL;
}
