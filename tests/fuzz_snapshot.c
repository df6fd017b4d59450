/* Any bytes as a snapshot, its checksum repaired, for a small model: refused, or the state is
 * sound: it speaks, and taken again it is the same bytes. The first byte says which KV cache. */
#include "make_blob.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ulm_config shape = {32, 1, 2, 1, 32, 292, 64, 1e6f, 1e-5f};
static uint8_t *blob;
static size_t blob_size;
static ulm *handles[ULM_KVS];

static void open_all(void) {
  size_t n;
  uint8_t *vocab = made_vocab(shape.vocab, &n);
  float *w = made_params(&shape, 0.2f, 5);
  blob = made_blob(&shape, ULM_INT8, w, vocab, n, NULL, &blob_size);
  free(w), free(vocab);
  for (int kv = 0; kv < ULM_KVS; kv++) {
    const ulm_options o = {.context = kv ? 0 : 40, .kv = (ulm_kv)kv};
    const size_t need = ulm_sizeof(blob, blob_size, &o, NULL);
    if (ulm_open(&handles[kv], blob, blob_size, aligned_alloc(64, need), need, &o, NULL)) abort();
  }
}

/* A copy of a sound snapshot of n tokens, where the input is to begin from one. Each is made once:
 * the model's work would be most of an execution. */
enum { MOST = 40 };
static uint8_t *sound(int kv, size_t n, size_t *size) {
  static uint8_t *made[ULM_KVS][MOST + 1];
  static size_t sizes[ULM_KVS][MOST + 1];
  uint8_t **one = &made[kv][n];
  if (!*one) {
    ulm *m = handles[kv];
    uint16_t ids[MOST];
    for (size_t i = 0; i < n; i++) ids[i] = (uint16_t)(i * 7 % shape.vocab);
    ulm_chat_begin(m);
    if (ulm_prefill(m, ids, n)) abort();
    sizes[kv][n] = ulm_snapshot_size(m);
    *one = malloc(sizes[kv][n]);
    if (!*one || ulm_snapshot(m, *one, sizes[kv][n], NULL)) abort();
  }
  *size = sizes[kv][n];
  uint8_t *p = malloc(*size);
  if (!p) abort();
  memcpy(p, *one, *size);
  return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!blob) open_all();
  if (size < 2) return 0;
  const int kv = data[0] % ULM_KVS;
  ulm *m = handles[kv];
  uint8_t *p;
  size_t n;
  if (data[0] & 128) { /* changes to a sound one: {u16 offset, u8 value} each */
    p = sound(kv, 1 + data[1] % MOST, &n);
    for (size_t i = 2; i + 3 <= size; i += 3) p[ulm_get16(data + i) % n] = data[i + 2];
  } else { /* the bytes themselves */
    n = size - 1;
    p = malloc(n);
    if (!p) abort();
    memcpy(p, data + 1, n);
  }
  if (n >= 12 && !(data[0] & 64)) ulm_put32(p + 8, 0), ulm_put32(p + 8, ulm_crc32(0, p, n));
  ulm_error err = {ULM_OK, NULL, 0};
  ulm_chat_begin(m);
  const ulm_status s = ulm_restore(m, p, n, &err);
  if (s && (s != err.code || !err.message || err.offset > n || ulm_position(m))) abort();
  if (!s) {
    uint8_t *again = malloc(n);
    ulm_opener o;
    if (!again || ulm_snapshot_size(m) != n || ulm_snapshot(m, again, n, &err) ||
        memcmp(p, again, n))
      abort();
    if (!ulm_logits(m)) abort();
    if (ulm_position(m) > ulm_context(m)) abort();
    (void)ulm_speak(m, &(ulm_opener_options){.min_words = 1, .max_words = 2, .max_tokens = 6}, &o,
                    &err);
    free(again);
  }
  free(p);
  return 0;
}
