/* ulm-bench ngram: a checkpoint against n-gram models fitted on the same tokens, on the test split.
 */
#include "../tokenizer/spm.h"
#include "../train/ckpt.h"
#include "../train/model.h"
#include "../train/view.h"
#include "command.h"
#include "ngram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 16 };

/* Sums over one set of targets. */
typedef struct {
  double weight, bytes, nats[3]; /* model, unigram, trigram */
} tally;
enum { ALL, OPENER, WEIGHTED, SETS };

typedef struct {
  shard *shards;
  size_t count;
  uint64_t longest, events;
} split;

static int open_split(split *s, const char *dir, const char *name, const view_options *view,
                      host_error *e) {
  s->shards = shard_open_split(dir, name, &s->count, e);
  if (!s->shards) return -1;
  if (!s->count) return host_fail(e, "%s: holds no %s shard", dir, name);
  for (size_t i = 0; i < s->count; i++)
    for (uint64_t d = 0; d < s->shards[i].docs; d++) {
      const uint64_t n = view_length(&s->shards[i], d, view);
      s->events += n;
      if (n > s->longest) s->longest = n;
    }
  return s->events
             ? 0
             : host_fail(e, "%s: no %s document has a target under this objective", dir, name);
}

typedef struct {
  uint16_t *ids, *next, *start;
  float *weight;
} rows;

static rows rows_new(size_t n) {
  return (rows){host_alloc(n * 2, "ids"), host_alloc(n * 2, "targets"), host_alloc(n * 2, "starts"),
                host_alloc(n * 4, "weights")};
}
static void rows_free(rows *r) { free(r->ids), free(r->next), free(r->start), free(r->weight); }

static void fit(ngram *g, const split *s, const view_options *view) {
  rows r = rows_new(s->longest);
  for (size_t i = 0; i < s->count; i++)
    for (uint64_t d = 0; d < s->shards[i].docs; d++) {
      const uint64_t n = view_doc(&s->shards[i], d, view, r.ids, r.next, r.weight, s->longest);
      for (uint64_t t = 0; t < n; t++)
        if (r.weight[t] > 0) ngram_add(g, t ? r.ids[t - 1] : ULM_PAD, r.ids[t], r.next[t]);
    }
  rows_free(&r);
}

/* Mean trigram loss over a split, for tuning the discount. */
static double trigram_loss(const ngram *g, const split *s, const view_options *view) {
  rows r = rows_new(s->longest);
  double sum = 0, weights = 0;
  for (size_t i = 0; i < s->count; i++)
    for (uint64_t d = 0; d < s->shards[i].docs; d++) {
      const uint64_t n = view_doc(&s->shards[i], d, view, r.ids, r.next, r.weight, s->longest);
      for (uint64_t t = 0; t < n; t++) {
        if (!(r.weight[t] > 0)) continue;
        sum -= (double)r.weight[t] *
               log(ngram_trigram(g, t ? r.ids[t - 1] : ULM_PAD, r.ids[t], r.next[t]));
        weights += (double)r.weight[t];
      }
    }
  rows_free(&r);
  return sum / weights;
}

static double piece_bytes(const spm *s, uint16_t id) {
  size_t n, bytes = 0;
  float score;
  int type;
  const char *p = spm_piece(s, id, &n, &score, &type);
  if (type == 3 || type == 2) return 0;
  if (type == 6) return 1;
  for (size_t i = 0; i < n; i++)
    if (!memcmp(p + i, "\xe2\x96\x81", n - i < 3 ? n - i : 3) && n - i >= 3)
      i += 2, bytes++;
    else
      bytes++;
  return (double)bytes;
}

static int evaluate(model *m, const ngram *g, const spm *tok, const split *s,
                    const view_options *view, uint32_t T, tally out[SETS], uint64_t *cut) {
  const uint32_t V = model_config(m)->vocab;
  double *bytes = host_alloc(V * sizeof *bytes, "piece lengths");
  for (uint32_t i = 0; i < V; i++) bytes[i] = piece_bytes(tok, (uint16_t)i);
  rows r = rows_new((size_t)ROWS * T);
  float *loss = host_alloc((size_t)ROWS * T * sizeof *loss, "losses");
  float *real = host_alloc((size_t)ROWS * T * sizeof *real, "weights");
  uint8_t *opener = host_alloc((size_t)ROWS * T, "marks");
  host_progress bar;
  host_progress_begin(&bar, "test split", "tokens", s->events);
  uint64_t done = 0;
  size_t shard_at = 0;
  uint64_t doc = 0;
  for (int more = 1; more;) {
    memset(r.weight, 0, (size_t)ROWS * T * sizeof *r.weight);
    memset(opener, 0, (size_t)ROWS * T);
    for (size_t i = 0; i < (size_t)ROWS * T; i++)
      r.ids[i] = r.next[i] = ULM_PAD, r.start[i] = (uint16_t)(i % T);
    for (uint32_t row = 0; row < ROWS && more; row++)
      for (uint32_t at = 0;;) {
        if (shard_at == s->count) {
          more = 0;
          break;
        }
        const shard *x = &s->shards[shard_at];
        if (doc == x->docs) {
          shard_at++, doc = 0;
          continue;
        }
        uint64_t n = view_length(x, doc, view);
        if (n > T && at == 0) *cut += n - T, n = T;
        if (n > T - at) break;
        const size_t base = (size_t)row * T + at;
        view_part(x, doc, view, 0, n, r.ids + base, r.next + base, r.weight + base);
        const uint64_t first = shard_start(x, doc);
        for (uint64_t t = 0; t < n; t++) {
          r.start[base + t] = (uint16_t)at;
          opener[base + t] =
              (x->mask[first + t + 1] & SHARD_OPENER) || (x->mask[first + t] & SHARD_CUT);
        }
        at += (uint32_t)n, doc++, done += n;
      }
    /* The model runs once with every target counted; the sets below weigh what it gives. */
    memcpy(real, r.weight, (size_t)ROWS * T * sizeof *real);
    for (size_t i = 0; i < (size_t)ROWS * T; i++) r.weight[i] = real[i] > 0 ? 1 : 0;
    double total;
    const model_batch b = {ROWS, T, r.ids, r.next, r.weight, r.start};
    model_loss(m, &b, &total, loss);
    for (size_t i = 0; i < (size_t)ROWS * T; i++) {
      if (!(real[i] > 0)) continue;
      const uint16_t a = i % T > r.start[i] ? r.ids[i - 1] : ULM_PAD;
      const double nats[3] = {(double)loss[i], -log(ngram_unigram(g, r.next[i])),
                              -log(ngram_trigram(g, a, r.ids[i], r.next[i]))};
      for (int set = 0; set < SETS; set++) {
        const double w = set == WEIGHTED ? (double)real[i] : set == OPENER ? opener[i] : 1;
        out[set].weight += w, out[set].bytes += w * bytes[r.next[i]];
        for (int k = 0; k < 3; k++) out[set].nats[k] += w * nats[k];
      }
    }
    host_progress_step(&bar, done, NULL);
  }
  host_progress_end(&bar, done, NULL);
  rows_free(&r);
  free(loss), free(real), free(opener), free(bytes);
  return 0;
}

int command_ngram(int argc, char **argv) {
  static const char usage[] = "ulm-bench ngram CKPT SHARDS [--objective lm|chat|opener]\n\n"
                              "Fits a unigram and an interpolated trigram model (absolute "
                              "discounting, the discount tuned on the val\n"
                              "split) on the train split's targets and puts the checkpoint beside "
                              "them on the test split.\n\n"
                              "  ulm-bench ngram run/last.ckpt shards --objective opener";
  const char *goal = "lm";
  double prompt = 0.1, tail = 0;
  int threads = 0, seq = 256;
  bool json = false;
  const host_opt table[] = {
      {"objective", "O", "which targets count: as in ulm-train (lm)", OPT_STRING, &goal},
      {"prompt-weight", "W", "opener: weight of targets outside replies (0.1)", OPT_DOUBLE,
       &prompt},
      {"tail", "W", "opener: weight of a reply after its opener (0)", OPT_DOUBLE, &tail},
      {"seq", "T", "tokens a row (256, at most the model's context)", OPT_INT, &seq},
      {"threads", "N", "OpenMP threads (all)", OPT_INT, &threads},
      {"json", NULL, "a JSON object a row on stdout", OPT_FLAG, &json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table, usage);
  view_options view = {OBJECTIVE_LM, (float)tail, (float)prompt, 0};
  if (argc - at != 2) host_usage("a checkpoint and a folder of shards are needed");
  if (objective_from(goal, &view.objective))
    host_usage("no objective '%s' (lm, chat, opener)", goal);
  if (threads < 0 || seq < 16 || prompt < 0 || tail < 0)
    host_usage("--threads, --seq and the weights must be positive");
  host_error e;
  model_file f;
  split train = {0}, val = {0}, test = {0};
  if (model_file_open(&f, argv[at], 0, &e)) host_die("%s", e.text);
  if (open_split(&train, argv[at + 1], "train", &view, &e) ||
      open_split(&val, argv[at + 1], "val", &view, &e) ||
      open_split(&test, argv[at + 1], "test", &view, &e))
    host_die("%s", e.text);
  if (f.spm.size != train.shards[0].spm.size ||
      memcmp(f.spm.data, train.shards[0].spm.data, f.spm.size))
    host_die("%s and %s have different tokenizers; encode the text with the model's own", argv[at],
             argv[at + 1]);
  const uint32_t T = (uint32_t)seq < f.config.context ? (uint32_t)seq : f.config.context;
  model *m = model_new(&f.config, ROWS, T, 0, threads, &e);
  spm *tok = m ? spm_open(f.spm.data, f.spm.size, &e) : NULL;
  if (!tok || model_file_floats(&f, model_params(m), &e)) host_die("%s", e.text);

  ngram *g = ngram_new(f.config.vocab, train.events);
  fit(g, &train, &view);
  double best = INFINITY, discount = 0;
  for (double d = 0.1; d < 0.99; d += 0.1) {
    ngram_set_discount(g, d);
    const double x = trigram_loss(g, &val, &view);
    if (x < best) best = x, discount = d;
  }
  ngram_set_discount(g, discount);
  tally sum[SETS] = {0};
  uint64_t cut = 0;
  evaluate(m, g, tok, &test, &view, T, sum, &cut);
  if (cut)
    host_log("%llu tokens of documents longer than %u were left out", (unsigned long long)cut, T);
  host_log("trigram: %llu training events, discount %.1f", (unsigned long long)train.events,
           discount);

  static const char *const names[] = {"model", "unigram", "trigram"},
                           *const sets[] = {"all targets", "openers", "as weighted in training"};
  const int shown = view.objective == OBJECTIVE_OPENER ? SETS : 1;
  if (!json)
    printf("%-26s %10s %12s %12s %12s\n", "test split", "targets", "model", "unigram", "trigram");
  for (int s = 0; s < shown; s++) {
    const tally *x = &sum[s];
    if (!(x->weight > 0)) continue;
    if (json) {
      for (int k = 0; k < 3; k++)
        printf("{\"set\":\"%s\",\"of\":\"%s\",\"targets\":%.0f,\"nats_per_token\":%.6f,\"nats_per_"
               "byte\":%.6f}\n",
               sets[s], names[k], x->weight, x->nats[k] / x->weight, x->nats[k] / x->bytes);
      continue;
    }
    printf("%-26s %10.0f %12.4f %12.4f %12.4f  nats per token\n", sets[s], x->weight,
           x->nats[0] / x->weight, x->nats[1] / x->weight, x->nats[2] / x->weight);
    printf("%-26s %10s %12.4f %12.4f %12.4f  nats per byte\n", "", "", x->nats[0] / x->bytes,
           x->nats[1] / x->bytes, x->nats[2] / x->bytes);
  }
  host_log("peak memory %llu MB", (unsigned long long)host_peak_rss() >> 20);
  ngram_free(g), spm_close(tok), model_free(m), model_file_close(&f);
  shard_close_all(train.shards, train.count), shard_close_all(val.shards, val.count),
      shard_close_all(test.shards, test.count);
  return fflush(stdout) ? 1 : 0;
}
