/* NEON as every 64-bit Arm has it: bytes are multiplied into 16 bits, then added in pairs. */
#if defined(__aarch64__) && defined(__ARM_NEON)
#include "ulm.h"
#include "ulm_kernels.h"
#include "ulm_math.h"
#include <arm_neon.h>
#if !defined(__clang__) && defined(__OPTIMIZE__)
#pragma GCC optimize("O3")
#endif

/* Word i of a row stands in each quarter of a vector of codes. A pair of bytes' products is at most
 * 2 * 128 * 127 < 2^15, eight nibbles' 8 * 15 * 127 = 15,240. */
ULM_INLINE void quad_sums(int32x4_t sum[4], const uint32_t quads, const int8x16_t v[4][8],
                          int8x16_t a, int8x16_t b, int32_t minus, int int4) {
  int32x4_t low[4], high[4]; /* rows 0 and 1, rows 2 and 3: two halves of each */
  int16x8_t l[4], h[4];
#define WORD(x, i) vreinterpretq_s8_s32(vdupq_laneq_s32(vreinterpretq_s32_s8(x), i))
#define TWO(i, x, j)                                                                               \
  {                                                                                                \
    const int8x16_t c = WORD(x, j), d = WORD(x, j + 1);                                            \
    for (uint32_t q = 0; q < quads; q++) {                                                         \
      const int8x16_t w = v[q][i], u = v[q][i + 1];                                                \
      l[q] = int4 && i ? vmlal_s8(l[q], vget_low_s8(w), vget_low_s8(c))                            \
                       : vmull_s8(vget_low_s8(w), vget_low_s8(c));                                 \
      h[q] = int4 && i ? vmlal_high_s8(h[q], w, c) : vmull_high_s8(w, c);                          \
      l[q] = vmlal_s8(l[q], vget_low_s8(u), vget_low_s8(d));                                       \
      h[q] = vmlal_high_s8(h[q], u, d);                                                            \
      if (int4) continue;                                                                          \
      low[q] = i ? vpadalq_s16(low[q], l[q]) : vpaddlq_s16(l[q]);                                  \
      high[q] = i ? vpadalq_s16(high[q], h[q]) : vpaddlq_s16(h[q]);                                \
    }                                                                                              \
  }
  TWO(0, a, 0);
  TWO(2, a, 2);
  TWO(4, b, 0);
  TWO(6, b, 2);
  for (uint32_t q = 0; q < quads; q++)
    sum[q] = int4 ? vpadalq_s16(vdupq_n_s32(minus), vpaddq_s16(l[q], h[q]))
                  : vpaddq_s32(low[q], high[q]);
}

#include "ulm_neon.h"
const ulm_kernels ulm_neon = ULM_TABLE("neon");
#else
typedef int ulm_no_neon; /* ISO C wants a declaration in every file */
#endif
