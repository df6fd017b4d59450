/* Models in any of our forms, opened for the bench. */
#ifndef BENCH_MODELS_H
#define BENCH_MODELS_H

#include "session.h"

/* A blob, checkpoint or quantized model; the latter two by way of a blob of the same weights under
 * TMPDIR, gone again when this returns. */
int model_session(session *s, const char *path, int threads, host_error *e);

/* A model of s's shape and vocabulary before its first step: the trainer's initial weights. */
int untrained_session(session *s, const session *of, uint64_t seed, host_error *e);

/* Whether two models have the same weights, in one format or two: equal checksums of WGTS, or norms
 * (float32 in every format, untouched by quantization) that agree in every bit. */
int same_weights(const session *a, const session *b);

#endif
