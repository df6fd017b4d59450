#include "ulm_tok.h"
#include <string.h>

enum { SPACE = 0x20, REPLACED = 0xff }; /* VOCB's one-byte forms of U+2581 and U+FFFD */
static const uint8_t space_utf8[3] = {0xe2, 0x96, 0x81}, replaced_utf8[3] = {0xef, 0xbf, 0xbd};

/* FNV-1a, then a mix, since slots are taken from the low bits. */
uint32_t ulm_vocab_hash(uint32_t seed, const uint8_t *bytes, size_t n) {
  uint32_t h = 2166136261u ^ seed;
  for (size_t i = 0; i < n; i++) h = (h ^ bytes[i]) * 16777619u;
  h = (h ^ h >> 16) * 0x7feb352du;
  return h ^ h >> 15;
}

static const uint8_t *piece_at(const ulm_vocab *v, uint32_t id, size_t *n) {
  const uint8_t *o = v->offsets + 4 * (size_t)(id - ULM_PIECE0);
  const uint32_t from = ulm_get32(o);
  *n = ulm_get32(o + 4) - from;
  return v->bytes + from;
}

/* Id of the piece with these bytes, or 0. */
static uint16_t lookup(const ulm_vocab *v, const uint8_t *bytes, size_t n) {
  if (n > v->longest) return 0;
  uint32_t slot = ulm_vocab_hash(v->seed, bytes, n);
  for (uint32_t i = 0; i < v->probes; i++, slot++) {
    const uint16_t id = ulm_get16(v->slots + 2 * (size_t)(slot & v->mask));
    if (id == 0) return 0;
    size_t m;
    const uint8_t *p = piece_at(v, id, &m);
    if (m == n && !memcmp(p, bytes, n)) return id;
  }
  return 0;
}

/* ---- Opening ---- */

/* A piece's bytes: whole characters, none of them NUL, newline or one of the two long forms. */
static int is_piece(const uint8_t *p, size_t n) {
  if (n < 1 || n > ULM_PIECE_MAX) return 0;
  for (size_t i = 0; i < n;) {
    const size_t k = p[i] == REPLACED ? 1 : ulm_utf8_len(p + i, n - i);
    if (k == 0 || p[i] == 0 || p[i] == '\n') return 0;
    if (k == 3 && (!memcmp(p + i, space_utf8, 3) || !memcmp(p + i, replaced_utf8, 3))) return 0;
    i += k;
  }
  return 1;
}

ulm_status ulm_vocab_open(ulm_vocab *v, const ulm_section *s, uint32_t vocab, ulm_error *err) {
  const uint8_t *p = s->data;
  const uint64_t base = s->offset;
  if (s->size < ULM_VOCAB_HEADER)
    return ulm_fail(err, ULM_E_FORMAT, base, "the tokenizer is shorter than its header");
  const uint32_t slots = ulm_get32(p + 4), bytes = ulm_get32(p + 12);
  if (vocab < ULM_PIECE0 || vocab > 65535 || ulm_get32(p) != vocab)
    return ulm_fail(err, ULM_E_FORMAT, base, "the tokenizer's vocabulary is not the model's");
  const uint32_t pieces = vocab - ULM_PIECE0;
  if (slots <= pieces || slots > 1u << 20 || (slots & (slots - 1)))
    return ulm_fail(err, ULM_E_FORMAT, base + 4, "the tokenizer's table size is out of range");
  *v = (ulm_vocab){.vocab = vocab,
                   .mask = slots - 1,
                   .seed = ulm_get32(p + 8),
                   .longest = ulm_get32(p + 16),
                   .probes = ulm_get32(p + 20)};
  if (v->longest > ULM_PIECE_MAX)
    return ulm_fail(err, ULM_E_FORMAT, base + 16, "the tokenizer's longest piece is out of range");
  if (v->probes > ULM_VOCAB_PROBES)
    return ulm_fail(err, ULM_E_FORMAT, base + 20, "the tokenizer's probe count is out of range");
  if (ulm_get64(p + 24))
    return ulm_fail(err, ULM_E_FORMAT, base + 24, "reserved tokenizer bytes are not zero");
  const uint64_t ranks = ULM_VOCAB_HEADER + 4 * ((uint64_t)pieces + 1),
                 table = ranks + 2 * (uint64_t)pieces;
  const uint64_t text = table + 2 * (uint64_t)slots;
  if (s->size != text + bytes)
    return ulm_fail(err, ULM_E_FORMAT, base + 12, "the tokenizer's size differs from its header");
  v->offsets = p + ULM_VOCAB_HEADER;
  v->ranks = p + ranks;
  v->slots = p + table;
  v->bytes = p + text;

  uint32_t end = 0;
  for (uint32_t i = 0; i <= pieces; i++) {
    const uint64_t at = base + ULM_VOCAB_HEADER + 4 * (uint64_t)i;
    const uint32_t next = ulm_get32(v->offsets + 4 * (size_t)i);
    if (i == 0 ? next != 0 : next < end || next > bytes || next - end > v->longest)
      return ulm_fail(err, ULM_E_FORMAT, at, "a tokenizer piece is out of place");
    if (i && !is_piece(v->bytes + end, next - end))
      return ulm_fail(err, ULM_E_FORMAT, base + text + end,
                      "a tokenizer piece is not whole characters");
    end = next;
  }
  if (end != bytes)
    return ulm_fail(err, ULM_E_FORMAT, base + 12, "bytes after the last tokenizer piece");
  uint32_t used = 0;
  for (uint32_t i = 0; i < slots; i++) {
    const uint16_t id = ulm_get16(v->slots + 2 * (size_t)i);
    if (id && (id < ULM_PIECE0 || id >= vocab))
      return ulm_fail(err, ULM_E_FORMAT, base + table + 2 * (uint64_t)i,
                      "a tokenizer table entry is not a piece's id");
    used += id != 0;
  }
  if (used != pieces)
    return ulm_fail(err, ULM_E_FORMAT, base + table,
                    "the tokenizer's table does not hold every piece once");
  for (uint32_t id = ULM_PIECE0; id < vocab; id++) {
    size_t n;
    const uint8_t *b = piece_at(v, id, &n);
    if (lookup(v, b, n) != id)
      return ulm_fail(err, ULM_E_FORMAT, base + text + (uint64_t)(b - v->bytes),
                      "a tokenizer piece is not where its hash says, or stands twice");
  }
  return ULM_OK;
}

/* ---- Encoding ----
 * The text is a list of symbols, one a character at first. While there are neighbours whose
 * concatenation is a piece, those of the lowest rank (of these the leftmost) become one symbol. A
 * symbol is known by its first byte, so `length` and `before` make a doubly linked list, and a
 * tournament tree over bytes gives the best pair. */

typedef struct {
  const ulm_vocab *v;
  uint32_t n;      /* bytes of text */
  uint32_t *tree;  /* [n]: winner below inner node 1..n-1; node n + i is byte i itself */
  uint16_t *id;    /* [n] piece of the symbol that starts here, 0 if it has none */
  uint16_t *pair;  /* [n] piece of this symbol with the next one, 0 if they make none */
  uint8_t *length; /* [n] bytes of the symbol */
  uint8_t *before; /* [n] bytes of the symbol before it */
  uint8_t *text;   /* [n] in VOCB's byte form */
} work;

size_t ulm_vocab_scratch(size_t n) {
  return n > (uint32_t)1 << 31 || n > (SIZE_MAX - 4) / 12 ? SIZE_MAX : n * 12 + 4;
}

static void match(work *w, uint32_t left) {
  const uint32_t right = left + w->length[left];
  w->pair[left] =
      right < w->n ? lookup(w->v, w->text + left, (size_t)w->length[left] + w->length[right]) : 0;
}

static uint32_t winner(const work *w, uint32_t node) {
  return node < w->n ? w->tree[node] : node - w->n;
}

static void play(work *w, uint32_t node) {
  const uint32_t a = winner(w, 2 * node), b = winner(w, 2 * node + 1);
  const uint16_t x = w->pair[a], y = w->pair[b];
  uint32_t best = x ? a : b;
  if (x && y) {
    const uint16_t r = ulm_get16(w->v->ranks + 2 * (size_t)(x - ULM_PIECE0)),
                   q = ulm_get16(w->v->ranks + 2 * (size_t)(y - ULM_PIECE0));
    best = r < q || (r == q && a < b) ? a : b;
  }
  w->tree[node] = best;
}

static void replay(work *w, uint32_t byte) {
  for (uint32_t node = (byte + w->n) / 2; node; node /= 2) play(w, node);
}

/* Text into VOCB's byte form, one symbol a character. It never grows. */
static void read_text(work *w, const uint8_t *text, size_t n) {
  uint32_t at = 0;
  uint8_t last = 0;
  for (size_t i = 0; i < n;) {
    size_t k = ulm_utf8_len(text + i, n - i), m = k;
    if (k == 0 || (k == 3 && !memcmp(text + i, replaced_utf8, 3)))
      w->text[at] = REPLACED, m = 1;
    else if (k == 3 && !memcmp(text + i, space_utf8, 3))
      w->text[at] = SPACE, m = 1;
    else
      memcpy(w->text + at, text + i, k);
    w->length[at] = (uint8_t)m;
    w->before[at] = last;
    last = (uint8_t)m;
    i += k ? k : 1;
    at += (uint32_t)m;
  }
  w->n = at;
}

static void merge_all(work *w) {
  for (uint32_t i = 0; i < w->n; i++) w->pair[i] = 0;
  for (uint32_t i = 0; i < w->n; i += w->length[i]) {
    w->id[i] = lookup(w->v, w->text + i, w->length[i]);
    match(w, i);
  }
  for (uint32_t node = w->n - 1; node; node--) play(w, node);
  for (;;) {
    const uint32_t left = winner(w, 1);
    if (!w->pair[left]) return;
    const uint32_t right = left + w->length[left];
    w->id[left] = w->pair[left];
    w->length[left] = (uint8_t)(w->length[left] + w->length[right]);
    w->pair[right] = 0;
    match(w, left);
    const uint32_t next = left + w->length[left];
    if (next < w->n) w->before[next] = w->length[left];
    replay(w, right);
    replay(w, left);
    if (left) {
      const uint32_t prev = left - w->before[left];
      match(w, prev);
      replay(w, prev);
    }
  }
}

typedef struct {
  uint16_t *ids;
  size_t cap, count;
} output;

static void put(output *o, uint32_t id) {
  if (o->count < o->cap) o->ids[o->count] = (uint16_t)id;
  o->count++;
}

ulm_status ulm_vocab_encode(const ulm_vocab *v, const char *text, size_t n, void *scratch,
                            size_t scratch_size, uint16_t *ids, size_t cap, size_t *count) {
  *count = 0;
  if (n == 0) return ULM_OK;
  const size_t need = ulm_vocab_scratch(n);
  if (need == SIZE_MAX || scratch_size < need || (uintptr_t)scratch % 4) return ULM_E_MEMORY;
  work w = {.v = v, .tree = scratch};
  w.id = (uint16_t *)(w.tree + n);
  w.pair = w.id + n;
  w.length = (uint8_t *)(w.pair + n);
  w.before = w.length + n;
  w.text = w.before + n;
  read_text(&w, (const uint8_t *)text, n);
  merge_all(&w);

  output o = {ids, cap, 0};
  for (uint32_t i = 0; i < w.n; i += w.length[i]) {
    if (w.id[i]) {
      put(&o, w.id[i]);
      continue;
    }
    /* A character without a piece: its UTF-8 bytes. */
    const uint8_t *b = w.text + i;
    uint32_t k = w.length[i];
    if (*b == SPACE)
      b = space_utf8, k = 3;
    else if (*b == REPLACED)
      b = replaced_utf8, k = 3;
    for (uint32_t j = 0; j < k; j++) put(&o, (uint32_t)ULM_BYTE0 + b[j]);
  }
  *count = o.count;
  return o.count > cap ? ULM_E_CONTEXT : ULM_OK;
}

/* ---- Pieces ---- */

size_t ulm_vocab_piece(const ulm_vocab *v, uint16_t id, char *out, size_t cap) {
  if (id < ULM_BYTE0 || id >= v->vocab || cap == 0) return 0;
  if (id < ULM_PIECE0) {
    *out = (char)(uint8_t)(id - ULM_BYTE0);
    return 1;
  }
  size_t n, k = 0;
  const uint8_t *p = piece_at(v, id, &n);
  for (size_t i = 0; i < n && k < cap; i++) {
    if (p[i] != REPLACED)
      out[k++] = (char)p[i];
    else
      for (int j = 0; j < 3 && k < cap; j++) out[k++] = (char)replaced_utf8[j];
  }
  return k;
}
