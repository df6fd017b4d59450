#include "ulm_model.h"

static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

int ulm_preset(const char *name, ulm_config *c) {
#define X(n, d, l, h, k, f, v)                                                                     \
  if (same(name, n)) {                                                                             \
    *c = (ulm_config){d, l, h, k, f, v, 512, 1e6f, 1e-5f};                                         \
    return 0;                                                                                      \
  }
  ULM_PRESETS(X)
#undef X
  return -1;
}

const char *ulm_config_error(const ulm_config *c) {
  if (c->dim < 8 || c->dim > 4096) return "dim must be 8..4096";
  if (c->layers < 1 || c->layers > 128) return "layers must be 1..128";
  if (c->heads < 1 || c->heads > 128 || c->dim % c->heads)
    return "heads must be 1..128 and divide dim";
  if (c->dim / c->heads % 2 || c->dim / c->heads > 256)
    return "dim / heads must be even and at most 256";
  if (c->kv_heads < 1 || c->heads % c->kv_heads) return "kv_heads must divide heads";
  if (c->ffn < 8 || c->ffn > 16384) return "ffn must be 8..16384";
  if (c->vocab < 260 || c->vocab > 65535) return "vocab must be 260..65535";
  if (c->context < 16 || c->context > 16384) return "context must be 16..16384";
  if (!(c->rope_base >= 1.0f && c->rope_base <= 1e9f)) return "rope_base must be 1..1e9";
  if (!(c->norm_eps >= 1e-12f && c->norm_eps <= 1e-2f)) return "norm_eps must be 1e-12..1e-2";
  return 0;
}

/* One row of the table with this config's numbers in place of D, F, V, K. */
static ulm_tensor entry(const ulm_config *c, int kind, int *in_block) {
  const uint32_t D = c->dim, F = c->ffn, V = c->vocab, K = ulm_kv_dim(c);
  switch (kind) {
#define X(id, n, b, r, k, g, h)                                                                    \
  case ULM_T_##id:                                                                                 \
    *in_block = b;                                                                                 \
    return (ulm_tensor){kind, -1, n, g, h, r, k, (uint64_t)(r) * ((k) ? (k) : 1), 0};
    ULM_TENSORS(X)
#undef X
  }
  *in_block = 0;
  return (ulm_tensor){-1, -1, "", "", "", 0, 0, 0, 0};
}

/* Walks the file order, over whole blocks at a stride; stops at `index`. *total is the element
 * count of what was passed. */
static ulm_tensor walk(const ulm_config *c, uint32_t index, uint64_t *total) {
  uint32_t at = 0;
  uint64_t start = 0;
  for (int kind = 0; kind < ULM_T_KINDS;) {
    int in_block, end = kind;
    ulm_tensor t = entry(c, kind, &in_block);
    uint32_t repeat = 1;
    if (in_block) {
      repeat = c->layers;
      do end++;
      while (end < ULM_T_KINDS && (entry(c, end, &in_block), in_block));
    } else {
      end++;
    }
    const uint32_t per = (uint32_t)(end - kind), whole = (index - at) / per,
                   skip = whole < repeat ? whole : repeat;
    uint64_t block = 0;
    for (int k = kind, b; k < end; k++) block += entry(c, k, &b).count;
    at += skip * per;
    start += skip * block;
    for (uint32_t layer = skip; layer < repeat; layer++)
      for (int k = kind; k < end; k++, at++) {
        int b;
        t = entry(c, k, &b);
        t.layer = b ? (int)layer : -1;
        t.start = start;
        if (at == index) return t;
        start += t.count;
      }
    kind = end;
  }
  *total = start;
  return (ulm_tensor){-1, -1, "", "", "", 0, 0, 0, start};
}

uint32_t ulm_tensor_count(const ulm_config *c) {
  uint32_t once = 0, per_block = 0;
  for (int kind = 0; kind < ULM_T_KINDS; kind++) {
    int in_block;
    (void)entry(c, kind, &in_block);
    if (in_block)
      per_block++;
    else
      once++;
  }
  return once + per_block * c->layers;
}

ulm_tensor ulm_tensor_at(const ulm_config *c, uint32_t index) {
  uint64_t total;
  return walk(c, index, &total);
}

uint64_t ulm_param_count(const ulm_config *c) {
  uint64_t total = 0;
  (void)walk(c, UINT32_MAX, &total);
  return total;
}
