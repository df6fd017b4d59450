#include "tape.h"

#include <stdlib.h>
#include <string.h>

static int fail(tape *t, size_t at, const char *why) {
  t->why = why, t->at = at;
  return -1;
}

static tape_value *add(tape *t, tape_type type, size_t at, size_t size) {
  if (t->count == t->room)
    t->value = host_realloc(t->value, (t->room = t->room ? 2 * t->room : 64) * sizeof *t->value,
                            "a record's values");
  tape_value *v = t->value + t->count++;
  *v = (tape_value){type, (uint32_t)t->count, (uint32_t)at, (uint32_t)size};
  return v;
}

/* ---- Strings ---- */

static const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
static uint64_t zero_bytes(uint64_t w) { return (w - ones) & ~w & tops; }

/* Bytes from s that are neither a quote, a backslash nor a control character. */
static size_t plain(const char *s, size_t n) {
  size_t i = 0;
  for (uint64_t w; i + 8 <= n; i += 8) {
    memcpy(&w, s + i, 8);
    /* Below 0x20: the top three bits are zero. Bytes of 0x80 and more never match. */
    const uint64_t hit =
        zero_bytes(w ^ ones * '"') | zero_bytes(w ^ ones * '\\') | zero_bytes(w & ones * 0xe0);
    if (hit) return i + ((size_t)__builtin_ctzll(hit) >> 3);
  }
  while (i < n && s[i] != '"' && s[i] != '\\' && (uint8_t)s[i] >= 0x20) i++;
  return i;
}

/* The four digits at s, or -1. */
static int32_t hex4(const char *s) {
  int32_t v = 0;
  for (int i = 0; i < 4; i++) {
    const char c = s[i];
    const int d = c >= '0' && c <= '9'   ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
    if (d < 0) return -1;
    v = v << 4 | d;
  }
  return v;
}

static size_t put_code(char *to, uint32_t c) {
  if (c < 0x80) return to[0] = (char)c, 1;
  if (c < 0x800) return to[0] = (char)(0xc0 | c >> 6), to[1] = (char)(0x80 | (c & 0x3f)), 2;
  if (c < 0x10000)
    return to[0] = (char)(0xe0 | c >> 12), to[1] = (char)(0x80 | (c >> 6 & 0x3f)),
           to[2] = (char)(0x80 | (c & 0x3f)), 3;
  to[0] = (char)(0xf0 | c >> 18), to[1] = (char)(0x80 | (c >> 12 & 0x3f));
  to[2] = (char)(0x80 | (c >> 6 & 0x3f)), to[3] = (char)(0x80 | (c & 0x3f));
  return 4;
}

/* The escape s[0..n), s[0] a backslash, to at most as many bytes at `to`. Returns the bytes used, 0
 * if it is none. */
static size_t escape(tape *t, const char *s, size_t n, char *to, size_t *put) {
  static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
  *put = 1;
  if (n < 2) return 0;
  const char *simple = s[1] ? strchr(from, s[1]) : NULL;
  if (simple) return *to = into[simple - from], 2;
  const int32_t a = s[1] == 'u' && n >= 6 ? hex4(s + 2) : -1;
  if (a < 0) return 0;
  size_t used = 6;
  uint32_t code = (uint32_t)a;
  if (code >= 0xd800 && code < 0xe000) {
    const int32_t b = code < 0xdc00 && n >= 12 && s[6] == '\\' && s[7] == 'u' ? hex4(s + 8) : -1;
    if (b >= 0xdc00 && b < 0xe000)
      code = 0x10000 + ((code - 0xd800) << 10) + ((uint32_t)b - 0xdc00), used = 12;
    else
      code = 0xfffd, t->lone++;
  }
  *put = put_code(to, code);
  return used;
}

/* The string whose opening quote is at *at; *at moves past its end. */
static int string(tape *t, size_t *at, size_t n) {
  char *s = t->text;
  const size_t begin = *at + 1;
  size_t from = begin, to = begin;
  for (;;) {
    const size_t k = plain(s + from, n - from);
    if (to != from) memmove(s + to, s + from, k);
    from += k, to += k;
    if (from == n) return fail(t, *at, "a string does not end");
    if (s[from] == '"') break;
    if (s[from] != '\\') return fail(t, from, "a control character in a string");
    size_t put;
    char code[4];
    const size_t used = escape(t, s + from, n - from, code, &put);
    if (!used) return fail(t, from, "an escape that JSON does not have");
    memcpy(s + to, code, put);
    from += used, to += put;
  }
  s[to] = 0; /* at the closing quote, or before it */
  add(t, TAPE_STRING, begin, to - begin);
  *at = from + 1;
  return 0;
}

/* ---- Everything else ---- */

static size_t digits(const char *s, size_t i, size_t n) {
  while (i < n && s[i] >= '0' && s[i] <= '9') i++;
  return i;
}

/* The end of the number at i, or i if there is none. */
static size_t number(const char *s, size_t i, size_t n) {
  const size_t begin = i;
  i += i < n && s[i] == '-';
  size_t j = digits(s, i, n);
  if (j == i || (s[i] == '0' && j > i + 1)) return begin;
  i = j;
  if (i < n && s[i] == '.') {
    if ((j = digits(s, i + 1, n)) == i + 1) return begin;
    i = j;
  }
  if (i < n && (s[i] == 'e' || s[i] == 'E')) {
    i += 1 + (i + 1 < n && (s[i + 1] == '+' || s[i + 1] == '-'));
    if ((j = digits(s, i, n)) == i) return begin;
    i = j;
  }
  return i;
}

static size_t space(tape *t, size_t i, size_t n) {
  for (const char *s = t->text;
       i < n && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r'); i++)
    t->lines += s[i] == '\n';
  return i;
}

/* A value that holds no others; *at moves past its end. */
static int scalar(tape *t, size_t *at, size_t n) {
  static const struct {
    const char *word;
    size_t size;
    tape_type type;
  } words[] = {{"null", 4, TAPE_NULL}, {"true", 4, TAPE_TRUE}, {"false", 5, TAPE_FALSE}};
  const size_t i = *at;
  if (t->text[i] == '"') return string(t, at, n);
  for (size_t k = 0; k < 3; k++)
    if (n - i >= words[k].size && !memcmp(t->text + i, words[k].word, words[k].size)) {
      add(t, words[k].type, i, words[k].size);
      *at += words[k].size;
      return 0;
    }
  const size_t end = number(t->text, i, n);
  if (end == i) return fail(t, i, "neither a value nor what may stand before one");
  add(t, TAPE_NUMBER, i, end - i);
  *at = end;
  return 0;
}

/* A member's key and colon, up to its value. */
static int key(tape *t, size_t *at, size_t n) {
  if (*at == n || t->text[*at] != '"') return fail(t, *at, "a member's name is missing");
  if (string(t, at, n)) return -1;
  const size_t i = space(t, *at, n);
  if (i == n || t->text[i] != ':') return fail(t, i, "a colon is missing after a member's name");
  *at = space(t, i + 1, n);
  return 0;
}

int tape_parse(tape *t, char *text, size_t n) {
  uint32_t open[TAPE_DEPTH_MAX]; /* the arrays and objects that the place is in */
  size_t depth = 0;
  t->count = t->lines = t->at = 0, t->lone = 0, t->text = text, t->why = NULL;
  if (n > INT32_MAX) return fail(t, 0, "more than 2 GB");
  size_t i = space(t, 0, n);
  for (;;) {
    if (i == n) return fail(t, i, "it ends where a value should be");
    if (t->count + 2 > TAPE_VALUES_MAX) return fail(t, i, "more than 1,048,576 values");
    if (text[i] == '{' || text[i] == '[') {
      const tape_type type = text[i] == '{' ? TAPE_OBJECT : TAPE_ARRAY;
      if (depth == TAPE_DEPTH_MAX) return fail(t, i, "more than 2,048 levels");
      open[depth++] = (uint32_t)t->count;
      add(t, type, i, 0);
      i = space(t, i + 1, n);
      if (i == n || text[i] != (type == TAPE_OBJECT ? '}' : ']')) {
        if (type == TAPE_OBJECT && key(t, &i, n)) return -1;
        continue;
      }
    } else {
      if (scalar(t, &i, n)) return -1;
      if (depth) t->value[open[depth - 1]].size++;
      i = space(t, i, n);
    }
    /* A value has ended, or text[i] ends an empty one: close all that end here. */
    for (;;) {
      if (!depth) return i == n ? 0 : fail(t, i, "something follows the value");
      tape_value *v = t->value + open[depth - 1];
      if (i == n) return fail(t, i, "it ends inside an array or object");
      if (text[i] == ',') break;
      if (text[i] != (v->type == TAPE_OBJECT ? '}' : ']'))
        return fail(t, i, "a comma or closing bracket is missing");
      v->next = (uint32_t)t->count, depth--;
      if (depth) t->value[open[depth - 1]].size++;
      i = space(t, i + 1, n);
    }
    i = space(t, i + 1, n);
    if (t->value[open[depth - 1]].type == TAPE_OBJECT && key(t, &i, n)) return -1;
  }
}

void tape_free(tape *t) {
  free(t->value);
  *t = (tape){0};
}

const tape_value *tape_member(const tape *t, const tape_value *v, const char *name) {
  const tape_value *found = NULL;
  if (!tape_is(v, TAPE_OBJECT)) return NULL;
  const size_t n = strlen(name);
  const tape_value *k = v + 1;
  for (uint32_t i = 0; i < v->size; i++) {
    const tape_value *value = k + 1;
    if (k->size == n && !memcmp(t->text + k->at, name, n)) found = value;
    k = tape_next(t, value);
  }
  return found;
}
