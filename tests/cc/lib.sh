# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of kpatch_cc and kpatch_make share. Sourced by run.
#
# A test is a function test_NAME: it runs in an empty folder $PWD of its own and
# fails with its first failing command. skip REASON ends it as skipped.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$(cd "${BUILD:-$here/../../build}/bin" && pwd)
plain_path=$PATH

skip() {
  echo "$*" >&3
  exit 77
}
# begun FIFO LOG: waits for a word from what runs in the background. One that ended without
# would be waited for without end.
begun() {
  local fd
  exec {fd}<>"$1"
  read -r -t 300 _ <&"$fd" || fail "it did not begin: $(cat "$2")"
  exec {fd}>&-
}
has() { command -v "$1" >/dev/null 2>&1; }

fail() {
  echo "FAIL: $*" >&2
  exit 1
}

# A folder of links as kpatch_make makes it, and the fakes.
set_up() {
  local name
  mkdir links
  for name in gcc g++ cc c++ clang clang++ gcc-12 clang-14 as ld; do
    ! has "$name" || ln -s "$bin/kpatch_cc" "links/$name"
  done
  export KPATCH_STORE=$PWD/store KPATCH_GENSRC=$here/fake/kpatch_gensrc
  export KPATCH_TOOL=$here/fake/kpatch_tool FAKE_LOG=$PWD/fake.log
  links=$PWD/links
  unset KPATCH_STAGE CC CXX CFLAGS MAKEFLAGS
}

# in_stage original|patched COMMAND...
in_stage() {
  local stage=$1
  shift
  PATH=$links:$plain_path KPATCH_STAGE=$stage "$@"
}

# Every file below $1 and a digest of it.
files_of() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0 -r sha256sum); }

sections_of() { readelf -SW "$1"; }
has_patch() { sections_of "$1" | grep '\.kpatch\.text'; }

# Runs a command in three copies of folder $1, which take turns under one name:
# plain; original stage; patched stage with the same source. The first two must
# leave identical files, stderr included, and so must the third apart from what
# is linked (its relocations stay). FILES of the patched stage: objects only.
compare_stages() {
  local source=$1 stage
  shift
  for stage in plain original patched; do
    rm -rf work
    cp -a "$source" work
    local status=0
    if [ $stage = plain ]; then
      (cd work && "$@" >out.txt 2>err.txt) || status=$?
    else
      (cd work && in_stage $stage "$@" >out.txt 2>err.txt) || status=$?
    fi
    echo $status >work/status.txt
    rm -rf result-$stage
    mv work result-$stage
  done
  diff <(files_of result-plain) <(files_of result-original) ||
    fail "original stage differs from the plain compiler: $*"
  diff <(cd result-plain && find . -type f | sort) <(cd result-patched && find . -type f | sort) ||
    fail "patched stage leaves other files: $*"
  local file
  while read -r file; do
    case $(file_kind "result-plain/$file") in
    linked) same_loaded "result-plain/$file" "result-patched/$file" ;;
    *) cmp "result-plain/$file" "result-patched/$file" ;;
    esac
  done < <(cd result-plain && find . -type f)
}

file_kind() {
  local type
  type=$(readelf -h "$1" 2>/dev/null | sed -n 's/^ *Type: *\([A-Z]*\).*/\1/p')
  case $type in EXEC | DYN) echo linked ;; REL) echo object ;; *) echo other ;; esac
}

# The same loaded sections, byte for byte. But the build-id covers the whole file,
# and .dynsym counts the relocation sections in between.
same_loaded() {
  local no="--remove-section=.note.gnu.build-id --remove-section=.dynsym"
  objcopy -O binary $no "$1" one.loaded
  objcopy -O binary $no "$2" two.loaded
  cmp one.loaded two.loaded || fail "$1 and $2 are loaded differently"
  rm -f one.loaded two.loaded
}

# A small C project in folder $1: prog (main.c, part.c), libpart.so.
make_project() {
  mkdir -p "$1/in c"
  cat >"$1/Makefile" <<'M'
all: prog libpart.so
prog: main.o part.o
	$(CC) $(CFLAGS) -o $@ $^
libpart.so: part.c
	$(CC) $(CFLAGS) -shared -fPIC -I "in c" -o $@ part.c
%.o: %.c
	$(CC) $(CFLAGS) -O2 -I "in c" -c $< -o $@
M
  echo '#define V 3' >"$1/in c/v.h"
  printf '#include "v.h"\nint part(int a) { return a * V + a / 7; }\n' >"$1/part.c"
  printf 'int part(int);\nint main(int c, char **v) { return v ? part(c) : 0; }\n' >"$1/main.c"
  cat >fix.patch <<'P'
--- a/part.c
+++ b/part.c
@@ -1,2 +1,2 @@
 #include "v.h"
-int part(int a) { return a * V + a / 7; }
+int part(int a) { return a * V + a / 9; }
P
}
