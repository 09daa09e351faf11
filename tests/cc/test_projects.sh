# SPDX-License-Identifier: GPL-2.0-or-later
# kpatch_make through build systems, with the fakes: what tests/projects, where such are built
# for real and patched live, does not look at.

# A pair of C sources.
project_sources() {
  mkdir -p "$1"
  printf 'int part(int a) {\n  return a * 3;\n}\n' >"$1/part.c"
  printf 'int part(int);\nint main(int c, char **v) { return v ? part(c) : 0; }\n' >"$1/main.c"
  cat >fix.patch <<'P'
--- a/part.c
+++ b/part.c
@@ -1,3 +1,3 @@
 int part(int a) {
-  return a * 3;
+  return a * 5 + 1;
 }
P
}

# The library changes, the program does not.
expect_library() {
  cat out
  grep "^libpart" out
  if grep '^main' out; then fail "the program has not changed"; fi
}

test_project_cmake_ninja() {
  has cmake && has ninja || skip "no cmake or ninja"
  project_sources p
  printf 'project(p C)\nadd_library(part SHARED part.c)\nadd_executable(main main.c)\ntarget_link_libraries(main part)\n' >p/CMakeLists.txt
  kpatch_make -p fix.patch -C p -o bundle -- sh -c 'cmake -G Ninja . && ninja' >out
  expect_library
}
# configure must find out the same things with and without us.
test_project_configure_is_undisturbed() {
  for tool in autoreconf automake libtoolize; do has $tool || skip "no $tool"; done
  project_sources p
  printf 'AC_INIT([p], [1])\nAC_PROG_CC\nAC_PROG_CXX\nAC_C_CONST\nAC_CHECK_SIZEOF([long])\nAC_CHECK_FUNCS([fork])\nAC_CONFIG_HEADERS([config.h])\nAC_OUTPUT\n' >p/configure.ac
  (cd p && autoreconf -fi >/dev/null 2>&1)
  for stage in plain original patched; do
    mkdir $stage
    if [ $stage = plain ]; then
      (cd $stage && ../p/configure >log 2>&1)
    else
      (cd $stage && in_stage $stage ../p/configure >log 2>&1)
    fi
  done
  for stage in original patched; do
    diff plain/log $stage/log
    diff plain/config.h $stage/config.h
  done
}
