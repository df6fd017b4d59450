/* A document as training sees it: (context, target, weight) events. The loader packs them into
 * rows; bench/ fits its n-gram baselines on the very same events. */
#ifndef TRAIN_VIEW_H
#define TRAIN_VIEW_H

#include "../tokenizer/shard.h"

typedef enum { OBJECTIVE_LM = 0, OBJECTIVE_CHAT = 1, OBJECTIVE_OPENER = 2 } objective;

typedef struct {
  objective objective;
  float tail;     /* opener: weight of a reply's tokens after its opener */
  float prompt;   /* opener: weight of every target outside replies */
  uint32_t first; /* opener: 0, or how many tokens of a reply are its opener */
} view_options;

/* 0, or -1 for a name that is none of lm, chat, opener. */
int objective_from(const char *name, objective *o);
const char *objective_name(objective o);

/* Position t of the view has input ids[t], target next[t] and weight weight[t] >= 0. Writes at most
 * cap positions; returns their number, which never exceeds the document's tokens less one.
 *
 * - lm: every target counts 1.
 *
 * - chat: targets in assistant replies count 1, others 0.
 *
 * - opener: targets within a reply's opener count 1. After the opener's last token the target is
 *   <|im_end|>, weight 1, so that the model learns to end its turn there. The rest of the reply
 *   counts `tail`, all else `prompt`. With tail 0 what follows the last opener is left out.
 *   Where `first` is given, the first so many tokens of every reply count 1 instead, and the text
 *   goes on: no end of the turn is put there. */
uint64_t view_doc(const shard *s, uint64_t doc, const view_options *o, uint16_t *ids,
                  uint16_t *next, float *weight, uint64_t cap);

/* The same, piecewise: its length, or 0 if it has no target of positive weight; positions
 * from .. from + n - 1 of it, which must lie within that length; and whether any of them counts. */
uint64_t view_length(const shard *s, uint64_t doc, const view_options *o);
void view_part(const shard *s, uint64_t doc, const view_options *o, uint64_t from, uint64_t n,
               uint16_t *ids, uint16_t *next, float *weight);
bool view_counts(const shard *s, uint64_t doc, const view_options *o, uint64_t from, uint64_t n);

#endif
