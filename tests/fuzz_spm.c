/* Fuzzes the tokenizer model: what spm_check accepts, libsentencepiece loads; the device's table
 * built from it opens, and both give the same ids for a text taken from the input's end. */
#include "tokenizer/vocab.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 200 };

static void compare(const spm *s, const ulm_vocab *v, const char *text, size_t n) {
  static uint32_t scratch[3 * TEXT_MAX + 1];
  static uint16_t got[3 * TEXT_MAX];
  uint16_t *want = NULL;
  size_t cap = 0, count = 0;
  host_error e;
  const long k = spm_encode_library(s, text, n, &want, &cap, &e);
  if (k < 0 || ulm_vocab_encode(v, text, n, scratch, sizeof scratch, got, 3 * TEXT_MAX, &count))
    abort();
  if ((size_t)k != count || (count && memcmp(want, got, count * sizeof *got))) abort();
  for (size_t i = 0; i < count; i++) {
    char out[3 * ULM_PIECE_MAX];
    if (got[i] >= v->vocab || got[i] < ULM_BYTE0 || !ulm_vocab_piece(v, got[i], out, sizeof out))
      abort();
  }
  free(want);
}

/* The last byte says how many bytes before it are text; the model is what comes before. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  size_t n = data[size - 1] % TEXT_MAX, m = size - 1;
  if (n > m) n = m;
  m -= n;
  uint8_t *model = malloc(m ? m : 1);
  char *text = malloc(n ? n : 1);
  if (!model || !text) abort();
  if (m) memcpy(model, data, m);
  if (n) memcpy(text, data + m, n);
  host_error e;
  uint32_t vocab;
  if (!spm_check(model, m, &vocab, &e)) {
    spm *s = spm_open(model, m, &e);
    uint8_t *section;
    size_t bytes;
    ulm_vocab v;
    if (!s || spm_vocab(s) != vocab || vocab_build(s, &section, &bytes, &e)) abort();
    const ulm_section at = {section, bytes, 0, 0, 0};
    if (ulm_vocab_open(&v, &at, vocab, NULL) || ulm_vocab_verify(&v, &at, NULL)) abort();
    compare(s, &v, text, n);
    free(section);
    spm_close(s);
  }
  free(model);
  free(text);
  return 0;
}
