/* The opener: draws tokens until its words are decided. A word is given out when the token after it
 * shows that it is whole; that token is looked at but never enters the KV cache. */
#include "ulm_state.h"
#include "ulm_math.h"
#include <string.h>

/* Tokens after which a word that has not ended is taken back. Of 1,500 words by lot of references'
 * openers one had more, a list without spaces. */
enum { ENDLESS = 16, TAKEN = ULM_OPENER_TOKENS / ENDLESS };

typedef struct {
  const ulm_opener_options *options;
  ulm_opener *out;
  uint32_t min;
  uint32_t begin;                    /* position of the first token */
  uint32_t drawn, count, held;       /* tokens drawn; of these kept; of these in the KV cache */
  uint16_t end[ULM_OPENER_TOKENS];   /* bytes of text after each */
  float stats[ULM_OPENER_TOKENS][3]; /* of each */
  ulm_words words;
  uint32_t heads;                   /* words begun, */
  uint16_t head[ULM_OPENER_TOKENS]; /* each with this token; */
  uint16_t again[2];                /* the first, inside a sentence, with one of these */
  uint32_t taken, taken_at;         /* words taken back that began behind so many tokens, */
  uint16_t taken_head[TAKEN];       /* with these */
  int cancelled;
} speech;

/* ---- What may be drawn next ---- */

/* 1 if s[0..n) can become a character that text may hold, or is one: no control characters but
 * those allowed. */
static int may_begin(const uint8_t *s, size_t n, int newline) {
  if (n == 1 && s[0] < 0x80)
    return (s[0] >= 0x20 && s[0] < 0x7f) || (newline && (s[0] == '\n' || s[0] == '\t'));
  if (n == 1) return s[0] >= 0xc2 && s[0] <= 0xf4;
  const size_t size = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
  uint8_t whole[4] = {0x80, 0x80, 0x80,
                      0x80}; /* any tail completes a character whose first two bytes are right */
  if (n > size) return 0;
  memcpy(whole, s, n);
  return ulm_utf8_len(whole, size) == size;
}

/* Words there would be if the text ended here. */
static uint32_t words_if_ended(const speech *p) {
  ulm_words w = p->words;
  while (ulm_words_next(&w, p->out->text, p->out->size, 1)) {
  }
  return w.words;
}

static void fill_mask(const speech *p, ulm_mask *mask) {
  const uint8_t *text = (const uint8_t *)p->out->text;
  const size_t n = p->out->size, pending = ulm_utf8_pending(text, n);
  const int free = p->options->unforced, enough = free || words_if_ended(p) >= p->min;
  uint8_t bytes[4];
  memcpy(bytes, text + n - pending, pending);
  memset(mask, 0, sizeof *mask);
  mask->low[ULM_PAD] = mask->low[ULM_EOS] = enough && !pending;
  mask->rest = !pending;
  for (int b = 0; b < 256; b++) {
    bytes[pending] = (uint8_t)b;
    mask->low[ULM_BYTE0 + b] =
        (uint8_t)may_begin(bytes, pending + 1, enough && (free || b == '\n'));
  }
}

/* ---- Words said before ---- */

/* The token that begins, inside a sentence, the word that `id` begins: its text after one space, as
 * it is or with a small first letter; 0: there is none, or it begins no word. */
static uint16_t after_space(ulm *m, uint16_t id, int small) {
  char text[1 + ULM_OPENER_BYTES] = " ";
  size_t count, n = ulm_piece(m, id, text + 1, ULM_OPENER_BYTES);
  char *const at = text + (n && text[1] == ' ');
  n += at == text;
  if (n < 2 || (at[1] >= '0' && at[1] <= '9') || ulm_word_count(at + 1, n - 1) != 1) return 0;
  if (at != text && !small) return id;
  if (small && at[1] >= 'A' && at[1] <= 'Z') at[1] += 'a' - 'A';
  return !ulm_encode(m, at, n, m->ids, m->ids_max, &count) && count == 1 ? m->ids[0] : 0;
}

static int is_spaced(const ulm *m, uint16_t id) {
  char first;
  return ulm_piece(m, id, &first, 1) && first == ' ';
}

/* A token that begins a word is kept as what the word is known by; 0: a number or a mark, of which
 * the token tells too little. The first word is known by what it would begin with later on. */
static void note_word(speech *p, ulm *m, uint16_t id) {
  if (p->count == 0) p->again[0] = after_space(m, id, 0), p->again[1] = after_space(m, id, 1);
  if (p->count == 0 || is_spaced(m, id)) p->head[p->heads++] = p->count ? after_space(m, id, 0) : 0;
}

/* Tokens that would begin a word that was taken back here, the last word again, or a pair of words
 * a second time, into out[]; some may be there twice. The choice is made where a word begins, so
 * that it can always be ended. */
enum { BARRED = TAKEN + ULM_OPENER_TOKENS };
static uint32_t barred(const speech *p, uint16_t out[BARRED]) {
  const uint16_t last = p->heads ? p->head[p->heads - 1] : 0;
  uint32_t n = 0;
  for (uint32_t i = 0; i < p->taken && p->taken_at == p->count; i++) out[n++] = p->taken_head[i];
  if (p->options->repeats) return n;
  if (p->heads == 1)
    for (int k = 0; k < 2; k++)
      if (p->again[k]) out[n++] = p->again[k];
  for (uint32_t i = 0; last && i < p->heads; i++) {
    const int same = p->head[i] == last || (i == 0 && (p->again[0] == last || p->again[1] == last));
    const uint16_t next = i + 1 < p->heads ? p->head[i + 1] : last;
    if (same && next) out[n++] = next;
  }
  return n;
}

/* 1 if a token would begin a sentence right behind the end of another ("sure.I", but not "Ph.D"):
 * so does a model that may not end yet and has learned what begins a reply, not what follows one.
 */
static int begins_sentence(const speech *p, const ulm *m, uint16_t id) {
  const char *end = p->out->text + p->out->size;
  char first;
  if (p->out->size < 3 || (end[-1] != '.' && end[-1] != '!' && end[-1] != '?')) return 0;
  return end[-2] >= 'a' && end[-2] <= 'z' && !(end[-3] >= 'A' && end[-3] <= 'Z') &&
         ulm_piece(m, id, &first, 1) && first >= 'A' && first <= 'Z';
}

/* Where a word was taken back, another begins with its space: the word before it was given out as
 * whole. */
static void only_spaced(ulm *m, ulm_mask *mask) {
  for (int b = 0; b < 256; b++) mask->low[ULM_BYTE0 + b] &= b == ' ' || b == '\n';
  for (uint32_t i = ULM_PIECE0; i < m->config.vocab; i++)
    if (!is_spaced(m, (uint16_t)i)) m->logits[i] = -1e30f;
}

/* Draws a token; those that are barred are out of the question, but count in what the others'
 * probabilities were. One that begins a sentence without a space gives way to the one with, if
 * there is that: its own probability, which may be small, is what is reported. */
static uint16_t draw(const speech *p, ulm *m, ulm_rng *rng) {
  ulm_mask mask;
  uint16_t id[BARRED];
  float was[BARRED];
  fill_mask(p, &mask);
  (void)ulm_logits(m);
  const uint32_t n = barred(p, id);
  for (uint32_t i = 0; i < n; i++) was[i] = m->logits[id[i]], m->logits[id[i]] = -1e30f;
  const int replaces = p->taken && p->taken_at == p->count && p->count;
  if (replaces) only_spaced(m, &mask);
  uint16_t drawn = ulm_draw(m, &mask, p->options->temperature, p->options->top_p, rng);
  for (uint32_t i = n; i-- > 0;) m->logits[id[i]] = was[i];
  if (replaces) {
    m->has_logits = 0; /* computed anew, to the same bits */
    (void)ulm_logits(m);
    /* In a vocabulary without spaces the logits above leave nothing to choose from. */
    if (drawn >= ULM_PIECE0 && !is_spaced(m, drawn)) drawn = ULM_BYTE0 + ' ';
  }
  if (!mask.low[ULM_EOS] && begins_sentence(p, m, drawn)) {
    uint16_t spaced = after_space(m, drawn, 0);
    for (uint32_t i = 0; i < n; i++) spaced = spaced == id[i] ? 0 : spaced;
    drawn = spaced ? spaced : drawn;
  }
  return drawn;
}

/* ---- One token ---- */

/* Appends a token's text; 0 if it does not fit or would spoil the text (only a malformed vocabulary
 * does). */
static int append(speech *p, const ulm *m, uint16_t id) {
  char piece[ULM_OPENER_BYTES];
  ulm_opener *o = p->out;
  const size_t n = ulm_piece(m, id, piece, sizeof piece);
  if (n > sizeof o->text - 1 - o->size) return 0;
  const size_t from = o->size - ulm_utf8_pending((const uint8_t *)o->text, o->size);
  memcpy(o->text + o->size, piece, n);
  const uint8_t *text = (const uint8_t *)o->text;
  for (size_t i = from, size = o->size + n; i < size;) {
    const size_t len = ulm_utf8_len(text + i, size - i);
    if (len == 0 && size - i == ulm_utf8_pending(text, size))
      break; /* unfinished: its tail comes next */
    if (len == 0 || !may_begin(text + i, len, 1)) return 0;
    i += len;
  }
  o->size += (uint32_t)n;
  p->end[p->count++] = (uint16_t)o->size;
  return 1;
}

/* Gives out the words that are complete. 1 if the opener is decided. */
static int give(speech *p, int final) {
  const ulm_opener_options *o = p->options;
  while (ulm_words_next(&p->words, p->out->text, p->out->size, final)) {
    const char *word = p->out->text + p->words.from;
    size_t n = p->words.end - p->words.from;
    while (p->words.words == 1 && n && (uint8_t)*word <= ' ') word++, n--;
    if (o->on_word && o->on_word(o->user, word, n)) return p->cancelled = 1;
  }
  return p->words.stop;
}

/* Not to be cancelled: a few tokens at most. */
static ulm_status hold(ulm *m, const uint16_t *ids, size_t n) {
  int (*const cancelled)(void *) = m->cancelled;
  m->cancelled = NULL;
  const ulm_status s = ulm_prefill(m, ids, n);
  m->cancelled = cancelled;
  return s;
}

/* ---- Words without an end ---- */

/* Tokens whose text lies whole within the words given out. */
static uint32_t whole_tokens(const speech *p) {
  uint32_t n = 0;
  while (n < p->count && p->end[n] <= p->words.end) n++;
  return n;
}

/* A small model may lose itself in a word ("Dr.R.R.R.R", "19999999"): one that has not ended in
 * ENDLESS tokens is taken back, of which nothing was given out yet, and another begins in its
 * place. *keep: tokens that stay. 0: there is nothing to take back, or the words given out end
 * within a token. */
static int is_endless(const speech *p, uint32_t *keep) {
  *keep = whole_tokens(p);
  return !p->options->unforced && p->count - *keep >= ENDLESS &&
         (*keep ? p->end[*keep - 1] : 0) == p->words.end;
}

static ulm_status take_back(speech *p, ulm *m, uint32_t keep) {
  const uint16_t *held = m->held + p->begin;
  const uint16_t last = m->held[p->begin + keep - 1]; /* of the header where nothing is kept */
  if (p->taken_at != keep) p->taken = 0;
  p->taken_at = keep, p->taken_head[p->taken++] = held[keep];
  p->count = p->held = keep;
  p->out->size = (uint32_t)(p->words.at = p->words.end);
  p->heads = 0;
  for (uint32_t i = 0; i < keep; i++) p->heads += i == 0 || is_spaced(m, held[i]);
  /* The last token before it is computed anew, for its logits: they are overwritten by now. */
  const ulm_status s = ulm_rewind(m, p->begin + keep - 1);
  return s ? s : hold(m, &last, 1);
}

/* ---- The end ---- */

/* Leaves in the KV cache exactly the tokens of text[0..cut). Where the cut falls inside a token,
 * the rest of that token's text is encoded anew. */
static ulm_status settle(speech *p, ulm *m) {
  ulm_opener *o = p->out;
  const size_t cut = p->words.end;
  const uint32_t keep = whole_tokens(p);
  const size_t done = keep ? p->end[keep - 1] : 0;
  float sum[3] = {0};
  for (uint32_t i = 0; i < keep; i++)
    for (int k = 0; k < 3; k++) sum[k] += p->stats[i][k];
  const float each = 1.0f / (float)(keep ? keep : 1);
  o->logprob = sum[0] * each, o->entropy = sum[1] * each, o->margin = sum[2] * each;
  o->tokens = keep;
  ulm_status s = keep < p->held ? ulm_rewind(m, p->begin + keep) : ULM_OK;
  if (!s && done < cut) {
    size_t n;
    s = ulm_encode(m, o->text + done, cut - done, m->ids, m->ids_max, &n);
    if (!s && !(s = hold(m, m->ids, n))) o->tokens += (uint32_t)n;
  }
  size_t lead = 0;
  while (lead < cut && (uint8_t)o->text[lead] <= ' ') lead++;
  memmove(o->text, o->text + lead, cut - lead);
  memset(o->text + (cut - lead), 0, sizeof o->text - (cut - lead));
  o->size = (uint32_t)(cut - lead);
  o->words = p->words.words;
  return s;
}

static float confidence(const ulm_gate *g, const ulm_opener *o) {
  if (o->tokens == 0) return 0;
  const float z =
      g->bias + g->weight[0] * o->logprob + g->weight[1] * o->entropy + g->weight[2] * o->margin;
  const float c = g->calibrated ? 1.0f / (1.0f + ulm_exp(-z)) : ulm_exp(o->logprob);
  return c > 0.0f ? c < 1.0f ? c : 1.0f : 0.0f;
}

const char *ulm_choice_name(ulm_choice c) {
  static const char *const names[ULM_CHOICES] = {"opener", "neutral", "nothing"};
  return (unsigned)c < ULM_CHOICES ? names[c] : "?";
}

ulm_choice ulm_gate_choose(const ulm_gate *g, float c) {
  if (!g->calibrated || c >= g->threshold) return ULM_SAY_OPENER;
  return c >= g->silent ? ULM_SAY_NEUTRAL : ULM_SAY_NOTHING;
}

static const char *option_error(const ulm_opener_options *o) {
  if (!(o->temperature >= 0.0f && o->temperature <= 100.0f)) return "temperature must be 0..100";
  if (!(o->top_p >= 0.0f && o->top_p <= 1.0f)) return "top_p must be 0..1";
  if (o->min_words > ULM_OPENER_TOKENS || o->max_words > ULM_OPENER_TOKENS)
    return "words must be 1..48";
  if (o->max_tokens > ULM_OPENER_TOKENS) return "max_tokens must be 0..48";
  if (o->reserved[0] | o->reserved[1]) return "reserved options must be zero; begin with {0}";
  const uint32_t min = o->min_words ? o->min_words : 4, max = o->max_words ? o->max_words : 8;
  return min <= max ? NULL : "min_words exceeds max_words";
}

ulm_status ulm_speak(ulm *m, const ulm_opener_options *options, ulm_opener *out, ulm_error *err) {
  static const ulm_opener_options defaults = {.temperature = 0.5f, .top_p = 0.9f};
  if (!out) return ulm_fail(err, ULM_E_ARGUMENT, 0, "no place for the opener");
  memset(out, 0, sizeof *out);
  if (!options) options = &defaults;
  const char *why = option_error(options);
  if (why) return ulm_fail(err, ULM_E_ARGUMENT, 0, why);
  ulm_status s = ulm_chat_header(m, "assistant");
  if (s)
    return ulm_fail(err, s, 0,
                    s == ULM_E_CANCELLED ? "the caller cancelled it"
                                         : "no room in the context for a reply");

  speech p = {.options = options,
              .out = out,
              .min = options->min_words ? options->min_words : 4,
              .begin = m->position};
  ulm_words_begin(&p.words, options->min_words, options->max_words);
  if (options->unforced) p.words.min = p.words.max = UINT32_MAX; /* the words are only counted */
  ulm_rng rng = ulm_rng_seed(options->seed, 0);
  out->finish = ULM_FINISH_LENGTH;
  const uint32_t most = options->max_tokens ? options->max_tokens : ULM_OPENER_TOKENS;
  while (p.drawn < most && m->position < m->context) {
    uint32_t keep;
    const uint16_t id = draw(&p, m, &rng);
    p.drawn++;
    if (options->on_token) options->on_token(options->user, id);
    if (id == ULM_EOS || id == ULM_PAD) {
      (void)give(&p, 1);
      out->ended = !p.cancelled;
      break;
    }
    ulm_surprise(m->kernels, m->logits, m->config.vocab, id, p.stats[p.count]);
    note_word(&p, m, id);
    if (!append(&p, m, id) || give(&p, 0)) break;
    if ((s = is_endless(&p, &keep) ? take_back(&p, m, keep) : ulm_prefill(m, &id, 1))) break;
    p.held = p.count;
  }
  if (s == ULM_E_CANCELLED) p.cancelled = 1, s = ULM_OK;
  if (p.cancelled)
    out->finish = ULM_FINISH_CANCELLED;
  else if (p.words.stop)
    out->finish = p.words.finish;
  else if (out->ended)
    out->finish = ulm_words_finish(&p.words, out->text, p.min);
  const ulm_status end = settle(&p, m);
  out->confidence = confidence(&m->gate, out);
  if (s || end)
    return ulm_fail(err, s ? s : end, 0, "the opener's tokens do not fit in the context");
  return p.cancelled ? ulm_fail(err, ULM_E_CANCELLED, 0, "a callback asked to stop") : ULM_OK;
}
