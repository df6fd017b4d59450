#include "panel.h"
#include "examples.h"
#include "models.h"
#include "nearest.h"
#include "../tokenizer/shard.h"

#include <stdlib.h>
#include <string.h>

static void *keep(panel *x, void *p) {
  x->kept = host_realloc(x->kept, (x->keeps + 1) * sizeof *x->kept, "a list");
  return x->kept[x->keeps++] = p;
}

static speaker *add(panel *x, const char *name, size_t n) {
  x->list = host_realloc(x->list, (x->count + 1) * sizeof *x->list, "speakers");
  speaker *s = &x->list[x->count++];
  *s = (speaker){.name = name};
  s->texts = keep(x, host_alloc(n * sizeof *s->texts, "openers"));
  return s;
}

static char *part(panel *x, const char *text, size_t n) {
  char *s = keep(x, strndup(text, n));
  if (!s) host_die("out of memory for openers");
  return s;
}

/* ---- models ---- */

static const char *base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int add_model(panel *x, session *s, const prompts *p, speaking how, int unforced,
                     host_error *e) {
  spoken *o[2] = {NULL, NULL};
  double(*loss)[2 * CUTS] = keep(x, host_alloc(p->count * sizeof *loss, "losses"));
  for (int k = 0; k <= unforced; k++) {
    char what[256];
    o[k] = keep(x, host_alloc(p->count * sizeof *o[k], "openers"));
    how.unforced = k;
    snprintf(what, sizeof what, "%.60s, %s", base(s->path), k ? "unforced" : "openers");
    if (speak_all(s, p, &how, o[k], what, e)) return -1;
  }
  if (reference_loss(s, p, loss, e)) return -1;
  speaker *m = add(x, base(s->path), p->count);
  for (size_t i = 0; i < p->count; i++) m->texts[i] = o[0][i].o.text;
  m->unforced = o[1], m->loss = (const double(*)[2 * CUTS]) loss;
  if (!x->forced) x->forced = o[0], x->unforced = o[1];
  return 0;
}

static int add_others(panel *x, session *reader, const prompts *p, const panel_options *o,
                      host_error *e) {
  for (size_t i = 0; i < o->beside.count; i++) {
    session s;
    if (model_session(&s, o->beside.item[i], o->threads, e)) return -1;
    int bad = 0;
    if (reader && same_weights(reader, &s))
      bad =
          host_fail(e, "%s: has the reader's own weights; a reader must be another model", s.path);
    if (!bad) bad = add_model(x, &s, p, o->how, 1, e);
    session_close(&s);
    if (bad) return -1;
  }
  x->models = x->count;
  return 0;
}

static int add_untrained(panel *x, const session *like, const prompts *p, speaking how,
                         host_error *e) {
  session s;
  if (untrained_session(&s, like, how.seed, e)) return -1;
  how.temperature = 1, how.top_p = 1;
  const int bad = add_model(x, &s, p, how, 0, e);
  session_close(&s);
  return bad;
}

/* ---- baselines without a model ---- */

static const char *asked(const prompt *p) { return p->turns[p->count - 1].text; }

static int add_training(panel *x, const prompts *p, const panel_options *o, host_error *e) {
  examples known;
  if (examples_open(&known, o->train.item, o->train.count, e)) return -1;
  x->examples = known.count;
  const char *most = part(x, known.openers[known.most], strlen(known.openers[known.most]));
  const char **texts = add(x, "most frequent in training", p->count)->texts;
  for (size_t i = 0; i < p->count; i++) texts[i] = most;
  nearest *index = nearest_new((const char *const *)known.prompts, known.count);
  size_t *found = host_alloc(p->count * sizeof *found, "nearest prompts");
#pragma omp parallel for schedule(dynamic, 8) num_threads(o->threads > 0 ? o->threads : 1)
  for (size_t i = 0; i < p->count; i++) found[i] = nearest_of(index, asked(&p->items[i]), NULL);
  x->nearest = x->count;
  texts = add(x, "nearest in training (BM25)", p->count)->texts;
  for (size_t i = 0; i < p->count; i++) {
    const char *near = found[i] == SIZE_MAX ? most : known.openers[found[i]];
    texts[i] = part(x, near, strlen(near));
  }
  free(found), nearest_free(index), examples_close(&known);
  return 0;
}

static void add_texts(panel *x, const prompts *p, const uint32_t *others) {
  const char **texts = add(x, "echo of the prompt", p->count)->texts;
  for (size_t i = 0; i < p->count; i++)
    texts[i] = part(x, asked(&p->items[i]), first_words(asked(&p->items[i]), 8));
  if (others) {
    texts = add(x, "control: a stranger's opener", p->count)->texts;
    for (size_t i = 0; i < p->count; i++)
      texts[i] = x->list[0].texts[others[i * GROUND_K + GROUND_K - 1]];
  }
  texts = add(x, "references", p->count)->texts;
  for (size_t i = 0; i < p->count; i++) {
    const char *r = p->items[i].reference;
    if (r) texts[i] = part(x, r, opener_cut(r, strlen(r)));
  }
}

/* ---- all ---- */

static int read_all(panel *x, session *reader, const prompts *p, const uint32_t *others,
                    host_error *e) {
  const size_t n = p->count;
  const char **texts = host_alloc(x->count * n * sizeof *texts, "openers");
  grounded *g = keep(x, host_alloc(x->count * n * sizeof *g, "what a reader makes of them"));
  for (size_t k = 0; k < x->count; k++) {
    memcpy(texts + k * n, x->list[k].texts, n * sizeof *texts);
    x->list[k].read = g + k * n;
  }
  const int bad = ground_all(reader, p, others, texts, x->count, g, e);
  free(texts);
  return bad;
}

int panel_open(panel *x, session *s, const prompts *p, const panel_options *o, host_error *e) {
  session reader;
  uint32_t *others = NULL;
  int bad = 0;
  *x = (panel){0};
  if (o->reader) {
    if (model_session(&reader, o->reader, o->threads, e)) return -1;
    others = host_alloc(p->count * GROUND_K * sizeof *others, "distractors");
    if (same_weights(&reader, s))
      bad = host_fail(e, "%s: has the speaker's own weights; a reader must be another model",
                      o->reader);
    if (!bad) bad = others_by_lot(p, o->how.seed, others, e);
  }
  if (!bad) bad = add_model(x, s, p, o->how, 1, e);
  if (!bad) bad = add_others(x, o->reader ? &reader : NULL, p, o, e);
  if (!bad && o->train.count) bad = add_training(x, p, o, e);
  if (!bad && (o->reader || o->train.count)) bad = add_untrained(x, s, p, o->how, e);
  if (!bad) add_texts(x, p, others);
  if (!bad && o->reader) bad = read_all(x, &reader, p, others, e);
  if (o->reader) session_close(&reader);
  free(others);
  if (bad) panel_close(x);
  return bad;
}

void panel_close(panel *x) {
  for (size_t i = 0; i < x->keeps; i++) free(x->kept[i]);
  free(x->kept), free(x->list);
  *x = (panel){0};
}
