/* The portable kernels as functions, for tables of instruction sets that have nothing better for a
 * row of theirs. */
#ifndef ULM_PLAIN_H
#define ULM_PLAIN_H
#include "ulm_kernels.h"

static inline void plain_encode(const ulm_codes *c, size_t at, const float *x, size_t groups) {
  ulm_portable.encode(c, at, x, groups);
}
static inline void plain_rmsnorm(float *y, const float *x, const float *w, uint32_t n, float eps) {
  ulm_portable.rmsnorm(y, x, w, n, eps);
}
static inline void plain_add(float *x, const float *y, size_t n) { ulm_portable.add(x, y, n); }
static inline void plain_swiglu(float *gate, const float *up, size_t n) {
  ulm_portable.swiglu(gate, up, n);
}
static inline void plain_rotate(float *x, const float *cosine, const float *sine, uint32_t n) {
  ulm_portable.rotate(x, cosine, sine, n);
}
static inline void plain_store_f16(uint16_t *half, const float *x, uint32_t n) {
  ulm_portable.store_f16(half, x, n);
}
static inline float plain_store_s8(int8_t *code, const float *x, uint32_t n) {
  return ulm_portable.store_s8(code, x, n);
}
static inline void plain_attend(float *y, const float *q, const ulm_head *kv, uint32_t count,
                                uint32_t n, float scale, float *score, float *lanes) {
  ulm_portable.attend(y, q, kv, count, n, scale, score, lanes);
}
static inline float plain_largest(const float *x, uint32_t n, float least) {
  return ulm_portable.largest(x, n, least);
}
static inline void plain_mass(float lane[16], const float *x, uint32_t n, float max,
                              float inverse) {
  ulm_portable.mass(lane, x, n, max, inverse);
}
static inline uint32_t plain_likely(uint16_t *out, const float *x, uint32_t first, uint32_t n,
                                    float max, float inverse, float cutoff) {
  return ulm_portable.likely(out, x, first, n, max, inverse, cutoff);
}
static inline void plain_spread(const float *x, uint32_t n, float two[2], float mass[16],
                                float mean[16]) {
  ulm_portable.spread(x, n, two, mass, mean);
}

#endif
