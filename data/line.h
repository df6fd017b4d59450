/* Documents as lines of JSON, and lines as members of a gzip file. Private to data/. */
#ifndef LINE_H
#define LINE_H

#include "bytes.h"
#include "docs.h"

/* Appends source, messages or text, slot, held and licence, those that are set, and "\n". */
void line_put(bytes *b, const doc *d);
/* Appends `text` as a gzip member: without name, time and system, so the same text makes the same
 * bytes. Members one after another are a gzip file (RFC 1952). */
void gzip_put(bytes *b, const void *text, size_t n);
uint64_t count_words(const char *s, size_t n); /* as white space parts them */

#endif
