/* ulm-bench speed: how fast a blob runs here, beside the memory's limit and, in turns, beside other
 * engines. */
#include "command.h"
#include "latency.h"
#include "memory.h"
#include "peer.h"
#include "session.h"
#include "stats.h"
#include "workers.h"

#include <stdlib.h>
#include <string.h>

enum {
  PREFILL = LATENCY_SYSTEM,
  DECODE = 32,
  TURN = 3,
  PEERS_MAX = 4,
  RATES = 2 + PEERS_MAX /* ours, the other way of ours, peers */
};

/* What is timed. `tokens` pass through the model in it: those of the prompt, and those drawn. The
 * last three each have another way (latency.h): nothing heard; computed; in a warm model. */
typedef enum { DECODING, PREFILLING, WORD, OPENER, TAIL, SYSTEM, COLD, WHATS } what;
static const char *const labels[WHATS] = {"decode", "prefill", "word", "opener",
                                          "tail",   "system",  "cold"};
/* Peers can do it too. */
static bool is_for_all(what w) { return w != TAIL && w != SYSTEM; }

typedef struct {
  ulm *m;
  latency l;
  uint16_t ids[PREFILL];
  double word; /* when the first one was sure; 0: not yet */
  uint32_t drawn, drawn_by_word;
} subject;

static int on_word(void *user, const char *w, size_t n) {
  subject *s = user;
  (void)w, (void)n;
  if (s->word == 0) s->word = host_now(), s->drawn_by_word = s->drawn;
  return 0;
}

static void on_token(void *user, uint16_t id) {
  (void)id;
  ((subject *)user)->drawn++;
}

/* Seconds of each kind once, `way` 0 or 1; tokens[WORD] and tokens[OPENER] are set. Negative: it
 * failed. */
static double once(subject *s, what w, int way, uint32_t tokens[WHATS], host_error *e) {
  ulm_error err;
  ulm_opener o;
  if (w == TAIL) return latency_tail(&s->l, !way, e);
  if (w == SYSTEM) return latency_system(&s->l, !way, e);
  if (w == COLD) return latency_cold(&s->l, !way, e);
  host_fail(e, "the model failed");
  ulm_chat_begin(s->m);
  if (w == DECODING && ulm_prefill(s->m, s->ids, 1)) return -1;
  const double t0 = host_now();
  if (w == PREFILLING)
    return ulm_prefill(s->m, s->ids, PREFILL) || !ulm_logits(s->m) ? -1 : host_now() - t0;
  if (w == DECODING) {
    for (int k = 0; k < DECODE; k++)
      if (ulm_prefill(s->m, s->ids + k, 1) || !ulm_logits(s->m)) return -1;
    return host_now() - t0;
  }
  const ulm_opener_options how = {.on_word = on_word, .on_token = on_token, .user = s};
  s->word = 0, s->drawn = s->drawn_by_word = 0;
  if (ulm_chat_turn(s->m, "user", s->l.text, s->l.size, &err) || ulm_speak(s->m, &how, &o, &err))
    return -1;
  const double end = host_now();
  tokens[WORD] = s->l.tokens + (s->word > 0 ? s->drawn_by_word : s->drawn);
  tokens[OPENER] = s->l.tokens + s->drawn;
  return (w == WORD && s->word > 0 ? s->word : end) - t0;
}

typedef struct {
  const char *path;
  int times, threads, block;
  const char *only, *isa;
  bool json, huge;
} speed;

static double seconds_of(subject *s, what w, int way, uint32_t tokens[WHATS], const speed *o) {
  host_error e;
  double t[TURN];
  for (int i = 0; i < TURN; i++)
    if ((t[i] = once(s, w, way, tokens, &e)) < 0)
      host_die("%s: %s: %s", o->path, labels[w], e.text);
  return quantile(t, TURN, 0.5);
}

/* Medians over rounds, each of TURN times ours (twice where there are two ways) and one step of
 * each peer, tokens/s. */
static void turns(subject *s, what w, const speed *o, char **commands, int n,
                  uint32_t tokens[WHATS], double rates[RATES]) {
  host_error e;
  peer peers[PEERS_MAX];
  char count[16];
  double *all[RATES];
  const int ways = w >= TAIL ? 2 : 1;
  for (int k = ways; k--;) seconds_of(s, w, k, tokens, o); /* warm, and how many tokens there are */
  if (w >= TAIL)
    tokens[w] = w == TAIL ? s->l.tokens : w == SYSTEM ? PREFILL : s->l.tokens + LATENCY_DRAWN;
  snprintf(count, sizeof count, "%u",
           w == COLD   ? LATENCY_DRAWN
           : w >= WORD ? tokens[w] - s->l.tokens
                       : tokens[w]);
  if (setenv("WHAT", labels[w], 1) || setenv("TOKENS", count, 1) || setenv("TEXT", s->l.text, 1))
    host_die("no environment");
  for (int p = 0; p < 2 + n; p++) all[p] = host_alloc((size_t)o->times * sizeof(double), "rates");
  for (int p = 0; p < n; p++)
    if (peer_start(&peers[p], commands[p], &e)) host_die("%s", e.text);
  for (int i = 0; i < o->times; i++) {
    for (int k = 0; k < ways; k++) all[k][i] = tokens[w] / seconds_of(s, w, k, tokens, o);
    for (int p = 0; p < n; p++)
      if (peer_turn(&peers[p], 1, &all[2 + p][i], &e)) host_die("%s", e.text);
  }
  for (int p = 0; p < n; p++) peer_end(&peers[p]);
  for (int p = 0; p < 2 + n; p++) rates[p] = quantile(all[p], (size_t)o->times, 0.5), free(all[p]);
}

/* Bytes of weights that a decoded token reads: all, as the embedding is the output head too. */
static double weights_of(const host_map *map) {
  ulm_file f;
  ulm_section s;
  ulm_error err;
  if (ulm_file_open(&f, map->bytes, map->size, ULM_KIND_BLOB, &err) ||
      ulm_file_need(&f, ULM_SEC_WEIGHTS, &s, &err))
    host_die("%s", err.message);
  return (double)s.size;
}

static void tell(const subject *s, what w, const uint32_t tokens[WHATS], const double *rates, int n,
                 double floor) {
  static const char *const rows[WHATS] = {
      "decode",           "prefill of 64",        "prompt to word 1",
      "prompt to opener", "last word to token 1", "system prompt of 64",
      "cold start"};
  const double ms = 1e3 * tokens[w] / rates[0], other = 1e3 * tokens[w] / rates[1];
  if (w < WORD)
    printf("%-24s %10.0f tokens/s", rows[w], rates[0]);
  else
    printf("%-24s %10.3f ms", rows[w], ms);
  if (w == DECODING) printf(", %.0f%% of the memory's limit %.0f", 100 * rates[0] / floor, floor);
  if (w == WORD || w == OPENER)
    printf(", %u tokens and %u drawn", s->l.tokens, tokens[w] - s->l.tokens);
  if (w == TAIL)
    printf(", a tail of %u tokens; %.3f where all %u come at once", s->l.tail, other, tokens[w]);
  if (w == SYSTEM) printf(" to restore, %zu bytes; %.3f to compute", s->l.snapshot_size, other);
  if (w == COLD)
    printf(", %u tokens and %d drawn; %.3f in a warm model", s->l.tokens, LATENCY_DRAWN, other);
  for (int p = 1; p <= n; p++) {
    if (w >= WORD)
      printf("; peer %d %.3f ms", p, 1e3 * tokens[w] / rates[1 + p]);
    else
      printf("; peer %d %.0f", p, rates[1 + p]);
    printf(" (ours %.2f times as fast)", rates[0] / rates[1 + p]);
  }
  printf("\n");
}

/* The same as members of a JSON object. */
static void list(const subject *s, what w, const uint32_t tokens[WHATS], const double *rates,
                 int n) {
  const double ms = 1e3 * tokens[w] / rates[0], other = 1e3 * tokens[w] / rates[1];
  if (w < WORD) printf(",\"%s_tokens_per_s\":%.1f", labels[w], rates[0]);
  if (w == WORD || w == OPENER)
    printf(",\"%s_ms\":%.4f,\"%s_tokens\":%u", w == WORD ? "first_word" : "opener", ms, labels[w],
           tokens[w] - s->l.tokens);
  if (w == TAIL)
    printf(",\"tail_ms\":%.4f,\"tail_tokens\":%u,\"whole_ms\":%.4f,\"whole_tokens\":%u", ms,
           s->l.tail, other, tokens[w]);
  if (w == SYSTEM)
    printf(",\"system_restored_ms\":%.4f,\"system_bytes\":%zu,\"system_computed_ms\":%.4f", ms,
           s->l.snapshot_size, other);
  if (w == COLD)
    printf(",\"cold_ms\":%.4f,\"cold_warm_ms\":%.4f,\"cold_prompt\":%u,\"cold_tokens\":%d", ms,
           other, s->l.tokens, LATENCY_DRAWN);
  for (int p = 1; p <= n; p++)
    printf(",\"%s_peer%d_tokens_per_s\":%.1f,\"%s_ratio%d\":%.3f", labels[w], p, rates[1 + p],
           labels[w], p, rates[0] / rates[1 + p]);
}

int command_speed(int argc, char **argv) {
  static const char usage[] =
      "ulm-bench speed M.ulm [PEER...]\n\n"
      "Medians of rounds: decoding 32 tokens; prefill of 64; the time from a warm model to the "
      "first word and\nto a whole opener after a prompt of 48 tokens; from a user's last word to "
      "the first token, where the\nwords before it were heard as they came; to restore the state "
      "after a system prompt; and of a whole\nprocess, ulm-run without the weights' checksum. A "
      "decoded token reads all weights once: the memory's\nlimit is their bytes over the bandwidth "
      "measured on as many bytes.\n\n"
      "PEER: a command that prints \"tokens_per_s X\" after each of its steps, without end, for "
      "what the\nenvironment's WHAT names (decode, prefill, word, opener, cold), with TOKENS "
      "tokens "
      "drawn, where it is\ncold after the user's TEXT; it runs in turns with ours.\n\n"
      "  ulm-bench speed m.ulm --threads 2";
  speed o = {.times = 9, .threads = 1, .block = 64};
  const host_opt table[] = {
      {"times", "N", "rounds (9)", OPT_INT, &o.times},
      {"threads", "N", "threads (1)", OPT_INT, &o.threads},
      {"block", "N", "tokens that share one pass over the weights, 1..64 (64)", OPT_INT, &o.block},
      {"isa", "NAME", "instruction set (the fastest here)", OPT_STRING, &o.isa},
      {"only", "WHAT", "decode, prefill, word, opener, tail, system or cold", OPT_STRING, &o.only},
      {"huge", NULL, "the blob in huge pages", OPT_FLAG, &o.huge},
      {"json", NULL, "one JSON object on stdout", OPT_FLAG, &o.json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  if (argc - at < 1) host_usage("a blob is needed");
  const int n = argc - at - 1;
  if (n > PEERS_MAX) host_usage("at most %d peers", PEERS_MAX);
  if (o.times < 5 || o.times > 10000) host_usage("--times must be 5..10000");
  if (o.threads < 1 || o.threads > WORKERS_MAX) host_usage("--threads must be 1..%d", WORKERS_MAX);
  if (o.block < 1 || o.block > 64) host_usage("--block must be 1..64");
  int from = 0, to = WHATS;
  for (int w = 0; o.only && w < WHATS; w++)
    if (!strcmp(o.only, labels[w])) from = w, to = w + 1;
  if (o.only && to - from != 1) host_usage("--only cannot be '%s'", o.only);

  o.path = argv[at];
  host_error e;
  session s;
  workers *pool;
  ulm_options options = {.block = (uint32_t)o.block, .isa = o.isa};
  if (workers_open(&pool, o.threads, &options.workers, &e)) host_die("%s", e.text);
  if (session_with(&s, o.path, 1, &options, o.huge, &e)) host_die("%s", e.text);
  static subject x;
  x.m = s.handles[0];
  const uint32_t vocab = ulm_get_config(x.m)->vocab;
  if (ulm_context(x.m) < PREFILL + ULM_OPENER_TOKENS)
    host_die("%s: a context of %u tokens is too short to time", o.path, ulm_context(x.m));
  ulm_rng r = ulm_rng_seed(1, 2);
  for (int i = 0; i < PREFILL; i++)
    x.ids[i] = vocab > 260 ? (uint16_t)(260 + ulm_rng_below(&r, vocab - 260)) : 4;

  if (latency_open(&x.l, x.m, x.ids, o.path, o.threads, &e)) host_die("%s", e.text);

  const double weights = weights_of(&s.map),
               bandwidth = memory_bandwidth((size_t)weights, &options.workers),
               floor = bandwidth / weights;
  uint32_t tokens[WHATS] = {DECODE, PREFILL};
  double rates[WHATS][RATES];
  for (int w = from; w < to; w++) {
    const int peers = is_for_all((what)w) ? n : 0;
    turns(&x, (what)w, &o, argv + at + 1, peers, tokens, rates[w]);
    if (!o.json) tell(&x, (what)w, tokens, rates[w], peers, floor);
  }
  if (o.json) {
    printf("{\"isa\":\"%s\",\"threads\":%d,\"blob_bytes\":%zu,\"arena_bytes\":%zu,"
           "\"bandwidth_bytes_per_s\":%.0f,\"decode_limit_tokens_per_s\":%.1f",
           ulm_isa(x.m), o.threads, s.map.size, s.arena_bytes, bandwidth, floor);
    for (int w = from; w < to; w++)
      list(&x, (what)w, tokens, rates[w], is_for_all((what)w) ? n : 0);
    printf("}\n");
  } else {
    printf("blob, arena              %zu, %zu bytes; %s, %d threads, %.1f GB/s\n", s.map.size,
           s.arena_bytes, ulm_isa(x.m), o.threads, 1e-9 * bandwidth);
  }
  latency_close(&x.l);
  session_close(&s);
  workers_close(pool);
  return fflush(stdout) ? 1 : 0;
}
