/* ulm-tokenizer train: a vocabulary from the training text, and what it does to the validation
 * text. */
#include <stdlib.h>
#include <string.h>

#include "../runtime/ulm_words.h"
#include "corpus.h"
#include "encode.h"

/* Lines of all turns and texts. */
typedef struct {
  corpus from;
  doc doc;
  size_t turn;
  const char *text; /* what is left of the text at hand */
  size_t left;
  uint64_t bytes;
  int failed;
  host_error *e;
  host_progress progress;
} lines;

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

static const char *next_line(void *user, size_t *n) {
  lines *l = user;
  while (l->left == 0)
    if (!next_text(l)) {
      host_progress_end(&l->progress, l->bytes, NULL);
      host_log("learning the pieces");
      return NULL;
    }
  const char *line = l->text, *end = memchr(line, '\n', l->left);
  *n = end ? (size_t)(end - line) : l->left;
  const size_t taken = *n + (end != NULL);
  l->text += taken;
  l->left -= taken;
  l->bytes += taken;
  host_progress_step(&l->progress, l->bytes, NULL);
  return line;
}

typedef struct {
  uint64_t bytes, words, tokens, byte_pieces;
} use;

static int count_text(const spm *s, const char *text, size_t n, use *u, tokens *t, host_error *e) {
  if (encode_text(s, text, n, t, e)) return -1;
  u->bytes += n;
  u->words += ulm_word_count(text, n);
  u->tokens += t->count - 1; /* without <|endoftext|> */
  for (size_t i = 0; i + 1 < t->count; i++)
    u->byte_pieces += t->ids[i] < ULM_BYTE0 + 256 && t->ids[i] != ULM_BYTE0 + '\n';
  return 0;
}

/* What the vocabulary makes of the first max_bytes of a split. */
static int measure(const spm *s, const tokenizer_job *j, const char *split, use *u, host_error *e) {
  tokens t = {0};
  lines l = {.e = e};
  *u = (use){0};
  if (corpus_open(&l.from, j->dirs, j->count, split, e)) return -1;
  int bad = 0;
  while (!bad && u->bytes < j->max_bytes && next_text(&l))
    bad = count_text(s, l.text, l.left, u, &t, e);
  corpus_close(&l.from);
  tokens_free(&t);
  return bad || l.failed ? -1 : 0;
}

static void report(const tokenizer_job *j, const use *u, const char *split, uint64_t bytes,
                   double seconds) {
  const double count = u->tokens ? (double)u->tokens : 1;
  const double per_token = (double)u->bytes / count,
               per_word = u->words ? (double)u->tokens / (double)u->words : 0;
  const double fallback = (double)u->byte_pieces / count;
  if (j->json) {
    printf("{\"model\":");
    host_json_string(stdout, j->out, strlen(j->out));
    printf(",\"vocab\":%u,\"text_bytes\":%llu,\"learned_bytes\":%llu,\"split\":\"%s\",\"bytes_per_"
           "token\":%.4f,\"tokens_per_word\":%.4f,"
           "\"byte_share\":%.6f,\"seconds\":%.2f}\n",
           j->vocab, (unsigned long long)bytes,
           (unsigned long long)(bytes < j->max_bytes ? bytes : j->max_bytes), split, per_token,
           per_word, fallback, seconds);
  } else {
    printf("%s: %u pieces; %s text: %.2f bytes a token, %.2f tokens a word, %.3f%% byte fallback\n",
           j->out, j->vocab, split, per_token, per_word, 100 * fallback);
  }
}

/* Trains into *model and measures it. */
static int make(const tokenizer_job *j, lines *l, uint8_t **model, size_t *size, use *u,
                const char **split, host_error *e) {
  const spm_train_options o = {.vocab = j->vocab, .seed = j->seed, .max_bytes = j->max_bytes};
  host_error why;
  const int bad = spm_train(next_line, l, &o, model, size, &why);
  if (l->failed) return -1; /* the reader's error says more */
  if (bad) return host_fail(e, "%s", why.text);
  if (l->bytes > j->max_bytes)
    host_log("learned from a sample of %.1f of %.1f MB (--max-bytes)", (double)j->max_bytes / 1e6,
             (double)l->bytes / 1e6);
  spm *s = spm_open(*model, *size, e);
  if (!s) return -1;
  int failed = measure(s, j, *split = "val", u, e);
  if (!failed && u->bytes == 0)
    failed = measure(s, j, *split = "train", u, e); /* no validation text */
  spm_close(s);
  return failed;
}

int learn(const tokenizer_job *j, host_error *e) {
  const double start = host_now();
  host_out out;
  lines l = {.e = e};
  if (corpus_open(&l.from, j->dirs, j->count, "train", e)) return -1;
  if (host_out_open(&out, j->out, e)) return -1;
  uint8_t *model = NULL;
  size_t size = 0;
  use u = {0};
  const char *split = "val";
  host_progress_begin(&l.progress, "reading", "B", 0);
  int bad = make(j, &l, &model, &size, &u, &split, e);
  corpus_close(&l.from);
  if (bad) {
    host_out_abort(&out);
  } else {
    host_out_write(&out, model, size);
    bad = host_out_commit(&out, e);
  }
  free(model);
  if (!bad) report(j, &u, split, l.bytes, host_now() - start);
  return bad;
}
