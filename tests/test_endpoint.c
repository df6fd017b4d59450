/* The HTTP client against a simulated endpoint on loopback that misbehaves in every way we know. */
#include "t.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../bench/endpoint.h"
#include "../bench/loopback.h"

static host_error e;

#define CHUNK(text) "data: {\"choices\":[{\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define DONE        "data: [DONE]\n\n"

/* ---- the server: one scenario, and what it was asked ---- */

typedef struct {
  void (*play)(size_t index, const loopback_request *q, wire *w);
  pthread_mutex_t lock;
  char asked[8][8192]; /* method, path, headers, body */
  size_t count;
} scene;
static scene s = {.lock = PTHREAD_MUTEX_INITIALIZER};
static loopback *server;
static char url[128];

static void handle(void *user, const loopback_request *q, size_t index, wire *w) {
  scene *x = user;
  pthread_mutex_lock(&x->lock);
  const size_t k = x->count++;
  if (k < 8)
    snprintf(x->asked[k], sizeof x->asked[k], "%s %s\n%s\n%s", q->method, q->path, q->headers,
             q->body);
  if (strcmp(q->method, "HEAD")) x->play(index, q, w);
  pthread_mutex_unlock(&x->lock);
}

static void add(wire *w, double ms, const char *text) { wire_add(w, ms, text, strlen(text)); }
static void events(wire *w, double ms, const char *text) {
  wire_begin(w, 200, "text/event-stream; charset=utf-8");
  add(w, ms, text);
}

static const char *asked(size_t i) {
  static char copy[8192];
  pthread_mutex_lock(&s.lock);
  strcpy(copy, s.asked[i]);
  pthread_mutex_unlock(&s.lock);
  return copy;
}
static size_t requests(void) {
  pthread_mutex_lock(&s.lock);
  const size_t n = s.count;
  pthread_mutex_unlock(&s.lock);
  return n;
}

static void stage(void (*play)(size_t, const loopback_request *, wire *)) {
  pthread_mutex_lock(&s.lock);
  s.play = play, s.count = 0;
  pthread_mutex_unlock(&s.lock);
}

static int open_server(void **state) {
  (void)state;
  static const char *const keys[] = {"ULM_API_KEY", "OPENAI_API_KEY", "MY_KEY"};
  for (int i = 0; i < 3; i++) unsetenv(keys[i]);
  server = loopback_open(handle, &s, &e);
  if (!server) return -1;
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", loopback_port(server));
  return 0;
}
static int close_server(void **state) {
  (void)state;
  loopback_close(server);
  return 0;
}

/* ---- the client ---- */

static char heard[1 << 17];
static size_t heard_n;
static void hear(void *user, const char *p, size_t n) {
  (void)user;
  assert_true(heard_n + n < sizeof heard);
  memcpy(heard + heard_n, p, n);
  heard[heard_n += n] = 0;
}

static endpoint *client(const char *who, const char *at) {
  endpoint *c = endpoint_open(&(endpoint_options){.url = at, .profile = who, .model = "m"}, &e);
  if (!c) fail_msg("%s", e.text);
  return c;
}

static const ulm_message turns[] = {{"user", "How many people live in Seattle?", 32}};
static const asking question = {turns, 1, "The population of Seattle is", NULL, 64, -1, {0, 0}};

/* Asks and waits, at most `patience` ms. */
static reply_end ask(endpoint *c, int patience) {
  heard[heard_n = 0] = 0;
  if (endpoint_ask(c, &question, hear, NULL, &e)) fail_msg("%s", e.text);
  const double until = host_now() + patience / 1e3;
  reply_end end;
  while ((end = endpoint_poll(c, 20)) == REPLY_OPEN && host_now() < until) {
  }
  return end;
}

static void in_full(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  events(w, 0, CHUNK(" about"));
  add(w, 5, CHUNK(" 750,000."));
  add(w, 10, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n" DONE);
}

static void a_streamed_answer_comes_in_and_the_opener_went_out(void **state) {
  (void)state;
  stage(in_full);
  endpoint *c = client("llama.cpp", url);
  assert_int_equal(ask(c, 3000), REPLY_STOP);
  assert_string_equal(heard, " about 750,000.");
  const endpoint_state x = endpoint_get(c);
  assert_true(x.status == 200 && !x.instructed && x.attempts == 1 && x.first_ms > 0);
  assert_int_equal(strncmp(asked(0), "POST /v1/chat/completions\n", 26), 0);
  assert_non_null(
      strstr(asked(0), "{\"role\":\"assistant\",\"content\":\"The population of Seattle is\"}"));
  assert_non_null(strstr(asked(0), "\"stream\":true"));
  assert_null(strcasestr(asked(0), "authorization"));
  endpoint_close(c);
}

static void the_connection_is_open_before_the_request_leaves(void **state) {
  (void)state;
  stage(in_full);
  endpoint *c = client("chat", url);
  const size_t before = loopback_connections(server);
  endpoint_warm(c);
  for (int i = 0; i < 50 && !requests(); i++) endpoint_poll(c, 10);
  for (int i = 0; i < 5; i++) endpoint_poll(c, 10);
  assert_int_equal(strncmp(asked(0), "HEAD /v1/models", 15), 0);
  for (int round = 0; round < 3; round++) {
    assert_int_equal(ask(c, 3000), REPLY_STOP);
    for (int i = 0; i < 20; i++) endpoint_poll(c, 5); /* the body's end */
    assert_true(endpoint_get(c).reused);
  }
  assert_int_equal(loopback_connections(server) - before, 1);
  endpoint *cold = client("chat", url);
  assert_int_equal(ask(cold, 3000), REPLY_STOP);
  assert_false(endpoint_get(cold).reused); /* the control */
  endpoint_close(c), endpoint_close(cold);
}

static void no_prefill(size_t i, const loopback_request *q, wire *w) {
  if (strstr(q->body, "\"role\":\"assistant\"")) {
    wire_begin(w, 400, "application/json");
    add(w, 0, "{\"error\":{\"message\":\"prefill is not supported\"}}");
  } else {
    in_full(i, q, w);
  }
}

static void a_400_to_a_prefill_turns_to_instructions_for_good(void **state) {
  (void)state;
  stage(no_prefill);
  static const char *const who[] = {"llama.cpp", "vllm", "mistral", "anthropic"};
  for (int i = 0; i < 3; i++) {
    endpoint *c = client(who[i], url);
    const size_t before = requests();
    assert_int_equal(ask(c, 3000), REPLY_STOP);
    assert_int_equal(requests() - before, 2);
    assert_true(endpoint_get(c).instructed && endpoint_get(c).attempts == 2);
    assert_int_equal(ask(c, 3000), REPLY_STOP);
    assert_int_equal(requests() - before, 3); /* remembered */
    endpoint_close(c);
  }
}

static int status_of_scene;
static const char *headers_of_scene;
static void status(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  wire_begin(w, status_of_scene, "application/json");
  snprintf(w->headers, sizeof w->headers, "%s", headers_of_scene);
  add(w, 0, "{\"error\":{\"message\":\"as staged\"}}");
}
static void status_then_full(size_t i, const loopback_request *q, wire *w) {
  s.count == 1 ? status(i, q, w) : in_full(i, q, w);
}

static void refusals_are_told_and_only_what_may_pass_is_tried_again(void **state) {
  (void)state;
  static const struct {
    int status;
    const char *headers;
    size_t tries; /* of a server that always refuses */
    double least_ms, most_ms;
  } cases[] = {{400, "", 1, 0, 700},
               {401, "", 1, 0, 700},
               {404, "", 1, 0, 700},
               {429, "Retry-After: 0\r\n", 2, 0, 700},
               {429, "retry-after: 1\r\n", 2, 1000, 1900},
               {429, "Retry-After: 3600\r\n", 1, 0, 700},
               {429, "Retry-After: Fri, 31 Dec 2049 23:59:59 GMT\r\n", 1, 0, 700},
               {500, "", 2, 200, 900},
               {503, "Retry-After: 99999999999999999999\r\n", 1, 0, 700}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    status_of_scene = cases[i].status, headers_of_scene = cases[i].headers;
    stage(status);
    endpoint *c = client("chat", url);
    const double t0 = host_now();
    assert_int_equal(ask(c, 4000), REPLY_ERROR);
    const double ms = 1e3 * (host_now() - t0);
    assert_true(ms >= cases[i].least_ms && ms < cases[i].most_ms);
    assert_int_equal(requests(), cases[i].tries);
    char want[64];
    snprintf(want, sizeof want, "%d: as staged", cases[i].status);
    assert_string_equal(endpoint_get(c).error, want);
    assert_int_equal(heard_n, 0);
    if (cases[i].tries == 2) {
      stage(status_then_full);
      assert_int_equal(ask(c, 4000), REPLY_STOP);
      assert_string_equal(heard, " about 750,000.");
    }
    endpoint_close(c);
  }
}

static void cut(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  events(w, 0, CHUNK(" about"));
  add(w, 20, "data: {\"choices\":[{\"del");
  w->end = status_of_scene ? WIRE_RESET : WIRE_CUT;
}
static void mute(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  events(w, 0, "");
  w->end = WIRE_HANG;
}
static void half(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  events(w, 0, CHUNK(" about"));
  w->end = WIRE_HANG;
}
static void dead(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  events(w, 0, "");
  w->end = WIRE_CUT;
}
static void unended(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  events(w, 0, CHUNK(" about") "data: {\"choices\":[{\"delta\":{\"content\":\" x\"}}]}");
}
static void drip(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  static const char all[] =
      "data:{\"choices\":[{\"delta\":{\"content\":\"\xe2\x82\xac 5.\"}}]}\r\n\r\n"
      "data:[DONE]\r\r";
  wire_begin(w, 200, "text/event-stream");
  for (size_t k = 0; k + 1 < sizeof all; k++) wire_add(w, (double)k, all + k, 1);
}
static void garbage(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  events(w, 0, CHUNK(" about") "data: {]\n\n" CHUNK(" never"));
}
static void huge(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  static char much[1 << 17];
  memset(much, 'x', sizeof much);
  events(w, 0, CHUNK(" about") "data: ");
  wire_add(w, 0, much, sizeof much);
}
static void endless(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  static char much[1 << 16];
  for (size_t k = 0; k < sizeof much; k += 8) memcpy(much + k, ": ping\n\n", 8);
  wire_begin(w, 200, "text/event-stream");
  for (int k = 0; k < 160; k++) wire_add(w, 0, much, sizeof much);
}
static void plain_json(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  wire_begin(w, 200, "application/json");
  add(w, 0, "{\"choices\":[{\"message\":{\"content\":\" whole.\"},\"finish_reason\":\"stop\"}]}");
}
static void page(size_t i, const loopback_request *q, wire *w) {
  (void)i, (void)q;
  wire_begin(w, 200, "text/html");
  add(w, 0, "<html>Sign in to the network</html>");
}

static void whatever_the_stream_does_the_answer_ends_as_it_should(void **state) {
  (void)state;
  static const struct {
    void (*play)(size_t, const loopback_request *, wire *);
    int reset;
    reply_end end;
    const char *text, *error;
  } cases[] = {
      {cut, 0, REPLY_CUT, " about", ""},
      {cut, 1, REPLY_CUT, " about", ""},
      {mute, 0, REPLY_OPEN, "", ""},
      {half, 0, REPLY_OPEN, " about", ""},
      {dead, 0, REPLY_ERROR, "", NULL},
      {unended, 0, REPLY_CUT, " about x", ""},
      {drip, 0, REPLY_STOP, "\xe2\x82\xac 5.", ""},
      {garbage, 0, REPLY_ERROR, " about", "the endpoint sent something that is not JSON"},
      {huge, 0, REPLY_ERROR, " about", "an event is longer than 65,535 bytes"},
      {endless, 0, REPLY_ERROR, "", "the answer is longer than 8 MB"},
      {plain_json, 0, REPLY_STOP, " whole.", ""},
      {page, 0, REPLY_ERROR, "", "the endpoint sent something that is not JSON"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    status_of_scene = cases[i].reset;
    stage(cases[i].play);
    endpoint *c = client("chat", url);
    const reply_end end = ask(c, cases[i].end == REPLY_OPEN ? 150 : 4000);
    const endpoint_state x = endpoint_get(c);
    if (end != cases[i].end || strcmp(heard, cases[i].text) ||
        (cases[i].error ? strcmp(x.error, cases[i].error) : !*x.error))
      fail_msg("case %zu: %s \"%s\" (%s)", i, reply_end_name(end), heard, x.error);
    const double t0 = host_now();
    endpoint_stop(c); /* barge-in */
    assert_true(host_now() - t0 < 0.2);
    stage(in_full); /* and the next question is answered */
    assert_int_equal(ask(c, 3000), REPLY_STOP);
    assert_string_equal(heard, " about 750,000.");
    endpoint_close(c);
  }
}

/* ---- redirects ---- */

static char to[256];
static void redirecting(size_t i, const loopback_request *q, wire *w) {
  if (strstr(q->path, "/new/")) {
    in_full(i, q, w);
    return;
  }
  wire_begin(w, status_of_scene, "text/plain");
  snprintf(w->headers, sizeof w->headers, "Location: %s\r\n", to);
}

static void redirects_stay_on_the_host_and_end(void **state) {
  (void)state;
  setenv("ULM_API_KEY", "sk-secret", 1);
  static scene other_scene = {.lock = PTHREAD_MUTEX_INITIALIZER, .play = in_full};
  loopback *other = loopback_open(handle, &other_scene, &e);
  assert_non_null(other);
  stage(redirecting);
  endpoint *c = client("chat", url);
  static const struct {
    int status;
    const char *path, *error;
  } cases[] = {
      {307, "/new/x", NULL},
      {308, "/new/x", NULL},
      {301, "/new/x", "it redirects (not with 307 or 308); give the final URL"},
      {307, "/v1/chat/completions", "it redirects in circles"},
      {307, "http://127.0.0.1:%d/new/x", "it redirects to another host; give the final URL"},
      {307, "https://127.0.0.1:%d/new/x", "it redirects to another host; give the final URL"},
      {307, "file:///etc/hostname", "it redirects to another host; give the final URL"},
      {307, "http://127.0.0.1:1@127.0.0.1:%d/",
       "it redirects to another host; give the final URL"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    status_of_scene = cases[i].status;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(to, sizeof to, cases[i].path, loopback_port(other));
#pragma GCC diagnostic pop
    assert_int_equal(ask(c, 3000), cases[i].error ? REPLY_ERROR : REPLY_STOP);
    if (cases[i].error) assert_string_equal(endpoint_get(c).error, cases[i].error);
  }
  assert_int_equal(other_scene.count, 0); /* neither key nor words went there */
  assert_true(requests() < 20);
  assert_non_null(strstr(asked(1), "Authorization: Bearer sk-secret")); /* the control */
  endpoint_close(c);
  loopback_close(other);
  unsetenv("ULM_API_KEY");
}

/* ---- keys and URLs ---- */

/* Servers say again what they were sent, whole or cut. */
static void echo_in_body(size_t index, const loopback_request *q, wire *w) {
  (void)index, (void)q;
  wire_begin(w, 401, "application/json");
  add(w, 0, "{\"error\":{\"message\":\"bad: Bearer sk-secret0123, sk-secret0123 is none\"}}");
}
static void echo_in_event(size_t index, const loopback_request *q, wire *w) {
  (void)index, (void)q;
  events(w, 0, "data: {\"error\":{\"message\":\"overloaded for sk-secret0123\"}}\n\n");
}
static void echo_cut(size_t index, const loopback_request *q, wire *w) {
  (void)index, (void)q;
  char text[512], much[241];
  memset(much, 'x', 240), much[240] = 0;
  wire_begin(w, 403, "application/json");
  snprintf(text, sizeof text, "{\"error\":\"%s sk-secret0123\"}", much);
  add(w, 0, text);
}
static void echo_as_reason(size_t index, const loopback_request *q, wire *w) {
  (void)index, (void)q;
  events(w, 0, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"sk-secret0123\"}]}\n\n");
}

static void a_key_that_comes_back_in_an_error_is_not_told(void **state) {
  (void)state;
  void (*const plays[])(size_t, const loopback_request *, wire *) = {echo_in_body, echo_in_event,
                                                                     echo_cut, echo_as_reason};
  setenv("ULM_API_KEY", "sk-secret0123", 1);
  for (int i = 0; i < 4; i++) {
    stage(plays[i]);
    endpoint *c = client("chat", url);
    assert_int_equal(ask(c, 3000), REPLY_ERROR);
    const char *told = endpoint_get(c).error;
    if (strstr(told, "sk-sec") || !strstr(told, "[key]")) fail_msg("%d: %s", i, told);
    endpoint_close(c);
  }
  setenv("ULM_API_KEY", "sk-another1", 1); /* the control: what is not the key is told */
  stage(echo_in_event);
  endpoint *c = client("chat", url);
  ask(c, 3000);
  assert_non_null(strstr(endpoint_get(c).error, "sk-secret0123"));
  endpoint_close(c);
  unsetenv("ULM_API_KEY");
}

static void a_key_goes_where_it_belongs_and_nowhere_else(void **state) {
  (void)state;
  stage(in_full);
  setenv("OPENAI_API_KEY", "sk-openai", 1);
  endpoint *c = client("openai", url); /* the dialect, not the host */
  assert_int_equal(ask(c, 3000), REPLY_STOP);
  assert_null(strstr(asked(0), "sk-openai"));
  endpoint_close(c);
  setenv("ULM_API_KEY", "sk-mine", 1);
  stage(in_full);
  c = client("chat", url);
  assert_int_equal(ask(c, 3000), REPLY_STOP);
  assert_non_null(strstr(asked(0), "Authorization: Bearer sk-mine"));
  endpoint_close(c);
  /* Messages: x-api-key. */
  stage(in_full);
  c = client("anthropic", url);
  ask(c, 3000);
  assert_non_null(strstr(asked(0), "x-api-key: sk-mine"));
  assert_null(strstr(asked(0), "Authorization"));
  assert_int_equal(strncmp(asked(0), "POST /v1/messages\n", 18), 0);
  endpoint_close(c);
  static const struct {
    const char *url, *key_env, *key, *says;
  } bad[] = {{"http://example.org/v1", NULL, "sk-mine", "unencrypted"},
             {"http://localhost.example.org/v1", NULL, "sk-mine", "unencrypted"},
             {"https://user:pw@example.org/v1", NULL, NULL, "must not hold"},
             {"ftp://example.org/v1", NULL, NULL, "http://"},
             {"file:///etc/passwd", NULL, NULL, "http"},
             {"not a url", NULL, NULL, "not a URL"},
             {"", NULL, NULL, "not a URL"},
             {"https://example.org", NULL, "sk-a b", "what no key holds"},
             {"https://example.org", NULL, "sk\r\nX: y", "what no key holds"},
             {"https://example.org", "MY_KEY", NULL, "MY_KEY"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    bad[i].key ? setenv("ULM_API_KEY", bad[i].key, 1) : unsetenv("ULM_API_KEY");
    e.text[0] = 0;
    c = endpoint_open(&(endpoint_options){.url = bad[i].url, .key_env = bad[i].key_env}, &e);
    if (c || !strstr(e.text, bad[i].says)) fail_msg("%s: %s", bad[i].url, c ? "opened" : e.text);
    assert_null(strstr(e.text, "sk-"));
    assert_null(strstr(e.text, "pw"));
  }
  setenv("ULM_API_KEY", "sk-mine", 1); /* the control: TLS or loopback may carry it */
  static const char *const good[] = {"https://example.org/v1", "http://localhost:1/",
                                     "http://[::1]:1"};
  for (int i = 0; i < 3; i++) {
    c = endpoint_open(&(endpoint_options){.url = good[i]}, &e);
    assert_non_null(c);
    endpoint_close(c);
  }
  assert_null(endpoint_open(&(endpoint_options){.url = url, .profile = "nobody"}, &e));
  assert_non_null(strstr(e.text, "llama.cpp"));
  unsetenv("ULM_API_KEY"), unsetenv("OPENAI_API_KEY");
}

static void the_base_is_found_in_any_form_of_the_url(void **state) {
  (void)state;
  stage(in_full);
  static const char *const forms[][2] = {
      {"", "/v1/chat"},          {"/", "/v1/chat"},     {"/v1", "/v1/chat"},
      {"/v1/", "/v1/chat"},      {"/a/b", "/a/b/chat"}, {"/v1/chat/completions", "/v1/chat"},
      {"/v1/models", "/v1/chat"}};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    char at[160], want[64];
    snprintf(at, sizeof at, "http://127.0.0.1:%d%s", loopback_port(server), forms[i][0]);
    snprintf(want, sizeof want, "POST %s/completions\n", forms[i][1]);
    stage(in_full);
    endpoint *c = client("chat", at);
    assert_int_equal(ask(c, 3000), REPLY_STOP);
    assert_int_equal(strncmp(asked(0), want, strlen(want)), 0);
    endpoint_close(c);
  }
}

/* ---- probing ---- */

static const char *models, *template;
static void list(size_t i, const loopback_request *q, wire *w) {
  if (strstr(q->path, "/models")) {
    wire_begin(w, status_of_scene, "application/json");
    add(w, 0, models);
  } else if (!strcmp(q->path, "/apply-template")) {
    wire_begin(w, template ? 200 : 404, "application/json");
    add(w, 0, template ? template : "{}");
  } else {
    in_full(i, q, w);
  }
}

static void a_server_is_asked_what_it_is_before_it_is_asked_anything_else(void **state) {
  (void)state;
  static const struct {
    int status;
    const char *models, *model, *profile, *is, *error;
  } cases[] = {
      {200, "{\"data\":[{\"id\":\"a\",\"owned_by\":\"llamacpp\"}]}", NULL, NULL, "llama.cpp a",
       NULL},
      {200, "{\"data\":[{\"id\":\"a\",\"owned_by\":\"vllm\"}]}", "b", NULL, "vllm b", NULL},
      {200, "{\"data\":[{\"id\":\"a\",\"owned_by\":\"vllm\"}]}", NULL, "mistral", "mistral a",
       NULL},
      {404, "{}", "b", NULL, "chat b", NULL},
      {404, "{}", NULL, NULL, NULL, "--model"},
      {200, "][", NULL, NULL, NULL, "--model"},
      {401, "{}", "b", NULL, NULL, "ULM_API_KEY"},
      {404, "{}", "b", "vllm", "vllm b", NULL}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    status_of_scene = cases[i].status, models = cases[i].models, template = NULL;
    stage(list);
    endpoint *c = endpoint_open(
        &(endpoint_options){.url = url, .profile = cases[i].profile, .model = cases[i].model}, &e);
    const int bad = endpoint_probe(c, &e);
    assert_int_equal(bad, cases[i].error ? -1 : 0);
    const endpoint_state x = endpoint_get(c);
    char is[128];
    snprintf(is, sizeof is, "%s %s", x.profile, x.model);
    if (bad)
      assert_non_null(strstr(e.text, cases[i].error));
    else
      assert_string_equal(is, cases[i].is);
    for (size_t k = 0; k < requests(); k++) /* nothing is generated for it */
      assert_true(!strncmp(asked(k), "GET ", 4) ||
                  !strncmp(asked(k), "POST /apply-template\n", 21));
    endpoint_close(c);
  }
  endpoint *c = endpoint_open(
      &(endpoint_options){.url = "http://127.0.0.1:1", .model = "m", .connect_ms = 500}, &e);
  assert_int_equal(endpoint_probe(c, &e), -1); /* nobody listens */
  endpoint_close(c);
}

static void a_llama_cpp_server_is_asked_whether_it_goes_on_from_a_message(void **state) {
  (void)state;
  static const struct {
    const char *template;
    int instructed;
  } cases[] = {{"{\"prompt\":\"<user>Hi</s><bot>Hello and\\n\"}", 0},
               {"{\"prompt\":\"<user>Hi</s><bot>Hello and</s><bot>\"}", 1},
               {"{\"prompt\":\"\"}", 1},
               {"[", 1},
               {NULL, 1}};
  models = "{\"data\":[{\"id\":\"a\",\"owned_by\":\"llamacpp\"}]}";
  status_of_scene = 200;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    template = cases[i].template;
    stage(list);
    endpoint *c = client(NULL, url);
    assert_int_equal(endpoint_probe(c, &e), 0);
    assert_int_equal(endpoint_get(c).instructed, cases[i].instructed);
    assert_int_equal(ask(c, 3000), REPLY_STOP);
    assert_int_equal(!strstr(asked(2), "\"role\":\"assistant\""), cases[i].instructed);
    endpoint_close(c);
  }
}

/* ---- TLS ---- */

static char dir[64];
static int run(char *const argv[]) {
  const pid_t p = fork();
  if (!p) {
    freopen("/dev/null", "w", stdout), freopen("/dev/null", "w", stderr);
    execvp(argv[0], argv);
    _exit(127);
  }
  return p;
}

static int free_port(void) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof a;
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
  close(fd);
  return ntohs(a.sin_port);
}

/* A TLS server that serves the files under `dir`, with a certificate that nobody signed. */
static void certificates_are_verified(void **state) {
  (void)state;
  const char *root = getenv("TMPDIR");
  snprintf(dir, sizeof dir, "%.40s/ulm-tls-XXXXXX", root ? root : "/tmp");
  assert_non_null(mkdtemp(dir));
  char key[128], cert[128], sub[128], list_file[160], accept[32], at[64];
  snprintf(key, sizeof key, "%s/key.pem", dir), snprintf(cert, sizeof cert, "%s/cert.pem", dir);
  snprintf(sub, sizeof sub, "%s/v1", dir), snprintf(list_file, sizeof list_file, "%s/models", sub);
  int status;
  char *make[] = {"openssl",
                  "req",
                  "-x509",
                  "-newkey",
                  "ec",
                  "-pkeyopt",
                  "ec_paramgen_curve:P-256",
                  "-nodes",
                  "-keyout",
                  key,
                  "-out",
                  cert,
                  "-days",
                  "2",
                  "-subj",
                  "/CN=localhost",
                  "-addext",
                  "subjectAltName=DNS:localhost",
                  NULL};
  waitpid(run(make), &status, 0);
  assert_int_equal(status, 0);
  host_mkdir(sub, &e);
  FILE *f = fopen(list_file, "w");
  fputs("{\"data\":[{\"id\":\"tls\",\"owned_by\":\"vllm\"}]}", f);
  fclose(f);
  const int port = free_port();
  snprintf(accept, sizeof accept, "127.0.0.1:%d", port);
  char *serve[] = {"openssl", "s_server", "-accept", accept,   "-cert", cert,
                   "-key",    key,        "-WWW",    "-quiet", NULL};
  char here[4096];
  assert_non_null(getcwd(here, sizeof here));
  assert_int_equal(chdir(dir), 0);
  const pid_t p = run(serve);
  assert_int_equal(chdir(here), 0);

  snprintf(at, sizeof at, "https://localhost:%d/v1", port);
  int trusted = -1, other_name = 0, unknown = 0;
  for (int i = 0; i < 100 && trusted; i++) { /* until it listens */
    usleep(50000);
    endpoint *c = endpoint_open(&(endpoint_options){.url = at, .ca = cert}, &e);
    trusted = endpoint_probe(c, &e);
    if (!trusted) assert_string_equal(endpoint_get(c).model, "tls");
    endpoint_close(c);
  }
  host_error e2 = {0}, e3 = {0}, e4 = {0};
  endpoint *c = endpoint_open(&(endpoint_options){.url = at}, &e2);
  unknown = endpoint_probe(c, &e2);
  endpoint_close(c);
  snprintf(at, sizeof at, "https://127.0.0.1:%d/v1", port); /* a name it does not have */
  c = endpoint_open(&(endpoint_options){.url = at, .ca = cert}, &e3);
  other_name = endpoint_probe(c, &e3);
  endpoint_close(c);
  snprintf(at, sizeof at, "https://127.0.0.1:%d/v1", loopback_port(server)); /* no TLS at all */
  c = endpoint_open(&(endpoint_options){.url = at}, &e4);
  const int no_tls = endpoint_probe(c, &e4);
  endpoint_close(c);
  kill(p, SIGTERM);
  waitpid(p, &status, 0);
  remove(key), remove(cert), remove(list_file), rmdir(sub), rmdir(dir);
  assert_int_equal(trusted, 0); /* the control */
  assert_int_equal(unknown, -1);
  assert_non_null(strstr(e2.text, "certificate"));
  assert_int_equal(other_name, -1);
  assert_non_null(strstr(e3.text, "certificate"));
  assert_int_equal(no_tls, -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_streamed_answer_comes_in_and_the_opener_went_out),
      cmocka_unit_test(the_connection_is_open_before_the_request_leaves),
      cmocka_unit_test(a_400_to_a_prefill_turns_to_instructions_for_good),
      cmocka_unit_test(refusals_are_told_and_only_what_may_pass_is_tried_again),
      cmocka_unit_test(whatever_the_stream_does_the_answer_ends_as_it_should),
      cmocka_unit_test(redirects_stay_on_the_host_and_end),
      cmocka_unit_test(a_key_goes_where_it_belongs_and_nowhere_else),
      cmocka_unit_test(a_key_that_comes_back_in_an_error_is_not_told),
      cmocka_unit_test(the_base_is_found_in_any_form_of_the_url),
      cmocka_unit_test(a_server_is_asked_what_it_is_before_it_is_asked_anything_else),
      cmocka_unit_test(a_llama_cpp_server_is_asked_whether_it_goes_on_from_a_message),
      cmocka_unit_test(certificates_are_verified),
  };
  return cmocka_run_group_tests_name("endpoint", tests, open_server, close_server);
}
