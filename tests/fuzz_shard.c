/* Fuzzes shard_parse: whatever it accepts can be read to the last token. */
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
  }
  free(copy);
  return 0;
}
