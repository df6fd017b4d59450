/* The splice. Bytes become whole characters; while the seam is undecided characters are held (at
 * most ULM_SPLICE_HOLD bytes), and after each one `step` asks of the held text: what may be
 * dropped, and is the rest certain? Every rule answers DROP, KEEP or WAIT, and WAIT only while
 * later bytes could change its answer, so the output depends on the stream alone and not on how it
 * is cut. docs/HANDOFF.md has the rules in words. */
#include "ulm_runes.h"
#include <string.h>

enum { LEAD, REPEAT, AFTER, FLOW }; /* before a repeat, inside one, behind one, seam done */
enum { NONE, BROKEN, PART };        /* the stream's first line end: none, its own, a heading's */
enum { WAIT = -1 };                 /* of a rule; otherwise the bytes to drop */
enum { AGREED_MAX = 48 };           /* bytes of the opener said again: certainly a repeat */

/* ---- words ---- */

/* The word at or after *at; *at moves to its end. A word is a run of letters and digits with
 * apostrophes between them, or one dense character. */
static text next_word(text t, uint32_t *at) {
  uint32_t i = *at, k, c = 0;
  while (i < t.n && !is_wordy(c = rune(t, i, &k))) i += k;
  const uint32_t from = i;
  if (i < t.n && is_dense(c)) {
    i += k;
  } else {
    while (i < t.n) {
      c = rune(t, i, &k);
      uint32_t skip;
      if (is_apostrophe(c) && (i + k >= t.n || !is_wordy(rune(t, i + k, &skip)))) break;
      if (!is_apostrophe(c) && (!is_wordy(c) || is_dense(c))) break;
      i += k;
    }
  }
  *at = i;
  return (text){t.s + from, i - from};
}

static int dense(text w) {
  uint32_t k;
  return w.n && is_dense(rune(w, 0, &k));
}

/* Could bytes behind t make the word that ends at `end` longer? */
static int may_grow(text t, text w, uint32_t end) {
  if (dense(w)) return 0;
  if (end == t.n) return 1;
  uint32_t k;
  return is_apostrophe(rune(t, end, &k)) && end + k == t.n;
}

/* Letter case and the form of the apostrophe aside; prefix: b may go on. */
static int same(text a, text b, int prefix) {
  uint32_t i = 0, j = 0, k, m;
  while (i < a.n && j < b.n) {
    uint32_t x = lower(rune(a, i, &k)), y = lower(rune(b, j, &m));
    x = x == 0x2019 ? '\'' : x, y = y == 0x2019 ? '\'' : y;
    if (x != y) return 0;
    i += k, j += m;
  }
  return i == a.n && (prefix || j == b.n);
}

/* Is w in a list of words, each with a space before and after it? part: or the start of one. */
static int among(text w, const char *list, int part) {
  for (const char *p = list; w.n && p[1]; p++) {
    if (*p != ' ') continue;
    uint32_t n = 0;
    while (p[1 + n] != ' ') n++;
    if (same(w, (text){p + 1, n}, part)) return 1;
  }
  return 0;
}

/* Words that nobody says twice in a row. */
static const char glue[] = " the a an of to is are was were in on for with and by from be ";
static const char articles[] = " a an the ";
/* Words that have no capital in mid-sentence. No month, name or acronym is spelled like one. */
static const char small[] =
    " the a an of to is are was were be been in on at for with and or by from it as but so if when "
    "while then than that this these those there here you your we our they their he she his her "
    "its "
    "my me him them us which who what where how because about around approximately roughly nearly "
    "over under between after before during until since within without through into not also only "
    "just even still very quite more less most many much some several all each every both few one "
    "two three four five six seven eight nine ten no you'll you'd you're it's that's there's "
    "they're "
    "we'll we're can could would should has have had does did do usually often generally "
    "typically ";

enum { WORDS = 128 };
typedef struct {
  text w[WORDS];
  uint32_t end[WORDS], n;
} words;

static void split(text t, uint32_t at, words *o) {
  o->n = 0;
  while (o->n < WORDS) {
    const text w = next_word(t, &at);
    if (!w.n) break;
    o->w[o->n] = w, o->end[o->n++] = at;
  }
}

/* ---- the opener's end ---- */

static uint32_t last_rune(const ulm_splice *s) {
  return s->opener_size ? rune_before((text){s->opener, s->opener_size}) : ' ';
}
static int stop_of(const ulm_splice *s) { return ulm_stop(s->opener, s->opener_size); }

/* ---- rules of the lead: each gives the bytes to drop, or WAIT ---- */

/* White space, an ellipsis, the marks of Markdown. */
static int drop_noise(ulm_splice *s, text t, int final) {
  static const char fancy[3] = {'*', '`', '_'};
  uint32_t k, c = rune(t, 0, &k);
  if (is_space(c) || c == 0x2026) return (int)k;
  for (int i = 0; i < 3; i++)
    if (c == (uint8_t)fancy[i]) { /* its twin will go too */
      if (s->open[i] < 255) s->open[i]++;
      return 1;
    }
  if (is_quote(c) && s->phase == AFTER && s->quoted) { /* closes what opened before the repeat */
    s->quoted = 0;
    return (int)k;
  }
  if (is_quote(c) && s->phase == LEAD) { /* no quotation begins with a mark */
    uint32_t m;
    if (t.n == k) return final ? 0 : WAIT;
    return mark(rune(t, k, &m)) ? (s->quoted = 1, (int)k) : 0;
  }
  if (c != '.') return 0;
  if (t.n == 1) return final ? 0 : WAIT;
  if (t.s[1] != '.' && !s->dots) return 0;
  s->dots = t.s[1] == '.'; /* the last dot of an ellipsis */
  return 1;
}

/* A line that begins with up to six '#' and a space, if it ends within the bound; a line that is
 * bold as a whole. */
static int drop_heading(const ulm_splice *s, text t, int final) {
  uint32_t marks = 0, end = 0;
  while (marks < t.n && t.s[marks] == '#') marks++;
  const int bold = !marks && s->open[0] >= 2;
  if (!bold && !marks) return 0;
  if (!bold && marks == t.n) return final ? (int)marks : WAIT;
  if (!bold && (marks > 6 || t.s[marks] != ' ')) return 0;
  while (end < t.n && t.s[end] != '\n') {
    if (bold && t.s[end] == '*' && end + 2 < t.n && t.s[end + 1] == '*') { /* and then? */
      uint32_t i = end + 2;
      while (i < t.n && (t.s[i] == ' ' || t.s[i] == ':')) i++;
      if (i < t.n && t.s[i] != '\n') return 0;
    }
    end++;
  }
  if (end == t.n) return !final ? WAIT : bold ? 0 : (int)marks;
  uint32_t i = end;
  while (i && (t.s[i - 1] == ' ' || t.s[i - 1] == ':')) i--;
  return !bold || (i >= 2 && t.s[i - 1] == '*' && t.s[i - 2] == '*') ? (int)end + 1 : 0;
}

/* "Sure! Here is the rest of the sentence:", "Continuation:", "Assistant:". */
static int drop_meta(text t, int open, int final) {
  static const char
      yes[] = " sure certainly absolutely okay ok ",
      here[] = " here here's below ", go[] = " continuing continued continuation completion ",
      label[] = " assistant response reply answer continuing continued continuation completion ",
      whose[] = " the my your ",
      tell[] = " continuation continuing continue continued completion rest ";
  uint32_t at = 0, k;
  const uint32_t first = rune(t, 0, &k);
  if (!t.n || !is_wordy(first)) return 0;
  text w = next_word(t, &at);
  if (!final && may_grow(t, w, at))
    return among(w, yes, 1) || among(w, here, 1) || among(w, label, 1) || among(w, whose, 1) ? WAIT
                                                                                             : 0;
  if (among(w, yes, 0)) {
    if (at == t.n) return 0; /* final */
    const char c = t.s[at];
    if (c != '!' && c != ',' && c != '.') return 0;
    if (open && first >= 'A' && first <= 'Z') return (int)at + 1;
    w = next_word(t, &at);
    if (!final && (!w.n || may_grow(t, w, at))) return !w.n || among(w, here, 1) ? WAIT : 0;
    if (!among(w, here, 0)) return 0;
  }
  if (among(w, here, 0)) {
    int is = w.n > 5, told = 0; /* "here's" has its verb; "here", "below" need one */
    while (at < t.n) {
      const uint32_t from = at;
      text x = next_word(t, &at);
      const text between = {t.s + from, (uint32_t)(x.s - t.s) - from};
      for (uint32_t i = 0; i < between.n; i++) {
        const char c = between.s[i];
        if (c == ':') return told ? (int)(from + i + 1) : 0;
        if (c == '\n' || c == '.' || c == '?') return 0;
      }
      if (!x.n || (!final && may_grow(t, x, at))) break;
      if (!is && !among(x, " is are ", 0)) return 0;
      is = 1, told |= among(x, tell, 0);
    }
    return final ? 0 : WAIT;
  }
  if (among(w, whose, 0)) {
    const text x = next_word(t, &at);
    if (!x.n) return final ? 0 : WAIT;
    if (!final && may_grow(t, x, at)) return among(x, go, 1) ? WAIT : 0;
    w = among(x, go, 0) ? x : (text){NULL, 0};
  }
  if (!among(w, label, 0) || (!open && among(w, " answer ", 0))) return 0;
  if (at == t.n) return final ? 0 : WAIT;
  return t.s[at] == ':' ? (int)at + 1 : 0;
}

/* ---- repeats ---- */

/* Words i.. of the opener to its end against the stream's first. >= 0: bytes up to the end of the
 * repeat; WAIT; NOT. *agreed: whole words that are the same. */
enum { NOT = -2 };
static int repeats(const words *o, const words *w, uint32_t i, text t, int final,
                   uint32_t *agreed) {
  *agreed = 0;
  for (uint32_t j = 0; i + j < o->n; j++) {
    if (j == w->n) return final ? NOT : WAIT;
    const int open = !final && may_grow(t, w->w[j], w->end[j]);
    if (open && same(w->w[j], o->w[i + j], 1)) return WAIT;
    if (open || !same(w->w[j], o->w[i + j], 0)) return NOT;
    ++*agreed;
  }
  return (int)w->end[o->n - i - 1];
}

/* Twice the weight of words i..n of the opener: a dense character is half a word. */
static uint32_t weight(const words *o, uint32_t i, uint32_t n) {
  uint32_t sum = 0;
  for (; i < n; i++) sum += dense(o->w[i]) ? 1 : 2;
  return sum;
}

static int has_capital(text w) {
  uint32_t k;
  for (uint32_t i = 0; i < w.n; i += k) {
    const uint32_t c = rune(w, i, &k);
    if (lower(c) != c) return 1;
  }
  return 0;
}

static text unowned(text w) { /* without 's */
  const uint32_t n = w.n;
  if (n < 3 || lower((uint8_t)w.s[n - 1]) != 's') return w;
  if (w.s[n - 2] == '\'') return (text){w.s, n - 2};
  return n > 4 && !memcmp(w.s + n - 4, "\u2019", 3) ? (text){w.s, n - 4} : w;
}

static int in_opener(const words *o, text w) {
  for (uint32_t i = 0; i < o->n; i++)
    if (same(unowned(w), o->w[i], 0) || same(w, o->w[i], 0)) return 1;
  return 0;
}

/* "Seattle's population is" behind "The population of Seattle is": words of the opener alone, up to
 * its last. Only where a capital says that the answer begins anew. */
static int reworded(const words *o, const words *w, text t, int final) {
  int content = 0;
  for (uint32_t j = 0; j < 8; j++) {
    if (j == w->n) return final ? 0 : WAIT;
    if (!final && may_grow(t, w->w[j], w->end[j])) {
      for (uint32_t i = 0; i < o->n; i++)
        if (same(unowned(w->w[j]), o->w[i], 1) || same(w->w[j], o->w[i], 1)) return WAIT;
      return 0;
    }
    if (!in_opener(o, w->w[j])) return 0;
    if (content && same(w->w[j], o->w[o->n - 1], 0)) return (int)w->end[j];
    content |= !among(w->w[j], small, 0) && !dense(w->w[j]);
  }
  return 0;
}

/* Are the words i.. of the opener, said again, a repeat and not a turn of speech? As a whole,
 * always; its end, if it is long; behind a fragment also if it is two words (no numbers: "9 plus 9
 * plus"), or one that nobody says twice ("is is"). "..., New York," may be followed by "New York".
 */
static int telling(const words *o, uint32_t i, int open) {
  const uint32_t k = o->n - i, heavy = weight(o, i, o->n), all = weight(o, 0, o->n);
  const text a = o->w[i], b = o->w[o->n - 1];
  if (i == 0) return heavy > 2 || open;
  if (!open) return heavy >= 8 && 4 * heavy > 3 * all;
  if (heavy >= 6 || dense(a)) return heavy >= 6;
  if (k == 1) return among(a, glue, 0) && !has_capital(a);
  return (among(a, glue, 0) || among(b, glue, 0)) && !is_digit((uint8_t)a.s[0]) &&
         !is_digit((uint8_t)b.s[0]);
}

static int has_byte(const char *s, uint32_t n, char c) {
  while (n && s[n - 1] != c) n--;
  return n > 0;
}

/* A repeat of n bytes was found: on behind it. */
static int found(ulm_splice *s, int n, int quoted) {
  s->phase = AFTER, s->quoted = (uint8_t)quoted;
  return n;
}

/* At the stream's first word. Bytes to drop (then s->phase has moved on), 0 or WAIT. */
static int drop_repeat(ulm_splice *s, text t, int open, int final) {
  words o, w;
  uint32_t at = 0, k, agreed;
  int quoted = 0;
  for (uint32_t c; at < t.n; at += k) { /* a bracket of the opener's is said again with its words */
    const int quote = is_quote(c = rune(t, at, &k));
    if (!quote && !((c == '(' || c == '[') && has_byte(s->opener, s->opener_size, (char)c))) break;
    quoted |= quote;
  }
  if (at == t.n) return final ? 0 : WAIT;
  split((text){s->opener, s->opener_size}, 0, &o);
  if (!o.n || !is_wordy(rune(t, at, &k))) return 0;
  split(t, at, &w);
  const uint32_t c = rune(t, at, &k);
  const int fresh = lower(c) != c;
  open = open && s->line != BROKEN; /* lines of a list may begin alike */
  uint32_t begun = 0;
  for (uint32_t i = 0; i < o.n; i++) {
    if (!telling(&o, i, open) || (fresh && i > 0 && i + 1 == o.n)) continue;
    const int end = repeats(&o, &w, i, t, final, &agreed);
    if (end >= 0) return found(s, end, quoted);
    const uint32_t bytes = agreed ? w.end[agreed - 1] : 0;
    const uint32_t said = end == WAIT && bytes ? t.n - at : bytes; /* with a word under way */
    if (said >= AGREED_MAX) { /* certainly a repeat, wherever it may lead */
      s->matched = i + agreed;
      found(s, 0, quoted);
      return s->phase = REPEAT, (int)bytes;
    }
    if (end == WAIT) return WAIT;
    /* The answer begun again (so with a capital), in other words from some point on; but an opener
     * that says things twice may be repeated exactly from a later word on. */
    if (i == 0 && open && fresh && agreed >= 3 && 2 * agreed > o.n && !dense(o.w[0])) begun = bytes;
  }
  if (begun) return found(s, (int)begun, quoted);
  if (!open) return 0;
  const text last = o.w[o.n - 1];
  const int end =
      fresh && among(last, glue, 0) && !has_capital(last) ? reworded(&o, &w, t, final) : 0;
  if (end) return end == WAIT ? WAIT : found(s, end, quoted);
  if (fresh || !among(last, articles, 0) || has_capital(last)) return 0; /* "the" + "a ..." */
  if (!final && may_grow(t, w.w[0], w.end[0])) return among(w.w[0], articles, 1) ? WAIT : 0;
  return among(w.w[0], articles, 0) ? found(s, (int)w.end[0], quoted) : 0;
}

/* Inside a repeat that is certain: word by word, as long as they agree. */
static int go_on_repeating(ulm_splice *s, text t, int final) {
  words o;
  uint32_t at = 0;
  split((text){s->opener, s->opener_size}, 0, &o);
  const text w = next_word(t, &at);
  if (s->matched < o.n && !w.n && !final) return WAIT;
  if (s->matched < o.n && w.n) {
    const int open = !final && may_grow(t, w, at);
    if (open && same(w, o.w[s->matched], 1)) return WAIT;
    if (!open && same(w, o.w[s->matched], 0)) return s->matched++, (int)at;
  }
  s->phase = AFTER;
  return 0;
}

/* ---- the seam ---- */

typedef void emitter(void *user, const char *bytes, size_t n);

static void say(ulm_splice *s, const char *p, uint32_t n, emitter *emit, void *user) {
  if (!n) return;
  emit(user, p, n);
  s->emitted += n;
}

/* What a voice cannot say and a terminal must not obey: control characters. Those that are white
 * space become a space, but for the tab and the line's end. */
enum { SPOKEN, SPACED, UNSPOKEN };
static int control(uint32_t c) {
  if (c == '\r' || c == '\v' || c == '\f') return SPACED;
  return (c < ' ' && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) ? UNSPOKEN : SPOKEN;
}

/* Behind the seam: control characters go, marks of Markdown that come right behind the mark at the
 * seam (", **well,** ..."), and twins of marks that were dropped, up to the line's end. */
static void flow(ulm_splice *s, const char *p, uint32_t n, emitter *emit, void *user) {
  const text t = {p, n};
  uint32_t from = 0, k;
  for (uint32_t at = 0; at < n; at += k) {
    const uint32_t c = rune(t, at, &k);
    uint8_t *open = c == '*'      ? &s->open[0]
                    : c == '`'    ? &s->open[1]
                    : c == '_'    ? &s->open[2]
                    : is_quote(c) ? &s->quoted
                                  : NULL;
    const int how = control(c), first = s->marked && open && open != &s->quoted;
    if (c == '\n') memset(s->open, 0, sizeof s->open);
    if (!first && how == SPOKEN && !is_space(c)) s->marked = 0;
    if (!first && how == SPOKEN && (!open || !*open)) continue;
    if (first && *open < 255) ++*open;
    if (!first && how == SPOKEN) --*open;
    say(s, p + from, at - from, emit, user);
    if (how == SPACED) say(s, " ", 1, emit, user);
    s->trimmed += how == SPACED ? 0 : k;
    from = at + k;
  }
  say(s, p + from, n - from, emit, user);
}

/* Joins what is left to the opener: mark, space, case. Bytes to drop, WAIT, or JOINED. */
enum { JOINED = -3 };
static int join(ulm_splice *s, text t, int final, emitter *emit, void *user) {
  uint32_t k, m, end;
  const uint32_t c = rune(t, 0, &k), before = last_rune(s);
  const int stop = stop_of(s);
  if (t.n == k && !final && (mark(c) || is_apostrophe(c) || c == '-')) return WAIT;
  const uint32_t next = rune(t, k, &m);
  if (mark(c) && s->opener_size && !(c < 0x80 && is_digit(next))) { /* once; ".5" is a number */
    if (mark(before) || stop) return (int)k;
    for (end = k; end < t.n && mark(rune(t, end, &m));) end += m;
    if (end == t.n && !final) return WAIT;
    say(s, t.s, k, emit, user);
    s->trimmed += end - k, s->marked = 1;
    flow(s, t.s + end, t.n - end, emit, user);
    return JOINED;
  }
  uint32_t first = c;
  end = 0;
  if (is_wordy(c)) {
    const text w = next_word(t, &end);
    const int grows = !final && may_grow(t, w, end);
    const uint32_t second = k < w.n ? rune(w, k, &m) : 0;
    if (stop == 2 || !s->opener_size) {
      if (upper(c) != c && grows && w.n == k) return WAIT;
      if (lower(second) == second) first = upper(c); /* but "iPhone" */
    } else if (lower(c) != c) {
      if (grows && among(w, small, 1)) return WAIT;
      if (among(w, small, 0) && lower(second) == second) first = lower(c);
    }
  }
  const int tied =
      !s->spaced && is_wordy(before) &&
      (c == ')' || c == ']' || c == '%' || ((is_apostrophe(c) || c == '-') && is_wordy(next)));
  const int close = is_dense(before) || (before >= 0x3000 && before < 0x3040) ||
                    (before >= 0xff00 && before < 0xfff0);
  if (s->opener_size && !tied && !close) say(s, " ", 1, emit, user);
  if (first != c) { /* both cases have the same number of bytes */
    const char two[2] = {(char)(k == 1 ? first : 0xc0 | first >> 6), (char)(0x80 | (first & 0x3f))};
    say(s, two, k, emit, user);
    flow(s, t.s + k, t.n - k, emit, user);
  } else {
    flow(s, t.s, t.n, emit, user);
  }
  return JOINED;
}

/* Drops and joins as far as it is certain. */
static void step(ulm_splice *s, int final, emitter *emit, void *user) {
  while (s->phase != FLOW && (s->held_size || final)) {
    const text t = {s->held, s->held_size};
    const int full = t.n > ULM_SPLICE_HOLD - 4, open = s->opener_size && !stop_of(s);
    int k = 0;
    if (!t.n) {
      s->phase = FLOW;
      return;
    }
    /* What is undecided when the bound is reached is kept. */
#define RULE(call)                                                                                 \
  if (!k) {                                                                                        \
    k = call;                                                                                      \
    if (k == WAIT && !full) return;                                                                \
    if (k == WAIT) k = 0;                                                                          \
  }
    if (s->phase == REPEAT) {
      RULE(go_on_repeating(s, t, final))
      if (!k) {
        s->phase = AFTER;
        continue;
      }
    }
    RULE(drop_noise(s, t, final))
    const int noise = k;
    if (s->phase == LEAD) {
      RULE(drop_heading(s, t, final))
      RULE(drop_meta(t, open, final))
      if (k && !noise) s->line = PART;
      RULE(drop_repeat(s, t, open, final))
    }
#undef RULE
    if (!k) {
      k = join(s, t, final || full, emit, user);
      if (k == WAIT) return;
      if (k == JOINED) {
        s->phase = FLOW, s->held_size = 0;
        return;
      }
      s->phase = AFTER; /* a second mark was dropped */
    }
    if (s->line == NONE && s->held[0] == '\n') s->line = BROKEN;
    s->spaced = (uint8_t)is_space((uint8_t)s->held[k - 1]);
    s->trimmed += (uint32_t)k;
    s->held_size -= (uint32_t)k;
    memmove(s->held, s->held + k, s->held_size);
  }
}

/* ---- bytes ---- */

void ulm_splice_begin(ulm_splice *s, const char *opener, size_t n) {
  memset(s, 0, sizeof *s);
  while (n && is_space((uint8_t)opener[n - 1])) n--;
  if (n > sizeof s->opener) opener += n - sizeof s->opener, n = sizeof s->opener;
  if (n) memcpy(s->opener, opener, n);
  s->opener_size = (uint32_t)n;
}

static void character(ulm_splice *s, const char *p, uint32_t n, emitter *emit, void *user) {
  if (s->phase == FLOW) {
    flow(s, p, n, emit, user);
    return;
  }
  uint32_t k;
  const int how = control(rune((text){p, n}, 0, &k));
  if (how == UNSPOKEN) {
    s->trimmed += n;
    return;
  }
  memcpy(s->held + s->held_size, how == SPACED ? " " : p, n);
  s->held_size += n;
  step(s, 0, emit, user);
}

static void settle(ulm_splice *s, int final, emitter *emit, void *user) {
  while (s->part_size) {
    const uint8_t *p = (const uint8_t *)s->part;
    uint32_t used = (uint32_t)ulm_utf8_len(p, s->part_size);
    if (used) {
      character(s, s->part, used, emit, user);
    } else {
      if (!final && s->part_size < 4 && ulm_utf8_pending(p, s->part_size) == s->part_size) return;
      character(s, "\xef\xbf\xbd", 3, emit, user);
      used = 1;
    }
    s->part_size -= used;
    memmove(s->part, s->part + used, s->part_size);
  }
}

void ulm_splice_feed(ulm_splice *s, const char *bytes, size_t n, emitter *emit, void *user) {
  for (size_t i = 0; i < n;) {
    if (s->phase == FLOW && !s->part_size) { /* whole characters pass as they are */
      size_t k = i;
      for (size_t len; k < n && (len = ulm_utf8_len((const uint8_t *)bytes + k, n - k)) > 0;)
        k += len;
      flow(s, bytes + i, (uint32_t)(k - i), emit, user);
      i = k;
      if (i == n) return;
    }
    s->part[s->part_size++] = bytes[i++];
    settle(s, 0, emit, user);
  }
}

void ulm_splice_end(ulm_splice *s, emitter *emit, void *user) {
  settle(s, 1, emit, user);
  step(s, 1, emit, user);
}
