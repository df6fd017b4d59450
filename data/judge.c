#include "judge.h"
#include "personal.h"

#include <stdlib.h>
#include <string.h>

static void find_words(judge *j, const doc *d) {
  const size_t turns = d->text ? 1 : d->count;
  if (j->begin_room < turns + 1)
    j->begin =
        host_realloc(j->begin, (j->begin_room = 2 * (turns + 1)) * sizeof *j->begin, "turns");
  words_clear(&j->words);
  for (size_t i = 0; i < turns; i++) {
    j->begin[i] = j->words.count;
    if (d->text)
      words_add(&j->words, d->text, d->text_size);
    else
      words_add(&j->words, d->turns[i].text, d->turns[i].size);
  }
  j->begin[turns] = j->words.count, j->turns = turns;
}

static const char *contaminated(const judge *j, const doc *d) {
  bool asked = false;
  for (size_t i = 0; i < j->turns; i++) {
    const uint64_t *w = j->words.hash + j->begin[i];
    const size_t n = j->begin[i + 1] - j->begin[i];
    const bool first = !d->text && !asked && !strcmp(d->turns[i].role, "user");
    asked |= first;
    if (first && exclude_prompt(j->exclude, w, n)) return "contaminated: an evaluation prompt";
    if (exclude_run(j->exclude, w, n)) return "contaminated: a run of words";
  }
  return NULL;
}

static const char *personal(const judge *j, const doc *d) {
  const char *why = NULL;
  if (d->text) return personal_find(d->text, d->text_size);
  for (size_t i = 0; i < j->turns && !why; i++)
    why = personal_find(d->turns[i].text, d->turns[i].size);
  return why;
}

const char *judge_doc(judge *j, const doc *d) {
  const pipeline_options *o = j->o;
  find_words(j, d);
  const size_t n = j->words.count;
  if (o->min_words && n < (size_t)o->min_words) return "too short";
  if (o->max_words && n > (size_t)o->max_words) return "too long";
  if (j->language && language_share(j->language, &j->words) < o->language_share) return "language";
  if (o->max_repeat > 0 && filter_repetition(&j->words, &j->runs, &j->runs_room) > o->max_repeat)
    return "repetitive";
  const char *why = o->personal ? personal(j, d) : NULL;
  if (why) return why;
  return j->exclude ? contaminated(j, d) : NULL;
}

/* The shingles of the turns that the user says, or of all others, at j->runs. */
static size_t shingles(judge *j, const doc *d, bool user) {
  size_t count = 0;
  if (j->runs_room < j->words.count + 1)
    j->runs = host_realloc(j->runs, (j->runs_room = 2 * (j->words.count + 1)) * sizeof *j->runs,
                           "runs of words");
  for (size_t i = 0; i < j->turns; i++)
    if (d->text || !strcmp(d->turns[i].role, "user") == user)
      count += words_shingles(j->words.hash + j->begin[i], j->begin[i + 1] - j->begin[i],
                              NEAR_SHINGLE, j->runs + count);
  if (count) return count;
  /* No word at all: the bytes stand for one. */
  uint64_t h = user;
  for (size_t i = 0; i < j->turns; i++) {
    const char *s = d->text ? d->text : d->turns[i].text;
    for (size_t k = 0, size = d->text ? d->text_size : d->turns[i].size; k < size; k++)
      h = hash_mix(h ^ (uint8_t)s[k]);
  }
  j->runs[0] = h;
  return 1;
}

void judge_sketch(judge *j, const doc *d, near_sketch *s) {
  for (int half = 0; half < 2; half++) {
    const size_t count = shingles(j, d, !half);
    near_half(s, half, j->runs, count);
  }
}

void judge_free(judge *j) {
  words_free(&j->words);
  free(j->begin), free(j->runs);
  *j = (judge){0};
}
