/* The dialects of chat endpoints: how a handoff is asked for, and what their answers mean.
 *
 * A *prefill* dialect takes the opener as the beginning of the assistant's message and goes on from
 * it; each names that differently. Where there is none, and after a 400, the opener is quoted in
 * the instructions instead (docs/HANDOFF.md). */
#ifndef BENCH_DIALECT_H
#define BENCH_DIALECT_H

#include <jansson.h>

#include "instruct.h"
#include "sse.h"

typedef enum { API_CHAT, API_MESSAGES } api; /* /chat/completions, /messages (Anthropic) */
typedef enum {
  PREFILL_NONE,     /* instructions alone */
  PREFILL_TRAILING, /* a trailing assistant message is gone on from: llama.cpp, Anthropic */
  PREFILL_VLLM,     /* likewise, with continue_final_message and add_generation_prompt */
  PREFILL_PREFIX,   /* "prefix": true on it: Mistral, DeepSeek's beta */
} prefill;

typedef struct {
  const char *name, *host; /* host: of the URL that chooses it, or NULL */
  api api;
  prefill prefill;
  const char *key_env; /* environment variable of the key; for its own host alone */
} profile;

/* "openai", "llama.cpp", "vllm", "mistral", "deepseek", "anthropic"; NULL: no such profile. */
const profile *profile_named(const char *name);
/* By the host of a URL; NULL where it says nothing, so that GET /models has to tell. */
const profile *profile_of_host(const char *host);
/* By the body of GET /models (at most n bytes of JSON): llama.cpp and vLLM own their models under
 * their names; anything else takes instructions ("openai"). model[size] gets the first model's
 * name, or "" if there is none. */
const profile *profile_of_models(const char *body, size_t n, char *model, size_t size);

typedef struct {
  const ulm_message *turns; /* the conversation, ending with the user's words */
  size_t count;
  const char *opener; /* as spoken; "" if nothing was */
  const char *model;
  uint32_t max_tokens;
  double temperature; /* negative: the endpoint's own */
  instruction how;
} asking;

/* The request's body. instruct: 1 leaves the prefill out and quotes the opener in the instructions.
 */
json_t *dialect_request(const profile *p, const asking *a, int instruct);
/* Path behind the base URL: "/chat/completions", "/messages". */
const char *dialect_path(const profile *p);

/* ---- Answers ---- */

enum { REPLY_BODY_MAX = 1 << 20, REPLY_TEXT_MAX = 1 << 16 };

typedef enum {
  REPLY_OPEN,   /* more may come */
  REPLY_STOP,   /* the model ended its turn */
  REPLY_LENGTH, /* cut by the token limit */
  REPLY_CUT,    /* the body ended without either */
  REPLY_ERROR,  /* the endpoint or the bytes said so: `error` */
} reply_end;
const char *reply_end_name(reply_end e);

/* A body under way: bytes in, text out. SSE or, where an endpoint does not stream, one JSON object.
 */
typedef struct {
  const profile *profile;
  int streams;
  reply_end end;
  uint64_t bytes;
  size_t text_bytes, events;
  char tail[16]; /* last bytes of the text */
  size_t tail_size;
  char error[256];
  void (*text)(void *user, const char *text, size_t n);
  void *user;
  char *body; /* not streamed: grows up to REPLY_BODY_MAX */
  size_t size, cap;
  sse sse;
} reply;

/* streams: the content type is text/event-stream. */
void reply_begin(reply *r, const profile *p, int streams,
                 void (*text)(void *user, const char *text, size_t n), void *user);
reply_end reply_feed(reply *r, const char *bytes, size_t n);
/* The body ended; clean: as it should, so that an event without its blank line counts, and a text
 * that ends with a sentence is whole even if no event says so. Frees what was held. */
reply_end reply_finish(reply *r, int clean);
/* The message of an error body, in any of the usual forms, into out[size]; "" if it has none. */
void dialect_error(const char *body, size_t n, char *out, size_t size);

#endif
