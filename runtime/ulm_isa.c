/* Which kernels this machine runs. On x86 the processor is asked; elsewhere the compiler's target
 * decides, but for dot products on 64-bit Arm under Linux, where the kernel lets programs ask. */
#include "ulm_state.h"

#if defined(__x86_64__)
#include <cpuid.h>
extern const ulm_kernels ulm_avx2, ulm_avxvnni, ulm_avx512;

enum { AVX2 = 1, AVX512 = 2, AVXVNNI = 4 };

static uint32_t xcr0(void) {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

/* All need F16C and an operating system that saves the registers. */
static uint32_t features(void) {
  uint32_t a, b, c, d, has = 0;
  if (__get_cpuid_max(0, NULL) < 7) return 0;
  __cpuid(1, a, b, c, d);
  if (!(c >> 27 & 1) || !(c >> 29 & 1) || (xcr0() & 6) != 6) return 0; /* OSXSAVE, F16C */
  __cpuid_count(7, 0, a, b, c, d);
  if (b >> 5 & 1) has |= AVX2;
  const uint32_t f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31, vnni = 1u << 11;
  if ((has & AVX2) && (b & f) && (b & dq) && (b & bw) && (b & vl) && (c & vnni) &&
      (xcr0() & 0xe6) == 0xe6)
    has |= AVX512;
  if (!(has & AVX2) || a < 1) return has; /* a: the last page of leaf 7 */
  __cpuid_count(7, 1, a, b, c, d);
  return has | (a >> 4 & 1 ? AVXVNNI : 0);
}
#elif defined(__wasm_simd128__)
extern const ulm_kernels ulm_wasm;
#elif defined(__aarch64__) && defined(__ARM_NEON)
extern const ulm_kernels ulm_neon, ulm_neon_dot;

/* Linux answers programs that read the identification registers (since 4.11, its manual calls it
 * HWCAP_CPUID); getauxval would be one more thing to ask of a libc. Elsewhere such a read may be a
 * fault: there the compiler's target says it. */
static int has_dot(void) {
#if defined(__ARM_FEATURE_DOTPROD)
  return 1;
#elif defined(__linux__)
  uint64_t isar0;
  __asm__("mrs %0, id_aa64isar0_el1" : "=r"(isar0));
  return (isar0 >> 44 & 15) != 0; /* DP */
#else
  return 0;
#endif
}
#elif defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 2)
extern const ulm_kernels ulm_mve;
#elif defined(__ARM_FEATURE_SIMD32) && __ARM_ARCH_PROFILE == 'M'
extern const ulm_kernels ulm_dsp;
#endif

/* A virtual machine takes 2 microseconds to say what its processor is: ask once a call. */
enum { MOST = 4 };
static uint32_t list(const ulm_kernels *have[MOST]) {
  uint32_t n = 0;
  have[n++] = &ulm_portable;
#if defined(__x86_64__)
  const uint32_t has = features();
  if (has & AVX2) have[n++] = &ulm_avx2;
  if (has & AVXVNNI) have[n++] = &ulm_avxvnni;
  if (has & AVX512) have[n++] = &ulm_avx512;
#elif defined(__wasm_simd128__)
  have[n++] = &ulm_wasm;
#elif defined(__aarch64__) && defined(__ARM_NEON)
  have[n++] = &ulm_neon;
  if (has_dot()) have[n++] = &ulm_neon_dot;
#elif defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 2)
  have[n++] = &ulm_mve;
#elif defined(__ARM_FEATURE_SIMD32) && __ARM_ARCH_PROFILE == 'M'
  have[n++] = &ulm_dsp;
#endif
  return n;
}

const ulm_kernels *ulm_kernels_at(uint32_t i) {
  const ulm_kernels *have[MOST];
  return i < list(have) ? have[i] : NULL;
}

/* strcmp would be one more thing to ask of a device's libc. */
static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

const ulm_kernels *ulm_kernels_named(const char *isa) {
  const ulm_kernels *have[MOST];
  uint32_t n = list(have);
  while (n && isa && !same(isa, have[n - 1]->name)) n--;
  return n ? have[n - 1] : NULL;
}
