/* The embedded corpus: its size, that every opener names what was asked, that nothing held out
 * leaks. */
#include "t.h"

#include <ctype.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>
#include "data/docs.h"
#include "data/synth_text.h"
#include "runtime/ulm_words.h"

enum { PAIRS = 100000 };

typedef struct {
  const char *intent, *slot_type;
  synth_split split;
  synth_held held;
  int turns, prompt;
  char *text[SYNTH_TURNS], *slot;
} row;

typedef struct {
  row *at;
  size_t count;
} corpus;

static int keep(void *user, const synth_pair *p) {
  corpus *c = user;
  row *r = c->at + c->count++;
  *r = (row){p->intent, p->slot_type, p->split, p->held,
             p->turns,  p->prompt,    {NULL},   strdup(p->slot)};
  for (int i = 0; i < p->turns; i++) r->text[i] = strdup(p->text[i]);
  return 0;
}

static corpus make(uint64_t pairs, uint64_t seed) {
  corpus c = {calloc(pairs, sizeof(row)), 0};
  host_error e;
  if (synth_make(pairs, seed, keep, &c, &e)) fail_msg("%s", e.text);
  assert_int_equal(c.count, pairs);
  return c;
}

static void drop(corpus *c) {
  for (size_t i = 0; i < c->count; i++) {
    for (int k = 0; k < c->at[i].turns; k++) free(c->at[i].text[k]);
    free(c->at[i].slot);
  }
  free(c->at);
}

static corpus all;
static int begin(void **state) {
  (void)state;
  all = make(PAIRS, 1);
  return 0;
}
static int end(void **state) {
  (void)state;
  drop(&all);
  return 0;
}

static const char *user_says(const row *r) { return r->text[r->turns - 2]; }
static const char *reply(const row *r) { return r->text[r->turns - 1]; }

/* ---- Sizes ---- */

static void there_are_enough_intents_and_templates(void **state) {
  (void)state;
  synth_bank b;
  host_error e;
  assert_int_equal(synth_bank_load(&b, &e), 0);
  size_t no_slot = 0, values = 0;
  for (size_t i = 0; i < b.topic_count; i++) {
    const synth_topic *t = b.topics + i;
    no_slot += !t->def->slot;
    if (t->prompts.count < 5 || t->replies.count < 2 || t->replies.count > 4)
      fail_msg("%s has %zu prompts and %zu replies", t->def->name, t->prompts.count,
               t->replies.count);
    for (size_t k = 0; k < i; k++) assert_string_not_equal(b.topics[k].def->name, t->def->name);
    for (size_t k = 0; k < t->prompts.count; k++)
      for (size_t j = 0; j < k; j++)
        if (!strcasecmp(t->prompts.item[j], t->prompts.item[k]))
          fail_msg("%s says '%s' twice", t->def->name, t->prompts.item[k]);
  }
  for (size_t i = 0; i < b.type_count; i++) values += b.types[i].values.count;
  assert_true(b.topic_count >= 200);
  assert_true(no_slot * 100 <= b.topic_count * 12);
  assert_true(values >= 3000);
  synth_bank_free(&b);
}

static void the_splits_have_the_sizes_promised(void **state) {
  (void)state;
  size_t n[SYNTH_SPLITS][3] = {{0}};
  for (size_t i = 0; i < all.count; i++) n[all.at[i].split][all.at[i].held]++;
  assert_int_equal(n[SYNTH_TEST][SYNTH_HELD_VALUE], 1200);
  assert_int_equal(n[SYNTH_TEST][SYNTH_HELD_TEMPLATE], 800);
  assert_int_equal(n[SYNTH_TEST][SYNTH_NONE], 0);
  assert_int_equal(n[SYNTH_VAL][SYNTH_NONE], 600);
  assert_int_equal(n[SYNTH_VAL][SYNTH_HELD_VALUE], 200);
  assert_int_equal(n[SYNTH_VAL][SYNTH_HELD_TEMPLATE], 200);
  assert_int_equal(n[SYNTH_TRAIN][SYNTH_NONE], PAIRS - 3000);
}

/* Sorts strings and counts those equal to their neighbour. */
static int by_text(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}
static size_t repeats(char **s, size_t n) {
  size_t same = 0;
  qsort(s, n, sizeof *s, by_text);
  for (size_t i = 1; i < n; i++) same += !strcmp(s[i - 1], s[i]);
  return same;
}

static void a_hundred_thousand_pairs_are_distinct(void **state) {
  (void)state;
  char **s = calloc(PAIRS, sizeof *s);
  for (size_t i = 0; i < PAIRS; i++) {
    const row *r = all.at + i;
    if (asprintf(s + i, "%s\n%s\n%s\n%s", r->text[0], r->text[1], r->turns > 2 ? r->text[2] : "",
                 r->turns > 2 ? r->text[3] : "") < 0)
      fail();
  }
  assert_int_equal(repeats(s, PAIRS), 0);
  strcpy(s[7], ""), strcpy(s[77], ""); /* control: two that are equal are seen */
  assert_int_equal(repeats(s, PAIRS), 1);
  for (size_t i = 0; i < PAIRS; i++) free(s[i]);
  for (size_t i = 0; i < PAIRS; i++) s[i] = (char *)(uintptr_t)user_says(all.at + i);
  assert_true(repeats(s, PAIRS) < PAIRS / 5); /* nearly all prompts differ as well */
  free(s);
}

/* ---- Text ---- */

static void text_is_clean_and_short(void **state) {
  (void)state;
  for (size_t i = 0; i < all.count; i++) {
    const row *r = all.at + i;
    for (int k = 0; k < r->turns; k++) {
      const char *s = r->text[k];
      const size_t n = strlen(s);
      for (const char *p = s; *p; p++)
        if (*p < ' ' || *p > '~' || *p == '{' || *p == '}' || *p == '|' ||
            (*p == ' ' && p[1] == ' '))
          fail_msg("'%s'", s);
      if (n == 0 || s[0] == ' ' || s[n - 1] == ' ') fail_msg("'%s'", s);
      if (strstr(s, " a a") && (strstr(s, " a apple") || strstr(s, " a otter")))
        fail_msg("article: '%s'", s);
      if (k % 2 && (islower((unsigned char)*s) || !strchr(".!?", s[n - 1])))
        fail_msg("reply: '%s'", s);
    }
    if (ulm_word_count(reply(r), strlen(reply(r))) < 4) fail_msg("too short: '%s'", reply(r));
    if (ulm_word_count(user_says(r), strlen(user_says(r))) > 30)
      fail_msg("too long: '%s'", user_says(r));
    assert_true(ulm_word_count(reply(r), strlen(reply(r))) <= 45);
  }
}

static void every_opener_names_its_slot(void **state) {
  (void)state;
  size_t others = 0, tried = 0, sentence = 0;
  for (size_t i = 0; i < all.count; i++) {
    const row *r = all.at + i;
    ulm_finish why;
    uint32_t words;
    const size_t cut = ulm_opener_cut(reply(r), strlen(reply(r)), 4, 8, &why, &words);
    assert_in_range(words, 4, 8);
    sentence += why == ULM_FINISH_SENTENCE;
    if (!r->slot_type) {
      assert_int_equal(*r->slot, 0);
      continue;
    }
    assert_true(*r->slot != 0);
    if (!synth_names(reply(r), cut, r->slot))
      fail_msg("'%.*s' does not name '%s'", (int)cut, reply(r), r->slot);
    if (!synth_names(user_says(r), strlen(user_says(r)), r->slot))
      fail_msg("'%s' does not say '%s'", user_says(r), r->slot);
    const row *other =
        all.at + (i * 7919 + 13) % all.count; /* control: the value of another prompt */
    if (*other->slot) tried++, others += synth_names(reply(r), cut, other->slot);
  }
  assert_true(tried > PAIRS / 2);
  assert_true(others * 100 < tried * 2);
  assert_true(sentence * 100 >
              all.count * 60); /* most openers are whole sentences, and some are not */
  assert_true(sentence * 100 < all.count * 97);
}

static void a_value_is_named_only_as_whole_words(void **state) {
  (void)state;
  static const char text[] = "Setting a timer for ten minutes.";
  assert_true(synth_names(text, strlen(text), "ten minutes"));
  assert_true(synth_names(text, strlen(text), "Ten Minutes"));
  assert_false(synth_names(text, strlen(text), "en minutes"));
  assert_false(synth_names(text, strlen(text), "ten minute"));
  assert_false(synth_names(text, strlen(text) - 2, "ten minutes")); /* cut inside the value */
  assert_false(synth_names(text, strlen(text), "twenty minutes"));
}

/* Pairs with the most frequent value, among those with a slot of this intent (NULL: any). */
static size_t most_frequent(const char *intent, size_t *of) {
  char **s = calloc(PAIRS, sizeof *s);
  size_t n = 0, best = 0;
  for (size_t i = 0; i < all.count; i++)
    if (*all.at[i].slot && (!intent || !strcmp(intent, all.at[i].intent))) s[n++] = all.at[i].slot;
  qsort(s, n, sizeof *s, by_text);
  for (size_t i = 0, run = 1; i < n; i++, run++) {
    if (i && strcmp(s[i - 1], s[i])) run = 1;
    if (run > best) best = run;
  }
  free(s);
  *of = n;
  return best;
}

static void no_value_dominates(void **state) {
  (void)state;
  size_t n;
  const size_t best = most_frequent(NULL, &n);
  assert_true(best * 100 < n);
  const size_t one =
      most_frequent("bill_pay", &n); /* control: twenty bills, so each has 5% of them */
  assert_true(one * 100 > n);
}

/* ---- Hold-outs ---- */

/* Words in small letters with one space before and after each; whatever joins letters stays. */
static char *plain(const char *s) {
  char *out = malloc(strlen(s) * 2 + 3), *p = out;
  *p++ = ' ';
  for (; *s; s++) {
    if (isalnum((unsigned char)*s) ||
        (strchr(":.-'", *s) && isalnum((unsigned char)s[1]) && p[-1] != ' '))
      *p++ = (char)tolower((unsigned char)*s);
    else if (p[-1] != ' ')
      *p++ = ' ';
  }
  if (p[-1] != ' ') *p++ = ' ';
  *p = 0;
  return out;
}

/* The set of all runs of 1..7 words of one text (train), as sorted hashes. */
typedef struct {
  uint64_t *at;
  size_t count, size;
} runs;
static int by_number(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}
static void add_runs(runs *r, const char *text) {
  char *s = plain(text);
  for (char *from = s; from[1]; from = strchr(from + 1, ' ')) {
    char *to = from;
    for (int k = 0; k < 7 && to[1]; k++) {
      to = strchr(to + 1, ' ');
      if (r->count == r->size)
        r->at = realloc(r->at, (r->size = r->size * 2 + 1024) * sizeof *r->at);
      r->at[r->count++] = synth_hash(from, (size_t)(to - from) + 1);
    }
  }
  free(s);
}
static bool has_run(const runs *r, const char *value) {
  char *s = plain(value);
  const uint64_t h = synth_hash(s, strlen(s));
  free(s);
  return bsearch(&h, r->at, r->count, sizeof h, by_number) != NULL;
}

static void no_held_value_is_said_in_train(void **state) {
  (void)state;
  runs r = {0};
  for (size_t i = 0; i < all.count; i++)
    if (all.at[i].split == SYNTH_TRAIN)
      for (int k = 0; k < all.at[i].turns; k++) add_runs(&r, all.at[i].text[k]);
  qsort(r.at, r.count, sizeof *r.at, by_number);
  size_t seen = 0, tried = 0;
  for (size_t i = 0; i < all.count; i++) {
    const row *p = all.at + i;
    if (p->held == SYNTH_HELD_VALUE && has_run(&r, p->slot))
      fail_msg("'%s' of %s is in train", p->slot, p->intent);
    if (p->split == SYNTH_TRAIN && *p->slot)
      tried++, seen += has_run(&r, p->slot); /* control: train's own are found */
  }
  assert_int_equal(seen, tried);
  for (size_t i = 0; i < all.count; i++)
    if (all.at[i].held == SYNTH_HELD_VALUE) { /* control: one leaked line is noticed */
      runs leaked = {0};
      add_runs(&leaked, reply(all.at + i));
      qsort(leaked.at, leaked.count, sizeof *leaked.at, by_number);
      assert_true(has_run(&leaked, all.at[i].slot));
      free(leaked.at);
      break;
    }
  free(r.at);
}

static void held_values_of_test_and_validation_differ(void **state) {
  (void)state;
  size_t common = 0;
  for (size_t i = 0; i < all.count; i++)
    for (size_t k = 0;
         all.at[i].split == SYNTH_TEST && all.at[i].held == SYNTH_HELD_VALUE && k < all.count; k++)
      common += all.at[k].split == SYNTH_VAL && all.at[k].held == SYNTH_HELD_VALUE &&
                !strcasecmp(all.at[i].slot, all.at[k].slot);
  assert_int_equal(common, 0);
}

/* Pairs of split a (hold-out h) whose template some pair of split b also uses. */
static size_t templates_shared(synth_split a, synth_held h, synth_split b, synth_held g) {
  char **used = calloc(PAIRS, sizeof *used);
  size_t n = 0, shared = 0;
  char key[64], *p = key;
  for (size_t i = 0; i < all.count; i++)
    if (all.at[i].split == b && all.at[i].held == g &&
        asprintf(used + n++, "%s %d", all.at[i].intent, all.at[i].prompt) < 0)
      fail();
  qsort(used, n, sizeof *used, by_text);
  for (size_t i = 0; i < all.count; i++) {
    if (all.at[i].split != a || all.at[i].held != h) continue;
    snprintf(key, sizeof key, "%s %d", all.at[i].intent, all.at[i].prompt);
    shared += bsearch(&p, used, n, sizeof *used, by_text) != NULL;
  }
  for (size_t i = 0; i < n; i++) free(used[i]);
  free(used);
  return shared;
}

static void held_templates_are_used_nowhere_else(void **state) {
  (void)state;
  assert_int_equal(templates_shared(SYNTH_TEST, SYNTH_HELD_TEMPLATE, SYNTH_TRAIN, SYNTH_NONE), 0);
  assert_int_equal(templates_shared(SYNTH_VAL, SYNTH_HELD_TEMPLATE, SYNTH_TRAIN, SYNTH_NONE), 0);
  assert_int_equal(
      templates_shared(SYNTH_TEST, SYNTH_HELD_TEMPLATE, SYNTH_VAL, SYNTH_HELD_TEMPLATE), 0);
  /* control: seen templates are shared, all of them */
  assert_int_equal(templates_shared(SYNTH_TEST, SYNTH_HELD_VALUE, SYNTH_TRAIN, SYNTH_NONE), 1200);
  assert_int_equal(templates_shared(SYNTH_VAL, SYNTH_NONE, SYNTH_TRAIN, SYNTH_NONE), 600);
}

static void no_prompt_of_test_or_validation_is_in_train(void **state) {
  (void)state;
  char **train = calloc(PAIRS, sizeof *train);
  size_t n = 0, found = 0;
  for (size_t i = 0; i < all.count; i++)
    if (all.at[i].split == SYNTH_TRAIN) train[n++] = plain(user_says(all.at + i));
  qsort(train, n, sizeof *train, by_text);
  for (size_t i = 0; i < all.count; i++) {
    if (all.at[i].split == SYNTH_TRAIN && i % 97)
      continue; /* control: a sample of train finds itself */
    char *s = plain(user_says(all.at + i));
    const bool there = bsearch(&s, train, n, sizeof *train, by_text) != NULL;
    if (there && all.at[i].split != SYNTH_TRAIN) fail_msg("'%s' is in train", s);
    found += there;
    free(s);
  }
  assert_true(found > 900);
  for (size_t i = 0; i < n; i++) free(train[i]);
  free(train);
}

/* ---- Templates ---- */

static void templates_are_filled_and_faulty_ones_refused(void **state) {
  (void)state;
  synth_bank b;
  host_error e;
  assert_int_equal(synth_bank_load(&b, &e), 0);
  ulm_rng r = ulm_rng_seed(1, 2);
  char out[SYNTH_TEXT];
  size_t an = 0;
  for (int i = 0; i < 500; i++) {
    synth_scope s = {.bank = &b, .rng = &r, .error = &e};
    assert_int_equal(synth_fill(&s, "{animal} {a animal} {animal2}", out, sizeof out), 0);
    const char *one = synth_find(&s, "animal")->text, *two = synth_find(&s, "animal2")->text;
    assert_string_not_equal(one, two);
    char want[SYNTH_TEXT];
    const char *article = strchr("aeiou", *one) ? "an" : "a"; /* no animal is an exception */
    snprintf(want, sizeof want, "%s %s %s %s", one, article, one, two);
    assert_string_equal(out, want);
    an += article[1] == 'n';
  }
  assert_in_range(an, 20, 200); /* both articles were there */
  static const char *const faulty[] = {"{nosuchlist}", "{animal", "{}", "{animal=}",
                                       "{sum*}{animal=}"};
  for (int i = 0; i < 5; i++) {
    synth_scope s = {.bank = &b, .rng = &r, .error = &e};
    assert_int_equal(synth_fill(&s, faulty[i], out, sizeof out), -1);
  }
  synth_scope s = {.bank = &b, .rng = &r, .error = &e};
  assert_int_equal(synth_fill(&s, "far too long", out, 5), -1);
  synth_bank_free(&b);
}

static void sums_and_units_come_out_right(void **state) {
  (void)state;
  synth_bank b;
  host_error e;
  assert_int_equal(synth_bank_load(&b, &e), 0);
  ulm_rng r = ulm_rng_seed(3, 4);
  char out[SYNTH_TEXT];
  for (int i = 0; i < 500; i++) {
    synth_scope s = {.bank = &b, .rng = &r, .error = &e};
    assert_int_equal(synth_fill(&s, "{sum=};{celsius*1.8+32};{sum}", out, sizeof out), 0);
    double x, warm, first, second;
    char op[16];
    assert_int_equal(sscanf(out, "%lf;%lf;%lf %15s", &x, &warm, &first, op), 4);
    const char *value = synth_find(&s, "sum")->text;
    second = strtod(strrchr(value, ' '), NULL);
    const double want = !strcmp(op, "plus")      ? first + second
                        : !strcmp(op, "minus")   ? first - second
                        : !strcmp(op, "times")   ? first * second
                        : !strcmp(op, "divided") ? first / second
                                                 : first * second / 100;
    const double off = x > want ? x - want : want - x; /* three digits are written */
    if (off > 0.0051 * (want < 0 ? -want : want) + 0.0051) fail_msg("%s = %g?", value, x);
    const double f = strtod(synth_find(&s, "celsius")->text, NULL) * 1.8 + 32;
    assert_true(warm - f < 0.51 && f - warm < 0.51);
  }
  synth_bank_free(&b);
}

/* ---- Seeds ---- */

static uint64_t fingerprint(const corpus *c) {
  uint64_t h = 0;
  for (size_t i = 0; i < c->count; i++)
    for (int k = 0; k < c->at[i].turns; k++) {
      const char *s = c->at[i].text[k];
      h = h * 31 + ulm_crc32(c->at[i].split, s, strlen(s));
    }
  return h;
}

static void a_seed_gives_the_same_pairs_and_another_seed_others(void **state) {
  (void)state;
  corpus a = make(3000, 5), b = make(3000, 5), c = make(3000, 6);
  assert_true(fingerprint(&a) == fingerprint(&b));
  assert_true(fingerprint(&a) != fingerprint(&c));
  drop(&a), drop(&b), drop(&c);
}

static void small_corpora_work(void **state) {
  (void)state;
  for (uint64_t n = 1; n <= 200; n += 66) {
    corpus c = make(n, n);
    drop(&c);
  }
}

static int stop(void *user, const synth_pair *p) {
  (void)p;
  return ++*(int *)user == 5;
}

static void a_writer_that_fails_stops_the_generator(void **state) {
  (void)state;
  int n = 0;
  host_error e;
  assert_int_equal(synth_make(1000, 1, stop, &n, &e), -1);
  assert_int_equal(n, 5);
}

/* ---- The command ---- */

/* Exit status of "synth ..." in a child whose output goes nowhere. */
static int command(const char *const *args) {
  char *argv[16] = {(char *)(uintptr_t) "synth"};
  int argc = 1;
  while (*args) argv[argc++] = (char *)(uintptr_t)*args++;
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)) _exit(99);
    exit(synth_main(argc, argv));
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
#define COMMAND(...) command((const char *const[]){__VA_ARGS__, NULL})

static uint32_t crc_of(const char *dir, const char *name) {
  char path[4096];
  host_map m;
  host_error e;
  assert_int_equal(host_path(path, sizeof path, dir, name, &e), 0);
  if (host_map_open(&m, path, &e)) fail_msg("%s", e.text);
  const uint32_t crc = ulm_crc32(0, m.bytes, m.size);
  host_map_close(&m);
  return crc;
}

static void remove_all(const char *dir) {
  static const char *const names[] = {"train.jsonl.gz", "val.jsonl.gz", "test.jsonl.gz",
                                      "data.json"};
  char path[4096];
  for (int i = 0; i < 4; i++) {
    snprintf(path, sizeof path, "%s/%s", dir, names[i]);
    unlink(path);
  }
  rmdir(dir);
}

static void the_command_writes_what_the_generator_makes(void **state) {
  (void)state;
  char base[] = "/tmp/test_synth_XXXXXX", a[64], b[64], c[64];
  assert_non_null(mkdtemp(base));
  snprintf(a, sizeof a, "%s/a", base), snprintf(b, sizeof b, "%s/b", base),
      snprintf(c, sizeof c, "%s/c", base);
  assert_int_equal(COMMAND("--pairs", "5000", "--seed", "7", "-o", a), 0);
  assert_int_equal(COMMAND("--pairs", "5000", "--seed", "7", "-o", b, "--json"), 0);
  assert_int_equal(COMMAND("--pairs", "5000", "--seed", "8", "-o", c), 0);
  static const char *const files[] = {"train.jsonl.gz", "val.jsonl.gz", "test.jsonl.gz"};
  for (int i = 0; i < 3; i++) {
    assert_int_equal(crc_of(a, files[i]), crc_of(b, files[i]));
    assert_int_not_equal(crc_of(a, files[i]), crc_of(c, files[i]));
  }
  assert_int_equal(crc_of(a, "data.json"), crc_of(b, "data.json"));

  corpus made = make(5000, 7);
  host_error e;
  for (int split = 0; split < SYNTH_SPLITS; split++) {
    docs *d = docs_open_split(a, synth_split_names[split], &e);
    if (!d) fail_msg("%s", e.text);
    doc line;
    int more;
    for (size_t i = 0; i < made.count; i++) {
      const row *r = made.at + i;
      if ((int)r->split != split) continue;
      if ((more = docs_next(d, &line, &e)) != 1) fail_msg("%s", more ? e.text : "too few lines");
      assert_memory_equal(line.source, "synth/", 6);
      assert_string_equal(line.source + 6, r->intent);
      assert_string_equal(line.held, synth_held_names[r->held]);
      if (r->slot_type)
        assert_string_equal(line.slot, r->slot);
      else
        assert_null(line.slot);
      assert_int_equal(line.count, r->turns);
      for (int k = 0; k < r->turns; k++) {
        assert_string_equal(line.turns[k].role, k % 2 ? "assistant" : "user");
        assert_int_equal(line.turns[k].size, strlen(r->text[k]));
        assert_memory_equal(line.turns[k].text, r->text[k], line.turns[k].size);
      }
    }
    assert_int_equal(docs_next(d, &line, &e), 0);
    docs_close(d);
  }
  drop(&made);
  remove_all(a), remove_all(b), remove_all(c);
  rmdir(base);
}

static void wrong_options_are_usage_errors(void **state) {
  (void)state;
  char base[] = "/tmp/test_synth_XXXXXX", a[64];
  assert_non_null(mkdtemp(base));
  snprintf(a, sizeof a, "%s/a", base);
  assert_int_equal(COMMAND("--pairs", "0", "-o", a), 2);
  assert_int_equal(COMMAND("--pairs", "-3", "-o", a), 2);
  assert_int_equal(COMMAND("--pairs", "99999999999", "-o", a), 2);
  assert_int_equal(COMMAND("--pairs", "10"), 2);
  assert_int_equal(COMMAND("-o", a, "file.jsonl"), 2);
  assert_int_equal(COMMAND("--help"), 0);
  assert_false(host_is_dir(a)); /* nothing was written */
  assert_int_equal(COMMAND("--pairs", "10", "-o", "/dev/null/folder"), 1);
  rmdir(base);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(there_are_enough_intents_and_templates),
      cmocka_unit_test(the_splits_have_the_sizes_promised),
      cmocka_unit_test(a_hundred_thousand_pairs_are_distinct),
      cmocka_unit_test(text_is_clean_and_short),
      cmocka_unit_test(every_opener_names_its_slot),
      cmocka_unit_test(a_value_is_named_only_as_whole_words),
      cmocka_unit_test(no_value_dominates),
      cmocka_unit_test(no_held_value_is_said_in_train),
      cmocka_unit_test(held_values_of_test_and_validation_differ),
      cmocka_unit_test(held_templates_are_used_nowhere_else),
      cmocka_unit_test(no_prompt_of_test_or_validation_is_in_train),
      cmocka_unit_test(templates_are_filled_and_faulty_ones_refused),
      cmocka_unit_test(sums_and_units_come_out_right),
      cmocka_unit_test(a_seed_gives_the_same_pairs_and_another_seed_others),
      cmocka_unit_test(small_corpora_work),
      cmocka_unit_test(a_writer_that_fails_stops_the_generator),
      cmocka_unit_test(the_command_writes_what_the_generator_makes),
      cmocka_unit_test(wrong_options_are_usage_errors),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
