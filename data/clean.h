/* One spelling for what is written in many ways, so that a small vocabulary is not spent on it. */
#ifndef CLEAN_H
#define CLEAN_H

#include "host.h"

typedef struct {
  char *text; /* NUL-terminated; NULL before the first use */
  size_t size, room;
  uint64_t invalid; /* bytes dropped because they are not UTF-8, of all calls */
  uint8_t *in;      /* scratch: the text with its substitutes, not yet composed */
  size_t in_room;
} cleaner;

/* text[n] cleaned into c->text[c->size], valid until the next call:
 *   - bytes that are no UTF-8 dropped; then Unicode normalization form C (UAX 15)
 *   - CR LF and CR to LF; tabs and all Unicode spaces to a space; zero-width, control, private-use
 * and noncharacters dropped
 *   - curly quotes, dashes and the ellipsis to ASCII
 *   - runs of spaces to one, none beside a line's ends; at most two LF in a row; trimmed */
void clean(cleaner *c, const char *text, size_t n);
void clean_free(cleaner *c);

#endif
