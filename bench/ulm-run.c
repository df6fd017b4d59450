/* ulm-run: one prompt, one opener. */
#include "../host.h"
#include "../runtime/ulm.h"
#include "workers.h"
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: ulm-run M.ulm --prompt TEXT [options]\n"
    "Speaks the opener of a reply: 4-8 whole words.\n"
    "example: ulm-run m.ulm --prompt \"How many people live in Seattle?\" --greedy";

typedef struct {
  double began, first_token, first_word; /* seconds; 0: not yet */
  bool stream, json;
  uint32_t words;
} clocks;

static void on_token(void *user, uint16_t id) {
  clocks *c = user;
  (void)id;
  if (c->first_token == 0) c->first_token = host_now();
}

static int on_word(void *user, const char *word, size_t n) {
  clocks *c = user;
  const double now = host_now();
  if (c->words++ == 0) c->first_word = now;
  if (!c->stream) return 0;
  if (c->json) {
    printf("{\"word\":");
    host_json_string(stdout, word, n);
    printf(",\"ms\":%.3f}\n", 1e3 * (now - c->began));
  } else {
    fwrite(word, 1, n, stdout);
  }
  return fflush(stdout) != 0;
}

static void check_text(const char *what, const char *s) {
  bool blank = true;
  const size_t n = strlen(s);
  for (size_t i = 0, k; i < n; i += k) {
    k = ulm_utf8_len((const uint8_t *)s + i, n - i);
    if (k == 0) host_die("the %s is not UTF-8: byte %zu is not part of a character", what, i);
    blank &= s[i] == ' ' || (s[i] >= '\t' && s[i] <= '\r');
  }
  if (blank) host_die("the %s is empty; give some text", what);
}

/* "4..8", or "6" for exactly six. */
static void parse_words(const char *s, ulm_opener_options *o) {
  char *end;
  const unsigned long lo = strtoul(s, &end, 10);
  unsigned long hi = lo;
  bool ok = end != s && *s != '-';
  if (ok && !strncmp(end, "..", 2)) {
    const char *from = end + 2;
    hi = strtoul(from, &end, 10);
    ok = end != from && *from != '-';
  }
  if (!ok || *end || lo < 1 || hi < lo || hi > ULM_OPENER_TOKENS)
    host_usage("--words needs a range such as 4..8, within 1..%d, not '%s'", ULM_OPENER_TOKENS, s);
  o->min_words = (uint32_t)lo;
  o->max_words = (uint32_t)hi;
}

static double ms(double from, double to) { return to > from ? 1e3 * (to - from) : 0; }

int main(int argc, char **argv) {
  const char *prompt = NULL, *system = NULL, *words = "4..8", *kv = "f32";
  bool greedy = false, json = false, stream = false, no_verify = false, unforced = false,
       repeats = false;
  double temperature = 0.5, top_p = 0.9;
  uint64_t seed = 0;
  int context = 0, threads = 1, most = 0;
  const host_opt table[] = {
      {"prompt", "TEXT", "what the user said", OPT_STRING, &prompt},
      {"system", "TEXT", "a system message before it", OPT_STRING, &system},
      {"words", "MIN..MAX", "words of the opener (4..8)", OPT_STRING, &words},
      {"tokens", "N", "drawn at most, 1..48 (48)", OPT_INT, &most},
      {"greedy", NULL, "always the most likely token", OPT_FLAG, &greedy},
      {"temperature", "T", "of sampling (0.5)", OPT_DOUBLE, &temperature},
      {"top-p", "P", "share of the likeliest tokens to sample from (0.9)", OPT_DOUBLE, &top_p},
      {"seed", "N", "of sampling (0)", OPT_UINT64, &seed},
      {"unforced", NULL, "let the model end its turn where it will", OPT_FLAG, &unforced},
      {"repeats", NULL, "let it say a word twice in a row, or a pair of words again", OPT_FLAG,
       &repeats},
      {"context", "N", "tokens of KV cache (the model's own)", OPT_INT, &context},
      {"kv", "f32|int8", "type of the KV cache (f32)", OPT_STRING, &kv},
      {"stream", NULL, "print each word as soon as it is sure", OPT_FLAG, &stream},
      {"no-verify", NULL, "skip the weights' checksum: a cold start", OPT_FLAG, &no_verify},
      {"json", NULL, "one JSON object a line", OPT_FLAG, &json},
      {"threads", "N", "threads (1)", OPT_INT, &threads},
      {NULL, NULL, NULL, OPT_FLAG, NULL},
  };
  const int at = host_options(argc, argv, table, usage);
  if (argc - at != 1) host_usage("one model file is needed, not %d", argc - at);
  if (!prompt) host_usage("--prompt is needed");
  ulm_opener_options o = {.temperature = greedy ? 0.0f : (float)temperature,
                          .top_p = (float)top_p,
                          .seed = seed,
                          .max_tokens = (uint32_t)most,
                          .unforced = unforced,
                          .repeats = repeats,
                          .on_word = on_word,
                          .on_token = on_token};
  parse_words(words, &o);
  if (!(temperature >= 0 && temperature <= 100)) host_usage("--temperature must be 0..100");
  if (!(top_p >= 0 && top_p <= 1)) host_usage("--top-p must be 0..1");
  if (most < 0 || most > ULM_OPENER_TOKENS) host_usage("--tokens must be 1..%d", ULM_OPENER_TOKENS);
  if (context && (context < 16 || context > 16384)) host_usage("--context must be 16..16384");
  if (threads < 1 || threads > WORKERS_MAX) host_usage("--threads must be 1..%d", WORKERS_MAX);
  /* As many tokens a pass as may be: a prompt then reads the weights once. */
  ulm_options options = {.context = (uint32_t)context, .block = 64};
  if (!strcmp(kv, "int8"))
    options.kv = ULM_KV_INT8;
  else if (strcmp(kv, "f32"))
    host_usage("--kv must be f32 or int8, not '%s'", kv);
  check_text("prompt", prompt);
  if (system) check_text("system message", system);

  const char *path = argv[at];
  host_map map;
  host_error e;
  ulm_error err;
  const double start = host_now();
  if (host_map_open(&map, path, &e)) host_die("%s", e.text);
  if (!no_verify && ulm_verify(map.bytes, map.size, &err))
    host_fail_ulm(&e, path, &err), host_die("%s", e.text);
  const double opening = host_now();
  workers *pool;
  if (workers_open(&pool, threads, &options.workers, &e)) host_die("%s", e.text);
  const size_t need = ulm_sizeof(map.bytes, map.size, &options, &err);
  if (!need) host_fail_ulm(&e, path, &err), host_die("%s", e.text);
  void *arena = aligned_alloc(ULM_ALIGN, need); /* not zeroed: pages nobody needs stay untouched */
  if (!arena) host_die("no memory for the model's arena (%zu bytes)", need);
  ulm *m;
  if (ulm_open(&m, map.bytes, map.size, arena, need, &options, &err))
    host_fail_ulm(&e, path, &err), host_die("%s", e.text);

  clocks c = {.began = host_now(), .stream = stream, .json = json};
  o.user = &c;
  const ulm_message turns[2] = {{"system", system, system ? strlen(system) : 0},
                                {"user", prompt, strlen(prompt)}};
  int truncated;
  ulm_opener opener;
  if (ulm_chat(m, turns + !system, system ? 2 : 1, &truncated, &err))
    host_die("%s: %s", path, err.message);
  const double prefilled = host_now();
  const uint32_t prompt_tokens = ulm_position(m);
  const ulm_status s = ulm_speak(m, &o, &opener, &err);
  const double end = host_now();
  if (s == ULM_E_CANCELLED) host_die("cannot write the words");
  if (s) host_die("%s: %s", path, err.message);

  if (json) {
    printf("{\"prompt\":");
    host_json_string(stdout, prompt, strlen(prompt));
    printf(",\"opener\":");
    host_json_string(stdout, opener.text, opener.size);
    printf(",\"words\":%u,\"tokens\":%u,\"logprob\":%.6g,\"entropy\":%.6g,\"margin\":%.6g,"
           "\"confidence\":%.6g",
           opener.words, opener.tokens, opener.logprob, opener.entropy, opener.margin,
           opener.confidence);
    printf(",\"finish\":\"%s\",\"ended\":%s,\"truncated\":%s,\"prompt_tokens\":%u,\"context\":%u",
           ulm_finish_name(opener.finish), opener.ended ? "true" : "false",
           truncated ? "true" : "false", prompt_tokens, ulm_context(m));
    printf(",\"verify_ms\":%.3f,\"open_ms\":%.3f,\"prefill_ms\":%.3f,\"first_token_ms\":%.3f,"
           "\"first_word_ms\":%.3f,\"total_ms\":%.3f,\"arena_bytes\":%zu}\n",
           no_verify ? 0 : ms(start, opening), ms(opening, c.began), ms(c.began, prefilled),
           ms(c.began, c.first_token), ms(c.began, c.first_word), ms(c.began, end), need);
  } else {
    if (stream)
      printf("\n");
    else
      printf("%s\n", opener.text);
    fprintf(stderr,
            "%u words, %u tokens, %s; confidence %.3f; open %.3f ms, prefill of %u tokens %.2f ms, "
            "first token %.2f ms, first word %.2f ms, all %.2f ms; arena %.0f KB; peak memory %.1f "
            "MB\n",
            opener.words, opener.tokens, ulm_finish_name(opener.finish), opener.confidence,
            ms(opening, c.began), prompt_tokens, ms(c.began, prefilled), ms(c.began, c.first_token),
            ms(c.began, c.first_word), ms(c.began, end), (double)need / 1024,
            (double)host_peak_rss() / 1048576);
    if (truncated)
      fprintf(stderr, "the prompt did not fit in %u tokens of context: its middle was left out\n",
              ulm_context(m));
  }
  if (fflush(stdout) || ferror(stdout)) host_die("cannot write the result");
  free(arena);
  workers_close(pool);
  host_map_close(&map);
  return 0;
}
