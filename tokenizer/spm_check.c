/* Our own walk over a sentencepiece ModelProto (protobuf wire format), before the library sees it.
 *
 *   ModelProto       1 pieces (repeated), 2 trainer_spec, 3 normalizer_spec, 4 self_test_data,
 *                    5 denormalizer_spec
 *   SentencePiece    1 piece (string), 2 score (float), 3 type (enum)
 *   TrainerSpec      3 model_type (2: BPE), 24 treat_whitespace_as_suffix, 35 byte_fallback,
 *                    44 unk_surface
 *   NormalizerSpec   2 precompiled_charsmap, 3 add_dummy_prefix, 4 remove_extra_whitespaces,
 *                    5 escape_whitespaces
 *
 * Old libraries trust a model where this does not: the offsets of precompiled_charsmap's trie are
 * followed out of bounds (before 0.2.1 and, at its root, in it), a piece of 100 kB overflows the
 * stack, a NUL ends a piece early, self-test samples are encoded while loading. Groups, which
 * protobuf descends into, and numbers that are not in their shortest form, which two parsers may
 * read differently, are no part of what any trainer writes. */
#include "spm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 64 << 20, VOCAB_MAX = 65535, SPEC_MAX = 1 << 20, SURFACE_MAX = 64 };
enum { VARINT = 0, FIXED64 = 1, LENGTH = 2, FIXED32 = 5 };

typedef struct {
  const uint8_t *bytes;
  size_t at, end;
  host_error *e;
} reader;

typedef struct {
  size_t at;       /* byte where its tag stands */
  uint32_t number; /* 1..2^29-1 */
  int wire;
  uint64_t value;    /* VARINT, FIXED32, FIXED64 */
  size_t from, size; /* LENGTH */
} field;

static int fail(host_error *e, size_t at, const char *why) {
  return host_fail(e, "tokenizer model: byte %zu: %s; train one with `ulm tokenizer train`", at,
                   why);
}

static int varint(reader *r, uint64_t *v) {
  *v = 0;
  for (int i = 0; i < 10; i++) {
    if (r->at == r->end) return fail(r->e, r->at, "a number is cut off");
    const uint8_t b = r->bytes[r->at++];
    if (i == 9 && b > 1) return fail(r->e, r->at - 1, "a number is longer than 64 bits");
    *v |= (uint64_t)(b & 127) << 7 * i;
    if (i && b == 0) return fail(r->e, r->at - 1, "a number is not in its shortest form");
    if (b < 128) return 0;
  }
  return fail(r->e, r->at, "a number is longer than 10 bytes");
}

/* 1 with the next field, 0 at the end, -1 if the bytes are not well formed. */
static int next_field(reader *r, field *f) {
  if (r->at == r->end) return 0;
  uint64_t tag;
  *f = (field){.at = r->at};
  if (varint(r, &tag)) return -1;
  if (tag >> 32 || tag >> 3 == 0) return fail(r->e, f->at, "a field number is out of range");
  f->number = (uint32_t)(tag >> 3);
  f->wire = (int)(tag & 7);
  const size_t left = r->end - r->at;
  switch (f->wire) {
  case VARINT:
    return varint(r, &f->value) ? -1 : 1;
  case FIXED32:
    if (left < 4) return fail(r->e, f->at, "a field runs past the end");
    f->value = ulm_get32(r->bytes + r->at);
    r->at += 4;
    return 1;
  case FIXED64:
    if (left < 8) return fail(r->e, f->at, "a field runs past the end");
    f->value = ulm_get64(r->bytes + r->at);
    r->at += 8;
    return 1;
  case LENGTH: {
    uint64_t n;
    if (varint(r, &n)) return -1;
    if (n > r->end - r->at) return fail(r->e, f->at, "a field runs past the end");
    f->from = r->at;
    f->size = (size_t)n;
    r->at += f->size;
    return 1;
  }
  default:
    return fail(r->e, f->at, "a field has an unknown wire type");
  }
}

static reader inside(const reader *r, const field *f) {
  return (reader){r->bytes, f->from, f->from + f->size, r->e};
}

/* ---- Specifications ---- */

typedef struct {
  uint64_t type, bytes, suffix;                 /* trainer */
  uint64_t dummy_prefix, remove_spaces, escape; /* normalizer */
} spec;

/* Sets *v from a field that must be a number of at most 31 bits. */
static int number(const reader *r, const field *f, uint64_t *v) {
  if (f->wire != VARINT || f->value > INT32_MAX)
    return fail(r->e, f->at, "a setting is not a number in range");
  *v = f->value;
  return 0;
}

static int trainer_spec(reader r, spec *s) {
  field f;
  int more;
  while ((more = next_field(&r, &f)) > 0) {
    uint64_t *v = f.number == 3    ? &s->type
                  : f.number == 24 ? &s->suffix
                  : f.number == 35 ? &s->bytes
                                   : NULL;
    if (v && number(&r, &f, v)) return -1;
    if (f.number == 44 && f.wire == LENGTH && f.size > SURFACE_MAX)
      return fail(r.e, f.at, "the text of <unk> is longer than 64 bytes");
  }
  return more;
}

static int normalizer_spec(reader r, spec *s) {
  field f;
  int more;
  while ((more = next_field(&r, &f)) > 0) {
    uint64_t *v = f.number == 3   ? &s->dummy_prefix
                  : f.number == 4 ? &s->remove_spaces
                  : f.number == 5 ? &s->escape
                                  : NULL;
    if (v && number(&r, &f, v)) return -1;
    if (f.number == 2 && (f.wire != LENGTH || f.size))
      return fail(r.e, f.at, "it normalizes text; ulm needs the identity normalizer");
  }
  return more;
}

/* ---- Pieces ---- */

typedef struct {
  const uint8_t *text;
  size_t size, at;
} piece;

/* One SentencePiece message into *p, checked against what its id must be. */
static int read_piece(reader r, size_t at, uint32_t id, piece *p) {
  field f;
  int more;
  uint64_t type = 1;
  float score = 0;
  *p = (piece){.at = at};
  while ((more = next_field(&r, &f)) > 0) {
    if (f.number == 1) {
      if (f.wire != LENGTH) return fail(r.e, f.at, "a piece's text is not a string");
      p->text = r.bytes + f.from;
      p->size = f.size;
    } else if (f.number == 2) {
      if (f.wire != FIXED32) return fail(r.e, f.at, "a piece's score is not a float");
      const uint32_t bits = (uint32_t)f.value;
      memcpy(&score, &bits, 4);
      if (!isfinite(score)) return fail(r.e, f.at, "a piece's score is not finite");
    } else if (f.number == 3) {
      if (number(&r, &f, &type)) return -1;
    }
  }
  if (more < 0) return -1;
  if (p->size == 0) return fail(r.e, at, "a piece is empty");
  if (p->size > SPM_PIECE_MAX) return fail(r.e, at, "a piece is longer than 64 bytes");
  for (size_t i = 0; i < p->size;) {
    const size_t k = ulm_utf8_len(p->text + i, p->size - i);
    if (k == 0) return fail(r.e, at, "a piece is not valid UTF-8");
    if (p->text[i] == 0 || p->text[i] == '\n' || p->text[i] == ' ')
      return fail(r.e, at, "a piece holds a NUL, a newline or a plain space (spaces are U+2581)");
    i += k;
  }

  static const char *const special[4] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>", "<unk>"};
  char name[16] = "";
  uint64_t want = 1;
  if (id < ULM_BYTE0) {
    snprintf(name, sizeof name, "%s", special[id]);
    want = id == ULM_UNK ? 2 : 3;
  } else if (id < ULM_BYTE0 + 256) {
    snprintf(name, sizeof name, "<0x%02X>", (unsigned)(id - ULM_BYTE0));
    want = 6;
  }
  if (*name && (p->size != strlen(name) || memcmp(p->text, name, p->size)))
    return host_fail(
        r.e, "tokenizer model: byte %zu: piece %u is not %s; train one with `ulm tokenizer train`",
        at, id, name);
  if (type != want)
    return host_fail(r.e,
                     "tokenizer model: byte %zu: piece %u has type %llu instead of %llu; train one "
                     "with `ulm tokenizer train`",
                     at, id, (unsigned long long)type, (unsigned long long)want);
  return 0;
}

static int by_text(const void *a, const void *b) {
  const piece *x = a, *y = b;
  const int order = memcmp(x->text, y->text, x->size < y->size ? x->size : y->size);
  return order ? order : (x->size > y->size) - (x->size < y->size);
}

static int read_pieces(reader r, uint32_t count, piece *pieces) {
  field f;
  uint32_t id = 0;
  while (next_field(&r, &f) > 0) {
    if (f.number != 1) continue;
    if (read_piece(inside(&r, &f), f.at, id, &pieces[id])) return -1;
    id++;
  }
  qsort(pieces, count, sizeof *pieces, by_text);
  for (uint32_t i = 1; i < count; i++)
    if (!by_text(&pieces[i - 1], &pieces[i])) {
      const size_t a = pieces[i - 1].at, b = pieces[i].at;
      return fail(r.e, a > b ? a : b, "a piece stands twice");
    }
  const piece space = {(const uint8_t *)"\u2581", 3, 0};
  if (!bsearch(&space, pieces, count, sizeof *pieces, by_text))
    return fail(r.e, r.end, "it has no piece for a space");
  return 0;
}

int spm_check(const uint8_t *bytes, size_t n, uint32_t *vocab, host_error *e) {
  return spm_check_type(bytes, n, SPM_BPE, vocab, e);
}

int spm_check_type(const uint8_t *bytes, size_t n, int type, uint32_t *vocab, host_error *e) {
  if (n == 0) return fail(e, 0, "the file is empty");
  if (n > BYTES_MAX) return fail(e, BYTES_MAX, "it is larger than 64 MB");
  reader r = {bytes, 0, n, e};
  field f;
  int more;
  uint32_t count = 0;
  spec s = {
      .type = 1, .dummy_prefix = 1, .remove_spaces = 1, .escape = 1}; /* protobuf's defaults */
  while ((more = next_field(&r, &f)) > 0) {
    if (f.number > 5) continue;
    if (f.wire != LENGTH)
      return fail(e, f.at, "a part of the model is not a message; is this a sentencepiece model?");
    if (f.number != 1 && f.size > SPEC_MAX)
      return fail(e, f.at, "its settings are larger than 1 MB");
    switch (f.number) {
    case 1:
      if (count++ == VOCAB_MAX) return fail(e, f.at, "it has more than 65,535 pieces");
      break;
    case 2:
      if (trainer_spec(inside(&r, &f), &s)) return -1;
      break;
    case 3:
      if (normalizer_spec(inside(&r, &f), &s)) return -1;
      break;
    case 4:
      if (f.size) return fail(e, f.at, "it carries self-test data");
      break;
    case 5: {
      spec ignored;
      if (normalizer_spec(inside(&r, &f), &ignored)) return -1;
      break;
    }
    }
  }
  if (more < 0) return -1;
  if (s.type != (uint64_t)type)
    return fail(e, n, type == SPM_BPE ? "its type is not BPE" : "its type is not unigram");
  if (!s.bytes) return fail(e, n, "it has no byte fallback");
  if (s.dummy_prefix) return fail(e, n, "it adds a dummy prefix");
  if (s.remove_spaces) return fail(e, n, "it removes spaces");
  if (!s.escape || s.suffix) return fail(e, n, "it does not write a space as a leading U+2581");
  if (count < ULM_BYTE0 + 256)
    return fail(e, n, "it has fewer than the 260 pieces for specials and bytes");

  piece *pieces = host_alloc(count * sizeof *pieces, "the vocabulary");
  const int bad = read_pieces((reader){bytes, 0, n, e}, count, pieces);
  free(pieces);
  if (bad) return -1;
  if (vocab) *vocab = count;
  return 0;
}
