/* A whole process, timed from outside: from before it is there until it is gone. */
#ifndef BENCH_COLD_H
#define BENCH_COLD_H

#include "../host.h"

/* Path of the program `name` that lies beside this one. */
int cold_program(char *out, size_t size, const char *name, host_error *e);
/* Seconds that argv[0] took with these arguments, its output thrown away; negative: it did not
 * start, or did not end with exit status 0. */
double cold_seconds(char *const argv[], host_error *e);

#endif
