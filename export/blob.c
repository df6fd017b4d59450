#include "export.h"
#include "../runtime/ulm_kernels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Provenance that travels to the device: the source's META without the account of every tensor. */
static char *meta_text(const export_model *s) {
  json_t *o = json_deep_copy(s->meta), *q = json_object_get(o, "quantization");
  json_object_del(q, "tensors");
  json_object_del(q, "kinds");
  char *text = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(9));
  json_decref(o);
  return text;
}

/* Tensor `index` as export_tensor gave it into tiles of 16 rows (runtime/ulm_kernels.h). */
static void in_tiles(const export_model *s, uint32_t index, uint8_t *bytes, uint8_t *scratch) {
  const ulm_tensor t = ulm_tensor_at(&s->file.config, index);
  const ulm_type type = export_type(s, index);
  const uint64_t values = ulm_values_size(type, t.rows, t.cols),
                 scales = ulm_scales_size(type, t.rows, t.cols);
  memcpy(scratch, bytes, (size_t)values);
  ulm_tile(bytes, scratch, t.rows, values / t.rows, 4);
  memcpy(scratch, bytes + ulm_pad64(values), (size_t)scales);
  ulm_tile(bytes + ulm_pad64(values), scratch, t.rows, scales / t.rows, 2);
}

static int write_weights(host_box *box, const export_model *s, host_error *e) {
  const ulm_config *c = &s->file.config;
  const uint32_t n = ulm_tensor_count(c);
  uint64_t at = 0;
  host_box_section(box, ULM_SEC_TENSORS);
  for (uint32_t i = 0; i < n; i++) {
    uint8_t entry[ULM_TDIR_ENTRY];
    at = ulm_tdir_write(entry, c, i, export_type(s, i), at);
    if (export_type(s, i) >= ULM_INT8) ulm_tdir_tiled(entry);
    host_box_write(box, entry, sizeof entry);
  }
  host_box_section(box, ULM_SEC_WEIGHTS);
  uint8_t *bytes = host_alloc((size_t)export_largest(s), "an encoded tensor");
  float *scratch = host_alloc((size_t)export_largest(s), "a tensor");
  int bad = 0;
  for (uint32_t i = 0; !bad && i < n; i++) {
    const uint64_t size = export_tensor(s, i, bytes, scratch, e);
    bad = !size;
    if (bad) break;
    if (export_type(s, i) >= ULM_INT8) in_tiles(s, i, bytes, (uint8_t *)scratch);
    host_box_write(box, bytes, (size_t)size);
  }
  free(bytes);
  free(scratch);
  return bad;
}

/* snap[n]: the SNAP section; NULL: none. */
static int write_blob(const export_model *s, const ulm_gate *gate, const uint8_t *snap, size_t n,
                      const char *out, host_error *e) {
  uint8_t config[ULM_CONFIG_SIZE], gated[ULM_GATE_SIZE], *vocab;
  size_t vocab_size;
  host_box box;
  if (vocab_build(s->tokenizer, &vocab, &vocab_size, e)) return -1;
  if (host_box_open(&box, out, ULM_KIND_BLOB, 6 + (gate != NULL) + (snap != NULL), e)) {
    free(vocab);
    return -1;
  }
  ulm_config_write(config, &s->file.config);
  host_box_section(&box, ULM_SEC_CONFIG);
  host_box_write(&box, config, sizeof config);
  const int bad = write_weights(&box, s, e);
  host_box_section(&box, ULM_SEC_VOCAB);
  host_box_write(&box, vocab, vocab_size);
  free(vocab);
  host_box_section(&box, ULM_SEC_CHAT);
  host_box_write(&box, ULM_CHATML, sizeof ULM_CHATML - 1);
  if (gate) {
    ulm_gate_write(gated, gate);
    host_box_section(&box, ULM_SEC_GATE);
    host_box_write(&box, gated, sizeof gated);
  }
  if (snap) {
    host_box_section(&box, ULM_SEC_SNAP);
    host_box_write(&box, snap, n);
  }
  char *meta = meta_text(s);
  host_box_section(&box, ULM_SEC_META);
  host_box_write(&box, meta, strlen(meta));
  free(meta);
  if (!bad) return host_box_commit(&box, e);
  host_box_abort(&box);
  return -1;
}

int export_blob_as(const export_model *s, const ulm_gate *gate, const char *temp, host_map *map,
                   host_error *e) {
  ulm_error err;
  if (write_blob(s, gate, NULL, 0, temp, e)) return -1;
  if (host_map_open(map, temp, e)) return unlink(temp), -1;
  if (s->system) { /* the model runs once to fill its own section */
    uint8_t *snap;
    size_t n;
    int bad = export_snapshots(s, map, &snap, &n, e);
    host_map_close(map);
    if (!bad) {
      bad = write_blob(s, gate, snap, n, temp, e);
      free(snap);
    }
    if (bad || host_map_open(map, temp, e)) return unlink(temp), -1;
  }
  if (ulm_verify(map->bytes, map->size, &err)) {
    host_map_close(map);
    unlink(temp);
    return host_fail_ulm(e, s->path, &err);
  }
  return 0;
}

int export_blob(const export_model *s, const ulm_gate *gate, const char *out, host_error *e) {
  char temp[4096];
  host_map map;
  if (host_replaceable(out, e)) return -1;
  if (export_temp(temp, sizeof temp, out, e) || export_blob_as(s, gate, temp, &map, e)) return -1;
  host_map_close(&map);
  if (!rename(temp, out) && !host_fsync_dir(out)) return 0;
  host_fail(e, "%s: cannot rename onto it: %s; the old file, if any, is untouched", out,
            strerror(errno));
  unlink(temp);
  return -1;
}

int export_temp(char *temp, size_t size, const char *out, host_error *e) {
  const int n = snprintf(temp, size, "%s.%ld.new", out, (long)getpid());
  if (!*out) return host_fail(e, "the output's path is empty");
  return n < 0 || (size_t)n >= size ? host_fail(e, "%.100s...: path is too long", out) : 0;
}
