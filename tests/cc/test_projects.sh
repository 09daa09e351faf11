# SPDX-License-Identifier: GPL-2.0-or-later
# kpatch_make through the build systems that packages use.

# A C++ and C source pair that cmake, meson and automake share.
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

test_project_cmake() {
  has cmake || skip "no cmake"
  project_sources p
  cat >p/CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.13)
project(p C CXX)
include(CheckFunctionExists)
include(CheckCSourceCompiles)
check_function_exists(fork HAVE_FORK)
check_c_source_compiles("int main(void) { return nonsense; }" HAVE_NONSENSE)
if(NOT HAVE_FORK OR HAVE_NONSENSE)
  message(FATAL_ERROR "probes fail")
endif()
add_library(part SHARED part.c)
set_target_properties(part PROPERTIES VERSION 1.2.3 SOVERSION 1)
add_executable(main main.c)
target_link_libraries(main part)
C
  unchanged p kpatch_make -p fix.patch -C p -o bundle -- \
    sh -c 'cmake -S . -B out && cmake --build out -j2' >out
  [ $status = 0 ]
  expect_library
}
test_project_cmake_ninja() {
  has cmake && has ninja || skip "no cmake or ninja"
  project_sources p
  printf 'project(p C)\nadd_library(part SHARED part.c)\nadd_executable(main main.c)\ntarget_link_libraries(main part)\n' >p/CMakeLists.txt
  kpatch_make -p fix.patch -C p -o bundle -- sh -c 'cmake -G Ninja . && ninja' >out
  expect_library
}
test_project_meson() {
  has meson || skip "no meson"
  project_sources p
  printf "project('p', 'c')\nl = shared_library('part', 'part.c')\nexecutable('main', 'main.c', link_with: l)\n" >p/meson.build
  kpatch_make -p fix.patch -C p -o bundle -- sh -c 'meson setup out && ninja -C out' >out
  expect_library
}
test_project_autotools() {
  for tool in autoreconf automake libtoolize; do has $tool || skip "no $tool"; done
  project_sources p
  cat >p/configure.ac <<'C'
AC_INIT([p], [1])
AM_INIT_AUTOMAKE([foreign])
AC_PROG_CC
LT_INIT([disable-static])
AC_CHECK_FUNCS([fork no_such_function])
AC_CONFIG_FILES([Makefile])
AC_OUTPUT
C
  cat >p/Makefile.am <<'C'
lib_LTLIBRARIES = libpart.la
libpart_la_SOURCES = part.c
bin_PROGRAMS = main
main_SOURCES = main.c
main_LDADD = libpart.la
C
  (cd p && autoreconf -fi >/dev/null 2>&1)
  unchanged p kpatch_make -p fix.patch -C p -o bundle -- \
    sh -c './configure --prefix=/usr && make -j2 && make install DESTDIR="$PWD/dest"' >out
  [ $status = 0 ]
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
