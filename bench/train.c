/* ulm-bench train: how fast the trainer is here. The peak of the arithmetic units, the full step
 * with its optimizer against that peak and against other trainers, where the step's time goes, and
 * every matrix product of it. */
#include "../train/run.h"
#include "command.h"
#include "meter.h"
#include "peer.h"
#include "products.h"
#include "stats.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { WARMUP = 2, PROBE_MS = 30, PEERS_MAX = 8, ROUNDS_MAX = 1000 };

typedef struct {
  const char *preset, *precision;
  ulm_config c;
  uint32_t batch, seq;
  int threads, rounds, steps;
  bool bf16, json;
  int flags; /* of the model */
  const ops_f32 *k;
  double flops; /* a token: 6 N + attention, run_flops */
} setting;

/* One batch of random tokens, every position a target. */
typedef struct {
  model_batch x;
  uint16_t *ids, *start;
  float *weight;
} batch;

static batch batch_new(const setting *s) {
  const size_t n = (size_t)s->batch * s->seq;
  batch b = {.ids = host_alloc((n + 1) * sizeof *b.ids, "tokens"),
             .start = host_alloc(n * sizeof *b.start, "starts"),
             .weight = host_alloc(n * sizeof *b.weight, "weights")};
  ulm_rng r = ulm_rng_seed(1, 2);
  for (size_t i = 0; i <= n; i++) b.ids[i] = (uint16_t)ulm_rng_below(&r, s->c.vocab);
  for (size_t i = 0; i < n; i++) b.weight[i] = 1;
  b.x = (model_batch){s->batch, s->seq, b.ids, b.ids + 1, b.weight, b.start};
  return b;
}
static void batch_free(batch *b) { free(b->ids), free(b->start), free(b->weight); }

static const step_options options = {.lr = 1e-3,
                                     .min_lr = 1e-4,
                                     .decay = 0.1,
                                     .beta1 = 0.9,
                                     .beta2 = 0.95,
                                     .clip = 1,
                                     .steps = 1000,
                                     .warmup = 10};

/* A line on stdout: text, or with --json the object (which it takes). */
static void say(const setting *s, json_t *object, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void say(const setting *s, json_t *object, const char *format, ...) {
  if (!object) host_die("no memory for a line of results");
  if (s->json) {
    json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    putchar('\n');
  } else {
    va_list args;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
  }
  json_decref(object);
  fflush(stdout);
}

static void print_peaks(const setting *s) {
  for (int bf16 = 0; bf16 < 2; bf16++) {
    const double one = s->k->peak(bf16, 1, 0.2), all = s->k->peak(bf16, s->threads, 0.2);
    say(s,
        json_pack("{ss ss sf sf si}", "what", "peak", "precision", bf16 ? "bf16" : "fp32",
                  "flops_per_s_1", one, "flops_per_s", all, "threads", s->threads),
        "peak %s  %8.1f GFLOP/s with 1 thread, %8.1f with %d\n", bf16 ? "bf16" : "fp32", one / 1e9,
        all / 1e9, s->threads);
    float *work = host_alloc(s->k->tile_work(s->threads) * sizeof *work, "packed panels");
    double half;
    const double best = s->k->tile_rate(bf16, s->threads, 0.2, work, &half);
    free(work);
    if (!(half <= best)) host_die("the register tile's sums are wrong");
    say(s,
        json_pack("{ss ss sf sf}", "what", "tile", "precision", bf16 ? "bf16" : "fp32",
                  "share_of_peak", best / all, "median", half / all),
        "tile %s  %8.1f%% of it at best, %.1f%% in the median: packed factors in L2, nothing "
        "else\n",
        bf16 ? "bf16" : "fp32", 100 * best / all, 100 * half / all);
  }
}

/* ---- the step ---- */

/* Median tokens/s of s->steps steps. */
static double turn(const setting *s, stepper *st, const batch *b, uint64_t *step) {
  double rates[64];
  for (int i = 0; i < s->steps; i++) {
    const double t0 = host_now();
    const double loss = step_gradient(st, &b->x);
    const double norm = step_update(st, &options, *step);
    rates[i] = (double)s->batch * s->seq / (host_now() - t0);
    if (!(loss > 0 && loss < 20) || !(norm > 0))
      host_die("step %llu: loss %g, gradient norm %g: what is timed is not training",
               (unsigned long long)*step, loss, norm);
    ++*step;
  }
  return quantile(rates, (size_t)s->steps, 0.5);
}

static void print_peer(const setting *s, const char *command, double *rates, double *ratios) {
  json_t *list = json_array();
  char text[512] = "";
  for (int r = 0; r < s->rounds; r++) {
    const size_t at = strlen(text);
    json_array_append_new(list, json_real(ratios[r]));
    snprintf(text + at, sizeof text - at, " %.2f", ratios[r]);
  }
  const double per_s = quantile(rates, (size_t)s->rounds, 0.5),
               ratio = quantile(ratios, (size_t)s->rounds, 0.5);
  say(s,
      json_pack("{ss ss ss ss sf sf so}", "what", "peer", "preset", s->preset, "precision",
                s->precision, "command", command, "tokens_per_s", per_s, "ratio", ratio, "ratios",
                list),
      "ratio      %8.2f   to a peer at %.1f tokens/s; by round:%s\n           %s\n", ratio, per_s,
      text, command);
}

/* Rounds of some steps of ours, then as many of each peer, a probe of the peak before each round.
 * Ratios and shares are of one round; what is printed are medians. */
static void measure_step(const setting *s, char **commands, int peers_n) {
  host_error e;
  peer peers[PEERS_MAX];
  stepper st;
  if (stepper_open(&st, &s->c, s->batch, s->seq, s->flags, s->threads, &e)) host_die("%s", e.text);
  model_init(st.model, 1);
  batch b = batch_new(s);
  const size_t rounds = (size_t)s->rounds;
  double *ours = host_alloc((2 + 2 * (size_t)peers_n) * rounds * sizeof *ours, "rates"),
         *shares = ours + rounds, *theirs = shares + rounds,
         *ratios = theirs + (size_t)peers_n * rounds;
  uint64_t step = 0;
  for (int i = 0; i < WARMUP; i++) (void)turn(s, &st, &b, &step);
  for (int p = 0; p < peers_n; p++)
    if (peer_start(&peers[p], commands[p], &e)) host_die("%s", e.text);
  host_progress bar;
  host_progress_begin(&bar, "steps", "rounds", rounds);
  for (size_t r = 0; r < rounds; r++) {
    const double peak = s->k->peak(s->bf16, s->threads, 1e-3 * PROBE_MS);
    ours[r] = turn(s, &st, &b, &step);
    shares[r] = ours[r] * s->flops / peak;
    for (int p = 0; p < peers_n; p++) {
      double rates[64];
      if (peer_turn(&peers[p], (size_t)s->steps, rates, &e)) host_die("%s", e.text);
      const double per_s = quantile(rates, (size_t)s->steps, 0.5);
      theirs[(size_t)p * rounds + r] = per_s, ratios[(size_t)p * rounds + r] = ours[r] / per_s;
    }
    host_progress_step(&bar, r + 1, NULL);
  }
  host_progress_end(&bar, rounds, NULL);
  const double per_s = quantile(ours, rounds, 0.5), share = quantile(shares, rounds, 0.5);
  say(s,
      json_pack("{ss ss ss ss si sf sf sf sI sI}", "what", "step", "preset", s->preset, "precision",
                s->precision, "isa", s->k->isa, "threads", s->threads, "tokens_per_s", per_s,
                "best", ours[rounds - 1], "share_of_peak", share, "peak_bytes",
                (json_int_t)host_peak_rss(), "model_bytes", (json_int_t)stepper_bytes(&st)),
      "step       %8.1f tokens/s (best %.1f), %.1f%% of peak; %.0f MB at most\n", per_s,
      ours[rounds - 1], 100 * share, (double)host_peak_rss() / 1e6);
  for (int p = 0; p < peers_n; p++) {
    print_peer(s, commands[p], theirs + (size_t)p * rounds, ratios + (size_t)p * rounds);
    peer_end(&peers[p]);
  }
  free(ours), batch_free(&b), stepper_close(&st);
}

/* ---- the parts of the step, and its products ---- */

/* A table to train with that meters, and a trainer over it. */
static void metered(const setting *s, stepper *st) {
  host_error e;
  ops_use(meter_table(s->k, s->c.vocab, s->threads));
  if (stepper_open(st, &s->c, s->batch, s->seq, s->flags, s->threads, &e)) host_die("%s", e.text);
  ops_use(NULL);
  model_init(st->model, 1);
}
static const meter *metered_step(stepper *st, const batch *b, uint64_t step) {
  meter_start();
  (void)step_gradient(st, &b->x);
  meter_enter();
  (void)step_update(st, &options, step);
  meter_leave(PART_UPDATE);
  return meter_stop();
}

/* Medians over steps of each part's time, of how long a thread had nothing to do meanwhile, and of
 * the longest such wait in one operation. CPU time is work, and not waiting, only where threads
 * that wait sleep: with OMP_WAIT_POLICY=passive. */
static void measure_parts(const setting *s) {
  const char *policy = getenv("OMP_WAIT_POLICY");
  const bool asleep = policy && !strcmp(policy, "passive") && s->threads > 1;
  const size_t n = (size_t)s->rounds;
  double *walls[PARTS + 1], *waits[PARTS + 1]; /* last: the step; its longest wait */
  for (int p = 0; p <= PARTS; p++) {
    walls[p] = host_alloc(n * sizeof(double), "times");
    waits[p] = host_alloc(n * sizeof(double), "waits");
  }
  stepper st;
  metered(s, &st);
  batch b = batch_new(s);
  for (int i = 0; i < WARMUP; i++) (void)metered_step(&st, &b, (uint64_t)i);
  for (size_t i = 0; i < n; i++) {
    const meter *m = metered_step(&st, &b, WARMUP + i);
    for (int p = 0; p < PARTS; p++) {
      const part_time *t = &m->parts[p];
      walls[p][i] = t->wall, waits[p][i] = t->idle;
      walls[PARTS][i] += t->wall;
      if (t->longest > waits[PARTS][i]) waits[PARTS][i] = t->longest;
    }
  }
  const meter *m = metered_step(&st, &b, WARMUP + n);
  const double step = quantile(walls[PARTS], n, 0.5), longest = quantile(waits[PARTS], n, 0.5);
  if (!s->json)
    printf("part               ms a step  of step%s\n", asleep ? "  a thread waits, of step" : "");
  for (int p = 0; p < PARTS; p++) {
    const double wall = quantile(walls[p], n, 0.5), wait = quantile(waits[p], n, 0.5);
    json_t *o = json_pack("{ss ss ss ss sf sf sI}", "what", "part", "preset", s->preset,
                          "precision", s->precision, "part", part_names[p], "ms", 1e3 * wall,
                          "share", wall / step, "calls", (json_int_t)m->parts[p].calls);
    if (asleep) json_object_set_new(o, "waiting", json_real(wait / step));
    char text[32] = "";
    if (asleep) snprintf(text, sizeof text, "  %6.2f%%", 100 * wait / step);
    say(s, o, "  %-16s %9.1f  %6.1f%%%s\n", part_names[p], 1e3 * wall, 100 * wall / step, text);
  }
  if (asleep)
    say(s,
        json_pack("{ss ss ss sf}", "what", "longest wait", "preset", s->preset, "precision",
                  s->precision, "share", longest / step),
        "longest wait of a thread in one operation: %.2f%% of the step\n", 100 * longest / step);
  else if (s->threads > 1)
    host_log("OMP_WAIT_POLICY=passive in the environment would show how long threads wait");
  for (int p = 0; p <= PARTS; p++) free(walls[p]), free(waits[p]);
  batch_free(&b), stepper_close(&st);
}

/* In steps, as shares of the mean of the peaks before and after each, and alone. */
static void measure_products(const setting *s) {
  host_error e;
  static double in_step[PRODUCTS_MAX], alone[PRODUCTS_MAX], best[PRODUCTS_MAX];
  static product products[PRODUCTS_MAX];
  stepper st;
  metered(s, &st);
  batch b = batch_new(s);
  size_t n = 0;
  const size_t rounds = (size_t)s->rounds;
  double *all = host_alloc(PRODUCTS_MAX * rounds * sizeof *all, "shares"),
         *peaks = host_alloc((rounds + 1) * sizeof *peaks, "peaks");
  (void)metered_step(&st, &b, 0);
  peaks[0] = s->k->peak(s->bf16, s->threads, 1e-3 * PROBE_MS);
  for (size_t r = 0; r < rounds; r++) {
    const meter *m = metered_step(&st, &b, 1 + r);
    peaks[r + 1] = s->k->peak(s->bf16, s->threads, 1e-3 * PROBE_MS);
    n = m->products_n;
    memcpy(products, m->products, sizeof products);
    for (size_t i = 0; i < n; i++)
      all[i * rounds + r] = product_flops(&products[i]) * (double)products[i].calls /
                            products[i].wall / (0.5 * (peaks[r] + peaks[r + 1]));
  }
  for (size_t i = 0; i < n; i++) in_step[i] = quantile(all + i * rounds, rounds, 0.5);
  const double peak = quantile(peaks, rounds + 1, 0.5);
  free(all), free(peaks), batch_free(&b), stepper_close(&st);
  if (products_alone(s->k, products, n, s->rounds, s->threads, alone, best, &e))
    host_die("%s", e.text);

  const double *shares[] = {in_step, alone, best};
  const char *const where[] = {"in the step", "alone", "alone, best round"};
  size_t least[3] = {0};
  char name[32];
  if (!s->json)
    printf("product of M x N by K                          a step  in the step: GFLOP/s, of peak   "
           "alone    best\n");
  for (size_t i = 0; i < n; i++) {
    const product *p = &products[i];
    for (int k = 0; k < 3; k++)
      if (shares[k][i] < shares[k][least[k]]) least[k] = i;
    product_name(&s->c, p, name, sizeof name);
    say(s,
        json_pack("{ss ss ss ss si si si si si si si sf sf sf sf}", "what", "product", "preset",
                  s->preset, "precision", p->bf16 ? "bf16" : "fp32", "name", name, "M", (int)p->M,
                  "N", (int)p->N, "K", (int)p->K, "ta", p->ta, "tb", p->tb, "add", p->add, "calls",
                  (int)p->calls, "flops_per_s", in_step[i] * peak, "share_of_peak", in_step[i],
                  "alone", alone[i], "alone_best", best[i]),
        "  %-22s %6zu %6zu %6zu  %6llu  %14.1f  %12.1f%%  %6.1f%%  %6.1f%%\n", name, p->M, p->N,
        p->K, (unsigned long long)p->calls, in_step[i] * peak / 1e9, 100 * in_step[i],
        100 * alone[i], 100 * best[i]);
  }
  for (int k = 0; k < 3; k++) {
    const double all_of = products_share(products, shares[k], n);
    product_name(&s->c, &products[least[k]], name, sizeof name);
    say(s,
        json_pack("{ss ss ss ss sf sf ss}", "what", "products", "preset", s->preset, "precision",
                  s->precision, "where", where[k], "share_of_peak", all_of, "least",
                  shares[k][least[k]], "weakest", name),
        "products   %8.1f%%  of peak by FLOPs, %s; least %.1f%% (%s)\n", 100 * all_of, where[k],
        100 * shares[k][least[k]], name);
  }
}

/* ---- the command ---- */

static void cpu_name(char *name, size_t size) {
  char line[256];
  FILE *f = fopen("/proc/cpuinfo", "r");
  snprintf(name, size, "unknown");
  while (f && fgets(line, sizeof line, f)) {
    char *colon = strchr(line, ':');
    if (strncmp(line, "model name", 10) || !colon) continue;
    colon[strcspn(colon, "\n")] = 0;
    snprintf(name, size, "%s", colon + 2);
    break;
  }
  if (f) fclose(f);
}

/* What a peer's command may want to know. */
static void export_setting(const setting *s) {
  const struct {
    const char *name;
    uint32_t value;
  } numbers[] = {{"ULM_DIM", s->c.dim},
                 {"ULM_LAYERS", s->c.layers},
                 {"ULM_HEADS", s->c.heads},
                 {"ULM_KV_HEADS", s->c.kv_heads},
                 {"ULM_FFN", s->c.ffn},
                 {"ULM_VOCAB", s->c.vocab},
                 {"ULM_BATCH", s->batch},
                 {"ULM_SEQ", s->seq},
                 {"ULM_THREADS", (uint32_t)s->threads}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    char text[16];
    snprintf(text, sizeof text, "%u", numbers[i].value);
    setenv(numbers[i].name, text, 1);
  }
  setenv("ULM_PRECISION", s->precision, 1);
}

int command_train(int argc, char **argv) {
  static const char usage[] =
      "ulm-bench train [PEER...]\n\n"
      "Times the trainer on random tokens: the peak of this processor's units, the full step with "
      "its\noptimizer (median of rounds, share of the peak, memory), the parts of a step, and each "
      "of "
      "its matrix\nproducts. A PEER is a command of sh that trains a model of the same shape and "
      "prints\n\"tokens_per_s X\" a step until it is killed; it takes turns with ours, and is "
      "stopped "
      "meanwhile. It finds\nthe shape in ULM_DIM, ULM_LAYERS, ULM_HEADS, ULM_KV_HEADS, ULM_FFN, "
      "ULM_VOCAB, ULM_BATCH, ULM_SEQ,\nULM_THREADS and ULM_PRECISION.\n\n"
      "  ulm-bench train --preset 8.8m --precision fp32 --threads 2 'python3 peer.py'";
  setting s = {.preset = "28.9m", .precision = "fp32", .rounds = 7, .steps = 3};
  const char *only = NULL;
  bool recompute = false;
  int batch_n = 8, seq = 256;
  const host_opt table[] = {
      {"preset", "P", "nano, 8.8m, 14m, 17m, 28.9m or 29.5m (28.9m)", OPT_STRING, &s.preset},
      {"precision", "P", "of the products: fp32 or bf16 (fp32)", OPT_STRING, &s.precision},
      {"recompute", NULL, "activations are made again in the backward pass", OPT_FLAG, &recompute},
      {"batch", "B", "rows a step (8)", OPT_INT, &batch_n},
      {"seq", "T", "tokens a row (256)", OPT_INT, &seq},
      {"threads", "N", "OpenMP threads (all)", OPT_INT, &s.threads},
      {"rounds", "N", "turns of each trainer, and of each product (7)", OPT_INT, &s.rounds},
      {"steps", "N", "steps a turn (3)", OPT_INT, &s.steps},
      {"only", "PART", "peak, step, parts or products", OPT_STRING, &only},
      {"json", NULL, "JSON objects on stdout, one a line", OPT_FLAG, &s.json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  host_error e;
  if (ulm_preset(s.preset, &s.c))
    host_usage("no preset '%s' (nano, 8.8m, 14m, 17m, 28.9m, 29.5m)", s.preset);
  s.bf16 = !strcmp(s.precision, "bf16");
  if (!s.bf16 && strcmp(s.precision, "fp32"))
    host_usage("no precision '%s' (fp32, bf16)", s.precision);
  if (seq < 2 || seq > (int)s.c.context || batch_n < 1 || batch_n > 4096)
    host_usage("--seq must be 2..%u and --batch 1..4096", s.c.context);
  if (s.threads < 0 || s.threads > 1024) host_usage("--threads must be 0..1024");
  if (s.rounds < 1 || s.rounds > ROUNDS_MAX) host_usage("--rounds must be 1..%d", ROUNDS_MAX);
  if (s.steps < 1 || s.steps > 64) host_usage("--steps must be 1..64");
  if (argc - at > PEERS_MAX) host_usage("at most %d peers", PEERS_MAX);
  const char *const parts[] = {"peak", "step", "parts", "products"};
  bool want[4] = {!only, !only, !only, !only}, known = !only;
  for (int i = 0; only && i < 4; i++)
    if (!strcmp(only, parts[i])) want[i] = known = true;
  if (!known) host_usage("--only %s: peak, step, parts or products", only);
  if (!want[1] && at < argc) host_usage("peers take part in the step, not in --only %s", only);
  s.batch = (uint32_t)batch_n, s.seq = (uint32_t)seq;
  if (!s.threads) s.threads = threads_default();
  s.flags = (s.bf16 ? MODEL_BF16 : 0) | (recompute ? MODEL_RECOMPUTE : 0);
  s.k = ops_pick(&e);
  if (!s.k) host_die("%s", e.text);
  s.flops = run_flops(&s.c, s.seq);
  export_setting(&s);
  char cpu[128];
  cpu_name(cpu, sizeof cpu);
  if (want[0] || s.json)
    say(&s,
        json_pack("{ss ss ss ss si si si sI sf ss}", "what", "setting", "preset", s.preset,
                  "precision", s.precision, "isa", s.k->isa, "threads", s.threads, "batch", batch_n,
                  "seq", seq, "parameters", (json_int_t)ulm_param_count(&s.c), "flops_per_token",
                  s.flops, "cpu", cpu),
        "%s %s: %llu parameters, %d x %d tokens, %d threads, %s kernels, %s\n", s.preset,
        s.precision, (unsigned long long)ulm_param_count(&s.c), batch_n, seq, s.threads, s.k->isa,
        cpu);
  if (want[0]) print_peaks(&s);
  if (want[1]) measure_step(&s, argv + at, argc - at);
  if (want[2]) measure_parts(&s);
  if (want[3]) measure_products(&s);
  return fflush(stdout) ? 1 : 0;
}
