/* Fuzzes VOCB, the device's tokenizer: any bytes that open are safe to encode and decode with; what
 * verifies gives back every text it encodes. The last two bytes say where the text begins. */
#include "runtime/ulm_tok.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 300 };

/* A text as it must come back: what is not UTF-8 as U+FFFD, and U+2581 as a space (a vocabulary
 * without a piece for it gives it back as U+2581, so both texts are read like this). */
static size_t normal(const char *text, size_t n, char *out) {
  size_t k = 0;
  for (size_t i = 0, c; i < n; i += c ? c : 1) {
    c = ulm_utf8_len((const uint8_t *)text + i, n - i);
    if (c == 3 && !memcmp(text + i, "\xe2\x96\x81", 3))
      out[k++] = ' ';
    else
      memcpy(out + k, c ? text + i : "\xef\xbf\xbd", c ? c : 3), k += c ? c : 3;
  }
  return k;
}

/* Decodes ids; every step must be whole characters. Returns the bytes. */
static size_t decode(const ulm_vocab *v, const uint16_t *ids, size_t count, char *out) {
  ulm_decoder d = {{0}, 0};
  size_t k = 0;
  for (size_t i = 0; i <= count; i++) {
    const size_t m =
        i < count ? ulm_vocab_decode(v, &d, ids[i], out + k) : ulm_vocab_decode_end(&d, out + k);
    if (m > ULM_DECODE_MAX) abort();
    for (size_t j = 0, c; j < m; j += c)
      if ((c = ulm_utf8_len((uint8_t *)out + k + j, m - j)) == 0) abort();
    k += m;
  }
  return k;
}

static void use(const ulm_vocab *v, int sound, const char *text, size_t n) {
  static uint32_t scratch[3 * TEXT_MAX + 2];
  static uint16_t ids[3 * TEXT_MAX];
  static char back[(3 * TEXT_MAX + 1) * ULM_DECODE_MAX], want[3 * TEXT_MAX];
  static char plain[sizeof back];
  size_t count;
  if (ulm_vocab_encode(v, text, n, scratch, sizeof scratch, ids, 3 * TEXT_MAX, &count)) abort();
  for (size_t i = 0; i < count; i++)
    if (ids[i] < ULM_BYTE0 || ids[i] >= v->vocab) abort();
  const size_t size = decode(v, ids, count, back), k = normal(back, size, plain);
  if (sound && (normal(text, n, want) != k || memcmp(want, plain, k))) abort();
  for (size_t i = 0; i < n; i++) ids[i] = (uint16_t)(ULM_BYTE0 + (uint8_t)text[i]); /* raw bytes */
  (void)decode(v, ids, n, back);
  for (size_t i = 0; i + 1 < n; i++) ids[i] = ulm_get16((const uint8_t *)text + i);
  (void)decode(v, ids, n ? n - 1 : 0, back);
  for (uint32_t id = 0; id < 70000; id += 1 + id / 400) {
    char piece[3 * ULM_PIECE_MAX];
    if (ulm_vocab_piece(v, (uint16_t)id, piece, sizeof piece) > sizeof piece) abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2) return 0;
  size_t n = ulm_get16(data + size - 2) % (TEXT_MAX + 1), m = size - 2;
  if (n > m) n = m;
  m -= n;
  uint8_t *section = malloc(m ? m : 1); /* exactly sized: the sanitizer sees a read past the end */
  char *text = malloc(n ? n : 1);
  if (!section || !text) abort();
  if (m) memcpy(section, data, m);
  if (n) memcpy(text, data + m, n);
  const ulm_section s = {section, m, 64, 0, 0};
  ulm_vocab v;
  ulm_error err = {ULM_OK, NULL, 0};
  const uint32_t vocab = m >= 4 ? ulm_get32(section) : 300;
  if (!ulm_vocab_open(&v, &s, vocab, &err))
    use(&v, !ulm_vocab_verify(&v, &s, &err), text, n);
  else if (!err.message || err.offset < 64)
    abort();
  free(section);
  free(text);
  return 0;
}
