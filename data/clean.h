/* One spelling for what is written in many ways, so that a small vocabulary is not spent on it. */
#ifndef CLEAN_H
#define CLEAN_H

#include "host.h"

/* Of all calls. */
typedef struct {
  uint64_t invalid; /* bytes dropped because they are not UTF-8 */
  uint64_t
      controls; /* characters dropped: control, zero-width, private-use, noncharacters, U+FFFD */
  uint64_t
      folded; /* characters replaced: quotes, dashes, ellipses, ligatures, wide and narrow forms */
  uint64_t mojibake; /* characters repaired that had been decoded by the wrong table */
} clean_counts;

typedef struct {
  char *text; /* NUL-terminated; NULL before the first use */
  size_t size, room;
  clean_counts counts;
  bool raw;    /* to be set by the caller: leave mojibake */
  uint8_t *in; /* scratch: the text with its substitutes, not yet composed */
  size_t in_room;
  char *whole; /* scratch: the text with its mojibake repaired */
  size_t whole_room;
} cleaner;

/* text[n] cleaned into c->text[c->size], valid until the next call. Cleaning it again changes
 * nothing.
 *   - mojibake repaired, unless c->raw (mojibake.h); bytes that are no UTF-8 dropped
 *   - CR LF and CR to LF; tabs and all Unicode spaces to a space; zero-width, control, private-use
 *     and noncharacters dropped
 *   - curly quotes, dashes and the ellipsis to ASCII; Latin ligatures to letters; wide and narrow
 * forms to what they are forms of
 *   - Unicode normalization form C (UAX 15)
 *   - runs of spaces to one, none beside a line's ends; at most two LF in a row; trimmed */
void clean(cleaner *c, const char *text, size_t n);
void clean_free(cleaner *c);

#endif
