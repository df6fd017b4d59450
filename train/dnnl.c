/* The large products by oneDNN 2 (Debian: libdnnl-dev), in builds with `make DNNL=1`, where
 * ULM_ISA=dnnl asks for it: a cross-check, and for processors whose units the kernels here do not
 * know. oneDNN picks its own code for the processor. Sums may be ordered by the number of threads.
 *   float:     dnnl_sgemm on the matrices as they are
 *   bfloat16:  reorders that convert each factor into the layout a matmul primitive wants, then it
 * Primitives and buffers are made at the first product of a shape, which is in the first step. */
#include "ops.h"

#ifndef ULM_DNNL
const ops_f32 *ops_dnnl(const ops_f32 *base) {
  (void)base;
  return NULL;
}
#else

#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>
#if DNNL_VERSION_MAJOR != 2
#error "DNNL=1 is written for oneDNN 2.x"
#endif

enum { SHAPES = 64, LARGE = 1 << 18 }; /* LARGE: multiply-adds below which a call costs too much */

typedef struct {
  int ta, tb, add, threads;
  size_t M, N, K, lda, ldb, ldc;
} shape;

typedef struct {
  shape key;
  dnnl_primitive_t matmul, pack_a, pack_b;            /* NULL: oneDNN has none; built-in kernel */
  dnnl_memory_t A, B, C, packed_a, packed_b, scratch; /* handles are set at each call */
  size_t bytes_a, bytes_b, bytes_scratch;
} product;

static struct {
  const ops_f32 *base;
  ops_f32 table;
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  product products[SHAPES];
  size_t count;
  void *packed_a, *packed_b, *scratch; /* for the largest shape so far */
  size_t bytes_a, bytes_b, bytes_scratch;
} dnnl;

/* Within a parallel region (Muon's small products) and for small products the built-in kernels run.
 */
static int small(size_t M, size_t N, size_t K) {
  return (double)M * (double)N * (double)K < LARGE || omp_in_parallel();
}

static void gemm(int ta, int tb, size_t M, size_t N, size_t K, const float *A, size_t lda,
                 const float *B, size_t ldb, int add, float *C, size_t ldc, float *work,
                 int threads) {
  dnnl_status_t bad = dnnl_unimplemented;
  if (!small(M, N, K)) {
    const int before = omp_get_max_threads();
    omp_set_num_threads(threads);
    bad = dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', (dnnl_dim_t)M, (dnnl_dim_t)N, (dnnl_dim_t)K, 1,
                     A, (dnnl_dim_t)lda, B, (dnnl_dim_t)ldb, add ? 1 : 0, C, (dnnl_dim_t)ldc);
    omp_set_num_threads(before);
  }
  if (bad) dnnl.base->gemm(ta, tb, M, N, K, A, lda, B, ldb, add, C, ldc, work, threads);
}

/* A matrix of rows x cols, stored as it is or transposed, rows of the storage `ld` apart. */
static dnnl_memory_desc_t strided(size_t rows, size_t cols, int transposed, size_t ld) {
  dnnl_memory_desc_t d;
  const dnnl_dims_t dims = {(dnnl_dim_t)rows, (dnnl_dim_t)cols};
  const dnnl_dims_t steps = {transposed ? 1 : (dnnl_dim_t)ld, transposed ? (dnnl_dim_t)ld : 1};
  dnnl_memory_desc_init_by_strides(&d, 2, dims, dnnl_f32, steps);
  return d;
}
static dnnl_memory_desc_t packed(size_t rows, size_t cols) {
  dnnl_memory_desc_t d;
  const dnnl_dims_t dims = {(dnnl_dim_t)rows, (dnnl_dim_t)cols};
  dnnl_memory_desc_init_by_tag(&d, 2, dims, dnnl_bf16, dnnl_format_tag_any);
  return d;
}

static int reorder(const dnnl_memory_desc_t *from, const dnnl_memory_desc_t *to,
                   dnnl_primitive_t *p) {
  dnnl_primitive_desc_t d;
  if (dnnl_reorder_primitive_desc_create(&d, from, dnnl.engine, to, dnnl.engine, NULL)) return -1;
  const int bad = dnnl_primitive_create(p, d) != dnnl_success;
  dnnl_primitive_desc_destroy(d);
  return bad ? -1 : 0;
}

static int memory(dnnl_memory_t *m, const dnnl_memory_desc_t *d) {
  return dnnl_memory_create(m, d, dnnl.engine, DNNL_MEMORY_NONE) != dnnl_success;
}

static void grow(void **p, size_t *have, size_t need, const char *what) {
  if (need <= *have) return;
  free(*p);
  *p = host_alloc(need, what), *have = need;
}

/* Fills p for its key; on failure p->matmul is NULL. */
static void prepare(product *p) {
  const shape *s = &p->key;
  const dnnl_memory_desc_t A = strided(s->M, s->K, s->ta, s->lda),
                           B = strided(s->K, s->N, s->tb, s->ldb),
                           C = strided(s->M, s->N, 0, s->ldc), any_a = packed(s->M, s->K),
                           any_b = packed(s->K, s->N);
  dnnl_matmul_desc_t op;
  dnnl_primitive_attr_t attr = NULL;
  dnnl_post_ops_t post = NULL;
  dnnl_primitive_desc_t d = NULL;
  int bad = dnnl_matmul_desc_init(&op, &any_a, &any_b, NULL, &C) ||
            dnnl_primitive_attr_create(&attr) ||
            dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
  if (!bad && s->add)
    bad = dnnl_post_ops_create(&post) || dnnl_post_ops_append_sum(post, 1) ||
          dnnl_primitive_attr_set_post_ops(attr, post);
  bad = bad || dnnl_primitive_desc_create(&d, &op, attr, dnnl.engine, NULL);
  if (!bad) {
    const dnnl_memory_desc_t *a = dnnl_primitive_desc_query_md(d, dnnl_query_src_md, 0),
                             *b = dnnl_primitive_desc_query_md(d, dnnl_query_weights_md, 0),
                             *x = dnnl_primitive_desc_query_md(d, dnnl_query_scratchpad_md, 0);
    p->bytes_a = dnnl_memory_desc_get_size(a), p->bytes_b = dnnl_memory_desc_get_size(b);
    p->bytes_scratch = dnnl_memory_desc_get_size(x);
    bad = reorder(&A, a, &p->pack_a) || reorder(&B, b, &p->pack_b) || memory(&p->A, &A) ||
          memory(&p->B, &B) || memory(&p->C, &C) || memory(&p->packed_a, a) ||
          memory(&p->packed_b, b) || memory(&p->scratch, x) || dnnl_primitive_create(&p->matmul, d);
  }
  if (bad) p->matmul = NULL;
  dnnl_primitive_desc_destroy(d), dnnl_post_ops_destroy(post), dnnl_primitive_attr_destroy(attr);
  if (bad) {
    host_log("oneDNN: no bfloat16 product of %zu x %zu x %zu; the built-in kernel makes it", s->M,
             s->N, s->K);
    return;
  }
  grow(&dnnl.packed_a, &dnnl.bytes_a, p->bytes_a, "a packed matrix");
  grow(&dnnl.packed_b, &dnnl.bytes_b, p->bytes_b, "a packed matrix");
  grow(&dnnl.scratch, &dnnl.bytes_scratch, p->bytes_scratch, "oneDNN's scratch");
}

static void release(product *p) {
  dnnl_memory_t memories[] = {p->A, p->B, p->C, p->packed_a, p->packed_b, p->scratch};
  dnnl_primitive_t primitives[] = {p->matmul, p->pack_a, p->pack_b};
  for (size_t i = 0; i < sizeof memories / sizeof *memories; i++) dnnl_memory_destroy(memories[i]);
  for (size_t i = 0; i < sizeof primitives / sizeof *primitives; i++)
    dnnl_primitive_destroy(primitives[i]);
}

/* A step has some twenty shapes; past SHAPES the oldest makes room. */
static product *find(const shape *s) {
  for (size_t i = 0; i < SHAPES && i < dnnl.count; i++)
    if (!memcmp(&dnnl.products[i].key, s, sizeof *s)) return &dnnl.products[i];
  product *p = &dnnl.products[dnnl.count++ % SHAPES];
  release(p);
  memset(p, 0, sizeof *p);
  p->key = *s;
  prepare(p);
  return p;
}

static int run(const product *p, float *A, float *B, float *C) {
  if (dnnl_memory_set_data_handle(p->A, A) || dnnl_memory_set_data_handle(p->B, B) ||
      dnnl_memory_set_data_handle(p->C, C) ||
      dnnl_memory_set_data_handle(p->packed_a, dnnl.packed_a) ||
      dnnl_memory_set_data_handle(p->packed_b, dnnl.packed_b) ||
      dnnl_memory_set_data_handle(p->scratch, dnnl.scratch))
    return -1;
  const dnnl_exec_arg_t a[] = {{DNNL_ARG_FROM, p->A}, {DNNL_ARG_TO, p->packed_a}};
  const dnnl_exec_arg_t b[] = {{DNNL_ARG_FROM, p->B}, {DNNL_ARG_TO, p->packed_b}};
  const dnnl_exec_arg_t c[] = {{DNNL_ARG_SRC, p->packed_a},
                               {DNNL_ARG_WEIGHTS, p->packed_b},
                               {DNNL_ARG_DST, p->C},
                               {DNNL_ARG_SCRATCHPAD, p->scratch}};
  return dnnl_primitive_execute(p->pack_a, dnnl.stream, 2, a) ||
         dnnl_primitive_execute(p->pack_b, dnnl.stream, 2, b) ||
         dnnl_primitive_execute(p->matmul, dnnl.stream, 4, c) || dnnl_stream_wait(dnnl.stream);
}

static void gemm_bf16(int ta, int tb, size_t M, size_t N, size_t K, const float *A, size_t lda,
                      const float *B, size_t ldb, int add, float *C, size_t ldc, float *work,
                      int threads) {
  if (!small(M, N, K)) {
    shape s; /* compared as bytes, padding too */
    memset(&s, 0, sizeof s);
    s.ta = ta, s.tb = tb, s.add = add, s.threads = threads;
    s.M = M, s.N = N, s.K = K, s.lda = lda, s.ldb = ldb, s.ldc = ldc;
    const int before = omp_get_max_threads();
    omp_set_num_threads(threads);
    const product *p = find(&s);
    const int done = p->matmul != NULL;
    if (done && run(p, (float *)(uintptr_t)A, (float *)(uintptr_t)B, C))
      host_die("oneDNN: a bfloat16 product of %zu x %zu x %zu failed", M, N, K);
    omp_set_num_threads(before);
    if (done) return;
  }
  dnnl.base->gemm_bf16(ta, tb, M, N, K, A, lda, B, ldb, add, C, ldc, work, threads);
}

const ops_f32 *ops_dnnl(const ops_f32 *base) {
  if (!dnnl.stream && (dnnl_engine_create(&dnnl.engine, dnnl_cpu, 0) ||
                       dnnl_stream_create(&dnnl.stream, dnnl.engine, dnnl_stream_default_flags)))
    return NULL;
  dnnl.base = base;
  dnnl.table = *base;
  dnnl.table.isa = "dnnl", dnnl.table.gemm = gemm, dnnl.table.gemm_bf16 = gemm_bf16;
  return &dnnl.table;
}
#endif
