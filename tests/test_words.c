/* Where an opener ends: the table of examples, and that the rule is causal. */
#include "t.h"

#include "runtime/ulm_words.h"

static const struct {
  const char *text; /* '|' marks the cut */
  ulm_finish why;
  uint32_t words;
} table[] = {
    {"The population of Seattle is estimated to be| about 750,000.", ULM_FINISH_WORDS, 8},
    {"The timer is set.| It will ring soon.", ULM_FINISH_SENTENCE, 4},
    {"Yes. The timer is set.| More.", ULM_FINISH_SENTENCE,
     5}, /* a sentence that ends too early goes on */
    {"I set the timer!| It will", ULM_FINISH_SENTENCE, 4},
    {"He said \"it will rain.\"| Then he left", ULM_FINISH_SENTENCE, 5},
    {"It rains (and it snows).| Then", ULM_FINISH_SENTENCE, 5},
    {"It is \u201cquite a big city.\u201d| Then", ULM_FINISH_SENTENCE, 6},
    {"Sure, the weather in Paris today,| it seems", ULM_FINISH_CLAUSE, 6},
    {"Sure, the weather in Paris, it seems is| good", ULM_FINISH_WORDS,
     8}, /* a comma after word 5 is too early */
    {"To boil an egg you need:| a pot", ULM_FINISH_CLAUSE, 6},
    {"The capital of France is lovely Paris;| it", ULM_FINISH_CLAUSE, 7},
    {"The best way to do this \u2014| if you can", ULM_FINISH_CLAUSE,
     6}, /* the mark itself is not spoken */
    {"You can wait a while -- it takes time| to cook", ULM_FINISH_WORDS, 8},
    {"The best way to do this\u2014| if you can", ULM_FINISH_CLAUSE, 6},
    {"One two three four five six seven eight,| nine", ULM_FINISH_CLAUSE, 8},
    {"One two three four five six seven eight.| nine", ULM_FINISH_SENTENCE, 8},
    {"Here is what I know\u2026 it is good| enough", ULM_FINISH_WORDS, 8},
    {"Here is all that I know...| it is", ULM_FINISH_CLAUSE, 6},
    {"I think Dr. Smith is in the office| today", ULM_FINISH_WORDS, 8},
    {"Your flight leaves at 7 a.m. on Monday| from", ULM_FINISH_WORDS, 8},
    {"The author is J. R. Tolkien of course| and", ULM_FINISH_WORDS, 8},
    {"So you and I.| Then", ULM_FINISH_SENTENCE, 4},
    {"Many animals, e.g. cats and dogs,| like milk", ULM_FINISH_CLAUSE, 6},
    {"It costs 3.5 dollars in the U.S. today| and", ULM_FINISH_WORDS, 8},
    {"The price is 3.50.| It was less", ULM_FINISH_SENTENCE, 4},
    {"First line has words\n| second line", ULM_FINISH_CLAUSE, 4},
    {"Too\nshort for a cut here\n| then", ULM_FINISH_CLAUSE, 6},
    {"- Milk and - eggs and bread - go well together| now", ULM_FINISH_WORDS,
     8}, /* lone dashes are no words */
    {"Hello there|", ULM_FINISH_END, 2},
    {"Hello there.|", ULM_FINISH_END, 2},
    {"It is five o'clock|", ULM_FINISH_WORDS, 4},
    {"It is five o'clock now,|", ULM_FINISH_CLAUSE, 5},
    {"It is in the U.S.|", ULM_FINISH_WORDS, 5},
    {"Caf\u00e9s in Z\u00fcrich \u00f6ffnen um 9 \u2014| \u00fcbrigens auch", ULM_FINISH_CLAUSE, 6},
    {"\u6771\u4eac \u306e \u5929\u6c17 \u306f\u3002|", ULM_FINISH_WORDS, 4},
    {"  Leading spaces are kept here.|", ULM_FINISH_SENTENCE, 5},
    {"Good 'til you say it is done|", ULM_FINISH_WORDS, 7},
    {"|", ULM_FINISH_END, 0},
    {"| -- ... !", ULM_FINISH_END, 0},
};

/* Splits the example at its mark; returns the cut. */
static size_t example(size_t i, char *text, size_t *n) {
  const char *mark = strchr(table[i].text, '|');
  const size_t cut = (size_t)(mark - table[i].text);
  memcpy(text, table[i].text, cut);
  strcpy(text + cut, mark + 1);
  *n = strlen(text);
  while (cut && (text[cut - 1] == ' ' || text[cut - 1] == '\n')) return cut - 1;
  return cut;
}

static void every_example_is_cut_where_its_mark_is(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    char text[256];
    size_t n, cut = example(i, text, &n);
    ulm_finish why;
    uint32_t words;
    size_t got = ulm_opener_cut(text, n, 4, 8, &why, &words);
    const char *dash = strstr(table[i].text, " \u2014|");
    if (dash) cut -= 4; /* a lone dash stays out of the opener */
    if (got != cut || why != table[i].why || words != table[i].words)
      fail_msg("\"%s\": cut at %zu, %s, %u words", table[i].text, got, ulm_finish_name(why), words);
  }
}

/* A word given out with some text must be given out with every continuation of that text: cut after
 * k bytes, the words and the decision are a prefix of those of the whole. */
static void words_are_never_unsaid_whatever_follows(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    char text[256];
    size_t n;
    (void)example(i, text, &n);
    ulm_words whole, w;
    size_t ends[64], count = 0;
    ulm_words_begin(&whole, 4, 8);
    while (ulm_words_next(&whole, text, n, 1)) ends[count++] = whole.end;
    ulm_words_begin(&w, 4, 8);
    size_t said = 0;
    for (size_t k = 0; k <= n; k++) /* a byte at a time, the buffer exactly so long */
    {
      char *piece = malloc(k ? k : 1);
      memcpy(piece, text, k);
      while (ulm_words_next(&w, piece, k, k == n)) {
        assert_true(said < count);
        assert_int_equal(w.end, ends[said++]);
      }
      free(piece);
    }
    assert_int_equal(w.stop, whole.stop);
    assert_int_equal(w.end, whole.end);
    assert_int_equal(w.words, whole.words);
    if (w.stop) assert_int_equal(w.finish, whole.finish);
  }
}

static void other_lengths_than_four_to_eight_are_obeyed(void **state) {
  (void)state;
  const char *text = "One two, three four five six seven eight nine ten";
  ulm_finish why;
  uint32_t words;
  assert_int_equal(ulm_opener_cut(text, strlen(text), 2, 3, &why, &words), 8);
  assert_int_equal(why, ULM_FINISH_CLAUSE);
  assert_int_equal(ulm_opener_cut(text, strlen(text), 1, 1, &why, &words), 3);
  assert_int_equal(ulm_opener_cut(text, strlen(text), 10, 10, &why, &words), strlen(text));
  assert_int_equal(words, 10);
  assert_int_equal(ulm_opener_cut(text, strlen(text), 12, 20, &why, &words), strlen(text));
  assert_int_equal(why, ULM_FINISH_END);
  assert_int_equal(ulm_opener_cut(text, 0, 0, 0, NULL, NULL), 0);
}

static void words_are_counted_without_lone_punctuation(void **state) {
  (void)state;
  const char *text = " one - two\u2014three \u2014 \u201c \u00e9 (4) ... ";
  assert_int_equal(ulm_word_count(text, strlen(text)), 4);
  assert_int_equal(ulm_word_count("", 0), 0);
}

static void any_bytes_are_cut_within_themselves(void **state) {
  (void)state;
  uint32_t x = 1;
  for (int round = 0; round < 20000; round++) {
    const size_t n = (size_t)(round % 97);
    char *text = malloc(n + 1);
    for (size_t i = 0; i < n; i++) {
      x = x * 1664525u + 1013904223u;
      text[i] = (x >> 24) % 3 ? (char)(x >> 16) : " \n.-\xe2\x80\x9d,"[x >> 20 & 7];
    }
    uint32_t words;
    ulm_finish why;
    char *exact = malloc(n ? n : 1);
    memcpy(exact, text, n);
    const size_t cut = ulm_opener_cut(exact, n, 4, 8, &why, &words);
    assert_true(cut <= n && words <= 8 && (words == 0) == (cut == 0));
    assert_int_equal(ulm_word_count(exact, cut), words);
    free(exact);
    free(text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_example_is_cut_where_its_mark_is),
      cmocka_unit_test(words_are_never_unsaid_whatever_follows),
      cmocka_unit_test(other_lengths_than_four_to_eight_are_obeyed),
      cmocka_unit_test(words_are_counted_without_lone_punctuation),
      cmocka_unit_test(any_bytes_are_cut_within_themselves),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
