#include <jansson.h>
#include <string.h>
#include "docs.h"
#include "synth.h"
#include "write.h"

enum { PAIRS_MAX = 2000000 };

typedef struct {
  splits *to;
  host_progress bar;
  uint64_t done;
  host_error *error;
} sink;

static int put(void *user, const synth_pair *p) {
  static const split_id where[SYNTH_SPLITS] = {SPLIT_TRAIN, SPLIT_VAL, SPLIT_TEST};
  sink *s = user;
  ulm_message turns[SYNTH_TURNS];
  for (int i = 0; i < p->turns; i++)
    turns[i] = (ulm_message){
        .role = i % 2 ? "assistant" : "user", .text = p->text[i], .size = strlen(p->text[i])};
  char source[64];
  snprintf(source, sizeof source, "synth/%s", p->intent);
  const doc d = {.source = source,
                 .slot = p->slot_type ? p->slot : NULL,
                 .held = synth_held_names[p->held],
                 .turns = turns,
                 .count = (size_t)p->turns};
  host_progress_step(&s->bar, ++s->done, NULL);
  return splits_add(s->to, where[p->split], &d, s->error);
}

int synth_main(int argc, char **argv) {
  uint64_t pairs = 100000, seed = 1;
  const char *out = NULL;
  bool json = false;
  const host_opt table[] = {
      {"pairs", "N", "distinct pairs in all splits together (100000)", OPT_UINT64, &pairs},
      {"seed", "S", "another seed, another corpus (1)", OPT_UINT64, &seed},
      {"o", "DIR", "the folder to write", OPT_STRING, &out},
      {"json", NULL, "a JSON object on stdout", OPT_FLAG, &json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int first = host_options(
      argc, argv, table,
      "usage: ulm-data synth [--pairs N] [--seed S] -o DIR [--json]\n"
      "Makes the embedded corpus: what a watch or glasses would hear, and good replies.\n"
      "example: ulm-data synth --pairs 100000 --seed 1 -o build/corpus");
  if (first < argc) host_usage("synth reads no files, but '%s' was given", argv[first]);
  if (!out) host_usage("-o DIR is missing");
  if (!pairs || pairs > PAIRS_MAX) host_usage("--pairs must be 1..%d", PAIRS_MAX);

  host_error e = {{0}};
  synth_size size;
  if (synth_sizes(&size, &e)) host_die("%s", e.text);
  sink s = {.to = splits_open(out, &e), .error = &e};
  if (!s.to) host_die("%s", e.text);
  host_progress_begin(&s.bar, "synth", "pairs", pairs);
  host_error made = {{0}};
  if (synth_make(pairs, seed, put, &s, &made)) {
    splits_abort(s.to);
    host_die("%s", *e.text ? e.text : made.text); /* the writer's reason, where it had one */
  }
  host_progress_end(&s.bar, s.done, NULL);
  uint64_t n[SPLITS];
  for (int i = 0; i < SPLITS; i++) n[i] = splits_count(s.to, (split_id)i);
  json_t *stats =
      json_pack("{s:{s:I,s:I,s:I,s:I,s:I,s:I}}", "synth", "seed", (json_int_t)seed, "intents",
                (json_int_t)size.intents, "no_slot", (json_int_t)size.no_slot, "prompt_templates",
                (json_int_t)size.prompts, "reply_templates", (json_int_t)size.replies,
                "list_values", (json_int_t)size.values);
  json_t *written = NULL;
  if (splits_commit(s.to, stats, NULL, &written, &e)) host_die("%s", e.text);
  if (json) {
    json_dumpf(written, stdout, JSON_COMPACT);
    putchar('\n');
  } else {
    printf("%s: %llu train, %llu val, %llu test pairs of %zu intents, seed %llu\n", out,
           (unsigned long long)n[SPLIT_TRAIN], (unsigned long long)n[SPLIT_VAL],
           (unsigned long long)n[SPLIT_TEST], size.intents, (unsigned long long)seed);
  }
  json_decref(written);
  host_log("peak memory %.1f MB", (double)host_peak_rss() / 1e6);
  return 0;
}
