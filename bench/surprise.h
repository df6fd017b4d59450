/* How surprised a reader is right behind the seam: by what was spoken, by the same words unbroken,
 * and by what would have been heard without a splice. */
#ifndef BENCH_SURPRISE_H
#define BENCH_SURPRISE_H

#include "trial.h"

enum { SURPRISE_WORDS = 6 }; /* behind the seam */

typedef struct {
  int read;                           /* 0: not of the sample, or nothing was spoken behind it */
  double spoken, unbroken, unspliced; /* nats a word */
} surprise;

/* Of the first `each` trials of every fault whose truth is exact and that say as many words behind
 * the seam. out[n]. The same for any number of threads. */
int surprise_all(session *reader, const prompts *p, const trial *t, size_t n, size_t each,
                 surprise *out, host_error *e);
/* {"spoken", "unbroken", "unspliced": means, "worse": rate of spoken - unbroken, "control": of
 * unspliced - unbroken} for trials of a fault; negative: of all. null where none was read. */
json_t *surprise_json(const trial *t, const surprise *s, size_t n, int of, uint64_t seed);

#endif
