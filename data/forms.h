/* The forms of a JSON record, told by its keys. Private to data/. */
#ifndef FORMS_H
#define FORMS_H

#include <jansson.h>
#include "docs.h"

typedef struct {
  json_t *root, *made; /* made: strings put together from several */
  ulm_message *turns;
  size_t count, size;
} form;

/* Takes `root` over and points *out into it. -1 with `why` if it has none of the forms. */
int form_read(form *f, json_t *root, doc *out, char *why, size_t size);
void form_clear(form *f); /* gives back the record; turns stay allocated for the next */

#endif
