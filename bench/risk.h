/* How far a confidence can be trusted: its ROC area, its calibration, and the risk of what is
 * spoken against how much is. */
#ifndef BENCH_RISK_H
#define BENCH_RISK_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Of n openers with a confidence, good or not: {"n", "good", "auc": rate, "ece", "brier",
 * "risk": [{"coverage", "from", "bad"}], "bins": [{"confidence", "good", "n"}]}: of the share
 * `coverage` with the highest confidence (all from `from` on) `bad` is bad; ten bins of equal
 * count. Both classes must be there. */
json_t *risk_json(const double *confidence, const uint8_t *good, size_t n, uint64_t seed);

/* {"section": "gate", "model", "threshold", "silent", "labels": [{"of", "fitted_on", "raw",
 * "gate": risk_json, "kinds": [{"name", "auc", "n"}]?}]}. */
void gate_text(FILE *f, const json_t *section);
void gate_html(FILE *f, const json_t *section);

#endif
