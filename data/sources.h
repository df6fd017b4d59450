/* Where documents come from and under which licence. Private to data/.
 *
 * A sources file is a JSON object: {ID: {"licence": TEXT, "origin": TEXT}, ...}, either of them may
 * be absent. ID is the "source" that a record says or, for records that say none, the file's name
 * up to its first dot; one that ends in '*' stands for all that begin so (the longest such counts).
 */
#ifndef SOURCES_H
#define SOURCES_H

#include <jansson.h>
#include "docs.h"

enum { SOURCE_MAX = 200 }; /* bytes of an id or a licence */

typedef struct sources {
  json_t *said;        /* the sources file, or NULL */
  const char *source;  /* of records that say none; NULL: their file's name */
  const char *licence; /* of documents for which nothing else says one; may be NULL */
} sources;

/* path may be NULL. Source and licence must be UTF-8 of 1..SOURCE_MAX bytes. */
int sources_open(sources *s, const char *path, const char *source, const char *licence,
                 host_error *e);
/* Sets d->source and d->licence: the record's own, or what is known. `name`: of its file. Borrowed
 * from s, name and d. */
void sources_of(const sources *s, const char *name, doc *d);
const char *sources_origin(const sources *s, const char *id); /* NULL: nothing says */
void sources_close(sources *s);
/* "dir/dolly.jsonl.gz" -> "dolly"; out[SOURCE_MAX + 1], clean. */
void sources_name(char *out, const char *path);

#endif
