/* The model: forward, loss and backward out of the operations in ops_table.h. N = B*T positions; a
 * block is n1 = norm(x), qkv = n1 Wqkv^T, att = attention(rope(qkv)), mid = x + att Wo^T, n2 =
 * norm(mid), gu = n2 Wgu^T, h = silu(g) u, x' = mid + h Wd^T where Wqkv = (wq, wk, wv) and Wgu =
 * (gate, up) are neighbours in the table and so one matrix each. */
#include "real.h"
#include "ops.h"
#ifdef MODEL_F64
#include "model_f64.h"
#define model            model_f64
#define model_new        model_f64_new
#define model_free       model_f64_free
#define model_config     model_f64_config
#define model_bytes      model_f64_bytes
#define model_params     model_f64_params
#define model_grads      model_f64_grads
#define model_init       model_f64_init
#define model_forward    model_f64_forward
#define model_loss       model_f64_loss
#define model_backward   model_f64_backward
#define model_zero_grads model_f64_zero_grads
#define model_logits     model_f64_logits
#define model_on_grads   model_f64_on_grads
#define model_isa        model_f64_isa
typedef ops_f64 ops;
#else
#include "model.h"
typedef ops_f32 ops;
#endif
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

_Static_assert(ULM_T_WK == ULM_T_WQ + 1 && ULM_T_WV == ULM_T_WQ + 2 && ULM_T_UP == ULM_T_GATE + 1,
               "wq, wk, wv and gate, up are used as one matrix each");

typedef __typeof__(((ops *)0)->gemm) product;

typedef struct {
  real *norm1, *wqkv, *wo, *norm2, *wgu, *wd; /* [D], [D+2K,D], [D,D], [D], [2F,D], [D,F] */
} block;

struct model {
  ulm_config c;
  const ops *k;
  uint32_t B, T;
  int flags, threads;
  product gemm; /* in the precision that the flags ask for */
  void *arena;
  uint64_t bytes;
  size_t params_n, N, D, F, V, S, H; /* N: most positions; S = D + 2K */
  real *params, *grads;
  real *rope;      /* [2,T,H/2] */
  uint16_t *zeros; /* [T] */
  /* What backward needs, a slot a block (one slot for all without MODEL_GRAD; gu has one with
   * MODEL_RECOMPUTE too). */
  real *x, *mid, *qkv, *att, *lse, *gu, *rstd1,
      *rstd2;              /* [N,D] [N,D] [N,S] [N,D] [N,heads] [N,2F] [N] [N] */
  real *last, *rstd;       /* [N,D], [N]: input of the final norm */
  real *norm, *branch, *h; /* [N,D], [N,D], [N,F]: in passing */
  real *dx, *dqkv;         /* [N,D], [N,S] */
  /* The classifier, on the rows whose weight is not 0, `chunk` at a time. */
  size_t chunk;
  uint32_t *rows; /* [N] */
  real *final;    /* [N,D] output of the final norm; its gradient after forward with MODEL_GRAD */
  real *hidden;   /* [chunk,D] */
  real *logits;   /* [chunk,V] */
  real *loss;     /* [chunk] */
  uint16_t *next; /* [chunk] */
  float *weight;  /* [chunk] */
  real *dembed;   /* [V,D] of the classifier, before scale */
  real *work;
  size_t targets; /* of the last forward */
  void (*on_grads)(void *ctx, size_t start, size_t count);
  void *on_grads_ctx;
};

/* ---- memory ---- */

typedef struct {
  uint8_t *base; /* NULL while sizes are added up */
  size_t at;
  int overflow;
} arena;

static void *take(arena *a, size_t count, size_t times, size_t size) {
  size_t n = a->at;
  if (__builtin_mul_overflow(count, times, &count) || __builtin_mul_overflow(count, size, &count) ||
      __builtin_add_overflow(count, 63, &count) ||
      __builtin_add_overflow(n, count & ~(size_t)63, &a->at))
    a->overflow = 1;
  return a->base && !a->overflow ? a->base + n : NULL;
}

static void layout(model *m, arena *a) {
  const int grad = m->flags & MODEL_GRAD;
  const size_t N = m->N, D = m->D, F = m->F, S = m->S, V = m->V, slots = grad ? m->c.layers : 1;
#define REALS(field, count, times) m->field = take(a, count, times, sizeof(real))
  REALS(params, m->params_n, 1);
  REALS(grads, grad ? m->params_n : 0, 1);
  REALS(rope, m->T, m->H);
  m->zeros = take(a, m->T, 1, sizeof(uint16_t));
  REALS(x, N * D, slots), REALS(mid, N * D, slots), REALS(qkv, N * S, slots),
      REALS(att, N * D, slots);
  REALS(lse, N * m->c.heads, slots), REALS(gu, N * 2 * F, m->flags & MODEL_RECOMPUTE ? 1 : slots),
      REALS(rstd1, N, slots), REALS(rstd2, N, slots);
  REALS(last, N, D), REALS(rstd, N, 1), REALS(norm, N, D), REALS(branch, N, D), REALS(h, N, F);
  REALS(dx, grad ? N : 0, D), REALS(dqkv, grad ? N : 0, S), REALS(dembed, grad ? V : 0, D);
  m->rows = take(a, N, 1, sizeof(uint32_t));
  REALS(final, N, D), REALS(hidden, m->chunk, D), REALS(logits, m->chunk, V),
      REALS(loss, m->chunk, 1);
  m->next = take(a, m->chunk, 1, sizeof(uint16_t));
  m->weight = take(a, m->chunk, 1, sizeof(float));
  size_t work = m->k->gemm_work(m->threads), w = m->k->rmsnorm_work(D);
  work = w > work ? w : work;
  w = m->k->attention_work(m->T, m->c.heads, m->c.kv_heads, m->H, m->threads);
  REALS(work, w > work ? w : work, 1);
#undef REALS
}

static const ops *pick(host_error *e) {
#ifdef MODEL_F64
  (void)e;
  return &ops_double;
#else
  return ops_pick(e);
#endif
}

model *model_new(const ulm_config *c, uint32_t B, uint32_t T, int flags, int threads,
                 host_error *e) {
  const char *bad = ulm_config_error(c);
  if (bad) return host_fail(e, "model: %s", bad), NULL;
  if (T < 1 || T > c->context)
    return host_fail(e, "model: sequences of %u tokens; the context holds 1..%u", T, c->context),
           NULL;
  if (B < 1 || B > (1u << 24) / T)
    return host_fail(e, "model: %u sequences of %u tokens a batch; at most 2^24 tokens", B, T),
           NULL;
  if (threads < 0 || threads > 1024)
    return host_fail(e, "model: %d threads; 0..1024", threads), NULL;
  const ops *k = pick(e);
  if (!k) return NULL;
  model *m = host_alloc(sizeof *m, "a model");
  m->c = *c, m->k = k, m->B = B, m->T = T, m->flags = flags;
  m->threads = threads ? threads : threads_default();
  m->gemm = flags & MODEL_BF16 && k->gemm_bf16 ? k->gemm_bf16 : k->gemm;
  m->params_n = (size_t)ulm_param_count(c);
  m->N = (size_t)B * T, m->D = c->dim, m->F = c->ffn, m->V = c->vocab, m->H = ulm_head_dim(c);
  m->S = m->D + 2 * (size_t)ulm_kv_dim(c);
  m->chunk = (3u << 22) / m->V; /* logits of 48 MB: the embedding is packed thrice a chunk */
  m->chunk = at_most(m->chunk < 64 ? 64 : m->chunk, m->N);
  arena a = {NULL, 0, 0};
  layout(m, &a);
  const uint64_t machine = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
  const size_t huge = 2u << 20, size = round_up(a.at, huge);
  if (a.overflow || a.at > machine || posix_memalign(&m->arena, huge, size)) {
    host_fail(e,
              "model: %llu MB for batches of %u x %u tokens, of %llu MB in this machine; use a "
              "smaller batch",
              (unsigned long long)a.at >> 20, B, T, (unsigned long long)machine >> 20);
    free(m);
    return NULL;
  }
  (void)madvise(m->arena, size, MADV_HUGEPAGE);
  m->bytes = a.at;
  a = (arena){m->arena, 0, 0};
  layout(m, &a);
  memset(m->params, 0, m->params_n * sizeof(real));
  memset(m->zeros, 0, T * sizeof *m->zeros);
  if (flags & MODEL_GRAD) memset(m->grads, 0, m->params_n * sizeof(real));
  k->rope_table(T, m->H, (double)c->rope_base, m->rope);
  return m;
}

void model_free(model *m) {
  if (m) free(m->arena);
  free(m);
}

const ulm_config *model_config(const model *m) { return &m->c; }
uint64_t model_bytes(const model *m) { return m->bytes; }
real *model_params(model *m) { return m->params; }
real *model_grads(model *m) { return m->flags & MODEL_GRAD ? m->grads : NULL; }
const char *model_isa(const model *m) { return m->k->isa; }
void model_on_grads(model *m, void (*f)(void *ctx, size_t start, size_t count), void *ctx) {
  m->on_grads = f, m->on_grads_ctx = ctx;
}
void model_zero_grads(model *m) { memset(m->grads, 0, m->params_n * sizeof(real)); }

/* Sum of sixteen 16-bit uniforms less its mean (Irwin-Hall: normal but for tails past 7 sigma),
 * which is an integer: the same everywhere. */
static void normals(ulm_rng *r, double sigma, size_t n, real *w) {
  const double unit = sigma / sqrt(16.0 * (65536.0 * 65536.0 - 1.0) / 12.0);
  for (size_t i = 0; i < n; i++) {
    int32_t sum = -8 * 65535;
    for (int k = 0; k < 8; k++) {
      const uint32_t u = ulm_rng_u32(r);
      sum += (int32_t)(u & 0xffff) + (int32_t)(u >> 16);
    }
    w[i] = (real)(float)(sum * unit);
  }
}

void model_init(model *m, uint64_t seed) {
  const uint32_t count = ulm_tensor_count(&m->c);
#pragma omp parallel for num_threads(m->threads) schedule(dynamic, 1)
  for (uint32_t i = 0; i < count; i++) {
    const ulm_tensor t = ulm_tensor_at(&m->c, i);
    real *w = m->params + t.start;
    const int out = t.kind == ULM_T_WO || t.kind == ULM_T_DOWN;
    ulm_rng r = ulm_rng_seed(seed, i);
    if (t.cols)
      normals(&r, out ? 0.02 / sqrt(2.0 * m->c.layers) : 0.02, (size_t)t.count, w);
    else
      for (size_t n = 0; n < t.count; n++) w[n] = 1;
  }
}

/* ---- the blocks ---- */

static block block_of(const model *m, real *base, uint32_t l) {
  const size_t D = m->D, F = m->F;
  block b;
  b.norm1 = base + m->V * D + l * (D + m->S * D + D * D + D + 3 * F * D);
  b.wqkv = b.norm1 + D, b.wo = b.wqkv + m->S * D;
  b.norm2 = b.wo + D * D, b.wgu = b.norm2 + D, b.wd = b.wgu + 2 * F * D;
  return b;
}
static real *final_norm(const model *m, real *base) { return base + m->params_n - m->D; }

static real *gate_up(const model *m, size_t slot) {
  return m->gu + (m->flags & MODEL_RECOMPUTE ? 0 : slot * m->N * 2 * m->F);
}

/* Y[N,R] = X[N,C] W[R,C]^T;  dX[N,C] = dY[N,R] W;  dW[R,C] += dY^T X */
static void linear(model *m, size_t N, size_t R, size_t C, const real *x, const real *w, real *y) {
  m->gemm(0, 1, N, R, C, x, C, w, C, 0, y, R, m->work, m->threads);
}
static void linear_dx(model *m, size_t N, size_t R, size_t C, const real *dy, const real *w,
                      real *dx) {
  m->gemm(0, 0, N, C, R, dy, R, w, C, 0, dx, C, m->work, m->threads);
}
static void linear_dw(model *m, size_t N, size_t R, size_t C, const real *dy, const real *x,
                      real *dw) {
  m->gemm(1, 0, R, C, N, dy, R, x, C, 1, dw, C, m->work, m->threads);
}

/* Everything before the classifier: m->final[N,D]. keep: a slot a block. */
static void hidden_states(model *m, uint32_t B, uint32_t T, const uint16_t *ids,
                          const uint16_t *start, int keep) {
  const ops *k = m->k;
  const size_t N = (size_t)B * T, D = m->D, F = m->F, S = m->S, heads = m->c.heads,
               kv = m->c.kv_heads;
  const real eps = (real)m->c.norm_eps;
  const int th = m->threads;
  k->embed(N, D, ids, m->params, m->x, th);
  for (uint32_t l = 0; l < m->c.layers; l++) {
    const block w = block_of(m, m->params, l);
    const size_t slot = keep ? l : 0;
    real *x = m->x + slot * m->N * D, *mid = m->mid + slot * m->N * D,
         *qkv = m->qkv + slot * m->N * S;
    real *att = m->att + slot * m->N * D, *gu = gate_up(m, slot);
    const real *before = m->mid + (keep && l ? l - 1 : 0) * m->N * D;
    k->rmsnorm(N, D, eps, l ? before : x, l ? m->branch : NULL, x, w.norm1, m->norm,
               m->rstd1 + slot * m->N, th);
    linear(m, N, S, D, m->norm, w.wqkv, qkv);
    k->attention(B, T, heads, kv, m->H, qkv, m->rope, m->T, start, att,
                 m->lse + slot * m->N * heads, m->work, th);
    linear(m, N, D, D, att, w.wo, m->branch);
    k->rmsnorm(N, D, eps, x, m->branch, mid, w.norm2, m->norm, m->rstd2 + slot * m->N, th);
    linear(m, N, 2 * F, D, m->norm, w.wgu, gu);
    k->swiglu(N, F, gu, m->h, th);
    linear(m, N, D, F, m->h, w.wd, m->branch);
  }
  const real *before = m->mid + (keep ? m->c.layers - 1 : 0) * m->N * D;
  k->rmsnorm(N, D, eps, before, m->branch, m->last, final_norm(m, m->params), m->final, m->rstd,
             th);
}

/* ---- the loss ---- */

static double loss(model *m, const model_batch *x, double *total, real *losses, int grad) {
  const size_t N = (size_t)x->B * x->T, D = m->D, V = m->V;
  double sum = 0, weights = 0;
  size_t targets = 0;
  for (size_t n = 0; n < N; n++)
    if (x->weight[n] != 0) m->rows[targets++] = (uint32_t)n, weights += (double)x->weight[n];
  if (losses) memset(losses, 0, N * sizeof *losses);
  if (total) *total = weights;
  m->targets = targets;
  if (!targets) return 0;
  hidden_states(m, x->B, x->T, x->ids, x->start, grad);
  const size_t chunks = (targets + m->chunk - 1) / m->chunk, step = (targets + chunks - 1) / chunks;
  size_t cleared = 0; /* rows of `final` below it hold gradients */
  for (size_t r0 = 0; r0 < targets; r0 += step) {
    const size_t n = at_most(step, targets - r0);
    const uint32_t *rows = m->rows + r0;
    for (size_t i = 0; i < n; i++) {
      memcpy(m->hidden + i * D, m->final + rows[i] * D, D * sizeof(real));
      m->next[i] = x->next[rows[i]], m->weight[i] = x->weight[rows[i]];
    }
    linear(m, n, V, D, m->hidden, m->params, m->logits);
    m->k->cross_entropy(n, V, m->logits, m->next, m->weight, grad, m->loss, m->threads);
    for (size_t i = 0; i < n; i++) {
      sum += (double)m->weight[i] * (double)m->loss[i];
      if (losses) losses[rows[i]] = m->loss[i];
    }
    if (!grad) continue;
    m->gemm(1, 0, V, D, n, m->logits, V, m->hidden, D, r0 > 0, m->dembed, D, m->work, m->threads);
    linear_dx(m, n, V, D, m->logits, m->params, m->hidden);
    for (size_t i = 0; i < n; i++) {
      memset(m->final + cleared * D, 0, (rows[i] - cleared) * D * sizeof(real));
      memcpy(m->final + rows[i] * D, m->hidden + i * D, D * sizeof(real));
      cleared = rows[i] + 1;
    }
  }
  if (grad) memset(m->final + cleared * D, 0, (N - cleared) * D * sizeof(real));
  return sum;
}

double model_loss(model *m, const model_batch *x, double *total, real *losses) {
  return loss(m, x, total, losses, 0);
}
double model_forward(model *m, const model_batch *x, double *total, real *losses) {
  return loss(m, x, total, losses, m->flags & MODEL_GRAD);
}

/* Nothing below adds to from[0..n-1] any more. */
static void final_grads(model *m, const real *from, size_t n) {
  if (m->on_grads) m->on_grads(m->on_grads_ctx, (size_t)(from - m->grads), n);
}

void model_backward(model *m, const model_batch *x, real scale) {
  if (!(m->flags & MODEL_GRAD) || !m->targets) return;
  const ops *k = m->k;
  const size_t N = (size_t)x->B * x->T, D = m->D, F = m->F, S = m->S, heads = m->c.heads,
               kv = m->c.kv_heads;
  const int th = m->threads;
  real *dx = m->dx, *dy = m->branch, *dh = m->h;
  k->axpy(m->V * D, scale, m->dembed, m->grads, th);
  memset(m->norm, 0, N * D * sizeof(real));
  k->axpy(N * D, scale, m->final, m->norm, th);
  k->rmsnorm_back(N, D, m->last, final_norm(m, m->params), m->rstd, m->norm, 0, dx,
                  final_norm(m, m->grads), m->work, th);
  final_grads(m, final_norm(m, m->grads), D);
  for (uint32_t l = m->c.layers; l-- > 0;) {
    const block w = block_of(m, m->params, l), g = block_of(m, m->grads, l);
    real *in = m->x + l * m->N * D, *mid = m->mid + l * m->N * D, *qkv = m->qkv + l * m->N * S;
    real *att = m->att + l * m->N * D, *gu = gate_up(m, l);
    if (m->flags & MODEL_RECOMPUTE) {
      k->rmsnorm(N, D, (real)m->c.norm_eps, mid, NULL, mid, w.norm2, m->norm, m->rstd2 + l * m->N,
                 th);
      linear(m, N, 2 * F, D, m->norm, w.wgu, gu);
    }
    linear_dx(m, N, D, F, dx, w.wd, dh);
    k->swiglu_back(N, F, gu, dh, th);
    linear_dw(m, N, D, F, dx, dh, g.wd);
    final_grads(m, g.wd, D * F);
    linear_dx(m, N, 2 * F, D, gu, w.wgu, dy);
    k->rmsnorm_back(N, D, mid, w.norm2, m->rstd2 + l * m->N, dy, 1, dx, g.norm2, m->work, th);
    linear_dw(m, N, 2 * F, D, gu, dy, g.wgu);
    final_grads(m, g.norm2, D + 2 * F * D);

    linear_dx(m, N, D, D, dx, w.wo, dy);
    k->attention_back(x->B, x->T, heads, kv, m->H, qkv, m->rope, m->T, x->start, att,
                      m->lse + l * m->N * heads, dy, m->dqkv, m->work, th);
    linear_dw(m, N, D, D, dx, att, g.wo);
    linear_dx(m, N, S, D, m->dqkv, w.wqkv, dy);
    k->rmsnorm_back(N, D, in, w.norm1, m->rstd1 + l * m->N, dy, 1, dx, g.norm1, m->work, th);
    linear_dw(m, N, S, D, m->dqkv, dy, g.wqkv);
    final_grads(m, g.norm1, D + S * D + D * D);
  }
  k->embed_back(N, D, x->ids, dx, m->grads, th);
  final_grads(m, m->grads, m->V * D);
  m->targets = 0;
}

void model_logits(model *m, const uint16_t *ids, uint32_t n, real *logits) {
  hidden_states(m, 1, n, ids, m->zeros, 0);
  linear(m, n, m->V, m->D, m->final, m->params, logits);
  m->targets = 0;
}
