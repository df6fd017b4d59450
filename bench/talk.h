/* The rest of a handoff in real time: the opener is whole, the request leaves, and what comes is
 * spoken until the reply is done, closed by the device, or cancelled. One thread. */
#ifndef BENCH_TALK_H
#define BENCH_TALK_H

#include <signal.h>

#include "endpoint.h"

typedef struct {
  endpoint *cloud;
  double began;                      /* host_now() at 0 ms of the handoff's clock */
  const volatile sig_atomic_t *stop; /* non-zero: barge-in; may be NULL */
  char *raw;                         /* what the cloud sent, as it came, if not NULL */
  size_t raw_size, raw_cap;          /* more than raw_cap bytes are not kept */
  double text_ms;                    /* on that clock: its first text; 0: none */
} talk;

uint64_t talk_now(const talk *t);

/* To be called when ulm_handoff_opened asked for it; drives the endpoint until h is over. a->opener
 * and a->how.stop are set from h. Whatever the cloud does, h ends within its times. */
void talk_ask(talk *t, ulm_handoff *h, const asking *a);

/* How an answer's end is told to the states. */
ulm_cloud_end cloud_end_of(reply_end end);

/* Options of a command that names an endpoint, for its table. */
#define ENDPOINT_OPTIONS(o)                                                                        \
  {"profile", "P", "dialect: chat, openai, llama.cpp, vllm, mistral, deepseek, anthropic (asked)", \
   OPT_STRING, &(o).profile},                                                                      \
      {"model", "M", "model of the endpoint (the first that it names)", OPT_STRING, &(o).model},   \
      {"key-env", "VAR", "environment variable that holds its key (ULM_API_KEY)", OPT_STRING,      \
       &(o).key_env},                                                                              \
  {                                                                                                \
    "ca", "F", "certificates to trust instead of the system's", OPT_STRING, &(o).ca                \
  }

/* Bits 1 << ulm_recovery of "explicit", "redirect", "humor" or "any" (0: all); -1: none of them. */
int recoveries_named(const char *name);

#endif
