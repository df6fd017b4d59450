/* The switch matrix: any opener models by any continuators, over the same prompts. */
#ifndef BENCH_MATRIX_H
#define BENCH_MATRIX_H

#include "online.h"

typedef struct {
  const prompts *p; /* with references */
  char *const *blobs;
  size_t count;
  const char *continuators; /* with commas: synthetic, synthetic:FAULT, URLs */
  speaking how;
  endpoint_options cloud; /* but for its url */
  int mode;               /* ulm_recovery; -1: all in turn */
  uint32_t tokens;
  int threads;
  const char *report; /* folder of kept openers */
} matrix_plan;

/* {"section": "matrix", "cells": [...]}: rates with bootstrap intervals, differences to the first
 * cell by paired ones. NULL with *e. */
json_t *matrix_section(const matrix_plan *plan, host_error *e);
void matrix_text(FILE *f, const json_t *section);
void matrix_html(FILE *f, const json_t *section);

#endif
