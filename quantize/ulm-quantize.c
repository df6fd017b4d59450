/* ulm-quantize: a checkpoint into int8 or int4. */
#include "quantize.h"

#include "../train/view.h"

#include <string.h>

static const char usage[] =
    "ulm-quantize CKPT --type int8|int4 [--embed f16|int8|int4] [--calibrate SHARDS] -o M.q\n"
    "Rounds a checkpoint's weights to int8 or int4 (groups of 32, one scale each) and tells what "
    "was lost.\n"
    "  ulm-quantize run/last.ckpt --type int8 --calibrate shards -o model.q";

static ulm_type type_of(const char *option, const char *name, const ulm_type *allowed, int n) {
  for (int i = 0; i < n; i++)
    if (!strcmp(name, ulm_type_name(allowed[i]))) return allowed[i];
  host_usage("--%s cannot be '%s'", option, name);
}

static void print(const json_t *report, bool json) {
  if (!json) {
    quant_print(stdout, report);
    return;
  }
  const json_t *line;
  size_t i;
  json_array_foreach(json_object_get(report, "kinds"), i, line) {
    json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
    putchar('\n');
  }
  json_t *last = json_pack("{s:O, s:O?}", "total", json_object_get(report, "total"), "loss",
                           json_object_get(report, "loss"));
  json_dumpf(last, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
  putchar('\n');
  json_decref(last);
}

int main(int argc, char **argv) {
  const char *type = NULL, *embed = NULL, *out = NULL;
  quant_options o = {.tokens = 1 << 18};
  bool json = false;
  const host_opt table[] = {
      {"type", "T", "int8 or int4", OPT_STRING, &type},
      {"embed", "T", "type of the embedding: f16, int8 or int4 (as --type)", OPT_STRING, &embed},
      {"calibrate", "SHARDS", "measure the loss on split val before and after", OPT_STRING,
       &o.shards},
      {"objective", "O", "targets of that loss: lm, chat or opener (as trained)", OPT_STRING,
       &o.objective},
      {"tokens", "N", "input tokens of that loss, at most (262144)", OPT_UINT64, &o.tokens},
      {"o", "FILE", "the quantized model", OPT_STRING, &out},
      {"threads", "N", "threads (all cores)", OPT_INT, &o.threads},
      {"json", NULL, "one JSON object a line: tensor kinds, then the total and the loss", OPT_FLAG,
       &json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int first = host_options(argc, argv, table, usage);
  if (argc - first != 1) host_usage("one checkpoint is needed");
  if (!type || !out) host_usage("%s is needed", type ? "-o" : "--type");
  if (o.threads < 0) host_usage("--threads must not be negative");
  objective known;
  if (o.objective && objective_from(o.objective, &known))
    host_usage("--objective cannot be '%s'", o.objective);
  const ulm_type allowed[] = {ULM_INT8, ULM_INT4, ULM_F16};
  o.plan.matrices = type_of("type", type, allowed, 2);
  o.plan.embed = embed ? type_of("embed", embed, allowed, 3) : o.plan.matrices;

  host_error e;
  json_t *report;
  if (quant_file(argv[first], &o, out, &report, &e)) host_die("%s", e.text);
  print(report, json);
  host_log("peak memory %.1f MB", (double)host_peak_rss() / 1e6);
  json_decref(report);
  if (fflush(stdout) || ferror(stdout)) host_die("cannot write the report to stdout");
  return 0;
}
