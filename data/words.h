/* The words of a text as hashes, for what compares texts: near-duplicates, shared n-grams,
 * repetition, language. Private to data/.
 *
 * A word is a maximal run of letters, marks and digits (Unicode categories L, M, N; an apostrophe
 * between two letters belongs to it), in lower case; a character as wide as two (Han, Kana, Hangul)
 * is a word of its own, as no space parts such words. */
#ifndef WORDS_H
#define WORDS_H

#include "host.h"

typedef struct {
  uint64_t *hash; /* [count] */
  size_t count, room;
  size_t foreign; /* of these, words with a letter that is not Latin */
} words;

/* Adds the words of text[n]. Text that is not UTF-8 is passed over. */
void words_add(words *w, const char *text, size_t n);
void words_clear(words *w);
void words_free(words *w);
uint64_t word_hash(const char *word); /* of one word in lower case, as words_add makes it */

/* Hashes of the runs of n words of w[count], into out[count - n + 1]; of all of them, if there are
 * fewer than n (at least 1). Returns how many; 0 for no word. */
size_t words_shingles(const uint64_t *w, size_t count, size_t n, uint64_t *out);

static inline uint64_t hash_mix(uint64_t x) { /* every bit of x changes half of the bits */
  x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
  x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
  return x ^ x >> 32;
}

#endif
