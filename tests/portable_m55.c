/* The bare targets of `make portability`: blobs lie a megabyte apart in the board's flash. First,
 * products of activations so small that their terms are subnormal, kernel by kernel. */
#include "board.h"
#include "portable.h"
#include "ulm_kernels.h"
#include "ulm_math.h"

enum { ROWS = 35, COLS = 96, TOKENS = 3, APART = 1 << 20 };

static _Alignas(64) uint8_t arena[PORTABLE_ARENA];
static struct {
  _Alignas(64) uint8_t w[ROWS * COLS];
  uint16_t scale[ROWS * COLS / ULM_GROUP];
  float x[TOKENS * COLS], y[2][TOKENS * ROWS], code_scale[TOKENS * COLS / ULM_GROUP];
  int8_t code[TOKENS * COLS];
  int32_t minus[TOKENS * COLS / ULM_GROUP];
} k;

static int fail(const char *why) {
  board_put("error: "), board_put(why), board_put("\n");
  return 1;
}

/* Products of x of about 2^e on every instruction set; *subnormal counts results that are. */
static int products(int e, ulm_type type, ulm_rng *r, uint32_t *subnormal) {
  const ulm_matrix w = {type, ROWS, COLS, 1, k.w, k.scale};
  const ulm_codes c = {k.code, k.code_scale, k.minus};
  const uint32_t groups = COLS / ULM_GROUP;
  for (uint32_t i = 0; i < ROWS * COLS; i++) k.w[i] = (uint8_t)(ulm_rng_below(r, 255) - 127);
  for (uint32_t i = 0; i < ROWS * groups; i++) k.scale[i] = (uint16_t)(1 + ulm_rng_below(r, 4));
  for (uint32_t i = 0; i < TOKENS * COLS; i++)
    k.x[i] = ulm_as_float((uint32_t)(127 + e) << 23) * (ulm_rng_f32(r) - 0.5f);
  for (uint32_t isa = 0; ulm_kernels_at(isa); isa++) {
    const ulm_kernels *with = ulm_kernels_at(isa);
    float *y = k.y[isa > 0];
    with->encode(&c, 0, k.x, TOKENS * groups);
    with->matmul(y, &w, k.x, &c, TOKENS, 0, ROWS);
    for (uint32_t i = 0; i < TOKENS * ROWS; i++) {
      if (ulm_as_bits(y[i]) != ulm_as_bits(k.y[0][i])) return fail(with->name);
      *subnormal += !(ulm_as_bits(y[i]) & 0x7f800000) && y[i] != 0;
    }
  }
  return 0;
}

int board_main(const char *unused) {
  static const char *const names[] = {"f16", "f32", "int4", "int8"}; /* by name, as a shell lists */
  const portable_target t = {board_put, arena, sizeof arena, {0}};
  ulm_rng r = ulm_rng_seed(1, 9);
  uint32_t subnormal = 0;
  (void)unused;
  for (int e = -99; e <= -40; e++)
    for (int type = ULM_INT8; type <= ULM_INT4; type++)
      if (products(e, (ulm_type)type, &r, &subnormal)) return 1;
  if (!subnormal) return fail("no product was subnormal");
  for (int i = 0; i < 4; i++) {
    const uint8_t *blob = board_flash() + (size_t)i * APART;
    if (portable(names[i], blob, (size_t)ulm_get64(blob + 16), &t)) return 1;
  }
  return 0;
}
