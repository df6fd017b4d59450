#include "export.h"

#include <stdlib.h>
#include <string.h>

/* The state after the system turn with one type of KV cache, behind *out[*size]. */
static int add(const export_model *s, const host_map *blob, ulm_kv kv, uint8_t **out, size_t *size,
               host_error *e) {
  const ulm_options options = {.kv = kv, .block = 64};
  ulm_error err;
  ulm *m;
  const size_t need = ulm_sizeof(blob->bytes, blob->size, &options, &err);
  void *arena = need ? host_alloc(need, "the model's arena") : NULL;
  ulm_status bad = ULM_E_MEMORY;
  if (arena) bad = ulm_open(&m, blob->bytes, blob->size, arena, need, &options, &err);
  if (!bad) bad = ulm_chat_turn(m, "system", s->system, strlen(s->system), &err);
  if (!bad) {
    const size_t n = ulm_snapshot_size(m);
    *out = host_realloc(*out, *size + n, "snapshots");
    bad = ulm_snapshot(m, *out + *size, n, &err);
    *size += n;
  }
  free(arena);
  return bad ? host_fail(e, "%s: the system turn: %s", s->path, err.message) : 0;
}

int export_snapshots(const export_model *s, const host_map *blob, uint8_t **out, size_t *size,
                     host_error *e) {
  *out = NULL, *size = 0;
  for (int kv = 0; kv < ULM_KVS; kv++)
    if (s->kvs >> kv & 1 && add(s, blob, (ulm_kv)kv, out, size, e)) {
      free(*out);
      return -1;
    }
  return 0;
}

int export_kvs(const char *list, unsigned *kvs, host_error *e) {
  *kvs = 0;
  for (const char *p = list; *p;) {
    const size_t n = strcspn(p, ",");
    int kv = 0;
    while (kv < ULM_KVS &&
           (strlen(ulm_kv_name((ulm_kv)kv)) != n || strncmp(p, ulm_kv_name((ulm_kv)kv), n)))
      kv++;
    if (kv == ULM_KVS) return host_fail(e, "'%s' is no list of f32, f16 and int8", list);
    *kvs |= 1u << kv;
    p += n;
    if (*p == ',' && !*++p) return host_fail(e, "'%s' ends with a comma", list);
  }
  return *kvs ? 0 : host_fail(e, "a KV cache type is needed: f32, f16 or int8");
}
