/* Server-sent events, the dialects of endpoints, and what a continuator is told. */
#include "t.h"

#include "../bench/dialect.h"
#include "../host.h"

/* ---- server-sent events ---- */

typedef struct {
  char text[1 << 17];
  size_t n;
  int stop_at, events;
} seen;

static int note(void *user, const char *name, const char *data, size_t n) {
  seen *s = user;
  assert_int_equal(data[n], 0);
  s->n += (size_t)snprintf(s->text + s->n, sizeof s->text - s->n, "[%s|%s]", name, data);
  return ++s->events == s->stop_at ? 7 : 0;
}

static sse parser;
static seen s;

static const char *events(const char *stream, size_t n, size_t step) {
  s.n = 0, s.text[0] = 0, s.events = 0;
  sse_begin(&parser);
  for (size_t at = 0; at < n; at += step)
    assert_int_equal(sse_feed(&parser, stream + at, step < n - at ? step : n - at, note, &s), 0);
  assert_int_equal(sse_end(&parser, note, &s), 0);
  return s.text;
}

static void every_line_ending_makes_the_same_events(void **state) {
  (void)state;
  static const struct {
    const char *stream, *want;
  } cases[] = {
      {"data: a\n\ndata: b\n\n", "[|a][|b]"},
      {"data: a\r\rdata: b\r\r", "[|a][|b]"},
      {"data: a\r\n\r\ndata: b\r\n\r\n", "[|a][|b]"},
      {"data: a\r\n\ndata: b\n\r\n", "[|a][|b]"},
      {"data:a\n\ndata:  b\n\n", "[|a][| b]"},
      {"\xef\xbb\xbf"
       "data: a\n\n",
       "[|a]"},
      {"\xef\xbb"
       "data: a\n\n",
       ""},
      {": a comment\n\ndata: a\n: another\ndata: b\n\n", "[|a\nb]"},
      {"event: ping\ndata: {}\n\n", "[ping|{}]"},
      {"event: ping\n\ndata: a\n\n", "[|a]"},
      {"id: 3\nretry: 10\nunknown: x\ndata: a\n\n", "[|a]"},
      {"data\n\ndata:\ndata\n\n", "[|][|\n]"},
      {"data: a", "[|a]"},
      {"data: a\n", "[|a]"},
      {"\n\n\r\r\n", ""},
      {"event: a-name-of-more-than-thirty-one-bytes-in-all\ndata: a\n\n", "[|a]"},
      {"a-field-of-more-than-thirty-one-bytes-in-all: x\ndata: a\n\n", "[|a]"},
      {"dat: a\ndatax: b\nData: c\n\n", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t step = 1; step < 40; step++)
      assert_string_equal(events(cases[i].stream, strlen(cases[i].stream), step), cases[i].want);
}

static void an_event_may_fill_the_bound_and_not_pass_it(void **state) {
  (void)state;
  static char line[SSE_DATA_MAX + 64];
  for (int over = 0; over < 2; over++) {
    const size_t n = SSE_DATA_MAX - 1 + over;
    strcpy(line, "data: ");
    memset(line + 6, 'x', n);
    strcpy(line + 6 + n, "\n\n");
    sse_begin(&parser);
    s.n = 0, s.events = 0;
    assert_int_equal(sse_feed(&parser, line, n + 8, note, &s), over ? -1 : 0);
    assert_int_equal(s.events, !over);
  }
  sse_begin(&parser); /* many empty lines are bytes too */
  int stopped = 0;
  for (int i = 0; i < SSE_DATA_MAX + 2 && !stopped; i++)
    stopped = sse_feed(&parser, "data\n", 5, note, &s);
  assert_int_equal(stopped, -1);
  sse_begin(&parser); /* a comment of any length is dropped */
  memset(line, ':', sizeof line);
  for (int i = 0; i < 4; i++) assert_int_equal(sse_feed(&parser, line, sizeof line, note, &s), 0);
}

static void a_listener_may_stop_the_stream(void **state) {
  (void)state;
  s.n = 0, s.events = 0, s.stop_at = 2;
  sse_begin(&parser);
  assert_int_equal(sse_feed(&parser, "data: a\n\ndata: b\n\ndata: c\n\n", 27, note, &s), 7);
  assert_int_equal(s.events, 2);
  s.stop_at = 0;
}

/* ---- answers ---- */

static char said[1 << 18];
static size_t said_n;
static void hear(void *user, const char *p, size_t n) {
  (void)user;
  memcpy(said + said_n, p, n);
  said[said_n += n] = 0;
}

static reply r;
static reply_end answer(const char *who, int streams, const char *body, size_t n, size_t step) {
  said[said_n = 0] = 0;
  reply_begin(&r, profile_named(who), streams, hear, NULL);
  for (size_t at = 0; at < n; at += step) reply_feed(&r, body + at, step < n - at ? step : n - at);
  return reply_finish(&r, 1);
}

static void every_dialect_of_an_answer_is_understood(void **state) {
  (void)state;
  static const struct {
    const char *who;
    int streams;
    const char *body, *text;
    reply_end end;
    const char *error;
  } cases[] = {
      {"openai", 1,
       "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"
       "data: {\"choices\":[{\"delta\":{\"content\":\" about\"},\"finish_reason\":null}]}\n\n"
       "data: {\"choices\":[{\"delta\":{\"content\":\" 7.\"}}]}\n\n"
       "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
       "data: {\"choices\":[],\"usage\":{\"total_tokens\":3}}\n\ndata: [DONE]\n\n",
       " about 7.", REPLY_STOP, ""},
      {"chat", 1, "data:{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\rdata:[DONE]\r\r", "a",
       REPLY_STOP, ""},
      {"chat", 1, "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n", "a", REPLY_CUT, ""},
      {"chat", 1,
       "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"length\"}]}\n\n",
       "a", REPLY_LENGTH, ""},
      {"chat", 1,
       "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
       "data: {\"error\":{\"message\":\"over\\u0007loaded\",\"code\":529}}\n\n"
       "data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n",
       "a", REPLY_ERROR, "over loaded"},
      {"chat", 1, "data: {\"error\":\"no\"}\n\n", "", REPLY_ERROR, "no"},
      {"chat", 1, "data: {\"error\":{\"message\":\"\"}}\n\n", "", REPLY_ERROR,
       "an error without a message"},
      {"chat", 1, "data: {\"choices\": [\n\n", "", REPLY_ERROR,
       "the endpoint sent something that is not JSON"},
      {"chat", 1, "<html>busy</html>", "", REPLY_CUT, ""},
      {"chat", 1, "data: 42\n\n", "", REPLY_ERROR, "the endpoint sent something that is not JSON"},
      {"chat", 1, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n",
       "", REPLY_ERROR, "the model ended for another reason: content_filter"},
      {"mistral", 1,
       "data: {\"choices\":[{\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"x\"},"
       "{\"type\":\"text\",\"text\":\"y\"}]},\"finish_reason\":\"stop\"}]}\n\n",
       "xy", REPLY_STOP, ""},
      {"deepseek", 1,
       "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\",\"content\":null}}]}\n\n"
       "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: [DONE]\n\n",
       "x", REPLY_STOP, ""},
      {"chat", 0,
       "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"whole\"},"
       "\"finish_reason\":\"stop\"}]}",
       "whole", REPLY_STOP, ""},
      {"anthropic", 1,
       "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"content\":[]}}\n\n"
       "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0}\n\n"
       "event: ping\ndata: {\"type\":\"ping\"}\n\n"
       "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":"
       "{\"type\":\"text_delta\",\"text\":\" so\"}}\n\n"
       "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
       "\"end_turn\"}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
       " so", REPLY_STOP, ""},
      {"anthropic", 1,
       "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
       "\"message\":\"Overloaded\"}}\n\n",
       "", REPLY_ERROR, "Overloaded"},
      {"anthropic", 0,
       "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"all\"}],"
       "\"stop_reason\":\"max_tokens\"}",
       "all", REPLY_LENGTH, ""},
      /* half characters in two events; half a surrogate pair; a NUL */
      {"chat", 1,
       "data: {\"choices\":[{\"delta\":{\"content\":\"\xe2\x82\"}}]}\n\n"
       "data: {\"choices\":[{\"delta\":{\"content\":\"\xac 5\"}}]}\n\ndata: [DONE]\n\n",
       "\xe2\x82\xac 5", REPLY_STOP, ""},
      {"chat", 1,
       "data: {\"choices\":[{\"delta\":{\"content\":\"\\\\ud800 \\ud83d\\ude00 \\ud83d "
       "\\u0000\"}}]}"
       "\n\ndata: [DONE]\n\n",
       "\\ud800 \xf0\x9f\x98\x80 \xef\xbf\xbd \xef\xbf\xbd", REPLY_STOP, ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t step = 1; step < 1000; step = step * 3 + 1) {
      const reply_end end =
          answer(cases[i].who, cases[i].streams, cases[i].body, strlen(cases[i].body), step);
      if (end != cases[i].end || strcmp(said, cases[i].text) || strcmp(r.error, cases[i].error))
        fail_msg("case %zu: %s \"%s\" (%s)", i, reply_end_name(end), said, r.error);
    }
}

static void answers_without_end_end(void **state) {
  (void)state;
  static const char event[] = "data: {\"choices\":[{\"delta\":{\"content\":\"0123456789\"}}]}\n\n";
  reply_begin(&r, profile_named("chat"), 1, hear, NULL);
  said_n = 0;
  int n = 0;
  while (reply_feed(&r, event, sizeof event - 1) == REPLY_OPEN) assert_true(++n < 1 << 20);
  assert_int_equal(reply_finish(&r, 1), REPLY_LENGTH);
  assert_int_equal(said_n, REPLY_TEXT_MAX);
  reply_begin(&r, profile_named("chat"), 1, hear, NULL); /* nothing but life signs */
  n = 0;
  while (reply_feed(&r, ": ping\n\n", 8) == REPLY_OPEN) assert_true(++n < 1 << 21);
  assert_int_equal(reply_finish(&r, 1), REPLY_ERROR);
  static char much[1 << 16];
  memset(much, ' ', sizeof much);
  reply_begin(&r, profile_named("chat"), 0, hear, NULL);
  for (n = 0; reply_feed(&r, much, sizeof much) == REPLY_OPEN; n++) assert_true(n < 100);
  assert_int_equal(reply_finish(&r, 1), REPLY_ERROR);
}

/* ---- asking ---- */

static json_t *request(const char *who, const char *opener, int instructed, unsigned allowed) {
  static const ulm_message turns[] = {{"system", "Be kind.", 8},
                                      {"user", "Hi", 2},
                                      {"assistant", "Hello", 5},
                                      {"user", "How many people live in Seattle?", 32}};
  const asking a = {turns, 4, opener, "m", 99, -1, {allowed, 0}};
  return dialect_request(profile_named(who), &a, instructed);
}

static const char *text_of(const json_t *j, const char *key) {
  return json_string_value(json_object_get(j, key));
}
static const json_t *last_of(const json_t *body, size_t back) {
  const json_t *m = json_object_get(body, "messages");
  return json_array_get(m, json_array_size(m) - 1 - back);
}

static void each_dialect_asks_for_the_continuation_in_its_own_way(void **state) {
  (void)state;
  const char *opener = "The population of Seattle is ";
  static const char *const prefilling[] = {"llama.cpp", "vllm", "mistral", "deepseek", "anthropic"};
  for (int i = 0; i < 5; i++) {
    json_t *b = request(prefilling[i], opener, 0, 0);
    assert_string_equal(text_of(last_of(b, 0), "role"), "assistant");
    assert_string_equal(text_of(last_of(b, 0), "content"), "The population of Seattle is");
    assert_string_equal(text_of(last_of(b, 1), "content"), "How many people live in Seattle?");
    assert_int_equal(json_is_true(json_object_get(last_of(b, 0), "prefix")), i == 2 || i == 3);
    assert_int_equal(json_is_true(json_object_get(b, "continue_final_message")), i == 1);
    assert_int_equal(json_is_false(json_object_get(b, "add_generation_prompt")), i == 1);
    assert_int_equal(json_object_get(b, "system") != NULL, i == 4);
    assert_true(json_is_true(json_object_get(b, "stream")));
    assert_int_equal(json_integer_value(json_object_get(b, "max_tokens")), 99);
    const json_t *first = json_array_get(json_object_get(b, "messages"), 0);
    const char *system = i == 4 ? text_of(b, "system") : text_of(first, "content");
    assert_non_null(strstr(system, "Be kind."));
    assert_null(strstr(system, "Seattle")); /* it stands in the message */
    json_decref(b);
  }
  /* Instructions, where the dialect has no prefill and where it was refused: quoted twice. */
  static const char *const instructed[] = {"openai", "chat", "llama.cpp", "anthropic"};
  for (int i = 0; i < 4; i++) {
    json_t *b = request(instructed[i], opener, i >= 2, 0);
    assert_string_equal(text_of(last_of(b, 0), "role"), "user");
    assert_non_null(strstr(text_of(last_of(b, 0), "content"), "\"The population of Seattle is\""));
    const char *system =
        i == 3 ? text_of(b, "system")
               : text_of(json_array_get(json_object_get(b, "messages"), 0), "content");
    assert_non_null(strstr(system, "The population of Seattle is"));
    assert_int_equal(json_object_get(b, "max_completion_tokens") != NULL, i == 0);
    json_decref(b);
  }
  json_t *b = request("llama.cpp", "", 0, 0); /* nothing was spoken: an ordinary question */
  assert_string_equal(text_of(last_of(b, 0), "content"), "How many people live in Seattle?");
  json_decref(b);
  b = request("chat", "caf\xe9 is", 0, 0); /* not UTF-8 */
  assert_non_null(strstr(text_of(last_of(b, 0), "content"), "caf? is"));
  json_decref(b);
}

static void the_instructions_follow_the_end_of_the_opener_and_the_taste(void **state) {
  (void)state;
  char whole[INSTRUCT_MAX], part[INSTRUCT_MAX], only[INSTRUCT_MAX];
  const instruction sentence = {0, 2}, fragment = {0, 0}, humor = {1 << ULM_RECOVER_HUMOR, 0};
  assert_true(instruct(&sentence, "It rains.", 1, whole) == strlen(whole));
  instruct(&fragment, "It rains", 1, part), instruct(&humor, "It rains", 1, only);
  assert_non_null(strstr(whole, "a whole sentence"));
  assert_null(strstr(whole, "inside a sentence"));
  assert_non_null(strstr(part, "inside a sentence"));
  assert_non_null(strstr(part, "false, or they are harmful or unkind: correct yourself"));
  assert_non_null(strstr(only, "they state something false, or"));
  assert_non_null(strstr(only, "unkind: correct yourself")); /* whatever the taste */
  for (int m = 0; m < 3; m++) assert_non_null(strstr(m ? part : whole, "at most 12 words"));
  assert_true(strlen(part) < INSTRUCT_MAX - 512);
}

static void a_policy_covers_every_slip_within_the_taste(void **state) {
  (void)state;
  for (int slip = 0; slip < ULM_SLIPS; slip++)
    for (unsigned allowed = 1; allowed < 8; allowed++) {
      const ulm_recovery m = ulm_recovery_for((ulm_slip)slip, allowed);
      if (slip == ULM_SLIP_UNSAFE)
        assert_int_equal(m, ULM_RECOVER_EXPLICIT);
      else
        assert_true(allowed >> m & 1);
    }
  assert_int_equal(ulm_recovery_for(ULM_SLIP_FACT, 0), ULM_RECOVER_EXPLICIT);
  assert_int_equal(ulm_recovery_for(ULM_SLIP_TOPIC, 0), ULM_RECOVER_REDIRECT);
  assert_int_equal(ulm_recovery_for(ULM_SLIP_REPETITION, 0), ULM_RECOVER_HUMOR);
}

static void a_server_is_known_by_its_host_or_by_who_owns_its_models(void **state) {
  (void)state;
  char model[64];
  assert_string_equal(profile_of_host("API.openai.com")->name, "openai");
  assert_null(profile_of_host("api.openai.com.example.org"));
  assert_null(profile_named("nobody"));
  static const struct {
    const char *body, *who, *model;
  } cases[] = {
      {"{\"data\":[{\"id\":\"m.gguf\",\"owned_by\":\"llamacpp\"}]}", "llama.cpp", "m.gguf"},
      {"{\"data\":[{\"id\":\"q/w\",\"owned_by\":\"vllm\"},{\"id\":\"b\"}]}", "vllm", "q/w"},
      {"{\"data\":[{\"id\":\"x\",\"owned_by\":\"me\"}]}", "chat", "x"},
      {"{\"data\":[{\"id\":7}]}", "chat", ""},
      {"{\"data\":[{\"id\":\"m\\u001b[2J\"}]}", "chat", ""},
      {"{\"data\":{}}", "chat", ""},
      {"[", "chat", ""},
      {"", "chat", ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assert_string_equal(
        profile_of_models(cases[i].body, strlen(cases[i].body), model, sizeof model)->name,
        cases[i].who);
    assert_string_equal(model, cases[i].model);
  }
}

static void error_bodies_of_any_form_give_one_plain_line(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"{\"error\":{\"message\":\"no \\u001b[31mkey\\n\",\"type\":\"t\"}}", "no  [31mkey "},
      {"{\"error\":\"busy\"}", "busy"},
      {"{\"message\":\"m\"}", "m"},
      {"{\"detail\":\"d\"}", "d"},
      {"{\"error\":{\"type\":\"t\"}}", "t"},
      {"{\"error\":7}", "an error without a message"},
      {"<html>", ""}};
  char out[64];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    dialect_error(cases[i][0], strlen(cases[i][0]), out, sizeof out);
    assert_string_equal(out, cases[i][1]);
  }
  char tiny[12];
  dialect_error("{\"error\":\"0123456789\xc3\xa9\"}", 23, tiny, sizeof tiny);
  assert_true(strlen(tiny) < sizeof tiny);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_line_ending_makes_the_same_events),
      cmocka_unit_test(an_event_may_fill_the_bound_and_not_pass_it),
      cmocka_unit_test(a_listener_may_stop_the_stream),
      cmocka_unit_test(every_dialect_of_an_answer_is_understood),
      cmocka_unit_test(answers_without_end_end),
      cmocka_unit_test(each_dialect_asks_for_the_continuation_in_its_own_way),
      cmocka_unit_test(the_instructions_follow_the_end_of_the_opener_and_the_taste),
      cmocka_unit_test(a_policy_covers_every_slip_within_the_taste),
      cmocka_unit_test(a_server_is_known_by_its_host_or_by_who_owns_its_models),
      cmocka_unit_test(error_bodies_of_any_form_give_one_plain_line),
  };
  return cmocka_run_group_tests_name("continuators", tests, NULL, NULL);
}
