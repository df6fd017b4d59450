#include "words.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define HASH_BEGIN 0xcbf29ce484222325u
#define HASH_STEP  0x100000001b3u

static uint64_t step(uint64_t h, uint32_t c) { return (h ^ c) * HASH_STEP; }

static void add(words *w, uint64_t h) {
  if (w->count == w->room)
    w->hash =
        host_realloc(w->hash, (w->room = w->room ? 2 * w->room : 1024) * sizeof *w->hash, "words");
  w->hash[w->count++] = hash_mix(h);
}

/* The lower-case letter or digit that the byte is, or 0. */
static uint8_t plain(uint8_t c) {
  return c >= 'a' && c <= 'z' ? c : c >= 'A' && c <= 'Z' ? c + 32 : c >= '0' && c <= '9' ? c : 0;
}

static bool part_of_word(int32_t c) {
  switch (utf8proc_category(c)) {
  case UTF8PROC_CATEGORY_LU:
  case UTF8PROC_CATEGORY_LL:
  case UTF8PROC_CATEGORY_LT:
  case UTF8PROC_CATEGORY_LM:
  case UTF8PROC_CATEGORY_LO:
  case UTF8PROC_CATEGORY_MN:
  case UTF8PROC_CATEGORY_MC:
  case UTF8PROC_CATEGORY_ME:
  case UTF8PROC_CATEGORY_ND:
  case UTF8PROC_CATEGORY_NL:
  case UTF8PROC_CATEGORY_NO:
    return true;
  default:
    return false;
  }
}

/* Latin letters outside ASCII lie below U+0250 and in U+1E00-1EFF; marks belong to any script. */
static bool latin(int32_t c) {
  return c < 0x250 || (c >= 0x300 && c < 0x370) || (c >= 0x1e00 && c < 0x1f00);
}

void words_add(words *w, const char *text, size_t n) {
  const uint8_t *s = (const uint8_t *)text;
  uint64_t h = HASH_BEGIN;
  bool in = false, foreign = false;
  for (size_t i = 0; i < n;) {
    const uint8_t c = s[i], small = plain(c);
    if (small) {
      h = step(h, small), in = true, i++;
      continue;
    }
    if (c == '\'' && in && i + 1 < n && (plain(s[i + 1]) || s[i + 1] >= 0x80)) {
      i++;
      continue;
    }
    int32_t code = c;
    size_t size = 1;
    if (c >= 0x80) {
      const utf8proc_ssize_t k = utf8proc_iterate(s + i, (utf8proc_ssize_t)(n - i), &code);
      size = k > 0 ? (size_t)k : 1;
      if (k > 0 && part_of_word(code)) {
        if (utf8proc_charwidth(code) == 2) {
          if (in) add(w, h), w->foreign += foreign;
          add(w, step(HASH_BEGIN, (uint32_t)code)), w->foreign++;
          h = HASH_BEGIN, in = foreign = false;
        } else {
          h = step(h, (uint32_t)utf8proc_tolower(code)), in = true;
          foreign |= !latin(code);
        }
        i += size;
        continue;
      }
    }
    if (in) add(w, h), w->foreign += foreign;
    h = HASH_BEGIN, in = foreign = false;
    i += size;
  }
  if (in) add(w, h), w->foreign += foreign;
}

void words_clear(words *w) { w->count = w->foreign = 0; }

void words_free(words *w) {
  free(w->hash);
  *w = (words){0};
}

uint64_t word_hash(const char *word) {
  words w = {0};
  words_add(&w, word, strlen(word));
  const uint64_t h = w.count ? w.hash[0] : 0;
  words_free(&w);
  return h;
}

/* A polynomial in the words' hashes, which rolls. */
size_t words_shingles(const uint64_t *w, size_t count, size_t n, uint64_t *out) {
  const uint64_t base = 0x9e3779b97f4a7c15u;
  if (!count) return 0;
  if (n > count) n = count;
  uint64_t h = 0, top = 1; /* top: base^n */
  for (size_t i = 0; i < n; i++) h = h * base + w[i], top *= base;
  out[0] = hash_mix(h ^ n);
  for (size_t i = n; i < count; i++) {
    h = h * base + w[i] - top * w[i - n];
    out[i - n + 1] = hash_mix(h ^ n);
  }
  return count - n + 1;
}
