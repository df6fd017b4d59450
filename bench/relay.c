#include "relay.h"
#include "loopback.h"
#include "talk.h"
#include "timeline.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what is heard, and when it has been spoken: counted apart from the states ---- */

typedef struct {
  ulm_handoff h;
  passage *out;
  size_t size, cap, last; /* last: where the last piece begins */
  double speech_ms;       /* all that was given out before the last piece has been spoken */
  double next_ms;         /* and with the last piece */
  double now;
  uint64_t asked;
} ear;

static void say(void *user, const char *t, size_t n) {
  ear *x = user;
  passage *p = x->out;
  if (n >= x->cap - x->size)
    p->spoken = host_realloc(p->spoken, x->cap = 2 * (x->cap + n + 64), "a transcript");
  memcpy(p->spoken + x->size, t, n);
  x->last = x->size, x->size += n;
  p->spoken[x->size] = 0;
  if (p->word_ms <= 0) p->word_ms = x->now;
  x->speech_ms = x->next_ms;
  x->next_ms = (x->next_ms > x->now ? x->next_ms : x->now) + WORD_MS * ulm_word_count(t, n);
}

static void open_with(ear *x, const spoken_opener *o,
                      void (*voice)(void *user, const char *t, size_t n), void *user,
                      passage *out) {
  memset(out, 0, sizeof *out), memset(x, 0, sizeof *x);
  x->out = out;
  ulm_handoff_options how = {0}; /* the states' own times */
  how.topic = o->topic, how.say = voice, how.user = user;
  say(x, "", 0);
  out->word_ms = 0;
  ulm_handoff_begin(&x->h, &how, 0);
  ulm_handoff_heard(&x->h, 0);
  const uint64_t first = (uint64_t)o->first_word_ms;
  for (const char *p = o->text, *q; *p; p = q) {
    q = strchr(p + 1, ' ');
    if (!q) q = p + strlen(p);
    ulm_handoff_word(&x->h, p, (size_t)(q - p), first);
  }
  out->opener_end_ms = (double)first + WORD_MS * (double)ulm_word_count(o->text, strlen(o->text));
  x->next_ms = out->opener_end_ms;
}

static void close_with(ear *x, double slack_ms) {
  const ulm_handoff *h = &x->h;
  passage *out = x->out;
  out->state = h->state, out->end = h->end;
  out->end_ms = (double)h->now;
  out->close = h->state == ULM_HANDOFF_CLOSED ? x->last : x->size;
  if (h->state != ULM_HANDOFF_CLOSED) return;
  const double at = (double)h->closed_ms, silence = x->speech_ms + h->o.silence_ms,
               first = (double)(h->asked_ms + h->o.first_ms),
               limit = out->close || silence > first ? silence : first;
  out->silence_ms = at > x->speech_ms ? at - x->speech_ms : 0;
  out->late = at > limit + slack_ms;
}

/* ---- virtual time ---- */

static int over(const ear *x) { return x->h.state >= ULM_HANDOFF_DONE; }

static void on_text(void *user, const char *t, size_t n) {
  ear *x = user;
  if (over(x)) return;
  ulm_handoff_cloud(&x->h, t, n, (uint64_t)x->now);
  if (x->h.state == ULM_HANDOFF_CLOSED) return; /* it had been too late */
  if (x->out->text_ms <= 0) x->out->text_ms = x->now;
  x->out->got += n;
}

/* Lets time pass until `to`: timeouts and the user's word come before what arrives then. */
static void pass(ear *x, const staged *s, double to) {
  const double barge = s->barge_in_ms < 0 ? 1e300 : s->barge_in_ms + (double)x->asked;
  while (!over(x)) {
    const uint64_t due = ulm_handoff_due(&x->h);
    const double next = due == UINT64_MAX ? 1e300 : (double)due, at = barge < next ? barge : next;
    if (at > to || at >= 1e300) break;
    x->now = at;
    if (at == barge)
      ulm_handoff_cancel(&x->h, (uint64_t)at);
    else
      ulm_handoff_tick(&x->h, due);
  }
  if (to < 1e300 && to > x->now) x->now = to;
}

static void play(ear *x, const staged *s, const wire *w, double from, ulm_rng *r) {
  reply a;
  reply_begin(&a, profile_named("llama.cpp"), strstr(w->type, "event-stream") != NULL, on_text, x);
  for (size_t i = 0; i < w->count && !over(x) && a.end == REPLY_OPEN; i++) {
    pass(x, s, from + w->pieces[i].ms);
    for (size_t at = 0, n; at < w->pieces[i].size && !over(x); at += n) {
      n = 1 + ulm_rng_below(r, 64);
      if (n > w->pieces[i].size - at) n = w->pieces[i].size - at;
      reply_feed(&a, w->bytes + w->pieces[i].from + at, n);
    }
  }
  if (a.end == REPLY_OPEN && !over(x)) pass(x, s, w->end == WIRE_HANG ? 1e300 : from + w->end_ms);
  if (a.end == REPLY_OPEN) reply_finish(&a, w->end == WIRE_CLEAN && !over(x));
  if (w->end == WIRE_HANG)
    x->out->hung = !over(x);
  else if (!over(x))
    ulm_handoff_end(&x->h, cloud_end_of(a.end), (uint64_t)x->now);
  if (a.body) reply_finish(&a, 0);
}

void relay_virtual(const staged *s, const spoken_opener *o, uint64_t seed, passage *out) {
  ear *x = host_alloc(sizeof *x, "a handoff");
  ulm_rng r = ulm_rng_seed(seed, 0x72656c61);
  int retries = 0, prefilled = 1;
  open_with(x, o, say, x, out);
  x->now = o->opened_ms;
  ulm_handoff_opened(&x->h, (uint64_t)x->now);
  x->asked = x->h.asked_ms;
  for (double from = (double)x->asked; !over(x) && !out->hung;) {
    const wire *w = &s->answer[out->attempts < s->answers ? out->attempts : s->answers - 1];
    out->attempts++;
    if (w->status == 200) {
      play(x, s, w, from, &r);
      break;
    }
    const char *after = strstr(w->headers, "Retry-After: ");
    double wait = 0;
    pass(x, s, from + w->end_ms);
    const next_step next =
        endpoint_next(w->status, after ? 1e3 * atof(after + 13) : -1, prefilled, retries, &wait);
    if (next == NEXT_GIVE_UP)
      ulm_handoff_end(&x->h, ULM_CLOUD_ERROR, (uint64_t)x->now);
    else
      retries += next == NEXT_AGAIN, prefilled &= next != NEXT_INSTRUCT;
    from = x->now + (next == NEXT_AGAIN ? wait : 0);
  }
  out->hung |= !over(x);
  close_with(x, 1);
  free(x);
}

/* ---- real time ---- */

struct relay_wall {
  loopback *server;
  pthread_mutex_t lock;
  struct {
    const staged *s;
    int asked;
  } lane[WALL_LANES];
};

/* The model's name says whose question it is. */
static void answer(void *user, const loopback_request *q, size_t index, wire *w) {
  relay_wall *x = user;
  const char *model = strstr(q->body, "\"model\":\"lane ");
  (void)index;
  wire_begin(w, 404, "text/plain");
  if (!model) return; /* a connection being warmed */
  const int lane = atoi(model + 14);
  pthread_mutex_lock(&x->lock);
  const staged *s = lane >= 0 && lane < WALL_LANES ? x->lane[lane].s : NULL;
  if (s) {
    const int k = x->lane[lane].asked < s->answers ? x->lane[lane].asked : s->answers - 1;
    const wire *from = &s->answer[k];
    x->lane[lane].asked++;
    wire_begin(w, from->status, from->type);
    memcpy(w->headers, from->headers, sizeof w->headers);
    for (size_t i = 0; i < from->count; i++)
      wire_add(w, from->pieces[i].ms, from->bytes + from->pieces[i].from, from->pieces[i].size);
    w->end = from->end, w->end_ms = from->end_ms;
  }
  pthread_mutex_unlock(&x->lock);
}

relay_wall *relay_wall_open(host_error *e) {
  relay_wall *w = host_alloc(sizeof *w, "a simulated cloud");
  pthread_mutex_init(&w->lock, NULL);
  w->server = loopback_open(answer, w, e);
  if (w->server) return w;
  free(w);
  return NULL;
}

void relay_wall_close(relay_wall *w) {
  if (!w) return;
  loopback_close(w->server);
  pthread_mutex_destroy(&w->lock);
  free(w);
}

typedef struct {
  ear *x;
  double began;
} clock_of;
static void say_now(void *user, const char *t, size_t n) {
  const clock_of *c = user;
  c->x->now = 1e3 * (host_now() - c->began);
  say(c->x, t, n);
}

typedef struct {
  double ms;
  volatile sig_atomic_t stop;
} interruption;
static void *interrupt(void *user) {
  interruption *at = user;
  usleep((useconds_t)(1e3 * at->ms));
  at->stop = 1;
  return NULL;
}

void relay_ask(endpoint *cloud, const asking *a, const spoken_opener *o, double barge_in_ms,
               passage *out) {
  interruption at = {barge_in_ms, 0};
  talk t = {.cloud = cloud, .began = host_now(), .stop = &at.stop};
  ear *x = host_alloc(sizeof *x, "a handoff");
  clock_of c = {x, t.began};
  open_with(x, o, say_now, &c, out);
  endpoint_warm(cloud);
  for (double left; (left = o->opened_ms - 1e3 * (host_now() - t.began)) > 0;)
    endpoint_poll(cloud, left < 5 ? 1 : 5);
  pthread_t user;
  const int speaks = at.ms >= 0 && !pthread_create(&user, NULL, interrupt, &at);
  ulm_handoff_opened(&x->h, talk_now(&t));
  t.raw_cap = REPLY_TEXT_MAX, t.raw = host_alloc(t.raw_cap, "an answer");
  talk_ask(&t, &x->h, a);
  out->text_ms = t.text_ms, out->got = t.raw_size;
  out->attempts = endpoint_get(cloud).attempts;
  close_with(x, 150);
  if (speaks) pthread_join(user, NULL);
  free(t.raw), free(x);
}

int relay_wall_run(relay_wall *w, int lane, const staged *s, const spoken_opener *o, passage *out,
                   host_error *e) {
  char url[64], model[16];
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", loopback_port(w->server));
  snprintf(model, sizeof model, "lane %d", lane);
  const endpoint_options how = {.url = url, .profile = "llama.cpp", .model = model};
  endpoint *cloud = endpoint_open(&how, e);
  if (!cloud) return -1;
  pthread_mutex_lock(&w->lock);
  w->lane[lane].s = s, w->lane[lane].asked = 0;
  pthread_mutex_unlock(&w->lock);
  const ulm_message turns[] = {{"user", "?", 1}};
  relay_ask(cloud, &(asking){.turns = turns, .count = 1, .temperature = -1}, o, s->barge_in_ms,
            out);
  pthread_mutex_lock(&w->lock);
  w->lane[lane].s = NULL;
  pthread_mutex_unlock(&w->lock);
  endpoint_close(cloud);
  return 0;
}
