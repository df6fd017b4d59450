#include "save.h"
#include "schedule.h"
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
enum { VERSION_AT = 124, ISA_AT = 128 };
/* From version 2 on. */
#define NEW_U32_FIELDS(X) X(152, schedule) X(156, first_rows) X(160, zero_out) X(164, bf16)
#define NEW_F32_FIELDS(X) X(168, decay_fraction) X(172, embed_lr) X(176, ema)
enum { RAMP_AT = 144, ZERO_AT = 180 };

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
#define X(at, field) ulm_put32(out + at, s->field);
  NEW_U32_FIELDS(X)
#undef X
#define X(at, field) put_f32(out + at, s->field);
  NEW_F32_FIELDS(X)
#undef X
  ulm_put64(out + RAMP_AT, s->ramp);
  ulm_put32(out + VERSION_AT, STATE_VERSION);
  memcpy(out + ISA_AT, s->isa, sizeof s->isa);
}

/* Fields of version 2; whether all can be. */
static bool read_new(const uint8_t *p, train_state *s) {
#define X(at, field) s->field = ulm_get32(p + at);
  NEW_U32_FIELDS(X)
#undef X
#define X(at, field) s->field = get_f32(p + at);
  NEW_F32_FIELDS(X)
#undef X
  s->ramp = ulm_get64(p + RAMP_AT);
  bool good = s->schedule < SCHEDULES && s->zero_out <= 1 && s->bf16 <= 1 && s->ema >= 0 &&
              s->ema < 1 && s->decay_fraction >= 0 && s->decay_fraction <= 1 && s->embed_lr >= 0;
  for (int i = ZERO_AT; i < STATE_SIZE; i++) good &= !p[i];
  return good;
}

int state_read(const ulm_section *x, train_state *s, host_error *e) {
  const unsigned long long at_byte = (unsigned long long)x->offset;
  const uint8_t *p = x->data;
  const uint32_t version = x->size < STATE_SIZE_1 ? 0 : ulm_get32(p + VERSION_AT),
                 size = version ? STATE_SIZE : STATE_SIZE_1;
  if (version > STATE_VERSION)
    return host_fail(e, "byte %llu: training state of version %u; this program knows 1..%d",
                     at_byte + VERSION_AT, version, STATE_VERSION);
  if (x->size < size)
    return host_fail(e, "byte %llu: training state is shorter than %u bytes", at_byte, size);
  *s = (train_state){.cursor = p + size, .cursor_size = (size_t)x->size - size};
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
      s->step > s->steps || s->muon > 1 || version == 1 || (version && !read_new(p, s)))
    return host_fail(e, "byte %llu: training state is not one that this program writes", at_byte);
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
  if (host_box_open(&b, path, ULM_KIND_CKPT, !p->m ? 5 : p->trained ? 9 : 8, e)) return -1;
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
    if (p->trained) {
      host_box_section(&b, ULM_SEC_TRAINED);
      write_tensors(&b, p->config, p->trained);
    }
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

static int read_tensors(const model_file *f, const ulm_section *s, float *out, const char *what,
                        bool squares, host_error *e) {
  if (s->size != f->weights.size)
    return host_fail(e, "byte %llu: the %s do not fit the config", (unsigned long long)s->offset,
                     what);
  uint64_t at = 0;
  for (uint32_t i = 0; i < ulm_tensor_count(&f->config); i++) {
    const ulm_tensor t = ulm_tensor_at(&f->config, i);
    memcpy(out + t.start, s->data + at, (size_t)t.count * 4);
    at += ulm_pad64(t.count * 4);
    for (uint64_t k = 0; k < t.count; k++)
      if (!isfinite(out[t.start + k]) || (squares && out[t.start + k] < 0))
        return host_fail(e, "byte %llu: the %s of tensor %s hold what they cannot be",
                         (unsigned long long)s->offset, what, t.name);
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
  return read_tensors(f, &m1, m, "first moments", false, e) ||
                 read_tensors(f, &m2, v, "second moments", true, e) || state_read(&stat, s, e)
             ? -1
             : 0;
}

int ckpt_average(const model_file *f, float *params, float *average, host_error *e) {
  ulm_section s;
  if (!ulm_file_find(&f->file, ULM_SEC_TRAINED, &s)) return 0;
  if (average && model_file_floats(f, average, e)) return -1;
  return read_tensors(f, &s, params, "weights in training", false, e) ? -1 : 1;
}
