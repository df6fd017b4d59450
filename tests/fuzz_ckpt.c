/* Checkpoints and quantized models: whatever the bytes, a reader that accepts them can read every
 * tensor, the moments and the training state, and what it accepts it writes again alike. */
#include "fuzz_box.h"
#include "train/save.h"

static void resume(const model_file *f, size_t n) {
  host_error e;
  train_state s;
  float *m = malloc(n * sizeof *m), *v = malloc(n * sizeof *v);
  if (!m || !v) abort();
  (void)ckpt_average(f, m, v, &e);
  if (!ckpt_resume(f, m, v, &s, &e)) {
    ulm_section stat;
    uint8_t again[STATE_SIZE];
    volatile uint8_t sum = 0;
    state_write(again, &s); /* in the newest version: of the first, what comes before the version */
    if (!ulm_file_find(&f->file, ULM_SEC_STATE, &stat)) abort();
    const bool first = s.cursor == stat.data + STATE_SIZE_1;
    if (memcmp(stat.data, again, first ? 120 : STATE_SIZE)) abort();
    for (size_t i = 0; i < s.cursor_size; i++) sum = (uint8_t)(sum + s.cursor[i]);
  }
  free(m), free(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  host_error e;
  model_file f;
  uint8_t *p = fuzz_copy(data, size);
  if (!model_file_parse(&f, p, size, "input", 0, &e)) {
    const size_t n = (size_t)ulm_param_count(&f.config);
    float *w = malloc(n * sizeof *w);
    if (!w) abort();
    (void)model_file_floats(&f, w, &e);
    free(w);
    resume(&f, n);
  }
  free(p);
  return 0;
}
