/* report.html: one page that loads nothing; pictures are SVG made here. */
#include "page.h"
#include "faults.h"
#include "matrix.h"
#include "online.h"
#include "risk.h"
#include "session.h"
#include "standing.h"

#include <math.h>
#include <string.h>

static void html_part(FILE *f, const char *s, size_t n) {
  for (const char *end = s + n; s < end;) {
    const size_t k = ulm_utf8_len((const uint8_t *)s, (size_t)(end - s));
    switch (*s) {
    case '<':
      fputs("&lt;", f);
      break;
    case '>':
      fputs("&gt;", f);
      break;
    case '&':
      fputs("&amp;", f);
      break;
    case '"':
      fputs("&quot;", f);
      break;
    case '\'':
      fputs("&#39;", f);
      break;
    default:
      if (k)
        fwrite(s, 1, k, f);
      else
        fputs("\xef\xbf\xbd", f);
    }
    s += k ? k : 1;
  }
}

void html_text(FILE *f, const char *s) { html_part(f, s, strlen(s)); }

static const char style[] =
    ":root{--ink:#1b1f24;--soft:#6a737d;--rule:#e3e6ea;--paper:#fff;--card:#f7f8fa;--a:#2563eb;--b:"
    "#d97706;--c:#059669;--bad:#dc2626;--mark:#dbeafe}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#98a2ae;--rule:#2b323b;--paper:#"
    "12161b;--card:#1a2027;--a:#60a5fa;--b:#fbbf24;--c:#34d399;--bad:#f87171;--mark:#1e3a5f}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 "
    "system-ui,sans-serif}"
    "main{max-width:980px;margin:0 auto;padding:32px 20px "
    "80px}h1{font-size:30px;margin:0}h2{font-size:20px;margin:52px 0 4px}"
    "p.lead{color:var(--soft);margin:2px 0 "
    "18px;max-width:70ch}.nums{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr)"
    ");gap:12px;margin:24px 0}"
    ".num{background:var(--card);border-radius:12px;padding:14px 16px}.num "
    "b{display:block;font-size:23px;white-space:nowrap;font-weight:650;font-variant-numeric:"
    "tabular-nums}"
    ".num span{color:var(--soft);font-size:13px}svg{width:100%;height:auto;display:block}svg "
    "text{font:12px system-ui,sans-serif;fill:var(--soft)}"
    "table{border-collapse:collapse;width:100%;font-size:14px}th{text-align:left;color:var(--soft);"
    "font-weight:500}td,th{padding:6px 10px 6px 0;border-bottom:1px solid "
    "var(--rule);vertical-align:top}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}mark{background:var(--mark);"
    "color:inherit;border-radius:3px;padding:0 2px}"
    ".ok{color:var(--c)}.no{color:var(--bad)}.tag{color:var(--soft);font-size:12px;border:1px "
    "solid var(--rule);border-radius:9px;padding:0 7px;margin-left:6px;white-space:nowrap}"
    ".talk{background:var(--card);border-radius:12px;padding:14px 18px;margin:12px 0}.talk "
    "q{color:var(--soft)}.talk p{margin:4px 0 8px;font-size:17px}"
    ".op{color:var(--a);font-weight:600}.br{color:var(--b)}.co{color:inherit}.cl{color:var(--soft);"
    "font-style:"
    "italic}.seam{border-left:3px solid var(--soft);margin:0 1px}.seam.ok{border-color:var(--c)}"
    ".seam.no{border-color:var(--bad)}.talk p.sent{color:var(--soft);font:13px ui-monospace,"
    "monospace;overflow-wrap:anywhere}summary{cursor:pointer}footer{color:var(--soft);margin-top:"
    "60px;font-size:13px}";

/* ---- charts ---- */

static void axis_y(FILE *f, double x0, double x1, double y, double v, const char *format) {
  fprintf(f,
          "<line x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f' stroke='var(--rule)'/><text x='%.1f' "
          "y='%.1f' text-anchor='end'>",
          x0, x1, y, y, x0 - 8, y + 4);
  fprintf(f, format, v);
  fputs("</text>", f);
}

static void loss_curve(FILE *f, const json_t *rows) {
  const double W = 940, H = 300, L = 48, R = 90, T = 14, B = 40;
  double steps = 1, low = INFINITY, high = 0, last = 0, last_val = NAN;
  size_t i, n = json_array_size(rows);
  const json_t *r;
  json_array_foreach(rows, i, r) {
    const double x = fmin(fmax(number(r, "loss"), 0), 1e6);
    steps = fmax(steps, number(r, "step"));
    low = fmin(low, x), high = fmax(high, x), last = x;
    if (json_object_get(r, "val_loss"))
      last_val = number(r, "val_loss"), low = fmax(fmin(low, last_val), 0);
  }
  low = floor(low * 2) / 2, high = ceil(high * 2) / 2;
  if (!(high > low)) high = low + 1;
#define X(s) (L + (W - L - R) * (s) / steps)
#define Y(v) (T + (H - T - B) * (high - fmin(fmax(v, low), high)) / (high - low))
  fprintf(
      f,
      "<svg viewBox='0 0 %.0f %.0f' role='img' aria-label='training and validation loss by step'>",
      W, H);
  double unit = 0.25; /* 4 to 8 lines */
  while (high - low > 8 * unit) unit *= 2;
  for (double v = low; v <= high + 1e-9; v += unit) axis_y(f, L, W - R, Y(v), v, "%g");
  fprintf(
      f,
      "<polyline fill='none' stroke='var(--a)' stroke-width='1.5' stroke-opacity='.75' points='");
  json_array_foreach(rows, i, r)
      fprintf(f, "%.1f,%.1f ", X(number(r, "step")), Y(number(r, "loss")));
  fprintf(f, "'/><text x='%.1f' y='%.1f' style='fill:var(--a)'>train %.3f</text>", W - R + 8,
          Y(last) + (last > last_val ? -4 : 12), last);
  if (!isnan(last_val)) {
    fprintf(f, "<polyline fill='none' stroke='var(--b)' stroke-width='2.5' points='");
    json_array_foreach(rows, i, r) if (json_object_get(r, "val_loss"))
        fprintf(f, "%.1f,%.1f ", X(number(r, "step")), Y(number(r, "val_loss")));
    fprintf(f, "'/><text x='%.1f' y='%.1f' style='fill:var(--b)'>val %.3f</text>", W - R + 8,
            Y(last_val) + (last > last_val ? 14 : -2), last_val);
  }
  for (int k = 0; k <= 4; k++)
    fprintf(f, "<text x='%.1f' y='%.1f' text-anchor='middle'>%.0f</text>", X(steps * k / 4),
            H - B + 20, steps * k / 4);
  fprintf(f,
          "<text x='%.1f' y='%.1f' text-anchor='middle'>optimizer step</text><text x='%.1f' "
          "y='10'>nats a target token</text></svg>",
          (L + W - R) / 2, H - 4, L - 40.0);
#undef X
#undef Y
  const json_t *z = json_array_get(rows, n - 1);
  fprintf(f, "<p class='lead'>%.2f million tokens; at the end %.0f tokens a second.</p>",
          number(z, "tokens") / 1e6, number(z, "tokens_per_s"));
}

/* A bar with its interval. */
void page_bar(FILE *f, double y, const char *name, const json_t *r, const char *colour) {
  if (!json_is_object(r)) return;
  const double x0 = 300, w = 520, m = number(r, "mean"), lo = number(r, "low"),
               hi = number(r, "high");
  fprintf(f, "<text x='%.0f' y='%.1f' text-anchor='end'>", x0 - 10, y + 13);
  html_text(f, name);
  fprintf(f, "</text><rect x='%.0f' y='%.1f' width='%.1f' height='16' rx='2' fill='%s'/>", x0, y,
          fmax(w * m, 1), colour);
  fprintf(f,
          "<line x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f' stroke='var(--ink)' stroke-width='1.5'/>",
          x0 + w * lo, x0 + w * hi, y + 8, y + 8);
  fprintf(f,
          "<text x='%.1f' y='%.1f' style='fill:var(--ink)'>%.1f%%</text><text x='930' y='%.1f' "
          "text-anchor='end'>of %.0f</text>",
          x0 + w * fmax(m, hi) + 8, y + 13, 100 * m, y + 13, number(r, "n"));
}

static void slot_bars(FILE *f, const json_t *slots) {
  const size_t n = json_array_size(slots);
  size_t i;
  const json_t *x;
  if (!n) return;
  fprintf(f,
          "<svg viewBox='0 0 940 %zu' role='img' aria-label='share of openers that name the slot "
          "value'>",
          n * 52 + 4);
  json_array_foreach(slots, i, x) {
    page_bar(f, (double)i * 52 + 4, text(x, "of"), json_object_get(x, "named"), "var(--a)");
    page_bar(f, (double)i * 52 + 24, "control: another prompt's value",
             json_object_get(x, "control"), "var(--soft)");
  }
  fputs("</svg>", f);
}

/* Relative error by kind of tensor, a row a kind and a bar a model, on a log scale from 0.1% to
 * 100%. */
static void quant_bars(FILE *f, const json_t *models) {
  const json_t *first =
                   json_object_get(json_object_get(json_array_get(models, 0), "report"), "kinds"),
               *m, *k;
  const size_t count = json_array_size(models);
  size_t kinds = 0;
  static const char *const colours[] = {"var(--a)", "var(--b)", "var(--c)"};
  size_t i, j, row = 0;
  json_array_foreach(first, j, k) kinds += number(k, "rel_rms_error") > 0; /* norms stay exact */
  fprintf(f, "<svg viewBox='0 0 940 %zu' role='img' aria-label='quantization error by tensor'>",
          kinds * (count * 12 + 10) + 44);
  for (int d = 0; d <= 3; d++) {
    const double x = 150 + 650.0 * d / 3;
    fprintf(f,
            "<line x1='%.1f' x2='%.1f' y1='20' y2='%zu' stroke='var(--rule)'/><text x='%.1f' "
            "y='12' text-anchor='middle'>%g%%</text>",
            x, x, kinds * (count * 12 + 10) + 20, x, 0.1 * pow(10, d));
  }
  json_array_foreach(first, j, k) {
    if (!(number(k, "rel_rms_error") > 0)) continue;
    const double y = 26 + (double)(row++ * (count * 12 + 10));
    fputs("<text x='140' text-anchor='end' ", f);
    fprintf(f, "y='%.1f'>", y + 6 * (double)count + 3);
    html_text(f, text(k, "name"));
    fputs("</text>", f);
    json_array_foreach(models, i, m) {
      const json_t *l = json_array_get(json_object_get(json_object_get(m, "report"), "kinds"), j);
      const double err = number(l, "rel_rms_error"),
                   w = 650 * fmin(fmax((log10(fmax(err, 1e-9)) + 3) / 3, 0.002), 1);
      fprintf(f,
              "<rect x='150' y='%.1f' width='%.1f' height='10' fill='%s'/><text x='%.1f' y='%.1f' "
              "style='font-size:10px'>%.2f%%</text>",
              y + 12.0 * (double)i, w, colours[i % 3], 156 + w, y + 12.0 * (double)i + 9,
              100 * err);
    }
  }
  fputs("</svg><table><tr><th>model</th><th class=n>bits a weight</th><th class=n>bytes</th><th "
        "class=n>RMS error</th><th class=n>loss before</th><th class=n>after</th><th "
        "class=n>change, nats</th></tr>",
        f);
  json_array_foreach(models, i, m) {
    const json_t *r = json_object_get(m, "report"), *t = json_object_get(r, "total"),
                 *loss = json_object_get(r, "loss");
    fprintf(f,
            "<tr><td><svg viewBox='0 0 10 10' style='display:inline;width:10px;height:10px'><rect "
            "width='10' height='10' fill='%s'/></svg> ",
            colours[i % 3]);
    html_text(f, text(m, "name"));
    fprintf(f, "<td class=n>%.2f<td class=n>%.0f<td class=n>%.2f%%", number(t, "bits_per_weight"),
            number(t, "bytes"), 100 * number(t, "rel_rms_error"));
    if (loss)
      fprintf(f, "<td class=n>%.4f<td class=n>%.4f<td class=n>%+.4f", number(loss, "before"),
              number(loss, "after"), number(loss, "after") - number(loss, "before"));
    fputs("</tr>", f);
  }
  fputs("</table>", f);
}

/* Opener speech over the cloud's delay: what covers it, and the gap where nothing does. */
void page_timeline(FILE *f, const json_t *x) {
  const double cloud = number(x, "cloud_ms"), first = number(x, "first_word_ms"),
               end = number(x, "speech_end_ms"), gap = number(x, "gap_ms");
  const double span = fmin(fmax(4000, fmax(cloud, end) + 300), 6e5), w = 860 / span;
  fprintf(f, "<svg viewBox='0 0 940 64' role='img' aria-label='timeline'>");
  for (int s = 0; s * 1000 <= span; s++)
    fprintf(f,
            "<line x1='%.1f' x2='%.1f' y1='0' y2='48' stroke='var(--rule)'/><text x='%.1f' y='61' "
            "text-anchor='middle'>%d s</text>",
            60 + s * 1000 * w, 60 + s * 1000 * w, 60 + s * 1000 * w, s);
  fprintf(f, "<text x='52' y='17' text-anchor='end'>device</text><text x='52' y='40' "
             "text-anchor='end'>cloud</text>");
  fprintf(f,
          "<rect x='%.1f' y='4' width='%.1f' height='17' rx='3' fill='var(--a)'/><text x='%.1f' "
          "y='17' style='fill:var(--paper);font-size:11px'>opener spoken</text>",
          60 + first * w, (end - first) * w, 66 + first * w);
  fprintf(f,
          "<rect x='60' y='27' width='%.1f' height='17' rx='3' fill='var(--soft)' "
          "fill-opacity='.35'/><text x='%.1f' y='40'>first text %.0f ms</text>",
          cloud * w, 68 + cloud * w, cloud);
  if (gap > 0)
    fprintf(f, "<rect x='%.1f' y='4' width='%.1f' height='17' fill='var(--bad)'/>", 60 + end * w,
            gap * w);
  fprintf(f,
          "<rect x='%.1f' y='4' width='%.1f' height='17' rx='3' fill='var(--c)' "
          "fill-opacity='.55'/></svg>",
          60 + fmax(cloud, end) * w, (span - fmax(cloud, end)) * w);
}

static void span(FILE *f, const char *class, const char *s, size_t n) {
  if (!n) return;
  fprintf(f, "<span class=%s>", class), html_part(f, s, n), fputs("</span>", f);
}

void page_spoken(FILE *f, const json_t *x) {
  const char *heard = text(x, "spoken"), *bridge = text(x, "bridge"), *sent = text(x, "sent");
  bridge += strspn(bridge, " ,");
  const char *at = *bridge ? strstr(heard, bridge) : NULL;
  const size_t before = at ? (size_t)(at - heard) : strlen(heard), k = at ? strlen(bridge) : 0;
  fputs("<p>", f), span(f, "op", text(x, "opener"), strlen(text(x, "opener")));
  fprintf(f, "<span class='seam %s'></span>",
          json_is_false(json_object_get(x, "seam")) ? "no" : "ok");
  span(f, "co", heard, before), span(f, "br", heard + before, k);
  span(f, "co", heard + before + k, strlen(heard + before + k));
  span(f, "cl", text(x, "close"), strlen(text(x, "close")));
  fputs("</p>", f);
  sent += strspn(sent, " \n"), heard += strspn(heard, " \n");
  const size_t n = strlen(sent), m = strlen(heard), less = n < m ? n : m;
  if (!*sent || !strncmp(sent, heard, less)) return;
  fputs("<p class=sent>the cloud sent: ", f), html_text(f, sent);
  fputs(n >= 250 ? "...</p>" : "</p>", f);
}

void page_histogram(FILE *f, const json_t *bins) {
  double top = 1;
  size_t i;
  const json_t *b;
  json_array_foreach(bins, i, b) top = fmax(top, json_number_value(b));
  fprintf(f, "<svg viewBox='0 0 940 190' role='img' aria-label='share of the cloud delay covered "
             "by speech'>");
  json_array_foreach(bins, i, b) {
    const double h = 130 * json_number_value(b) / top, x = 40 + 88.0 * (double)i;
    fprintf(f,
            "<rect x='%.1f' y='%.1f' width='82' height='%.1f' rx='2' fill='var(--a)'/><text "
            "x='%.1f' y='%.1f' text-anchor='middle'>%.0f</text>",
            x, 150 - h, h, x + 41, 144 - h, json_number_value(b));
    fprintf(f, "<text x='%.1f' y='166' text-anchor='middle'>%zu-%zu%%</text>", x + 41, i * 10,
            i * 10 + 10);
  }
  fputs("<text x='480' y='186' text-anchor='middle'>of the cloud&#39;s delay covered by the "
        "opener&#39;s speech (handoffs)</text></svg>",
        f);
}

/* ---- sections ---- */

static void marked(FILE *f, const char *s, const char *slot) {
  size_t at;
  if (!slot || !names(s, slot, &at)) {
    html_text(f, s);
    return;
  }
  const size_t k = strnlen(s + at, strlen(slot));
  html_part(f, s, at);
  fputs("<mark>", f);
  html_part(f, s + at, k);
  fputs("</mark>", f);
  html_text(f, s + at + k);
}

void page_num(FILE *f, const char *value, const char *what) {
  fprintf(f, "<div class=num><b>%s</b><span>", value);
  html_text(f, what);
  fputs("</span></div>", f);
}

static void opener_section(FILE *f, const json_t *s) {
  size_t i;
  const json_t *x;
  fputs("<h2>Openers</h2><p class=lead>An opener is 4 to 8 whole words. It should name what was "
        "asked about; the control asks the same openers for another prompt&#39;s value. Lines are "
        "95% bootstrap intervals.</p>",
        f);
  slot_bars(f, json_object_get(s, "slots"));
  fputs("<svg viewBox='0 0 940 124'>", f);
  page_bar(f, 100, "the reader picks its prompt of 16", json_object_get(s, "grounded"), "var(--a)");
  page_bar(f, 4, "contract (4-8 words)", json_object_get(s, "contract"), "var(--c)");
  page_bar(f, 28, "the model ends by itself", json_object_get(s, "contract_unforced"), "var(--c)");
  page_bar(f, 52, "first word as the reference's", json_object_get(s, "first_word"), "var(--soft)");
  page_bar(f, 76, "first content word likewise", json_object_get(s, "first_content_word"),
           "var(--soft)");
  fputs("</svg><table><tr><th>prompt</th><th>opener</th><th class=n>words</th><th "
        "class=n>confidence</th></tr>",
        f);
  json_array_foreach(json_object_get(s, "examples"), i, x) {
    fputs("<tr><td>", f);
    marked(f, text(x, "prompt"), *text(x, "slot") ? text(x, "slot") : NULL);
    if (*text(x, "held") && strcmp(text(x, "held"), "none"))
      fprintf(f, "<span class=tag>held-out %s</span>",
              !strcmp(text(x, "held"), "value") ? "value" : "template");
    fputs("<td>", f);
    marked(f, text(x, "opener"), *text(x, "slot") ? text(x, "slot") : NULL);
    if (json_object_get(x, "grounded"))
      fputs(number(x, "grounded") > 0.5 ? "<span class=tag>grounded</span>"
                                        : "<span class=tag>not grounded</span>",
            f);
    fprintf(f, " <span class=%s>%s</span><td class=n>%.0f<td class=n>%.2f</tr>",
            json_is_true(json_object_get(x, "unforced_ok")) ? "ok" : "no",
            json_is_true(json_object_get(x, "unforced_ok")) ? "&#10003;" : "&#10007;",
            number(x, "words"), number(x, "confidence"));
  }
  fputs("</table><p class=lead>A tick: the model ended its turn by itself after 4 to 8 words. "
        "Prompts chosen by lot.</p>",
        f);
  standing_html(f, s);
}

static void handoff_section(FILE *f, const json_t *s) {
  size_t i, k;
  const json_t *x, *why;
  fputs("<h2>Handoffs</h2><p class=lead>The device speaks at 150 words a minute while the cloud "
        "thinks; the continuation is spliced on behind the opener. Where the opener was off, it "
        "recovers with a short bridge.</p>"
        "<table><tr><th>outcome</th><th>recovery</th><th class=n>handoffs</th><th class=n>judged "
        "good</th><th class=n>delay masked</th><th class=n>gap, ms</th></tr>",
        f);
  json_array_foreach(json_object_get(s, "rows"), i, x) {
    fputs("<tr><td>", f);
    html_text(f, text(x, "outcome"));
    fputs("<td>", f);
    html_text(f, text(x, "mode"));
    fprintf(f, "<td class=n>%.0f<td class=n>%.1f%%<td class=n>%.1f%%<td class=n>%.0f</tr>",
            number(x, "count"), 100 * number(x, "good"), 100 * number(x, "masked"),
            number(x, "gap_ms"));
  }
  fputs("</table><h2>How much of the cloud&#39;s delay the opener covers</h2>", f);
  page_histogram(f, json_object_get(s, "histogram"));
  fputs("<h2>Transcripts</h2><p class=lead><span class=op>opener</span> <span "
        "class=br>bridge</span> continuation. Chosen by lot.</p>",
        f);
  json_array_foreach(json_object_get(s, "examples"), i, x) {
    fputs("<div class=talk><q>", f);
    html_text(f, text(x, "prompt"));
    fputs("</q><span class=tag>", f);
    html_text(f, text(x, "outcome"));
    if (*text(x, "mode")) fputs(", ", f), html_text(f, text(x, "mode"));
    fputs("</span><p><span class=op>", f);
    html_text(f, text(x, "opener"));
    fputs("</span><span class=seam></span><span class=br>", f);
    html_text(f, text(x, "bridge"));
    fputs("</span><span class=co>", f);
    html_text(f, text(x, "continuation"));
    fputs("</span></p>", f);
    page_timeline(f, x);
    json_array_foreach(json_object_get(x, "failures"), k, why) {
      fputs("<p class=no>breaks: ", f);
      html_text(f, json_string_value(why));
      fputs("</p>", f);
    }
    fputs("</div>", f);
  }
}

void report_html(FILE *f, const json_t *all) {
  const json_t *opener = json_object_get(all, "opener"), *handed = json_object_get(all, "handoff"),
               *training = json_object_get(all, "training"), *quant = json_object_get(all, "quant"),
               *faults = json_object_get(all, "faults"), *online = json_object_get(all, "online"),
               *matrix = json_object_get(all, "matrix"), *gate = json_object_get(all, "gate");
  char v[64];
  fprintf(f,
          "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport "
          "content='width=device-width'><title>ulm report</title><style>%s</style><main><h1>",
          style);
  const json_t *const named[] = {opener, handed, faults, online, gate};
  const char *model = "ulm";
  for (int i = 0; i < 5; i++)
    if (named[i] && !strcmp(model, "ulm")) model = text(named[i], "model");
  html_text(f, model);
  fputs("</h1><p class=lead>What this micro language model says first, and how a cloud model goes "
        "on from it.</p><div class=nums>",
        f);
  if (opener) {
    snprintf(v, sizeof v, "%.1f ms", number(opener, "first_word_ms"));
    page_num(f, v, "to the first word, median");
    snprintf(v, sizeof v, "%.1f%%",
             100 * number(json_object_get(opener, "contract_unforced"), "mean"));
    page_num(f, v, "end by themselves in 4 to 8 words");
    const json_t *slots = json_object_get(opener, "slots");
    if (json_array_size(slots)) {
      snprintf(v, sizeof v, "%.1f%%",
               100 * number(json_object_get(json_array_get(slots, 0), "named"), "mean"));
      char what[160];
      snprintf(what, sizeof what, "name the value asked about (%s)",
               text(json_array_get(slots, 0), "of"));
      page_num(f, v, what);
    }
    snprintf(v, sizeof v, "%.2f MB", number(opener, "blob_bytes") / 1e6);
    page_num(f, v, "on flash");
  }
  if (handed) {
    snprintf(v, sizeof v, "%.1f%%", 100 * number(handed, "masked"));
    page_num(f, v, "of the cloud's delay covered by speech");
    snprintf(v, sizeof v, "%.0f / %.0f", number(handed, "lost"), number(handed, "repeated"));
    page_num(f, v, "words lost / repeated at the seam");
  }
  if (faults) {
    snprintf(v, sizeof v, "%.0f", number(faults, "n"));
    page_num(f, v, "handoffs under faults");
    snprintf(v, sizeof v, "%.0f / %.0f", number(faults, "lost"), number(faults, "repeated"));
    page_num(f, v, "words lost / repeated under faults");
    snprintf(v, sizeof v, "%.2f%%", 100 * number(json_object_get(faults, "seam"), "mean"));
    page_num(f, v, "seams valid");
  }
  fputs("</div>", f);
  if (opener) opener_section(f, opener);
  if (handed) handoff_section(f, handed);
  if (gate) gate_html(f, gate);
  if (faults) faults_html(f, faults);
  if (online) online_html(f, online);
  if (matrix) matrix_html(f, matrix);
  if (training) fputs("<h2>Training</h2>", f), loss_curve(f, json_object_get(training, "rows"));
  if (quant && json_array_size(json_object_get(quant, "models"))) {
    fputs("<h2>What quantization costs</h2><p class=lead>Root-mean-square error of each kind of "
          "tensor, relative to its weights.</p>",
          f);
    quant_bars(f, json_object_get(quant, "models"));
  }
  fputs("<footer>Made by ulm. This page loads nothing from a network.</footer></main></html>\n", f);
}
