#include "clean.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include "runtime/ulm_num.h"

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
      c->invalid++, i++;
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
    if (!to) {
      memcpy(c->in + k, s + i, size);
      k += size;
      *plain &= code < 0x300; /* composed as they stand, where no mark follows */
    } else {
      const size_t m = strlen(to);
      memcpy(c->in + k, to, m);
      k += m;
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

void clean(cleaner *c, const char *text, size_t n) {
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

void clean_free(cleaner *c) {
  free(c->text), free(c->in);
  *c = (cleaner){0};
}
