#include "continuator.h"
#include "session.h"

#include <math.h>
#include <string.h>

const char *outcome_name(outcome o) {
  static const char *const names_of[OUTCOMES] = {"continued", "joined", "recovered"};
  return (unsigned)o < OUTCOMES ? names_of[o] : "?";
}

/* Behind a fragment they begin with a comma, where the opener has no mark; behind a sentence with a
 * capital. */
static const char *const bridges[ULM_RECOVERIES][2][4] = {
    {{"sorry, let me put that right:", "no, wait, let me correct that:", "sorry, scratch that:",
      "I misspoke there, so once more:"},
     {"Sorry, let me put that right.", "Sorry, scratch that.", "I misspoke there, so once more.",
      "Let me correct that."}},
    {{"which brings me to your question:", "or, to come to the point:",
      "and here is what you asked for:", "though what you want is this:"},
     {"To come to your question.", "Now, what you asked for.", "And here is the part you wanted.",
      "Back to your question."}},
    {{"and there my tongue ran ahead of me:", "well, my brain needs more coffee:",
      "and now in the right order:", "which is me thinking out loud, so:"},
     {"My tongue ran ahead of me there.", "That was my warm-up lap.",
      "And now with my brain switched on.", "I was humming another tune, here is yours."}}};

static int is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (unsigned char)c >= 0x80;
}

/* Byte behind the opener's words in the reference, or 0 if it does not begin with them. */
static size_t shared_start(const char *opener, const char *reference) {
  char a[128], b[128];
  size_t words = 0;
  for (; word_at(opener, words, a, sizeof a); words++)
    if (!word_at(reference, words, b, sizeof b) || strcmp(a, b)) return 0;
  if (!words) return 0;
  const char *p = reference;
  for (size_t i = 0; i < words; i++) {
    while (*p && !is_word_byte(*p)) p++;
    while (*p && *p != ' ' && *p != '\n') p++;
  }
  while (p > reference && !is_word_byte(p[-1])) p--; /* marks belong to what follows */
  return (size_t)(p - reference);
}

/* Byte behind the first sentence; the whole length if there is one only. */
static size_t first_sentence(const char *s) {
  const char *p = s;
  while (*p) {
    const char *from = p;
    while (*p && *p != ' ' && *p != '\n') p++;
    if (p > from && ulm_word_end(from, (size_t)(p - from)) == 2) break;
    while (*p == ' ' || *p == '\n') p++;
  }
  return (size_t)(p - s);
}

static int opener_stop(const char *opener) {
  const char *word = strrchr(opener, ' ');
  word = word ? word + 1 : opener;
  return ulm_word_end(word, strlen(word));
}

static void put(continuation *c, const char *s, size_t n, int *full) {
  if (n > CONTINUATION_MAX - 1 - c->size)
    *full = 1;
  else
    memcpy(c->text + c->size, s, n), c->size += (uint32_t)n, c->text[c->size] = 0;
}

static double normal(ulm_rng *r) { /* Box and Muller */
  const double u = ((double)ulm_rng_u32(r) + 0.5) / 4294967296.0,
               v = ((double)ulm_rng_u32(r) + 0.5) / 4294967296.0;
  return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

double synthetic_first_ms(ulm_rng *r) {
  const double ms = 900 * exp(0.5 * normal(r));
  return ms < 300 ? 300 : ms > 4000 ? 4000 : ms;
}

static void schedule(continuation *c, ulm_rng *r) {
  double ms = synthetic_first_ms(r);
  for (uint32_t at = 0; at < c->size; c->count++) {
    uint32_t n = 1 + ulm_rng_below(r, 8);
    if (n > c->size - at || c->count == PIECES_MAX - 1) n = c->size - at;
    c->pieces[c->count] = (timed_piece){ms, at, n};
    at += n;
    ms += 20 + ulm_rng_below(r, 41);
  }
  if (!c->count)
    c->pieces[c->count++] =
        (timed_piece){ms, 0, 0}; /* the cloud's "nothing to add" takes time too */
}

static int go_on(const handoff *h, int off, continuation *c, host_error *e) {
  ulm_rng r = ulm_rng_seed(h->seed, 0x636f6e74);
  int full = 0;
  const int stop = opener_stop(h->opener);
  const size_t same = shared_start(h->opener, h->reference);
  c->size = c->count = c->bridge = 0;
  c->text[0] = 0;
  if (same && !off) {
    c->outcome = OUTCOME_CONTINUED;
    put(c, h->reference + same, strlen(h->reference + same), &full);
  } else if (!off && stop == 2 && h->slot && names(h->opener, h->slot, NULL)) {
    c->outcome = OUTCOME_JOINED;
    const char *rest = h->reference + first_sentence(h->reference);
    put(c, rest, strlen(rest), &full);
  } else {
    c->outcome = OUTCOME_RECOVERED;
    const char *bridge = bridges[h->mode][stop == 2][ulm_rng_below(&r, 4)];
    if (stop == 0) put(c, ",", 1, &full);
    put(c, " ", 1, &full);
    put(c, bridge, strlen(bridge), &full);
    c->bridge = c->size;
    put(c, " ", 1, &full);
    put(c, h->reference, strlen(h->reference), &full);
  }
  if (full)
    return host_fail(e, "a reference of %zu bytes is longer than %d", strlen(h->reference),
                     CONTINUATION_MAX);
  schedule(c, &r);
  return 0;
}

int synthetic_continue(const handoff *h, continuation *c, host_error *e) {
  return go_on(h, 0, c, e);
}
int synthetic_recover(const handoff *h, continuation *c, host_error *e) {
  return go_on(h, 1, c, e);
}
