/* A simulated endpoint on a loopback socket: plays scripts (bench/wire.h) in real time. One thread,
 * any number of connections. */
#ifndef BENCH_LOOPBACK_H
#define BENCH_LOOPBACK_H

#include "wire.h"

typedef struct {
  const char *method, *path, *headers, *body; /* NUL-terminated; headers as they came */
  size_t size;                                /* of body */
} loopback_request;

/* Fills the answer; called on the server's thread. `index` counts requests from 0. */
typedef void loopback_handler(void *user, const loopback_request *q, size_t index, wire *w);

typedef struct loopback loopback;
loopback *loopback_open(loopback_handler *handle, void *user, host_error *e);
int loopback_port(const loopback *l);           /* on 127.0.0.1 */
size_t loopback_connections(const loopback *l); /* accepted so far */
void loopback_close(loopback *l);

#endif
