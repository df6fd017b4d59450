#include "fault.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *name, *what;
} faults[FAULTS] = {{"none", "as it should be"},
                    {"twins", "words that are rightly said twice"},
                    {"repeat", "says the opener again"},
                    {"tail", "says the opener's last words again"},
                    {"restart", "begins the whole answer again"},
                    {"paraphrase", "says the opener again in other words"},
                    {"meta", "speaks of its task first"},
                    {"heading", "puts a heading first"},
                    {"quotes", "in quotation marks"},
                    {"ellipsis", "begins with dots"},
                    {"bold", "in marks of Markdown"},
                    {"case", "wrong case of the first letter"},
                    {"nospace", "no space at the seam"},
                    {"marks", "a second mark at the seam"},
                    {"split-utf8", "a byte at a time, many of them no ASCII"},
                    {"contradiction", "contradicts the opener bluntly"},
                    {"language", "goes on in another language"},
                    {"truncation", "cut by the token limit, mostly mid-word"},
                    {"empty", "ends without a word"},
                    {"mute", "accepts and sends nothing"},
                    {"stall", "stops in mid-answer, stays connected"},
                    {"slow", "a word every 0.6-1.8 s"},
                    {"disconnect", "the connection breaks mid-word"},
                    {"400", "refuses the prefill once"},
                    {"429", "too many requests; half of them to be tried again after 1 s"},
                    {"500", "an error, half of them twice"},
                    {"sse-crlf", "lines end in CR LF"},
                    {"sse-cr", "lines end in CR"},
                    {"sse-nospace", "data: without its space"},
                    {"sse-nodone", "no [DONE], half without a finish reason too"},
                    {"sse-oversize", "an event of 70 KB in mid-answer"},
                    {"sse-error", "an error event in mid-answer"},
                    {"sse-garbage", "an event that is not JSON in mid-answer"},
                    {"json", "does not stream"},
                    {"barge-in", "none, but the user speaks"}};

const char *fault_name(fault f) { return (unsigned)f < FAULTS ? faults[f].name : "?"; }
const char *fault_what(fault f) { return (unsigned)f < FAULTS ? faults[f].what : "?"; }

int faults_named(const char *list, uint8_t set[FAULTS], host_error *e) {
  const int all = !strcmp(list, "all");
  memset(set, all, FAULTS);
  for (const char *p = list; !all && *p;) {
    const size_t k = strcspn(p, ",");
    int f = 0;
    while (f < FAULTS && (strlen(faults[f].name) != k || memcmp(faults[f].name, p, k))) f++;
    if (f == FAULTS) {
      char known[512] = "";
      for (size_t i = 0, n = 0; i < FAULTS; i++)
        n += (size_t)snprintf(known + n, sizeof known - n, " %s", faults[i].name);
      return host_fail(e, "no fault '%.*s'; there are: all%s", (int)k, p, known);
    }
    set[f] = 1;
    p += k + (p[k] == ',');
  }
  return 0;
}

const char *const *twins(uint32_t i) {
  static const char *const known[][2] = {
      {"The song you mean is New York,", " New York, first sung by Liza Minnelli."},
      {"The band you heard is Duran", " Duran, who began in Birmingham."},
      {"That town is called Walla", " Walla, and it lies in Washington."},
      {"The sum of 20 and", " 20 is 40."},
      {"She called out to him, no,", " no, not that way."},
      {"The film is Goodbye, Goodbye,", " Goodbye, from the year 1968."},
      {"He wrote that he had", " had enough of it by then."},
      {"First the numbers two, four,", " four, six and eight."}};
  return known[i % (sizeof known / sizeof *known)];
}

/* ---- the text ---- */

static void text_add(staged *s, const char *t, size_t n) {
  s->text = host_realloc(s->text, s->size + n + 1, "a staged text");
  memcpy(s->text + s->size, t, n);
  s->text[s->size += n] = 0;
}
static void say(staged *s, const char *t) { text_add(s, t, strlen(t)); }

static const char *pick(ulm_rng *r, const char *const *of, size_t n) {
  return of[ulm_rng_below(r, (uint32_t)n)];
}
#define PICK(r, list) pick(r, list, sizeof(list) / sizeof *(list))

/* Byte where the opener's last k words begin. */
static size_t last_words(const char *opener, size_t k) {
  size_t n = strlen(opener);
  while (k--) {
    while (n && opener[n - 1] == ' ') n--;
    while (n && opener[n - 1] != ' ') n--;
  }
  return n;
}

/* Another way to say the opener: without its first word, a capital in front. */
static void paraphrase(staged *s, const char *opener) {
  const char *p = strchr(opener, ' ');
  p = p ? p + 1 : opener;
  const char first = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
  text_add(s, &first, 1);
  say(s, p + 1);
}

static void words_of(fault f, const char *opener, const char *reference, const continuation *c,
                     ulm_rng *r, staged *s) {
  static const char *const meta[] = {"Sure, here is the continuation:", "Continuation:",
                                     "Here is the rest of the sentence:", "Assistant:"},
                           *const headings[] = {"## Answer\n\n", "**Answer**\n\n", "# Reply\n"},
                           *const dots[] = {"...", "\u2026", "... "},
                           *const blunt[] = {" no, that is wrong and was a mistake:",
                                             " that is incorrect, it is impossible:"},
                           *const foreign[] = {
                               " das wei\u00df ich leider nicht so genau.",
                               " je ne sais pas, mais on peut chercher \u00e7a ensemble.",
                               " \u4e0d\u597d\u610f\u601d\uff0c"
                               "\u6211\u4e0d\u77e5\u9053\u3002",
                               " \u044f \u043f\u043e\u043a\u0430 \u043d\u0435 "
                               "\u0437\u043d\u0430\u044e."};
  const char *t = c->text, *bare = t + strspn(t, " ");
  const size_t words = ulm_word_count(opener, strlen(opener)), n = strlen(opener);
  const int stop = ulm_stop(opener, n);
  switch (f) {
  case FAULT_TWINS:
    say(s, t);
    break;
  case FAULT_REPEAT:
    say(s, opener);
    s->junk = s->size, say(s, t);
    break;
  case FAULT_TAIL: {
    const size_t k = stop || words < 4 ? words : 3 + ulm_rng_below(r, (uint32_t)words - 3);
    say(s, " "), say(s, opener + last_words(opener, k));
    s->junk = s->size, say(s, t);
    break;
  }
  case FAULT_RESTART: /* known to the word only where the opener is how the answer begins */
    if (c->outcome == OUTCOME_CONTINUED)
      say(s, opener), s->junk = s->size, say(s, t);
    else
      say(s, reference), s->exact = 0, s->bridge[0] = 0;
    break;
  case FAULT_PARAPHRASE:
    paraphrase(s, opener);
    s->exact = 0, s->junk = s->size, say(s, t);
    break;
  case FAULT_META:
    say(s, PICK(r, meta));
    s->junk = s->size, say(s, t);
    break;
  case FAULT_HEADING:
    say(s, PICK(r, headings));
    s->junk = s->size, say(s, bare);
    break;
  case FAULT_QUOTES:
    say(s, "\""), say(s, bare), say(s, "\"");
    break;
  case FAULT_ELLIPSIS:
    say(s, PICK(r, dots)), say(s, bare);
    break;
  case FAULT_BOLD: {
    const size_t from = strspn(t, " ,"), k = strcspn(t + from, " ");
    text_add(s, t, from), say(s, "**"), text_add(s, t + from, k), say(s, "**"),
        say(s, t + from + k);
    break;
  }
  case FAULT_CASE: {
    say(s, t);
    char *p = s->text + strspn(t, " ,");
    if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')) *p ^= 32;
    break;
  }
  case FAULT_NOSPACE:
    say(s, t + strspn(t, " "));
    break;
  case FAULT_MARKS: {
    const char m[3] = {stop == 2 ? opener[n - 1] : ',', ' ', 0};
    if (*bare != ',') say(s, m);
    say(s, bare);
    break;
  }
  case FAULT_SPLIT_UTF8:
    say(s, t);
    say(s, " Gr\u00fc\u00df"
           "e \u2013 \u6771\u4eac, na\u00efve \U0001f44d\U0001f3fd "
           "caf\u00e9s.");
    break;
  case FAULT_CONTRADICTION: {
    const char *b = PICK(r, blunt);
    if (stop == 0) say(s, ",");
    say(s, b), say(s, " ");
    snprintf(s->bridge, sizeof s->bridge, "%s", b);
    say(s, reference);
    break;
  }
  case FAULT_LANGUAGE:
    say(s, PICK(r, foreign));
    s->answered = 0, s->bridge[0] = 0;
    break;
  case FAULT_EMPTY:
    if (ulm_rng_below(r, 2)) say(s, ulm_rng_below(r, 2) ? " \n" : " ");
    s->junk = s->size, s->answered = 0;
    break;
  case FAULT_MUTE:
    s->answered = 0;
    break;
  default:
    say(s, t);
  }
}

/* ---- the body ---- */

/* A fragment of text as JSON string content: bytes of cut characters go as they are, as servers do
 * that cut anywhere. */
static size_t escaped(char *out, const char *t, size_t n) {
  size_t k = 0;
  for (size_t i = 0; i < n; i++) {
    const unsigned char c = (unsigned char)t[i];
    if (c == '"' || c == '\\')
      out[k++] = '\\', out[k++] = (char)c;
    else if (c < 0x20)
      k += (size_t)sprintf(out + k, "\\u%04x", c);
    else
      out[k++] = (char)c;
  }
  return k;
}

typedef struct {
  wire *w;
  const char *field, *eol;
} framing;

static void event(const framing *f, double ms, const char *json, size_t n) {
  char head[16], end[8];
  snprintf(head, sizeof head, "%s", f->field), snprintf(end, sizeof end, "%s%s", f->eol, f->eol);
  wire_add(f->w, ms, head, strlen(head));
  wire_add(f->w, ms, json, n);
  wire_add(f->w, ms, end, strlen(end));
}

static void delta(const framing *f, double ms, const char *t, size_t n) {
  char json[4096];
  size_t k = (size_t)sprintf(json, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
  k += escaped(json + k, t, n);
  k += (size_t)sprintf(json + k, "\"},\"finish_reason\":null}]}");
  event(f, ms, json, k);
}

static void refusal(staged *s, int status, const char *headers, double ms) {
  static const char body[] = "{\"error\":{\"message\":\"as staged\"}}";
  wire *w = &s->answer[s->answers++];
  wire_begin(w, status, "application/json");
  snprintf(w->headers, sizeof w->headers, "%s", headers);
  wire_add(w, ms, body, sizeof body - 1);
}

/* Somewhere inside the answer, at a byte within a word if `mid`. */
static size_t inside(const staged *s, ulm_rng *r, int mid) {
  const size_t room = s->size - s->junk;
  if (room < 8) return s->size;
  size_t at = s->junk + 4 + ulm_rng_below(r, (uint32_t)(room - 4));
  for (size_t tries = 0; mid && tries < room; tries++, at = at + 1 < s->size ? at + 1 : s->junk + 1)
    if (at > s->junk && s->text[at] > ' ' && s->text[at - 1] > ' ' && (s->text[at] & 0xc0) != 0x80)
      break;
  return at;
}

static void body_of(fault f, ulm_rng *r, staged *s) {
  static const char stop[] =
      "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}",
                    length[] =
                        "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}",
                    over[] = "{\"error\":{\"message\":\"overloaded\",\"code\":529}}";
  const int coin = (int)ulm_rng_below(r, 2);
  double ms = synthetic_first_ms(r);
  if (f == FAULT_400) refusal(s, 400, "", 20 + ulm_rng_below(r, 100));
  if (f == FAULT_429) {
    refusal(s, 429, coin ? "Retry-After: 1\r\n" : "Retry-After: 30\r\n",
            20 + ulm_rng_below(r, 100));
    if (!coin) {
      s->size = s->junk = 0, s->answered = 0, s->expect = ULM_HANDOFF_CLOSED;
      return;
    }
    s->expect = ULM_HANDOFF_STATES; /* it may come too late */
  }
  if (f == FAULT_500) {
    refusal(s, coin ? 500 : 503, "", 20 + ulm_rng_below(r, 300));
    if (!coin) {
      refusal(s, 503, "", 20 + ulm_rng_below(r, 300));
      s->size = s->junk = 0, s->answered = 0, s->expect = ULM_HANDOFF_CLOSED;
      return;
    }
  }
  wire *w = &s->answer[s->answers++];
  if (f == FAULT_JSON) {
    wire_begin(w, 200, "application/json");
    json_t *j = json_pack("{s[{s{ss ss}ss}]}", "choices", "message", "role", "assistant", "content",
                          s->text, "finish_reason", "stop");
    char *all = json_dumps(j, JSON_COMPACT);
    wire_add(w, ms + 8 * (double)s->size, all, strlen(all));
    free(all), json_decref(j);
    s->expect = ULM_HANDOFF_STATES; /* a whole answer takes its time */
    return;
  }
  wire_begin(w, 200, "text/event-stream");
  const framing fr = {w, f == FAULT_SSE_NOSPACE ? "data:" : "data: ",
                      f == FAULT_SSE_CRLF ? "\r\n"
                      : f == FAULT_SSE_CR ? "\r"
                                          : "\n"};
  const int breaks = f == FAULT_STALL || f == FAULT_DISCONNECT || f == FAULT_TRUNCATION ||
                     f == FAULT_SSE_OVERSIZE || f == FAULT_SSE_ERROR || f == FAULT_SSE_GARBAGE;
  if (breaks) {
    s->size = inside(s, r, f == FAULT_DISCONNECT || f == FAULT_TRUNCATION);
    s->text[s->size] = 0, s->answered = 0, s->expect = ULM_HANDOFF_CLOSED;
  }
  for (size_t at = 0; at < s->size;) {
    size_t n = f == FAULT_SPLIT_UTF8 ? 1 : 1 + ulm_rng_below(r, 8);
    if (f == FAULT_SLOW) n = strcspn(s->text + at + 1, " ") + 1;
    if (n > s->size - at) n = s->size - at;
    if (n > 512) n = 512;
    delta(&fr, ms, s->text + at, n);
    at += n;
    ms += f == FAULT_SLOW         ? 600 + ulm_rng_below(r, 1201)
          : f == FAULT_SPLIT_UTF8 ? 5
                                  : 20 + ulm_rng_below(r, 41);
  }
  switch (f) {
  case FAULT_MUTE:
  case FAULT_STALL:
    w->end = WIRE_HANG, w->end_ms = ms;
    s->expect = ULM_HANDOFF_CLOSED;
    return;
  case FAULT_DISCONNECT:
    w->end = coin ? WIRE_CUT : WIRE_RESET, w->end_ms = ms;
    return;
  case FAULT_SSE_OVERSIZE: {
    char *much = host_alloc(70000, "an oversize event");
    memset(much, 'x', 70000);
    event(&fr, ms, much, 70000);
    free(much);
    return;
  }
  case FAULT_SSE_ERROR:
    event(&fr, ms, over, sizeof over - 1);
    return;
  case FAULT_SSE_GARBAGE:
    event(&fr, ms, "{]", 2);
    return;
  case FAULT_TRUNCATION:
    event(&fr, ms, length, sizeof length - 1);
    event(&fr, ms, "[DONE]", 6);
    return;
  case FAULT_SSE_NODONE:
    if (coin) event(&fr, ms, stop, sizeof stop - 1); /* else the text's own end has to do */
    w->end_ms = ms;
    return;
  default:
    event(&fr, ms, stop, sizeof stop - 1);
    event(&fr, ms, "[DONE]", 6);
  }
}

void fault_stage(fault f, const char *opener, const char *reference, const continuation *c,
                 uint64_t seed, staged *s) {
  ulm_rng r = ulm_rng_seed(seed, 0x6661756c);
  for (int i = 0; i < 2; i++) wire_begin(&s->answer[i], 200, "");
  s->answers = 0, s->size = s->junk = 0, s->exact = s->answered = 1;
  s->expect = ULM_HANDOFF_DONE, s->barge_in_ms = -1;
  snprintf(s->bridge, sizeof s->bridge, "%.*s", (int)c->bridge, c->text);
  text_add(s, "", 0);
  words_of(f, opener, reference, c, &r, s);
  if (f == FAULT_SLOW) s->expect = ULM_HANDOFF_STATES; /* some are too long to wait for */
  if (f == FAULT_EMPTY || f == FAULT_MUTE)
    s->expect = f == FAULT_EMPTY && ulm_stop(opener, strlen(opener)) == 2 ? ULM_HANDOFF_DONE
                                                                          : ULM_HANDOFF_CLOSED;
  body_of(f, &r, s);
  if (f == FAULT_BARGE_IN) {
    s->barge_in_ms = ulm_rng_below(&r, 6000);
    s->answered = 0;
    s->expect = ULM_HANDOFF_STATES;
  }
}

void staged_free(staged *s) {
  for (int i = 0; i < 2; i++) wire_free(&s->answer[i]);
  free(s->text);
  *s = (staged){0};
}
