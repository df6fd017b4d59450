/* A handoff in real time: opener, endpoint, splice and close, against a simulated endpoint. */
#include "t.h"
#include <pthread.h>
#include <unistd.h>

#include "../bench/loopback.h"
#include "../bench/talk.h"

#define CHUNK(text) "data: {\"choices\":[{\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define DONE        "data: [DONE]\n\n"

static host_error e;
static void (*scene)(wire *w);
static void handle(void *user, const loopback_request *q, size_t index, wire *w) {
  (void)user, (void)index;
  if (!strcmp(q->method, "HEAD")) return;
  wire_begin(w, 200, "text/event-stream");
  scene(w);
}
static void add(wire *w, double ms, const char *s) { wire_add(w, ms, s, strlen(s)); }

static void whole(wire *w) {
  add(w, 30, CHUNK("The population of Se"));
  add(w, 60, CHUNK("attle is about 750"));
  add(w, 90, CHUNK(",000.") DONE);
}
static void broken(wire *w) {
  add(w, 30, CHUNK(" about 750,000 peo"));
  w->end = WIRE_RESET;
}
static void mute(wire *w) { w->end = WIRE_HANG; }
static void stalled(wire *w) {
  add(w, 30, CHUNK(" about 750,000 people, and"));
  w->end = WIRE_HANG;
}
static void refused(wire *w) {
  wire_begin(w, 401, "application/json");
  add(w, 0, "{\"error\":{\"message\":\"no\"}}");
}
static void nothing(wire *w) { add(w, 0, DONE); }

typedef struct {
  char text[4096];
  size_t n;
} heard;
static void say(void *user, const char *p, size_t n) {
  heard *h = user;
  assert_true(h->n + n < sizeof h->text);
  memcpy(h->text + h->n, p, n);
  h->text[h->n += n] = 0;
}

static loopback *server;
static char url[64];
static volatile sig_atomic_t stop;
static talk t;
static ulm_handoff h;

static const char *run(void (*play)(wire *w), const char *opener) {
  static heard out;
  static const ulm_message turns[] = {{"user", "How many people live in Seattle?", 32}};
  scene = play, out.n = 0, out.text[0] = 0;
  t = (talk){
      .cloud = endpoint_open(&(endpoint_options){.url = url, .profile = "chat", .model = "m"}, &e),
      .began = host_now(),
      .stop = &stop};
  assert_non_null(t.cloud);
  endpoint_warm(t.cloud);
  ulm_handoff_begin(&h,
                    &(ulm_handoff_options){.first_ms = 300,
                                           .silence_ms = 200,
                                           .word_ms = 1,
                                           .topic = "Seattle",
                                           .say = say,
                                           .user = &out},
                    0);
  for (const char *p = opener, *q; *p; p = q) {
    q = strchr(p + 1, ' ');
    if (!q) q = p + strlen(p);
    assert_int_equal(ulm_handoff_word(&h, p, (size_t)(q - p), talk_now(&t)), 0);
  }
  assert_int_equal(ulm_handoff_opened(&h, talk_now(&t)), ULM_DO_ASK);
  talk_ask(&t, &h, &(asking){.turns = turns, .count = 1, .temperature = -1});
  endpoint_close(t.cloud);
  return out.text;
}

static void the_rest_comes_in_and_is_spliced(void **state) {
  (void)state;
  assert_string_equal(run(whole, "The population of Seattle is"), " about 750,000.");
  assert_int_equal(h.state, ULM_HANDOFF_DONE);
  assert_true(t.text_ms >= 30 && h.first_ms >= 60);
  assert_string_equal(run(whole, ""), "The population of Seattle is about 750,000.");
}

static void a_dead_cloud_is_closed_within_its_limit(void **state) {
  (void)state;
  static const struct {
    void (*play)(wire *w);
    const char *text;
    uint32_t least, most;
  } cases[] = {
      {broken, " about 750,000, well, I can't reach the rest", 0, 250},
      {mute, " something I can't look up", 300, 400},
      {stalled, " about 750,000 people, but I can't reach the rest", 200, 450},
      {refused, " something I can't look up", 0, 250},
      {nothing, " something I can't look up", 0, 250},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *got = run(cases[i].play, "The population of Seattle is");
    if (strncmp(got, cases[i].text, strlen(cases[i].text)) || h.state != ULM_HANDOFF_CLOSED ||
        h.closed_ms < cases[i].least || h.closed_ms > cases[i].most)
      fail_msg("case %zu: \"%s\" %s after %llu ms", i, got, ulm_handoff_state_name(h.state),
               (unsigned long long)h.closed_ms);
    assert_string_equal(got + strlen(got) - 28, "Please ask me again in a moment." + 4);
  }
}

static void *interrupt(void *user) {
  (void)user;
  usleep(80000);
  stop = 1;
  return NULL;
}
static void barge_in_ends_it_at_once(void **state) {
  (void)state;
  pthread_t p;
  stop = 0;
  assert_int_equal(pthread_create(&p, NULL, interrupt, NULL), 0);
  assert_string_equal(run(stalled, "The population of Seattle is"), " about 750,000 people,");
  pthread_join(p, NULL);
  stop = 0;
  assert_int_equal(h.state, ULM_HANDOFF_CANCELLED);
  assert_true(talk_now(&t) < 250);
}

static void recoveries_go_by_name(void **state) {
  (void)state;
  assert_int_equal(recoveries_named("any"), 0);
  assert_int_equal(recoveries_named("humor"), 1 << ULM_RECOVER_HUMOR);
  assert_int_equal(recoveries_named("rude"), -1);
}

static int open_server(void **state) {
  (void)state;
  unsetenv("ULM_API_KEY");
  server = loopback_open(handle, NULL, &e);
  if (!server) return -1;
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", loopback_port(server));
  return 0;
}
static int close_server(void **state) {
  (void)state;
  loopback_close(server);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_rest_comes_in_and_is_spliced),
                                     cmocka_unit_test(a_dead_cloud_is_closed_within_its_limit),
                                     cmocka_unit_test(barge_in_ends_it_at_once),
                                     cmocka_unit_test(recoveries_go_by_name)};
  return cmocka_run_group_tests_name("talk", tests, open_server, close_server);
}
