/* The matrix product of an instruction set, written once: included by its file after it has defined
 *   tiles(y, w, codes, tokens, from, to, int4)   rows from..to-1, whole tiles, of a tiled matrix
 * What is not in tiles goes to the portable kernels, numbers in floats to ulm_lanes.h. */
#ifndef ULM_TILES_H
#define ULM_TILES_H
#include "ulm_lanes.h"

static void matmul(float *y, const ulm_matrix *w, const float *x, const ulm_codes *c,
                   uint32_t tokens, uint32_t from, uint32_t to) {
  const uint32_t whole = to - (to - from) % ULM_TILE;
  if (w->type == ULM_F32)
    matmul_floats(ULM_KV_F32, y, w, x, tokens, from, to);
  else if (w->type == ULM_F16)
    matmul_floats(ULM_KV_F16, y, w, x, tokens, from, to);
  else if (!w->tiled)
    ulm_portable.matmul(y, w, x, c, tokens, from, to);
  else {
    if (w->type == ULM_INT4)
      tiles(y, w, c, tokens, from, whole, 1);
    else
      tiles(y, w, c, tokens, from, whole, 0);
    if (whole < to) ulm_portable.matmul(y, w, x, c, tokens, whole, to);
  }
}
#endif
