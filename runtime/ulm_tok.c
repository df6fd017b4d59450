#include "ulm_tok.h"
#include <string.h>

enum { SPACE = 0x20, REPLACED = 0xff, ENTRY = 3, BLOCK = 64, NONE = 0xffff };
static const uint8_t space_utf8[3] = {0xe2, 0x96, 0x81}, replaced_utf8[3] = {0xef, 0xbf, 0xbd};

uint32_t ulm_vocab_hash(uint32_t base, const uint8_t *bytes, size_t n) {
  uint32_t h = 0;
  for (size_t i = 0; i < n; i++) h = h * base + bytes[i] + 1;
  return h;
}

/* ---- Tables: nothing read from them is trusted ---- */

static uint32_t place_at(const ulm_vocab *v, uint32_t k) {
  return ulm_get32(v->blocks + 4 * (size_t)(k >> 8)) +
         (ulm_get16(v->places + 2 * (size_t)k) & 0x7fff);
}

/* Bytes of piece `id` (260..V-1); *n is 0 if its place is not inside the text. */
static const uint8_t *piece_at(const ulm_vocab *v, uint32_t id, uint32_t *n) {
  const uint32_t from = place_at(v, id - ULM_PIECE0), end = place_at(v, id - ULM_PIECE0 + 1);
  const int inside = from <= end && end <= v->text_size;
  *n = inside ? end - from : 0;
  return inside ? v->text + from : v->text;
}

static int encodes_as_itself(const ulm_vocab *v, uint32_t id) {
  return v->places[2 * (size_t)(id - ULM_PIECE0) + 1] >> 7;
}

static int joined(const ulm_vocab *v, uint32_t a, uint32_t b) {
  return v->joins[a << 4 | b >> 3] >> (b & 7) & 1;
}

/* Id of the piece with these bytes (n <= longest), whose hash is h; or 0. */
static uint32_t find(const ulm_vocab *v, const uint8_t *bytes, uint32_t n, uint32_t h) {
  const uint32_t mixed = ulm_vocab_mix(h);
  const uint8_t d = v->displace[ulm_vocab_scale(mixed, v->buckets)];
  const uint8_t *slot = v->slots + ENTRY * (size_t)ulm_vocab_slot(mixed, d, v->slot_count);
  const uint32_t id = ulm_get16(slot);
  if (slot[2] != (uint8_t)mixed || id < ULM_PIECE0 || id >= v->vocab) return 0;
  uint32_t m;
  const uint8_t *p = piece_at(v, id, &m);
  if (m != n) return 0;
  while (m && p[m - 1] == bytes[m - 1]) m--;
  return m ? 0 : id;
}

ulm_status ulm_vocab_open(ulm_vocab *v, const ulm_section *s, uint32_t vocab, ulm_error *err) {
  const uint8_t *p = s->data;
  const uint64_t base = s->offset;
  if (s->size < ULM_VOCAB_HEADER)
    return ulm_fail(err, ULM_E_FORMAT, base, "the tokenizer is shorter than its header");
  if (ulm_get32(p + 24) != ULM_VOCAB_VERSION)
    return ulm_fail(err, ULM_E_VERSION, base + 24,
                    ulm_get32(p + 24) ? "the tokenizer's layout is not version 2"
                                      : "the tokenizer's layout is version 1, this build reads "
                                        "version 2; export the model again");
  if (vocab < ULM_PIECE0 || vocab > 65535 || ulm_get32(p) != vocab)
    return ulm_fail(err, ULM_E_FORMAT, base, "the tokenizer's vocabulary is not the model's");
  const uint32_t pieces = vocab - ULM_PIECE0, flags = ulm_get16(p + 22);
  *v = (ulm_vocab){.vocab = vocab,
                   .text_size = ulm_get32(p + 4),
                   .slot_count = ulm_get32(p + 8),
                   .buckets = ulm_get32(p + 12),
                   .base = ulm_get32(p + 16),
                   .longest = ulm_get16(p + 20)};
  if (v->slot_count < pieces || v->slot_count < 1 || v->slot_count > 1u << 20)
    return ulm_fail(err, ULM_E_FORMAT, base + 8, "the tokenizer's table size is out of range");
  if (v->buckets < 1 || v->buckets > 1u << 20)
    return ulm_fail(err, ULM_E_FORMAT, base + 12, "the tokenizer's bucket count is out of range");
  if (v->longest > ULM_PIECE_MAX)
    return ulm_fail(err, ULM_E_FORMAT, base + 20, "the tokenizer's longest piece is out of range");
  if (flags & ~(uint32_t)ULM_VOCAB_RANKED || ulm_get32(p + 28))
    return ulm_fail(err, ULM_E_FORMAT, base + 22, "reserved tokenizer bits are not zero");
  const uint8_t *at = p + ULM_VOCAB_HEADER;
  const uint64_t sizes[7] = {ULM_VOCAB_JOINS,
                             v->buckets,
                             (uint64_t)ENTRY * v->slot_count,
                             4 * ((uint64_t)(pieces >> 8) + 1),
                             2 * ((uint64_t)pieces + 1),
                             flags & ULM_VOCAB_RANKED ? 2 * (uint64_t)pieces : 0,
                             v->text_size};
  const uint8_t **tables[7] = {&v->joins,  &v->displace, &v->slots, &v->blocks,
                               &v->places, &v->ranks,    &v->text};
  uint64_t left = s->size - ULM_VOCAB_HEADER;
  for (int i = 0; i < 7; i++) {
    if (sizes[i] > left)
      return ulm_fail(err, ULM_E_FORMAT, base + 4, "the tokenizer's tables run past its end");
    *tables[i] = at;
    at += sizes[i];
    left -= sizes[i];
  }
  if (left)
    return ulm_fail(err, ULM_E_FORMAT, base + 4, "the tokenizer's size differs from its header");
  if (!(flags & ULM_VOCAB_RANKED)) v->ranks = NULL;
  v->power[0] = 1;
  for (int i = 0; i < ULM_PIECE_MAX; i++) v->power[i + 1] = v->power[i] * v->base;
  return ULM_OK;
}

/* ---- Encoding ----
 * Text is cut into chunks wherever no piece holds the two characters side by side: no merge crosses
 * a cut, so chunks are encoded one by one. A chunk that is a piece which encodes as itself is done.
 * In any other, characters are symbols, and while there are neighbours whose concatenation is a
 * piece, those of the lowest rank (of these the leftmost) become one. A symbol is known by its
 * first byte, so `length` and `before` make a doubly linked list; the best pair is sought among the
 * best of each 64 bytes. */

typedef struct {
  const ulm_vocab *v;
  uint32_t n;      /* bytes of the chunk */
  uint32_t *hash;  /* [n + 1] of the chunk's first bytes */
  uint32_t *best;  /* [n / 64 + 1] byte where the best pair of 64 begins */
  uint16_t *id;    /* [n] piece of the symbol that starts here, 0 for a character */
  uint16_t *pair;  /* [n] rank of this symbol joined with the next, NONE if they make no piece */
  uint8_t *length; /* [n] bytes of the symbol */
  uint8_t *before; /* [n] bytes of the symbol before it */
  uint8_t *text;   /* [n] in VOCB's byte form */
} work;

size_t ulm_vocab_scratch(size_t n) {
  return n > (uint32_t)1 << 31 || n > (SIZE_MAX - 8) / 12 ? SIZE_MAX : n * 11 + n / BLOCK * 4 + 8;
}

static work work_in(const ulm_vocab *v, void *scratch, size_t n) {
  work w = {.v = v, .hash = scratch};
  w.best = w.hash + n + 1;
  w.id = (uint16_t *)(w.best + n / BLOCK + 1);
  w.pair = w.id + n;
  w.length = (uint8_t *)(w.pair + n);
  w.before = w.length + n;
  w.text = w.before + n;
  w.hash[0] = 0;
  return w;
}

static uint32_t find_part(const work *w, uint32_t from, uint32_t n) {
  if (n > w->v->longest) return 0;
  return find(w->v, w->text + from, n, w->hash[from + n] - w->hash[from] * w->v->power[n]);
}

/* Without a table, the id is the rank. */
static void match(work *w, uint32_t left) {
  const uint32_t right = left + w->length[left];
  const uint32_t id =
      right < w->n ? find_part(w, left, (uint32_t)w->length[left] + w->length[right]) : 0;
  w->pair[left] = (uint16_t)(!id           ? NONE
                             : w->v->ranks ? ulm_get16(w->v->ranks + 2 * (size_t)(id - ULM_PIECE0))
                                           : id);
}

static void seek(work *w, uint32_t block) {
  const uint32_t from = block * BLOCK, end = w->n - from < BLOCK ? w->n : from + BLOCK;
  uint32_t best = from;
  uint16_t rank = w->pair[from];
  for (uint32_t i = from + 1; i < end; i++)
    if (w->pair[i] < rank) rank = w->pair[best = i];
  w->best[block] = best;
}

static void join(work *w, uint32_t left) {
  const uint32_t right = left + w->length[left], prev = left - w->before[left];
  const uint32_t n = (uint32_t)w->length[left] + w->length[right];
  w->id[left] = (uint16_t)(w->v->ranks ? find_part(w, left, n) : w->pair[left]);
  w->length[left] = (uint8_t)n;
  w->pair[right] = NONE;
  if (left + n < w->n) w->before[left + n] = (uint8_t)n;
  match(w, left);
  if (left) match(w, prev);
  for (uint32_t b = prev / BLOCK; b <= right / BLOCK; b++) seek(w, b);
}

static void merge_all(work *w) {
  uint8_t last = 0;
  for (uint32_t i = 0; i < w->n; i += last) {
    const uint8_t a = w->text[i];
    const uint8_t k = a < 0x80 || a == REPLACED ? 1 : a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
    w->id[i] = 0;
    w->length[i] = k;
    w->before[i] = last;
    last = k;
    for (uint32_t j = 0; j < k; j++) w->pair[i + j] = NONE;
  }
  for (uint32_t i = 0; i < w->n; i += w->length[i]) match(w, i);
  const uint32_t blocks = (w->n + BLOCK - 1) / BLOCK;
  for (uint32_t b = 0; b < blocks; b++) seek(w, b);
  for (;;) {
    uint32_t left = w->best[0];
    for (uint32_t b = 1; b < blocks; b++)
      if (w->pair[w->best[b]] < w->pair[left]) left = w->best[b];
    if (w->pair[left] == NONE) return;
    join(w, left);
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

/* A character without a piece: its UTF-8 bytes. */
static void put_bytes(output *o, const uint8_t *b, uint32_t k) {
  if (*b == SPACE) b = space_utf8, k = 3;
  if (*b == REPLACED) b = replaced_utf8, k = 3;
  for (uint32_t j = 0; j < k; j++) put(o, (uint32_t)ULM_BYTE0 + b[j]);
}

static void put_chunk(work *w, output *o) {
  const uint32_t whole = find_part(w, 0, w->n);
  if (whole && encodes_as_itself(w->v, whole)) {
    put(o, whole);
    return;
  }
  merge_all(w);
  for (uint32_t i = 0; i < w->n; i += w->length[i]) {
    const uint32_t id = w->id[i] ? w->id[i] : find_part(w, i, w->length[i]);
    id ? put(o, id) : put_bytes(o, w->text + i, w->length[i]);
  }
}

/* Appends the next character to the chunk unless a cut comes first (then 0); returns the bytes of
 * text it takes. The byte form never grows. */
static size_t read_char(work *w, const uint8_t *text, size_t n, uint32_t *last) {
  size_t k = 1, m = 1;
  uint8_t first = *text;
  if (first >= 0x80) {
    k = ulm_utf8_len(text, n), m = k;
    if (k == 0 || (k == 3 && !memcmp(text, replaced_utf8, 3)))
      first = REPLACED, m = 1;
    else if (k == 3 && !memcmp(text, space_utf8, 3))
      first = SPACE, m = 1;
    if (k == 0) k = 1;
  }
  const uint32_t class = ulm_vocab_class(first);
  if (w->n && !joined(w->v, *last, class)) return 0;
  *last = class;
  uint32_t h = w->hash[w->n];
  for (size_t i = 0; i < m; i++) {
    const uint8_t b = i ? text[i] : first;
    w->text[w->n++] = b;
    w->hash[w->n] = h = h * w->v->base + b + 1;
  }
  return k;
}

ulm_status ulm_vocab_encode(const ulm_vocab *v, const char *text, size_t n, void *scratch,
                            size_t scratch_size, uint16_t *ids, size_t cap, size_t *count) {
  *count = 0;
  if (n == 0) return ULM_OK;
  const size_t need = ulm_vocab_scratch(n);
  if (need == SIZE_MAX || scratch_size < need || (uintptr_t)scratch % 4) return ULM_E_MEMORY;
  work w = work_in(v, scratch, n);
  output o = {ids, cap, 0};
  const uint8_t *p = (const uint8_t *)text;
  uint32_t last = 0;
  for (size_t i = 0; i < n;) {
    const size_t k = read_char(&w, p + i, n - i, &last);
    i += k;
    if (k && i < n) continue;
    put_chunk(&w, &o);
    w.n = 0;
  }
  *count = o.count;
  return o.count > cap ? ULM_E_CONTEXT : ULM_OK;
}

/* ---- Verifying ---- */

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

/* Whether all joins of a piece are in the table, and its mark is true. */
static const char *check_piece(const ulm_vocab *v, uint32_t id, const uint8_t *p, uint32_t n) {
  uint32_t scratch[(12 * ULM_PIECE_MAX + 8) / 4];
  work w = work_in(v, scratch, ULM_PIECE_MAX);
  uint32_t last = 0;
  for (uint32_t i = 0; i < n; i++) {
    if ((p[i] & 0xc0) != 0x80) {
      if (i && !joined(v, last, ulm_vocab_class(p[i])))
        return "a tokenizer piece is missing from the table of joins";
      last = ulm_vocab_class(p[i]);
    }
    w.text[i] = p[i];
    w.hash[i + 1] = w.hash[i] * v->base + p[i] + 1;
  }
  w.n = n;
  if (find_part(&w, 0, n) != id)
    return "a tokenizer piece is not where its hash says, or stands twice";
  merge_all(&w);
  if ((w.length[0] == n) != encodes_as_itself(v, id))
    return "a tokenizer piece is wrongly marked as one that encodes as itself";
  return NULL;
}

ulm_status ulm_vocab_verify(const ulm_vocab *v, const ulm_section *s, ulm_error *err) {
  const uint32_t pieces = v->vocab - ULM_PIECE0;
  uint32_t used = 0, longest = 0;
  for (uint32_t i = 0; i < v->slot_count; i++) used += ulm_get16(v->slots + ENTRY * (size_t)i) != 0;
  if (used != pieces)
    return ulm_fail(err, ULM_E_FORMAT, s->offset + (uint64_t)(v->slots - s->data),
                    "the tokenizer's table does not hold every piece once");
  if (place_at(v, 0) || place_at(v, pieces) != v->text_size)
    return ulm_fail(err, ULM_E_FORMAT, s->offset + (uint64_t)(v->places - s->data),
                    "the tokenizer's pieces do not fill its text");
  for (uint32_t id = ULM_PIECE0; id < v->vocab; id++) {
    uint32_t n;
    const uint8_t *p = piece_at(v, id, &n);
    const char *why = !n                ? "a tokenizer piece is out of place"
                      : !is_piece(p, n) ? "a tokenizer piece is not whole characters"
                                        : check_piece(v, id, p, n);
    if (why)
      return ulm_fail(err, ULM_E_FORMAT,
                      s->offset + (uint64_t)(v->places - s->data) + 2 * (id - ULM_PIECE0), why);
    longest = n > longest ? n : longest;
  }
  if (longest != v->longest)
    return ulm_fail(err, ULM_E_FORMAT, s->offset + 20, "the tokenizer's longest piece is another");
  return ULM_OK;
}

/* ---- Decoding ---- */

size_t ulm_vocab_piece(const ulm_vocab *v, uint16_t id, char *out, size_t cap) {
  if (id < ULM_BYTE0 || id >= v->vocab || cap == 0) return 0;
  if (id < ULM_PIECE0) {
    *out = (char)(uint8_t)(id - ULM_BYTE0);
    return 1;
  }
  uint32_t n;
  size_t k = 0;
  const uint8_t *p = piece_at(v, id, &n);
  if (!is_piece(p, n)) return 0;
  for (size_t i = 0; i < n && k < cap; i++) {
    if (p[i] != REPLACED)
      out[k++] = (char)p[i];
    else
      for (int j = 0; j < 3 && k < cap; j++) out[k++] = (char)replaced_utf8[j];
  }
  return k;
}

/* Writes what is sure of the bytes held back: whole characters, and U+FFFD for a byte that begins
 * none. */
static size_t give(ulm_decoder *d, char *out, int end) {
  size_t k = 0;
  while (d->count) {
    size_t n = ulm_utf8_len(d->bytes, d->count);
    if (!n && !end && ulm_utf8_pending(d->bytes, d->count) == d->count) break;
    if (n)
      memcpy(out + k, d->bytes, n), k += n;
    else
      memcpy(out + k, replaced_utf8, 3), k += 3, n = 1;
    d->count = (uint8_t)(d->count - n);
    memmove(d->bytes, d->bytes + n, d->count);
  }
  return k;
}

size_t ulm_vocab_decode(const ulm_vocab *v, ulm_decoder *d, uint16_t id, char *out) {
  if (id >= ULM_BYTE0 && id < ULM_PIECE0) {
    d->bytes[d->count++] = (uint8_t)(id - ULM_BYTE0);
    return give(d, out, 0);
  }
  const size_t k = give(d, out, 1);
  return k + ulm_vocab_piece(v, id, out + k, ULM_DECODE_MAX - k);
}

size_t ulm_vocab_decode_end(ulm_decoder *d, char *out) { return give(d, out, 1); }
