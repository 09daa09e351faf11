# SPDX-License-Identifier: GPL-2.0-or-later
# Sources that did not change are not compiled a second time, and only those.
# A #warning tells whether one was.

reuse_project() {
  mkdir -p src/inc src/other outside
  printf '#define V 3\n' >src/inc/v.h
  printf '#define W 4\n' >outside/w.h
  cat >src/a.c <<'C'
#warning compiled
#include "v.h"
#include "w.h"
#if __has_include("extra.h")
#define EXTRA 1
#else
#define EXTRA 0
#endif
#ifdef EVER
#include "never.h"
#endif
#if __has_include (<maybe/more.h>) || __has_include("late.h")
#endif
int f(int x) { return x * V + W + EXTRA; }
C
  export SOURCE_DATE_EPOCH=1700000000 KPATCH_TREE=$PWD/work KPATCH_ORIGINAL_TREE=$PWD/first
}
in_original_tree() {
  rm -rf work first store
  cp -a src work
  (cd work && in_stage original "$@" 2>err.txt) || fail "original stage: $*"
  grep -q 'warning.*compiled' work/err.txt || fail "the original stage does not compile: $*"
  mv work first
  cp -a src work
}
# not_compiled COMMAND..., compiled COMMAND...: in the patched stage.
not_compiled() {
  (cd work && in_stage patched "$@" 2>err.txt) || fail "patched stage: $*"
  if grep -q 'warning.*compiled' work/err.txt; then fail "compiled again: $*"; fi
}
compiled() {
  (cd work && in_stage patched "$@" 2>err.txt) || fail "patched stage: $*"
  grep -q 'warning.*compiled' work/err.txt || fail "not compiled, but should be: $*"
}

test_reuse_gives_the_same_files() {
  reuse_project
  local flags
  for compiler in gcc clang; do
    has $compiler || continue
    for flags in "" "-g" "-MD" "-MMD -MF dep/a.d -MT a.o" \
      "-flto" "-flto=auto -g -pipe" "-flto -ffat-lto-objects" "-flto -ffat-lto-objects -pipe" \
      "-pipe -g -grecord-gcc-switches" "-Wa,--noexecstack,-mrelax-relocations=no" \
      "-MD -MP -fPIC -Wall -Wp,-D_FORTIFY_SOURCE=2 -Wp,-UX,-DY=3" \
      "--std=c99 --param=max-inline-insns-auto=9"; do
      mkdir -p src/dep
      local command="$compiler -O2 $flags -Iother -Iinc -I../outside -c a.c -o a.o"
      in_original_tree $command
      not_compiled $command
      # clang -g lays its line tables out otherwise when it assembles its own text.
      if [[ "$compiler $flags " = "clang "*"-g "* ]]; then
        same_loaded first/a.o work/a.o
      else
        cmp first/a.o work/a.o
      fi
      for list in a.d dep/a.d; do
        [ ! -e first/$list ] || cmp first/$list work/$list
      done
      [ "$(wc -l <store/log.patched)" = 1 ] || fail "not counted as compiled"
    done
  done
}
test_reuse_leaves_the_original_stage_alone() {
  reuse_project
  for flags in "-g" "-g -grecord-gcc-switches" "-g3 -MD" "-frecord-gcc-switches"; do
    for compiler in gcc clang; do
      has $compiler || continue
      # clang records the path that it was called by.
      case "$compiler $flags" in clang*record*) continue ;; esac
      local command="$compiler -O2 $flags -Iinc -I../outside -c a.c -o a.o"
      in_original_tree $command
      (cd work && $command 2>err.txt)
      diff <(files_of first) <(files_of work) || fail "differs from the plain compiler: $command"
    done
  done
}
test_reuse_ends_at_any_doubt() {
  reuse_project
  local command="gcc -O2 -Iother -Iinc -I../outside -c a.c -o a.o" change
  for change in "echo '#define V 5' >work/inc/v.h" "echo >>work/a.c" \
    "echo '#define V 3' >work/other/v.h" "touch work/inc/extra.h" "touch work/extra.h" \
    "echo '#define W 5' >outside/w.h" "touch work/inc/v.h.gch" "mv first elsewhere" \
    "mkdir work/inc/extra.h" "mkdir work/inc/maybe" "touch work/inc/late.h" \
    "export SOURCE_DATE_EPOCH=1800000000" "export CPATH=/usr/include" "rm first/inc/v.h"; do
    in_original_tree $command
    touch work/inc/new.c work/unheard.h work/V work/inc/never.h # nobody could see them
    not_compiled $command
    (
      eval "$change"
      compiled $command
    ) || exit 1
    rm -rf elsewhere
  done
}
test_reuse_wants_the_same_plain_command() {
  reuse_project
  local base="-Iinc -I../outside -c a.c -o a.o" pair
  for pair in "gcc -O2 $base|gcc -O1 $base" "gcc -O2 $base|gcc -O2 -DX $base" \
    "gcc $base|gcc-12 $base" "gcc $base|clang $base"; do
    has "$(sed 's/.*|\([^ ]*\).*/\1/' <<<"$pair")" || continue
    in_original_tree ${pair%|*}
    compiled ${pair#*|}
  done
  for flags in -fstack-usage -save-temps -gsplit-dwarf -fprofile-use "-Wp,-MD,a.d" \
    "-Wp,-DX,-MD,a.d" "-Wa,--noexecstack,-aln=a.lst"; do
    in_original_tree gcc -O2 $flags $base
    compiled gcc -O2 $flags $base
  done
}
# Distributions hand options to gcc in files.
test_reuse_with_specs() {
  reuse_project
  local command="gcc -O2 -Iinc -I../outside -specs=../outside/pie.specs -c a.c -o a.o"
  printf '*self_spec:\n+ -fno-PIE\n' >outside/pie.specs
  in_original_tree $command
  not_compiled $command
  cmp first/a.o work/a.o
  printf '*self_spec:\n+ -fPIE\n' >outside/pie.specs
  compiled $command
  printf '*cc1_options:\n+ -fstack-usage\n' >outside/pie.specs
  in_original_tree $command
  compiled $command
}
# A folder of links to the sources, by absolute paths.
test_reuse_looks_behind_links() {
  reuse_project
  local command="gcc -O2 -I../inc -I../../outside -c a.c -o a.o"
  cp -a src work
  mkdir work/links
  ln -s "$PWD/work/a.c" work/links/a.c
  ln -s "$PWD/work/inc/v.h" work/links/v.h
  (cd work/links && in_stage original $command 2>err.txt)
  mv work first
  cp -a first work
  (cd work/links && in_stage patched $command 2>err.txt)
  if grep 'warning.*compiled' work/links/err.txt; then fail "compiled again without need"; fi
  sed -i 's/V 3/V 5/' work/inc/v.h
  touch -d 2020-01-01 work/inc/v.h # the fix is there before anything is built
  (cd work/links && in_stage patched $command 2>err.txt)
  grep -q 'warning.*compiled' work/links/err.txt || fail "a changed file behind a link is not seen"
}
test_reuse_tells_what_was_compiled_and_why() {
  reuse_project
  local command="gcc -O2 -Iinc -I../outside -c a.c"
  in_original_tree $command
  not_compiled $command
  grep "/work/a.o\$" store/reused.log
  [ ! -e store/again.log ] || fail "nothing was compiled again"
  echo '#define V 5' >work/inc/v.h
  compiled $command
  compiled gcc -O2 -fstack-usage -Iinc -I../outside -c a.c
  grep "/work/a.o: inc/v.h\$" store/again.log
  grep "/work/a.o: -fstack-usage\$" store/again.log
}
test_reuse_sees_what_assembly_includes() {
  reuse_project
  printf '#warning compiled\nasm(".section .rodata\\n.incbin \\"data\\"\\n.text");\n' >src/a.c
  echo one >src/data
  in_original_tree gcc -c a.c -o a.o
  echo two >work/data
  compiled gcc -c a.c -o a.o
}
test_reuse_makes_the_same_patch() {
  [ -x "$bin/kpatch_gensrc" ] && [ -x "$bin/kpatch_tool" ] || skip "not built"
  unset KPATCH_GENSRC KPATCH_TOOL
  make_project p
  printf '#warning compiled\n' >>p/main.c
  export SOURCE_DATE_EPOCH=1700000000
  export CFLAGS=-g # without line numbers a reason names a file of the store
  "$bin/kpatch_make" --keep kept -p fix.patch -C p -o bundle -- make >out
  grep -q 'warning.*compiled' kept/original/build.log
  if grep -q 'warning.*compiled' kept/patched/build.log; then fail "main.c was compiled again"; fi
  # Without reuse, since CPATH is set.
  CPATH=/usr/include "$bin/kpatch_make" --keep kept -p fix.patch -C p -o bundle2 -- make >out
  grep -q 'warning.*compiled' kept/patched/build.log
  diff -r bundle bundle2
}
