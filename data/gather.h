/* The first half of the pipeline: files become cleaned lines in a file without a name, with what is
 * needed to compare and to count them. Private to data/. */
#ifndef GATHER_H
#define GATHER_H

#include "converse.h"
#include "drops.h"
#include "judge.h"
#include "sort.h"
#include "sources.h"
#include "write.h"

/* A document that was kept: what is said of it beside its line. */
typedef struct {
  uint64_t prompt, line;
  uint64_t turns, words, bytes;
  uint32_t
      name; /* bytes of its source and licence, each ended by NUL, which stand before its line */
  uint32_t size; /* of its line */
  uint32_t replies[DOC_SKIPS];
} head;

/* Documents that stand together in the file: heads, then NEAR_VALUES bytes of each (if
 * near-duplicates are looked for), then names and lines. */
typedef struct {
  uint64_t first; /* number of its first document, counted over all inputs in their order */
  uint64_t at;    /* in the file */
  uint32_t lane, count;
  uint64_t lines; /* bytes of names and lines */
} segment;

typedef struct {
  uint64_t read, kept; /* records; documents (of a record there may be several questions) */
  uint64_t invalid;    /* bytes and escapes that are no Unicode */
  clean_counts clean;
  turn_counts turns;
  drops drops;
} gather_counts;

typedef struct {
  int file;      /* -1: none */
  uint64_t size; /* bytes */
  segment *segment;
  size_t segments, room;
  uint64_t documents;
  sorter *equal;   /* fingerprint (2 words), number */
  sorter *similar; /* band's key, number; NULL where near-duplicates are not looked for */
  gather_counts counts;
  uint64_t *lane_first; /* [files]: number of its first document */
  uint64_t *lane_bytes; /* [files]: bytes read of it, packed as they are */
} gathered;

/* Reads the files by all threads. 0, or -1 with *e: of the first file, and in it the first place,
 * that cannot be read. x and l may be NULL. */
int gather(gathered *g, char *const *files, size_t count, const char *dir,
           const pipeline_options *o, const sources *known, const exclude *x, const language *l,
           host_error *e);
/* The document's number of what `equal` and `similar` carry (its file and its number in it). */
uint64_t gather_number(const gathered *g, uint64_t id);
const segment *gather_segment(const gathered *g, uint64_t number);
void gather_free(gathered *g);

#endif
