/* Fuzzes the JSON reader: it agrees with jansson on every text, what it accepts and what it finds.
 */
#include "same_json.h"
#include "runtime/ulm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  for (size_t i = 0, k; i < size; i += k) /* readers drop what is not UTF-8 */
    if (!(k = data[i] < 0x80 ? 1 : ulm_utf8_len(data + i, size - i))) return 0;
  char *text = malloc(size ? size : 1);
  if (!text) abort();
  if (size) memcpy(text, data, size);
  json_error_t e;
  tape t = {0};
  json_t *j = json_loadb((const char *)data, size, JSON_ALLOW_NUL | JSON_DECODE_ANY, &e);
  const int bad = tape_parse(&t, text, size);
  if (bad && (!t.why || t.at > size)) abort();
  if (bad && j && !memchr(data, 0, size)) abort(); /* jansson passes over a NUL after a number */
  if (!bad && !j && !may_differ(e.text)) abort();
  if (!bad && j && !same_json(&t, t.value, j)) abort();
  json_decref(j);
  tape_free(&t);
  free(text);
  return 0;
}
