/* Grouped-query attention. A task is one key/value head of one sequence: its keys and values are
 * copied once, zero-padded to whole vectors, and the queries of its G heads are stacked, so that
 * every product is a chain of register tiles over blocks that stay in L1: M = G * BQ query rows
 * (row i*G + g: position i, head g), BK keys at a time. Queries and keys are rotated as they are
 * copied, and their gradients back as they are written: q and k in memory are those before RoPE.
 *   S = Q K^T / sqrt(H),  P = e^(S - lse),  O = P V
 *   dV += P^T dO,  dP = dO V^T,  dS = P (dP - rowsum(dO O)),  dQ += dS K,  dK += dS^T Q
 * A task owns its dK and dV: no atomics, and the same bits for any number of threads. */
#include "gemm.h"
#include "kernels.h"

enum { BK = 64 /* a multiple of every VL */, PAIR = 2 * VL };
static const real MASKED = (real)-1e30;

typedef struct {
  size_t T, G, H, Hp, Tp; /* Hp: H in whole vectors; Tp: T in whole blocks, and one more */
  size_t bq, M;           /* positions and rows of a query block */
  size_t D, stride;       /* heads * H; row stride of qkv */
  real scale;
  const real *rope; /* cos[rope_T,H/2], then sin */
  size_t rope_T;
  real *kt, *vt;         /* [H,Tp] transposed keys and values */
  real *k, *v, *dk, *dv; /* [Tp,Hp] */
  real *qt, *dot;        /* [H,M] transposed queries (scaled) and dO */
  real *q, *dout, *o;    /* [M,Hp]; o is dq in backward */
  real *s, *dp;          /* [M,BK] */
  real *m, *l;           /* [M] row maximum and sum; in backward lse and rowsum(dO O) */
} job;

static size_t layout(job *j, size_t T, size_t heads, size_t kv, size_t H, real *work) {
  j->T = T, j->G = heads / kv, j->H = H, j->Hp = round_up(H, VL), j->Tp = round_up(T, BK) + BK;
  j->bq = j->G >= 64 ? 1 : 64 / j->G, j->M = j->bq * j->G;
  j->D = heads * H, j->stride = (heads + 2 * kv) * H;
  j->scale = 1 / (real)sqrt((double)H);
  size_t at = 0;
#define TAKE(p, n) (j->p = work ? work + at : NULL, at += round_up(n, 16))
  TAKE(kt, H * j->Tp), TAKE(vt, H * j->Tp);
  TAKE(k, j->Tp * j->Hp), TAKE(v, j->Tp * j->Hp), TAKE(dk, j->Tp * j->Hp), TAKE(dv, j->Tp * j->Hp);
  TAKE(qt, H * j->M), TAKE(dot, H * j->M);
  TAKE(q, j->M * j->Hp), TAKE(dout, j->M * j->Hp), TAKE(o, j->M * j->Hp);
  TAKE(s, j->M * BK), TAKE(dp, j->M * BK);
  TAKE(m, j->M), TAKE(l, j->M);
#undef TAKE
  return at;
}

size_t NAME(attention_work)(size_t T, size_t heads, size_t kv, size_t H, int threads) {
  job j;
  return (size_t)threads * layout(&j, T, heads, kv, H, NULL);
}

/* C[M,N] (+)= A B with B[K,N] in rows of ldb, N a multiple of VL. A by columns: A[i,k] = a[i +
 * k*lda]. */
static void mm_cols(size_t M, size_t N, size_t K, const real *a, size_t lda, const real *b,
                    size_t ldb, real *c, size_t ldc, int add) {
  size_t n = 0;
  for (; n + PAIR <= N; n += PAIR)
    tile_rows(MR2, 2, 0, M, K, a, 1, lda, b + n, ldb, c + n, ldc, PAIR, add);
  for (; n < N; n += VL) tile_rows(MR2, 1, 0, M, K, a, 1, lda, b + n, ldb, c + n, ldc, VL, add);
}
/* A by rows of BK: A[i,k] = a[i*BK + k]. */
static void mm_rows(size_t M, size_t N, size_t K, const real *a, const real *b, size_t ldb, real *c,
                    size_t ldc, int add) {
  size_t n = 0;
  for (; n + PAIR <= N; n += PAIR)
    tile_rows(MR2, 2, 0, M, K, a, BK, 1, b + n, ldb, c + n, ldc, PAIR, add);
  for (; n < N; n += VL) tile_rows(MR2, 1, 0, M, K, a, BK, 1, b + n, ldb, c + n, ldc, VL, add);
}

/* dst[h*ld + t] = a * src[t*stride + h]; columns n..pad are zero. */
static void transpose(size_t n, size_t pad, size_t H, real a, const real *src, size_t stride,
                      real *dst, size_t ld) {
  for (size_t h = 0; h < H; h++) {
    real *to = dst + h * ld;
    for (size_t t = 0; t < n; t++) to[t] = a * src[t * stride + h];
    for (size_t t = n; t < pad; t++) to[t] = 0;
  }
}

/* dst[t*Hp + h] = a * src[t*stride + h], zero-padded to Hp columns and `pad` rows. */
static void copy_rows(size_t n, size_t pad, size_t H, size_t Hp, real a, const real *src,
                      size_t stride, real *dst) {
  for (size_t t = 0; t < n; t++) {
    for (size_t h = 0; h < H; h++) dst[t * Hp + h] = a * src[t * stride + h];
    for (size_t h = H; h < Hp; h++) dst[t * Hp + h] = 0;
  }
  for (size_t i = n * Hp; i < pad * Hp; i++) dst[i] = 0;
}

/* Rows i*G + g of [M,Hp] from x[t0 + i, head g], x at the task's first head. */
static void load_heads(const job *j, size_t tn, real a, const real *x, size_t stride, real *dst) {
  for (size_t i = 0; i < tn; i++)
    copy_rows(j->G, j->G, j->H, j->Hp, a, x + i * stride, j->H, dst + i * j->G * j->Hp);
}

/* First position that position t sees. */
INLINE size_t first_of(const uint16_t *start, size_t t) { return start[t] < t ? start[t] : t; }

/* Turns the n heads x[n,Hp] of position t by RoPE; sign -1: back. */
static void rotate(const job *j, const uint16_t *start, size_t t, real sign, size_t n, real *x) {
  const size_t half = j->H / 2, at = t - first_of(start, t);
  const real *c = j->rope + at * half, *s = j->rope + (j->rope_T + at) * half;
  for (size_t r = 0; r < n; r++) {
    real *a = x + r * j->Hp, *b = a + half;
#pragma omp simd
    for (size_t i = 0; i < half; i++) {
      const real u = a[i], v = b[i], si = sign * s[i];
      a[i] = u * c[i] - v * si;
      b[i] = u * si + v * c[i];
    }
  }
}
static void load_queries(const job *j, const uint16_t *start, size_t t0, size_t tn, const real *q) {
  load_heads(j, tn, j->scale, q + t0 * j->stride, j->stride, j->q);
  for (size_t i = 0; i < tn; i++) rotate(j, start, t0 + i, 1, j->G, j->q + i * j->G * j->Hp);
  transpose(tn * j->G, tn * j->G, j->H, 1, j->q, j->Hp, j->qt, j->M);
}
/* The first n keys, zero-padded to `pad`, in rows and transposed. */
static void load_keys(const job *j, const uint16_t *start, size_t n, size_t pad, const real *k) {
  copy_rows(n, pad, j->H, j->Hp, 1, k, j->stride, j->k);
  for (size_t t = 0; t < n; t++) rotate(j, start, t, 1, 1, j->k + t * j->Hp);
  transpose(n, pad, j->H, 1, j->k, j->Hp, j->kt, j->Tp);
}

/* First key block of queries t0..t0+tn, on a whole vector. */
static size_t first_block(const uint16_t *start, size_t t0, size_t tn) {
  size_t lo = t0;
  for (size_t t = t0; t < t0 + tn; t++) lo = at_most(lo, first_of(start, t));
  return lo / VL * VL;
}

/* Columns [*a,*e) of the block of keys [j0,j0+nk) that position t sees; empty: *a == *e. */
INLINE void visible(const uint16_t *start, size_t t, size_t j0, size_t nk, size_t *a, size_t *e) {
  const size_t lo = first_of(start, t), hi = at_most(t + 1, j0 + nk);
  *a = lo > j0 ? lo - j0 : 0, *e = hi > j0 ? hi - j0 : 0;
  if (*a >= *e) *a = *e = 0;
}

/* One block of online softmax for one row: s[w] scores -> e^(s - m), 0 outside [a,e). Returns the
 * factor by which what was summed before shrinks. */
INLINE real softmax_block(size_t w, size_t a, size_t e, real *s, real *m, real *l) {
  for (size_t k = 0; k < a; k++) s[k] = MASKED;
  for (size_t k = e; k < w; k++) s[k] = MASKED;
  const real top = max_of(w, s, *m);
  const real shrink = exp_real(*m - top);
  real sum = 0;
#pragma omp simd reduction(+ : sum)
  for (size_t k = 0; k < w; k++) {
    const real p = exp_real(s[k] - top);
    s[k] = p;
    sum += p;
  }
  *m = top, *l = *l * shrink + sum;
  return shrink;
}

static void forward_task(const job *j, const real *q, const uint16_t *start, size_t t0, size_t tn,
                         real *out, real *lse, size_t heads) {
  const size_t M = tn * j->G, Hp = j->Hp, end = t0 + tn;
  load_queries(j, start, t0, tn, q);
  memset(j->o, 0, M * Hp * sizeof(real));
  for (size_t r = 0; r < M; r++) j->m[r] = MASKED, j->l[r] = 0;
  for (size_t j0 = first_block(start, t0, tn); j0 < end; j0 += BK) {
    const size_t nk = at_most(BK, end - j0), w = round_up(nk, VL);
    mm_cols(M, w, j->H, j->qt, j->M, j->kt + j0, j->Tp, j->s, BK, 0);
    for (size_t r = 0; r < M; r++) {
      real *s = j->s + r * BK, *o = j->o + r * Hp;
      size_t a, e;
      visible(start, t0 + r / j->G, j0, nk, &a, &e);
      if (a == e) {
        memset(s, 0, w * sizeof(real));
        continue;
      }
      const real shrink = softmax_block(w, a, e, s, &j->m[r], &j->l[r]);
#pragma omp simd
      for (size_t h = 0; h < Hp; h++) o[h] *= shrink;
    }
    mm_rows(M, Hp, w, j->s, j->v + j0 * Hp, Hp, j->o, Hp, 1);
  }
  for (size_t r = 0; r < M; r++) {
    const size_t t = t0 + r / j->G, g = r % j->G;
    const real inv = 1 / j->l[r], *o = j->o + r * Hp;
    for (size_t h = 0; h < j->H; h++) out[t * j->D + g * j->H + h] = o[h] * inv;
    lse[t * heads + g] = j->m[r] + (real)log((double)j->l[r]);
  }
}

void NAME(attention)(size_t B, size_t T, size_t heads, size_t kv, size_t H, const real *qkv,
                     const real *rope, size_t rope_T, const uint16_t *start, real *out, real *lse,
                     real *work, int threads) {
  job shape;
  const size_t per = layout(&shape, T, heads, kv, H, work), blocks = (T + shape.bq - 1) / shape.bq;
  /* Few sequences: cut each into spans of query blocks, which costs copying the keys again. */
  size_t spans = B * kv >= (size_t)threads * 4 ? 1 : ((size_t)threads * 4 + B * kv - 1) / (B * kv);
  spans = threads > 1 ? at_most(spans, blocks) : 1;
#pragma omp parallel num_threads(threads)
  {
    job j;
    (void)layout(&j, T, heads, kv, H, work + (size_t)thread_id() * per);
    j.rope = rope, j.rope_T = rope_T;
#pragma omp for schedule(dynamic, 1)
    for (size_t task = 0; task < B * kv * spans; task++) {
      const size_t b = task / spans / kv, c = task / spans % kv, span = task % spans;
      const size_t q0 = blocks * span / spans, q1 = blocks * (span + 1) / spans,
                   n = at_most(q1 * j.bq, T);
      const real *row = qkv + b * T * j.stride, *k = row + j.D + c * H, *v = k + kv * H;
      const size_t pad = at_most(round_up(n, BK) + BK, j.Tp);
      load_keys(&j, start + b * T, n, pad, k);
      copy_rows(n, pad, H, j.Hp, 1, v, j.stride, j.v);
      for (size_t qb = q0; qb < q1; qb++) {
        const size_t t0 = qb * j.bq;
        forward_task(&j, row + c * j.G * H, start + b * T, t0, at_most(j.bq, T - t0),
                     out + b * T * j.D + c * j.G * H, lse + b * T * heads + c * j.G, heads);
      }
    }
  }
}

static void backward_task(const job *j, const real *q, const uint16_t *start, size_t t0, size_t tn,
                          const real *out, const real *lse, const real *dout, real *dq,
                          size_t heads) {
  const size_t M = tn * j->G, Hp = j->Hp, end = t0 + tn;
  load_queries(j, start, t0, tn, q);
  load_heads(j, tn, 1, dout + t0 * j->D, j->D, j->dout);
  transpose(M, M, j->H, 1, j->dout, Hp, j->dot, j->M);
  for (size_t r = 0; r < M; r++) {
    const size_t t = t0 + r / j->G, g = r % j->G;
    const real *o = out + t * j->D + g * j->H, *d = j->dout + r * Hp;
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t h = 0; h < j->H; h++) sum += o[h] * d[h];
    j->l[r] = sum, j->m[r] = lse[t * heads + g];
  }
  memset(j->o, 0, M * Hp * sizeof(real));
  for (size_t j0 = first_block(start, t0, tn); j0 < end; j0 += BK) {
    const size_t nk = at_most(BK, end - j0), w = round_up(nk, VL);
    mm_cols(M, w, j->H, j->qt, j->M, j->kt + j0, j->Tp, j->s, BK, 0);
    mm_cols(M, w, j->H, j->dot, j->M, j->vt + j0, j->Tp, j->dp, BK, 0);
    for (size_t r = 0; r < M; r++) {
      real *s = j->s + r * BK, *dp = j->dp + r * BK;
      size_t a, e;
      visible(start, t0 + r / j->G, j0, nk, &a, &e);
      const real top = j->m[r], delta = j->l[r];
      for (size_t k = 0; k < a; k++) s[k] = MASKED;
      for (size_t k = e; k < w; k++) s[k] = MASKED;
#pragma omp simd
      for (size_t k = 0; k < w; k++) {
        const real p = exp_real(s[k] - top);
        s[k] = p;
        dp[k] = p * (dp[k] - delta);
      }
    }
    mm_cols(nk, Hp, M, j->s, BK, j->dout, Hp, j->dv + j0 * Hp, Hp, 1);
    mm_cols(nk, Hp, M, j->dp, BK, j->q, Hp, j->dk + j0 * Hp, Hp, 1);
    mm_rows(M, Hp, w, j->dp, j->k + j0 * Hp, Hp, j->o, Hp, 1);
  }
  for (size_t i = 0; i < tn; i++) rotate(j, start, t0 + i, -1, j->G, j->o + i * j->G * Hp);
  for (size_t r = 0; r < M; r++) {
    const real *o = j->o + r * Hp;
    real *to = dq + (t0 + r / j->G) * j->stride + r % j->G * j->H;
    for (size_t h = 0; h < j->H; h++) to[h] = o[h] * j->scale;
  }
}

void NAME(attention_back)(size_t B, size_t T, size_t heads, size_t kv, size_t H, const real *qkv,
                          const real *rope, size_t rope_T, const uint16_t *start, const real *out,
                          const real *lse, const real *dout, real *dqkv, real *work, int threads) {
  job shape;
  const size_t per = layout(&shape, T, heads, kv, H, work);
#pragma omp parallel num_threads(threads)
  {
    job j;
    (void)layout(&j, T, heads, kv, H, work + (size_t)thread_id() * per);
    j.rope = rope, j.rope_T = rope_T;
#pragma omp for schedule(dynamic, 1)
    for (size_t task = 0; task < B * kv; task++) {
      const size_t b = task / kv, c = task % kv, first = c * j.G * H;
      const real *row = qkv + b * T * j.stride, *k = row + j.D + c * H, *v = k + kv * H;
      real *drow = dqkv + b * T * j.stride, *dk = drow + j.D + c * H, *dv = dk + kv * H;
      load_keys(&j, start + b * T, T, j.Tp, k);
      transpose(T, j.Tp, H, 1, v, j.stride, j.vt, j.Tp);
      memset(j.dk, 0, j.Tp * j.Hp * sizeof(real));
      memset(j.dv, 0, j.Tp * j.Hp * sizeof(real));
      for (size_t t0 = 0; t0 < T; t0 += j.bq)
        backward_task(&j, row + first, start + b * T, t0, at_most(j.bq, T - t0),
                      out + b * T * j.D + first, lse + b * T * heads + c * j.G,
                      dout + b * T * j.D + first, drow + first, heads);
      for (size_t t = 0; t < T; t++) rotate(&j, start + b * T, t, -1, 1, j.dk + t * j.Hp);
      for (size_t t = 0; t < T; t++)
        for (size_t h = 0; h < H; h++) {
          dk[t * j.stride + h] = j.dk[t * j.Hp + h];
          dv[t * j.stride + h] = j.dv[t * j.Hp + h];
        }
    }
  }
}
