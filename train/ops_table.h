/* The operations of the model as a table of functions, one table a number type (see ops.h) and instruction
 * set. Included with REAL and OPS defined. Matrices are row-major; N counts positions; real is REAL.
 * Every operation is parallel inside and gives the same bits for any number of threads. */
typedef struct {
  const char *isa;

  /* C[M,N] (+)= op(A)[M,K] op(B)[K,N]; ta: A is stored [K,M]; tb: B is stored [N,K]. add: 0 or 1.
   * work: gemm_work(threads) values. */
  size_t (*gemm_work)(int threads);
  void (*gemm)(int ta, int tb, size_t M, size_t N, size_t K, const REAL *A, size_t lda, const REAL *B,
               size_t ldb, int add, REAL *C, size_t ldc, REAL *work, int threads);
  /* The same with A and B rounded to bfloat16 (nearest, ties to even) and sums in float; a value below
   * 2^-126 may count as 0. NULL in double. Source: Kalamkar et al. 2019, arXiv 1905.12322. */
  void (*gemm_bf16)(int ta, int tb, size_t M, size_t N, size_t K, const REAL *A, size_t lda, const REAL *B,
                    size_t ldb, int add, REAL *C, size_t ldc, REAL *work, int threads);
  /* FLOP/s (a multiply-add is two) of the units that gemm, or with bf16 gemm_bf16, runs on: the best of
   * probes during `seconds`. */
  double (*peak)(int bf16, int threads, double seconds);
  /* FLOP/s of their register tile alone, its factors packed and in L2, taken likewise; *median: not at its
   * best but in half of the probes; NaN if the sums were wrong. work: tile_work(threads) values. */
  size_t (*tile_work)(int threads);
  double (*tile_rate)(int bf16, int threads, double seconds, REAL *work, double *median);

  /* x[N,D] = rows of embed[V,D]; backward: dembed[id] += dx, in order of position. */
  void (*embed)(size_t N, size_t D, const uint16_t *ids, const REAL *embed, REAL *x, int threads);
  void (*embed_back)(size_t N, size_t D, const uint16_t *ids, const REAL *dx, REAL *dembed, int threads);

  /* sum = x + delta (both NULL: sum is x); y = w * sum * rstd, rstd[N] = 1 / sqrt(mean(sum^2) + eps).
   * (Zhang and Sennrich 2019.) sum may be x or delta. */
  void (*rmsnorm)(size_t N, size_t D, REAL eps, const REAL *x, const REAL *delta, REAL *sum, const REAL *w,
                  REAL *y, REAL *rstd, int threads);
  /* dx (+)= of dy[N,D]; dw[D] +=. dy is replaced by y: the next product's weight gradient needs it.
   * work: rmsnorm_work(D) values. */
  size_t (*rmsnorm_work)(size_t D);
  void (*rmsnorm_back)(size_t N, size_t D, const REAL *x, const REAL *w, const REAL *rstd, REAL *dy, int add,
                       REAL *dx, REAL *dw, REAL *work, int threads);

  /* table: cos[T,H/2], then sin[T,H/2] of t * base^(-2i/H). */
  void (*rope_table)(size_t T, size_t H, double base, REAL *table);

  /* Grouped-query attention over start..t with scores / sqrt(H): qkv[B*T, (heads + 2 kv) H] -> out[B*T,
   * heads H], lse[B*T, heads] (log of the sum of e^score, for backward). Queries and keys are rotated on
   * the way (half-split: the pair (i, i + H/2) of position t by the table's angle of t - start; Su et al.
   * 2021); rope is a table for rope_T >= T positions. No [T,T] buffer: online softmax over blocks (Milakov
   * and Gimelshein 2018, Dao et al. 2022). work: attention_work values. */
  size_t (*attention_work)(size_t T, size_t heads, size_t kv, size_t H, int threads);
  void (*attention)(size_t B, size_t T, size_t heads, size_t kv, size_t H, const REAL *qkv, const REAL *rope,
                    size_t rope_T, const uint16_t *start, REAL *out, REAL *lse, REAL *work, int threads);
  /* dqkv (overwritten) of dout. */
  void (*attention_back)(size_t B, size_t T, size_t heads, size_t kv, size_t H, const REAL *qkv,
                         const REAL *rope, size_t rope_T, const uint16_t *start, const REAL *out,
                         const REAL *lse, const REAL *dout, REAL *dqkv, REAL *work, int threads);

  /* h[N,F] = silu(g) * u of gu[N,2F] = (g, u). (Shazeer 2020.) */
  void (*swiglu)(size_t N, size_t F, const REAL *gu, REAL *h, int threads);
  /* gu is replaced by its gradient, and dh by h, which the weight gradient of the next product needs. */
  void (*swiglu_back)(size_t N, size_t F, REAL *gu, REAL *dh, int threads);

  /* losses[n] = -log softmax(logits[n,V])[next]; grad: logits become weight * (softmax - onehot(next)). */
  void (*cross_entropy)(size_t n, size_t V, REAL *logits, const uint16_t *next, const float *weight, int grad,
                        REAL *losses, int threads);
  /* y[n] += a x[n] */
  void (*axpy)(size_t n, REAL a, const REAL *x, REAL *y, int threads);
} OPS;
