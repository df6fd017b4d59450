/* The splice. Input goes through two steps, a byte at a time, so that the output depends on the
 * stream alone and not on how it is cut: (1) bytes to whole characters, (2) while the seam is
 * undecided, held text to a decision: how much to drop, what to put between, whether to change the
 * case of the first letter. */
#include "ulm_handoff.h"
#include <string.h>

const char *ulm_recovery_name(ulm_recovery r) {
  static const char *const names[ULM_RECOVERIES] = {"explicit", "redirect", "humor"};
  return (unsigned)r < ULM_RECOVERIES ? names[r] : "?";
}

const char *ulm_slip_name(ulm_slip s) {
  static const char *const names[ULM_SLIPS] = {"fact",     "topic",      "intent",
                                               "fragment", "repetition", "unsafe"};
  return (unsigned)s < ULM_SLIPS ? names[s] : "?";
}

ulm_recovery ulm_recovery_for(ulm_slip slip, unsigned allowed) {
  enum { E = ULM_RECOVER_EXPLICIT, R = ULM_RECOVER_REDIRECT, H = ULM_RECOVER_HUMOR };
  static const uint8_t order[ULM_SLIPS][3] = {{E, R, H}, {R, H, E}, {R, E, H},
                                              {R, H, E}, {H, R, E}, {E, E, E}};
  const unsigned i = (unsigned)slip < ULM_SLIPS ? slip : ULM_SLIP_UNSAFE;
  for (int k = 0; k < 3; k++)
    if (!allowed || allowed >> order[i][k] & 1) return (ulm_recovery)order[i][k];
  return ULM_RECOVER_EXPLICIT;
}

enum { SEAM = 0, FLOW = 1 };
enum { META_MAX = 80, HEADING_MAX = 120 };

static int is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static int is_mark(char c) {
  return c == '.' || c == ',' || c == ';' || c == ':' || c == '!' || c == '?';
}
static int is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static int is_lower(char c) { return c >= 'a' && c <= 'z'; }
static int is_wordy(char c) {
  return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') || (uint8_t)c >= 0x80;
}
static char lower(char c) { return is_upper(c) ? (char)(c + 32) : c; }

typedef struct {
  const char *s;
  uint32_t n;
} text;

/* The word at or after *at: letters, digits, bytes outside ASCII, and apostrophes between them. */
static text next_word(text t, uint32_t *at) {
  uint32_t i = *at;
  while (i < t.n && !is_wordy(t.s[i])) i++;
  const uint32_t from = i;
  while (i < t.n && (is_wordy(t.s[i]) || (t.s[i] == '\'' && i + 1 < t.n && is_wordy(t.s[i + 1]))))
    i++;
  *at = i;
  return (text){t.s + from, i - from};
}

/* Letter case aside; prefix: b may go on. */
static int equal(text a, text b, int prefix) {
  if (prefix ? a.n > b.n : a.n != b.n) return 0;
  for (uint32_t i = 0; i < a.n; i++)
    if (lower(a.s[i]) != lower(b.s[i])) return 0;
  return 1;
}

/* Is w one of the words in a list that has a space before and after each? */
static int among(text w, const char *list) {
  for (const char *p = list; *p; p++) {
    if (*p != ' ') continue;
    uint32_t i = 0;
    while (i < w.n && p[i + 1] && lower(w.s[i]) == p[i + 1]) i++;
    if (i == w.n && p[i + 1] == ' ') return 1;
  }
  return 0;
}

/* Words that nobody repeats on purpose, and that mid-sentence have no capital. */
static const char glue[] =
    " the a an of to is are was were in on at for with and or by from it as be ";
static const char small[] = " the a an of to is are was were in on at for with and or by from it "
                            "as be but so if when while then this that these "
                            "those there here you your we our they their he she his her its my "
                            "which who what where how because about not also "
                            "you'll you'd it's that's there's they're we'll ";

static text opener_of(const ulm_splice *s) { return (text){s->opener, s->opener_size}; }
static char opener_end(const ulm_splice *s) {
  return s->opener_size ? s->opener[s->opener_size - 1] : ' ';
}

/* What the end of the opener says: 2 a sentence, 1 a clause, 0 a fragment. */
static int opener_stop(const ulm_splice *s) {
  uint32_t from = s->opener_size;
  while (from && !is_space(s->opener[from - 1])) from--;
  return ulm_word_end(s->opener + from, s->opener_size - from);
}

/* ---- What may be dropped before the seam; each returns 1 if more bytes are needed to know ---- */

/* Spaces, an ellipsis, asterisks and the like. */
static int skip_marks(text t, uint32_t *at, int final) {
  for (;;) {
    if (*at >= t.n) return !final;
    const char *p = t.s + *at;
    const uint32_t left = t.n - *at;
    if (is_space(*p) || *p == '*' || *p == '_' || *p == '`' || *p == '>') {
      ++*at;
    } else if (*p == '.') {
      if (left == 1 && !final) return 1;
      if (left == 1 || p[1] != '.') return 0;
      while (*at < t.n && t.s[*at] == '.') ++*at;
    } else if ((uint8_t)*p == 0xe2 && left >= 3 && (uint8_t)p[1] == 0x80 && (uint8_t)p[2] == 0xa6) {
      *at += 3;
    } else {
      return 0;
    }
  }
}

/* A line that begins with '#'. */
static int skip_heading(text t, uint32_t *at, int final) {
  if (*at >= t.n || t.s[*at] != '#') return 0;
  for (uint32_t i = *at; i < t.n; i++) {
    if (t.s[i] == '\n') {
      *at = i + 1;
      return 0;
    }
    if (i - *at == HEADING_MAX) break;
  }
  if (t.n - *at <= HEADING_MAX && !final) return 1;
  while (*at < t.n && t.s[*at] == '#') ++*at; /* no line's end in sight: drop the marks alone */
  return 0;
}

/* "Sure, here is the continuation:", "Assistant:" */
static int skip_meta(text t, uint32_t *at, int final) {
  static const char first[] = " sure certainly okay ok absolutely here here's continuing "
                              "continuation the response answer assistant reply ";
  static const char tell[] = " continuation continuing continue continued response answer reply "
                             "rest assistant completion ";
  uint32_t i = *at;
  if (i >= t.n || !is_wordy(t.s[i])) return 0;
  const text w = next_word(t, &i);
  const int whole = i < t.n || final;
  if (!whole) { /* might it become one of these? */
    for (const char *p = first; p[1]; p++)
      if (*p == ' ' && equal(w, (text){p + 1, w.n}, 0)) return 1;
    return 0;
  }
  if (!among(w, first)) return 0;
  int told = 0;
  for (i = *at; i < t.n && i - *at < META_MAX; i++) {
    const char c = t.s[i];
    if (c == '\n' || c == '.' || c == '?') return 0;
    if (c == ':') {
      for (uint32_t k = *at; k < i;) {
        const text x = next_word((text){t.s, i}, &k);
        told |= x.n && among(x, tell);
      }
      if (told) *at = i + 1;
      return 0;
    }
  }
  return i - *at < META_MAX && !final;
}

static uint32_t skip_quotes(text t, uint32_t at) {
  for (;;) {
    if (at < t.n && t.s[at] == '"')
      at++;
    else if (at + 3 <= t.n && (uint8_t)t.s[at] == 0xe2 && (uint8_t)t.s[at + 1] == 0x80 &&
             ((uint8_t)t.s[at + 2] == 0x9c || (uint8_t)t.s[at + 2] == 0x9d))
      at += 3;
    else
      return at;
  }
}

/* The stream begins with words that the opener ends with. Trimmed are: the whole opener said again;
 * three words or more; where the opener breaks off without a mark, two words, or one that nobody
 * says twice ("is is"). So "..., New York," may be followed by "New York". */
static int skip_overlap(const ulm_splice *s, text t, uint32_t *at, int final) {
  const text o = opener_of(s);
  uint32_t words = 0, best_end = *at;
  for (uint32_t i = 0; i < o.n;) words += next_word(o, &i).n > 0;
  const uint32_t quoted = skip_quotes(t, *at);
  if (quoted >= t.n) return !final;
  if (!is_wordy(t.s[quoted])) return 0;
  const int open = !opener_stop(s);
  /* k words of overlap, the longest first; one that is still possible but not complete asks for
   * more. */
  for (uint32_t k = words; k > 0; k--) {
    uint32_t i = 0, j = quoted, n = 0, matched = 1, lone = 0;
    for (uint32_t skip = words - k; skip; skip--) (void)next_word(o, &i);
    for (; n < k; n++) {
      const text a = next_word(o, &i);
      if (!a.n) break;
      while (j < t.n && !is_wordy(t.s[j])) j++;
      if (j == t.n && !final) return 1; /* all so far agreed */
      const text b = next_word(t, &j);
      if (j == t.n && !final && b.n && equal(b, (text){a.s, a.n}, 1))
        return 1; /* the word may go on */
      if (!b.n || !equal(a, b, 0)) {
        matched = 0;
        break;
      }
      if (j + 1 == t.n && t.s[j] == '\'' && !final) return 1; /* "it" or "it's" */
      lone = k == 1 && among(a, glue);
    }
    if (matched && (k == words ? words > 1 || open : k >= 3 || (open && (k == 2 || lone)))) {
      best_end = j;
      break;
    }
  }
  if (best_end == *at) return 0;
  *at = best_end;
  if (quoted > 0) *at = skip_quotes(t, *at);
  return 0;
}

/* ---- The seam ---- */

typedef void emitter(void *user, const char *bytes, size_t n);

static void say(ulm_splice *s, const char *p, uint32_t n, emitter *emit, void *user) {
  if (!n) return;
  emit(user, p, n);
  s->emitted += n;
}

/* Drops, joins and goes over to FLOW once the held text tells all; 0: more bytes are needed. */
static int decide(ulm_splice *s, int final, emitter *emit, void *user) {
  const text t = {s->held, s->held_size};
  uint32_t at = 0, before;
  do { /* meta text, a heading and marks may follow one another */
    before = at;
    if (skip_marks(t, &at, final) || skip_heading(t, &at, final) || skip_meta(t, &at, final))
      return 0;
  } while (at != before);
  const uint32_t lead = at;
  if (skip_overlap(s, t, &at, final)) return 0;
  if (at != lead && skip_marks(t, &at, final)) return 0;
  const int stop = opener_stop(s), marked = is_mark(opener_end(s)) || stop;
  if (at < t.n && is_mark(t.s[at])) { /* a mark: once */
    uint32_t end = at;
    while (end < t.n && is_mark(t.s[end])) end++;
    if (end == t.n && !final) return 0;
    if (marked) {
      at = end;
      if (skip_marks(t, &at, final)) return 0;
    } else {
      say(s, t.s + at, 1, emit, user);
      s->trimmed += at + (end - at - 1);
      s->state = FLOW;
      say(s, t.s + end, t.n - end, emit, user);
      return 1;
    }
  }
  if (at >= t.n) {
    if (!final) return 0;
    s->trimmed += at;
    s->state = FLOW;
    return 1;
  }
  uint32_t end = at;
  const text w = next_word(t, &end);
  if (w.s == t.s + at && w.n && end == t.n && !final) return 0; /* the first word is not whole */
  if (w.s == t.s + at && w.n && end + 1 == t.n && t.s[end] == '\'' && !final) return 0;
  if ((t.s[at] == '\'' || t.s[at] == '-') && at + 1 == t.n && !final) return 0;
  s->trimmed += at;
  const int tied = (t.s[at] == '\'' || t.s[at] == '-') && at + 1 < t.n && is_wordy(t.s[at + 1]) &&
                   is_wordy(opener_end(s)) && (at == 0 || !is_space(t.s[at - 1]));
  if (s->opener_size && !tied) say(s, " ", 1, emit, user);
  char c = t.s[at];
  if (w.s == t.s + at && w.n) {
    if ((stop == 2 || !s->opener_size) && is_lower(c))
      c = (char)(c - 32);
    else if (stop < 2 && is_upper(c) && s->opener_size && among(w, small))
      c = lower(c);
  }
  s->state = FLOW;
  if (c != t.s[at]) say(s, &c, 1, emit, user), at++;
  say(s, t.s + at, t.n - at, emit, user);
  return 1;
}

/* One whole character. */
static void character(ulm_splice *s, const char *p, uint32_t n, emitter *emit, void *user) {
  if (s->state == FLOW) {
    say(s, p, n, emit, user);
    return;
  }
  memcpy(s->held + s->held_size, p, n);
  s->held_size += n;
  (void)decide(s, s->held_size > ULM_SPLICE_HOLD - 8, emit, user);
}

void ulm_splice_begin(ulm_splice *s, const char *opener, size_t n) {
  memset(s, 0, sizeof *s);
  while (n && is_space(opener[n - 1])) n--;
  if (n > sizeof s->opener) opener += n - sizeof s->opener, n = sizeof s->opener;
  if (n) memcpy(s->opener, opener, n);
  s->opener_size = (uint32_t)n;
}

static const char replacement[] = "\xef\xbf\xbd";

static void settle(ulm_splice *s, int final, emitter *emit, void *user) {
  while (s->part_size) {
    const uint8_t *p = (const uint8_t *)s->part;
    uint32_t used = (uint32_t)ulm_utf8_len(p, s->part_size);
    if (used) {
      character(s, s->part, used, emit, user);
    } else {
      if (!final && s->part_size < 4 && ulm_utf8_pending(p, s->part_size) == s->part_size) return;
      character(s, replacement, 3, emit, user);
      used = 1;
    }
    s->part_size -= used;
    memmove(s->part, s->part + used, s->part_size);
  }
}

void ulm_splice_feed(ulm_splice *s, const char *bytes, size_t n, emitter *emit, void *user) {
  for (size_t i = 0; i < n;) {
    if (s->state == FLOW && !s->part_size) { /* whole characters pass as they are */
      size_t k = i;
      for (size_t len; k < n && (len = ulm_utf8_len((const uint8_t *)bytes + k, n - k)) > 0;)
        k += len;
      say(s, bytes + i, (uint32_t)(k - i), emit, user);
      i = k;
      if (i == n) return;
    }
    s->part[s->part_size++] = bytes[i++];
    settle(s, 0, emit, user);
  }
}

void ulm_splice_end(ulm_splice *s, emitter *emit, void *user) {
  settle(s, 1, emit, user);
  if (s->state == SEAM) (void)decide(s, 1, emit, user);
}
