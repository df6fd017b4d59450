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

/* The splice: bytes of the continuation in, bytes to speak out. It joins them to the opener:
 * trims a repeated opener or overlap, leading meta text, headings, quotes and ellipses; fixes
 * space, case and doubled punctuation at the seam; holds back split UTF-8. For any cut of the
 * stream into pieces the output is the same. */
enum {
  ULM_SPLICE_HOLD = 320
}; /* most bytes held back while the seam is decided: a repeated opener and marks */

typedef struct {
  char opener[ULM_OPENER_BYTES];
  uint32_t opener_size;
  char held[ULM_SPLICE_HOLD];
  uint32_t held_size;
  char part[4]; /* of a character that is not whole yet */
  uint32_t part_size;
  int state;        /* private */
  uint32_t trimmed; /* bytes of repeated opener, meta text and marks that were dropped */
  uint32_t emitted; /* bytes given out so far */
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
