#include "lines.h"

#include <string.h>

#include "../runtime/ulm_words.h"
#include "encode.h"

int lines_open(lines *l, const tokenizer_job *j, const char *split, host_error *e) {
  *l = (lines){.e = e};
  return corpus_open(&l->from, j->dirs, j->count, split, e);
}

void lines_close(lines *l) { corpus_close(&l->from); }

static int next_text(lines *l) {
  for (;;) {
    if (l->turn < l->doc.count) {
      l->text = l->doc.turns[l->turn].text;
      l->left = l->doc.turns[l->turn++].size;
      return 1;
    }
    const int more = corpus_next(&l->from, &l->doc, l->e);
    if (more < 0) l->failed = 1;
    if (more <= 0) return 0;
    l->turn = 0;
    if (l->doc.turns) continue;
    l->doc.count = 0;
    l->text = l->doc.text;
    l->left = l->doc.text_size;
    return 1;
  }
}

const char *lines_next(void *user, size_t *n) {
  lines *l = user;
  while (l->left == 0)
    if (!next_text(l)) {
      if (l->progress.what) {
        host_progress_end(&l->progress, l->bytes, NULL);
        host_log("learning the pieces");
      }
      return NULL;
    }
  const char *line = l->text, *end = memchr(line, '\n', l->left);
  *n = end ? (size_t)(end - line) : l->left;
  const size_t taken = *n + (end != NULL);
  l->text += taken;
  l->left -= taken;
  l->bytes += taken;
  if (l->progress.what) host_progress_step(&l->progress, l->bytes, NULL);
  return line;
}

static int count_text(const spm *s, const char *text, size_t n, text_use *u, tokens *t,
                      host_error *e) {
  if (encode_text(s, text, n, t, e)) return -1;
  u->bytes += n;
  u->words += ulm_word_count(text, n);
  u->tokens += t->count - 1; /* without <|endoftext|> */
  for (size_t i = 0; i + 1 < t->count; i++)
    u->fallback += t->ids[i] < ULM_BYTE0 + 256 && t->ids[i] != ULM_BYTE0 + '\n';
  return 0;
}

int text_use_measure(text_use *u, const spm *s, const tokenizer_job *j, host_error *e) {
  static const char *const splits[] = {"val", "test", "train"};
  tokens t = {0};
  int bad = 0;
  *u = (text_use){0};
  for (int i = 0; i < 3 && !bad && !u->bytes; i++) {
    lines l;
    u->split = splits[i];
    bad = lines_open(&l, j, splits[i], e);
    while (!bad && u->bytes < j->max_bytes && next_text(&l))
      bad = count_text(s, l.text, l.left, u, &t, e);
    bad |= l.failed;
    lines_close(&l);
  }
  tokens_free(&t);
  return bad ? -1 : 0;
}

static double ratio(uint64_t a, uint64_t b) { return b ? (double)a / (double)b : 0; }
double text_use_per_token(const text_use *u) { return ratio(u->bytes, u->tokens); }
double text_use_per_word(const text_use *u) { return ratio(u->tokens, u->words); }
double text_use_fallback(const text_use *u) { return ratio(u->fallback, u->tokens); }
