/* What models say of prompts and seams, made once: kept in the report's folder by a hash of the
 * blob and of all that it was asked. */
#ifndef BENCH_CACHE_H
#define BENCH_CACHE_H

#include "session.h"
#include "surprise.h"

/* As speak_all; reads REPORT/openers-HASH.jsonl if it is there, and makes it if not. */
int speak_all_cached(session *s, const prompts *p, const speaking *how, spoken *out,
                     const char *report, host_error *e);
/* Likewise surprise_all, REPORT/seams-HASH.jsonl. */
int surprise_all_cached(session *reader, const prompts *p, const trial *t, size_t n, size_t each,
                        surprise *out, const char *report, host_error *e);

#endif
