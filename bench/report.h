/* REPORT/: sections as JSON files, and report.txt, report.jsonl and report.html made of all that
 * are there. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <jansson.h>

#include "../host.h"

/* Stores `section` as REPORT/<name>.json, with it the curves of a training folder and the error
 * tables of quantized files (comma-separated), where given; then makes the pages anew. */
int report_write(const char *dir, const char *name, const json_t *section, const char *run,
                 const char *quant, host_error *e);

/* One section as people read it in a terminal; bold: with escape codes. */
void report_text(FILE *f, const json_t *section, int bold);

/* The page, from sections {"opener", "handoff", "training", "quant"} as they are there. */
void report_html(FILE *f, const json_t *sections);

/* Text for HTML: <, >, &, quotes escaped; invalid UTF-8 becomes U+FFFD. */
void html_text(FILE *f, const char *s);

#endif
