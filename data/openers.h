/* How a reply begins: whether a spoken opener can be learned from it, and its sentences. */
#ifndef OPENERS_H
#define OPENERS_H

#include "docs.h"

/* The bytes of the first sentence of text[n], its end mark and closing quotes included: up to a
 * mark that ends a sentence (ulm_words.h: not "Dr." nor "J."), or the end of the line. */
size_t first_sentence(const char *text, size_t n);

/* Why text[n], a cleaned reply, is no opener to learn:
 *   DOC_HEADING  # ..., a first line in ** or __, one underlined, or a short one without a mark at
 * its end before an empty line DOC_LIST     -, *, +, a bullet or a number and a point or bracket
 * ("1.", "2)", "(3)", "a)"), "Step 1:", or two short lines without a mark at their ends DOC_CODE a
 * backquote, <tag>, or a first line that is code by its first word or last character DOC_QUOTE    a
 * double quote or > DOC_SHORT    fewer than 4 words in all DOC_OPENS otherwise. */
doc_skip opener_kind(const char *text, size_t n);

#endif
