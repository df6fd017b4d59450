/* Checkpoints in memory and on disk for tests of what comes after training, with the small
 * tokenizer of tests/vectors. */
#ifndef TESTS_MAKE_MODEL_H
#define TESTS_MAKE_MODEL_H
#include "t.h"
#include "host.h"
#include "make_blob.h"

#include <dirent.h>
#include <ftw.h>
#include <unistd.h>

enum { TINY_VOCAB = 384 };
static const char tiny_tokenizer[] = "tests/vectors/tiny.model";

static inline uint8_t *made_read(const char *path, size_t *n) {
  host_map m;
  host_error e;
  if (host_map_open(&m, path, &e)) fail_msg("%s", e.text);
  uint8_t *p = malloc(m.size ? m.size : 1);
  if (m.size) memcpy(p, m.bytes, m.size);
  *n = m.size;
  host_map_close(&m);
  return p;
}

static inline void made_write(const char *path, const void *bytes, size_t n) {
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(bytes, 1, n, f), n);
  assert_int_equal(fclose(f), 0);
}

/* A container of kind ULM_KIND_CKPT or ULM_KIND_QUANT with matrices of one type. */
static inline uint8_t *made_model(uint32_t kind, const ulm_config *c, ulm_type type,
                                  const float *params, const char *meta, size_t *size) {
  uint8_t config[ULM_CONFIG_SIZE], *dir, *weights;
  size_t dir_size, weights_size, tok_size;
  uint8_t *tok = made_read(tiny_tokenizer, &tok_size);
  ulm_config_write(config, c);
  made_in_rows = 1;
  made_weights(c, type, params, &dir, &dir_size, &weights, &weights_size);
  made_in_rows = 0;
  const made_section s[] = {{ULM_SEC_CONFIG, config, sizeof config},
                            {ULM_SEC_TENSORS, dir, dir_size},
                            {ULM_SEC_WEIGHTS, weights, weights_size},
                            {ULM_SEC_META, meta, strlen(meta)},
                            {ULM_SEC_SPM, tok, tok_size}};
  uint8_t *p = made_container(kind, s, 5, size);
  free(dir);
  free(weights);
  free(tok);
  return p;
}

static inline void made_checkpoint(const char *path, const ulm_config *c, const float *params) {
  size_t n;
  uint8_t *p = made_model(ULM_KIND_CKPT, c, ULM_F32, params,
                          "{\"preset\":\"tiny\",\"objective\":\"chat\"}", &n);
  made_write(path, p, n);
  free(p);
}

/* ---- A folder for one test program ---- */

static char made_dir[256];
static inline int made_dir_open(void **state) {
  (void)state;
  const char *t = getenv("TMPDIR");
  snprintf(made_dir, sizeof made_dir, "%s/ulm-test-XXXXXX", t && *t ? t : "/tmp");
  return mkdtemp(made_dir) ? 0 : -1;
}
static inline int made_unlink(const char *path, const struct stat *st, int type, struct FTW *at) {
  (void)st, (void)type, (void)at;
  return remove(path);
}
static inline void made_remove(const char *path) {
  nftw(path, made_unlink, 16, FTW_DEPTH | FTW_PHYS);
}
static inline int made_dir_close(void **state) {
  (void)state;
  made_remove(made_dir);
  return 0;
}
/* made_dir/name; four at a time. */
static inline const char *in_dir(const char *name) {
  static char path[8][600];
  static int at;
  char *p = path[at++ % 8];
  snprintf(p, sizeof path[0], "%s/%s", made_dir, name);
  return p;
}
/* Names in made_dir. */
static inline int made_count(void) {
  int n = 0;
  DIR *d = opendir(made_dir);
  for (struct dirent *x; d && (x = readdir(d));) n += x->d_name[0] != '.';
  closedir(d);
  return n;
}

static inline char *made_text(const char *name) {
  size_t n;
  uint8_t *p = made_read(in_dir(name), &n);
  char *s = malloc(n + 1);
  memcpy(s, p, n);
  s[n] = 0;
  free(p);
  return s;
}
static inline bool made_says(const char *name, const char *word) {
  char *s = made_text(name);
  const bool found = strstr(s, word) != NULL;
  free(s);
  return found;
}

#endif
