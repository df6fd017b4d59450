#include "session.h"
#include "../data/docs.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <utf8proc.h>

/* ---- blobs ---- */

/* Puts a copy in huge pages in the mapping's place, if the system has them: for who reads all of it
 * often. On failure the mapping stays as it is. */
static void into_huge_pages(host_map *m) {
  const size_t huge = (size_t)2 << 20, page = 4096, room = (m->size + page - 1) / page * page;
  if (m->size < huge) return;
  uint8_t *all =
      mmap(NULL, room + huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) return;
  const size_t before = (huge - (uintptr_t)all % huge) % huge;
  uint8_t *bytes = all + before; /* begins on a huge page; what is around it is given back */
  if (before) munmap(all, before);
  munmap(bytes + room, huge - before);
  if (madvise(bytes, room, MADV_HUGEPAGE)) {
    munmap(bytes, room);
    return;
  }
  memcpy(bytes, m->bytes, m->size);
  mprotect(bytes, room, PROT_READ);
  const size_t size = m->size;
  host_map_close(m);
  *m = (host_map){bytes, size};
}

int session_open(session *s, const char *path, int threads, host_error *e) {
  return session_with(s, path, threads, NULL, false, e);
}

int session_with(session *s, const char *path, int threads, const ulm_options *o, bool huge,
                 host_error *e) {
  ulm_error err;
  memset(s, 0, sizeof *s);
  s->path = path;
  s->threads = threads > 0 ? threads : omp_get_max_threads();
  if (host_map_open(&s->map, path, e)) return -1;
  if (huge) into_huge_pages(&s->map);
  s->arena_bytes = ulm_verify(s->map.bytes, s->map.size, &err)
                       ? 0
                       : ulm_sizeof(s->map.bytes, s->map.size, o, &err);
  if (!s->arena_bytes) {
    host_map_close(&s->map);
    return host_fail_ulm(e, path, &err);
  }
  s->handles = host_alloc((size_t)s->threads * sizeof *s->handles, "model handles");
  s->arenas = host_alloc((size_t)s->threads * sizeof *s->arenas, "arenas");
  for (int i = 0; i < s->threads; i++) {
    s->arenas[i] = host_alloc(s->arena_bytes, "the model's arena");
    if (ulm_open(&s->handles[i], s->map.bytes, s->map.size, s->arenas[i], s->arena_bytes, o,
                 &err)) {
      session_close(s);
      return host_fail_ulm(e, path, &err);
    }
  }
  return 0;
}

void session_close(session *s) {
  for (int i = 0; s->arenas && i < s->threads; i++) free(s->arenas[i]);
  free(s->arenas), free(s->handles);
  s->arenas = NULL, s->handles = NULL;
  host_map_close(&s->map);
}

/* ---- prompts ---- */

static char *copy(const char *s, size_t n) {
  char *p = host_alloc(n + 1, "a prompt");
  memcpy(p, s, n);
  return p;
}
static char *copy_or_null(const char *s) { return s ? copy(s, strlen(s)) : NULL; }

static void prompt_free(prompt *p) {
  for (size_t i = 0; i < p->count; i++)
    free((void *)p->turns[i].role), free((void *)p->turns[i].text);
  free(p->turns), free((void *)p->reference), free((void *)p->source), free((void *)p->slot),
      free((void *)p->held);
}

void prompts_close(prompts *p) {
  for (size_t i = 0; i < p->count; i++) prompt_free(&p->items[i]);
  free(p->items);
  *p = (prompts){0};
}

/* The conversation before its last assistant turn; whole where it ends with the user. */
static int take(prompt *p, const doc *d) {
  size_t n = d->count;
  memset(p, 0, sizeof *p);
  const int replied = n && !strcmp(d->turns[n - 1].role, "assistant");
  if (replied) n--;
  if (!n || strcmp(d->turns[n - 1].role, "user")) return 0;
  p->turns = host_alloc(n * sizeof *p->turns, "a conversation");
  p->count = n;
  for (size_t i = 0; i < n; i++)
    p->turns[i] = (ulm_message){copy(d->turns[i].role, strlen(d->turns[i].role)),
                                copy(d->turns[i].text, d->turns[i].size), d->turns[i].size};
  if (replied) p->reference = copy(d->turns[n].text, d->turns[n].size);
  p->source = copy_or_null(d->source), p->slot = d->slot && *d->slot ? copy_or_null(d->slot) : NULL,
  p->held = copy_or_null(d->held);
  return 1;
}

int prompts_open(prompts *p, const char *path, uint64_t limit, uint64_t seed, host_error *e) {
  doc d;
  size_t cap = 0;
  int got;
  *p = (prompts){0};
  docs *in = docs_open(path, e);
  if (!in) return -1;
  while ((got = docs_next(in, &d, e)) > 0) {
    if (p->count == cap)
      p->items = host_realloc(p->items, (cap = cap ? 2 * cap : 256) * sizeof *p->items, "prompts");
    p->count += (size_t)take(&p->items[p->count], &d);
  }
  docs_close(in);
  if (got < 0) return prompts_close(p), -1;
  if (!p->count)
    return prompts_close(p),
           host_fail(e, "%s: holds no conversation with a user turn before a reply", path);
  if (limit && limit < p->count) { /* the first `limit` of a shuffle, back in file order */
    ulm_rng r = ulm_rng_seed(seed, 0x70726f6d);
    uint8_t *keep = host_alloc(p->count, "a choice");
    uint32_t left = (uint32_t)limit;
    for (size_t i = 0; i < p->count; i++)
      if (ulm_rng_below(&r, (uint32_t)(p->count - i)) < left) keep[i] = 1, left--;
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++)
      if (keep[i])
        p->items[n++] = p->items[i];
      else
        prompt_free(&p->items[i]);
    p->count = n;
    free(keep);
  }
  return 0;
}

ulm_status read_conversation(ulm *m, const prompt *p, ulm_error *err) {
  static const uint16_t bos = ULM_BOS;
  uint16_t ids[32];
  size_t n;
  ulm_status s = ulm_chat(m, p->turns, p->count, NULL, err);
  if (!s) s = ulm_encode(m, "assistant\n", 10, ids, sizeof ids / sizeof *ids, &n);
  if (!s) s = ulm_prefill(m, &bos, 1);
  if (!s) s = ulm_prefill(m, ids, n);
  return s;
}

/* ---- speaking ---- */

typedef struct {
  double began, word;
} clocks;
static int on_word(void *user, const char *word, size_t n) {
  clocks *c = user;
  (void)word, (void)n;
  if (c->word == 0) c->word = host_now();
  return 0;
}

static ulm_status speak(ulm *m, const prompt *p, const speaking *how, uint64_t index, spoken *out,
                        ulm_error *err) {
  clocks c = {.began = host_now()};
  const ulm_opener_options o = {.temperature = (float)how->temperature,
                                .top_p = (float)how->top_p,
                                .seed = how->seed * 1000003 + index,
                                .unforced = how->unforced,
                                .repeats = how->repeats,
                                .on_word = on_word,
                                .user = &c};
  memset(out, 0, sizeof *out);
  ulm_status s = ulm_chat(m, p->turns, p->count, &out->truncated, err);
  out->prefill_ms = 1e3 * (host_now() - c.began);
  if (!s) s = ulm_speak(m, &o, &out->o, err);
  out->total_ms = 1e3 * (host_now() - c.began);
  out->first_word_ms = c.word > 0 ? 1e3 * (c.word - c.began) : out->total_ms;
  return s;
}

int speak_all(session *s, const prompts *p, const speaking *how, spoken *out, const char *what,
              host_error *e) {
  host_progress bar;
  size_t done = 0, failed = SIZE_MAX;
  ulm_error why = {0};
  host_progress_begin(&bar, what, "prompts", p->count);
#pragma omp parallel for num_threads(s->threads) schedule(dynamic, 4)
  for (size_t i = 0; i < p->count; i++) {
    ulm_error err = {0};
    const ulm_status st =
        speak(s->handles[omp_get_thread_num()], &p->items[i], how, i, &out[i], &err);
#pragma omp critical
    {
      if (st && i < failed) failed = i, why = err;
      host_progress_step(&bar, ++done, NULL);
    }
  }
  host_progress_end(&bar, done, NULL);
  return failed == SIZE_MAX ? 0
                            : host_fail(e, "%s: prompt %zu: %s", s->path, failed + 1,
                                        why.message ? why.message : "cannot speak");
}

/* ---- text ---- */

/* The code point at s and its bytes; a byte that is not UTF-8 stands for itself, and at the end
 * there is 0. */
static utf8proc_int32_t point(const char *s, size_t *bytes) {
  utf8proc_int32_t c;
  const utf8proc_ssize_t k = utf8proc_iterate((const utf8proc_uint8_t *)s, -1, &c);
  *bytes = k > 0 ? (size_t)k : 1;
  return k > 0 ? c : 0x110000 + (unsigned char)*s;
}

/* Letters, their marks, and digits: an accent is one, a curly quote is none. */
static int is_letter(const char *s) {
  size_t k;
  const utf8proc_int32_t c = point(s, &k);
  if (c > 0x10ffff) return 1;
  const utf8proc_category_t kind = utf8proc_category(c);
  return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_NO;
}

/* Where the code point before `at` begins. */
static const char *before(const char *from, const char *at) {
  for (at--; at > from && (*at & 0xc0) == 0x80;) at--;
  return at;
}

/* Bytes of text that are `value` in any case; 0: it does not begin here. */
static size_t same(const char *text, const char *value) {
  const char *p = text;
  for (size_t a, b; *value; p += a, value += b)
    if (!*p || utf8proc_tolower(point(p, &a)) != utf8proc_tolower(point(value, &b))) return 0;
  return (size_t)(p - text);
}

int names(const char *text, const char *value, size_t *at) {
  size_t step;
  for (const char *p = text; *value && *p; p += step) {
    point(p, &step);
    const size_t k = same(p, value);
    if (!k || (p > text && is_letter(before(text, p)) && is_letter(p)) ||
        (is_letter(p + k) && is_letter(before(p, p + k))))
      continue;
    if (at) *at = (size_t)(p - text);
    return 1;
  }
  return 0;
}

/* The next word from *at on, as word_at gives it, and moves *at behind it. */
static size_t next_word(const char **at, char *out, size_t size) {
  const char *p = *at;
  size_t k, n = 0;
  for (; *p && !is_letter(p); p += k) point(p, &k);
  const char *from = p;
  while (*p && *p != ' ' && *p != '\t' && *p != '\n' && *p != '\r') p++;
  *at = p;
  if (from == p) return 0;
  const char *to = p;
  for (const char *last; !is_letter(last = before(from, to));) to = last;
  for (; from < to; from += k) { /* as many whole code points as fit */
    utf8proc_uint8_t c[4];
    const utf8proc_int32_t low = utf8proc_tolower(point(from, &k));
    const size_t m = low > 0x10ffff ? 1 : (size_t)utf8proc_encode_char(low, c);
    if (low > 0x10ffff) c[0] = (utf8proc_uint8_t)*from;
    if (n + m > size - 1) break;
    memcpy(out + n, c, m), n += m;
  }
  out[n] = 0;
  return n;
}

size_t word_at(const char *text, size_t i, char *out, size_t size) {
  size_t n;
  while ((n = next_word(&text, out, size)) && i) i--;
  return n;
}

uint64_t *word_hashes(const char *text, size_t *count) {
  uint64_t *list = NULL;
  size_t n = 0, cap = 0;
  char word[80];
  for (size_t k; (k = next_word(&text, word, sizeof word)); n++) {
    if (n == cap) list = host_realloc(list, (cap = cap ? 2 * cap : 32) * sizeof *list, "words");
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < k; i++) h = (h ^ (uint8_t)word[i]) * 0x100000001b3;
    list[n] = h;
  }
  *count = n;
  return list;
}

size_t content_word(const char *text, char *out, size_t size) {
  static const char function[] = " a an the this that these those is are was were be been am it "
                                 "its it's i i'll i'm i've you your you're my me we our "
                                 "to of in on at for from with by as and or but so if then there "
                                 "here what which who how when where why do does "
                                 "did can could will would should may might must have has had not "
                                 "no yes okay ok sure got all right well just now ";
  for (size_t i = 0; i < 12; i++) {
    char key[80] = " ";
    const size_t n = word_at(text, i, out, size);
    if (!n) return 0;
    if (n > sizeof key - 3) return n;
    memcpy(key + 1, out, n);
    memcpy(key + 1 + n, " ", 2);
    if (!strstr(function, key)) return n;
  }
  return 0;
}
