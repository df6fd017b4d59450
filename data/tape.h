/* A JSON text (RFC 8259) as a flat list of values, in place: strings are unescaped where they
 * stand, nothing is allocated for a value, and the list has a limit, so a hostile record costs at
 * most 16 MB. Private to data/. */
#ifndef TAPE_H
#define TAPE_H

#include "host.h"

enum { TAPE_VALUES_MAX = 1 << 20, TAPE_DEPTH_MAX = 2048 };

typedef enum {
  TAPE_NULL,
  TAPE_FALSE,
  TAPE_TRUE,
  TAPE_NUMBER,
  TAPE_STRING,
  TAPE_ARRAY,
  TAPE_OBJECT
} tape_type;

typedef struct {
  tape_type type;
  uint32_t next; /* the value that follows this one and all it holds */
  uint32_t at;   /* string, number: first byte in text */
  uint32_t size; /* string, number: bytes; array: elements; object: members, each a key (a string)
                    and its value */
} tape_value;

typedef struct {
  tape_value *value; /* [count]; value[0] is the whole */
  size_t count, room;
  char *text;
  uint64_t lone;   /* escapes of half a surrogate pair, each now U+FFFD */
  const char *why; /* of an error, and where: bytes, and newlines before them */
  size_t at, lines;
} tape;

/* Parses text[n], valid UTF-8 of at most 2^31 bytes, and keeps pointers into it; every string is
 * followed by a NUL. 0, or -1 with why, at and lines. */
int tape_parse(tape *t, char *text, size_t n);
void tape_free(tape *t);

/* The value of a member (the last of that name), or NULL; also where v is NULL or no object. */
const tape_value *tape_member(const tape *t, const tape_value *v, const char *key);
static inline const tape_value *tape_first(const tape_value *v) { return v + 1; }
static inline const tape_value *tape_next(const tape *t, const tape_value *v) {
  return t->value + v->next;
}
static inline bool tape_is(const tape_value *v, tape_type type) { return v && v->type == type; }
/* A string's bytes, ended by NUL; NULL if v is not one. */
static inline const char *tape_string(const tape *t, const tape_value *v) {
  return tape_is(v, TAPE_STRING) ? t->text + v->at : NULL;
}

#endif
