#include "products.h"
#include "stats.h"

#include <stdlib.h>
#include <sys/mman.h>

double product_flops(const product *p) { return 2.0 * (double)p->M * (double)p->N * (double)p->K; }

/* A weight of R rows and C columns: forward y[N,R] = x w^T, dX[N,C] = dy w, dW[R,C] += dy^T x. */
void product_name(const ulm_config *c, const product *p, char *out, size_t size) {
  const size_t D = c->dim, F = c->ffn, S = D + 2 * (size_t)ulm_kv_dim(c);
  const struct {
    const char *name;
    size_t R, C;
  } weights[] = {{"qkv", S, D},
                 {"attention out", D, D},
                 {"gate-up", 2 * F, D},
                 {"down", D, F},
                 {"classifier", c->vocab, D}};
  const char *way = p->ta ? "dW" : p->tb ? "forward" : "dX";
  const size_t R = p->ta ? p->M : p->tb ? p->N : p->K, C = p->ta || !p->tb ? p->N : p->K;
  for (size_t i = 0; i < sizeof weights / sizeof *weights; i++)
    if (weights[i].R == R && weights[i].C == C) {
      snprintf(out, size, "%s %s", weights[i].name, way);
      return;
    }
  snprintf(out, size, "product %s", way);
}

/* One block for all operands on huge pages, as the model's are; random values. */
static float *operands_new(const product *p, size_t n, float *at[][3]) {
  enum { HUGE = 2 << 20, LINE = 16 };
  size_t total = 0;
  void *base = NULL;
  for (int pass = 0; pass < 2; pass++) {
    if (pass && posix_memalign(&base, HUGE, total * sizeof(float)))
      host_die("no memory for %zu MB of operands", total * sizeof(float) >> 20);
    if (pass) (void)madvise(base, total * sizeof(float), MADV_HUGEPAGE);
    size_t end = 0;
    for (size_t i = 0; i < n; i++) {
      const size_t sizes[3] = {p[i].M * p[i].K, p[i].K * p[i].N, p[i].M * p[i].N};
      for (int o = 0; o < 3; o++) {
        if (pass) at[i][o] = (float *)base + end;
        end += (sizes[o] + LINE - 1) / LINE * LINE;
      }
    }
    total = end;
  }
  ulm_rng r = ulm_rng_seed(1, 1);
  for (size_t i = 0; i < total; i++) ((float *)base)[i] = 2 * ulm_rng_f32(&r) - 1;
  return base;
}

int products_alone(const ops_f32 *k, const product *p, size_t n, int rounds, int threads,
                   double *shares, double *best, host_error *e) {
  enum { PROBE_MS = 10 };
  if (n > PRODUCTS_MAX) return host_fail(e, "products: more than %d shapes", PRODUCTS_MAX);
  float *operands[PRODUCTS_MAX][3], *base = operands_new(p, n, operands);
  float *work = host_alloc(k->gemm_work(threads) * sizeof *work, "a workspace");
  double *all = host_alloc(n * (size_t)rounds * sizeof *all, "shares");
  for (int round = 0; round < rounds; round++)
    for (size_t i = 0; i < n; i++) {
      const product *q = &p[i];
      const double peak = k->peak(q->bf16, threads, 1e-3 * PROBE_MS);
      double t0 = 0;
      for (int time = 0; time < 2; time++) {
        t0 = host_now();
        (q->bf16 ? k->gemm_bf16 : k->gemm)(q->ta, q->tb, q->M, q->N, q->K, operands[i][0],
                                           q->ta ? q->M : q->K, operands[i][1], q->tb ? q->K : q->N,
                                           q->add, operands[i][2], q->N, work, threads);
      }
      all[i * (size_t)rounds + (size_t)round] = product_flops(q) / (host_now() - t0) / peak;
    }
  for (size_t i = 0; i < n; i++) {
    shares[i] = quantile(all + i * (size_t)rounds, (size_t)rounds, 0.5);
    best[i] = all[(i + 1) * (size_t)rounds - 1]; /* sorted by now */
  }
  free(base), free(work), free(all);
  return 0;
}

double products_share(const product *p, const double *shares, size_t n) {
  double work = 0, time = 0; /* time in units of what the peak would need */
  for (size_t i = 0; i < n; i++) {
    const double f = product_flops(&p[i]) * (double)p[i].calls;
    work += f, time += f / shares[i];
  }
  return time > 0 ? work / time : 0;
}
