#include "ranks.h"
#include "ops.h"

#include <errno.h>
#include <mpi.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Gradients become final from the end of the array to its begin (backward goes from the last block
 * to the embedding), and are reduced in that order in buckets that depend on nothing but their
 * number. */
enum { BUCKET = 1 << 18 };        /* floats: 1 MB */
static const double patience = 2; /* seconds until a failed rank no longer waits for the others */

static struct {
  int me, count, nearby; /* nearby: ranks on this machine */
  char host[MPI_MAX_PROCESSOR_NAME];
  MPI_Comm leaving; /* for the farewell alone, so that it never meets another collective */
  char said[2048];  /* the end of what a rank other than 0 would have printed */
  size_t said_n;
  float *grads;
  size_t grads_n, final, sent; /* grads[final..] is final, grads[sent..] is being reduced */
  MPI_Request *requests;
  int requests_n;
  size_t steps, early; /* early: floats sent off while backward had more to do, over all steps */
  double waited;       /* seconds, over all steps, for what backward did not hide */
} r;

/* ---- joining and leaving ---- */

/* Keeps the end of what is printed. */
static ssize_t keep(void *cookie, const char *text, size_t n) {
  (void)cookie;
  const size_t room = sizeof r.said - 1, from = n > room ? n - room : 0, k = n - from;
  if (r.said_n + k > room) {
    const size_t drop = r.said_n + k - room;
    memmove(r.said, r.said + drop, r.said_n - drop), r.said_n -= drop;
  }
  memcpy(r.said + r.said_n, text + from, k), r.said_n += k, r.said[r.said_n] = 0;
  return (ssize_t)n;
}

/* The last message of this program in what was kept. */
static const char *last_words(void) {
  char lead[256];
  const char *found = NULL;
  snprintf(lead, sizeof lead, "%s: ", program_invocation_short_name);
  for (const char *at = r.said; (at = strstr(at, lead)); at += strlen(lead)) found = at;
  return found ? found + strlen(lead) : "ended without a message\n";
}

/* At exit. Ranks that all fail leave quietly: rank 0 has said why. One that fails alone says so and
 * ends all. */
static void leave(int status, void *unused) {
  (void)unused;
  int done = 0;
  if (status) {
    MPI_Request all;
    const double start = host_now();
    MPI_Ibarrier(r.leaving, &all);
    while (MPI_Test(&all, &done, MPI_STATUS_IGNORE), !done && host_now() - start < patience)
      nanosleep(&(struct timespec){0, 1000000}, NULL);
    if (!done) {
      if (r.me) {
        dprintf(2, "%s: rank %d of %d (%s): %s", program_invocation_short_name, r.me, r.count,
                r.host, last_words());
      } else
        dprintf(2, "%s: rank 0 of %d (%s) failed; ending all ranks\n",
                program_invocation_short_name, r.count, r.host);
      MPI_Abort(MPI_COMM_WORLD, status);
    }
  }
  MPI_Finalize();
}

void ranks_begin(void) {
  int given, n;
  MPI_Comm near;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS)
    host_die("MPI does not start; is this program started by the mpirun it was built for?");
  MPI_Comm_rank(MPI_COMM_WORLD, &r.me);
  MPI_Comm_size(MPI_COMM_WORLD, &r.count);
  MPI_Get_processor_name(r.host, &n);
  MPI_Comm_dup(MPI_COMM_WORLD, &r.leaving);
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &near);
  MPI_Comm_size(near, &r.nearby);
  MPI_Comm_free(&near);
  if (r.me) {
    FILE *quiet = fopencookie(NULL, "w", (cookie_io_functions_t){.write = keep});
    if (!quiet || !freopen("/dev/null", "w", stdout)) MPI_Abort(MPI_COMM_WORLD, 1);
    setvbuf(quiet, NULL, _IONBF, 0);
    stderr = quiet;
  }
  on_exit(leave, NULL);
}

int ranks_count(void) { return r.count; }
bool ranks_first(void) { return r.me == 0; }

/* ---- the machine ---- */

/* Processors this rank may use, and how many ranks of this machine may use just the same. */
static int processors(int *sharing) {
  cpu_set_t mine, *all = host_alloc((size_t)r.count * sizeof *all, "sets of processors");
  char(*hosts)[MPI_MAX_PROCESSOR_NAME] = host_alloc((size_t)r.count * sizeof *hosts, "host names");
  CPU_ZERO(&mine);
  sched_getaffinity(0, sizeof mine, &mine);
  MPI_Allgather(&mine, sizeof mine, MPI_BYTE, all, sizeof mine, MPI_BYTE, MPI_COMM_WORLD);
  MPI_Allgather(r.host, sizeof r.host, MPI_BYTE, hosts, sizeof r.host, MPI_BYTE, MPI_COMM_WORLD);
  *sharing = 0;
  for (int i = 0; i < r.count; i++)
    *sharing += !strcmp(hosts[i], r.host) && CPU_EQUAL(&all[i], &mine);
  free(all), free(hosts);
  return CPU_COUNT(&mine);
}

int ranks_threads(int asked) {
  int sharing;
  const int n = processors(&sharing), share = n / sharing;
  return asked ? asked : share > 1 ? share : 1;
}

void ranks_announce(int threads) {
  int sharing;
  const int n = processors(&sharing);
  host_log("ranks      %d, of them %d on %s, %d threads each", r.count, r.nearby, r.host, threads);
  if (threads * sharing > n)
    host_log("ranks: %d threads share %d processors; give fewer --threads, or give each "
             "rank its own with `mpirun --map-by slot:PE=%d`, or all of them with `--bind-to none`",
             threads * sharing, n, threads);
}

void ranks_report(void) {
  if (!r.steps) return;
  const double steps = (double)r.steps;
  host_log(
      "ranks      %.1f MB of gradients a step, %.0f%% on their way before backward ended; then "
      "waited %.2f ms a step",
      (double)r.grads_n * sizeof *r.grads / 1e6,
      100 * (double)r.early / ((double)r.grads_n * steps), 1e3 * r.waited / steps);
}

static void (*stop_run)(int signal);
static void on_usr1(int s) { stop_run(s); }
static void on_cont(int s, siginfo_t *info, void *context) {
  (void)s, (void)context;
  if (info->si_pid == getppid()) stop_run(SIGTERM);
}
void ranks_signals(void (*stop)(int signal)) {
  stop_run = stop;
  sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_usr1, .sa_flags = SA_RESTART}, NULL);
  if (!getenv("PMIX_RANK")) return; /* nobody but a shell sends SIGCONT */
  sigaction(SIGCONT,
            &(struct sigaction){.sa_sigaction = on_cont, .sa_flags = SA_SIGINFO | SA_RESTART},
            NULL);
}

/* ---- gradients ---- */

/* Starts reducing every whole bucket of grads[from..]. */
static void send_from(size_t from) {
  while (r.sent > 0) {
    const size_t n = r.sent < BUCKET ? r.sent : BUCKET;
    if (r.sent - n < from) break;
    r.sent -= n;
    MPI_Iallreduce(MPI_IN_PLACE, r.grads + r.sent, (int)n, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD,
                   &r.requests[r.requests_n++]);
  }
}

/* Backward has finished [start, start + count). What comes out of turn waits for ranks_finish. */
static void on_grads(void *unused, size_t start, size_t count) {
  (void)unused;
  int done; /* messages move only while MPI is asked about them */
  const size_t before = r.sent;
  if (start + count == r.final) r.final = start;
  send_from(r.final);
  if (start > 0) r.early += before - r.sent;
  MPI_Testall(r.requests_n, r.requests, &done, MPI_STATUSES_IGNORE);
}

static void begin_step(void) { r.final = r.sent = r.grads_n, r.requests_n = 0; }

void ranks_follow(model *m) {
  r.grads = model_grads(m), r.grads_n = (size_t)ulm_param_count(model_config(m));
  free(r.requests);
  r.requests = host_alloc((r.grads_n / BUCKET + 1) * sizeof *r.requests, "requests");
  begin_step();
  model_on_grads(m, on_grads, NULL);
}

model_batch ranks_rows(const model_batch *x) {
  model_batch mine = *x;
  mine.B = x->B / (uint32_t)r.count;
  const size_t at = (size_t)mine.B * x->T * (size_t)r.me;
  mine.ids += at, mine.next += at, mine.weight += at, mine.start += at;
  return mine;
}

double ranks_weight(const model_batch *x, double mine) {
  (void)mine;
  double sum = 0;
  for (size_t i = 0; i < (size_t)x->B * x->T; i++) sum += (double)x->weight[i];
  return sum;
}

double ranks_finish(double loss) {
  const double start = host_now();
  r.steps++;
  send_from(0);
  MPI_Waitall(r.requests_n, r.requests, MPI_STATUSES_IGNORE);
  r.waited += host_now() - start;
  begin_step();
  ranks_sum(&loss, 1);
  return loss;
}

/* ---- agreement ---- */

void ranks_sum(double *values, int count) { /* one rank adds, so that all get the same bits */
  MPI_Reduce(r.me ? values : MPI_IN_PLACE, values, count, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
  MPI_Bcast(values, count, MPI_DOUBLE, 0, MPI_COMM_WORLD);
}

int ranks_any(int mine) {
  int any = mine;
  MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return any;
}

int ranks_agree(int bad, host_error *e) {
  host_error first;
  int who = bad ? r.me : r.count;
  MPI_Allreduce(MPI_IN_PLACE, &who, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  if (who == r.count) return 0;
  if (who == r.me && who)
    host_fail(&first, "rank %d of %d (%s): %.900s", who, r.count, r.host, e->text);
  else if (who == r.me)
    first = *e;
  MPI_Bcast(&first, sizeof first, MPI_BYTE, who, MPI_COMM_WORLD);
  *e = first;
  return -1;
}

static uint64_t hash(const void *bytes, size_t n) {
  const uint8_t *p = bytes;
  uint64_t h[4] = {n, 1, 2, 3}, word[4] = {0};
  for (; n; p += sizeof word) {
    const size_t k = n < sizeof word ? n : sizeof word;
    memcpy(word, p, k), n -= k;
    for (int i = 0; i < 4; i++) h[i] = (h[i] ^ word[i]) * 0x9e3779b97f4a7c15u, h[i] ^= h[i] >> 32;
  }
  for (int i = 1; i < 4; i++) h[0] = (h[0] ^ h[i]) * 0xd6e8feb86659fd93u, h[0] ^= h[0] >> 29;
  return h[0];
}

int ranks_same(const char *what, const void *bytes, size_t n, host_error *e) {
  const uint64_t mine = hash(bytes, n);
  uint64_t first = mine;
  host_error other;
  MPI_Bcast(&first, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
  const int bad = mine == first ? 0 : host_fail(&other, "%s are not those of rank 0", what);
  return ranks_agree(bad, &other) ? (*e = other, -1) : 0;
}
