/* Sorts more than memory holds: records of some 64-bit words, in runs on disk that are merged.
 * Private to data/. */
#ifndef SORT_H
#define SORT_H

#include "host.h"

enum { SORT_WORDS = 4 };
typedef struct sorter sorter;

/* Records of `words` (1..SORT_WORDS) words, ordered by the first, then the second... Takes at most
 * about 2 x memory bytes. What does not fit goes to a file in `dir` that has no name. */
sorter *sorter_open(size_t words, size_t memory, const char *dir);
int sorter_add(sorter *s, const uint64_t *record, host_error *e);
/* Ends adding and begins reading from the smallest. */
int sorter_begin(sorter *s, host_error *e);
/* 1 with the next record, valid until the next call; 0 at the end; -1 with *e. */
int sorter_next(sorter *s, const uint64_t **record, host_error *e);
uint64_t sorter_count(const sorter *s);
void sorter_close(sorter *s); /* s may be NULL */

/* A file without a name in `dir`, gone when it is closed or the program ends. -1 with *e. */
int temp_file(const char *dir, host_error *e);
/* All of it or -1 with *e, which asks for room in dir. */
int temp_write(int file, const void *from, size_t n, uint64_t at, host_error *e);
int temp_read(int file, void *to, size_t n, uint64_t at, host_error *e);

#endif
