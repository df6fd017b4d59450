#include "run.h"
#include "metrics.h"
#include "ranks.h"

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

typedef unsigned long long ull;

typedef struct {
  const run_options *o;
  stepper step;
  loader *train, *val; /* val NULL: there is no validation */
  train_state state;
  uint8_t *cursor;
  metrics metrics;
  double val_loss; /* newest; NaN before the first */
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

/* ---- saving ---- */

static const char *optimizer_name(bool muon) { return muon ? "muon" : "adamw"; }

/* What the run is made of. No times and no paths: the same run gives the same bytes. */
static char *meta_text(const run *r, size_t *n) {
  const run_options *o = r->o;
  const step_options *s = &o->step;
  json_t *data = json_array();
  for (size_t i = 0; i < loader_sources(r->train); i++) {
    size_t count;
    const shard *x = &loader_shards(r->train, i, &count)[count - 1]; /* the last counts all */
    const loader_counts c = loader_count(r->train, i);
    json_t *meta = json_loadb((const char *)x->meta.data, (size_t)x->meta.size, 0, NULL);
    json_array_append_new(data, json_pack("{sI sI sf sO*}", "documents", (json_int_t)c.documents,
                                          "tokens_per_epoch", (json_int_t)c.tokens, "weight",
                                          o->sources[i].weight, "sources",
                                          json_object_get(meta, "sources")));
    json_decref(meta);
  }
  json_t *j =
      json_pack("{ss si ss sI sI sI sI ss sf sf si si sf sf sI sI ss sf sf sf sf so}", "tool",
                "ulm-train", "version", ULM_FILE_VERSION, "preset", o->preset, "parameters",
                (json_int_t)ulm_param_count(&o->config), "step", (json_int_t)r->state.step, "steps",
                (json_int_t)s->steps, "tokens", (json_int_t)r->state.tokens, "objective",
                objective_name(o->view.objective), "tail", (double)o->view.tail, "prompt_weight",
                (double)o->view.prompt, "batch", (int)o->batch, "seq", (int)o->seq, "lr", s->lr,
                "min_lr", s->min_lr, "warmup", (json_int_t)s->warmup, "seed", (json_int_t)o->seed,
                "optimizer", optimizer_name(s->muon), "weight_decay", s->decay, "beta1", s->beta1,
                "beta2", s->beta2, "clip", s->clip, "data", data);
  json_object_set_new(j, "isa", json_string(model_isa(r->step.model)));
  if (isfinite(r->state.loss)) json_object_set_new(j, "loss", json_real(r->state.loss));
  if (isfinite(r->state.best)) json_object_set_new(j, "best_val_loss", json_real(r->state.best));
  char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(9));
  json_decref(j);
  if (!text) host_die("no memory for a checkpoint's description");
  *n = strlen(text);
  return text;
}

static int save(const run *r, const char *path, bool whole, host_error *e) {
  if (stepper_agree(&r->step, e)) return -1;
  if (!ranks_first()) return ranks_agree(0, e);
  ckpt_parts p = {.config = &r->o->config,
                  .params = model_params(r->step.model),
                  .m = whole ? r->step.m : NULL,
                  .v = r->step.v,
                  .state = &r->state,
                  .spm = loader_tokenizer(r->train)};
  char *meta = meta_text(r, &p.meta_size);
  p.meta = meta;
  loader_cursor_write(r->train, r->cursor);
  const int bad = ckpt_save(path, &p, e);
  free(meta);
  return ranks_agree(bad, e);
}

static int save_last(run *r, host_error *e) {
  return ranks_agree(ranks_first() && metrics_sync(&r->metrics, e), e) || save(r, r->last, true, e)
             ? -1
             : 0;
}

/* ---- starting and resuming ---- */

static train_state state_of(const run *r) {
  const run_options *o = r->o;
  const step_options *s = &o->step;
  train_state t = {.steps = s->steps,
                   .seed = o->seed,
                   .data = loader_fingerprint(r->train),
                   .best = INFINITY,
                   .loss = INFINITY,
                   .batch = o->batch,
                   .seq = o->seq,
                   .objective = o->view.objective,
                   .warmup = (uint32_t)s->warmup,
                   .threads = (uint32_t)r->step.threads,
                   .ranks = (uint32_t)ranks_count(),
                   .eval_every = o->eval_every,
                   .eval_batches = o->eval_batches,
                   .muon = s->muon,
                   .tail = o->view.tail,
                   .prompt = o->view.prompt,
                   .lr = (float)s->lr,
                   .min_lr = (float)s->min_lr,
                   .decay = (float)s->decay,
                   .beta1 = (float)s->beta1,
                   .beta2 = (float)s->beta2,
                   .clip = (float)s->clip,
                   .cursor = r->cursor,
                   .cursor_size = loader_cursor_size(r->train)};
  strncpy(t.isa, model_isa(r->step.model), sizeof t.isa - 1);
  return t;
}

/* "--name was (now is), " for each option that differs. */
typedef struct {
  char text[512];
} differences;
static void differ_text(differences *d, const char *name, const char *was, const char *now) {
  const size_t at = strlen(d->text);
  if (strcmp(was, now))
    snprintf(d->text + at, sizeof d->text - at, "%s--%s %s (now %s)", at ? ", " : "", name, was,
             now);
}
static void differ(differences *d, const char *name, double was, double now) {
  char a[40], b[40];
  const char *format = was == floor(was) && now == floor(now) ? "%.0f" : "%g";
  snprintf(a, sizeof a, format, was), snprintf(b, sizeof b, format, now);
  if (was != now) differ_text(d, name, a, b);
}

static int check_state(const train_state *was, const train_state *now, const char *path,
                       host_error *e) {
  differences fixed = {""}, other = {""};
  if (was->data != now->data) strcpy(fixed.text, "the shards or their weights");
  differ(&fixed, "batch", was->batch, now->batch);
  differ(&fixed, "seq", was->seq, now->seq);
  differ(&fixed, "seed", (double)was->seed, (double)now->seed);
  differ_text(&fixed, "objective", objective_name((objective)was->objective),
              objective_name((objective)now->objective));
  differ_text(&fixed, "optimizer", optimizer_name(was->muon), optimizer_name(now->muon));
  differ(&fixed, "tail", (double)was->tail, (double)now->tail);
  differ(&fixed, "prompt-weight", (double)was->prompt, (double)now->prompt);
  if (*fixed.text || was->seed != now->seed) /* seeds above 2^53 may look alike */
    return host_fail(e, "%s: differs in %s; give --resume the same, or start anew with --init %s",
                     path, fixed.text, path);
  if (was->step > now->steps)
    return host_fail(e, "%s: is at step %llu, past --steps %llu", path, (ull)was->step,
                     (ull)now->steps);
  differ(&other, "steps", (double)was->steps, (double)now->steps);
  differ(&other, "warmup", was->warmup, now->warmup);
  differ(&other, "lr", (double)was->lr, (double)now->lr);
  differ(&other, "min-lr", (double)was->min_lr, (double)now->min_lr);
  differ(&other, "weight-decay", (double)was->decay, (double)now->decay);
  differ(&other, "beta1", (double)was->beta1, (double)now->beta1);
  differ(&other, "beta2", (double)was->beta2, (double)now->beta2);
  differ(&other, "clip", (double)was->clip, (double)now->clip);
  differ(&other, "eval-every", was->eval_every, now->eval_every);
  differ(&other, "eval-batches", was->eval_batches, now->eval_batches);
  if (*other.text) host_log("resume: going on with other options than before: %s", other.text);
  if (was->ranks && was->ranks != now->ranks) /* 0: written before there were ranks */
    host_log("resume: there were %u ranks and are %u now: the rest will differ by rounding",
             was->ranks, now->ranks);
  if (strcmp(was->isa, now->isa))
    host_log("resume: the kernels were %s and are %s now: the rest will differ by rounding",
             was->isa, now->isa);
  return 0;
}

/* Weights of a checkpoint; with `resume` all else that last.ckpt holds. */
static int load(run *r, const char *path, bool resume, host_error *e) {
  model_file f;
  if (model_file_open(&f, path, ULM_KIND_CKPT, e)) return -1;
  const ulm_config *c = &r->o->config, *g = &f.config;
  const ulm_section spm = loader_tokenizer(r->train);
  train_state was, *now = &r->state;
  host_error why = {""};
  int bad = 0;
  if (g->dim != c->dim || g->layers != c->layers || g->heads != c->heads ||
      g->kv_heads != c->kv_heads || g->ffn != c->ffn || g->vocab != c->vocab ||
      g->rope_base != c->rope_base || g->norm_eps != c->norm_eps ||
      (resume && g->context != c->context))
    bad = host_fail(
        e, "%s: its shape differs from the one asked for; give the same preset and sizes", path);
  else if (f.spm.size != spm.size || memcmp(f.spm.data, spm.data, (size_t)spm.size))
    bad = host_fail(
        e, "%s: was trained with another tokenizer than the shards'; encode the data with its own",
        path);
  else if (model_file_floats(&f, model_params(r->step.model), &why))
    bad = host_fail(e, "%s: %.900s", path, why.text);
  else if (resume) {
    if (ckpt_resume(&f, r->step.m, r->step.v, &was, &why))
      bad = host_fail(e, "%s: %.900s", path, why.text);
    else if (check_state(&was, now, path, e))
      bad = -1;
    else if (loader_cursor_read(r->train, was.cursor, was.cursor_size, &why))
      bad = host_fail(e, "%s: %.900s", path, why.text);
    else {
      now->step = was.step, now->tokens = was.tokens, now->best = was.best, now->loss = was.loss;
      host_log("resume: %s at step %llu", path, (ull)now->step);
    }
  }
  model_file_close(&f);
  return bad;
}

/* The folder, held by a lock for as long as the process lives; leftovers of killed ones removed. */
static int take_folder(run *r, host_error *e) {
  const char *dir = r->o->dir;
  char path[4096];
  if (access(r->last, F_OK) == 0 && !r->o->resume && !r->o->force)
    return host_fail(
        e, "%s: is there already; go on with --resume, use another -o, or replace it with --force",
        r->last);
  size_t n;
  if (host_mkdir(dir, e) || host_path(path, sizeof path, dir, "lock", e)) return -1;
  r->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (r->lock < 0) return host_fail(e, "%s: cannot open: %s", path, strerror(errno));
  if (flock(r->lock, LOCK_EX | LOCK_NB))
    return host_fail(e, "%s: another trainer works in this folder; wait for it or use another -o",
                     dir);
  char **names = host_list(dir, ".tmp", &n, e);
  if (!names) return -1;
  for (size_t i = 0; i < n; i++) {
    const bool ours = !strncmp(names[i], "last.ckpt.", 10) ||
                      !strncmp(names[i], "best.ckpt.", 10) || !strncmp(names[i], "metrics.", 8);
    if (ours && !host_path(path, sizeof path, dir, names[i], e)) unlink(path);
    free(names[i]);
  }
  free(names);
  return 0;
}

/* What can fail without touching the folder comes first. */
static int prepare(run *r, host_error *e) {
  const run_options *o = r->o;
  if (host_path(r->last, sizeof r->last, o->dir, "last.ckpt", e) ||
      host_path(r->best, sizeof r->best, o->dir, "best.ckpt", e) ||
      stepper_open(&r->step, &o->config, o->batch / (uint32_t)ranks_count(), o->seq, o->model_flags,
                   ranks_threads(o->threads), e))
    return -1;
  r->cursor = host_alloc(loader_cursor_size(r->train), "the data cursor");
  r->state = state_of(r);
  r->val_loss = NAN;
  model_init(r->step.model, o->seed);
  if (o->init && load(r, o->init, false, e)) return -1;
  if (ranks_agree(ranks_first() && take_folder(r, e), e)) return -1;
  const bool saved = access(r->last, F_OK) == 0;
  if (saved && o->resume) {
    if (load(r, r->last, true, e)) return -1;
  } else {
    if (saved && !o->force)
      return host_fail(e, "%s: has just been written by another trainer", r->last);
    if (o->resume) host_log("resume: %s is not there yet; starting from the beginning", r->last);
    if (ranks_first()) unlink(r->best);
  }
  uint8_t state[STATE_SIZE];
  train_state common = r->state;
  common.threads = 0; /* these alone may differ between ranks */
  state_write(state, &common);
  if (ranks_same("the data, the options or the checkpoint", state, sizeof state, e) ||
      stepper_agree(&r->step, e))
    return -1;
  return ranks_agree(ranks_first() && metrics_open(&r->metrics, o->dir, r->state.step, e), e);
}

/* ---- the loop ---- */

/* Mean loss over the first eval_batches of the val split: the same ones every time. */
static double evaluate(run *r) {
  double sum = 0, weights = 0;
  const model_batch *b;
  loader_rewind(r->val);
  for (uint32_t i = 0; i < r->o->eval_batches && (b = loader_next(r->val)); i++) {
    const model_batch mine = ranks_rows(b);
    double total;
    sum += model_loss(r->step.model, &mine, &total, NULL);
    weights += ranks_weight(b, total);
  }
  ranks_sum(&sum, 1);
  return sum / weights;
}

static int diverged(const run *r, const char *what, double value, host_error *e) {
  return host_fail(e,
                   "step %llu: the %s is %g: training diverged; %s is the last good checkpoint. "
                   "Try a lower --lr, a longer --warmup or a smaller --clip",
                   (ull)r->state.step + 1, what, value, r->last);
}

/* One step, its validation where due, and best.ckpt. */
static int one_step(run *r, metrics_row *row, host_error *e) {
  const run_options *o = r->o;
  const double start = host_now();
  *row = (metrics_row){.val = NAN, .lr = step_lr(&o->step, r->state.step)};
  row->loss = step_gradient(&r->step, loader_next(r->train));
  if (!isfinite(row->loss)) return diverged(r, "loss", row->loss, e);
  row->grad_norm = step_update(&r->step, &o->step, r->state.step);
  if (!isfinite(row->grad_norm)) return diverged(r, "gradient's norm", row->grad_norm, e);
  row->rate = (double)o->batch * o->seq / (host_now() - start);
  row->step = r->state.step + 1;
  row->tokens = loader_positions(r->train);
  if (r->val && (row->step == o->step.steps || row->step % o->eval_every == 0)) {
    row->val = r->val_loss = evaluate(r);
    if (!isfinite(row->val)) return diverged(r, "validation loss", row->val, e);
  }
  r->state.step = row->step, r->state.tokens = row->tokens, r->state.loss = row->loss;
  if (!(row->val < r->state.best)) return 0;
  r->state.best = row->val;
  return save(r, r->best, false, e);
}

static void print_step(const metrics_row *row) {
  printf("{\"step\":%llu,\"tokens\":%llu,\"loss\":%.6f,", (ull)row->step, (ull)row->tokens,
         row->loss);
  if (!isnan(row->val)) printf("\"val_loss\":%.6f,", row->val);
  printf("\"lr\":%.6g,\"grad_norm\":%.6g,\"tokens_per_s\":%.0f}\n", row->lr, row->grad_norm,
         row->rate);
}

static int loop(run *r, host_error *e) {
  const run_options *o = r->o;
  const double flops = run_flops(&o->config, o->seq), start = host_now();
  const uint64_t per_step = (uint64_t)o->batch * o->seq, first = r->state.step,
                 steps = o->step.steps;
  host_progress bar;
  if (first == 0 && save_last(r, e)) return -1; /* also shows that the folder can be written */
  if (first == steps) host_log("all %llu steps are done already", (ull)steps);
  host_progress_begin(&bar, "train", "tokens", (steps - first) * per_step);
  while (r->state.step < steps && !ranks_any(stop_signal)) {
    metrics_row row;
    if (one_step(r, &row, e)) return -1;
    row.seconds = host_now() - start;
    if (ranks_first() && metrics_add(&r->metrics, &row, e)) return -1;
    if (o->json) print_step(&row);
    if ((row.step % o->save_every == 0 || row.step == steps) && save_last(r, e)) return -1;
    char note[200];
    int at = snprintf(note, sizeof note, "step %llu/%llu  loss %.3f", (ull)row.step, (ull)steps,
                      row.loss);
    if (isfinite(r->val_loss))
      at += snprintf(note + at, sizeof note - (size_t)at, "  val %.3f", r->val_loss);
    snprintf(note + at, sizeof note - (size_t)at, "  lr %.2g  |g| %.2f  %.0f GFLOP/s  %llu MB",
             row.lr, row.grad_norm, flops * row.rate / 1e9, (ull)host_peak_rss() >> 20);
    host_progress_step(&bar, (row.step - first) * per_step, note);
  }
  host_progress_end(&bar, (r->state.step - first) * per_step, NULL);
  if (r->state.step == steps) return 0;
  if (r->state.step % o->save_every && save_last(r, e)) return -1;
  return host_fail(e, "stopped by signal %d after step %llu; %s is saved, go on with --resume",
                   (int)stop_signal, (ull)r->state.step, r->last);
}

/* ---- telling ---- */

static void announce(const run *r) {
  const run_options *o = r->o;
  const ulm_config *c = &o->config;
  const double flops = run_flops(c, o->seq), tokens = (double)o->step.steps * o->batch * o->seq;
  host_log("model      %s: dim %u, layers %u, heads %u/%u, ffn %u, vocab %u: %llu parameters",
           o->preset, c->dim, c->layers, c->heads, c->kv_heads, c->ffn, c->vocab,
           (ull)ulm_param_count(c));
  for (size_t i = 0; i < loader_sources(r->train); i++) {
    const loader_counts n = loader_count(r->train, i);
    host_log("data       %s: %llu documents, %llu with targets, %.2f M tokens an epoch under %s",
             o->sources[i].dir, (ull)n.documents, (ull)n.used, (double)n.tokens / 1e6,
             objective_name(o->view.objective));
  }
  host_log("training   %llu steps of %u x %u: %.2f M tokens, %.2f MFLOP a token, %.3g FLOPs in all",
           (ull)o->step.steps, o->batch, o->seq, tokens / 1e6, flops / 1e6, flops * tokens);
  host_log("machine    %d threads, %s kernels, %llu MB taken", r->step.threads,
           model_isa(r->step.model), (ull)stepper_bytes(&r->step) >> 20);
  ranks_announce(r->step.threads);
  if (!r->val) host_log("validation none: there is no val split with targets");
  if (o->json)
    printf("{\"preset\":\"%s\",\"parameters\":%llu,\"steps\":%llu,\"tokens\":%.0f,"
           "\"flops_per_token\":%.0f,\"flops\":%.6g,\"threads\":%d,\"isa\":\"%s\"}\n",
           o->preset, (ull)ulm_param_count(c), (ull)o->step.steps, tokens, flops, flops * tokens,
           r->step.threads, model_isa(r->step.model));
}

static void summarize(const run *r, double seconds) {
  const train_state *s = &r->state;
  char val[64] = "";
  if (r->o->json) {
    if (isfinite(s->best)) snprintf(val, sizeof val, "\"best_val_loss\":%.6f,", s->best);
    printf("{\"done\":true,\"step\":%llu,\"tokens\":%llu,\"loss\":%.6f,%s\"seconds\":%.2f,"
           "\"peak_bytes\":%llu}\n",
           (ull)s->step, (ull)s->tokens, s->loss, val, seconds, (ull)host_peak_rss());
    return;
  }
  if (isfinite(r->val_loss))
    snprintf(val, sizeof val, ", val %.4f, best val %.4f", r->val_loss, s->best);
  uint64_t epoch = 0;
  for (size_t i = 0; i < loader_sources(r->train); i++) epoch += loader_count(r->train, i).tokens;
  printf("trained %llu steps, %.2f M tokens (%.2f epochs) in %.1f s: loss %.4f%s -> %s\n",
         (ull)s->step, (double)s->tokens / 1e6, (double)s->tokens / (double)epoch, seconds, s->loss,
         val, r->last);
}

/* ---- a run ---- */

static int open_data(run *r, host_error *e) {
  const run_options *o = r->o;
  loader_options l = {o->batch, o->seq, o->seed, o->view, false};
  r->train = loader_open(o->sources, o->count, "train", &l, e);
  if (!r->train) return -1;
  l.seed = 0, l.once = true; /* the same documents for every run */
  r->val = loader_open(o->sources, o->count, "val", &l, e);
  if (!r->val) return -1;
  if (!loader_sources(r->val)) {
    loader_close(r->val), r->val = NULL;
    return 0;
  }
  const ulm_section a = loader_tokenizer(r->train), b = loader_tokenizer(r->val);
  if (a.size != b.size || memcmp(a.data, b.data, (size_t)a.size))
    return host_fail(e, "%s: the tokenizers of its train and val shards differ; encode it again",
                     o->sources[0].dir);
  return 0;
}

int run_train(const run_options *o, host_error *e) {
  run r = {.o = o, .lock = -1};
  int bad = open_data(&r, e) || prepare(&r, e) ? -1 : 0;
  if (!bad) {
    struct sigaction a = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
    ranks_signals(on_signal);
    announce(&r);
    const double start = host_now();
    bad = loop(&r, e);
    if (!bad) summarize(&r, host_now() - start);
    ranks_report();
    host_log("peak memory %llu MB", (ull)host_peak_rss() >> 20);
  }
  metrics_close(&r.metrics);
  loader_close(r.train), loader_close(r.val);
  stepper_close(&r.step);
  free(r.cursor);
  if (r.lock >= 0) close(r.lock);
  return bad;
}
