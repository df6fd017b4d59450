#include "portable.h"
#include "ulm_math.h"

enum { PROMPT = 96, BITS = 64 };

/* ---- Text without a C library ---- */

typedef struct {
  char text[1200]; /* holds an opener of which each byte takes four */
  size_t size;
} line;

static void say(line *l, const char *s) {
  while (*s && l->size < sizeof l->text - 2) l->text[l->size++] = *s++;
}

/* Text of a random model: what is no plain letter as \xNN. */
static void say_text(line *l, const char *s) {
  for (; *s; s++) {
    const uint8_t b = (uint8_t)*s;
    const char hex[] = {'\\', 'x', "0123456789abcdef"[b >> 4], "0123456789abcdef"[b & 15], 0},
               plain[] = {*s, 0};
    say(l, b < 0x20 || b > 0x7e || b == '\\' ? hex : plain);
  }
}

static void say_hex(line *l, uint64_t v) {
  char s[17] = {0};
  for (int i = 0; i < 16; i++) s[i] = "0123456789abcdef"[v >> (60 - 4 * i) & 15];
  say(l, s);
}

static void end(line *l, const portable_target *t) {
  l->text[l->size] = '\n', l->text[l->size + 1] = 0;
  t->put(l->text);
}

static int fail(const portable_target *t, const char *name, const char *why) {
  line l = {{0}, 0};
  say(&l, "error: "), say(&l, name), say(&l, ": "), say(&l, why);
  end(&l, t);
  return 1;
}

/* ---- Hashes: FNV-1a over 32-bit words ---- */

static void mix(uint64_t *h, uint32_t word) {
  for (int i = 0; i < 4; i++) *h = (*h ^ (word >> 8 * i & 255)) * 0x100000001b3u;
}

static void mix_floats(uint64_t *h, const float *x, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) mix(h, ulm_as_bits(x[i]));
}

typedef struct {
  ulm *m;
  uint64_t logits, spoken;
} hashes;

static void on_token(void *user, uint16_t id) {
  hashes *h = user;
  mix_floats(&h->logits, ulm_logits(h->m), ulm_get_config(h->m)->vocab);
  mix(&h->spoken, id);
}

/* ---- A conversation ---- */

static void backwards(void *user, void (*job)(void *work, uint32_t part), void *work) {
  (void)user;
  job(work, 1), job(work, 0);
}

/* <|im_start|>user \n text <|im_end|> \n */
static ulm_status prompt(ulm *m, uint16_t ids[PROMPT], size_t *n) {
  static const char role[] = "user\n", text[] = "the b is \xc3\xa9"
                                                "F, cE.  Yaz? \xe6\x9d\xb1 y!";
  size_t count = 0;
  *n = 0;
  ids[(*n)++] = ULM_BOS;
  ulm_status s = ulm_encode(m, role, sizeof role - 1, ids + *n, PROMPT - *n, &count);
  if (!s) *n += count, s = ulm_encode(m, text, sizeof text - 1, ids + *n, PROMPT - *n - 4, &count);
  if (s) return s;
  *n += count;
  ids[(*n)++] = ULM_EOS;
  s = ulm_encode(m, "\n", 1, ids + *n, PROMPT - *n, &count);
  *n += count;
  return s;
}

/* 1, 2, 3, ... tokens, each time with one that is taken back, as speech recognition does. */
static ulm_status feed(ulm *m, const uint16_t *ids, size_t n, int pieces) {
  if (!pieces) return ulm_prefill(m, ids, n);
  ulm_status s = ULM_OK;
  for (size_t at = 0, size = 1; !s && at < n; at += size, size++) {
    const uint16_t wrong[2] = {ids[at] ^ 1, 7};
    s = ulm_prefill(m, wrong, 2);
    if (!s) s = ulm_rewind(m, (uint32_t)at);
    if (!s) s = ulm_prefill(m, ids + at, size < n - at ? size : n - at);
  }
  return s;
}

static int converse(const char *name, const uint8_t *blob, size_t size, const portable_target *t,
                    const ulm_options *o, int pieces) {
  static const char *const kv[] = {"f32", "int8", "f16"};
  static const ulm_opener_options how = {
      .min_words = 1, .max_words = 2, .temperature = 0.8f, .top_p = 0.9f, .seed = 5};
  const uint64_t start = 0xcbf29ce484222325u;
  hashes h = {NULL, start, start};
  ulm_opener_options options = how;
  ulm_opener opener;
  ulm_error err = {ULM_OK, "", 0};
  uint16_t ids[PROMPT];
  size_t n;
  if (ulm_open(&h.m, blob, size, t->arena, t->arena_size, o, &err))
    return fail(t, name, err.message);
  ulm_status s = prompt(h.m, ids, &n);
  if (!s) s = feed(h.m, ids, n, pieces);
  if (s) return fail(t, name, ulm_status_text(s));
  mix_floats(&h.logits, ulm_logits(h.m), ulm_get_config(h.m)->vocab);
  options.on_token = on_token, options.user = &h;
  if (ulm_speak(h.m, &options, &opener, &err)) return fail(t, name, err.message);
  ids[0] = ULM_EOS; /* sees every key and value of the opener's */
  s = ulm_prefill(h.m, ids, 1);
  if (s) return fail(t, name, ulm_status_text(s));
  mix_floats(&h.logits, ulm_logits(h.m), ulm_get_config(h.m)->vocab);
  const float measures[4] = {opener.logprob, opener.entropy, opener.margin, opener.confidence};
  mix_floats(&h.spoken, measures, 4);
  line l = {{0}, 0};
  say(&l, name), say(&l, " "), say(&l, kv[o->kv]), say(&l, " "), say(&l, ulm_isa(h.m));
  say(&l, pieces ? " pieces " : " once "), say(&l, o->workers.parts == 2 ? "2 " : "1 ");
  say_hex(&l, h.logits), say(&l, " "), say_hex(&l, h.spoken), say(&l, " "),
      say_text(&l, opener.text);
  end(&l, t);
  return 0;
}

int portable(const char *name, const uint8_t *blob, size_t size, const portable_target *t) {
  ulm_workers two = t->two;
  if (!two.run) two.run = backwards;
  two.parts = 2;
  for (uint32_t isa = 0; ulm_isa_at(isa); isa++)
    for (int kv = ULM_KV_F32; kv <= ULM_KV_F16; kv++)
      for (int pieces = 0; pieces < 2; pieces++)
        for (int parts = 1; parts <= 2; parts++) {
          ulm_options o = {.kv = (ulm_kv)kv, .isa = ulm_isa_at(isa)};
          if (parts == 2) o.workers = two;
          if (converse(name, blob, size, t, &o, pieces)) return 1;
        }
  return 0;
}
