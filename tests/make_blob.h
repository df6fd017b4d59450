/* A small blob in memory with random weights, for tests of the runtime. */
#ifndef TESTS_MAKE_BLOB_H
#define TESTS_MAKE_BLOB_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/ulm_blob.h"
#include "runtime/ulm_kernels.h"
#include "tokenizer/vocab.h"

/* Puts sections into a container; returns an exactly-sized block to free. */
typedef struct {
  uint32_t tag;
  const void *data;
  size_t size;
} made_section;

static inline void
made_fix(uint8_t *p) { /* repairs every checksum of a container whose table is sound */
  const uint32_t n = ulm_get32(p + 24);
  for (uint32_t i = 0; i < n; i++) {
    uint8_t *e = p + ULM_FILE_HEADER + i * ULM_FILE_ENTRY;
    ulm_put32(e + 4, ulm_crc32(0, p + ulm_get64(e + 8), (size_t)ulm_get64(e + 16)));
  }
  ulm_put32(p + 28, 0);
  ulm_put32(p + 28, ulm_crc32(0, p, ULM_FILE_HEADER + n * ULM_FILE_ENTRY));
}

static inline uint8_t *made_container(uint32_t kind, const made_section *s, uint32_t n,
                                      size_t *size) {
  uint64_t at = ULM_FILE_HEADER + n * ULM_FILE_ENTRY;
  for (uint32_t i = 0; i < n; i++) at = ulm_pad64(at) + s[i].size;
  *size = (size_t)ulm_pad64(at);
  uint8_t *p = calloc(1, *size);
  memcpy(p, "\x89ULM\r\n\x1a\n", 8);
  ulm_put32(p + 8, kind);
  ulm_put16(p + 12, ULM_FILE_VERSION);
  ulm_put16(p + 14, 0x0102);
  ulm_put64(p + 16, *size);
  ulm_put32(p + 24, n);
  at = ULM_FILE_HEADER + n * ULM_FILE_ENTRY;
  for (uint32_t i = 0; i < n; i++) {
    uint8_t *e = p + ULM_FILE_HEADER + i * ULM_FILE_ENTRY;
    at = ulm_pad64(at);
    ulm_put32(e, s[i].tag);
    ulm_put64(e + 8, at);
    ulm_put64(e + 16, s[i].size);
    if (s[i].size) memcpy(p + at, s[i].data, s[i].size);
    at += s[i].size;
  }
  made_fix(p);
  return p;
}

/* A VOCB section (ulm_tok.h, docs/FORMATS.md): single letters, then letter pairs and triples, some
 * after a space, then accented letters and marks. */
static inline uint8_t *made_vocab(uint32_t vocab, size_t *size) {
  static const char *const first[] = {" ",      ".",      ",", "y",   "z",  "a",   "Y", " the",
                                      "\u00e9", "\u6771", "?", " is", ". ", "!\"", "-", "\u2014"};
  const uint32_t pieces = vocab - ULM_PIECE0;
  vocab_piece *list = calloc(pieces, sizeof *list);
  char *text = malloc(pieces * 8u + 1), *s = text;
  for (uint32_t i = 0, j; i < pieces; i++, s += strlen(s) + 1) {
    if (i < 16)
      sprintf(s, "%s", first[i]);
    else {
      j = i - 16;
      uint32_t n = (uint32_t)sprintf(s, "%s%c", j & 1 ? " " : "", 'b' + (j / 2) % 23);
      for (j /= 46; j; j /= 26) n += (uint32_t)sprintf(s + n, "%c", 'A' + (j - 1) % 26);
    }
    list[i] = (vocab_piece){s, strlen(s), -(float)i};
  }
  host_error e;
  uint8_t *bytes;
  if (vocab_make(list, pieces, &bytes, size, &e)) host_die("%s", e.text);
  free(text);
  free(list);
  return bytes;
}

/* Random parameters in table order: matrices N(0, std)-like, norms about 1. */
static inline float *made_params(const ulm_config *c, float std, uint64_t seed) {
  float *w = malloc((size_t)ulm_param_count(c) * sizeof *w);
  ulm_rng r = ulm_rng_seed(seed, 3);
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    for (uint64_t j = 0; j < t.count; j++) {
      float x = 0;
      for (int k = 0; k < 4; k++) x += ulm_rng_f32(&r) - 0.5f; /* variance 1/3 */
      w[t.start + j] = t.cols ? x * 1.7f * std : 1.0f + 0.25f * x;
    }
  }
  return w;
}

/* 1: quantized matrices lie in rows, 0: in tiles, as the exporter writes them. */
static int made_in_rows;

/* Weights of one number format (norms f32) and their directory. */
static inline void made_weights(const ulm_config *c, ulm_type type, const float *w, uint8_t **dir,
                                size_t *dir_size, uint8_t **weights, size_t *size) {
  const uint32_t n = ulm_tensor_count(c);
  *dir = malloc(*dir_size = (size_t)n * ULM_TDIR_ENTRY);
  uint64_t end = 0;
  for (uint32_t i = 0; i < n; i++) {
    end = ulm_tdir_write(*dir + i * ULM_TDIR_ENTRY, c, i, ulm_tensor_at(c, i).cols ? type : ULM_F32,
                         end);
    if (type >= ULM_INT8 && ulm_tensor_at(c, i).cols && !made_in_rows)
      ulm_tdir_tiled(*dir + i * ULM_TDIR_ENTRY);
  }
  *weights = calloc(1, *size = (size_t)end);
  for (uint32_t i = 0; i < n; i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    const ulm_section s = {*dir, *dir_size, 0, 0, 0};
    const ulm_placed p = ulm_tdir_at(&s, i);
    void *values = *weights + p.offset;
    uint16_t *scales = (uint16_t *)(void *)(*weights + p.scales);
    const float *x = w + t.start;
    switch (p.type) {
    case ULM_F32:
      memcpy(values, x, t.count * 4);
      break;
    case ULM_F16:
      for (uint64_t j = 0; j < t.count; j++) ((uint16_t *)values)[j] = ulm_f16_from_f32(x[j]);
      break;
    case ULM_INT8:
      ulm_quant_s8(t.count, x, values, scales);
      break;
    default:
      ulm_quant_s4(t.count, x, values, scales);
    }
    if (!p.tiled) continue;
    const uint64_t row = ulm_values_size(p.type, 1, t.cols), groups = t.cols / ULM_GROUP;
    uint8_t *keep = malloc((size_t)(t.rows * row));
    memcpy(keep, values, (size_t)(t.rows * row));
    ulm_tile(values, keep, t.rows, row, 4);
    memcpy(keep, scales, (size_t)(t.rows * groups * 2));
    ulm_tile((uint8_t *)scales, keep, t.rows, groups * 2, 2);
    free(keep);
  }
}

/* A blob; vocab: the VOCB section's bytes; gate may be NULL. */
static inline uint8_t *made_blob(const ulm_config *c, ulm_type type, const float *params,
                                 const uint8_t *vocab, size_t vocab_size, const ulm_gate *gate,
                                 size_t *size) {
  uint8_t config[ULM_CONFIG_SIZE], gate_bytes[ULM_GATE_SIZE], *dir, *weights;
  size_t dir_size, weights_size;
  ulm_config_write(config, c);
  if (gate) ulm_gate_write(gate_bytes, gate);
  made_weights(c, type, params, &dir, &dir_size, &weights, &weights_size);
  const made_section s[] = {{ULM_SEC_CONFIG, config, sizeof config},
                            {ULM_SEC_TENSORS, dir, dir_size},
                            {ULM_SEC_WEIGHTS, weights, weights_size},
                            {ULM_SEC_VOCAB, vocab, vocab_size},
                            {ULM_SEC_CHAT, ULM_CHATML, sizeof ULM_CHATML - 1},
                            {ULM_SEC_GATE, gate_bytes, sizeof gate_bytes}};
  uint8_t *blob = made_container(ULM_KIND_BLOB, s, gate ? 6 : 5, size);
  free(dir);
  free(weights);
  return blob;
}

#endif
