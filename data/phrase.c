#include "phrase.h"

#include <string.h>
#include <strings.h>

bool phrase_of(phrase *p, span s) {
  p->count = 0;
  for (size_t i = 0; i < s.n;) {
    while (i < s.n && s.s[i] == ' ') i++;
    const size_t from = i;
    while (i < s.n && s.s[i] != ' ') i++;
    if (i == from) break;
    if (p->count == PHRASE_WORDS) return false;
    size_t a = from, b = i;
    while (a < b && strchr("\"'([{", s.s[a])) a++;
    while (b > a && strchr("\"')]},.;:!?", s.s[b - 1])) b--;
    p->word[p->count] = (span){s.s + from, i - from};
    p->bare[p->count++] = (span){s.s + a, b - a};
  }
  return true;
}

span phrase_text(const phrase *p, int from, int to) {
  if (from >= to) return (span){"", 0};
  const span last = p->word[to - 1];
  return (span){p->word[from].s, (size_t)(last.s + last.n - p->word[from].s)};
}

bool span_same(span a, span b) { return a.n == b.n && !strncasecmp(a.s, b.s, a.n); }

bool span_has(span text, const char *what) {
  return memmem(text.s, text.n, what, strlen(what)) != NULL;
}

bool phrase_is(const phrase *p, int i, const char *word) {
  return i >= 0 && i < p->count && span_same(p->bare[i], (span){word, strlen(word)});
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* One pass over the list. */
bool phrase_in(const phrase *p, int i, const char *list) {
  if (i < 0 || i >= p->count) return false;
  const span w = p->bare[i];
  for (const char *at = list; *at; at += *at == ' ') {
    size_t k = 0;
    while (k < w.n && *at && lower(*at) == lower(w.s[k])) at++, k++;
    if (k && k == w.n && (!*at || *at == ' ')) return true;
    while (*at && *at != ' ') at++;
  }
  return false;
}

bool phrase_capital(const phrase *p, int i) {
  if (i < 0 || i >= p->count || !p->bare[i].n) return false;
  const char c = *p->bare[i].s;
  return (c >= 'A' && c <= 'Z') || (uint8_t)c >= 0x80;
}

bool phrase_stops(const phrase *p, int i) {
  return i >= 0 && i < p->count && p->word[i].n &&
         strchr(",;:.?!)(", p->word[i].s[p->word[i].n - 1]);
}

static bool digits(span s, size_t least, size_t most) {
  if (s.n < least || s.n > most) return false;
  for (size_t i = 0; i < s.n; i++)
    if (s.s[i] < '0' || s.s[i] > '9') return false;
  return true;
}

int phrase_date(const phrase *p, int i, bool *day) {
  static const char months[] =
      "January February March April May June July August September October November December";
  *day = false;
  if (i < 0 || i >= p->count) return 0;
  if (digits(p->bare[i], 4, 4) && (*p->bare[i].s == '1' || *p->bare[i].s == '2')) return 1;
  const int number = digits(p->bare[i], 1, 2), month = i + number;
  if (!phrase_in(p, month, months) || !phrase_capital(p, month)) return 0;
  int year = month + 1;
  if (!number && year < p->count && digits(p->bare[year], 1, 2)) year++, *day = true;
  if (year >= p->count || !digits(p->bare[year], 4, 4)) return 0;
  *day |= number;
  return year + 1 - i;
}
