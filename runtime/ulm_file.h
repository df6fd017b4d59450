/* The container that all binary files of ulm share: header, section table, sections.
 * Byte tables: docs/FORMATS.md. Readers take bytes and check every field before use. */
#ifndef ULM_FILE_H
#define ULM_FILE_H

#include "ulm_model.h"
#include "ulm_num.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ULM_TAG(a, b, c, d)                                                                        \
  ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

enum {
  ULM_FILE_HEADER = 64,
  ULM_FILE_ENTRY = 32,
  ULM_FILE_SECTIONS_MAX = 32,
  ULM_FILE_VERSION = 1
};

/* Kinds of file */
#define ULM_KIND_SHARD ULM_TAG('S', 'H', 'R', 'D')
#define ULM_KIND_CKPT  ULM_TAG('C', 'K', 'P', 'T')
#define ULM_KIND_QUANT ULM_TAG('Q', 'U', 'A', 'N')
#define ULM_KIND_BLOB  ULM_TAG('B', 'L', 'O', 'B')

/* Sections */
#define ULM_SEC_CONFIG  ULM_TAG('C', 'O', 'N', 'F') /* model config: ckpt, quant, blob */
#define ULM_SEC_TENSORS ULM_TAG('T', 'D', 'I', 'R') /* tensor directory: ckpt, quant, blob */
#define ULM_SEC_WEIGHTS ULM_TAG('W', 'G', 'T', 'S') /* tensor bytes: ckpt, quant, blob */
#define ULM_SEC_META    ULM_TAG('M', 'E', 'T', 'A') /* JSON, UTF-8: provenance; any */
#define ULM_SEC_SPM     ULM_TAG('S', 'P', 'M', ' ') /* sentencepiece model: shard, ckpt, quant */
#define ULM_SEC_VOCAB   ULM_TAG('V', 'O', 'C', 'B') /* the device tokenizer: blob */
#define ULM_SEC_CHAT    ULM_TAG('C', 'H', 'A', 'T') /* chat template: blob */
#define ULM_SEC_GATE    ULM_TAG('G', 'A', 'T', 'E') /* gate: blob */
#define ULM_SEC_SNAP    ULM_TAG('S', 'N', 'A', 'P') /* snapshots of a system prompt: blob */
#define ULM_SEC_TOKENS  ULM_TAG('T', 'O', 'K', 'S') /* u16 ids: shard */
#define ULM_SEC_MASK    ULM_TAG('M', 'A', 'S', 'K') /* u8 flags, one a token: shard */
#define ULM_SEC_DOCS    ULM_TAG('D', 'O', 'C', 'S') /* u64 document starts: shard */
#define ULM_SEC_SOURCES ULM_TAG('S', 'R', 'C', 'S') /* u16 source of each document: shard */
#define ULM_SEC_MOMENT1 ULM_TAG('M', 'O', 'M', '1') /* f32 first moments: ckpt */
#define ULM_SEC_MOMENT2 ULM_TAG('M', 'O', 'M', '2') /* f32 second moments: ckpt */
#define ULM_SEC_TRAINED                                                                            \
  ULM_TAG('L', 'I', 'V', 'E') /* f32 weights in training, where WGTS is their average: ckpt */
#define ULM_SEC_STATE ULM_TAG('S', 'T', 'A', 'T') /* training state: ckpt */

typedef struct {
  const uint8_t *bytes;
  uint64_t size; /* as the header states it: equal to the bytes given */
  uint32_t kind, version, count;
} ulm_file;

typedef struct {
  const uint8_t *data; /* 64-byte aligned relative to the file's start */
  uint64_t size, offset;
  uint32_t tag, crc;
} ulm_section;

/* Checks magic, version, endianness, size, header checksum and the section table: every section
 * inside the file, in order, aligned, not overlapping, no tag twice. kind 0 accepts any kind.
 * Touches the header and table alone. */
ulm_status ulm_file_open(ulm_file *f, const void *bytes, uint64_t size, uint32_t kind,
                         ulm_error *err);

/* Section number i < count; or by tag: 1 if found, 0 if not. */
ulm_section ulm_file_at(const ulm_file *f, uint32_t i);
int ulm_file_find(const ulm_file *f, uint32_t tag, ulm_section *s);

/* The same, but a missing section is an ULM_E_FORMAT error. */
ulm_status ulm_file_need(const ulm_file *f, uint32_t tag, ulm_section *s, ulm_error *err);

/* Reads every byte: each section's CRC, and that the padding between sections is zero. */
ulm_status ulm_file_verify(const ulm_file *f, ulm_error *err);

/* ---- CONF: 64 bytes ---- */
enum { ULM_CONFIG_SIZE = 64 };
void ulm_config_write(uint8_t out[ULM_CONFIG_SIZE], const ulm_config *c);
ulm_status ulm_config_read(const ulm_section *s, ulm_config *c, ulm_error *err);

/* ---- TDIR: one 32-byte entry a tensor, in table order ---- */
enum { ULM_TDIR_ENTRY = 32 };
typedef struct {
  ulm_type type;
  uint64_t offset; /* of the values, from the start of WGTS */
  uint64_t scales; /* of the scales, from the start of WGTS; 0 if the type has none */
  int tiled;       /* 1: in tiles of 16 rows (ulm_kernels.h), quantized matrices of blobs alone */
} ulm_placed;
/* Writes entry `index`; returns the offset just past the tensor. Vectors must be F32. */
uint64_t ulm_tdir_write(uint8_t out[ULM_TDIR_ENTRY], const ulm_config *c, uint32_t index,
                        ulm_type type, uint64_t offset);
/* Says of an entry that its tensor lies in tiles. */
void ulm_tdir_tiled(uint8_t entry[ULM_TDIR_ENTRY]);
/* Checks the whole directory against the tensor table and the size of WGTS; tiles: may be there. */
ulm_status ulm_tdir_check(const ulm_section *dir, const ulm_config *c, uint64_t weights, int tiles,
                          ulm_error *err);
/* Entry `index` of a checked directory. */
ulm_placed ulm_tdir_at(const ulm_section *dir, uint32_t index);

static inline ulm_status ulm_fail(ulm_error *err, ulm_status code, uint64_t offset,
                                  const char *message) {
  if (err) *err = (ulm_error){code, message, offset};
  return code;
}

#ifdef __cplusplus
}
#endif
#endif
