/* Grounded questions out of running text, by rule: encyclopedic and textbook prose says who, what,
 * where, when and how in sentences of few shapes. A sentence that has one becomes the reply, word
 * for word but for brackets and a pronoun at its begin (which becomes the article's title), so that
 * the reply names what it was asked about in its first words and says nothing that the text does
 * not.
 *
 *   X is a(n)/the ..., X refers to ...              What is X? Who is X? (persons: by the noun, or by dates in brackets)
 *   X is a <place> in ..., X is located in ...       Where is X?
 *   X was <founded, ...> ... in 1887                 When was X founded?
 *   X was born on/in ..., "(born ...)", "( - )"      When was X born? Where was X born? When did X die?
 *   X was <written, ...> by <Name>                   Who wrote X?
 *   X is <formed, ...> by/from/when ..., works by    How is X formed? How does X work?
 *   X is used to/for ..., X consists of ...          What is X used for? What does X consist of?
 *   X occurs when ...                                When does X occur?
 *
 * X is an article's title in its lead paragraph (and then he, she, it or they), or in any paragraph
 * a noun phrase without reference to what stands before it. */
#ifndef QUESTIONS_H
#define QUESTIONS_H

#include "bytes.h"
#include "docs.h"

typedef struct {
  bytes text;         /* what the turns point into */
  ulm_message *turns; /* user, assistant, user, assistant ... */
  size_t count, room; /* turns */
} questions;

/* The questions that a cleaned document of running text answers, and their replies, into q->turns,
 * valid until the next call. */
void questions_ask(questions *q, const doc *d);
void questions_free(questions *q);

#endif
