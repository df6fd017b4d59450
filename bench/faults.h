/* The section of a report that trials make. */
#ifndef BENCH_FAULTS_H
#define BENCH_FAULTS_H

#include "trial.h"

typedef struct {
  size_t n, lost, repeated; /* words, of trials whose truth is known to the word */
  size_t hung, late, not_utf8, unexpected;
} trial_counts;
trial_counts trials_count(const trial *t, size_t n);

/* {"section": "faults", rates with bootstrap intervals by fault, kind and mode, examples}. */
json_t *faults_section(const char *model, const trial_plan *plan, const trial *t, size_t show);
/* What the same trials gave over loopback HTTP: {"n", "same", counts}. */
json_t *faults_wall(const trial *t, const trial *wall, size_t n);
void faults_text(FILE *f, const json_t *section);
void faults_html(FILE *f, const json_t *section);

#endif
