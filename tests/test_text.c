/* data/: text by itself: cleaning, words, how replies open, questions out of prose. */
#include "t.h"

#include "data/clean.h"
#include "data/filter.h"
#include "data/mojibake.h"
#include "data/openers.h"
#include "data/questions.h"
#include "data/words.h"

/* ---- Cleaning ---- */

static void want_clean(const char *from, const char *to) {
  cleaner c = {0};
  clean(&c, from, strlen(from));
  if (strcmp(c.text, to)) fail_msg("'%s' became '%s', not '%s'", from, c.text, to);
  const clean_counts once = c.counts;
  char *copy = strdup(c.text);
  clean(&c, copy, c.size);
  assert_string_equal(c.text, to); /* cleaning again changes nothing */
  assert_memory_equal(&c.counts, &once, sizeof once);
  free(copy);
  clean_free(&c);
}

static void wide_and_narrow_forms_and_ligatures_become_what_they_are_forms_of(void **state) {
  (void)state;
  want_clean("\uff21\uff22\uff23\u3000\uff11\uff12\uff01", "ABC 12!");
  want_clean("\uff76\uff9e", "\u30ac"); /* half-width ka and its mark: ga, composed */
  want_clean("e\ufb03cient \ufb01sh", "efficient fish");
  want_clean("x\u00b2 \u00bd \u2122",
             "x\u00b2 \u00bd \u2122"); /* other compatibility forms mean something */
}

static void mojibake_is_repaired_also_where_it_was_made_twice(void **state) {
  (void)state;
  want_clean("caf\u00c3\u00a9", "caf\u00e9");
  want_clean("it\u00e2\u20ac\u2122s", "it's");
  want_clean("\u00e2\u20ac\u0153quoted\u00e2\u20ac\xc2\x9d", "\"quoted\"");
  want_clean("caf\u00c3\u0192\u00c2\u00a9", "caf\u00e9"); /* twice */
  want_clean("20\u00c2\u00b0C for \u00c2\u00a35", "20\u00b0C for \u00a35");
  want_clean("\u00f0\u0178\u02dc\u20ac ok", "\U0001f600 ok");
  want_clean("\u00c3\u200b\u00a9", "\u00e9"); /* apart by a character that is dropped */
  want_clean("A\u0303\u00a9", "\u00e9");      /* composed first */
}

static void proper_text_is_not_taken_for_mojibake(void **state) {
  (void)state;
  static const char *const proper[] = {"S\u00e3o Paulo, \u00c5ngstr\u00f6m, na\u00efve",
                                       "\u00c9l\u00e9phant",
                                       "d\u00e9j\u00e0 vu",
                                       "\u00d1and\u00fa",
                                       "\u00c4\"",
                                       "\u0420\u0443\u0441\u0441\u043a\u0438\u0439",
                                       "\u4e2d\u6587",
                                       "\u00fcber 20\u00b0"};
  for (size_t i = 0; i < sizeof proper / sizeof *proper; i++) want_clean(proper[i], proper[i]);
  cleaner c = {.raw = true};
  clean(&c, "caf\u00c3\u00a9", strlen("caf\u00c3\u00a9"));
  assert_string_equal(c.text, "caf\u00c3\u00a9");
  clean_free(&c);
}

/* Every character that has a place in Windows-1252 or Latin-1 and is taken for mojibake comes back.
 */
static void what_is_encoded_wrongly_comes_back(void **state) {
  (void)state;
  static const char *const right[] = {"\u00e9", "\u00fc", "\u00df", "\u00a3", "\u00b0",
                                      "\u2022", "\u2122", "\u20ac", "\u2190", "\U0001f389"};
  static const uint16_t table[32] = {
      0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
      0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
      0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};
  for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
    char wrong[64];
    size_t n = 0;
    for (const uint8_t *b = (const uint8_t *)right[i]; *b; b++) {
      const unsigned c = *b >= 0x80 && *b < 0xa0 ? table[*b - 0x80] : *b;
      if (c < 0x800)
        wrong[n++] = (char)(0xc0 | c >> 6), wrong[n++] = (char)(0x80 | (c & 63));
      else
        wrong[n++] = (char)(0xe0 | c >> 12), wrong[n++] = (char)(0x80 | (c >> 6 & 63)),
        wrong[n++] = (char)(0x80 | (c & 63));
    }
    char out[64];
    uint64_t count = 0;
    assert_true(mojibake_likely(wrong, n));
    const size_t k = mojibake_repair(wrong, n, out, &count);
    assert_int_equal(k, strlen(right[i]));
    assert_memory_equal(out, right[i], k);
    assert_int_equal(count, 1);
  }
}

static void what_cleaning_changes_is_counted(void **state) {
  (void)state;
  static const char text[] = "\xff\u201ca\u201d\x01\u200b caf\u00c3\u00a9 \uff21";
  cleaner c = {0};
  clean(&c, text, sizeof text - 1);
  assert_string_equal(c.text, "\"a\" caf\u00e9 A");
  assert_int_equal(c.counts.invalid, 1);
  assert_int_equal(c.counts.folded, 3);
  assert_int_equal(c.counts.controls, 2);
  assert_int_equal(c.counts.mojibake, 1);
  clean_free(&c);
}

/* ---- Words ---- */

static size_t count_of(const char *text) {
  words w = {0};
  words_add(&w, text, strlen(text));
  const size_t n = w.count;
  words_free(&w);
  return n;
}

static bool same_words(const char *a, const char *b) {
  words x = {0}, y = {0};
  words_add(&x, a, strlen(a));
  words_add(&y, b, strlen(b));
  const bool same = x.count == y.count && !memcmp(x.hash, y.hash, x.count * sizeof *x.hash);
  words_free(&x), words_free(&y);
  return same;
}

static void words_do_not_depend_on_case_spaces_and_marks(void **state) {
  (void)state;
  assert_int_equal(count_of("  One, two -- three!\n"), 3);
  assert_int_equal(count_of(""), 0);
  assert_int_equal(count_of("... ?"), 0);
  assert_int_equal(count_of("\u4e2d\u6587 text"), 3);
  assert_true(same_words("Don't STOP \u00c9cole", "dont, stop (\u00e9cole)"));
  assert_false(same_words("one two", "two one"));
  assert_false(same_words("onetwo", "one two"));
}

static void runs_of_words_are_the_same_wherever_they_stand(void **state) {
  (void)state;
  words w = {0};
  static const char text[] = "a b c d e x y a b c d e z";
  words_add(&w, text, sizeof text - 1);
  uint64_t run[16], one;
  assert_int_equal(words_shingles(w.hash, w.count, 5, run), 9);
  assert_true(run[0] == run[7]);
  for (int i = 1; i < 9; i++)
    if (i != 7) assert_true(run[i] != run[0]);
  assert_int_equal(words_shingles(w.hash + 7, 5, 5, &one), 1);
  assert_true(one == run[0]);
  assert_int_equal(words_shingles(w.hash, 3, 5, run), 1); /* all of them, where they are fewer */
  assert_int_equal(words_shingles(w.hash, 0, 5, run), 0);
  words_free(&w);
}

static double repetition(const char *text) {
  words w = {0};
  uint64_t *scratch = NULL;
  size_t room = 0;
  words_add(&w, text, strlen(text));
  const double r = filter_repetition(&w, &scratch, &room);
  words_free(&w);
  free(scratch);
  return r;
}

static void repetition_is_the_share_of_runs_that_come_again(void **state) {
  (void)state;
  char text[4096] = "";
  for (int i = 0; i < 50; i++) sprintf(text + strlen(text), "buy it now cheap ");
  assert_true(repetition(text) > 0.95);
  *text = 0;
  for (int i = 0; i < 200; i++) sprintf(text + strlen(text), "w%d ", i);
  assert_true(repetition(text) == 0);
  for (int i = 0; i < 200; i++) sprintf(text + strlen(text), "w%d ", i);
  assert_true(repetition(text) > 0.45 && repetition(text) < 0.5);
  assert_true(repetition("no no no no no no no no") == 0); /* too short to be judged */
}

static void a_language_is_told_by_its_common_words(void **state) {
  (void)state;
  static const char *const say[][2] = {
      {"en", "The house that we saw was not as large as they had said it would be, and the garden "
             "was small."},
      {"de", "Das Haus, das wir gesehen haben, war nicht so gro\u00df, wie sie gesagt hatten, und "
             "der Garten auch nicht."},
      {"fr", "La maison que nous avons vue n'est pas aussi grande que dans les photos, et le "
             "jardin est tr\u00e8s petit."},
      {"es", "La casa que vimos no era tan grande como dijeron, y el jard\u00edn de la familia es "
             "muy peque\u00f1o."},
      {"it", "La casa che abbiamo visto non era cos\u00ec grande come nelle foto, e anche il "
             "giardino \u00e8 molto piccolo."},
      {"nl", "Het huis dat we hebben gezien was niet zo groot als ze zeiden, en ook de tuin is "
             "niet erg groot."},
      {"pt", "A casa que vimos n\u00e3o era t\u00e3o grande como nas fotos, e o jardim tamb\u00e9m "
             "\u00e9 muito pequeno."}};
  for (size_t i = 0; i < 7; i++)
    for (size_t k = 0; k < 7; k++) {
      language *l = language_open(say[k][0]);
      words w = {0};
      words_add(&w, say[i][1], strlen(say[i][1]));
      const double share = language_share(l, &w);
      if (i == k ? share < 0.8 : share > 0.75)
        fail_msg("%s as %s: %.2f", say[i][0], say[k][0], share);
      if (i != k && !strcmp(say[k][0], "en")) assert_true(share < 0.5);
      words_free(&w);
      language_close(l);
    }
  assert_null(language_open("xx"));
  language *l = language_open("en");
  words w = {0};
  static const char foreign[] =
      "\u042d\u0442\u043e \u043d\u0435 "
      "\u0430\u043d\u0433\u043b\u0438\u0439\u0441\u043a\u0438\u0439 \u0442\u0435\u043a\u0441\u0442";
  words_add(&w, foreign, strlen(foreign));
  assert_true(language_share(l, &w) == 0);
  words_clear(&w);
  words_add(&w, "Fulgencio Batista", 17);
  assert_true(language_share(l, &w) == 1); /* nothing tells */
  words_free(&w);
  language_close(l);
}

/* ---- How replies open ---- */

static void a_sentence_ends_where_it_does(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"Dr. Smith lives in the U.S. now. He is old.", "Dr. Smith lives in the U.S. now."},
      {"Yes! It does.", "Yes!"},
      {"He said \"stop.\" Then he left.", "He said \"stop.\""},
      {"A line\nand another.", "A line"},
      {"no end at all", "no end at all"},
      {"It lies in Province No. 1 of Nepal. It is hilly.", "It lies in Province No. 1 of Nepal."},
      {"No. 7 is out.", "No. 7 is out."},
      {"No. It is not.", "No."},
      {"J. R. R. Tolkien wrote it. In 1937.", "J. R. R. Tolkien wrote it."},
      {"It costs 3.50 dollars, e.g. in Rome. Maybe.", "It costs 3.50 dollars, e.g. in Rome."}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const size_t n = first_sentence(cases[i][0], strlen(cases[i][0]));
    if (n != strlen(cases[i][1])) fail_msg("'%.*s' of '%s'", (int)n, cases[i][0], cases[i][0]);
  }
}

static void replies_are_told_by_how_they_open(void **state) {
  (void)state;
  static const struct {
    doc_skip kind;
    const char *text;
  } cases[] = {{DOC_OPENS, "The capital of France is Paris."},
               {DOC_OPENS, "Here are some tips:\n- first\n- second"},
               {DOC_OPENS, "1984 is a novel by George Orwell."},
               {DOC_OPENS, "3.5 million people live there now."},
               {DOC_OPENS, "A. A. Milne wrote the stories about Pooh."},
               {DOC_OPENS, "I think so, yes.\n\nBut let us see."},
               {DOC_OPENS, "Class is a group of people."},
               {DOC_OPENS, "Import duties are paid at the border."},
               {DOC_OPENS, "-5 degrees is quite cold for May."},
               {DOC_HEADING, "# Overview\nThe thing is this."},
               {DOC_HEADING, "**Overview**\nThe thing is this one."},
               {DOC_HEADING, "**Overview:**\nThe thing is this one."},
               {DOC_HEADING, "Overview\n========\nThe thing is this."},
               {DOC_HEADING, "A Short History of Rome\n\nRome was founded early."},
               {DOC_LIST, "- first of all\n- second of all"},
               {DOC_LIST, "* first of all\n* second"},
               {DOC_LIST, "\u2022 first of all, this"},
               {DOC_LIST, "1. Preheat the oven to 200 degrees."},
               {DOC_LIST, "(2) second of all, do it"},
               {DOC_LIST, "a) first of all, do it"},
               {DOC_LIST, "Step 1: Preheat the oven well."},
               {DOC_LIST, "Apples\nBananas\nOranges\nPears"},
               {DOC_CODE, "```c\nint main(void);\n```"},
               {DOC_CODE, "`ls -l` lists all the files."},
               {DOC_CODE, "#include <stdio.h>\nint main() {"},
               {DOC_CODE, "def f(x):\n  return x + 1"},
               {DOC_CODE, "<p>some text is here</p>"},
               {DOC_CODE, "import numpy as np; x = np.zeros(3);"},
               {DOC_QUOTE, "\"To be or not to be\" is from Hamlet."},
               {DOC_QUOTE, "> quoted text is here, you see"},
               {DOC_SHORT, "Paris."},
               {DOC_SHORT, "Three whole words."},
               {DOC_SHORT, ""}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const doc_skip got = opener_kind(cases[i].text, strlen(cases[i].text));
    if (got != cases[i].kind)
      fail_msg("'%s' is '%s', not '%s'", cases[i].text, doc_skip_names[got],
               doc_skip_names[cases[i].kind]);
  }
}

/* ---- Questions ---- */

/* Does the text give the question with a reply that begins so? reply NULL: it must not give it. */
static void want_question(const char *text, const char *question, const char *reply) {
  questions q = {0};
  const doc d = {.text = text, .text_size = strlen(text)};
  questions_ask(&q, &d);
  assert_int_equal(q.count % 2, 0);
  bool found = false;
  for (size_t i = 0; i < q.count; i += 2) {
    assert_string_equal(q.turns[i].role, "user");
    assert_string_equal(q.turns[i + 1].role, "assistant");
    assert_int_equal(strlen(q.turns[i].text), q.turns[i].size);
    if (strcmp(q.turns[i].text, question)) continue;
    found = true;
    if (reply && strncmp(q.turns[i + 1].text, reply, strlen(reply)))
      fail_msg("'%s': '%s'", question, q.turns[i + 1].text);
  }
  if (found != (reply != NULL)) {
    for (size_t i = 0; i < q.count; i++) print_message("  %s\n", q.turns[i].text);
    fail_msg("'%s' was %s", question, found ? "asked" : "not asked");
  }
  questions_free(&q);
}

static void an_article_answers_who_what_where_and_when(void **state) {
  (void)state;
  static const char person[] =
      "Ada Dunn\nAda Jane Dunn (born 14 May 1944 in Leeds) is an English physicist who worked on "
      "glass. She was appointed to a chair in 1978. Dunn was born in Leeds to a family of bakers.";
  want_question(person, "When was Ada Dunn born?", "Ada Dunn was born on 14 May 1944.");
  want_question(person, "When was Ada Dunn appointed?",
                "Ada Dunn was appointed to a chair in 1978.");
  want_question(person, "Where was Ada Dunn born?", "Dunn was born in Leeds to");
  static const char dead[] =
      "Jon Dunn\nJon Dunn (3 October 1828 - July 1884) was a Welsh painter and teacher in Cardiff.";
  want_question(dead, "When was Jon Dunn born?", "Jon Dunn was born on 3 October 1828.");
  want_question(dead, "When did Jon Dunn die?", "Jon Dunn died in July 1884.");
  static const char other[] = "Ada Brook\nAda Brook (born 1944) is a harpist/teacher from Leeds.";
  want_question(other, "When was Ada Brook born?", NULL); /* of one person in four */
  want_question(other, "Can you tell me who Ada Brook is?", "Ada Brook is a harpist/teacher");
  static const char place[] =
      "Odda Lake\nOdda Lake is a small lake in the north of Norway. It was described in 1790 by "
      "a priest. It is located in Nordland county near the coast.";
  want_question(place, "Where is Odda Lake?", "Odda Lake is a small lake");
  want_question(place, "Where is Odda Lake located?", "Odda Lake is located in Nordland");
  want_question(place, "When was Odda Lake described?", "Odda Lake was described in 1790");
  static const char work[] = "Salt Roads\nSalt Roads is a 1999 novel about the trade in salt. It "
                             "was written by Mary Stone, "
                             "a nurse. It was published in March 1999 by a small press.";
  want_question(work, "Who wrote Salt Roads?", "Salt Roads was written by Mary Stone");
  want_question(work, "When was Salt Roads published?", "Salt Roads was published in March 1999");
  want_question("Odda Lake (Norway)\nOdda Lake is a small lake in the north of Norway.",
                "Where is Odda Lake?", "Odda Lake is a small lake"); /* brackets end a title ... */
  want_question("Odda Lake R(n)\nOdda Lake R is a small lake in the north of Norway.",
                "Where is Odda Lake ?", NULL); /* ... where a space is before them */
}

static void a_textbook_answers_what_how_and_when(void **state) {
  (void)state;
  want_question("In this chapter we look at cells. A ribosome is an organelle that makes proteins "
                "from amino acids.",
                "What do you know about a ribosome?", "A ribosome is an organelle that makes");
  want_question("The tides are strong there. Igneous rocks are formed by cooling of magma deep in "
                "the ground.",
                "How are igneous rocks formed?", "Igneous rocks are formed by cooling");
  want_question("A condenser is used to turn steam back into water in a power station.",
                "What is a condenser used for?", "A condenser is used to turn steam");
  want_question("A monsoon occurs when winds turn and carry wet air from the sea to the land.",
                "When does a monsoon occur?", "A monsoon occurs when winds turn");
  want_question(
      "A water molecule consists of two hydrogen atoms and one oxygen atom held together.",
      "What does a water molecule consist of?", "A water molecule consists of two");
  want_question("Habitat refers to the place where an animal or plant lives and finds its food.",
                "What is Habitat?", "Habitat refers to the place");
}

static void a_subject_is_written_as_inside_a_sentence(void **state) {
  (void)state;
  want_question("It rains. Victorian novels are produced by many hands in a short time.",
                "How are Victorian novels produced?", "Victorian novels are produced by");
  want_question("It rains. Flat bones consist of two layers of compact bone.",
                "What do flat bones consist of?", "Flat bones consist of two layers");
  want_question("So it is with Toyota. Toyota is a company that builds cars in many countries.",
                "What is Toyota?", "Toyota is a company");
  want_question("It rains. Urination is the process of passing urine through the urethra.",
                "What do you know about urination?", "Urination is the process");
  want_question("Hill House\nHill House is a 2 storey building that stands in Leeds.",
                "What is Hill House?", "Hill House is a 2 storey building");
  want_question("It rains. A hedge simply refers to a reduction in the risk of a firm.",
                "What is a hedge simply?", NULL);
  want_question(
      "Receivables Management\nReceivables management begins before the sale is made when all "
      "factors are considered.",
      "How is Receivables Management made?", NULL);
  want_question("The Stomach\nThe wall of the stomach is made of four layers of tissue.",
                "How is The Stomach made?", NULL);
  want_question("Il Hole\nIl Hole is a sinkhole with a surface area of around situated in Malta.",
                "What is Il Hole?", NULL);
}

static void nothing_is_asked_that_the_sentence_does_not_answer_alone(void **state) {
  (void)state;
  static const char *const silent[] = {
      "It is a lake in the north of the country and is rather deep.",
      "This process is a kind of chemical change that gives off heat.",
      "A second reason is a problem of trust that this chapter looks at.",
      "An important point is a matter of taste for many of the readers.",
      "The book is a novel about a man who goes to sea and comes home.",
      "Cooking rice is a skill that takes practice from those who learn it.",
      "Whenever there is a storm the boats stay in the small harbour.",
      "A lake is a body of water (see below that lies inland and is fed by rivers.",
      "A lake is a body of water that is about from the next town by road.",
      "A lake is a body of water that lies"};
  for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
    questions q = {0};
    const doc d = {.text = silent[i], .text_size = strlen(silent[i])};
    questions_ask(&q, &d);
    if (q.count) fail_msg("'%s' is asked of '%s'", q.turns[0].text, silent[i]);
    questions_free(&q);
  }
  want_question("Salt Roads\nSalt Roads is a 1999 novel about trade in salt.\nIt was written by "
                "Mary Stone, a nurse.",
                "Who wrote Salt Roads?",
                NULL); /* a pronoun means the article in its first paragraph only */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wide_and_narrow_forms_and_ligatures_become_what_they_are_forms_of),
      cmocka_unit_test(mojibake_is_repaired_also_where_it_was_made_twice),
      cmocka_unit_test(proper_text_is_not_taken_for_mojibake),
      cmocka_unit_test(what_is_encoded_wrongly_comes_back),
      cmocka_unit_test(what_cleaning_changes_is_counted),
      cmocka_unit_test(words_do_not_depend_on_case_spaces_and_marks),
      cmocka_unit_test(runs_of_words_are_the_same_wherever_they_stand),
      cmocka_unit_test(repetition_is_the_share_of_runs_that_come_again),
      cmocka_unit_test(a_language_is_told_by_its_common_words),
      cmocka_unit_test(a_sentence_ends_where_it_does),
      cmocka_unit_test(replies_are_told_by_how_they_open),
      cmocka_unit_test(an_article_answers_who_what_where_and_when),
      cmocka_unit_test(a_textbook_answers_what_how_and_when),
      cmocka_unit_test(a_subject_is_written_as_inside_a_sentence),
      cmocka_unit_test(nothing_is_asked_that_the_sentence_does_not_answer_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
