/* Data-parallel training: N processes of MPI ("ranks"), each with all weights and its share of each
 * batch's rows. Every rank's loader gives the same global batch, so the cursor in a checkpoint is
 * that of one process, and any number of ranks that divides the rows can go on from it. Gradients
 * are summed over the ranks in buckets, each as soon as backward has finished it, while backward
 * goes on. Rank 0 alone prints, holds the run folder and saves.
 *
 * Built with `make MPI=1` (ranks_mpi.c); otherwise everything here is inline and does nothing. */
#ifndef TRAIN_RANKS_H
#define TRAIN_RANKS_H

#include "model.h"

#ifdef ULM_MPI

/* Joins the other ranks. First thing in main. From here on a rank that exits with another status
 * than 0 ends all, with its message where rank 0 has not said the same. */
void ranks_begin(void);
int ranks_count(void);
bool ranks_first(void); /* is this rank 0? */

/* Threads for this rank where `asked` is 0: its share of the processors that it may use. */
int ranks_threads(int asked);
void ranks_announce(int threads); /* logs the ranks, and warns if they stand in each other's way */
void ranks_report(void);          /* logs how well reducing hid behind backward */
/* mpirun forwards SIGUSR1, and where it gets SIGINT or SIGTERM itself it first sends SIGCONT and
 * kills later: both stop the run as a signal to every rank would. */
void ranks_signals(void (*stop)(int signal));

/* Sums this model's gradients over all ranks from now on. Once a model. */
void ranks_follow(model *m);
/* This rank's rows of a global batch; B must be a multiple of ranks_count(). */
model_batch ranks_rows(const model_batch *x);
/* Weights of the whole batch, added up in the order of a single process. */
double ranks_weight(const model_batch *x, double mine);
/* Ends a step's backward: model_grads are the sums over all ranks; returns the sum of `loss`. */
double ranks_finish(double loss);

/* These are called by all ranks alike, and give the same on all of them. */
void ranks_sum(double *values, int count); /* sums over the ranks */
int ranks_any(int mine);                   /* the largest; not 0 if any is */
/* -1 if `bad` is not 0 on any rank; *e becomes the lowest such rank's, which it names. */
int ranks_agree(int bad, host_error *e);
/* Fails, naming a rank, if `bytes` are not the same on all. */
int ranks_same(const char *what, const void *bytes, size_t n, host_error *e);

#else

static inline void ranks_begin(void) {}
static inline int ranks_count(void) { return 1; }
static inline bool ranks_first(void) { return true; }
static inline int ranks_threads(int asked) { return asked; }
static inline void ranks_announce(int threads) { (void)threads; }
static inline void ranks_report(void) {}
static inline void ranks_signals(void (*stop)(int signal)) { (void)stop; }
static inline void ranks_follow(model *m) { (void)m; }
static inline model_batch ranks_rows(const model_batch *x) { return *x; }
static inline double ranks_weight(const model_batch *x, double mine) { return (void)x, mine; }
static inline double ranks_finish(double loss) { return loss; }
static inline void ranks_sum(double *values, int count) { (void)values, (void)count; }
static inline int ranks_any(int mine) { return mine; }
static inline int ranks_agree(int bad, host_error *e) { return (void)e, bad; }
static inline int ranks_same(const char *what, const void *bytes, size_t n, host_error *e) {
  return (void)what, (void)bytes, (void)n, (void)e, 0;
}

#endif
#endif
