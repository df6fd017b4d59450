/* Writes the blobs of `make portability`: random weights in four number formats, with tiles that
 * are not full, rows of more groups than lanes, heads that fill vectors and heads that do not.
 *   portable_blobs DIR [PRESET]      PRESET: of that shape, int8 and int4, as PRESET-TYPE.ulm */
#include "make_blob.h"

/* dim, layers, heads, kv heads, ffn, vocab, context, RoPE base, eps. ffn: 17 groups, and rows that
 * fill 34 tiles; vocab: a last tile of 13. Small, since each is run dozens of times in emulators.
 */
static const ulm_config quantized = {64, 1, 2, 1, 544, 333, 128, 1e6f, 1e-5f};
static const ulm_config floats = {40, 2, 2, 1, 72, 301, 128, 1e4f, 1e-5f};

static void write_blob(const char *path, const ulm_config *c, ulm_type type) {
  size_t vocab_size, size;
  uint8_t *vocab = made_vocab(c->vocab, &vocab_size);
  float *w = made_params(c, 0.2f, 6);
  uint8_t *blob = made_blob(c, type, w, vocab, vocab_size, NULL, &size);
  FILE *f = fopen(path, "wb");
  if (!f || fwrite(blob, 1, size, f) != size || fclose(f)) host_die("%s: cannot be written", path);
  free(blob), free(w), free(vocab);
}

int main(int argc, char **argv) {
  if (argc < 2) host_die("portable_blobs DIR [PRESET]");
  for (int type = argc > 2 ? ULM_INT8 : 0; type < ULM_TYPES; type++) {
    char path[4096];
    ulm_config c = type >= ULM_INT8 ? quantized : floats;
    if (argc > 2 && ulm_preset(argv[2], &c)) host_die("no preset '%s'", argv[2]);
    snprintf(path, sizeof path, "%s/%s%s%s.ulm", argv[1], argc > 2 ? argv[2] : "",
             argc > 2 ? "-" : "", ulm_type_name((ulm_type)type));
    write_blob(path, &c, (ulm_type)type);
  }
  return 0;
}
