/* Races on purpose, in the middle of a training step: what `make tsan` must see before its silence
 * counts. The linker puts __wrap_adamw_norm in place of adamw_norm (train/adamw.h).
 *   race none|sum|barrier
 * (2 * g[i]: a plain copy becomes a memcpy, which the sanitizer does not see through archer.) */
#include "train/adamw.h"
#include "train/step.h"

#include <string.h>

static const char *what;
double __real_adamw_norm(const float *g, size_t n, double *blocks, int threads);
double __wrap_adamw_norm(const float *g, size_t n, double *blocks, int threads);

double __wrap_adamw_norm(const float *g, size_t n, double *blocks, int threads) {
  static double sum;
  static float copy[1 << 12];
  const size_t k = n < sizeof copy / sizeof *copy ? n : sizeof copy / sizeof *copy;
  if (!strcmp(what, "sum")) { /* all threads add to one number */
#pragma omp parallel for num_threads(threads)
    for (size_t i = 0; i < k; i++) sum += (double)g[i];
  } else if (!strcmp(what, "barrier")) { /* a thread reads what another may still be writing */
#pragma omp parallel num_threads(threads)
    {
#pragma omp for nowait
      for (size_t i = 0; i < k; i++) copy[i] = 2 * g[i];
#pragma omp for
      for (size_t i = 0; i < k; i++) (void)*(volatile float *)&copy[k - 1 - i];
    }
  } else { /* the same work without a race */
#pragma omp parallel num_threads(threads)
    {
#pragma omp for reduction(+ : sum)
      for (size_t i = 0; i < k; i++) copy[i] = 2 * g[i], sum += (double)g[i];
#pragma omp for
      for (size_t i = 0; i < k; i++) (void)*(volatile float *)&copy[k - 1 - i];
    }
  }
  return __real_adamw_norm(g, n, blocks, threads);
}

int main(int argc, char **argv) {
  static const ulm_config c = {32, 2, 4, 2, 64, 300, 64, 1e6f, 1e-5f};
  enum { B = 2, T = 32 };
  static uint16_t ids[B * T], start[B * T];
  static float weight[B * T];
  host_error e;
  stepper s;
  what = argc > 1 ? argv[1] : "none";
  const step_options o = {
      .lr = 0.01, .decay = 0.1, .beta1 = 0.9, .beta2 = 0.95, .clip = 1, .steps = 3, .muon = true};
  if (stepper_open(&s, &c, B, T, 0, 2, &e)) host_die("%s", e.text);
  for (int i = 0; i < B * T; i++) ids[i] = (uint16_t)(i * 7 % 300), weight[i] = 1;
  const model_batch b = {B, T, ids, ids, weight, start};
  model_init(s.model, 1);
  for (uint64_t i = 0; i < o.steps; i++) {
    const double loss = step_gradient(&s, &b);
    printf("%s: loss %.4f, norm %.4f\n", what, loss, step_update(&s, &o, i));
  }
  stepper_close(&s);
  return 0;
}
