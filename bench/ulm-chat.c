/* ulm-chat: a conversation in a terminal. The device opens at once; the continuator goes on. */
#include "continuator.h"
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "ulm-chat M.ulm [--continuator synthetic] [--prompts F.jsonl[.gz]]\n\n"
    "Type a line; the model opens its reply at once, and the continuator goes on from its words. "
    "The synthetic one knows\n"
    "the replies of F alone: it takes the one to the prompt nearest to yours, and where none is "
    "near the reply is closed\n"
    "honestly on the device. End with Ctrl-D.\n\n"
    "  ulm-chat build/demo/nano-int8.ulm --prompts build/demo/corpus/test.jsonl.gz";

typedef struct {
  char text[CONTINUATION_MAX + 1024];
  size_t n;
} reply;

static void hear(reply *r, const char *p, size_t n) {
  if (n > sizeof r->text - 1 - r->n) n = sizeof r->text - 1 - r->n;
  memcpy(r->text + r->n, p, n);
  r->n += n;
  r->text[r->n] = 0;
  fwrite(p, 1, n, stdout);
  fflush(stdout);
}
static void emit(void *user, const char *p, size_t n) { hear(user, p, n); }

typedef struct {
  reply *r;
  double began, first;
} speaker;
static int on_word(void *user, const char *w, size_t n) {
  speaker *s = user;
  if (s->first == 0) s->first = host_now();
  hear(s->r, w, n);
  return 0;
}

/* Share of distinct words that two texts have in common (Jaccard). */
static double overlap(const char *a, const char *b) {
  char w[64], v[64];
  size_t both = 0, na = 0, nb = 0;
  for (; na < 64 && word_at(a, na, w, sizeof w); na++)
    for (size_t k = 0; k < 64 && word_at(b, k, v, sizeof v); k++)
      if (!strcmp(w, v)) {
        both++;
        break;
      }
  while (nb < 64 && word_at(b, nb, v, sizeof v)) nb++;
  return na + nb ? (double)both / (double)(na + nb - both) : 0;
}

static const prompt *nearest(const prompts *p, const char *line) {
  const prompt *best = NULL;
  double most = 0.5; /* less is another question */
  for (size_t i = 0; i < p->count; i++) {
    const prompt *q = &p->items[i];
    const double x = q->reference ? overlap(line, q->turns[q->count - 1].text) : 0;
    if (x > most) most = x, best = q;
  }
  return best;
}

static const char *const closes[] = {"I will have to look that up and come back to you.",
                                     "That is all I can say on my own, ask me again in a moment.",
                                     "I can't reach the rest of the answer right now."};

int main(int argc, char **argv) {
  const char *file = NULL, *who = "synthetic";
  uint64_t seed = 1;
  double temperature = 0.5;
  bool fast = false;
  const host_opt table[] = {
      {"continuator", "C", "synthetic", OPT_STRING, &who},
      {"prompts", "F", "what the synthetic continuator knows", OPT_STRING, &file},
      {"temperature", "T", "of the opener (0.5)", OPT_DOUBLE, &temperature},
      {"seed", "S", "of sampling and delays (1)", OPT_UINT64, &seed},
      {"fast", NULL, "do not wait as long as a cloud would", OPT_FLAG, &fast},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  if (argc - at != 1) host_usage("one blob is needed");
  if (temperature < 0 || temperature > 100) host_usage("--temperature must be 0..100");
  if (strcmp(who, "synthetic"))
    host_die("--continuator %s: this build has the synthetic continuator alone", who);
  host_error e;
  session s;
  prompts known = {0};
  if (session_open(&s, argv[at], 1, &e) || (file && prompts_open(&known, file, 0, 1, &e)))
    host_die("%s", e.text);
  const bool person = isatty(0) && isatty(1);
  if (!isatty(0)) fast = true;

  ulm_message *turns = NULL;
  size_t count = 0, cap = 0;
  char *line = NULL;
  size_t size = 0;
  continuation *c = host_alloc(sizeof *c, "a continuation");
  reply *r = host_alloc(sizeof *r, "a reply");
  for (uint64_t round = 0;; round++) {
    if (person) fputs("\033[2myou>\033[0m ", stdout), fflush(stdout);
    const ssize_t n = getline(&line, &size, stdin);
    if (n < 0) break;
    size_t k = (size_t)n;
    while (k && (line[k - 1] == '\n' || line[k - 1] == '\r' || line[k - 1] == ' ')) k--;
    line[k] = 0;
    if (!k) continue;
    if (count + 2 > cap)
      turns = host_realloc(turns, (cap = 2 * cap + 8) * sizeof *turns, "a conversation");
    turns[count++] = (ulm_message){"user", strdup(line), k};

    *r = (reply){.n = 0};
    speaker sp = {r, host_now(), 0};
    ulm_opener o;
    ulm_error err = {0};
    int truncated;
    const ulm_opener_options how = {.temperature = (float)temperature,
                                    .top_p = 0.9f,
                                    .seed = seed + round,
                                    .on_word = on_word,
                                    .user = &sp};
    if (ulm_chat(s.handles[0], turns, count, &truncated, &err) ||
        ulm_speak(s.handles[0], &how, &o, &err))
      host_die("%s: %s", argv[at], err.message);
    const double end = host_now();

    const prompt *q = nearest(&known, line);
    ulm_splice splice;
    ulm_splice_begin(&splice, o.text, o.size);
    double cloud = 0;
    if (q) {
      const handoff h = {o.text, q->reference, q->slot, (ulm_recovery)(round % ULM_RECOVERIES),
                         seed * 31 + round};
      if (synthetic_continue(&h, c, &e)) host_die("%s", e.text);
      cloud = c->pieces[0].ms;
      for (uint32_t i = 0; i < c->count; i++) {
        if (!fast) usleep((useconds_t)(1e3 * (c->pieces[i].ms - (i ? c->pieces[i - 1].ms : 0))));
        ulm_splice_feed(&splice, c->text + c->pieces[i].from, c->pieces[i].size, emit, r);
      }
    } else { /* an honest close, at once */
      const char *last = strrchr(o.text, ' ');
      last = last ? last + 1 : o.text;
      const int stop = ulm_word_end(last, strlen(last));
      if (stop == 0) hear(r, ",", 1);
      if (stop < 2) hear(r, " well,", 6);
      hear(r, " ", 1);
      const char *close = closes[round % 3];
      hear(r, close, strlen(close));
    }
    if (q) ulm_splice_end(&splice, emit, r);
    fputs("\n", stdout);
    fflush(stdout);
    fprintf(stderr, "first word %.1f ms, opener %.1f ms%s",
            1e3 * ((sp.first > 0 ? sp.first : end) - sp.began), 1e3 * (end - sp.began),
            q ? "" : ", closed on the device");
    if (q) fprintf(stderr, ", cloud after %.0f ms (%s)", cloud, outcome_name(c->outcome));
    fprintf(stderr, "%s\n", truncated ? ", the oldest turns no longer fit" : "");
    turns[count++] = (ulm_message){"assistant", strdup(r->text), r->n};
  }
  for (size_t i = 0; i < count; i++) free((void *)turns[i].text);
  free(turns), free(line), free(c), free(r);
  prompts_close(&known), session_close(&s);
  return fflush(stdout) ? 1 : 0;
}
