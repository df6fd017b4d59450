/* Pieces of the report's page that its sections share. */
#ifndef BENCH_PAGE_H
#define BENCH_PAGE_H

#include "report.h"

static inline double number(const json_t *o, const char *key) {
  return json_number_value(json_object_get(o, key));
}
static inline const char *text(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

/* In an SVG 940 wide: a name, a rate with its interval (rate_json); nothing if it is none. */
void page_bar(FILE *f, double y, const char *name, const json_t *rate, const char *colour);
/* {"first_word_ms", "speech_end_ms", "cloud_ms", "gap_ms"}: the opener's speech over the delay. */
void page_timeline(FILE *f, const json_t *x);
/* Ten counts, by the share of the delay that speech covers. */
void page_histogram(FILE *f, const json_t *bins);
/* What was heard: opener, a seam in the colour of its verdict, the bridge in its own, the device's
 * close; and how the cloud's text began, where that is not what was spoken. */
void page_spoken(FILE *f, const json_t *x);
/* A figure for the head of the page. */
void page_num(FILE *f, const char *value, const char *what);

#endif
