/* What the memory gives. */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include "workers.h"

/* Bytes a second, read in order again and again from a buffer of `size` bytes in huge pages, each
 * thread its part: the best of several passes. So small buffers come from the caches. */
double memory_bandwidth(size_t size, const ulm_workers *w);

#endif
