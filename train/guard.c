#include "guard.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

guard guard_new(void) { return (guard){.low = INFINITY, .val = INFINITY}; }

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}
static double median(double *x, size_t n) {
  qsort(x, n, sizeof *x, by_size);
  return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

static size_t held(const guard *g) {
  return g->seen < GUARD_WINDOW ? (size_t)g->seen : GUARD_WINDOW;
}

void guard_add(guard *g, double loss) {
  double x[GUARD_WINDOW];
  g->losses[g->seen++ % GUARD_WINDOW] = loss;
  if (held(g) < GUARD_LEAST) return;
  memcpy(x, g->losses, sizeof x);
  g->low = fmin(g->low, median(x, held(g)));
}

double guard_limit(const guard *g, double spike) {
  double x[GUARD_WINDOW];
  const size_t n = held(g);
  if (!(spike > 0) || n < GUARD_LEAST) return INFINITY;
  memcpy(x, g->losses, sizeof x);
  const double middle = median(x, n);
  for (size_t i = 0; i < n; i++) x[i] = fabs(x[i] - middle);
  return g->low + spike * fmax(1.4826 * median(x, n), GUARD_FLOOR);
}

static void put(uint8_t *out, double x) {
  uint64_t u;
  memcpy(&u, &x, sizeof u);
  ulm_put64(out, u);
}
static double get(const uint8_t *in) {
  const uint64_t u = ulm_get64(in);
  double x;
  memcpy(&x, &u, sizeof x);
  return x;
}

void guard_write(const guard *g, uint8_t out[GUARD_SIZE]) {
  ulm_put32(out, g->stale), ulm_put32(out + 4, g->patience);
  ulm_put32(out + 8, g->first), ulm_put32(out + 12, 0);
  put(out + 16, g->spike), put(out + 24, g->low);
  ulm_put64(out + 32, g->seen);
  put(out + 40, g->val), ulm_put64(out + 48, g->best);
  for (size_t i = 0; i < GUARD_WINDOW; i++) put(out + 56 + 8 * i, g->losses[i]);
}

int guard_read(guard *g, const uint8_t in[GUARD_SIZE], host_error *e) {
  uint8_t same[GUARD_SIZE];
  *g = (guard){.stale = ulm_get32(in),
               .patience = ulm_get32(in + 4),
               .first = ulm_get32(in + 8),
               .spike = get(in + 16),
               .low = get(in + 24),
               .seen = ulm_get64(in + 32),
               .val = get(in + 40),
               .best = ulm_get64(in + 48)};
  bool good = g->spike >= 0 && isfinite(g->spike) && !isnan(g->low) && g->low > -INFINITY &&
              g->val > -INFINITY && isfinite(g->low) == (g->seen >= GUARD_LEAST);
  for (size_t i = 0; i < GUARD_WINDOW; i++) {
    g->losses[i] = get(in + 56 + 8 * i);
    good &= isfinite(g->losses[i]) && (i < g->seen || g->losses[i] == 0);
  }
  guard_write(g, same);
  if (good && !memcmp(same, in, GUARD_SIZE)) return 0;
  return host_fail(e, "the losses that its guard remembers are not ones that this program writes");
}
