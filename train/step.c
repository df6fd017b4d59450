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

int stepper_open(stepper *s, const ulm_config *c, uint32_t B, uint32_t T, int flags, int threads,
                 host_error *e) {
  *s = (stepper){.threads = threads ? threads : threads_default()};
  s->model = model_new(c, B, T, MODEL_GRAD | flags, threads, e);
  if (!s->model) return -1;
  ranks_follow(s->model);
  const size_t n = (size_t)ulm_param_count(c);
  s->m = host_alloc(n * sizeof *s->m, "first moments");
  s->v = host_alloc(n * sizeof *s->v, "second moments");
  s->blocks = host_alloc(adamw_blocks(n) * sizeof *s->blocks, "a norm's partial sums");
  if (!(s->ops = ops_pick(e))) return -1;
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    const size_t need = by_muon(&t) ? muon_work(s->ops, t.rows, t.cols) : 0;
    if (need > s->work_each) s->work_each = need;
  }
  s->work = host_alloc(s->work_each * sizeof *s->work * (size_t)s->threads, "Muon's matrices");
  return 0;
}

void stepper_close(stepper *s) {
  model_free(s->model);
  free(s->m), free(s->v), free(s->blocks), free(s->work);
  *s = (stepper){0};
}

uint64_t stepper_bytes(const stepper *s) {
  return model_bytes(s->model) + 2 * sizeof(float) * ulm_param_count(model_config(s->model)) +
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
                 ranks_same("the second moments", s->v, n, e)
             ? -1
             : 0;
}

double step_lr(const step_options *o, uint64_t step) {
  return (double)schedule_lr(step, o->steps, o->warmup, (float)o->lr, (float)o->min_lr);
}

double step_update(stepper *s, const step_options *o, uint64_t step) {
  const ulm_config *c = model_config(s->model);
  float *p = model_params(s->model), *g = model_grads(s->model);
  const double norm = adamw_norm(g, (size_t)ulm_param_count(c), s->blocks, s->threads);
  if (!isfinite(norm)) return norm;
  const adamw a = {.lr = (float)step_lr(o, step),
                   .beta1 = (float)o->beta1,
                   .beta2 = (float)o->beta2,
                   .eps = 1e-8f,
                   .decay = (float)o->decay,
                   .scale = o->clip > 0 && norm > o->clip ? (float)(o->clip / norm) : 1.0f,
                   .step = step + 1};
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    if (o->muon && by_muon(&t)) continue;
    adamw_update(&a, p + t.start, g + t.start, s->m + t.start, s->v + t.start, (size_t)t.count,
                 t.cols != 0, s->threads);
  }
  if (o->muon) /* a thread takes whole matrices: the same bits for any number of threads */
#pragma omp parallel for num_threads(s->threads) schedule(dynamic, 1)
    for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
      const ulm_tensor t = ulm_tensor_at(c, i);
      if (!by_muon(&t)) continue;
      muon_update(s->ops, a.lr, 0.95f, a.decay, a.scale, t.rows, t.cols, p + t.start, g + t.start,
                  s->m + t.start, s->work + (size_t)thread_id() * s->work_each);
    }
  return norm;
}
