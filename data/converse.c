#include "converse.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include "openers.h"

/* ---- Checks ---- */

static void append(conversation *c, const char *text, size_t n) {
  if (c->room - c->used < n + 1) {
    c->room = host_mul_add(c->used + n, 2, 256);
    c->block = host_realloc(c->block, c->room, "a document");
  }
  memcpy(c->block + c->used, text, n);
  c->used += n;
  c->block[c->used] = 0;
}

static void add_turn(conversation *c, const char *role, uint8_t skip) {
  ulm_message *last = c->out.count ? c->turns + c->out.count - 1 : NULL;
  if (last && !strcmp(last->role, role)) {
    c->counts.joined++;
    c->used--; /* over the NUL */
    append(c, "\n", 1);
    append(c, c->clean.text, c->clean.size);
    last->size += c->clean.size + 1;
  } else {
    if (c->out.count == c->size) {
      c->size = c->size ? 2 * c->size : 16;
      c->turns = host_realloc(c->turns, c->size * sizeof *c->turns, "turns");
      c->at = host_realloc(c->at, c->size * sizeof *c->at, "turns");
      c->skip = host_realloc(c->skip, c->size, "turns");
    }
    c->at[c->out.count] = c->used;
    c->skip[c->out.count] = skip;
    c->turns[c->out.count++] = (ulm_message){role, NULL, c->clean.size};
    append(c, c->clean.text, c->clean.size);
  }
  c->used++;
}

/* The turn's text, now that it stays where it is; of a reply, how much and how it opens. */
static void finish_turn(conversation *c, size_t i) {
  ulm_message *m = &c->turns[i];
  char *text = c->block + c->at[i];
  m->text = text;
  if (strcmp(m->role, "assistant")) return;
  if (c->sentences > 0) {
    size_t n = 0;
    for (int k = 0; k < c->sentences && n < m->size; k++) {
      while (text[n] == ' ' || text[n] == '\n') n++;
      n += first_sentence(text + n, m->size - n);
    }
    if (n < m->size) c->counts.cut++, m->size = n, text[n] = 0;
  }
  if (!c->skip[i]) c->skip[i] = (uint8_t)opener_kind(text, m->size);
}

const char *converse(conversation *c, const doc *in) {
  static const char *const roles[] = {"system", "user", "assistant"};
  c->out = *in;
  c->out.turns = NULL, c->out.skip = NULL, c->out.count = 0, c->used = 0;
  if (in->text) {
    clean(&c->clean, in->text, in->text_size);
    c->out.text = c->clean.text, c->out.text_size = c->clean.size;
    return c->clean.size ? NULL : "empty";
  }
  bool user = false;
  int replies = 0;
  for (size_t i = 0; i < in->count; i++) {
    size_t r = 0;
    while (r < 3 && strcmp(in->turns[i].role, roles[r])) r++;
    if (r == 3) return "unknown role";
    clean(&c->clean, in->turns[i].text, in->turns[i].size);
    if (!c->clean.size) {
      c->counts.empty++;
      continue;
    }
    if (r == 0 && c->out.count && strcmp(c->turns[c->out.count - 1].role, "system"))
      return "system turn not first";
    if (r == 2 && !user) {
      c->counts.early++;
      continue;
    }
    if (r == 1 && replies > 0 && replies == c->replies) {
      c->counts.later += in->count - i;
      break;
    }
    user |= r == 1;
    replies += r == 2 && strcmp(c->turns[c->out.count - 1].role, roles[2]);
    add_turn(c, roles[r], in->skip ? in->skip[i] : DOC_OPENS);
  }
  for (size_t i = 0; i < c->out.count; i++) finish_turn(c, i);
  c->out.turns = c->turns, c->out.skip = c->skip;
  return !c->out.count ? "empty" : !user ? "no user turn" : !replies ? "no assistant turn" : NULL;
}

void converse_free(conversation *c) {
  clean_free(&c->clean);
  free(c->turns), free(c->skip), free(c->at), free(c->block);
  *c = (conversation){0};
}

/* ---- Fingerprints: two lanes of multiply and fold over 8 bytes at a time ---- */

static uint64_t fold(uint64_t x) {
  x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
  x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
  return x ^ x >> 32;
}

static void mix(fingerprint *f, const char *text, size_t n) {
  for (size_t i = 0; i < n; i += 8) {
    uint64_t w = 0;
    memcpy(&w, text + i, n - i < 8 ? n - i : 8);
    f->a = (f->a ^ w) * 0x9e3779b97f4a7c15u, f->a ^= f->a >> 29;
    f->b = (f->b + w) * 0xc2b2ae3d27d4eb4fu, f->b ^= f->b >> 31;
  }
  f->a = fold(f->a + n), f->b = fold(f->b ^ n);
}

fingerprint doc_fingerprint(const doc *d) {
  fingerprint f = {0x243f6a8885a308d3u, 0x13198a2e03707344u};
  if (d->text) mix(&f, d->text, d->text_size);
  for (size_t i = 0; !d->text && i < d->count; i++) {
    mix(&f, d->turns[i].role, strlen(d->turns[i].role));
    mix(&f, d->turns[i].text, d->turns[i].size);
  }
  return f;
}

uint64_t doc_prompt(const doc *d, uint64_t seed) {
  const char *text = d->text;
  size_t n = d->text_size;
  for (size_t i = 0; !text && i < d->count; i++)
    if (!strcmp(d->turns[i].role, "user")) text = d->turns[i].text, n = d->turns[i].size;
  if (!text) return 0;
  bool ascii = true;
  for (size_t i = 0; i < n && ascii; i++) ascii = (uint8_t)text[i] < 0x80;
  utf8proc_uint8_t *folded = NULL;
  if (ascii) { /* the same, at memory speed */
    folded = malloc(n + 1);
    for (size_t i = 0; folded && i < n; i++)
      folded[i] = (utf8proc_uint8_t)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
  }
  const utf8proc_ssize_t m =
      folded ? (utf8proc_ssize_t)n
             : utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, &folded,
                            UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
  if (m < 0) host_die("no memory to fold %zu bytes: %s", n, utf8proc_errmsg(m));
  fingerprint f = {fold(seed), fold(~seed)};
  mix(&f, (const char *)folded, (size_t)m);
  free(folded);
  return fold(f.a ^ f.b);
}
