/* What the fuzz targets of container formats share: a mutator that changes bytes and then repairs
 * the checksums, so that inputs get past the door. Include it in one target; it defines
 * LLVMFuzzerCustomMutator. */
#ifndef FUZZ_BOX_H
#define FUZZ_BOX_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "repair.h"
#include "runtime/ulm_file.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Mutates one section in place (3 of 4 times, so that the table stays true), or the whole file with
 * its size field set right. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
  ulm_rng r = ulm_rng_seed(seed, 0);
  size_t done = 0;
  ulm_file f;
  if (ulm_file_open(&f, data, size, 0, NULL) == ULM_OK && ulm_rng_below(&r, 4)) {
    const ulm_section s = ulm_file_at(&f, ulm_rng_below(&r, f.count));
    uint8_t *copy = malloc((size_t)s.size + 1);
    if (copy && s.size) {
      /* A section keeps its size: what a mutation removed is left as it was. */
      memcpy(copy, s.data, (size_t)s.size);
      const size_t k = LLVMFuzzerMutate(copy, (size_t)s.size, (size_t)s.size);
      memcpy(data + s.offset, copy, k);
      done = size;
    }
    free(copy);
  }
  if (!done) {
    done = LLVMFuzzerMutate(data, size, max_size);
    if (done >= ULM_FILE_HEADER && ulm_rng_below(&r, 8)) ulm_put64(data + 16, done);
  }
  box_repair(data, done);
  return done;
}

/* An exactly-sized copy, so that a read past the end is seen. Free it. */
static inline uint8_t *fuzz_copy(const uint8_t *data, size_t size) {
  uint8_t *p = malloc(size ? size : 1);
  if (!p) abort();
  if (size) memcpy(p, data, size);
  return p;
}

#endif
