/* Files to a data set: read, clean, check, deduplicate, split, write. How each step judges is in
 * docs/DATA.md.
 *
 *   records ─> forms ─> converse ─> judge ─> a file without a name ─> duplicates ─> deal ─> write
 *   in order   ───── by all threads ─────    in order                               packed by all
 *
 * Memory does not grow with the input but for 1/4 bit a document and 32 bytes for 256 KB of it:
 * what must be compared across documents is sorted on disk. */
#ifndef PIPELINE_H
#define PIPELINE_H

#include <jansson.h>
#include "host.h"

typedef struct {
  bool text;        /* running text, not chat */
  bool questions;   /* of running text: questions and replies by rule, instead of the text */
  bool skip_bad;    /* leave out records that cannot be read, rather than fail */
  bool quiet;       /* no progress */
  bool raw;         /* leave mojibake as it is */
  int threads;      /* 0: as many as there are processors */
  double val, test; /* fractions of the prompts; 0: no such split */
  uint64_t seed;    /* of the split */
  double near; /* Jaccard similarity from which documents are near-duplicates; 0: do not look */
  int min_words, max_words; /* of a document; 0: no limit */
  int sentences;            /* the most of a reply; 0: all */
  int replies;              /* the most of a conversation; 0: all */
  double max_repeat;        /* share of runs of 4 words that repeat; 0: do not look */
  bool personal;            /* leave out what holds personal data (personal.h) */
  const char *language;     /* its code (filter.h), or NULL: any */
  double language_share;    /* the least share of words of that language */
  char *const *exclude;     /* evaluation files, or folders of them */
  size_t exclude_count;
  int exclude_words;                      /* length of a run that must not be shared */
  const char *sources, *source, *licence; /* sources.h; may be NULL */
} pipeline_options;
extern const pipeline_options pipeline_defaults;

/* 0, or -1 with *e: an option is out of range. */
int pipeline_check(const pipeline_options *o, host_error *e);
/* Reads the files into the folder `dir` (see write.h). The split of a document follows from its
 * first user turn and the seed alone, so equal prompts never part and the order of files does not
 * matter. Running text: of the first in a run of up to 16 documents without an empty line, which
 * stay together. With at least 3 distinct prompts no split that was asked for stays empty. Of
 * documents that are equal or near each other the first in the order of files stays. A path of "-"
 * is standard input; pipes are read as well as files. The same bytes for any number of threads.
 * Where `stats` is given it gets what data.json says. 0, or -1 with *e and `dir` as it was. */
int pipeline_run(char *const *files, size_t count, const char *dir, const pipeline_options *o,
                 json_t **stats, host_error *e);

#endif
