/* Handoff: what passes between the device's opener and the cloud's continuation: the recovery, the
 * splice that joins them, the words the device has of its own, and the states with their timeouts.
 * Bounded memory, no allocation, no clock of its own. docs/HANDOFF.md. */
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
  uint8_t quoted, spaced, dots, line, marked;
} ulm_splice;

void ulm_splice_begin(ulm_splice *s, const char *opener, size_t n);
/* Feeds n bytes; gives what may be spoken to `emit` (zero or more calls, valid UTF-8 each). */
void ulm_splice_feed(ulm_splice *s, const char *bytes, size_t n,
                     void (*emit)(void *user, const char *text, size_t n), void *user);
/* The stream ended: lets go of what was held. */
void ulm_splice_end(ulm_splice *s, void (*emit)(void *user, const char *text, size_t n),
                    void *user);

/* ---- Words of the device's own ----------------------------------------------------------------
 */

/* What a text's end is, in any script: 2 a sentence, 1 a clause, 0 a fragment (or nothing). */
int ulm_stop(const char *text, size_t n);

/* What a request is about: the last name in it ("Seattle"), else its last noun with an article or a
 * possessive ("the weather", "your flight"), at most three words; English. 0: nothing safe. */
enum { ULM_TOPIC_BYTES = 64 };
size_t ulm_topic(const char *request, size_t n, char out[ULM_TOPIC_BYTES]);

/* A neutral opener on the topic, 5-8 words that claim nothing: "As for Seattle, let me see,". 0
 * without a topic: then silence is better. */
size_t ulm_neutral(const char *topic, char out[ULM_OPENER_BYTES]);

/* A local close for a reply whose continuation never came, behind what was said so far (its last
 * ULM_TAIL bytes are enough): finishes the sentence, says honestly that the rest is out of reach,
 * and what to do. topic: "" for none. NUL-terminated; returns its bytes. */
enum { ULM_TAIL = 64, ULM_CLOSE_BYTES = 256 };
size_t ulm_close(const char *said, size_t n, const char *topic, char out[ULM_CLOSE_BYTES]);

/* ---- States and times
 * ----------------------------------------------------------------------------
 *
 *   begin -> OPENER -> WAITING -> SPLICING -> CONTINUING -> DONE
 *              |          |          |            |-------> CLOSED     the cloud failed: local
 * close
 *              +----------+----------+------------+-------> CANCELLED  barge-in
 *
 * The caller owns clock, network and voice. It tells what happened and when; the machine gives out
 * words to speak through `say` and answers with what is to be done. Time is in milliseconds of any
 * steady clock; a step back counts as no step. A call that does not fit the state (cloud bytes
 * after barge-in, a word behind the opener's end) changes nothing. */
typedef enum {
  ULM_HANDOFF_OPENER = 0, /* the user speaks, or the opener is being made */
  ULM_HANDOFF_WAITING,    /* the opener is whole; the cloud has sent nothing */
  ULM_HANDOFF_SPLICING,   /* bytes came; the first word is not certain yet */
  ULM_HANDOFF_CONTINUING, /* the cloud's words are being spoken */
  ULM_HANDOFF_DONE,       /* the cloud ended its answer */
  ULM_HANDOFF_CLOSED,     /* the device closed it */
  ULM_HANDOFF_CANCELLED,  /* barge-in: nothing more is spoken */
  ULM_HANDOFF_STATES
} ulm_handoff_state;
const char *ulm_handoff_state_name(ulm_handoff_state s); /* "opener", "waiting", ... */

enum {                     /* what is to be done: bits */
       ULM_DO_CONNECT = 1, /* open a connection to the continuator, ahead of the request */
       ULM_DO_ASK = 2,     /* send the record: ulm_record_json */
       ULM_DO_DROP = 4,    /* end the request: what it may still send is not wanted */
       ULM_DO_HUSH = 8,    /* make no more opener: return non-zero from on_word */
};

typedef enum {
  ULM_CLOUD_WHOLE, /* the model ended its turn */
  ULM_CLOUD_CUT,   /* the text broke off: token limit, connection lost */
  ULM_CLOUD_ERROR, /* refused, malformed, timed out below */
} ulm_cloud_end;

typedef struct {
  uint32_t opener_ms; /* from the user's last word to the opener's end; 0: 1,000 */
  uint32_t first_ms; /* from the request: the first word is waited for so long at least; 0: 4,000 */
  uint32_t silence_ms; /* most silence behind what was spoken before the device closes; 0: 2,500 */
  uint32_t total_ms;   /* from the request to the answer's end; 0: 60,000 */
  uint32_t word_ms;    /* a spoken word takes; 0: 400. 1 for text on a display */
  const char *topic;   /* of the request, for the close; NULL: none */
  /* Gives out whole words with the space before them, the continuation's and the close's; the
   * opener's are the caller's own. */
  void (*say)(void *user, const char *text, size_t n);
  void *user;
} ulm_handoff_options;

typedef struct {
  ulm_handoff_state state;
  char opener[ULM_OPENER_BYTES]; /* as spoken, NUL-terminated */
  uint32_t opener_size;
  ulm_cloud_end end;                      /* of the cloud, where state is DONE or CLOSED */
  uint32_t words;                         /* spoken so far, opener included */
  uint64_t asked_ms, first_ms, closed_ms; /* request, first word behind the seam, close; 0: none */
  uint64_t speech_ms;                     /* when all that was given out will have been spoken */
  /* private */
  ulm_handoff_options o;
  ulm_splice splice;
  uint64_t now, heard;
  char tail[ULM_TAIL]; /* the end of what was said */
  uint32_t tail_size;
  char word[ULM_TAIL]; /* the word under way: spoken when it is whole */
  uint32_t word_size;
  char topic[ULM_TOPIC_BYTES];
  int spoken; /* something was said behind the seam */
} ulm_handoff;

/* The user begins to speak: CONNECT. */
unsigned ulm_handoff_begin(ulm_handoff *h, const ulm_handoff_options *o, uint64_t now);
/* The user's last word was heard: the opener's time starts. */
unsigned ulm_handoff_heard(ulm_handoff *h, uint64_t now);
/* One word of the opener goes to the voice (ulm_speak's on_word). HUSH once the opener is over. */
unsigned ulm_handoff_word(ulm_handoff *h, const char *word, size_t n, uint64_t now);
/* The opener is whole; no word of it: the gate chose silence. ASK. */
unsigned ulm_handoff_opened(ulm_handoff *h, uint64_t now);
/* Bytes of the continuation, cut anywhere. */
unsigned ulm_handoff_cloud(ulm_handoff *h, const char *bytes, size_t n, uint64_t now);
/* It ended. A word that was cut is not spoken; what broke off is closed by the device. */
unsigned ulm_handoff_end(ulm_handoff *h, ulm_cloud_end how, uint64_t now);
/* Time went by: to be called at ulm_handoff_due, or often. */
unsigned ulm_handoff_tick(ulm_handoff *h, uint64_t now);
/* When the next timeout is due; UINT64_MAX: none. */
uint64_t ulm_handoff_due(const ulm_handoff *h);
/* Barge-in. DROP, HUSH. */
unsigned ulm_handoff_cancel(ulm_handoff *h, uint64_t now);

/* ---- The record ---------------------------------------------------------------------------------
 *
 * What is handed over, once ulm_handoff_opened said ASK: the conversation, the opener as it was
 * spoken and whether it is a fragment, a clause or a sentence, its confidence, the recoveries that
 * the integrator allows, and where it is in time. */
typedef struct {
  const ulm_message *turns; /* ends with the user's words */
  size_t count;
  float confidence; /* ulm_opener's */
  unsigned allowed; /* bits 1 << ulm_recovery; 0: all */
} ulm_record;

/* As one line of JSON, for the network, into out[size]; like snprintf it cuts what does not fit,
 * ends with NUL, and returns the bytes of the whole. docs/HANDOFF.md has the fields. */
size_t ulm_record_json(const ulm_handoff *h, const ulm_record *r, char *out, size_t size);

#ifdef __cplusplus
}
#endif
#endif
