#include "ulm_file.h"
#include <string.h>

static const uint8_t magic[8] = {0x89, 'U', 'L', 'M', '\r', '\n', 0x1a, '\n'};

/* Header: 0 magic[8] | 8 kind u32 | 12 version u16 | 14 endian u16 = 0x0102 | 16 file size u64 |
 * 24 section count u32 | 28 header crc u32 (header with this field zero, then the table) | 32
 * zero[32] Entry: 0 tag u32 | 4 crc u32 | 8 offset u64 | 16 size u64 | 24 zero u64 */

static int all_zero(const uint8_t *p, uint64_t n) {
  uint8_t any = 0;
  while (n--) any |= *p++;
  return any == 0;
}

ulm_section ulm_file_at(const ulm_file *f, uint32_t i) {
  const uint8_t *e = f->bytes + ULM_FILE_HEADER + (uint64_t)i * ULM_FILE_ENTRY;
  ulm_section s = {0, ulm_get64(e + 16), ulm_get64(e + 8), ulm_get32(e), ulm_get32(e + 4)};
  s.data = f->bytes + s.offset;
  return s;
}

ulm_status ulm_file_open(ulm_file *f, const void *bytes, uint64_t size, uint32_t kind,
                         ulm_error *err) {
  const uint8_t *p = bytes;
  if (!p || size < ULM_FILE_HEADER)
    return ulm_fail(err, ULM_E_FORMAT, 0, "shorter than a header; is this a ulm file?");
  if (memcmp(p, magic, 8)) return ulm_fail(err, ULM_E_FORMAT, 0, "not a ulm file (wrong magic)");
  if (ulm_get16(p + 14) != 0x0102)
    return ulm_fail(err, ULM_E_FORMAT, 14, "endian mark is not 0x0102");
  if (ulm_get16(p + 12) != ULM_FILE_VERSION)
    return ulm_fail(err, ULM_E_VERSION, 12,
                    "format version is not 1; make the file again with this build");
  if (kind && ulm_get32(p + 8) != kind)
    return ulm_fail(err, ULM_E_FORMAT, 8, "another kind of ulm file; `ulm info` tells which");
  if (ulm_get64(p + 16) != size)
    return ulm_fail(err, ULM_E_FORMAT, 16, "file size differs from the header; was it cut?");
  const uint32_t n = ulm_get32(p + 24);
  if (n < 1 || n > ULM_FILE_SECTIONS_MAX)
    return ulm_fail(err, ULM_E_FORMAT, 24, "section count out of range");
  const uint64_t table = ULM_FILE_HEADER + (uint64_t)n * ULM_FILE_ENTRY;
  if (table > size) return ulm_fail(err, ULM_E_FORMAT, 24, "section table runs past the end");
  static const uint8_t zero[4];
  uint32_t crc = ulm_crc32(0, p, 28);
  crc = ulm_crc32(crc, zero, 4);
  crc = ulm_crc32(crc, p + 32, (size_t)(table - 32));
  if (crc != ulm_get32(p + 28))
    return ulm_fail(err, ULM_E_CHECKSUM, 28, "header checksum does not match; the file is damaged");
  if (!all_zero(p + 32, 32))
    return ulm_fail(err, ULM_E_FORMAT, 32, "reserved header bytes are not zero");
  *f = (ulm_file){p, size, ulm_get32(p + 8), ULM_FILE_VERSION, n};
  uint64_t end = table;
  for (uint32_t i = 0; i < n; i++) {
    const uint64_t at = ULM_FILE_HEADER + (uint64_t)i * ULM_FILE_ENTRY;
    const ulm_section s = {0, ulm_get64(p + at + 16), ulm_get64(p + at + 8), ulm_get32(p + at), 0};
    if (ulm_get64(p + at + 24))
      return ulm_fail(err, ULM_E_FORMAT, at + 24, "reserved table bytes are not zero");
    if (s.offset != ulm_pad64(end))
      return ulm_fail(err, ULM_E_FORMAT, at + 8,
                      "section does not start where the one before it ends");
    if (s.offset > size || s.size > size - s.offset)
      return ulm_fail(err, ULM_E_FORMAT, at + 16, "section runs past the end");
    for (uint32_t j = 0; j < i; j++)
      if (ulm_get32(p + ULM_FILE_HEADER + (uint64_t)j * ULM_FILE_ENTRY) == s.tag)
        return ulm_fail(err, ULM_E_FORMAT, at, "section appears twice");
    end = s.offset + s.size;
  }
  if (ulm_pad64(end) != size)
    return ulm_fail(err, ULM_E_FORMAT, 16, "bytes after the last section");
  return ULM_OK;
}

int ulm_file_find(const ulm_file *f, uint32_t tag, ulm_section *s) {
  for (uint32_t i = 0; i < f->count; i++) {
    *s = ulm_file_at(f, i);
    if (s->tag == tag) return 1;
  }
  return 0;
}

ulm_status ulm_file_need(const ulm_file *f, uint32_t tag, ulm_section *s, ulm_error *err) {
  return ulm_file_find(f, tag, s)
             ? ULM_OK
             : ulm_fail(err, ULM_E_FORMAT, 24, "a section that this kind of file needs is missing");
}

ulm_status ulm_file_verify(const ulm_file *f, ulm_error *err) {
  uint64_t end = ULM_FILE_HEADER + (uint64_t)f->count * ULM_FILE_ENTRY;
  for (uint32_t i = 0; i <= f->count; i++) {
    const ulm_section s = i < f->count ? ulm_file_at(f, i) : (ulm_section){0, 0, f->size, 0, 0};
    if (!all_zero(f->bytes + end, s.offset - end))
      return ulm_fail(err, ULM_E_CHECKSUM, end, "padding is not zero; the file is damaged");
    if (i == f->count) break;
    if (ulm_crc32(0, s.data, (size_t)s.size) != s.crc)
      return ulm_fail(err, ULM_E_CHECKSUM, s.offset,
                      "section checksum does not match; the file is damaged");
    end = s.offset + s.size;
  }
  return ULM_OK;
}

/* ---- CONF: u32 dim, layers, heads, kv_heads, ffn, vocab, context; f32 rope_base, norm_eps; zeros
 * ---- */

void ulm_config_write(uint8_t out[ULM_CONFIG_SIZE], const ulm_config *c) {
  const uint32_t u[7] = {c->dim, c->layers, c->heads, c->kv_heads, c->ffn, c->vocab, c->context};
  const float f[2] = {c->rope_base, c->norm_eps};
  memset(out, 0, ULM_CONFIG_SIZE);
  for (int i = 0; i < 7; i++) ulm_put32(out + 4 * i, u[i]);
  for (int i = 0; i < 2; i++) {
    uint32_t b;
    memcpy(&b, &f[i], 4);
    ulm_put32(out + 28 + 4 * i, b);
  }
}

ulm_status ulm_config_read(const ulm_section *s, ulm_config *c, ulm_error *err) {
  if (s->size != ULM_CONFIG_SIZE)
    return ulm_fail(err, ULM_E_FORMAT, s->offset, "config section is not 64 bytes");
  uint32_t u[7];
  float f[2];
  for (int i = 0; i < 7; i++) u[i] = ulm_get32(s->data + 4 * i);
  for (int i = 0; i < 2; i++) {
    const uint32_t b = ulm_get32(s->data + 28 + 4 * i);
    memcpy(&f[i], &b, 4);
  }
  *c = (ulm_config){u[0], u[1], u[2], u[3], u[4], u[5], u[6], f[0], f[1]};
  const char *why = ulm_config_error(c);
  if (why) return ulm_fail(err, ULM_E_FORMAT, s->offset, why);
  if (!all_zero(s->data + 36, 28))
    return ulm_fail(err, ULM_E_FORMAT, s->offset + 36, "reserved config bytes are not zero");
  return ULM_OK;
}

/* ---- TDIR: u16 kind, u16 layer (0xffff: none), u16 type, u16 layout (0 rows, 1 tiles), u32 rows,
 * u32 cols, u64 offset, u64 scales ---- */

static uint64_t place(const ulm_tensor *t, ulm_type type, uint64_t offset, uint64_t *scales) {
  const uint64_t values = ulm_pad64(ulm_values_size(type, t->rows, t->cols));
  const uint64_t extra = ulm_pad64(ulm_scales_size(type, t->rows, t->cols));
  *scales = extra ? offset + values : 0;
  return offset + values + extra;
}

uint64_t ulm_tdir_write(uint8_t out[ULM_TDIR_ENTRY], const ulm_config *c, uint32_t index,
                        ulm_type type, uint64_t offset) {
  const ulm_tensor t = ulm_tensor_at(c, index);
  uint64_t scales;
  const uint64_t end = place(&t, type, offset, &scales);
  ulm_put16(out, (uint16_t)t.kind);
  ulm_put16(out + 2, t.layer < 0 ? 0xffff : (uint16_t)t.layer);
  ulm_put32(out + 4, (uint32_t)type);
  ulm_put32(out + 8, t.rows);
  ulm_put32(out + 12, t.cols);
  ulm_put64(out + 16, offset);
  ulm_put64(out + 24, scales);
  return end;
}

ulm_placed ulm_tdir_at(const ulm_section *dir, uint32_t index) {
  const uint8_t *e = dir->data + (uint64_t)index * ULM_TDIR_ENTRY;
  return (ulm_placed){(ulm_type)ulm_get16(e + 4), ulm_get64(e + 16), ulm_get64(e + 24),
                      ulm_get16(e + 6)};
}

void ulm_tdir_tiled(uint8_t entry[ULM_TDIR_ENTRY]) { ulm_put16(entry + 6, 1); }

ulm_status ulm_tdir_check(const ulm_section *dir, const ulm_config *c, uint64_t weights, int tiles,
                          ulm_error *err) {
  const uint32_t n = ulm_tensor_count(c);
  if (dir->size != (uint64_t)n * ULM_TDIR_ENTRY)
    return ulm_fail(err, ULM_E_FORMAT, dir->offset, "tensor directory does not fit the config");
  uint64_t end = 0;
  for (uint32_t i = 0; i < n; i++) {
    const uint64_t at = (uint64_t)i * ULM_TDIR_ENTRY;
    const uint8_t *e = dir->data + at;
    const ulm_tensor t = ulm_tensor_at(c, i);
    const uint32_t type = ulm_get16(e + 4), layout = ulm_get16(e + 6);
    if (type >= ULM_TYPES)
      return ulm_fail(err, ULM_E_FORMAT, dir->offset + at + 4, "unknown number format");
    if (t.cols == 0 && type != ULM_F32)
      return ulm_fail(err, ULM_E_FORMAT, dir->offset + at + 4, "a norm's weights must be f32");
    if ((type == ULM_INT8 || type == ULM_INT4) && t.cols % ULM_GROUP)
      return ulm_fail(err, ULM_E_FORMAT, dir->offset + at + 12,
                      "a quantized row must divide by 32");
    if (layout > 1 || (layout && (!tiles || (type != ULM_INT8 && type != ULM_INT4))))
      return ulm_fail(err, ULM_E_FORMAT, dir->offset + at + 6,
                      "unknown layout of a tensor; export the model again");
    uint8_t want[ULM_TDIR_ENTRY];
    end = ulm_tdir_write(want, c, i, (ulm_type)type, end);
    if (layout) ulm_tdir_tiled(want);
    if (memcmp(want, e, ULM_TDIR_ENTRY))
      return ulm_fail(err, ULM_E_FORMAT, dir->offset + at,
                      "tensor entry differs from the tensor table");
  }
  if (end != weights)
    return ulm_fail(err, ULM_E_FORMAT, dir->offset, "weights section does not fit the directory");
  return ULM_OK;
}
