/* ulm-data: text of all kinds to a clean, deduplicated, split data set. */
#include <stdlib.h>
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

static const char usage_chat[] =
    "usage: ulm-data chat FILE... -o DIR\n"
    "JSON lines or a JSON array, plain or gzip; - is standard input: messages, ShareGPT "
    "conversations,\n"
    "Alpaca instruction/output, prompt/completion, question/answer. Cleans, deduplicates and "
    "splits.\n"
    "example: ulm-data chat dolly.jsonl.gz support.json --exclude heldout/ -o chat";

static const char usage_text[] = "usage: ulm-data text FILE... -o DIR\n"
                                 "One paragraph a line, or {\"text\"} records; plain or gzip; - is "
                                 "standard input. Paragraphs become\n"
                                 "documents of up to 8 KB that never cross an empty line.\n"
                                 "example: ulm-data text books.txt.gz wiki.txt.gz -o text\n"
                                 "         ulm-data text wiki.txt.gz --questions -o questions";

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

static uint64_t number(const json_t *o, const char *key) {
  return (uint64_t)json_integer_value(json_object_get(o, key));
}

/* "contaminated: ..." documents and their share of all records. */
static void say_excluded(const json_t *stats) {
  uint64_t n = 0;
  const char *why;
  json_t *r;
  json_object_foreach(json_object_get(stats, "dropped"), why,
                      r) if (!strncmp(why, "contaminated", 12)) n += number(r, "documents");
  const json_t *x = json_object_get(stats, "excluded");
  char a[32], b[32];
  if (x)
    printf("excluded   %12s documents (%.3f%% of what was read) share %d words or the prompt with "
           "%s evaluation documents\n",
           thousands(n, a), 100.0 * (double)n / (double)number(stats, "read"),
           (int)number(x, "words"), thousands(number(x, "documents"), b));
}

/* Sources without a licence, on one line of the log. */
static void say_unlicensed(const json_t *stats) {
  enum { NAMED = 5 };
  char names[1200] = "";
  size_t n = 0;
  const char *id;
  json_t *r;
  json_object_foreach(json_object_get(stats, "sources"), id, r) {
    const size_t k = strlen(names);
    if (!json_object_get(r, "licence") && n++ < NAMED)
      snprintf(names + k, sizeof names - k, "%s%s", k ? ", " : "", id);
  }
  if (n)
    host_log(
        "no licence is known of %zu sources (%s%s); say it with --licence or in a --sources file",
        n, names, n > NAMED ? ", ..." : "");
}

static void say_invalid(const json_t *stats) {
  const uint64_t n = number(json_object_get(stats, "changed"), "invalid_bytes");
  if (n)
    host_log(
        "%llu bytes that are no UTF-8 were left out; if a file is in another encoding, convert "
        "it first (e.g. iconv -f WINDOWS-1252 -t UTF-8)",
        (unsigned long long)n);
}

static void table(const json_t *stats) {
  char a[32], b[32], c[32];
  printf("%-10s %12s %14s %16s\n", "split", "documents", "words", "bytes");
  for (int k = 0; k < SPLITS; k++) {
    const json_t *t = json_object_get(json_object_get(stats, "splits"), split_names[k]);
    printf("%-10s %12s %14s %16s\n", split_names[k], thousands(number(t, "documents"), a),
           thousands(number(t, "words"), b), thousands(number(t, "bytes"), c));
  }
  printf("%-10s %12s records\n", "read", thousands(number(stats, "read"), a));
  const char *why;
  json_t *r;
  json_object_foreach(json_object_get(stats, "dropped"), why, r)
      printf("dropped    %12s %s\n", thousands(number(r, "documents"), a), why);
  say_excluded(stats);
  json_object_foreach(json_object_get(stats, "changed"), why, r) if (json_integer_value(r))
      printf("changed    %12s %s\n", thousands((uint64_t)json_integer_value(r), a), why);
  json_object_foreach(json_object_get(stats, "replies"), why, r) if (json_integer_value(r))
      printf("replies    %12s %s%s\n", thousands((uint64_t)json_integer_value(r), a),
             strcmp(why, "openers") ? "no opener: " : "", why);
}

static int files_main(bool text, int argc, char **argv) {
  pipeline_options o = pipeline_defaults;
  o.text = text;
  const char *dir = NULL;
  bool json = false;
  host_strings exclude = {0};
  const host_opt options[] = {
      {"o", "DIR", "the data set's folder", OPT_STRING, &dir},
      {"val", "FRACTION", "of the prompts for validation (0.01)", OPT_DOUBLE, &o.val},
      {"test", "FRACTION", "of the prompts for test (0.01)", OPT_DOUBLE, &o.test},
      {"seed", "S", "of the split (1)", OPT_UINT64, &o.seed},
      {"sources", "FILE",
       "JSON: {ID: {\"licence\", \"origin\"}}; ID as records say, or a file's name", OPT_STRING,
       &o.sources},
      {"source", "ID", "of records that say none (their file's name)", OPT_STRING, &o.source},
      {"licence", "TEXT", "of documents for which nothing else says one", OPT_STRING, &o.licence},
      {"exclude", "FILE",
       "drop what shares words with this evaluation file, or folder; may be repeated", OPT_STRINGS,
       &exclude},
      {"exclude-words", "N", "words in a row that must not be shared (13)", OPT_INT,
       &o.exclude_words},
      {"near", "S", "drop documents as similar as this (0.8); 0: only equal ones", OPT_DOUBLE,
       &o.near},
      {"min-words", "N", "drop shorter documents (0)", OPT_INT, &o.min_words},
      {"max-words", "N", "drop longer documents (0: no limit)", OPT_INT, &o.max_words},
      {"max-repeat", "SHARE", "drop if more of the runs of 4 words repeat (0.5; 0: do not look)",
       OPT_DOUBLE, &o.max_repeat},
      {"personal", NULL, "drop what holds an e-mail address, a telephone, card or identity number",
       OPT_FLAG, &o.personal},
      {"language", "CODE", "drop other languages: de, en, es, fr, it, nl or pt (any)", OPT_STRING,
       &o.language},
      {"language-share", "SHARE", "of the words that tell a language, the least of this one (0.6)",
       OPT_DOUBLE, &o.language_share},
      {"raw", NULL, "leave wrongly decoded characters as they are", OPT_FLAG, &o.raw},
      {"skip-bad", NULL, "leave out records that cannot be read", OPT_FLAG, &o.skip_bad},
      {"threads", "N", "threads (as many as processors); the same result for any number", OPT_INT,
       &o.threads},
      {"json", NULL, "the result as one JSON object", OPT_FLAG, &json},
      text ? (host_opt){"questions", NULL, "questions and replies by rule, instead of the text",
                        OPT_FLAG, &o.questions}
           : (host_opt){"sentences", "N", "keep at most so many sentences of a reply (0: all)",
                        OPT_INT, &o.sentences},
      {text ? NULL : "replies", "N", "keep a conversation up to so many replies (0: all)", OPT_INT,
       &o.replies},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  char *const *files = argv + host_options(argc, argv, options, text ? usage_text : usage_chat);
  const size_t count = (size_t)(argv + argc - files);
  if (!count) host_usage("no input file");
  if (!dir) host_usage("-o DIR is missing");
  if (o.seed > INT64_MAX) host_usage("--seed must be below 2^63");
  o.exclude = exclude.item, o.exclude_count = exclude.count;
  host_error e;
  if (pipeline_check(&o, &e)) host_usage("%s", e.text);
  json_t *stats = NULL;
  const double began = host_now();
  if (pipeline_run(files, count, dir, &o, &stats, &e)) host_die("%s", e.text);
  const double seconds = host_now() - began;
  uint64_t bytes = 0;
  for (int k = 0; k < SPLITS; k++)
    bytes += number(json_object_get(json_object_get(stats, "splits"), split_names[k]), "bytes");
  if (json) {
    json_dumpf(stats, stdout, JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9));
    putchar('\n');
  } else
    table(stats);
  say_unlicensed(stats);
  say_invalid(stats);
  json_decref(stats);
  free(exclude.item);
  host_log("%s: %.1f MB of clean text in %.1f s: %.1f MB/s; peak memory %.1f MB", argv[0],
           (double)bytes / 1e6, seconds, seconds > 0 ? (double)bytes / 1e6 / seconds : 0,
           (double)host_peak_rss() / 1e6);
  return fflush(stdout) || ferror(stdout) ? 1 : 0;
}

int main(int argc, char **argv) {
  static char synth[] = "ulm-data synth", chat[] = "ulm-data chat", running[] = "ulm-data text",
              showing[] = "ulm-data show"; /* as errors name the tool */
  if (argc > 1 && !strcmp(argv[1], "synth")) {
    argv[1] = synth;
    return synth_main(argc - 1, argv + 1);
  }
  if (argc > 1 && !strcmp(argv[1], "show")) {
    argv[1] = showing;
    return show_main(argc - 1, argv + 1);
  }
  const bool text = argc > 1 && !strcmp(argv[1], "text");
  host_clean_on_stop();
  if (text || (argc > 1 && !strcmp(argv[1], "chat"))) {
    argv[1] = text ? running : chat;
    return files_main(text, argc - 1, argv + 1);
  }
  const host_opt none[] = {{NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int first = host_options(argc, argv, none, usage_all);
  if (first < argc) host_usage("no command '%s': synth, chat, text or show", argv[first]);
  host_usage("a command is missing: synth, chat, text or show");
}
