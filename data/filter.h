/* Filters over the words of a document. Private to data/. */
#ifndef FILTER_H
#define FILTER_H

#include "words.h"

/* The share of runs of 4 words that stood in the text before: 0 where all differ. Texts of fewer
 * than 32 words are not judged (0). */
double filter_repetition(const words *w, uint64_t **scratch, size_t *room);

typedef struct language language;
/* A language by its code: de, en, es, fr, it, nl, pt. NULL if it is not one of them. Holds the
 * commonest words of all of them. */
language *language_open(const char *code);
extern const char language_codes[];
/* Of the words that tell a language (common words of one or some of the seven, and words with
 * letters that are not Latin) the share that may be of this language. 1 where fewer than 4 words
 * tell. */
double language_share(const language *l, const words *w);
void language_close(language *l); /* l may be NULL */

#endif
