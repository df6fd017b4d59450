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

/* The register tile over panels packed as a product packs them: what a product would reach if
 * packing, edges and memory cost nothing. A block of A, panels of B and C: 380 KB at most, which L2
 * holds. */
enum { ROWS = 72, KE = 512, COLS = 2 * NR, TILE_REALS = ROWS * KE + KE * COLS + ROWS * COLS };
_Static_assert(ROWS % MR == 0, "whole tiles");
size_t NAME(tile_work)(int threads) { return (size_t)threads * TILE_REALS; }

INLINE void tiles(const int pairs, real *work) {
  const real *a = work, *b = work + ROWS * KE;
  real *c = work + ROWS * KE + KE * COLS;
  for (size_t p = 0; p < COLS / NR; p++)
    for (size_t i = 0; i < ROWS; i += MR)
      tile(MR, NV, pairs, KE, a + i * KE, 1, MR, b + p * NR * KE, NR, c + i * COLS + p * NR, COLS,
           NR, 0);
}

static int by_rate(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? 1 : x > y ? -1 : 0;
}

/* Threads run side by side, each timing its own chunks of about 0.1 ms; what each reaches in a
 * tenth of them is added up. So a thread that is late or interrupted hides nothing, as long as it
 * runs at all. *median: what each reaches in half of them. work: tile_work(threads) values for the
 * tile, or NULL for the chains. */
static double probe(int bf16, int threads, double seconds, real *work, double *median) {
  enum { N = 20000, MOST = 512 };
  const int pairs = bf16 && PAIRS;
  double best = 0, half = 0, wrong = 0;
#pragma omp parallel num_threads(threads) reduction(+ : best, half, wrong)
  {
    double rates[MOST];
    real *mine = work ? work + (size_t)thread_id() * TILE_REALS : NULL, one = 1;
    size_t n = 0;
#ifdef __AVX512BF16__
    const uint32_t ones = 0x3f803f80; /* two in bfloat16 */
    if (pairs) memcpy(&one, &ones, sizeof one);
#endif
    for (size_t i = 0; work && i < TILE_REALS; i++) mine[i] = one;
    for (const double from = host_now(); n == 0 || (n < MOST && host_now() - from < seconds);) {
      const double start = host_now();
      if (!work)
        (void)(pairs ? chains(1, N, 1, 0x1p-20f) : chains(0, N, 1, 0x1p-20f));
      else if (pairs)
        tiles(1, mine);
      else
        tiles(0, mine);
      rates[n++] = (work ? (double)ROWS * COLS * KE : (double)N * CHAINS * VL) * (pairs ? 4 : 2) /
                   (host_now() - start);
    }
    wrong +=
        work && mine[TILE_REALS - 1] != KE * (pairs ? 2 : 1); /* what is timed is the product */
    qsort(rates, n, sizeof *rates, by_rate);
    best += rates[n / 10], half += rates[n / 2];
  }
  if (median) *median = wrong > 0 ? NAN : half;
  return wrong > 0 ? NAN : best;
}

double NAME(peak)(int bf16, int threads, double seconds) {
  return probe(bf16, threads, seconds, NULL, NULL);
}
double NAME(tile_rate)(int bf16, int threads, double seconds, real *work, double *median) {
  return probe(bf16, threads, seconds, work, median);
}
