/* ulm-bench: openers, gate, handoffs, baselines and speeds. */
#include "../host.h"
#include "command.h"
#include <string.h>

static const struct {
  const char *name, *what;
  int (*run)(int argc, char **argv);
} commands[] = {
    {"opener", "measure the openers of a model over a file of prompts", command_opener},
    {"gate", "calibrate a confidence for openers", command_gate},
    {"handoff", "hand openers to a continuator and judge what comes back", command_handoff},
    {"kv", "measure what smaller KV caches cost", command_kv},
    {"ngram", "compare a checkpoint with n-gram models of the same tokens", command_ngram},
    {"speed", "time a blob", command_speed},
    {"train", "time the steps of training", command_train}};

int main(int argc, char **argv) {
  for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
    if (!strcmp(argv[1], commands[i].name)) {
      char name[64];
      snprintf(name, sizeof name, "ulm-bench %s", commands[i].name);
      argv[1] = name;
      return commands[i].run(argc - 1, argv + 1);
    }
  const int help = argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"));
  FILE *f = help ? stdout : stderr;
  if (!help && argc > 1) fprintf(f, "ulm-bench: no command '%s'\n", argv[1]);
  fprintf(f, "ulm-bench COMMAND ...\n\n");
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    fprintf(f, "  %-8s %s\n", commands[i].name, commands[i].what);
  fprintf(f, "\nulm-bench COMMAND --help tells more.\n");
  return help ? 0 : 2;
}
