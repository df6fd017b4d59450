/* Operations of the model, chosen at run time by what the processor has. */
#ifndef TRAIN_OPS_H
#define TRAIN_OPS_H

#include "../host.h"

#define REAL float
#define OPS  ops_f32
#include "ops_table.h"
#undef REAL
#undef OPS
#define REAL double
#define OPS  ops_f64
#include "ops_table.h"
#undef REAL
#undef OPS

/* Table i of those this build has and this machine runs, from portable to widest; NULL past the
 * last. */
const ops_f32 *ops_at(uint32_t i);
/* The widest, or the one the environment variable ULM_ISA names ("dnnl", too, in builds with
 * DNNL=1); NULL with an error if it cannot run. */
const ops_f32 *ops_pick(host_error *e);
/* From now on ops_pick returns this table, one that measures or replaces operations; NULL: as before.
 */
void ops_use(const ops_f32 *k);
/* `base` with its large products by oneDNN; NULL in builds without it. Sums may depend on threads. */
const ops_f32 *ops_dnnl(const ops_f32 *base);
/* The same sources in double, for tests. */
extern const ops_f64 ops_double;

#ifdef _OPENMP
#include <omp.h>
static inline int thread_id(void) { return omp_get_thread_num(); }
static inline int threads_default(void) { return omp_get_max_threads(); }
#else
static inline int thread_id(void) { return 0; }
static inline int threads_default(void) { return 1; }
#endif

#endif
