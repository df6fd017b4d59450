#include "near.h"

#include <math.h>

void near_half(near_sketch *s, int half, const uint64_t *x, size_t count) {
  uint64_t *v = s->value + half * NEAR_SIDE;
  for (int i = 0; i < NEAR_SIDE; i++) v[i] = UINT64_MAX;
  for (uint64_t round = 0, filled = 0; filled < NEAR_SIDE; round++)
    for (size_t i = 0; i < count; i++) {
      const uint64_t h = hash_mix(x[i] + (round * 2 + (uint64_t)half + 1) * 0x9e3779b97f4a7c15u);
      /* From round NEAR_SIDE on each round fills the bin of its number, so all get filled. */
      const size_t bin = round < NEAR_SIDE ? h >> 58 : round - NEAR_SIDE;
      const uint64_t value = round << 56 | (h & 0xffffffffffffffu);
      filled += v[bin] == UINT64_MAX;
      if (value < v[bin]) v[bin] = value;
    }
}

int near_rows(double threshold) {
  int rows = 2;
  for (int r = 4; r <= 32; r += 2)
    if (1 - pow(1 - pow(threshold, r), NEAR_VALUES / r) >= 0.99) rows = r;
  return rows;
}

int near_bands(const near_sketch *s, int rows, uint64_t *key) {
  const int bands = NEAR_VALUES / rows, half = rows / 2;
  for (int b = 0; b < bands; b++) {
    uint64_t h = (uint64_t)b;
    for (int i = b * half; i < (b + 1) * half; i++) {
      h = hash_mix(h ^ s->value[i]);
      h = hash_mix(h ^ s->value[NEAR_SIDE + i]);
    }
    key[b] = h;
  }
  return bands;
}

void near_bytes(const near_sketch *s, uint8_t out[NEAR_VALUES]) {
  for (int i = 0; i < NEAR_VALUES; i++) out[i] = (uint8_t)hash_mix(s->value[i]);
}

double near_similarity(const uint8_t a[NEAR_VALUES], const uint8_t b[NEAR_VALUES], bool apart) {
  int same[2] = {0};
  for (int i = 0; i < NEAR_VALUES; i++) same[i / NEAR_SIDE] += a[i] == b[i];
  const double chance = 1.0 / 256; /* that bytes of unequal values are equal */
  const double x = apart ? (same[0] < same[1] ? same[0] : same[1]) / (double)NEAR_SIDE
                         : (same[0] + same[1]) / (double)NEAR_VALUES;
  return (x - chance) / (1 - chance);
}
