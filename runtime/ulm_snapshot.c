/* Snapshots: the tokens that are held with their keys and values, as bytes (docs/FORMATS.md):
 *
 *   0 magic u32 | 4 version u16 | 6 endian mark u16 | 8 CRC-32 u32, of all with this field as zero
 * | 12 model u32 | 16 size u64 | 24 tokens P u32 | 28 KV type u32 | 32 layers, kv_heads, head size,
 *   dim u32 | 48 zero[16]
 *   ids u16 [P] | hidden f32 [D] | keys [L, kv_heads, P, H] | values | of int8: f32 scales of the
 *   keys [L, kv_heads, P] | of the values
 *
 * each padded with zeros to 64 bytes. The bits depend on neither machine nor context. */
#include "ulm_state.h"
#include <string.h>

enum { HEADER = ULM_SNAPSHOT_HEADER, VERSION = 1 };
#define MAGIC ULM_TAG('U', 'L', 'M', 'S')

typedef struct {
  uint64_t ids, hidden, keys, values, key_scales, value_scales, size; /* offsets */
} places;

size_t ulm_kv_size(ulm_kv kv) { return kv == ULM_KV_INT8 ? 1 : kv == ULM_KV_F16 ? 2 : 4; }

static places places_of(const ulm_config *c, ulm_kv kv, uint32_t tokens) {
  const uint64_t vectors = (uint64_t)c->layers * c->kv_heads * tokens;
  const uint64_t cache = ulm_pad64(vectors * ulm_head_dim(c) * ulm_kv_size(kv)),
                 scales = kv == ULM_KV_INT8 ? ulm_pad64(vectors * 4) : 0;
  places p = {.ids = HEADER};
  p.hidden = p.ids + ulm_pad64(2 * (uint64_t)tokens);
  p.keys = p.hidden + ulm_pad64(4 * (uint64_t)c->dim);
  p.values = p.keys + cache;
  p.key_scales = p.values + cache;
  p.value_scales = p.key_scales + scales;
  p.size = p.value_scales + scales;
  return p;
}

static void write_header(uint8_t h[HEADER], const ulm_config *c, uint32_t model, ulm_kv kv,
                         uint32_t tokens) {
  memset(h, 0, HEADER);
  ulm_put32(h, MAGIC);
  ulm_put16(h + 4, VERSION);
  ulm_put16(h + 6, 0x0102);
  ulm_put32(h + 12, model);
  ulm_put64(h + 16, places_of(c, kv, tokens).size);
  const uint32_t u[6] = {tokens, (uint32_t)kv, c->layers, c->kv_heads, ulm_head_dim(c), c->dim};
  for (int i = 0; i < 6; i++) ulm_put32(h + 24 + 4 * i, u[i]);
}

static uint32_t crc_of(const uint8_t *p, uint64_t size) {
  static const uint8_t zero[4];
  return ulm_crc32(ulm_crc32(ulm_crc32(0, p, 8), zero, 4), p + 12, (size_t)size - 12);
}

/* Checks every field of the header of a snapshot that may take `size` bytes at most. Errors are of
 * byte `at` on. */
static ulm_status read_header(const uint8_t *p, uint64_t size, const ulm_config *c, uint32_t model,
                              uint64_t at, ulm_error *err) {
  if (size < HEADER || ulm_get32(p) != MAGIC)
    return ulm_fail(err, ULM_E_FORMAT, at, "this is not a snapshot");
  if (ulm_get16(p + 6) != 0x0102)
    return ulm_fail(err, ULM_E_FORMAT, at + 6, "endian mark is not 0x0102");
  if (ulm_get16(p + 4) != VERSION)
    return ulm_fail(err, ULM_E_VERSION, at + 4,
                    "the snapshot's version is not 1; take it again with this build");
  if (ulm_get32(p + 12) != model)
    return ulm_fail(err, ULM_E_FORMAT, at + 12,
                    "the snapshot is of another model; take it again with this one");
  const uint32_t tokens = ulm_get32(p + 24), kv = ulm_get32(p + 28);
  if (tokens < 1 || tokens > c->context)
    return ulm_fail(err, ULM_E_FORMAT, at + 24, "a snapshot's tokens must be 1..context");
  if (kv >= ULM_KVS) return ulm_fail(err, ULM_E_FORMAT, at + 28, "unknown KV cache type");
  uint8_t want[HEADER];
  write_header(want, c, model, (ulm_kv)kv, tokens);
  memcpy(want + 8, p + 8, 4);
  for (uint64_t i = 0; i < HEADER; i++)
    if (want[i] != p[i])
      return ulm_fail(err, ULM_E_FORMAT, at + i, "a snapshot's field contradicts its model");
  if (ulm_get64(p + 16) > size)
    return ulm_fail(err, ULM_E_FORMAT, at + 16, "the snapshot is longer than its bytes");
  return ULM_OK;
}

/* ---- Values ---- */

static int zeros(const uint8_t *p, uint64_t from, uint64_t end) {
  uint8_t any = 0;
  while (from < end) any |= p[from++];
  return !any;
}

/* Numbers of one KV type are what the cache may hold: finite, and no code -128. */
static int sound(const uint8_t *p, uint64_t n, ulm_kv kv) {
  uint32_t bad = 0;
  if (kv == ULM_KV_INT8)
    for (uint64_t i = 0; i < n; i++) bad |= p[i] == 0x80;
  else if (kv == ULM_KV_F16)
    for (uint64_t i = 0; i < n; i++) bad |= (ulm_get16(p + 2 * i) & 0x7c00) == 0x7c00;
  else
    for (uint64_t i = 0; i < n; i++) bad |= (ulm_get32(p + 4 * i) & 0x7f800000) == 0x7f800000;
  return !bad;
}

/* Every byte of a snapshot whose header is sound. */
static ulm_status read_body(const uint8_t *p, const ulm_config *c, uint64_t at, ulm_error *err) {
  const uint32_t tokens = ulm_get32(p + 24);
  const ulm_kv kv = (ulm_kv)ulm_get32(p + 28);
  const places o = places_of(c, kv, tokens);
  const uint64_t vectors = (uint64_t)c->layers * c->kv_heads * tokens,
                 values = vectors * ulm_head_dim(c), scales = kv == ULM_KV_INT8 ? vectors : 0;
  if (crc_of(p, o.size) != ulm_get32(p + 8))
    return ulm_fail(err, ULM_E_CHECKSUM, at + 8,
                    "the snapshot's checksum does not match; it is damaged");
  for (uint32_t i = 0; i < tokens; i++)
    if (ulm_get16(p + o.ids + 2 * (uint64_t)i) >= c->vocab)
      return ulm_fail(err, ULM_E_FORMAT, at + o.ids + 2 * (uint64_t)i,
                      "a snapshot's token is beyond the vocabulary");
  const struct {
    uint64_t from, count, next;
    ulm_kv kind;
  } parts[] = {{o.hidden, c->dim, o.keys, ULM_KV_F32},
               {o.keys, values, o.values, kv},
               {o.values, values, o.key_scales, kv},
               {o.key_scales, scales, o.value_scales, ULM_KV_F32},
               {o.value_scales, scales, o.size, ULM_KV_F32}};
  int padded = zeros(p, o.ids + 2 * (uint64_t)tokens, o.hidden);
  for (int i = 0; i < 5; i++) {
    const uint64_t end = parts[i].from + parts[i].count * ulm_kv_size(parts[i].kind);
    if (!sound(p + parts[i].from, parts[i].count, parts[i].kind))
      return ulm_fail(err, ULM_E_FORMAT, at + parts[i].from,
                      "a snapshot has numbers that are not finite, or an int8 code of -128");
    padded &= zeros(p, end, parts[i].next);
  }
  return padded ? ULM_OK : ulm_fail(err, ULM_E_FORMAT, at, "a snapshot's padding is not zero");
}

/* ---- Those of a blob: one after the other, at most one a KV type ---- */

ulm_status ulm_snapshots_open(const ulm_section *s, const ulm_config *c, uint32_t model,
                              const uint8_t *found[ULM_KVS], ulm_error *err) {
  for (int i = 0; i < ULM_KVS; i++) found[i] = NULL;
  for (uint64_t at = 0; at < s->size || at == 0; at += ulm_get64(s->data + at + 16)) {
    const ulm_status e = read_header(s->data + at, s->size - at, c, model, s->offset + at, err);
    if (e) return e;
    const uint8_t **place = &found[ulm_get32(s->data + at + 28)];
    if (*place)
      return ulm_fail(err, ULM_E_FORMAT, s->offset + at + 28, "two snapshots of one KV cache type");
    *place = s->data + at;
  }
  return ULM_OK;
}

ulm_status ulm_snapshots_verify(const ulm_section *s, const ulm_config *c, uint32_t model,
                                ulm_error *err) {
  const uint8_t *found[ULM_KVS];
  ulm_status e = ulm_snapshots_open(s, c, model, found, err);
  for (int i = 0; i < ULM_KVS && !e; i++)
    if (found[i]) e = read_body(found[i], c, s->offset + (uint64_t)(found[i] - s->data), err);
  return e;
}

uint32_t ulm_snapshot_tokens(const uint8_t *snapshot) { return ulm_get32(snapshot + 24); }
uint16_t ulm_snapshot_id(const uint8_t *snapshot, uint32_t i) {
  return ulm_get16(snapshot + HEADER + 2 * (size_t)i);
}

/* ---- To and from the cache ---- */

/* Copies rows of `tokens` positions: of the cache, [L, kv_heads, C] rows, from or to [L, kv_heads,
 * all] rows. */
static void copy_rows(const ulm *m, void *cache, uint8_t *out, const uint8_t *in, size_t row,
                      uint32_t tokens, uint32_t all) {
  for (size_t h = 0; h < (size_t)m->config.layers * m->config.kv_heads; h++) {
    uint8_t *mine = (uint8_t *)cache + h * m->context * row;
    if (out)
      memcpy(out + h * all * row, mine, tokens * row);
    else
      memcpy(mine, in + h * all * row, tokens * row);
  }
}

/* Puts the first `tokens` tokens of a snapshot in place of all that is held. */
static void put(ulm *m, const uint8_t *p, uint32_t tokens) {
  const uint32_t all = ulm_snapshot_tokens(p);
  const places o = places_of(&m->config, m->kv, all);
  const size_t row = m->head_dim * ulm_kv_size(m->kv);
  for (uint32_t i = 0; i < tokens; i++) m->held[i] = ulm_snapshot_id(p, i);
  copy_rows(m, m->keys, NULL, p + o.keys, row, tokens, all);
  copy_rows(m, m->values, NULL, p + o.values, row, tokens, all);
  if (m->kv == ULM_KV_INT8) {
    copy_rows(m, m->key_scales, NULL, p + o.key_scales, 4, tokens, all);
    copy_rows(m, m->value_scales, NULL, p + o.value_scales, 4, tokens, all);
  }
  memcpy(m->hidden, p + o.hidden, m->config.dim * sizeof *m->hidden);
  m->position = tokens, m->ahead = 0;
  m->has_hidden = tokens == all;
  m->has_logits = 0;
}

size_t ulm_snapshot_take(ulm *m, const uint16_t *ids, size_t n, size_t held) {
  const uint8_t *p = m->snapshot;
  if (!p) return held;
  uint32_t k = 0, all = ulm_snapshot_tokens(p);
  while (k < all && k < n && ulm_snapshot_id(p, k) == ids[k]) k++;
  if (k <= held) return held;
  put(m, p, k);
  return k;
}

size_t ulm_snapshot_size(const ulm *m) {
  return m->position ? (size_t)places_of(&m->config, m->kv, m->position).size : 0;
}

ulm_status ulm_snapshot(const ulm *m, void *out, size_t size, ulm_error *err) {
  const uint32_t tokens = m->position;
  const places o = places_of(&m->config, m->kv, tokens);
  const size_t row = m->head_dim * ulm_kv_size(m->kv);
  uint8_t *p = out;
  if (!tokens || !m->has_hidden)
    return ulm_fail(err, ULM_E_ARGUMENT, 0, "a snapshot needs tokens, and the state of the last");
  if (!out || size != o.size)
    return ulm_fail(err, ULM_E_ARGUMENT, 0, "a snapshot takes ulm_snapshot_size bytes");
  memset(out, 0, size);
  write_header(p, &m->config, m->model, m->kv, tokens);
  for (uint32_t i = 0; i < tokens; i++) ulm_put16(p + o.ids + 2 * (size_t)i, m->held[i]);
  memcpy(p + o.hidden, m->hidden, m->config.dim * sizeof *m->hidden);
  copy_rows(m, m->keys, p + o.keys, NULL, row, tokens, tokens);
  copy_rows(m, m->values, p + o.values, NULL, row, tokens, tokens);
  if (m->kv == ULM_KV_INT8) {
    copy_rows(m, m->key_scales, p + o.key_scales, NULL, 4, tokens, tokens);
    copy_rows(m, m->value_scales, p + o.value_scales, NULL, 4, tokens, tokens);
  }
  ulm_put32(p + 8, crc_of(p, size));
  return ULM_OK;
}

ulm_status ulm_restore(ulm *m, const void *snapshot, size_t size, ulm_error *err) {
  const uint8_t *p = snapshot;
  if (!p) return ulm_fail(err, ULM_E_ARGUMENT, 0, "no snapshot");
  ulm_status s = read_header(p, size, &m->config, m->model, 0, err);
  if (s) return s;
  if (ulm_get64(p + 16) != size)
    return ulm_fail(err, ULM_E_FORMAT, 16, "the snapshot's size is not that of its bytes");
  if (ulm_get32(p + 28) != (uint32_t)m->kv)
    return ulm_fail(err, ULM_E_ARGUMENT, 28, "the snapshot is of another KV cache type");
  if (ulm_snapshot_tokens(p) > m->context)
    return ulm_fail(err, ULM_E_CONTEXT, 24, "the snapshot has more tokens than the context");
  if ((s = read_body(p, &m->config, 0, err))) return s;
  m->hearing = 0;
  put(m, p, ulm_snapshot_tokens(p));
  return ULM_OK;
}
