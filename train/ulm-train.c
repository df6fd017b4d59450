/* ulm-train: token shards in, checkpoints out. */
#include "plot.h"
#include "ranks.h"
#include "run.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Where a run starts from; every number can be overridden. Tokens a step: batch * seq. nano's were
 * chosen on the embedded corpus; 8.8m's won a comparison on real text (docs/TRAINING.md), and the
 * rates of the others fall from it with the width. */
static const struct {
  const char *preset;
  int batch, seq;
  double lr;
} defaults[] = {{"nano", 16, 256, 4e-3}, {"8.8m", 16, 256, 5e-3},  {"14m", 16, 256, 5e-3},
                {"17m", 16, 256, 4e-3},  {"28.9m", 16, 256, 4e-3}, {"29.5m", 16, 256, 4e-3}};

static const char usage[] =
    "ulm-train SHARDS[:WEIGHT]... --preset P --steps N -o RUN [--resume] [--init CKPT] "
    "[--objective lm|chat|opener]\n"
    "ulm-train --preset P --params\n"
    "ulm-train --plot RUN\n\n"
    "Trains a model on token shards (ulm tokenizer encode). RUN gets last.ckpt, best.ckpt, "
    "metrics.jsonl and\n"
    "metrics.csv. SIGINT and SIGTERM finish the step, save and end with 1; --resume goes on, bit "
    "for\n"
    "bit as if nothing had happened, also after a kill. A loss off its course (--spike) or not a "
    "number stops with\n"
    "1 too, names the documents of its batch and leaves last.ckpt as it was.\n\n"
    "  ulm-train shards --preset nano --objective opener --steps 1000 -o run";

static uint32_t positive(const char *name, int v, uint32_t otherwise) {
  if (v == 0) return otherwise;
  if (v < 0) host_usage("--%s must be positive", name);
  return (uint32_t)v;
}

static void within(const char *name, double v, double low, double high) {
  if (!(v >= low && v <= high)) host_usage("--%s must be %g..%g", name, low, high);
}

static int print_params(const ulm_config *c, const char *preset, bool json) {
  const char *why = ulm_config_error(c);
  const unsigned long long n = ulm_param_count(c);
  if (why) host_usage("%s", why);
  if (json)
    printf("{\"preset\":\"%s\",\"dim\":%u,\"layers\":%u,\"heads\":%u,\"kv_heads\":%u,\"ffn\":%u,"
           "\"vocab\":%u,\"context\":%u,\"parameters\":%llu}\n",
           preset, c->dim, c->layers, c->heads, c->kv_heads, c->ffn, c->vocab, c->context, n);
  else
    printf("%s: dim %u, layers %u, heads %u/%u, ffn %u, vocab %u: %llu parameters\n", preset,
           c->dim, c->layers, c->heads, c->kv_heads, c->ffn, c->vocab, n);
  return fflush(stdout) ? 1 : 0;
}

/* SHARDS[:WEIGHT]; a folder whose own name ends like that is meant as it stands. */
static loader_source source_from(char *arg) {
  char *colon = strrchr(arg, ':'), *end;
  loader_source s = {arg, 0};
  if (!colon || host_is_dir(arg)) return s;
  s.weight = strtod(colon + 1, &end);
  if (end == colon + 1 || *end || !(s.weight >= 1e-6 && s.weight <= 1e6))
    host_usage("'%s': the weight must be a number, 1e-6..1e6", arg);
  *colon = 0;
  return s;
}

/* The tokenizer decides the vocabulary. */
static uint32_t vocabulary(const char *dir) {
  host_error e;
  size_t n;
  shard *s = shard_open_split(dir, "train", &n, &e);
  if (!s) host_die("%s", e.text);
  if (!n) host_die("%s: holds no train shard; make some with `ulm tokenizer encode`", dir);
  const uint32_t vocab = s->vocab;
  shard_close_all(s, n);
  return vocab;
}

int main(int argc, char **argv) {
  ranks_begin();
  signal(SIGPIPE, SIG_IGN); /* a reader of our output that goes away does not end a training */
  run_options o = {.view = {OBJECTIVE_LM, 0, 0.1f, 0},
                   .step = {.min_lr = -1,
                            .decay = 0.1,
                            .beta1 = 0.9,
                            .beta2 = 0.95,
                            .clip = 1,
                            .decay_fraction = 0.2},
                   .seed = 1,
                   .spike = 20,
                   .disk_wait = 600};
  step_options *st = &o.step;
  const char *goal = "lm", *optimizer = NULL, *shape = NULL, *plot = NULL, *precision = "fp32";
  double tail = 0, prompt = 0.1;
  int dim = 0, layers = 0, heads = 0, kv = 0, ffn = 0, vocab = 0, context = 0;
  int steps = 0, batch = 0, seq = 0, warmup = -1, eval_every = 0, eval_batches = 0, save_every = 0;
  int first = 0, patience = 0, ramp = 0, first_batch = 0;
  bool params = false, recompute = false;
  const host_opt table[] = {
      {"preset", "P", "nano, 8.8m, 14m, 17m, 28.9m or 29.5m", OPT_STRING, &o.preset},
      {"steps", "N", "optimizer steps in all", OPT_INT, &steps},
      {"o", "RUN", "folder for checkpoints and metrics", OPT_STRING, &o.dir},
      {"resume", NULL, "go on from RUN/last.ckpt, if it is there", OPT_FLAG, &o.resume},
      {"force", NULL, "start anew over the checkpoints in RUN", OPT_FLAG, &o.force},
      {"init", "CKPT", "start from these weights", OPT_STRING, &o.init},
      {"objective", "O", "lm (all tokens), chat (replies), opener (first 4-8 words); default lm",
       OPT_STRING, &goal},
      {"prompt-weight", "W", "opener: weight of tokens outside replies (0.1)", OPT_DOUBLE, &prompt},
      {"tail", "W", "opener: weight of a reply after its opener (0)", OPT_DOUBLE, &tail},
      {"opener-tokens", "K", "opener: a reply's first K tokens, instead of its marked first words",
       OPT_INT, &first},
      {"batch", "B", "rows a step (16)", OPT_INT, &batch},
      {"seq", "T", "tokens a row (256)", OPT_INT, &seq},
      {"lr", "R", "peak learning rate (by preset; 1e-3 without one)", OPT_DOUBLE, &st->lr},
      {"min-lr", "R", "learning rate at the end (a tenth of the peak)", OPT_DOUBLE, &st->min_lr},
      {"embed-lr", "R", "peak for the embedding and the norms (as --lr)", OPT_DOUBLE,
       &st->embed_lr},
      {"schedule", "S",
       "cosine, or wsd: warmup, --lr until the last part of the steps, then down linearly "
       "(wsd-sqrt: as 1 - sqrt; cosine)",
       OPT_STRING, &shape},
      {"decay-fraction", "F", "wsd: that last part (0.2)", OPT_DOUBLE, &st->decay_fraction},
      {"ema", "D",
       "keep a moving average of the weights, D of it old at each step: validated, and what "
       "best.ckpt and last.ckpt give to export (0: none)",
       OPT_DOUBLE, &st->ema},
      {"zero-out", NULL, "wo and down start from zero", OPT_FLAG, &st->zero_out},
      {"ramp", "N", "steps in which a batch grows from --first-batch rows to --batch (0)", OPT_INT,
       &ramp},
      {"first-batch", "B", "rows of the first batch: --batch over 2, 4, 8, ... (an eighth, or 1)",
       OPT_INT, &first_batch},
      {"optimizer", "O",
       "muon for the matrices of the blocks and AdamW for the rest, or adamw (muon)", OPT_STRING,
       &optimizer},
      {"warmup", "N", "steps of linear warmup (2% of steps, at least 10)", OPT_INT, &warmup},
      {"weight-decay", "D", "on matrices, decoupled (0.1)", OPT_DOUBLE, &st->decay},
      {"beta1", "B", "AdamW (0.9)", OPT_DOUBLE, &st->beta1},
      {"beta2", "B", "AdamW (0.95)", OPT_DOUBLE, &st->beta2},
      {"clip", "C", "largest gradient norm (1; 0: no clipping)", OPT_DOUBLE, &st->clip},
      {"seed", "S", "of weights and order (1)", OPT_UINT64, &o.seed},
      {"precision", "P", "of matrix products: fp32, or bf16 with float32 weights and sums (fp32)",
       OPT_STRING, &precision},
      {"recompute", NULL,
       "half of the activations' memory less, a tenth to a fifth slower, the same bits", OPT_FLAG,
       &recompute},
      {"threads", "N", "OpenMP threads (all)", OPT_INT, &o.threads},
      {"eval-every", "N", "steps between validations (a twentieth of steps)", OPT_INT, &eval_every},
      {"eval-batches", "N",
       "most batches of each source a validation (16,384 tokens; 65,536 of all)", OPT_INT,
       &eval_batches},
      {"save-every", "N", "steps between checkpoints (a tenth of steps)", OPT_INT, &save_every},
      {"patience", "N", "end after N validations without a better one (0: never)", OPT_INT,
       &patience},
      {"spike", "S",
       "stop at a loss S robust deviations above its course (20; 0: never); one is 0.1 nats or "
       "more",
       OPT_DOUBLE, &o.spike},
      {"disk-wait", "S", "seconds to go on trying when a checkpoint cannot be written (600)",
       OPT_DOUBLE, &o.disk_wait},
      {"dim", "N", "width", OPT_INT, &dim},
      {"layers", "N", "blocks", OPT_INT, &layers},
      {"heads", "N", "query heads", OPT_INT, &heads},
      {"kv-heads", "N", "key and value heads", OPT_INT, &kv},
      {"ffn", "N", "inner width of SwiGLU", OPT_INT, &ffn},
      {"vocab", "N", "must equal the shards' vocabulary, which is the default", OPT_INT, &vocab},
      {"context", "N", "longest sequence (512)", OPT_INT, &context},
      {"params", NULL, "print the parameter count and stop", OPT_FLAG, &params},
      {"plot", "RUN",
       "draw RUN/loss.svg and RUN/throughput.svg from its metrics (gnuplot), and stop", OPT_STRING,
       &plot},
      {"json", NULL, "a JSON object a step on stdout", OPT_FLAG, &o.json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  host_error e;
  if (plot) {
    if (plot_run(plot, &e)) host_die("%s", e.text);
    printf("%s/loss.svg\n%s/throughput.svg\n", plot, plot);
    return fflush(stdout) ? 1 : 0;
  }
  ulm_config *c = &o.config;
  if (!o.preset && !o.init) host_usage("--preset is needed (nano, 8.8m, 14m, 17m, 28.9m, 29.5m)");
  if (o.preset && ulm_preset(o.preset, c))
    host_usage("no preset '%s' (nano, 8.8m, 14m, 17m, 28.9m, 29.5m)", o.preset);
  for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
    if (o.preset && !strcmp(o.preset, defaults[i].preset)) {
      if (!batch) batch = defaults[i].batch;
      if (!seq) seq = defaults[i].seq;
      if (st->lr == 0) st->lr = defaults[i].lr;
    }
  if (!o.preset) { /* the shape of the checkpoint */
    model_file init;
    if (model_file_open(&init, o.init, ULM_KIND_CKPT, &e)) host_die("%s", e.text);
    *c = init.config;
    model_file_close(&init);
  }
  if (!o.preset || dim || layers || heads || kv || ffn) o.preset = "custom";
  c->dim = positive("dim", dim, c->dim), c->layers = positive("layers", layers, c->layers);
  c->heads = positive("heads", heads, c->heads);
  c->kv_heads = positive("kv-heads", kv, c->kv_heads);
  c->ffn = positive("ffn", ffn, c->ffn), c->context = positive("context", context, c->context);
  c->vocab = positive("vocab", vocab, c->vocab);
  if (params) return print_params(c, o.preset, o.json);

  if (at == argc) host_usage("name at least one folder of shards");
  if (!o.dir || !*o.dir) host_usage("-o RUN is needed");
  if (steps < 1) host_usage("--steps must be at least 1");
  if (o.resume && o.force) host_usage("--resume and --force exclude each other");
  if (objective_from(goal, &o.view.objective))
    host_usage("no objective '%s' (lm, chat, opener)", goal);
  st->muon = !optimizer || !strcmp(optimizer, "muon");
  if (optimizer && !st->muon && strcmp(optimizer, "adamw"))
    host_usage("no optimizer '%s' (adamw, muon)", optimizer);
  if (strcmp(precision, "fp32") && strcmp(precision, "bf16"))
    host_usage("no precision '%s' (fp32, bf16)", precision);
  o.model_flags = (strcmp(precision, "bf16") ? 0 : MODEL_BF16) | (recompute ? MODEL_RECOMPUTE : 0);
  within("tail", tail, 0, 1e3), within("prompt-weight", prompt, 0, 1e3);
  within("beta1", st->beta1, 0, 0.99999), within("beta2", st->beta2, 0, 0.99999);
  if (shape && schedule_from(shape, &st->schedule))
    host_usage("no schedule '%s' (cosine, wsd, wsd-sqrt)", shape);
  within("embed-lr", st->embed_lr, 0, 10), within("ema", st->ema, 0, 0.9999999);
  within("decay-fraction", st->decay_fraction, 0, 1);
  within("weight-decay", st->decay, 0, 100), within("clip", st->clip, 0, 1e9);
  if (st->lr == 0) st->lr = 1e-3;
  within("lr", st->lr, 1e-9, 10);
  if (st->min_lr == -1) st->min_lr = st->lr / 10;
  within("min-lr", st->min_lr, 0, st->lr);
  if (warmup < 0) warmup = steps / 50 > 10 ? steps / 50 : 10;
  o.view.tail = (float)tail, o.view.prompt = (float)prompt;
  st->steps = (uint64_t)steps, st->warmup = (uint64_t)warmup;
  o.batch = positive("batch", batch, 16), o.seq = positive("seq", seq, 256);
  if (o.seq < 2 || o.seq > 16384 || o.batch > (1u << 24) / o.seq)
    host_usage("--seq must be 2..16384, and --batch times --seq at most 2^24");
  st->ramp = positive("ramp", ramp, 0);
  st->first_rows = positive("first-batch", first_batch, o.batch);
  if (!first_batch)
    while (st->first_rows % 2 == 0 && st->first_rows * 8 > o.batch) st->first_rows /= 2;
  if (first_batch && !ramp) host_usage("--first-batch needs --ramp");
  if (schedule_error(st, o.batch)) host_usage("--first-batch: %s", schedule_error(st, o.batch));
  if (step_rows(st, o.batch, 0) % (uint32_t)ranks_count())
    host_usage("%d ranks cannot share %u rows evenly; use a number that divides them",
               ranks_count(), step_rows(st, o.batch, 0));
  if (o.seq > c->context) {
    if (context) host_usage("--seq %u is longer than --context %d", o.seq, context);
    c->context = o.seq;
  }
  o.eval_every = positive("eval-every", eval_every, steps > 20 ? (uint32_t)steps / 20 : 1);
  o.save_every = positive("save-every", save_every, steps > 10 ? (uint32_t)steps / 10 : 1);
  within("spike", o.spike, 0, 1e6), within("disk-wait", o.disk_wait, 0, 1e7);
  o.patience = positive("patience", patience, 0);
  o.view.first = positive("opener-tokens", first, 0);
  if (first && o.view.objective != OBJECTIVE_OPENER)
    host_usage("--opener-tokens is for --objective opener");
  within("threads", o.threads, 0, 1024);

  o.count = (size_t)(argc - at);
  const uint32_t per_step = o.batch * o.seq,
                 tokens = o.count > 4 ? 65536 / (uint32_t)o.count : 16384;
  o.eval_batches = positive("eval-batches", eval_batches, (tokens + per_step - 1) / per_step);
  loader_source *sources = host_alloc(o.count * sizeof *sources, "sources");
  for (size_t i = 0; i < o.count; i++) sources[i] = source_from(argv[at + (int)i]);
  o.sources = sources;
  const uint32_t pieces = vocabulary(sources[0].dir);
  if (vocab && c->vocab != pieces)
    host_die(
        "--vocab %d: the shards' tokenizer has %u pieces; leave it out, or encode with another",
        vocab, pieces);
  if (c->vocab != pieces)
    host_log("vocabulary %u, the tokenizer's, instead of %u", pieces, c->vocab);
  c->vocab = pieces;
  const char *why = ulm_config_error(c);
  if (why) host_usage("%s", why);
  const int bad = run_train(&o, &e);
  free(sources);
  if (bad) host_die("%s", e.text);
  if (fflush(stdout) || ferror(stdout)) host_die("cannot write to standard output");
  return 0;
}
