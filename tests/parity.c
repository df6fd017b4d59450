/* The device's tokenizer against libsentencepiece: the same ids for every string, the same text for
 * every sequence of ids, and what each costs.
 *   parity [--strings N] [--seed S] [--threads N] [--speed] [--json]
 * Text is that of every .txt and .jsonl file (plain or .gz) of the folder named by ULM_DATA, or
 * else the embedded corpus. */
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "data/docs.h"
#include "data/synth.h"
#include "tok_strings.h"
#include "tokenizer/vocab.h"

enum {
  TEXT_MAX = 64 << 20,
  FILE_MAX = 3 << 20,
  LEARN_MAX = 8 << 20,
  STRING_MAX = 8192,
  ROUNDS = 5,
  SPEED_BYTES = 2 << 20,
  PROMPTS = 2000,
  PROMPT = 200
};

/* ---- Text ---- */

static char *pool;
static size_t pool_size, files, passed_over;

static void add_text(const char *text, size_t n) {
  if (n > TEXT_MAX - 1 - pool_size) n = TEXT_MAX - 1 - pool_size;
  memcpy(pool + pool_size, text, n);
  pool_size += n;
  if (n) pool[pool_size++] = '\n';
}

static int ends_in(const char *name, const char *end) {
  const size_t n = strlen(name), k = strlen(end);
  return n > k && !strcmp(name + n - k, end);
}

static int add_file(const char *path, const struct stat *st, int kind, struct FTW *at) {
  (void)st, (void)at;
  const bool text = ends_in(path, ".txt") || ends_in(path, ".txt.gz"),
             chat = ends_in(path, ".jsonl") || ends_in(path, ".jsonl.gz");
  if (kind != FTW_F || (!text && !chat)) return 0;
  host_error e;
  doc d;
  docs *in = text ? docs_open_text(path, &e) : docs_open(path, &e);
  const size_t begin = pool_size;
  int got = in ? 1 : -1;
  while (got > 0 && pool_size - begin < FILE_MAX && (got = docs_next(in, &d, &e)) > 0) {
    for (size_t i = 0; d.turns && i < d.count; i++) add_text(d.turns[i].text, d.turns[i].size);
    if (d.text) add_text(d.text, d.text_size);
  }
  docs_close(in);
  if (got < 0) host_log("%s", e.text);
  got < 0 ? passed_over++ : files++;
  return 0;
}

static int add_pair(void *user, const synth_pair *p) {
  (void)user;
  for (int i = 0; i < p->turns; i++) add_text(p->text[i], strlen(p->text[i]));
  return 0;
}

static const char *read_text(void) {
  static char what[4200];
  const char *folder = getenv("ULM_DATA");
  host_error e;
  pool = host_alloc(TEXT_MAX, "text");
  if (folder && *folder) {
    if (nftw(folder, add_file, 16, FTW_PHYS) || !files)
      host_die("ULM_DATA=%s: no .txt or .jsonl file can be read there", folder);
    snprintf(what, sizeof what, "%zu files of ULM_DATA=%s, at most 3 MB of each (%zu not readable)",
             files, folder, passed_over);
  } else {
    if (synth_make(60000, 1, add_pair, NULL, &e)) host_die("%s", e.text);
    snprintf(what, sizeof what, "the embedded corpus (ULM_DATA is not set)");
  }
  return what;
}

static const char *next_line(void *user, size_t *n) {
  size_t *at = user;
  if (*at >= pool_size) return NULL;
  const char *line = pool + *at;
  *n = (size_t)((char *)memchr(line, '\n', pool_size - *at) - line);
  *at += *n + 1;
  return line;
}

/* A model of `vocab` pieces, or of as many as the text has. */
static spm *learn(uint32_t vocab) {
  host_error e;
  uint8_t *bytes;
  size_t n, at = 0;
  spm_train_options o = {.vocab = vocab, .seed = 1, .max_bytes = LEARN_MAX};
  if (spm_train(next_line, &at, &o, &bytes, &n, &e)) {
    const char *most = strstr(e.text, "--vocab ");
    if (!most || sscanf(most, "--vocab %u", &o.vocab) != 1) host_die("%s", e.text);
    at = 0;
    if (spm_train(next_line, &at, &o, &bytes, &n, &e)) host_die("%s", e.text);
  }
  spm *s = spm_open(bytes, n, &e);
  if (!s) host_die("%s", e.text);
  free(bytes);
  return s;
}

static ulm_vocab device_of(const spm *s, uint8_t **section, size_t *size) {
  host_error e;
  ulm_vocab v;
  if (vocab_build(s, section, size, &e)) host_die("%s", e.text);
  const ulm_section at = {*section, *size, 0, 0, 0};
  if (ulm_vocab_open(&v, &at, spm_vocab(s), NULL)) host_die("VOCB does not open");
  return v;
}

/* ---- The same ids, the same text ---- */

typedef struct {
  char *text, *want_text, *got_text;
  uint16_t *want, *got;
  size_t want_cap, text_cap;
  void *scratch;
} place;

static place place_make(void) {
  place p = {.text = host_alloc(STRING_MAX, "a string"),
             .got = host_alloc(3 * STRING_MAX * sizeof(uint16_t), "ids"),
             .got_text = host_alloc((size_t)3 * STRING_MAX * ULM_DECODE_MAX, "text of ids"),
             .scratch = host_alloc(ulm_vocab_scratch(STRING_MAX), "scratch")};
  return p;
}

static void place_free(place *p) {
  free(p->text);
  free(p->want_text);
  free(p->got_text);
  free(p->want);
  free(p->got);
  free(p->scratch);
}

/* The device's text of ids, checked to be whole characters at every step. Its size, or -1. */
static long stream(const ulm_vocab *v, const uint16_t *ids, size_t count, char *out) {
  ulm_decoder d = {0};
  size_t n = 0;
  for (size_t i = 0; i <= count; i++) {
    const size_t k =
        i < count ? ulm_vocab_decode(v, &d, ids[i], out + n) : ulm_vocab_decode_end(&d, out + n);
    for (size_t j = 0, c; j < k; j += c)
      if ((c = ulm_utf8_len((uint8_t *)out + n + j, k - j)) == 0) return -1;
    n += k;
  }
  return (long)n;
}

static bool same_text(const spm *s, const ulm_vocab *v, place *p, const uint16_t *ids, size_t n) {
  const long want = spm_decode(s, ids, n, &p->want_text, &p->text_cap, NULL);
  const long got = stream(v, ids, n, p->got_text);
  return want == got && want >= 0 && !memcmp(p->want_text, p->got_text, (size_t)want);
}

static bool same_ids(const spm *s, const ulm_vocab *v, place *p, size_t n) {
  size_t count = 0;
  const long want = spm_encode_library(s, p->text, n, &p->want, &p->want_cap, NULL);
  if (want < 0 || ulm_vocab_encode(v, p->text, n, p->scratch, ulm_vocab_scratch(n), p->got,
                                   3 * STRING_MAX, &count))
    return false;
  return (size_t)want == count && !memcmp(p->want, p->got, count * sizeof *p->got);
}

/* String number i, the same for any number of threads. */
static size_t string_at(const string_source *from, ulm_rng *r, uint64_t i, char *out) {
  if (i % 4 == 0) { /* a line, or what surrounds its end */
    const size_t at = ulm_rng_below(r, (uint32_t)from->size), left = from->size - at;
    const char *line = from->text + at, *end = memchr(line, '\n', left);
    size_t n = end ? (size_t)(end - line) : left;
    if (ulm_rng_below(r, 4) == 0) n = ulm_rng_below(r, 600);
    if (n > left) n = left;
    if (n > STRING_MAX) n = STRING_MAX;
    memcpy(out, line, n);
    return n;
  }
  return string_make(from, r, i % 1000 == 1 ? 60 : ulm_rng_below(r, 7), out, STRING_MAX);
}

typedef struct {
  uint64_t strings, bytes, ids, sequences, wrong_ids, wrong_text;
} tally;

static void say_wrong(const char *what, const char *text, size_t n) {
  fprintf(stderr, "%s differs for", what);
  for (size_t i = 0; i < n; i++) fprintf(stderr, " %02x", (uint8_t)text[i]);
  fputc('\n', stderr);
}

static tally compare(const spm *s, const ulm_vocab *v, uint64_t seed, uint64_t strings, int threads,
                     bool loud) {
  tally all = {0};
  const string_source from = {s, pool, pool_size};
  (void)threads;
#pragma omp parallel num_threads(threads)
  {
    place p = place_make();
    tally t = {0};
#pragma omp for schedule(dynamic, 256)
    for (uint64_t i = 0; i < strings; i++) {
      ulm_rng r = ulm_rng_seed(seed, i);
      const size_t n = string_at(&from, &r, i, p.text);
      const bool same = same_ids(s, v, &p, n);
      t.strings++;
      t.bytes += n;
      t.wrong_ids += !same;
      if (!same && loud && t.wrong_ids < 4) say_wrong("an encoding", p.text, n);
      size_t count = 0; /* decode it, and then ids without sense, many of them bytes */
      if (same) {
        ulm_vocab_encode(v, p.text, n, p.scratch, ulm_vocab_scratch(n), p.got, 3 * STRING_MAX,
                         &count);
        t.ids += count;
        t.wrong_text += !same_text(s, v, &p, p.got, count);
      }
      count = ulm_rng_below(&r, 40);
      for (size_t k = 0; k < count; k++) {
        p.got[k] = (uint16_t)(ulm_rng_below(&r, 3) ? ULM_BYTE0 + 128 + ulm_rng_below(&r, 128)
                                                   : ulm_rng_below(&r, v->vocab));
        if (p.got[k] == ULM_UNK) p.got[k] = ULM_EOS;
      }
      const bool text = same_text(s, v, &p, p.got, count);
      t.sequences++;
      t.wrong_text += !text;
    }
    place_free(&p);
#pragma omp critical
    {
      all.strings += t.strings, all.bytes += t.bytes, all.ids += t.ids;
      all.sequences += t.sequences;
      all.wrong_ids += t.wrong_ids, all.wrong_text += t.wrong_text;
    }
  }
  return all;
}

/* A device tokenizer whose table of joins lost one byte in eight must differ. */
static uint64_t control(const spm *s, uint64_t seed, int threads) {
  uint8_t *section;
  size_t size;
  ulm_vocab v = device_of(s, &section, &size);
  for (size_t i = 0; i < ULM_VOCAB_JOINS; i += 8) section[v.joins - section + i] = 0;
  const uint64_t wrong = compare(s, &v, seed, 2000, threads, false).wrong_ids;
  free(section);
  return wrong;
}

/* ---- Speed ---- */

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *x, size_t n) {
  qsort(x, n, sizeof *x, by_value);
  return x[n / 2];
}

/* Lines of the pool, evenly spread, of about SPEED_BYTES; both tokenizers take turns. */
static void race(const spm *s, const ulm_vocab *v, double seconds[2]) {
  const size_t steps = 64, share = SPEED_BYTES / steps;
  double took[2][ROUNDS] = {{0}};
  place p = place_make();
  for (int round = 0; round < ROUNDS; round++)
    for (int who = 0; who < 2; who++) {
      const double start = host_now();
      for (size_t i = 0; i < steps; i++) {
        size_t at = pool_size / steps * i, done = 0, n, count;
        const char *line;
        while (done < share && (line = next_line(&at, &n))) {
          if (n > STRING_MAX) n = STRING_MAX;
          if (who == 0)
            (void)spm_encode_library(s, line, n, &p.want, &p.want_cap, NULL);
          else
            (void)ulm_vocab_encode(v, line, n, p.scratch, ulm_vocab_scratch(STRING_MAX), p.got,
                                   3 * STRING_MAX, &count);
          done += n + 1;
        }
      }
      took[who][round] = host_now() - start;
    }
  place_free(&p);
  for (int who = 0; who < 2; who++) seconds[who] = median(took[who], ROUNDS);
}

/* Prompts of PROMPT characters: one in four is text; the others are of the generator, bytes that are no
 * character counting as one. Returns its bytes. */
static size_t prompt_at(const spm *s, uint64_t i, char *out) {
  const string_source from = {s, pool, pool_size};
  ulm_rng r = ulm_rng_seed(77, i);
  size_t size = 0, n = 0;
  if (i % 4 == 0) {
    const char *text = pool + (pool_size - STRING_BIT * 2) / PROMPTS * i;
    memcpy(out, text, size = STRING_BIT * 2);
  } else
    while (size < 4 * PROMPT) size += string_make(&from, &r, 20, out + size, STRING_MAX - size);
  for (int c = 0; c < PROMPT && n < size; c++) {
    const size_t k = ulm_utf8_len((const uint8_t *)out + n, size - n);
    n += k ? k : 1;
  }
  return n;
}

/* Median and worst time of prompts, each the median of its rounds, and the worst round of all:
 * microseconds. */
static void time_prompts(const spm *s, const ulm_vocab *v, double *p50, double *worst, double *worst_round) {
  static double each[PROMPTS];
  place p = place_make();
  *worst_round = 0;
  for (size_t i = 0; i < PROMPTS; i++) {
    double took[ROUNDS];
    const size_t n = prompt_at(s, i, p.text);
    for (int r = 0; r < ROUNDS; r++) {
      size_t count;
      const double start = host_now();
      (void)ulm_vocab_encode(v, p.text, n, p.scratch, ulm_vocab_scratch(n), p.got, 3 * STRING_MAX, &count);
      took[r] = 1e6 * (host_now() - start);
      if (took[r] > *worst_round) *worst_round = took[r];
    }
    each[i] = median(took, ROUNDS);
  }
  *p50 = median(each, PROMPTS);
  *worst = each[PROMPTS - 1];
  place_free(&p);
}

static bool measure(const spm *s, const ulm_vocab *v, size_t section, bool json) {
  double took[2], p50, worst, round, open = 1;
  race(s, v, took);
  time_prompts(s, v, &p50, &worst, &round);
  for (int i = 0; i < 100; i++) {
    const ulm_section x = {v->joins - ULM_VOCAB_HEADER, section, 0, 0, 0};
    ulm_vocab again;
    const double start = host_now();
    (void)ulm_vocab_open(&again, &x, v->vocab, NULL);
    if (host_now() - start < open) open = host_now() - start;
  }
  const double mb = SPEED_BYTES / 1e6;
  if (json)
    printf("{\"vocab\":%u,\"section_bytes\":%zu,\"library_mb_s\":%.2f,\"device_mb_s\":%.2f,"
           "\"ratio\":%.2f,\"prompt_us_p50\":%.2f,\"prompt_us_worst\":%.2f,"
           "\"prompt_us_worst_round\":%.2f,\"open_us\":%.3f}\n",
           v->vocab, section, mb / took[0], mb / took[1], took[0] / took[1], p50, worst, round,
           1e6 * open);
  else
    printf(
        "V = %5u: VOCB %zu bytes; libsentencepiece %.1f MB/s, the device's %.1f MB/s: %.1f times "
        "as fast (limit 3); a prompt of %d characters %.1f us (p50), %.1f us (worst of %d, limit 50; of all rounds %.1f); "
        "opening %.2f us\n",
        v->vocab, section, mb / took[0], mb / took[1], took[0] / took[1], PROMPT, p50, worst,
        PROMPTS, round, 1e6 * open);
  return took[0] >= 3 * took[1] && worst <= 50;
}

int main(int argc, char **argv) {
  uint64_t strings = 1000000, seed = 1;
  int threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
  bool speed = false, json = false;
  const host_opt options[] = {
      {"strings", "N", "strings to compare at each vocabulary (1000000)", OPT_UINT64, &strings},
      {"seed", "S", "of the strings (1)", OPT_UINT64, &seed},
      {"threads", "N", "threads (all cores)", OPT_INT, &threads},
      {"speed", NULL, "time both instead, taking turns on one thread", OPT_FLAG, &speed},
      {"json", NULL, "results as JSON lines", OPT_FLAG, &json},
      {0},
  };
  static const char usage[] = "usage: parity [--strings N] [--speed]\n"
                              "Compares the device's tokenizer with libsentencepiece on text of "
                              "the folder ULM_DATA, or of\n"
                              "the embedded corpus.\n"
                              "example: ULM_DATA=chats parity --strings 1000000";
  if (host_options(argc, argv, options, usage) != argc) host_usage("no operands are taken");
  if (threads < 1 || threads > 1024) host_usage("--threads must be 1..1024");
  const char *what = read_text();
  if (!json) printf("text: %.1f MB of %s\n", (double)pool_size / 1e6, what);
  static const uint32_t vocabs[] = {2048, 12288};
  bool bad = false;
  for (int i = 0; i < 2; i++) {
    spm *s = learn(vocabs[i]);
    uint8_t *section;
    size_t size;
    const ulm_vocab v = device_of(s, &section, &size);
    if (speed) {
      bad |= !measure(s, &v, size, json);
    } else {
      const tally t = compare(s, &v, seed + (uint64_t)i, strings, threads, true);
      const uint64_t caught = control(s, seed, threads);
      bad |= t.wrong_ids || t.wrong_text || caught < 100 || t.strings == 0;
      if (json)
        printf("{\"vocab\":%u,\"strings\":%llu,\"bytes\":%llu,\"ids\":%llu,\"encodings_differ\":%"
               "llu,\"decodings\":%llu,\"decodings_differ\":%llu,\"control_differ\":%llu}\n",
               v.vocab, (unsigned long long)t.strings, (unsigned long long)t.bytes,
               (unsigned long long)t.ids, (unsigned long long)t.wrong_ids,
               (unsigned long long)(t.strings + t.sequences), (unsigned long long)t.wrong_text,
               (unsigned long long)caught);
      else
        printf(
            "V = %5u: %llu strings of %.1f MB, %llu ids: %llu encodings and %llu of %llu decodings "
            "differ (control, joins lost: %llu of 2000 differ)\n",
            v.vocab, (unsigned long long)t.strings, (double)t.bytes / 1e6,
            (unsigned long long)t.ids, (unsigned long long)t.wrong_ids,
            (unsigned long long)t.wrong_text, (unsigned long long)(t.strings + t.sequences),
            (unsigned long long)caught);
    }
    fflush(stdout);
    free(section);
    spm_close(s);
  }
  free(pool);
  return bad;
}
