#include "forms.h"

#include <stdlib.h>
#include <string.h>

const char *const doc_skip_names[DOC_SKIPS] = {"",      "heading", "list",  "code",
                                               "quote", "short",   "marked"};

static void clear(form *f) {
  for (size_t i = 0; i < f->made_count; i++) free(f->made[i]);
  f->made_count = f->count = 0;
}

void form_free(form *f) {
  clear(f);
  tape_free(&f->tape);
  free(f->made), free(f->turns), free(f->skip);
  *f = (form){0};
}

/* A string of a record: its bytes, or NULL. */
typedef struct {
  const char *text;
  size_t size;
} span;

static span span_of(const form *f, const tape_value *v) {
  return tape_is(v, TAPE_STRING) ? (span){f->tape.text + v->at, v->size} : (span){0};
}

static const char *string(const form *f, const char *key) {
  return tape_string(&f->tape, tape_member(&f->tape, f->tape.value, key));
}

static const char *role_of(const char *said) {
  static const char *const known[][2] = {{"human", "user"},      {"prompter", "user"},
                                         {"gpt", "assistant"},   {"bot", "assistant"},
                                         {"model", "assistant"}, {"chatgpt", "assistant"},
                                         {"developer", "system"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(said, known[i][0])) return known[i][1];
  return said;
}

static void turn(form *f, const char *role, span s, const char *skip) {
  if (f->count == f->size) {
    f->size = f->size ? 2 * f->size : 16;
    f->turns = host_realloc(f->turns, f->size * sizeof *f->turns, "turns");
    f->skip = host_realloc(f->skip, f->size, "turns");
  }
  size_t k = 0;
  if (skip)
    for (k = 1; k < DOC_SKIPS - 1 && strcmp(skip, doc_skip_names[k]);) k++;
  f->skip[f->count] = (uint8_t)k;
  f->turns[f->count++] = (ulm_message){role_of(role), s.text, s.size};
}

/* n bytes that live as long as the record. */
static char *keep(form *f, size_t n) {
  if (f->made_count == f->made_room)
    f->made = host_realloc(
        f->made, (f->made_room = f->made_room ? 2 * f->made_room : 4) * sizeof *f->made, "a turn");
  return f->made[f->made_count++] = host_alloc(n + 1, "a turn");
}

/* What a turn says: a string, null (nothing), or a list of text parts, joined. text NULL with
 * `why`. */
static span content(form *f, const tape_value *v, char *why, size_t size) {
  const tape *t = &f->tape;
  if (tape_is(v, TAPE_STRING)) return span_of(f, v);
  if (tape_is(v, TAPE_NULL)) return (span){"", 0};
  if (!tape_is(v, TAPE_ARRAY)) {
    snprintf(why, size,
             "a turn's content is missing, or neither text nor a list of text parts; mend or "
             "remove the record");
    return (span){0};
  }
  size_t n = 0;
  const tape_value *p = tape_first(v);
  for (uint32_t i = 0; i < v->size; i++, p = tape_next(t, p)) {
    const span s = span_of(f, p->type == TAPE_STRING ? p : tape_member(t, p, "text"));
    const char *type = tape_string(t, tape_member(t, p, "type"));
    if (!s.text || (type && strcmp(type, "text"))) {
      snprintf(why, size,
               "a part of a turn's content is '%.40s', not text; remove the part or the record",
               type ? type : "no object");
      return (span){0};
    }
    n += s.size;
  }
  char *all = keep(f, n);
  p = tape_first(v), n = 0;
  for (uint32_t i = 0; i < v->size; i++, p = tape_next(t, p)) {
    const span s = span_of(f, p->type == TAPE_STRING ? p : tape_member(t, p, "text"));
    memcpy(all + n, s.text, s.size), n += s.size;
  }
  return (span){all, n};
}

static int turns(form *f, const tape_value *list, const char *role_key, const char *text_key,
                 char *why, size_t size) {
  const tape *t = &f->tape;
  const tape_value *m = tape_first(list);
  for (uint32_t i = 0; i < list->size; i++, m = tape_next(t, m)) {
    const char *role = tape_string(t, tape_member(t, m, role_key));
    if (!role) {
      snprintf(why, size, "turn %u has no \"%s\"; mend or remove the record", i + 1, role_key);
      return -1;
    }
    const span s = content(f, tape_member(t, m, text_key), why, size);
    if (!s.text) return -1;
    turn(f, role, s, tape_string(t, tape_member(t, m, "no_opener")));
  }
  if (f->count) return 0;
  snprintf(why, size, "the conversation has no turn; remove the record");
  return -1;
}

static int pair(form *f, const tape_value *user, const tape_value *input, const tape_value *reply,
                char *why, size_t size) {
  if (!tape_is(user, TAPE_STRING) || !tape_is(reply, TAPE_STRING) ||
      (input && input->type != TAPE_STRING && input->type != TAPE_NULL)) {
    snprintf(why, size, "prompt, input or reply is missing or not text; mend or remove the record");
    return -1;
  }
  span s = span_of(f, user);
  if (tape_is(input, TAPE_STRING) && input->size) {
    char *all = keep(f, s.size + 2 + input->size);
    memcpy(all, s.text, s.size), memcpy(all + s.size, "\n\n", 2);
    memcpy(all + s.size + 2, f->tape.text + input->at, input->size);
    s = (span){all, s.size + 2 + input->size};
  }
  turn(f, "user", s, NULL);
  turn(f, "assistant", span_of(f, reply), NULL);
  return 0;
}

/* What the parsed record holds, in *out; or why it is none. */
static int told_by_keys(form *f, doc *out, char *why, size_t size) {
  static const char *const pairs[][3] = {{"instruction", "input", "output"},
                                         {"prompt", "", "completion"},
                                         {"prompt", "", "response"},
                                         {"question", "", "answer"}};
  const tape *t = &f->tape;
  const tape_value *root = t->value;
  out->source = string(f, "source"), out->slot = string(f, "slot"), out->held = string(f, "held");
  out->licence = string(f, "licence");
  if (!out->licence) out->licence = string(f, "license");
  const tape_value *messages = tape_member(t, root, "messages"),
                   *shared = tape_member(t, root, "conversations");
  int bad = 1;
  if (tape_is(messages, TAPE_ARRAY))
    bad = turns(f, messages, "role", "content", why, size);
  else if (tape_is(shared, TAPE_ARRAY))
    bad = turns(f, shared, "from", "value", why, size);
  for (size_t i = 0; bad == 1 && i < sizeof pairs / sizeof *pairs; i++) {
    const tape_value *user = tape_member(t, root, pairs[i][0]),
                     *reply = tape_member(t, root, pairs[i][2]);
    if (user && reply)
      bad =
          pair(f, user, *pairs[i][1] ? tape_member(t, root, pairs[i][1]) : NULL, reply, why, size);
  }
  const span text = span_of(f, tape_member(t, root, "text"));
  if (bad == 1 && text.text) {
    out->text = text.text, out->text_size = text.size;
    return 0;
  }
  if (bad == 1)
    snprintf(why, size,
             "the record has none of the known forms (messages, conversations, instruction/output, "
             "prompt/completion, question/answer, text); convert it, or leave such records out "
             "with --skip-bad");
  out->turns = f->turns, out->skip = f->skip, out->count = f->count;
  return bad ? -1 : 0;
}

/* Drops bytes that are not UTF-8, in place; returns the new length. */
static size_t drop_invalid(char *text, size_t n) {
  uint8_t *s = (uint8_t *)text;
  size_t to = 0;
  for (size_t i = 0; i < n;) {
    size_t k = 0;
    for (uint64_t w; i + k + 8 <= n; k += 8) {
      memcpy(&w, s + i + k, 8);
      if (w & 0x8080808080808080u) break;
    }
    while (i + k < n && s[i + k] < 0x80) k++;
    for (size_t m; i + k < n && (m = s[i + k] < 0x80 ? 1 : ulm_utf8_len(s + i + k, n - i - k));)
      k += m;
    if (to != i) memmove(s + to, s + i, k);
    to += k, i += k + 1; /* s[i + k] is no UTF-8, or the end */
  }
  return to;
}

int form_read(form *f, const char *name, const record *r, bool text, doc *out, host_error *e) {
  clear(f);
  const size_t kept = drop_invalid(r->bytes, r->size);
  *out = (doc){.line = r->line, .byte = r->byte, .part = r->part, .invalid = r->size - kept};
  if (text) {
    out->text = r->bytes, out->text_size = kept;
    return 0;
  }
  char why[400];
  tape *t = &f->tape;
  if (tape_parse(t, r->bytes, kept)) {
    snprintf(why, sizeof why, "not JSON: %.200s; mend or remove the record", t->why);
    return host_fail(e, "%s: line %llu (byte %llu): %s", name,
                     (unsigned long long)(r->line + t->lines),
                     (unsigned long long)(r->byte + t->at), why);
  }
  out->invalid += t->lone;
  if (t->value->type != TAPE_OBJECT)
    snprintf(why, sizeof why,
             "not JSON of a record, which must be an object {...}; mend or remove it");
  else if (!told_by_keys(f, out, why, sizeof why))
    return 0;
  return host_fail(e, "%s: line %llu (byte %llu): %s", name, (unsigned long long)r->line,
                   (unsigned long long)r->byte, why);
}
