/* Evaluation texts that training text must not share. Private to data/.
 *
 * A document is contaminated if one of its turns (its text) holds a run of n words that stands in a
 * turn (the text) of an evaluation file, or if its first user turn has the same words as the first
 * user turn of an evaluation conversation. Words as in words.h, so letter case, spaces and
 * punctuation do not matter. Exact but for the collision of 64-bit hashes. */
#ifndef EXCLUDE_H
#define EXCLUDE_H

#include "docs.h"
#include "words.h"

enum { EXCLUDE_MAX = 12 << 20 }; /* runs and prompts: 128 MB of memory */

typedef struct {
  size_t n; /* words in a run */
  uint64_t *slot;
  size_t size, count; /* open addressing; 0 marks a free slot */
  uint64_t documents;
  words words; /* scratch of reading */
  uint64_t *runs;
  size_t runs_room;
} exclude;

/* Reads a file of chat or text records, or running text. -1 with *e. */
int exclude_file(exclude *x, const char *path, host_error *e);
/* Does one of the runs of words of w[count] stand in an evaluation file? */
bool exclude_run(const exclude *x, const uint64_t *w, size_t count);
/* Is w[count] what a user says first in an evaluation file? */
bool exclude_prompt(const exclude *x, const uint64_t *w, size_t count);
void exclude_free(exclude *x);

#endif
