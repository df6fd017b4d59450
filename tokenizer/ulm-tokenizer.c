/* ulm-tokenizer: trains a vocabulary, compares sizes of it, encodes documents into token shards,
 * shows how text is cut. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "corpus.h"
#include "shard.h"

static const char usage[] =
    "usage: ulm-tokenizer train DIR... --vocab N -o tok.model\n"
    "       ulm-tokenizer report DIR... [--vocab N] [--unigram]\n"
    "       ulm-tokenizer encode DIR... --model tok.model -o SHARDS\n"
    "       ulm-tokenizer show --model tok.model TEXT...\n"
    "\n"
    "DIR holds train.jsonl.gz, val.jsonl.gz and test.jsonl.gz, as ulm-data writes them.\n"
    "example: ulm-tokenizer train build/corpus --vocab 2048 -o build/tok.model";

/* Prints pieces and ids of a text; the specials' names in it are plain text. */
static int show(const tokenizer_job *j, host_error *e) {
  host_map map;
  ulm_section model;
  host_error why;
  if (tokenizer_model_open(&map, &model, j->model, e)) return -1;
  spm *s = spm_open(model.data, (size_t)model.size, &why);
  host_map_close(&map);
  if (!s) return host_fail(e, "%s: %s", j->model, why.text);
  uint16_t *ids = NULL;
  size_t cap = 0;
  int bad = 0;
  for (int i = 0; i < j->count && !bad; i++) {
    const char *text = j->dirs[i];
    const long n = spm_encode(s, text, strlen(text), &ids, &cap, e);
    bad = n < 0;
    if (j->json && !bad) {
      printf("{\"text\":");
      host_json_string(stdout, text, strlen(text));
      printf(",\"ids\":[");
      for (long t = 0; t < n; t++) printf("%s%u", t ? "," : "", ids[t]);
      printf("],\"pieces\":[");
    }
    for (long t = 0; t < n; t++) {
      size_t k;
      const char *p = spm_piece(s, ids[t], &k, NULL, NULL);
      if (j->json) {
        if (t) putchar(',');
        host_json_string(stdout, p, k);
      } else {
        printf("%6u  %.*s\n", ids[t], (int)k, p);
      }
    }
    if (j->json && !bad) printf("]}\n");
    if (!j->json && !bad)
      printf("%ld tokens, %.2f bytes a token\n", n, n ? (double)strlen(text) / (double)n : 0.0);
  }
  free(ids);
  spm_close(s);
  return bad;
}

int main(int argc, char **argv) {
  tokenizer_job j = {.seed = 1, .max_bytes = 16000000, .shard_tokens = 16 << 20};
  int vocab = 0, threads = (int)sysconf(_SC_NPROCESSORS_ONLN);
  const host_opt options[] = {
      {"vocab", "N", "train: number of pieces, 260..65535; report: this size alone", OPT_INT,
       &vocab},
      {"max-bytes", "N",
       "train, report: learn from a sample of at most this much text, which bounds memory: about "
       "10 "
       "bytes for each (16000000)",
       OPT_UINT64, &j.max_bytes},
      {"seed", "N", "train, report: seed of that sample (1)", OPT_UINT64, &j.seed},
      {"unigram", NULL, "report: unigram models too, for comparison", OPT_FLAG, &j.unigram},
      {"model", "FILE", "encode, show: the vocabulary; a checkpoint or shard stands for its own",
       OPT_STRING, &j.model},
      {"shard-tokens", "N", "encode: tokens a shard (16777216)", OPT_UINT64, &j.shard_tokens},
      {"threads", "N", "encode: threads; the result is the same (all cores)", OPT_INT, &threads},
      {"o", "OUT", "train: file to write; encode: folder to write", OPT_STRING, &j.out},
      {"json", NULL, "results as JSON lines", OPT_FLAG, &j.json},
      {0},
  };
  const int at = host_options(argc, argv, options, usage);
  if (at >= argc) host_usage("train, report, encode or show?");
  const char *command = argv[at];
  const bool train = !strcmp(command, "train"), encode = !strcmp(command, "encode"),
             compare = !strcmp(command, "report");
  if (!train && !encode && !compare && strcmp(command, "show"))
    host_usage("unknown command '%s'", command);
  j.dirs = argv + at + 1;
  j.count = argc - at - 1;
  if (j.count == 0) host_usage(train || encode || compare ? "no DIR is given" : "no TEXT is given");
  if ((train || (compare && vocab)) && (vocab < ULM_BYTE0 + 256 || vocab > 65535))
    host_usage("--vocab must be 260..65535");
  if (!train && !compare && !j.model) host_usage("--model is needed");
  if ((train || encode) && !j.out) host_usage("-o is needed");
  if (threads < 1 || threads > 1024) host_usage("--threads must be 1..1024");
  if (j.shard_tokens < 1 || j.shard_tokens > SHARD_TOKENS_MAX)
    host_usage("--shard-tokens must be 1..%u", (unsigned)SHARD_TOKENS_MAX);
  j.vocab = (uint32_t)vocab;
  j.threads = threads;
  host_error e;
  if (train ? learn(&j, &e) : compare ? report(&j, &e) : encode ? pack(&j, &e) : show(&j, &e))
    host_die("%s", e.text);
  if (fflush(stdout)) host_die("cannot write to standard output");
  if (train || encode || compare) host_log("peak memory %.1f MB", (double)host_peak_rss() / 1e6);
  return 0;
}
