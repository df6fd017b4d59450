#include "seal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

json_t *seal_of(const char *path, host_error *e) {
  FILE *f = fopen(path, "rb");
  uint8_t tail[8] = {0};
  char hex[17] = "";
  off_t n = -1;
  if (f && !fseeko(f, 0, SEEK_END) && (n = ftello(f)) >= 0) {
    const size_t k = n < 8 ? (size_t)n : 8;
    if (fseeko(f, n - (off_t)k, SEEK_SET) || fread(tail, 1, k, f) != k) n = -1;
    for (size_t i = 0; i < k; i++) snprintf(hex + 2 * i, 3, "%02x", tail[i]);
  }
  if (n < 0) host_fail(e, "%s: cannot read: %s", path, strerror(errno));
  if (f) fclose(f);
  return n < 0 ? NULL : json_pack("{s:I,s:s}", "bytes", (json_int_t)n, "tail", hex);
}

/* DIR/data.json in *all, NULL where there is none. */
static int load(json_t **all, const char *dir, host_error *e) {
  char path[4096];
  *all = NULL;
  if (host_path(path, sizeof path, dir, "data.json", e)) return -1;
  if (access(path, F_OK)) return 0;
  json_error_t why;
  if ((*all = json_load_file(path, 0, &why))) return 0;
  return host_fail(e, "%s: line %d: not JSON: %.200s; make the data set again with `ulm data`",
                   path, why.line, why.text);
}

bool seal_promises(const char *dir, const char *name) {
  json_t *all;
  if (load(&all, dir, NULL)) return true; /* seal_check will say why */
  const bool yes = json_object_get(json_object_get(all, "files"), name);
  json_decref(all);
  return yes;
}

int seal_check(const char *dir, const char *name, host_error *e) {
  char path[4096];
  json_t *all;
  if (load(&all, dir, e)) return -1;
  const json_t *said = json_object_get(json_object_get(all, "files"), name);
  int bad = 0;
  if (said && !host_path(path, sizeof path, dir, name, e)) {
    json_t *is = seal_of(path, e);
    if (!is && access(path, F_OK))
      bad =
          host_fail(e,
                    "%s: is not there, but %s/data.json describes it: the writer was interrupted, "
                    "or the file was removed since; make the data set again with `ulm data`",
                    path, dir);
    else if (!is)
      bad = -1;
    else if (!json_equal(is, said))
      bad = host_fail(e,
                      "%s: is not the file that %s/data.json describes: the writer was "
                      "interrupted, or the file was "
                      "changed since; make the data set again with `ulm data` (or, if the change "
                      "was meant, remove "
                      "data.json)",
                      path, dir);
    json_decref(is);
  }
  json_decref(all);
  return bad;
}
