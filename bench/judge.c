#include "judge.h"
#include "../host.h"
#include "../runtime/ulm_handoff.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>

const char *rule_name(int bit) {
  static const char *const names_of[BREAKS] = {"not UTF-8",         "words lost or repeated",
                                               "space at the seam", "doubled mark",
                                               "case at the seam",  "bridge",
                                               "no sentence end",   "said twice at the seam"};
  return bit >= 0 && bit < BREAKS ? names_of[bit] : "?";
}

static int is_mark(char c) { return c && strchr(".,;:!?", c); }

/* ---- words ---- */

typedef struct {
  char (*w)[48];
  size_t n;
} list;

static list words_of(const char *opener, const char *rest) {
  list l = {0};
  size_t cap = 0;
  for (int part = 0; part < 2; part++) {
    const char *t = part ? rest : opener;
    char w[48];
    for (size_t i = 0; word_at(t, i, w, sizeof w); i++) {
      if (l.n == cap) l.w = host_realloc(l.w, (cap = cap ? 2 * cap : 64) * sizeof *l.w, "words");
      memcpy(l.w[l.n++], w, sizeof w);
    }
  }
  return l;
}

/* Longest common subsequence of two word lists: what is not in it was lost (of a) or repeated (of
 * b). */
static size_t common(const list *a, const list *b) {
  size_t *row = host_alloc((b->n + 1) * sizeof *row, "an alignment");
  for (size_t i = 0; i < a->n; i++) {
    size_t diagonal = 0;
    for (size_t j = 0; j < b->n; j++) {
      const size_t up = row[j + 1];
      row[j + 1] = !strcmp(a->w[i], b->w[j]) ? diagonal + 1 : up > row[j] ? up : row[j];
      diagonal = up;
    }
  }
  const size_t n = row[b->n];
  free(row);
  return n;
}

/* ---- rules ---- */

static int valid_utf8(const char *s) {
  for (size_t n = strlen(s), i = 0, k; i < n; i += k)
    if (!(k = ulm_utf8_len((const uint8_t *)s + i, n - i))) return 0;
  return 1;
}

static int bridge_fails(const judged *j) {
  static const char *const blunt[] = {"wrong", "incorrect",        "mistake",    "mistaken",
                                      "error", "misunderstanding", "impossible", "not possible"};
  if (ulm_word_count(j->bridge, strlen(j->bridge)) > 12) return 1;
  for (size_t i = 0; !j->explicit_mode && i < sizeof blunt / sizeof *blunt; i++)
    if (names(j->bridge, blunt[i], NULL)) return 1;
  return 0;
}

static int case_fails(const judged *j) {
  static const char capital_is_odd[] = " the a an of to is are was were in on at for with and or "
                                       "by from it as but so which that this ";
  const char *last = strrchr(j->opener, ' '), *p = j->spoken;
  last = last ? last + 1 : j->opener;
  const int stop = ulm_word_end(last, strlen(last));
  while (*p == ' ') p++;
  if (stop == 2) return *p >= 'a' && *p <= 'z';
  if (!(*p >= 'A' && *p <= 'Z')) return 0;
  char w[48], key[52] = " ";
  if (!word_at(p, 0, w, sizeof w)) return 0;
  strcat(strcat(key, w), " ");
  return strstr(capital_is_odd, key) != NULL;
}

/* Words at the opener's end that `rest` begins with, at most 8. */
static size_t said_twice(const char *opener, const char *rest) {
  char w[8][48], v[8][48];
  size_t words = 0, most = 0;
  while (words < 64 && word_at(opener, words, w[0], sizeof w[0])) words++;
  for (size_t k = 1; k <= 8 && k <= words && word_at(rest, k - 1, v[k - 1], sizeof v[0]); k++) {
    size_t same = 0;
    while (same < k && word_at(opener, words - k + same, w[same], sizeof w[0]) &&
           !strcmp(w[same], v[same]))
      same++;
    if (same == k) most = k;
  }
  return most;
}

verdict judge(const judged *j) {
  verdict v = {0};
  if (j->truth) {
    list truth = words_of(j->opener, j->truth), said = words_of(j->opener, j->spoken);
    const size_t same = common(&truth, &said);
    v.lost = (uint32_t)(truth.n - same), v.repeated = (uint32_t)(said.n - same);
    free(truth.w), free(said.w);
  }
  if (said_twice(j->opener, j->spoken) != said_twice(j->opener, j->truth ? j->truth : ""))
    v.breaks |= BREAKS_TWICE;
  if (!valid_utf8(j->opener) || !valid_utf8(j->spoken)) v.breaks |= BREAKS_UTF8;
  if (v.lost || v.repeated) v.breaks |= BREAKS_WORDS;
  const size_t n = strlen(j->opener);
  const char *s = j->spoken, end = n ? j->opener[n - 1] : 0;
  if (*s) {
    const int glued = is_mark(*s) || *s == '\'' || *s == '-';
    if (end == ' ' || (glued ? 0 : *s != ' ' || s[1] == ' ')) v.breaks |= BREAKS_SPACE;
    const int abbreviation = end == '.' && !ulm_stop(j->opener, n); /* "in the U.S., ..." */
    if (is_mark(end) && !abbreviation && is_mark(s[strspn(s, " ")])) v.breaks |= BREAKS_MARKS;
    if (case_fails(j)) v.breaks |= BREAKS_CASE;
  }
  if (bridge_fails(j)) v.breaks |= BREAKS_BRIDGE;
  const char *all = *s ? s : j->opener;
  size_t k = strlen(all);
  while (k && strchr(" \n\"')", all[k - 1])) k--;
  if (!k || !strchr(".!?", all[k - 1])) v.breaks |= BREAKS_END;
  return v;
}
