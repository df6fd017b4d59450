/* ulm-train: token shards in, checkpoints out. */
#include "ops.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>

/* What suits each shape on a CPU; every number can be overridden. Tokens a step: batch * seq. */
static const struct {
  const char *preset;
  int batch, seq;
  double lr;
} defaults[] = {{"nano", 8, 256, 4e-3},  {"8.8m", 8, 256, 1.5e-3}, {"14m", 8, 256, 1.2e-3},
                {"17m", 8, 256, 1.2e-3}, {"28.9m", 8, 256, 1e-3},  {"29.5m", 8, 256, 1e-3}};

static const char usage[] =
    "ulm-train SHARDS[:WEIGHT]... --preset P --steps N -o RUN [--resume] [--init CKPT] "
    "[--objective lm|chat|opener]\n"
    "ulm-train --preset P --params\n\n"
    "Trains a model on token shards (ulm tokenizer encode). RUN gets last.ckpt, best.ckpt, "
    "metrics.jsonl and\n"
    "metrics.csv. SIGINT and SIGTERM finish the step and save; --resume goes on, bit for bit.\n\n"
    "  ulm-train shards --preset nano --objective opener --steps 1000 -o run";

static uint32_t positive(const char *name, int v, uint32_t otherwise) {
  if (v == 0) return otherwise;
  if (v < 0) host_usage("--%s must be positive", name);
  return (uint32_t)v;
}

int main(int argc, char **argv) {
  run_options o = {.tail = 0,
                   .prompt = 0.1,
                   .min_lr = -1,
                   .lr = 0,
                   .decay = 0.1,
                   .beta1 = 0.9,
                   .beta2 = 0.95,
                   .clip = 1,
                   .seed = 1,
                   .warmup = -1,
                   .eval_batches = 16};
  const char *goal = "lm";
  int dim = 0, layers = 0, heads = 0, kv = 0, ffn = 0, vocab = 0, context = 0;
  bool params = false;
  const host_opt table[] = {
      {"preset", "P", "nano, 8.8m, 14m, 17m, 28.9m or 29.5m", OPT_STRING, &o.preset},
      {"steps", "N", "optimizer steps in all", OPT_INT, &o.steps},
      {"o", "RUN", "folder for checkpoints and metrics", OPT_STRING, &o.dir},
      {"resume", NULL, "go on from RUN/last.ckpt", OPT_FLAG, &o.resume},
      {"init", "CKPT", "start from these weights", OPT_STRING, &o.init},
      {"objective", "O", "lm (all tokens), chat (replies), opener (first 4-8 words); default lm",
       OPT_STRING, &goal},
      {"prompt-weight", "W", "opener: weight of tokens outside replies (0.1)", OPT_DOUBLE,
       &o.prompt},
      {"tail", "W", "opener: weight of a reply after its opener (0)", OPT_DOUBLE, &o.tail},
      {"batch", "B", "rows a step", OPT_INT, &o.batch},
      {"seq", "T", "tokens a row", OPT_INT, &o.seq},
      {"lr", "R", "peak learning rate", OPT_DOUBLE, &o.lr},
      {"min-lr", "R", "learning rate at the end (a tenth of the peak)", OPT_DOUBLE, &o.min_lr},
      {"warmup", "N", "steps of linear warmup (2% of steps, at least 10)", OPT_INT, &o.warmup},
      {"weight-decay", "D", "on matrices, decoupled (0.1)", OPT_DOUBLE, &o.decay},
      {"beta1", "B", "AdamW (0.9)", OPT_DOUBLE, &o.beta1},
      {"beta2", "B", "AdamW (0.95)", OPT_DOUBLE, &o.beta2},
      {"clip", "C", "largest gradient norm (1; 0: no clipping)", OPT_DOUBLE, &o.clip},
      {"seed", "S", "of weights and order (1)", OPT_UINT64, &o.seed},
      {"threads", "N", "OpenMP threads (all)", OPT_INT, &o.threads},
      {"eval-every", "N", "steps between validations (a twentieth of steps)", OPT_INT,
       &o.eval_every},
      {"eval-batches", "N", "batches a validation (16)", OPT_INT, &o.eval_batches},
      {"save-every", "N", "steps between checkpoints (a tenth of steps)", OPT_INT, &o.save_every},
      {"dim", "N", "width", OPT_INT, &dim},
      {"layers", "N", "blocks", OPT_INT, &layers},
      {"heads", "N", "query heads", OPT_INT, &heads},
      {"kv-heads", "N", "key and value heads", OPT_INT, &kv},
      {"ffn", "N", "inner width of SwiGLU", OPT_INT, &ffn},
      {"vocab", "N", "must equal the shards' vocabulary, which is the default", OPT_INT, &vocab},
      {"context", "N", "longest sequence (512)", OPT_INT, &context},
      {"params", NULL, "print the parameter count and stop", OPT_FLAG, &params},
      {"json", NULL, "a JSON object a step on stdout", OPT_FLAG, &o.json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  host_error e;
  model_file init;
  ulm_config *c = &o.config;
  if (!o.preset && !o.init) host_usage("--preset is needed (nano, 8.8m, 14m, 17m, 28.9m, 29.5m)");
  if (o.preset && ulm_preset(o.preset, c))
    host_usage("no preset '%s' (nano, 8.8m, 14m, 17m, 28.9m, 29.5m)", o.preset);
  if (!o.preset) { /* the shape of the checkpoint */
    if (model_file_open(&init, o.init, ULM_KIND_CKPT, &e)) host_die("%s", e.text);
    *c = init.config;
    model_file_close(&init);
  }
  c->dim = positive("dim", dim, c->dim), c->layers = positive("layers", layers, c->layers);
  c->heads = positive("heads", heads, c->heads),
  c->kv_heads = positive("kv-heads", kv, c->kv_heads);
  c->ffn = positive("ffn", ffn, c->ffn), c->context = positive("context", context, c->context);
  c->vocab = positive("vocab", vocab, c->vocab);
  if (params) {
    const char *why = ulm_config_error(c);
    if (why) host_usage("%s", why);
    if (o.json)
      printf("{\"preset\":\"%s\",\"parameters\":%llu}\n", o.preset ? o.preset : "custom",
             (unsigned long long)ulm_param_count(c));
    else
      printf("%s: %llu parameters\n", o.preset ? o.preset : "custom",
             (unsigned long long)ulm_param_count(c));
    return fflush(stdout) ? 1 : 0;
  }
  if (at == argc) host_usage("name at least one folder of shards");
  if (!o.dir || !*o.dir) host_usage("-o RUN is needed");
  if (o.steps < 1) host_usage("--steps must be at least 1");
  if (o.resume && o.init) host_usage("--resume and --init exclude each other");
  if (objective_from(goal, &o.objective)) host_usage("no objective '%s' (lm, chat, opener)", goal);
  if (o.tail < 0 || o.prompt < 0 || o.tail > 1e3 || o.prompt > 1e3)
    host_usage("--tail and --prompt-weight must be 0..1000");
  if (!(o.beta1 >= 0 && o.beta1 < 1 && o.beta2 >= 0 && o.beta2 < 1))
    host_usage("--beta1 and --beta2 must be 0 or more and below 1");
  for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++)
    if (o.preset && !strcmp(o.preset, defaults[i].preset)) {
      if (!o.batch) o.batch = defaults[i].batch;
      if (!o.seq) o.seq = defaults[i].seq;
      if (o.lr == 0) o.lr = defaults[i].lr;
    }
  if (!o.batch) o.batch = 8;
  if (!o.seq) o.seq = 256;
  if (o.lr == 0) o.lr = 1e-3;
  if (o.batch < 1 || o.seq < 2 || o.batch > 1 << 20)
    host_usage("--batch and --seq must be positive");
  if ((uint32_t)o.seq > c->context) {
    if (context) host_usage("--seq %d is longer than --context %d", o.seq, context);
    if (o.seq > 16384) host_usage("--seq must be at most 16384");
    c->context = (uint32_t)o.seq;
  }
  if (o.lr < 0 || o.lr > 10) host_usage("--lr must be 0..10");
  if (o.min_lr < 0) o.min_lr = o.lr / 10;
  if (o.warmup < 0) o.warmup = o.steps / 50 > 10 ? o.steps / 50 : 10;
  if (!o.eval_every) o.eval_every = o.steps / 20 > 1 ? o.steps / 20 : 1;
  if (!o.save_every) o.save_every = o.steps / 10 > 1 ? o.steps / 10 : 1;
  if (o.eval_every < 1 || o.save_every < 1 || o.eval_batches < 1)
    host_usage("--eval-every, --eval-batches and --save-every must be positive");
  if (o.threads < 0 || o.threads > 1024) host_usage("--threads must be 1..1024");
  if (!o.threads) o.threads = threads_default();

  const size_t count = (size_t)(argc - at);
  loader_source *sources = host_alloc(count * sizeof *sources, "sources");
  for (size_t i = 0; i < count; i++) {
    char *dir = argv[(size_t)at + i], *colon = strrchr(dir, ':'), *end;
    sources[i] = (loader_source){dir, 0};
    if (!colon || host_is_dir(dir)) continue;
    sources[i].weight = strtod(colon + 1, &end);
    if (end == colon + 1 || *end || !(sources[i].weight > 0 && sources[i].weight < 1e9))
      host_usage("'%s': the weight must be a positive number", dir);
    *colon = 0;
  }
  o.sources = sources, o.count = count;

  /* The tokenizer decides the vocabulary. */
  size_t n;
  shard *first = shard_open_split(sources[0].dir, "train", &n, &e);
  if (!first) host_die("%s", e.text);
  if (!n)
    host_die("%s: holds no train shard; make some with `ulm tokenizer encode`", sources[0].dir);
  if (vocab && c->vocab != first->vocab)
    host_die("--vocab %d: the shards' tokenizer has %u pieces", vocab, first->vocab);
  if (c->vocab != first->vocab && o.preset)
    host_log("vocabulary: %u, the tokenizer's (preset %s: %u)", first->vocab, o.preset, c->vocab);
  c->vocab = first->vocab;
  shard_close_all(first, n);
  if (!o.preset) o.preset = "custom";
  if (dim || layers || heads || kv || ffn) o.preset = "custom";
  const char *why = ulm_config_error(c);
  if (why) host_usage("%s", why);
  const int bad = run_train(&o, &e);
  free(sources);
  if (bad) host_die("%s", e.text);
  return fflush(stdout) ? 1 : 0;
}
