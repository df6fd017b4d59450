#include "latency.h"
#include "cold.h"

#include <stdlib.h>
#include <string.h>

/* Its first words make the turn. */
static const char said[] =
    "How many people live in Seattle, and what should a visitor who has never been there see first "
    "when it rains all day long and the museums are closed? I would also like to know where to "
    "eat, how to get from the airport to the harbor, and whether two days are enough.";

static size_t count_of(const latency *l, const char *text, size_t n) {
  uint16_t ids[sizeof said];
  size_t count = 0;
  return ulm_encode(l->m, text, n, ids, sizeof said, &count) ? sizeof said : count;
}

/* As many whole words as fit between the turn's header and the reply's. */
static void compose(latency *l) {
  const size_t around =
      3 + count_of(l, "user\n", 5) + count_of(l, "\n", 1) + count_of(l, "assistant\n", 10);
  l->size = 0;
  for (size_t n = 1, count; n < sizeof said; n++) {
    if (said[n] && said[n] != ' ') continue;
    if ((count = around + count_of(l, said, n)) > LATENCY_PROMPT) break;
    l->spoken = l->size, l->size = n, l->tokens = (uint32_t)count;
  }
}

static double fail(host_error *e, const char *why) { return host_fail(e, "%s", why); }

int latency_open(latency *l, ulm *m, const uint16_t *system, const char *path, int threads,
                 host_error *e) {
  ulm_error err;
  *l = (latency){.m = m, .system = system};
  compose(l);
  if (!l->spoken)
    return host_fail(e, "%s: its tokenizer makes over %d tokens of few words", path,
                     LATENCY_PROMPT);
  memcpy(l->text, said, l->size);
  snprintf(l->threads, sizeof l->threads, "%d", threads);
  snprintf(l->drawn, sizeof l->drawn, "%d", LATENCY_DRAWN);
  char *const argv[LATENCY_ARGS] = {l->program, "--no-verify", "--greedy", "--words", "48",
                                    "--tokens", l->drawn,      "--prompt", l->text,   "--threads",
                                    l->threads, (char *)path,  NULL};
  memcpy(l->argv, argv, sizeof argv);

  ulm_chat_begin(m);
  const size_t vocab = ulm_get_config(m)->vocab;
  if (ulm_prefill(m, system, LATENCY_SYSTEM) || !ulm_logits(m))
    return host_fail(e, "%s: prefill failed", path);
  l->logits = host_alloc(vocab * sizeof *l->logits, "logits");
  memcpy(l->logits, ulm_logits(m), vocab * sizeof *l->logits);
  l->snapshot_size = ulm_snapshot_size(m);
  l->snapshot = host_alloc(l->snapshot_size, "a snapshot");
  return ulm_snapshot(m, l->snapshot, l->snapshot_size, &err) ? host_fail_ulm(e, path, &err) : 0;
}

void latency_close(latency *l) {
  free(l->snapshot), free(l->logits);
  *l = (latency){0};
}

/* ---- A turn ---- */

typedef struct {
  double at;
  uint32_t count;
  uint16_t id;
} first;

static void on_token(void *user, uint16_t id) {
  first *f = user;
  if (f->count++ == 0) f->at = host_now(), f->id = id;
}

double latency_tail(latency *l, bool heard, host_error *e) {
  ulm_error err;
  ulm_opener o;
  first f = {0};
  ulm_chat_begin(l->m);
  for (size_t n = 1; heard && n <= l->spoken; n++)
    if ((n == l->spoken || l->text[n] == ' ') && ulm_chat_hear(l->m, l->text, n, &err))
      return fail(e, err.message);
  const uint32_t before = ulm_position(l->m);
  const double began = host_now();
  if (ulm_chat_turn(l->m, "user", l->text, l->size, &err) ||
      ulm_speak(l->m, &(ulm_opener_options){.max_tokens = 1, .on_token = on_token, .user = &f}, &o,
                &err))
    return fail(e, err.message);
  if (heard) l->tail = l->tokens - before;
  if (heard && f.id != l->first) return fail(e, "a turn heard word by word has another reply");
  l->first = f.id;
  return f.at - began;
}

/* ---- A system prompt ---- */

double latency_system(latency *l, bool restored, host_error *e) {
  ulm_error err = {ULM_OK, "prefill failed", 0};
  ulm_chat_begin(l->m);
  const double began = host_now();
  if (restored ? ulm_restore(l->m, l->snapshot, l->snapshot_size, &err)
               : ulm_prefill(l->m, l->system, LATENCY_SYSTEM))
    return fail(e, err.message);
  const double end = host_now();
  const size_t size = ulm_get_config(l->m)->vocab * sizeof *l->logits;
  return memcmp(ulm_logits(l->m), l->logits, size) ? fail(e, "a restored state has other logits")
                                                   : end - began;
}

/* ---- A cold start ---- */

double latency_cold(latency *l, bool process, host_error *e) {
  if (process && !*l->program && cold_program(l->program, sizeof l->program, "ulm-run", e))
    return -1;
  if (process) return cold_seconds(l->argv, e);
  ulm_error err;
  ulm_opener o;
  const ulm_opener_options how = {
      .min_words = ULM_OPENER_TOKENS, .max_words = ULM_OPENER_TOKENS, .max_tokens = LATENCY_DRAWN};
  ulm_chat_begin(l->m);
  const double began = host_now();
  if (ulm_chat_turn(l->m, "user", l->text, l->size, &err) || ulm_speak(l->m, &how, &o, &err))
    return fail(e, err.message);
  return host_now() - began;
}
