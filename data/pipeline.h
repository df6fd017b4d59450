/* Files to a data set: read, clean, check, deduplicate, split, write. */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <jansson.h>
#include "host.h"

typedef struct {
  bool text;        /* running text, not chat */
  bool skip_bad;    /* leave out records that cannot be read, rather than fail */
  bool quiet;       /* no progress */
  double val, test; /* fractions of the prompts; 0: no such split */
  uint64_t seed;
} pipeline_options;

/* Reads the files in turn into the folder `dir` (see write.h). The split of a document follows from
 * its first user turn and the seed alone, so equal prompts never part and the order of files does
 * not matter. Running text: of the first in a run of up to 16 documents without an empty line,
 * which stay together. With at least 3 distinct prompts no split that was asked for stays empty.
 * Memory: the longest record and 26 to 45 bytes a document. Where `stats` is given it gets what
 * data.json says. 0, or -1 with *e and `dir` as it was. */
int pipeline_run(char *const *files, size_t count, const char *dir, const pipeline_options *o,
                 json_t **stats, host_error *e);

#endif
