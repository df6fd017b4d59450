#include "endpoint.h"

#include <curl/curl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  HEADERS_MAX = 1 << 16,    /* bytes of an answer's headers */
  ERROR_BODY_MAX = 1 << 14, /* of an error's body that is read for its message */
  REDIRECTS_MAX = 3,
  RETRY_MS_MAX = 2000, /* a longer Retry-After is not worth a listener's wait */
  KEY_MAX = 1024
};

typedef struct {
  CURL *easy;
  struct curl_slist *headers;
  char *body;
  int busy;
} transfer;

struct endpoint {
  endpoint_options o;
  CURLM *multi;
  const profile *profile;
  char *base, *origin, *model, *key, *ca;
  int known, own_host, loopback;
  transfer ask, warm;
  /* the request under way */
  json_t *prefilled, *instructed_body; /* both forms of the question, kept for a second attempt */
  int instructed, attempts, retries, redirects, status, reused;
  reply_end end;              /* of the answer so far */
  double began, first, again; /* again: when to ask once more, 0: not */
  size_t header_bytes, error_size;
  double retry_after; /* ms; negative: none was named */
  int streams;
  char error_body[ERROR_BODY_MAX], error[512];
  void (*text)(void *user, const char *s, size_t n);
  void *user;
  reply reply;
};

/* ---- opening ---- */

static int init_curl(void) {
  static int ready = -1;
  if (ready < 0) ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

static char *url_part(CURLU *u, CURLUPart part) {
  char *s = NULL, *copy = NULL;
  if (!curl_url_get(u, part, &s, 0)) copy = strdup(s);
  curl_free(s);
  return copy;
}

static int is_loopback(const char *host) {
  return !strcmp(host, "localhost") || !strcmp(host, "[::1]") || !strncmp(host, "127.", 4);
}

/* base: scheme://host[:port]/path without the API's own end, so that any of the usual forms will
 * do. */
static int read_url(endpoint *c, const char *url, host_error *e) {
  CURLU *u = curl_url();
  char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL, *user = NULL;
  int bad = 0;
  if (!u || curl_url_set(u, CURLUPART_URL, url, 0))
    bad = host_fail(e, "%s: not a URL; an example: http://127.0.0.1:8080/v1", url);
  if (!bad) {
    scheme = url_part(u, CURLUPART_SCHEME), host = url_part(u, CURLUPART_HOST),
    port = url_part(u, CURLUPART_PORT), path = url_part(u, CURLUPART_PATH),
    user = url_part(u, CURLUPART_USER);
    if (!scheme || !host || (strcmp(scheme, "http") && strcmp(scheme, "https")))
      bad = host_fail(e, "%s: must begin with http:// or https://", url);
    else if (user || (path && strpbrk(path, "\r\n")))
      bad = host_fail(e, "the URL must not hold a name, a password or a key; put the key into the "
                         "environment variable ULM_API_KEY");
  }
  if (!bad) {
    static const char *const ends[] = {"/", "/chat/completions", "/messages", "/models"};
    size_t n = path ? strlen(path) : 0;
    for (int round = 0; round < 2; round++)
      for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const size_t k = strlen(ends[i]);
        if (n >= k && !memcmp(path + n - k, ends[i], k)) n -= k;
      }
    const char *p = port ? port : "", *colon = port ? ":" : "";
    c->origin = host_alloc(strlen(scheme) + strlen(host) + strlen(p) + 8, "an address");
    sprintf(c->origin, "%s://%s%s%s", scheme, host, colon, p);
    c->base = host_alloc(strlen(c->origin) + n + 8, "an address");
    sprintf(c->base, "%s%.*s", c->origin, n ? (int)n : 3, n ? path : "/v1");
    c->loopback = is_loopback(host);
    const profile *own = profile_of_host(host);
    c->own_host = own != NULL;
    if (own) c->profile = own, c->known = 1;
    if (c->o.profile) {
      c->profile = profile_named(c->o.profile), c->known = 1;
      if (!c->profile)
        bad = host_fail(e,
                        "no profile '%s'; there are: chat, openai, llama.cpp, vllm, mistral, "
                        "deepseek, anthropic",
                        c->o.profile);
    }
    if (!c->profile) c->profile = profile_named("chat");
    /* A provider's own variable is for its own host alone. */
    const char *name = c->o.key_env ? c->o.key_env
                       : own        ? own->key_env
                                    : "ULM_API_KEY",
               *key = bad ? NULL : getenv(name);
    if (!bad && !key && own && !c->o.key_env) key = getenv(name = "ULM_API_KEY");
    if (key && *key) {
      size_t k = 0;
      while (key[k] > ' ' && key[k] < 127) k++;
      if (key[k] || k >= KEY_MAX)
        bad = host_fail(e,
                        "the key in %s is too long or holds what no key holds (a space, a line "
                        "end)",
                        name);
      else if (strcmp(scheme, "https") && !c->loopback)
        bad =
            host_fail(e, "the key in %s would leave unencrypted; use https://, or unset it", name);
      else
        c->key = strdup(key);
    } else if (!bad && c->o.key_env) {
      bad =
          host_fail(e, "the environment variable %s, which should hold the key, is not set", name);
    }
  }
  free(scheme), free(host), free(port), free(path), free(user);
  curl_url_cleanup(u);
  return bad;
}

endpoint *endpoint_open(const endpoint_options *o, host_error *e) {
  if (!init_curl()) return host_fail(e, "libcurl cannot be initialized"), NULL;
  endpoint *c = host_alloc(sizeof *c, "an endpoint");
  c->o = *o;
  if (!c->o.connect_ms) c->o.connect_ms = 5000;
  if (!c->o.total_ms) c->o.total_ms = 60000;
  if (o->ca) c->ca = strdup(o->ca);
  if (o->model) c->model = strdup(o->model);
  c->multi = curl_multi_init();
  if (!c->multi || read_url(c, o->url, e)) {
    if (!c->multi) host_fail(e, "libcurl has no memory");
    return endpoint_close(c), NULL;
  }
  return c;
}

static void drop(endpoint *c, transfer *t) {
  if (t->easy) {
    if (t->busy) curl_multi_remove_handle(c->multi, t->easy);
    curl_easy_cleanup(t->easy);
  }
  curl_slist_free_all(t->headers);
  if (t->body) free(t->body);
  *t = (transfer){0};
}

void endpoint_close(endpoint *c) {
  if (!c) return;
  endpoint_stop(c);
  drop(c, &c->ask), drop(c, &c->warm);
  if (c->multi) curl_multi_cleanup(c->multi);
  if (c->key) explicit_bzero(c->key, strlen(c->key));
  free(c->base), free(c->origin), free(c->model), free(c->key), free(c->ca), free(c);
}

/* ---- transfers ---- */

static int header(transfer *t, const char *line) {
  struct curl_slist *l = curl_slist_append(t->headers, line);
  if (!l) return -1;
  t->headers = l;
  return 0;
}

/* What every request shares. */
static int prepare(endpoint *c, transfer *t, const char *url) {
  drop(c, t);
  CURL *h = t->easy = curl_easy_init();
  if (!h) return -1;
  long bad = 0;
#define SET(option, value) bad |= curl_easy_setopt(h, option, value)
  SET(CURLOPT_URL, url);
  SET(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
  SET(CURLOPT_PROTOCOLS_STR, "http,https");
#else
  SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  SET(CURLOPT_FOLLOWLOCATION, 0L); /* a header with a key must not follow to another host */
  SET(CURLOPT_SSL_VERIFYPEER, 1L);
  SET(CURLOPT_SSL_VERIFYHOST, 2L);
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (c->ca) SET(CURLOPT_CAINFO, c->ca);
  if (c->loopback) SET(CURLOPT_NOPROXY, "*");
  SET(CURLOPT_CONNECTTIMEOUT_MS, (long)c->o.connect_ms);
  SET(CURLOPT_TIMEOUT_MS, (long)c->o.total_ms);
  SET(CURLOPT_TCP_NODELAY, 1L);
  SET(CURLOPT_TCP_KEEPALIVE, 1L);
  SET(CURLOPT_USERAGENT, "ulm");
#undef SET
  char line[KEY_MAX + 64];
  if (c->key) {
    snprintf(line, sizeof line,
             c->profile->api == API_MESSAGES ? "x-api-key: %s" : "Authorization: Bearer %s",
             c->key);
    bad |= header(t, line);
    explicit_bzero(line, sizeof line);
  }
  if (c->profile->api == API_MESSAGES) bad |= header(t, "anthropic-version: 2023-06-01");
  return bad ? -1 : 0;
}

static int begin(endpoint *c, transfer *t) {
  if (curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers) ||
      curl_multi_add_handle(c->multi, t->easy))
    return -1;
  t->busy = 1;
  int running;
  curl_multi_perform(c->multi, &running);
  return 0;
}

static size_t ignore(char *p, size_t size, size_t n, void *user) {
  (void)p, (void)user;
  return size * n;
}

void endpoint_warm(endpoint *c) {
  int running;
  curl_multi_perform(c->multi, &running); /* lets the last answer's connection come free */
  if (c->warm.busy) return;
  char url[4096];
  snprintf(url, sizeof url, "%s/models", c->base);
  if (prepare(c, &c->warm, url)) return;
  curl_easy_setopt(c->warm.easy, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(c->warm.easy, CURLOPT_WRITEFUNCTION, ignore);
  begin(c, &c->warm); /* a failure shows when the request leaves */
}

/* ---- probing ---- */

typedef struct {
  char *p;
  size_t n;
} page;
static size_t on_page(char *p, size_t size, size_t n, void *user) {
  page *b = user;
  n *= size;
  if (n > REPLY_BODY_MAX - b->n) return 0;
  memcpy(b->p + b->n, p, n);
  b->n += n;
  return n;
}

static const char *why_of(CURLcode code) {
  if (code == CURLE_PEER_FAILED_VERIFICATION) return "its certificate is not to be trusted";
  if (code == CURLE_WRITE_ERROR) return "its answer is longer than 1 MB";
  if (code == CURLE_OUT_OF_MEMORY) return "a line of its headers is too long, or memory is short";
  return curl_easy_strerror(code);
}

/* GET, or POST where there is a body; b gets the answer's. Blocks. */
static CURLcode fetch(endpoint *c, const char *url, const char *body, page *b, long *status) {
  transfer t = {0};
  CURLcode code = CURLE_OUT_OF_MEMORY;
  *status = 0, b->n = 0;
  if (!prepare(c, &t, url) && !(body && header(&t, "Content-Type: application/json"))) {
    curl_easy_setopt(t.easy, CURLOPT_HTTPHEADER, t.headers);
    curl_easy_setopt(t.easy, CURLOPT_WRITEFUNCTION, on_page);
    curl_easy_setopt(t.easy, CURLOPT_WRITEDATA, b);
    curl_easy_setopt(t.easy, CURLOPT_TIMEOUT_MS, (long)c->o.connect_ms + 5000);
    if (body) curl_easy_setopt(t.easy, CURLOPT_POSTFIELDS, body);
    code = curl_easy_perform(t.easy);
    curl_easy_getinfo(t.easy, CURLINFO_RESPONSE_CODE, status);
  }
  drop(c, &t);
  return code;
}

/* Whether a llama.cpp server goes on from a trailing assistant message: younger ones do, older ones
 * begin a new turn without a word of it. How the template comes out tells, and nothing is
 * generated. */
static int goes_on(endpoint *c, page *b) {
  static const char ask[] = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},"
                            "{\"role\":\"assistant\",\"content\":\"Hello and\"}]}";
  char url[4096];
  long status;
  size_t k = strlen(c->base);
  if (k > 3 && !strcmp(c->base + k - 3, "/v1")) k -= 3;
  snprintf(url, sizeof url, "%.*s/apply-template", (int)k, c->base);
  if (fetch(c, url, ask, b, &status) || status != 200) return 0;
  json_t *j = json_loadb(b->p, b->n, 0, NULL);
  const char *made = json_string_value(json_object_get(j, "prompt"));
  size_t n = made ? strlen(made) : 0;
  while (n && strchr(" \r\n", made[n - 1])) n--;
  const int yes = n >= 9 && !memcmp(made + n - 9, "Hello and", 9);
  json_decref(j);
  return yes;
}

int endpoint_probe(endpoint *c, host_error *e) {
  if (c->known && c->model) return 0;
  page b = {host_alloc(REPLY_BODY_MAX, "a page"), 0};
  char url[4096], model[512] = "";
  long status;
  int bad = 0;
  snprintf(url, sizeof url, "%s/models", c->base);
  const CURLcode code = fetch(c, url, NULL, &b, &status);
  if (code)
    bad = host_fail(e, "%s: %s", url, why_of(code));
  else if (status == 401 || status == 403)
    bad = host_fail(e, "%s: %ld, the key is %s", url, status,
                    c->key ? "refused" : "missing; put it into ULM_API_KEY");
  const profile *p = profile_of_models(b.p, status == 200 ? b.n : 0, model, sizeof model);
  if (!bad && !c->known) {
    c->profile = p, c->known = 1;
    if (!strcmp(p->name, "llama.cpp") && !goes_on(c, &b)) c->instructed = 1;
  }
  if (!bad && !c->model) {
    if (*model)
      c->model = strdup(model);
    else
      bad = host_fail(e,
                      "%s answers %ld and names no model; is the URL right? if so, name one with "
                      "--model",
                      url, status);
  }
  free(b.p);
  return bad;
}

/* ---- asking ---- */

static size_t on_header(char *p, size_t size, size_t n, void *user) {
  endpoint *c = user;
  n *= size;
  if ((c->header_bytes += n) > HEADERS_MAX) return 0;
  if (n >= 5 && !strncmp(p, "HTTP/", 5)) c->retry_after = -1, c->streams = 0;
  if (n > 13 && !strncasecmp(p, "content-type:", 13))
    c->streams = memmem(p, n, "event-stream", 12) != NULL;
  if (n > 12 && !strncasecmp(p, "retry-after:", 12)) {
    size_t i = 12;
    double s = 0;
    while (i < n && p[i] == ' ') i++;
    const size_t from = i;
    for (; i < n && p[i] >= '0' && p[i] <= '9' && s < 1e6; i++) s = 10 * s + (p[i] - '0');
    c->retry_after = i > from ? 1e3 * s : 1e9; /* a date: too long to wait for */
  }
  return n;
}

static void on_text(void *user, const char *s, size_t n) {
  endpoint *c = user;
  if (c->first <= 0) c->first = host_now();
  c->text(c->user, s, n);
}

static size_t on_body(char *p, size_t size, size_t n, void *user) {
  endpoint *c = user;
  n *= size;
  if (!c->status) {
    long status = 0;
    curl_easy_getinfo(c->ask.easy, CURLINFO_RESPONSE_CODE, &status);
    c->status = (int)status;
    reply_begin(&c->reply, c->profile, c->streams, on_text, c);
  }
  if (c->status != 200) { /* kept for its message; the rest is read and dropped */
    const size_t room = ERROR_BODY_MAX - c->error_size, k = n < room ? n : room;
    memcpy(c->error_body + c->error_size, p, k);
    c->error_size += k;
    return k || n == 0 ? n : 0;
  }
  const reply_end end = reply_feed(&c->reply, p, n);
  return end == REPLY_ERROR ? 0 : n;
}

static int post(endpoint *c, const char *url) {
  const json_t *body = c->instructed || !c->prefilled ? c->instructed_body : c->prefilled;
  if (prepare(c, &c->ask, url)) return -1;
  c->ask.body = json_dumps(body, JSON_COMPACT);
  if (!c->ask.body) return -1;
  CURL *h = c->ask.easy;
  long bad = header(&c->ask, "Content-Type: application/json") |
             header(&c->ask, "Accept: text/event-stream, application/json") |
             header(&c->ask, "Expect:");
#define SET(option, value) bad |= curl_easy_setopt(h, option, value)
  SET(CURLOPT_POSTFIELDS, c->ask.body);
  SET(CURLOPT_WRITEFUNCTION, on_body);
  SET(CURLOPT_WRITEDATA, c);
  SET(CURLOPT_HEADERFUNCTION, on_header);
  SET(CURLOPT_HEADERDATA, c);
#undef SET
  c->status = 0, c->header_bytes = c->error_size = 0, c->retry_after = -1, c->again = 0;
  c->reply.end = REPLY_OPEN;
  c->attempts++;
  return bad || begin(c, &c->ask) ? -1 : 0;
}

static int post_home(endpoint *c) {
  char url[4096];
  snprintf(url, sizeof url, "%s%s", c->base, dialect_path(c->profile));
  return post(c, url);
}

int endpoint_ask(endpoint *c, const asking *a, void (*text)(void *user, const char *s, size_t n),
                 void *user, host_error *e) {
  endpoint_stop(c);
  asking q = *a;
  if (!q.model) q.model = c->model ? c->model : "default";
  c->text = text, c->user = user;
  c->attempts = c->retries = c->redirects = 0, c->error[0] = 0, c->first = 0;
  c->began = host_now(), c->end = REPLY_OPEN;
  c->prefilled =
      c->profile->prefill != PREFILL_NONE && *a->opener ? dialect_request(c->profile, &q, 0) : NULL;
  c->instructed_body = dialect_request(c->profile, &q, 1);
  if (post_home(c)) return host_fail(e, "%s: the request cannot be made", c->base);
  return 0;
}

/* A server's words may hold the key that it was sent, or the beginning of it where they were cut:
 * they must not reach a log. */
static void hide_key(char *s, const char *key) {
  enum { TELLING = 6 }; /* bytes of a key that are worth hiding */
  static const char instead[] = "[key]";
  const size_t k = strlen(key);
  if (k < TELLING) return;
  for (char *at = s; (at = strstr(at, key)); at += sizeof instead - 1) {
    memcpy(at, instead, sizeof instead - 1);
    memmove(at + sizeof instead - 1, at + k, strlen(at + k) + 1);
  }
  const size_t n = strlen(s);
  for (size_t part = n < k ? n : k - 1; part >= TELLING; part--)
    if (!memcmp(s + n - part, key, part)) {
      strcpy(s + n - part, instead);
      return;
    }
}

static reply_end give_up(endpoint *c, const char *why) {
  snprintf(c->error, sizeof c->error, "%s", why);
  if (c->key) hide_key(c->error, c->key);
  return REPLY_ERROR;
}

/* 307 and 308 on the same origin are followed; anything else would carry key and words elsewhere.
 */
static reply_end redirect(endpoint *c) {
  char *to = NULL, url[4096];
  curl_easy_getinfo(c->ask.easy, CURLINFO_REDIRECT_URL, &to);
  const size_t k = strlen(c->origin);
  const int same =
      to && strlen(to) < sizeof url && !strncmp(to, c->origin, k) && (to[k] == '/' || to[k] == 0);
  if (c->status != 307 && c->status != 308)
    return give_up(c, "it redirects (not with 307 or 308); give the final URL");
  if (!same) return give_up(c, "it redirects to another host; give the final URL");
  if (++c->redirects > REDIRECTS_MAX) return give_up(c, "it redirects in circles");
  strcpy(url, to);
  return post(c, url) ? give_up(c, "the redirected request cannot be made") : REPLY_OPEN;
}

next_step endpoint_next(int status, double retry_after_ms, int prefilled, int retries,
                        double *wait_ms) {
  if ((status == 400 || status == 422) && prefilled) return NEXT_INSTRUCT;
  *wait_ms = retry_after_ms >= 0 ? retry_after_ms : status == 429 ? 1000 : 200;
  if ((status == 429 || status >= 500) && !retries && *wait_ms <= RETRY_MS_MAX) return NEXT_AGAIN;
  return NEXT_GIVE_UP;
}

/* The transfer ended. */
static reply_end settle(endpoint *c, CURLcode code) {
  long status = 0, connects = 1;
  curl_off_t sent = 0;
  curl_easy_getinfo(c->ask.easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(c->ask.easy, CURLINFO_NUM_CONNECTS, &connects);
  curl_easy_getinfo(c->ask.easy, CURLINFO_PRETRANSFER_TIME_T, &sent);
  curl_multi_remove_handle(c->multi, c->ask.easy);
  c->ask.busy = 0;
  c->reused = connects == 0;
  if (c->status == 200) { /* something of the answer came */
    const reply_end end = reply_finish(&c->reply, !code);
    if (end == REPLY_ERROR) give_up(c, c->reply.error);
    return end == REPLY_CUT && code && !c->reply.text_bytes ? give_up(c, why_of(code)) : end;
  }
  c->status = (int)status;
  if (code == CURLE_WRITE_ERROR && c->header_bytes > HEADERS_MAX)
    return give_up(c, "its headers are longer than 64 KB");
  if (code && !status) return give_up(c, why_of(code));
  if (status == 200 && !code) return REPLY_CUT; /* an empty body */
  if (code && status == 200) return give_up(c, why_of(code));
  if (status >= 300 && status < 400) return redirect(c);
  double wait;
  switch (endpoint_next((int)status, c->retry_after, c->prefilled && !c->instructed, c->retries,
                        &wait)) {
  case NEXT_INSTRUCT:
    c->instructed = 1;
    return post_home(c) ? give_up(c, "the second request cannot be made") : REPLY_OPEN;
  case NEXT_AGAIN:
    c->retries++, c->again = host_now() + wait / 1e3;
    return REPLY_OPEN;
  case NEXT_GIVE_UP:
    break;
  }
  char why[256], all[400];
  dialect_error(c->error_body, c->error_size, why, sizeof why);
  snprintf(all, sizeof all, "%ld%s%s", status, *why ? ": " : "", why);
  return give_up(c, all);
}

static void tidy(endpoint *c) {
  json_decref(c->prefilled), json_decref(c->instructed_body);
  c->prefilled = c->instructed_body = NULL;
}

reply_end endpoint_poll(endpoint *c, int wait_ms) {
  int running, left;
  if (c->again > 0 && !c->ask.busy) {
    const double wait = 1e3 * (c->again - host_now());
    if (wait < wait_ms) wait_ms = wait > 0 ? (int)wait + 1 : 0;
  }
  if (wait_ms > 0) curl_multi_poll(c->multi, NULL, 0, wait_ms, NULL);
  curl_multi_perform(c->multi, &running);
  for (CURLMsg *m; (m = curl_multi_info_read(c->multi, &left));) {
    if (m->msg != CURLMSG_DONE) continue;
    const CURLcode code = m->data.result;
    if (m->easy_handle == c->warm.easy) {
      drop(c, &c->warm);
    } else if (m->easy_handle == c->ask.easy) {
      const reply_end end = settle(c, code);
      if (c->end == REPLY_OPEN) c->end = end;
      if (end != REPLY_OPEN) tidy(c);
    }
  }
  if (c->again > 0 && !c->ask.busy && host_now() >= c->again && post_home(c)) {
    c->end = give_up(c, "the second request cannot be made");
    c->again = 0, tidy(c);
  }
  /* The model has ended its turn: the reply is whole, whatever the transport still does. */
  if (c->end == REPLY_OPEN && c->ask.busy && c->status == 200 && c->reply.end != REPLY_ERROR)
    c->end = c->reply.end;
  return c->end;
}

void endpoint_stop(endpoint *c) {
  if (c->ask.busy && c->status == 200) reply_finish(&c->reply, 0);
  drop(c, &c->ask);
  c->again = 0;
  tidy(c);
}

endpoint_state endpoint_get(const endpoint *c) {
  return (endpoint_state){c->profile->name, c->model ? c->model : "",
                          c->error,         c->instructed || c->profile->prefill == PREFILL_NONE,
                          c->status,        c->reused,
                          c->attempts,      c->first > 0 ? 1e3 * (c->first - c->began) : 0};
}
