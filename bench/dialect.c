#include "dialect.h"

#include <stdlib.h>
#include <string.h>

#include "../host.h"

static const profile profiles[] = {
    {"chat", NULL, API_CHAT, PREFILL_NONE, NULL},
    {"openai", "api.openai.com", API_CHAT, PREFILL_NONE, "OPENAI_API_KEY"},
    {"llama.cpp", NULL, API_CHAT, PREFILL_TRAILING, NULL},
    {"vllm", NULL, API_CHAT, PREFILL_VLLM, NULL},
    {"mistral", "api.mistral.ai", API_CHAT, PREFILL_PREFIX, "MISTRAL_API_KEY"},
    {"deepseek", "api.deepseek.com", API_CHAT, PREFILL_PREFIX, "DEEPSEEK_API_KEY"},
    {"anthropic", "api.anthropic.com", API_MESSAGES, PREFILL_TRAILING, "ANTHROPIC_API_KEY"}};
enum { PROFILES = sizeof profiles / sizeof *profiles };

const profile *profile_named(const char *name) {
  for (int i = 0; i < PROFILES; i++)
    if (!strcmp(profiles[i].name, name)) return &profiles[i];
  return NULL;
}

const profile *profile_of_host(const char *host) {
  for (int i = 0; i < PROFILES; i++)
    if (profiles[i].host && !strcasecmp(profiles[i].host, host)) return &profiles[i];
  return NULL;
}

const char *dialect_path(const profile *p) {
  return p->api == API_MESSAGES ? "/messages" : "/chat/completions";
}

/* ---- JSON of any bytes ---- */

static int hex4(const char *s, const char *end) {
  int v = 0;
  for (int i = 0; i < 4; i++) {
    const char c = s + i < end ? s[i] : 0;
    const int d = c >= '0' && c <= '9'   ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
    if (d < 0) return -1;
    v = v << 4 | d;
  }
  return v;
}

/* A piece of a stream may break off within a character: such a byte b stands for U+F700 + b until
 * restore() makes it b again, so that the splice can join the halves. Half a surrogate pair and
 * \u0000, which no text holds, become U+FFFD. */
static char *repair(const char *s, size_t n, size_t *size) {
  const char *end = s + n;
  char *out = host_alloc(3 * n + 16, "a repaired event"), *w = out;
  while (s < end) {
    const size_t k = ulm_utf8_len((const uint8_t *)s, (size_t)(end - s));
    if (!k) {
      *w++ = '\xef', *w++ = (char)(0x9c + ((uint8_t)*s >> 6)), *w++ = (char)(0x80 | (*s & 0x3f));
      s++;
    } else if (*s == '\\' && end - s >= 2) {
      const int high = s[1] == 'u' ? hex4(s + 2, end) : 1;
      size_t take = s[1] == 'u' && high >= 0 ? 6 : 2;
      if (high >= 0xd800 && high < 0xdc00 && end - s >= 12 && s[6] == '\\' && s[7] == 'u') {
        const int low = hex4(s + 8, end);
        if (low >= 0xdc00 && low < 0xe000) take = 12;
      }
      if (take == 6 && (high == 0 || (high >= 0xd800 && high < 0xe000)))
        memcpy(w, "\\ufffd", 6), w += 6;
      else
        memcpy(w, s, take), w += take;
      s += take;
    } else {
      memcpy(w, s, k), w += k, s += k;
    }
  }
  *size = (size_t)(w - out);
  return out;
}

static size_t restore(char *s, size_t n) {
  size_t w = 0;
  for (size_t i = 0; i < n;) {
    const uint8_t *p = (const uint8_t *)s + i;
    if (n - i >= 3 && p[0] == 0xef && (p[1] == 0x9e || p[1] == 0x9f)) {
      s[w++] = (char)((p[1] - 0x9c) << 6 | (p[2] & 0x3f));
      i += 3;
    } else {
      s[w++] = s[i++];
    }
  }
  return w;
}

static json_t *parse(const char *s, size_t n, int *repaired) {
  json_error_t why;
  json_t *j = json_loadb(s, n, JSON_REJECT_DUPLICATES, &why);
  *repaired = !j;
  if (!j) {
    size_t size;
    char *fixed = repair(s, n, &size);
    j = json_loadb(fixed, size, 0, &why);
    free(fixed);
  }
  return j;
}

static const char *string_at(const json_t *o, const char *key) {
  return json_string_value(json_object_get(o, key));
}

/* ---- What servers say of themselves and of errors ---- */

const profile *profile_of_models(const char *body, size_t n, char *model, size_t size) {
  int repaired;
  json_t *j = parse(body, n, &repaired);
  const json_t *first = json_array_get(json_object_get(j, "data"), 0);
  const char *id = string_at(first, "id"), *owner = string_at(first, "owned_by");
  const profile *p = profile_named(owner && !strcmp(owner, "llamacpp") ? "llama.cpp"
                                   : owner && !strcmp(owner, "vllm")   ? "vllm"
                                                                       : "chat");
  int odd = !id || strlen(id) >= size;
  for (const char *c = id; !odd && *c; c++) odd = (uint8_t)*c < 0x20 || *c == 0x7f;
  snprintf(model, size, "%s", odd ? "" : id);
  json_decref(j);
  return p;
}

/* {"error": {"message"}}, {"error": "..."}, {"message"}, {"detail": "..."}: the text, or NULL. */
static const char *error_text(const json_t *j) {
  const json_t *error = json_object_get(j, "error");
  const char *s = json_is_string(error) ? json_string_value(error) : string_at(error, "message");
  if (!s && error && !json_is_null(error)) s = string_at(error, "type");
  if (!s && error && !json_is_null(error)) s = "an error without a message";
  return s;
}

/* Control characters of a hostile message stay out of logs and terminals. */
static void plain(char *out, size_t size, const char *s) {
  size_t n = 0;
  for (size_t k; *s && n + 5 < size; s += k) {
    k = ulm_utf8_len((const uint8_t *)s, strlen(s));
    const int odd = !k || (uint8_t)*s < 0x20 || *s == 0x7f ||
                    ((uint8_t)*s == 0xc2 && k == 2 && (uint8_t)s[1] < 0xa0);
    k = k ? k : 1;
    if (odd)
      out[n++] = ' ';
    else
      memcpy(out + n, s, k), n += k;
  }
  out[n] = 0;
}

void dialect_error(const char *body, size_t n, char *out, size_t size) {
  int repaired;
  json_t *j = parse(body, n, &repaired);
  const char *s = error_text(j);
  if (!s) s = string_at(j, "message");
  if (!s) s = string_at(j, "detail");
  plain(out, size, s ? s : "");
  json_decref(j);
}

/* ---- Asking ---- */

static void say(json_t *messages, const char *role, const char *text, size_t n) {
  json_t *s = json_stringn(text, n);
  if (!s) { /* not UTF-8: what stands for a broken byte is a question mark */
    char *copy = host_alloc(n + 1, "a message");
    for (size_t i = 0, k; i < n; i += k ? k : 1) {
      k = ulm_utf8_len((const uint8_t *)text + i, n - i);
      k ? (void)memcpy(copy + i, text + i, k) : (void)(copy[i] = '?');
    }
    s = json_stringn(copy, n);
    free(copy);
  }
  json_array_append_new(messages, json_pack("{ss so}", "role", role, "content", s));
}

json_t *dialect_request(const profile *p, const asking *a, int instructed) {
  size_t k = strlen(a->opener);
  while (k && strchr(" \t\r\n", a->opener[k - 1]))
    k--; /* Anthropic refuses white space at its end */
  const int pre = !instructed && p->prefill != PREFILL_NONE && k;
  json_t *messages = json_array(), *body = json_object();

  /* One system text: ours, then the conversation's own (templates often allow but one). */
  char own[INSTRUCT_MAX];
  size_t size = instruct(&a->how, a->opener, pre, own), from = 0;
  char *system = host_alloc(size + 1, "a system text");
  memcpy(system, own, size);
  for (; from < a->count && !strcmp(a->turns[from].role, "system"); from++) {
    system = host_realloc(system, size + a->turns[from].size + 3, "a system text");
    memcpy(system + size, "\n\n", 2);
    memcpy(system + size + 2, a->turns[from].text, a->turns[from].size);
    size += 2 + a->turns[from].size;
  }
  if (p->api == API_CHAT) {
    say(messages, "system", system, size);
  } else {
    json_t *one = json_array();
    say(one, "system", system, size);
    json_object_set(body, "system", json_object_get(json_array_get(one, 0), "content"));
    json_decref(one);
  }
  free(system);
  for (size_t i = from; i < a->count; i++) {
    const ulm_message *t = &a->turns[i];
    if (pre || i + 1 < a->count || !k) {
      say(messages, t->role, t->text, t->size);
      continue;
    }
    static const char before[] = "\n\n(Your reply has already begun with these words: \"",
                      after[] = "\". Write only what comes right behind them.)";
    char *s = host_alloc(t->size + k + sizeof before + sizeof after, "a message"), *w = s;
    memcpy(w, t->text, t->size), w += t->size;
    memcpy(w, before, sizeof before - 1), w += sizeof before - 1;
    memcpy(w, a->opener, k), w += k;
    memcpy(w, after, sizeof after - 1), w += sizeof after - 1;
    say(messages, t->role, s, (size_t)(w - s));
    free(s);
  }
  if (pre) say(messages, "assistant", a->opener, k);
  json_t *last = json_array_get(messages, json_array_size(messages) - 1);
  if (pre && p->prefill == PREFILL_PREFIX) json_object_set_new(last, "prefix", json_true());
  if (pre && p->prefill == PREFILL_VLLM) {
    json_object_set_new(body, "continue_final_message", json_true());
    json_object_set_new(body, "add_generation_prompt", json_false());
  }
  json_object_set_new(body, "messages", messages);
  json_object_set_new(body, "model", json_string(a->model));
  json_object_set_new(body, "stream", json_true());
  json_object_set_new(body, !strcmp(p->name, "openai") ? "max_completion_tokens" : "max_tokens",
                      json_integer(a->max_tokens ? a->max_tokens : 256));
  if (a->temperature >= 0) json_object_set_new(body, "temperature", json_real(a->temperature));
  return body;
}

/* ---- Answers ---- */

const char *reply_end_name(reply_end e) {
  static const char *const names[] = {"open", "stop", "length", "cut", "error"};
  return (unsigned)e < sizeof names / sizeof *names ? names[e] : "?";
}

static void give(reply *r, const char *s, int repaired) {
  size_t n = s ? strlen(s) : 0;
  if (!n || r->end != REPLY_OPEN) return;
  char *copy = NULL;
  if (repaired) {
    copy = host_alloc(n + 1, "text");
    memcpy(copy, s, n);
    n = restore(copy, n);
    s = copy;
  }
  if (n > REPLY_TEXT_MAX - r->text_bytes) n = REPLY_TEXT_MAX - r->text_bytes, r->end = REPLY_LENGTH;
  r->text_bytes += n;
  const size_t last = n < sizeof r->tail ? n : sizeof r->tail,
               keep = r->tail_size < sizeof r->tail - last ? r->tail_size : sizeof r->tail - last;
  memmove(r->tail, r->tail + r->tail_size - keep, keep);
  memcpy(r->tail + keep, s + n - last, last);
  r->tail_size = keep + last;
  r->text(r->user, s, n);
  free(copy);
}

/* A string, or parts of type text. */
static void give_content(reply *r, const json_t *content, int repaired) {
  size_t i;
  const json_t *part;
  give(r, json_string_value(content), repaired);
  json_array_foreach(content, i, part) give(r, string_at(part, "text"), repaired);
}

static void fail(reply *r, const char *why) {
  r->end = REPLY_ERROR;
  plain(r->error, sizeof r->error, *why ? why : "an error without a message");
}

static void finish_by(reply *r, const char *reason) {
  static const char *const stops[] = {"stop", "end_turn", "stop_sequence", "eos"},
                           *const limits[] = {"length", "max_tokens", "model_length"};
  if (!reason || r->end != REPLY_OPEN) return;
  for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
    if (!strcmp(reason, stops[i])) r->end = REPLY_STOP;
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
    if (!strcmp(reason, limits[i])) r->end = REPLY_LENGTH;
  if (r->end == REPLY_OPEN) { /* a content filter, a refusal, a tool call */
    char why[128];
    snprintf(why, sizeof why, "the model ended for another reason: %.80s", reason);
    fail(r, why);
  }
}

static void take_chat(reply *r, const json_t *j, int repaired) {
  const json_t *choice = json_array_get(json_object_get(j, "choices"), 0),
               *delta = json_object_get(choice, "delta");
  if (!delta) delta = json_object_get(choice, "message");
  give_content(r, json_object_get(delta, "content"), repaired);
  finish_by(r, string_at(choice, "finish_reason"));
}

static void take_messages(reply *r, const json_t *j, int repaired) {
  const char *type = string_at(j, "type");
  const json_t *delta = json_object_get(j, "delta");
  if (!type) return;
  if (!strcmp(type, "content_block_delta")) {
    give(r, string_at(delta, "text"), repaired);
  } else if (!strcmp(type, "message_delta")) {
    finish_by(r, string_at(delta, "stop_reason"));
  } else if (!strcmp(type, "message_stop")) {
    finish_by(r, "stop");
  } else if (!strcmp(type, "message")) { /* not streamed */
    give_content(r, json_object_get(j, "content"), repaired);
    finish_by(r, string_at(j, "stop_reason"));
  }
}

static void take(reply *r, const char *data, size_t n) {
  int repaired;
  json_t *j = parse(data, n, &repaired);
  if (!json_is_object(j)) {
    fail(r, "the endpoint sent something that is not JSON");
  } else if (error_text(j)) {
    fail(r, error_text(j));
  } else if (r->profile->api == API_MESSAGES) {
    take_messages(r, j, repaired);
  } else {
    take_chat(r, j, repaired);
  }
  json_decref(j);
}

static int on_event(void *user, const char *name, const char *data, size_t n) {
  reply *r = user;
  (void)name; /* Anthropic repeats it as "type" */
  r->events++;
  if (r->end != REPLY_OPEN) return 0;
  if (n == 6 && !memcmp(data, "[DONE]", 6))
    r->end = REPLY_STOP;
  else if (n)
    take(r, data, n);
  return 0;
}

void reply_begin(reply *r, const profile *p, int streams,
                 void (*text)(void *user, const char *text, size_t n), void *user) {
  r->profile = p, r->streams = streams, r->text = text, r->user = user;
  r->end = REPLY_OPEN, r->bytes = 0,
  r->text_bytes = r->tail_size = r->events = r->size = r->cap = 0;
  r->body = NULL, r->error[0] = 0;
  sse_begin(&r->sse);
}

reply_end reply_feed(reply *r, const char *bytes, size_t n) {
  r->bytes += n;
  if (r->end != REPLY_OPEN) return r->end;
  if (r->bytes > 8 * (uint64_t)REPLY_BODY_MAX) {
    fail(r, "the answer is longer than 8 MB");
  } else if (r->streams) {
    if (sse_feed(&r->sse, bytes, n, on_event, r)) fail(r, "an event is longer than 65,535 bytes");
  } else if (n > REPLY_BODY_MAX - r->size) {
    fail(r, "an answer that is not streamed is longer than 1 MB");
  } else {
    if (n > r->cap - r->size)
      r->body = host_realloc(r->body, r->cap = 2 * (r->cap + n), "an answer");
    memcpy(r->body + r->size, bytes, n);
    r->size += n;
  }
  return r->end;
}

reply_end reply_finish(reply *r, int clean) {
  if (r->end == REPLY_OPEN) {
    if (clean && r->streams && sse_end(&r->sse, on_event, r))
      fail(r, "an event is longer than 65,535 bytes");
    if (clean && !r->streams && r->size) take(r, r->body, r->size);
    if (r->end == REPLY_OPEN)
      r->end = clean && ulm_stop(r->tail, r->tail_size) == 2 ? REPLY_STOP : REPLY_CUT;
  }
  free(r->body);
  r->body = NULL, r->size = r->cap = 0;
  return r->end;
}
