/* The line that a person watches while a model trains. */
#ifndef TRAIN_LIVE_H
#define TRAIN_LIVE_H

#include "metrics.h"

typedef struct {
  uint64_t steps;
  double peak, flops;     /* of the machine, FLOP/s (0: not known); of a token */
  double loss, weight;    /* running mean of about LIVE_MEMORY steps, times its weight */
  double tokens, seconds; /* of the last LIVE_SECONDS or so */
  double start, shown, val;
  uint64_t first;
} live;
enum { LIVE_MEMORY = 20, LIVE_SECONDS = 10 };

void live_begin(live *l, uint64_t step, uint64_t steps, double flops, double peak, double val);
/* Takes a step of `tokens` that lasted `seconds` into account, and shows the line when one is due:
 * on a terminal five times a second, elsewhere every 5 s, later every 60 s, and at `now`. */
void live_step(live *l, const metrics_row *row, double tokens, double seconds, bool now);

/* What is shown: losses and rates are running means. NaN: not known, left out. */
typedef struct {
  uint64_t step, steps, bytes;
  double loss, val, lr, grad_norm, rate, mfu, left;
} live_fields;
/* The fullest form of at most `columns` characters (0: any number, without a bar). */
void live_format(char *out, size_t size, const live_fields *x, int columns);

/* Seconds as 45 s, 12:34, 1:23:45 or 2 d 03:04. */
void live_time(char out[24], double seconds);

#endif
