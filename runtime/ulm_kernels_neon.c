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
ULM_INLINE int32x4_t quad_sums(const int8x16_t v[8], int8x16_t a, int8x16_t b, int32_t minus,
                               int int4) {
  int32x4_t low = vdupq_n_s32(0), high = low; /* rows 0 and 1, rows 2 and 3: two halves of each */
  int16x8_t l = vdupq_n_s16(0), h = l;
#define WORD(x, i) vreinterpretq_s8_s32(vdupq_laneq_s32(vreinterpretq_s32_s8(x), i))
#define TWO(i, x, j)                                                                               \
  {                                                                                                \
    const int8x16_t c = WORD(x, j), d = WORD(x, j + 1);                                            \
    l = int4 && i ? vmlal_s8(l, vget_low_s8(v[i]), vget_low_s8(c))                                 \
                  : vmull_s8(vget_low_s8(v[i]), vget_low_s8(c));                                   \
    h = int4 && i ? vmlal_high_s8(h, v[i], c) : vmull_high_s8(v[i], c);                            \
    l = vmlal_s8(l, vget_low_s8(v[i + 1]), vget_low_s8(d));                                        \
    h = vmlal_high_s8(h, v[i + 1], d);                                                             \
    if (!int4 || i == 6) low = vpadalq_s16(low, l), high = vpadalq_s16(high, h);                   \
  }
  TWO(0, a, 0)
  TWO(2, a, 2)
  TWO(4, b, 0) TWO(6, b, 2) return vaddq_s32(vpaddq_s32(low, high), vdupq_n_s32(minus));
}

#include "ulm_neon.h"
const ulm_kernels ulm_neon = ULM_TABLE("neon");
#else
typedef int ulm_no_neon; /* ISO C wants a declaration in every file */
#endif
