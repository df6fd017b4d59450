/* ulm-export: a checkpoint or quantized model into a blob, a C array, GGUF or a Hugging Face
 * folder. */
#include "export.h"

#include <string.h>
#include <sys/stat.h>

static const char usage[] =
    "ulm-export M.q|CKPT --format ulm|c|gguf|hf [--type f32|f16] [--gate gate.json] -o OUT\n"
    "Writes a model in the form another program runs: ulm's own blob (ulm), that blob as C source "
    "(c),\n"
    "GGUF for llama.cpp (gguf), or a folder for transformers (hf). The tokenizer travels inside.\n"
    "  ulm-export model.q --format ulm --gate gate.json -o model.ulm";

enum { BLOB, C_ARRAY, GGUF, HF, FORMATS };
static const char *const formats[FORMATS] = {"ulm", "c", "gguf", "hf"};

int main(int argc, char **argv) {
  const char *format = NULL, *type = NULL, *gate_path = NULL, *out = NULL;
  bool json = false;
  const host_opt table[] = {
      {"format", "F", "ulm, c, gguf or hf", OPT_STRING, &format},
      {"type", "T", "write every matrix as f32 or f16 (as it is; hf: f32)", OPT_STRING, &type},
      {"gate", "FILE", "gate.json of `ulm-bench gate`, for ulm and c", OPT_STRING, &gate_path},
      {"o", "OUT", "the file (hf: the folder) to write", OPT_STRING, &out},
      {"json", NULL, "one JSON object: format, path, bytes, type, parameters", OPT_FLAG, &json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int first = host_options(argc, argv, table, usage);
  if (argc - first != 1) host_usage("one model file is needed");
  if (!format || !out) host_usage("%s is needed", format ? "-o" : "--format");
  int f = 0;
  while (f < FORMATS && strcmp(format, formats[f])) f++;
  if (f == FORMATS) host_usage("--format cannot be '%s'", format);
  if (type && strcmp(type, "f32") && strcmp(type, "f16")) host_usage("--type cannot be '%s'", type);
  if (gate_path && f != BLOB && f != C_ARRAY) host_usage("only ulm and c hold a gate");

  host_error e;
  export_model s;
  ulm_gate gate;
  if (gate_path && gate_from_json(gate_path, &gate, &e)) host_die("%s", e.text);
  if (export_open(&s, argv[first], !type ? -1 : !strcmp(type, "f16") ? ULM_F16 : ULM_F32, &e))
    host_die("%s", e.text);
  const ulm_gate *g = gate_path ? &gate : NULL;
  const int bad = f == BLOB      ? export_blob(&s, g, out, &e)
                  : f == C_ARRAY ? export_c(&s, g, out, &e)
                  : f == GGUF    ? export_gguf(&s, out, &e)
                                 : export_hf(&s, out, &e);
  if (bad) host_die("%s", e.text);

  struct stat st;
  char path[4096];
  if (host_path(path, sizeof path, out, "model.safetensors", &e)) host_die("%s", e.text);
  if (stat(f == HF ? path : out, &st)) host_die("%s: cannot stat", out);
  const char *written =
      f == HF ? (s.type == ULM_F16 ? "f16" : "f32") : ulm_type_name(export_matrices(&s));
  const unsigned long long params = ulm_param_count(&s.file.config);
  if (json) {
    printf("{\"format\":\"%s\",\"path\":", formats[f]);
    host_json_string(stdout, out, strlen(out));
    printf(",\"bytes\":%lld,\"type\":\"%s\",\"parameters\":%llu}\n", (long long)st.st_size, written,
           params);
  } else {
    printf("%s: %s, %llu parameters, %s, %lld bytes\n", out, formats[f], params, written,
           (long long)st.st_size);
  }
  host_log("peak memory %.1f MB", (double)host_peak_rss() / 1e6);
  export_close(&s);
  if (fflush(stdout) || ferror(stdout)) host_die("cannot write to stdout");
  return 0;
}
