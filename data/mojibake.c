#include "mojibake.h"

#include <string.h>
#include <utf8proc.h>

/* The byte that Windows-1252 or Latin-1 decodes as c, or -1. */
static int byte_of(int32_t c) {
  static const uint16_t upper[32] = {
      /* of bytes 0x80..0x9f; 0: none */
      0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
      0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
      0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};
  if (c >= 0x80 && c < 0x100) return c;
  for (int i = 0; i < 32; i++)
    if (upper[i] && upper[i] == c) return 0x80 + i;
  return -1;
}

static bool taken_for(int32_t c) {
  return (c >= 0x80 && c < 0x100) || (c >= 0x2000 && c < 0x2c00) || c == 0xfeff || c == 0xfffd ||
         (c >= 0x1f000 && c < 0x20000);
}

/* The first characters of what can be repaired: 0xC2, 0xC3, 0xE2, 0xEF, 0xF0, each C3 and a byte.
 */
bool mojibake_likely(const char *text, size_t n) {
  const uint8_t *p = (const uint8_t *)text, *end = p + n;
  for (; p < end && (p = memchr(p, 0xc3, (size_t)(end - p))); p++)
    if (p + 2 < end &&
        (p[1] == 0x82 || p[1] == 0x83 || p[1] == 0xa2 || p[1] == 0xaf || p[1] == 0xb0) &&
        p[2] >= 0x80)
      return true;
  return false;
}

/* Does out[0..size) end in mojibake of `count` characters? Then its code, and where it begins. */
static int32_t ends_in(const uint8_t *out, size_t size, int count, size_t *begin) {
  uint8_t raw[4];
  size_t at = size;
  for (int i = count; i-- > 0;) {
    if (!at) return -1;
    do at--;
    while (at && (out[at] & 0xc0) == 0x80);
    int32_t c;
    if (out[at] < 0x80 || utf8proc_iterate(out + at, (utf8proc_ssize_t)(size - at), &c) < 0)
      return -1;
    const int b = byte_of(c);
    if (b < 0) return -1;
    raw[i] = (uint8_t)b;
  }
  int32_t code;
  if (utf8proc_iterate(raw, count, &code) != count || !taken_for(code)) return -1;
  *begin = at;
  return code;
}

size_t mojibake_repair(const char *text, size_t n, char *out, uint64_t *count) {
  const uint8_t *s = (const uint8_t *)text;
  uint8_t *o = (uint8_t *)out;
  size_t k = 0;
  for (size_t i = 0; i < n;) {
    if (s[i] < 0x80) {
      o[k++] = s[i++];
      continue;
    }
    int32_t c;
    const utf8proc_ssize_t size = utf8proc_iterate(s + i, (utf8proc_ssize_t)(n - i), &c);
    if (size <= 0) { /* not UTF-8: the cleaner drops it */
      o[k++] = s[i++];
      continue;
    }
    memcpy(o + k, s + i, (size_t)size);
    k += (size_t)size, i += (size_t)size;
    /* What was repaired may complete another: text that was decoded wrongly twice. */
    for (int length = 2; length <= 4; length++) {
      size_t begin;
      const int32_t code = ends_in(o, k, length, &begin);
      if (code < 0) continue;
      k = begin + (size_t)utf8proc_encode_char(code, o + begin);
      ++*count;
      length = 1;
    }
  }
  return k;
}
