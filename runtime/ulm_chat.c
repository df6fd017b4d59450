/* ChatML:  <|im_start|> role \n text <|im_end|> \n  for each turn. Role line and text are encoded
 * apart, as in training. */
#include "ulm_state.h"
#include <string.h>

enum { FREE = 32 }; /* tokens that stay free, besides the reply's own header */

static ulm_status append(ulm *m, uint16_t id) { return ulm_prefill(m, &id, 1); }

static ulm_status append_text(ulm *m, const char *text, size_t n) {
  size_t count;
  const ulm_status s = ulm_encode(m, text, n, m->ids, m->ids_max, &count);
  return s ? s : ulm_prefill(m, m->ids, count);
}

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

ulm_status ulm_chat_header(ulm *m, const char *role) {
  char line[16];
  const size_t n = role_line(line, role);
  if (!n) return ULM_E_ARGUMENT;
  const ulm_status s = append(m, ULM_BOS);
  return s ? s : append_text(m, line, n);
}

static ulm_status footer(ulm *m) {
  const ulm_status s = append(m, ULM_EOS);
  return s ? s : append_text(m, "\n", 1);
}

static ulm_status undo(ulm *m, uint32_t position, ulm_status s, ulm_error *err) {
  (void)ulm_rewind(m, position);
  return ulm_fail(err, s, 0,
                  s == ULM_E_CONTEXT
                      ? "the turn does not fit in the context; ulm_chat cuts a conversation by rule"
                      : "the role must be system, user or assistant");
}

ulm_status ulm_chat_begin(ulm *m) { return ulm_rewind(m, 0); }

ulm_status ulm_chat_turn(ulm *m, const char *role, const char *text, size_t n, ulm_error *err) {
  const uint32_t before = m->position;
  if (n && !text) return ulm_fail(err, ULM_E_ARGUMENT, 0, "a turn has no text");
  ulm_status s = ulm_chat_header(m, role);
  if (!s) s = append_text(m, text, n);
  if (!s) s = footer(m);
  return s ? undo(m, before, s, err) : ULM_OK;
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

/* Tokens of a text whose middle goes where it does not fit in `room`: of a text longer than the
 * tokenizer takes at once, first the bytes in the middle; then tokens, so that the first half of
 * the room and the last half stay. Cuts fall between characters. */
static ulm_status encode_cut(ulm *m, const char *text, size_t n, size_t room, size_t *count,
                             int *truncated) {
  size_t head = n, tail = n;
  if (n > m->text_max) {
    head = m->text_max / 2;
    tail = n - m->text_max / 2;
    while (head && continues((uint8_t)text[head])) head--;
    while (tail < n && continues((uint8_t)text[tail])) tail++;
    *truncated = 1;
  }
  size_t a, b = 0;
  ulm_status s = ulm_encode(m, text, head, m->ids, m->ids_max, &a);
  if (!s && tail < n) s = ulm_encode(m, text + tail, n - tail, m->ids + a, m->ids_max - a, &b);
  if (s) return s;
  *count = a + b;
  if (a + b <= room) return ULM_OK;
  size_t keep = room - room / 2, from = a + b - room / 2;
  while (keep && is_tail_byte(m->ids[keep])) keep--;
  while (from < a + b && is_tail_byte(m->ids[from])) from++;
  memmove(m->ids + keep, m->ids + from, (a + b - from) * sizeof *m->ids);
  *count = keep + (a + b - from);
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
  (void)ulm_chat_begin(m);
  if (truncated) *truncated = 0;
  if (count == 0) return ULM_OK;

  const size_t reserve = FREE + 1 + count_of(m, line, role_line(line, "assistant"));
  if (m->context < reserve + frame(m, "assistant") + 2)
    return ulm_fail(err, ULM_E_CONTEXT, 0,
                    "the context is too small for a conversation; open it with 64 tokens or more");
  const size_t room = m->context - reserve;

  /* From the last turn back: as many whole turns as fit. */
  const ulm_message *last = turns + count - 1;
  size_t last_size, first = count - 1;
  const size_t last_frame = frame(m, last->role);
  ulm_status s = encode_cut(m, last->text, last->size, room - last_frame, &last_size, &cut);
  if (s) return ulm_fail(err, s, 0, "the last turn cannot be encoded");
  size_t used = last_frame + last_size;
  while (!cut && first > 0) {
    const ulm_message *t = turns + first - 1;
    if (t->size > m->text_max) break;
    const size_t size = frame(m, t->role) + count_of(m, t->text, t->size);
    if (size > room - used) break;
    used += size;
    first--;
  }
  cut |= first > 0;

  for (size_t i = first; i + 1 < count; i++)
    if ((s = ulm_chat_turn(m, turns[i].role, turns[i].text, turns[i].size, err))) return s;
  s = ulm_chat_header(m, last->role);
  if (!s) s = encode_cut(m, last->text, last->size, room - last_frame, &last_size, &cut);
  if (!s) s = ulm_prefill(m, m->ids, last_size);
  if (!s) s = footer(m);
  if (s) return undo(m, 0, s, err);
  if (truncated) *truncated = cut;
  return ULM_OK;
}
