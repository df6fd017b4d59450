/* Bytes of a file or of memory, unpacked if they are gzip (RFC 1952, told by the first two bytes).
 * A truncated or damaged stream, and anything after the last member, is an error. */
#ifndef SOURCE_H
#define SOURCE_H

#include <zlib.h>
#include "host.h"

typedef struct {
  const char *name; /* borrowed, for errors */
  FILE *file;       /* NULL: memory */
  const uint8_t *next;
  size_t left;       /* bytes at next not yet used */
  uint64_t taken;    /* bytes of the file asked for so far */
  bool gzip, inside; /* inside: within a gzip member */
  z_stream z;
  uint8_t block[1 << 16];
} source;

int source_open(source *s, const char *path, host_error *e);
int source_open_memory(source *s, const void *bytes, size_t size, const char *name, host_error *e);
/* Up to n >= 1 bytes into out; *got 0 at the end. 0, or -1 with *e. */
int source_read(source *s, uint8_t *out, size_t n, size_t *got, host_error *e);
void source_close(source *s);

#endif
