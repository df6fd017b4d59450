#include "quantize.h"

#include <math.h>
#include <string.h>

/* ---- as JSON ---- */

static json_t *line(const char *name, const char *type, const quant_loss *l) {
  json_t *o = json_object();
  json_object_set_new(o, "name", json_string(name));
  json_object_set_new(o, "type", json_string(type));
  json_object_set_new(o, "values", json_integer((json_int_t)l->count));
  json_object_set_new(o, "rms", json_real(sqrt(l->sum_w2 / (double)l->count)));
  json_object_set_new(o, "rel_rms_error", json_real(quant_rel(l)));
  json_object_set_new(o, "max_error", json_real(l->max_error));
  json_object_set_new(o, "sqnr_db",
                      l->sum_e2 > 0 && l->sum_w2 > 0 ? json_real(quant_sqnr(l)) : json_null());
  json_object_set_new(o, "zeroed_groups", json_integer((json_int_t)l->zeroed));
  json_object_set_new(o, "bytes", json_integer((json_int_t)l->bytes));
  json_object_set_new(o, "bits_per_weight", json_real(8.0 * (double)l->bytes / (double)l->count));
  return o;
}

json_t *quant_report(const quant_plan *p, const ulm_config *c, const quant_loss *losses,
                     const quant_ppl *ppl) {
  quant_loss kind[ULM_T_KINDS] = {0}, total = {0};
  const char *names[ULM_T_KINDS] = {0};
  json_t *o = json_object(), *kinds = json_array(), *tensors = json_array();
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    char name[32];
    names[t.kind] = t.name;
    quant_add(&kind[t.kind], &losses[i]);
    quant_add(&total, &losses[i]);
    if (losses[i].type != ULM_F32)
      json_array_append_new(tensors,
                            line(quant_name(&t, name), ulm_type_name(losses[i].type), &losses[i]));
  }
  for (int k = 0; k < ULM_T_KINDS; k++)
    json_array_append_new(kinds, line(names[k], ulm_type_name(kind[k].type), &kind[k]));
  json_object_set_new(o, "method", json_string("rtn"));
  json_object_set_new(o, "group", json_integer(ULM_GROUP));
  json_object_set_new(o, "type", json_string(ulm_type_name(p->matrices)));
  json_object_set_new(o, "embed", json_string(ulm_type_name(p->embed)));
  json_object_set_new(o, "kinds", kinds);
  json_object_set_new(o, "tensors", tensors);
  json_object_set_new(
      o, "total",
      line("total", p->embed == p->matrices ? ulm_type_name(p->embed) : "mixed", &total));
  if (ppl)
    json_object_set_new(o, "loss",
                        json_pack("{s:s, s:s, s:I, s:f, s:f}", "split", "val", "objective",
                                  ppl->objective, "targets", (json_int_t)ppl->targets, "before",
                                  ppl->before, "after", ppl->after));
  return o;
}

/* ---- for people ---- */

static double number(const json_t *o, const char *key) {
  return json_number_value(json_object_get(o, key));
}
static const char *text(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "?";
}

static void row(FILE *f, const json_t *l) {
  char db[16] = "-";
  if (json_is_real(json_object_get(l, "sqnr_db")))
    snprintf(db, sizeof db, "%.1f", number(l, "sqnr_db"));
  fprintf(f, "%-10s %-5s %11.0f %10.5f %9.3f%% %10.5f %8s %11.0f %6.2f\n", text(l, "name"),
          text(l, "type"), number(l, "values"), number(l, "rms"), 100 * number(l, "rel_rms_error"),
          number(l, "max_error"), db, number(l, "bytes"), number(l, "bits_per_weight"));
}

void quant_print(FILE *f, const json_t *report) {
  const json_t *l, *total = json_object_get(report, "total"),
                   *loss = json_object_get(report, "loss");
  size_t i;
  fprintf(f, "%-10s %-5s %11s %10s %10s %10s %8s %11s %6s\n", "tensors", "type", "values", "RMS",
          "RMS error", "max error", "SQNR dB", "bytes", "bits");
  json_array_foreach(json_object_get(report, "kinds"), i, l) row(f, l);
  row(f, total);
  if (number(total, "zeroed_groups") > 0)
    fprintf(f, "%.0f groups are too small for a scale and became 0\n",
            number(total, "zeroed_groups"));
  if (loss)
    fprintf(f,
            "loss on %.0f target tokens (%s split, objective %s): %.4f before, %.4f after, %+.5f "
            "nats/token\n",
            number(loss, "targets"), text(loss, "split"), text(loss, "objective"),
            number(loss, "before"), number(loss, "after"),
            number(loss, "after") - number(loss, "before"));
}
