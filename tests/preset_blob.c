/* Writes a blob of a preset's shape with random weights: what costs time and memory, for free.
 *   preset_blob PRESET int4|int8 OUT.ulm */
#include "make_blob.h"

int main(int argc, char **argv) {
  ulm_config c;
  if (argc != 4 || ulm_preset(argv[1], &c)) host_die("preset_blob PRESET int4|int8 OUT.ulm");
  const ulm_type type = strcmp(argv[2], "int8") ? ULM_INT4 : ULM_INT8;
  size_t vocab_size, size;
  uint8_t *vocab = made_vocab(c.vocab, &vocab_size);
  float *w = made_params(&c, 0.05f, 6);
  uint8_t *blob = made_blob(&c, type, w, vocab, vocab_size, NULL, &size);
  FILE *f = fopen(argv[3], "wb");
  if (!f || fwrite(blob, 1, size, f) != size || fclose(f))
    host_die("%s: cannot be written", argv[3]);
  free(blob), free(w), free(vocab);
  return 0;
}
