#include "encode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int ends_in(const char *name, const char *suffix) {
  const size_t n = strlen(name), k = strlen(suffix);
  return n > k && !strcmp(name + n - k, suffix);
}

static int is_ours(const char *name) {
  return ends_in(name, ".shard") || !strcmp(name, "shards.json");
}

/* Fails if the folder holds anything that is not ours. */
static int check_old(const char *dir, host_error *e) {
  size_t n;
  char **names = host_list(dir, "", &n, e);
  if (!names) return -1;
  int bad = 0;
  for (size_t i = 0; i < n; i++) {
    if (!bad && strcmp(names[i], ".") && strcmp(names[i], "..") && !is_ours(names[i]))
      bad =
          host_fail(e, "%s: holds %.200s, which is no shard; give the shards a folder of their own",
                    dir, names[i]);
    free(names[i]);
  }
  free(names);
  return bad;
}

/* Removes the files a shard folder may hold, then the folder. */
static void remove_folder(const char *dir) {
  size_t n;
  char path[8192];
  char **names = host_list(dir, "", &n, NULL);
  for (size_t i = 0; names && i < n; i++) {
    if ((is_ours(names[i]) || ends_in(names[i], ".tmp")) &&
        !host_path(path, sizeof path, dir, names[i], NULL))
      unlink(path);
    free(names[i]);
  }
  free(names);
  rmdir(dir);
}

/* Names `dir` without slashes at its end, and the folder beside it. */
static int name_both(char *target, char *beside, size_t size, const char *dir, const char *suffix,
                     host_error *e) {
  size_t n = strlen(dir);
  while (n > 1 && dir[n - 1] == '/') n--;
  const int a = snprintf(target, size, "%.*s", (int)n, dir);
  const int b = snprintf(beside, size, "%.*s.%ld.%s", (int)n, dir, (long)getpid(), suffix);
  if (a < 0 || b < 0 || (size_t)b >= size) return host_fail(e, "%.100s...: path is too long", dir);
  const char *slash = strrchr(target, '/'), *last = slash ? slash + 1 : target;
  if (!*last || !strcmp(last, ".") || !strcmp(last, ".."))
    return host_fail(e, "'%s': name the folder itself, e.g. build/shards", target);
  return 0;
}

int folder_begin(char *temp, size_t size, const char *dir, host_error *e) {
  char target[4096];
  struct stat st;
  if (size < sizeof target || name_both(target, temp, sizeof target, dir, "tmp", e)) return -1;
  if (!lstat(target, &st)) {
    if (!S_ISDIR(st.st_mode)) return host_fail(e, "%s: is there and is no folder", target);
    if (check_old(target, e)) return -1;
  }
  if (host_is_dir(temp)) remove_folder(temp); /* of a killed process that had this number */
  return host_mkdir(temp, e);
}

/* Exchanges two folders in one step or, where the file system cannot, in two. Afterwards temp is
 * the old one. */
static int exchange(const char *temp, const char *target, const char *aside) {
  if (!renameat2(AT_FDCWD, temp, AT_FDCWD, target, RENAME_EXCHANGE)) return 0;
  if (rename(target, aside)) return -1;
  if (!rename(temp, target)) return rename(aside, temp);
  const int why = errno;
  (void)rename(aside, target);
  errno = why;
  return -1;
}

int folder_commit(const char *temp, const char *dir, host_error *e) {
  char target[4096], aside[4096];
  int bad = name_both(target, aside, sizeof target, dir, "old", e);
  const int was_there = !bad && host_is_dir(target);
  if (!bad && (was_there ? exchange(temp, target, aside) : rename(temp, target)))
    bad = host_fail(e, "%s: cannot take its place: %s; what was there is untouched", target,
                    strerror(errno));
  if (!bad) host_fsync_dir(target);
  if (bad || was_there) remove_folder(temp);
  return bad;
}

void folder_abort(const char *temp) { remove_folder(temp); }
