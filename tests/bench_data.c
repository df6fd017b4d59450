/* What reading costs: chat records by data/'s readers and by the JSON library alone, on the same bytes in the same run, on
 * one core; batches out of shards beside the training step that they are for.
 *   bench_data read FILE.jsonl [ROUNDS] | make MB FILE... | shards PRESET DIR... */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "data/line.h"
#include "train/loader.h"
#include "train/step.h"

static double jansson_alone(const char *text, size_t n, uint64_t *records) {
  const double began = host_now();
  *records = 0;
  for (const char *p = text, *end = text + n; p < end;) {
    const char *line = memchr(p, '\n', (size_t)(end - p));
    if (!line) line = end;
    json_error_t e;
    json_t *j = json_loadb(p, (size_t)(line - p), JSON_ALLOW_NUL, &e);
    *records += j != NULL;
    json_decref(j);
    p = line + 1;
  }
  return host_now() - began;
}

static double reading(const char *path, uint64_t *records, uint64_t *text) {
  const double began = host_now();
  host_error e;
  doc d;
  int got;
  *records = *text = 0;
  docs *in = docs_open(path, &e);
  if (!in) host_die("%s", e.text);
  while ((got = docs_next(in, &d, &e)) > 0) {
    ++*records;
    for (size_t i = 0; i < d.count; i++) *text += d.turns[i].size;
    if (d.text) *text += d.text_size;
  }
  if (got) host_die("%s", e.text);
  docs_close(in);
  return host_now() - began;
}

/* Vowels and other letters each turned round by the number of the copy: 5 x 21 languages. */
static void turn(char *s, size_t n, uint64_t copy) {
  static const char vowels[] = "aeiou", others[] = "bcdfghjklmnpqrstvwxyz";
  for (size_t i = 0; i < n; i++) {
    const char low = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i], *at;
    if (low < 'a' || low > 'z') continue;
    if ((at = strchr(vowels, low)))
      s[i] = vowels[((size_t)(at - vowels) + copy) % 5];
    else if ((at = strchr(others, low)))
      s[i] = others[((size_t)(at - others) + copy / 5) % 21];
  }
}

static void make(uint64_t size, char **files, int count) {
  bytes line = {0}, text = {0};
  host_error e;
  doc d;
  uint64_t done = 0;
  for (uint64_t copy = 0; done < size; copy++)
    for (int f = 0; f < count && done < size; f++) {
      docs *in = docs_open(files[f], &e);
      int got = in ? 0 : -1;
      while (in && done < size && (got = docs_next(in, &d, &e)) > 0) {
        ulm_message *m = host_alloc((d.count + 1) * sizeof *m, "turns");
        text.size = line.size = 0;
        for (size_t i = 0; i < d.count; i++) bytes_put(&text, d.turns[i].text, d.turns[i].size);
        if (copy) turn(text.at, text.size, copy);
        for (size_t i = 0, at = 0; i < d.count; at += d.turns[i++].size)
          m[i] = (ulm_message){d.turns[i].role, text.at + at, d.turns[i].size};
        d.turns = m;
        line_put(&line, &d);
        free(m);
        if (fwrite(line.at, 1, line.size, stdout) != line.size) host_die("cannot write");
        done += line.size;
      }
      if (got < 0) host_die("%s", e.text);
      docs_close(in);
    }
  bytes_free(&line), bytes_free(&text);
}

static void compare(const char *path, int rounds) {
  host_error e;
  host_map m;
  if (host_map_open(&m, path, &e)) host_die("%s", e.text);
  double best[2] = {1e9, 1e9};
  uint64_t a = 0, b = 0, text = 0;
  for (int r = 0; r < rounds; r++) {
    const double x = reading(path, &a, &text), y = jansson_alone((const char *)m.bytes, m.size, &b);
    if (x < best[0]) best[0] = x;
    if (y < best[1]) best[1] = y;
  }
  if (a != b)
    host_die("%s: %llu documents, but jansson finds %llu", path, (unsigned long long)a,
             (unsigned long long)b);
  const double mb = (double)m.size / 1e6;
  printf(
      "reading %.0f MB of JSON lines, %llu documents with %.0f MB of text, one core, best of %d:\n",
      mb, (unsigned long long)a, (double)text / 1e6, rounds);
  printf("  data/, file to turns          %8.1f MB/s (limit: 100, or 80%% of jansson's if that is less)\n", mb / best[0]);
  printf("  jansson, memory to its tree   %8.1f MB/s\n", mb / best[1]);
  host_map_close(&m);
}

/* ---- Shards ---- */

enum { STEPS = 5, BATCHES = 32 };

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* In turns some batches and a step on the last of them; medians. */
static void shards(const char *preset, char **dirs, size_t count) {
  host_error e;
  ulm_config c;
  if (ulm_preset(preset, &c)) host_usage("no preset '%s'", preset);
  loader_source sources[64] = {{0}};
  if (count > 64) host_usage("at most 64 folders of shards");
  for (size_t i = 0; i < count; i++) sources[i].dir = dirs[i];
  const uint32_t B = 16, T = 512;
  const double began = host_now();
  loader *l = loader_open(sources, count, "train", &(loader_options){.B = B, .T = T, .seed = 1}, &e);
  if (!l) host_die("%s", e.text);
  const double opened = host_now() - began;
  size_t files;
  c.vocab = loader_shards(l, 0, &files)->vocab;
  stepper st;
  const int threads = 2;
  if (stepper_open(&st, &c, B, T, 0, threads, &e)) host_die("%s", e.text);
  const step_options o = {.lr = 1e-3, .min_lr = 1e-4, .decay = 0.1, .beta1 = 0.9, .beta2 = 0.95, .clip = 1,
                          .steps = 1000, .warmup = 10};
  model_init(st.model, 1);
  double batch[STEPS * BATCHES], step[STEPS];
  const model_batch *x = NULL;
  for (int i = -1; i < STEPS; i++) { /* the first turn is not counted */
    for (int k = 0; k < BATCHES; k++) {
      const double at = host_now();
      x = loader_next(l);
      if (i >= 0) batch[i * BATCHES + k] = host_now() - at;
    }
    const double at = host_now();
    const double loss = step_gradient(&st, x);
    if (!(loss > 0) || !(step_update(&st, &o, (uint64_t)(i + 1)) > 0)) host_die("what is timed is not training");
    if (i >= 0) step[i] = host_now() - at;
  }
  qsort(batch, STEPS * BATCHES, sizeof *batch, by_value), qsort(step, STEPS, sizeof *step, by_value);
  const double b = batch[STEPS * BATCHES / 2], s = step[STEPS / 2];
  printf("shards: %zu folders open in %.0f ms; a batch of %u x %u tokens in %.3f ms (slowest of %d: %.3f)\n"
         "  a step of %s on it, %d threads: %.0f ms: reading is %.3f%% of a step (slowest batch %.3f%%; limit 1%%)\n",
         count, 1e3 * opened, B, T, 1e3 * b, STEPS * BATCHES, 1e3 * batch[STEPS * BATCHES - 1], preset, threads, 1e3 * s,
         100 * b / (b + s), 100 * batch[STEPS * BATCHES - 1] / (batch[STEPS * BATCHES - 1] + s));
  stepper_close(&st);
  loader_close(l);
}

int main(int argc, char **argv) {
  if (argc > 3 && !strcmp(argv[1], "make"))
    make(strtoull(argv[2], NULL, 10) * 1000000, argv + 3, argc - 3);
  else if (argc > 2 && !strcmp(argv[1], "read"))
    compare(argv[2], argc > 3 ? atoi(argv[3]) : 3);
  else if (argc > 3 && !strcmp(argv[1], "shards"))
    shards(argv[2], argv + 3, (size_t)argc - 3);
  else
    host_usage("bench_data read FILE.jsonl [ROUNDS], make MB FILE..., or shards PRESET DIR...");
  return fflush(stdout) ? 1 : 0;
}
