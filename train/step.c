#include "step.h"
#include "adamw.h"
#include "muon.h"
#include "ops.h"
#include "ranks.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Matrices inside the blocks; the embedding and the norms stay with AdamW. */
static bool by_muon(const ulm_tensor *t) { return t->layer >= 0 && t->cols; }

static int by_cost(const void *a, const void *b) {
  const step_unit *x = a, *y = b;
  if (x->count != y->count) return x->count > y->count ? -1 : 1;
  return x->tensor < y->tensor ? -1 : 1;
}

/* AdamW's parts: whole vectors, matrices in pieces, so that no thread has much more to do. */
static void list_units(stepper *s, const ulm_config *c) {
  enum { PART = 32768 };
  const uint32_t tensors = ulm_tensor_count(c);
  const size_t most = 2 * (size_t)tensors + (size_t)(ulm_param_count(c) / PART);
  s->units = host_alloc(most * sizeof *s->units, "the optimizer's parts");
  for (uint32_t i = 0; i < tensors; i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    if (!by_muon(&t)) continue;
    s->units[s->muon_count++] = (step_unit){i, true, t.start, (size_t)t.count};
    const size_t need = muon_work(s->ops, t.rows, t.cols);
    if (need > s->work_each) s->work_each = need;
  }
  qsort(s->units, s->muon_count, sizeof *s->units, by_cost);
  s->unit_count = s->muon_count;
  for (uint32_t i = 0; i < tensors; i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    for (size_t at = 0; at < t.count; at += PART)
      s->units[s->unit_count++] =
          (step_unit){i, by_muon(&t), t.start + at, t.count - at < PART ? t.count - at : PART};
  }
}

int stepper_open(stepper *s, const ulm_config *c, uint32_t B, uint32_t T, int flags, int threads,
                 host_error *e) {
  *s = (stepper){.threads = threads ? threads : threads_default(), .flags = flags};
  s->model = model_new(c, B, T, MODEL_GRAD | flags, threads, e);
  if (!s->model) return -1;
  ranks_follow(s->model);
  const size_t n = (size_t)ulm_param_count(c);
  s->m = host_alloc(n * sizeof *s->m, "first moments");
  s->v = host_alloc(n * sizeof *s->v, "second moments");
  s->blocks = host_alloc(adamw_blocks(n) * sizeof *s->blocks, "a norm's partial sums");
  if (!(s->ops = ops_pick(e))) return -1;
  list_units(s, c);
  s->work = host_alloc(s->work_each * sizeof *s->work * (size_t)s->threads, "Muon's matrices");
  return 0;
}

void stepper_init(stepper *s, const step_options *o, uint64_t seed) {
  const ulm_config *c = model_config(s->model);
  model_init(s->model, seed);
  for (uint32_t i = 0; o->zero_out && i < ulm_tensor_count(c); i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    if (t.kind == ULM_T_WO || t.kind == ULM_T_DOWN)
      memset(model_params(s->model) + t.start, 0, (size_t)t.count * sizeof(float));
  }
}

void stepper_average(stepper *s) {
  const size_t n = (size_t)ulm_param_count(model_config(s->model));
  if (!s->average) s->average = host_alloc(n * sizeof *s->average, "the weights' average");
  memcpy(s->average, model_params(s->model), n * sizeof *s->average);
}

void stepper_close(stepper *s) {
  model_free(s->model);
  free(s->m), free(s->v), free(s->average), free(s->blocks), free(s->units), free(s->work);
  *s = (stepper){0};
}

uint64_t stepper_bytes(const stepper *s) {
  const uint64_t arrays = s->average ? 3 : 2;
  return model_bytes(s->model) + arrays * sizeof(float) * ulm_param_count(model_config(s->model)) +
         s->work_each * sizeof(float) * (size_t)s->threads;
}

double step_gradient(stepper *s, const model_batch *x) {
  const model_batch mine = ranks_rows(x);
  double total;
  model_zero_grads(s->model);
  const double loss = model_forward(s->model, &mine, &total, NULL);
  total = ranks_weight(x, total);
  if (isfinite(loss / total)) model_backward(s->model, &mine, (float)(1.0 / total));
  return ranks_finish(loss) / total;
}

int stepper_agree(const stepper *s, host_error *e) {
  const size_t n = (size_t)ulm_param_count(model_config(s->model)) * sizeof(float);
  return ranks_same("the weights", model_params(s->model), n, e) ||
                 ranks_same("the first moments", s->m, n, e) ||
                 ranks_same("the second moments", s->v, n, e) ||
                 (s->average && ranks_same("the weights' average", s->average, n, e))
             ? -1
             : 0;
}

double step_update(stepper *s, const step_options *o, uint64_t step) {
  const ulm_config *c = model_config(s->model);
  float *p = model_params(s->model), *g = model_grads(s->model);
  const double norm = adamw_norm(g, (size_t)ulm_param_count(c), s->blocks, s->threads);
  if (!isfinite(norm)) return norm;
  const double rate = step_lr(o, step);
  const float scale = o->clip > 0 && norm > o->clip ? (float)(o->clip / norm) : 1.0f,
              ema = s->average ? (float)step_ema(o, step + 1) : 0;
  adamw a = {.lr = (float)rate,
             .beta1 = (float)o->beta1,
             .beta2 = (float)o->beta2,
             .eps = 1e-8f,
             .decay = (float)o->decay,
             .scale = scale,
             .step = step + 1,
             .ema = ema};
  adamw outer = a; /* outside the blocks */
  if (o->embed_lr > 0) outer.lr = (float)(rate * (o->embed_lr / o->lr));
  const muon_step u = {.lr = (float)rate,
                       .beta = 0.95f,
                       .decay = (float)o->decay,
                       .scale = scale,
                       .ema = ema,
                       .bf16 = s->flags & MODEL_BF16};
  /* A part is one thread's alone: the same bits for any number of them. */
#pragma omp parallel for num_threads(s->threads) schedule(dynamic, 1)
  for (size_t i = o->muon ? 0 : s->muon_count; i < s->unit_count; i++) {
    const step_unit *x = &s->units[i];
    const ulm_tensor t = ulm_tensor_at(c, x->tensor);
    const size_t at = x->start;
    float *average = s->average ? s->average + at : NULL;
    if (i < s->muon_count)
      muon_update(s->ops, &u, t.rows, t.cols, p + at, g + at, s->m + at, average,
                  s->work + (size_t)thread_id() * s->work_each);
    else if (!(o->muon && x->muon))
      adamw_update(t.layer < 0 || !t.cols ? &outer : &a, p + at, g + at, s->m + at, s->v + at,
                   average, x->count, t.cols != 0);
  }
  return norm;
}

void step_exchange(stepper *s) {
  float *p = model_params(s->model), *q = s->average;
  const size_t n = q ? (size_t)ulm_param_count(model_config(s->model)) : 0;
#pragma omp parallel for num_threads(s->threads) schedule(static)
  for (size_t i = 0; i < n; i++) {
    const float keep = p[i];
    p[i] = q[i], q[i] = keep;
  }
}
