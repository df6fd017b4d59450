/* ChatML:  <|im_start|> role \n text <|im_end|> \n  for each turn. Role line and text are encoded
 * apart, as in training.
 *
 * Turns are laid over the tokens that are held: those that are there already stay, so a
 * conversation that grew, or a turn that is being spoken, costs its new tokens alone. */
#include "ulm_state.h"
#include <string.h>

enum { FREE = 32 }; /* tokens that stay free, besides the reply's own header */

static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

/* "role\n", or 0 if the role is none of the three. */
static size_t role_line(char out[16], const char *role) {
  if (!role || (!same(role, "system") && !same(role, "user") && !same(role, "assistant"))) return 0;
  size_t n = 0;
  for (; role[n]; n++) out[n] = role[n];
  out[n] = '\n';
  return n + 1;
}

/* ---- Tokens of a turn, in m->ids ---- */

static ulm_status add_text(ulm *m, const char *text, size_t n, size_t *count) {
  size_t k;
  const ulm_status s = ulm_encode(m, text, n, m->ids + *count, m->ids_max - *count, &k);
  *count += k;
  return s;
}

static ulm_status add_header(ulm *m, const char *role, size_t *count) {
  char line[16];
  const size_t n = role_line(line, role);
  if (!n) return ULM_E_ARGUMENT;
  m->ids[(*count)++] = ULM_BOS;
  return add_text(m, line, n, count);
}

static ulm_status add_footer(ulm *m, size_t *count) {
  m->ids[(*count)++] = ULM_EOS; /* ids_max has room for header and footer beside the longest text */
  return add_text(m, "\n", 1, count);
}

/* Behind a user's turn comes the header of a reply, most often: how many tokens that is, 0 if ids
 * has no room for it. */
static size_t add_reply(ulm *m, const char *role, size_t count) {
  const size_t before = count;
  if (!same(role, "user") || m->ids_max - count < 1 + 3 * 10) return 0;
  return add_header(m, "assistant", &count) ? 0 : count - before;
}

/* ---- Laying ---- */

/* Makes ids[n] the tokens from *at on and moves *at behind them. What is held behind them stays
 * held as long as nothing differs. ahead: see ulm_extend. */
static ulm_status lay(ulm *m, uint32_t *at, const uint16_t *ids, size_t n, size_t ahead) {
  size_t k = 0;
  while (k < n && *at + k < m->position && m->held[*at + k] == ids[k]) k++;
  if (*at == 0 && k < n) k = ulm_snapshot_take(m, ids, n, k);
  *at += (uint32_t)k;
  if (k == n) return ULM_OK;
  ulm_cut(m, *at);
  const ulm_status s = ulm_extend(m, ids + k, n - k, ahead);
  if (!s) *at += (uint32_t)(n - k);
  return s;
}

/* Nothing stays behind what was laid; of its last token there are logits. */
static ulm_status laid(ulm *m, uint32_t at) {
  ulm_cut(m, at);
  if (at == 0 || m->has_hidden) return ULM_OK;
  const uint16_t id = m->held[at - 1];
  ulm_cut(m, at - 1);
  return ulm_extend(m, &id, 1, 0);
}

static ulm_status undo(ulm *m, uint32_t position, ulm_status s, ulm_error *err) {
  ulm_cut(m, position);
  return ulm_fail(err, s, 0,
                  s == ULM_E_CONTEXT
                      ? "the turn does not fit in the context; ulm_chat cuts a conversation by rule"
                  : s == ULM_E_CANCELLED ? "the caller cancelled it"
                                         : "the role must be system, user or assistant");
}

/* ---- Turn by turn ---- */

ulm_status ulm_chat_begin(ulm *m) { return ulm_rewind(m, 0); }

ulm_status ulm_chat_header(ulm *m, const char *role) {
  size_t count = 0;
  ulm_unhear(m);
  const ulm_status s = add_header(m, role, &count);
  return s || ulm_take_ahead(m, m->ids, count) ? s : ulm_extend(m, m->ids, count, 0);
}

ulm_status ulm_chat_hear(ulm *m, const char *text, size_t n, ulm_error *err) {
  const uint32_t from = m->hearing ? m->heard : m->position;
  uint32_t at = from;
  size_t count = 0;
  if (n && !text) return ulm_fail(err, ULM_E_ARGUMENT, 0, "a turn has no text");
  m->hearing = 0;
  ulm_status s = add_header(m, "user", &count);
  if (!s) s = add_text(m, text, n, &count);
  if (!s) s = lay(m, &at, m->ids, count, 0);
  if (s) return undo(m, from, s, err);
  ulm_cut(m, at);
  m->hearing = 1, m->heard = from;
  return ULM_OK;
}

ulm_status ulm_chat_turn(ulm *m, const char *role, const char *text, size_t n, ulm_error *err) {
  size_t count = 0;
  if (n && !text) return ulm_fail(err, ULM_E_ARGUMENT, 0, "a turn has no text");
  if (!role || !same(role, "user")) ulm_unhear(m);
  const uint32_t from = m->hearing ? m->heard : m->position;
  uint32_t at = from;
  m->hearing = 0;
  ulm_status s = add_header(m, role, &count);
  if (!s) s = add_text(m, text, n, &count);
  if (!s) s = add_footer(m, &count);
  if (!s) s = lay(m, &at, m->ids, count, add_reply(m, role, count));
  if (!s) s = laid(m, at);
  return s ? undo(m, from, s, err) : ULM_OK;
}

/* ---- A whole conversation ---- */

static size_t count_of(ulm *m, const char *text, size_t n) {
  size_t count = 0;
  (void)ulm_encode(m, text, n, m->ids, m->ids_max, &count);
  return count;
}

/* Tokens around a turn's text. */
static size_t frame(ulm *m, const char *role) {
  char line[16];
  const size_t n = role_line(line, role);
  return 2 + count_of(m, line, n) + count_of(m, "\n", 1);
}

static int continues(uint8_t byte) { return (byte & 0xc0) == 0x80; }
static int is_tail_byte(uint16_t id) { return id >= ULM_BYTE0 + 0x80 && id < ULM_BYTE0 + 0xc0; }

/* Adds the tokens of a text whose middle goes where it does not fit in `room`: of a text longer
 * than the tokenizer takes at once, first the bytes in the middle; then tokens, so that the first
 * half of the room and the last half stay. Cuts fall between characters. */
static ulm_status add_cut(ulm *m, const char *text, size_t n, size_t room, size_t *count,
                          int *truncated) {
  uint16_t *const ids = m->ids + *count;
  size_t head = n, tail = n, size = 0;
  if (n > m->text_max) {
    head = m->text_max / 2;
    tail = n - m->text_max / 2;
    while (head && continues((uint8_t)text[head])) head--;
    while (tail < n && continues((uint8_t)text[tail])) tail++;
    *truncated = 1;
  }
  const size_t before = *count;
  ulm_status s = add_text(m, text, head, count);
  if (!s && tail < n) s = add_text(m, text + tail, n - tail, count);
  if (s) return s;
  size = *count - before;
  if (size <= room) return ULM_OK;
  size_t keep = room - room / 2, from = size - room / 2;
  while (keep && is_tail_byte(ids[keep])) keep--;
  while (from < size && is_tail_byte(ids[from])) from++;
  memmove(ids + keep, ids + from, (size - from) * sizeof *ids);
  *count = before + keep + (size - from);
  *truncated = 1;
  return ULM_OK;
}

ulm_status ulm_chat(ulm *m, const ulm_message *turns, size_t count, int *truncated,
                    ulm_error *err) {
  int cut = 0;
  char line[16];
  if (count && !turns) return ulm_fail(err, ULM_E_ARGUMENT, 0, "no turns");
  for (size_t i = 0; i < count; i++) {
    if (!role_line(line, turns[i].role))
      return ulm_fail(err, ULM_E_ARGUMENT, 0, "a role must be system, user or assistant");
    if (turns[i].size && !turns[i].text)
      return ulm_fail(err, ULM_E_ARGUMENT, 0, "a turn has no text");
  }
  m->hearing = 0;
  if (truncated) *truncated = 0;
  if (count == 0) return ulm_chat_begin(m);

  const size_t reserve = FREE + 1 + count_of(m, line, role_line(line, "assistant"));
  if (m->context < reserve + frame(m, "assistant") + 2) {
    ulm_cut(m, 0);
    return ulm_fail(err, ULM_E_CONTEXT, 0,
                    "the context is too small for a conversation; open it with 64 tokens or more");
  }

  /* From the last turn back: as many whole turns as fit. */
  const ulm_message *last = turns + count - 1;
  size_t first = count - 1, used = 0;
  const size_t room = m->context - reserve, last_room = room - frame(m, last->role);
  ulm_status s = add_cut(m, last->text, last->size, last_room, &used, &cut);
  if (s) return undo(m, 0, s, err);
  used += room - last_room;
  while (!cut && first > 0) {
    const ulm_message *t = turns + first - 1;
    if (t->size > m->text_max) break;
    const size_t size = frame(m, t->role) + count_of(m, t->text, t->size);
    if (size > room - used) break;
    used += size;
    first--;
  }
  cut |= first > 0;

  uint32_t at = 0;
  for (size_t i = first; !s && i < count; i++) {
    size_t n = 0;
    s = add_header(m, turns[i].role, &n);
    if (!s && turns + i < last) s = add_text(m, turns[i].text, turns[i].size, &n);
    if (!s && turns + i == last) s = add_cut(m, last->text, last->size, last_room, &n, &cut);
    if (!s) s = add_footer(m, &n);
    if (!s) s = lay(m, &at, m->ids, n, turns + i < last ? 0 : add_reply(m, last->role, n));
  }
  if (!s) s = laid(m, at);
  if (s) return undo(m, 0, s, err);
  if (truncated) *truncated = cut;
  return ULM_OK;
}
