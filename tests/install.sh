#!/bin/sh
# Installs into a temporary folder, compiles a C and a C++ program against what is there and nothing else, runs
# them, uninstalls and finds nothing left. Prints "ok <sentence>" for each check.
set -u
B=${B:-build}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
fail() { echo "not ok $*"; exit 1; }
ok() { echo "ok $*"; }
R=$T/root/opt/ulm
make -s B="$B" install DESTDIR="$T/root" PREFIX=/opt/ulm >"$T/log" 2>&1 || { cat "$T/log"; fail "make install"; }
for f in include/ulm.h lib/libulm.a lib/libulm.so lib/pkgconfig/ulm.pc bin/ulm bin/ulm-run share/man/man1/ulm-run.1 share/man/man3/ulm.3; do
  [ -e "$R/$f" ] || fail "$f is installed"
done
[ "$(ls "$R/include")" = ulm.h ] || fail "one header is installed"
ok "make install puts one header, both libraries, tools, man pages and ulm.pc under DESTDIR"

export PKG_CONFIG_PATH="$R/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$T/root"
flags=$(pkg-config --cflags --libs ulm) || fail "pkg-config finds ulm"
major=$(sed -n 's/^#define ULM_VERSION_MAJOR *//p' "$R/include/ulm.h")
[ "$(pkg-config --modversion ulm | cut -d. -f1)" = "$major" ] || fail "ulm.pc has the header's version"

# The usage in the header's first lines, as it stands there, in a program that reads a blob.
{
  cat <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ulm.h>
int main(int argc, char **argv) {
  static _Alignas(64) unsigned char blob[1 << 20];
  ulm_options options = {0};
  FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
  size_t size = f ? fread(blob, 1, sizeof blob, f) : 0;
  options.kv = ULM_KV_INT8;
  if (!f || ulm_version() != ULM_VERSION) return 2;
C
  sed -n '/^ \*   static/,/^ \*   puts/s/^ \* //p' "$R/include/ulm.h"
  echo '  return fclose(f) || !*o.text; }'
} >"$T/usage.c"
grep -q ulm_chat_hear "$T/usage.c" || fail "the header begins with its usage"
cat >"$T/usage.cc" <<'CC'
#include <ulm.h>
#include <cstdio>
#include <vector>
int main(int argc, char **argv) {
  std::FILE *f = argc > 1 ? std::fopen(argv[1], "rb") : nullptr;
  if (!f || ulm_version() >> 16 != ULM_VERSION_MAJOR) return 2;
  alignas(ULM_ALIGN) static unsigned char blob[1 << 20], arena[1 << 20];
  const size_t size = std::fread(blob, 1, sizeof blob, f);
  std::fclose(f);
  ulm_options options = {};
  ulm_error err = {};
  ulm *m = nullptr;
  options.kv = ULM_KV_INT8;
  if (ulm_open(&m, blob, size, arena, sizeof arena, &options, &err)) return std::puts(err.message), 1;
  ulm_opener_options how = {};
  std::vector<char> said;
  how.user = &said;
  how.temperature = 0.5f, how.top_p = 0.9f;
  how.on_word = [](void *user, const char *word, size_t n) {
    auto *out = static_cast<std::vector<char> *>(user);
    out->insert(out->end(), word, word + n);
    return 0;
  };
  ulm_opener o;
  if (ulm_chat_turn(m, "user", "How many people live in Seattle?", 32, &err) || ulm_speak(m, &how, &o, &err)) return 1;
  std::puts(o.text);
  return said.size() == o.size && ulm_restore(m, "", 0, &err) == ULM_E_FORMAT ? 0 : 1;
}
CC
warn="-Wall -Wextra -Wpedantic -Wshadow -Werror ${SAN:-}"
for std in c11 c17; do
  ${CC:-cc} -std=$std $warn "$T/usage.c" -o "$T/c-$std" $flags || fail "the usage compiles as $std"
done
for std in c++11 c++17 c++20; do
  ${CXX:-c++} -std=$std $warn "$T/usage.cc" -o "$T/cc-$std" $flags || fail "a program compiles as $std"
done
echo '#include <ulm.h>' >"$T/alone.c"
${CC:-cc} -std=c99 $warn $(pkg-config --cflags ulm) -fsyntax-only "$T/alone.c" || fail "the header alone is C99"
${CC:-cc} -std=c11 $warn "$T/usage.c" -o "$T/static" $(pkg-config --cflags ulm) "$R/lib/libulm.a" || fail "it links the static library"
ok "C and C++ programs compile against the installed header without a warning"

mkdir "$T/blobs"
make -s B="$B" "$B/tests/portable_blobs" && "$B/tests/portable_blobs" "$T/blobs" || fail "a blob to speak with"
blob=$T/blobs/int8.ulm
"$T/static" $blob >"$T/said" || fail "the static program says something"
[ -s "$T/said" ] || fail "the static program says something"
export LD_LIBRARY_PATH="$R/lib"
for p in c-c11 c-c17 cc-c++11 cc-c++17 cc-c++20; do
  "$T/$p" $blob >"$T/out" || fail "$p runs: $(cat "$T/out")"
  [ -s "$T/out" ] || fail "$p says something"
done
"$T/c-c11" $blob | cmp -s - "$T/said" || fail "shared and static library say the same"
head -c 100 $blob >"$T/cut"
"$T/cc-c++11" "$T/cut" >"$T/out" && fail "a cut blob is refused"
[ -s "$T/out" ] || fail "the refusal has words"
ok "they run, and say the same with the shared and the static library"

so=$R/lib/libulm.so
readelf -d "$so" | grep -q "SONAME.*\[libulm.so.$major\]" || fail "the shared library's name holds the version"
nm -D --defined-only "$so" | awk '$2 ~ /[A-Z]/ && $2 != "A" {sub(/@.*/, "", $3); print $3}' | sort >"$T/has"
${CC:-cc} -E -P "$R/include/ulm.h" | grep -oE '\bulm_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u >"$T/wants"
grep -q '^ulm_open$' "$T/wants" || fail "the header declares ulm_open"
cmp -s "$T/has" "$T/wants" || { diff "$T/has" "$T/wants"; fail "the shared library gives out the header's functions and no others"; }
ok "the shared library gives out the $(wc -l <"$T/has") functions of the header and no others"

PATH=$R/bin:$PATH ulm info $blob >"$T/out" || fail "the installed ulm finds its tools"
for f in "$R"/share/man/man?/*; do
  [ "$(grep -c '^\.SH' "$f")" -ge 2 ] && [ "$(wc -l <"$f")" -gt 8 ] || fail "$(basename "$f") is a page"
done
[ "$(ls "$R/bin" | wc -l)" -eq "$(ls "$R/share/man/man1" | wc -l)" ] || fail "every tool has a page"
ok "the installed tools find each other, and each has a man page"

make -s B="$B" uninstall DESTDIR="$T/root" PREFIX=/opt/ulm || fail "make uninstall"
left=$(find "$T/root" ! -type d)
[ -z "$left" ] || fail "left behind: $left"
ok "make uninstall leaves nothing"
