/* Fuzzes plot_read: whatever it accepts is in order, and its losses are numbers. */
#include "train/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *copy = malloc(size ? size : 1); /* of its exact size, so that reading past it is seen */
  if (!copy) return 0;
  memcpy(copy, data, size);
  plot_rows p;
  host_error e;
  if (!plot_read(&p, copy, size, "fuzz", &e)) {
    if (!p.count || p.names_count > PLOT_SOURCES) abort();
    for (size_t i = 0; i < p.count; i++)
      if (!isfinite(p.rows[i].loss) || (i && p.rows[i].step <= p.rows[i - 1].step)) abort();
    plot_free(&p);
  }
  free(copy);
  return 0;
}
