/* Virtual time of a handoff: does the opener's speech cover the cloud's delay? */
#ifndef BENCH_TIMELINE_H
#define BENCH_TIMELINE_H

#include <stdint.h>

enum { WORD_MS = 400 }; /* 150 words a minute */

typedef struct {
  double speech_end_ms; /* first word + words * WORD_MS */
  double cloud_ms;  /* first text of the cloud; the request leaves at 0, with the last word of the
                       user */
  double masked_ms; /* of the cloud's delay, while the device prepared or spoke */
  double gap_ms;    /* silence between the opener and the cloud's text */
} timeline;

static inline timeline timeline_of(uint32_t words, double first_word_ms, double cloud_ms) {
  const double end = first_word_ms + (double)words * WORD_MS;
  return (timeline){end, cloud_ms, cloud_ms < end ? cloud_ms : end,
                    cloud_ms > end ? cloud_ms - end : 0};
}

#endif
