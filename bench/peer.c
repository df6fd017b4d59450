#include "peer.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE = 300 }; /* seconds for a step */

/* Next rate it prints; lines of other text are skipped, and of long ones all but the end. */
static int next_rate(peer *p, double *rate, host_error *e) {
  const double until = host_now() + PATIENCE;
  for (;;) {
    char *end = memchr(p->line, '\n', p->n);
    if (end) {
      const int is = sscanf(p->line, "tokens_per_s %lf", rate) == 1 && *rate > 0;
      p->n -= (size_t)(end + 1 - p->line);
      memmove(p->line, end + 1, p->n + 1); /* and its 0 */
      if (is) return 0;
      continue;
    }
    if (p->n == sizeof p->line - 1) p->n = 0;
    struct pollfd f = {p->pipe, POLLIN, 0};
    const double left = until - host_now();
    const int ready = left > 0 ? poll(&f, 1, (int)(1e3 * left) + 1) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0)
      return host_fail(e, "peer '%s': no \"tokens_per_s X\" in %d s", p->command, PATIENCE);
    const ssize_t got = read(p->pipe, p->line + p->n, sizeof p->line - 1 - p->n);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      return host_fail(e, "peer '%s': ended; it must print \"tokens_per_s X\" a step until stopped",
                       p->command);
    p->n += (size_t)got;
    p->line[p->n] = 0;
  }
}

int peer_start(peer *p, const char *command, host_error *e) {
  int ends[2];
  *p = (peer){.command = command, .pipe = -1};
  if (pipe2(ends, O_CLOEXEC)) return host_fail(e, "peer: no pipe: %s", strerror(errno));
  p->pid = fork();
  if (p->pid == 0) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDOUT_FILENO);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
  p->pipe = ends[0];
  if (p->pid < 0) return host_fail(e, "peer: cannot fork: %s", strerror(errno));
  setpgid(p->pid, p->pid); /* here too: who comes first is not known */
  double rate;
  if (next_rate(p, &rate, e)) return -1;
  kill(-p->pid, SIGSTOP);
  return 0;
}

int peer_turn(peer *p, size_t steps, double *rates, host_error *e) {
  kill(-p->pid, SIGCONT);
  double across; /* of the step in which it was stopped */
  int bad = next_rate(p, &across, e);
  for (size_t i = 0; !bad && i < steps; i++) bad = next_rate(p, &rates[i], e);
  kill(-p->pid, SIGSTOP);
  return bad;
}

void peer_end(peer *p) {
  if (p->pid > 0) {
    kill(-p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
  }
  if (p->pipe >= 0) close(p->pipe);
  *p = (peer){.pipe = -1};
}
