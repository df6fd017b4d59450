/* Fuzzes the readers of chat and text, plain or gzip: whatever they accept is cleaned to valid
 * UTF-8 that cleaning again leaves alone, and so is every question made of it by rule. */
#include "data/converse.h"
#include "data/personal.h"
#include "data/questions.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* Half of the gzip inputs are changed inside and packed again, so that their checksum holds. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed) {
  enum { ROOM = 1 << 14 };
  static uint8_t plain[ROOM];
  z_stream in = {.next_in = data, .avail_in = (uInt)size, .next_out = plain, .avail_out = ROOM};
  if (seed % 2 || size < 18 || size > ROOM || data[0] != 0x1f || data[1] != 0x8b ||
      inflateInit2(&in, 31) != Z_OK)
    return LLVMFuzzerMutate(data, size, max);
  const int whole = inflate(&in, Z_FINISH);
  inflateEnd(&in);
  if (whole != Z_STREAM_END) return LLVMFuzzerMutate(data, size, max);
  const size_t n = LLVMFuzzerMutate(plain, in.total_out, ROOM);
  z_stream out = {.next_in = plain, .avail_in = (uInt)n, .next_out = data, .avail_out = (uInt)max};
  if (deflateInit2(&out, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK) abort();
  deflate(&out, Z_FINISH); /* cut off where it does not fit */
  deflateEnd(&out);
  return max - out.avail_out;
}

static void check(cleaner *again, const char *text, size_t n) {
  personal_find(text, n);
  clean(again, text, n);
  if (again->counts.invalid || again->counts.mojibake || again->size != n ||
      memcmp(again->text, text, n))
    abort();
}

/* From memory or, of one size in eight, from a file of these bytes. */
static docs *opened(const uint8_t *bytes, size_t n, bool text, host_error *e) {
  static char path[32];
  if (n % 8 != 7) return docs_open_memory(bytes, n, "input", text, e);
  const int fd = memfd_create("input", 0);
  if (fd < 0 || write(fd, bytes, n) != (ssize_t)n) abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  docs *d = text ? docs_open_text(path, e) : docs_open(path, e);
  close(fd);
  return d;
}

static void read_all(const uint8_t *bytes, size_t n, bool text) {
  host_error e;
  doc d;
  conversation c = {.sentences = (int)(n % 3), .replies = (int)(n / 3 % 3)};
  cleaner again = {0};
  questions q = {0};
  docs *in = opened(bytes, n, text, &e);
  if (!in) return;
  int got;
  while ((got = docs_next(in, &d, &e)) > 0 || (got < 0 && docs_can_skip(in))) {
    if (got < 0) continue;
    if (!d.text == !d.turns) abort();
    const char *why = converse(&c, &d);
    if (why) continue;
    doc_fingerprint(&c.out), doc_prompt(&c.out, 1);
    if (d.text) check(&again, c.out.text, c.out.text_size), questions_ask(&q, &c.out);
    for (size_t i = 0; d.text && i < q.count; i++) check(&again, q.turns[i].text, q.turns[i].size);
    for (size_t i = 0; !d.text && i < c.out.count; i++)
      check(&again, c.out.turns[i].text, c.out.turns[i].size);
  }
  if (docs_read(in) > n) abort();
  docs_close(in);
  converse_free(&c);
  questions_free(&q);
  clean_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  host_error e;
  if (!size && docs_open("/", &e)) abort(); /* a folder is no file */
  uint8_t *bytes = malloc(size ? size : 1);
  if (!bytes) abort();
  if (size) memcpy(bytes, data, size);
  read_all(bytes, size, false);
  if (!size || *bytes != '{')
    read_all(bytes, size, true); /* else it would be read as records again */
  free(bytes);
  return 0;
}
