/* While the user speaks: turns fed as they are heard, conversations laid over what is held,
 * snapshots taken, put back, kept in the blob, and refused; calls cancelled anywhere. */
#include "t.h"

#include "make_blob.h"

static const ulm_config tiny = {32, 2, 4, 2, 64, 320, 256, 1e6f, 1e-5f};
static const char sys[] = "the a. is y", ask[] = "the is, zya bB the?";

typedef struct {
  ulm *m;
  void *arena;
} handle;

static uint8_t *blob, *other;
static size_t blob_size, other_size;

static uint8_t *make(uint64_t seed, const made_section *more, size_t *size) {
  size_t n, dir_size, weights_size;
  uint8_t config[ULM_CONFIG_SIZE], *dir, *weights, *vocab = made_vocab(tiny.vocab, &n);
  float *w = made_params(&tiny, 0.2f, seed);
  ulm_config_write(config, &tiny);
  made_weights(&tiny, ULM_INT8, w, &dir, &dir_size, &weights, &weights_size);
  made_section s[6] = {{ULM_SEC_CONFIG, config, sizeof config},
                       {ULM_SEC_TENSORS, dir, dir_size},
                       {ULM_SEC_WEIGHTS, weights, weights_size},
                       {ULM_SEC_VOCAB, vocab, n},
                       {ULM_SEC_CHAT, ULM_CHATML, sizeof ULM_CHATML - 1}};
  if (more) s[5] = *more;
  uint8_t *b = made_container(ULM_KIND_BLOB, s, more ? 6 : 5, size);
  free(w), free(vocab), free(dir), free(weights);
  return b;
}

static handle open_bytes(const uint8_t *b, size_t n, ulm_options o) {
  ulm_error err;
  handle h;
  const size_t need = ulm_sizeof(b, n, &o, &err);
  if (!need) fail_msg("%s", err.message);
  h.arena = aligned_alloc(64, need);
  memset(h.arena, 0x5a, need);
  if (ulm_open(&h.m, b, n, h.arena, need, &o, &err)) fail_msg("%s", err.message);
  return h;
}
static handle open_kv(int kv) {
  return open_bytes(blob, blob_size, (ulm_options){.kv = (ulm_kv)kv});
}

static int setup(void **state) {
  (void)state;
  blob = make(5, NULL, &blob_size), other = make(6, NULL, &other_size);
  return 0;
}
static int teardown(void **state) {
  (void)state;
  free(blob), free(other);
  return 0;
}

static void same_state(ulm *a, ulm *b) {
  assert_int_equal(ulm_position(a), ulm_position(b));
  assert_non_null(ulm_hidden(a));
  assert_memory_equal(ulm_hidden(a), ulm_hidden(b), tiny.dim * sizeof(float));
  assert_memory_equal(ulm_logits(a), ulm_logits(b), tiny.vocab * sizeof(float));
}

static void same_speech(ulm *a, ulm *b) {
  ulm_opener x, y;
  ulm_error err;
  const ulm_opener_options o = {.temperature = 1, .top_p = 1, .seed = 3};
  assert_int_equal(ulm_speak(a, &o, &x, &err), ulm_speak(b, &o, &y, &err));
  assert_memory_equal(&x, &y, sizeof x);
  const uint16_t id = 300;
  assert_int_equal(ulm_prefill(a, &id, 1), ULM_OK);
  assert_int_equal(ulm_prefill(b, &id, 1), ULM_OK);
  same_state(a, b);
}

/* Counts the layers that calls compute. */
static int layers;
static int count(void *user) {
  (void)user;
  layers++;
  return 0;
}

/* ---- Hearing ---- */

static void a_turn_heard_in_pieces_and_revised_gives_the_bits_of_the_whole(void **state) {
  (void)state;
  static const char *const guesses[] = {"t",
                                        "the i",
                                        "the it, zy",
                                        "the is, zya",
                                        "",
                                        "the is, zya bB the?",
                                        "the is, zya bB",
                                        "the is, zya bB the?"};
  for (int kv = 0; kv < ULM_KVS; kv++) {
    handle a = open_kv(kv), b = open_kv(kv);
    ulm_error err;
    assert_int_equal(ulm_chat_turn(a.m, "system", sys, sizeof sys - 1, &err), ULM_OK);
    assert_int_equal(ulm_chat_turn(b.m, "system", sys, sizeof sys - 1, &err), ULM_OK);
    const uint32_t before = ulm_position(a.m);
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
      assert_int_equal(ulm_chat_hear(a.m, guesses[i], strlen(guesses[i]), &err), ULM_OK);
      assert_true(ulm_position(a.m) > before);
    }
    assert_int_equal(ulm_chat_turn(a.m, "user", ask, sizeof ask - 1, &err), ULM_OK);
    assert_int_equal(ulm_chat_turn(b.m, "user", ask, sizeof ask - 1, &err), ULM_OK);
    same_state(a.m, b.m);
    same_speech(a.m, b.m);
    /* Control: another last guess is another turn. */
    assert_int_equal(ulm_chat_hear(a.m, ask, sizeof ask - 1, &err), ULM_OK);
    assert_int_equal(ulm_chat_turn(a.m, "user", "the", 3, &err), ULM_OK);
    assert_int_equal(ulm_chat_turn(b.m, "user", "y", 1, &err), ULM_OK);
    assert_memory_not_equal(ulm_logits(a.m), ulm_logits(b.m), tiny.vocab * sizeof(float));
    free(a.arena), free(b.arena);
  }
}

static void what_was_heard_is_taken_back_by_any_other_turn(void **state) {
  (void)state;
  handle a = open_kv(0), b = open_kv(0);
  ulm_error err;
  const uint16_t id = 300;
  assert_int_equal(ulm_chat_hear(a.m, ask, sizeof ask - 1, &err), ULM_OK);
  assert_int_equal(ulm_chat_turn(a.m, "assistant", "the", 3, &err), ULM_OK);
  assert_int_equal(ulm_chat_turn(b.m, "assistant", "the", 3, &err), ULM_OK);
  same_state(a.m, b.m);
  assert_int_equal(ulm_chat_hear(a.m, ask, sizeof ask - 1, &err), ULM_OK);
  assert_int_equal(ulm_prefill(a.m, &id, 1), ULM_OK);
  assert_int_equal(ulm_prefill(b.m, &id, 1), ULM_OK);
  same_state(a.m, b.m);
  assert_int_equal(ulm_chat_hear(a.m, ask, sizeof ask - 1, &err), ULM_OK);
  same_speech(a.m, b.m);
  free(a.arena), free(b.arena);
}

static void a_turn_that_no_longer_fits_leaves_the_turns_before_it(void **state) {
  (void)state;
  handle a = open_kv(0), b = open_kv(0);
  ulm_error err;
  char longer[400];
  memset(longer, 'q', sizeof longer);
  assert_int_equal(ulm_chat_turn(a.m, "system", sys, sizeof sys - 1, &err), ULM_OK);
  assert_int_equal(ulm_chat_turn(b.m, "system", sys, sizeof sys - 1, &err), ULM_OK);
  const uint32_t before = ulm_position(a.m);
  assert_int_equal(ulm_chat_hear(a.m, "the", 3, &err), ULM_OK);
  assert_int_equal(ulm_chat_hear(a.m, longer, sizeof longer, &err), ULM_E_CONTEXT);
  assert_int_equal(ulm_position(a.m), before);
  assert_int_equal(ulm_chat_hear(a.m, "the", 3, &err), ULM_OK);
  assert_int_equal(ulm_chat_turn(a.m, "user", longer, sizeof longer, &err), ULM_E_CONTEXT);
  assert_int_equal(ulm_position(a.m), before);
  assert_int_equal(ulm_chat_turn(a.m, "user", ask, sizeof ask - 1, &err), ULM_OK);
  assert_int_equal(ulm_chat_turn(b.m, "user", ask, sizeof ask - 1, &err), ULM_OK);
  same_state(a.m, b.m);
  free(a.arena), free(b.arena);
}

/* ---- Conversations over what is held ---- */

static void a_conversation_that_grew_computes_its_new_tokens_alone(void **state) {
  (void)state;
  handle a = open_bytes(blob, blob_size, (ulm_options){.block = 64, .cancelled = count});
  const ulm_message turns[] = {{"system", sys, sizeof sys - 1},
                               {"user", "the", 3},
                               {"assistant", "is", 2},
                               {"user", "y", 1}};
  int truncated;
  ulm_error err;
  assert_int_equal(ulm_chat(a.m, turns, 4, &truncated, &err), ULM_OK);
  for (size_t n = 0; n <= 4; n++) { /* to each length from each other */
    for (size_t from = 0; from <= 4; from++) {
      handle b = open_kv(0);
      for (size_t i = 0; i < n; i++)
        assert_int_equal(ulm_chat_turn(b.m, turns[i].role, turns[i].text, turns[i].size, &err),
                         ULM_OK);
      assert_int_equal(ulm_chat(a.m, turns, from, &truncated, &err), ULM_OK);
      layers = 0;
      assert_int_equal(ulm_chat(a.m, turns, n, &truncated, &err), ULM_OK);
      if (n == from) assert_int_equal(layers, 0);
      if (n < from && n) assert_int_equal(layers, 2); /* the last token's, for its logits */
      assert_int_equal(truncated, 0);
      if (n)
        same_state(a.m, b.m);
      else
        assert_int_equal(ulm_position(a.m), 0);
      free(b.arena);
    }
  }
  /* What was heard is a beginning too. */
  handle b = open_bytes(blob, blob_size, (ulm_options){.block = 64, .cancelled = count});
  assert_int_equal(ulm_chat(b.m, turns, 3, NULL, &err), ULM_OK);
  const uint32_t before = ulm_position(b.m);
  assert_int_equal(ulm_chat_hear(b.m, "y", 1, &err), ULM_OK);
  const uint32_t heard = ulm_position(b.m) - before;
  assert_int_equal(ulm_chat(b.m, turns, 4, NULL, &err), ULM_OK);
  assert_int_equal(ulm_position(b.m) - before, heard + 2);
  assert_int_equal(ulm_chat(a.m, turns, 4, NULL, &err), ULM_OK);
  same_state(a.m, b.m);
  free(a.arena), free(b.arena);
}

/* ---- A reply's header ---- */

static void a_reply_s_header_is_computed_with_the_user_s_turn(void **state) {
  (void)state;
  ulm_error err;
  ulm_opener o;
  const ulm_opener_options one = {.max_tokens = 1};
  int merged = 0, apart = 0;
  for (uint32_t block = 1; block <= 64; block++) {
    const ulm_options how = {.block = block, .cancelled = count};
    handle a = open_bytes(blob, blob_size, how), b = open_bytes(blob, blob_size, how);
    assert_int_equal(ulm_chat_turn(a.m, "user", ask, 6, &err), ULM_OK);
    const uint32_t position = ulm_position(a.m);
    const size_t n = ulm_snapshot_size(a.m);
    uint8_t *p = malloc(n);
    assert_int_equal(ulm_snapshot(a.m, p, n, &err), ULM_OK);
    assert_int_equal(ulm_restore(b.m, p, n, &err), ULM_OK); /* holds no more than the turn */
    same_state(a.m, b.m);
    layers = 0;
    assert_int_equal(ulm_speak(a.m, &one, &o, &err), ULM_OK);
    const int mine = layers;
    layers = 0;
    assert_int_equal(ulm_speak(b.m, &one, &o, &err), ULM_OK);
    assert_true(mine == layers || (block > 3 && mine < layers));
    mine < layers ? merged++ : apart++;
    /* not after another turn, a rewind or tokens of the caller's */
    for (int i = 0; i < 3; i++) {
      assert_int_equal(ulm_chat_begin(a.m), ULM_OK);
      assert_int_equal(ulm_chat_turn(a.m, "user", ask, 6, &err), ULM_OK);
      assert_int_equal(ulm_position(a.m), position);
      if (i == 0) assert_int_equal(ulm_chat_turn(a.m, "system", "y", 1, &err), ULM_OK);
      if (i == 1) assert_int_equal(ulm_rewind(a.m, position - 1), ULM_OK);
      if (i > 0) assert_int_equal(ulm_prefill(a.m, &(uint16_t){270}, 1), ULM_OK);
      const size_t k = ulm_snapshot_size(a.m);
      uint8_t *q = malloc(k);
      assert_int_equal(ulm_snapshot(a.m, q, k, &err), ULM_OK);
      assert_int_equal(ulm_restore(b.m, q, k, &err), ULM_OK);
      same_speech(a.m, b.m);
      free(q);
    }
    assert_int_equal(ulm_chat_begin(a.m), ULM_OK);
    assert_int_equal(ulm_chat_turn(a.m, "user", ask, 6, &err), ULM_OK);
    assert_int_equal(ulm_restore(b.m, p, n, &err), ULM_OK);
    same_speech(a.m, b.m);
    free(p), free(a.arena), free(b.arena);
  }
  assert_true(merged > 10 && apart > 10);
}

/* ---- Snapshots ---- */

static uint8_t *take(ulm *m, size_t *n) {
  ulm_error err;
  *n = ulm_snapshot_size(m);
  uint8_t *p = malloc(*n + 1); /* at an odd address */
  assert_int_equal(ulm_snapshot(m, p + 1, *n - 1, &err), ULM_E_ARGUMENT);
  assert_int_equal(ulm_snapshot(m, p + 1, *n, &err), ULM_OK);
  memmove(p, p + 1, *n);
  return realloc(p, *n);
}

static void a_restored_state_is_the_state_that_was_taken(void **state) {
  (void)state;
  ulm_error err;
  for (int kv = 0; kv < ULM_KVS; kv++) {
    handle a = open_kv(kv);
    assert_int_equal(ulm_snapshot_size(a.m), 0);
    assert_int_equal(ulm_snapshot(a.m, &err, 0, &err), ULM_E_ARGUMENT);
    assert_int_equal(ulm_chat_turn(a.m, "system", sys, sizeof sys - 1, &err), ULM_OK);
    size_t n;
    uint8_t *p = take(a.m, &n);
    /* into a handle of another context, instruction set and block that holds something else */
    handle b =
        open_bytes(blob, blob_size,
                   (ulm_options){.context = 40, .kv = (ulm_kv)kv, .isa = "portable", .block = 3});
    assert_int_equal(ulm_chat_hear(b.m, "zz", 2, &err), ULM_OK);
    assert_int_equal(ulm_restore(b.m, p, n, &err), ULM_OK);
    same_state(a.m, b.m);
    size_t again;
    uint8_t *q = take(b.m, &again);
    assert_int_equal(n, again);
    assert_memory_equal(p, q, n);
    assert_int_equal(ulm_chat_turn(a.m, "user", "y", 1, &err), ULM_OK);
    assert_int_equal(ulm_chat_turn(b.m, "user", "y", 1, &err), ULM_OK);
    same_state(a.m, b.m);
    assert_int_equal(ulm_rewind(b.m, 3), ULM_OK);
    assert_int_equal(ulm_snapshot(b.m, q, ulm_snapshot_size(b.m), &err), ULM_E_ARGUMENT);
    free(p), free(q), free(a.arena), free(b.arena);
  }
}

/* A refusal changes nothing. */
static void refuse(ulm *m, const uint8_t *p, size_t n, ulm_status why, uint64_t offset) {
  ulm_error err = {ULM_OK, NULL, 0};
  const uint32_t at = ulm_position(m);
  uint8_t *copy = malloc(n ? n : 1);
  memcpy(copy, p, n);
  const ulm_status s = ulm_restore(m, copy, n, &err);
  free(copy);
  if (s != why || err.code != why || !err.message || (offset != UINT64_MAX && err.offset != offset))
    fail_msg("%s at %llu instead of %s at %llu", ulm_status_text(s), (unsigned long long)err.offset,
             ulm_status_text(why), (unsigned long long)offset);
  assert_int_equal(ulm_position(m), at);
}

static void repair(uint8_t *p, size_t n) {
  ulm_put32(p + 8, 0);
  ulm_put32(p + 8, ulm_crc32(0, p, n));
}

static void every_field_of_a_snapshot_is_checked(void **state) {
  (void)state;
  ulm_error err;
  for (int kv = 0; kv < ULM_KVS; kv++) {
    handle a = open_kv(kv), b = open_bytes(other, other_size, (ulm_options){.kv = (ulm_kv)kv}),
           small = open_bytes(blob, blob_size, (ulm_options){.context = 16, .kv = (ulm_kv)kv}),
           unlike = open_kv((kv + 1) % ULM_KVS);
    assert_int_equal(ulm_chat_turn(a.m, "system", "the a. is y b", 13, &err), ULM_OK);
    size_t n;
    uint8_t *p = take(a.m, &n);
    assert_true(ulm_position(a.m) > 16);
    refuse(b.m, p, n, ULM_E_FORMAT, 12);
    refuse(small.m, p, n, ULM_E_CONTEXT, 24);
    refuse(unlike.m, p, n, ULM_E_ARGUMENT, 28);
    for (size_t k = 0; k < n; k += k < 80 ? 1 : 977) refuse(a.m, p, k, ULM_E_FORMAT, UINT64_MAX);
    for (size_t i = 0; i < ULM_SNAPSHOT_HEADER; i++)
      for (int bit = 0; bit < 8;
           bit++) { /* with its checksum repaired, but for the checksum itself */
        p[i] ^= (uint8_t)(1 << bit);
        const uint32_t crc = ulm_get32(p + 8);
        if (i < 8 || i >= 12) repair(p, n);
        const ulm_status why = i == 4 || i == 5    ? ULM_E_VERSION
                               : i >= 8 && i <= 11 ? ULM_E_CHECKSUM
                                                   : ULM_E_FORMAT;
        refuse(a.m, p, n, why, UINT64_MAX);
        ulm_put32(p + 8, crc);
        p[i] ^= (uint8_t)(1 << bit);
        if (i < 8 || i >= 12) repair(p, n);
      }
    for (size_t i = ULM_SNAPSHOT_HEADER; i < n; i += 13) {
      p[i] ^= 16;
      refuse(a.m, p, n, ULM_E_CHECKSUM, 8);
      p[i] ^= 16;
    }
    uint8_t keep[4];
    const size_t hidden = 128, keys = 128 + 4 * 32;
    memcpy(keep, p + 64, 2);
    ulm_put16(p + 64, (uint16_t)tiny.vocab), repair(p, n);
    refuse(a.m, p, n, ULM_E_FORMAT, 64);
    memcpy(p + 64, keep, 2);
    p[hidden - 1] = 1, repair(p, n);
    refuse(a.m, p, n, ULM_E_FORMAT, 0); /* padding */
    p[hidden - 1] = 0;
    memcpy(keep, p + hidden, 4);
    ulm_put32(p + hidden, 0x7fc00000), repair(p, n);
    refuse(a.m, p, n, ULM_E_FORMAT, hidden);
    memcpy(p + hidden, keep, 4);
    memcpy(keep, p + keys, 4);
    if (kv == ULM_KV_INT8)
      p[keys] = 0x80;
    else if (kv == ULM_KV_F16)
      ulm_put16(p + keys, 0x7c00);
    else
      ulm_put32(p + keys, 0xff800000);
    repair(p, n);
    refuse(a.m, p, n, ULM_E_FORMAT, keys);
    memcpy(p + keys, keep, 4);
    if (kv == ULM_KV_INT8) {
      memcpy(keep, p + n - 128, 4);
      ulm_put32(p + n - 128, 0x7f800000), repair(p, n);
      refuse(a.m, p, n, ULM_E_FORMAT, UINT64_MAX);
      memcpy(p + n - 128, keep, 4);
    }
    repair(p, n);
    assert_int_equal(ulm_restore(a.m, p, n, &err), ULM_OK); /* all of it is as it was */
    free(p), free(a.arena), free(b.arena), free(small.arena), free(unlike.arena);
  }
}

/* ---- In the blob ---- */

static uint8_t *with_snapshots(unsigned kinds, uint8_t **section, size_t *section_size,
                               size_t *size) {
  ulm_error err;
  uint8_t *all = NULL;
  size_t n = 0;
  for (int kv = 0; kv < ULM_KVS; kv++) {
    if (!(kinds >> kv & 1)) continue;
    handle a = open_kv(kv);
    size_t k;
    assert_int_equal(ulm_chat_turn(a.m, "system", sys, sizeof sys - 1, &err), ULM_OK);
    uint8_t *p = take(a.m, &k);
    all = realloc(all, n + k);
    memcpy(all + n, p, k);
    n += k;
    free(p), free(a.arena);
  }
  const made_section s = {ULM_SEC_SNAP, all, n};
  uint8_t *b = make(5, &s, size);
  if (section)
    *section = all, *section_size = n;
  else
    free(all);
  return b;
}

static void a_conversation_begins_where_the_blobs_snapshot_ends(void **state) {
  (void)state;
  ulm_error err;
  size_t n;
  uint8_t *b = with_snapshots(5, NULL, NULL, &n); /* f32 and f16, no int8 */
  assert_int_equal(ulm_verify(b, n, &err), ULM_OK);
  for (int kv = 0; kv < ULM_KVS; kv++)
    for (int how = 0; how < 4; how++) {
      handle a = open_kv(kv),
             c = open_bytes(b, n, (ulm_options){.kv = (ulm_kv)kv, .block = 64, .cancelled = count});
      /* 0: the system turn alone; 1: and a user's; 2: one that begins alike; 3: another */
      const char *text = how < 2 ? sys : how == 2 ? "the a. is z" : "y";
      const ulm_message turns[] = {{"system", text, strlen(text)}, {"user", ask, 6}};
      const size_t count_ = how == 1 ? 2 : 1;
      layers = 0;
      assert_int_equal(ulm_chat(c.m, turns, count_, NULL, &err), ULM_OK);
      const int lay = layers;
      assert_int_equal(
          lay, kv == ULM_KV_INT8 || how > 0 ? 2 * (kv == ULM_KV_INT8 && how == 1 ? 2 : 1) : 0);
      for (size_t i = 0; i < count_; i++)
        assert_int_equal(ulm_chat_turn(a.m, turns[i].role, turns[i].text, turns[i].size, &err),
                         ULM_OK);
      same_state(a.m, c.m);
      /* again, turn by turn, over a conversation of another kind */
      assert_int_equal(ulm_chat_begin(c.m), ULM_OK);
      for (size_t i = 0; i < count_; i++)
        assert_int_equal(ulm_chat_turn(c.m, turns[i].role, turns[i].text, turns[i].size, &err),
                         ULM_OK);
      same_state(a.m, c.m);
      same_speech(a.m, c.m);
      free(a.arena), free(c.arena);
    }
  /* A context with less room than the snapshot's tokens does without it. */
  handle small = open_bytes(b, n, (ulm_options){.context = 16}),
         like = open_bytes(blob, blob_size, (ulm_options){.context = 16});
  assert_int_equal(ulm_chat_turn(small.m, "system", "", 0, &err),
                   ulm_chat_turn(like.m, "system", "", 0, &err));
  assert_int_equal(ulm_position(small.m), ulm_position(like.m));
  free(small.arena), free(like.arena), free(b);
}

/* Opens, refused or not; if open, a conversation must survive. 1: opened */
static int survive(uint8_t *b, size_t n, ulm_error *err) {
  *err = (ulm_error){ULM_OK, NULL, 0};
  const size_t need = ulm_sizeof(b, n, NULL, err);
  if (!need) return 0;
  void *arena = aligned_alloc(64, need);
  ulm *m;
  assert_int_equal(ulm_open(&m, b, n, arena, need, NULL, err), ULM_OK);
  const ulm_message turns[] = {{"system", sys, sizeof sys - 1}, {"user", "y", 1}};
  ulm_opener o;
  ulm_error e;
  assert_int_equal(ulm_chat(m, turns, 2, NULL, &e), ULM_OK);
  assert_int_equal(ulm_speak(m, NULL, &o, &e), ULM_OK);
  free(arena);
  return 1;
}

static void a_blobs_snapshots_are_checked_by_open_and_verify(void **state) {
  (void)state;
  ulm_error err;
  size_t n, size;
  uint8_t *section, *b = with_snapshots(3, &section, &size, &n);
  uint8_t *entry = b + ULM_FILE_HEADER + 5 * ULM_FILE_ENTRY, *at = b + ulm_get64(entry + 8);
  const size_t first = (size_t)ulm_get64(at + 16);
  for (size_t which = 0; which < 2; which++)
    for (size_t i = 0; i < ULM_SNAPSHOT_HEADER; i++)
      for (int bit = 0; bit < 8; bit++) {
        uint8_t *x = at + which * first + i;
        *x ^= (uint8_t)(1 << bit);
        made_fix(b);
        if (i >= 8 && i < 12) { /* its own checksum: opening is not verifying */
          assert_int_equal(survive(b, n, &err), 1);
          assert_int_equal(ulm_verify(b, n, &err), ULM_E_CHECKSUM);
        } else {
          assert_int_equal(survive(b, n, &err), 0);
          assert_true(err.offset >= ulm_get64(entry + 8) && err.message);
        }
        *x ^= (uint8_t)(1 << bit);
      }
  for (size_t i = ULM_SNAPSHOT_HEADER; i < first;
       i += 7) { /* values lie: harmless, and verify sees them */
    at[i] ^= 0xff;
    made_fix(b);
    assert_int_equal(survive(b, n, &err), 1);
    assert_int_equal(ulm_verify(b, n, &err), ULM_E_CHECKSUM);
    at[i] ^= 0xff;
  }
  made_fix(b);
  assert_int_equal(ulm_verify(b, n, &err), ULM_OK);
  /* two of a kind; one of another model; none; half of one */
  uint8_t *twice = malloc(2 * size);
  memcpy(twice, section, size), memcpy(twice + size, section, size);
  const made_section bad[] = {{ULM_SEC_SNAP, twice, 2 * size},
                              {ULM_SEC_SNAP, section, 0},
                              {ULM_SEC_SNAP, section, size - 64},
                              {ULM_SEC_SNAP, section, first + 32}};
  for (int i = 0; i < 4; i++) {
    size_t k;
    uint8_t *x = make(5, &bad[i], &k);
    assert_int_equal(survive(x, k, &err), 0);
    assert_int_equal(err.code, ULM_E_FORMAT);
    free(x);
  }
  const made_section foreign = {ULM_SEC_SNAP, section, size};
  size_t k;
  uint8_t *x = make(6, &foreign, &k);
  assert_int_equal(survive(x, k, &err), 0);
  assert_non_null(strstr(err.message, "another model"));
  free(x), free(twice), free(section), free(b);
}

/* ---- Cancelling ---- */

static int left;
static int stop_after(void *user) {
  (void)user;
  return left-- <= 0;
}

static void a_call_cancelled_at_any_layer_leaves_the_state_before_it(void **state) {
  (void)state;
  ulm_error err;
  const ulm_options o = {.block = 3, .cancelled = stop_after};
  handle a = open_bytes(blob, blob_size, o), b = open_kv(0);
  left = 1000000;
  assert_int_equal(ulm_chat_turn(a.m, "system", sys, sizeof sys - 1, &err), ULM_OK);
  assert_int_equal(ulm_chat_turn(b.m, "system", sys, sizeof sys - 1, &err), ULM_OK);
  const uint32_t before = ulm_position(a.m);
  uint16_t ids[20];
  for (uint16_t i = 0; i < 20; i++) ids[i] = (uint16_t)(270 + i);
  int cancelled = 0;
  for (int n = 0;; n++) {
    left = n;
    const ulm_status s = ulm_prefill(a.m, ids, 20);
    if (s == ULM_OK) break;
    assert_int_equal(s, ULM_E_CANCELLED);
    cancelled++;
    same_state(a.m, b.m);
  }
  assert_int_equal(cancelled, 14); /* 7 blocks of 2 layers */
  assert_int_equal(ulm_prefill(b.m, ids, 20), ULM_OK);
  same_state(a.m, b.m);
  /* a turn, a whole conversation */
  left = 1000000;
  assert_int_equal(ulm_rewind(a.m, before), ULM_OK);
  left = 3;
  assert_int_equal(ulm_chat_turn(a.m, "user", ask, sizeof ask - 1, &err), ULM_E_CANCELLED);
  assert_int_equal(err.code, ULM_E_CANCELLED);
  assert_int_equal(ulm_position(a.m), before);
  left = 3;
  assert_int_equal(ulm_chat_hear(a.m, ask, sizeof ask - 1, &err), ULM_E_CANCELLED);
  assert_int_equal(ulm_position(a.m), before);
  const ulm_message turns[] = {{"system", sys, sizeof sys - 1}, {"user", ask, 6}};
  left = 1;
  assert_int_equal(ulm_chat(a.m, turns, 2, NULL, &err), ULM_E_CANCELLED);
  assert_int_equal(ulm_position(a.m), 0);
  free(a.arena), free(b.arena);
}

static char said[ULM_OPENER_BYTES];
static int hear_word(void *user, const char *w, size_t n) {
  (void)user;
  strncat(said, w, n);
  return 0;
}

static void an_opener_cancelled_at_any_layer_keeps_its_words_and_their_tokens(void **state) {
  (void)state;
  ulm_error err;
  const ulm_opener_options how = {.temperature = 1, .top_p = 1, .seed = 8, .on_word = hear_word};
  handle a = open_bytes(blob, blob_size, (ulm_options){.cancelled = stop_after}), b = open_kv(0);
  int cancelled = 0, with_words = 0;
  for (int n = 0;; n++) {
    ulm_opener o;
    left = 1000000;
    ulm_chat_begin(a.m), ulm_chat_begin(b.m);
    assert_int_equal(ulm_chat_turn(a.m, "user", ask, 6, &err), ULM_OK);
    assert_int_equal(ulm_chat_turn(b.m, "user", ask, 6, &err), ULM_OK);
    const uint32_t before = ulm_position(a.m);
    left = n, *said = 0;
    const ulm_status s = ulm_speak(a.m, &how, &o, &err);
    assert_string_equal(o.text, said);
    if (s == ULM_OK) break;
    assert_int_equal(s, ULM_E_CANCELLED);
    cancelled++;
    left = 1000000;
    if (ulm_position(a.m) == before) { /* in the header */
      assert_int_equal(o.words, 0);
      continue;
    }
    assert_int_equal(o.finish, ULM_FINISH_CANCELLED);
    with_words += o.words > 0;
    /* The cache holds the header and the words' tokens: speaking on is as if they had been fed. */
    uint16_t ids[256];
    size_t k, h;
    ids[0] = ULM_BOS;
    assert_int_equal(ulm_encode(b.m, "assistant\n", 10, ids + 1, 200, &h), ULM_OK);
    assert_int_equal(ulm_position(a.m), before + 1 + h + o.tokens);
    assert_int_equal(ulm_prefill(b.m, ids, h + 1), ULM_OK);
    assert_int_equal(ulm_encode(b.m, o.text, o.size, ids, 256, &k), ULM_OK);
  }
  assert_true(cancelled > 10 && with_words > 3);
  free(a.arena), free(b.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_turn_heard_in_pieces_and_revised_gives_the_bits_of_the_whole),
      cmocka_unit_test(what_was_heard_is_taken_back_by_any_other_turn),
      cmocka_unit_test(a_turn_that_no_longer_fits_leaves_the_turns_before_it),
      cmocka_unit_test(a_conversation_that_grew_computes_its_new_tokens_alone),
      cmocka_unit_test(a_reply_s_header_is_computed_with_the_user_s_turn),
      cmocka_unit_test(a_restored_state_is_the_state_that_was_taken),
      cmocka_unit_test(every_field_of_a_snapshot_is_checked),
      cmocka_unit_test(a_conversation_begins_where_the_blobs_snapshot_ends),
      cmocka_unit_test(a_blobs_snapshots_are_checked_by_open_and_verify),
      cmocka_unit_test(a_call_cancelled_at_any_layer_leaves_the_state_before_it),
      cmocka_unit_test(an_opener_cancelled_at_any_layer_keeps_its_words_and_their_tokens),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
