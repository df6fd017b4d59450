#include "cold.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

int cold_program(char *out, size_t size, const char *name, host_error *e) {
  const ssize_t n = readlink("/proc/self/exe", out, size);
  if (n < 0) return host_fail(e, "/proc/self/exe: cannot read: %s", strerror(errno));
  size_t at = (size_t)n;
  while (at && out[at - 1] != '/') at--;
  if (at + strlen(name) + 1 > size) return host_fail(e, "%s: its path is too long", name);
  memcpy(out + at, name, strlen(name) + 1);
  return access(out, X_OK) ? host_fail(e, "%s: cannot run: %s", out, strerror(errno)) : 0;
}

double cold_seconds(char *const argv[], host_error *e) {
  posix_spawn_file_actions_t quiet;
  pid_t pid;
  int status;
  posix_spawn_file_actions_init(&quiet);
  for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
    posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null", O_WRONLY, 0);
  const double began = host_now();
  const int error = posix_spawn(&pid, argv[0], &quiet, NULL, argv, environ);
  while (!error && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  const double end = host_now();
  posix_spawn_file_actions_destroy(&quiet);
  if (error) return host_fail(e, "%s: cannot start: %s", argv[0], strerror(error));
  if (!WIFEXITED(status) || WEXITSTATUS(status))
    return host_fail(e, "%s: failed (%s %d)", argv[0], WIFEXITED(status) ? "exit status" : "signal",
                     WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
  return end - began;
}
