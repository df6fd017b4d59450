/* Handoffs to a real endpoint, in real time. Nobody knows what it should have said: seams are
 * judged without the truth, and the reply by the words of the reference that it names. */
#ifndef BENCH_ONLINE_H
#define BENCH_ONLINE_H

#include "endpoint.h"
#include "trial.h"

typedef struct {
  const prompts *p;
  const spoken *own;
  endpoint *cloud;  /* probed */
  unsigned allowed; /* recovery modes, bits 1 << ulm_recovery; 0: all */
  uint32_t tokens;
} online_plan;

/* One after the other; p->count of them. Free with trials_free. */
trial *online_run(const online_plan *plan);

/* {"section": "online", ...}. */
json_t *online_section(const char *model, const char *url, const online_plan *plan, const trial *t,
                       uint64_t seed, size_t show);
void online_text(FILE *f, const json_t *section);
void online_html(FILE *f, const json_t *section);

#endif
