#include "vocab.h"

#include <stdlib.h>
#include <string.h>

enum { SEEDS = 16, SLOTS_MAX = 1 << 20 };

/* A piece in VOCB's byte form: 0x20 for U+2581, 0xFF for U+FFFD. Returns its length. */
static size_t byte_form(const char *text, size_t n, uint8_t *out) {
  size_t k = 0;
  for (size_t i = 0; i < n;) {
    if (n - i >= 3 && !memcmp(text + i, "\u2581", 3))
      out[k++] = 0x20, i += 3;
    else if (n - i >= 3 && !memcmp(text + i, "\ufffd", 3))
      out[k++] = 0xff, i += 3;
    else
      out[k++] = (uint8_t)text[i++];
  }
  return k;
}

static int descending(const void *a, const void *b) {
  const float x = *(const float *)a, y = *(const float *)b;
  return (x < y) - (x > y);
}

/* rank of a piece = number of distinct scores above its own */
static void put_ranks(const spm *s, uint32_t pieces, uint8_t *ranks) {
  float *sorted = host_alloc(pieces * sizeof *sorted, "piece scores");
  for (uint32_t i = 0; i < pieces; i++) spm_piece(s, ULM_PIECE0 + i, NULL, &sorted[i], NULL);
  qsort(sorted, pieces, sizeof *sorted, descending);
  uint32_t distinct = 0;
  for (uint32_t i = 0; i < pieces; i++)
    if (i == 0 || sorted[i] != sorted[i - 1]) sorted[distinct++] = sorted[i];
  for (uint32_t i = 0; i < pieces; i++) {
    float score;
    spm_piece(s, ULM_PIECE0 + i, NULL, &score, NULL);
    const float *at = bsearch(&score, sorted, distinct, sizeof *sorted, descending);
    ulm_put16(ranks + 2 * (size_t)i, (uint16_t)(at - sorted));
  }
  free(sorted);
}

/* Linear probing. Returns the most slots a lookup visits, or 0 if more than ULM_VOCAB_PROBES. */
static uint32_t fill_slots(const uint8_t *offsets, const uint8_t *bytes, uint32_t pieces,
                           uint32_t seed, uint32_t slots, uint8_t *table) {
  uint32_t most = 1;
  memset(table, 0, 2 * (size_t)slots);
  for (uint32_t i = 0; i < pieces; i++) {
    const uint32_t from = ulm_get32(offsets + 4 * (size_t)i),
                   end = ulm_get32(offsets + 4 * (size_t)i + 4);
    const uint32_t first = ulm_vocab_hash(seed, bytes + from, end - from);
    uint32_t k = 0;
    while (ulm_get16(table + 2 * (size_t)((first + k) & (slots - 1))))
      if (++k == ULM_VOCAB_PROBES) return 0;
    ulm_put16(table + 2 * (size_t)((first + k) & (slots - 1)), (uint16_t)(ULM_PIECE0 + i));
    if (k + 1 > most) most = k + 1;
  }
  return most;
}

int vocab_build(const spm *s, uint8_t **bytes, size_t *n, host_error *e) {
  const uint32_t vocab = spm_vocab(s), pieces = vocab - ULM_PIECE0;
  const size_t head = ULM_VOCAB_HEADER + 4 * ((size_t)pieces + 1);
  uint8_t *offsets = host_alloc(4 * ((size_t)pieces + 1), "piece offsets");
  uint8_t *text = host_alloc((size_t)pieces * SPM_PIECE_MAX, "piece text");
  uint32_t at = 0, longest = 0;
  for (uint32_t i = 0; i < pieces; i++) {
    size_t k;
    const char *p = spm_piece(s, ULM_PIECE0 + i, &k, NULL, NULL);
    k = byte_form(p, k, text + at);
    at += (uint32_t)k;
    if (k > longest) longest = (uint32_t)k;
    ulm_put32(offsets + 4 * ((size_t)i + 1), at);
  }

  uint32_t slots = 2, seed = 0, probes = 0;
  while (2 * (uint64_t)slots < 3 * (uint64_t)pieces) slots *= 2; /* at most 2/3 full */
  uint8_t *table = NULL;
  for (; !probes && slots <= SLOTS_MAX; slots *= probes ? 1 : 2) {
    table = host_realloc(table, 2 * (size_t)slots, "the piece table");
    for (seed = 0;
         seed < SEEDS && !(probes = fill_slots(offsets, text, pieces, seed, slots, table));)
      seed++;
  }
  int bad = 0;
  if (!probes) {
    bad =
        host_fail(e, "tokenizer: its %u pieces fit no hash table; train another vocabulary", vocab);
  } else {
    const size_t ranks = head, places = ranks + 2 * (size_t)pieces,
                 bodies = places + 2 * (size_t)slots;
    uint8_t *p = host_alloc(*n = bodies + at, "the device tokenizer");
    ulm_put32(p, vocab);
    ulm_put32(p + 4, slots);
    ulm_put32(p + 8, seed);
    ulm_put32(p + 12, at);
    ulm_put32(p + 16, longest);
    ulm_put32(p + 20, probes);
    memcpy(p + ULM_VOCAB_HEADER, offsets, 4 * ((size_t)pieces + 1));
    put_ranks(s, pieces, p + ranks);
    memcpy(p + places, table, 2 * (size_t)slots);
    memcpy(p + bodies, text, at);
    *bytes = p;
  }
  free(offsets);
  free(text);
  free(table);
  return bad;
}
