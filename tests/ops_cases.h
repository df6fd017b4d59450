/* Each operation as a function of flat arrays, forward in -> out and backward (in, dout) -> din, in
 * one number type. Included with REAL, OPS and CASE(name) defined. */

static void CASE(linear)(const OPS *k, int th, const REAL *in, REAL *out) {
  REAL *work = host_alloc(k->gemm_work(th) * sizeof *work, "work");
  k->gemm(0, 1, LN, LR, LC, in, LC, in + LN * LC, LC, 0, out, LR, work, th);
  free(work);
}
static void CASE(linear_back)(const OPS *k, int th, const REAL *in, const REAL *dout, REAL *din) {
  REAL *work = host_alloc(k->gemm_work(th) * sizeof *work, "work");
  memset(din, 0, (LN * LC + LR * LC) * sizeof *din);
  k->gemm(0, 0, LN, LC, LR, dout, LR, in + LN * LC, LC, 0, din, LC, work, th);
  k->gemm(1, 0, LR, LC, LN, dout, LR, in, LC, 1, din + LN * LC, LC, work, th);
  free(work);
}

static void CASE(embed)(const OPS *k, int th, const REAL *in, REAL *out) {
  k->embed(EN, ED, ids, in, out, th);
}
static void CASE(embed_back)(const OPS *k, int th, const REAL *in, const REAL *dout, REAL *din) {
  (void)in;
  memset(din, 0, EV * ED * sizeof *din);
  k->embed_back(EN, ED, ids, dout, din, th);
}

/* in: x, delta, w; out: y, x + delta */
static void CASE(rmsnorm)(const OPS *k, int th, const REAL *in, REAL *out) {
  REAL rstd[RN];
  k->rmsnorm(RN, RD, (REAL)EPS, in, in + RN * RD, out + RN * RD, in + 2 * RN * RD, out, rstd, th);
}
static void CASE(rmsnorm_back)(const OPS *k, int th, const REAL *in, const REAL *dout, REAL *din) {
  REAL rstd[RN], y[RN * RD], sum[RN * RD], dy[RN * RD];
  const REAL *w = in + 2 * RN * RD;
  REAL *work = host_alloc(k->rmsnorm_work(RD) * sizeof *work, "work");
  k->rmsnorm(RN, RD, (REAL)EPS, in, in + RN * RD, sum, w, y, rstd, th);
  memcpy(dy, dout, sizeof dy);
  memcpy(din, dout + RN * RD, sizeof dy); /* the gradient that the residual stream brings */
  memset(din + 2 * RN * RD, 0, RD * sizeof *din);
  k->rmsnorm_back(RN, RD, sum, w, rstd, dy, 1, din, din + 2 * RN * RD, work, th);
  memcpy(din + RN * RD, din, sizeof dy);
  for (int i = 0; i < RN * RD; i++)
    assert_true(fabs((double)(dy[i] - y[i])) < 1e-5); /* dy became y */
  k->rmsnorm(RN, RD, (REAL)EPS, sum, NULL, NULL, w, dy, rstd, th);
  for (int i = 0; i < RN * RD; i++) /* and without delta it is the norm of x alone */
    assert_true(fabs((double)(dy[i] - y[i])) < 1e-5);
  free(work);
}

static void CASE(swiglu)(const OPS *k, int th, const REAL *in, REAL *out) {
  k->swiglu(SN, SF, in, out, th);
}
static void CASE(swiglu_back)(const OPS *k, int th, const REAL *in, const REAL *dout, REAL *din) {
  REAL h[SN * SF], dh[SN * SF];
  k->swiglu(SN, SF, in, h, th);
  memcpy(dh, dout, sizeof dh);
  memcpy(din, in, 2 * sizeof dh);
  k->swiglu_back(SN, SF, din, dh, th);
  for (int i = 0; i < SN * SF; i++)
    assert_true(fabs((double)(dh[i] - h[i])) < 1e-5); /* dh became h */
}

static void CASE(cross_entropy)(const OPS *k, int th, const REAL *in, REAL *out) {
  REAL *z = host_alloc(CN * CV * sizeof *z, "logits");
  memcpy(z, in, CN * CV * sizeof *z);
  k->cross_entropy(CN, CV, z, ids, NULL, 0, out, th);
  free(z);
}
static void CASE(cross_entropy_back)(const OPS *k, int th, const REAL *in, const REAL *dout,
                                     REAL *din) {
  float weight[CN];
  REAL losses[CN], again[CN];
  for (int n = 0; n < CN; n++) weight[n] = (float)dout[n];
  memcpy(din, in, CN * CV * sizeof *din);
  k->cross_entropy(CN, CV, din, ids, weight, 1, losses, th);
  CASE(cross_entropy)(k, th, in, again);
  for (int n = 0; n < CN; n++) assert_true(fabs((double)(losses[n] - again[n])) < 1e-5);
}

static REAL *CASE(turns)(const OPS *k, shape a) {
  REAL *table = host_alloc(AT * a.H * sizeof *table, "rope");
  k->rope_table(AT, a.H, ROPE_BASE, table);
  return table;
}
static void CASE(attend)(const OPS *k, int th, shape a, const REAL *in, REAL *out) {
  REAL *work = host_alloc(k->attention_work(AT, a.heads, a.kv, a.H, th) * sizeof *work, "work");
  REAL *lse = host_alloc(AB * AT * a.heads * sizeof *lse, "lse"), *rope = CASE(turns)(k, a);
  k->attention(AB, AT, a.heads, a.kv, a.H, in, rope, AT, starts, out, lse, work, th);
  free(work), free(lse), free(rope);
}
static void CASE(attend_back)(const OPS *k, int th, shape a, const REAL *in, const REAL *dout,
                              REAL *din) {
  REAL *work = host_alloc(k->attention_work(AT, a.heads, a.kv, a.H, th) * sizeof *work, "work");
  REAL *lse = host_alloc(AB * AT * a.heads * sizeof *lse, "lse"), *rope = CASE(turns)(k, a);
  REAL *out = host_alloc(AB * AT * a.heads * a.H * sizeof *out, "out");
  k->attention(AB, AT, a.heads, a.kv, a.H, in, rope, AT, starts, out, lse, work, th);
  k->attention_back(AB, AT, a.heads, a.kv, a.H, in, rope, AT, starts, out, lse, dout, din, work,
                    th);
  free(work), free(lse), free(rope), free(out);
}
#define ATTENTION(i)                                                                               \
  static void CASE(attention##i)(const OPS *k, int th, const REAL *in, REAL *out) {                \
    CASE(attend)(k, th, shapes[i], in, out);                                                       \
  }                                                                                                \
  static void CASE(attention##i##_back)(const OPS *k, int th, const REAL *in, const REAL *dout,    \
                                        REAL *din) {                                               \
    CASE(attend_back)(k, th, shapes[i], in, dout, din);                                            \
  }
ATTENTION(0)
ATTENTION(1)
ATTENTION(2)
ATTENTION(3)
#undef ATTENTION
