#include "source.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* More input where none is left; fine at the end. */
static int refill(source *s, host_error *e) {
  if (s->left || !s->file) return 0;
  s->next = s->block;
  s->left = fread(s->block, 1, sizeof s->block, s->file);
  s->taken += s->left;
  if (ferror(s->file)) return host_fail(e, "%s: cannot read: %s", s->name, strerror(errno));
  return 0;
}

static int start(source *s, host_error *e) {
  if (refill(s, e)) return -1;
  s->gzip = s->left >= 2 && s->next[0] == 0x1f && s->next[1] == 0x8b;
  if (s->gzip && inflateInit2(&s->z, 15 + 16) != Z_OK) {
    s->gzip = false;
    return host_fail(e, "%s: no memory to unpack gzip", s->name);
  }
  s->inside = s->gzip;
  return 0;
}

int source_open(source *s, const char *path, host_error *e) {
  memset(s, 0, sizeof *s);
  s->name = path;
  s->file = strcmp(path, "-") ? fopen(path, "rb") : fdopen(dup(STDIN_FILENO), "rb");
  if (!s->file) return host_fail(e, "%s: cannot open: %s", path, strerror(errno));
  if (!start(s, e)) return 0;
  source_close(s);
  return -1;
}

int source_open_memory(source *s, const void *bytes, size_t size, const char *name, host_error *e) {
  memset(s, 0, sizeof *s);
  s->name = name, s->next = bytes, s->left = size, s->taken = size;
  return start(s, e);
}

void source_close(source *s) {
  if (s->gzip) inflateEnd(&s->z);
  if (s->file) fclose(s->file);
  s->gzip = false, s->file = NULL;
}

static int damaged(const source *s, const char *why, host_error *e) {
  return host_fail(e, "%s: packed byte %llu: %s; fetch or pack the file again", s->name,
                   (unsigned long long)(s->taken - s->left), why);
}

/* A member has ended: the file does, or another member begins. */
static int between(source *s, host_error *e) {
  if (refill(s, e)) return -1;
  if (!s->left) return 0;
  if (s->next[0] != 0x1f) return damaged(s, "bytes after the end of the gzip stream", e);
  if (inflateReset(&s->z) != Z_OK) return damaged(s, "gzip cannot be unpacked", e);
  s->inside = true;
  return 0;
}

int source_read(source *s, uint8_t *out, size_t n, size_t *got, host_error *e) {
  *got = 0;
  if (!s->gzip) {
    if (refill(s, e)) return -1;
    *got = n < s->left ? n : s->left;
    if (*got) memcpy(out, s->next, *got);
    s->next += *got, s->left -= *got;
    return 0;
  }
  while (!*got) {
    if (!s->inside && between(s, e)) return -1;
    if (!s->inside) return 0;
    if (refill(s, e)) return -1;
    if (!s->left) return damaged(s, "the gzip stream is cut off", e);
    const uInt in = s->left < UINT_MAX ? (uInt)s->left : UINT_MAX,
               room = n < UINT_MAX ? (uInt)n : UINT_MAX;
    s->z.next_in = (Bytef *)s->next, s->z.avail_in = in;
    s->z.next_out = out, s->z.avail_out = room;
    const int r = inflate(&s->z, Z_NO_FLUSH);
    s->next += in - s->z.avail_in, s->left -= in - s->z.avail_in;
    *got = room - s->z.avail_out;
    if (r == Z_STREAM_END)
      s->inside = false;
    else if (r != Z_OK && r != Z_BUF_ERROR)
      return damaged(s, s->z.msg ? s->z.msg : "the gzip stream is damaged", e);
  }
  return 0;
}
