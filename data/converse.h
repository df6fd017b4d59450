/* What makes a record a document to learn from. */
#ifndef CONVERSE_H
#define CONVERSE_H

#include "clean.h"
#include "docs.h"

/* What becomes of turns that do not become turns. */
typedef struct {
  uint64_t empty;  /* nothing is left of it */
  uint64_t early;  /* of the assistant before the first user turn */
  uint64_t joined; /* joined to the turn before it, of the same role */
  uint64_t cut;    /* cut after `sentences` sentences */
  uint64_t later;  /* after the last of `replies` replies */
} turn_counts;

/* A cleaned document, its text in one block that is used again for the next. */
typedef struct {
  cleaner clean;
  doc out;
  ulm_message *turns;
  uint8_t *skip; /* [size], as turns */
  size_t *at;    /* where a turn's text begins in block, as blocks move */
  size_t size;
  char *block;
  size_t used, room;
  int sentences;      /* to be set by the caller: keep so many of a reply; 0: all */
  int replies;        /* as well: keep so many of a conversation, and what leads to them; 0: all */
  turn_counts counts; /* of all calls */
} conversation;

/* Cleans `in` into c->out, valid until the next call. Empty turns go, neighbours of one role become
 * one turn (joined by "\n"), assistant turns before the first user turn go; a system turn may only
 * be first. Replies that are no openers to learn are marked (openers.h). NULL, or why the document
 * is left out: a constant string. */
const char *converse(conversation *c, const doc *in);
void converse_free(conversation *c);

/* 128 bits of what the document says, the same for the same cleaned text. */
typedef struct {
  uint64_t a, b;
} fingerprint;
fingerprint doc_fingerprint(const doc *d);
/* 64 bits of the first user turn (of running text: all of it), letter case aside. */
uint64_t doc_prompt(const doc *d, uint64_t seed);

#endif
