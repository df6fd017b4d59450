/* Any bytes as a blob: opened without its weights' checksum, then a conversation, heard in pieces
 * and as a whole, an opener, and its state taken and put back. */
#include "fuzz_box.h"
#include "runtime/ulm.h"

/* What the handle gives out it takes back, unless weights that are no numbers made it. */
static void keep(ulm *m) {
  ulm_error err;
  const size_t n = ulm_snapshot_size(m);
  uint8_t *p = malloc(n ? n : 1);
  if (!p) abort();
  const uint32_t tokens = ulm_position(m);
  if (!ulm_snapshot(m, p, n, &err)) {
    const ulm_status s = ulm_restore(m, p, n, &err);
    if ((s && s != ULM_E_FORMAT) || ulm_position(m) != tokens) abort();
  }
  free(p);
}

static void speak(ulm *m, float temperature, int unforced, uint32_t tokens) {
  static const char text[] = "the \xc3\xa9 Yaz, a 3.5 \xff?";
  const ulm_message turns[] = {{"system", "y", 1}, {"user", text, sizeof text - 1}};
  ulm_opener o;
  ulm_error err;
  int truncated;
  (void)ulm_chat_begin(m);
  (void)ulm_chat_turn(m, "system", "y", 1, &err);
  (void)ulm_chat_hear(m, text, 6, &err);
  if (ulm_chat(m, turns, 2, &truncated, &err)) return;
  keep(m);
  if (ulm_speak(m,
                &(ulm_opener_options){.temperature = temperature,
                                      .top_p = 0.9f,
                                      .unforced = unforced,
                                      .max_tokens = tokens},
                &o, &err))
    return;
  if (strlen(o.text) != o.size || !(o.confidence >= 0 && o.confidence <= 1)) abort();
  for (size_t i = 0, k; i < o.size; i += k)
    if ((k = ulm_utf8_len((const uint8_t *)o.text + i, o.size - i)) == 0) abort();
  if (ulm_position(m) > ulm_context(m)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  uint8_t *blob = fuzz_copy(data, size);
  ulm_error err = {ULM_OK, NULL, 0};
  /* By lot: the cache, and one opener in eight of any length. Whatever changes draws anew. */
  const uint32_t lot = ulm_crc32(0, blob, size);
  const int kv = ULM_KV_F32 + (int)(lot / 8 % (ULM_KVS - ULM_KV_F32));
  const ulm_options options = {.context = 64, .kv = (ulm_kv)kv};
  const size_t need = ulm_sizeof(blob, size, &options, &err);
  if (!need && !err.message) abort();
  void *arena = need && need < 16u << 20 ? aligned_alloc(64, need) : NULL;
  ulm *m = NULL;
  if (arena && ulm_open(&m, blob, size, arena, need, &options, &err) == ULM_OK) {
    speak(m, 0.7f, kv, lot % 8 ? 6 : 0);
    speak(m, 0, !kv, 6);
    (void)ulm_verify(blob, size, &err);
  }
  free(arena);
  free(blob);
  return 0;
}
