/* A uniform sample of the lines of a text, of bounded size, for training a vocabulary. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "../host.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  char *text;
  size_t size;
  uint64_t key; /* random: the parts with the smallest keys stay */
  uint64_t order;
} sample_part;

typedef struct {
  sample_part *parts; /* in the order of the text */
  size_t count, cap;
  uint64_t bytes;
} sample;

/* Draws parts (lines, or pieces of at most SPM_LINE_MAX bytes of long ones; a piece begins with its
 * space) until there are no more, holding at most max_bytes of text, where a part of less than
 * SAMPLE_PART_MIN bytes counts as that many: every part has the same chance to stay. Fails if there
 * is no text, or no room for one part. */
enum { SAMPLE_PART_MIN = 48 };
int sample_lines(sample *s, const char *(*next)(void *user, size_t *n), void *user,
                 uint64_t max_bytes, uint64_t seed, host_error *e);
void sample_free(sample *s);

#ifdef __cplusplus
}
#endif
#endif
