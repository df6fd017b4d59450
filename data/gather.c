#include "gather.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "converse.h"
#include "forms.h"
#include "lanes.h"
#include "line.h"
#include "questions.h"

enum { RUN = 16, CHUNK = 256 << 10, LARGE = 2 << 20, IN_FLIGHT = 32 << 20, SORT_MEMORY = 32 << 20 };

/* Records on their way: as read, then as cleaned documents. */
typedef struct {
  bytes raw;
  record *records; /* bytes: an offset in raw until the chunk is worked on */
  size_t count, room;
  bool paragraphs;
  bytes heads, sketches, lines, keys; /* keys: of each document its fingerprint, then its bands */
  uint32_t kept;
  gather_counts counts;
} chunk;

/* An input. */
typedef struct {
  records *in;
  bool begun, waiting; /* waiting: `next` is read and not yet in a chunk */
  bool failed;
  host_error error;
  record next;
  char name[SOURCE_MAX + 1];
  uint64_t kept, taken; /* documents; bytes of the file told to the progress bar */
  gather_counts counts;
} input;

/* A thread's own. */
typedef struct {
  form form;
  conversation talk;
  questions asked;
  judge judge;
} worker;

typedef struct {
  gathered *g;
  char *const *files;
  const pipeline_options *o;
  const sources *known;
  input *inputs;
  worker *workers;
  const exclude *exclude;
  const language *language;
  int bands, rows;
  host_progress bar;
  uint64_t taken;
  pthread_mutex_t lock, large;
} run;

/* ---- Reading ---- */

static int begin(run *r, size_t lane, host_error *e) {
  input *in = &r->inputs[lane];
  in->begun = true;
  sources_name(in->name, r->files[lane]);
  in->in = records_open(r->files[lane], r->o->text, e);
  return in->in ? 0 : -1;
}

static void put_record(chunk *c, const record *r) {
  if (c->count == c->room)
    c->records = host_realloc(
        c->records, (c->room = c->room ? 2 * c->room : 256) * sizeof *c->records, "records");
  c->records[c->count] = *r;
  c->records[c->count++].bytes = (char *)c->raw.size; /* raw may move: an offset for now */
  bytes_put(&c->raw, r->bytes, r->size);
  bytes_put(&c->raw, "", 1);
}

/* A chunk of about CHUNK bytes that ends where a run of paragraphs does. */
static int fill(void *user, size_t lane, void *slot, size_t *size, host_error *e) {
  run *r = user;
  input *in = &r->inputs[lane];
  chunk *c = slot;
  if (!in->begun && begin(r, lane, e)) return -1;
  if (in->failed) return host_fail(e, "%s", in->error.text);
  if (!in->in) return 0;
  c->raw.size = c->count = 0, c->paragraphs = records_paragraphs(in->in);
  int got = 1;
  for (;;) {
    if (!in->waiting) got = records_next(in->in, &in->next, e);
    if (got <= 0) break;
    in->waiting = c->raw.size >= CHUNK && in->next.part % RUN == 0;
    if (in->waiting) break;
    put_record(c, &in->next);
  }
  *size = c->raw.size;
  pthread_mutex_lock(&r->lock);
  const uint64_t taken = records_read(in->in);
  r->taken += taken - in->taken, in->taken = taken;
  if (!r->o->quiet) host_progress_step(&r->bar, r->taken, NULL);
  pthread_mutex_unlock(&r->lock);
  if (got < 0 && !c->count) return -1;
  if (got < 0) in->failed = true, in->error = *e; /* once what came before is dealt with */
  if (got == 0) records_close(in->in), in->in = NULL, in->waiting = false;
  return c->count > 0;
}

/* ---- Work: records to documents ---- */

static void leave_out(chunk *c, const char *why, const char *file, const doc *d) {
  if (d->text)
    drops_add(&c->counts.drops, why, file, d->line, d->text, d->text_size);
  else if (d->count)
    drops_add(&c->counts.drops, why, file, d->line, d->turns[0].text, d->turns[0].size);
  else
    drops_add(&c->counts.drops, why, file, d->line, "", 0);
}

/* A cleaned document: left out, or with all that is needed in the chunk. */
static int keep(run *r, worker *w, chunk *c, size_t lane, doc *d, const uint64_t *prompt,
                host_error *e) {
  const char *why = judge_doc(&w->judge, d);
  if (why) {
    leave_out(c, why, r->files[lane], d);
    return 0;
  }
  sources_of(r->known, r->inputs[lane].name, d);
  const tally t = doc_tally(d);
  head h = {.prompt = prompt ? *prompt : doc_prompt(d, r->o->seed), .line = d->line};
  h.turns = t.turns, h.words = t.words, h.bytes = t.bytes;
  for (size_t i = 0; !d->text && i < d->count; i++)
    if (!strcmp(d->turns[i].role, "assistant")) h.replies[d->skip ? d->skip[i] : DOC_OPENS]++;
  const size_t names = c->lines.size;
  bytes_put(&c->lines, d->source, strlen(d->source) + 1);
  bytes_put(&c->lines, d->licence ? d->licence : "", strlen(d->licence ? d->licence : "") + 1);
  h.name = (uint32_t)(c->lines.size - names);
  const size_t line = c->lines.size;
  line_put(&c->lines, d);
  if (c->lines.size - line > DOCS_RECORD_MAX)
    return host_fail(
        e,
        "%s: line %llu (byte %llu): its %zu bytes cannot be written: 16 MB is the most; split it",
        r->files[lane], (unsigned long long)d->line, (unsigned long long)d->byte,
        c->lines.size - line);
  h.size = (uint32_t)(c->lines.size - line);
  bytes_put(&c->heads, &h, sizeof h);
  const fingerprint f = doc_fingerprint(d);
  bytes_put(&c->keys, &f, sizeof f);
  if (r->bands) {
    near_sketch s;
    judge_sketch(&w->judge, d, &s);
    near_bands(&s, r->rows,
               (uint64_t *)(void *)bytes_room(&c->keys, (size_t)r->bands * sizeof(uint64_t)));
    c->keys.size += (size_t)r->bands * sizeof(uint64_t);
    near_bytes(&s, (uint8_t *)bytes_room(&c->sketches, NEAR_VALUES));
    c->sketches.size += NEAR_VALUES;
  }
  c->kept++;
  return 0;
}

static int ask(run *r, worker *w, chunk *c, size_t lane, const doc *d, host_error *e) {
  questions_ask(&w->asked, d);
  if (!w->asked.count) leave_out(c, "no question", r->files[lane], d);
  for (size_t i = 0; i < w->asked.count; i += 2) {
    doc pair = *d;
    pair.text = NULL, pair.text_size = 0;
    pair.turns = w->asked.turns + i, pair.count = 2, pair.skip = NULL;
    if (keep(r, w, c, lane, &pair, NULL, e)) return -1;
  }
  return 0;
}

/* One record. `prompt`: of running text, that of the run of paragraphs it is in. */
static int take(run *r, worker *w, chunk *c, size_t lane, const record *raw, uint64_t *prompt,
                host_error *e) {
  const char *file = r->files[lane];
  doc d;
  c->counts.read++;
  if (form_read(&w->form, file, raw, c->paragraphs, &d, e)) {
    const char *why = strstr(e->text, "): ");
    why = why ? why + 3 : e->text;
    if (r->o->skip_bad) {
      drops_add(&c->counts.drops, "unreadable", file, raw->line, why, strlen(why));
      return 0;
    }
    const size_t n = strlen(e->text);
    snprintf(e->text + n, sizeof e->text - n, " (--skip-bad goes on without it)");
    return -1;
  }
  c->counts.invalid += d.invalid;
  if (r->o->text && !d.text)
    return host_fail(
        e,
        "%s: line %llu (byte %llu): a conversation, not running text; read it with ulm-data chat",
        file, (unsigned long long)d.line, (unsigned long long)d.byte);
  const char *why = converse(&w->talk, &d);
  if (why) {
    leave_out(c, why, file, &d);
    return 0;
  }
  doc *out = &w->talk.out;
  if (r->o->text && d.part % RUN == 0) *prompt = doc_prompt(out, r->o->seed);
  return r->o->questions ? ask(r, w, c, lane, out, e)
                         : keep(r, w, c, lane, out, r->o->text ? prompt : NULL, e);
}

static int work(void *user, int thread, size_t lane, void *slot, host_error *e) {
  run *r = user;
  worker *w = &r->workers[thread];
  chunk *c = slot;
  c->heads.size = c->sketches.size = c->lines.size = c->keys.size = 0, c->kept = 0;
  drops_clear(&c->counts.drops);
  c->counts = (gather_counts){0};
  w->talk.clean.counts = (clean_counts){0}, w->talk.counts = (turn_counts){0};
  w->talk.clean.raw = r->o->raw, w->talk.sentences = r->o->sentences;
  w->talk.replies = r->o->replies;
  w->judge.o = r->o, w->judge.exclude = r->exclude, w->judge.language = r->language;
  const bool large = c->raw.size > LARGE; /* one at a time, as such take many times their size */
  if (large) pthread_mutex_lock(&r->large);
  uint64_t prompt = 0;
  int bad = 0;
  for (size_t i = 0; i < c->count && !bad; i++) {
    record raw = c->records[i];
    raw.bytes = c->raw.at + (size_t)raw.bytes;
    bad = take(r, w, c, lane, &raw, &prompt, e);
  }
  c->counts.kept = c->kept;
  c->counts.clean = w->talk.clean.counts, c->counts.turns = w->talk.counts;
  if (large) {
    form_free(&w->form), converse_free(&w->talk), questions_free(&w->asked), judge_free(&w->judge);
    pthread_mutex_unlock(&r->large);
  }
  return bad;
}

/* ---- Emitting: chunks to the file and the sorters ---- */

static void add_counts(gather_counts *to, gather_counts *from) {
  to->read += from->read, to->kept += from->kept, to->invalid += from->invalid;
  to->clean.invalid += from->clean.invalid, to->clean.controls += from->clean.controls;
  to->clean.folded += from->clean.folded, to->clean.mojibake += from->clean.mojibake;
  to->turns.empty += from->turns.empty, to->turns.early += from->turns.early;
  to->turns.joined += from->turns.joined, to->turns.cut += from->turns.cut;
  to->turns.later += from->turns.later;
  drops_merge(&to->drops, &from->drops);
}

/* The documents' keys, with who they are of. */
static int add_keys(run *r, const chunk *c, uint64_t id, host_error *e) {
  const uint64_t *key = (const uint64_t *)(const void *)c->keys.at;
  for (uint32_t i = 0; i < c->kept; i++, id++) {
    const uint64_t equal[3] = {key[0], key[1], id};
    if (sorter_add(r->g->equal, equal, e)) return -1;
    key += 2;
    for (int b = 0; b < r->bands; b++) {
      const uint64_t similar[2] = {*key++, id};
      if (sorter_add(r->g->similar, similar, e)) return -1;
    }
  }
  return 0;
}

static int emit(void *user, size_t lane, void *slot, host_error *e) {
  run *r = user;
  gathered *g = r->g;
  input *in = &r->inputs[lane];
  chunk *c = slot;
  int bad = 0;
  add_counts(&in->counts, &c->counts);
  if (c->kept) {
    segment s = {
        .first = in->kept, .lane = (uint32_t)lane, .count = c->kept, .lines = c->lines.size};
    pthread_mutex_lock(&r->lock);
    s.at = g->size;
    g->size += c->heads.size + c->sketches.size + c->lines.size;
    if (g->segments == g->room)
      g->segment = host_realloc(g->segment, (g->room = g->room ? 2 * g->room : 64) * sizeof s,
                                "parts of the input");
    g->segment[g->segments++] = s;
    bad = add_keys(r, c, (uint64_t)lane << 40 | in->kept, e);
    pthread_mutex_unlock(&r->lock);
    uint64_t at = s.at;
    const bytes *const parts[] = {&c->heads, &c->sketches, &c->lines};
    for (int i = 0; i < 3 && !bad; i++) {
      bad = temp_write(g->file, parts[i]->at, parts[i]->size, at, e);
      at += parts[i]->size;
    }
    in->kept += c->kept;
  }
  bytes_clear(&c->raw, LARGE), bytes_clear(&c->lines, LARGE), bytes_clear(&c->heads, LARGE);
  bytes_clear(&c->sketches, LARGE), bytes_clear(&c->keys, LARGE);
  return bad;
}

/* ---- A run ---- */

static int by_place(const void *a, const void *b) {
  const segment *x = a, *y = b;
  if (x->lane != y->lane) return x->lane < y->lane ? -1 : 1;
  return x->first < y->first ? -1 : x->first > y->first;
}

/* Segments in the order of the input, documents numbered through. */
static void number(gathered *g, const input *inputs, size_t count) {
  g->lane_first = host_alloc(host_mul_add(count, sizeof *g->lane_first, 0), "inputs");
  g->lane_bytes = host_alloc(host_mul_add(count, sizeof *g->lane_bytes, 0), "inputs");
  for (size_t i = 0; i < count; i++) {
    g->lane_first[i] = g->documents, g->documents += inputs[i].kept;
    g->lane_bytes[i] = inputs[i].taken;
  }
  if (g->segments) qsort(g->segment, g->segments, sizeof *g->segment, by_place);
  for (size_t i = 0; i < g->segments; i++) g->segment[i].first += g->lane_first[g->segment[i].lane];
}

int gather(gathered *g, char *const *files, size_t count, const char *dir,
           const pipeline_options *o, const sources *known, const exclude *x, const language *l,
           host_error *e) {
  run r = {.g = g, .files = files, .o = o, .known = known, .exclude = x, .language = l};
  *g = (gathered){.file = temp_file(dir, e)};
  if (g->file < 0) return -1;
  g->equal = sorter_open(3, SORT_MEMORY, dir);
  if (o->near > 0) {
    g->similar = sorter_open(2, SORT_MEMORY, dir);
    r.rows = near_rows(o->near), r.bands = NEAR_VALUES / r.rows;
  }
  uint64_t total = 0;
  for (size_t i = 0; i < count; i++) {
    struct stat st;
    if (!stat(files[i], &st)) total += (uint64_t)st.st_size;
  }
  const size_t threads = (size_t)o->threads, slots = 3 * threads + 1;
  r.inputs = host_alloc(host_mul_add(count, sizeof *r.inputs, 0), "inputs");
  r.workers = host_alloc(threads * sizeof *r.workers, "threads");
  chunk *chunks = host_alloc(slots * sizeof *chunks, "chunks");
  void **slot = host_alloc(slots * sizeof *slot, "chunks");
  for (size_t i = 0; i < slots; i++) slot[i] = &chunks[i];
  pthread_mutex_init(&r.lock, NULL);
  pthread_mutex_init(&r.large, NULL);
  if (!o->quiet) host_progress_begin(&r.bar, o->text ? "text" : "chat", "bytes", total);
  const int bad =
      lanes_run(&(lanes_job){count, o->threads, slot, slots, fill, work, emit, &r, IN_FLIGHT}, e);
  if (!bad && !o->quiet) host_progress_end(&r.bar, r.taken, NULL);
  number(g, r.inputs, count);
  for (size_t i = 0; i < count; i++) {
    add_counts(&g->counts, &r.inputs[i].counts);
    drops_clear(&r.inputs[i].counts.drops);
    records_close(r.inputs[i].in);
  }
  for (size_t i = 0; i < slots; i++) {
    chunk *c = &chunks[i];
    bytes_free(&c->raw), bytes_free(&c->heads), bytes_free(&c->sketches), bytes_free(&c->lines),
        bytes_free(&c->keys);
    drops_clear(&c->counts.drops);
    free(c->records);
  }
  for (size_t i = 0; i < threads; i++) {
    worker *w = &r.workers[i];
    form_free(&w->form), converse_free(&w->talk), questions_free(&w->asked), judge_free(&w->judge);
  }
  pthread_mutex_destroy(&r.lock);
  pthread_mutex_destroy(&r.large);
  free(r.inputs), free(r.workers), free(chunks), free(slot);
  if (bad) gather_free(g);
  return bad;
}

uint64_t gather_number(const gathered *g, uint64_t id) {
  return g->lane_first[id >> 40] + (id & ((1ull << 40) - 1));
}

const segment *gather_segment(const gathered *g, uint64_t number) {
  size_t low = 0, high = g->segments;
  while (high - low > 1) {
    const size_t middle = (low + high) / 2;
    if (g->segment[middle].first <= number)
      low = middle;
    else
      high = middle;
  }
  return g->segment + low;
}

void gather_free(gathered *g) {
  if (g->file >= 0) close(g->file);
  sorter_close(g->equal), sorter_close(g->similar);
  drops_clear(&g->counts.drops);
  free(g->segment), free(g->lane_first), free(g->lane_bytes);
  *g = (gathered){.file = -1};
}
