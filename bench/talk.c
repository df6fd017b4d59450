#include "talk.h"

#include <string.h>

typedef struct {
  talk *t;
  ulm_handoff *h;
} line;

uint64_t talk_now(const talk *t) {
  const double ms = 1e3 * (host_now() - t->began);
  return ms > 0 ? (uint64_t)ms : 0;
}

static int over(const ulm_handoff *h) { return h->state >= ULM_HANDOFF_DONE; }

static void on_text(void *user, const char *s, size_t n) {
  const line *l = user;
  talk *t = l->t;
  const uint64_t now = talk_now(t);
  if (t->text_ms <= 0) t->text_ms = 1e3 * (host_now() - t->began);
  if (t->raw && n <= t->raw_cap - t->raw_size) memcpy(t->raw + t->raw_size, s, n), t->raw_size += n;
  ulm_handoff_cloud(l->h, s, n, now); /* past its time the loop below sees it */
}

ulm_cloud_end cloud_end_of(reply_end end) {
  return end == REPLY_STOP ? ULM_CLOUD_WHOLE : end == REPLY_ERROR ? ULM_CLOUD_ERROR : ULM_CLOUD_CUT;
}

void talk_ask(talk *t, ulm_handoff *h, const asking *a) {
  enum { LOOK_MS = 50 }; /* how soon a barge-in is seen */
  line l = {t, h};
  asking q = *a;
  host_error e;
  q.opener = h->opener;
  q.how.stop = ulm_stop(h->opener, h->opener_size);
  t->raw_size = 0, t->text_ms = 0;
  if (endpoint_ask(t->cloud, &q, on_text, &l, &e)) ulm_handoff_end(h, ULM_CLOUD_ERROR, talk_now(t));
  while (!over(h)) {
    const uint64_t due = ulm_handoff_due(h), now = talk_now(t);
    const uint64_t wait = due > now ? due - now : 0;
    const reply_end end = endpoint_poll(t->cloud, wait < LOOK_MS ? (int)wait : LOOK_MS);
    if (t->stop && *t->stop) {
      ulm_handoff_cancel(h, talk_now(t));
    } else if (end != REPLY_OPEN) {
      ulm_handoff_end(h, cloud_end_of(end), talk_now(t));
    } else {
      ulm_handoff_tick(h, talk_now(t));
    }
  }
  if (h->state == ULM_HANDOFF_DONE) /* the body's end, so that the connection can be used again */
    for (int i = 0; i < 5; i++) endpoint_poll(t->cloud, 2);
  endpoint_stop(t->cloud);
}

int recoveries_named(const char *name) {
  if (!strcmp(name, "any")) return 0;
  for (int m = 0; m < ULM_RECOVERIES; m++)
    if (!strcmp(name, ulm_recovery_name((ulm_recovery)m))) return 1 << m;
  return -1;
}
