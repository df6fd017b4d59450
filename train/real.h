/* The number type and vector width of a kernel source. Every kernel is one source, compiled
 *   in float, once an instruction set (-DISA=avx2 ...), to train with, and
 *   in double (-DMODEL_F64), so that tests can hold each backward against central differences. */
#ifndef TRAIN_REAL_H
#define TRAIN_REAL_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef MODEL_F64
typedef double real;
#define ISA f64
#else
typedef float real;
#ifndef ISA
#define ISA portable
#endif
#endif

#define NAME__(f, isa) f##_##isa
#define NAME_(f, isa)  NAME__(f, isa)
#define NAME(f)        NAME_(f, ISA) /* gemm -> gemm_avx2 */
#define TEXT_(isa)     #isa
#define TEXT(isa)      TEXT_(isa)

#define INLINE static inline __attribute__((always_inline))
#if defined ROLLED /* under sanitizers unrolled tiles take minutes to compile */
#define UNROLL
#define TWICE
#elif defined __clang__
#define UNROLL _Pragma("unroll")
#define TWICE  _Pragma("unroll 2")
#else
#define UNROLL _Pragma("GCC unroll 16")
#define TWICE  _Pragma("GCC unroll 2")
#endif

#if defined __AVX512F__
enum { VBYTES = 64 };
#elif defined __AVX__
enum { VBYTES = 32 };
#else
enum { VBYTES = 16 }; /* SSE2, NEON, and whatever the compiler makes of it elsewhere */
#endif
enum { VL = VBYTES / (int)sizeof(real) };
typedef real vec __attribute__((vector_size(VBYTES)));
typedef __typeof__((vec){0} > (vec){0}) mask; /* all ones where true */
typedef real vecu __attribute__((vector_size(VBYTES), aligned(sizeof(real)), may_alias));

INLINE size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }
INLINE size_t at_most(size_t a, size_t b) { return a < b ? a : b; }

/* Largest of x[n] and `top`. By hand: as a loop, only compilers told that no value is NaN vectorize
 * it. */
INLINE real max_of(size_t n, const real *x, real top) {
  size_t i = 0;
  if (n >= VL) {
    vec most = *(const vecu *)x;
    for (i = VL; i + VL <= n; i += VL) {
      const vec v = *(const vecu *)(x + i);
      const mask more = v > most;
      most = (vec)(((mask)v & more) | ((mask)most & ~more));
    }
    for (int l = 0; l < VL; l++) top = most[l] > top ? most[l] : top;
  }
  for (; i < n; i++) top = x[i] > top ? x[i] : top;
  return top;
}

/* e^x without a call, so that loops vectorize. x = n ln 2 + r, |r| <= ln 2 / 2;
 * e^r = 1 + r + r^2 p(r), p interpolated at Chebyshev nodes (relative error 1e-8).
 * Below -69 the result is 0: less than 2^-99 vanishes beside any sum here, and no subnormals arise.
 * Above 88 it stays at e^88. Relative error at most 2e-7. */
INLINE real exp_real(real x) {
#ifdef MODEL_F64
  return exp(x);
#else
  float y = x < -69.0f ? -69.0f : x;
  y = y > 88.0f ? 88.0f : y;
  const float n = (y * 1.44269504f + 12582912.0f) - 12582912.0f; /* rounds to the nearest integer */
  const float r = (y - n * 0.693359375f) - n * -2.12194440e-4f;
  const float p =
      0.5f + r * (0.16666577f + r * (0.041666555f + r * (0.0083631791f + r * 0.0013926184f)));
  const float e = 1.0f + (r + r * r * p);
  const int32_t bits = ((int32_t)n + 127) * (1 << 23);
  float two_n;
  memcpy(&two_n, &bits, sizeof two_n);
  return x < -69.0f ? 0.0f : e * two_n;
#endif
}

#endif
