/* Fuzzes shard_parse: whatever it accepts can be read to the last token, and its table of data
 * counts every document and token once. */
#include "fuzz_box.h"
#include "tokenizer/shard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  uint8_t *copy = fuzz_copy(data, size);
  shard s;
  host_error e;
  if (!shard_parse(&s, copy, size, "fuzz", &e)) {
    uint64_t seen = 0;
    for (uint64_t d = 0; d < s.docs; d++)
      for (uint64_t t = shard_start(&s, d); t < shard_start(&s, d + 1); t++, seen++)
        if (shard_id(&s, t) >= s.vocab || s.mask[t] > SHARD_FLAGS) abort();
    if (seen != s.tokens) abort();
    json_t *rows = shard_sources(&s, 1), *x;
    uint64_t docs = 0, tokens = 0;
    size_t i;
    json_array_foreach(rows, i, x) {
      docs += (uint64_t)json_integer_value(json_object_get(x, "documents"));
      tokens += (uint64_t)json_integer_value(json_object_get(x, "tokens"));
    }
    if (docs != s.docs || tokens != s.tokens) abort();
    json_decref(rows);
    shard_close(&s);
  }
  free(copy);
  return 0;
}
