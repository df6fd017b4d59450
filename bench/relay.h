/* One handoff through all of it (HTTP answer, parser, states, splice): with an answer that was
 * staged, in virtual time or over a loopback socket; or with any endpoint. */
#ifndef BENCH_RELAY_H
#define BENCH_RELAY_H

#include "../runtime/ulm_handoff.h"
#include "../runtime/ulm_words.h"
#include "endpoint.h"
#include "fault.h"

typedef struct {
  const char *text;
  double first_word_ms, opened_ms; /* from the user's last word: its first word, its whole */
  const char *topic;               /* of the request, or NULL */
} spoken_opener;

typedef struct {
  ulm_handoff_state state;
  ulm_cloud_end end;
  char *spoken;   /* behind the opener; free it */
  size_t close;   /* its bytes before the device's own close: all of them where there is none */
  size_t got;     /* bytes of text that the cloud had delivered */
  int attempts;   /* requests */
  int late;       /* the close came later than its limit */
  int hung;       /* nothing would have ended it */
  double text_ms; /* from the user's last word: first text of the cloud; 0: none */
  double word_ms; /* first word behind the seam (the close's, if there is no other) */
  double opener_end_ms; /* the opener has been spoken */
  double end_ms;        /* done, closed, cancelled */
  double silence_ms;    /* between what had been spoken and the device's close; 0 without one */
} passage;

/* Deterministic by seed, which cuts the bytes as networks do. */
void relay_virtual(const staged *s, const spoken_opener *o, uint64_t seed, passage *out);

/* In real time, to any endpoint: the connection is opened while the opener is being made, then a is
 * asked (its opener is o's). barge_in_ms after the request the user speaks; negative: never. */
void relay_ask(endpoint *cloud, const asking *a, const spoken_opener *o, double barge_in_ms,
               passage *out);

typedef struct relay_wall relay_wall;
enum { WALL_LANES = 16 };
relay_wall *relay_wall_open(host_error *e);
/* In real time; as many at once as there are lanes, each from a thread of its own. */
int relay_wall_run(relay_wall *w, int lane, const staged *s, const spoken_opener *o, passage *out,
                   host_error *e);
void relay_wall_close(relay_wall *w);

#endif
