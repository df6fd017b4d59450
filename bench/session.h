/* Blobs opened for the bench, and the prompts it runs them on. */
#ifndef BENCH_SESSION_H
#define BENCH_SESSION_H

#include "../host.h"
#include "../runtime/ulm_words.h"

/* A verified blob and one handle a thread. */
typedef struct {
  host_map map;
  int threads;
  ulm **handles;
  void **arenas;
  size_t arena_bytes;
  const char *path;
} session;
int session_open(session *s, const char *path, int threads, host_error *e);
/* The same with options, and the blob copied into huge pages if wanted. */
int session_with(session *s, const char *path, int threads, const ulm_options *o, bool huge,
                 host_error *e);
void session_close(session *s);

/* One prompt: the conversation up to the reply that is asked for, and what is known of it. */
typedef struct {
  ulm_message *turns;
  size_t count;
  const char *reference; /* last assistant message, or NULL */
  const char *source, *slot,
      *held; /* slot: the value an opener must name; NULL where there is none */
} prompt;

typedef struct {
  prompt *items;
  size_t count;
} prompts;
/* Reads chat JSONL, plain or gzip; running text is refused. limit 0: all; otherwise `limit` of them
 * by lot. */
int prompts_open(prompts *p, const char *path, uint64_t limit, uint64_t seed, host_error *e);
void prompts_close(prompts *p);

/* A prompt's conversation and the header of the reply to come, read into a handle. */
ulm_status read_conversation(ulm *m, const prompt *p, ulm_error *err);

/* ---- Openers of all prompts ---- */

typedef struct {
  ulm_opener o;
  double prefill_ms, first_word_ms, total_ms;
  int truncated;
} spoken;

typedef struct {
  double temperature, top_p;
  uint64_t seed;
  int unforced, repeats;
} speaking;
/* out[p->count]; the same for any number of threads. */
int speak_all(session *s, const prompts *p, const speaking *how, spoken *out, const char *what,
              host_error *e);

/* ---- Text ---- */

/* Whether `value` stands in text as whole words, in any case. *at (may be NULL): where. */
int names(const char *text, const char *value, size_t *at);
/* Word i of text, lower case, without marks at its ends, into out[size]; 0 if there is none. */
size_t word_at(const char *text, size_t i, char *out, size_t size);
/* FNV-1a of each word of text, as word_at gives them (of long ones the first 79 bytes); free them.
 */
uint64_t *word_hashes(const char *text, size_t *count);
/* First word that is not a function word ("the", "is", "your", ...); 0 if none in the first 12. */
size_t content_word(const char *text, char *out, size_t size);

#endif
