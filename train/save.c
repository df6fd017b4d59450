#include "save.h"
#include <math.h>
#include <string.h>

static void put_f32(uint8_t *p, float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  ulm_put32(p, u);
}
static float get_f32(const uint8_t *p) {
  const uint32_t u = ulm_get32(p);
  float f;
  memcpy(&f, &u, 4);
  return f;
}
static void put_f64(uint8_t *p, double f) {
  uint64_t u;
  memcpy(&u, &f, 8);
  ulm_put64(p, u);
}
static double get_f64(const uint8_t *p) {
  const uint64_t u = ulm_get64(p);
  double f;
  memcpy(&f, &u, 8);
  return f;
}

/* The fields in their order in the file. */
#define U64_FIELDS(X) X(0, step) X(8, tokens) X(16, steps) X(24, seed) X(32, data)
#define F64_FIELDS(X) X(40, best) X(48, loss)
#define U32_FIELDS(X)                                                                              \
  X(56, batch)                                                                                     \
  X(60, seq)                                                                                       \
  X(64, objective)                                                                                 \
  X(68, warmup) X(72, threads) X(76, eval_every) X(80, eval_batches) X(84, muon) X(120, ranks)
#define F32_FIELDS(X)                                                                              \
  X(88, tail)                                                                                      \
  X(92, prompt)                                                                                    \
  X(96, lr) X(100, min_lr) X(104, decay) X(108, beta1) X(112, beta2) X(116, clip)
enum { ISA_AT = 128 };

void state_write(uint8_t out[STATE_SIZE], const train_state *s) {
  memset(out, 0, STATE_SIZE);
#define X(at, field) ulm_put64(out + at, s->field);
  U64_FIELDS(X)
#undef X
#define X(at, field) ulm_put32(out + at, s->field);
  U32_FIELDS(X)
#undef X
#define X(at, field) put_f64(out + at, s->field);
  F64_FIELDS(X)
#undef X
#define X(at, field) put_f32(out + at, s->field);
  F32_FIELDS(X)
#undef X
  memcpy(out + ISA_AT, s->isa, sizeof s->isa);
}

int state_read(const ulm_section *x, train_state *s, host_error *e) {
  if (x->size < STATE_SIZE)
    return host_fail(e, "byte %llu: training state is shorter than %d bytes",
                     (unsigned long long)x->offset, STATE_SIZE);
  const uint8_t *p = x->data;
  *s = (train_state){.cursor = p + STATE_SIZE, .cursor_size = (size_t)x->size - STATE_SIZE};
#define X(at, field) s->field = ulm_get64(p + at);
  U64_FIELDS(X)
#undef X
#define X(at, field) s->field = ulm_get32(p + at);
  U32_FIELDS(X)
#undef X
#define X(at, field) s->field = get_f64(p + at);
  F64_FIELDS(X)
#undef X
#define X(at, field) s->field = get_f32(p + at);
  F32_FIELDS(X)
#undef X
  memcpy(s->isa, p + ISA_AT, sizeof s->isa);
  if (isnan(s->best) || isnan(s->loss) || s->isa[sizeof s->isa - 1] || s->objective > 2 ||
      s->step > s->steps || s->muon > 1 || ulm_get32(p + 124))
    return host_fail(e, "byte %llu: training state is not one that this program writes",
                     (unsigned long long)x->offset);
  return 0;
}

/* Tensors as WGTS lays them out: each padded to 64 bytes. */
static void write_tensors(host_box *b, const ulm_config *c, const float *values) {
  static const uint8_t zeros[ULM_ALIGN];
  const uint32_t n = ulm_tensor_count(c);
  for (uint32_t i = 0; i < n; i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    const size_t size = (size_t)t.count * 4;
    host_box_write(b, values + t.start, size);
    host_box_write(b, zeros, (size_t)(ulm_pad64(size) - size));
  }
}

int ckpt_save(const char *path, const ckpt_parts *p, host_error *e) {
  host_box b;
  uint8_t conf[ULM_CONFIG_SIZE], dir[ULM_TDIR_ENTRY], state[STATE_SIZE];
  if (host_box_open(&b, path, ULM_KIND_CKPT, p->m ? 8 : 5, e)) return -1;
  host_box_section(&b, ULM_SEC_CONFIG);
  ulm_config_write(conf, p->config);
  host_box_write(&b, conf, sizeof conf);
  host_box_section(&b, ULM_SEC_TENSORS);
  uint64_t at = 0;
  for (uint32_t i = 0; i < ulm_tensor_count(p->config); i++) {
    at = ulm_tdir_write(dir, p->config, i, ULM_F32, at);
    host_box_write(&b, dir, sizeof dir);
  }
  host_box_section(&b, ULM_SEC_WEIGHTS);
  write_tensors(&b, p->config, p->params);
  host_box_section(&b, ULM_SEC_META);
  host_box_write(&b, p->meta, p->meta_size);
  host_box_section(&b, ULM_SEC_SPM);
  host_box_write(&b, p->spm.data, (size_t)p->spm.size);
  if (p->m) {
    host_box_section(&b, ULM_SEC_MOMENT1);
    write_tensors(&b, p->config, p->m);
    host_box_section(&b, ULM_SEC_MOMENT2);
    write_tensors(&b, p->config, p->v);
    host_box_section(&b, ULM_SEC_STATE);
    state_write(state, p->state);
    host_box_write(&b, state, sizeof state);
    host_box_write(&b, p->state->cursor, p->state->cursor_size);
  }
  return host_box_commit(&b, e);
}

static int read_tensors(const model_file *f, const ulm_section *s, float *out, int moment,
                        host_error *e) {
  if (s->size != f->weights.size)
    return host_fail(e, "byte %llu: moment %d does not fit the config",
                     (unsigned long long)s->offset, moment);
  uint64_t at = 0;
  for (uint32_t i = 0; i < ulm_tensor_count(&f->config); i++) {
    const ulm_tensor t = ulm_tensor_at(&f->config, i);
    memcpy(out + t.start, s->data + at, (size_t)t.count * 4);
    at += ulm_pad64(t.count * 4);
    for (uint64_t k = 0; k < t.count; k++)
      if (!isfinite(out[t.start + k]) || (moment == 2 && out[t.start + k] < 0))
        return host_fail(e, "byte %llu: moment %d of tensor %s is not a number it can be",
                         (unsigned long long)s->offset, moment, t.name);
  }
  return 0;
}

int ckpt_resume(const model_file *f, float *m, float *v, train_state *s, host_error *e) {
  ulm_section m1, m2, stat;
  if (!ulm_file_find(&f->file, ULM_SEC_MOMENT1, &m1) ||
      !ulm_file_find(&f->file, ULM_SEC_MOMENT2, &m2) ||
      !ulm_file_find(&f->file, ULM_SEC_STATE, &stat))
    return host_fail(
        e, "the checkpoint holds weights alone; start from it with --init instead of --resume");
  for (uint32_t i = 0; i < ulm_tensor_count(&f->config); i++)
    if (model_file_tensor(f, i).type != ULM_F32)
      return host_fail(e, "only a float32 checkpoint can be resumed");
  return read_tensors(f, &m1, m, 1, e) || read_tensors(f, &m2, v, 2, e) ? -1
                                                                        : state_read(&stat, s, e);
}
