#include "openers.h"

#include <string.h>
#include "runtime/ulm_words.h"

enum { WORDS_MIN = 4, HEADING_WORDS = 8 };

static bool digit(char c) { return c >= '0' && c <= '9'; }

/* "No." before a number, as in "Province No. 1". */
static bool numero(const char *word, size_t n, const char *rest, size_t left) {
  return n == 3 && !memcmp(word, "No.", 3) && left >= 2 && rest[0] == ' ' && digit(rest[1]);
}

size_t first_sentence(const char *text, size_t n) {
  const char *line = memchr(text, '\n', n);
  if (line) n = (size_t)(line - text);
  for (size_t i = 0; i < n;) {
    while (i < n && text[i] == ' ') i++;
    const size_t from = i;
    while (i < n && text[i] != ' ') i++;
    if (i > from && ulm_word_end(text + from, i - from) == 2 &&
        !numero(text + from, i - from, text + i, n - i))
      return i;
  }
  return n;
}

static bool starts(const char *text, size_t n, const char *with) {
  const size_t k = strlen(with);
  return n >= k && !memcmp(text, with, k);
}

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* "1. ", "23) ", "(4) ", "a) ", "(b) ": a mark of a list's item. */
static bool numbered(const char *s, size_t n) {
  const bool bracket = n && *s == '(';
  size_t i = bracket, from = i;
  while (i < n && i - from < 3 && digit(s[i])) i++;
  const bool number = i > from;
  if (!number && i < n && letter(s[i])) i++;
  if (i == from || i + 1 >= n) return false;
  if (s[i] != ')' && (s[i] != '.' || bracket || !number)) return false;
  return s[i + 1] == ' ' || s[i + 1] == '\n';
}

static bool bullet(const char *s, size_t n) {
  static const char *const marks[] = {"- ",           "* ",           "+ ",           "-- ",
                                      "\xe2\x80\xa2", "\xe2\x97\xa6", "\xe2\x96\xaa", "\xc2\xb7 "};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (starts(s, n, marks[i])) return true;
  return (starts(s, n, "Step ") || starts(s, n, "STEP ")) && n > 6 && digit(s[5]) &&
         memchr(s + 5, ':', n - 5 < 4 ? n - 5 : 4);
}

/* A line of 1..HEADING_WORDS words with no mark at its end. */
static bool bare(const char *s, size_t n) {
  if (!n || strchr(".!?:;,\"')]-", s[n - 1])) return false;
  const uint32_t words = ulm_word_count(s, n);
  return words > 0 && words <= HEADING_WORDS;
}

static bool code(const char *s, size_t n) {
  static const char *const words[] = {
      "#include",  "#!/",    "def ", "import ", "from __", "class ",  "public ", "private ",
      "function ", "const ", "var ", "let ",    "SELECT ", "INSERT ", "UPDATE ", "CREATE "};
  if (*s == '`' || starts(s, n, "~~~") || starts(s, n, "<?") || starts(s, n, "<!")) return true;
  if (*s == '<' && n > 1 && (letter(s[1]) || s[1] == '/') && memchr(s, '>', n)) return true;
  const char last = s[n - 1];
  if (last == ';' || last == '{' || last == '}' || (n > 1 && s[n - 2] == '(' && last == ')'))
    return true;
  /* Words that also begin sentences must come with a sign that these do not have. */
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (starts(s, n, words[i]) &&
        (i < 2 || memchr(s, '(', n) || memchr(s, '=', n) || memchr(s, '*', n) || last == ':'))
      return true;
  return false;
}

static bool heading(const char *s, size_t line, size_t n) {
  size_t marks = 0;
  while (marks < line && s[marks] == '#') marks++;
  if (marks && marks <= 6 && (marks == line || s[marks] == ' ')) return true;
  if (line > 4 && ((s[0] == '*' && s[1] == '*') || (s[0] == '_' && s[1] == '_'))) {
    const size_t end = line - (s[line - 1] == ':');
    if (end > 4 && s[end - 1] == s[0] && s[end - 2] == s[0]) return true;
    if (end > 5 && s[end - 1] == ':' && s[end - 2] == s[0]) return true;
  }
  if (line + 3 < n && (starts(s + line, n - line, "\n===") || starts(s + line, n - line, "\n---")))
    return true;
  return line + 2 < n && s[line + 1] == '\n' && bare(s, line);
}

doc_skip opener_kind(const char *text, size_t n) {
  const char *end = memchr(text, '\n', n);
  const size_t line = end ? (size_t)(end - text) : n;
  if (!line) return DOC_SHORT;
  if (*text == '"' || *text == '>') return DOC_QUOTE;
  if (code(text, line)) return DOC_CODE;
  if (heading(text, line, n)) return DOC_HEADING;
  if (numbered(text, n) || bullet(text, n)) return DOC_LIST;
  if (end && bare(text, line)) { /* a list without marks: the next line is of the same kind */
    const char *next = end + 1, *stop = memchr(next, '\n', n - line - 1);
    if (bare(next, stop ? (size_t)(stop - next) : n - line - 1)) return DOC_LIST;
  }
  return ulm_word_count(text, n) < WORDS_MIN ? DOC_SHORT : DOC_OPENS;
}
