/* Text in UTF-8 that was decoded as Windows-1252 or Latin-1 and encoded again: "Ã©" for "é", "â€™"
 * for an apostrophe. Private to data/. */
#ifndef MOJIBAKE_H
#define MOJIBAKE_H

#include "host.h"

/* May text[n] hold any? Cheap. */
bool mojibake_likely(const char *text, size_t n);
/* Copies text[n] to out[n], repaired, also where repairing leaves what must be repaired again;
 * returns the size and adds the characters repaired to *count. Only what decodes to a Latin-1
 * character, punctuation or a symbol (U+2000-2BFF), U+FEFF, U+FFFD or a pictograph (U+1F000-1FFFF)
 * is taken for mojibake: other pairs of such characters stand in proper text, as in a quoted "Ä".
 */
size_t mojibake_repair(const char *text, size_t n, char *out, uint64_t *count);

#endif
