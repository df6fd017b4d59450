#include "clean.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include "mojibake.h"
#include "runtime/ulm.h"

/* What a character becomes: NULL itself, "" nothing, " " or "\n" white space. */
static const char *becomes(int32_t c) {
  switch (c) {
  case '\n':
  case 0x0b:
  case 0x0c:
  case 0x85:
  case 0x2028:
  case 0x2029:
    return "\n";
  case '\t':
    return " ";
  case 0x2018: /* ‘ ’ ‚ ‛ ′ ‵ ʼ */
  case 0x2019:
  case 0x201a:
  case 0x201b:
  case 0x2032:
  case 0x2035:
  case 0x02bc:
    return "'";
  case 0x201c: /* “ ” „ ‟ ″ ‶ « » */
  case 0x201d:
  case 0x201e:
  case 0x201f:
  case 0x2033:
  case 0x2036:
  case 0xab:
  case 0xbb:
    return "\"";
  case 0x2010: /* hyphens, figure dash, en dash, minus */
  case 0x2011:
  case 0x2012:
  case 0x2013:
  case 0x2212:
    return "-";
  case 0x2014: /* em dash, bar */
  case 0x2015:
    return "--";
  case 0x2026:
    return "...";
  case 0xfffd:
    return "";
  default:
    break;
  }
  if (c >= 0x20 && c < 0x7f) return NULL;
  switch (utf8proc_category(c)) {
  case UTF8PROC_CATEGORY_ZS:
    return " ";
  case UTF8PROC_CATEGORY_CC:
  case UTF8PROC_CATEGORY_CF:
  case UTF8PROC_CATEGORY_CO:
  case UTF8PROC_CATEGORY_CS:
    return "";
  default:
    return (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef) ? "" : NULL;
  }
}

/* A wide or narrow form, or a Latin ligature? */
static bool is_form(int32_t c) {
  if (c < 0x3000) return false;
  const utf8proc_propval_t type = utf8proc_get_property(c)->decomp_type;
  return type == UTF8PROC_DECOMP_TYPE_WIDE || type == UTF8PROC_DECOMP_TYPE_NARROW ||
         (c >= 0xfb00 && c <= 0xfb06);
}

/* What it is a form of, at most 9 bytes. */
static size_t unfold(int32_t c, uint8_t *out) {
  int32_t to[8];
  size_t k = 0;
  const utf8proc_ssize_t n =
      utf8proc_decompose_char(c, to, 8, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, NULL);
  for (utf8proc_ssize_t i = 0; i < n && i < 8; i++)
    k += (size_t)utf8proc_encode_char(to[i], out + k);
  return k;
}

/* Substitutes into c->in, at most 3 times the bytes. Returns the size; *plain: it is NFC already.
 */
static size_t substitute(cleaner *c, const char *text, size_t n, bool *plain) {
  const uint8_t *s = (const uint8_t *)text;
  const size_t room = host_mul_add(n, 3, 4);
  if (c->in_room < room) c->in = host_realloc(c->in, c->in_room = room, "text being cleaned");
  size_t k = 0;
  *plain = true;
  for (size_t i = 0; i < n;) {
    if (s[i] >= 0x20 && s[i] < 0x7f) {
      c->in[k++] = s[i++];
      continue;
    }
    const size_t size = s[i] < 0x80 ? 1 : ulm_utf8_len(s + i, n - i);
    if (!size) {
      c->counts.invalid++, i++;
      continue;
    }
    if (s[i] == '\r') {
      if (i + 1 == n || s[i + 1] != '\n') c->in[k++] = '\n';
      i++;
      continue;
    }
    int32_t code = s[i];
    if (size > 1) utf8proc_iterate(s + i, (utf8proc_ssize_t)size, &code);
    const char *to = becomes(code);
    if (to) {
      const size_t m = strlen(to);
      memcpy(c->in + k, to, m);
      k += m;
      if (!m)
        c->counts.controls++;
      else if (*to > ' ')
        c->counts.folded++;
    } else if (is_form(code)) {
      k += unfold(code, c->in + k);
      c->counts.folded++, *plain = false;
    } else {
      memcpy(c->in + k, s + i, size);
      k += size;
      *plain &= code < 0x300; /* composed as they stand, where no mark follows */
    }
    i += size;
  }
  return k;
}

/* White space in place: see clean.h. */
static size_t squeeze(char *s, size_t n) {
  size_t k = 0, lines = 0;
  bool space = false;
  for (size_t i = 0; i < n; i++) {
    if (s[i] == ' ')
      space = true;
    else if (s[i] == '\n')
      lines++;
    else {
      if (k && lines) {
        s[k++] = '\n';
        if (lines > 1) s[k++] = '\n';
      } else if (k && space)
        s[k++] = ' ';
      s[k++] = s[i];
      space = false, lines = 0;
    }
  }
  return k;
}

static void once(cleaner *c, const char *text, size_t n) {
  bool plain;
  size_t k = substitute(c, text, n, &plain);
  const uint8_t *from = c->in;
  uint8_t *composed = NULL;
  if (!plain) {
    const utf8proc_ssize_t m =
        utf8proc_map(c->in, (utf8proc_ssize_t)k, &composed, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (m < 0) host_die("no memory to normalize %zu bytes: %s", k, utf8proc_errmsg(m));
    from = composed, k = (size_t)m;
  }
  if (c->room < k + 1) c->text = host_realloc(c->text, c->room = k + 1, "clean text");
  memcpy(c->text, from, k);
  free(composed);
  c->size = squeeze(c->text, k);
  c->text[c->size] = 0;
}

/* ASCII that cleaning would not change: most text, at the speed of a look at each byte. */
static bool is_clean(const char *s, size_t n) {
  size_t lines = 1; /* LF since the last character that shows; one stands for the text's begin */
  char before = '\n';
  for (size_t i = 0; i < n; i++) {
    const char c = s[i];
    if (c > ' ' && c < 0x7f)
      lines = 0;
    else if (c == ' ' ? before == ' ' || before == '\n'
                      : c != '\n' || before == ' ' || !i || ++lines > 2)
      return false;
    before = c;
  }
  return !n || (before != ' ' && before != '\n');
}

void clean(cleaner *c, const char *text, size_t n) {
  if (is_clean(text, n)) {
    if (c->room < n + 1) c->text = host_realloc(c->text, c->room = n + 1, "clean text");
    if (n) memcpy(c->text, text, n);
    c->text[c->size = n] = 0;
    return;
  }
  bool cleaned = c->raw || !mojibake_likely(text, n);
  if (cleaned) {
    once(c, text, n);
    if (c->raw) return;
  } else {
    if (c->room < n + 1) c->text = host_realloc(c->text, c->room = n + 1, "clean text");
    memcpy(c->text, text, c->size = n);
  }
  /* Cleaning may bring more together. Each round takes out a layer of wrong decodings, at least
   * half of the bytes that carry it. */
  while (mojibake_likely(c->text, c->size)) {
    if (c->whole_room < c->size)
      c->whole = host_realloc(c->whole, c->whole_room = c->size, "text being repaired");
    const uint64_t before = c->counts.mojibake;
    const size_t k = mojibake_repair(c->text, c->size, c->whole, &c->counts.mojibake);
    if (cleaned && c->counts.mojibake == before) break;
    once(c, c->whole, k);
    cleaned = true;
  }
}

void clean_free(cleaner *c) {
  free(c->text), free(c->in), free(c->whole);
  *c = (cleaner){0};
}
