#include "export.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *base(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void symbol(char *out, size_t size, const char *path) {
  size_t n = (size_t)snprintf(out, size, "model_");
  for (const char *p = base(path); *p && *p != '.' && n + 1 < size; p++)
    out[n++] = isalnum((unsigned char)*p) && (unsigned char)*p < 128 ? *p : '_';
  out[n] = 0;
}

static void comment(host_out *o, const export_model *s, size_t size) {
  const ulm_config *c = &s->file.config;
  host_out_printf(
      o,
      "/* A ulm model of %llu parameters, %zu bytes, matrices %s; dim %u, %u layers, %u/%u heads,\n"
      " * ffn %u, vocabulary %u, context %u. Made by ulm-export; open it with ulm_open. */\n",
      (unsigned long long)ulm_param_count(c), size, ulm_type_name(export_matrices(s)), c->dim,
      c->layers, c->heads, c->kv_heads, c->ffn, c->vocab, c->context);
}

static void write_source(host_out *o, const export_model *s, const char *name, const char *header,
                         const host_map *blob) {
  static const char hex[] = "0123456789abcdef";
  comment(o, s, blob->size);
  host_out_printf(o,
                  "#include \"%s\"\n\n"
                  "#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__\n"
                  "#error \"the words below are little-endian\"\n#endif\n\n"
                  "const size_t %s_size = %zu;\n\n_Alignas(64) const uint32_t %s[%zu] = {\n",
                  header, name, blob->size, name, blob->size / 4);
  for (size_t i = 0; i < blob->size; i += 4 * 8) { /* a container's size divides by 64 */
    char line[8 * 11 + 2], *p = line;
    for (size_t w = i; w < i + 32; w += 4) {
      const uint32_t v = ulm_get32(blob->bytes + w);
      *p++ = '0', *p++ = 'x';
      for (int shift = 28; shift >= 0; shift -= 4) *p++ = hex[v >> shift & 15];
      *p++ = ',';
    }
    *p++ = '\n';
    host_out_write(o, line, (size_t)(p - line));
  }
  host_out_printf(o, "};\n");
}

static void write_header(host_out *o, const export_model *s, const char *name,
                         const host_map *blob) {
  comment(o, s, blob->size);
  host_out_printf(
      o,
      "#ifndef %s_h\n#define %s_h\n\n#include <stddef.h>\n#include <stdint.h>\n\n"
      "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
      "extern const uint32_t %s[%zu]; /* a blob as little-endian words, 64-byte aligned */\n"
      "extern const size_t %s_size;   /* bytes */\n\n"
      "#ifdef __cplusplus\n}\n#endif\n#endif\n",
      name, name, name, blob->size / 4, name);
}

int export_c(const export_model *s, const ulm_gate *gate, const char *out, host_error *e) {
  char temp[4096], header[4096], name[128];
  const size_t n = strlen(out), stem = n > 2 && !strcmp(out + n - 2, ".c") ? n - 2 : n;
  host_map blob;
  host_out c, h;
  if ((size_t)snprintf(header, sizeof header, "%.*s.h", (int)stem, out) >= sizeof header)
    return host_fail(e, "%.100s...: path is too long", out);
  if (strpbrk(base(header), "\"\\\n\r"))
    return host_fail(e, "%s: a C source cannot include a name like this", out);
  symbol(name, sizeof name, out);
  if (export_temp(temp, sizeof temp, out, e) || host_out_open(&c, out, e)) return -1;
  int bad = host_out_open(&h, header, e);
  if (bad)
    host_out_abort(&c);
  else if ((bad = export_blob_as(s, gate, temp, &blob, e)))
    host_out_abort(&c), host_out_abort(&h);
  if (bad) return -1;
  write_source(&c, s, name, base(header), &blob);
  write_header(&h, s, name, &blob);
  host_map_close(&blob);
  unlink(temp);
  if (!host_out_commit(&h, e)) return host_out_commit(&c, e);
  host_out_abort(&c);
  return -1;
}
