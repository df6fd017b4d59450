/* The subcommands of ulm-bench: each takes its own argv (argv[0] names it) and returns an exit
 * status. */
#ifndef BENCH_COMMAND_H
#define BENCH_COMMAND_H

int command_opener(int argc, char **argv);  /* openers.c */
int command_gate(int argc, char **argv);    /* gate.c */
int command_handoff(int argc, char **argv); /* handoffs.c */
int command_kv(int argc, char **argv);      /* kv.c */
int command_ngram(int argc, char **argv);   /* baseline.c */
int command_speed(int argc, char **argv);   /* speed.c */
int command_train(int argc, char **argv);   /* train.c */

#endif
