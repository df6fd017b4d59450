/* A continuator over HTTP: one endpoint, one request at a time, driven by its caller without
 * threads.
 *
 *   endpoint *c = endpoint_open(&options, &e);        // reads the URL and the key; no network yet
 *   endpoint_probe(c, &e);                            // once: which dialect, which model (GET
 * /models) endpoint_warm(c);                                 // the user speaks, the opener is
 * being made:
 *   ... endpoint_poll(c, 0) now and then ...          //   the connection is opened meanwhile
 *   endpoint_ask(c, &question, text, user, &e);       // the opener is whole: the request leaves
 *   while (endpoint_poll(c, ms) == REPLY_OPEN) ...    // text comes in through `text`
 *   endpoint_stop(c);                                 // barge-in, or the wait is over
 *
 * Keys come from the environment alone, go to their own host over TLS or to loopback, and are never
 * printed. Certificates are verified. Redirects stay on the same host; sizes and times are bounded.
 */
#ifndef BENCH_ENDPOINT_H
#define BENCH_ENDPOINT_H

#include "../host.h"
#include "dialect.h"

typedef struct {
  const char *url;     /* base, e.g. http://127.0.0.1:8080/v1 */
  const char *profile; /* NULL: by the host, or by asking the server */
  const char *model;   /* NULL: the first one that the server names */
  const char *key_env; /* variable that holds the key; NULL: ULM_API_KEY, or its host's own */
  const char *ca;      /* certificates to trust instead of the system's, a file, or NULL */
  uint32_t connect_ms, total_ms; /* 0: 5,000 and 60,000 */
} endpoint_options;

typedef struct endpoint endpoint;

/* NULL with *e: not http(s), a name or password in the URL, an unknown profile, a key that is not
 * printable, a key that would leave unencrypted. */
endpoint *endpoint_open(const endpoint_options *o, host_error *e);
void endpoint_close(endpoint *c);

/* Asks GET /models where the profile or the model is not known yet; blocks for connect_ms + 5 s at
 * most. An endpoint that has no such page is taken for one that needs instructions; one that cannot
 * be reached, or refuses the key, is an error. A llama.cpp server is asked besides
 * (/apply-template) whether it goes on from a trailing assistant message; if not, it gets
 * instructions. */
int endpoint_probe(endpoint *c, host_error *e);

/* Begins to open a connection for the next request (HEAD /models), unless one is under way. */
void endpoint_warm(endpoint *c);

/* Sends the request; a->model may be NULL for the endpoint's own. `text` is called from
 * endpoint_poll. Must not be called while another is under way. */
int endpoint_ask(endpoint *c, const asking *a, void (*text)(void *user, const char *s, size_t n),
                 void *user, host_error *e);

/* Drives transfers; waits wait_ms at most for something to happen. REPLY_OPEN while the answer may
 * go on. A 400 or 422 to a prefill is asked again by instructions (and so are all later requests);
 * a 429 or 5xx before any text once more after Retry-After, if that is at most 2 s. */
reply_end endpoint_poll(endpoint *c, int wait_ms);

/* What follows an answer that is not 200: nothing, the same question by instructions, or again
 * after *wait_ms. retry_after_ms: as the header says, negative: none. */
typedef enum { NEXT_GIVE_UP, NEXT_INSTRUCT, NEXT_AGAIN } next_step;
next_step endpoint_next(int status, double retry_after_ms, int prefilled, int retries,
                        double *wait_ms);

/* Ends the answer now. */
void endpoint_stop(endpoint *c);

typedef struct {
  const char *profile, *model;
  const char *error; /* of the last answer that ended in REPLY_ERROR, or "" */
  int instructed;    /* 1: by instructions, be it for want of prefill or after a 400 */
  int status;        /* last HTTP status; 0: none yet */
  int reused;        /* the request went over a connection that was open already */
  int attempts;      /* requests of the last question */
  double first_ms;   /* from endpoint_ask to the first text; 0: none */
} endpoint_state;
endpoint_state endpoint_get(const endpoint *c);

#endif
