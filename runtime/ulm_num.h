/* Number formats, checksum, random numbers and UTF-8: what hosts and devices share.
 * No allocation, no I/O; every function is a pure function of its arguments. */
#ifndef ULM_NUM_H
#define ULM_NUM_H

#include "ulm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Number formats --------------------------------------------------------------------------
 * A matrix [rows, cols] is stored as its values, then (quantized types) its scales.
 *   F32   rows*cols float
 *   F16   rows*cols IEEE binary16
 *   INT8  rows*cols int8, then rows*cols/32 binary16 scales:   w = q * scale,       q in -127..127
 *   INT4  rows*cols/2 bytes, then rows*cols/32 binary16 scales: w = (n - 8) * scale, n in 0..15;
 *         byte i (0..15) of a group of 32 holds element i in its low and i + 16 in its high nibble
 * Groups are 32 consecutive elements of one row, so cols must divide by 32 for INT8 and INT4.
 * Values and scales each start on a multiple of 64 bytes. */
typedef enum { ULM_F32 = 0, ULM_F16 = 1, ULM_INT8 = 2, ULM_INT4 = 3, ULM_TYPES } ulm_type;
enum { ULM_GROUP = 32 };

const char *ulm_type_name(ulm_type t); /* "f32", "f16", "int8", "int4"; "?" if unknown */
/* Bytes of the values / of the scales of a [rows, cols] matrix (cols 0: a vector). Unpadded. */
uint64_t ulm_values_size(ulm_type t, uint64_t rows, uint64_t cols);
uint64_t ulm_scales_size(ulm_type t, uint64_t rows, uint64_t cols);
/* Both, each padded to ULM_ALIGN: the bytes one tensor takes in a file. */
uint64_t ulm_tensor_size(ulm_type t, uint64_t rows, uint64_t cols);

uint16_t ulm_f16_from_f32(float x); /* round to nearest even; overflow to infinity */
float ulm_f32_from_f16(uint16_t h); /* exact */

/* Reference quantizers, round to nearest. x[n], n % 32 == 0; q: n (INT8) or n/2 (INT4) bytes;
 * scale[n/32]. Not-finite inputs are the caller's to refuse. */
void ulm_quant_s8(size_t n, const float *x, int8_t *q, uint16_t *scale);
void ulm_quant_s4(size_t n, const float *x, uint8_t *q, uint16_t *scale);
void ulm_dequant_s8(size_t n, const int8_t *q, const uint16_t *scale, float *x);
void ulm_dequant_s4(size_t n, const uint8_t *q, const uint16_t *scale, float *x);

/* ---- Checksum: CRC-32 (IEEE 802.3, reflected, as zlib's) --------------------------------------
 */
uint32_t ulm_crc32(uint32_t crc, const void *bytes, size_t n); /* start with 0; chains */

/* ---- Random numbers: PCG32 (O'Neill 2014), 64-bit state ----------------------------------------
 */
typedef struct {
  uint64_t state, stream;
} ulm_rng;
ulm_rng ulm_rng_seed(uint64_t seed, uint64_t stream);
uint32_t ulm_rng_u32(ulm_rng *r);
uint32_t ulm_rng_below(ulm_rng *r, uint32_t n); /* uniform in 0..n-1 without bias; n >= 1 */
float ulm_rng_f32(ulm_rng *r);                  /* uniform in [0, 1), 24 bits */

/* ---- UTF-8 -------------------------------------------------------------------------------------
 */
/* Length of the valid, shortest-form, non-surrogate sequence at s (1..4), or 0 if it is none. */
size_t ulm_utf8_len(const uint8_t *s, size_t n);
/* Bytes at the end of s that may be the start of an unfinished character (0..3). */
size_t ulm_utf8_pending(const uint8_t *s, size_t n);

/* ---- Little-endian fields, read and written one by one ------------------------------------------
 */
static inline uint16_t ulm_get16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }
static inline uint32_t ulm_get32(const uint8_t *p) {
  return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}
static inline uint64_t ulm_get64(const uint8_t *p) {
  return ulm_get32(p) | (uint64_t)ulm_get32(p + 4) << 32;
}
static inline void ulm_put16(uint8_t *p, uint16_t v) {
  p[0] = (uint8_t)v, p[1] = (uint8_t)(v >> 8);
}
static inline void ulm_put32(uint8_t *p, uint32_t v) {
  for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> 8 * i);
}
static inline void ulm_put64(uint8_t *p, uint64_t v) {
  for (int i = 0; i < 8; i++) p[i] = (uint8_t)(v >> 8 * i);
}
static inline uint64_t ulm_pad64(uint64_t n) { return (n + 63) & ~(uint64_t)63; }

#ifdef __cplusplus
}
#endif
#endif
