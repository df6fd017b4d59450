/* Tables to text: loads the lists and templates once, draws values, fills templates. Private to
 * synth. */
#ifndef SYNTH_TEXT_H
#define SYNTH_TEXT_H

#include "runtime/ulm_num.h"
#include "synth.h"

enum { SYNTH_SLOTS = 12, SYNTH_KEY = 24 };
enum { HOLD_TEST = 1, HOLD_VAL = 2 }; /* what a value, or any part of it, is held out for */

typedef struct {
  char **item; /* NUL-terminated pieces of one block */
  size_t count;
  char *block;
} synth_strings;

typedef struct {
  const char *name;
  int share;
  synth_strings values, forms;
  uint8_t *hold; /* [values.count] */
} synth_values;

typedef struct {
  const synth_intent *def;
  synth_strings prompts, replies, more, before;
  int test, val; /* held-out prompts; -1: none */
} synth_topic;

typedef struct {
  synth_values *types; /* sorted by name */
  synth_topic *topics;
  size_t type_count, topic_count;
} synth_bank;

typedef struct {
  char key[SYNTH_KEY], text[SYNTH_VALUE];
  uint8_t hold;
} synth_slot;

/* The slots filled so far in one pair. */
typedef struct {
  const synth_bank *bank;
  ulm_rng *rng;
  synth_slot slot[SYNTH_SLOTS];
  int count;
  host_error *error;
} synth_scope;

int synth_bank_load(synth_bank *b, host_error *e); /* also checks that every {type} exists */
void synth_bank_free(synth_bank *b);

/* Fills `template` into out[size], drawing the slots that the scope lacks. */
int synth_fill(synth_scope *s, const char *template, char *out, size_t size);
const synth_slot *synth_find(const synth_scope *s, const char *key);

uint64_t synth_hash(const char *s, size_t n); /* letter case aside */

#endif
