/* Which compilation of the kernels runs. */
#include "ops.h"
#include <stdlib.h>
#include <string.h>

extern const ops_f32 ops_portable, ops_avx2, ops_avx512, ops_avx512bf16, ops_neon;

const ops_f32 *ops_at(uint32_t i) {
  const ops_f32 *have[4] = {&ops_portable};
  uint32_t n = 1;
#ifdef __x86_64__
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    have[n++] = &ops_avx2;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")) {
      have[n++] = &ops_avx512;
      if (__builtin_cpu_supports("avx512bf16")) have[n++] = &ops_avx512bf16;
    }
  }
#elif defined __aarch64__
  have[n++] = &ops_neon; /* of every such processor */
#endif
  return i < n ? have[i] : NULL;
}

static const ops_f32 *used;
void ops_use(const ops_f32 *k) { used = k; }

const ops_f32 *ops_pick(host_error *e) {
  if (used) return used;
  const char *want = getenv("ULM_ISA");
  const ops_f32 *best = NULL, *o;
  char names[64] = "";
  for (uint32_t i = 0; (o = ops_at(i)); i++) {
    if (want && *want && !strcmp(want, o->isa)) return o;
    if (i) strcat(names, ", ");
    strcat(names, o->isa);
    best = o;
  }
  if (!want || !*want) return best;
  if (!strcmp(want, "dnnl")) {
    if ((o = ops_dnnl(best))) return o;
    host_fail(e,
              "ULM_ISA=dnnl: not in this build, or oneDNN does not start; build with make DNNL=1");
    return NULL;
  }
  host_fail(e, "ULM_ISA=%s: this machine and build run %s; unset it to choose the fastest", want,
            names);
  return NULL;
}
