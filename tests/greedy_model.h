/* The small model of tests/vectors/greedy.json: weights by recipe, the same on every machine (sums
 * and products of floats that round alike everywhere), large enough that no greedy choice hangs on
 * the order of a sum. */
#ifndef TESTS_GREEDY_MODEL_H
#define TESTS_GREEDY_MODEL_H
#include "make_model.h"

static const ulm_config greedy_config = {64, 2, 4, 2, 128, TINY_VOCAB, 192, 1e6f, 1e-5f};
enum { GREEDY_SEED = 1162, GREEDY_TOKENS = 16 };

/* Matrices of standard deviation about 1, then one factor a kind: sharp attention, and blocks that
 * outweigh the embedding in the residual stream, so that the next token is not the current one over
 * again. */
static inline float *greedy_params(uint64_t seed) {
  static const float factor[ULM_T_KINDS] = {
      [ULM_T_EMBED] = 0.5f, [ULM_T_WQ] = 0.25f,   [ULM_T_WK] = 0.25f, [ULM_T_WV] = 0.125f,
      [ULM_T_WO] = 0.25f,   [ULM_T_GATE] = 0.25f, [ULM_T_UP] = 0.25f, [ULM_T_DOWN] = 0.25f};
  float *w = made_params(&greedy_config, 1.0f, seed);
  for (uint32_t i = 0; i < ulm_tensor_count(&greedy_config); i++) {
    const ulm_tensor t = ulm_tensor_at(&greedy_config, i);
    for (uint64_t j = 0; t.cols && j < t.count; j++) w[t.start + j] *= factor[t.kind];
  }
  return w;
}

static const char *const greedy_prompts[] = {
    "Set a timer for ten minutes",
    "How many people live in Seattle?",
    "What is the weather like in São Paulo?",
    "Remind me in forty five seconds, please",
    "What  time   is it in Zürich? ",
    " Boil the eggs for 7 minutes; then 3 more.",
    "Wake me up in two hours\nand again at 6:30",
    "xyzzy QJ 0123456789 !\"#$%&'()*+,-./",
    "I\tlike \xe8\x8c\xb6 and \xf0\x9f\x8d\xb5, naïve café",
    "user assistant system im_start | < > im_end",
    "How far is it to Nairobi",
    "",
};
enum { GREEDY_PROMPTS = sizeof greedy_prompts / sizeof *greedy_prompts };

/* A prompt as the chat template renders it: every third with a turn before it. */
static inline const char *greedy_text(int i, char out[1024]) {
  snprintf(out, 1024, "%s<|im_start|>user\n%s<|im_end|>\n<|im_start|>assistant\n",
           i % 3 ? ""
                 : "<|im_start|>user\nStart a countdown<|im_end|>\n<|im_start|>assistant\nHow "
                   "long?<|im_end|>\n",
           greedy_prompts[i]);
  return out;
}

#endif
