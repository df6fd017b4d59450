/* Says an opener to the prompt on the command line, from the blob in the board's flash window, and
 * what it took. */
#include "board.h"
#include "ulm.h"

#include <string.h>

#ifndef CONTEXT
#define CONTEXT 256
#endif
#ifndef ARENA
#define ARENA (1536 * 1024) /* the larger of what the presets are allowed, ulm_kv int8 */
#endif
static _Alignas(64) uint8_t arena[ARENA];

static int fail(const char *what, const char *why) {
  board_put("opener: "), board_put(what), board_put(": "), board_put(why), board_put("\n");
  return 1;
}

static void row(const char *what, uint64_t n) { board_put(what), board_number(n), board_put("\n"); }

typedef struct {
  uint64_t began, first_word, first_token, last_token;
  uint32_t tokens;
} times;

static int on_word(void *user, const char *word, size_t n) {
  times *t = user;
  char text[ULM_OPENER_BYTES];
  memcpy(text, word, n);
  text[n] = 0;
  board_put(text);
  if (!t->first_word) t->first_word = board_clock() - t->began;
  return 0;
}

static void on_token(void *user, uint16_t id) {
  times *t = user;
  (void)id;
  t->last_token = board_clock();
  if (!t->tokens++) t->first_token = t->last_token;
}

/* The command line is [-ISA] PROMPT. */
static const char *isa_of(const char **line) {
  static char name[16];
  size_t n = 0;
  if (**line != '-') return NULL;
  while (*++*line && **line != ' ')
    if (n + 1 < sizeof name) name[n++] = **line;
  *line += **line == ' ';
  return name;
}

int board_main(const char *prompt) {
  const uint8_t *blob = board_blob();
  const char *isa = isa_of(&prompt);
  ulm *m;
  ulm_error err;
  if (!*prompt) return fail("usage", "the command line holds the prompt");
  if (!blob) return fail("flash", "there is no blob in it");
  uint32_t size; /* of the blob, as its header says (docs/FORMATS.md); ulm_open checks it */
  memcpy(&size, blob + 16, sizeof size);
  const ulm_options options = {.context = CONTEXT, .kv = ULM_KV_INT8, .isa = isa};
  if (ulm_open(&m, blob, size, arena, sizeof arena, &options, &err))
    return fail("blob", err.message);

  times t = {.began = board_clock()};
  ulm_opener o;
  const ulm_opener_options how = {.seed = 1, .on_word = on_word, .on_token = on_token, .user = &t};
  ulm_status s = ulm_chat_begin(m);
  if (!s) s = ulm_chat_turn(m, "user", prompt, strlen(prompt), &err);
  const uint64_t heard = board_clock();
  const uint32_t held = ulm_position(m);
  if (!s) s = ulm_speak(m, &how, &o, &err);
  const uint64_t done = board_clock();
  board_put("\n");
  if (s) return fail("opener", err.message);

  board_put("kernels              "), board_put(ulm_isa(m)), board_put("\n");
  row("prompt tokens        ", held);
  row("instructions a token ", (heard - t.began) / (held ? held : 1));
  row("opener tokens drawn  ", t.tokens);
  if (t.tokens > 1) row("instructions a token ", (t.last_token - t.first_token) / (t.tokens - 1));
  row("to the first word    ", t.first_word);
  row("to the whole opener  ", done - t.began);
  row("arena bytes          ", ulm_sizeof(blob, size, &options, NULL));
  row("stack bytes          ", board_stack_size());
  row("stack bytes written  ", board_stack_used());
  return 0;
}
