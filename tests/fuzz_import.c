/* A foreign model: config.json, a zero byte, the header of a safetensors file, a zero byte, its
 * data. What is accepted is finite to the last weight. The header's length is right, or with a
 * first byte of 255 the first 8 bytes of data. */
#include "export/import.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  host_error e = {""};
  ulm_config c;
  const bool wild = size && *data == 255;
  if (wild) data++, size--;
  const uint8_t *end = memchr(data, 0, size);
  if (!end) return 0;
  const size_t config = (size_t)(end - data), rest = size - config - 1;
  uint8_t *copy = malloc(config + 1);
  memcpy(copy, data, config);
  if (import_config(copy, config, "config", &c, &e)) {
    if (!*e.text) abort();
    free(copy);
    return 0;
  }
  free(copy);
  const uint8_t *header = end + 1, *stop = memchr(header, 0, rest);
  if (!stop) return 0;
  const size_t length = (size_t)(stop - header), room = rest - length - 1;
  const size_t n = 8 + length + room;
  uint8_t *file = malloc(n);
  ulm_put64(file, length);
  memcpy(file + 8, header, length);
  memcpy(file + 8 + length, stop + 1, room);
  if (wild && room >= 8) memcpy(file, stop + 1, 8);
  float *params;
  if (!import_safetensors(file, n, "weights", &c, &params, &e)) {
    for (uint64_t i = 0; i < ulm_param_count(&c); i++)
      if (!isfinite(params[i])) abort();
    free(params);
  } else if (params || !*e.text) {
    abort();
  }
  free(file);
  return 0;
}
