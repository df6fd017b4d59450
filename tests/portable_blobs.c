/* Writes the blobs of `make portability`: random weights in four number formats, with tiles that
 * are not full, rows of more groups than lanes, heads that fill vectors and heads that do not.
 *   portable_blobs DIR */
#include "make_blob.h"

/* dim, layers, heads, kv heads, ffn, vocab, context, RoPE base, eps. ffn: 17 groups, and rows that
 * fill 34 tiles; vocab: a last tile of 13. */
static const ulm_config quantized = {64, 2, 2, 1, 544, 333, 128, 1e6f, 1e-5f};
static const ulm_config floats = {40, 2, 2, 1, 72, 301, 128, 1e4f, 1e-5f};

int main(int argc, char **argv) {
  if (argc != 2) host_die("portable_blobs DIR");
  for (int type = 0; type < ULM_TYPES; type++) {
    const ulm_config *c = type >= ULM_INT8 ? &quantized : &floats;
    size_t vocab_size, size;
    char path[4096];
    uint8_t *vocab = made_vocab(c->vocab, &vocab_size);
    float *w = made_params(c, 0.2f, 6);
    uint8_t *blob = made_blob(c, (ulm_type)type, w, vocab, vocab_size, NULL, &size);
    snprintf(path, sizeof path, "%s/%s.ulm", argv[1], ulm_type_name((ulm_type)type));
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(blob, 1, size, f) != size || fclose(f))
      host_die("%s: cannot be written", path);
    free(blob), free(w), free(vocab);
  }
  return 0;
}
