/* What openers are worth, prompt by prompt, whoever said them. docs/EVAL.md. */
#ifndef BENCH_MEASURES_H
#define BENCH_MEASURES_H

#include "grounding.h"
#include "stats.h"

/* X(id, key in JSON, heading, 1: a share, shown in percent) */
#define MEASURE_TABLE(X)                                                                           \
  X(CONTRACT, "contract", "contract", 1)                                                           \
  X(UNFORCED, "contract_unforced", "unforced", 1)                                                  \
  X(LOSS, "loss", "loss", 0)                                                                       \
  X(LOSS_BYTE, "loss_byte", "loss/byte", 0)                                                        \
  X(GROUNDED, "grounded", "grounded", 1)                                                           \
  X(PICKED, "picked", "picked", 1)                                                                 \
  X(READ, "reader_byte", "read/byte", 0)                                                           \
  X(FIRST, "first_word", "1st word", 1)                                                            \
  X(CONTENT, "first_content_word", "content", 1)                                                   \
  X(REPEATS, "repeats", "repeats", 1)                                                              \
  X(MOST, "most_frequent_share", "frequent", 1)
enum {
#define X(id, key, title, share) M_##id,
  MEASURE_TABLE(X)
#undef X
      MEASURES
};
typedef struct {
  const char *key, *title;
  int share;
} measure_name;
extern const measure_name measure_names[MEASURES];

/* One speaker's openers. All arrays are [prompts]; those that may be NULL are measured as absent.
 */
typedef struct {
  const char *name;
  const char **texts;     /* NULL: it has none for that prompt */
  const spoken *unforced; /* may be NULL */
  const grounded *read;   /* may be NULL */
  const double (
      *loss)[2 * CUTS]; /* of the reference's first words: nats a token, nats a byte; may be NULL */
} speaker;

/* A measure's value at each prompt, NAN where it has none there. */
typedef struct {
  double *of[MEASURES];
  size_t n, spoken; /* openers among them */
  size_t most;      /* prompt of the most frequent opener; SIZE_MAX: no opener */
  double distinct;  /* different openers / openers */
} values;
/* Of the openers' first cut_words[cut] words, over the prompts i with in[i] (NULL: all). */
void values_take(values *v, const speaker *s, const prompts *p, int cut, const uint8_t *in);
void values_free(values *v);

/* {measure's key: rate, ..., "distinct", "most_frequent"}; measures without a value are left out.
 */
json_t *values_json(const values *v, const speaker *s, int cut, uint64_t seed);
/* Of a less b, prompt by prompt where both have a value: {measure's key: rate, ...}. */
json_t *paired_json(const values *a, const values *b, uint64_t seed);

/* 4-8 whole words, clean UTF-8, no marker of the chat template. */
int keeps_contract(const char *text);
/* A word twice in a row, or the same two words in a row twice. */
int repeats(const char *text);

/* -log p of each reference's first 4, 6, 8 words under s: nats a token, then nats a byte; NAN
 * without a reference. */
int reference_loss(session *s, const prompts *p, double (*loss)[2 * CUTS], host_error *e);

/* How well confidence tells good openers from others: {"of", "n", "good", "auc", "ece", "brier":
 * rates, "bins": [{"n", "confidence", "good"}]}. good: 0 or 1, NAN: unknown. NULL where fewer than
 * 10 are known. */
json_t *calibration_json(const char *of, const double *confidence, const double *good, size_t n,
                         uint64_t seed);

#endif
