#include "schedule.h"
#include "../runtime/ulm_math.h"
#include <stddef.h>
#include <string.h>

static const char *const names[SCHEDULES] = {"cosine", "wsd", "wsd-sqrt"};

int schedule_from(const char *name, schedule_kind *kind) {
  for (int i = 0; i < SCHEDULES; i++)
    if (!strcmp(name, names[i])) return *kind = (schedule_kind)i, 0;
  return -1;
}
const char *schedule_name(schedule_kind kind) { return names[kind]; }

static uint64_t after_warmup(const step_options *o) {
  return o->steps > o->warmup ? o->steps - o->warmup : 0;
}

uint64_t schedule_decay(const step_options *o) {
  const uint64_t most = after_warmup(o), n = (uint64_t)(o->decay_fraction * (double)o->steps + 0.5);
  return n < 1 || most < 1 ? 1 : n < most ? n : most;
}

double step_lr(const step_options *o, uint64_t step) {
  const float lr = (float)o->lr, fall = lr - (float)o->min_lr;
  if (step < o->warmup) return (double)(lr * (float)(step + 1) / (float)(o->warmup + 1));
  const uint64_t left = after_warmup(o);
  if (left <= 1) return (double)lr;
  if (o->schedule == SCHEDULE_COSINE) {
    const double x = (double)(step - o->warmup) / (double)(left - 1);
    float sine, cosine = -1;
    if (x < 1) ulm_sincos((uint64_t)(x * 0x1p63), &sine, &cosine); /* x of half a turn */
    return (double)((float)o->min_lr + fall * (0.5f + 0.5f * cosine));
  }
  const uint64_t n = schedule_decay(o), first = o->steps - n;
  if (step < first) return (double)lr;
  const double x = step + 1 < o->steps ? (double)(step + 1 - first) / (double)n : 1;
  return (double)(lr - fall * (float)(o->schedule == SCHEDULE_WSD ? x : __builtin_sqrt(x)));
}

/* ---- the ramp of the batch ---- */

/* Doublings from first_rows to rows; 0 if there is no ramp. */
static uint32_t doublings(const step_options *o, uint32_t rows) {
  uint32_t k = 0;
  if (o->ramp && o->first_rows)
    while (k < 31 && (uint64_t)o->first_rows << k < rows) k++;
  return k;
}

const char *schedule_error(const step_options *o, uint32_t rows) {
  if (o->ramp && (uint64_t)o->first_rows << doublings(o, rows) != rows)
    return "the rows of the first batch must be those of a full one divided by 2, 4, 8, ...";
  return NULL;
}

/* The step from which on a batch has first_rows * 2^k rows, of n doublings. */
static uint64_t begins(const step_options *o, uint32_t k, uint32_t n) {
  return o->ramp / n * k + o->ramp % n * k / n;
}

uint32_t step_rows(const step_options *o, uint32_t rows, uint64_t step) {
  const uint32_t n = doublings(o, rows);
  uint32_t k = 0;
  while (k < n && step >= begins(o, k + 1, n)) k++;
  return n ? o->first_rows << k : rows;
}

uint64_t step_rows_before(const step_options *o, uint32_t rows, uint64_t step) {
  const uint32_t n = doublings(o, rows);
  uint64_t sum = 0, from = 0;
  for (uint32_t k = 0; k < n; k++) {
    const uint64_t end = begins(o, k + 1, n), to = end < step ? end : step;
    if (to > from) sum += (to - from) * ((uint64_t)o->first_rows << k), from = to;
  }
  return sum + (step - from) * rows;
}

double step_ema(const step_options *o, uint64_t n) {
  const double floor = 1 - o->ema, start = 10.0 / (9.0 + (double)n);
  return start > floor ? start : floor;
}
