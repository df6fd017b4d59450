#include "ulm_num.h"
#include <string.h>

const char *ulm_status_text(ulm_status s) {
  switch (s) {
  case ULM_OK:
    return "done";
  case ULM_E_ARGUMENT:
    return "argument out of range";
  case ULM_E_FORMAT:
    return "malformed file";
  case ULM_E_VERSION:
    return "unknown format version";
  case ULM_E_CHECKSUM:
    return "checksum does not match";
  case ULM_E_MEMORY:
    return "arena too small or misaligned";
  case ULM_E_CONTEXT:
    return "context window is full";
  case ULM_E_CANCELLED:
    return "cancelled";
  }
  return "unknown status";
}

const char *ulm_type_name(ulm_type t) {
  static const char *const names[ULM_TYPES] = {"f32", "f16", "int8", "int4"};
  return (unsigned)t < ULM_TYPES ? names[t] : "?";
}

uint64_t ulm_values_size(ulm_type t, uint64_t rows, uint64_t cols) {
  const uint64_t n = rows * (cols ? cols : 1);
  switch (t) {
  case ULM_F32:
    return n * 4;
  case ULM_F16:
    return n * 2;
  case ULM_INT8:
    return n;
  case ULM_INT4:
    return n / 2;
  default:
    return 0;
  }
}

uint64_t ulm_scales_size(ulm_type t, uint64_t rows, uint64_t cols) {
  return t == ULM_INT8 || t == ULM_INT4 ? rows * (cols / ULM_GROUP) * 2 : 0;
}

uint64_t ulm_tensor_size(ulm_type t, uint64_t rows, uint64_t cols) {
  return ulm_pad64(ulm_values_size(t, rows, cols)) + ulm_pad64(ulm_scales_size(t, rows, cols));
}

/* ---- binary16 ---- */

uint16_t ulm_f16_from_f32(float x) {
  uint32_t u;
  memcpy(&u, &x, 4);
  const uint16_t sign = (uint16_t)(u >> 16 & 0x8000);
  const uint32_t mag = u & 0x7fffffff;
  if (mag > 0x7f800000) return sign | 0x7e00;  /* NaN */
  if (mag >= 0x477ff000) return sign | 0x7c00; /* rounds to 65536 or more */
  if (mag < 0x33000001) return sign;           /* at most half the least subnormal */
  uint32_t m, shift;
  if (mag < 0x38800000) {      /* subnormal: unit 2^-24 */
    shift = 126 - (mag >> 23); /* 14..24 */
    m = (mag & 0x7fffff) | 0x800000;
  } else {
    shift = 13;
    m = mag - (112u << 23); /* rebias 127 -> 15, keep exponent */
  }
  const uint32_t half = 1u << (shift - 1), rest = m & ((half << 1) - 1);
  m >>= shift;
  m += rest > half || (rest == half && (m & 1));
  return (uint16_t)(sign | m);
}

float ulm_f32_from_f16(uint16_t h) {
  const uint32_t sign = (uint32_t)(h & 0x8000) << 16, e = h >> 10 & 31, m = h & 1023;
  uint32_t u;
  if (e == 31) {
    u = sign | 0x7f800000 | m << 13;
  } else if (e) {
    u = sign | (e + 112) << 23 | m << 13;
  } else {
    const float f = (float)m * 0x1p-24f; /* exact: m < 2^10 */
    memcpy(&u, &f, 4);
    u |= sign;
  }
  float f;
  memcpy(&f, &u, 4);
  return f;
}

/* ---- quantizers ---- */

/* Nearest integer, ties to even; |x| < 2^22. The sum leaves no fraction bits, so it rounds. */
static int nearest(float x) {
  volatile float y = x + 12582912.0f; /* 1.5 * 2^23 */
  return (int)(y - 12582912.0f);
}
static int clamp(int v, int lo, int hi) { return v < lo ? lo : v > hi ? hi : v; }

void ulm_quant_s8(size_t n, const float *x, int8_t *q, uint16_t *scale) {
  for (size_t g = 0; g < n / ULM_GROUP; g++, x += ULM_GROUP, q += ULM_GROUP) {
    float amax = 0;
    for (int i = 0; i < ULM_GROUP; i++) {
      const float a = x[i] < 0 ? -x[i] : x[i];
      amax = a > amax ? a : amax;
    }
    scale[g] = ulm_f16_from_f32(amax / 127.0f);
    const float s = ulm_f32_from_f16(scale[g]);
    for (int i = 0; i < ULM_GROUP; i++)
      q[i] = s > 0 ? (int8_t)clamp(nearest(x[i] / s), -127, 127) : 0;
  }
}

/* The value of largest magnitude becomes -8, so all sixteen codes are used. */
void ulm_quant_s4(size_t n, const float *x, uint8_t *q, uint16_t *scale) {
  for (size_t g = 0; g < n / ULM_GROUP; g++, x += ULM_GROUP, q += ULM_GROUP / 2) {
    float amax = 0, top = 0;
    for (int i = 0; i < ULM_GROUP; i++) {
      const float a = x[i] < 0 ? -x[i] : x[i];
      if (a > amax) amax = a, top = x[i];
    }
    scale[g] = ulm_f16_from_f32(top / -8.0f);
    const float s = ulm_f32_from_f16(scale[g]);
    for (int i = 0; i < ULM_GROUP / 2; i++) {
      const int lo = s != 0 ? clamp(nearest(x[i] / s), -8, 7) : 0;
      const int hi = s != 0 ? clamp(nearest(x[i + 16] / s), -8, 7) : 0;
      q[i] = (uint8_t)((lo + 8) | (hi + 8) << 4);
    }
  }
}

void ulm_dequant_s8(size_t n, const int8_t *q, const uint16_t *scale, float *x) {
  for (size_t i = 0; i < n; i++) x[i] = (float)q[i] * ulm_f32_from_f16(scale[i / ULM_GROUP]);
}

void ulm_dequant_s4(size_t n, const uint8_t *q, const uint16_t *scale, float *x) {
  for (size_t g = 0; g < n / ULM_GROUP; g++, q += ULM_GROUP / 2, x += ULM_GROUP) {
    const float s = ulm_f32_from_f16(scale[g]);
    for (int i = 0; i < ULM_GROUP / 2; i++) {
      x[i] = (float)((q[i] & 15) - 8) * s;
      x[i + 16] = (float)((q[i] >> 4) - 8) * s;
    }
  }
}

/* ---- PCG32 ---- */

ulm_rng ulm_rng_seed(uint64_t seed, uint64_t stream) {
  ulm_rng r = {0, stream << 1 | 1};
  (void)ulm_rng_u32(&r);
  r.state += seed;
  (void)ulm_rng_u32(&r);
  return r;
}

uint32_t ulm_rng_u32(ulm_rng *r) {
  const uint64_t s = r->state;
  r->state = s * 6364136223846793005u + r->stream;
  const uint32_t x = (uint32_t)((s >> 18 ^ s) >> 27), rot = (uint32_t)(s >> 59);
  return x >> rot | x << (-rot & 31);
}

uint32_t ulm_rng_below(ulm_rng *r, uint32_t n) {
  const uint32_t floor = -n % n; /* 2^32 mod n: draws below it would favour small results */
  for (;;) {
    const uint32_t x = ulm_rng_u32(r);
    if (x >= floor) return x % n;
  }
}

float ulm_rng_f32(ulm_rng *r) { return (float)(ulm_rng_u32(r) >> 8) * 0x1p-24f; }

/* ---- UTF-8 (RFC 3629, section 4) ---- */

size_t ulm_utf8_len(const uint8_t *s, size_t n) {
  if (n == 0) return 0;
  const uint8_t a = s[0];
  if (a < 0x80) return 1;
  if (a < 0xc2 || a > 0xf4) return 0;
  const size_t len = a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
  if (n < len) return 0;
  for (size_t i = 1; i < len; i++)
    if ((s[i] & 0xc0) != 0x80) return 0;
  if (a == 0xe0 && s[1] < 0xa0) return 0; /* longer than needed */
  if (a == 0xed && s[1] > 0x9f) return 0; /* surrogate */
  if (a == 0xf0 && s[1] < 0x90) return 0;
  if (a == 0xf4 && s[1] > 0x8f) return 0; /* above U+10FFFF */
  return len;
}

size_t ulm_utf8_pending(const uint8_t *s, size_t n) {
  for (size_t back = 1; back <= 3 && back <= n; back++) {
    const uint8_t a = s[n - back];
    if ((a & 0xc0) == 0x80) continue;
    const size_t len = a < 0xc2 ? 1 : a < 0xe0 ? 2 : a < 0xf0 ? 3 : a < 0xf5 ? 4 : 1;
    return len > back ? back : 0;
  }
  return 0;
}
