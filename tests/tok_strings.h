/* Strings that a tokenizer should fear, made from a seed: random bytes, characters of every plane
 * and none, runs of whitespace, specials and pieces spelled as text, parts of real text. */
#ifndef TOK_STRINGS_H
#define TOK_STRINGS_H

#include <string.h>

#include "runtime/ulm_num.h"
#include "tokenizer/spm.h"

enum { STRING_BIT = 512 };

typedef struct {
  const spm *model;
  const char *text; /* real text to take parts of */
  size_t size;
} string_source;

static inline size_t string_utf8(char *out, uint32_t c) { /* also what is no character */
  if (c < 0x80) return out[0] = (char)c, 1;
  if (c < 0x800) return out[0] = (char)(0xc0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
  if (c < 0x10000)
    return out[0] = (char)(0xe0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63)),
           out[2] = (char)(0x80 | (c & 63)), 3;
  return out[0] = (char)(0xf0 | c >> 18), out[1] = (char)(0x80 | (c >> 12 & 63)),
         out[2] = (char)(0x80 | (c >> 6 & 63)), out[3] = (char)(0x80 | (c & 63)), 4;
}

/* Writes one random bit of a string, at most STRING_BIT bytes; returns its size. */
static inline size_t string_bit(const string_source *from, ulm_rng *r, char *out) {
  static const char *const spelled[] = {"<|im_end|>",
                                        "<|im_start|>",
                                        "<|endoftext|>",
                                        "<unk>",
                                        "<0x41>",
                                        "\u2581",
                                        "\ufffd",
                                        "\u2585",
                                        "\n",
                                        "\t",
                                        "\r\n",
                                        "  ",
                                        " ",
                                        "user",
                                        "assistant\n",
                                        "''",
                                        "\u00a0",
                                        "the the",
                                        "\xe2\x96",
                                        "\xff\xfe",
                                        "\u200d",
                                        "e\u0301",
                                        "\U0001F469\u200d\U0001F680",
                                        "\xed\xa0\x80"};
  const uint32_t kind = ulm_rng_below(r, 8), count = 1 + ulm_rng_below(r, 12);
  size_t n = 0;
  if (kind == 0) {
    for (uint32_t i = 0; i < count; i++) out[n++] = (char)ulm_rng_below(r, 256);
  } else if (kind == 1) { /* to 0x13ffff: three planes beyond the last; and surrogates */
    static const uint32_t reach[] = {0x80, 0x800, 0x10000, 0x110000, 0x140000};
    for (uint32_t i = 0; i < count; i++)
      n += string_utf8(out + n, ulm_rng_below(r, reach[ulm_rng_below(r, 5)]));
  } else if (kind == 2) {
    for (uint32_t i = 0; i < count; i++) out[n++] = " \t\n\v\r "[ulm_rng_below(r, 6)];
  } else if (kind == 3) {
    const char *s = spelled[ulm_rng_below(r, sizeof spelled / sizeof *spelled)];
    memcpy(out, s, n = strlen(s));
  } else if (kind == 4) {
    for (uint32_t i = 0; i < count; i++) out[n++] = "aehinorst "[ulm_rng_below(r, 10)];
  } else if (kind == 5) { /* a piece as it stands in the table */
    const char *s =
        spm_piece(from->model, ulm_rng_below(r, spm_vocab(from->model)), &n, NULL, NULL);
    memcpy(out, s, n);
  } else if (from->size) { /* from anywhere to anywhere, characters and all */
    const size_t at = ulm_rng_below(r, (uint32_t)from->size), left = from->size - at;
    n = 1 + ulm_rng_below(r, (uint32_t)(left < 200 ? left : 200));
    memcpy(out, from->text + at, n);
  }
  return n;
}

/* A string of at most `max` bytes (max > STRING_BIT): up to `bits` bits. */
static inline size_t string_make(const string_source *from, ulm_rng *r, uint32_t bits, char *out,
                                 size_t max) {
  size_t n = 0;
  for (uint32_t b = 0; b < bits && n < max - STRING_BIT; b++) n += string_bit(from, r, out + n);
  return n;
}

#endif
