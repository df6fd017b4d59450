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

void state_write(uint8_t out[STATE_SIZE], const train_state *s) {
  uint64_t best;
  memset(out, 0, STATE_SIZE);
  memcpy(&best, &s->best, 8);
  ulm_put64(out, s->step);
  ulm_put64(out + 8, s->tokens);
  ulm_put64(out + 16, s->seed);
  ulm_put64(out + 24, best);
  ulm_put64(out + 32, s->data);
  ulm_put32(out + 40, s->batch);
  ulm_put32(out + 44, s->seq);
  ulm_put32(out + 48, s->objective);
  put_f32(out + 52, s->tail);
  put_f32(out + 56, s->prompt);
  put_f32(out + 60, s->lr);
  put_f32(out + 64, s->min_lr);
  ulm_put32(out + 68, s->warmup);
  ulm_put64(out + 72, s->steps);
  put_f32(out + 80, s->decay);
  put_f32(out + 84, s->beta1);
  put_f32(out + 88, s->beta2);
  put_f32(out + 92, s->clip);
  memcpy(out + 96, s->isa, sizeof s->isa);
  ulm_put32(out + 112, s->threads);
}

int state_read(const ulm_section *x, train_state *s, host_error *e) {
  if (x->size != STATE_SIZE)
    return host_fail(e, "byte %llu: training state is not %d bytes", (unsigned long long)x->offset,
                     STATE_SIZE);
  const uint8_t *p = x->data;
  const uint64_t best = ulm_get64(p + 24);
  memset(s, 0, sizeof *s);
  s->step = ulm_get64(p), s->tokens = ulm_get64(p + 8), s->seed = ulm_get64(p + 16);
  memcpy(&s->best, &best, 8);
  s->data = ulm_get64(p + 32), s->batch = ulm_get32(p + 40), s->seq = ulm_get32(p + 44),
  s->objective = ulm_get32(p + 48);
  s->tail = get_f32(p + 52), s->prompt = get_f32(p + 56), s->lr = get_f32(p + 60),
  s->min_lr = get_f32(p + 64);
  s->warmup = ulm_get32(p + 68), s->steps = ulm_get64(p + 72);
  s->decay = get_f32(p + 80), s->beta1 = get_f32(p + 84), s->beta2 = get_f32(p + 88),
  s->clip = get_f32(p + 92);
  memcpy(s->isa, p + 96, sizeof s->isa);
  s->threads = ulm_get32(p + 112);
  if (isnan(s->best) || s->isa[sizeof s->isa - 1] || s->objective > 2 || s->step > s->steps)
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
  host_box_write(&b, p->spm, p->spm_size);
  if (p->m) {
    host_box_section(&b, ULM_SEC_MOMENT1);
    write_tensors(&b, p->config, p->m);
    host_box_section(&b, ULM_SEC_MOMENT2);
    write_tensors(&b, p->config, p->v);
    host_box_section(&b, ULM_SEC_STATE);
    state_write(state, p->state);
    host_box_write(&b, state, sizeof state);
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
