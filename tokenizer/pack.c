/* ulm-tokenizer encode: documents into shards. A batch of documents is read, encoded by all threads
 * and written in order, so the shards do not depend on the number of threads. */
#include <stdlib.h>
#include <string.h>

#include "corpus.h"
#include "encode.h"

enum { BATCH_DOCS = 2048, BATCH_BYTES = 8 << 20 };

typedef struct {
  size_t turns, count; /* first turn in the batch and their number; count 0: running text */
  size_t text, size;   /* running text, in the batch's text */
  size_t bytes;        /* of all its text */
  char *source, *licence;
  tokens tokens;
} slot;

typedef struct {
  size_t role, text, size; /* offsets into the batch's text */
  uint8_t skip;            /* as doc.skip */
} turn;

typedef struct {
  char *text;
  size_t used, cap;
  turn *turns;
  size_t turn_count, turn_cap;
  slot *slots;
  size_t count;
} batch;

static size_t keep(batch *b, const char *text, size_t n) {
  const size_t at = b->used;
  if (b->used + n + 1 > b->cap)
    b->text = host_realloc(b->text, b->cap = 2 * (b->used + n + 1), "a batch of text");
  memcpy(b->text + at, text, n);
  b->text[at + n] = 0;
  b->used += n + 1;
  return at;
}

static void add(batch *b, const doc *d) {
  slot *s = &b->slots[b->count++];
  tokens t = s->tokens;
  *s = (slot){.turns = b->turn_count, .tokens = t};
  s->source = d->source ? strdup(d->source) : NULL;
  s->licence = d->licence ? strdup(d->licence) : NULL;
  if (!d->turns) {
    s->text = keep(b, d->text, d->text_size);
    s->size = s->bytes = d->text_size;
    return;
  }
  s->count = d->count;
  for (size_t i = 0; i < d->count; i++) {
    if (b->turn_count == b->turn_cap)
      b->turns = host_realloc(b->turns, (b->turn_cap = 2 * b->turn_cap + 64) * sizeof *b->turns,
                              "a batch of turns");
    const ulm_message *m = &d->turns[i];
    const size_t role = keep(b, m->role, strlen(m->role));
    b->turns[b->turn_count++] =
        (turn){role, keep(b, m->text, m->size), m->size, d->skip ? d->skip[i] : 0};
    s->bytes += m->size;
  }
}

static int encode_slot(const spm *s, const batch *b, slot *x, host_error *e) {
  if (!x->count) return encode_text(s, b->text + x->text, x->size, &x->tokens, e);
  ulm_message *m = host_alloc(x->count * sizeof *m, "a conversation");
  uint8_t *skip = host_alloc(x->count, "a conversation");
  for (size_t i = 0; i < x->count; i++) {
    const turn *t = &b->turns[x->turns + i];
    m[i] = (ulm_message){b->text + t->role, b->text + t->text, t->size};
    skip[i] = t->skip;
  }
  const int bad = encode_chat(s, m, x->count, skip, &x->tokens, e);
  free(m);
  free(skip);
  return bad;
}

/* Encodes the batch by all threads, then adds its documents in order and empties it. */
static int write_batch(const spm *s, batch *b, shard_writer *w, int threads, host_error *e) {
  int bad = 0;
  host_error why[1];
  (void)threads; /* unused without OpenMP */
#pragma omp parallel for schedule(dynamic, 8) num_threads(threads)
  for (size_t i = 0; i < b->count; i++) {
    host_error mine;
    if (!encode_slot(s, b, &b->slots[i], &mine)) continue;
#pragma omp critical
    if (!bad) bad = -1, why[0] = mine;
  }
  if (bad) host_fail(e, "%s", why[0].text);
  for (size_t i = 0; i < b->count; i++) {
    slot *x = &b->slots[i];
    if (!bad) bad = shard_writer_add(w, &x->tokens, x->bytes, x->source, x->licence, e);
    free(x->source);
    free(x->licence);
    if (x->tokens.cap > 8192) tokens_free(&x->tokens); /* few and small ones are kept */
  }
  b->count = b->turn_count = b->used = 0;
  return bad;
}

static int pack_split(const tokenizer_job *j, const spm *s, shard_writer *w, host_error *e) {
  batch b = {.slots = host_alloc(BATCH_DOCS * sizeof *b.slots, "a batch of documents")};
  corpus c;
  int bad = corpus_open(&c, j->dirs, j->count, w->split, e), more = 0;
  host_progress p;
  char what[32];
  snprintf(what, sizeof what, "encoding %s", w->split);
  host_progress_begin(&p, what, "tokens", 0);
  while (!bad) {
    doc d;
    more = corpus_next(&c, &d, e);
    if (more < 0) bad = -1;
    if (more <= 0) break;
    add(&b, &d);
    if (b.count == BATCH_DOCS || b.used > BATCH_BYTES) bad = write_batch(s, &b, w, j->threads, e);
    host_progress_step(&p, w->all_tokens, NULL);
  }
  if (!bad) bad = write_batch(s, &b, w, j->threads, e) || shard_writer_finish(w, e) ? -1 : 0;
  if (!bad && w->all_docs) host_progress_end(&p, w->all_tokens, NULL);
  corpus_close(&c);
  for (size_t i = 0; i < BATCH_DOCS; i++) tokens_free(&b.slots[i].tokens);
  for (size_t i = 0; i < b.count; i++) free(b.slots[i].source), free(b.slots[i].licence);
  free(b.slots);
  free(b.turns);
  free(b.text);
  return bad ? -1 : 0;
}

static void say(const tokenizer_job *j, const char *split, const shard_writer *w) {
  if (j->json) {
    json_t *r = shard_writer_report(w);
    json_object_set_new(r, "split", json_string(split));
    json_dumpf(r, stdout, JSON_COMPACT | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(r);
  } else if (w->all_docs) {
    printf("%-5s %9llu documents  %11llu tokens  %5.1f%% reply  %4.1f%% opener  %.2f bytes of text "
           "a token\n",
           split, (unsigned long long)w->all_docs, (unsigned long long)w->all_tokens,
           100.0 * (double)w->reply / (double)w->all_tokens,
           100.0 * (double)w->opener / (double)w->all_tokens,
           (double)w->text_bytes / (double)w->all_tokens);
  }
}

static int write_index(const char *dir, json_t *index, host_error *e) {
  char path[4096];
  host_out out;
  if (host_path(path, sizeof path, dir, "shards.json", e) || host_out_open(&out, path, e))
    return -1;
  char *text = json_dumps(index, JSON_INDENT(2) | JSON_SORT_KEYS);
  if (!text) {
    host_out_abort(&out);
    return host_fail(e, "%s: cannot be written: a name is not valid UTF-8", path);
  }
  host_out_printf(&out, "%s\n", text);
  free(text);
  return host_out_commit(&out, e);
}

/* {source: {origin}} of what ulm-data wrote beside the documents. */
static json_t *read_origins(const tokenizer_job *j) {
  json_t *all = json_object();
  char path[4096];
  for (int i = 0; i < j->count; i++) {
    if (host_path(path, sizeof path, j->dirs[i], "data.json", NULL)) continue;
    json_t *data = json_load_file(path, 0, NULL);
    json_object_update(all, json_object_get(data, "sources"));
    json_decref(data);
  }
  return all;
}

int tokenizer_model_open(host_map *m, ulm_section *model, const char *path, host_error *e) {
  ulm_file f;
  ulm_error err;
  if (host_map_open(m, path, e)) return -1;
  *model = (ulm_section){.data = m->bytes, .size = m->size};
  if (m->size < 4 || memcmp(m->bytes, "\x89ULM", 4)) return 0;
  if (!ulm_file_open(&f, m->bytes, m->size, 0, &err) && !ulm_file_verify(&f, &err) &&
      !ulm_file_need(&f, ULM_SEC_SPM, model, &err))
    return 0;
  host_map_close(m);
  return host_fail_ulm(e, path, &err);
}

int pack(const tokenizer_job *j, host_error *e) {
  static const char *const splits[] = {"train", "val", "test"};
  host_map map;
  ulm_section model;
  char temp[4096];
  if (tokenizer_model_open(&map, &model, j->model, e)) return -1;
  host_error why;
  spm *s = spm_open(model.data, (size_t)model.size, &why);
  int bad =
      s ? folder_begin(temp, sizeof temp, j->out, e) : host_fail(e, "%s: %s", j->model, why.text);
  if (bad) {
    if (s) spm_close(s);
    host_map_close(&map);
    return -1;
  }
  json_t *options =
      json_pack("{s:i, s:I, s:i, s:i}", "vocab", (int)spm_vocab(s), "shard_tokens",
                (json_int_t)j->shard_tokens, "opener_min_words", 4, "opener_max_words", 8);
  json_t *index = json_pack("{s:O, s:I, s:{}}", "options", options, "tokenizer_crc32",
                            (json_int_t)ulm_crc32(0, model.data, (size_t)model.size), "splits");
  json_t *origins = read_origins(j);
  shard_writer w[3];
  uint64_t documents = 0;
  for (int i = 0; i < 3; i++) {
    shard_writer_open(&w[i], temp, splits[i], model.data, (size_t)model.size, options,
                      j->shard_tokens);
    w[i].origins = origins;
  }
  for (int i = 0; i < 3 && !bad; i++) {
    bad = pack_split(j, s, &w[i], e);
    documents += w[i].all_docs;
    json_object_set_new(json_object_get(index, "splits"), splits[i], shard_writer_report(&w[i]));
  }
  if (!bad && !documents)
    bad = host_fail(e, "%s: holds no documents; make some with `ulm data`", j->dirs[0]);
  if (!bad) bad = write_index(temp, index, e);
  if (bad)
    folder_abort(temp);
  else
    bad = folder_commit(temp, j->out, e);
  for (int i = 0; i < 3; i++) {
    if (!bad) say(j, splits[i], &w[i]);
    shard_writer_free(&w[i]);
  }
  json_decref(index);
  json_decref(options);
  json_decref(origins);
  spm_close(s);
  host_map_close(&map);
  return bad;
}
