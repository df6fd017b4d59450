#include "records.h"

#include <stdlib.h>
#include <string.h>
#include "docs.h"
#include "source.h"

enum { LINES, ARRAY, SPREAD, PARAGRAPHS }; /* SPREAD: records over several lines */

struct records {
  source in;
  char *name;
  uint8_t *buffer;
  size_t at, have, size;    /* buffer[at, have) is read and not yet used */
  bool ended;               /* buffer holds all that is left */
  bool closed, allow_empty; /* closed: the array has ended */
  int mode;
  uint64_t line, byte, count; /* of buffer[at]; records so far */
  char *group;                /* paragraphs of one document */
  size_t group_size, group_room;
  uint64_t part;
};

/* ---- Bytes ---- */

static int place_fail(records *r, host_error *e, uint64_t line, uint64_t byte, const char *why) {
  return host_fail(e, "%s: line %llu (byte %llu): %s", r->name, (unsigned long long)line,
                   (unsigned long long)byte, why);
}

/* Reads on; 0 with r->ended at the end. */
static int more(records *r, host_error *e) {
  if (r->ended) return 0;
  if (r->at && r->at >= r->size / 2) {
    memmove(r->buffer, r->buffer + r->at, r->have - r->at);
    r->have -= r->at, r->at = 0;
  }
  if (r->have == r->size)
    r->buffer = host_realloc(r->buffer, r->size = r->size ? 2 * r->size : 1 << 16, "a record");
  size_t got;
  if (source_read(&r->in, r->buffer + r->have, r->size - r->have, &got, e)) return -1;
  r->have += got, r->ended = !got;
  return 0;
}

/* The byte `i` after the one in use: 0..255, -1 at the end, -2 with *e. */
static int peek(records *r, size_t i, host_error *e) {
  while (r->have - r->at <= i)
    if (r->ended)
      return -1;
    else if (more(r, e))
      return -2;
  return r->buffer[r->at + i];
}

static void use(records *r, size_t n) {
  for (const uint8_t *p = r->buffer + r->at, *end = p + n; (p = memchr(p, '\n', (size_t)(end - p)));
       p++)
    r->line++;
  r->at += n, r->byte += n;
}

/* Uses white space; the next byte as peek gives it. */
static int skip_space(records *r, host_error *e) {
  int c;
  while ((c = peek(r, 0, e)) == ' ' || c == '\t' || c == '\n' || c == '\r') use(r, 1);
  return c;
}

/* The length of the line in use without its "\n"; -1 with *e. *last: the file ends with it. */
static int line_length(records *r, size_t *n, bool *last, host_error *e) {
  for (size_t seen = 0;;) {
    const uint8_t *from = r->buffer + r->at,
                  *nl = r->have - r->at > seen ? memchr(from + seen, '\n', r->have - r->at - seen)
                                               : NULL;
    *n = nl ? (size_t)(nl - from) : r->have - r->at, *last = !nl;
    if (*n > DOCS_RECORD_MAX)
      return place_fail(r, e, r->line, r->byte,
                        "the line is longer than 16 MB; split it into smaller records");
    if (nl || r->ended) return 0;
    seen = *n;
    if (more(r, e)) return -1;
  }
}

/* The length of the JSON object in use, by its brackets; -1 with *e. */
static int object_length(records *r, size_t *n, host_error *e) {
  size_t depth = 0;
  bool text = false, escape = false;
  for (size_t i = 0;; i++) {
    if (i == DOCS_RECORD_MAX)
      return place_fail(r, e, r->line, r->byte, "the record is longer than 16 MB; split it");
    const int c = peek(r, i, e);
    if (c == -2) return -1;
    if (c == -1)
      return place_fail(r, e, r->line, r->byte,
                        "the file ends inside this record; fetch it again, or remove the record");
    if (escape)
      escape = false;
    else if (text)
      escape = c == '\\', text = c != '"';
    else if (c == '"')
      text = true;
    else if (c == '{' || c == '[')
      depth++;
    else if ((c == '}' || c == ']') && --depth == 0) {
      *n = i + 1;
      return 0;
    }
  }
}

/* ---- Opening ---- */

static int begin(records *r, bool text, host_error *e) {
  r->line = 1;
  const int a = peek(r, 0, e), b = peek(r, 1, e), c = peek(r, 2, e);
  if (a == -2 || b == -2 || c == -2) return -1;
  if (a == 0xef && b == 0xbb && c == 0xbf) use(r, 3);
  size_t i = 0;
  int first, second;
  while ((first = peek(r, i, e)) == ' ' || first == '\t' || first == '\n' || first == '\r')
    if (++i == DOCS_RECORD_MAX) break;
  if (first == -2) return -1;
  r->mode = first == '[' ? ARRAY : LINES;
  if (text && first == '[') {
    do second = peek(r, ++i, e);
    while ((second == ' ' || second == '\t' || second == '\n' || second == '\r') &&
           i < DOCS_RECORD_MAX);
    if (second == -2) return -1;
    if (second != '{') r->mode = PARAGRAPHS;
  } else if (text && first != '{')
    r->mode = PARAGRAPHS;
  if (r->mode == PARAGRAPHS) return 0;
  if (skip_space(r, e) == -2) return -1;
  if (r->mode == ARRAY)
    use(r, 1);
  else { /* a first line that does not end its object: records are spread over lines */
    size_t n;
    bool last;
    if (line_length(r, &n, &last, e)) return -1;
    while (n && strchr(" \t\r", r->buffer[r->at + n - 1])) n--;
    if (first == '{' && !last && r->buffer[r->at + n - 1] != '}') r->mode = SPREAD;
  }
  return 0;
}

static records *opened(records *r, int bad, const char *name, bool text, host_error *e) {
  if (bad) {
    free(r);
    return NULL;
  }
  if (!(r->name = strdup(name))) host_die("no memory for a file name");
  r->in.name = r->name;
  if (!begin(r, text, e)) return r;
  records_close(r);
  return NULL;
}

records *records_open(const char *path, bool text, host_error *e) {
  records *r = host_alloc(sizeof *r, "a reader");
  return opened(r, source_open(&r->in, path, e), path, text, e);
}

records *records_open_memory(const void *bytes, size_t size, const char *name, bool text,
                             host_error *e) {
  records *r = host_alloc(sizeof *r, "a reader");
  return opened(r, source_open_memory(&r->in, bytes, size, name, e), name, text, e);
}

void records_allow_empty(records *r) { r->allow_empty = true; }
bool records_paragraphs(const records *r) { return r->mode == PARAGRAPHS; }
const char *records_name(const records *r) { return r->name; }
uint64_t records_read(const records *r) { return r->in.taken - r->in.left; }

void records_close(records *r) {
  if (!r) return;
  source_close(&r->in);
  free(r->buffer), free(r->group), free(r->name), free(r);
}

/* ---- Reading ---- */

static int take(records *r, size_t n, record *out) {
  *out = (record){.bytes = (char *)r->buffer + r->at, .size = n, .line = r->line, .byte = r->byte};
  use(r, n);
  r->count++;
  return 1;
}

static int end(records *r, host_error *e) {
  if (r->count || r->allow_empty) return 0;
  return host_fail(
      e, "%s: line %llu (byte %llu): the file holds no record; give a file with at least one",
      r->name, (unsigned long long)r->line, (unsigned long long)r->byte);
}

static int next_line(records *r, record *out, host_error *e) {
  size_t n;
  bool last;
  const int c = skip_space(r, e);
  if (c < 0) return c == -1 ? end(r, e) : -1;
  return line_length(r, &n, &last, e) ? -1 : take(r, n, out);
}

/* The next element of the array, or the next spread record. */
static int next_object(records *r, record *out, host_error *e) {
  int c = skip_space(r, e);
  if (r->mode == ARRAY && !r->closed && r->count && c == ',') {
    use(r, 1);
    c = skip_space(r, e);
  } else if (r->mode == ARRAY && !r->closed && c == ']') {
    use(r, 1);
    r->closed = true;
    c = skip_space(r, e);
  } else if (r->mode == ARRAY && !r->closed && r->count && c >= 0)
    return place_fail(r, e, r->line, r->byte,
                      "',' or ']' is missing after an element of the array; mend the file");
  if (c == -2) return -1;
  if (c == -1 && (r->closed || r->mode == SPREAD)) return end(r, e);
  if (c == -1)
    return place_fail(r, e, r->line, r->byte,
                      "the array is not closed by ']': the file is cut off; fetch it again");
  if (r->closed)
    return place_fail(r, e, r->line, r->byte, "text after the end of the array; remove it");
  if (c != '{')
    return place_fail(r, e, r->line, r->byte,
                      "a record must be a JSON object {...}; mend the file");
  size_t n = 0;
  return object_length(r, &n, e) ? -1 : take(r, n, out);
}

static int next_paragraphs(records *r, record *out, host_error *e) {
  *out = (record){.line = r->line, .byte = r->byte};
  r->group_size = 0;
  uint64_t next = r->part + 1; /* what the document after this one is */
  for (;;) {
    size_t n;
    bool last;
    if (line_length(r, &n, &last, e)) return -1;
    if (!n && last) break;
    const size_t used = n + !last;
    uint8_t *s = r->buffer + r->at;
    if (n && memchr(s, 0, n))
      return place_fail(
          r, e, r->line, r->byte,
          "a zero byte: this is not UTF-8 text; convert it (iconv -t UTF-8) or leave it out");
    bool empty = true;
    for (size_t i = 0; i < n && empty; i++) empty = strchr(" \t\r\v\f", s[i]) != NULL && s[i];
    if (!empty) {
      if (r->group_size && r->group_size + 1 + n > DOCS_TEXT_GROUP) break;
      if (!r->group_size) out->line = r->line, out->byte = r->byte;
    }
    use(r, used);
    if (empty) {
      next = !r->group_size;
      if (r->group_size) break;
      r->part = 0;
      continue;
    }
    if (r->group_room < r->group_size + n + 2)
      r->group = host_realloc(r->group, r->group_room = 2 * (r->group_size + n + 2), "a document");
    if (r->group_size) r->group[r->group_size++] = '\n';
    memcpy(r->group + r->group_size, s, n);
    r->group_size += n;
  }
  if (!r->group_size) return end(r, e);
  out->bytes = r->group, out->size = r->group_size;
  out->part = r->part, r->part = next;
  r->count++;
  return 1;
}

int records_next(records *r, record *out, host_error *e) {
  if (r->mode == PARAGRAPHS) return next_paragraphs(r, out, e);
  return r->mode == LINES ? next_line(r, out, e) : next_object(r, out, e);
}
