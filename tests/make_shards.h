/* Shard folders for tests of training, with the small tokenizer of tests/vectors and documents by
 * recipe: a model can learn them, and a test can tell each from its tokens. */
#ifndef TESTS_MAKE_SHARDS_H
#define TESTS_MAKE_SHARDS_H
#include "make_model.h"
#include "tokenizer/encode.h"

enum { MADE_PIECE0 = 260, MADE_NEWLINE = ULM_BYTE0 + '\n' };

typedef struct {
  uint16_t ids[4096];
  uint8_t mask[4096];
  tokens t;
} made_doc;

static inline void made_push(made_doc *d, uint32_t id, uint32_t flags) {
  if (d->t.count == 4096) fail_msg("a document outgrew its block");
  d->ids[d->t.count] = (uint16_t)id, d->mask[d->t.count++] = (uint8_t)flags;
}
static inline void made_begin(made_doc *d) { d->t = (tokens){.ids = d->ids, .mask = d->mask}; }

/* One exchange: a prompt of n random pieces, and the reply repeats it, each id one higher; the
 * opener is its first six tokens. Replies below four tokens have none. */
static inline void made_turns(made_doc *d, ulm_rng *r, uint32_t n) {
  uint32_t prompt[1024];
  const uint32_t opener = n < 4 ? 0 : n < 6 ? n : 6;
  made_push(d, ULM_BOS, SHARD_CHAT), made_push(d, MADE_PIECE0, SHARD_CHAT);
  made_push(d, MADE_NEWLINE, SHARD_CHAT);
  for (uint32_t i = 0; i < n; i++) {
    prompt[i] = MADE_PIECE0 + 2 + ulm_rng_below(r, TINY_VOCAB - MADE_PIECE0 - 3);
    made_push(d, prompt[i], SHARD_CHAT);
  }
  made_push(d, ULM_EOS, SHARD_CHAT), made_push(d, MADE_NEWLINE, SHARD_CHAT);
  made_push(d, ULM_BOS, SHARD_CHAT), made_push(d, MADE_PIECE0 + 1, SHARD_CHAT);
  made_push(d, MADE_NEWLINE, SHARD_CHAT);
  for (uint32_t i = 0; i < n; i++)
    made_push(d, prompt[i] + 1,
              SHARD_CHAT | SHARD_REPLY | (i == 0 ? SHARD_BEGIN : 0u) |
                  (i < opener ? SHARD_OPENER : 0u) | (i + 1 == opener ? SHARD_CUT : 0u));
  made_push(d, ULM_EOS, SHARD_CHAT | SHARD_REPLY | (n == 0 ? SHARD_BEGIN : 0u));
  made_push(d, MADE_NEWLINE, SHARD_CHAT);
}
/* Running text of n pieces: the first two tokens are `number`, so that each document is another. */
static inline void made_text_doc(made_doc *d, ulm_rng *r, uint32_t number, uint32_t n) {
  made_begin(d);
  made_push(d, MADE_PIECE0 + number % 100, 0), made_push(d, MADE_PIECE0 + number / 100, 0);
  for (uint32_t i = 2; i < n; i++)
    made_push(d, MADE_PIECE0 + ulm_rng_below(r, TINY_VOCAB - MADE_PIECE0), 0);
  made_push(d, ULM_PAD, 0);
}

typedef struct {
  shard_writer w;
  uint8_t *model;
  json_t *options;
} made_shards;
static inline void made_shards_open(made_shards *m, const char *dir, const char *split,
                                    const char *model, uint64_t shard_tokens) {
  host_error e;
  size_t n;
  if (host_mkdir(dir, &e)) fail_msg("%s", e.text);
  m->model = made_read(model, &n);
  m->options = json_object();
  shard_writer_open(&m->w, dir, split, m->model, n, m->options, shard_tokens);
}
static inline void made_shards_add(made_shards *m, const made_doc *d, const char *source) {
  host_error e;
  if (shard_writer_add(&m->w, &d->t, 0, source, NULL, &e)) fail_msg("%s", e.text);
}
static inline void made_shards_close(made_shards *m) {
  host_error e;
  if (shard_writer_finish(&m->w, &e)) fail_msg("%s", e.text);
  shard_writer_free(&m->w);
  json_decref(m->options);
  free(m->model);
}

/* `docs` conversations of one exchange, prompts of 2..9 pieces. */
static inline void made_chats(const char *dir, const char *split, uint32_t docs, uint64_t seed) {
  made_shards m;
  made_doc d;
  ulm_rng r = ulm_rng_seed(seed, 77);
  made_shards_open(&m, dir, split, tiny_tokenizer, 2000);
  for (uint32_t i = 0; i < docs; i++) {
    made_begin(&d);
    made_turns(&d, &r, 2 + ulm_rng_below(&r, 8));
    made_push(&d, ULM_PAD, SHARD_CHAT);
    made_shards_add(&m, &d, "chats");
  }
  made_shards_close(&m);
}

#endif
