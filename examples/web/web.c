/* The runtime for JavaScript: one model, one conversation of one turn that is still being typed.
 *
 *   room(n)  -> address for a blob of n bytes; the old model is forgotten; 0: no memory
 *   load(n, context) -> 0, or a status: fault() tells why, fault_at() where
 *   text()   -> address for the user's words so far, TEXT bytes of UTF-8
 *   feed(n)  -> tokens that had to be computed, or minus a status: those of words[0..n) that are
 * held already stay, a revised tail is rewound speak(min, max, temperature, top_p, seed) -> 0 or a
 * status; word(address, n) of the environment is called for each word and cancels where it returns
 * other than 0. Afterwards the user's words are held as before: typing goes on report() -> address
 * of 8 floats, see `say`; opener() -> its text */
#include "ulm.h"
#include "ulm_file.h"
#include <string.h>

#define EXPORT(name) __attribute__((export_name(#name)))
__attribute__((import_module("env"), import_name("word"))) int on_word(const char *word, size_t n);

enum { TEXT = 4096, PAGE = 65536, REPLY = 64 /* tokens that stay free for header and opener */ };

extern uint8_t __heap_base; /* by the linker: what follows is free */
static ulm *model;
static ulm_opener said;
static ulm_error error;
static float numbers[8];
static char words[TEXT];
static uint16_t ids[3 * TEXT], held[3 * TEXT]; /* of the text now; of the text in the cache */
static uint32_t head, count;                   /* tokens before the text; of held */
static size_t blob_size;

static uint8_t *align(uint8_t *p) { return (uint8_t *)(((uintptr_t)p + 63) & ~(uintptr_t)63); }
static uint8_t *blob(void) { return align(&__heap_base); }

/* Makes memory reach `size` bytes from p on. */
static int reach(const uint8_t *p, size_t size) {
  const size_t have = __builtin_wasm_memory_size(0) * PAGE - (size_t)p;
  if (size <= have) return 1;
  return __builtin_wasm_memory_grow(0, (size - have + PAGE - 1) / PAGE) != (size_t)-1;
}

EXPORT(room) uint8_t *room(size_t n) {
  model = NULL;
  blob_size = 0;
  if (n > (size_t)1 << 30 || !reach(blob(), n)) return NULL;
  blob_size = n;
  return blob();
}

EXPORT(fault) const char *fault(void) { return error.message ? error.message : ""; }
EXPORT(fault_at) double fault_at(void) { return (double)error.offset; }

static int fail(ulm_status s, const char *why) { return ulm_fail(&error, s, 0, why); }

EXPORT(load) int load(size_t n, uint32_t context) {
  const ulm_options o = {.context = context};
  model = NULL;
  head = count = 0;
  if (n != blob_size || n == 0) return fail(ULM_E_ARGUMENT, "no room was made for this blob");
  ulm_status s = ulm_verify(blob(), n, &error);
  const size_t need = s ? 0 : ulm_sizeof(blob(), n, &o, &error);
  if (!need) return error.code;
  uint8_t *arena = align(blob() + n);
  if (need > (size_t)1 << 30 || !reach(arena, need))
    return fail(ULM_E_MEMORY, "the model's working memory is more than this page may have");
  return ulm_open(&model, blob(), n, arena, need, &o, &error);
}

EXPORT(isa) const char *isa(void) { return model ? ulm_isa(model) : ""; }
EXPORT(parameters) double parameters(void) {
  return model ? (double)ulm_param_count(ulm_get_config(model)) : 0;
}
EXPORT(vocabulary) uint32_t vocabulary(void) { return model ? ulm_get_config(model)->vocab : 0; }
EXPORT(position) uint32_t position(void) { return model ? ulm_position(model) : 0; }
EXPORT(logits) const float *logits(void) { return model ? ulm_logits(model) : NULL; }
EXPORT(text) char *text(void) { return words; }

static ulm_status append(uint16_t id, const char *line, size_t n) {
  size_t k;
  ulm_status s = ulm_prefill(model, &id, 1);
  if (!s) s = ulm_encode(model, line, n, ids, sizeof ids / sizeof *ids, &k);
  return s ? s : ulm_prefill(model, ids, k);
}

EXPORT(feed) int feed(size_t n) {
  if (!model || n > TEXT) return -ULM_E_ARGUMENT;
  ulm_status s = ULM_OK;
  if (!head) {
    if ((s = ulm_chat_begin(model)) || (s = append(ULM_BOS, "user\n", 5))) return -(int)s;
    head = ulm_position(model);
    count = 0;
  }
  size_t now, same = 0;
  if ((s = ulm_encode(model, words, n, ids, sizeof ids / sizeof *ids, &now))) return -(int)s;
  if (head + now + REPLY > ulm_context(model)) return -ULM_E_CONTEXT;
  while (same < now && same < count && ids[same] == held[same]) same++;
  s = ulm_rewind(model, head + (uint32_t)same);
  if (!s) s = ulm_prefill(model, ids + same, now - same);
  memcpy(held, ids, now * sizeof *ids);
  count = (uint32_t)(s ? same : now);
  return s ? -(int)s : (int)(now - same);
}

static int give(void *user, const char *word, size_t n) {
  (void)user;
  return on_word(word, n);
}

static void say(ulm_choice choice, uint32_t frame) {
  const float n[8] = {(float)said.size,   (float)said.words, (float)said.tokens, said.confidence,
                      (float)said.finish, (float)said.ended, (float)choice,      (float)frame};
  memcpy(numbers, n, sizeof n);
}

EXPORT(speak)
int speak(uint32_t min, uint32_t max, float temperature, float top_p, uint32_t seed) {
  if (!model || !head) return fail(ULM_E_ARGUMENT, "nothing was fed");
  const ulm_opener_options o = {.min_words = min,
                                .max_words = max,
                                .temperature = temperature,
                                .top_p = top_p,
                                .seed = seed,
                                .on_word = give};
  ulm_status s = append(ULM_EOS, "\n", 1);
  if (s) (void)fail(s, "the text does not fit in the context");
  if (!s) s = ulm_speak(model, &o, &said, &error);
  if (s == ULM_E_CANCELLED) s = ULM_OK; /* report()[4] tells */
  const ulm_gate gate = ulm_get_gate(model);
  say(ulm_gate_choose(&gate, said.confidence), ulm_position(model) - said.tokens - head - count);
  (void)ulm_rewind(model, head + count);
  return s;
}

EXPORT(report) const float *report(void) { return numbers; }
EXPORT(opener) const char *opener(void) { return said.text; }
