/* How likely a reader finds texts as replies to prompts. */
#ifndef BENCH_SCORE_H
#define BENCH_SCORE_H

#include "session.h"

enum { CUTS = 3, SCORE_TOKENS = 32 };
extern const uint32_t cut_words[CUTS]; /* 4, 6, 8 */

/* A text as the reader reads it: its first 8 words, at most SCORE_TOKENS tokens. Of its first 4, 6
 * and 8 words (all it has, where there are fewer): the tokens that begin in them and their bytes.
 */
typedef struct {
  uint16_t ids[SCORE_TOKENS];
  uint32_t tokens[CUTS], bytes[CUTS];
} reading;
/* One for each text (NULL: no tokens); free it. NULL with *e. */
reading *readings_of(session *reader, const char *const *texts, size_t count, host_error *e);

/* Bytes of text that are its first `words` words: to the end of the last one with its marks. */
size_t first_words(const char *text, uint32_t words);

typedef struct {
  uint32_t text, prompt;
  double limit;      /* nats beyond which nobody wants to know: INFINITY, or where to stop */
  double nats[CUTS]; /* out: -log p(first 4, 6, 8 words | prompt); INFINITY: not before the limit */
} scored;
/* Fills in nats; the same for any number of threads. Each prompt is read once, and a beginning that
 * several of its texts have in common too. */
int score_all(session *reader, const prompts *p, const reading *texts, scored *pairs, size_t count,
              const char *what, host_error *e);

#endif
