/* A float model into int8 or int4, and the account of what that lost.
 *
 * Round to nearest, symmetric, one binary16 scale for each group of 32 consecutive values of a row
 * (ulm_quant_s8, ulm_quant_s4); norms stay float32. With s the scale of a group and no value past
 * the last code, |w - decoded| <= s / 2. */
#ifndef QUANTIZE_H
#define QUANTIZE_H

#include "../host.h"

#include <jansson.h>

/* ---- Which tensor gets which type ---- */

typedef struct {
  ulm_type matrices, embed; /* the embedding is the output matrix too, and the most easily hurt */
} quant_plan;
ulm_type quant_type(const quant_plan *p, const ulm_tensor *t); /* F32 for norms */

/* Fails, naming the tensor and its row length, where a row that would be quantized does not divide
 * by 32. */
int quant_check(const quant_plan *p, const ulm_config *c, const char *file, host_error *e);

/* "embed", "final_norm", "blocks.3.wq" */
const char *quant_name(const ulm_tensor *t, char out[32]);

/* ---- One tensor ---- */

/* x[t->count] into out: ulm_tensor_size(type, rows, cols) bytes, values, then scales, each padded
 * with zeros to 64 bytes. Fails by the tensor's name on values that are not finite or too large for
 * the type. */
int quant_encode(const ulm_tensor *t, ulm_type type, const float *x, uint8_t *out, const char *file,
                 host_error *e);
/* And back: x[t->count] from what quant_encode wrote. */
void quant_decode(const ulm_tensor *t, ulm_type type, const uint8_t *in, float *x);

/* ---- What was lost ---- */

typedef struct {
  ulm_type type;
  uint64_t count;        /* values */
  uint64_t bytes;        /* of values and scales, without padding */
  uint64_t zeroed;       /* groups so small that their scale is 0 and all of them became 0 */
  double sum_w2, sum_e2; /* squares of the weights, and of decoded - weight */
  double max_error;      /* largest |decoded - weight| */
} quant_loss;

/* Of tensor t: x before, y after. */
quant_loss quant_measure(const ulm_tensor *t, ulm_type type, const float *x, const float *y);
void quant_add(quant_loss *sum, const quant_loss *one); /* the type is that of the last one added */

/* Root-mean-square error relative to that of the weights; 0 for weights that are all 0. */
double quant_rel(const quant_loss *l);
/* 10 log10(signal power / error power), dB; INFINITY without error. */
double quant_sqnr(const quant_loss *l);

/* ---- Loss before and after ---- */

typedef struct {
  double before, after; /* mean negative log-likelihood, nats a target token */
  uint64_t targets;     /* target tokens */
  const char *objective;
} quant_ppl;

/* ---- The report ---- */

/* losses[ulm_tensor_count(c)], in table order; ppl NULL: not measured. As JSON for META:
 *   {"method":"rtn","group":32,"type":"int4","embed":"int8",
 *    "kinds":
 * [{"name":"wq","type":"int4","values":n,"rms":r,"rel_rms_error":e,"max_error":m,"sqnr_db":d,
 *                "zeroed_groups":z,"bytes":b,"bits_per_weight":p}, ...],    all blocks of a kind
 * together "tensors":[{"name":"blocks.0.wq", the same}, ...],                     quantized tensors
 * alone "total":  {the same}, "loss":
 * {"split":"val","objective":"opener","targets":n,"before":x,"after":y}}   if measured sqnr_db is
 * null where nothing was lost. */
json_t *quant_report(const quant_plan *p, const ulm_config *c, const quant_loss *losses,
                     const quant_ppl *ppl);
/* The same as a table for people, from that JSON. */
void quant_print(FILE *f, const json_t *report);

/* ---- A file ---- */

typedef struct {
  quant_plan plan;
  const char *shards;    /* folder whose split val measures the loss before and after, or NULL */
  const char *objective; /* of that loss: "lm", "chat", "opener"; NULL: as trained */
  uint64_t tokens;       /* input tokens of that loss, at most */
  int threads;           /* 0: all cores */
} quant_options;

/* Checkpoint `path` into quantized model `out`, whose META is the checkpoint's with "quantization"
 * (the report) and "weights_crc32" (the checkpoint's weights) added. json_decref *report. */
int quant_file(const char *path, const quant_options *o, const char *out, json_t **report,
               host_error *e);

#endif
