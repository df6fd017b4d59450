/* What llama.cpp answered from our GGUF (tests/vectors/greedy.json), against the runtime and the
 * trainer. */
#include "greedy_model.h"

#include <math.h>

#include "export/export.h"
#include "train/model.h"

enum { V = TINY_VOCAB, CONTEXT = 192 };
static const double margin_kept =
    0.9; /* of the recorded margins: llama.cpp's sums have another order */

static json_t *vectors;
static float *params, logits[CONTEXT * V];
static model *trainer;
static ulm *device;
static void *arena;
static uint8_t *blob;

static int set_up(void **state) {
  host_error e;
  ulm_error err;
  export_model s;
  size_t n;
  if (made_dir_open(state)) return -1;
  vectors = json_load_file("tests/vectors/greedy.json", 0, NULL);
  params = greedy_params(GREEDY_SEED);
  made_checkpoint(in_dir("g.ckpt"), &greedy_config, params);
  if (export_open(&s, in_dir("g.ckpt"), -1, &e) || export_blob(&s, NULL, in_dir("g.ulm"), &e)) {
    fprintf(stderr, "%s\n", e.text);
    return -1;
  }
  export_close(&s);
  blob = made_read(in_dir("g.ulm"), &n);
  const size_t need = ulm_sizeof(blob, n, NULL, &err);
  arena = aligned_alloc(64, need ? need : 64);
  trainer = model_new(&greedy_config, 1, CONTEXT, 0, 1, &e);
  return need && vectors && trainer ? (int)ulm_open(&device, blob, n, arena, need, NULL, &err) : -1;
}

static int tear_down(void **state) {
  json_decref(vectors);
  model_free(trainer);
  free(params);
  free(arena);
  free(blob);
  return made_dir_close(state);
}

static const json_t *vector(int i) {
  return json_array_get(json_object_get(vectors, "prompts"), (size_t)i);
}
static size_t list(const json_t *o, const char *key, uint16_t *ids) {
  const json_t *a = json_object_get(o, key), *x;
  size_t i;
  json_array_foreach(a, i, x) ids[i] = (uint16_t)json_integer_value(x);
  return json_array_size(a);
}

/* The runtime's way: specials by id, the text between them by the tokenizer. */
static size_t encode(const char *text, uint16_t *ids) {
  static const char *const specials[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
  size_t n = 0, count;
  while (*text) {
    const char *end = text + strlen(text);
    int id = -1;
    for (int k = 0; k < 3; k++) {
      const char *p = strstr(text, specials[k]);
      if (p && p < end) end = p, id = k;
    }
    assert_int_equal(ulm_encode(device, text, (size_t)(end - text), ids + n, CONTEXT - n, &count),
                     ULM_OK);
    n += count;
    text = end;
    if (id >= 0) ids[n++] = (uint16_t)id, text += strlen(specials[id]);
  }
  return n;
}

static uint16_t largest(const float *x, float *margin) {
  int best = 0;
  float second = -INFINITY;
  for (int i = 1; i < V; i++)
    if (x[i] > x[best]) best = i;
  for (int i = 0; i < V; i++)
    if (i != best && x[i] > second) second = x[i];
  if (x[best] - second < *margin) *margin = x[best] - second;
  return (uint16_t)best;
}

static float continue_device(const uint16_t *ids, size_t n, uint16_t *out) {
  float margin = INFINITY;
  assert_int_equal(ulm_rewind(device, 0), ULM_OK);
  assert_int_equal(ulm_prefill(device, ids, n), ULM_OK);
  for (int g = 0; g < GREEDY_TOKENS; g++) {
    out[g] = largest(ulm_logits(device), &margin);
    assert_int_equal(ulm_prefill(device, &out[g], 1), ULM_OK);
  }
  return margin;
}

static float continue_trainer(const float *weights, const uint16_t *prompt, size_t n,
                              uint16_t *out) {
  uint16_t ids[CONTEXT];
  float margin = INFINITY;
  memcpy(model_params(trainer), weights, ulm_param_count(&greedy_config) * sizeof *weights);
  memcpy(ids, prompt, n * sizeof *ids);
  for (int g = 0; g < GREEDY_TOKENS; g++) {
    model_logits(trainer, ids, (uint32_t)n, logits);
    ids[n] = out[g] = largest(logits + (n - 1) * V, &margin);
    n++;
  }
  return margin;
}

/* ---- tests ---- */

static void the_vectors_are_of_this_model(void **state) {
  (void)state;
  assert_int_equal(json_integer_value(json_object_get(vectors, "seed")), GREEDY_SEED);
  assert_int_equal(json_array_size(json_object_get(vectors, "prompts")), GREEDY_PROMPTS);
  for (int i = 0; i < GREEDY_PROMPTS; i++)
    assert_int_equal(json_array_size(json_object_get(vector(i), "greedy")), GREEDY_TOKENS);
}

static void rendered_templates_have_the_ids_that_llama_cpp_gives(void **state) {
  (void)state;
  for (int i = 0; i < GREEDY_PROMPTS; i++) {
    char text[1024];
    uint16_t want[CONTEXT], got[CONTEXT];
    const size_t n = list(vector(i), "ids", want);
    assert_int_equal(encode(greedy_text(i, text), got), n);
    assert_memory_equal(got, want, n * 2);
  }
}

static void the_conversation_calls_give_those_ids_too(void **state) {
  (void)state;
  for (int i = 0; i < GREEDY_PROMPTS; i++) {
    ulm_error err;
    uint16_t want[CONTEXT];
    const char *p = greedy_prompts[i];
    size_t n = list(vector(i), "ids", want);
    assert_int_equal(ulm_chat_begin(device), ULM_OK);
    if (i % 3 == 0) {
      assert_int_equal(ulm_chat_turn(device, "user", "Start a countdown", 17, &err), ULM_OK);
      assert_int_equal(ulm_chat_turn(device, "assistant", "How long?", 9, &err), ULM_OK);
    }
    assert_int_equal(ulm_chat_turn(device, "user", p, strlen(p), &err), ULM_OK);
    const uint32_t at = ulm_position(device); /* all but the reply's header */
    float turns[V];
    memcpy(turns, ulm_logits(device), sizeof turns);
    assert_int_equal(ulm_rewind(device, 0), ULM_OK);
    assert_in_range(at, 1, n - 1);
    assert_int_equal(want[at], ULM_BOS);
    assert_int_equal(ulm_prefill(device, want, at), ULM_OK);
    assert_memory_equal(turns, ulm_logits(device), sizeof turns);
  }
}

static void the_runtime_goes_on_with_the_tokens_of_llama_cpp(void **state) {
  (void)state;
  for (int i = 0; i < GREEDY_PROMPTS; i++) {
    uint16_t ids[CONTEXT], want[CONTEXT], got[GREEDY_TOKENS];
    const size_t n = list(vector(i), "ids", ids);
    list(vector(i), "greedy", want);
    const float margin = continue_device(ids, n, got);
    assert_memory_equal(got, want, sizeof got);
    assert_true(margin > margin_kept * json_number_value(json_object_get(vector(i), "margin")));
  }
}

static void the_trainer_goes_on_with_the_tokens_of_llama_cpp(void **state) {
  (void)state;
  for (int i = 0; i < GREEDY_PROMPTS; i++) {
    uint16_t ids[CONTEXT], want[CONTEXT], got[GREEDY_TOKENS];
    const size_t n = list(vector(i), "ids", ids);
    list(vector(i), "greedy", want);
    const float margin = continue_trainer(params, ids, n, got);
    assert_memory_equal(got, want, sizeof got);
    assert_true(margin > margin_kept * json_number_value(json_object_get(vector(i), "margin")));
  }
}

/* Continuations that still agree when one tensor kind is changed. */
static int agree_without(int kind, bool permute) {
  const uint32_t D = greedy_config.dim, H = ulm_head_dim(&greedy_config);
  float *w = malloc(ulm_param_count(&greedy_config) * sizeof *w);
  memcpy(w, params, ulm_param_count(&greedy_config) * sizeof *w);
  for (uint32_t i = 0; i < ulm_tensor_count(&greedy_config); i++) {
    const ulm_tensor t = ulm_tensor_at(&greedy_config, i);
    if (t.kind != kind && !(permute && t.kind == ULM_T_WK)) continue;
    for (uint32_t r = 0; r < t.rows; r++) {
      const uint32_t in = r % H, from = permute ? r - in + in % 2 * (H / 2) + in / 2 : r;
      for (uint32_t c = 0; c < D; c++)
        w[t.start + (uint64_t)r * D + c] = permute ? params[t.start + (uint64_t)from * D + c] : 0;
    }
  }
  int agree = 0;
  for (int i = 0; i < GREEDY_PROMPTS; i++) {
    uint16_t ids[CONTEXT], want[CONTEXT], got[GREEDY_TOKENS];
    const size_t n = list(vector(i), "ids", ids);
    list(vector(i), "greedy", want);
    (void)continue_trainer(w, ids, n, got);
    agree += !memcmp(got, want, sizeof got);
  }
  free(w);
  return agree;
}

static void without_attention_no_continuation_agrees(void **state) {
  (void)state;
  assert_int_equal(agree_without(ULM_T_WV, false), 0);
}

static void with_interleaved_query_and_key_rows_no_continuation_agrees(void **state) {
  (void)state;
  assert_int_equal(agree_without(ULM_T_WQ, true), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_vectors_are_of_this_model),
      cmocka_unit_test(rendered_templates_have_the_ids_that_llama_cpp_gives),
      cmocka_unit_test(the_conversation_calls_give_those_ids_too),
      cmocka_unit_test(the_runtime_goes_on_with_the_tokens_of_llama_cpp),
      cmocka_unit_test(the_trainer_goes_on_with_the_tokens_of_llama_cpp),
      cmocka_unit_test(without_attention_no_continuation_agrees),
      cmocka_unit_test(with_interleaved_query_and_key_rows_no_continuation_agrees),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
