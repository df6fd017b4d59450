#include "quantize.h"

#include <math.h>
#include <string.h>

ulm_type quant_type(const quant_plan *p, const ulm_tensor *t) {
  return t->cols == 0 ? ULM_F32 : t->kind == ULM_T_EMBED ? p->embed : p->matrices;
}

static bool grouped(ulm_type type) { return type == ULM_INT8 || type == ULM_INT4; }

const char *quant_name(const ulm_tensor *t, char out[32]) {
  if (t->layer < 0)
    snprintf(out, 32, "%s", t->name);
  else
    snprintf(out, 32, "blocks.%d.%s", t->layer, t->name);
  return out;
}

int quant_check(const quant_plan *p, const ulm_config *c, const char *file, host_error *e) {
  char name[32];
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    const ulm_type type = quant_type(p, &t);
    if (grouped(type) && t.cols % ULM_GROUP)
      return host_fail(
          e,
          "%s: tensor %s: a row of %u values does not divide by %d, as %s needs; train with --dim "
          "and --ffn that are multiples of %d",
          file, quant_name(&t, name), t.cols, ULM_GROUP, ulm_type_name(type), ULM_GROUP);
  }
  return 0;
}

/* ---- one tensor ---- */

/* Where values and scales stand in an encoded tensor. */
static uint64_t scales_at(const ulm_tensor *t, ulm_type type) {
  return ulm_pad64(ulm_values_size(type, t->rows, t->cols));
}

int quant_encode(const ulm_tensor *t, ulm_type type, const float *x, uint8_t *out, const char *file,
                 host_error *e) {
  char name[32];
  const size_t n = (size_t)t->count;
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i]))
      return host_fail(e,
                       "%s: tensor %s: value %zu is not finite; the training diverged: use an "
                       "earlier checkpoint",
                       file, quant_name(t, name), i);
  memset(out, 0, (size_t)ulm_tensor_size(type, t->rows, t->cols));
  uint16_t *half = (uint16_t *)(void *)(grouped(type) ? out + scales_at(t, type) : out);
  size_t halves = 0;
  switch (type) {
  case ULM_F32:
    memcpy(out, x, n * sizeof *x);
    break;
  case ULM_F16:
    for (size_t i = 0; i < n; i++) half[i] = ulm_f16_from_f32(x[i]);
    halves = n;
    break;
  case ULM_INT8:
    ulm_quant_s8(n, x, (int8_t *)out, half);
    halves = n / ULM_GROUP;
    break;
  case ULM_INT4:
    ulm_quant_s4(n, x, out, half);
    halves = n / ULM_GROUP;
    break;
  default:
    return host_fail(e, "%s: tensor %s: unknown number format", file, quant_name(t, name));
  }
  for (size_t i = 0; i < halves; i++)
    if ((half[i] & 0x7c00) == 0x7c00)
      return host_fail(e,
                       "%s: tensor %s: value %zu or one near it is too large for %s; lower the "
                       "weights or keep float32",
                       file, quant_name(t, name), i * (n / halves), ulm_type_name(type));
  return 0;
}

void quant_decode(const ulm_tensor *t, ulm_type type, const uint8_t *in, float *x) {
  const size_t n = (size_t)t->count;
  const uint16_t *half =
      (const uint16_t *)(const void *)(grouped(type) ? in + scales_at(t, type) : in);
  switch (type) {
  case ULM_F16:
    for (size_t i = 0; i < n; i++) x[i] = ulm_f32_from_f16(half[i]);
    break;
  case ULM_INT8:
    ulm_dequant_s8(n, (const int8_t *)in, half, x);
    break;
  case ULM_INT4:
    ulm_dequant_s4(n, in, half, x);
    break;
  default:
    memcpy(x, in, n * sizeof *x);
  }
}

/* ---- what was lost ---- */

quant_loss quant_measure(const ulm_tensor *t, ulm_type type, const float *x, const float *y) {
  quant_loss l = {type,
                  t->count,
                  ulm_values_size(type, t->rows, t->cols) + ulm_scales_size(type, t->rows, t->cols),
                  0,
                  0,
                  0,
                  0};
  for (size_t g = 0; g < t->count; g += ULM_GROUP) {
    const size_t end = g + ULM_GROUP < t->count ? g + ULM_GROUP : (size_t)t->count;
    double w2 = 0, y2 = 0;
    for (size_t i = g; i < end; i++) {
      const double w = x[i], error = y[i] - w;
      w2 += w * w;
      y2 += (double)y[i] * y[i];
      l.sum_e2 += error * error;
      l.max_error = fmax(l.max_error, fabs(error));
    }
    l.sum_w2 += w2;
    l.zeroed += grouped(type) && w2 > 0 && !(y2 > 0);
  }
  return l;
}

void quant_add(quant_loss *sum, const quant_loss *one) {
  sum->type = one->type;
  sum->count += one->count;
  sum->bytes += one->bytes;
  sum->zeroed += one->zeroed;
  sum->sum_w2 += one->sum_w2;
  sum->sum_e2 += one->sum_e2;
  sum->max_error = fmax(sum->max_error, one->max_error);
}

double quant_rel(const quant_loss *l) { return l->sum_w2 > 0 ? sqrt(l->sum_e2 / l->sum_w2) : 0; }
double quant_sqnr(const quant_loss *l) {
  return l->sum_e2 > 0 ? 10 * log10(l->sum_w2 / l->sum_e2) : INFINITY;
}
