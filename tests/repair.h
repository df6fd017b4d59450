/* Checksums of a container that was changed, made right again. */
#ifndef TESTS_REPAIR_H
#define TESTS_REPAIR_H

#include "runtime/ulm_file.h"

/* The CRCs of every section that lies inside the data, then of header and table. */
static inline void box_repair(uint8_t *p, size_t size) {
  if (size < ULM_FILE_HEADER) return;
  uint64_t n = ulm_get32(p + 24);
  const uint64_t fits = (size - ULM_FILE_HEADER) / ULM_FILE_ENTRY;
  if (n > fits) n = fits;
  for (uint64_t i = 0; i < n; i++) {
    uint8_t *e = p + ULM_FILE_HEADER + i * ULM_FILE_ENTRY;
    const uint64_t at = ulm_get64(e + 8), bytes = ulm_get64(e + 16);
    if (at <= size && bytes <= size - at) ulm_put32(e + 4, ulm_crc32(0, p + at, (size_t)bytes));
  }
  ulm_put32(p + 28, 0);
  const uint32_t crc = ulm_crc32(0, p, ULM_FILE_HEADER);
  ulm_put32(p + 28, ulm_crc32(crc, p + ULM_FILE_HEADER, (size_t)(n * ULM_FILE_ENTRY)));
}

#endif
