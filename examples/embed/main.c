/* A model inside the program: nothing is read, nothing is allocated.
 *   ulm export model.q --format c -o watch.c
 *   cc -Iruntime main.c watch.c runtime/ *.c -o opener && ./opener "Set a timer for ten minutes" */
#include "watch.h"
#include <stdio.h>
#include <string.h>
#include <ulm.h>

enum { CONTEXT = 256, ARENA = 4 << 20 }; /* ulm_sizeof tells how little it may be */
static _Alignas(64) unsigned char arena[ARENA];

static int say(void *user, const char *word, size_t n) {
  (void)user;
  fwrite(word, 1, n, stdout);
  return fflush(stdout) != 0; /* not 0: stop */
}

int main(int argc, char **argv) {
  const char *prompt = argc > 1 ? argv[1] : "Set a timer for ten minutes";
  const ulm_options options = {.context = CONTEXT, .kv = ULM_KV_INT8};
  const ulm_opener_options greedy = {.on_word = say};
  ulm_error err;
  ulm_opener opener;
  ulm *m;
  if (ulm_open(&m, model_watch, model_watch_size, arena, sizeof arena, &options, &err) ||
      ulm_chat_turn(m, "user", prompt, strlen(prompt), &err) ||
      ulm_speak(m, &greedy, &opener, &err)) {
    fprintf(stderr, "opener: %s\n", err.message);
    return 1;
  }
  printf("\n");
  return 0;
}
