/* Grounded questions out of running text, by rule. */
#ifndef QUESTIONS_H
#define QUESTIONS_H

#include "bytes.h"
#include "docs.h"

typedef struct {
  bytes text;         /* what the turns point into */
  ulm_message *turns; /* user, assistant, user, assistant ... */
  size_t count, room; /* turns */
} questions;

/* The questions that a cleaned document of running text answers, and their replies, into q->turns.
 */
void questions_ask(questions *q, const doc *d);
void questions_free(questions *q);

#endif
