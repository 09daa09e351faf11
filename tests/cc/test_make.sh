# SPDX-License-Identifier: GPL-2.0-or-later
# kpatch_make on small projects. The fakes stand in for kpatch_gensrc and
# kpatch_tool except where a test says real_tools.

kpatch_make() { "$bin/kpatch_make" "$@"; }
real_tools() { unset KPATCH_GENSRC KPATCH_TOOL; }

# unchanged FOLDER COMMAND...: the folder is the same after the command, times and
# inodes included. The command's exit code is in $status.
unchanged() {
  local folder=$1
  shift
  snapshot "$folder" >before
  status=0
  "$@" || status=$?
  snapshot "$folder" >after
  diff before after || fail "the tree changed: $*"
  [ -z "$(find "$(dirname "$folder")" -maxdepth 1 -name '.kpatch_make.*')" ] ||
    fail "something was left beside the tree"
}
snapshot() {
  (cd "$1" && find . -printf '%p %y %m %s %i %T@ %U\n' | sort && files_of .)
}
# What is left in the folder for temporary files.
own_tmp() {
  mkdir -p tmp
  export TMPDIR=$PWD/tmp
}
none_left() { [ -z "$(ls "$TMPDIR")" ] || fail "left behind: $(ls "$TMPDIR")"; }

test_make_with_real_tools() {
  [ -x "$bin/kpatch_gensrc" ] && [ -x "$bin/kpatch_tool" ] || skip "not built"
  real_tools
  own_tmp
  make_project "pro ject"
  unchanged "pro ject" kpatch_make -p fix.patch -C "pro ject" -o bundle --level 3 -- make -j2 >out
  [ $status = 0 ]
  none_left
  [ "$(ls bundle/*.kpatch | wc -l)" = 2 ]
  grep '^libpart.so ' out
  grep '^prog ' out
  # The build that is really installed has this build-id.
  (cd "pro ject" && make -s)
  id=$(readelf -n "pro ject/prog" | sed -n 's/.*Build ID: //p')
  [ -s "bundle/$id.kpatch" ]
}
# As published: with a test's data in git's binary form, and with changes to files that the
# source package does not have.
test_make_fix_with_more_than_code() {
  real_tools
  make_project p
  {
    printf 'Subject: a fix\n\ndiff --git a/tests/crash.bin b/tests/crash.bin\nnew file mode 100644\n'
    printf 'index 000..123\nGIT binary patch\nliteral 3\nKcmZQzU|?VXAOHXW00961\n\nliteral 0\nHcmV?d00001\n\n'
    cat fix.patch
    printf 'diff --git a/tests/all.txt b/tests/all.txt\n--- a/tests/all.txt\n+++ b/tests/all.txt\n'
    printf '@@ -1 +1 @@\n--- one\n+++ two\n'
  } >published.patch
  status=0
  kpatch_make -p published.patch -C p -o bundle -- make >out 2>&1 || status=$?
  [ $status = 3 ]
  grep 'the source has no tests/all.txt; --skip' out
  kpatch_make -p published.patch --skip tests/ -C p -o bundle -- make >out 2>&1 || fail "$(cat out)"
  [ "$(ls bundle/*.kpatch | wc -l)" = 2 ]
  ! grep 'left out what' out || fail "a warning of what was to be skipped"
  kpatch_make -p published.patch --skip '*.txt' -C p -o bundle -- make >out 2>&1 || fail "$(cat out)"
  grep 'left out what it does to binary files, .*: tests/crash.bin' out
  status=0
  kpatch_make -p published.patch --skip '*' -C p -o bundle -- make >out 2>&1 || status=$?
  [ $status = 2 ]
  grep 'changes nothing but what is left out' out
}
# Several commits in one file, as a pull request is published: the second stands on the first.
test_make_fix_of_two_commits() {
  real_tools
  make_project p
  {
    printf 'From 1\nSubject: [1/2] begin\n\ndiff --git a/README b/README\nnew file mode 100644\n'
    printf -- '--- /dev/null\n+++ b/README\n@@ -0,0 +1 @@\n+one\n-- \n2.40\n\n'
    cat fix.patch
    printf 'From 2\nSubject: [2/2] go on\n\ndiff --git a/README b/README\n'
    printf -- '--- a/README\n+++ b/README\n@@ -1 +1 @@\n-one\n+two\n-- \n2.40\n'
  } >published.patch
  kpatch_make -p published.patch -C p -o bundle --keep kept -- sh -c 'make; cat README || :' >out 2>&1 ||
    fail "$(cat out)"
  [ "$(ls bundle/*.kpatch | wc -l)" = 2 ]
  grep '^two' kept/patched/build.log
}
# An upgrade of libcare while a build runs, which takes minutes: the file is another one then.
test_make_replaced_while_it_runs() {
  real_tools
  make_project p
  mkdir tools
  cp "$bin"/kpatch_* tools
  tools/kpatch_make -p fix.patch -C p -o bundle -- \
    sh -c "cp $PWD/tools/kpatch_make $PWD/tools/new && mv $PWD/tools/new $PWD/tools/kpatch_make && make" \
    >out 2>&1 || fail "$(cat out)"
  [ "$(ls bundle/*.kpatch | wc -l)" = 2 ]
}
test_make_json() {
  make_project p
  kpatch_make --json -p fix.patch -C p -o bundle -- make >out.json
  python3 - <<'P'
import json
out = json.load(open("out.json"))
patched = [o["object"] for o in out["objects"] if o["verdict"] == "patched"]
assert patched == ["libpart.so", "prog"] and out["verdict"] == "complete", out
assert out["objects"][0]["new_functions"] == 2 and out["original"]["compiled"] == 3, out
assert out["original"]["reused"] == 0 and out["cpu_seconds"]["patched"] > 0, out
assert out["patched"]["compiled"] + out["patched"]["reused"] == 3, out
P
}
# An unchanged source need not become bytecode again; the link is done as ever.
test_make_reuses_bytecode() {
  real_tools
  make_project p
  echo 'int main(void) { return 0; }' >probe.c
  gcc -flto probe.c -o probe 2>/dev/null || skip "no -flto"
  kpatch_make --json -p fix.patch -C p -o bundle -- make CFLAGS=-flto >out.json
  python3 - <<'P'
import json
out = json.load(open("out.json"))
assert out["patched"]["reused"] == 1, out["patched"]
assert [o["verdict"] for o in out["objects"]] == ["patched", "patched"]
P
}
test_make_json_in_front_of_the_command() {
  make_project p
  kpatch_make -p fix.patch -C p -o bundle --json out.json -- make -j2
  grep '"objects"' out.json
}
test_make_keeps_results() {
  make_project p
  kpatch_make --keep kept -p fix.patch -C p -o bundle -- make
  [ -x kept/original/prog ] && [ -x kept/patched/prog ] && [ -x kept/original/tree/prog ]
  [ -s kept/original/build.log ] && [ -s kept/patched/build.log ]
  kept/original/prog || [ $? = 3 ]
  has_patch kept/patched/prog
  # Once more over the old ones.
  kpatch_make --keep kept -p fix.patch -C p -o bundle -- make
}
test_make_in_place() {
  own_tmp
  make_project p
  export KPATCH_IN_PLACE=1
  unchanged p kpatch_make -p fix.patch -C p -o bundle -- make 2>err
  [ $status = 0 ]
  grep 'exchanged for a copy' err
  [ "$(ls bundle | wc -l)" = 2 ]
  none_left
}
test_make_as_ordinary_user() {
  [ "$(id -u)" = 0 ] || skip "not root"
  has setpriv || skip "no setpriv"
  own_tmp
  make_project p
  chmod -R a+rwX . && chmod a+x ..
  setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$bin/kpatch_make" ||
    skip "the tools are not readable to everybody"
  local setting=/proc/sys/kernel/unprivileged_userns_clone
  unchanged p setpriv --reuid 65534 --regid 65534 --clear-groups \
    "$bin/kpatch_make" -p fix.patch -C p -o bundle -- make 2>err
  cat err
  [ $status = 0 ]
  [ "$(ls bundle | wc -l)" = 2 ]
  none_left
}

test_make_failing_patch() {
  own_tmp
  make_project p
  sed 's/int part/int gone/' fix.patch >bad.patch
  unchanged p kpatch_make -p fix.patch -p bad.patch -C p -o bundle -- make 2>err
  [ $status = 3 ]
  grep 'bad.patch does not apply' err
  grep 'Hunk #1 FAILED' err
  [ ! -e bundle ]
  none_left
}
test_make_failing_build() {
  own_tmp
  make_project p
  sed 's/a . 9;/a * ;/' fix.patch >broken.patch
  unchanged p kpatch_make --keep kept -p broken.patch -C p -o bundle -- make 2>err
  [ $status = 14 ]
  grep 'the patched build failed: make ended with exit code 2' err
  grep 'part.c:2' err
  grep 'part.c:2' kept/patched/build.log
  unchanged p kpatch_make -p fix.patch -C p -o bundle -- make nothing 2>err
  [ $status = 14 ]
  grep 'the original build failed: make nothing ended with exit code 2' err
  unchanged p kpatch_make -p fix.patch -C p -o bundle -- no_such_command 2>err
  grep 'cannot run no_such_command' err
  [ ! -e bundle ]
  none_left
}
test_make_refusal_in_gensrc() {
  make_project p
  sed 's,a . 9;,a / 9; } int REFUSE_ME(void) { return 2;,' fix.patch >refused.patch
  unchanged p kpatch_make -p refused.patch -C p -o bundle -- make 2>err
  [ $status = 6 ]
  grep 'REFUSE_ME cannot be carried over' err
  grep 'part.c (.*/part.o)' err
}
test_make_refusal_in_tool() {
  make_project p
  FAKE_REFUSE=prog unchanged p kpatch_make -p fix.patch -C p -o bundle -- make 2>err
  [ $status = 9 ]
  grep 'layout proof failed' err
  [ ! -e bundle ]
}
test_make_nothing_changed() {
  make_project p
  sed 's,a . 9;,/* the same */ a / 7;,' fix.patch >same.patch
  unchanged p kpatch_make -p same.patch -C p -o bundle -- make 2>err
  [ $status = 7 ]
  grep 'no executable or shared object changed' err
  [ ! -e bundle ]
}
test_make_usage() {
  make_project p
  for arguments in "-C p -- make" "-p fix.patch -C p" "-p no.patch -C p -- make" \
    "-p fix.patch -C nowhere -- make" "-p fix.patch -C / -- make" "--nonsense"; do
    status=0
    kpatch_make $arguments 2>err || status=$?
    [ $status = 2 ] || fail "$arguments: $status"
    [ -s err ]
  done
  kpatch_make --help | grep -- '--strip-level'
  kpatch_make --version | grep kpatch_make
}
test_make_already_built() {
  make_project p
  make -s -C p
  unchanged p kpatch_make -p fix.patch -C p -o bundle -- make 2>err
  [ $status = 1 ]
  grep 'make compiled nothing' err
  kpatch_make -p fix.patch -C p -o bundle -- make -B
}
test_make_without_build_id() {
  make_project p
  unchanged p kpatch_make -p fix.patch -C p -o bundle -- make CFLAGS=-Wl,--build-id=none 2>err
  [ $status = 6 ]
  grep 'has no build-id' err
  grep -- '-Wl,--build-id' err
}

# What kpatch_make and its build have not cleared away yet.
remains() {
  find "$TMPDIR" -mindepth 1 2>/dev/null || true
  find . -maxdepth 1 -name '.kpatch_make.*'
  pgrep -f "sleep 600[.]$$\$" || true
}
# Signals: the build is gone, the tree as it was, nothing left.
signal_test() {
  local signal=$1
  own_tmp
  make_project p
  printf 'all:\n\t$(CC) -c part.c -I "in c"\n\ttouch wounded part.c\n\techo go >../started\n\tsleep 600.%s\n' $$ >p/Makefile
  snapshot p >before
  mkfifo started
  "$bin/kpatch_make" -p fix.patch -C p -o bundle -- make 2>err &
  local pid=$!
  begun started err
  kill -$signal $pid
  status=0
  wait $pid || status=$?
  # After SIGKILL the guardian works on its own; and what was told to end takes its time.
  for _ in $(seq 1000); do
    [ -n "$(remains)" ] || break
    sleep 0.1
  done
  snapshot p >after
  diff before after || fail "the tree changed"
  none_left
  [ -z "$(find . -maxdepth 1 -name '.kpatch_make.*')" ]
  if pgrep -f "sleep 600[.]$$\$"; then fail "the build goes on"; fi
}
test_make_sigint() { signal_test INT && [ $status = 130 ] && grep 'stopped by signal 2' err; }
test_make_sigterm() { signal_test TERM && [ $status = 143 ]; }
test_make_sigkill() { signal_test KILL && [ $status = 137 ]; }
test_make_in_place_sigint() { KPATCH_IN_PLACE=1 signal_test INT; }
test_make_in_place_sigkill() { KPATCH_IN_PLACE=1 signal_test KILL; }

test_make_strip_levels() {
  make_project p
  sed 's,^--- a/,--- ,; s,^+++ b/,+++ ,' fix.patch >p0.patch
  sed 's,^--- a/,--- a/x/,; s,^+++ b/,+++ b/x/,' fix.patch >p2.patch
  for patch in p0 fix p2; do kpatch_make -p $patch.patch -C p -o bundle-$patch -- make; done
  if kpatch_make -p fix.patch --strip-level 0 -C p -o b -- make 2>err; then fail "applied"; fi
  [ "$(ls bundle-p0)" = "$(ls bundle-p2)" ]
}
test_make_two_patches_of_one_file() {
  make_project p
  cat >second.patch <<'P'
--- a/part.c
+++ b/part.c
@@ -1,2 +1,2 @@
 #include "v.h"
-int part(int a) { return a * V + a / 9; }
+int part(int a) { return a * V + a / 11; }
P
  unchanged p kpatch_make -p fix.patch -p second.patch -C p -o bundle -- make
  [ $status = 0 ]
}
test_make_compiler_by_path() {
  make_project p
  for compiler in gcc clang; do
    has $compiler || continue
    path=$(PATH=$plain_path command -v $compiler)
    CC=$path kpatch_make -p fix.patch -C p -o b-$compiler -- make -e
    kpatch_make -p fix.patch -C p -o c-$compiler -- make CC="$path"
    diff <(ls b-$compiler) <(ls c-$compiler)
  done
  kpatch_make -p fix.patch -C p -o d -- make "CC=$bin/kpatch_cc"
}
test_make_fixed_time() {
  make_project p
  sed -i 's/return v/return __TIME__[0] \&\& v/' p/main.c
  printf 'const char *built(void) { return __DATE__ __TIME__; }\n' >>p/main.c
  kpatch_make -p fix.patch -C p -o bundle -- sh -c 'sleep 1.1; make'
  [ "$(grep -c '^/.*\.s /.*\.s$' fake.log)" = 2 ] # part.c twice, not main.c
}
test_make_renamed_and_removed_outputs() {
  mkdir p
  cat >p/Makefile <<'M'
all:
	$(CC) part.c main.c -o new-prog
	mv new-prog prog
	$(CC) part.c main.c -DGEN -o generator
	./generator || rm generator
M
  printf 'int part(int a) { return a * 3; }\n' >p/part.c
  printf 'int part(int);\nint main(int c, char **v) { return v ? part(c) : 0; }\n' >p/main.c
  printf -- '--- a/part.c\n+++ b/part.c\n@@ -1 +1 @@\n-int part(int a) { return a * 3; }\n+int part(int a) { return a * 4; }\n' >fix.patch
  kpatch_make -p fix.patch -C p -o bundle -- make >out
  grep '^prog ' out
  if grep generator out; then fail "a removed program got a patch"; fi
}

# What is changed by hand in the shell is built, and kept as a patch that says the same.
test_make_shell() {
  real_tools
  own_tmp
  make_project p
  printf 'pwd\nsed -i "s,a . 9,a / 11," part.c\nexit\n' >typed
  (cd p && make -s libpart.so && cp libpart.so ../was && rm libpart.so)
  unchanged p kpatch_make --shell -p fix.patch -C p -o bundle --json facts.json -- make <typed >out
  [ $status = 0 ]
  # Without mount namespaces it cannot be at the tree's own path.
  local at=$PWD/p
  unshare --mount true 2>/dev/null || at='.*/patched'
  grep -x "$at" out
  grep '^+.*a / 11' bundle.adapt.patch
  grep bundle.adapt.patch facts.json
  kpatch_make -p fix.patch -p bundle.adapt.patch -C p -o again -- make
  diff -r bundle again
  echo 'exit 3' >typed
  unchanged p kpatch_make --shell -p fix.patch -C p -o none -- make <typed 2>err
  [ $status = 1 ]
  grep 'the shell ended with 3: given up' err
  [ ! -e none ]
  none_left
}
test_make_shell_in_place() {
  make_project p
  printf 'sed -i "s,a . 7,a / 11," part.c\n' >typed
  export KPATCH_IN_PLACE=1
  unchanged p kpatch_make --shell -C p -o bundle -- make <typed
  [ $status = 0 ]
  [ "$(ls bundle | wc -l)" = 2 ]
}
# Configure scripts of all kinds leave no trace of their trials.
test_make_says_nothing_of_trials() {
  real_tools
  make_project p
  sed -i 's/^all: /&trial /' p/Makefile
  printf 'trial:\n\techo "int main(void) { return 0; }" >trial$(V).c\n\t$(CC) -o trial$(V) trial$(V).c\n\trm trial$(V) trial$(V).c\n' >>p/Makefile
  sed -i '1i V := $(shell sed -n "s/.* a \\/ //p" part.c | tr -dc 0-9)' p/Makefile
  kpatch_make -p fix.patch -C p -o bundle -- make >out 2>err
  if grep 'only the patched build links it' err; then fail "a trial was taken for an object"; fi
  sed -i 's/\trm trial.*//' p/Makefile
  kpatch_make -p fix.patch -C p -o bundle -- make >out 2>err
  grep 'p/trial9: only the patched build links it' err
}
test_make_says_that_main_changes() {
  real_tools
  make_project p
  sed 's/part(c) : 0/part(c) : 1/' p/main.c >main.new
  (cd p && diff -u main.c ../main.new >../fix.patch) || true
  kpatch_make --strip-level 0 -p fix.patch -C p -o bundle -- make >out
  grep 'main changes, and a process is in it to its end' out
}
