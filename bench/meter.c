#include "meter.h"
#include <string.h>
#include <time.h>

const char *const part_names[PARTS] = {"products",  "classifier, loss", "attention",
                                       "norms",     "swiglu",           "embedding",
                                       "additions", "optimizer",        "other"};

static struct {
  const ops_f32 *inner;
  uint32_t vocab;
  int threads, depth;
  double wall, cpu; /* when the part began */
  meter m;
} now;

/* Seconds of all threads of this process. */
static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* How long a thread had nothing to do, on average over all but the busiest. */
static double waited(double wall, double cpu) {
  const double idle = now.threads * wall - cpu;
  return now.threads > 1 && idle > 0 ? idle / (now.threads - 1) : 0;
}

void meter_enter(void) {
  if (now.depth++) return;
  now.cpu = cpu_seconds(), now.wall = host_now();
}

void meter_leave(part p) {
  if (--now.depth) return;
  const double wall = host_now() - now.wall, cpu = cpu_seconds() - now.cpu,
               wait = waited(wall, cpu);
  part_time *t = &now.m.parts[p];
  t->calls++, t->wall += wall, t->cpu += cpu, t->idle += wait;
  if (wait > t->longest) t->longest = wait;
}

void meter_start(void) {
  memset(&now.m, 0, sizeof now.m);
  now.m.cpu_began = cpu_seconds(), now.m.began = host_now();
}

const meter *meter_stop(void) {
  part_time *rest = &now.m.parts[PART_OTHER];
  rest->wall = host_now() - now.m.began, rest->cpu = cpu_seconds() - now.m.cpu_began;
  for (int p = 0; p < PART_OTHER; p++)
    rest->wall -= now.m.parts[p].wall, rest->cpu -= now.m.parts[p].cpu;
  rest->idle = waited(rest->wall, rest->cpu); /* of many places: none is `longest` */
  return &now.m;
}

static void record(product p) {
  meter *m = &now.m;
  product *q = m->products, *end = q + m->products_n;
  while (q < end && (q->ta != p.ta || q->tb != p.tb || q->add != p.add || q->bf16 != p.bf16 ||
                     q->M != p.M || q->N != p.N || q->K != p.K))
    q++;
  if (q == end) {
    if (m->products_n == PRODUCTS_MAX) return;
    m->products_n++;
    *q = p;
  }
  q->calls++, q->wall += host_now() - now.wall;
}

/* Inside a parallel region (Muon's products) everything is the part's that called it. */
#define METERED(p, call)                                                                           \
  if (now.depth) {                                                                                 \
    call;                                                                                          \
    return;                                                                                        \
  }                                                                                                \
  meter_enter();                                                                                   \
  call;                                                                                            \
  meter_leave(p)

static part part_of(size_t M, size_t N, size_t K) {
  return M == now.vocab || N == now.vocab || K == now.vocab ? PART_CLASSIFIER : PART_PRODUCTS;
}

static void any_gemm(int bf16, int ta, int tb, size_t M, size_t N, size_t K, const float *A,
                     size_t lda, const float *B, size_t ldb, int add, float *C, size_t ldc,
                     float *work, int threads) {
  const bool counts = now.depth == 0;
  if (counts) meter_enter();
  (bf16 ? now.inner->gemm_bf16 : now.inner->gemm)(ta, tb, M, N, K, A, lda, B, ldb, add, C, ldc,
                                                  work, threads);
  if (!counts) return;
  record((product){ta, tb, add, bf16, M, N, K, 0, 0});
  meter_leave(part_of(M, N, K));
}
static void gemm(int ta, int tb, size_t M, size_t N, size_t K, const float *A, size_t lda,
                 const float *B, size_t ldb, int add, float *C, size_t ldc, float *work,
                 int threads) {
  any_gemm(0, ta, tb, M, N, K, A, lda, B, ldb, add, C, ldc, work, threads);
}
static void gemm_bf16(int ta, int tb, size_t M, size_t N, size_t K, const float *A, size_t lda,
                      const float *B, size_t ldb, int add, float *C, size_t ldc, float *work,
                      int threads) {
  any_gemm(1, ta, tb, M, N, K, A, lda, B, ldb, add, C, ldc, work, threads);
}
static void embed(size_t N, size_t D, const uint16_t *ids, const float *table, float *x,
                  int threads) {
  METERED(PART_EMBED, now.inner->embed(N, D, ids, table, x, threads));
}
static void embed_back(size_t N, size_t D, const uint16_t *ids, const float *dx, float *dtable,
                       int threads) {
  METERED(PART_EMBED, now.inner->embed_back(N, D, ids, dx, dtable, threads));
}
static void rmsnorm(size_t N, size_t D, float eps, const float *x, const float *delta, float *sum,
                    const float *w, float *y, float *rstd, int threads) {
  METERED(PART_NORM, now.inner->rmsnorm(N, D, eps, x, delta, sum, w, y, rstd, threads));
}
static void rmsnorm_back(size_t N, size_t D, const float *x, const float *w, const float *rstd,
                         float *dy, int add, float *dx, float *dw, float *work, int threads) {
  METERED(PART_NORM, now.inner->rmsnorm_back(N, D, x, w, rstd, dy, add, dx, dw, work, threads));
}
static void attention(size_t B, size_t T, size_t heads, size_t kv, size_t H, const float *qkv,
                      const float *rope, size_t rope_T, const uint16_t *start, float *out,
                      float *lse, float *work, int threads) {
  METERED(PART_ATTENTION, now.inner->attention(B, T, heads, kv, H, qkv, rope, rope_T, start, out,
                                               lse, work, threads));
}
static void attention_back(size_t B, size_t T, size_t heads, size_t kv, size_t H, const float *qkv,
                           const float *rope, size_t rope_T, const uint16_t *start,
                           const float *out, const float *lse, const float *dout, float *dqkv,
                           float *work, int threads) {
  METERED(PART_ATTENTION, now.inner->attention_back(B, T, heads, kv, H, qkv, rope, rope_T, start,
                                                    out, lse, dout, dqkv, work, threads));
}
static void swiglu(size_t N, size_t F, const float *gu, float *h, int threads) {
  METERED(PART_SWIGLU, now.inner->swiglu(N, F, gu, h, threads));
}
static void swiglu_back(size_t N, size_t F, float *gu, float *dh, int threads) {
  METERED(PART_SWIGLU, now.inner->swiglu_back(N, F, gu, dh, threads));
}
static void cross_entropy(size_t n, size_t V, float *logits, const uint16_t *next,
                          const float *weight, int grad, float *losses, int threads) {
  METERED(PART_CLASSIFIER,
          now.inner->cross_entropy(n, V, logits, next, weight, grad, losses, threads));
}
static void axpy(size_t n, float a, const float *x, float *y, int threads) {
  METERED(PART_ADD, now.inner->axpy(n, a, x, y, threads));
}

const ops_f32 *meter_table(const ops_f32 *inner, uint32_t vocab, int threads) {
  static ops_f32 t;
  now.inner = inner, now.vocab = vocab, now.threads = threads, now.depth = 0;
  t = *inner; /* what is not timed: sizes of workspaces, tables, probes */
  t.gemm = gemm, t.gemm_bf16 = gemm_bf16;
  t.embed = embed, t.embed_back = embed_back;
  t.rmsnorm = rmsnorm, t.rmsnorm_back = rmsnorm_back;
  t.attention = attention, t.attention_back = attention_back;
  t.swiglu = swiglu, t.swiglu_back = swiglu_back;
  t.cross_entropy = cross_entropy, t.axpy = axpy;
  return &t;
}
