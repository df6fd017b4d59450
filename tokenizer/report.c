/* ulm-tokenizer report: vocabularies of several sizes on the same held-out text. */
#include <stdlib.h>

#include "lines.h"
#include "vocab.h"

static const uint32_t sizes[] = {2048, 4096, 8192, 12288, 16384};

typedef struct {
  text_use use;
  size_t section; /* bytes of VOCB; 0 for unigram */
  double seconds; /* of training */
} figures;

static int measure(const tokenizer_job *j, uint32_t vocab, int unigram, figures *f, uint64_t *bytes,
                   host_error *e) {
  uint8_t *model = NULL, *section = NULL;
  size_t size;
  const double start = host_now();
  *f = (figures){0};
  if (learn_model(j, vocab, unigram, &model, &size, bytes, e)) return -1;
  f->seconds = host_now() - start;
  spm *s = unigram ? spm_open_unigram(model, size, e) : spm_open(model, size, e);
  const int bad = !s || (!unigram && vocab_build(s, &section, &f->section, e)) ||
                  text_use_measure(&f->use, s, j, e);
  spm_close(s);
  free(section);
  free(model);
  return bad ? -1 : 0;
}

static void say(const tokenizer_job *j, uint32_t vocab, int unigram, const figures *f) {
  const text_use *u = &f->use;
  const char *type = unigram ? "unigram" : "bpe";
  if (j->json)
    printf("{\"type\":\"%s\",\"vocab\":%u,\"split\":\"%s\",\"bytes\":%llu,\"tokens\":%llu,"
           "\"bytes_per_token\":%.4f,\"tokens_per_word\":%.4f,\"byte_share\":%.6f,"
           "\"device_bytes\":%zu,\"seconds\":%.2f}\n",
           type, vocab, u->split, (unsigned long long)u->bytes, (unsigned long long)u->tokens,
           text_use_per_token(u), text_use_per_word(u), text_use_fallback(u), f->section,
           f->seconds);
  else
    printf("| %s | %u | %.3f | %.3f | %.3f%% | %zu | %.1f |\n", type, vocab, text_use_per_token(u),
           text_use_per_word(u), 100 * text_use_fallback(u), f->section, f->seconds);
  fflush(stdout);
}

int report(const tokenizer_job *j, host_error *e) {
  uint64_t bytes = 0;
  if (!j->json)
    printf("| type | vocabulary | bytes a token | tokens a word | byte fallback | bytes on the "
           "device | seconds |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  const char *split = "";
  uint64_t held = 0;
  for (int unigram = 0; unigram <= j->unigram; unigram++)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      if (j->vocab && i) break; /* one size was asked for */
      const uint32_t vocab = j->vocab ? j->vocab : sizes[i];
      figures f;
      if (measure(j, vocab, unigram, &f, &bytes, e)) return -1;
      say(j, vocab, unigram, &f);
      split = f.use.split;
      held = f.use.bytes;
    }
  if (!j->json)
    printf(
        "\nLearned from %.1f of %.1f MB of training text (--max-bytes), measured on %.1f MB of %s "
        "text; peak memory %.0f MB.\n",
        (double)(bytes < j->max_bytes ? bytes : j->max_bytes) / 1e6, (double)bytes / 1e6,
        (double)held / 1e6, split, (double)host_peak_rss() / 1e6);
  return 0;
}
