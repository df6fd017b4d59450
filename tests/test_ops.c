/* Every operation: its forward against the definition, its backward against central differences,
 * both in double; and the float kernels of every instruction set of this machine against the double
 * ones. */
#include "tests/t.h"
#include "train/ops.h"
#include "train/real.h"

enum { LN = 37, LR = 45, LC = 29 };   /* linear: Y[N,R] = X[N,C] W[R,C]^T */
enum { EN = 150, ED = 70, EV = 300 }; /* embed */
enum { RN = 69, RD = 37 };            /* rmsnorm */
enum { SN = 33, SF = 37 };            /* swiglu */
enum { CN = 7, CV = 301 };            /* cross-entropy */
enum { AB = 2, AT = 80 };             /* attention: past one block of 64 keys */
#define EPS       1e-5
#define ROPE_BASE 1e4
typedef struct {
  size_t heads, kv, H;
} shape;
static const shape shapes[] = {{4, 2, 6}, {4, 1, 32}, {3, 3, 20}, {70, 1, 2}};
#define ATT_IN(i)  (AB * AT * (shapes[i].heads + 2 * shapes[i].kv) * shapes[i].H)
#define ATT_OUT(i) (AB * AT * shapes[i].heads * shapes[i].H)

static uint16_t ids[EN], starts[AB * AT]; /* two rows: documents from 0, 5 and 71; one from 0 */

#define REAL       double
#define OPS        ops_f64
#define CASE(name) name##_f64
#include "ops_cases.h"
#undef REAL
#undef OPS
#undef CASE
#define REAL       float
#define OPS        ops_f32
#define CASE(name) name##_f32
#include "ops_cases.h"
#undef REAL
#undef OPS
#undef CASE

/* ---- definitions ---- */

static double *room(size_t n) { return host_alloc(n * sizeof(double), "values"); }

static void linear_is(const double *in, double *out) {
  for (int n = 0; n < LN; n++)
    for (int r = 0; r < LR; r++) {
      double s = 0;
      for (int c = 0; c < LC; c++) s += in[n * LC + c] * in[LN * LC + r * LC + c];
      out[n * LR + r] = s;
    }
}
static void embed_is(const double *in, double *out) {
  for (int n = 0; n < EN; n++)
    for (int d = 0; d < ED; d++) out[n * ED + d] = in[ids[n] * ED + d];
}
static void rmsnorm_is(const double *in, double *out) {
  const double *w = in + 2 * RN * RD;
  for (int n = 0; n < RN; n++) {
    double ss = 0, *sum = out + RN * RD + n * RD;
    for (int d = 0; d < RD; d++)
      sum[d] = in[n * RD + d] + in[RN * RD + n * RD + d], ss += sum[d] * sum[d];
    for (int d = 0; d < RD; d++) out[n * RD + d] = sum[d] / sqrt(ss / RD + EPS) * w[d];
  }
}
/* Queries and keys turned, values as they are. */
static void rope_is(shape a, const double *in, double *out) {
  const size_t D = a.heads * a.H, S = D + 2 * a.kv * a.H, half = a.H / 2;
  memcpy(out, in, AB * AT * S * sizeof *out);
  for (size_t n = 0; n < AB * AT; n++)
    for (size_t h = 0; h < a.heads + a.kv; h++)
      for (size_t i = 0; i < half; i++) {
        const double angle = (double)(n % AT - starts[n]) /
                             pow(ROPE_BASE, 2.0 * (double)i / (double)a.H),
                     *x = in + n * S + h * a.H;
        out[n * S + h * a.H + i] = x[i] * cos(angle) - x[i + half] * sin(angle);
        out[n * S + h * a.H + i + half] = x[i] * sin(angle) + x[i + half] * cos(angle);
      }
}
static void swiglu_is(const double *in, double *out) {
  for (int n = 0; n < SN; n++)
    for (int f = 0; f < SF; f++) {
      const double g = in[2 * n * SF + f];
      out[n * SF + f] = g / (1 + exp(-g)) * in[2 * n * SF + SF + f];
    }
}
static void cross_entropy_is(const double *in, double *out) {
  for (int n = 0; n < CN; n++) {
    double s = 0;
    for (int v = 0; v < CV; v++) s += exp(in[n * CV + v]);
    out[n] = log(s) - in[n * CV + ids[n]];
  }
}
static void attention_is(shape a, const double *before, double *out) {
  const size_t D = a.heads * a.H, S = D + 2 * a.kv * a.H;
  double *in = room(AB * AT * S);
  rope_is(a, before, in);
  for (size_t n = 0; n < AB * AT; n++)
    for (size_t h = 0; h < a.heads; h++) {
      const size_t row = n / AT * AT, c = h / (a.heads / a.kv);
      double p[AT], sum = 0;
      for (size_t j = starts[n]; j <= n % AT; j++) {
        double s = 0;
        for (size_t i = 0; i < a.H; i++)
          s += in[n * S + h * a.H + i] * in[(row + j) * S + D + c * a.H + i];
        sum += p[j] = exp(s / sqrt((double)a.H));
      }
      for (size_t i = 0; i < a.H; i++) {
        double o = 0;
        for (size_t j = starts[n]; j <= n % AT; j++)
          o += p[j] / sum * in[(row + j) * S + D + (a.kv + c) * a.H + i];
        out[n * D + h * a.H + i] = o;
      }
    }
  free(in);
}
#define ATTENTION(i)                                                                               \
  static void attention##i##_is(const double *in, double *out) { attention_is(shapes[i], in, out); }
ATTENTION(0)
ATTENTION(1)
ATTENTION(2)
ATTENTION(3)

typedef struct {
  const char *name;
  size_t in, out;
  void (*is)(const double *, double *);
  void (*f64)(const ops_f64 *, int, const double *, double *);
  void (*back64)(const ops_f64 *, int, const double *, const double *, double *);
  void (*f32)(const ops_f32 *, int, const float *, float *);
  void (*back32)(const ops_f32 *, int, const float *, const float *, float *);
} op;
static size_t cases(op *to) {
#define C(name, in, out)                                                                           \
  *p++ = (op){#name, in, out, name##_is, name##_f64, name##_back_f64, name##_f32, name##_back_f32};
  op *p = to;
  C(linear, LN * LC + LR * LC, LN * LR)
  C(embed, EV * ED, EN * ED)
  C(rmsnorm, 2 * RN * RD + RD, 2 * RN * RD)
  C(swiglu, 2 * SN * SF, SN * SF)
  C(cross_entropy, CN * CV, CN)
  C(attention0, ATT_IN(0), ATT_OUT(0))
  C(attention1, ATT_IN(1), ATT_OUT(1))
  C(attention2, ATT_IN(2), ATT_OUT(2))
  C(attention3, ATT_IN(3), ATT_OUT(3))
#undef C
  return (size_t)(p - to);
}
enum { CASES = 16 };

/* Values that floats hold exactly, so that both number types see the same. */
static double *values(size_t n, uint64_t seed, double scale) {
  double *x = host_alloc(n * sizeof *x, "values");
  ulm_rng r = ulm_rng_seed(seed, 3);
  for (size_t i = 0; i < n; i++) x[i] = (double)((2 * ulm_rng_f32(&r) - 1) * (float)scale);
  return x;
}
static float *floats(size_t n, const double *x) {
  float *y = host_alloc(n * sizeof *y, "floats");
  for (size_t i = 0; x && i < n; i++) y[i] = (float)x[i];
  return y;
}
static double *doubles(size_t n, float *x) {
  double *y = room(n);
  for (size_t i = 0; i < n; i++) y[i] = (double)x[i];
  free(x);
  return y;
}

/* The one check: |got - want| at most tolerance * max |want|. */
static int agrees(size_t n, const double *got, const double *want, double tolerance) {
  double norm = 0;
  for (size_t i = 0; i < n; i++) norm = fmax(norm, fabs(want[i]));
  for (size_t i = 0; i < n; i++)
    if (!(fabs(got[i] - want[i]) <= tolerance * norm)) return 0;
  return norm > 0;
}
/* It passes, and fails for zeros, for a permutation and for an error of 10 tolerances. */
static void must_agree(const char *what, const char *name, size_t n, const double *got,
                       const double *want, double tolerance) {
  if (!agrees(n, got, want, tolerance)) fail_msg("%s of %s", what, name);
  double *bad = room(n);
  if (agrees(n, bad, want, tolerance)) fail_msg("zeros pass as %s of %s", what, name);
  for (size_t i = 0; i < n; i++) bad[i] = got[(i + 1) % n];
  if (agrees(n, bad, want, tolerance)) fail_msg("a permutation passes as %s of %s", what, name);
  for (size_t i = 0; i < n; i++) bad[i] = got[i] * (1 + 10 * tolerance);
  if (agrees(n, bad, want, tolerance)) fail_msg("an error passes as %s of %s", what, name);
  free(bad);
}

static void forwards_agree_with_their_definitions(void **state) {
  (void)state;
  op o[CASES];
  for (size_t c = 0, n = cases(o); c < n; c++) {
    double *in = values(o[c].in, c, 2), *got = room(o[c].out), *want = room(o[c].out);
    o[c].is(in, want);
    o[c].f64(&ops_double, 2, in, got);
    must_agree("forward", o[c].name, o[c].out, got, want, 1e-12);
    free(in), free(got), free(want);
  }
}

static void backwards_agree_with_central_differences(void **state) {
  (void)state;
  op o[CASES];
  for (size_t c = 0, n = cases(o); c < n; c++) {
    enum { MOST = 250 };
    const size_t step = o[c].in / MOST + 1, picked = (o[c].in + step - 1) / step;
    double *in = values(o[c].in, c + 100, 1), *dout = values(o[c].out, c + 200, 1),
           *din = room(o[c].in);
    double *out = room(o[c].out), *got = room(picked), *want = room(picked);
    o[c].back64(&ops_double, 2, in, dout, din);
    for (size_t i = 0; i < picked; i++) {
      const double h = 1e-4, x = in[i * step];
      double side[2];
      for (int s = 0; s < 2; s++) {
        in[i * step] = s ? x + h : x - h;
        o[c].f64(&ops_double, 1, in, out);
        side[s] = 0;
        for (size_t k = 0; k < o[c].out; k++) side[s] += dout[k] * out[k];
      }
      in[i * step] = x;
      want[i] = (side[1] - side[0]) / (2 * h), got[i] = din[i * step];
    }
    must_agree("backward", o[c].name, picked, got, want, 1e-7);
    free(in), free(dout), free(din), free(out), free(got), free(want);
  }
}

static void every_instruction_set_agrees_with_double(void **state) {
  (void)state;
  op o[CASES];
  for (size_t c = 0, n = cases(o); c < n; c++) {
    double *in = values(o[c].in, c + 300, 2), *dout = values(o[c].out, c + 400, 1);
    double *out = room(o[c].out), *din = room(o[c].in);
    float *in32 = floats(o[c].in, in), *dout32 = floats(o[c].out, dout);
    o[c].f64(&ops_double, 1, in, out);
    o[c].back64(&ops_double, 1, in, dout, din);
    for (uint32_t k = 0; ops_at(k); k++) {
      float *out1 = floats(o[c].out, NULL), *out3 = floats(o[c].out, NULL);
      float *din1 = floats(o[c].in, NULL), *din3 = floats(o[c].in, NULL);
      o[c].f32(ops_at(k), 1, in32, out1), o[c].f32(ops_at(k), 3, in32, out3);
      o[c].back32(ops_at(k), 1, in32, dout32, din1), o[c].back32(ops_at(k), 3, in32, dout32, din3);
      assert_memory_equal(out1, out3,
                          o[c].out * sizeof *out1); /* any number of threads: the same bits */
      assert_memory_equal(din1, din3, o[c].in * sizeof *din1);
      double *f = doubles(o[c].out, out1), *b = doubles(o[c].in, din1);
      must_agree(ops_at(k)->isa, o[c].name, o[c].out, f, out, 3e-6);
      must_agree(ops_at(k)->isa, o[c].name, o[c].in, b, din, 3e-6);
      free(f), free(b), free(out3), free(din3);
    }
    free(in), free(dout), free(out), free(din), free(in32), free(dout32);
  }
}

static void axpy_adds_a_multiple(void **state) {
  (void)state;
  enum { N = 1003 };
  double *x = values(N, 1, 1), *y = values(N, 2, 1), *want = room(N);
  for (int i = 0; i < N; i++) want[i] = y[i] + 0.75 * x[i];
  for (uint32_t k = 0; ops_at(k); k++) {
    float *x32 = floats(N, x), *y32 = floats(N, y);
    ops_at(k)->axpy(N, 0.75f, x32, y32, 3);
    double *got = doubles(N, y32);
    must_agree("axpy", ops_at(k)->isa, N, got, want, 2e-7);
    free(got), free(x32);
  }
  free(x), free(y), free(want);
}

static int exp_within(float x, double shift) {
  const double want = exp((double)x), got = (double)exp_real(x) * shift;
  return fabs(got - want) <= 2e-7 * want;
}
static void exp_is_accurate_and_saturates(void **state) {
  (void)state;
  for (int i = -6899; i <= 8799; i++) {
    const float x = (float)i * 0.01f;
    if (!exp_within(x, 1)) fail_msg("e^%g", (double)x);
    if (exp_within(x, 1 + 5e-7)) fail_msg("an error passes as e^%g", (double)x);
  }
  assert_true(exp_real(0) == 1 && exp_real(-69.5f) == 0 && exp_real(-1e30f) == 0 &&
              exp_real(-INFINITY) == 0);
  assert_true(isfinite(exp_real(1e30f)) && isfinite(exp_real(INFINITY)));
}

int main(void) {
  ulm_rng r = ulm_rng_seed(9, 9);
  for (int n = 0; n < EN; n++)
    ids[n] = (uint16_t)ulm_rng_below(&r, n % 3 ? EV : 8); /* some often */
  for (int n = 0; n < AB * AT; n++) starts[n] = n >= AT ? 0 : n < 5 ? 0 : n < 71 ? 5 : 71;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(forwards_agree_with_their_definitions),
      cmocka_unit_test(backwards_agree_with_central_differences),
      cmocka_unit_test(every_instruction_set_agrees_with_double),
      cmocka_unit_test(axpy_adds_a_multiple),
      cmocka_unit_test(exp_is_accurate_and_saturates),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
