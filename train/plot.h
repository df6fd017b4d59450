/* A run's metrics as pictures. */
#ifndef TRAIN_PLOT_H
#define TRAIN_PLOT_H

#include "../host.h"

typedef struct {
  uint64_t step, tokens;
  double loss, val, lr, grad_norm, rate, mfu, seconds; /* NaN where the row has none */
  double *vals; /* [plot_rows.names_count] by source, or NULL */
} plot_row;

typedef struct {
  plot_row *rows;
  size_t count;
  char **names; /* of the sources that validation tells apart */
  size_t names_count;
} plot_rows;

enum { PLOT_SOURCES = 64 };

/* Reads the lines of a metrics.jsonl of n bytes; what follows the last newline is left out (a run
 * may be writing it). Fails, naming the line, on what ulm-train does not write. */
int plot_read(plot_rows *p, const char *text, size_t n, const char *name, host_error *e);
void plot_free(plot_rows *p);

/* Centred mean of x[n] over 2 w + 1 values, fewer at the ends, so that they do not bend. */
void plot_smooth(const double *x, size_t n, size_t w, double *out);

/* Writes DIR/loss.svg (training loss, smoothed, validation, by source; learning rate and gradient
 * norm below) and DIR/throughput.svg from DIR/metrics.jsonl, through gnuplot. */
int plot_run(const char *dir, host_error *e);

#endif
