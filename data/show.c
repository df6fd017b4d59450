#include "show.h"
#include "docs.h"
#include "runtime/ulm_num.h"
#include "runtime/ulm_words.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Sequences of a terminal; empty where there is none. */
typedef struct {
  const char *role, *reply, *opener, *off;
} colours;
static const colours plain = {"", "", "", ""};
static const colours terminal = {"\033[2m", "\033[32m", "\033[1;32m", "\033[0m"};

/* Characters that move the cursor or turn the line around are spelled out: C0 but newline and tab,
 * DEL, C1, and the bidirectional overrides. */
static bool spelled_out(uint32_t c) {
  return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* text[n] is valid UTF-8; lines after the first are indented. */
static void write_text(const char *text, size_t n, int indent) {
  for (size_t i = 0; i < n;) {
    const uint8_t *u = (const uint8_t *)text + i;
    const size_t k = ulm_utf8_len(u, n - i);
    uint32_t c = *u;
    if (k > 1) c &= 0xffu >> (k + 1);
    for (size_t b = 1; b < k; b++) c = c << 6 | (u[b] & 0x3f);
    if (c == '\n')
      printf("\n%*s", indent, "");
    else if (spelled_out(c))
      printf("<U+%04X>", (unsigned)c);
    else
      fwrite(text + i, 1, k, stdout);
    i += k ? k : 1;
  }
}

enum { INDENT = 11 };

static size_t opener_of(const doc *d, size_t i) {
  const ulm_message *m = &d->turns[i];
  if (strcmp(m->role, "assistant") || (d->skip && d->skip[i] != DOC_OPENS)) return 0;
  return ulm_opener_cut(m->text, m->size, 0, 0, NULL, NULL);
}

static void show(const doc *d, uint64_t number, const colours *c) {
  const char *source = d->source ? d->source : "no source";
  printf("%s-- %llu  ", c->role, (unsigned long long)number);
  write_text(source, strlen(source), 0);
  printf("  line %llu%s", (unsigned long long)d->line, d->licence ? "  " : "");
  if (d->licence) write_text(d->licence, strlen(d->licence), 0);
  puts(c->off);
  if (d->text) {
    fputs(c->reply, stdout), write_text(d->text, d->text_size, 0), puts(c->off);
    return;
  }
  for (size_t i = 0; i < d->count; i++) {
    const ulm_message *m = &d->turns[i];
    const bool reply = !strcmp(m->role, "assistant");
    const size_t opener = opener_of(d, i);
    const size_t wide = strlen(m->role);
    fputs(c->role, stdout), write_text(m->role, wide, INDENT);
    printf("%*s%s", wide < INDENT ? (int)(INDENT - wide) : 1, "", c->off);
    fputs(opener ? c->opener : "", stdout), write_text(m->text, opener, INDENT);
    fputs(opener ? c->off : "", stdout), fputs(reply ? c->reply : "", stdout);
    write_text(m->text + opener, m->size - opener, INDENT);
    fputs(reply ? c->off : "", stdout);
    if (d->skip && d->skip[i] != DOC_OPENS)
      printf("  %s(no opener: %s)%s", c->role, doc_skip_names[d->skip[i]], c->off);
    putchar('\n');
  }
}

static void show_json(const doc *d) {
  printf("{\"line\":%llu,\"source\":", (unsigned long long)d->line);
  if (d->source)
    host_json_string(stdout, d->source, strlen(d->source));
  else
    fputs("null", stdout);
  if (d->text) {
    fputs(",\"text\":", stdout), host_json_string(stdout, d->text, d->text_size);
  } else {
    for (size_t i = 0; i < d->count; i++) {
      fputs(i ? ",{\"role\":" : ",\"messages\":[{\"role\":", stdout);
      host_json_string(stdout, d->turns[i].role, strlen(d->turns[i].role));
      fputs(",\"content\":", stdout);
      host_json_string(stdout, d->turns[i].text, d->turns[i].size);
      const size_t opener = opener_of(d, i);
      if (opener) fputs(",\"opener\":", stdout), host_json_string(stdout, d->turns[i].text, opener);
      putchar('}');
    }
    putchar(']');
  }
  puts("}");
}

/* Reads the file once; with `lot`, notes which of its documents Algorithm R keeps (Vitter 1985). */
static uint64_t choose(const char *path, uint64_t n, ulm_rng *lot, uint64_t *kept) {
  host_error e;
  docs *f = docs_open(path, &e);
  if (!f) host_die("%s", e.text);
  doc d;
  uint64_t seen = 0;
  int got;
  while ((got = docs_next(f, &d, &e)) > 0) {
    const uint64_t at = seen < n ? seen : ulm_rng_below(lot, (uint32_t)(seen + 1));
    if (at < n) kept[at] = seen;
    if (++seen == UINT32_MAX) break;
  }
  docs_close(f);
  if (got < 0) host_die("%s", e.text);
  return seen < n ? seen : n;
}

static int by_number(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

int show_main(int argc, char **argv) {
  int n = 5;
  uint64_t from = 1, seed = 0;
  bool json = false;
  const host_opt table[] = {
      {"n", "N", "documents to show (5)", OPT_INT, &n},
      {"from", "N", "the first to show, counted from 1 (1)", OPT_UINT64, &from},
      {"seed", "S", "show N by lot instead; another seed, other documents", OPT_UINT64, &seed},
      {"json", NULL, "a JSON object a document", OPT_FLAG, &json},
      {NULL, NULL, NULL, OPT_FLAG, NULL}};
  const int at = host_options(argc, argv, table,
                              "ulm-data show FILE [--n 5]\n\n"
                              "Prints documents as a person reads them. On a terminal, what a loss "
                              "covers is green: replies\n"
                              "(--objective chat), and bright their openers (--objective opener). "
                              "FILE: what ulm-data reads\n"
                              "or writes, e.g. DIR/train.jsonl.gz.\n\n"
                              "  ulm-data show corpus/train.jsonl.gz --n 3 --seed 7");
  if (argc - at != 1) host_usage("name one file");
  if (n < 1 || n > 100000) host_usage("--n must be 1..100000");
  if (!from) host_usage("--from counts from 1");
  const colours *c = isatty(1) && !getenv("NO_COLOR") ? &terminal : &plain;
  uint64_t *kept = host_alloc((size_t)n * sizeof *kept, "documents");
  uint64_t count = (uint64_t)n;
  if (seed) {
    ulm_rng lot = ulm_rng_seed(seed, 0);
    count = choose(argv[at], (uint64_t)n, &lot, kept);
    qsort(kept, (size_t)count, sizeof *kept, by_number);
  } else
    for (uint64_t i = 0; i < count; i++) kept[i] = from - 1 + i;
  host_error e;
  docs *f = docs_open(argv[at], &e);
  if (!f) host_die("%s", e.text);
  doc d;
  uint64_t seen = 0, shown = 0;
  int got = 0;
  while (shown < count && (got = docs_next(f, &d, &e)) > 0) {
    if (seen++ != kept[shown]) continue;
    shown++;
    if (json)
      show_json(&d);
    else
      show(&d, seen, c);
  }
  docs_close(f);
  free(kept);
  if (got < 0) host_die("%s", e.text);
  if (!shown)
    host_die("%s: has %llu documents; --from %llu is past the end", argv[at],
             (unsigned long long)seen, (unsigned long long)from);
  return fflush(stdout) || ferror(stdout) ? 1 : 0;
}
