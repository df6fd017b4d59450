#include "ulm_words.h"
#include <string.h>

const char *ulm_finish_name(ulm_finish f) {
  static const char *const names[] = {"sentence", "clause", "words", "end", "length", "cancelled"};
  return (unsigned)f < sizeof names / sizeof *names ? names[f] : "?";
}

static int is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
static int is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static int is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
static int is_digit(char c) { return c >= '0' && c <= '9'; }

/* U+2000..U+206F, general punctuation: E2 80 80 .. E2 81 AF. */
static int is_punctuation(const uint8_t *s, size_t n) {
  return n >= 3 && s[0] == 0xe2 && (s[1] == 0x80 || (s[1] == 0x81 && s[2] <= 0xaf));
}

static int is_word(const char *token, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (is_letter(token[i]) || is_digit(token[i])) return 1;
    if ((uint8_t)token[i] < 0x80) continue;
    if (!is_punctuation((const uint8_t *)token + i, n - i)) return 1;
    i += 2;
  }
  return 0;
}

typedef struct {
  const char *text;
  size_t size;
} literal;
#define LITERAL(text) ((literal){text, sizeof text - 1})

static int ends_in(const char *s, size_t n, literal tail) {
  return n >= tail.size && !memcmp(s + n - tail.size, tail.text, tail.size);
}

/* ---- Sentence and clause ends ---- */

static int is_one_of(const char *set, char c) {
  while (*set && *set != c) set++;
  return *set != 0;
}

static size_t drop_closers(const char *s, size_t n) {
  static const literal wide[] = {{"\u2019", 3}, {"\u201d", 3}, {"\u00bb", 2}};
  for (size_t before = n + 1; n && n < before;) {
    before = n;
    if (is_one_of("\"')]}*_", s[n - 1])) n--;
    for (int i = 0; i < 3; i++)
      if (ends_in(s, n, wide[i])) n -= wide[i].size;
  }
  return n;
}

static int is_dash(const char *s, size_t n) {
  return ends_in(s, n, LITERAL("-")) || ends_in(s, n, LITERAL("\u2013")) ||
         ends_in(s, n, LITERAL("\u2014"));
}

/* s[n - 1] is the full stop. Titles, units and the like that a sentence seldom ends with, one
 * capital letter, and letters with stops between them (e.g., a.m., U.S.). */
static int is_abbreviation(const char *s, size_t n) {
  /* Each after a space, for one search. */
  static const char known[] =
      " dr mr mrs ms prof st sr jr vs approx mt ft gen sen rep gov capt lt col sgt"
      " rev hon inc ltd corp dept est fig vol cf jan feb apr aug sept oct nov dec ";
  n--;
  while (n && !is_letter(*s) && !is_digit(*s) && (uint8_t)*s < 0x80) s++, n--; /* opening marks */
  if (n == 1 && is_upper(s[0])) return s[0] != 'I';
  if (n >= 3 && n % 2 == 1) {
    size_t i = 0;
    while (i < n && (i % 2 ? s[i] == '.' : is_letter(s[i]))) i++;
    if (i == n) return 1;
  }
  char low[10] = " ";
  if (n == 0 || n > sizeof low - 2) return 0;
  for (size_t i = 0; i < n; i++) low[i + 1] = is_upper(s[i]) ? (char)(s[i] + 32) : s[i];
  low[n + 1] = ' ';
  for (size_t i = 0; i + n + 2 < sizeof known; i++)
    if (!memcmp(known + i, low, n + 2)) return 1;
  return 0;
}

int ulm_word_end(const char *word, size_t n) {
  n = drop_closers(word, n);
  if (n == 0) return 0;
  if (ends_in(word, n, LITERAL("...")) || ends_in(word, n, LITERAL("\u2026"))) return 1;
  const char last = word[n - 1];
  if (last == '!' || last == '?') return 2;
  if (last == '.') return is_abbreviation(word, n) ? 0 : 2;
  return last == ',' || last == ':' || last == ';' || is_dash(word, n);
}

/* ---- The cut ---- */

void ulm_words_begin(ulm_words *w, uint32_t min_words, uint32_t max_words) {
  *w = (ulm_words){.min = min_words ? min_words : 4, .max = max_words ? max_words : 8};
  if (w->max < w->min) w->max = w->min;
}

static int stop(ulm_words *w, ulm_finish why) {
  w->stop = 1;
  w->finish = why;
  return 0;
}

/* Where a clause end stops the opener. */
static int in_clause_range(const ulm_words *w) {
  return w->words >= w->min && w->words + 2 >= w->max && w->words < w->max;
}

int ulm_words_next(ulm_words *w, const char *text, size_t n, int final) {
  while (!w->stop) {
    while (w->at < n && is_space(text[w->at])) {
      if (text[w->at] == '\n' && w->words >= w->min) return stop(w, ULM_FINISH_CLAUSE);
      w->at++;
    }
    size_t end = w->at;
    while (end < n && !is_space(text[end])) end++;
    if (end == w->at || (end == n && !final)) return 0;
    const char *token = text + w->at;
    const size_t size = end - w->at;
    w->at = end;
    if (!is_word(token, size)) {
      if (is_dash(token, size) && in_clause_range(w)) return stop(w, ULM_FINISH_CLAUSE);
      continue;
    }
    w->from = w->end;
    w->end = end;
    w->words++;
    const int ends = ulm_word_end(token, size);
    if (ends == 2 && w->words >= w->min)
      stop(w, ULM_FINISH_SENTENCE);
    else if (ends == 1 && (in_clause_range(w) || w->words >= w->max))
      stop(w, ULM_FINISH_CLAUSE);
    else if (w->words >= w->max)
      stop(w, ULM_FINISH_WORDS);
    return 1;
  }
  return 0;
}

ulm_finish ulm_words_finish(const ulm_words *w, const char *text, uint32_t min_words) {
  if (w->words < min_words) return ULM_FINISH_END;
  size_t from = w->end;
  while (from > w->from && !is_space(text[from - 1]))
    from--; /* without punctuation that joined the word */
  const int last = ulm_word_end(text + from, w->end - from);
  return last == 2 ? ULM_FINISH_SENTENCE : last == 1 ? ULM_FINISH_CLAUSE : ULM_FINISH_WORDS;
}

size_t ulm_opener_cut(const char *text, size_t n, uint32_t min_words, uint32_t max_words,
                      ulm_finish *why, uint32_t *words) {
  ulm_words w;
  ulm_words_begin(&w, min_words, max_words);
  while (ulm_words_next(&w, text, n, 1)) {
  }
  if (!w.stop) w.finish = ulm_words_finish(&w, text, w.min);
  if (why) *why = w.finish;
  if (words) *words = w.words;
  return w.end;
}

uint32_t ulm_word_count(const char *text, size_t n) {
  uint32_t count = 0;
  for (size_t i = 0, end; i < n; i = end) {
    while (i < n && is_space(text[i])) i++;
    for (end = i; end < n && !is_space(text[end]);) end++;
    count += is_word(text + i, end - i);
  }
  return count;
}
