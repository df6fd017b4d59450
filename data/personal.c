#include "personal.h"

#include <stdbool.h>
#include <stdint.h>

static bool digit(char c) { return c >= '0' && c <= '9'; }
static bool letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
static bool word(char c) { return digit(c) || letter(c) || (uint8_t)c >= 0x80; }

/* s[at] is '@'. */
static bool email(const char *s, size_t n, size_t at) {
  if (!at || !(word(s[at - 1]) || s[at - 1] == '_')) return false;
  size_t i = at + 1, dot = 0;
  for (; i < n && (word(s[i]) || s[i] == '-' || (s[i] == '.' && i + 1 < n && word(s[i + 1]))); i++)
    if (s[i] == '.') dot = i;
  return dot > at + 1 && i - dot >= 3 && letter(s[dot + 1]) && letter(s[dot + 2]);
}

/* A run of digits with single separators between them, as it stands from s[at] on. */
enum { GROUPS = 8 };
typedef struct {
  size_t end;             /* behind the last digit */
  unsigned group[GROUPS]; /* digits of each */
  unsigned groups, digits;
  bool luhn;
} number;

static number take(const char *s, size_t n, size_t at) {
  number x = {.end = at};
  char all[20];
  size_t i = at;
  while (x.groups < GROUPS) {
    unsigned k = 0;
    if (i < n && s[i] == '(') i++;
    for (; i < n && digit(s[i]); i++, k++)
      if (x.digits + k < sizeof all) all[x.digits + k] = s[i];
    if (!k) break;
    x.group[x.groups++] = k, x.digits += k, x.end = i;
    if (i < n && s[i] == ')') i++;
    if (i < n && (s[i] == ' ' || s[i] == '-' || s[i] == '.')) i++;
  }
  if (x.digits >= 13 && x.digits <= 19) {
    unsigned sum = 0, any = 0;
    for (unsigned k = 0; k < x.digits; k++) {
      const unsigned d = (unsigned)(all[x.digits - 1 - k] - '0'), twice = 2 * d;
      sum += k % 2 ? twice - (twice > 9 ? 9 : 0) : d, any |= d;
    }
    x.luhn = any && sum % 10 == 0;
  }
  return x;
}

/* Groups from k on have these sizes, and nothing follows them. */
static bool sizes(const number *x, unsigned k, unsigned a, unsigned b, unsigned c) {
  return x->groups == k + 3 && x->group[k] == a && x->group[k + 1] == b && x->group[k + 2] == c;
}

static bool card(const number *x) {
  if (!x->luhn) return false;
  for (unsigned k = 0; x->groups > 1 && k + 1 < x->groups; k++)
    if (x->group[k] != 4) return false;
  return true;
}

const char *personal_find(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (s[i] == '@' && email(s, n, i)) return "personal data: an e-mail address";
    const bool plus = s[i] == '+';
    if (!(digit(s[i]) || plus || s[i] == '(')) continue;
    if (i && (digit(s[i - 1]) || letter(s[i - 1]) || s[i - 1] == '.' || s[i - 1] == '/')) continue;
    const number x = take(s, n, i + plus);
    if (!x.digits) continue;
    const bool tail = x.end < n && (letter(s[x.end]) || s[x.end] == '/');
    if (!tail && card(&x)) return "personal data: a card number";
    if (!tail && !plus && sizes(&x, 0, 3, 2, 4) && s[i + 3] == '-')
      return "personal data: an identity number";
    if (!tail &&
        (sizes(&x, 0, 3, 3, 4) || (x.groups == 4 && x.group[0] == 1 && sizes(&x, 1, 3, 3, 4)) ||
         (plus && x.digits >= 8 && x.digits <= 15 && x.groups > 1)))
      return "personal data: a telephone number";
    i = x.end - 1;
  }
  return NULL;
}
