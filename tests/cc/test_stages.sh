# SPDX-License-Identifier: GPL-2.0-or-later
# What kpatch_cc keeps in the original stage and compares in the patched one.

# compile_both BEFORE AFTER COMMAND...: file a.c has the one text in the original
# stage and the other in the patched stage.
compile_both() {
  printf '%b' "$1" >a.c
  local after=$2
  shift 2
  in_stage original "$@" || fail "original stage: $*"
  printf '%b' "$after" >a.c
  in_stage patched "$@"
}

calls() { [ -e fake.log ] && wc -l <fake.log || echo 0; }

test_changed_source_is_compared() {
  for compiler in gcc clang; do
    has $compiler || continue
    rm -f fake.log
    compile_both 'int f(void) { return 1; }\n' 'int f(void) { return 2; }\n' $compiler -c a.c -o a.o
    [ "$(calls)" = 1 ]
    has_patch a.o
    read -r original patched <fake.log
    grep -q '\$1,' "$original"
    grep -q '\$2,' "$patched"
  done
}
test_unchanged_source_is_not() {
  compile_both 'int f(void) { return 1; }\n' 'int f(void)\t{ return 1; }\n' gcc -c a.c -o a.o
  [ "$(calls)" = 0 ]
  if has_patch a.o; then fail "a patch out of nothing"; fi
}
test_changed_in_every_shape() {
  local before='int main(void) { return 1; }\n' after='int main(void) { return 2; }\n'
  local flags
  for compiler in gcc clang; do
    has $compiler || continue
    for flags in "a.c -o p" "-pipe a.c -o p" "-g a.c -o p" "-save-temps a.c -o p" "@args" \
      "-flto a.c -o p" "-O2 -MMD a.c -o p" "-s a.c -o p" "-Wl,-x,-S a.c -o p"; do
      rm -rf store fake.log p
      printf -- '-O1 a.c -o p\n' >args
      compile_both "$before" "$after" $compiler $flags
      has_patch p || fail "$compiler $flags: no patch"
      sections_of p | grep '\.rela\.text' >/dev/null || fail "$compiler $flags: no relocations"
      readelf -sW p | grep ' fake\.kpatch$' >/dev/null || fail "$compiler $flags: stripped"
    done
  done
}
test_several_sources_keep_apart() {
  mkdir x y
  echo 'int f(void) { return 1; }' >x/s.c
  echo 'int main(void) { return 1; }' >y/s.c
  for compiler in gcc clang; do
    has $compiler || continue
    rm -rf store fake.log
    sed -i 's/return [0-9]/return 1/' y/s.c
    in_stage original $compiler x/s.c y/s.c -o p
    sed -i 's/return 1/return 2/' y/s.c
    in_stage patched $compiler x/s.c y/s.c -o p
    [ "$(calls)" = 1 ]
    read -r original patched <fake.log
    grep -q 'main' "$original"
    grep -q 'main' "$patched"
  done
}
test_two_programs_from_one_source() {
  echo 'int main(void) { return N; }' >a.c
  in_stage original gcc -DN=1 a.c -o one
  in_stage original gcc -DN=2 a.c -o two
  in_stage patched gcc -DN=1 a.c -o one
  in_stage patched gcc -DN=2 a.c -o two
  [ "$(calls)" = 0 ]
}
test_new_source_is_all_new() {
  echo 'int f(void) { return 1; }' >a.c
  in_stage patched gcc -c a.c -o a.o
  read -r original patched <fake.log
  [ ! -s "$original" ]
  grep -q '/a\.o$' store/new.log
}
test_refusal_fails_the_compilation() {
  if compile_both 'int f;\n' 'int REFUSE_ME;\n' gcc -c a.c -o a.o 2>err; then fail "accepted"; fi
  grep -q 'a\.c.*a\.o.*REFUSE_ME cannot be carried over' err
  [ "$(wc -l <err)" -le 2 ]
}
test_refused_options_by_name() {
  for option in -fsanitize=address -mcmodel=large -mcmodel=medium -m32; do
    rm -rf store
    compile_both 'int f(void) { return 1; }\n' 'int f(void) { return 1; }\n' gcc $option -c a.c
    if compile_both 'int f(void) { return 1; }\n' 'int f(void) { return 2; }\n' \
      gcc $option -c a.c 2>err; then fail "$option accepted"; fi
    grep -q -- "$option" err
  done
}
# The same conftest.o again and again, with other texts each time.
test_probes_never_fail() {
  local i
  for stage in original patched; do
    for i in 1 2 3; do
      echo "int conf$i; int REFUSE_ME_$stage;" >conftest.c
      in_stage $stage gcc -c conftest.c 2>err
      [ ! -s err ]
      echo "int main(void) { return $i; } int REFUSE_ME_$stage;" >conftest.c
      in_stage $stage gcc conftest.c -o conftest 2>err
      [ ! -s err ]
    done
  done
  [ "$(calls)" = 0 ]
  if ls store/links/*/*.json; then fail "a probe was recorded"; fi
}
# Probes that we do not know by name: one object, several texts.
test_unknown_probes_never_fail() {
  local i
  for stage in original patched; do
    for i in 1 2 3; do
      echo "int try$i; int REFUSE_ME_$stage;" >try.c
      in_stage $stage gcc -c try.c 2>err
      [ ! -s err ]
    done
  done
  [ "$(wc -l <store/refused.log)" = 3 ]
}
test_compiled_twice_pairs_in_order() {
  for stage in original patched; do
    [ $stage = original ] && n=1 || n=2
    echo "int f(void) { return N + $n; }" >a.c
    in_stage $stage gcc -DN=10 -c a.c
    in_stage $stage gcc -DN=20 -c a.c
  done
  [ "$(calls)" = 2 ]
  mapfile -t originals < <(cut -d' ' -f1 fake.log)
  grep -q '\$11,' "${originals[0]}"
  grep -q '\$21,' "${originals[1]}"
}
test_changed_assembly_source() {
  printf '\t.text\nhand:\tret\n' >h.S
  in_stage original gcc -c h.S
  printf '\t.text\nhand:\tnop\n\tret\n' >h.S
  in_stage patched gcc -c h.S
  [ "$(calls)" = 1 ]
  has_patch h.o
}
test_links_are_recorded() {
  echo 'int main(void) { return 0; }' >m.c
  echo 'int f(void) { return 0; }' >f.c
  for stage in original patched; do
    in_stage $stage gcc m.c -o prog
    in_stage $stage gcc -shared -fPIC f.c -o libf.so.1.2.3
    in_stage $stage gcc -c f.c
    in_stage $stage ld -r f.o -o part.o
  done
  for kind in executable shared relocatable; do
    grep -l "\"kind\": \"$kind\"" store/links/original/*.json >kind
    [ "$(wc -l <kind)" = 1 ]
  done
  grep -q "\"output\": \"$PWD/libf.so.1.2.3\"" store/links/original/*.json
  [ "$(ls store/links/original/*.elf | wc -l)" = 2 ]
  # The copy is the link's own output, and stays when that is stripped.
  strip prog
  readelf -sW store/links/patched/*.elf | grep ' main$'
}
test_linker_by_itself() {
  echo 'int f(void) { return 0; }' >f.c
  in_stage original gcc -fPIC -c f.c
  plain=$(PATH=$plain_path command -v ld)
  [ "$(in_stage original ld --version)" = "$("$plain" --version)" ]
  [ "$(in_stage original ld -v)" = "$("$plain" -v)" ]
  ld=$links/ld
  printf -- '-shared f.o -o lib1.so\n' >args
  "$plain" @args && cp lib1.so plain.so
  PATH=$links:$PATH KPATCH_STAGE=original "$ld" @args
  cmp lib1.so plain.so
  PATH=$links:$PATH KPATCH_STAGE=patched "$ld" -shared f.o # to a.out
  sections_of a.out | grep '\.rela\.eh_frame'
  if PATH=$links:$PATH KPATCH_STAGE=patched "$ld" -shared missing.o 2>err; then fail "linked"; fi
  grep -q missing.o err
}
test_lto_of_clang_becomes_an_ordinary_build() {
  has clang || skip no clang
  printf 'int f(void); int main(void) { return f(); }\n' >m.c
  compile_both 'int f(void) { return 0; }\n' 'int f(void) { return 0; }\n' \
    clang -O2 -flto a.c m.c -o p 2>err
  local flags
  for flags in -flto "-flto -g"; do
    in_stage original clang -O2 $flags -c a.c 2>>err
    readelf -h a.o >/dev/null # no bitcode
  done
  [ "$(grep -c "note: clang's -flto" err)" = 1 ]
  [ "$(wc -l <err)" = 1 ]
}
# The numbers in the names of bytecode sections are random without a seed.
test_lto() {
  sources
  local flags
  for flags in -flto -flto=2 "-flto -ffat-lto-objects" "-flto -g -flto-partition=max" \
    "-flto -save-temps" "-flto -flto-partition=none" "-flto -pipe"; do
    compare_stages src gcc -O2 -frandom-seed=1 $flags a.c b.c -o p
    compare_stages src gcc -O2 -frandom-seed=1 $flags -c a.c b.c
  done
  compare_stages src sh -c 'gcc -O2 -flto -frandom-seed=1 -c a.c b.c && gcc-ar rc l.a b.o &&
    gcc -flto a.o l.a -o p && gcc -r -flto a.o b.o -o r.o && gcc -flto r.o -o q && rm r.o'
}
test_fat_lto_object_takes_the_change_for_both_uses() {
  compile_both 'int f(int a) { return a; }\n' 'int f(int a) { return a + 1; }\n' \
    gcc -O2 -g -flto -ffat-lto-objects -c a.c
  has_patch a.o
  sections_of a.o | grep 'gnu\.lto'
}
test_parallel_first_use() {
  local i
  for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "int f$i(void) { return $i; }" >s$i.c; done
  for stage in original patched; do
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do in_stage $stage gcc -c s$i.c 2>>err & done
    wait
  done
  [ ! -s err ]
  [ "$(ls s*.o | wc -l)" = 12 ]
  [ "$(wc -l <store/log.original)" = 12 ]
  [ "$(calls)" = 0 ]
  [ "$(ls -d store/shims-* | wc -l)" = 1 ]
}
test_spaces_in_paths() {
  mkdir "in c" "out put"
  echo '#define N 4' >"in c/n.h"
  compile_both '#include "n.h"\nint f(void) { return N; }\n' \
    '#include "n.h"\nint f(void) { return N + 1; }\n' gcc -I "in c" -c a.c -o "out put/a b.o"
  has_patch "out put/a b.o"
}
# A compiler cache in front or behind: never asked while it is disabled.
test_ccache() {
  has ccache || skip "no ccache"
  export CCACHE_DISABLE=1
  compile_both 'int f(void) { return 1; }\n' 'int f(void) { return 2; }\n' ccache gcc -c a.c
  has_patch a.o
}
test_cache_links_in_path() {
  mkdir cache
  cat >cache/ccache <<'C'
#!/bin/sh
echo "the cache was called" >&2
exit 1
C
  chmod +x cache/ccache
  ln -s ccache cache/gcc
  echo 'int f;' >a.c
  PATH=$PWD/links:$PWD/cache:$plain_path KPATCH_STAGE=original gcc -c a.c
}
test_two_copies_in_path_end_with_an_error() {
  mkdir copy
  cp "$bin/kpatch_cc" copy/gcc
  echo 'int f;' >a.c
  if PATH=$PWD/links:$PWD/copy KPATCH_STAGE=original $(command -v timeout) 120 links/gcc -c a.c 2>err; then
    fail "compiled"
  fi
  grep -q 'two copies' err
}
# `gcc conftest.c` alone: only the source's name tells.
test_probe_without_output_name() {
  echo 'int main(void) { return 0; } int REFUSE_ME;' >conftest.c
  for compiler in gcc clang; do
    has $compiler || continue
    in_stage patched $compiler conftest.c
    ./a.out
  done
  [ "$(calls)" = 0 ]
  if ls store/links/*/*.json; then fail "a probe was recorded"; fi
}
