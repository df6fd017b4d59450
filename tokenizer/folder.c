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

/* dir without slashes at its end */
static size_t trimmed(const char *dir) {
  size_t n = strlen(dir);
  while (n > 1 && dir[n - 1] == '/') n--;
  return n;
}

int folder_begin(char *temp, size_t size, const char *dir, host_error *e) {
  struct stat st;
  const size_t n = trimmed(dir);
  const char *last = dir + n;
  while (last > dir && last[-1] != '/') last--;
  if (n == 0 || last == dir + n || !strncmp(last, ".", (size_t)(dir + n - last)) ||
      !strncmp(last, "..", (size_t)(dir + n - last)))
    return host_fail(e, "'%.200s': name the folder itself, e.g. build/shards", dir);
  const int k = snprintf(temp, size, "%.*s.%ld.tmp", (int)n, dir, (long)getpid());
  if (k < 0 || (size_t)k >= size) return host_fail(e, "%.100s...: path is too long", dir);
  if (!lstat(dir, &st)) {
    if (!S_ISDIR(st.st_mode)) return host_fail(e, "%s: is there and is no folder", dir);
    if (check_old(dir, e)) return -1;
  }
  if (host_is_dir(temp)) remove_folder(temp); /* of a process that was killed and had this number */
  return host_mkdir(temp, e);
}

int folder_commit(const char *temp, const char *dir, host_error *e) {
  char target[4096];
  snprintf(target, sizeof target, "%.*s", (int)trimmed(dir), dir);
  if (host_is_dir(target)) {
    if (renameat2(AT_FDCWD, temp, AT_FDCWD, target, RENAME_EXCHANGE)) {
      host_fail(e, "%s: cannot take its place: %s; the old folder is untouched", target,
                strerror(errno));
      remove_folder(temp);
      return -1;
    }
    host_fsync_dir(target);
    remove_folder(temp); /* now the old one */
    return 0;
  }
  if (rename(temp, target)) {
    host_fail(e, "%s: cannot rename the new folder to it: %s", target, strerror(errno));
    remove_folder(temp);
    return -1;
  }
  host_fsync_dir(target);
  return 0;
}

void folder_abort(const char *temp) { remove_folder(temp); }
