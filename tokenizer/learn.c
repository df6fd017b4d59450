/* ulm-tokenizer train: a vocabulary from the training text, and what it does to held-out text. */
#include <stdlib.h>
#include <string.h>

#include "lines.h"

static void say(const tokenizer_job *j, const text_use *u, uint64_t bytes, double seconds) {
  const uint64_t learned = bytes < j->max_bytes ? bytes : j->max_bytes;
  if (j->json) {
    printf("{\"model\":");
    host_json_string(stdout, j->out, strlen(j->out));
    printf(",\"vocab\":%u,\"text_bytes\":%llu,\"learned_bytes\":%llu,\"split\":\"%s\",\"bytes_per_"
           "token\":%.4f,\"tokens_per_word\":%.4f,\"byte_share\":%.6f,\"seconds\":%.2f,"
           "\"peak_bytes\":%llu}\n",
           j->vocab, (unsigned long long)bytes, (unsigned long long)learned, u->split,
           text_use_per_token(u), text_use_per_word(u), text_use_fallback(u), seconds,
           (unsigned long long)host_peak_rss());
  } else {
    printf("%s: %u pieces; %s text: %.2f bytes a token, %.2f tokens a word, %.3f%% byte fallback\n",
           j->out, j->vocab, u->split, text_use_per_token(u), text_use_per_word(u),
           100 * text_use_fallback(u));
  }
}

int learn_model(const tokenizer_job *j, uint32_t vocab, int unigram, uint8_t **model, size_t *size,
                uint64_t *bytes, host_error *e) {
  const spm_train_options o = {
      .vocab = vocab, .seed = j->seed, .max_bytes = j->max_bytes, .unigram = unigram};
  host_error why;
  lines l;
  if (lines_open(&l, j, "train", e)) return -1;
  if (*bytes == 0) host_progress_begin(&l.progress, "reading", "B", 0);
  const int bad = spm_train(lines_next, &l, &o, model, size, &why);
  lines_close(&l);
  if (l.failed) return -1; /* the reader's error says more */
  if (bad) return host_fail(e, "%s", why.text);
  if (*bytes == 0 && l.bytes > j->max_bytes)
    host_log("learned from a sample of %.1f of %.1f MB (--max-bytes)", (double)j->max_bytes / 1e6,
             (double)l.bytes / 1e6);
  *bytes = l.bytes;
  return 0;
}

int learn(const tokenizer_job *j, host_error *e) {
  const double start = host_now();
  host_out out;
  if (host_out_open(&out, j->out, e)) return -1;
  uint8_t *model = NULL;
  size_t size = 0;
  uint64_t bytes = 0;
  text_use u = {0};
  int bad = learn_model(j, j->vocab, 0, &model, &size, &bytes, e);
  if (!bad) {
    spm *s = spm_open(model, size, e);
    bad = s ? text_use_measure(&u, s, j, e) : -1;
    spm_close(s);
  }
  if (bad) {
    host_out_abort(&out);
  } else {
    host_out_write(&out, model, size);
    bad = host_out_commit(&out, e);
  }
  free(model);
  if (!bad) say(j, &u, bytes, host_now() - start);
  return bad;
}
