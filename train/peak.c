/* The most multiply-adds a second that the register tile's units do: independent chains,
 * nothing loaded or stored. What a share of peak is a share of. */
#include "gemm.h"
#include "kernels.h"
#include <stdlib.h>

#ifdef __AVX512BF16__
enum { PAIRS = 1 };
#else
enum { PAIRS = 0 };
#endif

/* Enough to hide a latency of 6 cycles on 2 units; 8 where registers are 16. */
enum { CHAINS = MR * NV < 12 ? 8 : 12 };

/* The compiler must believe that x may have changed, and must have it in a register. */
#if defined __x86_64__
#define OPAQUE(x) __asm__ volatile("" : "+v"(x))
#elif defined __aarch64__
#define OPAQUE(x) __asm__ volatile("" : "+w"(x))
#else
#define OPAQUE(x) __asm__ volatile("" : "+m"(x))
#endif

INLINE real chains(const int pairs, size_t n, real one, real tiny) {
  vec acc[CHAINS], a = broadcast(pairs, &one), b = broadcast(pairs, &tiny);
  UNROLL for (int i = 0; i < CHAINS; i++) acc[i] = (vec){0};
  for (size_t k = 0; k < n; k++) {
    UNROLL for (int i = 0; i < CHAINS; i++) {
      OPAQUE(a);
      acc[i] = mac(pairs, acc[i], a, b);
      OPAQUE(acc[i]);
    }
  }
  return acc[0][0];
}

static int by_rate(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? 1 : x > y ? -1 : 0;
}

/* Threads run side by side, each timing its own chunks of about 0.1 ms; the peak is the sum of what
 * each reaches in a tenth of them. So a thread that is late or interrupted hides nothing, as long
 * as it runs at all. */
double NAME(peak)(int bf16, int threads, double seconds) {
  enum { N = 20000, MOST = 512 };
  const int pairs = bf16 && PAIRS;
  double sum = 0;
#pragma omp parallel num_threads(threads) reduction(+ : sum)
  {
    double rates[MOST];
    size_t n = 0;
    for (const double from = host_now(); n == 0 || (n < MOST && host_now() - from < seconds);) {
      const double start = host_now();
      (void)(pairs ? chains(1, N, 1, 0x1p-20f) : chains(0, N, 1, 0x1p-20f));
      rates[n++] = (double)N * CHAINS * VL * (pairs ? 4 : 2) / (host_now() - start);
    }
    qsort(rates, n, sizeof *rates, by_rate);
    sum += rates[n / 10];
  }
  return sum;
}
