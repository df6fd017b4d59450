/* The opener section's tables: the model beside others, paired differences, by length and by
 * source, calibration. */
#ifndef BENCH_STANDING_H
#define BENCH_STANDING_H

#include "panel.h"

/* Adds "systems", "paired", "lengths", "sources" and "calibration" to the section, and the model's
 * own rates at its top. */
void standing_add(json_t *section, const panel *x, const prompts *p, uint64_t seed);
void standing_text(FILE *f, const json_t *section);
void standing_html(FILE *f, const json_t *section);

/* A line of JSON for each prompt: what each speaker said and what was made of it. */
int standing_lines(const char *path, const panel *x, const prompts *p, host_error *e);

#endif
