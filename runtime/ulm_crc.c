/* CRC-32: polynomial 0x04c11db7 over bits from the lowest on. A nibble at a time, 64 bytes of
 * table; on x86, where processors multiply without carries, 64 bytes at a time (0.19 and 4.7 GB/s
 * of 30 MB).
 */
#include "ulm_num.h"

static uint32_t by_nibbles(uint32_t crc, const uint8_t *p, size_t n) {
  static const uint32_t t[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  while (n--) {
    crc ^= *p++;
    crc = t[crc & 15] ^ crc >> 4;
    crc = t[crc & 15] ^ crc >> 4;
  }
  return crc;
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#define FAST __attribute__((target("pclmul,sse4.1")))

enum { LONG = 1024 }; /* bytes that are worth asking the processor */

static int multiplies(void) {
  uint32_t a, b, c, d;
  return __get_cpuid(1, &a, &b, &c, &d) && (c >> 1 & 1) && (c >> 19 & 1);
}

FAST static inline __m128i load(const uint8_t *p) {
  return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* 16 bytes moved on, k = {x^(n + 32), x^(n - 32)} mod P for n bits, and added to those there. */
FAST static inline __m128i fold(__m128i x, __m128i k, __m128i there) {
  const __m128i low = _mm_clmulepi64_si128(x, k, 0x00), high = _mm_clmulepi64_si128(x, k, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), there);
}

/* n >= 64. What is left over as 16 bytes has the same CRC as all before it. */
FAST static uint32_t by_blocks(uint32_t crc, const uint8_t *p, size_t n) {
  const __m128i far = _mm_set_epi64x(0x1c6e41596, 0x154442bd4), /* 512 bits */
      near = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);          /* 128 */
  __m128i x[4];
  for (int i = 0; i < 4; i++) x[i] = load(p + 16 * i);
  x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)crc));
  for (p += 64, n -= 64; n >= 64; p += 64, n -= 64)
    for (int i = 0; i < 4; i++) x[i] = fold(x[i], far, load(p + 16 * i));
  for (int i = 1; i < 4; i++) x[0] = fold(x[0], near, x[i]);
  for (; n >= 16; p += 16, n -= 16) x[0] = fold(x[0], near, load(p));
  uint8_t rest[16];
  _mm_storeu_si128((__m128i *)(void *)rest, x[0]);
  return by_nibbles(by_nibbles(0, rest, sizeof rest), p, n);
}
#endif

uint32_t ulm_crc32(uint32_t crc, const void *bytes, size_t n) {
#if defined(__x86_64__)
  if (n >= LONG && multiplies()) return ~by_blocks(~crc, bytes, n);
#endif
  return ~by_nibbles(~crc, bytes, n);
}
