#include "instruct.h"

#include <stdio.h>
#include <string.h>

/* Bridges, by mode. */
static const char *const manners[ULM_RECOVERIES] = {
    "correct yourself in a few plain words (\"sorry, let me put that right\"), and do not explain "
    "how "
    "it came about",
    "steer over naturally, as people do in talk, as if it had been the plan; never call it wrong, "
    "incorrect, a mistake, a misunderstanding or not possible, and do not explain",
    "make light of it at your own cost, kindly and in passing; never call it wrong, incorrect, a "
    "mistake, a misunderstanding or not possible, and do not explain"};

static const char *const slips[ULM_SLIPS] = {
    "they state something false",    "they are about something else",
    "they answer another request",   "they cannot be finished to a sensible sentence",
    "they say the same thing twice", "they are harmful or unkind"};

typedef struct {
  char *p;
  size_t n;
} text;
static void add(text *t, const char *s) {
  const size_t k = strlen(s);
  if (k >= INSTRUCT_MAX - t->n) return;
  memcpy(t->p + t->n, s, k + 1);
  t->n += k;
}

size_t instruct(const instruction *how, const char *opener, int prefill, char out[INSTRUCT_MAX]) {
  text t = {out, 0};
  out[0] = 0;
  if (!*opener) {
    add(&t, "You answer by voice. Begin with the answer itself: no greeting, no heading, no "
            "Markdown. Be brief and concrete; ask at most one question back.");
    return t.n;
  }
  add(&t, "Your reply is spoken aloud, and its first words have been spoken already");
  add(&t, prefill ? "; they stand at the beginning of your message.\n" : ": \"");
  if (!prefill) add(&t, opener), add(&t, "\"\n");
  add(&t, "What you write is said right behind them, by the same voice, as one reply.\n"
          "- Write nothing but the continuation: do not say those words again, no greeting, no "
          "heading, no quotation marks around it, no Markdown, no remark about this task.\n");
  add(&t,
      how->stop == 2
          ? "- The words spoken are a whole sentence: do not restate it, go on with the next one, "
            "and begin it with a capital.\n"
          : "- The words spoken break off inside a sentence: first finish it in as few words as "
            "you can, in lower case unless a name comes first. Do not begin a new sentence.\n");
  add(&t,
      "- Then give what the user asked for: short, concrete, two to five steps where steps "
      "help; at most one question back.\n"
      "- Only if the words spoken lead away from a good answer, turn with one bridge of at most "
      "12 words and then give the right answer at once:\n");
  for (int m = 0; m < ULM_RECOVERIES; m++) {
    int any = 0;
    for (int s = 0; s < ULM_SLIPS; s++) {
      if ((int)ulm_recovery_for((ulm_slip)s, how->allowed) != m) continue;
      add(&t, any++ ? ", or " : "  - if ");
      add(&t, slips[s]);
    }
    if (any) add(&t, ": "), add(&t, manners[m]), add(&t, ".\n");
  }
  return t.n;
}
