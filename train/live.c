#include "live.h"
#include <math.h>
#include <string.h>

void live_time(char out[24], double seconds) {
  const uint64_t s = seconds > 0 && seconds < 1e9 ? (uint64_t)seconds : 0, m = s / 60, h = m / 60;
  typedef unsigned long long ull;
  if (s < 60)
    snprintf(out, 24, "%llu s", (ull)s);
  else if (h < 1)
    snprintf(out, 24, "%llu:%02llu", (ull)m, (ull)(s % 60));
  else if (h < 24)
    snprintf(out, 24, "%llu:%02llu:%02llu", (ull)h, (ull)(m % 60), (ull)(s % 60));
  else
    snprintf(out, 24, "%llu d %02llu:%02llu", (ull)(h / 24), (ull)(h % 24), (ull)(m % 60));
}

/* Three digits and a unit. */
static void scaled(char out[16], double v) {
  const char *const unit[] = {"", "k", "M", "G"};
  int i = 0;
  while (v >= 999.5 && i < 3) v /= 1000, i++;
  snprintf(out, 16, v < 9.995 && i ? "%.2f%s" : v < 99.95 && i ? "%.1f%s" : "%.0f%s", v, unit[i]);
}

/* 1.5e-3: an exponent without its zero. */
static void small(char out[16], double v) {
  snprintf(out, 16, "%.1e", v);
  char *e = strstr(out, "e-0");
  if (e) memmove(e + 2, e + 3, strlen(e + 3) + 1);
}

/* Forms from full to terse; past FORMS fields go, the least needed first. */
enum { BAR, FULL, CLOSE, TERSE, FORMS, FIELDS = 9 };
static const int leave_out[] = {8, 3, 4, 6, 5, 2}; /* memory, rate, norm, MFU, tokens/s, val */

static size_t form(char *out, size_t size, const live_fields *x, int how) {
  char f[FIELDS][48] = {""}, a[24], line[512] = "";
  const bool full = how <= FULL, terse = how >= TERSE;
  snprintf(f[0], sizeof f[0], "%s%llu/%llu", full ? "step " : "", (unsigned long long)x->step,
           (unsigned long long)x->steps);
  snprintf(f[1], sizeof f[1], "loss %.3f", x->loss);
  if (isfinite(x->val)) snprintf(f[2], sizeof f[2], "val %.3f", x->val);
  small(a, x->lr), snprintf(f[3], sizeof f[3], "lr %s", a);
  snprintf(f[4], sizeof f[4], "%s %.2f", terse ? "g" : "|g|", x->grad_norm);
  scaled(a, x->rate), snprintf(f[5], sizeof f[5], "%s%s", a, terse ? "/s" : " tok/s");
  if (isfinite(x->mfu)) snprintf(f[6], sizeof f[6], "MFU %.0f%%", 100 * x->mfu);
  live_time(a, x->left);
  if (isfinite(x->left)) snprintf(f[7], sizeof f[7], "%s%s", a, full ? " left" : "");
  snprintf(f[8], sizeof f[8], "%llu%s", (unsigned long long)x->bytes >> 20, full ? " MB" : "M");
  for (int i = 0; i < how - TERSE && i < (int)(sizeof leave_out / sizeof *leave_out); i++)
    f[leave_out[i]][0] = 0;
  if (how == BAR) {
    const int w = 16, fill = x->steps ? (int)((double)w * (double)x->step / (double)x->steps) : w;
    strcat(line, "[");
    for (int i = 0; i < w; i++) strcat(line, i < fill ? "#" : ".");
    strcat(line, "]");
  }
  for (int i = 0; i < FIELDS; i++) {
    if (!f[i][0]) continue;
    if (*line) strcat(line, full ? "  " : " ");
    strcat(line, f[i]);
  }
  snprintf(out, size, "%s", line);
  return strlen(line);
}

void live_format(char *out, size_t size, const live_fields *x, int columns) {
  int how = columns ? BAR : FULL;
  while (form(out, size, x, how) > (size_t)columns && columns &&
         how < TERSE + (int)(sizeof leave_out / sizeof *leave_out))
    how++;
}

void live_begin(live *l, uint64_t step, uint64_t steps, double flops, double peak, double val) {
  const double now = host_now();
  *l = (live){.steps = steps,
              .peak = peak,
              .flops = flops,
              .start = now,
              .shown = now,
              .val = val,
              .first = step};
}

void live_step(live *l, const metrics_row *row, double tokens, double seconds, bool now) {
  const double time = host_now(), done = (double)(row->step - l->first),
               keep = 1 - 1.0 / LIVE_MEMORY;
  l->loss = keep * l->loss + row->loss, l->weight = keep * l->weight + 1;
  const double fade = exp(-seconds / LIVE_SECONDS);
  l->tokens = fade * l->tokens + tokens, l->seconds = fade * l->seconds + seconds;
  if (isfinite(row->val)) l->val = row->val;
  const int columns = host_columns();
  const double every = columns ? 0.2 : fmin(60, fmax(5, (time - l->start) / 20));
  if (!now && time - l->shown < every) return;
  l->shown = time;
  const double rate = l->tokens / l->seconds;
  const live_fields x = {.step = row->step,
                         .steps = l->steps,
                         .bytes = host_peak_rss(),
                         .loss = l->loss / l->weight,
                         .val = l->val,
                         .lr = row->lr,
                         .grad_norm = row->grad_norm,
                         .rate = rate,
                         .mfu = l->peak > 0 ? l->flops * rate / l->peak : NAN,
                         .left = (time - l->start) / done * (double)(l->steps - row->step)};
  char line[512];
  live_format(line, sizeof line, &x, columns ? columns - 1 : 0);
  host_live(line);
}
