/* What a simulated server sends and when: an HTTP answer as a script of timed pieces. Played in
 * virtual time, or over a loopback socket by bench/loopback.h. */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include "../host.h"

typedef enum {
  WIRE_CLEAN, /* the body ends as HTTP says */
  WIRE_CUT,   /* the connection is closed in mid-body */
  WIRE_RESET, /* likewise, with a TCP reset */
  WIRE_HANG,  /* nothing more comes, the connection stays */
} wire_end;

typedef struct {
  double ms; /* since the request */
  size_t from, size;
} wire_piece;

typedef struct {
  int status;
  char headers[512]; /* lines beyond Content-Type, each with its CRLF */
  const char *type;  /* Content-Type */
  char *bytes;
  size_t size, cap;
  wire_piece *pieces;
  size_t count, room;
  double end_ms; /* when `end` happens */
  wire_end end;
} wire;

void wire_begin(wire *w, int status, const char *type); /* empties it, keeping its memory */
void wire_add(wire *w, double ms, const void *bytes, size_t n);
void wire_free(wire *w);

#endif
