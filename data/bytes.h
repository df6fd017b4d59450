/* Bytes that grow. Private to data/. */
#ifndef BYTES_H
#define BYTES_H

#include <stdlib.h>
#include <string.h>
#include "host.h"

typedef struct {
  char *at;
  size_t size, room;
} bytes;

/* Room for n more; returns where they go. */
static inline char *bytes_room(bytes *b, size_t n) {
  if (b->room - b->size < n)
    b->at = host_realloc(b->at, b->room = host_mul_add(b->size + n, 2, 256), "bytes");
  return b->at + b->size;
}

static inline void bytes_put(bytes *b, const void *from, size_t n) {
  memcpy(bytes_room(b, n), from, n);
  b->size += n;
}

static inline void bytes_puts(bytes *b, const char *text) { bytes_put(b, text, strlen(text)); }

static inline void bytes_free(bytes *b) {
  free(b->at);
  *b = (bytes){0};
}

/* Empties it, and gives back what only a rare large one needed. */
static inline void bytes_clear(bytes *b, size_t keep) {
  if (b->room > keep) bytes_free(b);
  b->size = 0;
}

#endif
