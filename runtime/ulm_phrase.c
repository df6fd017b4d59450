/* Words of the device's own: what a request is about, a neutral opener, a local close. English;
 * short tables and rules instead of a parser, so where they are not sure they say less. */
#include "ulm_runes.h"
#include <string.h>

int ulm_stop(const char *s, size_t n) {
  while (n && is_space((uint8_t)s[n - 1])) n--;
  if (!n) return 0;
  size_t from = n;
  while (from && !is_space((uint8_t)s[from - 1])) from--;
  const int end = ulm_word_end(s + from, n - from);
  const uint32_t last = rune_before((text){s + from, (uint32_t)(n - from)});
  return end || last < 0x80 ? end : mark(last);
}

/* ---- topic ---- */

typedef struct {
  text t;
  int capital, first, mark; /* begins a sentence; a mark follows */
} token;

enum { TOKENS = 64, NAME = 3, NOUN = 2 }; /* words looked at; of a name and of a noun at most */

static int in(text w, const char *list) {
  for (const char *p = list; p[1]; p++) {
    uint32_t n = 0, i = 0;
    if (*p != ' ') continue;
    while (p[1 + n] != ' ') n++;
    while (n == w.n && i < n && lower((uint8_t)w.s[i]) == (uint8_t)p[1 + i]) i++;
    if (n == w.n && i == n) return 1;
  }
  return 0;
}

static const char determiners[] = " a an the my our your his her their this that these those ";
/* Words that are no noun, or behind a noun most likely its verb. */
static const char others[] =
    " i i'm i'd i'll i've me you he she it we they us them who what when where why how which whose "
    "is are was were be been am do does did done has have had can could will would should may "
    "might must shall to of in on at for from with by about into over under between before after "
    "during until and but or so if than then as like not no please leave leaves work works mean "
    "means cost costs take takes open opens close closes begin begins start starts end ends happen "
    "happens live lives look looks say says go goes come comes get gets make makes need needs tell "
    "give show find help set turn play call send remind book there here now today tomorrow tonight "
    "yesterday again much many more most some any all every each next last first best good same "
    "other right just also only very really too up down off out ok okay yes yeah hi hello hey "
    "thanks thank made used called built found born done ";

/* Words of a request: letters, digits, and apostrophes and hyphens between them. 0: a script that
 * is not English. */
static int tokens(text t, token *w, uint32_t *count) {
  int first = 1;
  *count = 0;
  for (uint32_t i = 0, k, m; i < t.n && *count < TOKENS;) {
    uint32_t c = rune(t, i, &k);
    if (!is_wordy(c)) {
      first |= mark(c) == 2 || c == '\n';
      if (*count && !is_space(c)) w[*count - 1].mark = 1;
      i += k;
      continue;
    }
    const uint32_t from = i, head = c;
    for (; i < t.n; i += k) {
      c = rune(t, i, &k);
      if (is_dense(c)) return 0;
      const int tie = (is_apostrophe(c) || c == '-') && i + k < t.n && is_wordy(rune(t, i + k, &m));
      if (!is_wordy(c) && !tie) break;
    }
    w[(*count)++] = (token){{t.s + from, i - from}, lower(head) != head, first, 0};
    first = 0;
  }
  return 1;
}

static int add(char *out, uint32_t *n, text w) {
  if (*n + w.n + 2 > ULM_TOPIC_BYTES) return 0;
  if (*n) out[(*n)++] = ' ';
  memcpy(out + *n, w.s, w.n);
  *n += w.n;
  out[*n] = 0;
  return 1;
}

static int plain(const token *w) { return !in(w->t, others) && !in(w->t, determiners); }
static int name(const token *w) { return w->capital && !w->first && plain(w); }

size_t ulm_topic(const char *request, size_t size, char out[ULM_TOPIC_BYTES]) {
  token w[TOKENS];
  uint32_t count, from = 0, to = 0, n = 0;
  out[0] = 0;
  if (!tokens((text){request, size < 4096 ? (uint32_t)size : 4096}, w, &count)) return 0;
  for (uint32_t i = 0, j; i < count; i = j + 1) {
    for (j = i; j < count && name(&w[j]) && (j == i || !w[j - 1].mark);) j++;
    if (j > i && j - i <= NAME) from = i, to = j;
    if (j > i) j--;
  }
  if (from == to) {
    for (uint32_t i = 0, j; i < count; i++) {
      if (!in(w[i].t, determiners) || w[i].mark) continue;
      for (j = i + 1; j < count && plain(&w[j]) && j - i <= NOUN && (j == i + 1 || !w[j - 1].mark);)
        j++;
      if (j > i + 1) from = i, to = j;
    }
    static const char *const turned[][2] = {{" a an this that ", "the"},
                                            {" these those ", "the"},
                                            {" my our ", "your"},
                                            {" your ", "my"}};
    for (int k = 0; from < to && k < 4; k++) /* "your" of what the user calls "my" */
      if (in(w[from].t, turned[k][0])) {
        w[from].t = (text){turned[k][1], length(turned[k][1], 8)};
        break;
      }
  }
  for (uint32_t i = from; i < to; i++) {
    text x = w[i].t;
    if (i + 1 == to && x.n > 2 && x.s[x.n - 1] == 's' && x.s[x.n - 2] == '\'') x.n -= 2;
    if (!add(out, &n, x)) return out[0] = 0;
  }
  return n;
}

/* ---- phrases ---- */

static size_t join(char *out, size_t size, const char *a, const char *b, const char *c) {
  const uint32_t i = length(a, ULM_CLOSE_BYTES), j = length(b, ULM_CLOSE_BYTES),
                 k = length(c, ULM_CLOSE_BYTES);
  if (i + j + k >= size) return out[0] = 0;
  memcpy(out, a, i), memcpy(out + i, b, j), memcpy(out + i + j, c, k);
  out[i + j + k] = 0;
  return i + j + k;
}

size_t ulm_neutral(const char *topic, char out[ULM_OPENER_BYTES]) {
  if (!*topic || length(topic, ULM_TOPIC_BYTES) == ULM_TOPIC_BYTES) return out[0] = 0;
  return join(out, ULM_OPENER_BYTES, "As for ", topic, ", let me see,");
}

size_t ulm_close(const char *said, size_t n, const char *topic, char out[ULM_CLOSE_BYTES]) {
  static const char be[] = " is are was were be been ";
  static const char ask[] = " right now. Please ask me again in a moment.";
  if (length(topic, ULM_TOPIC_BYTES) == ULM_TOPIC_BYTES) topic = "";
  while (n && is_space((uint8_t)said[n - 1])) n--;
  size_t from = n;
  while (from && !is_space((uint8_t)said[from - 1])) from--;
  const int stop = ulm_stop(said, n);
  const char *lead = !n                                ? "I can't reach the answer"
                     : stop == 2                       ? " I can't reach the rest"
                     : stop == 1 && said[n - 1] == ',' ? " but I can't reach the rest"
                     : stop == 1                       ? " I can't reach the rest"
                     : in((text){said + from, (uint32_t)(n - from)}, be)
                         ? " something I can't look up"
                         : ", well, I can't reach the rest";
  const int about = *topic && lead[1] != 's';
  char first[64];
  join(first, sizeof first, lead, about ? " about " : "", "");
  return join(out, ULM_CLOSE_BYTES, first, about ? topic : "", ask);
}
