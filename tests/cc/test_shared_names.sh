# SPDX-License-Identifier: GPL-2.0-or-later
# Names that a fix brings to one file anew and others refer to: what is linked where.

# One file instantiates a template, the other refers to that by `extern template`: neither
# does before the fix.
instance_project() {
  [ -x "$bin/kpatch_gensrc" ] || skip "not built"
  unset KPATCH_GENSRC
  cat >t.h <<'C'
template <typename T> struct Meter {
  static T highest;
  __attribute__((noinline)) T read(T value) { return value + highest++; }
};
template <typename T> T Meter<T>::highest = 1;
C
  printf '#include "t.h"\nlong use(long n) { return n; }\n' >use.cc
  printf '#include "t.h"\nlong have(long n) { return n * 3; }\n' >have.cc
  printf 'long use(long); long have(long);\nint main(int c, char **) { return use(c) + have(c); }\n' >main.cc
}
fix_instances() {
  printf '#include "t.h"\nextern template struct Meter<long>;\n' >use.cc
  printf 'long use(long n) { return Meter<long>().read(n); }\n' >>use.cc
  printf '#include "t.h"\ntemplate struct Meter<long>;\n' >have.cc
  printf 'long have(long n) { return n * 4; }\n' >>have.cc
}
address() { nm "$1" | sed -n "s/^0*\([0-9a-f]*\) [A-Za-z] $2\$/\1/p"; }

for_programs_and_libraries() { # LINKER_FLAGS
  for compiler in g++ clang++; do
    has $compiler || continue
    for flags in "main.cc -o out" "-shared -fPIC -o out"; do
      rm -rf store out
      instance_project
      in_stage original $compiler -O2 $1 use.cc have.cc $flags
      fix_instances
      "$2" in_stage patched $compiler -O2 $1 use.cc have.cc $flags
    done
  done
}
is_linked() {
  "$@" || fail "does not link: $*"
  local name=_ZN5MeterIlE4readEl
  [ -n "$(address out $name.kpatch)" ] || fail "no $name.kpatch: $*"
  [ "$(address out $name)" = "$(address out $name.kpatch)" ] || fail "$name is another: $*"
  if nm out | grep ' U _ZN5Meter'; then fail "a name is missing: $*"; fi
  if ls store/probe-* 2>/dev/null; then fail "the trial link is left behind"; fi
}
test_missing_instance_is_that_of_the_patch() {
  for_programs_and_libraries "" is_linked
}
test_missing_instance_is_missing_for_gold() {
  has ld.gold || skip "no gold"
  is_refused() {
    local status=0
    "$@" 2>err.txt || status=$?
    # A library may leave a name undefined.
    case "$*" in *-shared*) return ;; esac
    [ $status != 0 ] || fail "links: $*"
    grep -q "undefined reference to .*Meter" err.txt || fail "not named: $*"
  }
  for_programs_and_libraries -fuse-ld=gold is_refused
}
# What no file has is as missing as it is for the plain linker.
test_other_missing_names_stay_missing() {
  instance_project
  in_stage original g++ -O2 use.cc have.cc main.cc -o out
  fix_instances
  printf 'long nowhere(long);\nlong far(long n) { return nowhere(n); }\n' >>use.cc
  local plain=0 status=0
  g++ -O2 use.cc have.cc main.cc -o plain 2>plain.txt || plain=$?
  rm -f out
  in_stage patched g++ -O2 use.cc have.cc main.cc -o out 2>err.txt || status=$?
  [ $status = $plain ] || fail "ends with $status, the plain compiler with $plain"
  grep -q "undefined reference to .nowhere" err.txt || fail "nowhere() is not named"
  if grep "undefined reference to .*Meter" err.txt; then fail "an instance is missing too"; fi
  [ ! -e out ] || fail "there is an output"
}
# A library that leaves a name to others goes on to: nothing is linked again for it.
test_name_of_others_stays_with_them() {
  instance_project
  printf 'extern int of_host; int mine() { return of_host; }\n' >>use.cc
  in_stage original g++ -O2 -shared -fPIC use.cc have.cc -o out
  fix_instances
  printf 'extern int of_host; int mine() { return of_host; }\n' >>use.cc
  in_stage patched g++ -O2 -shared -fPIC use.cc have.cc -o out
  nm out | grep ' U of_host' || fail "of_host is not left to others"
  [ "$(address out _ZN5MeterIlE4readEl)" = "$(address out _ZN5MeterIlE4readEl.kpatch)" ]
}
