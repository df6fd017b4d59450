/* Openers of all prompts, made once: kept in REPORT/openers-HASH.jsonl by a hash of blob, prompts
 * and sampling. */
#ifndef BENCH_CACHE_H
#define BENCH_CACHE_H

#include "session.h"

/* As speak_all; reads what is kept where the hash agrees, and keeps what it had to make. */
int speak_all_cached(session *s, const prompts *p, const speaking *how, spoken *out,
                     const char *report, host_error *e);

#endif
