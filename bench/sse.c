#include "sse.h"
#include <string.h>

enum { FIELD, DATA, NAME, SKIP }; /* where in a line */

void sse_begin(sse *s) {
  s->size = s->name_size = s->field_size = s->lines = 0;
  s->state = FIELD, s->after_cr = s->after_colon = s->bom = 0;
}

static int dispatch(sse *s, sse_event *event, void *user) {
  int stop = 0;
  if (s->lines) {
    s->data[s->size] = 0;
    s->name[s->name_size < SSE_NAME_MAX ? s->name_size : 0] = 0;
    stop = event(user, s->name, s->data, s->size);
  }
  s->size = s->lines = s->name_size = 0;
  return stop;
}

static int is_field(const sse *s, const char *name) {
  return s->field_size == strlen(name) && !memcmp(s->field, name, s->field_size);
}

/* The field's name is complete; its value (which may be empty) follows. */
static int begin_value(sse *s) {
  if (is_field(s, "data")) {
    if (s->lines++ && s->size + 1 >= SSE_DATA_MAX) return -1;
    if (s->lines > 1) s->data[s->size++] = '\n';
    s->state = DATA;
  } else if (is_field(s, "event")) {
    s->name_size = 0;
    s->state = NAME;
  } else {
    s->state = SKIP; /* id, retry, comments (no name) and whatever else */
  }
  return 0;
}

static int end_of_line(sse *s, sse_event *event, void *user) {
  const int blank = s->state == FIELD && !s->field_size;
  if (s->state == FIELD && !blank && begin_value(s)) return -1; /* a name without a colon */
  s->state = FIELD, s->field_size = 0, s->after_colon = 0;
  return blank ? dispatch(s, event, user) : 0;
}

static int in_value(sse *s, char c) {
  if (s->state == DATA) {
    if (s->size + 1 >= SSE_DATA_MAX) return -1;
    s->data[s->size++] = c;
  } else if (s->state == NAME && s->name_size < SSE_NAME_MAX) {
    s->name[s->name_size++] = c;
    if (s->name_size == SSE_NAME_MAX) s->name[0] = 0;
  }
  return 0;
}

static int one(sse *s, char c, sse_event *event, void *user) {
  static const char mark[] = "\xef\xbb\xbf"; /* a byte order mark may come first */
  if (s->bom < 3) {
    if (c == mark[s->bom]) return s->bom++, 0;
    const int seen = s->bom;
    s->bom = 3;
    for (int i = 0; i < seen; i++)
      if (one(s, mark[i], event, user)) return -1;
  }
  const int after_cr = s->after_cr;
  s->after_cr = c == '\r';
  if (c == '\n' && after_cr) return 0;
  if (c == '\r' || c == '\n') return end_of_line(s, event, user);
  if (s->state == FIELD) {
    if (c == ':') {
      s->after_colon = 1;
      return begin_value(s);
    }
    if (s->field_size < SSE_NAME_MAX) s->field[s->field_size++] = c;
    return 0;
  }
  const int first = s->after_colon;
  s->after_colon = 0;
  return first && c == ' ' ? 0 : in_value(s, c); /* one space belongs to the colon */
}

int sse_feed(sse *s, const char *bytes, size_t n, sse_event *event, void *user) {
  for (size_t i = 0; i < n; i++) {
    const int stop = one(s, bytes[i], event, user);
    if (stop) return stop;
  }
  return 0;
}

int sse_end(sse *s, sse_event *event, void *user) {
  if ((s->state != FIELD || s->field_size) && end_of_line(s, event, user)) return -1;
  return dispatch(s, event, user);
}
