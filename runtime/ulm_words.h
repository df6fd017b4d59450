/* Words, and where an opener ends. One rule for labels, device and bench.
 *
 * A token is a maximal run of bytes that are not ASCII white space. A word is a token with at least
 * one ASCII letter or digit, or a character outside ASCII that is not general punctuation
 * (U+2000-206F, so a lone dash of any length is not a word); other tokens join the word after them.
 *
 * The rule is causal: a word may have been spoken as soon as the byte after it is seen, so what
 * ends the opener is decided from the text up to there (for a lone dash or a newline: when it
 * comes):
 *   1. after word min..max if it ends a sentence (. ! ? and then closing quotes or brackets; not
 *      abbreviations such as "Dr.", "e.g.", "a.m.", nor one capital letter, "J.");
 *   2. after word max-2..max-1 (at least min) if it ends a clause (, : ; a dash, an ellipsis), or
 * if a lone dash follows;
 *   3. after word max;
 *   4. at a newline after word min or later.
 * The opener runs to the end of its last word with its punctuation, without what follows. */
#ifndef ULM_WORDS_H
#define ULM_WORDS_H

#include "ulm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The rule over text that comes in pieces. `text` is always the whole text so far. */
typedef struct {
  uint32_t min, max;
  uint32_t words;    /* complete so far */
  size_t from, end;  /* bytes of the last complete word: it begins after the word before it */
  size_t at;         /* bytes dealt with */
  int stop;          /* decided: the opener is text[0..end) */
  ulm_finish finish; /* valid when stop */
} ulm_words;

void ulm_words_begin(ulm_words *w, uint32_t min_words, uint32_t max_words); /* 0: 4 and 8 */
/* Looks for the next complete word in text[0..n). Returns 1 if there is one (w->from, w->end;
 * w->stop may be set with it), 0 if not (w->stop may be set too). final: no byte follows text[n -
 * 1]. Call until it returns 0 or w->stop is set. */
int ulm_words_next(ulm_words *w, const char *text, size_t n, int final);

/* How a text that ended by itself after w->end finishes: END below min_words, else by its last
 * word. */
ulm_finish ulm_words_finish(const ulm_words *w, const char *text, uint32_t min_words);

/* Bytes of `text` (a whole reply) that make its opener; 0 if it has no word. *why (may be NULL): as
 * above; a text that ends by itself is SENTENCE, CLAUSE or WORDS by its last word, or END if it is
 * shorter than min_words. *words (may be NULL): words in the opener. */
size_t ulm_opener_cut(const char *text, size_t n, uint32_t min_words, uint32_t max_words,
                      ulm_finish *why, uint32_t *words);

uint32_t ulm_word_count(const char *text, size_t n);

/* What a word's end says: 2 ends a sentence, 1 a clause, 0 neither. */
int ulm_word_end(const char *word, size_t n);

#ifdef __cplusplus
}
#endif
#endif
