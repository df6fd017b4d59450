#include "filter.h"

#include <stdlib.h>
#include <string.h>

/* ---- Repetition ---- */

double filter_repetition(const words *w, uint64_t **scratch, size_t *room) {
  enum { RUN = 4, JUDGED = 32 };
  if (w->count < JUDGED) return 0;
  size_t size = 64;
  while (size < 2 * w->count) size *= 2;
  if (*room < size + w->count)
    *scratch =
        host_realloc(*scratch, (*room = 2 * (size + w->count)) * sizeof **scratch, "runs of words");
  uint64_t *slot = *scratch, *runs = *scratch + size;
  memset(slot, 0, size * sizeof *slot);
  const size_t count = words_shingles(w->hash, w->count, RUN, runs);
  size_t again = 0;
  for (size_t i = 0; i < count; i++) {
    const uint64_t h = runs[i] + !runs[i];
    size_t at = (size_t)h & (size - 1);
    while (slot[at] && slot[at] != h) at = (at + 1) & (size - 1);
    again += slot[at] == h;
    slot[at] = h;
  }
  return (double)again / (double)count;
}

/* ---- Language ---- */

const char language_codes[] = "de, en, es, fr, it, nl, pt";

/* The commonest function words, in lower case; many stand in several languages. */
static const struct {
  const char *code, *words;
} lists[] = {
    {"de", "der die das und in zu den ist nicht von mit sich des auf für im dem ein eine einen als "
           "auch es an werden "
           "aus er hat dass sie nach wird bei einer um am sind noch wie einem über so zum war "
           "haben nur oder aber vor "
           "zur bis mehr durch man sein wurde sei ich wir ihr ihre kann wenn was uns unter keine "
           "gegen vom können"},
    {"en", "the of and to in a is that for it as was with be by on not he his but at are this have "
           "from which or had "
           "they you an were their been has will would there what all if can her she we when who "
           "more no do my your me "
           "him into its about than how could our some them only then other these two may any so "
           "up out just like i"},
    {"es", "de la que el en y a los se del las un por con no una su para es al lo como más o pero "
           "sus le ha me si sin "
           "sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta "
           "desde está mi porque "
           "qué sólo yo hay vez puede todos así nos ni parte tiene él uno donde bien tiempo mismo "
           "ese ahora otro"},
    {"fr", "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce "
           "il sont la avec son "
           "ou mais comme on lui nous sa cette été aux ont elle leur être fait ses ces tout était "
           "vous même je y si "
           "sans bien peut dont après entre deux avait aussi moins où encore c'est qu'il d'un "
           "d'une l'on très"},
    {"it", "di e che la il un a per è in una non sono con si da come le dei nel del al alla più ma "
           "lo i gli della delle "
           "anche se ha o su mi ci questo questa io tutto ne dal era nella essere fatto cosa suo "
           "sua hanno ho stato "
           "così due poi quando dove chi perché molto anni quello solo tra degli sul dopo senza"},
    {"nl", "de het een en van in is dat op te voor met zijn niet aan er om die ook als dan maar "
           "bij nog uit naar heeft "
           "hij ze wordt worden was over door je ik we zij tot wat hebben deze of kan geen meer "
           "veel dit zo wel kunnen "
           "moet haar hun onder tegen tussen werd had al waar nu toen onze iets mensen omdat"},
    {"pt",
     "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele "
     "das tem à seu "
     "sua ou ser quando muito há nos já está eu também só pelo pela até isso ela entre era depois "
     "sem mesmo aos "
     "ter seus quem nas me esse eles estão você tinha foram essa num nem suas meu às minha têm"}};

enum { LANGUAGES = sizeof lists / sizeof *lists, SLOTS = 2048 };

struct language {
  unsigned own; /* its bit */
  uint64_t hash[SLOTS];
  unsigned of[SLOTS]; /* languages that have the word */
};

static size_t slot_of(const language *l, uint64_t h) {
  size_t i = (size_t)h & (SLOTS - 1);
  while (l->hash[i] && l->hash[i] != h) i = (i + 1) & (SLOTS - 1);
  return i;
}

language *language_open(const char *code) {
  unsigned own = 0;
  for (unsigned k = 0; k < LANGUAGES; k++)
    if (!strcmp(lists[k].code, code)) own = 1u << k;
  if (!own) return NULL;
  language *l = host_alloc(sizeof *l, "word lists");
  words w = {0};
  l->own = own;
  for (unsigned k = 0; k < LANGUAGES; k++) {
    words_clear(&w);
    words_add(&w, lists[k].words, strlen(lists[k].words));
    for (size_t i = 0; i < w.count; i++) {
      const size_t at = slot_of(l, w.hash[i]);
      l->hash[at] = w.hash[i];
      l->of[at] |= 1u << k;
    }
  }
  words_free(&w);
  return l;
}

double language_share(const language *l, const words *w) {
  enum { TELLING = 4 };
  size_t own = 0, other = w->foreign;
  for (size_t i = 0; i < w->count; i++) {
    const size_t at = slot_of(l, w->hash[i]);
    if (l->hash[at]) own += (l->of[at] & l->own) != 0, other += !(l->of[at] & l->own);
  }
  return own + other < TELLING ? 1 : (double)own / (double)(own + other);
}

void language_close(language *l) { free(l); }
