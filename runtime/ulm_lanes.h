/* The float kernels over v16, a vector of the 16 virtual lanes: written once, included by each
 * instruction set's file after it has defined
 *   v16 v_set(x), v_load(p), v_add, v_sub, v_mul, v_div(a, b), v_abs(a), v_negate(a)
 *   v_larger(a, b) = a > b ? a : b, v_smaller(a, b) = a < b ? a : b, each lane; NaN gives b
 *   v_load_f16(p), v_load_s8(p)   16 values as floats
 *   v_store(p, a), v_store_f16(p, a), v_store_low(p, a)   floats, binary16, low bytes of the bits
 *   v_shift(y, z)                 bits of y + bits of (z - ULM_ROUND) * 2^23: y times 2^z
 *   v_fold(a)                     the one tree
 *   sum_codes(p)                  sum of 32 int8
 *   v_at_least(a, b)              bit l: a >= b in lane l
 * and, where it has something better than what stands here, V_LARGEST and v_largest(a), the largest
 * of 16 lanes that are no NaN, V_FOLD16 and v_fold16(a), the folds of 16 vectors; V_WIDE where a
 * v16 is one of 32 registers. What does not fill 16 lanes goes to the portable kernels or through a
 * padded copy. */
#ifndef ULM_LANES_H
#define ULM_LANES_H
#define V ULM_INLINE

V v16 v_exp(v16 x) { /* ulm_exp */
  x = v_smaller(v_larger(x, v_set(-87.0f)), v_set(88.0f));
  const v16 z = v_add(v_mul(x, v_set(1.44269504f)), v_set(ULM_ROUND));
  const v16 n = v_sub(z, v_set(ULM_ROUND));
  v16 r = v_sub(x, v_mul(n, v_set(0.693359375f)));
  r = v_sub(r, v_mul(n, v_set(-2.12194440e-4f)));
  v16 y = v_set(1.9875691500e-4f);
  y = v_add(v_mul(y, r), v_set(1.3981999507e-3f));
  y = v_add(v_mul(y, r), v_set(8.3334519073e-3f));
  y = v_add(v_mul(y, r), v_set(4.1665795894e-2f));
  y = v_add(v_mul(y, r), v_set(1.6666665459e-1f));
  y = v_add(v_mul(y, r), v_set(5.0000001201e-1f));
  y = v_add(v_add(v_mul(y, v_mul(r, r)), r), v_set(1.0f));
  return v_shift(y, z);
}

/* Up to 16 floats, the others `rest`. */
V v16 v_part(const float *p, uint32_t n, float rest) {
  float x[ULM_LANES];
  for (uint32_t l = 0; l < ULM_LANES; l++) x[l] = l < n ? p[l] : rest;
  return v_load(x);
}

#ifndef V_LARGEST
V float v_largest(v16 a) {
  float x[ULM_LANES];
  v_store(x, a);
  for (int half = 8; half; half /= 2)
    for (int l = 0; l < half; l++) x[l] = x[l] > x[l + half] ? x[l] : x[l + half];
  return x[0];
}
#endif

#ifndef V_FOLD16
V v16 v_fold16(const v16 a[ULM_LANES]) {
  float x[ULM_LANES];
  for (int l = 0; l < ULM_LANES; l++) x[l] = v_fold(a[l]);
  return v_load(x);
}
#endif

/* ---- Dot products: kind as ulm_kv ---- */

V v16 v_load_kind(int kind, const void *p, size_t at) {
  if (kind == ULM_KV_INT8) return v_load_s8((const int8_t *)p + at);
  if (kind == ULM_KV_F16) return v_load_f16((const uint16_t *)p + at);
  return v_load((const float *)p + at);
}

V v16 dot_lanes(int kind, const void *w, size_t at, const float *x, uint32_t n) {
  v16 lane = v_set(0);
  for (uint32_t i = 0; i < n; i += ULM_LANES)
    lane = v_add(lane, v_mul(v_load_kind(kind, w, at + i), v_load(x + i)));
  return lane;
}

V float dot_kind(int kind, const void *w, size_t at, const float *x, uint32_t n) {
  v16 lane = v_set(0);
  uint32_t i = 0;
  for (; i + ULM_LANES <= n; i += ULM_LANES)
    lane = v_add(lane, v_mul(v_load_kind(kind, w, at + i), v_load(x + i)));
  if (i == n) return v_fold(lane);
  float out[ULM_LANES]; /* only f32 and f16 rows have a tail */
  v_store(out, lane);
  for (uint32_t l = 0; i + l < n; l++)
    out[l] += (kind == ULM_KV_F16 ? ulm_half(((const uint16_t *)w)[at + i + l])
                                  : ((const float *)w)[at + i + l]) *
              x[i + l];
  return ulm_fold(out);
}

V void matmul_floats(int kind, float *y, const ulm_matrix *w, const float *x, uint32_t tokens,
                     uint32_t from, uint32_t to) {
  for (uint32_t r = from; r < to; r++)
    for (uint32_t t = 0; t < tokens; t++)
      y[(size_t)t * w->rows + r] =
          dot_kind(kind, w->values, (size_t)r * w->cols, x + (size_t)t * w->cols, w->cols);
}

/* ---- Activations ---- */

static void encode(const ulm_codes *c, size_t at, const float *x, size_t groups) {
  for (size_t g = at; g < at + groups; g++, x += ULM_GROUP) {
    const v16 a = v_load(x), b = v_load(x + 16);
    const float amax = v_largest(v_larger(v_abs(b), v_larger(v_abs(a), v_set(0))));
    const v16 inverse = v_set(amax < 1e-30f ? 0.0f : 127.0f / amax);
    const v16 low = v_set(-127.0f), high = v_set(127.0f), round = v_set(ULM_ROUND);
    int8_t *code = c->code + g * ULM_GROUP;
    v_store_low(code, v_add(v_smaller(v_larger(v_mul(a, inverse), low), high), round));
    v_store_low(code + 16, v_add(v_smaller(v_larger(v_mul(b, inverse), low), high), round));
    c->scale[g] = amax < 1e-30f ? 0.0f : amax / 127.0f;
    c->minus[g] = -sum_codes(code);
  }
}

static float store_s8(int8_t *code, const float *x, uint32_t n) {
  if (n % ULM_LANES) return ulm_portable.store_s8(code, x, n);
  v16 most = v_set(0);
  for (uint32_t i = 0; i < n; i += ULM_LANES) most = v_larger(v_abs(v_load(x + i)), most);
  const float amax = v_largest(most);
  const v16 inverse = v_set(amax < 1e-30f ? 0.0f : 127.0f / amax);
  for (uint32_t i = 0; i < n; i += ULM_LANES) {
    const v16 v = v_larger(v_mul(v_load(x + i), inverse), v_set(-127.0f));
    v_store_low(code + i, v_add(v_smaller(v, v_set(127.0f)), v_set(ULM_ROUND)));
  }
  return amax < 1e-30f ? 0.0f : amax / 127.0f;
}

static void store_f16(uint16_t *half, const float *x, uint32_t n) {
  uint32_t i = 0;
  for (; i + ULM_LANES <= n; i += ULM_LANES) v_store_f16(half + i, v_load(x + i));
  ulm_portable.store_f16(half + i, x + i, n - i);
}

/* ---- Vectors ---- */

static void rmsnorm(float *y, const float *x, const float *w, uint32_t n, float eps) {
  const float r = ulm_rsqrt(dot_kind(ULM_KV_F32, x, 0, x, n) / (float)n + eps);
  uint32_t i = 0;
  for (; i + ULM_LANES <= n; i += ULM_LANES)
    v_store(y + i, v_mul(v_mul(v_load(x + i), v_set(r)), v_load(w + i)));
  for (; i < n; i++) y[i] = (x[i] * r) * w[i];
}

static void add(float *x, const float *y, size_t n) {
  size_t i = 0;
  for (; i + ULM_LANES <= n; i += ULM_LANES) v_store(x + i, v_add(v_load(x + i), v_load(y + i)));
  for (; i < n; i++) x[i] += y[i];
}

static void swiglu(float *gate, const float *up, size_t n) {
  size_t i = 0;
  for (; i + ULM_LANES <= n; i += ULM_LANES) {
    const v16 g = v_load(gate + i), e = v_exp(v_negate(g));
    v_store(gate + i, v_mul(v_div(g, v_add(v_set(1.0f), e)), v_load(up + i)));
  }
  if (i < n) ulm_portable.swiglu(gate + i, up + i, n - i);
}

static void rotate(float *x, const float *cosine, const float *sine, uint32_t n) {
  const uint32_t half = n / 2;
  if (half % ULM_LANES) {
    ulm_portable.rotate(x, cosine, sine, n);
    return;
  }
  for (uint32_t i = 0; i < half; i += ULM_LANES) {
    const v16 a = v_load(x + i), b = v_load(x + i + half);
    const v16 c = v_load(cosine + i), s = v_load(sine + i);
    v_store(x + i, v_sub(v_mul(a, c), v_mul(b, s)));
    v_store(x + i + half, v_add(v_mul(b, c), v_mul(a, s)));
  }
}

/* ---- Attention ---- */

#ifdef V_WIDE
/* 16 sums in registers: every loop over them is unrolled. */
#define SUMS(i) _Pragma("GCC unroll 16") for (uint32_t i = 0; i < ULM_LANES; i++)

/* lane[l] = the lanes of k[row l] . q for rows 0..15, of which those from `left` on repeat the
 * last. */
V void dots(int kind, v16 lane[ULM_LANES], const void *k, size_t at, uint32_t left, const float *q,
            uint32_t n) {
  SUMS(l) lane[l] = v_set(0);
  for (uint32_t i = 0; i < n; i += ULM_LANES) {
    const v16 x = v_load(q + i);
    SUMS(l) {
      const uint32_t row = l < left ? l : left - 1;
      lane[l] = v_add(lane[l], v_mul(v_load_kind(kind, k, at + (size_t)row * n + i), x));
    }
  }
}

/* Sum over j of p[j] v[j][d..d+15], in the lanes of the positions. */
V v16 weigh(int kind, const void *v, const float *p, uint32_t count, uint32_t n, uint32_t d) {
  v16 sum[ULM_LANES];
  uint32_t j = 0;
  SUMS(l) sum[l] = v_set(0);
#define ADD(l)                                                                                     \
  sum[l] = v_add(sum[l], v_mul(v_set(p[j + l]), v_load_kind(kind, v, (size_t)(j + l) * n + d)))
  for (; j + ULM_LANES <= count; j += ULM_LANES) SUMS(l) ADD(l);
  SUMS(l) if (j + l < count) ADD(l);
#undef ADD
#define FOLD(half) SUMS(l) if (l < (half)) sum[l] = v_add(sum[l], sum[l + (half)])
  FOLD(8);
  FOLD(4);
  FOLD(2);
#undef FOLD
  return v_add(sum[0], sum[1]);
}
#else
V void dots(int kind, v16 lane[ULM_LANES], const void *k, size_t at, uint32_t left, const float *q,
            uint32_t n) {
  for (uint32_t l = 0; l < ULM_LANES; l++)
    lane[l] = dot_lanes(kind, k, at + (size_t)(l < left ? l : left - 1) * n, q, n);
}

/* Lane l of sum over j of p[j] v[j][d..d+15], positions j = l, l + 16, ... */
V v16 lane_sum(int kind, const void *v, const float *p, uint32_t count, uint32_t n, uint32_t l,
               uint32_t d) {
  v16 sum = v_set(0);
  for (uint32_t j = l; j < count; j += ULM_LANES)
    sum = v_add(sum, v_mul(v_set(p[j]), v_load_kind(kind, v, (size_t)j * n + d)));
  return sum;
}

/* The tree over lanes, depth first: lanes l, l + step, l + 2 step, ... Few sums are alive. */
#define TREE(name, step, below)                                                                    \
  V v16 name(int kind, const void *v, const float *p, uint32_t count, uint32_t n, uint32_t l,      \
             uint32_t d) {                                                                         \
    if (l + (step) >= count) return below(kind, v, p, count, n, l, d); /* + 0 */                   \
    const v16 a = below(kind, v, p, count, n, l, d);                                               \
    return v_add(a, below(kind, v, p, count, n, l + (step), d));                                   \
  }
TREE(tree8, 8, lane_sum)
TREE(tree4, 4, tree8)
TREE(tree2, 2, tree4)
TREE(weigh1, 1, tree2)
V v16 weigh(int kind, const void *v, const float *p, uint32_t count, uint32_t n, uint32_t d) {
  return weigh1(kind, v, p, count, n, 0, d);
}
#endif

V void attend_kind(int kind, float *y, const float *q, const ulm_head *kv, uint32_t count,
                   uint32_t n, float scale, float *score) {
  v16 most = v_set(-3.4028235e38f);
  for (uint32_t i = 0; i < count; i += ULM_LANES) { /* 16 positions; of the last, what is left */
    const uint32_t left = count - i < ULM_LANES ? count - i : ULM_LANES;
    v16 lane[ULM_LANES], s;
    dots(kind, lane, kv->keys, (size_t)i * n, left, q, n);
    s = v_fold16(lane);
    if (kind == ULM_KV_INT8)
      s = v_mul(s,
                left < ULM_LANES ? v_part(kv->key_scale + i, left, 0) : v_load(kv->key_scale + i));
    s = v_mul(s, v_set(scale));
    if (left < ULM_LANES) {
      float x[ULM_LANES];
      v_store(x, s);
      memcpy(score + i, x, left * sizeof *x);
      s = v_part(x, left, -3.4028235e38f);
    } else {
      v_store(score + i, s);
    }
    most = v_larger(s, most);
  }
  const float max = v_largest(most);
  v16 sums = v_set(0);
  uint32_t j = 0;
  for (; j + ULM_LANES <= count; j += ULM_LANES) {
    const v16 e = v_exp(v_sub(v_load(score + j), v_set(max)));
    v_store(score + j, e);
    sums = v_add(sums, e);
  }
  if (j < count) {
    float e[ULM_LANES];
    v_store(e, v_exp(v_sub(v_part(score + j, count - j, 0), v_set(max))));
    for (uint32_t l = 0; l < ULM_LANES; l++)
      if (j + l < count)
        score[j + l] = e[l];
      else
        e[l] = 0;
    sums = v_add(sums, v_load(e));
  }
  const v16 sum = v_set(v_fold(sums));
  if (kind == ULM_KV_INT8)
    for (j = 0; j < count; j++) score[j] *= kv->value_scale[j];
  for (uint32_t d = 0; d < n; d += ULM_LANES)
    v_store(y + d, v_div(weigh(kind, kv->values, score, count, n, d), sum));
}

static void attend(float *y, const float *q, const ulm_head *kv, uint32_t count, uint32_t n,
                   float scale, float *score, float *lanes) {
  if (n % ULM_LANES)
    ulm_portable.attend(y, q, kv, count, n, scale, score, lanes);
  else if (kv->kind == ULM_KV_INT8)
    attend_kind(ULM_KV_INT8, y, q, kv, count, n, scale, score);
  else if (kv->kind == ULM_KV_F16)
    attend_kind(ULM_KV_F16, y, q, kv, count, n, scale, score);
  else
    attend_kind(ULM_KV_F32, y, q, kv, count, n, scale, score);
}

/* ---- Logits ---- */

static float largest(const float *x, uint32_t n, float least) {
  v16 most = v_set(least);
  uint32_t i = 0;
  for (; i + ULM_LANES <= n; i += ULM_LANES) most = v_larger(v_load(x + i), most);
  return ulm_portable.largest(x + i, n - i, v_largest(most));
}

static void mass(float lane[ULM_LANES], const float *x, uint32_t n, float max, float inverse) {
  v16 sum = v_load(lane);
  uint32_t i = 0;
  for (; i + ULM_LANES <= n; i += ULM_LANES)
    sum = v_add(sum, v_exp(v_mul(v_sub(v_load(x + i), v_set(max)), v_set(inverse))));
  v_store(lane, sum);
  ulm_portable.mass(lane, x + i, n - i, max, inverse);
}

static uint32_t likely(uint16_t *out, const float *x, uint32_t first, uint32_t n, float max,
                       float inverse, float cutoff) {
  uint32_t count = 0, i = first;
  for (; i + ULM_LANES <= n; i += ULM_LANES) {
    const v16 v = v_load(x + i);
    const v16 e = v_exp(v_mul(v_sub(v, v_set(max)), v_set(inverse)));
    uint32_t bits = v_at_least(e, v_set(cutoff)) & v_at_least(v_set(max), v);
    for (; bits; bits &= bits - 1) out[count++] = (uint16_t)(i + (uint32_t)__builtin_ctz(bits));
  }
  return count + ulm_portable.likely(out + count, x, i, n, max, inverse, cutoff);
}

static void spread(const float *x, uint32_t n, float two[2], float m[ULM_LANES],
                   float mean[ULM_LANES]) {
  v16 top = v_set(-3.4028235e38f), next = top;
  uint32_t i = 0;
  for (; i + ULM_LANES <= n; i += ULM_LANES) {
    const v16 v = v_larger(v_load(x + i), v_set(-3.4028235e38f)); /* NaN too: no news */
    next = v_larger(v_smaller(v, top), next);
    top = v_larger(v, top);
  }
  float firsts[2 * ULM_LANES], first = -3.4028235e38f, second = first;
  v_store(firsts, top), v_store(firsts + ULM_LANES, next);
  for (uint32_t l = 0; l < 2 * ULM_LANES + (n - i); l++) {
    const float v = l < 2 * ULM_LANES ? firsts[l] : x[i + l - 2 * ULM_LANES];
    if (v > first)
      second = first, first = v;
    else if (v > second)
      second = v;
  }
  v16 a = v_load(m), b = v_load(mean);
  for (i = 0; i + ULM_LANES <= n; i += ULM_LANES) {
    const v16 d = v_sub(v_load(x + i), v_set(first)), e = v_exp(d);
    a = v_add(a, e);
    b = v_add(b, v_mul(e, d));
  }
  v_store(m, a), v_store(mean, b);
  for (uint32_t l = 0; i + l < n; l++) {
    const float d = x[i + l] - first, e = ulm_exp(d);
    m[l] += e;
    mean[l] += e * d;
  }
  two[0] = first, two[1] = second;
}

#define ULM_TABLE(isa)                                                                             \
  {                                                                                                \
    isa, encode, matmul, rmsnorm, add, swiglu, rotate, store_f16, store_s8, attend, largest, mass, \
        likely, spread                                                                             \
  }
#endif
