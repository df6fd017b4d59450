/* A data set on disk: DIR/{train,val,test}.jsonl.gz, a document a line, and DIR/data.json, which
 * says what is in them. The four files appear together once all is written; until then, and on any
 * failure, what was there stays. The same documents make the same bytes. data.json says how the
 * other three end and is renamed first, so that readers find out where a kill between the renames
 * left a mix of two runs, or less than one. */
#ifndef WRITE_H
#define WRITE_H

#include <jansson.h>
#include "docs.h"

typedef enum { SPLIT_TRAIN, SPLIT_VAL, SPLIT_TEST, SPLITS } split_id;
extern const char *const split_names[SPLITS];

enum { SPLIT_BLOCK = 512 << 10 }; /* bytes of lines in a gzip member, or one line if it is longer */

typedef struct {
  uint64_t documents, turns, words, bytes;
} tally;
tally doc_tally(const doc *d);
json_t *tally_json(const tally *t);

typedef struct splits splits;
struct sources; /* sources.h */

splits *splits_open(const char *dir, host_error *e); /* makes the folder; NULL with *e */
/* Writes source, messages or text, slot, held and licence, those that are set; line and byte are
 * not used. */
int splits_add(splits *s, split_id split, const doc *d, host_error *e);
uint64_t splits_count(const splits *s, split_id split);
/* The two halves of splits_add, for a caller that packs by itself: counts a document of the source
 * with that licence (may be NULL); and writes gzip members of lines. */
void splits_tally(splits *s, split_id split, const char *source, const char *licence,
                  const tally *t);
int splits_packed(splits *s, split_id split, const void *members, size_t n, host_error *e);
/* Adds to `stats` (an object, taken over; may be NULL) "splits": documents, turns, words and bytes
 * of text by split; "sources": the same by source, with its licence and, from `known` (may be
 * NULL), origin; and "files". Writes it as data.json and renames all four. Frees s. Where `written`
 * is given it gets the object, to be given back with json_decref. 0, or -1 with *e and nothing
 * left. */
int splits_commit(splits *s, json_t *stats, const struct sources *known, json_t **written,
                  host_error *e);
void splits_abort(
    splits *s); /* removes what was written and a folder that was made; s may be NULL */

#endif
