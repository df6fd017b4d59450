/* What `make bench-insn` counts the instructions of: a blob opened, then a prompt, then decoding.
 *   insn BLOB ISA PROMPT DECODED      tokens; exits 1 if this machine lacks the instruction set */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ulm.h"

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "insn BLOB ISA PROMPT DECODED\n");
    return 2;
  }
  const int prompt = atoi(argv[3]), decoded = atoi(argv[4]);
  FILE *f = fopen(argv[1], "rb");
  if (!f || fseek(f, 0, SEEK_END)) return 1;
  const size_t size = (size_t)ftell(f);
  rewind(f);
  uint8_t *blob = aligned_alloc(64, (size + 63) / 64 * 64);
  setvbuf(f, NULL, _IONBF, 0); /* the emulator's kernel copies, not the guest */
  if (!blob || fread(blob, 1, size, f) != size) return 1;
  fclose(f);

  const ulm_options options = {.isa = argv[2]};
  ulm_error err;
  ulm *m;
  const size_t need = ulm_sizeof(blob, size, &options, &err);
  void *arena = need ? aligned_alloc(64, need) : NULL;
  if (!arena || ulm_open(&m, blob, size, arena, need, &options, &err)) {
    fprintf(stderr, "insn: %s: %s\n", argv[2], err.message);
    return 1;
  }
  uint16_t ids[512];
  if (prompt < 0 || prompt > 512 || decoded < 0) return 2;
  for (int i = 0; i < prompt; i++) ids[i] = (uint16_t)(260 + i * 7);
  if (ulm_prefill(m, ids, (size_t)prompt)) return 1;
  for (int i = 0; i < decoded; i++) {
    const uint16_t id = (uint16_t)(300 + i);
    if (ulm_prefill(m, &id, 1) || !ulm_logits(m)) return 1;
  }
  return 0;
}
