/* Server-sent events (WHATWG HTML, 9.2), a byte at a time: what a streaming endpoint's body is made
 * of. Lines may end in CR, LF or CRLF, "data:" may lack its space, comments keep a connection
 * alive. Bounded memory; the events do not depend on how the bytes are cut. */
#ifndef BENCH_SSE_H
#define BENCH_SSE_H

#include <stddef.h>
#include <stdint.h>

enum { SSE_DATA_MAX = 1 << 16, SSE_NAME_MAX = 32 }; /* bytes of one event's data, of a name */

typedef struct {
  char data[SSE_DATA_MAX], name[SSE_NAME_MAX], field[SSE_NAME_MAX];
  size_t size;                           /* of data */
  uint32_t name_size, field_size;        /* SSE_NAME_MAX: too long to be one that is known */
  uint32_t lines;                        /* data lines of this event */
  int state, after_cr, after_colon, bom; /* private */
} sse;

/* One event: its type ("" where none is given) and data, both NUL-terminated. Non-zero stops. */
typedef int sse_event(void *user, const char *name, const char *data, size_t n);

void sse_begin(sse *s);
/* 0; -1: an event's data is longer than SSE_DATA_MAX - 1; else what `event` returned. After a
 * non-zero return the parser must not be fed any more. */
int sse_feed(sse *s, const char *bytes, size_t n, sse_event *event, void *user);
/* The stream ended: an event that lacks only its blank line counts (servers forget it). */
int sse_end(sse *s, sse_event *event, void *user);

#endif
