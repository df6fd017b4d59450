#include "wire.h"
#include <stdlib.h>
#include <string.h>

void wire_begin(wire *w, int status, const char *type) {
  w->status = status, w->type = type, w->headers[0] = 0;
  w->size = w->count = 0, w->end_ms = 0, w->end = WIRE_CLEAN;
}

void wire_add(wire *w, double ms, const void *bytes, size_t n) {
  if (n > w->cap - w->size)
    w->bytes = host_realloc(w->bytes, w->cap = 2 * (w->cap + n), "a simulated answer");
  if (w->count == w->room)
    w->pieces = host_realloc(w->pieces, (w->room = 2 * w->room + 64) * sizeof *w->pieces, "pieces");
  if (n) memcpy(w->bytes + w->size, bytes, n);
  w->pieces[w->count++] = (wire_piece){ms, w->size, n};
  w->size += n;
  w->end_ms = ms;
}

void wire_free(wire *w) {
  free(w->bytes), free(w->pieces);
  *w = (wire){0};
}
