#include "questions.h"
void questions_ask(questions *q, const doc *d) {
  q->count = 0;
  (void)d;
}
void questions_free(questions *q) {
  bytes_free(&q->text);
  free(q->turns);
  *q = (questions){0};
}
