/* Fuzzes the readers of chat and text, plain or gzip: whatever they accept is cleaned to valid
 * UTF-8 that cleaning again leaves alone. */
#include "data/converse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(cleaner *again, const char *text, size_t n) {
  clean(again, text, n);
  if (again->invalid || again->size != n || memcmp(again->text, text, n)) abort();
}

static void read_all(const uint8_t *bytes, size_t n, bool text) {
  host_error e;
  doc d;
  conversation c = {0};
  cleaner again = {0};
  docs *in = docs_open_memory(bytes, n, "input", text, &e);
  if (!in) return;
  int got;
  while ((got = docs_next(in, &d, &e)) > 0 || (got < 0 && docs_can_skip(in))) {
    if (got < 0) continue;
    if (!d.text == !d.turns) abort();
    const char *why = converse(&c, &d);
    if (why) continue;
    doc_fingerprint(&c.out), doc_prompt(&c.out, 1);
    if (d.text) check(&again, c.out.text, c.out.text_size);
    for (size_t i = 0; !d.text && i < c.out.count; i++)
      check(&again, c.out.turns[i].text, c.out.turns[i].size);
  }
  docs_close(in);
  converse_free(&c);
  clean_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  uint8_t *bytes = malloc(size ? size : 1);
  if (!bytes) abort();
  if (size) memcpy(bytes, data, size);
  read_all(bytes, size, false);
  read_all(bytes, size, true);
  free(bytes);
  return 0;
}
