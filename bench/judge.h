/* Whether a handoff came out right: rules over what was spoken and what should have been.
 * docs/HANDOFF.md. */
#ifndef BENCH_JUDGE_H
#define BENCH_JUDGE_H

#include <stddef.h>
#include <stdint.h>

enum {
  BREAKS_UTF8 = 1,    /* not UTF-8 */
  BREAKS_WORDS = 2,   /* words lost or repeated against the truth */
  BREAKS_SPACE = 4,   /* not exactly one space at the seam where one is due */
  BREAKS_MARKS = 8,   /* two marks meet at the seam */
  BREAKS_CASE = 16,   /* small letter after a sentence, or a capital that mid-sentence has none */
  BREAKS_BRIDGE = 32, /* a bridge of more than 12 words, or with words it must not have */
  BREAKS_END = 64,    /* the reply does not end like a sentence */
  BREAKS_TWICE = 128, /* words at the opener's end said again behind the seam, unlike the truth */
  BREAKS = 8,         /* number of rules */
  BREAKS_SEAM = BREAKS_UTF8 | BREAKS_SPACE | BREAKS_MARKS | BREAKS_CASE | BREAKS_TWICE
};
const char *rule_name(int bit); /* of 0..BREAKS-1 */

typedef struct {
  const char *opener;
  const char *spoken; /* what the splice gave out behind it */
  const char *truth;  /* what the continuator meant to be said behind it; NULL: nobody knows */
  const char *bridge; /* of the truth, or "" */
  int explicit_mode;  /* explicit correction may say that something was wrong */
} judged;

typedef struct {
  uint32_t breaks;         /* BREAKS_* bits; 0: good */
  uint32_t lost, repeated; /* words */
} verdict;

verdict judge(const judged *j);

#endif
