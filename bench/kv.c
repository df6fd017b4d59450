/* ulm-bench kv: what a KV cache of binary16 or int8 costs, in nats on the references' first 8
 * words. */
#include "command.h"
#include "score.h"
#include "stats.h"

#include <math.h>
#include <stdlib.h>

enum { KINDS = 3, LAST = CUTS - 1 };
static const struct {
  const char *name;
  ulm_kv kv;
} kinds[KINDS] = {{"f32", ULM_KV_F32}, {"f16", ULM_KV_F16}, {"int8", ULM_KV_INT8}};

/* Loss of each prompt's reference, nats, with one type of cache, whose bytes are *bytes. */
static int score_kind(const char *path, int threads, int kind, const prompts *p,
                      const reading *texts, scored *pairs, size_t n, size_t *bytes, host_error *e) {
  const ulm_options o = {.kv = kinds[kind].kv};
  session s;
  ulm_ram ram;
  if (session_with(&s, path, threads, &o, false, e)) return -1;
  const ulm_config *c = ulm_get_config(s.handles[0]);
  *bytes = ulm_arena_report(c, &o, &ram) ? 0 : ram.kv;
  for (size_t i = 0; i < n; i++) pairs[i].limit = INFINITY;
  const int bad = score_all(&s, p, texts, pairs, n, kinds[kind].name, e);
  session_close(&s);
  return bad;
}

static reading *read_references(const char *path, int threads, const prompts *p, host_error *e) {
  const char **texts = host_alloc(p->count * sizeof *texts, "references");
  for (size_t i = 0; i < p->count; i++) texts[i] = p->items[i].reference;
  session s;
  reading *r = NULL;
  if (!session_open(&s, path, threads, e)) {
    r = readings_of(&s, texts, p->count, e);
    session_close(&s);
  }
  free(texts);
  return r;
}

int command_kv(int argc, char **argv) {
  static const char usage[] =
      "ulm-bench kv M.ulm --prompts F\n\nLoss on the first 8 words of the prompts' references with "
      "KV caches of float32, binary16 and int8,\nand how much more than with float32 (95% "
      "bootstrap "
      "intervals over prompts).\n\n  ulm-bench kv m.ulm --prompts corpus/test.jsonl.gz --n 500";
  const char *path = NULL;
  int threads = 0, n_prompts = 0;
  bool json = false;
  const host_opt table[] = {{"prompts", "F", "chat JSONL with references", OPT_STRING, &path},
                            {"n", "N", "prompts, by lot (0: all)", OPT_INT, &n_prompts},
                            {"threads", "N", "threads (0: all)", OPT_INT, &threads},
                            {"json", NULL, "one JSON object a line on stdout", OPT_FLAG, &json},
                            {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  if (argc - at != 1) host_usage("a blob is needed");
  if (!path) host_usage("--prompts is needed");
  if (n_prompts < 0 || threads < 0) host_usage("--n and --threads must not be negative");
  host_error e;
  prompts p;
  if (prompts_open(&p, path, (uint64_t)n_prompts, 1, &e)) host_die("%s", e.text);
  reading *texts = read_references(argv[at], threads, &p, &e);
  if (!texts) host_die("%s", e.text);
  scored *pairs = host_alloc(p.count * sizeof *pairs, "losses");
  double *base = host_alloc(p.count * sizeof *base, "losses"),
         *more = host_alloc(p.count * sizeof *more, "losses");
  size_t n = 0;
  for (size_t i = 0; i < p.count; i++)
    if (texts[i].tokens[LAST]) pairs[n++] = (scored){.text = (uint32_t)i, .prompt = (uint32_t)i};
  if (!n) host_die("%s: no prompt has a reference", path);
  if (!json)
    printf("%-5s %12s %14s %14s   on %zu references, nats a token\n", "kv", "bytes", "loss", "more",
           n);
  for (int k = 0; k < KINDS; k++) {
    size_t bytes;
    if (score_kind(argv[at], threads, k, &p, texts, pairs, n, &bytes, &e)) host_die("%s", e.text);
    double nats = 0, tokens = 0;
    for (size_t i = 0; i < n; i++) {
      const double each = texts[pairs[i].text].tokens[LAST];
      nats += pairs[i].nats[LAST], tokens += each;
      if (k == 0) base[i] = pairs[i].nats[LAST] / each;
      more[i] = pairs[i].nats[LAST] / each - base[i];
    }
    const rate r = rate_of(more, NULL, n, 1);
    if (json)
      printf(
          "{\"kv\":\"%s\",\"bytes\":%zu,\"references\":%zu,\"nats_per_token\":%.6f,\"more\":%.6f,"
          "\"low\":%.6f,\"high\":%.6f}\n",
          kinds[k].name, bytes, n, nats / tokens, r.mean, r.low, r.high);
    else
      printf("%-5s %12zu %14.5f %+14.5f   [%+.5f, %+.5f]\n", kinds[k].name, bytes, nats / tokens,
             r.mean, r.low, r.high);
  }
  free(pairs), free(base), free(more), free(texts);
  prompts_close(&p);
  return fflush(stdout) ? 1 : 0;
}
