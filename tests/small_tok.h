/* A small text made of a few words, and vocabularies trained on it: for tests that need a
 * tokenizer. */
#ifndef SMALL_TOK_H
#define SMALL_TOK_H

#include <stdlib.h>
#include <string.h>

#include "runtime/ulm_num.h"
#include "tokenizer/spm.h"

typedef struct {
  ulm_rng rng;
  size_t left;
  char line[512];
} small_text;

static inline small_text small_text_begin(uint64_t seed, size_t lines) {
  return (small_text){ulm_rng_seed(seed, 7), lines, ""};
}

/* The next line, as spm_train wants it. */
static inline const char *small_text_next(void *user, size_t *n) {
  static const char *const who[] = {
      "The nurse",           "A baker", "My brother", "The old captain",
      "Someone from Zürich", "Émile",   "The robot"};
  static const char *const does[] = {"carries",        "remembers", "paints", "does not like",
                                     "is looking for", "counted",   "sells"};
  static const char *const what[] = {"the yellow umbrella",
                                     "12 eggs and 350 grams of flour",
                                     "two tickets to Lisbon",
                                     "a café near the harbour",
                                     "東京の地図",
                                     "the 7:45 train",
                                     "it all again \U0001F600",
                                     "her grandmother's clock"};
  static const char *const when[] = {"tomorrow morning", "after  dinner",
                                     "in the rain",      "before the meeting starts",
                                     "every Tuesday",    "- or so they say"};
  static const char *const end[] = {".", "!", "?", ", doesn't it?", "...", "; nobody knows why."};
#define SMALL_PICK(list) list[ulm_rng_below(&t->rng, sizeof list / sizeof *list)]
  small_text *t = user;
  if (t->left == 0) return NULL;
  t->left--;
  const char *a = SMALL_PICK(who), *b = SMALL_PICK(does), *c = SMALL_PICK(what),
             *d = SMALL_PICK(when), *f = SMALL_PICK(end);
#undef SMALL_PICK
  const int k = snprintf(t->line, sizeof t->line, "%s %s %s %s%s", a, b, c, d, f);
  *n = (size_t)k;
  return t->line;
}

/* A model of `vocab` pieces (at most about 700) as bytes; dies if it cannot be trained. Free
 * *bytes. */
static inline void small_model(uint32_t vocab, uint8_t **bytes, size_t *n) {
  host_error e;
  small_text text = small_text_begin(1, 2000);
  const spm_train_options o = {.vocab = vocab, .seed = 1, .max_bytes = 1 << 20};
  if (spm_train(small_text_next, &text, &o, bytes, n, &e)) host_die("%s", e.text);
}

static inline spm *small_spm(uint32_t vocab) {
  host_error e;
  uint8_t *bytes;
  size_t n;
  small_model(vocab, &bytes, &n);
  spm *s = spm_open(bytes, n, &e);
  if (!s) host_die("%s", e.text);
  free(bytes);
  return s;
}

#endif
