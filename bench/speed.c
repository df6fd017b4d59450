/* ulm-bench speed: how fast a blob runs here, on the portable kernels' single thread. */
#include "command.h"
#include "session.h"
#include "stats.h"

#include <stdlib.h>

enum { PROMPT = 48, PREFILL = 64, DECODE = 32 };

static double first_word;
static int on_word(void *user, const char *w, size_t n) {
  (void)user, (void)w, (void)n;
  if (first_word == 0) first_word = host_now();
  return 0;
}

int command_speed(int argc, char **argv) {
  static const char usage[] = "ulm-bench speed M.ulm\n\nPrefill and decode rates, and the time to "
                              "the first word and to a whole opener after a prompt of 48\n"
                              "tokens: medians.\n\n  ulm-bench speed m.ulm";
  int times = 9;
  bool json = false;
  const host_opt table[] = {{"times", "N", "repetitions (9)", OPT_INT, &times},
                            {"json", NULL, "one JSON object on stdout", OPT_FLAG, &json},
                            {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  if (argc - at != 1) host_usage("a blob is needed");
  if (times < 5 || times > 10000) host_usage("--times must be 5..10000");
  host_error e;
  session s;
  if (session_open(&s, argv[at], 1, &e)) host_die("%s", e.text);
  ulm *m = s.handles[0];
  const uint32_t vocab = ulm_get_config(m)->vocab;
  if (ulm_context(m) < PREFILL + ULM_OPENER_TOKENS)
    host_die("%s: a context of %u tokens is too short to time", argv[at], ulm_context(m));
  uint16_t ids[PREFILL];
  ulm_rng r = ulm_rng_seed(1, 2);
  for (int i = 0; i < PREFILL; i++)
    ids[i] =
        (uint16_t)(ULM_BYTE0 + 256 < vocab ? 260 + ulm_rng_below(&r, vocab - 260 ? vocab - 260 : 1)
                                           : 4);
  double *t[4];
  for (int k = 0; k < 4; k++) t[k] = host_alloc((size_t)times * sizeof(double), "times");
  for (int i = 0; i < times; i++) {
    ulm_error err;
    ulm_opener o;
    double t0 = host_now();
    ulm_chat_begin(m);
    if (ulm_prefill(m, ids, PREFILL) || !ulm_logits(m)) host_die("%s: prefill failed", argv[at]);
    t[0][i] = PREFILL / (host_now() - t0);
    t0 = host_now();
    for (int k = 0; k < DECODE; k++)
      if (ulm_prefill(m, ids + k, 1) || !ulm_logits(m)) host_die("%s: decode failed", argv[at]);
    t[1][i] = DECODE / (host_now() - t0);
    ulm_chat_begin(m);
    t0 = host_now(), first_word = 0;
    const ulm_opener_options how = {
        .temperature = 0.5f, .top_p = 0.9f, .seed = (uint64_t)i, .on_word = on_word};
    if (ulm_prefill(m, ids, PROMPT) || ulm_speak(m, &how, &o, &err))
      host_die("%s: opener failed", argv[at]);
    t[3][i] = 1e3 * (host_now() - t0);
    t[2][i] = first_word > 0 ? 1e3 * (first_word - t0) : t[3][i];
  }
  double median[4];
  for (int k = 0; k < 4; k++) median[k] = quantile(t[k], (size_t)times, 0.5), free(t[k]);
  if (json)
    printf("{\"prefill_tokens_per_s\":%.1f,\"decode_tokens_per_s\":%.1f,\"first_word_ms\":%.4f,"
           "\"opener_ms\":%.4f,\"blob_bytes\":%zu,\"arena_bytes\":%zu,\"threads\":1}\n",
           median[0], median[1], median[2], median[3], s.map.size, s.arena_bytes);
  else
    printf("prefill of %d           %10.0f tokens/s\ndecode                  %10.0f "
           "tokens/s\nprompt of %d to word 1  %10.2f ms\n"
           "whole opener            %10.2f ms\nblob, arena             %10zu, %zu bytes\n",
           PREFILL, median[0], median[1], PROMPT, median[2], median[3], s.map.size, s.arena_bytes);
  session_close(&s);
  return fflush(stdout) ? 1 : 0;
}
