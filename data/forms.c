#include "forms.h"

#include <stdlib.h>
#include <string.h>

void form_clear(form *f) {
  json_decref(f->root), json_decref(f->made);
  f->root = f->made = NULL;
  f->count = 0;
}

static const char *string(const json_t *root, const char *key) {
  return json_string_value(json_object_get(root, key));
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

static void turn(form *f, const char *role, const char *text, size_t n) {
  if (f->count == f->size)
    f->turns =
        host_realloc(f->turns, (f->size = f->size ? 2 * f->size : 16) * sizeof *f->turns, "turns");
  f->turns[f->count++] = (ulm_message){role_of(role), text, n};
}

/* a and b joined as one string that lives as long as the record. */
static const json_t *join(form *f, const char *a, size_t n, const char *b, size_t m) {
  char *s = host_alloc(n + m + 1, "a turn");
  memcpy(s, a, n), memcpy(s + n, b, m);
  json_t *made = json_stringn_nocheck(s, n + m);
  free(s);
  if (!f->made) f->made = json_array();
  if (!made || json_array_append_new(f->made, made))
    host_die("no memory for a turn (%zu bytes)", n + m);
  return made;
}

/* What a turn says: a string, null (nothing), or a list of text parts, joined. NULL with `why`. */
static const json_t *content(form *f, const json_t *v, char *why, size_t size) {
  if (json_is_string(v)) return v;
  if (json_is_null(v)) return join(f, "", 0, "", 0);
  if (!json_is_array(v)) {
    snprintf(why, size,
             "a turn's content is missing, or neither text nor a list of text parts; mend or "
             "remove the record");
    return NULL;
  }
  char *all = NULL;
  size_t n = 0, i;
  json_t *part;
  json_array_foreach(v, i, part) {
    const json_t *t = json_is_string(part) ? part : json_object_get(part, "text");
    const char *type = string(part, "type");
    if (!json_is_string(t) || (type && strcmp(type, "text"))) {
      snprintf(why, size,
               "a part of a turn's content is '%.40s', not text; remove the part or the record",
               type ? type : "no object");
      free(all);
      return NULL;
    }
    all = host_realloc(all, n + json_string_length(t) + 1, "a turn");
    memcpy(all + n, json_string_value(t), json_string_length(t));
    n += json_string_length(t);
  }
  const json_t *made = join(f, all ? all : "", n, "", 0);
  free(all);
  return made;
}

static int turns(form *f, const json_t *list, const char *role_key, const char *text_key, char *why,
                 size_t size) {
  size_t i;
  json_t *t;
  json_array_foreach(list, i, t) {
    const char *role = string(t, role_key);
    if (!role) {
      snprintf(why, size, "turn %zu has no \"%s\"; mend or remove the record", i + 1, role_key);
      return -1;
    }
    const json_t *c = content(f, json_object_get(t, text_key), why, size);
    if (!c) return -1;
    turn(f, role, json_string_value(c), json_string_length(c));
  }
  if (f->count) return 0;
  snprintf(why, size, "the conversation has no turn; remove the record");
  return -1;
}

static int pair(form *f, const json_t *user, const json_t *input, const json_t *reply, char *why,
                size_t size) {
  if (!json_is_string(user) || !json_is_string(reply) ||
      (input && !json_is_string(input) && !json_is_null(input))) {
    snprintf(why, size, "prompt, input or reply is missing or not text; mend or remove the record");
    return -1;
  }
  if (input && json_string_length(input)) {
    const json_t *head = join(f, json_string_value(user), json_string_length(user), "\n\n", 2);
    user = join(f, json_string_value(head), json_string_length(head), json_string_value(input),
                json_string_length(input));
  }
  turn(f, "user", json_string_value(user), json_string_length(user));
  turn(f, "assistant", json_string_value(reply), json_string_length(reply));
  return 0;
}

int form_read(form *f, json_t *root, doc *out, char *why, size_t size) {
  static const char *const pairs[][3] = {{"instruction", "input", "output"},
                                         {"prompt", "", "completion"},
                                         {"prompt", "", "response"},
                                         {"question", "", "answer"}};
  f->root = root;
  out->source = string(root, "source"), out->slot = string(root, "slot"),
  out->held = string(root, "held");
  out->licence = string(root, "licence");
  if (!out->licence) out->licence = string(root, "license");
  const json_t *messages = json_object_get(root, "messages"),
               *shared = json_object_get(root, "conversations");
  const json_t *text = json_object_get(root, "text");
  int bad = 1;
  if (json_is_array(messages))
    bad = turns(f, messages, "role", "content", why, size);
  else if (json_is_array(shared))
    bad = turns(f, shared, "from", "value", why, size);
  for (size_t i = 0; bad == 1 && i < sizeof pairs / sizeof *pairs; i++) {
    const json_t *user = json_object_get(root, pairs[i][0]),
                 *reply = json_object_get(root, pairs[i][2]);
    if (user && reply)
      bad =
          pair(f, user, *pairs[i][1] ? json_object_get(root, pairs[i][1]) : NULL, reply, why, size);
  }
  if (bad == 1 && json_is_string(text)) {
    out->text = json_string_value(text), out->text_size = json_string_length(text);
    return 0;
  }
  if (bad == 1)
    snprintf(why, size,
             "the record has none of the known forms (messages, conversations, instruction/output, "
             "prompt/completion, question/answer, text); convert it, or leave such records out "
             "with --skip-bad");
  out->turns = f->turns, out->count = f->count;
  return bad ? -1 : 0;
}
