/* What a blob holds beside the model, for those who write blobs: docs/FORMATS.md. */
#ifndef ULM_BLOB_H
#define ULM_BLOB_H

#include "ulm_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The CHAT section: ChatML, for other engines. */
#define ULM_CHATML                                                                                 \
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + " \
  "'<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}" \
  "{% endif %}"

/* The GATE section; the reader refuses floats that are not finite. */
enum { ULM_GATE_SIZE = 32 };
void ulm_gate_write(uint8_t out[ULM_GATE_SIZE], const ulm_gate *g);
ulm_status ulm_gate_read(const ulm_section *s, ulm_gate *g, ulm_error *err);

/* The SNAP section: snapshots of one conversation's beginning, at most one a KV type, one after the
 * other. `model` is what ulm_blob_model gives. Opening checks the headers and sets found[type], or
 * NULL; verifying checks every byte. */
enum { ULM_SNAPSHOT_HEADER = 64 };
ulm_status ulm_snapshots_open(const ulm_section *s, const ulm_config *c, uint32_t model,
                              const uint8_t *found[ULM_KVS], ulm_error *err);
ulm_status ulm_snapshots_verify(const ulm_section *s, const ulm_config *c, uint32_t model,
                                ulm_error *err);
uint32_t ulm_snapshot_tokens(const uint8_t *snapshot);
uint16_t ulm_snapshot_id(const uint8_t *snapshot, uint32_t i);
/* What names a model in its snapshots: CRC-32 of tag, size and CRC-32 of CONF, TDIR, WGTS and VOCB.
 */
uint32_t ulm_blob_model(const ulm_file *f);

#ifdef __cplusplus
}
#endif
#endif
