#include "line.h"

#include <limits.h>
#include <zlib.h>

/* zlib's level: on 108 MB of chat 4 takes 1.8 s a core and leaves 27.6 MB, 6 takes 4.1 s and
 * leaves 25.7. */
enum { PACKING = 4 };

static void put_string(bytes *b, const char *text, size_t n) {
  bytes_put(b, "\"", 1);
  for (size_t i = 0, from = 0; i <= n;) {
    const uint8_t c = i < n ? (uint8_t)text[i] : 0;
    const size_t k = i == n ? 0 : c < 0x80 ? 1 : ulm_utf8_len((const uint8_t *)text + i, n - i);
    if (i < n && k && c >= 0x20 && c != 0x7f && c != '"' && c != '\\') {
      i += k;
      continue;
    }
    bytes_put(b, text + from, i - from);
    if (i == n) break;
    char code[8];
    if (!k)
      bytes_puts(b, "\xef\xbf\xbd");
    else if (c == '\n')
      bytes_puts(b, "\\n");
    else if (c == '"' || c == '\\')
      bytes_put(b, (char[]){'\\', (char)c}, 2);
    else
      snprintf(code, sizeof code, "\\u%04x", c), bytes_puts(b, code);
    from = ++i;
  }
  bytes_put(b, "\"", 1);
}

static void put_member(bytes *b, size_t begin, const char *key, const char *text, size_t n) {
  bytes_puts(b, b->size == begin ? "\"" : ", \"");
  bytes_puts(b, key);
  bytes_puts(b, "\": ");
  put_string(b, text, n);
}

void line_put(bytes *b, const doc *d) {
  bytes_put(b, "{", 1);
  const size_t begin = b->size;
  if (d->source) put_member(b, begin, "source", d->source, strlen(d->source));
  if (d->text)
    put_member(b, begin, "text", d->text, d->text_size);
  else {
    bytes_puts(b, b->size == begin ? "\"messages\": [" : ", \"messages\": [");
    for (size_t i = 0; i < d->count; i++) {
      bytes_puts(b, i ? ", {\"role\": " : "{\"role\": ");
      put_string(b, d->turns[i].role, strlen(d->turns[i].role));
      bytes_puts(b, ", \"content\": ");
      put_string(b, d->turns[i].text, d->turns[i].size);
      if (d->skip && d->skip[i]) {
        bytes_puts(b, ", \"no_opener\": \"");
        bytes_puts(b, doc_skip_names[d->skip[i]]);
        bytes_puts(b, "\"");
      }
      bytes_put(b, "}", 1);
    }
    bytes_put(b, "]", 1);
  }
  if (d->slot) put_member(b, begin, "slot", d->slot, strlen(d->slot));
  if (d->held) put_member(b, begin, "held", d->held, strlen(d->held));
  if (d->licence) put_member(b, begin, "licence", d->licence, strlen(d->licence));
  bytes_puts(b, "}\n");
}

void gzip_put(bytes *b, const void *text, size_t n) {
  z_stream z = {.next_in = (Bytef *)text, .avail_in = (uInt)n};
  gz_header header = {.os = 255}; /* unknown; time 0 */
  if (n > UINT_MAX ||
      deflateInit2(&z, PACKING, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
      deflateSetHeader(&z, &header) != Z_OK)
    host_die("no memory to pack gzip");
  const size_t room = deflateBound(&z, (uLong)n);
  z.next_out = (Bytef *)bytes_room(b, room), z.avail_out = (uInt)room;
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) host_die("a gzip member outgrew its bound");
  b->size += room - z.avail_out;
  deflateEnd(&z);
}

uint64_t count_words(const char *s, size_t n) {
  uint64_t count = 0;
  bool in = false;
  for (size_t i = 0; i < n; i++) {
    const bool space = s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r';
    count += !space && !in;
    in = !space;
  }
  return count;
}
