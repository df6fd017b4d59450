/* ulm-chat: a conversation in a terminal. The device opens at once; the continuator goes on. */
#include "continuator.h"
#include "session.h"
#include "talk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "ulm-chat M.ulm [--continuator URL|synthetic] [--prompts F.jsonl[.gz]]\n\n"
    "Type a line; the model opens its reply at once, and the continuator goes on from its words. "
    "Ctrl-C cuts a reply short;\n"
    "Ctrl-C or Ctrl-D at the prompt ends. The continuator is an OpenAI-compatible or Anthropic "
    "endpoint, its key in the\n"
    "environment (ULM_API_KEY, or the provider's own variable); or synthetic, which knows the "
    "replies of F alone: it takes\n"
    "the one to the prompt nearest to yours. Where none answers, the device closes the reply "
    "honestly.\n\n"
    "  ulm-chat m.ulm --continuator http://127.0.0.1:8080/v1\n"
    "  ulm-chat build/demo/nano-int8.ulm --prompts build/demo/corpus/test.jsonl.gz";

static volatile sig_atomic_t interrupted;
static void on_interrupt(int signal) {
  (void)signal;
  interrupted = 1;
}

typedef struct {
  char text[CONTINUATION_MAX + REPLY_TEXT_MAX];
  size_t n;
} spoken_text;

static void say(void *user, const char *p, size_t n) {
  spoken_text *r = user;
  if (n > sizeof r->text - 1 - r->n) n = sizeof r->text - 1 - r->n;
  memcpy(r->text + r->n, p, n);
  r->n += n;
  r->text[r->n] = 0;
  fwrite(p, 1, n, stdout);
  fflush(stdout);
}

/* ---- the synthetic continuator ---- */

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

/* Plays a continuation at its own times; fast: without waiting for them. */
static void play(talk *t, ulm_handoff *h, const continuation *c, int fast) {
  for (uint32_t i = 0; i < c->count && h->state < ULM_HANDOFF_DONE; i++) {
    const uint64_t at = h->asked_ms + (uint64_t)c->pieces[i].ms;
    while (!fast && !interrupted && talk_now(t) < at) usleep(5000);
    if (!fast && interrupted)
      ulm_handoff_cancel(h, talk_now(t));
    else
      ulm_handoff_cloud(h, c->text + c->pieces[i].from, c->pieces[i].size, at);
    if (t->text_ms <= 0) t->text_ms = (double)at;
  }
  ulm_handoff_end(h, ULM_CLOUD_WHOLE, h->now);
}

/* ---- the device ---- */

typedef struct {
  ulm_handoff *h;
  talk *t;
  spoken_text *r;
  int hold; /* the gate decides once the opener is whole */
  double first;
} mouth;

static int utter(mouth *m, const char *w, size_t n) {
  if (interrupted) return 1;
  if (ulm_handoff_word(m->h, w, n, talk_now(m->t))) return 1;
  if (m->first == 0) m->first = host_now();
  say(m->r, w, n);
  return 0;
}

static int on_word(void *user, const char *w, size_t n) {
  mouth *m = user;
  if (m->t->cloud) endpoint_poll(m->t->cloud, 0); /* the connection is opened meanwhile */
  return m->hold ? interrupted : utter(m, w, n);
}

/* What the gate lets through of an opener that was held: itself, something neutral, or nothing. */
static ulm_choice speak_held(mouth *m, const ulm *model, const ulm_opener *o, const char *request) {
  const ulm_gate g = ulm_get_gate(model);
  char topic[ULM_TOPIC_BYTES], neutral[ULM_OPENER_BYTES];
  ulm_choice c = ulm_gate_choose(&g, o->confidence);
  const char *text = o->text;
  if (c == ULM_SAY_NEUTRAL) {
    ulm_topic(request, strlen(request), topic);
    if (ulm_neutral(topic, neutral)) text = neutral;
    if (text != neutral) c = ULM_SAY_NOTHING;
  }
  for (const char *end; c != ULM_SAY_NOTHING && *text; text = end) {
    end = strchr(text + 1, ' ');
    if (!end) end = text + strlen(text);
    if (utter(m, text, (size_t)(end - text))) break;
  }
  return c;
}

/* A line of JSON: what was handed over. */
static void keep_record(host_out *o, const ulm_handoff *h, const ulm_record *r) {
  const size_t n = ulm_record_json(h, r, NULL, 0);
  char *line = host_alloc(n + 1, "a record");
  ulm_record_json(h, r, line, n + 1);
  host_out_printf(o, "%s\n", line);
  free(line);
}

static void report(const talk *t, const ulm_handoff *h, const mouth *m, double opener_ms,
                   ulm_choice choice, int truncated) {
  char line[512];
  int n = snprintf(line, sizeof line, "%s: ", choice == ULM_SAY_OPENER ? "opener" : "gate");
  if (choice != ULM_SAY_OPENER)
    n += snprintf(line + n, sizeof line - n, "%s, ", ulm_choice_name(choice));
  if (m->first > 0)
    n += snprintf(line + n, sizeof line - n, "first word %.1f ms, ", 1e3 * (m->first - t->began));
  n += snprintf(line + n, sizeof line - n, "whole %.1f ms; cloud: ", opener_ms);
  if (t->text_ms > 0) n += snprintf(line + n, sizeof line - n, "first text %.0f ms, ", t->text_ms);
  if (h->first_ms)
    n += snprintf(line + n, sizeof line - n, "first word %llu ms, ",
                  (unsigned long long)h->first_ms);
  n += snprintf(line + n, sizeof line - n, "%s after %llu ms", ulm_handoff_state_name(h->state),
                (unsigned long long)h->now);
  if (t->cloud && h->state != ULM_HANDOFF_CANCELLED) {
    const endpoint_state x = endpoint_get(t->cloud);
    n += snprintf(line + n, sizeof line - n, " (%s, %s%s)%s%s", x.profile,
                  x.instructed ? "instructions" : "prefill", x.reused ? ", warm connection" : "",
                  *x.error ? "; " : "", x.error);
  }
  host_log("%s%s", line, truncated ? "; the oldest turns no longer fit" : "");
}

int main(int argc, char **argv) {
  const char *file = NULL, *who = "synthetic", *recovery = "any", *system = NULL, *records = NULL;
  uint64_t seed = 1;
  double temperature = 0.5;
  int patience = 4000, tokens = 256;
  bool fast = false;
  endpoint_options at_cloud = {0};
  const host_opt table[] = {
      {"continuator", "C", "URL of an endpoint, or synthetic", OPT_STRING, &who},
      ENDPOINT_OPTIONS(at_cloud),
      {"system", "TEXT", "instructions of the conversation, for device and cloud", OPT_STRING,
       &system},
      {"recovery", "R", "when the opener was off: explicit, redirect, humor, or any (any)",
       OPT_STRING, &recovery},
      {"patience", "MS", "wait for the cloud's first word so long at least (4000)", OPT_INT,
       &patience},
      {"tokens", "N", "most tokens of a continuation (256)", OPT_INT, &tokens},
      {"records", "F.jsonl", "write what is handed over, a line of JSON each", OPT_STRING,
       &records},
      {"prompts", "F", "what the synthetic continuator knows", OPT_STRING, &file},
      {"temperature", "T", "of the opener (0.5)", OPT_DOUBLE, &temperature},
      {"seed", "S", "of sampling and delays (1)", OPT_UINT64, &seed},
      {"fast", NULL, "the synthetic continuator takes no time", OPT_FLAG, &fast},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  if (argc - at != 1) host_usage("one blob is needed");
  if (temperature < 0 || temperature > 100) host_usage("--temperature must be 0..100");
  if (patience < 1 || patience > 600000) host_usage("--patience must be 1..600000");
  if (tokens < 1 || tokens > 65536) host_usage("--tokens must be 1..65536");
  const int allowed = recoveries_named(recovery);
  if (allowed < 0) host_usage("no recovery '%s' (explicit, redirect, humor, any)", recovery);
  const bool synthetic = !strcmp(who, "synthetic");
  if (!synthetic && !strstr(who, "://"))
    host_usage("--continuator %s: neither synthetic nor a URL (http://, https://)", who);
  host_error e;
  session s;
  prompts known = {0};
  talk t = {.stop = &interrupted};
  if (session_open(&s, argv[at], 1, &e) || (file && prompts_open(&known, file, 0, 1, &e)))
    host_die("%s", e.text);
  at_cloud.url = who;
  if (!synthetic && (!(t.cloud = endpoint_open(&at_cloud, &e)) || endpoint_probe(t.cloud, &e)))
    host_die("%s", e.text);
  host_out kept;
  if (records && host_out_open(&kept, records, &e)) host_die("%s", e.text);
  const bool person = isatty(0) && isatty(1);
  if (!isatty(0)) fast = true;
  sigaction(SIGINT, &(struct sigaction){.sa_handler = on_interrupt}, NULL); /* wakes getline */
  if (t.cloud && person) {
    const endpoint_state x = endpoint_get(t.cloud);
    host_log("%s: %s, %s", who, x.model, x.instructed ? "by instructions" : "with prefill");
  }

  ulm_message *turns = NULL;
  size_t count = 0, cap = 0;
  char *line = NULL;
  size_t size = 0;
  continuation *c = host_alloc(sizeof *c, "a continuation");
  spoken_text *r = host_alloc(sizeof *r, "a reply");
  if (system) {
    turns = host_alloc((cap = 8) * sizeof *turns, "a conversation");
    turns[count++] = (ulm_message){"system", strdup(system), strlen(system)};
  }
  for (uint64_t round = 0;; round++) {
    interrupted = 0;
    if (person) fputs("\033[2myou>\033[0m ", stdout), fflush(stdout);
    if (t.cloud) endpoint_warm(t.cloud); /* while the user still speaks */
    const ssize_t n = getline(&line, &size, stdin);
    if (n < 0) break;
    size_t k = (size_t)n;
    while (k && (line[k - 1] == '\n' || line[k - 1] == '\r' || line[k - 1] == ' ')) k--;
    line[k] = 0;
    if (!k) continue;
    if (count + 2 > cap)
      turns = host_realloc(turns, (cap = 2 * cap + 8) * sizeof *turns, "a conversation");
    turns[count++] = (ulm_message){"user", strdup(line), k};

    char topic[ULM_TOPIC_BYTES];
    ulm_topic(line, k, topic);
    r->n = 0, r->text[0] = 0;
    t.began = host_now(), t.text_ms = 0;
    if (t.cloud) endpoint_warm(t.cloud); /* a connection that went stale is opened again */
    ulm_handoff h;
    ulm_handoff_begin(&h,
                      &(ulm_handoff_options){.first_ms = (uint32_t)patience,
                                             .silence_ms = (uint32_t)patience / 2 + 500,
                                             .word_ms = 1, /* read, not heard */
                                             .topic = topic,
                                             .say = say,
                                             .user = r},
                      0);
    ulm_handoff_heard(&h, 0);
    mouth m = {&h, &t, r, ulm_get_gate(s.handles[0]).calibrated, 0};
    ulm_opener o;
    ulm_error err = {0};
    int truncated;
    const ulm_opener_options how = {.temperature = (float)temperature,
                                    .top_p = 0.9f,
                                    .seed = seed + round,
                                    .on_word = on_word,
                                    .user = &m};
    ulm_status bad = ulm_chat(s.handles[0], turns, count, &truncated, &err);
    if (!bad) bad = ulm_speak(s.handles[0], &how, &o, &err);
    if (bad && bad != ULM_E_CANCELLED) host_die("%s: %s", argv[at], err.message);
    ulm_choice choice = ULM_SAY_OPENER;
    if (!bad && m.hold) choice = speak_held(&m, s.handles[0], &o, line);
    const double opener_ms = 1e3 * (host_now() - t.began);
    if (interrupted) ulm_handoff_cancel(&h, talk_now(&t));
    if (ulm_handoff_opened(&h, talk_now(&t)) & ULM_DO_ASK) {
      if (records)
        keep_record(&kept, &h, &(ulm_record){turns, count, o.confidence, (unsigned)allowed});
      const prompt *q = synthetic ? nearest(&known, line) : NULL;
      if (t.cloud) {
        const asking a = {.turns = turns,
                          .count = count,
                          .max_tokens = (uint32_t)tokens,
                          .temperature = -1,
                          .how = {(unsigned)allowed, 0}};
        talk_ask(&t, &h, &a);
      } else if (q) {
        const ulm_recovery mode =
            allowed ? (ulm_recovery)(allowed >> 1) : (ulm_recovery)(round % ULM_RECOVERIES);
        const handoff hand = {h.opener, q->reference, q->slot, mode, seed * 31 + round};
        if (synthetic_continue(&hand, c, &e)) host_die("%s", e.text);
        play(&t, &h, c, fast);
      } else {
        ulm_handoff_end(&h, ULM_CLOUD_ERROR, talk_now(&t)); /* an honest close, at once */
      }
    }
    fputs(h.state == ULM_HANDOFF_CANCELLED ? " -\n" : "\n", stdout);
    fflush(stdout);
    report(&t, &h, &m, opener_ms, choice, truncated);
    turns[count++] = (ulm_message){"assistant", strdup(r->text), r->n};
  }
  if (person) fputs("\n", stdout);
  if (records && host_out_commit(&kept, &e)) host_die("%s", e.text);
  for (size_t i = 0; i < count; i++) free((void *)turns[i].text);
  free(turns), free(line), free(c), free(r);
  endpoint_close(t.cloud);
  prompts_close(&known), session_close(&s);
  return fflush(stdout) ? 1 : 0;
}
