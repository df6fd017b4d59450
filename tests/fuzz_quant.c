/* Any bytes as a quantized model: whatever is accepted can be decoded to the last weight, and what
 * is decoded can be encoded again. */
#include "fuzz_box.h"
#include "quantize/quantize.h"
#include "train/ckpt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  uint8_t *copy = fuzz_copy(data, size);
  model_file f = {0};
  host_error e = {""};
  if (model_file_parse(&f, copy, size, "fuzz", ULM_KIND_QUANT, &e)) {
    if (!*e.text) abort();
    free(copy);
    return 0;
  }
  const ulm_config *c = &f.config;
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    const model_tensor m = model_file_tensor(&f, i);
    float *x = malloc((size_t)m.t.count * sizeof *x);
    uint8_t *again = aligned_alloc(ULM_ALIGN, (size_t)ulm_tensor_size(m.type, m.t.rows, m.t.cols));
    if (!x || !again) abort();
    if (!model_tensor_floats(&f, i, x, &e)) {
      if (quant_encode(&m.t, m.type, x, again, "fuzz", &e) && !*e.text) abort();
      quant_decode(&m.t, m.type, again, x);
    }
    free(x);
    free(again);
  }
  json_decref(
      json_loadb((const char *)f.meta.data, (size_t)f.meta.size, JSON_REJECT_DUPLICATES, NULL));
  free(copy);
  return 0;
}
