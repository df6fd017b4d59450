#include "models.h"
#include "../export/export.h"
#include "../train/model.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int temp_path(char out[4096], host_error *e) {
  const char *t = getenv("TMPDIR");
  const int n = snprintf(out, 4096, "%s/ulm-model-XXXXXX", t && *t ? t : "/tmp");
  const int fd = n > 0 && n < 4096 ? mkstemp(out) : -1;
  if (fd < 0) return host_fail(e, "%s: cannot make a file there; set TMPDIR", out);
  return close(fd);
}

/* Opens temp as a session that keeps the mapping alone, and goes by another name. */
static int take(session *s, const char *temp, const char *name, int threads, host_error *e) {
  const int bad = session_open(s, temp, threads, e);
  s->path = name;
  unlink(temp);
  return bad;
}

static int is_blob(const char *path) {
  uint8_t head[12] = {0};
  FILE *f = fopen(path, "rb");
  const size_t n = f ? fread(head, 1, sizeof head, f) : 0;
  if (f) fclose(f);
  const uint32_t kind = ulm_get32(head + 8);
  return n < sizeof head || (kind != ULM_KIND_CKPT && kind != ULM_KIND_QUANT);
}

int model_session(session *s, const char *path, int threads, host_error *e) {
  char temp[4096];
  export_model m;
  host_map map;
  if (is_blob(path)) return session_open(s, path, threads, e);
  if (export_open(&m, path, -1, e)) return -1;
  int bad = temp_path(temp, e);
  if (!bad && (bad = export_blob_as(&m, NULL, temp, &map, e))) unlink(temp);
  export_close(&m);
  if (bad) return -1;
  host_map_close(&map);
  return take(s, temp, path, threads, e);
}

/* Sections of a blob that ulm_verify has passed. */
static ulm_section section(const session *s, uint32_t tag) {
  ulm_file f;
  ulm_section x = {0};
  if (!ulm_file_open(&f, s->map.bytes, s->map.size, ULM_KIND_BLOB, NULL))
    (void)ulm_file_find(&f, tag, &x);
  return x;
}

int untrained_session(session *s, const session *of, uint64_t seed, host_error *e) {
  const ulm_config *c = ulm_get_config(of->handles[0]);
  const ulm_section vocab = section(of, ULM_SEC_VOCAB), chat = section(of, ULM_SEC_CHAT);
  uint8_t config[ULM_CONFIG_SIZE], entry[ULM_TDIR_ENTRY];
  char temp[4096];
  host_box box;
  model *m = model_new(c, 1, 1, 0, of->threads, e);
  if (!m) return -1;
  model_init(m, seed);
  if (temp_path(temp, e) || host_box_open(&box, temp, ULM_KIND_BLOB, chat.data ? 5 : 4, e)) {
    model_free(m);
    return -1;
  }
  ulm_config_write(config, c);
  host_box_section(&box, ULM_SEC_CONFIG);
  host_box_write(&box, config, sizeof config);
  host_box_section(&box, ULM_SEC_TENSORS);
  uint64_t at = 0;
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    at = ulm_tdir_write(entry, c, i, ULM_F32, at);
    host_box_write(&box, entry, sizeof entry);
  }
  host_box_section(&box, ULM_SEC_WEIGHTS);
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    static const uint8_t zeros[ULM_ALIGN];
    const ulm_tensor t = ulm_tensor_at(c, i);
    const size_t bytes = (size_t)t.count * sizeof(float);
    host_box_write(&box, model_params(m) + t.start, bytes);
    host_box_write(&box, zeros, (size_t)ulm_pad64(bytes) - bytes);
  }
  model_free(m);
  host_box_section(&box, ULM_SEC_VOCAB);
  host_box_write(&box, vocab.data, (size_t)vocab.size);
  if (chat.data) {
    host_box_section(&box, ULM_SEC_CHAT);
    host_box_write(&box, chat.data, (size_t)chat.size);
  }
  if (host_box_commit(&box, e)) return unlink(temp), -1;
  return take(s, temp, "untrained", of->threads, e);
}

int same_weights(const session *a, const session *b) {
  const ulm_section x = section(a, ULM_SEC_WEIGHTS), y = section(b, ULM_SEC_WEIGHTS),
                    p = section(a, ULM_SEC_TENSORS), q = section(b, ULM_SEC_TENSORS);
  if (x.size == y.size && x.crc == y.crc) return 1;
  const ulm_config *c = ulm_get_config(a->handles[0]), *d = ulm_get_config(b->handles[0]);
  if (c->dim != d->dim || c->layers != d->layers) return 0;
  for (uint32_t i = 0; i < ulm_tensor_count(c); i++) {
    const ulm_tensor t = ulm_tensor_at(c, i);
    if (!t.cols && memcmp(x.data + ulm_tdir_at(&p, i).offset, y.data + ulm_tdir_at(&q, i).offset,
                          (size_t)t.count * sizeof(float)))
      return 0;
  }
  return 1;
}
