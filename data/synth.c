#include "synth.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "runtime/ulm_words.h"
#include "synth_text.h"

const char *const synth_split_names[SYNTH_SPLITS] = {"train", "val", "test"};
const char *const synth_held_names[3] = {"none", "value", "template"};

/* ---- Sets of hashes: open addressing, grows ---- */

typedef struct {
  uint64_t *slot; /* 0: free */
  size_t size, used;
} set;

static bool set_has(const set *s, uint64_t h) {
  if (!s->size) return false;
  for (size_t i = (size_t)(h += !h) & (s->size - 1); s->slot[i]; i = (i + 1) & (s->size - 1))
    if (s->slot[i] == h) return true;
  return false;
}

static void set_add(set *s, uint64_t h) {
  h += !h;
  if (s->used * 2 >= s->size) {
    set big = {.size = s->size ? s->size * 2 : 1024, .used = 0};
    big.slot = host_alloc(big.size * sizeof *big.slot, "distinct pairs");
    for (size_t i = 0; i < s->size; i++)
      if (s->slot[i]) set_add(&big, s->slot[i]);
    free(s->slot);
    *s = big;
  }
  size_t i = (size_t)h & (s->size - 1);
  while (s->slot[i] && s->slot[i] != h) i = (i + 1) & (s->size - 1);
  if (!s->slot[i]) s->slot[i] = h, s->used++;
}

/* ---- How people say it ---- */

static void capital(char *s) { *s = (char)toupper((uint8_t)*s); }

/* Lets a sentence follow a filler: "What's ..." -> "what's ...", but "I" stays. */
static void small(char *s) {
  if (*s != 'I' || islower((uint8_t)s[1])) *s = (char)tolower((uint8_t)*s);
}

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof *(table)))

/* A command ("set a timer ...") becomes a request, a sentence may get a filler (the last one only
 * before a question). */
static int phrase(ulm_rng *r, char text[SYNTH_TEXT], host_error *e) {
  static const char *const ask[] = {
      "can you %s?",        "could you %s?",     "would you %s?",
      "can you please %s?", "hey, can you %s?",  "could you please %s?",
      "please %s.",         "%s, please.",       "okay, %s.",
      "hey, %s.",           "um, %s.",           "I'd like you to %s.",
      "go ahead and %s.",   "I need you to %s.", "hey, could you %s?"};
  static const char *const filler[] = {"hey, %s", "um, %s",   "okay, %s",
                                       "so, %s",  "well, %s", "quick one, %s"};
  char old[SYNTH_TEXT];
  strcpy(old, text);
  const bool command = islower((uint8_t)*old);
  const uint32_t dice = ulm_rng_below(r, 100);
  const char *form = command ? "%s." : "%s";
  if (command && dice < 50) form = ask[ulm_rng_below(r, COUNT(ask))];
  if (!command && dice < 18) {
    form = filler[ulm_rng_below(r, COUNT(filler) - !strchr(old, '?'))];
    small(old);
  }
  const char *at = strstr(form, "%s");
  if (snprintf(text, SYNTH_TEXT, "%.*s%s%s", (int)(at - form), form, old, at + 2) >= SYNTH_TEXT)
    return host_fail(e, "the prompt '%s' is longer than %d bytes", old, SYNTH_TEXT - 1);
  capital(text);
  return 0;
}

/* As a recognizer writes it: no capital in front, no stops; one in five without any capital. */
static void as_heard(ulm_rng *r, char *text) {
  if (ulm_rng_below(r, 4)) return;
  const bool all = ulm_rng_below(r, 5) == 0;
  small(text);
  char *to = text;
  for (char *p = text; *p; p++) {
    const bool stop = strchr(".,?!", *p) && (!p[1] || p[1] == ' ');
    if (!stop) *to++ = all ? (char)tolower((uint8_t)*p) : *p;
  }
  *to = 0;
}

/* Capitals where sentences begin. */
static void sentences(char *s) {
  for (char *p = s; *p; p++)
    if (p == s || (p >= s + 2 && p[-1] == ' ' && strchr(".!?", p[-2]))) capital(p);
}

/* ---- Words ---- */

static bool in_word(char c) { return isalnum((uint8_t)c) || (uint8_t)c >= 0x80; }

bool synth_names(const char *text, size_t n, const char *value) {
  const size_t m = strlen(value);
  for (size_t i = 0; m && i + m <= n; i++)
    if (!strncasecmp(text + i, value, m) && (i == 0 || !in_word(text[i - 1])) &&
        (i + m == n || !in_word(text[i + m])))
      return true;
  return false;
}

/* Does the text say a value of the set, as a run of at most `longest` words? */
static bool says_held(const set *held, size_t longest, const char *text) {
  size_t start[SYNTH_TEXT / 2], end[SYNTH_TEXT / 2], n = 0;
  for (size_t i = 0; text[i];) {
    while (text[i] && !in_word(text[i])) i++;
    if (!text[i]) break;
    start[n] = i;
    while (in_word(text[i]) || (text[i] && !isspace((uint8_t)text[i]) && in_word(text[i + 1]))) i++;
    end[n++] = i;
  }
  for (size_t i = 0; i < n; i++) {
    uint64_t h = 0;
    for (size_t k = i; k < n && k < i + longest; k++) {
      size_t size = end[k] - start[k];
      h = h * 0x9e3779b97f4a7c15u + synth_hash(text + start[k], size);
      if (set_has(held, h)) return true;
      if (size > 2 && text[end[k] - 2] == '\'' && /* "Torvin's" says Torvin */
          set_has(held,
                  (h - synth_hash(text + start[k], size)) + synth_hash(text + start[k], size - 2)))
        return true;
    }
  }
  return false;
}

static void hold(set *held, size_t *longest, const char *value) {
  uint64_t h = 0;
  size_t n = 0;
  for (const char *p = value; *p; n++) {
    const char *from = p;
    while (*p && *p != ' ') p++;
    h = h * 0x9e3779b97f4a7c15u + synth_hash(from, (size_t)(p - from));
    while (*p == ' ') p++;
  }
  set_add(held, h);
  if (n > *longest) *longest = n;
}

/* ---- One pair ---- */

typedef struct {
  synth_bank bank;
  ulm_rng rng;
  set pairs, prompts; /* all pairs; the prompts of test and validation */
  set held;           /* the held-out values that test and validation ask about */
  size_t longest;
  host_error *error;
} maker;

static uint64_t hash_prompt(const char *s) { /* punctuation and case aside */
  char plain[SYNTH_TEXT];
  size_t n = 0;
  for (; *s; s++)
    if (in_word(*s) || *s == ' ') plain[n++] = *s;
  return synth_hash(plain, n);
}

/* Which prompt: one held out for this split, or one that is not held out; -1: there is none. */
static int choose_prompt(maker *m, const synth_topic *t, const synth_pair *p) {
  if (p->held == SYNTH_HELD_TEMPLATE) return p->split == SYNTH_TEST ? t->test : t->val;
  int k;
  do k = (int)ulm_rng_below(&m->rng, (uint32_t)t->prompts.count);
  while (k == t->test || k == t->val);
  return k;
}

/* Are the values drawn so far what this split and hold-out want? */
static bool fits(const synth_scope *s, const synth_pair *p) {
  const uint8_t want = p->held != SYNTH_HELD_VALUE ? 0
                       : p->split == SYNTH_TEST    ? HOLD_TEST
                                                   : HOLD_VAL;
  for (int i = 0; i < s->count; i++)
    if (s->slot[i].hold != (p->slot_type && !strcmp(s->slot[i].key, p->slot_type) ? want : 0))
      return false;
  return true;
}

/* The reply: a first sentence whose opener names the slot, and what follows. 0 where none does. */
static int reply(synth_scope *s, const synth_topic *t, synth_pair *p, char *out) {
  const uint32_t n = (uint32_t)t->replies.count, from = ulm_rng_below(s->rng, n);
  for (uint32_t i = 0; i < n; i++) {
    if (synth_fill(s, t->replies.item[(from + i) % n], out, SYNTH_TEXT)) return -1;
    uint32_t words;
    const size_t cut = ulm_opener_cut(out, strlen(out), 4, 8, NULL, &words);
    if (words < 4 || (p->slot_type && !synth_names(out, cut, p->slot))) continue;
    if (t->more.count) {
      char more[SYNTH_TEXT];
      if (synth_fill(s, t->more.item[ulm_rng_below(s->rng, (uint32_t)t->more.count)], more,
                     sizeof more))
        return -1;
      const size_t used = strlen(out);
      if ((size_t)snprintf(out + used, SYNTH_TEXT - used, " %s", more) >= SYNTH_TEXT - used)
        return host_fail(s->error, "%s: a reply is longer than %d bytes", t->def->name,
                         SYNTH_TEXT - 1);
    }
    sentences(out);
    return 1;
  }
  return 0;
}

/* One attempt at a pair for p->split and p->held: 1 made, 0 not this time, -1 with an error. */
static int attempt(maker *m, synth_pair *p) {
  const synth_topic *t = m->bank.topics + ulm_rng_below(&m->rng, (uint32_t)m->bank.topic_count);
  if (!t->def->slot && p->split == SYNTH_VAL && p->held == SYNTH_NONE)
    return 0; /* it has no combinations to vary */
  p->intent = t->def->name, p->slot_type = t->def->slot;
  p->turns = t->before.count ? 4 : 2;
  const int k = choose_prompt(m, t, p);
  if (k < 0 || (p->held == SYNTH_HELD_VALUE && !p->slot_type)) return 0;
  p->prompt = k;

  char *prompt = p->text[p->turns - 2];
  synth_scope s;
  for (int tries = 0;; tries++) { /* a tenth of the values is held out: a held one comes soon */
    s = (synth_scope){.bank = &m->bank, .rng = &m->rng, .count = 0, .error = m->error};
    if (synth_fill(&s, t->prompts.item[k], prompt, SYNTH_TEXT)) return -1;
    if (t->before.count) {
      const uint32_t at = ulm_rng_below(&m->rng, (uint32_t)t->before.count / 2) * 2;
      if (synth_fill(&s, t->before.item[at], p->text[0], SYNTH_TEXT) ||
          synth_fill(&s, t->before.item[at + 1], p->text[1], SYNTH_TEXT))
        return -1;
    }
    if (fits(&s, p)) break;
    if (tries == 200) return 0;
  }
  *p->slot = 0;
  if (p->slot_type) {
    const synth_slot *slot = synth_find(&s, p->slot_type);
    if (!slot)
      return host_fail(m->error, "%s: the prompt '%s' lacks {%s}", p->intent, t->prompts.item[k],
                       p->slot_type);
    strcpy(p->slot, slot->text);
  }
  const int bound = s.count, made = reply(&s, t, p, p->text[p->turns - 1]);
  if (made <= 0) return made;
  if (s.count > bound)
    return host_fail(m->error, "%s: a reply says {%s}, which the prompt '%s' lacks", p->intent,
                     s.slot[bound].key, t->prompts.item[k]);
  for (int i = 0; i < p->turns; i += 2) {
    if (phrase(&m->rng, p->text[i], m->error)) return -1;
    as_heard(&m->rng, p->text[i]);
  }
  if (p->turns == 4) sentences(p->text[1]);
  return 1;
}

/* Attempts until the pair is new and leaks nothing. */
static int next_pair(maker *m, synth_split split, synth_held held, synth_pair *p) {
  for (int tries = 0; tries < 20000; tries++) {
    p->split = split, p->held = held;
    const int made = attempt(m, p);
    if (made < 0) return -1;
    if (!made) continue;
    uint64_t h = 0;
    for (int i = 0; i < p->turns; i++)
      h = h * 0x9e3779b97f4a7c15u + synth_hash(p->text[i], strlen(p->text[i]));
    const uint64_t prompt = hash_prompt(p->text[p->turns - 2]);
    if (set_has(&m->pairs, h) || set_has(&m->prompts, prompt)) continue;
    bool leak = false;
    if (held != SYNTH_HELD_VALUE)
      for (int i = 0; i < p->turns; i++) leak |= says_held(&m->held, m->longest, p->text[i]);
    if (leak) continue;
    set_add(&m->pairs, h);
    if (split != SYNTH_TRAIN) set_add(&m->prompts, prompt);
    if (held == SYNTH_HELD_VALUE) hold(&m->held, &m->longest, p->slot);
    return 0;
  }
  return host_fail(
      m->error, "the templates and lists make no more distinct pairs; ask for fewer with --pairs");
}

int synth_make(uint64_t pairs, uint64_t seed, int (*emit)(void *user, const synth_pair *pair),
               void *user, host_error *e) {
  maker m = {.rng = ulm_rng_seed(seed, 0x73796e7468), .error = e};
  if (synth_bank_load(&m.bank, e)) return -1;
  const uint64_t test = pairs / 50 < 2000 ? pairs / 50 : 2000, val = pairs / 100;
  const struct {
    synth_split split;
    synth_held held;
    uint64_t count;
  } part[] = {/* held-out values first, so that nothing after them says one */
              {SYNTH_TEST, SYNTH_HELD_VALUE, test * 3 / 5},
              {SYNTH_VAL, SYNTH_HELD_VALUE, val / 5},
              {SYNTH_TEST, SYNTH_HELD_TEMPLATE, test - test * 3 / 5},
              {SYNTH_VAL, SYNTH_HELD_TEMPLATE, val / 5},
              {SYNTH_VAL, SYNTH_NONE, val - 2 * (val / 5)},
              {SYNTH_TRAIN, SYNTH_NONE, pairs - test - val}};
  synth_pair *p = host_alloc(sizeof *p, "a pair");
  int bad = 0;
  for (size_t i = 0; i < sizeof part / sizeof *part && !bad; i++)
    for (uint64_t k = 0; k < part[i].count && !bad; k++) {
      bad = next_pair(&m, part[i].split, part[i].held, p);
      if (!bad && emit(user, p)) bad = host_fail(e, "stopped while pairs were written");
    }
  free(p), free(m.pairs.slot), free(m.prompts.slot), free(m.held.slot);
  synth_bank_free(&m.bank);
  return bad;
}

int synth_sizes(synth_size *size, host_error *e) {
  synth_bank b;
  if (synth_bank_load(&b, e)) return -1;
  *size = (synth_size){.intents = b.topic_count, .types = b.type_count};
  for (size_t i = 0; i < b.topic_count; i++) {
    size->no_slot += !b.topics[i].def->slot;
    size->prompts += b.topics[i].prompts.count;
    size->replies += b.topics[i].replies.count;
  }
  for (size_t i = 0; i < b.type_count; i++) size->values += b.types[i].values.count;
  synth_bank_free(&b);
  return 0;
}
