#include "lanes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef enum { FREE, FILLING, FILLED, WORKING, DONE, EMITTING } slot_state;

typedef struct slot {
  void *user;
  slot_state state;
  int bad;
  host_error error;
  size_t bytes;
  struct slot *next; /* in its lane */
} slot;

typedef struct {
  slot *head, *tail;
  bool filling, emitting, ended;
} lane;

typedef struct {
  const lanes_job *job;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  slot *slots;
  lane *lane;
  size_t first, open; /* lanes before first are done; [first, open) may be read */
  size_t used, bytes; /* slots in use; what they hold */
  size_t stop;        /* lanes from here on are given up: this one failed */
  host_error error;
} run;

typedef struct {
  run *r;
  int index;
} worker;

static slot *free_slot(run *r) {
  for (size_t i = 0; i < r->job->slot_count; i++)
    if (r->slots[i].state == FREE) return &r->slots[i];
  return NULL;
}

static void release(run *r, lane *l, slot *s) {
  l->head = s->next;
  if (!l->head) l->tail = NULL;
  r->bytes -= s->bytes, r->used--;
  s->state = FREE;
}

/* ---- The three jobs; the lock is held before and after ---- */

static bool emit(run *r) {
  for (size_t i = r->first; i < r->open && i < r->stop; i++) {
    lane *l = &r->lane[i];
    slot *s = l->head;
    if (!s || s->state != DONE || l->emitting) continue;
    s->state = EMITTING, l->emitting = true;
    if (!s->bad) {
      pthread_mutex_unlock(&r->lock);
      s->bad = r->job->emit(r->job->user, i, s->user, &s->error);
      pthread_mutex_lock(&r->lock);
    }
    if (s->bad && i < r->stop) r->stop = i, r->error = s->error;
    l->emitting = false;
    release(r, l, s);
    return true;
  }
  return false;
}

static bool work(run *r, int thread) {
  for (size_t i = r->first; i < r->open && i < r->stop; i++)
    for (slot *s = r->lane[i].head; s; s = s->next) {
      if (s->state != FILLED) continue;
      s->state = WORKING;
      pthread_mutex_unlock(&r->lock);
      s->bad = r->job->work(r->job->user, thread, i, s->user, &s->error);
      pthread_mutex_lock(&r->lock);
      s->state = DONE;
      return true;
    }
  return false;
}

static bool fill(run *r) {
  if (r->used && r->bytes > r->job->bytes_max) return false;
  for (size_t i = r->first; i < r->open && i < r->stop; i++) {
    lane *l = &r->lane[i];
    if (l->filling || l->ended) continue;
    slot *s = free_slot(r);
    if (!s) return false;
    *s = (slot){.user = s->user, .state = FILLING};
    r->used++, l->filling = true;
    if (l->tail)
      l->tail->next = s;
    else
      l->head = s;
    l->tail = s;
    pthread_mutex_unlock(&r->lock);
    size_t bytes = 0;
    const int got = r->job->fill(r->job->user, i, s->user, &bytes, &s->error);
    pthread_mutex_lock(&r->lock);
    s->bytes = bytes, r->bytes += bytes;
    l->filling = false;
    s->bad = got < 0;
    s->state = got > 0 ? FILLED : DONE; /* an error waits for its turn to be told */
    l->ended = got <= 0;
    if (!got) { /* the last slot stayed empty: unhook it */
      slot *p = l->head;
      if (p == s)
        l->head = l->tail = NULL;
      else {
        while (p->next != s) p = p->next;
        p->next = NULL, l->tail = p;
      }
      r->bytes -= bytes, r->used--, s->state = FREE;
    }
    return true;
  }
  return false;
}

/* Lanes that are done make room for others; those given up give back their slots. */
static void advance(run *r) {
  for (size_t i = r->stop; i < r->open; i++)
    while (r->lane[i].head && (r->lane[i].head->state == FILLED || r->lane[i].head->state == DONE))
      release(r, &r->lane[i], r->lane[i].head);
  while (r->first < r->open && r->lane[r->first].ended && !r->lane[r->first].head) r->first++;
  size_t reading = 0;
  for (size_t i = r->first; i < r->open; i++) reading += !r->lane[i].ended;
  while (r->open < r->job->lanes && r->open < r->stop && reading < (size_t)r->job->threads)
    r->open++, reading++;
}

static bool finished(const run *r) { return r->first >= r->job->lanes || r->first >= r->stop; }

static void *turn(void *user) {
  worker *w = user;
  run *r = w->r;
  pthread_mutex_lock(&r->lock);
  for (;;) {
    advance(r);
    if (finished(r)) break;
    if (emit(r) || work(r, w->index) || fill(r))
      pthread_cond_broadcast(&r->changed);
    else
      pthread_cond_wait(&r->changed, &r->lock);
  }
  pthread_cond_broadcast(&r->changed);
  pthread_mutex_unlock(&r->lock);
  return NULL;
}

int lanes_run(const lanes_job *job, host_error *e) {
  run r = {.job = job, .stop = SIZE_MAX};
  pthread_mutex_init(&r.lock, NULL);
  pthread_cond_init(&r.changed, NULL);
  r.slots = host_alloc(host_mul_add(job->slot_count, sizeof *r.slots, 0), "slots");
  r.lane = host_alloc(host_mul_add(job->lanes, sizeof *r.lane, 0), "lanes");
  for (size_t i = 0; i < job->slot_count; i++) r.slots[i].user = job->slots[i];
  worker *w = host_alloc((size_t)job->threads * sizeof *w, "threads");
  pthread_t *id = host_alloc((size_t)job->threads * sizeof *id, "threads");
  int started = 1; /* this thread is one of them */
  for (int i = 0; i < job->threads; i++) w[i] = (worker){&r, i};
  while (started < job->threads && !pthread_create(&id[started], NULL, turn, &w[started]))
    started++;
  turn(&w[0]);
  for (int i = 1; i < started; i++) pthread_join(id[i], NULL);
  pthread_mutex_destroy(&r.lock);
  pthread_cond_destroy(&r.changed);
  free(r.slots), free(r.lane), free(w), free(id);
  return r.stop == SIZE_MAX ? 0 : host_fail(e, "%s", r.error.text);
}
