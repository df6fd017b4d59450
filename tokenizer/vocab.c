/* VOCB: the pieces, and a perfect hash that finds one of them in one look.
 *
 * Hash, displace and compress (Belazzougui, Botelho, Dietzfelbinger 2009): a piece's hash names a
 * bucket, and the bucket's displacement, found here by trying, moves its pieces to free slots. */
#include "vocab.h"

#include <stdlib.h>
#include <string.h>

enum { TRIES = 64, PER_BUCKET = 2, BLOCK = 256, SLOT = 3 };

typedef struct {
  uint32_t id, mixed;
} key;

typedef struct {
  uint32_t pieces, longest, base, slots, buckets;
  uint8_t *text; /* all pieces in VOCB's byte form */
  uint32_t *end; /* [pieces + 1] where each begins */
  key *keys;     /* [pieces] by bucket */
  uint8_t *joins, *displace, *table;
  bool ranked;
} plan;

/* A piece in VOCB's byte form: 0x20 for U+2581, 0xFF for U+FFFD. Returns its length. */
static uint32_t byte_form(const char *text, size_t n, uint8_t *out) {
  uint32_t k = 0;
  for (size_t i = 0; i < n;) {
    if (n - i >= 3 && !memcmp(text + i, "\u2581", 3))
      out[k++] = 0x20, i += 3;
    else if (n - i >= 3 && !memcmp(text + i, "\ufffd", 3))
      out[k++] = 0xff, i += 3;
    else
      out[k++] = (uint8_t)text[i++];
  }
  return k;
}

static bool begins_character(uint8_t byte) { return (byte & 0xc0) != 0x80; }

/* Texts, joins, and whether ids are not in the order of the ranks. A piece of one character is
 * never merged into, so its score is of no matter. */
static void read_pieces(plan *p, const vocab_piece *pieces) {
  float above = 0;
  bool first = true;
  for (uint32_t i = 0; i < p->pieces; i++) {
    const uint8_t *t = p->text + p->end[i];
    const uint32_t n = byte_form(pieces[i].text, pieces[i].size, p->text + p->end[i]);
    p->end[i + 1] = p->end[i] + n;
    if (n > p->longest) p->longest = n;
    uint32_t characters = 1, last = ulm_vocab_class(t[0]);
    for (uint32_t k = 1; k < n; k++) {
      if (!begins_character(t[k])) continue;
      const uint32_t c = ulm_vocab_class(t[k]);
      p->joins[last << 4 | c >> 3] |= (uint8_t)(1u << (c & 7));
      last = c;
      characters++;
    }
    if (characters < 2) continue;
    if (!first && pieces[i].score >= above) p->ranked = true;
    above = pieces[i].score;
    first = false;
  }
}

static int by_bucket(const void *a, const void *b) {
  const key *x = a, *y = b;
  return x->mixed != y->mixed ? (x->mixed > y->mixed) - (x->mixed < y->mixed)
                              : (x->id > y->id) - (x->id < y->id);
}

/* Moves the keys of one bucket to free slots; false if no displacement does. */
static bool place(plan *p, uint32_t bucket, const key *keys, uint32_t n) {
  for (uint32_t d = 0; d < 256; d++) {
    uint32_t k = 0;
    for (; k < n; k++) {
      uint8_t *slot = p->table + SLOT * (size_t)ulm_vocab_slot(keys[k].mixed, (uint8_t)d, p->slots);
      if (ulm_get16(slot)) break;
      ulm_put16(slot, (uint16_t)(ULM_PIECE0 + keys[k].id));
      slot[2] = (uint8_t)keys[k].mixed;
    }
    if (k == n) {
      p->displace[bucket] = (uint8_t)d;
      return true;
    }
    while (k--)
      memset(p->table + SLOT * (size_t)ulm_vocab_slot(keys[k].mixed, (uint8_t)d, p->slots), 0,
             SLOT);
  }
  return false;
}

/* All buckets, the fullest first. */
static bool hash_pieces(plan *p) {
  memset(p->table, 0, SLOT * (size_t)p->slots);
  memset(p->displace, 0, p->buckets);
  uint32_t most = 0;
  for (uint32_t i = 0; i < p->pieces; i++) {
    const uint32_t h = ulm_vocab_hash(p->base, p->text + p->end[i], p->end[i + 1] - p->end[i]);
    p->keys[i] = (key){i, ulm_vocab_mix(h)};
  }
  qsort(p->keys, p->pieces, sizeof *p->keys, by_bucket);
  for (uint32_t want = UINT32_MAX; want; want = most) { /* buckets of `want` keys */
    most = 0;
    for (uint32_t i = 0, n; i < p->pieces; i += n) {
      const uint32_t b = ulm_vocab_scale(p->keys[i].mixed, p->buckets);
      for (n = 1; i + n < p->pieces; n++)
        if (ulm_vocab_scale(p->keys[i + n].mixed, p->buckets) != b) break;
      if (n == want && !place(p, b, p->keys + i, n)) return false;
      if (n < want && n > most) most = n;
    }
  }
  return true;
}

static int descending(const void *a, const void *b) {
  const float x = *(const float *)a, y = *(const float *)b;
  return (x < y) - (x > y);
}

/* rank of a piece = number of distinct scores above its own */
static void put_ranks(const vocab_piece *pieces, uint32_t count, uint8_t *ranks) {
  float *sorted = host_alloc(count * sizeof *sorted, "piece scores");
  for (uint32_t i = 0; i < count; i++) sorted[i] = pieces[i].score;
  qsort(sorted, count, sizeof *sorted, descending);
  uint32_t distinct = 0;
  for (uint32_t i = 0; i < count; i++)
    if (i == 0 || sorted[i] != sorted[i - 1]) sorted[distinct++] = sorted[i];
  for (uint32_t i = 0; i < count; i++) {
    const float *at = bsearch(&pieces[i].score, sorted, distinct, sizeof *sorted, descending);
    ulm_put16(ranks + 2 * (size_t)i, (uint16_t)(at - sorted));
  }
  free(sorted);
}

/* Marks the pieces that encode as themselves, by encoding them while none is marked. */
static int mark(const plan *p, const vocab_piece *pieces, uint8_t *bytes, size_t n, uint8_t *places,
                host_error *e) {
  const ulm_section s = {bytes, n, 0, 0, 0};
  ulm_vocab v;
  ulm_error err;
  uint32_t scratch[3 * ULM_PIECE_MAX + 2];
  uint8_t *marks = host_alloc(p->pieces + 1u, "marks of pieces");
  int bad = ulm_vocab_open(&v, &s, ULM_PIECE0 + p->pieces, &err);
  for (uint32_t i = 0; i < p->pieces && !bad; i++) {
    uint16_t id;
    size_t count;
    marks[i] = !ulm_vocab_encode(&v, pieces[i].text, pieces[i].size, scratch, sizeof scratch, &id,
                                 1, &count) &&
               count == 1 && id == ULM_PIECE0 + i;
  }
  for (uint32_t i = 0; i < p->pieces; i++)
    if (marks[i]) places[2 * (size_t)i + 1] |= 0x80;
  free(marks);
  if (!bad) bad = ulm_vocab_verify(&v, &s, &err);
  return bad ? host_fail_ulm(e, "the device tokenizer", &err) : 0;
}

static int put_section(const plan *p, const vocab_piece *pieces, uint8_t **bytes, size_t *n,
                       host_error *e) {
  const size_t blocks = 4 * (size_t)(p->pieces / BLOCK + 1), text = p->end[p->pieces];
  const size_t before = ULM_VOCAB_HEADER + ULM_VOCAB_JOINS + p->buckets + SLOT * (size_t)p->slots;
  const size_t places = 2 * ((size_t)p->pieces + 1), ranks = p->ranked ? 2 * (size_t)p->pieces : 0;
  uint8_t *out = host_alloc(*n = before + blocks + places + ranks + text, "the device tokenizer");
  const uint32_t header[] = {ULM_PIECE0 + p->pieces,
                             (uint32_t)text,
                             p->slots,
                             p->buckets,
                             p->base,
                             p->longest | (p->ranked ? (uint32_t)ULM_VOCAB_RANKED << 16 : 0),
                             ULM_VOCAB_VERSION};
  for (int i = 0; i < 7; i++) ulm_put32(out + 4 * i, header[i]);
  uint8_t *at = out + ULM_VOCAB_HEADER;
  memcpy(at, p->joins, ULM_VOCAB_JOINS);
  memcpy(at + ULM_VOCAB_JOINS, p->displace, p->buckets);
  memcpy(at + ULM_VOCAB_JOINS + p->buckets, p->table, SLOT * (size_t)p->slots);
  at = out + before;
  for (uint32_t i = 0; i <= p->pieces; i++) {
    const uint32_t base = p->end[i / BLOCK * BLOCK];
    if (i % BLOCK == 0) ulm_put32(at + 4 * (size_t)(i / BLOCK), base);
    ulm_put16(at + blocks + 2 * (size_t)i, (uint16_t)(p->end[i] - base));
  }
  if (p->ranked) put_ranks(pieces, p->pieces, at + blocks + places);
  memcpy(at + blocks + places + ranks, p->text, text);
  *bytes = out;
  return mark(p, pieces, out, *n, at + blocks, e);
}

int vocab_make(const vocab_piece *pieces, uint32_t count, uint8_t **bytes, size_t *n,
               host_error *e) {
  *bytes = NULL;
  for (uint32_t i = 0; i < count; i++)
    if (pieces[i].size < 1 || pieces[i].size > SPM_PIECE_MAX)
      return host_fail(e, "tokenizer: piece %u has %zu bytes of text, not 1..%d", ULM_PIECE0 + i,
                       pieces[i].size, SPM_PIECE_MAX);
  plan p = {.pieces = count, .slots = count + count / 16 + 1, .buckets = count / PER_BUCKET + 1};
  p.text = host_alloc((size_t)count * SPM_PIECE_MAX, "piece text");
  p.end = host_alloc(((size_t)count + 1) * sizeof *p.end, "piece offsets");
  p.keys = host_alloc(count * sizeof *p.keys, "piece hashes");
  p.joins = host_alloc(ULM_VOCAB_JOINS, "piece joins");
  p.displace = host_alloc(p.buckets, "the piece table");
  p.table = host_alloc(SLOT * (size_t)p.slots, "the piece table");
  read_pieces(&p, pieces);
  ulm_rng r = ulm_rng_seed(count, 0x766f6362);
  int tries = 0;
  do p.base = ulm_rng_u32(&r) | 1;
  while (!hash_pieces(&p) && ++tries < TRIES);
  const int bad = tries == TRIES ? host_fail(e,
                                             "tokenizer: its %u pieces fit no hash table; does one "
                                             "stand twice? train another vocabulary",
                                             count)
                                 : put_section(&p, pieces, bytes, n, e);
  free(p.text);
  free(p.end);
  free(p.keys);
  free(p.joins);
  free(p.displace);
  free(p.table);
  if (bad) free(*bytes), *bytes = NULL;
  return bad;
}

int vocab_build(const spm *s, uint8_t **bytes, size_t *n, host_error *e) {
  const uint32_t count = spm_vocab(s) - ULM_PIECE0;
  vocab_piece *pieces = host_alloc(count * sizeof *pieces, "the pieces");
  for (uint32_t i = 0; i < count; i++)
    pieces[i].text = spm_piece(s, ULM_PIECE0 + i, &pieces[i].size, &pieces[i].score, NULL);
  const int bad = vocab_make(pieces, count, bytes, n, e);
  free(pieces);
  return bad;
}
