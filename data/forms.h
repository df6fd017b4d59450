/* From a record's bytes to a document. The forms of a JSON record are told by its keys (docs.h).
 * Private to data/. */
#ifndef FORMS_H
#define FORMS_H

#include "docs.h"
#include "records.h"
#include "tape.h"

typedef struct {
  tape tape;
  char **made; /* strings put together from several */
  size_t made_count, made_room;
  ulm_message *turns;
  uint8_t *skip; /* [size] as turns */
  size_t count, size;
} form;

/* Reads a record of the file `name` in place; *out points into it and into f until the next call.
 * text: running text, no JSON. 0, or -1 with *e, which names file, line and byte. */
int form_read(form *f, const char *name, const record *r, bool text, doc *out, host_error *e);
void form_free(form *f);

#endif
