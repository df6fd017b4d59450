/* The four memory functions that runtime/ asks for: instructions of WebAssembly's bulk memory. */
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n) {
  return __builtin_memcpy(to, from, n);
}
void *memmove(void *to, const void *from, size_t n) { return __builtin_memmove(to, from, n); }
void *memset(void *to, int byte, size_t n) { return __builtin_memset(to, byte, n); }
int memcmp(const void *a, const void *b, size_t n) {
  const unsigned char *x = a, *y = b;
  for (; n && *x == *y; n--) x++, y++;
  return n ? *x - *y : 0;
}
