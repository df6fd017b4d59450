/* Run by tests/mpi.sh on 2 or more ranks: the gradients, the loss and the validation that the ranks
 * agree on are those of one process that takes the same rows part by part. With 2 ranks bit for
 * bit: there is one order of adding two numbers. Last, two ranks have no target at all. */
#include "train/ranks.h"
#include "train/step.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 4, T = 48, N = ROWS * T };
/* More than one bucket of gradients, and one that is not full. */
static const ulm_config config = {128, 3, 4, 2, 256, 700, 64, 1e4f, 1e-5f};

typedef struct {
  uint16_t ids[N], next[N], start[N];
  float weight[N];
  model_batch x;
} data;

static void make(data *d, uint64_t seed, int rows_with_targets) {
  ulm_rng r = ulm_rng_seed(seed, 1);
  memset(d, 0, sizeof *d);
  for (int n = 0; n < N; n++) {
    d->ids[n] = (uint16_t)ulm_rng_below(&r, config.vocab);
    d->next[n] = (uint16_t)ulm_rng_below(&r, config.vocab);
    if (n / T < rows_with_targets && ulm_rng_below(&r, 3)) d->weight[n] = 0.25f + ulm_rng_f32(&r);
  }
  d->x = (model_batch){ROWS, T, d->ids, d->next, d->weight, d->start};
}

/* Loss sum and gradients of rows [from, from + rows) into grads[], by a model of no ranks. */
static double part(model *m, const data *d, uint32_t from, uint32_t rows, float scale) {
  const size_t at = (size_t)from * T;
  const model_batch x = {rows, T, d->ids + at, d->next + at, d->weight + at, d->start + at};
  model_zero_grads(m);
  const double sum = model_forward(m, &x, NULL, NULL);
  model_backward(m, &x, scale);
  return sum;
}

int main(void) {
  host_error e = {""};
  stepper s;
  static data d;
  ranks_begin();
  const uint32_t ranks = (uint32_t)ranks_count(), rows = ROWS / ranks;
  const size_t n = (size_t)ulm_param_count(&config);
  float *sum = host_alloc(n * sizeof *sum, "gradients");
  model *alone = model_new(&config, ROWS, T, MODEL_GRAD, 1, &e);
  if (!alone || stepper_open(&s, &config, rows, T, 0, 1, &e)) host_die("%s", e.text);
  for (int targets = ROWS; targets > 0; targets -= 2) {
    make(&d, (uint64_t)targets, targets);
    model_init(s.model, 5), model_init(alone, 5);
    double weights = 0, loss = 0, worst = 0, most = 0;
    for (int i = 0; i < N; i++) weights += (double)d.weight[i];
    memset(sum, 0, n * sizeof *sum);
    for (uint32_t k = 0; k < ranks; k++) {
      loss += part(alone, &d, k * rows, rows, (float)(1 / weights));
      for (size_t i = 0; i < n; i++) sum[i] += model_grads(alone)[i];
    }
    loss /= weights;
    const double got = step_gradient(&s, &d.x);
    const float *g = model_grads(s.model);
    for (size_t i = 0; i < n; i++) {
      const double off = fabs((double)g[i] - (double)sum[i]), size = fabs((double)sum[i]);
      worst = off > worst ? off : worst, most = size > most ? size : most;
    }
    const int same = !memcmp(g, sum, n * sizeof *g);
    if (ranks == 2 && (!same || got != loss))
      host_die("%d rows with targets: loss %.17g instead of %.17g, gradients off by %g", targets,
               got, loss, worst);
    if (!(worst <= 1e-6 * most) || !(most > 0) || fabs(got - loss) > 1e-12 * loss)
      host_die("%d rows with targets: gradients up to %g are off by %g", targets, most, worst);
    if (ranks_same("the gradients", g, n * sizeof *g, &e)) host_die("%s", e.text);
    /* The control: without the last rank's rows the bound is broken. */
    const uint32_t last = targets == ROWS ? ranks - 1 : 0;
    part(alone, &d, last * rows, rows, (float)(1 / weights));
    double least = 0;
    for (size_t i = 0; i < n; i++) {
      const double off = fabs((double)model_grads(alone)[i]);
      least = off > least ? off : least;
    }
    if (!(least > 1e-3 * most)) host_die("the control: a rank's rows do not matter");
    host_log("%u ranks, %d of %d rows with targets: %s, gradients up to %.3g off by %.3g", ranks,
             targets, ROWS, same ? "the same bits" : "not the same bits", most, worst);
  }
  model_free(alone), stepper_close(&s), free(sum);
  return 0;
}
