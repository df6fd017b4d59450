/* The embedded corpus: our own templates and word lists, and the generator that turns them into the
 * exchanges a watch or glasses would hear. Every reply opens with a few words that name what the
 * prompt asked about, so that a model trained on it learns to open by copying.
 *
 * Templates. Alternatives are separated by '|'. In them
 *   {city}         a value of type `city`; the same value wherever the pair says {city} again
 *   {city2}        another value of that type
 *   {a animal}     the value behind "a" or "an"
 *   {miles*1.609}  the number that a value begins with, times a constant (and {f*0.556-17.8}: plus
 * one) {sum=}         what an arithmetic value ("17 times 24") comes to A prompt that begins with a
 * small letter is a command: it may become "Can you ...?", "Please ...". In a type's forms also
 * {2-59} and {5-60/5} (a number, a step), {w2-20} (in words) and {~given}, {~sur},
 * {~place}, {~brand} (invented words).
 *
 * Hold-outs. A value is held out by a hash of its text: 8% for test, 2% for validation, whatever
 * list it stands in, and so is everything composed of it; a value that some template or longer
 * value also says is never held out. Each intent holds out one prompt template for test, and with
 * eight or more one for validation. */
#ifndef SYNTH_H
#define SYNTH_H

#include "host.h"

typedef struct {
  const char *name;    /* becomes the source "synth/name" */
  const char *slot;    /* the primary slot, as written in the templates, or NULL */
  const char *prompts; /* what the user says */
  const char *replies; /* first sentence; names the slot within the opener */
  const char *more;    /* what follows it */
  const char *before;  /* NULL, or an earlier exchange: user|assistant|user|assistant... , one pair
                          is taken */
} synth_intent;

typedef struct {
  const char *name;
  int share;          /* percent of the draws that take a form */
  const char *values; /* separated by ", " */
  const char *forms;  /* templates */
} synth_type;

/* Tables, each ended by a NULL name. */
extern const synth_type synth_types_people[], synth_types_world[], synth_types_food[],
    synth_types_life[], synth_types_number[];
extern const synth_intent synth_time[], synth_talk[], synth_travel[], synth_food[], synth_home[],
    synth_body[], synth_learn[], synth_leisure[], synth_work[], synth_chat[], synth_follow[];

enum { SYNTH_TURNS = 4, SYNTH_TEXT = 640, SYNTH_VALUE = 96 };
typedef enum { SYNTH_TRAIN, SYNTH_VAL, SYNTH_TEST, SYNTH_SPLITS } synth_split;
typedef enum { SYNTH_NONE, SYNTH_HELD_VALUE, SYNTH_HELD_TEMPLATE } synth_held;
extern const char *const synth_split_names[SYNTH_SPLITS], *const synth_held_names[3];

typedef struct {
  const char *intent, *slot_type; /* slot_type NULL: no slot */
  synth_split split;
  synth_held held;
  int prompt;                         /* which of the intent's prompt templates */
  int turns;                          /* 2 or 4; the last is the reply */
  char text[SYNTH_TURNS][SYNTH_TEXT]; /* user, assistant, ... */
  char slot[SYNTH_VALUE];             /* the primary value as it must appear in the opener */
} synth_pair;

/* Makes `pairs` distinct pairs: test (2%, at most 2,000; 60% held values, 40% held templates), then
 * validation (1%), then train, and gives each to `emit`, which returns nonzero to stop.
 * Deterministic by seed. Returns 0, or -1 with *e (a table at fault, more pairs wanted than there
 * are, or emit stopped). */
int synth_make(uint64_t pairs, uint64_t seed, int (*emit)(void *user, const synth_pair *pair),
               void *user, host_error *e);

/* Sizes of the tables. */
typedef struct {
  size_t intents, no_slot, prompts, replies, types, values;
} synth_size;
int synth_sizes(synth_size *size, host_error *e);

/* Is `value` in `text` as whole words, letter case aside? */
bool synth_names(const char *text, size_t n, const char *value);

/* ulm-data synth --pairs N --seed S -o DIR [--json]; argv[0] is "ulm-data synth", as errors name
 * the tool. Returns the exit status.
 */
int synth_main(int argc, char **argv);

#endif
