/* What was left out and why: how many documents, and the first three of each reason. Private to
 * data/. */
#ifndef DROPS_H
#define DROPS_H

#include <jansson.h>
#include "clean.h"

enum { DROPS_EXAMPLES = 3, DROPS_TEXT = 80 };

typedef struct {
  const char *why; /* a constant string */
  uint64_t documents;
  int count;
  struct {
    const char *file; /* borrowed: its path */
    uint64_t line;
    char text[DROPS_TEXT + 4];
  } example[DROPS_EXAMPLES];
} drop;

typedef struct {
  drop *item;
  size_t count;
} drops;

void drops_add(drops *d, const char *why, const char *file, uint64_t line, const char *text,
               size_t n);
void drops_merge(drops *into, const drops *from); /* those of `from` come after those it has */
uint64_t drops_count(const drops *d);
/* {why: {"documents", "examples": [{"file", "line", "text"}]}}, by name; files without their
 * folders, texts clean and shortened. */
json_t *drops_json(const drops *d);
void drops_clear(drops *d);

#endif
