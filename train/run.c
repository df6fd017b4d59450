#include "run.h"
#include "adamw.h"
#include "metrics.h"
#include "ops.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static volatile sig_atomic_t stop_signal;
static void on_signal(int s) { stop_signal = s; }

typedef struct {
  const run_options *o;
  model *model;
  loader *train, *val; /* val NULL: the shards have no val split */
  float *m, *v;
  double *blocks;
  train_state state;
  metrics metrics;
  double val_loss; /* newest; NaN before the first */
  double loss;
  char last[4096], best[4096];
  int lock;
} run;

double run_flops(const ulm_config *c, uint32_t T) {
  double weights = 0;
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    if (t.cols) weights += (double)t.count;
  }
  return 6 * weights + 6.0 * c->layers * c->dim * T;
}

/* ---- checkpoints ---- */

/* What the run is made of. No times and no paths: the same run gives the same bytes. */
static char *meta_text(const run *r, size_t *n) {
  const run_options *o = r->o;
  json_t *sources = json_array();
  for (size_t i = 0; i < o->count; i++) {
    size_t shards;
    const shard *s = loader_shards(r->train, i, &shards);
    const loader_counts c = loader_count(r->train, i);
    json_t *meta = json_loadb((const char *)s->meta.data, s->meta.size, 0, NULL),
           *of = json_object_get(meta, "sources");
    json_array_append_new(sources, json_pack("{sI sI sf sO*}", "documents", (json_int_t)c.documents,
                                             "tokens_per_epoch", (json_int_t)c.tokens, "weight",
                                             o->sources[i].weight, "sources", of));
    json_decref(meta);
  }
  json_t *j =
      json_pack("{ss ss sI sI sI ss sf sf si si sf sf si sI sf sf sf sf so}", "tool", "ulm-train",
                "preset", o->preset, "parameters", (json_int_t)ulm_param_count(&o->config), "step",
                (json_int_t)r->state.step, "tokens", (json_int_t)r->state.tokens, "objective",
                objective_name(o->objective), "tail", o->tail, "prompt_weight", o->prompt, "batch",
                o->batch, "seq", o->seq, "lr", o->lr, "min_lr", o->min_lr, "warmup", o->warmup,
                "seed", (json_int_t)o->seed, "weight_decay", o->decay, "beta1", o->beta1, "beta2",
                o->beta2, "clip", o->clip, "data", sources);
  if (isfinite(r->loss)) json_object_set_new(j, "loss", json_real(r->loss));
  if (isfinite(r->state.best)) json_object_set_new(j, "best_val_loss", json_real(r->state.best));
  char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(9));
  json_decref(j);
  if (!text) host_die("no memory for a checkpoint's description");
  *n = strlen(text);
  return text;
}

static int save(const run *r, const char *path, int whole, host_error *e) {
  const shard *s = loader_first(r->train);
  size_t n;
  char *meta = meta_text(r, &n);
  const ckpt_parts p = {&r->o->config,
                        model_params(r->model),
                        whole ? r->m : NULL,
                        whole ? r->v : NULL,
                        &r->state,
                        s->spm.data,
                        s->spm.size,
                        meta,
                        n};
  const int bad = ckpt_save(path, &p, e);
  free(meta);
  return bad;
}

static void describe_state(const run *r, train_state *s) {
  const run_options *o = r->o;
  *s = (train_state){.seed = o->seed,
                     .best = INFINITY,
                     .data = loader_fingerprint(r->train),
                     .batch = (uint32_t)o->batch,
                     .seq = (uint32_t)o->seq,
                     .objective = o->objective,
                     .tail = (float)o->tail,
                     .prompt = (float)o->prompt,
                     .lr = (float)o->lr,
                     .min_lr = (float)o->min_lr,
                     .warmup = (uint32_t)o->warmup,
                     .steps = (uint64_t)o->steps,
                     .decay = (float)o->decay,
                     .beta1 = (float)o->beta1,
                     .beta2 = (float)o->beta2,
                     .clip = (float)o->clip,
                     .threads = (uint32_t)o->threads};
  strncpy(s->isa, model_isa(r->model), sizeof s->isa - 1);
}

static int load(run *r, const char *path, int resume, host_error *e) {
  model_file f;
  if (model_file_open(&f, path, ULM_KIND_CKPT, e)) return -1;
  const ulm_config *c = &r->o->config, *g = &f.config;
  const shard *s = loader_first(r->train);
  train_state was;
  int bad = 0;
  if (g->dim != c->dim || g->layers != c->layers || g->heads != c->heads ||
      g->kv_heads != c->kv_heads || g->ffn != c->ffn || g->vocab != c->vocab ||
      g->rope_base != c->rope_base || g->norm_eps != c->norm_eps)
    bad = host_fail(
        e, "%s: its shape differs from the one asked for; give the same preset and sizes", path);
  else if (f.spm.size != s->spm.size || memcmp(f.spm.data, s->spm.data, s->spm.size))
    bad = host_fail(
        e, "%s: was trained with another tokenizer than the shards'; encode the data with its own",
        path);
  else if (model_file_floats(&f, model_params(r->model), e))
    bad = -1;
  else if (resume) {
    host_error why;
    train_state *now = &r->state;
    if (ckpt_resume(&f, r->m, r->v, &was, &why))
      bad = host_fail(e, "%s: %s", path, why.text);
    else if (was.data != now->data || was.batch != now->batch || was.seq != now->seq ||
             was.seed != now->seed || was.objective != now->objective || was.tail != now->tail ||
             was.prompt != now->prompt)
      bad = host_fail(e,
                      "%s: data, batch, seq, seed or objective differ from this run's; resume with "
                      "the same, or start anew with --init",
                      path);
    else if (was.step > now->steps)
      bad = host_fail(e, "%s: is at step %llu, past --steps", path, (unsigned long long)was.step);
    else {
      if (was.lr != now->lr || was.min_lr != now->min_lr || was.warmup != now->warmup ||
          was.steps != now->steps || was.decay != now->decay || was.beta1 != now->beta1 ||
          was.beta2 != now->beta2 || was.clip != now->clip)
        host_log(
            "resume: the schedule or the optimizer's options changed; going on with the new ones");
      if (strcmp(was.isa, now->isa))
        host_log("resume: kernels were %s, now %s; going on, no longer bit-identical", was.isa,
                 now->isa);
      now->step = was.step, now->tokens = was.tokens, now->best = was.best;
      loader_skip(r->train, now->step);
      host_log("resume: %s at step %llu", path, (unsigned long long)now->step);
    }
  }
  model_file_close(&f);
  return bad;
}

/* ---- the loop ---- */

static double evaluate(run *r) {
  double sum = 0, weights = 0;
  loader_rewind(r->val);
  for (int i = 0; i < r->o->eval_batches; i++) {
    double total;
    sum += model_loss(r->model, loader_next(r->val), &total, NULL);
    weights += total;
    if (loader_epochs(r->val) >= 1) break; /* the whole split was seen */
  }
  return weights > 0 ? sum / weights : NAN;
}

/* One step: loss per unit of weight, and the gradient's norm before clipping. */
static int step(run *r, double *loss, double *norm, host_error *e) {
  const run_options *o = r->o;
  const model_batch *b = loader_next(r->train);
  const uint64_t s = r->state.step;
  const size_t n = (size_t)ulm_param_count(&o->config);
  float *g = model_grads(r->model), *p = model_params(r->model);
  double total;
  model_zero_grads(r->model);
  const double sum = model_forward(r->model, b, &total, NULL);
  *loss = sum / total;
  *norm = 0;
  if (isfinite(*loss)) {
    model_backward(r->model, b, (float)(1.0 / total));
    *norm = adamw_norm(g, n, r->blocks, o->threads);
  }
  if (!isfinite(*loss) || !isfinite(*norm))
    return host_fail(e,
                     "step %llu: loss %g, gradient norm %g: training diverged; the last good "
                     "checkpoint is kept. Try a lower --lr, a longer --warmup or a smaller --clip",
                     (unsigned long long)s + 1, *loss, *norm);
  adamw a = {
      .lr = schedule_lr(s, (uint64_t)o->steps, (uint64_t)o->warmup, (float)o->lr, (float)o->min_lr),
      .beta1 = (float)o->beta1,
      .beta2 = (float)o->beta2,
      .eps = 1e-8f,
      .decay = (float)o->decay,
      .scale = o->clip > 0 && *norm > o->clip ? (float)(o->clip / *norm) : 1.0f,
      .step = s + 1};
  for (uint32_t i = 0; i < ulm_tensor_count(&o->config); i++) {
    const ulm_tensor t = ulm_tensor_at(&o->config, i);
    adamw_update(&a, p + t.start, g + t.start, r->m + t.start, r->v + t.start, (size_t)t.count,
                 t.cols != 0, o->threads);
  }
  r->state.step++;
  r->state.tokens = loader_positions(r->train);
  return 0;
}

static int loop(run *r, host_error *e) {
  const run_options *o = r->o;
  const double flops = run_flops(&o->config, (uint32_t)o->seq), start = host_now();
  const uint64_t per_step = (uint64_t)o->batch * (uint64_t)o->seq, first = r->state.step;
  host_progress bar;
  host_progress_begin(&bar, "train", "tokens", ((uint64_t)o->steps - first) * per_step);
  double before = host_now();
  while (r->state.step < (uint64_t)o->steps && !stop_signal) {
    metrics_row row = {.val = NAN,
                       .lr = schedule_lr(r->state.step, (uint64_t)o->steps, (uint64_t)o->warmup,
                                         (float)o->lr, (float)o->min_lr)};
    if (step(r, &row.loss, &row.grad_norm, e)) return -1;
    const double now = host_now();
    row.rate = (double)per_step / (now - before);
    row.step = r->state.step, row.tokens = r->state.tokens, row.seconds = now - start;
    r->loss = row.loss;
    const int last = row.step == (uint64_t)o->steps;
    if (r->val && (last || row.step % (uint64_t)o->eval_every == 0)) {
      row.val = r->val_loss = evaluate(r);
      if (row.val < r->state.best) {
        r->state.best = row.val;
        if (save(r, r->best, 0, e)) return -1;
      }
    }
    if (metrics_add(&r->metrics, &row, e)) return -1;
    if (o->json)
      printf("{\"step\":%llu,\"loss\":%.6f,\"lr\":%.6g,\"grad_norm\":%.6g,\"tokens_per_s\":%.0f}\n",
             (unsigned long long)row.step, row.loss, row.lr, row.grad_norm, row.rate);
    if (!last && row.step % (uint64_t)o->save_every == 0 && save(r, r->last, 1, e)) return -1;
    char note[160];
    int at = snprintf(note, sizeof note, "step %llu/%d  loss %.3f", (unsigned long long)row.step,
                      o->steps, row.loss);
    if (isfinite(r->val_loss))
      at += snprintf(note + at, sizeof note - (size_t)at, "  val %.3f", r->val_loss);
    snprintf(note + at, sizeof note - (size_t)at, "  lr %.2g  |g| %.2f  %.0f GFLOP/s  %llu MB",
             row.lr, row.grad_norm, flops * row.rate / 1e9,
             (unsigned long long)host_peak_rss() >> 20);
    host_progress_step(&bar, (row.step - first) * per_step, note);
    before = host_now();
  }
  host_progress_end(&bar, (r->state.step - first) * per_step, NULL);
  if (save(r, r->last, 1, e)) return -1;
  if (r->state.step < (uint64_t)o->steps)
    return host_fail(e, "stopped by signal %d after step %llu; %s is saved, go on with --resume",
                     (int)stop_signal, (unsigned long long)r->state.step, r->last);
  return 0;
}

/* ---- set-up ---- */

static int lock_dir(run *r, host_error *e) {
  char path[4096];
  if (host_mkdir(r->o->dir, e) || host_path(path, sizeof path, r->o->dir, "lock", e)) return -1;
  r->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (r->lock < 0) return host_fail(e, "%s: cannot open: %s", path, strerror(errno));
  if (flock(r->lock, LOCK_EX | LOCK_NB))
    return host_fail(e, "%s: another trainer works in this folder; wait for it or use another -o",
                     r->o->dir);
  return 0;
}

static int prepare(run *r, host_error *e) {
  const run_options *o = r->o;
  const size_t n = (size_t)ulm_param_count(&o->config);
  if (host_path(r->last, sizeof r->last, o->dir, "last.ckpt", e) ||
      host_path(r->best, sizeof r->best, o->dir, "best.ckpt", e))
    return -1;
  if (!o->resume && access(r->last, F_OK) == 0)
    return host_fail(e, "%s: is there already; go on with --resume, or use another -o", r->last);
  r->model = model_new(&o->config, (uint32_t)o->batch, (uint32_t)o->seq, MODEL_GRAD, o->threads, e);
  if (!r->model) return -1;
  r->m = host_alloc(n * sizeof *r->m, "first moments");
  r->v = host_alloc(n * sizeof *r->v, "second moments");
  r->blocks = host_alloc(adamw_blocks(n) * sizeof *r->blocks, "a norm's partial sums");
  describe_state(r, &r->state);
  r->loss = r->val_loss = NAN;
  if (o->resume) {
    if (load(r, r->last, 1, e)) return -1;
  } else {
    model_init(r->model, o->seed);
    if (o->init && load(r, o->init, 0, e)) return -1;
  }
  if (lock_dir(r, e)) return -1; /* the first thing that writes */
  return metrics_open(&r->metrics, o->dir, r->state.step, e);
}

static void announce(const run *r) {
  const run_options *o = r->o;
  const ulm_config *c = &o->config;
  const double flops = run_flops(c, (uint32_t)o->seq),
               tokens = (double)o->steps * o->batch * o->seq;
  host_log("model      %s: dim %u, layers %u, heads %u/%u, ffn %u, vocab %u: %llu parameters",
           o->preset, c->dim, c->layers, c->heads, c->kv_heads, c->ffn, c->vocab,
           (unsigned long long)ulm_param_count(c));
  for (size_t i = 0; i < o->count; i++) {
    const loader_counts n = loader_count(r->train, i);
    host_log("data       %s: %llu documents, %llu with targets, %.2f M tokens an epoch under %s",
             o->sources[i].dir, (unsigned long long)n.documents, (unsigned long long)n.used,
             (double)n.tokens / 1e6, objective_name(o->objective));
  }
  host_log("training   %d steps of %d x %d: %.2f M tokens, %.2f MFLOP a token, %.3g FLOPs in all",
           o->steps, o->batch, o->seq, tokens / 1e6, flops / 1e6, flops * tokens);
  host_log("machine    %d threads, %s kernels, %llu MB taken", o->threads, model_isa(r->model),
           (unsigned long long)(model_bytes(r->model) + 8 * ulm_param_count(c)) >> 20);
}

int run_train(const run_options *o, host_error *e) {
  run r = {.o = o, .lock = -1};
  const loader_options lo = {(uint32_t)o->batch,
                             (uint32_t)o->seq,
                             o->seed,
                             {o->objective, (float)o->tail, (float)o->prompt},
                             1};
  loader_options vo = lo;
  vo.shuffle = 0;
  int bad = -1;
  r.train = loader_open(o->sources, o->count, "train", &lo, e);
  if (r.train) {
    host_error why;
    r.val = loader_open(o->sources, o->count, "val", &vo, &why);
    if (!r.val) host_log("no validation: %s", why.text);
    bad = prepare(&r, e);
  }
  if (!bad) {
    struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESETHAND};
    sigaction(SIGINT, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
    announce(&r);
    const double start = host_now();
    bad = loop(&r, e);
    if (!bad && !o->json)
      printf(
          "trained %llu steps, %.2f M tokens in %.1f s: loss %.4f, val %.4f, best val %.4f -> %s\n",
          (unsigned long long)r.state.step, (double)r.state.tokens / 1e6, host_now() - start,
          r.loss, r.val_loss, r.state.best, r.last);
    host_log("peak memory %llu MB", (unsigned long long)host_peak_rss() >> 20);
  }
  metrics_close(&r.metrics);
  if (r.lock >= 0) close(r.lock);
  loader_close(r.train), loader_close(r.val);
  model_free(r.model);
  free(r.m), free(r.v), free(r.blocks);
  return bad;
}
