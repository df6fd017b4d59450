/* The handoff: recovery, its record, its states. docs/HANDOFF.md. */
#include "ulm_runes.h"
#include <string.h>

const char *ulm_recovery_name(ulm_recovery r) {
  static const char *const names[ULM_RECOVERIES] = {"explicit", "redirect", "humor"};
  return (unsigned)r < ULM_RECOVERIES ? names[r] : "?";
}

const char *ulm_slip_name(ulm_slip s) {
  static const char *const names[ULM_SLIPS] = {"fact",     "topic",      "intent",
                                               "fragment", "repetition", "unsafe"};
  return (unsigned)s < ULM_SLIPS ? names[s] : "?";
}

ulm_recovery ulm_recovery_for(ulm_slip slip, unsigned allowed) {
  enum { E = ULM_RECOVER_EXPLICIT, R = ULM_RECOVER_REDIRECT, H = ULM_RECOVER_HUMOR };
  static const uint8_t order[ULM_SLIPS][3] = {{E, R, H}, {R, H, E}, {R, E, H},
                                              {R, H, E}, {H, R, E}, {E, E, E}};
  const unsigned i = (unsigned)slip < ULM_SLIPS ? slip : ULM_SLIP_UNSAFE;
  for (int k = 0; k < 3; k++)
    if (!allowed || allowed >> order[i][k] & 1) return (ulm_recovery)order[i][k];
  return ULM_RECOVER_EXPLICIT;
}

/* ---- states ---- */

const char *ulm_handoff_state_name(ulm_handoff_state s) {
  static const char *const names[ULM_HANDOFF_STATES] = {
      "opener", "waiting", "splicing", "continuing", "done", "closed", "cancelled"};
  return (unsigned)s < ULM_HANDOFF_STATES ? names[s] : "?";
}

static int over(const ulm_handoff *h) { return h->state >= ULM_HANDOFF_DONE; }
static int asked(const ulm_handoff *h) { return h->state > ULM_HANDOFF_OPENER && !over(h); }

static void at(ulm_handoff *h, uint64_t now) {
  if (now > h->now) h->now = now;
}

/* Speech is counted on from where it is, or from now if there is silence. */
static void voice(ulm_handoff *h, const char *t, size_t n) {
  const uint32_t words = ulm_word_count(t, n);
  if (h->speech_ms < h->now) h->speech_ms = h->now;
  h->speech_ms += (uint64_t)words * h->o.word_ms;
  h->words += words;
  if (n >= ULM_TAIL) t += n - ULM_TAIL, n = ULM_TAIL;
  const uint32_t keep = h->tail_size < ULM_TAIL - n ? h->tail_size : (uint32_t)(ULM_TAIL - n);
  memmove(h->tail, h->tail + h->tail_size - keep, keep);
  memcpy(h->tail + keep, t, n);
  h->tail_size = keep + (uint32_t)n;
}

static void say(ulm_handoff *h, const char *t, size_t n) {
  if (!n) return;
  voice(h, t, n);
  if (h->o.say) h->o.say(h->o.user, t, n);
}

/* Is there nothing but white space in the word under way? */
static int blank(const ulm_handoff *h) {
  uint32_t i = 0;
  while (i < h->word_size && is_space((uint8_t)h->word[i])) i++;
  return i == h->word_size;
}

static void give_word(ulm_handoff *h) {
  if (!h->word_size) return;
  if (!h->spoken) h->spoken = 1, h->first_ms = h->now;
  if (h->state == ULM_HANDOFF_SPLICING) h->state = ULM_HANDOFF_CONTINUING;
  say(h, h->word, h->word_size);
  h->word_size = 0;
}

/* Text from the splice, whole characters: a word goes out when a space or a character of a script
 * without spaces begins the next, or at ULM_TAIL bytes. */
static void take(void *user, const char *t, size_t n) {
  ulm_handoff *h = user;
  for (uint32_t i = 0, k; i < n; i += k) {
    const uint32_t c = rune((text){t, (uint32_t)n}, i, &k);
    const int next = (is_space(c) || is_dense(c)) && !blank(h);
    if (next || h->word_size + k > sizeof h->word) give_word(h);
    memcpy(h->word + h->word_size, t + i, k);
    h->word_size += k;
  }
}

/* The device ends the reply: a word under way is not spoken, the sentence is finished. */
static void close_up(ulm_handoff *h, ulm_cloud_end why) {
  char close[ULM_CLOSE_BYTES];
  h->word_size = 0;
  say(h, close, ulm_close(h->tail, h->tail_size, h->topic, close));
  h->end = why, h->closed_ms = h->now;
  h->state = ULM_HANDOFF_CLOSED;
}

unsigned ulm_handoff_begin(ulm_handoff *h, const ulm_handoff_options *o, uint64_t now) {
  memset(h, 0, sizeof *h);
  if (o) h->o = *o;
  if (!h->o.opener_ms) h->o.opener_ms = 1000;
  if (!h->o.first_ms) h->o.first_ms = 4000;
  if (!h->o.silence_ms) h->o.silence_ms = 2500;
  if (!h->o.total_ms) h->o.total_ms = 60000;
  if (!h->o.word_ms) h->o.word_ms = 400;
  const uint32_t n = h->o.topic ? length(h->o.topic, ULM_TOPIC_BYTES) : 0;
  if (n < sizeof h->topic && n) memcpy(h->topic, h->o.topic, n);
  h->o.topic = NULL; /* copied */
  h->now = now, h->heard = UINT64_MAX;
  return ULM_DO_CONNECT;
}

unsigned ulm_handoff_heard(ulm_handoff *h, uint64_t now) {
  at(h, now);
  if (h->state == ULM_HANDOFF_OPENER && h->heard == UINT64_MAX) h->heard = h->now;
  return 0;
}

unsigned ulm_handoff_word(ulm_handoff *h, const char *word, size_t n, uint64_t now) {
  at(h, now);
  if (h->state != ULM_HANDOFF_OPENER) return ULM_DO_HUSH;
  if (n > sizeof h->opener - 1 - h->opener_size) return ULM_DO_HUSH; /* no opener is so long */
  if (h->heard == UINT64_MAX) h->heard = h->now;
  memcpy(h->opener + h->opener_size, word, n);
  h->opener_size += (uint32_t)n;
  voice(h, word, n);
  return 0;
}

unsigned ulm_handoff_opened(ulm_handoff *h, uint64_t now) {
  at(h, now);
  if (h->state != ULM_HANDOFF_OPENER) return 0;
  ulm_splice_begin(&h->splice, h->opener, h->opener_size);
  h->state = ULM_HANDOFF_WAITING;
  h->asked_ms = h->now;
  if (h->speech_ms < h->now) h->speech_ms = h->now;
  return ULM_DO_ASK;
}

unsigned ulm_handoff_cloud(ulm_handoff *h, const char *bytes, size_t n, uint64_t now) {
  const int stray = !asked(h);
  const unsigned due = ulm_handoff_tick(h, now);
  if (stray || !asked(h) || !n) return due;
  if (h->state == ULM_HANDOFF_WAITING) h->state = ULM_HANDOFF_SPLICING;
  ulm_splice_feed(&h->splice, bytes, n, take, h);
  return 0;
}

unsigned ulm_handoff_end(ulm_handoff *h, ulm_cloud_end how, uint64_t now) {
  const int stray = !asked(h);
  const unsigned due = ulm_handoff_tick(h, now);
  if (stray || !asked(h)) return due;
  ulm_splice_end(&h->splice, take, h);
  if (how == ULM_CLOUD_WHOLE && !blank(h)) give_word(h);
  const int stop = ulm_stop(h->tail, h->tail_size);
  if (how != ULM_CLOUD_WHOLE || stop == 1 || (!stop && !h->spoken)) {
    close_up(h, how);
    return 0;
  }
  const uint32_t last = rune_before((text){h->tail, h->tail_size});
  if (is_dense(last))
    say(h, "\u3002", 3);
  else if (!stop && !is_symbol(last)) /* an emoji needs no full stop */
    say(h, ".", 1);
  h->end = how;
  h->state = ULM_HANDOFF_DONE;
  return 0;
}

uint64_t ulm_handoff_due(const ulm_handoff *h) {
  if (over(h)) return UINT64_MAX;
  if (h->state == ULM_HANDOFF_OPENER)
    return h->heard == UINT64_MAX ? UINT64_MAX : h->heard + h->o.opener_ms;
  const uint64_t silence = h->speech_ms + h->o.silence_ms, total = h->asked_ms + h->o.total_ms;
  const uint64_t first = h->spoken ? 0 : h->asked_ms + h->o.first_ms;
  const uint64_t due = silence > first ? silence : first;
  return due < total ? due : total;
}

unsigned ulm_handoff_tick(ulm_handoff *h, uint64_t now) {
  at(h, now);
  if (h->now < ulm_handoff_due(h)) return 0;
  if (h->state == ULM_HANDOFF_OPENER) return ulm_handoff_opened(h, h->now) | ULM_DO_HUSH;
  ulm_splice_end(&h->splice, take, h);
  close_up(h, ULM_CLOUD_ERROR);
  return ULM_DO_DROP;
}

unsigned ulm_handoff_cancel(ulm_handoff *h, uint64_t now) {
  at(h, now);
  if (over(h)) return 0;
  h->word_size = 0;
  h->state = ULM_HANDOFF_CANCELLED;
  return ULM_DO_DROP | ULM_DO_HUSH;
}
