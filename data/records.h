/* A file cut into records, whose bytes are not yet looked into: the part of reading that must be
 * done in order. docs.h says what a file may hold. Private to data/. */
#ifndef RECORDS_H
#define RECORDS_H

#include "host.h"

typedef struct {
  char *bytes; /* valid until the next call, and the caller's to change */
  size_t size;
  uint64_t line, byte; /* where it begins: from 1, from 0, of the unpacked text */
  uint64_t part;       /* of paragraphs: records before this one since an empty line */
} record;

typedef struct records records;

/* text: paragraphs, if the file's first bytes do not say that it holds JSON. A path of "-" is
 * standard input. NULL with *e. */
records *records_open(const char *path, bool text, host_error *e);
records *records_open_memory(const void *bytes, size_t size, const char *name, bool text,
                             host_error *e);
/* 1, 0 at the end, -1 with *e: the file cannot be read on. A file without a record is an error,
 * save where empty files are fine. */
int records_next(records *r, record *out, host_error *e);
void records_allow_empty(records *r);
bool records_paragraphs(const records *r); /* running text, no JSON */
const char *records_name(const records *r);
uint64_t
records_read(const records *r); /* bytes of the file (packed, where it is gzip) used so far */
void records_close(records *r); /* r may be NULL */

#endif
