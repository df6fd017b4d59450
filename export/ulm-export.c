/* ulm-export: a checkpoint or quantized model into a blob, a C array, GGUF or a Hugging Face
 * folder; and such a folder into a checkpoint. */
#include "import.h"

#include <string.h>
#include <sys/stat.h>

static const char usage[] =
    "ulm-export M.q|CKPT --format ulm|c|gguf|hf [--type f32|f16] [--gate gate.json]\n"
    "           [--system TEXT [--kv f32,f16,int8]] -o OUT\n"
    "ulm-export HF_FOLDER --format ckpt -o CKPT\n"
    "Writes a model in the form another program runs: ulm's own blob (ulm), that blob as C source "
    "(c),\n"
    "GGUF for llama.cpp (gguf), or a folder for transformers (hf). The tokenizer travels inside. "
    "ckpt reads such a\n"
    "folder back, for ulm-train --init: plain tied Llama, F32, F16 or BF16, with a tokenizer.model "
    "of ulm's.\n"
    "  ulm-export model.q --format ulm --gate gate.json -o model.ulm";

enum { BLOB, C_ARRAY, GGUF, HF, CKPT, FORMATS };
static const char *const formats[FORMATS] = {"ulm", "c", "gguf", "hf", "ckpt"};

static void report(int f, const char *out, const char *file, const char *type, const ulm_config *c,
                   bool json) {
  const unsigned long long params = ulm_param_count(c);
  struct stat st;
  if (stat(file, &st)) host_die("%s: cannot stat", out);
  if (json) {
    printf("{\"format\":\"%s\",\"path\":", formats[f]);
    host_json_string(stdout, out, strlen(out));
    printf(",\"bytes\":%lld,\"type\":\"%s\",\"parameters\":%llu}\n", (long long)st.st_size, type,
           params);
  } else {
    printf("%s: %s, %llu parameters, %s, %lld bytes\n", out, formats[f], params, type,
           (long long)st.st_size);
  }
  host_log("peak memory %.1f MB", (double)host_peak_rss() / 1e6);
  if (fflush(stdout) || ferror(stdout)) host_die("cannot write to stdout");
}

int main(int argc, char **argv) {
  const char *format = NULL, *type = NULL, *gate_path = NULL, *out = NULL, *system = NULL,
             *kv = NULL;
  bool json = false;
  const host_opt table[] = {
      {"format", "F", "ulm, c, gguf, hf or ckpt", OPT_STRING, &format},
      {"type", "T", "write every matrix as f32 or f16 (as it is; hf: f32)", OPT_STRING, &type},
      {"gate", "FILE", "gate.json of `ulm-bench gate`, for ulm and c", OPT_STRING, &gate_path},
      {"system", "TEXT", "store the state after this system message, for ulm and c", OPT_STRING,
       &system},
      {"kv", "LIST", "for these types of the KV cache: f32, f16, int8 (f32)", OPT_STRING, &kv},
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

  if (system && f != BLOB && f != C_ARRAY) host_usage("only ulm and c hold a system message");
  if (kv && !system) host_usage("--kv goes with --system");

  host_error e;
  unsigned kvs;
  if (export_kvs(kv ? kv : "f32", &kvs, &e)) host_usage("--kv: %s", e.text);
  if (f == CKPT) {
    ulm_config c;
    if (type) host_usage("a checkpoint is of f32");
    if (import_hf(argv[first], out, &c, &e)) host_die("%s", e.text);
    report(f, out, out, "f32", &c, json);
    return 0;
  }
  export_model s;
  ulm_gate gate;
  if (gate_path && gate_from_json(gate_path, &gate, &e)) host_die("%s", e.text);
  if (export_open(&s, argv[first], !type ? -1 : !strcmp(type, "f16") ? ULM_F16 : ULM_F32, &e))
    host_die("%s", e.text);
  s.system = system, s.kvs = kvs;
  const ulm_gate *g = gate_path ? &gate : NULL;
  const int bad = f == BLOB      ? export_blob(&s, g, out, &e)
                  : f == C_ARRAY ? export_c(&s, g, out, &e)
                  : f == GGUF    ? export_gguf(&s, out, &e)
                                 : export_hf(&s, out, &e);
  if (bad) host_die("%s", e.text);

  char path[4096];
  if (host_path(path, sizeof path, out, "model.safetensors", &e)) host_die("%s", e.text);
  report(f, out, f == HF ? path : out,
         f == HF ? (s.type == ULM_F16 ? "f16" : "f32") : ulm_type_name(export_matrices(&s)),
         &s.file.config, json);
  export_close(&s);
  return 0;
}
