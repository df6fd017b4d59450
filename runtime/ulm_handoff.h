/* Handoff: what passes between the device's opener and the cloud's continuation, and the splice
 * that joins them. Bounded memory, no allocation. docs/HANDOFF.md. */
#ifndef ULM_HANDOFF_H
#define ULM_HANDOFF_H

#include "ulm.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  ULM_RECOVER_EXPLICIT = 0,
  ULM_RECOVER_REDIRECT = 1,
  ULM_RECOVER_HUMOR = 2,
  ULM_RECOVERIES
} ulm_recovery;
const char *ulm_recovery_name(ulm_recovery r); /* "explicit", "redirect", "humor" */

/* How an opener can be off. */
typedef enum {
  ULM_SLIP_FACT = 0,   /* it states something false */
  ULM_SLIP_TOPIC,      /* it is about something else */
  ULM_SLIP_INTENT,     /* it answers another request */
  ULM_SLIP_FRAGMENT,   /* it is cut where no sentence can go on */
  ULM_SLIP_REPETITION, /* it says the same thing twice */
  ULM_SLIP_UNSAFE,     /* harmful or unkind */
  ULM_SLIPS
} ulm_slip;
const char *ulm_slip_name(ulm_slip s); /* "fact", "topic", ... */
/* The mode for a slip: a false fact is corrected in words, a stray topic or request steered away
 * from, a stumble laughed off; `allowed` (bits 1 << ulm_recovery; 0: all) is the integrator's
 * taste, but what is unsafe is always taken back explicitly. */
ulm_recovery ulm_recovery_for(ulm_slip slip, unsigned allowed);

/* ---- The splice ---------------------------------------------------------------------------------
 *
 * Bytes of the continuation in, bytes to speak out. It joins them to the opener: drops a repeat of
 * the opener (as a whole, of its end, of its beginning, or in other words), meta text, headings,
 * marks of Markdown and ellipses before it; fixes space, case and doubled punctuation at the seam;
 * holds back split UTF-8. For any cut of the stream into pieces the output is the same, and nothing
 * is given out that a later byte could change. What is undecided at the bound is kept. */
enum { ULM_SPLICE_HOLD = 64 }; /* most bytes held back before the first word goes out */

typedef struct {
  char opener[ULM_OPENER_BYTES];
  uint32_t opener_size;
  char held[ULM_SPLICE_HOLD];
  uint32_t held_size;
  char part[4]; /* of a character that is not whole yet */
  uint32_t part_size;
  uint32_t matched; /* words of the opener that a certain repeat has said so far */
  uint32_t trimmed; /* bytes of repeats, meta text and marks that were dropped */
  uint32_t emitted; /* bytes given out so far */
  int phase;        /* private, as what follows */
  uint8_t open[3];  /* marks of Markdown that were dropped and whose twins are to come */
  uint8_t quoted, spaced, dots, line;
} ulm_splice;

void ulm_splice_begin(ulm_splice *s, const char *opener, size_t n);
/* Feeds n bytes; gives what may be spoken to `emit` (zero or more calls, valid UTF-8 each). */
void ulm_splice_feed(ulm_splice *s, const char *bytes, size_t n,
                     void (*emit)(void *user, const char *text, size_t n), void *user);
/* The stream ended: lets go of what was held. */
void ulm_splice_end(ulm_splice *s, void (*emit)(void *user, const char *text, size_t n),
                    void *user);

#ifdef __cplusplus
}
#endif
#endif
