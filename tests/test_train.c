/* train/step.c, adamw.c, run.c: the optimizer against its formula, a golden run that every
 * instruction set and number of threads must repeat, and what breaks it. */
#include "make_shards.h"
#include "train/adamw.h"
#include "train/metrics.h"
#include "train/muon.h"
#include "train/ops.h"
#include "train/run.h"

#include <math.h>

/* ---- The optimizer ---- */

static void adamw_is_its_formula(void **state) {
  (void)state;
  enum { N = 1003, STEPS = 20 };
  float p[N], g[N], m[N] = {0}, v[N] = {0};
  double P[N], M[N] = {0}, V[N] = {0};
  ulm_rng r = ulm_rng_seed(1, 1);
  for (int i = 0; i < N; i++) P[i] = (double)(p[i] = ulm_rng_f32(&r) - 0.5f);
  adamw a = {
      .lr = 0.01f, .beta1 = 0.9f, .beta2 = 0.95f, .eps = 1e-8f, .decay = 0.1f, .scale = 0.7f};
  for (a.step = 1; a.step <= STEPS; a.step++) {
    for (int i = 0; i < N; i++) g[i] = ulm_rng_f32(&r) - 0.5f;
    adamw_update(&a, p, g, m, v, NULL, N, 1);
    const double c1 = 1 - pow((double)a.beta1, (double)a.step),
                 c2 = 1 - pow((double)a.beta2, (double)a.step), lr = (double)a.lr;
    for (int i = 0; i < N; i++) {
      const double d = (double)g[i] * (double)a.scale;
      M[i] = (double)a.beta1 * M[i] + (1 - (double)a.beta1) * d;
      V[i] = (double)a.beta2 * V[i] + (1 - (double)a.beta2) * d * d;
      P[i] -= lr * (M[i] / c1 / (sqrt(V[i] / c2) + (double)a.eps) + (double)a.decay * P[i]);
    }
  }
  double error = 0, moved = 0;
  for (int i = 0; i < N; i++) {
    error = fmax(error, fabs((double)p[i] - P[i]));
    moved = fmax(moved, fabs(P[i]));
  }
  assert_true(error < 2e-6);
  a.step = STEPS; /* the tolerance sees a step without decay */
  adamw_update(&a, p, g, m, v, NULL, N, 0);
  float q[N];
  memcpy(q, p, sizeof q);
  memset(g, 0, sizeof g);
  a.lr = 0.001f;
  adamw_update(&a, p, g, m, v, NULL, N, 1), adamw_update(&a, q, g, m, v, NULL, N, 0);
  error = 0;
  for (int i = 0; i < N; i++) error = fmax(error, fabs((double)p[i] - (double)q[i]));
  assert_true(error > 2e-5 && moved > 0.1);
}

static void a_norm_is_the_same_for_any_number_of_threads(void **state) {
  (void)state;
  enum { N = 70001 };
  float *g = malloc(N * sizeof *g);
  double *blocks = malloc(adamw_blocks(N) * sizeof *blocks), norm[2], plain = 0;
  ulm_rng r = ulm_rng_seed(2, 1);
  for (int i = 0; i < N; i++) g[i] = ulm_rng_f32(&r) - 0.5f, plain += (double)g[i] * (double)g[i];
  for (int t = 0; t < 2; t++) norm[t] = adamw_norm(g, N, blocks, t ? 3 : 1);
  assert_true(norm[0] == norm[1] && fabs(norm[0] / sqrt(plain) - 1) < 1e-12);
  g[N - 1] += 1;
  assert_false(fabs(adamw_norm(g, N, blocks, 2) / sqrt(plain) - 1) < 1e-12);
  free(blocks), free(g);
}

/* ---- Schedules ---- */

static void warmup_rises_linearly_under_every_schedule(void **state) {
  (void)state;
  step_options o = {.lr = 0.01, .min_lr = 0.001, .steps = 110, .warmup = 10, .decay_fraction = 0.2};
  for (int kind = 0; kind < SCHEDULES; kind++) {
    o.schedule = (schedule_kind)kind;
    for (uint64_t s = 0; s < 10; s++)
      assert_true(fabs(step_lr(&o, s) - 0.01 * (double)(s + 1) / 11) < 1e-9);
    assert_true(step_lr(&o, 10) == (double)0.01f);
    assert_true(fabs(step_lr(&o, 109) - 0.001) < 1e-9);
    step_options one = o, none = o;
    one.steps = 1, one.warmup = 0;
    assert_true(step_lr(&one, 0) == (double)0.01f);
    none.steps = 5, none.warmup = 9; /* nothing but warmup */
    assert_true(step_lr(&none, 4) == (double)(0.01f * 0.5f));
  }
}

/* Largest difference of the learning rates from a formula over steps 10..109. */
static double off_course(schedule_kind kind, double fraction, double (*formula)(double)) {
  const step_options o = {.lr = 0.01,
                          .min_lr = 0.001,
                          .steps = 110,
                          .warmup = 10,
                          .schedule = kind,
                          .decay_fraction = fraction};
  double worst = 0;
  for (uint64_t s = 10; s < 110; s++)
    worst = fmax(worst, fabs(step_lr(&o, s) - formula((double)s)));
  return worst;
}
static double a_cosine(double s) {
  return 0.001 + 0.009 * 0.5 * (1 + cos(3.14159265358979 * (s - 10) / 99));
}
/* A fifth of 110 steps, 22: the last is step 109. */
static double a_line(double s) { return s < 88 ? 0.01 : 0.01 - 0.009 * (s - 87) / 22; }
static double a_root(double s) { return s < 88 ? 0.01 : 0.01 - 0.009 * sqrt((s - 87) / 22); }
static double late(double s) { return s < 89 ? 0.01 : 0.01 - 0.009 * (s - 88) / 21; }

static void each_schedule_is_its_formula_and_no_other(void **state) {
  (void)state;
  double (*const formula[SCHEDULES])(double) = {a_cosine, a_line, a_root};
  for (int i = 0; i < SCHEDULES; i++)
    for (int k = 0; k < SCHEDULES; k++)
      assert_true((off_course((schedule_kind)i, 0.2, formula[k]) < 1e-8) == (i == k));
  assert_false(off_course(SCHEDULE_WSD, 0.2, late) < 1e-8); /* one step decides */
  assert_false(off_course(SCHEDULE_WSD, 0.19, a_line) < 1e-8);
  step_options o = {.steps = 100, .warmup = 10, .decay_fraction = 1};
  assert_int_equal(schedule_decay(&o), 90); /* all that is left */
  o.decay_fraction = 0;
  assert_int_equal(schedule_decay(&o), 1);
  schedule_kind kind;
  for (int i = 0; i < SCHEDULES; i++) {
    assert_int_equal(schedule_from(schedule_name((schedule_kind)i), &kind), 0);
    assert_int_equal(kind, i);
  }
  assert_int_equal(schedule_from("wsd-", &kind), -1);
}

static void a_ramp_doubles_the_rows_after_equal_parts(void **state) {
  (void)state;
  const step_options o = {.ramp = 10,
                          .first_rows = 2}; /* 2, 4, 8 rows from steps 0, 3, 6; then 16 */
  static const uint32_t want[] = {2, 2, 2, 4, 4, 4, 8, 8, 8, 8, 16, 16, 16};
  uint64_t sum = 0;
  for (uint64_t s = 0; s < 13; s++) {
    assert_int_equal(step_rows(&o, 16, s), want[s]);
    assert_int_equal(step_rows_before(&o, 16, s), sum);
    sum += want[s];
  }
  assert_null(schedule_error(&o, 16));
  assert_non_null(schedule_error(&o, 12));
  assert_non_null(schedule_error(&o, 1));
  const step_options none = {.ramp = 0}, flat = {.ramp = 5, .first_rows = 16};
  assert_int_equal(step_rows(&none, 16, 0), 16);
  assert_int_equal(step_rows_before(&none, 16, 7), 112);
  assert_int_equal(step_rows(&flat, 16, 0), 16);
  assert_null(schedule_error(&flat, 16));
}

/* One update of Muon from zero moments and weights, over lr 0.2 sqrt(max(rows, cols)): the
 * orthogonal factor of g, transposed where rows > cols so that its rows are the short side. */
static void orthogonal(const ops_f32 *k, uint32_t rows, uint32_t cols, const float *g, double *o) {
  const size_t n = (size_t)rows * cols;
  float *p = calloc(n, sizeof *p), *m = calloc(n, sizeof *m),
        *work = aligned_alloc(64, (muon_work(k, rows, cols) * sizeof *work + 63) / 64 * 64);
  muon_update(k, &(muon_step){.lr = 0.01f, .beta = 0.95f, .scale = 1}, rows, cols, p, g, m, NULL,
              work);
  const double unit = -0.01 * 0.2 * sqrt(rows > cols ? rows : cols);
  for (uint32_t i = 0; i < rows; i++)
    for (uint32_t j = 0; j < cols; j++)
      o[rows > cols ? j * rows + i : i * cols + j] = (double)p[i * cols + j] / unit;
  for (size_t i = 0; i < n; i++) assert_true(m[i] == g[i]);
  free(p), free(m), free(work);
}
/* Largest and smallest x^T O O^T x of many random unit x, for O[r,c]. */
static void stretch(uint32_t r, uint32_t c, const double *o, double *least, double *most) {
  ulm_rng rng = ulm_rng_seed(8, 8);
  *least = INFINITY, *most = 0;
  for (int k = 0; k < 200; k++) {
    double x[64], size = 0, sum = 0;
    for (uint32_t i = 0; i < r; i++) x[i] = (double)ulm_rng_f32(&rng) - 0.5, size += x[i] * x[i];
    for (uint32_t j = 0; j < c; j++) {
      double y = 0;
      for (uint32_t i = 0; i < r; i++) y += x[i] * o[i * c + j];
      sum += y * y;
    }
    *least = fmin(*least, sum / size), *most = fmax(*most, sum / size);
  }
}

static void muon_updates_are_near_orthogonal_and_keep_the_gradients_side(void **state) {
  (void)state;
  static const uint32_t shapes[][2] = {{32, 64}, {48, 24}, {40, 40}, {16, 130}};
  const ops_f32 *k;
  for (uint32_t isa = 0; (k = ops_at(isa)); isa++)
    for (int s = 0; s < 4; s++) {
      const uint32_t rows = shapes[s][0], cols = shapes[s][1], r = rows < cols ? rows : cols,
                     c = rows + cols - r;
      const size_t n = (size_t)rows * cols;
      float *g = malloc(n * sizeof *g);
      double *o = malloc(n * sizeof *o), *plain = malloc(n * sizeof *plain), least, most, dot = 0,
             size = 0, same = 0;
      ulm_rng rng = ulm_rng_seed(3, s);
      for (uint32_t i = 0; i < rows; i++) /* rows and columns of very different sizes */
        for (uint32_t j = 0; j < cols; j++)
          g[i * cols + j] = (ulm_rng_f32(&rng) - 0.5f) * 0.01f / (float)((1 + i % 7) * (1 + j % 5));
      orthogonal(k, rows, cols, g, o);
      stretch(r, c, o, &least, &most);
      assert_true(least > 0.55 && most < 1.55); /* squares of 0.77 and 1.23 */
      for (uint32_t i = 0; i < rows; i++)
        for (uint32_t j = 0; j < cols; j++) {
          const size_t at = rows > cols ? j * rows + i : i * cols + j;
          plain[at] = (double)g[i * cols + j];
          dot += plain[at] * o[at], size += plain[at] * plain[at], same += o[at] * o[at];
        }
      assert_true(dot / sqrt(size * same) > 0.5);
      for (size_t i = 0; i < n; i++) plain[i] *= sqrt(same / size); /* the gradient itself fails */
      stretch(r, c, plain, &least, &most);
      assert_false(least > 0.55 && most < 1.55);
      free(g), free(o), free(plain);
    }
}

/* ---- The golden run ---- */

static const ulm_config tiny = {32, 2, 4, 2, 64, TINY_VOCAB, 64, 1e6f, 1e-5f};
enum { STEPS = 10, B = 4, T = 64, SEED = 5 };
static const step_options recipe = {.lr = 0.02,
                                    .min_lr = 0.002,
                                    .decay = 0.1,
                                    .beta1 = 0.9,
                                    .beta2 = 0.95,
                                    .clip = 1,
                                    .steps = STEPS,
                                    .warmup = 2};
static const view_options opener = {OBJECTIVE_OPENER, 0, 0.1f, 0};

/* Losses and gradient norms (before clipping) of the ten steps, by the portable kernels, with AdamW
 * and with Muon. What other instruction sets and compilers round differently is far below the
 * tolerance; every fault below is above it. */
static const struct {
  double loss[STEPS], norm[STEPS];
} golden[2] = {{{5.9671387, 5.8967900, 5.5954150, 5.2883845, 5.0449873, 4.8050164, 4.7503363,
                 4.7471027, 4.7586383, 4.5769049},
                {0.8454447, 1.2692507, 1.0085168, 0.9413520, 0.8826462, 0.8142795, 0.8053764,
                 0.7748444, 0.7650136, 0.6540635}},
               {{5.9671387, 5.9546365, 5.8210207, 5.5395362, 5.1907365, 4.8289846, 4.7364376,
                 4.7242089, 4.7579186, 4.5923141},
                {0.8454447, 0.9762078, 1.4253925, 2.1588131, 1.6506581, 1.0656202, 0.9440893,
                 0.9313677, 1.0326350, 0.8684066}}};
#define LOSS_TOLERANCE 5e-6 /* absolute */
#define NORM_TOLERANCE 3e-5 /* relative */

typedef struct {
  double loss[STEPS], norm[STEPS];
  bool muon;
} course;
/* What is wrong with a run on purpose. */
typedef enum { RIGHT, ZEROED, PERMUTED, RATE, DECAYED, CLIPPED, WEIGHTS, SEEDED } fault;

static course train(fault what, uint32_t tensor, int threads, bool muon) {
  course c = {.muon = muon};
  host_error e;
  stepper s;
  const loader_source source = {in_dir("golden"), 0};
  step_options o = recipe;
  view_options view = opener;
  o.muon = muon;
  if (what == RATE) o.lr *= 1.01;
  if (what == DECAYED) o.decay = 0;
  if (what == CLIPPED) o.clip = 0;
  if (what == WEIGHTS) view.prompt = 0.11f;
  loader *l = loader_open(&source, 1, "train", &(loader_options){B, T, SEED, view, false}, &e);
  if (!l || stepper_open(&s, &tiny, B, T, 0, threads, &e)) fail_msg("%s", e.text);
  model_init(s.model, what == SEEDED ? SEED + 1 : SEED);
  const ulm_tensor t = ulm_tensor_at(&tiny, tensor);
  if (what == PERMUTED) { /* the tensor's rows in reverse */
    float *w = model_params(s.model) + t.start, *copy = malloc(t.count * sizeof *copy);
    memcpy(copy, w, t.count * sizeof *w);
    for (uint32_t i = 0; i < t.rows; i++)
      memcpy(w + i * t.cols, copy + (t.rows - 1 - i) * t.cols, t.cols * sizeof *w);
    free(copy);
  }
  for (uint64_t i = 0; i < STEPS; i++) {
    c.loss[i] = step_gradient(&s, loader_next(l));
    if (what == ZEROED) memset(model_grads(s.model) + t.start, 0, t.count * sizeof(float));
    c.norm[i] = step_update(&s, &o, i);
  }
  stepper_close(&s);
  loader_close(l);
  return c;
}

/* Largest difference from the golden run, in units of the tolerance. */
static double distance(const course *c) {
  double worst = 0;
  for (int i = 0; i < STEPS; i++) {
    worst = fmax(worst, fabs(c->loss[i] - golden[c->muon].loss[i]) / LOSS_TOLERANCE);
    worst = fmax(worst, fabs(c->norm[i] / golden[c->muon].norm[i] - 1) / NORM_TOLERANCE);
  }
  return worst;
}

static void every_instruction_set_and_thread_count_repeats_the_golden_run(void **state) {
  (void)state;
  const ops_f32 *o;
  for (uint32_t i = 0; (o = ops_at(i)); i++) {
    setenv("ULM_ISA", o->isa, 1);
    for (int muon = 0; muon < 2; muon++) {
      const course one = train(RIGHT, 0, 1, muon), two = train(RIGHT, 0, 2, muon);
      assert_memory_equal(one.loss, two.loss, sizeof one.loss);
      assert_memory_equal(one.norm, two.norm, sizeof one.norm);
      print_message("  %s, %s: %.3f of the tolerance\n", o->isa, muon ? "Muon" : "AdamW",
                    distance(&one));
      assert_true(distance(&one) < 1);
    }
  }
  unsetenv("ULM_ISA");
}

static void the_golden_tolerance_sees_every_fault(void **state) {
  (void)state;
  double least = INFINITY;
  for (int muon = 0; muon < 2; muon++) {
    for (uint32_t i = 0; i < ulm_tensor_count(&tiny); i++) {
      const ulm_tensor t = ulm_tensor_at(&tiny, i);
      if (t.layer == 0) continue; /* one block, and what is outside */
      const course zeroed = train(ZEROED, i, 1, muon);
      least = fmin(least, distance(&zeroed));
      if (!(distance(&zeroed) > 1)) fail_msg("no gradient for %s %d: not seen", t.name, t.layer);
      if (!t.cols) continue;
      const course permuted = train(PERMUTED, i, 1, muon);
      least = fmin(least, distance(&permuted));
      if (!(distance(&permuted) > 1)) fail_msg("%s %d permuted: not seen", t.name, t.layer);
    }
    for (fault f = RATE; f <= SEEDED; f++) {
      const course c = train(f, 0, 1, muon);
      least = fmin(least, distance(&c));
      if (!(distance(&c) > 1)) fail_msg("fault %d: not seen", f);
    }
  }
  print_message("  the smallest is %.1f tolerances away\n", least);
}

/* ---- The program's loop ---- */

static run_options options(const loader_source *source, const char *dir) {
  return (run_options){.config = tiny,
                       .preset = "custom",
                       .sources = source,
                       .count = 1,
                       .dir = dir,
                       .view = opener,
                       .step = recipe,
                       .seed = SEED,
                       .batch = B,
                       .seq = T,
                       .eval_every = 4,
                       .eval_batches = 3,
                       .save_every = 3,
                       .threads = 2};
}

static void the_loop_is_the_golden_run_and_writes_its_course(void **state) {
  (void)state;
  host_error e;
  const loader_source source = {in_dir("golden"), 0};
  const run_options o = options(&source, in_dir("run"));
  if (run_train(&o, &e)) fail_msg("%s", e.text);
  char *text = made_text("run/metrics.jsonl"), *csv = made_text("run/metrics.csv"), *line = text;
  course c = {.muon = false};
  int validated = 0;
  for (int i = 0; i < STEPS; i++) {
    char *end = strchr(line, '\n');
    assert_non_null(end);
    *end = 0;
    json_t *j = json_loads(line, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(j, "step")), i + 1);
    c.loss[i] = json_number_value(json_object_get(j, "loss"));
    c.norm[i] = json_number_value(json_object_get(j, "grad_norm"));
    const bool val = json_object_get(j, "val_loss") != NULL;
    assert_int_equal(val, i == 3 || i == 7 || i == 9);
    validated += val;
    json_decref(j);
    line = end + 1;
  }
  assert_int_equal(*line, 0);
  assert_int_equal(validated, 3);
  assert_true(distance(&c) < 1);
  int lines = 0;
  for (const char *p = csv; *p; p++) lines += *p == '\n';
  assert_int_equal(lines, STEPS + 1);
  model_file last, best;
  assert_int_equal(model_file_open(&last, in_dir("run/last.ckpt"), ULM_KIND_CKPT, &e), 0);
  assert_int_equal(model_file_open(&best, in_dir("run/best.ckpt"), ULM_KIND_CKPT, &e), 0);
  json_t *meta = json_loadb((const char *)last.meta.data, last.meta.size, 0, NULL);
  assert_int_equal(json_integer_value(json_object_get(meta, "step")), STEPS);
  assert_string_equal(json_string_value(json_object_get(meta, "objective")), "opener");
  json_t *data = json_array_get(json_object_get(meta, "data"), 0);
  assert_int_equal(json_integer_value(json_object_get(
                       json_object_get(json_object_get(data, "sources"), "chats"), "documents")),
                   200);
  json_decref(meta);
  model_file_close(&last), model_file_close(&best);
  free(text), free(csv);
}

/* Mean loss of a checkpoint over a source's first three val batches; *part: its targets a position,
 * by `share` of the positions. */
static double loss_of(const char *ckpt, const loader_source *source, double share, double *part) {
  host_error e;
  model_file f;
  model *m = model_new(&tiny, B, T, 0, 1, &e);
  assert_int_equal(model_file_open(&f, ckpt, ULM_KIND_CKPT, &e), 0);
  assert_int_equal(model_file_floats(&f, model_params(m), &e), 0);
  model_file_close(&f);
  loader *l = loader_open(source, 1, "val", &(loader_options){B, T, 0, opener, true}, &e);
  double sum = 0, weights = 0, total;
  const model_batch *b;
  for (int i = 0; i < 3 && (b = loader_next(l)); i++)
    sum += model_loss(m, b, &total, NULL), weights += total;
  *part = share * weights / (double)loader_positions(l);
  loader_close(l);
  model_free(m);
  return sum / weights;
}

static void the_last_and_best_validation_losses_are_those_of_the_checkpoints(void **state) {
  (void)state;
  char *csv = made_text("run/metrics.csv");
  double val[3], best = INFINITY;
  int n = 0;
  for (char *line = strchr(csv, '\n') + 1; *line; line = strchr(line, '\n') + 1) {
    char *field = line;
    for (int i = 0; i < 3; i++) field = strchr(field, ',') + 1;
    if (*field != ',') val[n++] = atof(field), best = fmin(best, val[n - 1]);
  }
  assert_int_equal(n, 3);
  const loader_source source = {in_dir("golden"), 0};
  const char *const names[] = {"run/last.ckpt", "run/best.ckpt"};
  for (int k = 0; k < 2; k++) {
    double part;
    const double loss = loss_of(in_dir(names[k]), &source, 1, &part);
    assert_true(fabs(loss - (k ? best : val[2])) < 2e-6);
  }
  free(csv);
}

static void validation_tells_sources_apart_and_weighs_them_as_training_does(void **state) {
  (void)state;
  host_error e;
  made_shards shards;
  made_doc d;
  ulm_rng r = ulm_rng_seed(6, 6);
  for (int split = 0; split < 2; split++) { /* longer replies than golden's */
    made_shards_open(&shards, in_dir("else/golden"), split ? "val" : "train", tiny_tokenizer, 5000);
    for (int i = 0; i < 60; i++) {
      made_begin(&d), made_turns(&d, &r, 12), made_push(&d, ULM_PAD, SHARD_CHAT);
      made_shards_add(&shards, &d, NULL);
    }
    made_shards_close(&shards);
  }
  made_chats(in_dir("untold"), "train", 20, 8); /* no val split */
  static char dir[3][600];
  snprintf(dir[0], sizeof dir[0], "%s", in_dir("golden"));
  snprintf(dir[1], sizeof dir[1], "%s", in_dir("untold"));
  snprintf(dir[2], sizeof dir[2], "%s", in_dir("else/golden"));
  const loader_source sources[] = {{dir[0], 1}, {dir[1], 1}, {dir[2], 2}};
  run_options o = options(sources, in_dir("apart"));
  o.count = 3;
  if (run_train(&o, &e)) fail_msg("%s", e.text);
  double part[2];
  const double loss[2] = {loss_of(in_dir("apart/last.ckpt"), &sources[0], 0.25, &part[0]),
                          loss_of(in_dir("apart/last.ckpt"), &sources[2], 0.5, &part[1])};
  char *text = made_text("apart/metrics.jsonl"), *line = strrchr(text, '{');
  while (line > text && line[-1] != '\n') line--;
  json_t *j = json_loads(line, 0, NULL), *by = json_object_get(j, "val");
  assert_int_equal(json_object_size(by), 2); /* names that are alike are told in full */
  const double got[2] = {json_number_value(json_object_get(by, dir[0])),
                         json_number_value(json_object_get(by, dir[2]))};
  for (int i = 0; i < 2; i++) assert_true(fabs(got[i] - loss[i]) < 2e-6);
  assert_true(fabs(loss[0] - loss[1]) > 1e-3); /* an exchange would be seen, */
  const double val = json_number_value(json_object_get(j, "val_loss")),
               want = (part[0] * loss[0] + part[1] * loss[1]) / (part[0] + part[1]),
               plain = (0.25 * loss[0] + 0.5 * loss[1]) / 0.75;
  assert_true(fabs(val - want) < 2e-6);
  assert_true(fabs(plain - want) > 4e-6); /* and so would weights of the sources alone */
  json_decref(j), free(text);
  char *csv = made_text("apart/metrics.csv"), header[2000];
  snprintf(
      header, sizeof header,
      "step,tokens,loss,val_loss,\"val:%s\",\"val:%s\",lr,grad_norm,tokens_per_s,mfu,seconds\n",
      dir[0], dir[2]);
  assert_memory_equal(csv, header, strlen(header));
  free(csv);
}

static void a_tiny_batch_is_learned_by_heart(void **state) {
  (void)state;
  host_error e;
  made_chats(in_dir("few"), "train", 4, 3);
  const loader_source source = {in_dir("few"), 0};
  stepper s;
  step_options o = recipe;
  o.steps = 250, o.warmup = 10, o.decay = 0, o.lr = 0.01;
  loader *l = loader_open(&source, 1, "train",
                          &(loader_options){2, T, 1, {OBJECTIVE_CHAT, 0, 0, 0}, false}, &e);
  if (!l || stepper_open(&s, &tiny, 2, T, 0, 2, &e)) fail_msg("%s", e.text);
  model_init(s.model, 1);
  double loss[2] = {0}, total;
  for (uint64_t i = 0; i < o.steps; i++) {
    const double x = step_gradient(&s, loader_next(l));
    if (i == 0) loss[0] = x;
    step_update(&s, &o, i);
  }
  loss[1] = model_loss(s.model, loader_next(l), &total, NULL);
  loss[1] /= total;
  assert_true(fabs(loss[0] - log(TINY_VOCAB)) < 0.1); /* knows nothing */
  assert_true(loss[1] < 0.01);                        /* knows it by heart */
  /* Weights of it in another order know nothing again. */
  float *w = model_params(s.model);
  for (size_t i = 0; i < TINY_VOCAB / 2 * 32; i++) {
    const size_t j = (TINY_VOCAB - 1 - i / 32) * 32 + i % 32;
    const float keep = w[i];
    w[i] = w[j], w[j] = keep;
  }
  loss[1] = model_loss(s.model, loader_next(l), &total, NULL);
  assert_true(loss[1] / total > 2);
  stepper_close(&s);
  loader_close(l);
}

static void metrics_keep_the_rows_up_to_the_step_resumed(void **state) {
  (void)state;
  host_error e;
  metrics m;
  assert_int_equal(host_mkdir(in_dir("rows"), &e), 0);
  assert_int_equal(metrics_open(&m, in_dir("rows"), NULL, 0, 0, &e), 0);
  for (uint64_t i = 1; i <= 6; i++)
    assert_int_equal(
        metrics_add(&m, &(metrics_row){.step = i, .loss = 0.5, .val = i % 2 ? NAN : 1.5}, &e), 0);
  metrics_close(&m);
  char *csv = made_text("rows/metrics.csv"), *whole = made_text("rows/metrics.jsonl");
  FILE *f = fopen(in_dir("rows/metrics.csv"), "a");
  fputs("7,1,0.5", f); /* a row that a kill cut short */
  fclose(f);
  assert_int_equal(metrics_open(&m, in_dir("rows"), NULL, 0, 4, &e), 0);
  for (uint64_t i = 5; i <= 6; i++)
    metrics_add(&m, &(metrics_row){.step = i, .loss = 0.5, .val = i % 2 ? NAN : 1.5}, &e);
  metrics_close(&m);
  char *again = made_text("rows/metrics.csv"), *other = made_text("rows/metrics.jsonl");
  assert_string_equal(csv, again);
  assert_string_equal(whole, other);
  free(csv), free(again), free(whole), free(other);
}

static void flops_are_six_a_weight_and_attention(void **state) {
  (void)state;
  ulm_config c;
  ulm_preset("8.8m", &c);
  const double norms = (2 * 8 + 1) * 256, weights = (double)ulm_param_count(&c) - norms;
  assert_true(run_flops(&c, 256) == 6 * weights + 6.0 * 8 * 256 * 256);
}

static int setup(void **state) {
  if (made_dir_open(state)) return -1;
  made_chats(in_dir("golden"), "train", 200, 1);
  made_chats(in_dir("golden"), "val", 50, 2);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(adamw_is_its_formula),
      cmocka_unit_test(a_norm_is_the_same_for_any_number_of_threads),
      cmocka_unit_test(warmup_rises_linearly_under_every_schedule),
      cmocka_unit_test(each_schedule_is_its_formula_and_no_other),
      cmocka_unit_test(a_ramp_doubles_the_rows_after_equal_parts),
      cmocka_unit_test(muon_updates_are_near_orthogonal_and_keep_the_gradients_side),
      cmocka_unit_test(every_instruction_set_and_thread_count_repeats_the_golden_run),
      cmocka_unit_test(the_golden_tolerance_sees_every_fault),
      cmocka_unit_test(the_loop_is_the_golden_run_and_writes_its_course),
      cmocka_unit_test(the_last_and_best_validation_losses_are_those_of_the_checkpoints),
      cmocka_unit_test(validation_tells_sources_apart_and_weighs_them_as_training_does),
      cmocka_unit_test(a_tiny_batch_is_learned_by_heart),
      cmocka_unit_test(metrics_keep_the_rows_up_to_the_step_resumed),
      cmocka_unit_test(flops_are_six_a_weight_and_attention),
  };
  return cmocka_run_group_tests(tests, setup, made_dir_close);
}
