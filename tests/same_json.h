/* Is a tape what jansson makes of the same text? For the tests and the fuzz target of data/tape.h.
 */
#ifndef SAME_JSON_H
#define SAME_JSON_H
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "data/tape.h"

/* A number's text has no end of its own. */
static inline double tape_double(const tape *t, const tape_value *v) {
  char *s = strndup(t->text + v->at, v->size);
  if (!s) abort();
  const double x = strtod(s, NULL);
  free(s);
  return x;
}

static inline bool same_json(const tape *t, const tape_value *v, const json_t *j) {
  switch (v->type) {
  case TAPE_NULL:
    return json_is_null(j);
  case TAPE_TRUE:
    return json_is_true(j);
  case TAPE_FALSE:
    return json_is_false(j);
  case TAPE_NUMBER:
    return json_is_number(j) && tape_double(t, v) == json_number_value(j);
  case TAPE_STRING:
    return json_is_string(j) && json_string_length(j) == v->size &&
           !memcmp(json_string_value(j), t->text + v->at, v->size) && !t->text[v->at + v->size];
  case TAPE_ARRAY: {
    if (!json_is_array(j) || json_array_size(j) != v->size) return false;
    const tape_value *p = tape_first(v);
    for (uint32_t i = 0; i < v->size; i++, p = tape_next(t, p))
      if (!same_json(t, p, json_array_get(j, i))) return false;
    return p == t->value + v->next;
  }
  case TAPE_OBJECT: { /* a name may stand twice: the last counts */
    if (!json_is_object(j) || json_object_size(j) > v->size) return false;
    const tape_value *k = tape_first(v);
    for (uint32_t i = 0; i < v->size; i++) {
      const char *name = tape_string(t, k);
      const json_t *member = name && strlen(name) == k->size ? json_object_get(j, name) : NULL;
      if (!member || !tape_member(t, v, name)) return false;
      if (tape_member(t, v, name) == k + 1 && !same_json(t, k + 1, member)) return false;
      k = tape_next(t, k + 1);
    }
    return k == t->value + v->next;
  }
  }
  return false;
}

/* Where the two may differ: jansson refuses numbers that no double or int64 holds, NUL in a name
 * and halves of surrogate pairs, and stops at other depths and sizes. */
static inline bool may_differ(const char *why) {
  return strstr(why, "overflow") || strstr(why, "too big") || strstr(why, "too small") ||
         strstr(why, "NUL byte") || strstr(why, "invalid Unicode") || strstr(why, "depth");
}

#endif
