/* The WebAssembly target of `make portability`; portable_wasm.js gives it blobs and prints. */
#include "portable.h"
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name)))
__attribute__((import_module("env"), import_name("put"))) void put_line(const char *line, size_t n);

static _Alignas(64) uint8_t arena[PORTABLE_ARENA], blob[1 << 20];
static char name[64];

static void put(const char *line) {
  size_t n = 0;
  while (line[n]) n++;
  put_line(line, n);
}

EXPORT(blob) uint8_t *blob_at(void) { return blob; }
EXPORT(blob_max) size_t blob_max(void) { return sizeof blob; }
EXPORT(name) char *name_at(void) { return name; }
EXPORT(run) int run(size_t size) {
  const portable_target t = {put, arena, sizeof arena, {0}};
  return portable(name, blob, size, &t);
}
