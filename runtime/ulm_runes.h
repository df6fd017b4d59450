/* Characters of text that is spoken: what the splice and the device's own words ask of them. */
#ifndef ULM_RUNES_H
#define ULM_RUNES_H

#include "ulm_handoff.h"
#include "ulm_num.h"
#include "ulm_words.h"

typedef struct {
  const char *s;
  uint32_t n;
} text;

/* The character at `at` of whole, valid characters, and its bytes. */
static inline uint32_t rune(text t, uint32_t at, uint32_t *bytes) {
  const uint8_t *p = (const uint8_t *)t.s + at;
  const uint32_t k = at < t.n ? (uint32_t)ulm_utf8_len(p, t.n - at) : 0;
  *bytes = k ? k : 1;
  switch (k) {
  case 0:
    return 0;
  case 1:
    return p[0];
  case 2:
    return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
  case 3:
    return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
  default:
    return (p[0] & 7u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
  }
}

static inline int is_space(uint32_t c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0x3000;
}
static inline int is_digit(uint32_t c) { return c >= '0' && c <= '9'; }
static inline int is_apostrophe(uint32_t c) { return c == '\'' || c == 0x2019; }
static inline int is_quote(uint32_t c) { return c == '"' || c == 0x201c || c == 0x201d; }

/* . , ; : ! ? and their full-width forms: 2 ends a sentence, 1 a clause, 0 is none. */
static inline int mark(uint32_t c) {
  if (c == '.' || c == '!' || c == '?' || c == 0x3002 || c == 0xff01 || c == 0xff1f) return 2;
  return c == ',' || c == ';' || c == ':' || c == 0x3001 || c == 0xff0c || c == 0xff1a ||
         c == 0xff1b;
}

/* Scripts that put no space between words: each character counts as a word, and no space is put. */
static inline int is_dense(uint32_t c) {
  return (c >= 0x0e00 && c < 0x0f00) || (c >= 0x1000 && c < 0x10a0) ||
         (c >= 0x1780 && c < 0x1800) || (c >= 0x2e80 && c < 0x3000) ||
         (c >= 0x3040 && c < 0xa000) || (c >= 0xf900 && c < 0xfb00) ||
         (c >= 0x20000 && c < 0x40000);
}

/* Letters, digits, and what is neither punctuation nor a space (emoji, say). */
static inline int is_wordy(uint32_t c) {
  if (c < 0x80) return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return c >= 0xc0 && !(c >= 0x2000 && c < 0x2070) && !(c >= 0x3000 && c < 0x3040) && !mark(c) &&
         c != 0xfeff;
}

/* Arrows, symbols, emoji and their variation selector. */
static inline int is_symbol(uint32_t c) {
  return (c >= 0x2190 && c < 0x2c00) || c == 0xfe0f || (c >= 0x1f000 && c < 0x20000);
}

/* Simple case of Latin-1, Greek and Cyrillic; both cases of a letter have the same size in UTF-8.
 */
static inline uint32_t lower(uint32_t c) {
  if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) ||
      (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
    return c + 0x20;
  return c >= 0x400 && c <= 0x40f ? c + 0x50 : c;
}
static inline uint32_t upper(uint32_t c) {
  if ((c >= 'a' && c <= 'z') || (c >= 0xe0 && c <= 0xfe && c != 0xf7) ||
      (c >= 0x3b1 && c <= 0x3c9 && c != 0x3c2) || (c >= 0x430 && c <= 0x44f))
    return c - 0x20;
  return c >= 0x450 && c <= 0x45f ? c - 0x50 : c;
}

/* Bytes before the NUL, counted up to a bound. */
static inline uint32_t length(const char *s, uint32_t most) {
  uint32_t n = 0;
  while (n < most && s[n]) n++;
  return n;
}

/* The last character of a text that is not empty; 0 where it is not UTF-8. */
static inline uint32_t rune_before(text t) {
  uint32_t i = t.n, k;
  do i--;
  while (i && ((uint8_t)t.s[i] & 0xc0) == 0x80);
  return rune(t, i, &k);
}

#endif
