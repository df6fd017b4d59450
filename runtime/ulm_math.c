#include "ulm_math.h"

/* x = m 2^e with m in sqrt(1/2)..sqrt(2); log m by the polynomial of Cephes logf in m - 1. */
float ulm_log(float x) {
  x = x > 1e-30f ? x : 1e-30f;
  x = x < 3.4028235e38f ? x : 3.4028235e38f;
  const uint32_t bits = ulm_as_bits(x), shifted = bits - 0x3f3504f3; /* sqrt(1/2) */
  const int32_t e = (int32_t)shifted >> 23;
  const float m = ulm_as_float(bits - ((uint32_t)e << 23)) - 1.0f, z = m * m;
  float y = 7.0376836292e-2f;
  y = y * m + -1.1514610310e-1f;
  y = y * m + 1.1676998740e-1f;
  y = y * m + -1.2420140846e-1f;
  y = y * m + 1.4249322787e-1f;
  y = y * m + -1.6668057665e-1f;
  y = y * m + 2.0000714765e-1f;
  y = y * m + -2.4999993993e-1f;
  y = y * m + 3.3333331174e-1f;
  y = y * m * z;
  y = y + (float)e * -2.12194440e-4f;
  y = y - 0.5f * z;
  return m + y + (float)e * 0.693359375f;
}

/* A guess from the exponent (3.5% off), then Newton: each step squares the relative error times
 * 3/2. */
float ulm_rsqrt(float x) {
  float y = ulm_as_float(0x5f375a86 - (ulm_as_bits(x) >> 1));
  const float half = 0.5f * x;
  for (int i = 0; i < 4; i++) y = y * (1.5f - half * y * y);
  return y;
}

/* Nearest quarter turn, then the polynomials of Cephes sinf and cosf on |a| <= pi/4. */
void ulm_sincos(uint64_t turn, float *sine, float *cosine) {
  const uint64_t quarter = (turn + ((uint64_t)1 << 61)) >> 62;
  const uint64_t rest = turn - (quarter << 62); /* -1/8..1/8 of a turn, wrapped */
  const float a = (float)(int32_t)(uint32_t)(rest >> 32) * 1.46291807927e-9f; /* 2 pi / 2^32 */
  const float z = a * a;
  float s = -1.9515295891e-4f;
  s = s * z + 8.3321608736e-3f;
  s = s * z + -1.6666654611e-1f;
  s = s * z * a + a;
  float c = 2.443315711809948e-5f;
  c = c * z + -1.388731625493765e-3f;
  c = c * z + 4.166664568298827e-2f;
  c = c * z * z - 0.5f * z + 1.0f;
  const float swap_s = quarter & 1 ? c : s, swap_c = quarter & 1 ? s : c;
  *sine = quarter & 2 ? -swap_s : swap_s;
  *cosine = (quarter + 1) & 2 ? -swap_c : swap_c;
}

/* The few doubles of the runtime, once at open: an angle at position 16,384 must still be right to
 * 1e-6. ln m = 2 atanh((m - 1) / (m + 1)); e^x by its series after halving x ten times. */
uint64_t ulm_rope_turn(float base, uint32_t i, uint32_t head_dim) {
  const uint32_t bits = ulm_as_bits(base);
  const double m = (double)ulm_as_float((bits & 0x7fffff) | 0x3f800000);
  const int e = (int)(bits >> 23) - 127;
  const double t = (m - 1.0) / (m + 1.0), tt = t * t; /* 0..1/3 */
  double atanh = 0;
  for (int k = 39; k >= 1; k -= 2) atanh = atanh * tt + 1.0 / (double)k;
  const double ln = 2.0 * t * atanh + (double)e * 0.69314718055994530942;
  const double x = -ln * (2.0 * (double)i / (double)head_dim) * 0x1p-10; /* |x| < 0.0203 */
  double y = 1.0;
  for (int k = 10; k >= 1; k--) y = 1.0 + y * x / (double)k;
  for (int k = 0; k < 10; k++) y = y * y;
  return (uint64_t)(y * 0.15915494309189533577 * 0x1p64);
}
