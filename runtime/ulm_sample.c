#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "ulm_state.h"
#include "ulm_math.h"

#define ULM_INFINITY ulm_as_float(0x7f800000)

static int allowed(const ulm_mask *mask, uint32_t id) {
  return id < sizeof mask->low ? mask->low[id] : mask->rest;
}

/* Largest allowed logit; the lowest id among equals, the first allowed one if none is a number. */
static uint32_t best(const ulm_kernels *k, const float *logits, uint32_t vocab,
                     const ulm_mask *mask) {
  const uint32_t low = sizeof mask->low;
  float most = -ULM_INFINITY;
  for (uint32_t i = 0; i < low; i++)
    if (mask->low[i] && logits[i] > most) most = logits[i];
  if (mask->rest) most = k->largest(logits + low, vocab - low, most);
  for (uint32_t i = 0; i < vocab; i++)
    if (logits[i] == most && allowed(mask, i)) return i;
  for (uint32_t i = 0; i < vocab; i++)
    if (allowed(mask, i)) return i;
  return 0;
}

/* ---- A heap of ids, the most likely on top; ties go to the lower id. NaN never gets in. ---- */

static int before(const float *logits, uint16_t a, uint16_t b) {
  return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
}

static void sift(uint16_t *heap, uint32_t n, uint32_t i, const float *logits) {
  const uint16_t id = heap[i];
  for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && before(logits, heap[child + 1], heap[child])) child++;
    if (!before(logits, heap[child], id)) break;
    heap[i] = heap[child];
  }
  heap[i] = id;
}

uint16_t ulm_draw(ulm *m, const ulm_mask *mask, float temperature, float top_p, ulm_rng *rng) {
  const float *logits = m->logits;
  const uint32_t vocab = m->config.vocab;
  const ulm_kernels *k = m->kernels;
  const uint32_t low = sizeof mask->low, top = best(k, logits, vocab, mask);
  if (temperature < 1e-3f || !(logits[top] > -3e38f && logits[top] < 3e38f)) return (uint16_t)top;

  const float max = logits[top], inverse = 1.0f / temperature;
  float lane[ULM_LANES] = {0};
  const uint32_t whole = low + (ULM_LANES - low % ULM_LANES) % ULM_LANES; /* lane 0 again */
  for (uint32_t i = 0; i < vocab && i < whole; i++)
    if (allowed(mask, i)) lane[i % ULM_LANES] += ulm_exp((logits[i] - max) * inverse);
  if (mask->rest && vocab > whole) k->mass(lane, logits + whole, vocab - whole, max, inverse);
  const float sum = ulm_fold(lane);

  /* Tokens below the cutoff together hold less than 1 - top_p. */
  const float cutoff = (1.0f - top_p) * sum / (float)vocab;
  uint16_t *heap = m->ids;
  uint32_t n = 0;
  for (uint32_t i = 0; i < low; i++)
    if (mask->low[i]) n += k->likely(heap + n, logits, i, i + 1, max, inverse, cutoff);
  if (mask->rest) n += k->likely(heap + n, logits, low, vocab, max, inverse, cutoff);
  for (uint32_t i = n / 2; i-- > 0;) sift(heap, n, i, logits);

  /* Takes tokens off the top until their mass is reached; they gather behind the heap, last one
   * first. */
  float mass = 0;
  uint32_t left = n;
  while (left > 0 && (left == n || mass < top_p * sum)) {
    const uint16_t id = heap[0];
    heap[0] = heap[--left];
    if (left) sift(heap, left, 0, logits);
    heap[left] = id;
    mass += ulm_exp((logits[id] - max) * inverse);
  }
  float point = ulm_rng_f32(rng) * mass;
  for (uint32_t i = n; i-- > left;) {
    point -= ulm_exp((logits[heap[i]] - max) * inverse);
    if (point < 0) return heap[i];
  }
  return heap[n - 1];
}

static float within(float x) {
  x = x > -1000.0f ? x : -1000.0f; /* NaN too */
  return x < 1000.0f ? x : 1000.0f;
}

void ulm_surprise(const ulm_kernels *k, const float *logits, uint32_t vocab, uint16_t id,
                  float out[3]) {
  float two[2], mass[ULM_LANES] = {0}, mean[ULM_LANES] = {0};
  k->spread(logits, vocab, two, mass, mean);
  const float sum = ulm_fold(mass), log_sum = ulm_log(sum);
  out[0] = within(logits[id] - two[0] - log_sum);
  out[1] = within(log_sum - ulm_fold(mean) / sum);
  out[2] = within(two[0] - two[1]);
}
