#include "run.h"
#include "guard.h"
#include "live.h"
#include "metrics.h"
#include "ranks.h"
#include "stop.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stop_signal;
static void on_signal(int s) { stop_signal = s; }

/* The first SIGINT, SIGTERM or SIGHUP (unless it is ignored, as under nohup) lets the step end and
 * saves; a second one kills. A limit on file sizes is an error of that write alone. */
static void take_signals(void) {
  static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction a = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND}, was;
  for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
    if (!sigaction(stops[i], NULL, &was) && was.sa_handler != SIG_IGN)
      sigaction(stops[i], &a, NULL);
  signal(SIGXFSZ, SIG_IGN);
}

typedef unsigned long long ull;

/* A source's val split. */
typedef struct {
  loader *l;
  double share; /* of training's tokens */
  double loss;  /* newest */
} val_source;

typedef struct {
  const run_options *o;
  stepper step;
  loader *train;
  val_source *vals;
  size_t val_count;          /* 0: there is no validation */
  const char **all, **names; /* names of the sources; of the val_count with validation */
  double *val_losses;        /* [val_count], once validated */
  bool validated;
  train_state state;
  guard guard;
  uint8_t *cursor; /* the loader's, then the guard's state */
  metrics metrics;
  live live;
  uint64_t saved;                        /* step of last.ckpt */
  double data_time, val_time, save_time; /* seconds */
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
static const char *precision_name(bool bf16) { return bf16 ? "bf16" : "fp32"; }

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
  json_object_set_new(j, "opener_tokens", json_integer(o->view.first));
  json_object_set_new(j, "schedule", json_string(schedule_name(s->schedule)));
  json_object_set_new(j, "decay_fraction", json_real(s->decay_fraction));
  json_object_set_new(j, "embed_lr", json_real(s->embed_lr > 0 ? s->embed_lr : s->lr));
  json_object_set_new(j, "ema", json_real(s->ema));
  json_object_set_new(j, "weights", json_string(r->step.average ? "average" : "last"));
  json_object_set_new(j, "zero_out", json_boolean(s->zero_out));
  json_object_set_new(j, "ramp", json_integer((json_int_t)s->ramp));
  json_object_set_new(j, "first_batch", json_integer(s->ramp ? s->first_rows : o->batch));
  json_object_set_new(j, "precision", json_string(precision_name(o->model_flags & MODEL_BF16)));
  json_object_set_new(j, "isa", json_string(model_isa(r->step.model)));
  if (isfinite(r->state.loss)) json_object_set_new(j, "loss", json_real(r->state.loss));
  if (isfinite(r->state.best)) json_object_set_new(j, "best_val_loss", json_real(r->state.best));
  char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(9));
  json_decref(j);
  if (!text) host_die("no memory for a checkpoint's description");
  *n = strlen(text);
  return text;
}

/* A write failed: whether to try it again. A full disk waits, with all since the last checkpoint in
 * memory, for somebody to make room; a signal gives up. *since: 0 at the first failure. */
static bool again(const run *r, double *since, const host_error *e) {
  const double now = host_now();
  static int before;
  if (*since == 0) {
    *since = now, before = stop_signal;
    if (r->o->disk_wait > 0)
      host_log("%s\ntrying again for %.0f s: make room, or send a signal to give up", e->text,
               r->o->disk_wait);
  }
  if (now - *since >= r->o->disk_wait || stop_signal != before) return false;
  nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
  return stop_signal == before;
}

static int save(run *r, const char *path, bool whole, host_error *e) {
  const double start = host_now();
  if (stepper_agree(&r->step, e)) return -1;
  if (!ranks_first()) return ranks_agree(0, e);
  ckpt_parts p = {.config = &r->o->config,
                  .params = r->step.average ? r->step.average : model_params(r->step.model),
                  .trained = r->step.average ? model_params(r->step.model) : NULL,
                  .m = whole ? r->step.m : NULL,
                  .v = r->step.v,
                  .state = &r->state,
                  .spm = loader_tokenizer(r->train)};
  char *meta = meta_text(r, &p.meta_size);
  p.meta = meta;
  loader_cursor_write(r->train, r->cursor);
  guard_write(&r->guard, r->cursor + loader_cursor_size(r->train));
  int bad;
  double since = 0;
  while ((bad = ckpt_save(path, &p, e)) && again(r, &since, e)) {
  }
  if (!bad && since > 0) host_log("%s: written", path);
  free(meta);
  r->save_time += host_now() - start;
  return ranks_agree(bad, e);
}

static int save_last(run *r, host_error *e) {
  if (ranks_agree(ranks_first() && metrics_sync(&r->metrics, e), e) || save(r, r->last, true, e))
    return -1;
  r->saved = r->state.step;
  return 0;
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
                   .ramp = s->ramp,
                   .schedule = s->schedule,
                   .first_rows = s->ramp ? s->first_rows : 0,
                   .zero_out = s->zero_out,
                   .bf16 = (o->model_flags & MODEL_BF16) != 0,
                   .decay_fraction = (float)s->decay_fraction,
                   .embed_lr = (float)s->embed_lr,
                   .ema = (float)s->ema,
                   .cursor = r->cursor,
                   .cursor_size = loader_cursor_size(r->train) + GUARD_SIZE};
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

static int check_state(const train_state *was, const train_state *now, const guard *g_was,
                       const guard *g_now, const char *path, host_error *e) {
  differences fixed = {""}, other = {""};
  if (was->data != now->data) strcpy(fixed.text, "the shards or their weights");
  differ(&fixed, "batch", was->batch, now->batch);
  differ(&fixed, "seq", was->seq, now->seq);
  differ(&fixed, "seed", (double)was->seed, (double)now->seed);
  differ_text(&fixed, "objective", objective_name((objective)was->objective),
              objective_name((objective)now->objective));
  differ_text(&fixed, "optimizer", optimizer_name(was->muon), optimizer_name(now->muon));
  differ(&fixed, "ramp", (double)was->ramp, (double)now->ramp);
  differ(&fixed, "first-batch", was->first_rows, now->first_rows);
  differ(&fixed, "tail", (double)was->tail, (double)now->tail);
  differ(&fixed, "prompt-weight", (double)was->prompt, (double)now->prompt);
  differ(&fixed, "opener-tokens", g_was->first, g_now->first);
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
  differ_text(&other, "schedule", schedule_name(was->schedule), schedule_name(now->schedule));
  differ(&other, "decay-fraction", (double)was->decay_fraction, (double)now->decay_fraction);
  differ(&other, "embed-lr", (double)was->embed_lr, (double)now->embed_lr);
  differ(&other, "ema", (double)was->ema, (double)now->ema);
  differ_text(&other, "precision", precision_name(was->bf16), precision_name(now->bf16));
  differ(&other, "weight-decay", (double)was->decay, (double)now->decay);
  differ(&other, "beta1", (double)was->beta1, (double)now->beta1);
  differ(&other, "beta2", (double)was->beta2, (double)now->beta2);
  differ(&other, "clip", (double)was->clip, (double)now->clip);
  differ(&other, "eval-every", was->eval_every, now->eval_every);
  differ(&other, "eval-batches", was->eval_batches, now->eval_batches);
  differ(&other, "patience", g_was->patience, g_now->patience);
  differ(&other, "spike", g_was->spike, g_now->spike);
  if (*other.text) host_log("resume: going on with other options than before: %s", other.text);
  if (was->ranks && was->ranks != now->ranks) /* 0: written before there were ranks */
    host_log("resume: there were %u ranks and are %u now: the rest will differ by rounding",
             was->ranks, now->ranks);
  if (strcmp(was->isa, now->isa))
    host_log("resume: the kernels were %s and are %s now: the rest is no longer bit-identical, it "
             "differs by rounding",
             was->isa, now->isa);
  if (was->threads != now->threads)
    host_log("resume: there were %u threads and are %u now: the bits stay the same", was->threads,
             now->threads);
  return 0;
}

/* Weights of a checkpoint; with `resume` all else that last.ckpt holds. */
static int load(run *r, const char *path, bool resume, host_error *e) {
  model_file f;
  if (model_file_open(&f, path, ULM_KIND_CKPT, e)) return -1;
  const ulm_config *c = &r->o->config, *g = &f.config;
  const ulm_section spm = loader_tokenizer(r->train);
  train_state was, *now = &r->state;
  guard course = r->guard;
  const size_t cursor = loader_cursor_size(r->train);
  host_error why = {""};
  int bad = 0, averaged;
  if (g->vocab != c->vocab)
    bad = host_fail(e,
                    "%s: has a vocabulary of %u, the shards have %u; encode the data with the "
                    "checkpoint's own: ulm tokenizer encode DIR --model %s -o SHARDS",
                    path, g->vocab, c->vocab, path);
  else if (g->dim != c->dim || g->layers != c->layers || g->heads != c->heads ||
           g->kv_heads != c->kv_heads || g->ffn != c->ffn || g->rope_base != c->rope_base ||
           g->norm_eps != c->norm_eps || (resume && g->context != c->context))
    bad = host_fail(
        e, "%s: its shape differs from the one asked for; give the same preset and sizes", path);
  else if (f.spm.size != spm.size || memcmp(f.spm.data, spm.data, (size_t)spm.size))
    bad = host_fail(
        e,
        "%s: was trained with another tokenizer than the shards'; encode the data with its own: "
        "ulm tokenizer encode DIR --model %s -o SHARDS",
        path, path);
  else if (model_file_floats(&f, model_params(r->step.model), &why))
    bad = host_fail(e, "%s: %.900s", path, why.text);
  else if (resume) {
    if (ckpt_resume(&f, r->step.m, r->step.v, &was, &why) ||
        (was.cursor_size == cursor + GUARD_SIZE && /* absent in the oldest checkpoints */
         guard_read(&course, was.cursor + cursor, &why)))
      bad = host_fail(e, "%s: %.900s", path, why.text);
    else if (check_state(&was, now, &course, &r->guard, path, e))
      bad = -1;
    else if (loader_cursor_read(r->train, was.cursor,
                                was.cursor_size - (was.cursor_size > cursor ? GUARD_SIZE : 0),
                                &why))
      bad = host_fail(e, "%s: %.900s", path, why.text);
    else if ((averaged = ckpt_average(&f, model_params(r->step.model), r->step.average, &why)) < 0)
      bad = host_fail(e, "%s: %.900s", path, why.text);
    else {
      course.first = r->guard.first, course.spike = r->guard.spike;
      course.patience = r->guard.patience;
      r->guard = course, r->saved = was.step;
      if (!averaged && r->step.average) stepper_average(&r->step);
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
  /* The lock goes with the process, however it ends; its text is for people. */
  r->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (r->lock < 0) return host_fail(e, "%s: cannot open: %s", path, strerror(errno));
  if (flock(r->lock, LOCK_EX | LOCK_NB)) {
    char pid[24] = "";
    if (pread(r->lock, pid, sizeof pid - 1, 0) > 0) pid[strspn(pid, "0123456789")] = 0;
    return host_fail(
        e, "%s: another trainer%s%s%s works in this folder; wait for it or use another -o", dir,
        *pid ? ", process " : "", pid, *pid ? "," : "");
  }
  if (ftruncate(r->lock, 0) || dprintf(r->lock, "%ld\n", (long)getpid()) < 0)
    host_log("%s: cannot write: %s", path, strerror(errno));
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
  r->cursor = host_alloc(loader_cursor_size(r->train) + GUARD_SIZE, "the data cursor");
  r->state = state_of(r);
  r->guard = guard_new();
  r->guard.first = o->view.first, r->guard.spike = o->spike, r->guard.patience = o->patience;
  stepper_init(&r->step, &o->step, o->seed);
  if (o->init && load(r, o->init, false, e)) return -1;
  if (o->step.ema > 0) stepper_average(&r->step);
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
  return ranks_agree(
      ranks_first() && metrics_open(&r->metrics, o->dir, r->names, r->val_count, r->state.step, e),
      e);
}

/* ---- the loop ---- */

/* Mean loss over the first eval_batches of each source's val split, the same ones every time;
 * together weighted as in training: by the sources' shares of tokens, and the targets in those. Of
 * the weights' average where one is kept. */
static double evaluate(run *r) {
  double sum = 0, parts = 0;
  step_exchange(&r->step);
  for (size_t i = 0; i < r->val_count; i++) {
    val_source *v = &r->vals[i];
    double loss = 0, weights = 0;
    const model_batch *b;
    loader_rewind(v->l);
    for (uint32_t k = 0; k < r->o->eval_batches && (b = loader_next(v->l)); k++) {
      const model_batch mine = ranks_rows(b);
      double total;
      loss += model_loss(r->step.model, &mine, &total, NULL);
      weights += ranks_weight(b, total);
    }
    ranks_sum(&loss, 1);
    r->val_losses[i] = v->loss = loss / weights;
    const double part = v->share * weights / (double)loader_positions(v->l);
    sum += part * v->loss, parts += part;
  }
  step_exchange(&r->step);
  return sum / parts;
}

/* FLOP/s that this machine reaches at the run's precision and number of threads. */
static double measure_peak(const run *r) {
  return r->step.ops->peak((r->o->model_flags & MODEL_BF16) != 0, r->step.threads, 0.05) *
         ranks_count();
}

/* A validation, told, and best.ckpt if it is the best. */
static int validate(run *r, metrics_row *row, host_error *e) {
  const run_options *o = r->o;
  const double start = host_now();
  row->val = evaluate(r), row->vals = r->val_losses, r->validated = true;
  r->live.peak = fmax(r->live.peak, measure_peak(r)); /* the machine may have been busy before */
  r->val_time += host_now() - start;
  if (!isfinite(row->val)) {
    const stop_place at = {.step = row->step, .saved = r->saved, .last = r->last, .json = o->json};
    return stop_run(&at, "validation loss", row->val, INFINITY, e);
  }
  guard *g = &r->guard;
  const bool better = row->val < r->state.best;
  g->val = row->val, g->stale = better ? 0 : g->stale + 1;
  if (better) g->best = row->step, r->state.best = row->val;
  char by[512] = "", most[64] = "";
  for (size_t i = 0, n = 0; r->val_count > 1 && i < r->val_count && n < sizeof by; i++)
    n += (size_t)snprintf(by + n, sizeof by - n, "%s%s %.4f", i ? ", " : "  (", r->names[i],
                          r->val_losses[i]);
  if (o->patience) snprintf(most, sizeof most, ", %u of %u without", g->stale, o->patience);
  if (better)
    host_log("step %llu  val %.4f%s%s  the best so far", (ull)row->step, row->val, by,
             *by ? ")" : "");
  else
    host_log("step %llu  val %.4f%s%s  best %.4f at step %llu%s", (ull)row->step, row->val, by,
             *by ? ")" : "", r->state.best, (ull)g->best, most);
  return 0;
}

/* One step, its validation where due, and best.ckpt. */
static int one_step(run *r, metrics_row *row, host_error *e) {
  const run_options *o = r->o;
  const double start = host_now();
  *row =
      (metrics_row){.step = r->state.step + 1, .val = NAN, .lr = step_lr(&o->step, r->state.step)};
  const model_batch *b = loader_rows(r->train, step_rows(&o->step, o->batch, r->state.step));
  r->data_time += host_now() - start;
  const stop_place at = {row->step, r->saved, r->last, r->train, r->step.model, b, r->all, o->json};
  row->loss = step_gradient(&r->step, b);
  const double limit = guard_limit(&r->guard, o->spike);
  if (!(row->loss <= limit) || !isfinite(row->loss))
    return stop_run(&at, "loss", row->loss, isfinite(row->loss) ? limit : INFINITY, e);
  row->grad_norm = step_update(&r->step, &o->step, r->state.step);
  if (!isfinite(row->grad_norm))
    return stop_run(&at, "gradient's norm", row->grad_norm, INFINITY, e);
  guard_add(&r->guard, row->loss);
  const double seconds = host_now() - start, tokens = (double)b->B * b->T;
  row->rate = tokens / seconds;
  row->mfu = r->live.peak > 0 ? r->live.flops * row->rate / r->live.peak : NAN;
  row->tokens = loader_positions(r->train);
  const bool due = r->val_count && (row->step == o->step.steps || row->step % o->eval_every == 0);
  const double best = r->state.best;
  if (due && validate(r, row, e)) return -1;
  r->state.step = row->step, r->state.tokens = row->tokens, r->state.loss = row->loss;
  live_step(&r->live, row, tokens, seconds, false);
  return r->state.best < best ? save(r, r->best, false, e) : 0;
}

static void print_step(const metrics_row *row) {
  printf("{\"step\":%llu,\"tokens\":%llu,\"loss\":%.6f,", (ull)row->step, (ull)row->tokens,
         row->loss);
  if (!isnan(row->val)) printf("\"val_loss\":%.6f,", row->val);
  printf("\"lr\":%.6g,\"grad_norm\":%.6g,\"tokens_per_s\":%.0f}\n", row->lr, row->grad_norm,
         row->rate);
}

static uint64_t tokens_before(const run_options *o, uint64_t step) {
  return step_rows_before(&o->step, o->batch, step) * o->seq;
}

static bool stale(const run *r) { return r->o->patience && r->guard.stale >= r->o->patience; }

static int loop(run *r, host_error *e) {
  const run_options *o = r->o;
  const double start = host_now();
  const uint64_t steps = o->step.steps;
  if (r->state.step == 0 && save_last(r, e))
    return -1; /* also shows that the folder can be written */
  if (r->state.step == steps) host_log("all %llu steps are done already", (ull)steps);
  live_begin(&r->live, r->state.step, steps, run_flops(&o->config, o->seq), r->live.peak,
             r->guard.val);
  int stopped = 0;
  while (r->state.step < steps && !stale(r) && !(stopped = ranks_any(stop_signal))) {
    metrics_row row;
    if (one_step(r, &row, e)) return -1;
    row.seconds = r->metrics.seconds + host_now() - start;
    double since = 0;
    while (ranks_first() && metrics_add(&r->metrics, &row, e))
      if (!again(r, &since, e)) return -1;
    if (o->json) print_step(&row);
    if ((row.step % o->save_every == 0 || row.step == steps) && save_last(r, e)) return -1;
  }
  if (r->saved != r->state.step && save_last(r, e)) return -1;
  if (r->state.step == steps || stale(r)) return 0;
  return host_fail(e, "stopped by signal %d after step %llu; %s is saved, go on with --resume",
                   stopped, (ull)r->state.step, r->last);
}

/* ---- telling ---- */

static void announce_recipe(const step_options *s) {
  char more[256] = "";
  size_t n = 0;
#define MORE(...) n += (size_t)snprintf(more + n, sizeof more - n, __VA_ARGS__)
  if (s->schedule != SCHEDULE_COSINE) MORE(" over the last %llu steps", (ull)schedule_decay(s));
  if (s->embed_lr > 0) MORE(", embedding %.3g", s->embed_lr);
  if (s->zero_out) MORE(", outputs from zero");
  if (s->ramp) MORE(", %u rows growing for %llu steps", s->first_rows, (ull)s->ramp);
  if (s->ema > 0) MORE(", average of weights (%.6g) validated and written for export", s->ema);
#undef MORE
  host_log("recipe   %s, lr %.3g, %s%s", optimizer_name(s->muon), s->lr, schedule_name(s->schedule),
           more);
}

static void announce(run *r) {
  const run_options *o = r->o;
  const ulm_config *c = &o->config;
  const double flops = run_flops(c, o->seq), tokens = (double)tokens_before(o, o->step.steps);
  double shares = 0;
  for (size_t i = 0; i < o->count; i++) shares += loader_from(r->train, i)->weight;
  host_log("model    %s, %llu parameters: %u x %u, heads %u/%u, ffn %u, vocab %u", o->preset,
           (ull)ulm_param_count(c), c->dim, c->layers, c->heads, c->kv_heads, c->ffn, c->vocab);
  for (size_t i = 0; i < o->count; i++) {
    const loader_counts n = loader_count(r->train, i);
    char none[40] = "", share[40] = "";
    if (n.used < n.documents)
      snprintf(none, sizeof none, " (%llu without targets)", (ull)(n.documents - n.used));
    if (o->count > 1)
      snprintf(share, sizeof share, ", %.3g%%", 100 * loader_from(r->train, i)->weight / shares);
    host_log("data     %s: %llu documents%s, %.2f M tokens%s", o->sources[i].dir, (ull)n.documents,
             none, (double)n.tokens / 1e6, share);
  }
  if (!r->val_count) host_log("         no validation: there is no val split with targets");
  host_log("train    %s, %llu steps of %u x %u: %.2f M tokens, %.1f MFLOP each, %.3g",
           objective_name(o->view.objective), (ull)o->step.steps, o->batch, o->seq, tokens / 1e6,
           flops / 1e6, flops * tokens);
  announce_recipe(&o->step);
  r->live.peak = measure_peak(r);
  host_log("machine  %d threads, %s kernels, peak %.0f GFLOP/s %s, %llu MB taken", r->step.threads,
           model_isa(r->step.model), r->live.peak / 1e9,
           o->model_flags & MODEL_BF16 ? "bf16" : "fp32", (ull)stepper_bytes(&r->step) >> 20);
  ranks_announce(r->step.threads);
  if (o->json)
    printf("{\"preset\":\"%s\",\"parameters\":%llu,\"steps\":%llu,\"tokens\":%.0f,"
           "\"flops_per_token\":%.0f,\"flops\":%.6g,\"threads\":%d,\"isa\":\"%s\",\"peak\":%.4g}\n",
           o->preset, (ull)ulm_param_count(c), (ull)o->step.steps, tokens, flops, flops * tokens,
           r->step.threads, model_isa(r->step.model), r->live.peak);
}

static void summarize(const run *r, double seconds) {
  const train_state *s = &r->state;
  char val[64] = "";
  if (stale(r))
    host_log("stopped early: %u validations without a better one than %.4f, of step %llu: %s",
             r->guard.stale, s->best, (ull)r->guard.best, r->best);
  if (r->o->json) {
    if (isfinite(s->best)) snprintf(val, sizeof val, "\"best_val_loss\":%.6f,", s->best);
    printf("{\"done\":true,\"early\":%s,\"step\":%llu,\"tokens\":%llu,\"loss\":%.6f,%s",
           stale(r) ? "true" : "false", (ull)s->step, (ull)s->tokens, s->loss, val);
    for (size_t i = 0; r->validated && r->val_count > 1 && i < r->val_count; i++) {
      fputs(i ? "," : "\"val\":{", stdout);
      host_json_string(stdout, r->names[i], strlen(r->names[i]));
      printf(":%.6f%s", r->val_losses[i], i + 1 == r->val_count ? "}," : "");
    }
    printf("\"seconds\":%.2f,\"peak_bytes\":%llu}\n", seconds, (ull)host_peak_rss());
    return;
  }
  if (isfinite(r->guard.val))
    snprintf(val, sizeof val, ", val %.4f, best val %.4f", r->guard.val, s->best);
  uint64_t epoch = 0;
  for (size_t i = 0; i < loader_sources(r->train); i++) epoch += loader_count(r->train, i).tokens;
  printf("trained %llu steps, %.2f M tokens (%.2f epochs) in %.1f s: loss %.4f%s -> %s\n",
         (ull)s->step, (double)s->tokens / 1e6, (double)s->tokens / (double)epoch, seconds, s->loss,
         val, r->last);
  for (size_t i = 0; r->validated && r->val_count > 1 && i < r->val_count; i++)
    printf("  val %.4f  %s\n", r->val_losses[i], r->names[i]);
}

/* Where the time went: what is not the step should be little. */
static void account(const run *r, double seconds) {
  const double all = 100 / fmax(seconds, 1e-9);
  host_log("time     steps %.1f%%, data %.2f%%, validation %.1f%%, saving %.1f%%; memory %llu MB",
           all * (seconds - r->data_time - r->val_time - r->save_time), all * r->data_time,
           all * r->val_time, all * r->save_time, (ull)host_peak_rss() >> 20);
}

/* ---- a run ---- */

/* The last part of a folder's path, or all of it where another source's is the same. */
static const char *name_of(const run_options *o, size_t i) {
  const char *dir = o->sources[i].dir, *slash = strrchr(dir, '/');
  if (!slash || !slash[1]) return dir;
  for (size_t k = 0; k < o->count; k++) {
    const char *other = strrchr(o->sources[k].dir, '/');
    if (k != i && !strcmp(other ? other + 1 : o->sources[k].dir, slash + 1)) return dir;
  }
  return slash + 1;
}

static int open_data(run *r, host_error *e) {
  const run_options *o = r->o;
  loader_options l = {o->batch, o->seq, o->seed, o->view, false};
  r->train = loader_open(o->sources, o->count, "train", &l, e);
  if (!r->train) return -1;
  l.seed = 0, l.once = true; /* the same documents for every run */
  r->vals = host_alloc(o->count * sizeof *r->vals, "validation");
  r->names = host_alloc(o->count * sizeof *r->names, "validation");
  r->all = host_alloc(o->count * sizeof *r->all, "names");
  r->val_losses = host_alloc(o->count * sizeof *r->val_losses, "validation");
  double all = 0;
  for (size_t i = 0; i < o->count; i++)
    all += loader_from(r->train, i)->weight, r->all[i] = name_of(o, i);
  for (size_t i = 0; i < o->count; i++) {
    loader *v = loader_open(&o->sources[i], 1, "val", &l, e);
    if (!v) return -1;
    if (!loader_sources(v)) {
      loader_close(v);
      continue;
    }
    r->names[r->val_count] = r->all[i];
    r->vals[r->val_count++] = (val_source){v, loader_from(r->train, i)->weight / all, NAN};
    const ulm_section a = loader_tokenizer(r->train), b = loader_tokenizer(v);
    if (a.size != b.size || memcmp(a.data, b.data, (size_t)a.size))
      return host_fail(e, "%s: the tokenizers of its train and val shards differ; encode it again",
                       o->sources[i].dir);
  }
  return 0;
}

int run_train(const run_options *o, host_error *e) {
  run r = {.o = o, .lock = -1, .metrics = {.jsonl = -1, .csv = -1}};
  int bad = open_data(&r, e) || prepare(&r, e) ? -1 : 0;
  if (!bad) {
    take_signals();
    ranks_signals(on_signal);
    announce(&r);
    const double start = host_now();
    bad = loop(&r, e);
    host_live(NULL);
    if (!bad) summarize(&r, host_now() - start);
    ranks_report();
    account(&r, host_now() - start);
  }
  metrics_close(&r.metrics);
  loader_close(r.train);
  for (size_t i = 0; i < r.val_count; i++) loader_close(r.vals[i].l);
  free(r.vals), free(r.all), free(r.names), free(r.val_losses);
  stepper_close(&r.step);
  free(r.cursor);
  if (r.lock >= 0) close(r.lock);
  return bad;
}
