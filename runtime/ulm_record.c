/* The handoff's record as JSON, for the network: RFC 8259, one line. docs/HANDOFF.md. */
#include "ulm_runes.h"

/* Counts what does not fit, as snprintf does. */
typedef struct {
  char *out;
  size_t size, n;
} sink;

static void put(sink *s, const char *t, size_t n) {
  for (size_t i = 0; i < n; i++, s->n++)
    if (s->n + 1 < s->size) s->out[s->n] = t[i];
}
static void say(sink *s, const char *t) { put(s, t, length(t, UINT32_MAX)); }

static void number(sink *s, uint64_t v) {
  char digits[20];
  size_t i = sizeof digits;
  do digits[--i] = (char)('0' + v % 10);
  while (v /= 10);
  put(s, digits + i, sizeof digits - i);
}

/* What is no UTF-8 becomes U+FFFD, byte by byte; NUL too, which no text holds. */
static void string(sink *s, const char *t, size_t n) {
  static const char hex[] = "0123456789abcdef";
  put(s, "\"", 1);
  for (size_t i = 0, k; i < n; i += k) {
    const uint8_t c = (uint8_t)t[i];
    k = c < 0x80 ? 1 : ulm_utf8_len((const uint8_t *)t + i, n - i);
    if (!k || !c) {
      say(s, "\xef\xbf\xbd");
      k = 1;
    } else if (c == '"' || c == '\\') {
      const char two[2] = {'\\', (char)c};
      put(s, two, 2);
    } else if (c < 0x20 || c == 0x7f) {
      const char six[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
      put(s, six, 6);
    } else {
      put(s, t + i, k);
    }
  }
  put(s, "\"", 1);
}

size_t ulm_record_json(const ulm_handoff *h, const ulm_record *r, char *out, size_t size) {
  static const char *const ends[] = {"fragment", "clause", "sentence"};
  sink s = {out, size, 0};
  say(&s, "{\"ulm_handoff\":1,\"messages\":[");
  for (size_t i = 0; i < r->count; i++) {
    const ulm_message *m = &r->turns[i];
    say(&s, i ? ",{\"role\":" : "{\"role\":");
    string(&s, m->role, length(m->role, UINT32_MAX));
    say(&s, ",\"content\":");
    string(&s, m->text, m->size);
    say(&s, "}");
  }
  say(&s, "],\"opener\":");
  string(&s, h->opener, h->opener_size);
  say(&s, ",\"ends\":\"");
  say(&s, ends[ulm_stop(h->opener, h->opener_size)]);
  /* thousandths, so that no float is printed; NaN counts as 0 */
  const float c = r->confidence > 0.0f ? r->confidence < 1.0f ? r->confidence : 1.0f : 0.0f;
  const uint32_t part = (uint32_t)(c * 1000.0f + 0.5f);
  say(&s, part == 1000 ? "\",\"confidence\":1.0" : "\",\"confidence\":0.");
  number(&s, part / 100 % 10), number(&s, part / 10 % 10), number(&s, part % 10);
  say(&s, ",\"recovery\":[");
  for (int m = 0, any = 0; m < ULM_RECOVERIES; m++) {
    if (r->allowed && !(r->allowed >> m & 1)) continue;
    if (any++) say(&s, ",");
    say(&s, "\""), say(&s, ulm_recovery_name((ulm_recovery)m)), say(&s, "\"");
  }
  say(&s, "],\"waited_ms\":");
  number(&s, h->asked_ms > h->heard ? h->asked_ms - h->heard : 0);
  say(&s, ",\"speech_ms\":");
  number(&s, h->speech_ms > h->asked_ms ? h->speech_ms - h->asked_ms : 0);
  say(&s, "}");
  if (size) out[s.n < size ? s.n : size - 1] = 0;
  return s.n;
}
