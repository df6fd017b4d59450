/* ulm-info: what a file of ulm's is. */
#include "info.h"

#include <stdlib.h>

static const char usage[] =
    "ulm-info FILE|SHARDS [--json]\n"
    "Tells what a shard, checkpoint, quantized model, blob or tokenizer "
    "model is, after checking all of it.\n"
    "Of a folder of shards it prints the table of data for a model's card.\n"
    "  ulm-info model.ulm        ulm-info --presets";

static void print_presets(bool json) {
  static const char *const names[] = {
#define X(name, d, l, h, k, f, v) name,
      ULM_PRESETS(X)
#undef X
  };
  if (!json)
    printf("%-8s %6s %6s %8s %6s %6s %12s\n", "preset", "dim", "layers", "heads/kv", "ffn", "vocab",
           "parameters");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    ulm_config c;
    ulm_preset(names[i], &c);
    const unsigned long long n = ulm_param_count(&c);
    if (json)
      printf("{\"preset\":\"%s\",\"dim\":%u,\"layers\":%u,\"heads\":%u,\"kv_heads\":%u,\"ffn\":%u,"
             "\"vocab\":%u,"
             "\"parameters\":%llu}\n",
             names[i], c.dim, c.layers, c.heads, c.kv_heads, c.ffn, c.vocab, n);
    else
      printf("%-8s %6u %6u %6u/%u %6u %6u %12llu\n", names[i], c.dim, c.layers, c.heads, c.kv_heads,
             c.ffn, c.vocab, n);
  }
}

int main(int argc, char **argv) {
  bool json = false, presets = false;
  const host_opt table[] = {
      {"json", NULL, "one JSON object", OPT_FLAG, &json},
      {"presets", NULL, "the presets and their exact parameter counts", OPT_FLAG, &presets},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int first = host_options(argc, argv, table, usage);
  if (argc - first != (presets ? 0 : 1))
    host_usage(presets ? "--presets takes no file" : "one file is needed");
  if (presets) {
    print_presets(json);
  } else {
    host_error e;
    json_t *info = info_read(argv[first], &e);
    if (!info) host_die("%s", e.text);
    if (json) {
      json_dumpf(info, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
      putchar('\n');
    } else {
      info_print(stdout, info);
    }
    json_decref(info);
    host_log("peak memory %.1f MB", (double)host_peak_rss() / 1e6);
  }
  if (fflush(stdout) || ferror(stdout)) host_die("cannot write to stdout");
  return 0;
}
