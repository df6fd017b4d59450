/* ulm-data: text of all kinds to a clean, deduplicated, split data set. */
#include <string.h>
#include "pipeline.h"
#include "show.h"
#include "synth.h"
#include "write.h"

static const char usage_all[] =
    "usage: ulm-data synth --pairs N --seed S -o DIR   the embedded corpus\n"
    "       ulm-data chat FILE... -o DIR               conversations: messages, ShareGPT, Alpaca, "
    "prompt-completion\n"
    "       ulm-data text FILE... -o DIR               running text: a paragraph a line, or "
    "{\"text\"} records\n"
    "       ulm-data show FILE                         some documents of a file, to read\n"
    "Writes DIR/{train,val,test}.jsonl.gz and DIR/data.json. Files may be gzip. Each has its own "
    "--help.";

static const char *thousands(uint64_t v, char out[32]) {
  char digits[32];
  const int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)v);
  int k = 0;
  for (int i = 0; i < n; i++) {
    if (i && (n - i) % 3 == 0) out[k++] = ',';
    out[k++] = digits[i];
  }
  out[k] = 0;
  return out;
}

static void table(const json_t *stats, double seconds, uint64_t bytes) {
  char a[32], b[32], c[32];
  printf("%-10s %12s %14s %16s\n", "split", "documents", "words", "bytes");
  for (int k = 0; k < SPLITS; k++) {
    const json_t *t = json_object_get(json_object_get(stats, "splits"), split_names[k]);
    printf("%-10s %12s %14s %16s\n", split_names[k],
           thousands((uint64_t)json_integer_value(json_object_get(t, "documents")), a),
           thousands((uint64_t)json_integer_value(json_object_get(t, "words")), b),
           thousands((uint64_t)json_integer_value(json_object_get(t, "bytes")), c));
  }
  const char *why;
  json_t *r;
  json_object_foreach(json_object_get(stats, "dropped"), why, r)
      printf("dropped    %12s %s\n",
             thousands((uint64_t)json_integer_value(json_object_get(r, "documents")), a), why);
  const json_int_t invalid = json_integer_value(json_object_get(stats, "invalid_bytes"));
  if (invalid)
    printf("dropped    %12s bytes that are not UTF-8\n", thousands((uint64_t)invalid, a));
  host_log("%.1f MB of clean text in %.1f s: %.1f MB/s", (double)bytes / 1e6, seconds,
           seconds > 0 ? (double)bytes / 1e6 / seconds : 0);
}

static int files_main(bool text, int argc, char **argv) {
  pipeline_options o = {.text = text, .val = 0.01, .test = 0.01, .seed = 1};
  const char *dir = NULL;
  bool json = false;
  const host_opt options[] = {
      {"o", "DIR", "the data set's folder", OPT_STRING, &dir},
      {"val", "FRACTION", "of the prompts for validation (0.01)", OPT_DOUBLE, &o.val},
      {"test", "FRACTION", "of the prompts for test (0.01)", OPT_DOUBLE, &o.test},
      {"seed", "S", "of the split (1)", OPT_UINT64, &o.seed},
      {"skip-bad", NULL, "leave out records that cannot be read", OPT_FLAG, &o.skip_bad},
      {"json", NULL, "the result as one JSON object", OPT_FLAG, &json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  char *const *files =
      argv + host_options(argc, argv, options,
                          o.text ? "usage: ulm-data text FILE... -o DIR\n"
                                   "One paragraph a line, or {\"text\"} records; plain or gzip. "
                                   "Paragraphs become documents of up\n"
                                   "to 8 KB that never cross an empty line.\n"
                                   "example: ulm-data text books.txt.gz wiki.txt.gz -o text"
                                 : "usage: ulm-data chat FILE... -o DIR\n"
                                   "JSON lines or a JSON array, plain or gzip: messages, ShareGPT "
                                   "conversations, Alpaca\n"
                                   "instruction/output, prompt/completion, question/answer. "
                                   "Cleans, deduplicates and splits.\n"
                                   "example: ulm-data chat dolly.jsonl.gz support.json -o chat");
  const size_t count = (size_t)(argv + argc - files);
  if (!count) host_usage("no input file");
  if (!dir) host_usage("-o DIR is missing");
  if (!(o.val >= 0 && o.test >= 0 && o.val + o.test < 1))
    host_usage("--val and --test must be at least 0 and together below 1");
  if (o.seed > INT64_MAX) host_usage("--seed must be below 2^63");
  host_error e;
  json_t *stats = NULL;
  const double began = host_now();
  if (pipeline_run(files, count, dir, &o, &stats, &e)) host_die("%s", e.text);
  const double seconds = host_now() - began;
  uint64_t bytes = 0;
  for (int k = 0; k < SPLITS; k++)
    bytes += (uint64_t)json_integer_value(json_object_get(
        json_object_get(json_object_get(stats, "splits"), split_names[k]), "bytes"));
  if (json) {
    json_dumpf(stats, stdout, JSON_ENSURE_ASCII);
    putchar('\n');
  } else
    table(stats, seconds, bytes);
  json_decref(stats);
  host_log("%s: peak memory %.1f MB", argv[0], (double)host_peak_rss() / 1e6);
  return fflush(stdout) || ferror(stdout) ? 1 : 0;
}

int main(int argc, char **argv) {
  static char synth[] = "ulm-data synth", chat[] = "ulm-data chat",
              running[] = "ulm-data text", showing[] = "ulm-data show"; /* as errors name the tool */
  if (argc > 1 && !strcmp(argv[1], "synth")) {
    argv[1] = synth;
    return synth_main(argc - 1, argv + 1);
  }
  if (argc > 1 && !strcmp(argv[1], "show")) {
    argv[1] = showing;
    return show_main(argc - 1, argv + 1);
  }
  const bool text = argc > 1 && !strcmp(argv[1], "text");
  if (text || (argc > 1 && !strcmp(argv[1], "chat"))) {
    argv[1] = text ? running : chat;
    return files_main(text, argc - 1, argv + 1);
  }
  const host_opt none[] = {{NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int first = host_options(argc, argv, none, usage_all);
  if (first < argc) host_usage("no command '%s': synth, chat, text or show", argv[first]);
  host_usage("a command is missing: synth, chat, text or show");
}
