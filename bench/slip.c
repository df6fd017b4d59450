#include "slip.h"

#include <stdlib.h>
#include <string.h>

const char *opener_kind_name(opener_kind k) {
  static const char *const names_of[OPENER_KINDS] = {"own",      "true",     "entity",    "topic",
                                                     "polarity", "fragment", "repetition"};
  return (unsigned)k < OPENER_KINDS ? names_of[k] : "?";
}

ulm_slip opener_slip(opener_kind k) {
  return k == OPENER_TOPIC        ? ULM_SLIP_TOPIC
         : k == OPENER_FRAGMENT   ? ULM_SLIP_FRAGMENT
         : k == OPENER_REPETITION ? ULM_SLIP_REPETITION
                                  : ULM_SLIP_FACT;
}

/* ---- words of an opener ---- */

enum { WORDS = 16, WORD_MAX = 40 };
typedef struct {
  char text[ULM_OPENER_BYTES];
  const char *w[WORDS];
  size_t size[WORDS], n;
} words;

static int split(const char *opener, size_t n, words *out) {
  if (n >= sizeof out->text) return 0;
  memcpy(out->text, opener, n), out->text[n] = 0, out->n = 0;
  for (const char *p = out->text; *p;) {
    while (*p == ' ') p++;
    const size_t k = strcspn(p, " ");
    if (!k) break;
    if (out->n == WORDS) return 0;
    out->w[out->n] = p, out->size[out->n++] = k;
    p += k;
  }
  return out->n >= 4;
}

static size_t of_reference(const prompts *p, size_t i, words *out) {
  const char *s = p->items[i].reference;
  const size_t n = s ? ulm_opener_cut(s, strlen(s), 4, 8, NULL, NULL) : 0;
  return n && split(s, n, out) ? out->n : 0;
}

/* Bytes of word w without the marks behind it. */
static size_t bare(const words *o, size_t w) {
  size_t k = o->size[w];
  while (k && strchr(".,;:!?\"')", o->w[w][k - 1])) k--;
  return k;
}

typedef struct {
  char *p;
  size_t n;
} writer;
static void put(writer *w, const char *s, size_t n) {
  if (n >= ULM_OPENER_BYTES - 1 - w->n) return;
  if (w->n) w->p[w->n++] = ' ';
  memcpy(w->p + w->n, s, n);
  w->n += n;
  w->p[w->n] = 0;
}

static int is(const words *o, size_t w, const char *list) {
  char key[24] = " ";
  const size_t k = bare(o, w);
  if (k > 20) return 0;
  for (size_t i = 0; i < k; i++)
    key[1 + i] = (char)(o->w[w][i] | (o->w[w][i] >= 'A' && o->w[w][i] <= 'Z' ? 32 : 0));
  key[1 + k] = ' ';
  return strstr(list, key) != NULL;
}

/* A name (capital, not at the start, not "I") or a number; n: none. */
static size_t entity(const words *o) {
  for (size_t i = o->n; i-- > 0;) {
    const char c = o->w[i][0];
    if (c >= '0' && c <= '9') return i;
    if (i && c >= 'A' && c <= 'Z' && !is(o, i, " i i'm i'll i've i'd ")) return i;
  }
  return o->n;
}

static size_t swap_entity(const prompts *p, size_t i, ulm_rng *r, const words *o, writer *w) {
  const size_t at = entity(o);
  if (at == o->n) return 0;
  const int digit = o->w[at][0] <= '9';
  for (int tries = 0; tries < 64; tries++) {
    words q;
    const size_t j = ulm_rng_below(r, (uint32_t)p->count);
    if (j == i || !of_reference(p, j, &q)) continue;
    const size_t from = entity(&q);
    if (from == q.n || (q.w[from][0] <= '9') != digit) continue;
    const size_t k = bare(&q, from), own = bare(o, at);
    if (k == own && !strncasecmp(q.w[from], o->w[at], k)) continue;
    char word[ULM_OPENER_BYTES];
    const int n = snprintf(word, sizeof word, "%.*s%.*s", (int)k, q.w[from],
                           (int)(o->size[at] - own), o->w[at] + own);
    for (size_t x = 0; x < o->n; x++)
      x == at ? put(w, word, (size_t)n) : put(w, o->w[x], o->size[x]);
    return w->n;
  }
  return 0;
}

static size_t turn(const words *o, writer *w) {
  static const char verbs[] = " is are was were can could will would should do does did has have "
                              "must may ";
  size_t at = o->n, no = o->n;
  for (size_t i = 0; i < o->n; i++) {
    if (is(o, i, " not ")) no = i;
    if (at == o->n && i + 1 < o->n && is(o, i, verbs) && o->size[i] == bare(o, i)) at = i;
  }
  const int yes = is(o, 0, " yes no ");
  if (!yes && no == o->n && (at == o->n || o->n > 7)) return 0;
  for (size_t i = 0; i < o->n; i++) {
    if (yes && !i) {
      const int was_yes = is(o, 0, " yes ");
      char word[ULM_OPENER_BYTES];
      const int n = snprintf(word, sizeof word, "%s%.*s", was_yes ? "No" : "Yes",
                             (int)(o->size[0] - bare(o, 0)), o->w[0] + bare(o, 0));
      put(w, word, (size_t)n);
    } else if (yes || i != no) {
      put(w, o->w[i], o->size[i]);
      if (!yes && no == o->n && i == at) put(w, "not", 3);
    }
  }
  return w->n;
}

size_t opener_make(opener_kind k, const prompts *p, size_t i, ulm_rng *r,
                   char out[ULM_OPENER_BYTES]) {
  static const char *const dead_ends[][2] = {{"of", "the"}, {"because", "to"}, {"in", "a"},
                                             {"and", "of"}, {"the", "with"},   {"than", "an"}};
  words o;
  writer w = {out, 0};
  out[0] = 0;
  if (k == OPENER_OWN || !of_reference(p, i, &o)) return 0;
  if (k == OPENER_ENTITY) return swap_entity(p, i, r, &o, &w);
  if (k == OPENER_POLARITY) return turn(&o, &w);
  if (k == OPENER_TOPIC) {
    words q;
    for (int tries = 0; tries < 64; tries++) {
      const size_t j = ulm_rng_below(r, (uint32_t)p->count);
      if (j == i || !of_reference(p, j, &q) || !strcasecmp(q.text, o.text)) continue;
      char a[80], b[80];
      if (content_word(q.text, a, sizeof a) && content_word(o.text, b, sizeof b) && !strcmp(a, b))
        continue; /* perhaps the same topic */
      strcpy(out, q.text);
      return strlen(out);
    }
    return 0;
  }
  if (k == OPENER_TRUE)
    for (size_t x = 0; x < o.n; x++) put(&w, o.w[x], o.size[x]);
  if (k == OPENER_FRAGMENT) {
    const uint32_t end = ulm_rng_below(r, sizeof dead_ends / sizeof *dead_ends);
    const size_t keep = o.n > 6 ? 5 : o.n - 1;
    for (size_t x = 0; x < keep; x++) put(&w, o.w[x], x + 1 < keep ? o.size[x] : bare(&o, x));
    for (int x = 0; x < 2; x++) put(&w, dead_ends[end][x], strlen(dead_ends[end][x]));
  }
  if (k == OPENER_REPETITION) {
    const size_t half = o.n > 7 ? 4 : o.n > 4 ? 3 : 2;
    for (size_t x = 0; x < 2 * half; x++) put(&w, o.w[x % half], bare(&o, x % half));
  }
  return w.n;
}

char *reference_spoken(const char *reference, size_t most) {
  const char *p = reference + strspn(reference, " \t\r\n");
  size_t n = strcspn(p, "\r\n"), end = 0;
  const unsigned char c = (unsigned char)*p;
  if (!n || !((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
    return NULL;
  for (size_t at = 0; at < n && at < most;) {
    const size_t from = at;
    while (at < n && p[at] != ' ') at++;
    if (at > from && at <= most && ulm_word_end(p + from, at - from) == 2) end = at;
    while (at < n && p[at] == ' ') at++;
  }
  if (!end || ulm_word_count(p, end) < 10) return NULL;
  for (size_t i = 0, k, word = 0; i < end; i += k) {
    const uint8_t *u = (const uint8_t *)p + i;
    if (!(k = ulm_utf8_len(u, end - i))) return NULL;
    if (k == 3 && u[0] >= 0xe2 && u[0] <= 0xea && !(u[0] == 0xe2 && u[1] < 0xba)) return NULL;
    word = *u == ' ' ? 0 : word + k;
    if (word > WORD_MAX) return NULL; /* an address, not a word */
  }
  char *s = host_alloc(end + 1, "a reference");
  memcpy(s, p, end);
  return s;
}
