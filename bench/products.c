#include "products.h"
#include "stats.h"

#include <stdlib.h>
#include <string.h>

static double flops(const product *p) { return 2.0 * (double)p->M * (double)p->N * (double)p->K; }

/* A weight of R rows and C columns: forward y[N,R] = x w^T, dX[N,C] = dy w, dW[R,C] += dy^T x. */
static void name(const ulm_config *c, const product *p, char *out, size_t size) {
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

int products_measure(const ops_f32 *k, const ulm_config *c, const product *p, size_t n, int rounds,
                     int threads, product_speed *out, host_error *e) {
  enum { PROBE_MS = 10 };
  if (n > PRODUCTS_MAX) return host_fail(e, "products: more than %d shapes", PRODUCTS_MAX);
  float *operands[PRODUCTS_MAX][3];
  float *work = host_alloc(k->gemm_work(threads) * sizeof *work, "a workspace");
  double *rates = host_alloc(2 * n * (size_t)rounds * sizeof *rates, "rates"),
         *shares = rates + n * (size_t)rounds;
  ulm_rng r = ulm_rng_seed(1, 1);
  for (size_t i = 0; i < n; i++) {
    const size_t sizes[3] = {p[i].M * p[i].K, p[i].K * p[i].N, p[i].M * p[i].N};
    for (int o = 0; o < 3; o++) {
      operands[i][o] = host_alloc(sizes[o] * sizeof(float), "an operand");
      for (size_t j = 0; j < sizes[o]; j++) operands[i][o][j] = 2 * ulm_rng_f32(&r) - 1;
    }
  }
  for (int round = 0; round < rounds; round++)
    for (size_t i = 0; i < n; i++) {
      const product *q = &p[i];
      const double peak = k->peak(q->bf16, threads, 1e-3 * PROBE_MS);
      const double t0 = host_now();
      (q->bf16 ? k->gemm_bf16 : k->gemm)(q->ta, q->tb, q->M, q->N, q->K, operands[i][0],
                                         q->ta ? q->M : q->K, operands[i][1], q->tb ? q->K : q->N,
                                         q->add, operands[i][2], q->N, work, threads);
      const double per_s = flops(q) / (host_now() - t0);
      rates[i * (size_t)rounds + (size_t)round] = per_s;
      shares[i * (size_t)rounds + (size_t)round] = per_s / peak;
    }
  for (size_t i = 0; i < n; i++) {
    name(c, &p[i], out[i].name, sizeof out[i].name);
    out[i].rate = quantile(rates + i * (size_t)rounds, (size_t)rounds, 0.5);
    out[i].share = quantile(shares + i * (size_t)rounds, (size_t)rounds, 0.5);
    for (int o = 0; o < 3; o++) free(operands[i][o]);
  }
  free(work), free(rates);
  return 0;
}

double products_share(const product *p, const product_speed *s, size_t n) {
  double work = 0, ideal = 0; /* a share weighs by the time that its FLOPs would need at the peak */
  for (size_t i = 0; i < n; i++) {
    const double f = flops(&p[i]) * (double)p[i].calls;
    work += f, ideal += f / s[i].share;
  }
  return ideal > 0 ? work / ideal : 0;
}
