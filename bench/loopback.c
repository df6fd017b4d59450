#include "loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PEERS = 32, REQUEST_MAX = 1 << 18 };

typedef struct {
  int fd; /* -1: free */
  char *in;
  size_t got;
  int answering, headed, closing;
  double began;
  size_t next, sent; /* piece, bytes of what is being sent */
  wire w;
  char *out; /* framed bytes that the socket has not taken yet */
  size_t out_size, out_cap, out_at;
} peer;

struct loopback {
  int listener, wake[2], port;
  pthread_t thread;
  loopback_handler *handle;
  void *user;
  size_t requests;
  atomic_size_t connections;
  peer peers[PEERS];
};

static void put(peer *p, const void *bytes, size_t n) {
  if (p->out_at == p->out_size) p->out_at = p->out_size = 0;
  if (n > p->out_cap - p->out_size)
    p->out = host_realloc(p->out, p->out_cap = 2 * (p->out_cap + n), "a socket's bytes");
  memcpy(p->out + p->out_size, bytes, n);
  p->out_size += n;
}

static void hang_up(peer *p, int reset) {
  if (reset)
    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
  close(p->fd);
  free(p->in), free(p->out), wire_free(&p->w);
  *p = (peer){.fd = -1};
}

/* A whole request in p->in? Its length, or 0. Header names in any case. */
static size_t whole_request(peer *p, size_t *head) {
  const char *end = memmem(p->in, p->got, "\r\n\r\n", 4);
  if (!end) return 0;
  *head = (size_t)(end - p->in) + 4;
  size_t length = 0;
  for (char *line = p->in; line < end; line = strstr(line, "\r\n") + 2)
    if (!strncasecmp(line, "content-length:", 15)) length = strtoul(line + 15, NULL, 10);
  return length <= REQUEST_MAX && p->got - *head >= length ? *head + length : 0;
}

static void answer(loopback *l, peer *p) {
  size_t head, n = whole_request(p, &head);
  if (!n) return;
  char *body = host_alloc(n - head + 1, "a request");
  memcpy(body, p->in + head, n - head);
  p->in[head - 2] = 0;
  char *headers = strstr(p->in, "\r\n");
  *headers = 0, headers += 2;
  char *method = p->in, *path = strchr(p->in, ' ');
  path = path ? (*path = 0, path + 1) : method;
  char *version = strchr(path, ' ');
  if (version) *version = 0;
  const int head_only = !strcmp(method, "HEAD");
  const loopback_request q = {method, path, headers, body, n - head};
  wire_begin(&p->w, 200, "text/plain");
  l->handle(l->user, &q, l->requests++, &p->w);
  if (head_only) p->w.count = 0, p->w.end = WIRE_CLEAN;
  free(body);
  memmove(p->in, p->in + n, p->got - n);
  p->got -= n, p->in[p->got] = 0;
  p->answering = 1 + head_only, p->headed = p->closing = 0, p->next = 0;
  p->began = host_now();
}

/* Sends what is due; the time until more is due, ms, or INFINITY. */
static double play(peer *p) {
  if (!p->answering) return INFINITY;
  const double now = 1e3 * (host_now() - p->began);
  const double head_ms = p->w.count ? p->w.pieces[0].ms : p->w.end_ms;
  if (!p->headed) {
    if (now < head_ms) return head_ms - now;
    char line[1024];
    const int k =
        snprintf(line, sizeof line, "HTTP/1.1 %d Simulated\r\nContent-Type: %s\r\n%s%s\r\n",
                 p->w.status, p->w.type, p->w.headers,
                 p->answering == 2 ? "Content-Length: 0\r\n" : "Transfer-Encoding: chunked\r\n");
    put(p, line, (size_t)k);
    p->headed = 1;
  }
  for (; p->next < p->w.count; p->next++) {
    const wire_piece *x = &p->w.pieces[p->next];
    if (now < x->ms) return x->ms - now;
    char line[32];
    if (!x->size) continue; /* an empty chunk would be the end */
    put(p, line, (size_t)snprintf(line, sizeof line, "%zx\r\n", x->size));
    put(p, p->w.bytes + x->from, x->size);
    put(p, "\r\n", 2);
  }
  if (p->w.end == WIRE_HANG) return INFINITY;
  if (now < p->w.end_ms) return p->w.end_ms - now;
  if (p->w.end == WIRE_CLEAN) {
    if (p->answering == 1) put(p, "0\r\n\r\n", 5);
    p->answering = 0;
  } else {
    p->closing = p->w.end;
  }
  return INFINITY;
}

/* 0, or -1 if the peer is gone. */
static int push(peer *p) {
  while (p->out_at < p->out_size) {
    const ssize_t k = send(p->fd, p->out + p->out_at, p->out_size - p->out_at, MSG_NOSIGNAL);
    if (k < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (k <= 0) return -1;
    p->out_at += (size_t)k;
  }
  return p->closing ? -1 : 0;
}

static int pull(peer *p) {
  const ssize_t k = recv(p->fd, p->in + p->got, REQUEST_MAX - p->got, 0);
  if (k < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (k <= 0) return -1;
  p->got += (size_t)k;
  p->in[p->got] = 0;
  return p->got < REQUEST_MAX ? 0 : -1;
}

static void welcome(loopback *l) {
  const int fd = accept4(l->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  for (int i = 0; i < PEERS; i++)
    if (l->peers[i].fd < 0) {
      l->peers[i] = (peer){.fd = fd, .in = host_alloc(REQUEST_MAX + 1, "a request")};
      atomic_fetch_add(&l->connections, 1);
      return;
    }
  close(fd);
}

static void *serve(void *user) {
  loopback *l = user;
  for (;;) {
    struct pollfd f[PEERS + 2] = {{l->listener, POLLIN, 0}, {l->wake[0], POLLIN, 0}};
    double wait = INFINITY;
    for (int i = 0; i < PEERS; i++) {
      peer *p = &l->peers[i];
      f[i + 2].fd = -1;
      if (p->fd < 0) continue;
      if (!p->answering && p->got) answer(l, p);
      const double due = play(p);
      if (push(p)) {
        hang_up(p, p->closing == WIRE_RESET);
        continue;
      }
      wait = due < wait ? due : wait;
      f[i + 2] =
          (struct pollfd){p->fd, (short)(POLLIN | (p->out_at < p->out_size ? POLLOUT : 0)), 0};
    }
    if (poll(f, PEERS + 2, isinf(wait) ? -1 : (int)wait + 1) < 0 && errno != EINTR) break;
    if (f[1].revents) break;
    for (int i = 0; i < PEERS; i++)
      if (f[i + 2].fd >= 0 && f[i + 2].revents & (POLLIN | POLLHUP | POLLERR) && pull(&l->peers[i]))
        hang_up(&l->peers[i], 0);
    if (f[0].revents) welcome(l);
  }
  return NULL;
}

loopback *loopback_open(loopback_handler *handle, void *user, host_error *e) {
  loopback *l = host_alloc(sizeof *l, "a simulated endpoint");
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  l->handle = handle, l->user = user;
  for (int i = 0; i < PEERS; i++) l->peers[i].fd = -1;
  l->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (l->listener < 0 || bind(l->listener, (struct sockaddr *)&a, n) || listen(l->listener, 16) ||
      getsockname(l->listener, (struct sockaddr *)&a, &n) || pipe2(l->wake, O_CLOEXEC)) {
    host_fail(e, "no loopback socket: %s", strerror(errno));
    if (l->listener >= 0) close(l->listener);
    return free(l), NULL;
  }
  l->port = ntohs(a.sin_port);
  if (pthread_create(&l->thread, NULL, serve, l)) {
    host_fail(e, "no thread for a simulated endpoint");
    close(l->listener), close(l->wake[0]), close(l->wake[1]);
    return free(l), NULL;
  }
  return l;
}

int loopback_port(const loopback *l) { return l->port; }
size_t loopback_connections(const loopback *l) { return atomic_load(&l->connections); }

void loopback_close(loopback *l) {
  if (!l) return;
  while (write(l->wake[1], "", 1) < 0 && errno == EINTR) {
  }
  pthread_join(l->thread, NULL);
  for (int i = 0; i < PEERS; i++)
    if (l->peers[i].fd >= 0) hang_up(&l->peers[i], 0);
  close(l->listener), close(l->wake[0]), close(l->wake[1]);
  free(l);
}
