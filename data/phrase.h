/* A sentence as words, and what the rules of questions.c look for in it. Private to data/. */
#ifndef PHRASE_H
#define PHRASE_H

#include "host.h"

enum { PHRASE_WORDS = 80 };

typedef struct {
  const char *s;
  size_t n;
} span;

typedef struct {
  span word[PHRASE_WORDS]; /* as written */
  span bare[PHRASE_WORDS]; /* without punctuation at its ends */
  int count;
} phrase;

/* Parts s at its spaces; false if it has more words than fit. */
bool phrase_of(phrase *p, span s);
/* The text of words [from, to) as written. */
span phrase_text(const phrase *p, int from, int to);
/* Is word i this one, letter case aside? False where there is no word i. */
bool phrase_is(const phrase *p, int i, const char *word);
/* Is it one of a list that is parted by spaces? */
bool phrase_in(const phrase *p, int i, const char *list);
bool phrase_capital(const phrase *p,
                    int i); /* begins with an upper-case ASCII letter, or is not ASCII */
bool phrase_stops(const phrase *p, int i); /* a mark (, ; : . ? !) or bracket stands at its end */
/* Words of the date that begins at i: "1887", "May 1944", "14 May 1944", "May 14, 1944"; 0 if none.
 * *day: it says the day. */
int phrase_date(const phrase *p, int i, bool *day);

bool span_same(span a, span b); /* letter case aside */
bool span_has(span text, const char *what);

#endif
