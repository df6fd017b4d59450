#include "synth_text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

uint64_t synth_hash(const char *s, size_t n) { /* FNV-1a, then a finalizer for even low bits */
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < n; i++) h = (h ^ (uint8_t)tolower((uint8_t)s[i])) * 0x100000001b3u;
  h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
  return h ^ h >> 29;
}

static uint8_t hold_of(const char *value) {
  const uint64_t r = synth_hash(value, strlen(value)) % 100;
  return r < 8 ? HOLD_TEST : r < 10 ? HOLD_VAL : 0;
}

/* ---- Loading ---- */

static synth_strings split(const char *text, const char *by) {
  synth_strings s = {0};
  if (!text || !*text) return s;
  const size_t step = strlen(by);
  s.block = host_alloc(strlen(text) + 1, "templates");
  strcpy(s.block, text);
  for (const char *p = text; p; p = strstr(p, by), p = p ? p + step : NULL) s.count++;
  s.item = host_alloc(s.count * sizeof *s.item, "templates");
  char *p = s.block;
  for (size_t i = 0; i < s.count; i++) {
    s.item[i] = p;
    if (i + 1 == s.count) break;
    p = strstr(p, by);
    *p = 0, p += step;
  }
  return s;
}

static void drop(synth_strings *s) { free(s->item), free(s->block); }

static const synth_type *const type_tables[] = {
    synth_types_people, synth_types_world, synth_types_food, synth_types_life, synth_types_number};
static const synth_intent *const topic_tables[] = {
    synth_time,  synth_talk,    synth_travel, synth_food, synth_home,  synth_body,
    synth_learn, synth_leisure, synth_work,   synth_chat, synth_follow};
#define LEN(table) (sizeof(table) / sizeof *(table))

static int by_name(const void *a, const void *b) {
  return strcmp(((const synth_values *)a)->name, ((const synth_values *)b)->name);
}

static const synth_values *find_type(const synth_bank *b, const char *name) {
  const synth_values key = {.name = name};
  return bsearch(&key, b->types, b->type_count, sizeof *b->types, by_name);
}

/* Is {key} a name that a template may use: a type, perhaps with digits behind it? */
static int type_name(const char *key, char out[SYNTH_KEY]) {
  size_t n = strlen(key);
  while (n && isdigit((uint8_t)key[n - 1])) n--;
  if (n == 0 || n >= SYNTH_KEY) return -1;
  memcpy(out, key, n), out[n] = 0;
  return 0;
}

/* One {...}: article, key and arithmetic. */
typedef struct {
  int article, sum, linear;
  double times, plus;
  char key[48];
} braces;

static const char *parse(const char *p, braces *b) { /* p behind '{'; returns behind '}', or NULL */
  *b = (braces){.article = !strncmp(p, "a ", 2)};
  if (b->article) p += 2;
  const char *end = strchr(p, '}');
  if (!end || (size_t)(end - p) >= sizeof b->key || end == p) return NULL;
  memcpy(b->key, p, (size_t)(end - p));
  if (!islower((uint8_t)*p)) return end + 1; /* a number or an invented word */
  char *tail = b->key + strcspn(b->key, "=*");
  if (*tail == '=') b->sum = 1;
  if (*tail == '*') {
    char *rest;
    b->linear = 1, b->times = strtod(tail + 1, &rest), b->plus = strtod(rest, NULL);
  }
  *tail = 0;
  return end + 1;
}

static int check_template(const synth_bank *b, const char *where, const char *t, host_error *e) {
  braces s;
  char name[SYNTH_KEY];
  for (const char *p = t; (p = strchr(p, '{'));) {
    if (!(p = parse(p + 1, &s))) return host_fail(e, "%s: braces are not closed in '%s'", where, t);
    if (!islower((uint8_t)*s.key) || (s.key[0] == 'w' && isdigit((uint8_t)s.key[1]))) continue;
    if (type_name(s.key, name) || !find_type(b, name))
      return host_fail(e, "%s: no list is called '%s' in '%s'", where, s.key, t);
  }
  return 0;
}

static int check_all(const synth_bank *b, const char *where, const synth_strings *s,
                     host_error *e) {
  for (size_t i = 0; i < s->count; i++) {
    if (!*s->item[i]) return host_fail(e, "%s: an empty template", where);
    if (check_template(b, where, s->item[i], e)) return -1;
  }
  return 0;
}

/* Everything that any table says, as " word word \n word ...", to find the values that others
 * contain. */
static void say(FILE *f, const synth_strings *s) {
  for (size_t i = 0; i < s->count; i++) {
    fputc(' ', f);
    for (const char *p = s->item[i]; *p; p++)
      fputc(isalnum((uint8_t)*p) || *p == '\'' ? tolower((uint8_t)*p) : ' ', f);
    fputs(" \n", f);
  }
}

static void set_holds(synth_bank *b) {
  char *all = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&all, &size);
  if (!f) host_die("out of memory for the word lists");
  for (size_t i = 0; i < b->type_count; i++)
    say(f, &b->types[i].values), say(f, &b->types[i].forms);
  for (size_t i = 0; i < b->topic_count; i++) {
    const synth_topic *t = b->topics + i;
    say(f, &t->prompts), say(f, &t->replies), say(f, &t->more), say(f, &t->before);
  }
  fclose(f);
  for (size_t i = 0; i < b->type_count; i++) {
    synth_values *t = b->types + i;
    for (size_t k = 0; k < t->values.count; k++) {
      t->hold[k] = hold_of(t->values.item[k]);
      if (!t->hold[k]) continue;
      char word[SYNTH_VALUE + 2];
      const int n = snprintf(word, sizeof word, " %s ", t->values.item[k]);
      for (int c = 0; c < n; c++)
        word[c] =
            (char)(isalnum((uint8_t)word[c]) || word[c] == '\'' ? tolower((uint8_t)word[c]) : ' ');
      for (const char *p = all; (p = strstr(p, word));
           p++) /* alone on its line: the value itself */
        if ((p > all && p[-1] != '\n') || p[n] != '\n') {
          t->hold[k] = 0;
          break;
        }
    }
  }
  free(all);
}

int synth_bank_load(synth_bank *b, host_error *e) {
  *b = (synth_bank){0};
  for (size_t i = 0; i < LEN(type_tables); i++)
    for (const synth_type *t = type_tables[i]; t->name; t++) b->type_count++;
  for (size_t i = 0; i < LEN(topic_tables); i++)
    for (const synth_intent *t = topic_tables[i]; t->name; t++) b->topic_count++;
  b->types = host_alloc(b->type_count * sizeof *b->types, "word lists");
  b->topics = host_alloc(b->topic_count * sizeof *b->topics, "templates");
  size_t n = 0;
  for (size_t i = 0; i < LEN(type_tables); i++)
    for (const synth_type *t = type_tables[i]; t->name; t++, n++) {
      synth_values *v = b->types + n;
      *v = (synth_values){t->name, t->share, split(t->values, ", "), split(t->forms, "|"), NULL};
      v->hold = host_alloc(v->values.count, "word lists");
    }
  n = 0;
  for (size_t i = 0; i < LEN(topic_tables); i++)
    for (const synth_intent *t = topic_tables[i]; t->name; t++, n++) {
      synth_topic *p = b->topics + n;
      *p = (synth_topic){t,
                         split(t->prompts, "|"),
                         split(t->replies, "|"),
                         split(t->more, "|"),
                         split(t->before, "|"),
                         -1,
                         -1};
      const uint64_t h = synth_hash(t->name, strlen(t->name));
      const uint64_t count = p->prompts.count;
      if (count >= 2) p->test = (int)(h % count);
      if (count >= 8) p->val = (int)((h % count + 1 + (h >> 32) % (count - 1)) % count);
    }
  qsort(b->types, b->type_count, sizeof *b->types, by_name);
  int bad = 0;
  for (size_t i = 0; !bad && i < b->type_count; i++) {
    const synth_values *v = b->types + i;
    if (i && !strcmp(v->name, v[-1].name))
      bad = host_fail(e, "two lists are called '%s'", v->name);
    else if (!v->values.count && !v->forms.count)
      bad = host_fail(e, "the list '%s' is empty", v->name);
    else
      bad = check_all(b, v->name, &v->values, e) || check_all(b, v->name, &v->forms, e);
    for (size_t k = 0; !bad && k < v->values.count; k++)
      if (strlen(v->values.item[k]) >= SYNTH_VALUE)
        bad = host_fail(e, "%s: '%s' is longer than %d bytes", v->name, v->values.item[k],
                        SYNTH_VALUE - 1);
  }
  for (size_t i = 0; !bad && i < b->topic_count; i++) {
    const synth_topic *t = b->topics + i;
    const char *where = t->def->name;
    if (!t->prompts.count || !t->replies.count)
      bad = host_fail(e, "%s: no prompt or no reply", where);
    else if (t->before.count % 2)
      bad = host_fail(e, "%s: the earlier exchange lacks its reply", where);
    else
      bad = check_all(b, where, &t->prompts, e) || check_all(b, where, &t->replies, e) ||
            check_all(b, where, &t->more, e) || check_all(b, where, &t->before, e);
  }
  if (bad) return synth_bank_free(b), -1;
  set_holds(b);
  return 0;
}

void synth_bank_free(synth_bank *b) {
  for (size_t i = 0; i < b->type_count; i++)
    drop(&b->types[i].values), drop(&b->types[i].forms), free(b->types[i].hold);
  for (size_t i = 0; i < b->topic_count; i++) {
    synth_topic *t = b->topics + i;
    drop(&t->prompts), drop(&t->replies), drop(&t->more), drop(&t->before);
  }
  free(b->types), free(b->topics);
  *b = (synth_bank){0};
}

/* ---- Invented words ---- */

#define PICK(rng, table) table[ulm_rng_below(rng, LEN(table))]

static void syllables(ulm_rng *r, int n, char *out) {
  static const char *const onset[] = {"b", "br", "c", "d",  "dr", "f", "fl", "g",  "gr",
                                      "h", "j",  "k", "l",  "m",  "n", "p",  "pr", "r",
                                      "s", "st", "t", "tr", "v",  "w", "z",  "th"};
  static const char *const vowel[] = {"a", "e", "i", "o", "u", "a", "e", "o", "ai", "ea"};
  static const char *const coda[] = {"", "l", "n", "r", "s", "m", "nd", "rn", "lv", "", "", ""};
  *out = 0;
  for (int i = 0; i < n; i++) {
    strcat(out, PICK(r, onset)), strcat(out, PICK(r, vowel));
    if (i + 1 < n) strcat(out, PICK(r, coda));
  }
}

/* Sounds that could make a word nobody wants to hear. */
static int unlucky(const char *s) {
  static const char *const bad[] = {"nig", "fag", "dic", "dik", "tit", "coc",  "cok",  "fuc",
                                    "fuk", "shi", "cun", "kun", "rap", "nazi", "ana",  "anu",
                                    "pis", "pus", "hit", "cum", "jap", "pak",  "wog",  "tar",
                                    "kil", "dea", "die", "sex", "pen", "cra",  "poo",  "pee",
                                    "was", "fat", "hor", "gas", "sla", "slu",  "stup", "ass"};
  for (size_t i = 0; i < LEN(bad); i++)
    if (strstr(s, bad[i])) return 1;
  return 0;
}

static int invent(ulm_rng *r, const char *kind, char *out) {
  static const char *const given[] = {"n",   "na",  "ra", "l",  "lin", "ro", "sa",  "th",
                                      "nya", "ric", "x",  "vi", "r",   "la", "mir", "ssa",
                                      "bel", "rin", "do", "ne", "ya",  "m",  "s",   "ck"};
  static const char *const sur[] = {"rsen", "nov",  "lley", "rman", "ski", "berg", "nder", "ro",
                                    "lli",  "nton", "ston", "mura", "res", "dahl", "rby",  "vich"};
  static const char *const place[] = {"brook", "ford",  "ton",  "ville", "haven", "mere",
                                      "bury",  "field", "wick", "dale",  "port",  "ridge",
                                      "wood",  "gate",  "more", "stead"};
  static const char *const brand[] = {"x",    "ra",   "tech", "lo",  "via", "ly",
                                      "mark", "ntis", "tor",  "sol", "vo",  "nix"};
  do {
    const int two = ulm_rng_below(r, 3) == 0;
    if (!strcmp(kind, "~given"))
      syllables(r, 1 + two, out), strcat(out, PICK(r, given));
    else if (!strcmp(kind, "~sur"))
      syllables(r, 1 + two, out), strcat(out, PICK(r, sur));
    else if (!strcmp(kind, "~place"))
      syllables(r, 1 + two, out), strcat(out, PICK(r, place));
    else if (!strcmp(kind, "~brand"))
      syllables(r, 2, out), strcat(out, PICK(r, brand));
    else
      return -1;
  } while (unlucky(out) || strlen(out) < 4);
  *out = (char)toupper((uint8_t)*out);
  return 0;
}

/* ---- Numbers ---- */

static void in_words(unsigned n, char *out) {
  static const char *const ones[] = {"zero",    "one",     "two",       "three",    "four",
                                     "five",    "six",     "seven",     "eight",    "nine",
                                     "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                     "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
  static const char *const tens[] = {"",      "",      "twenty",  "thirty", "forty",
                                     "fifty", "sixty", "seventy", "eighty", "ninety"};
  if (n < 20)
    strcpy(out, ones[n]);
  else if (n % 10)
    sprintf(out, "%s-%s", tens[n / 10 % 10], ones[n % 10]);
  else
    strcpy(out, tens[n / 10 % 10]);
}

/* {2-59}, {5-60/5}, {w2-20} */
static int number(ulm_rng *r, const char *key, char *out) {
  const int words = *key == 'w';
  unsigned low, high, step = 1;
  char slash = 0;
  const int got = sscanf(key + words, "%u-%u%c%u", &low, &high, &slash, &step);
  if (got < 2 || got == 3 || (got == 4 && slash != '/') || !step || high < low ||
      (words && high > 99))
    return -1;
  const unsigned n = low + step * ulm_rng_below(r, (high - low) / step + 1);
  if (words)
    in_words(n, out);
  else
    sprintf(out, "%u", n);
  return 0;
}

/* At most three significant digits after rounding; whole numbers from 100 on. */
static void write_number(double x, char *out, size_t size) {
  const double a = x < 0 ? -x : x;
  snprintf(out, size, "%.*f", a >= 100 ? 0 : a >= 10 ? 1 : 2, x);
  char *dot = strchr(out, '.');
  if (dot) {
    char *end = out + strlen(out);
    while (end[-1] == '0') *--end = 0;
    if (end[-1] == '.') end[-1] = 0;
  }
  if (!strcmp(out, "-0")) strcpy(out, "0");
}

/* "17 times 24" */
static int arithmetic(const char *s, double *x) {
  double a, b;
  char op[24];
  if (sscanf(s, "%lf percent of %lf", &a, &b) == 2)
    *x = a * b / 100;
  else if (sscanf(s, "%lf divided by %lf", &a, &b) == 2 && b != 0)
    *x = a / b;
  else if (sscanf(s, "%lf %20s %lf", &a, op, &b) == 3 && !strcmp(op, "plus"))
    *x = a + b;
  else if (sscanf(s, "%lf %20s %lf", &a, op, &b) == 3 && !strcmp(op, "minus"))
    *x = a - b;
  else if (sscanf(s, "%lf %20s %lf", &a, op, &b) == 3 && !strcmp(op, "times"))
    *x = a * b;
  else
    return -1;
  return 0;
}

/* ---- Filling ---- */

const synth_slot *synth_find(const synth_scope *s, const char *key) {
  for (int i = 0; i < s->count; i++)
    if (!strcmp(s->slot[i].key, key)) return s->slot + i;
  return NULL;
}

static int takes_an(const char *s) {
  static const char *const an[] = {"hour", "honest", "heir", "8", "11 ", "18 ", "unin"};
  static const char *const a[] = {"uni", "use", "one", "eu", "ut", "uk", "ug"};
  for (size_t i = 0; i < LEN(an); i++)
    if (!strncasecmp(s, an[i], strlen(an[i]))) return 1;
  for (size_t i = 0; i < LEN(a); i++)
    if (!strncasecmp(s, a[i], strlen(a[i]))) return 0;
  return strchr("aeiouAEIOU", *s) != NULL;
}

static int draw(synth_scope *s, const synth_values *t, int depth, char out[SYNTH_VALUE],
                uint8_t *hold);

/* A form: like a template, but every {type} in it is drawn anew. A form that is one slot passes on
 * its value. */
static int draw_form(synth_scope *s, const char *form, int depth, char out[SYNTH_VALUE],
                     uint8_t *hold) {
  size_t n = 0;
  *hold = 0;
  const char *end = strchr(form, '}');
  const int whole = *form == '{' && end && !end[1];
  for (const char *p = form; *p;) {
    char piece[SYNTH_VALUE] = {*p, 0};
    if (*p == '{') {
      braces b;
      uint8_t part = 0;
      char name[SYNTH_KEY];
      p = parse(p + 1, &b);
      if (!p) return -1;
      if (*b.key == '~') {
        if (invent(s->rng, b.key, piece)) return -1;
        part = hold_of(piece);
      } else if (isdigit((uint8_t)*b.key) || (*b.key == 'w' && isdigit((uint8_t)b.key[1]))) {
        if (number(s->rng, b.key, piece)) return -1;
      } else if (type_name(b.key, name) ||
                 draw(s, find_type(s->bank, name), depth + 1, piece, &part))
        return -1;
      *hold |= part;
      if (b.article) {
        const char *an = takes_an(piece) ? "an " : "a ";
        if (strlen(piece) + strlen(an) >= sizeof piece) return -1;
        memmove(piece + strlen(an), piece, strlen(piece) + 1);
        memcpy(piece, an, strlen(an));
      }
    } else
      p++;
    const size_t add = strlen(piece);
    if (n + add >= SYNTH_VALUE) return -1;
    memcpy(out + n, piece, add + 1), n += add;
  }
  if (!whole || (form[1] != '~' && !islower((uint8_t)form[1]))) *hold |= hold_of(out);
  return 0;
}

static int draw(synth_scope *s, const synth_values *t, int depth, char out[SYNTH_VALUE],
                uint8_t *hold) {
  if (!t || depth > 4) return -1;
  if (t->forms.count && (!t->values.count || (int)ulm_rng_below(s->rng, 100) < t->share))
    return draw_form(s, t->forms.item[ulm_rng_below(s->rng, (uint32_t)t->forms.count)], depth, out,
                     hold);
  const uint32_t k = ulm_rng_below(s->rng, (uint32_t)t->values.count);
  strcpy(out, t->values.item[k]);
  *hold = t->hold[k];
  return 0;
}

static const synth_slot *bind(synth_scope *s, const char *key) {
  const synth_slot *old = synth_find(s, key);
  if (old) return old;
  char name[SYNTH_KEY];
  if (s->count == SYNTH_SLOTS || strlen(key) >= SYNTH_KEY || type_name(key, name)) return NULL;
  synth_slot *slot = s->slot + s->count;
  const synth_values *type = find_type(s->bank, name);
  for (int attempt = 0, again = 1; again && attempt < 20;
       attempt++) { /* a value that no other slot has */
    if (draw(s, type, 0, slot->text, &slot->hold)) return NULL;
    again = 0;
    for (int i = 0; i < s->count; i++) again |= !strcasecmp(s->slot[i].text, slot->text);
  }
  strcpy(slot->key, key);
  s->count++;
  return slot;
}

int synth_fill(synth_scope *s, const char *template, char *out, size_t size) {
  size_t n = 0;
  for (const char *p = template; *p;) {
    char piece[SYNTH_VALUE + 8] = {*p, 0};
    if (*p == '{') {
      braces b;
      p = parse(p + 1, &b);
      const synth_slot *slot = p ? bind(s, b.key) : NULL;
      if (!slot) return host_fail(s->error, "cannot fill '%s'", template);
      double x = 0;
      if (b.sum && arithmetic(slot->text, &x))
        return host_fail(s->error, "'%s' is no arithmetic", slot->text);
      if (b.linear) x = strtod(slot->text, NULL) * b.times + b.plus;
      if (b.sum || b.linear)
        write_number(x, piece, sizeof piece);
      else
        snprintf(piece, sizeof piece, "%s%s",
                 !b.article             ? ""
                 : takes_an(slot->text) ? "an "
                                        : "a ",
                 slot->text);
    } else
      p++;
    const size_t add = strlen(piece);
    if (n + add >= size)
      return host_fail(s->error, "'%s' is longer than %zu bytes when filled", template, size - 1);
    memcpy(out + n, piece, add + 1), n += add;
  }
  if (!*template) *out = 0;
  return 0;
}
