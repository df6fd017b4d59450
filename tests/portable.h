/* The program that every target of `make portability` runs: it needs the leaf, four memory
 * functions and a place to print. */
#ifndef TESTS_PORTABLE_H
#define TESTS_PORTABLE_H
#include "ulm_file.h"

typedef struct {
  void (*put)(const char *line); /* prints a line, which holds its own newline */
  void *arena;                   /* 64-byte aligned */
  size_t arena_size;             /* PORTABLE_ARENA bytes do for the blobs of portable_blobs.c */
  /* Two parts of the work, on two threads; {0}: one after the other, the second first. */
  ulm_workers two;
} portable_target;

enum { PORTABLE_ARENA = 1 << 19 };

/* Runs the blob with every KV type and instruction set, its prompt at once and piecemeal, in 1 and
 * 2 parts. Each gives a line of seven fields and an opener, parted by single spaces:
 *
 *   BLOB KV ISA once|pieces 1|2 HASH(logits) HASH(ids, measures) OPENER
 *
 * What follows the first two fields' instruction set, feed and parts must not depend on them.
 * 0, or 1 after a line "error: ...". */
int portable(const char *name, const uint8_t *blob, size_t size, const portable_target *t);

#endif
