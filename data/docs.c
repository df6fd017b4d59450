#include "docs.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "forms.h"
#include "source.h"

enum { LINES, ARRAY, SPREAD, PARAGRAPHS }; /* SPREAD: records over several lines */

struct docs {
  source in;
  char *name;
  uint8_t *buffer;
  size_t at, have, size; /* buffer[at, have) is read and not yet used */
  bool ended,
      skip;    /* ended: buffer holds all that is left; skip: the last error was of one record */
  bool closed; /* the array has ended */
  int mode;
  uint64_t line, byte, records; /* of buffer[at] */
  form form;
  char *group; /* paragraphs of one document */
  size_t group_size;
  uint64_t part;
};

/* ---- Bytes ---- */

static int place_fail(docs *d, host_error *e, uint64_t line, uint64_t byte, const char *why) {
  return host_fail(e, "%s: line %llu (byte %llu): %s", d->name, (unsigned long long)line,
                   (unsigned long long)byte, why);
}

/* Reads on; 0 with d->ended at the end. */
static int more(docs *d, host_error *e) {
  if (d->ended) return 0;
  if (d->at && d->at >= d->size / 2) {
    memmove(d->buffer, d->buffer + d->at, d->have - d->at);
    d->have -= d->at, d->at = 0;
  }
  if (d->have == d->size)
    d->buffer = host_realloc(d->buffer, d->size = d->size ? 2 * d->size : 1 << 16, "a record");
  size_t got;
  if (source_read(&d->in, d->buffer + d->have, d->size - d->have, &got, e)) return -1;
  d->have += got, d->ended = !got;
  return 0;
}

/* The byte `i` after the one in use: 0..255, -1 at the end, -2 with *e. */
static int peek(docs *d, size_t i, host_error *e) {
  while (d->have - d->at <= i)
    if (d->ended)
      return -1;
    else if (more(d, e))
      return -2;
  return d->buffer[d->at + i];
}

static void use(docs *d, size_t n) {
  for (const uint8_t *p = d->buffer + d->at, *end = p + n; (p = memchr(p, '\n', (size_t)(end - p)));
       p++)
    d->line++;
  d->at += n, d->byte += n;
}

/* Uses white space; the next byte as peek gives it. */
static int skip_space(docs *d, host_error *e) {
  int c;
  while ((c = peek(d, 0, e)) == ' ' || c == '\t' || c == '\n' || c == '\r') use(d, 1);
  return c;
}

/* The length of the line in use without its "\n"; -1 with *e. *last: the file ends with it. */
static int line_length(docs *d, size_t *n, bool *last, host_error *e) {
  for (size_t seen = 0;;) {
    const uint8_t *from = d->buffer + d->at,
                  *nl = d->have - d->at > seen ? memchr(from + seen, '\n', d->have - d->at - seen)
                                               : NULL;
    *n = nl ? (size_t)(nl - from) : d->have - d->at, *last = !nl;
    if (*n > DOCS_RECORD_MAX)
      return place_fail(d, e, d->line, d->byte,
                        "the line is longer than 16 MB; split it into smaller records");
    if (nl || d->ended) return 0;
    seen = *n;
    if (more(d, e)) return -1;
  }
}

/* The length of the JSON object in use, by its brackets; -1 with *e. */
static int object_length(docs *d, size_t *n, host_error *e) {
  size_t depth = 0;
  bool text = false, escape = false;
  for (size_t i = 0;; i++) {
    if (i == DOCS_RECORD_MAX)
      return place_fail(d, e, d->line, d->byte, "the record is longer than 16 MB; split it");
    const int c = peek(d, i, e);
    if (c == -2) return -1;
    if (c == -1)
      return place_fail(d, e, d->line, d->byte,
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

/* Drops bytes that are not UTF-8, in place; returns the new length. */
static size_t drop_invalid(uint8_t *s, size_t n) {
  size_t to = 0;
  for (size_t i = 0; i < n;) {
    const size_t k = s[i] < 0x80 ? 1 : ulm_utf8_len(s + i, n - i);
    if (k == 0) {
      i++;
      continue;
    }
    if (to != i) memmove(s + to, s + i, k);
    to += k, i += k;
  }
  return to;
}

/* ---- Opening ---- */

static int begin(docs *d, bool text, host_error *e) {
  d->line = 1;
  const int a = peek(d, 0, e), b = peek(d, 1, e), c = peek(d, 2, e);
  if (a == -2 || b == -2 || c == -2) return -1;
  if (a == 0xef && b == 0xbb && c == 0xbf) use(d, 3);
  size_t i = 0;
  int first, second;
  while ((first = peek(d, i, e)) == ' ' || first == '\t' || first == '\n' || first == '\r')
    if (++i == DOCS_RECORD_MAX) break;
  if (first == -2) return -1;
  d->mode = first == '[' ? ARRAY : LINES;
  if (text && first == '[') {
    do second = peek(d, ++i, e);
    while ((second == ' ' || second == '\t' || second == '\n' || second == '\r') &&
           i < DOCS_RECORD_MAX);
    if (second == -2) return -1;
    if (second != '{') d->mode = PARAGRAPHS;
  } else if (text && first != '{')
    d->mode = PARAGRAPHS;
  if (d->mode == PARAGRAPHS) return 0;
  if (skip_space(d, e) == -2) return -1;
  if (d->mode == ARRAY)
    use(d, 1);
  else { /* a first line that does not end its object: records are spread over lines */
    size_t n;
    bool last;
    if (line_length(d, &n, &last, e)) return -1;
    while (n && strchr(" \t\r", d->buffer[d->at + n - 1])) n--;
    if (first == '{' && !last && d->buffer[d->at + n - 1] != '}') d->mode = SPREAD;
  }
  return 0;
}

static docs *opened(docs *d, int bad, const char *name, bool text, host_error *e) {
  if (!bad) {
    d->name = strdup(name);
    if (!d->name) host_die("no memory for a file name");
    d->in.name = d->name;
    bad = begin(d, text, e);
    if (!bad) return d;
    docs_close(d);
  } else
    free(d);
  return NULL;
}

docs *docs_open(const char *path, host_error *e) {
  docs *d = host_alloc(sizeof *d, "a reader");
  return opened(d, source_open(&d->in, path, e), path, false, e);
}

docs *docs_open_text(const char *path, host_error *e) {
  docs *d = host_alloc(sizeof *d, "a reader");
  return opened(d, source_open(&d->in, path, e), path, true, e);
}

docs *docs_open_memory(const void *bytes, size_t size, const char *name, bool text, host_error *e) {
  docs *d = host_alloc(sizeof *d, "a reader");
  return opened(d, source_open_memory(&d->in, bytes, size, name, e), name, text, e);
}

docs *docs_open_split(const char *dir, const char *split, host_error *e) {
  char name[64], path[4096];
  if ((size_t)snprintf(name, sizeof name, "%s.jsonl.gz", split) >= sizeof name) {
    host_fail(e, "%.40s: no split has such a name", split);
    return NULL;
  }
  return host_path(path, sizeof path, dir, name, e) ? NULL : docs_open(path, e);
}

void docs_close(docs *d) {
  if (!d) return;
  source_close(&d->in);
  form_clear(&d->form);
  free(d->form.turns), free(d->buffer), free(d->group), free(d->name), free(d);
}

bool docs_can_skip(const docs *d) { return d->skip; }
uint64_t docs_read(const docs *d) { return d->in.taken - d->in.left; }

/* ---- Reading ---- */

/* The record buffer[at, at + n) becomes *out. */
static int record(docs *d, size_t n, doc *out, host_error *e) {
  uint8_t *s = d->buffer + d->at;
  const uint64_t line = d->line, byte = d->byte;
  use(d, n); /* first: it counts lines in the bytes as they are */
  const size_t kept = drop_invalid(s, n);
  *out = (doc){.line = line, .byte = byte, .invalid = n - kept};
  d->records++, d->skip = true;
  json_error_t je;
  char why[400];
  json_t *root = json_loadb((const char *)s, kept, JSON_ALLOW_NUL, &je);
  if (!root) {
    snprintf(why, sizeof why, "not JSON: %.200s; mend or remove the record", je.text);
    return place_fail(d, e, line + (je.line > 1 ? (uint64_t)je.line - 1 : 0),
                      byte + (je.position > 0 ? (uint64_t)je.position : 0), why);
  }
  if (form_read(&d->form, root, out, why, sizeof why)) return place_fail(d, e, line, byte, why);
  d->skip = false;
  return 1;
}

static int end(docs *d, host_error *e) {
  if (d->records) return 0;
  return host_fail(
      e, "%s: line %llu (byte %llu): the file holds no record; give a file with at least one",
      d->name, (unsigned long long)d->line, (unsigned long long)d->byte);
}

static int next_line(docs *d, doc *out, host_error *e) {
  size_t n;
  bool last;
  const int c = skip_space(d, e);
  if (c < 0) return c == -1 ? end(d, e) : -1;
  return line_length(d, &n, &last, e) ? -1 : record(d, n, out, e);
}

/* The next element of the array, or the next spread record. */
static int next_object(docs *d, doc *out, host_error *e) {
  int c = skip_space(d, e);
  if (d->mode == ARRAY && !d->closed && d->records && c == ',') {
    use(d, 1);
    c = skip_space(d, e);
  } else if (d->mode == ARRAY && !d->closed && c == ']') {
    use(d, 1);
    d->closed = true;
    c = skip_space(d, e);
  } else if (d->mode == ARRAY && !d->closed && d->records && c >= 0)
    return place_fail(d, e, d->line, d->byte,
                      "',' or ']' is missing after an element of the array; mend the file");
  if (c == -2) return -1;
  if (c == -1 && (d->closed || d->mode == SPREAD)) return end(d, e);
  if (c == -1)
    return place_fail(d, e, d->line, d->byte,
                      "the array is not closed by ']': the file is cut off; fetch it again");
  if (d->closed)
    return place_fail(d, e, d->line, d->byte, "text after the end of the array; remove it");
  if (c != '{')
    return place_fail(d, e, d->line, d->byte,
                      "a record must be a JSON object {...}; mend the file");
  size_t n = 0;
  return object_length(d, &n, e) ? -1 : record(d, n, out, e);
}

static int next_paragraphs(docs *d, doc *out, host_error *e) {
  *out = (doc){.line = d->line, .byte = d->byte};
  d->group_size = 0;
  uint64_t next = d->part + 1; /* what the document after this one is */
  for (;;) {
    size_t n;
    bool last;
    if (line_length(d, &n, &last, e)) return -1;
    if (!n && last) break;
    const size_t used = n + !last;
    uint8_t *s = d->buffer + d->at;
    if (n && memchr(s, 0, n))
      return place_fail(
          d, e, d->line, d->byte,
          "a zero byte: this is not UTF-8 text; convert it (iconv -t UTF-8) or leave it out");
    bool empty = true;
    for (size_t i = 0; i < n && empty; i++) empty = strchr(" \t\r\v\f", s[i]) != NULL && s[i];
    if (!empty) {
      if (d->group_size && d->group_size + 1 + n > DOCS_TEXT_GROUP) break;
      if (!d->group_size) out->line = d->line, out->byte = d->byte;
    }
    use(d, used);
    if (empty) {
      next = !d->group_size;
      if (d->group_size) break;
      d->part = 0;
      continue;
    }
    const size_t kept = drop_invalid(s, n);
    out->invalid += n - kept;
    d->group = host_realloc(d->group, d->group_size + kept + 2, "a document");
    if (d->group_size) d->group[d->group_size++] = '\n';
    memcpy(d->group + d->group_size, s, kept);
    d->group_size += kept;
  }
  if (!d->group_size) return end(d, e);
  d->group[d->group_size] = 0;
  out->text = d->group, out->text_size = d->group_size;
  out->part = d->part, d->part = next;
  d->records++;
  return 1;
}

int docs_next(docs *d, doc *out, host_error *e) {
  form_clear(&d->form);
  d->skip = false;
  if (d->mode == PARAGRAPHS) return next_paragraphs(d, out, e);
  return d->mode == LINES ? next_line(d, out, e) : next_object(d, out, e);
}
