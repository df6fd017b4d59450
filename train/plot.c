#include "plot.h"
#include "live.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef unsigned long long ull;

/* ---- reading ---- */

static double number(const json_t *row, const char *key) {
  const json_t *x = json_object_get(row, key);
  return json_is_number(x) ? json_number_value(x) : NAN;
}

/* Number of the source called `name`, which is new if need be; -1 beyond PLOT_SOURCES. */
static int source_of(plot_rows *p, const char *name) {
  for (size_t i = 0; i < p->names_count; i++)
    if (!strcmp(p->names[i], name)) return (int)i;
  if (p->names_count == PLOT_SOURCES) return -1;
  p->names = host_realloc(p->names, (p->names_count + 1) * sizeof *p->names, "names");
  p->names[p->names_count] = host_alloc(strlen(name) + 1, "a name");
  strcpy(p->names[p->names_count], name);
  return (int)p->names_count++;
}

static const char *read_row(plot_rows *p, const json_t *j, plot_row *r) {
  const json_t *step = json_object_get(j, "step"), *tokens = json_object_get(j, "tokens"),
               *by = json_object_get(j, "val");
  *r = (plot_row){.step = (uint64_t)json_integer_value(step),
                  .tokens = (uint64_t)json_integer_value(tokens),
                  .loss = number(j, "loss"),
                  .val = number(j, "val_loss"),
                  .lr = number(j, "lr"),
                  .grad_norm = number(j, "grad_norm"),
                  .rate = number(j, "tokens_per_s"),
                  .mfu = number(j, "mfu"),
                  .seconds = number(j, "seconds")};
  if (!json_is_integer(step) || json_integer_value(step) < 1) return "no step";
  if (json_integer_value(step) > 1ll << 53 || json_integer_value(tokens) < 0 ||
      json_integer_value(tokens) > 1ll << 53)
    return "a step or tokens that cannot be";
  if (p->count && r->step <= p->rows[p->count - 1].step) return "a step that is not after the last";
  if (!isfinite(r->loss)) return "no loss";
  if (!by) return NULL;
  if (!json_is_object(by)) return "validation that is not by source";
  r->vals = host_alloc(PLOT_SOURCES * sizeof *r->vals, "losses by source");
  for (size_t i = 0; i < PLOT_SOURCES; i++) r->vals[i] = NAN;
  for (void *at = json_object_iter((json_t *)(uintptr_t)by); at;
       at = json_object_iter_next((json_t *)(uintptr_t)by, at)) {
    const int i = source_of(p, json_object_iter_key(at));
    if (i < 0) return "more sources than are drawn";
    const json_t *x = json_object_iter_value(at);
    if (json_is_number(x)) r->vals[i] = json_number_value(x);
  }
  return NULL;
}

int plot_read(plot_rows *p, const char *text, size_t n, const char *name, host_error *e) {
  *p = (plot_rows){0};
  size_t cap = 0, line = 0;
  for (const char *end; n && (end = memchr(text, '\n', n));
       n -= (size_t)(end + 1 - text), text = end + 1) {
    line++;
    if (p->count == cap)
      p->rows = host_realloc(p->rows, (cap = 2 * cap + 256) * sizeof *p->rows, "metrics");
    json_error_t where;
    plot_row *r = &p->rows[p->count];
    *r = (plot_row){0};
    json_t *j = json_loadb(text, (size_t)(end - text), 0, &where);
    const char *bad = json_is_object(j) ? read_row(p, j, r) : "no JSON object";
    json_decref(j);
    if (bad) {
      free(r->vals);
      plot_free(p);
      return host_fail(e, "%s: line %zu: %s; it is not a metrics.jsonl of ulm-train", name, line,
                       bad);
    }
    p->count++;
  }
  if (p->count) return 0;
  plot_free(p);
  return host_fail(e, "%s: holds no step yet", name);
}

void plot_free(plot_rows *p) {
  for (size_t i = 0; i < p->count; i++) free(p->rows[i].vals);
  for (size_t i = 0; i < p->names_count; i++) free(p->names[i]);
  free(p->rows), free(p->names);
  *p = (plot_rows){0};
}

/* ---- curves ---- */

void plot_smooth(const double *x, size_t n, size_t w, double *out) {
  double *sums = host_alloc((n + 1) * sizeof *sums, "sums");
  for (size_t i = 0; i < n; i++) sums[i + 1] = sums[i] + x[i];
  for (size_t i = 0; i < n; i++) {
    size_t k = i < n - 1 - i ? i : n - 1 - i;
    k = k < w ? k : w;
    out[i] = (sums[i + k + 1] - sums[i - k]) / (double)(2 * k + 1);
  }
  free(sums);
}

enum { POINTS = 800 }; /* of a curve, more would not be seen */

/* $name: step, least, mean, most of each of at most POINTS bins; values that are NaN are left out.
 */
static void write_curve(FILE *f, const char *name, const plot_rows *p, const double *y) {
  const size_t n = p->count, bins = n < POINTS ? n : POINTS;
  fprintf(f, "$%s << EOD\n", name);
  for (size_t b = 0; b < bins; b++) {
    const size_t from = b * n / bins, to = (b + 1) * n / bins;
    double least = INFINITY, most = -INFINITY, sum = 0, count = 0, step = 0;
    for (size_t i = from; i < to; i++) {
      if (!isfinite(y[i])) continue;
      least = fmin(least, y[i]), most = fmax(most, y[i]);
      sum += y[i], count++, step += (double)p->rows[i].step;
    }
    if (count > 0) fprintf(f, "%.10g %.9g %.9g %.9g\n", step / count, least, sum / count, most);
  }
  fprintf(f, "EOD\n");
}

/* A string for gnuplot: in single quotes nothing but the quote itself has a meaning. */
static void write_string(FILE *f, const char *s) {
  fputc('\'', f);
  for (; *s; s++) {
    if (*s == '\'') fputc('\'', f);
    fputc((unsigned char)*s < ' ' ? ' ' : *s, f);
  }
  fputc('\'', f);
}

/* 12345678 as 12,345,678 */
static const char *grouped(char out[40], uint64_t v) {
  char digits[24];
  const int n = snprintf(digits, sizeof digits, "%llu", (ull)v);
  char *o = out;
  for (int i = 0; i < n; i++) {
    if (i && (n - i) % 3 == 0) *o++ = ',';
    *o++ = digits[i];
  }
  *o = 0;
  return out;
}

static const char style[] =
    "set terminal svg size 960,%d dynamic noenhanced font 'Helvetica,Arial,sans-serif,14' "
    "background '#ffffff'\n"
    "set encoding utf8\n"
    "set border 3 lc '#868e96' lw 1\n"
    "set tics nomirror out scale 0.5 textcolor '#495057'\n"
    "set grid ytics lt 1 lc '#e9ecef' lw 1\n"
    "set key top right Left reverse samplen 2 spacing 1.25 textcolor '#343a40'\n"
    "set format x '%%.0f'\n"
    "set lmargin at screen 0.1\n"
    "set rmargin at screen 0.925\n";

static const char *const colors[] = {"#2b8a3e", "#9c36b5", "#0c8599",
                                     "#e67700", "#5f3dc4", "#868e96"};

/* The largest y worth room: what is above only the first few steps reach. */
static double top_of(const double *y, size_t n) {
  double top = -INFINITY;
  for (size_t i = n / 50; i < n; i++) top = fmax(top, y[i]);
  return top;
}

/* Ticks at 1, 2 or 5 times a power of ten, about four of them up to `high`. */
static double tick_of(double high) {
  const double raw = high / 4, power = pow(10, floor(log10(raw))), x = raw / power;
  return power * (x < 1.5 ? 1 : x < 3.5 ? 2 : x < 7.5 ? 5 : 10);
}

static void write_loss(FILE *f, const plot_rows *p, const char *title, double *x, double *y) {
  const size_t n = p->count;
  const plot_row *last = &p->rows[n - 1];
  char a[40];
  bool val = false;
  double low = INFINITY, high;
  fprintf(f, style, 680);
  for (size_t i = 0; i < n; i++) x[i] = p->rows[i].loss, low = fmin(low, x[i]);
  write_curve(f, "raw", p, x);
  plot_smooth(x, n, n / 60 > 3 ? n / 60 : 3, y);
  write_curve(f, "smooth", p, y);
  high = top_of(y, n);
  for (size_t i = 0; i < n; i++) {
    x[i] = p->rows[i].val;
    if (!isfinite(x[i])) continue;
    val = true, low = fmin(low, x[i]);
    if (i >= n / 50) high = fmax(high, x[i]);
  }
  write_curve(f, "val", p, x);
  for (size_t s = 0; s < p->names_count; s++) {
    for (size_t i = 0; i < n; i++) {
      x[i] = p->rows[i].vals ? p->rows[i].vals[s] : NAN;
      if (isfinite(x[i])) low = fmin(low, x[i]);
      if (isfinite(x[i]) && i >= n / 50) high = fmax(high, x[i]);
    }
    snprintf(a, sizeof a, "by%zu", s);
    write_curve(f, a, p, x);
  }
  double rate = 0;
  for (size_t i = 0; i < n; i++) x[i] = p->rows[i].lr, rate = x[i] > rate ? x[i] : rate;
  write_curve(f, "lr", p, x);
  for (size_t i = 0; i < n; i++) x[i] = p->rows[i].grad_norm;
  write_curve(f, "norm", p, x);
  const double room = fmax(0.06 * (high - low), 1e-3);
  fprintf(f, "set xrange [0:%llu]\nset multiplot\n", (ull)last->step);
  fprintf(f, "set tmargin at screen 0.91\nset bmargin at screen 0.34\nset format x ''\n");
  fprintf(f, "set title ");
  write_string(f, title);
  fprintf(f, " font ',16' textcolor '#212529' offset 0,0.2\n");
  fprintf(f, "set ylabel 'loss, nats a target' textcolor '#495057' offset 0.3\n");
  fprintf(f, "set yrange [%.9g:%.9g]\n", fmax(0, low - room), high + room);
  fprintf(f, "plot $raw using 1:2:4 with filledcurves fc '#d0e1f5' fs solid notitle, "
             "$raw using 1:3 with lines lc '#a5c4e8' lw 1 title 'training', "
             "$smooth using 1:3 with lines lc '#1864ab' lw 2.5 title 'smoothed'");
  for (size_t s = 0; s < p->names_count; s++) {
    fprintf(f, ", $by%zu using 1:3 with linespoints pt 7 ps 0.35 lw 1.3 dt 2 lc '%s' title ", s,
            colors[s % (sizeof colors / sizeof *colors)]);
    write_string(f, p->names[s]);
  }
  if (val)
    fprintf(f,
            ", $val using 1:3 with linespoints pt 7 ps 0.5 lw 2 lc '#e8590c' title 'validation'");
  fprintf(f, "\nunset title\nset tmargin at screen 0.29\nset bmargin at screen 0.1\n");
  fprintf(f, "set format x '%%.0f'\nset xlabel 'step, %s tokens each' textcolor '#495057'\n",
          grouped(a, last->tokens / last->step));
  fprintf(f,
          "set border 11\nset yrange [0:%.9g]\nset ytics 0, %.9g\n"
          "set format y '%%g'\nset ylabel 'learning rate' textcolor '#1864ab' offset 0.3\n"
          "set logscale y2\nset y2tics\nset y2range [*:*]\nset format y2 '%%g'\n"
          "set y2label 'gradient norm' textcolor '#868e96' offset -0.5\nunset key\n",
          rate > 0 ? 1.15 * rate : 1, tick_of(rate > 0 ? rate : 1));
  fprintf(f, "plot $norm using 1:3 axes x1y2 with lines lc '#ced4da' lw 1, "
             "$lr using 1:3 with lines lc '#1864ab' lw 2\nunset multiplot\n");
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static void write_throughput(FILE *f, const plot_rows *p, const char *title, double *x, double *y) {
  const size_t n = p->count;
  size_t known = 0;
  double ratio = NAN;
  bool same = true; /* one peak all along: both axes are one curve */
  fprintf(f, style, 420);
  for (size_t i = 0; i < n; i++) {
    const plot_row *r = &p->rows[i];
    x[i] = r->rate;
    if (isfinite(x[i])) y[known++] = x[i];
    if (!(r->mfu > 0 && r->rate > 0)) continue;
    if (isnan(ratio)) ratio = r->mfu / r->rate;
    same &= fabs(r->mfu / r->rate / ratio - 1) < 0.05;
  }
  qsort(y, known, sizeof *y, by_size);
  const double middle = known ? y[known / 2] : 1;
  const double high = known ? 1.15 * fmax(y[known - 1 - known / 100], middle) : 1;
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i])) x[i] = middle;
  write_curve(f, "raw", p, x);
  plot_smooth(x, n, n / 60 > 3 ? n / 60 : 3, y);
  write_curve(f, "smooth", p, y);
  char a[40];
  fprintf(f, "set xrange [0:%llu]\nset tmargin at screen 0.87\nset bmargin at screen 0.16\n",
          (ull)p->rows[n - 1].step);
  fprintf(f, "set title ");
  write_string(f, title);
  fprintf(f, " font ',16' textcolor '#212529' offset 0,0.2\n");
  fprintf(f, "set key bottom right\nset xlabel 'step, %s tokens each' textcolor '#495057'\n",
          grouped(a, p->rows[n - 1].tokens / p->rows[n - 1].step));
  fprintf(f, "set yrange [0:%.9g]\nset ylabel 'tokens per second' textcolor '#495057' offset 0.3\n",
          high);
  fprintf(f, "set format y '%%.0f'\n");
  if (same && ratio > 0)
    fprintf(f,
            "set border 11\nset y2range [0:%.9g]\nset y2tics\nset format y2 '%%.0f%%%%'\n"
            "set y2label 'share of peak (MFU)' textcolor '#495057' offset -0.5\n",
            100 * ratio * high);
  fprintf(f, "plot $raw using 1:2:4 with filledcurves fc '#d3f0dc' fs solid notitle, "
             "$raw using 1:3 with lines lc '#a9dbb8' lw 1 title 'steps', "
             "$smooth using 1:3 with lines lc '#2b8a3e' lw 2.5 title 'smoothed'\n");
}

/* ---- gnuplot ---- */

/* Its standard output goes to `out`, its standard error to `err`. */
static pid_t start_gnuplot(int in, int out, int err) {
  const pid_t child = fork();
  if (child) return child;
  if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(126);
  signal(SIGPIPE, SIG_DFL);
  execlp("gnuplot", "gnuplot", "-d", "-", (char *)NULL);
  _exit(errno == ENOENT ? 127 : 126);
}

/* The script through a pipe, the picture into the file `path`, whole or not at all. */
static int draw(const char *path, const char *script, size_t n, host_error *e) {
  host_out out;
  int fds[2] = {-1, -1}, status = -1;
  FILE *said = tmpfile();
  if (!said) return host_fail(e, "cannot make a temporary file: %s", strerror(errno));
  if (host_out_open(&out, path, e)) {
    fclose(said);
    return -1;
  }
  signal(SIGPIPE, SIG_IGN);
  pid_t child = -1;
  if (!pipe2(fds, O_CLOEXEC)) child = start_gnuplot(fds[0], fileno(out.f), fileno(said));
  if (fds[0] >= 0) close(fds[0]);
  for (ssize_t k; child > 0 && n; script += k, n -= (size_t)k)
    if ((k = write(fds[1], script, n)) < 0) {
      if (errno != EINTR) break; /* it has ended; its status says why */
      k = 0;
    }
  if (fds[1] >= 0) close(fds[1]);
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  char text[400] = "";
  rewind(said);
  text[fread(text, 1, sizeof text - 1, said)] = 0;
  fclose(said);
  for (char *p = text; *p; p++)
    if ((unsigned char)*p < ' ') *p = ' ';
  if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return host_out_commit(&out, e);
  host_out_abort(&out);
  if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 127)
    return host_fail(e, "gnuplot is not there, and it draws the curves; install it "
                        "(Debian, Ubuntu: apt-get install gnuplot-nox)");
  return host_fail(e, "%s: gnuplot could not draw it: %s", path, *text ? text : "it was stopped");
}

typedef void (*writer)(FILE *f, const plot_rows *p, const char *title, double *x, double *y);

static int picture(const plot_rows *p, const char *dir, const char *name, const char *title,
                   writer write, host_error *e) {
  char path[4096], *script;
  size_t n;
  if (host_path(path, sizeof path, dir, name, e)) return -1;
  double *x = host_alloc(2 * p->count * sizeof *x, "a curve");
  FILE *f = open_memstream(&script, &n);
  if (!f) host_die("no memory for a script");
  write(f, p, title, x, x + p->count);
  if (fclose(f)) host_die("no memory for a script");
  const int bad = draw(path, script, n, e);
  free(script), free(x);
  return bad;
}

int plot_run(const char *dir, host_error *e) {
  char path[4096], title[300], time[24], val[64] = "", name[128], a[40], b[40];
  host_map m;
  plot_rows p;
  if (host_path(path, sizeof path, dir, "metrics.jsonl", e) || host_map_open(&m, path, e))
    return -1;
  const int bad = plot_read(&p, (const char *)m.bytes, m.size, path, e);
  host_map_close(&m);
  if (bad) return -1;
  const plot_row *last = &p.rows[p.count - 1];
  double best = INFINITY;
  for (size_t i = 0; i < p.count; i++)
    if (p.rows[i].val < best) best = p.rows[i].val;
  if (isfinite(best)) snprintf(val, sizeof val, ", best validation loss %.4f", best);
  size_t n = strlen(dir), k = n;
  while (n > 1 && dir[n - 1] == '/') n--;
  for (k = n; k && dir[k - 1] != '/';) k--;
  snprintf(name, sizeof name, "%.*s", (int)(n - k), dir + k);
  snprintf(title, sizeof title, "%s: %s steps, %s tokens%s", name, grouped(a, last->step),
           grouped(b, last->tokens), val);
  int failed = picture(&p, dir, "loss.svg", title, write_loss, e);
  live_time(time, last->seconds);
  snprintf(title, sizeof title, "%s: %s tokens%s%s", name, grouped(b, last->tokens),
           isfinite(last->seconds) ? " in " : "", isfinite(last->seconds) ? time : "");
  failed = failed || picture(&p, dir, "throughput.svg", title, write_throughput, e);
  plot_free(&p);
  return failed ? -1 : 0;
}
