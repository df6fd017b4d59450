/* What one step of training calls: a table of operations that passes everything on to another,
 * times it by part and collects the shapes of the products. */
#ifndef BENCH_METER_H
#define BENCH_METER_H

#include "../train/ops.h"

typedef enum {
  PART_PRODUCTS,   /* of the blocks */
  PART_CLASSIFIER, /* its products and the cross entropy */
  PART_ATTENTION,
  PART_NORM,
  PART_SWIGLU,
  PART_EMBED,
  PART_ADD,
  PART_UPDATE, /* norm of the gradients and optimizer */
  PART_OTHER,  /* what is left of the step: between the operations */
  PARTS
} part;
extern const char *const part_names[PARTS];

typedef struct {
  uint64_t calls;
  double wall, cpu; /* seconds; cpu: of all threads */
  double idle,
      longest; /* for how long a thread had nothing to do: in all, and at most in one call */
} part_time;

/* C[M,N] (+)= op(A) op(B), as in ops_table.h, how often a step makes it, and in how many seconds.
 */
typedef struct {
  int ta, tb, add, bf16;
  size_t M, N, K;
  uint64_t calls;
  double wall;
} product;

enum { PRODUCTS_MAX = 64 };
typedef struct {
  part_time parts[PARTS];
  product products[PRODUCTS_MAX]; /* the first PRODUCTS_MAX shapes */
  size_t products_n;
  double began, cpu_began;
} meter;

/* The table; there is one meter, and one table at a time. A product with `vocab` rows or columns is
 * the classifier's. */
const ops_f32 *meter_table(const ops_f32 *inner, uint32_t vocab, int threads);
void meter_start(void);
/* Around what is not in the table. What is called inside is counted there. */
void meter_enter(void);
void meter_leave(part p);
/* What was measured since meter_start. */
const meter *meter_stop(void);

#endif
