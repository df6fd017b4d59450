#include "questions.h"

#include <string.h>
#include "openers.h"
#include "phrase.h"
#include "question_lists.h"
#include "words.h"

enum {
  SUBJECT_WORDS = 8,
  OTHER_WORDS = 5,
  REPLY_WORDS = 5,
  REPLY_BYTES = 400,
  LEAD_SENTENCES = 4,
  DATES = 4, /* one person in so many is asked about by dates in brackets: else a third of all */
  PARAGRAPH_SENTENCES = 12
};

/* The article a document begins with. */
typedef struct {
  span title; /* without what stands in brackets; empty: none */
  bool person, plural, lead;
} topic;

typedef struct {
  questions *q;
  span text; /* of the document */
  topic *t;
  bytes made; /* the sentence that is looked at, brackets taken out */
  phrase p;
  int verb;    /* place of the verb; the subject is before it */
  bool titled; /* the subject is the article's */
  bool first;  /* the lead's first sentence, which says what the article is about */
  bool plural;
} asking;

/* ---- Sentences ---- */

static bool ends_in(span s, const char *tail) {
  const size_t n = strlen(tail);
  return s.n > n + 1 && !memcmp(s.s + s.n - n, tail, n);
}

/* Without brackets and what they hold, nor a space before a mark. */
static span without_brackets(bytes *b, span s) {
  b->size = 0;
  bytes_room(b, s.n + 1);
  int depth = 0;
  for (size_t i = 0; i < s.n; i++) {
    const char c = s.s[i];
    if (c == '(' || c == '[') depth++;
    if (!depth && !(c == ' ' && b->size && b->at[b->size - 1] == ' ')) {
      if (strchr(",.;:", c) && b->size && b->at[b->size - 1] == ' ') b->size--;
      b->at[b->size++] = c;
    }
    if ((c == ')' || c == ']') && depth) depth--;
  }
  return depth ? (span){"", 0} : (span){b->at, b->size};
}

static bool fit_to_say(span s) {
  if (s.n < 20 || s.n > REPLY_BYTES || s.s[s.n - 1] != '.') return false;
  if (!((*s.s >= 'A' && *s.s <= 'Z') || (uint8_t)*s.s >= 0x80)) return false;
  size_t quotes = 0;
  for (size_t i = 0; i < s.n; i++) {
    quotes += s.s[i] == '"';
    if (strchr("[]{}|=<>_*#@", s.s[i])) return false;
  }
  static const char *const gaps[] = {" from in ", " at in ", " in of ", " is in of ", " and, ",
                                     "from to ",  " of.",    " in.",    " from."};
  for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) /* a word was lost before it came here */
    if (span_has(s, gaps[i])) return false;
  return quotes % 2 == 0 && !span_has(s, "\"\"") && !span_has(s, "''") && !span_has(s, " , ") &&
         !span_has(s, "...");
}

/* A quantity was lost between two words, or a mark took "the 2. Bundesliga" for a sentence's end.
 */
static bool is_broken(const phrase *p) {
  for (int i = 0; i + 1 < p->count; i++)
    if (!phrase_stops(p, i) && phrase_in(p, i, "of about around approximately") &&
        phrase_in(p, i + 1,
                  "situated located and in from above long wide with on at is was tall deep") &&
        !(phrase_is(p, i, "around") && phrase_in(p, i + 1, "in and on")))
      return true;
  const span last = p->bare[p->count - 1];
  return last.n < 3 && *last.s >= '0' && *last.s <= '9' &&
         phrase_in(p, p->count - 2, "the no nos vol");
}

/* ---- Pairs ---- */

static void put_turn(questions *q, const char *role, size_t at, size_t n) {
  if (q->count == q->room)
    q->turns = host_realloc(q->turns, (q->room = q->room ? 2 * q->room : 16) * sizeof *q->turns,
                            "questions");
  q->turns[q->count++] =
      (ulm_message){role, (const char *)at, n}; /* the text moves: an offset for now */
}

static void put_span(bytes *b, span s) { bytes_put(b, s.s, s.n); }

/* Does the text hold the word, as it is said here, inside a sentence? */
static bool stands_inside(span text, const char *word, size_t n) {
  for (const char *at = text.s, *end = text.s + text.n;
       (at = memmem(at, (size_t)(end - at), word, n)); at++)
    if (at > text.s + 1 && (uint8_t)at[-1] < 'A' && at[-1] != '\n' &&
        !(at[-1] == ' ' && strchr(".?!:", at[-2])) && (at + n == end || (uint8_t)at[n] < 'A'))
      return true;
  return false;
}

static bool upper(char c) { return c >= 'A' && c <= 'Z'; }

/* Is the first word of a subject, upper-case as it begins a sentence, no name? The text may say: in
 * lower case inside a sentence no, in upper case yes. Else it may look like one, of one word or
 * before another: Victorian novels. */
static bool common(const asking *a) {
  const span w = a->p.bare[0];
  char low[32];
  if (w.n < 3 || w.n >= sizeof low || !upper(*w.s)) return false;
  if (a->verb > 1 && (phrase_capital(&a->p, 1) ||
                      (a->p.bare[1].n && *a->p.bare[1].s >= '0' && *a->p.bare[1].s <= '9') ||
                      (phrase_in(&a->p, 1, particles) && !phrase_in(&a->p, 1, "of the and"))))
    return false;
  for (size_t i = 1; i < w.n; i++)
    if (upper(w.s[i]) || (w.s[i] >= '0' && w.s[i] <= '9')) return false;
  memcpy(low, w.s, w.n), *low = (char)(*low + 32), low[w.n] = 0;
  if (stands_inside(a->text, low, w.n)) return true;
  if (stands_inside(a->text, w.s, w.n) || memchr(w.s, '\'', w.n)) return false;
  const char *const *tail = a->verb > 1 ? of_names : of_nouns;
  for (; *tail; tail++)
    if (ends_in(w, *tail)) return a->verb == 1;
  return a->verb > 1 && !phrase_in(&a->p, 0, names);
}

/* The subject as a question says it. */
static void put_subject(asking *a) {
  bytes *b = &a->q->text;
  if (a->titled) {

    const bool article = phrase_is(&a->p, 0, "the") && !phrase_in(&a->p, 0, pronouns);
    if (article && !(a->t->title.n > 4 && !strncasecmp(a->t->title.s, "the ", 4)))
      bytes_puts(b, "the ");
    put_span(b, a->t->title);
    return;
  }
  const span s = phrase_text(&a->p, 0, a->verb);
  const size_t at = b->size;
  put_span(b, s);
  if (phrase_in(&a->p, 0, "a an the") || common(a))
    if (upper(b->at[at])) b->at[at] = (char)(b->at[at] + 32);
}

/* The sentence, in which a pronoun subject is the title. */
static void put_reply(asking *a) {
  bytes *b = &a->q->text;
  const bool named = a->titled && phrase_in(&a->p, 0, pronouns);
  if (named) put_span(b, a->t->title), bytes_puts(b, " ");
  put_span(b, phrase_text(&a->p, named, a->p.count));
}

/* Asks "<before> X<after>" and replies with the sentence, or with `reply` after the subject. */
static void put_pair(asking *a, const char *before, span middle, const char *after,
                     const char *reply, span tail) {
  questions *q = a->q;
  size_t at = q->text.size;
  bytes_puts(&q->text, before);
  put_span(&q->text, middle);
  if (middle.n) bytes_puts(&q->text, " ");
  put_subject(a);
  bytes_puts(&q->text, after);
  put_turn(q, "user", at, q->text.size - at);
  bytes_put(&q->text, "", 1);
  at = q->text.size;
  if (reply) {
    put_span(&q->text, a->t->title);
    bytes_puts(&q->text, reply);
    put_span(&q->text, tail);
    bytes_puts(&q->text, ".");
  } else
    put_reply(a);
  put_turn(q, "assistant", at, q->text.size - at);
  bytes_put(&q->text, "", 1);
}

static const span none = {"", 0};
static void ask(asking *a, const char *before, const char *after) {
  put_pair(a, before, none, after, NULL, none);
}

/* "<before>X <word>?" */
static void ask_with(asking *a, const char *before, span word) {
  char after[48];
  snprintf(after, sizeof after, " %.*s?", (int)(word.n < 40 ? word.n : 40), word.s);
  put_pair(a, before, none, after, NULL, none);
}

/* ---- The subject ---- */

/* Is the subject the title, or the same name at more or less length? What stands between is of a
 * name too; what follows, as in "X or Y", "X also called Y", is no verb. */
static bool names_title(span title, const phrase *p, int verb) {
  phrase t;
  if (!phrase_of(&t, title) || !t.count) return false;
  const int from = phrase_is(p, 0, "the"), the = phrase_is(&t, 0, "the"), n = verb - from,
            m = t.count - the;
  if (n < 1 || m < 1) return false;
  int same = 0;
  while (same < n && same < m && span_same(t.bare[the + same], p->bare[from + same])) same++;
  if (same == n && n > 1 && m - same <= 2) return true;
  if (same == m) {
    const span next = p->bare[from + m];
    return same == n || phrase_is(p, from + m, "or") ||
           (same > 1 &&
            (phrase_capital(p, from + m) || !(ends_in(next, "s") || ends_in(next, "ed"))));
  }
  for (int i = from + same; i < verb - 1; i++)
    if (!phrase_capital(p, i) && !phrase_in(p, i, particles)) return false;
  return same && span_same(t.bare[t.count - 1], p->bare[verb - 1]);
}

/* Of a person, the last word of the title. */
static bool surname(const topic *t, const phrase *p, int verb) {
  const span name = p->bare[0];
  return t->person && verb == 1 && t->title.n > name.n + 1 &&
         t->title.s[t->title.n - name.n - 1] == ' ' &&
         span_same(name, (span){t->title.s + t->title.n - name.n, name.n});
}

/* Finds the verb and sees that what is before it can be asked about. */
static bool find_subject(asking *a) {
  static const char verbs[] =
      "is are was were refers refer means mean occurs occur happens happen works work consists "
      "consist died develops";
  const phrase *p = &a->p;
  int v = 1;
  while (v < p->count && v <= SUBJECT_WORDS && !phrase_in(p, v, verbs) && !phrase_stops(p, v - 1))
    v++;
  if (v >= p->count - 2 || v > SUBJECT_WORDS || !phrase_in(p, v, verbs) || phrase_stops(p, v - 1))
    return false;
  if (phrase_in(p, v - 1, "of for in to by and or itself himself herself themselves")) return false;
  if (v > 1 && !phrase_capital(p, v - 1) && ends_in(p->bare[v - 1], "ly") &&
      !phrase_in(p, v - 1, no_adverb))
    return false;
  a->verb = v;
  a->plural = phrase_in(p, v, "are were refer mean occur happen work consist");
  a->titled = false;
  if (v == 1 && a->t->lead && phrase_in(p, 0, pronouns)) {
    a->titled =
        phrase_is(p, 0, "they") == a->t->plural && phrase_in(p, 0, "he she") == a->t->person;
    return a->titled;
  }
  if (a->t->title.n && (names_title(a->t->title, p, v) || surname(a->t, p, v)))
    return a->titled = true;
  if (phrase_in(p, 0, no_subject) || phrase_is(p, 0, "the") || v > OTHER_WORDS) return false;
  if (v == 1 && phrase_in(p, 0, general)) return false;
  if (v > 1 && (ends_in(p->bare[0], "ing") || ends_in(p->bare[0], "ly")))
    return false; /* a clause */
  for (int i = 1; i < v; i++)
    if (phrase_in(p, i, no_part) || phrase_in(p, i, vague) || phrase_in(p, i, adverbs))
      return false;
  for (int i = v + 1; i < p->count; i++)
    if (phrase_in(p, i, points_back)) return false;
  return true;
}

/* ---- Rules ---- */

static bool is_place(const phrase *p, int i) { return phrase_in(p, i, places); }

/* By list or by how it ends: -ist, -ian, -man ... Of "director/producer" the last is looked at, of
 * "editor-in-chief" the first. */
static bool is_person(const phrase *p, int i) {
  phrase one = {.count = 1, .bare = {p->bare[i]}};
  span *w = one.bare;
  for (size_t k = 0; k + 1 < w->n; k++)
    if (w->s[k] == '/') w->s += k + 1, w->n -= k + 1, k = 0;
  const char *hyphen = memmem(w->s, w->n, "-in-", 4);
  if (hyphen) w->n = (size_t)(hyphen - w->s);
  if (phrase_in(&one, 0, persons)) return true;
  if (!w->n || upper(*w->s) || phrase_in(&one, 0, no_person)) return false;
  for (const char *const *tail = of_persons; *tail; tail++)
    if (ends_in(*w, *tail)) return true;
  return false;
}

/* Is the head noun such a one? It is the word before the first preposition, relative or mark, or
 * before the first "and" or "or": of "a small village in Iran" village, of "a Kenyan lawyer and
 * judge" lawyer. */
static bool head_is(const phrase *p, int from, bool (*such)(const phrase *, int)) {
  for (int i = from + 1; i < p->count && i < from + 11; i++) {
    const bool joined = phrase_in(p, i, "and or"), ends = joined || phrase_in(p, i, after_head);
    if ((ends || phrase_stops(p, i - 1)) && such(p, i - 1)) return true;
    if ((ends && !joined) || phrase_stops(p, i - 1)) return false;
    if (i + 1 == p->count || phrase_stops(p, i)) return such(p, i);
  }
  return false;
}

/* "in <Name>", "near the <Name>", "in the north of <Name>", after `from`. */
static bool names_place(const phrase *p, int from) {
  for (int i = from; i + 1 < p->count; i++) {
    if (!phrase_in(p, i, "in near between along off")) continue;
    for (int k = i + 1; k < i + 5 && !phrase_stops(p, k - 1); k++)
      if (phrase_capital(p, k)) return true;
  }
  return false;
}

/* "in 1887", "on 14 May 1944", after `from`. */
static bool names_date(const phrase *p, int from) {
  bool day;
  for (int i = from; i + 1 < p->count; i++)
    if (phrase_in(p, i, "in on") && phrase_date(p, i + 1, &day)) return true;
  return false;
}

/* A definition outside a lead says what kind of thing, and then which: no opinion, no person. */
static bool is_definition(const asking *a, int complement) {
  const phrase *p = &a->p;
  if (phrase_in(p, a->verb, "was were")) { /* of the past only names are defined */
    if (a->verb < 2 || !phrase_in(p, complement, "a an")) return false;
    for (int i = 0; i < a->verb; i++)
      if (!phrase_capital(p, i)) return false;
  }
  if (phrase_in(p, complement, "a an") && phrase_is(p, complement + 2, "part")) return false;
  bool tells = false, known = phrase_in(p, complement, "a an");
  for (int i = complement + 1; i < p->count && i < complement + 9 && !tells; i++) {
    if (phrase_in(p, i, vague) || phrase_stops(p, i)) return false;
    tells = phrase_in(p, i, "that which who of for used in where whose to with from between by");
    if (!tells) known |= phrase_in(p, i, defines);
  }
  return tells && known;
}

/* What the subject ends with, as a number: how it is asked about. */
static uint64_t name_hash(const asking *a) {
  const span w = a->p.bare[a->verb - 1];
  uint64_t h = 0;
  for (size_t i = 0; i < w.n; i++) h = hash_mix(h ^ (uint8_t)w.s[i]);
  return h;
}

/* X is a ... */
static void what(asking *a, int complement) {
  const phrase *p = &a->p;
  bool person = head_is(p, complement, is_person);
  if (a->titled)
    a->t->plural = a->plural, person = a->t->person |= person;
  else if (person && !phrase_in(p, 0, "a an") &&
           !common(a)) { /* elsewhere a person has more names than one */
    for (int i = 0; i < a->verb; i++) person &= phrase_capital(p, i) || phrase_in(p, i, particles);
    if (a->verb == 1 || !person) return;
  } else
    person = false;
  if (a->titled ? !a->first : !is_definition(a, complement)) return;
  static const char *const who[][2] = {{"Who is ", "Who was "}, {"Who are ", "Who were "}};
  static const char *const be[][2] = {{"What is ", "What was "}, {"What are ", "What were "}};
  const bool past = phrase_in(p, a->verb, "was were");

  const uint64_t h = name_hash(a);
  if (h % 8 == 5)
    ask(a, "Tell me about ", ".");
  else if (h % 8 == 6)
    ask(a, "What do you know about ", "?");
  else if (h % 8 == 7)
    ask(a, person ? "Can you tell me who " : "Can you explain what ",
        a->plural ? past ? " were?" : " are?"
        : past    ? " was?"
                  : " is?");
  else
    ask(a, (person ? who : be)[a->plural][past], "?");
  if (!person && head_is(p, complement, is_place) && names_place(p, complement + 1))
    ask(a,
        a->plural ? past ? "Where were " : "Where are "
        : past    ? "Where was "
                  : "Where is ",
        "?");
}

static void done(asking *a, int i) {
  const phrase *p = &a->p;
  const bool past = phrase_in(p, a->verb, "was were");
  if (past && !a->titled && (a->verb < 2 || !phrase_capital(p, 1)))
    return; /* of the past, names only */
  const char *const when = a->plural ? "When were " : "When was ", *const where =
                                                                       a->plural
                                                                           ? past ? "Where were "
                                                                                  : "Where are "
                                                                       : past ? "Where was "
                                                                              : "Where is ";
  if (phrase_is(p, i, "born")) {
    bool day;
    if (phrase_in(p, i + 1, "in on") && phrase_date(p, i + 2, &day)) ask(a, when, " born?");
    for (int k = i + 1; k + 1 < p->count && k < i + 8; k++)
      if (phrase_in(p, k, "in at") && phrase_capital(p, k + 1) && !phrase_date(p, k + 1, &day)) {
        ask(a, where, " born?");
        break;
      }
    return;
  }
  if (phrase_in(p, i, "located situated based headquartered") &&
      phrase_in(p, i + 1, "in on near at between along") && names_place(p, i + 1)) {
    ask_with(a, where, p->bare[i]);
    return;
  }
  if (phrase_is(p, i, "used")) {
    if (phrase_in(p, i + 1, "to for as"))
      ask(a, a->plural ? "What are " : "What is ", " used for?");
    return;
  }
  for (size_t k = 0; past && k < sizeof who_did / sizeof *who_did; k++)
    if (phrase_is(p, i, who_did[k][0]) && phrase_is(p, i + 1, "by") && phrase_capital(p, i + 2)) {
      put_pair(a, "Who ", (span){who_did[k][1], strlen(who_did[k][1])}, "?", NULL, none);
      break;
    }
  if (past && phrase_in(p, i, when_done) && names_date(p, i + 1) && !phrase_stops(p, i))
    ask_with(a, when, p->bare[i]);
  if (!past && phrase_in(p, i, how_done) && phrase_in(p, i + 1, how_by) && !phrase_stops(p, i))
    ask_with(a, a->plural ? "How are " : "How is ", p->bare[i]);
}

static void apply(asking *a) {
  const phrase *p = &a->p;
  const int v = a->verb;
  if (phrase_in(p, v, "is are was were")) {
    int i = v + 1;
    if (phrase_in(p, i, "a an the any") &&
        !phrase_in(p, i + 1,
                   "same result first last only main most best key reason "
                   "case question way product result part number lot"))
      what(a, i);
    else {
      if (phrase_in(p, i, adverbs)) i++;
      done(a, i);
    }
  } else if (phrase_in(p, v, "refers refer") && phrase_is(p, v + 1, "to"))
    ask(a, a->plural ? "What are " : "What is ", "?");
  else if (phrase_in(p, v, "means mean") && !a->titled && phrase_in(p, v + 1, "a an the that to"))
    ask(a, a->plural ? "What do " : "What does ", " mean?");
  else if (phrase_in(p, v, "occurs occur happens happen develops") && phrase_in(p, v + 1, "when"))
    ask_with(a, a->plural ? "When do " : "When does ",
             phrase_in(p, v, "occurs occur") ? (span){"occur", 5}
             : phrase_is(p, v, "develops")   ? (span){"develop", 7}
                                             : (span){"happen", 6});
  else if (phrase_in(p, v, "works work") && phrase_is(p, v + 1, "by"))
    ask(a, a->plural ? "How do " : "How does ", " work?");
  else if (phrase_in(p, v, "consists consist") && phrase_is(p, v + 1, "of"))
    ask(a, a->plural ? "What do " : "What does ", " consist of?");
  else if (phrase_is(p, v, "died") && a->titled) {
    bool day;
    if (phrase_in(p, v + 1, "in on") && phrase_date(p, v + 2, &day)) ask(a, "When did ", " die?");
  }
}

/* "X (born 14 May 1944)", "X (3 October 1828 - 21 July 1884)" of an article on a person. */
static void dates(asking *a, span sentence) {
  const char *open = memchr(sentence.s, '(', sentence.n);
  const char *close = open ? memchr(open, ')', (size_t)(sentence.s + sentence.n - open)) : NULL;
  phrase b;
  if (!close || !phrase_of(&b, (span){open + 1, (size_t)(close - open - 1)})) return;
  bool day;
  const int from = phrase_is(&b, 0, "born"), n = phrase_date(&b, from, &day);
  if (!n) return;
  const bool ends = from + n == b.count, range = !from && from + n < b.count &&
                                                 b.word[from + n].n == 1 &&
                                                 *b.word[from + n].s == '-';
  if (!(from && (ends || phrase_stops(&b, from + n - 1) || phrase_is(&b, from + n, "in"))) &&
      !range)
    return;
  span date = phrase_text(&b, from, from + n);
  if (date.s[date.n - 1] == ',') date.n--;
  put_pair(a, "When was ", none, " born?", day ? " was born on " : " was born in ", date);
  const int death = from + n + 1, m = range ? phrase_date(&b, death, &day) : 0;
  if (m && death + m == b.count)
    put_pair(a, "When did ", none, " die?", day ? " died on " : " died in ",
             phrase_text(&b, death, death + m));
}

/* "(born", "(1784 - 1864)": what stands in the first brackets of an article on a person. */
static bool has_dates(span sentence) {
  const char *open = memchr(sentence.s, '(', sentence.n);
  const char *close = open ? memchr(open, ')', (size_t)(sentence.s + sentence.n - open)) : NULL;
  phrase b;
  bool day;
  if (!close || open - sentence.s > 80 ||
      !phrase_of(&b, (span){open + 1, (size_t)(close - open - 1)}))
    return false;
  const int n = phrase_date(&b, 0, &day);
  return phrase_is(&b, 0, "born") || (n && n + 1 < b.count && b.word[n].n == 1 &&
                                      *b.word[n].s == '-' && phrase_date(&b, n + 1, &day));
}

/* ---- A document ---- */

static void sentence(asking *a, span s, bool first) {
  const span bare = without_brackets(&a->made, s);
  if (!fit_to_say(bare) || !phrase_of(&a->p, bare) || a->p.count < REPLY_WORDS ||
      is_broken(&a->p) || !find_subject(a))
    return;
  const size_t before = a->q->count;
  a->first = first;
  if (first && a->titled) a->t->person = has_dates(s);
  apply(a);
  if (first && a->titled) a->t->lead = a->q->count > before;
  if (first && a->titled && a->t->person && a->q->count > before && name_hash(a) % DATES == 0)
    dates(a, s);
}

static void paragraph(asking *a, span s, bool lead) {
  size_t at = 0;
  for (int k = 0; at < s.n && k < (lead ? LEAD_SENTENCES : PARAGRAPH_SENTENCES); k++) {
    while (at < s.n && s.s[at] == ' ') at++;
    if (at == s.n) break;
    const size_t n = first_sentence(s.s + at, s.n - at);
    sentence(a, (span){s.s + at, n}, lead && !k);
    at += n;
  }
}

/* A line without a mark at its end and of few words; what stands in brackets is left out. */
static span title_of(span line) {
  phrase p;
  const char *open = memmem(line.s, line.n, " (", 2);
  if (open) line.n = (size_t)(open - line.s);
  if (!line.n || strchr(".!?:;,", line.s[line.n - 1]) || !phrase_of(&p, line) ||
      p.count > SUBJECT_WORDS)
    return none;
  return line;
}

void questions_ask(questions *q, const doc *d) {
  topic t = {0};
  asking a = {.q = q, .text = {d->text, d->text_size}, .t = &t};
  q->count = q->text.size = 0;
  size_t line = 0;
  for (size_t at = 0; at < d->text_size; line++) {
    const char *end = memchr(d->text + at, '\n', d->text_size - at);
    const size_t n = end ? (size_t)(end - d->text) - at : d->text_size - at;
    const span s = {d->text + at, n};
    if (!line && !d->part && end)
      t.title = title_of(s);
    else if (n) {
      paragraph(&a, s, line == 1 && t.title.n);
      t.lead = false; /* a pronoun means the article in its first paragraph only */
    }
    at += n + 1;
  }
  for (size_t i = 0; i < q->count; i++) q->turns[i].text = q->text.at + (size_t)q->turns[i].text;
  bytes_free(&a.made);
}

void questions_free(questions *q) {
  bytes_free(&q->text);
  free(q->turns);
  *q = (questions){0};
}
