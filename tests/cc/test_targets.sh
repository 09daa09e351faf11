# SPDX-License-Identifier: GPL-2.0-or-later
# kpatch_make --target: patches for files that were built elsewhere; verdicts and
# exit codes for objects of which some cannot be patched.

# verdicts: "OBJECT VERDICT BOUND" of facts.json, sorted.
verdicts() {
  python3 - <<'P'
import json
facts = json.load(open("facts.json"))
for o in sorted(facts["objects"], key=lambda o: o["object"]):
    print(o["object"], o["verdict"], o["bound"])
print(facts["verdict"])
P
}
build_id_of() { readelf -n "$1" | sed -n 's/.*Build ID: //p'; }

# ship FOLDER: what make_project's program is elsewhere: other build-ids, stripped.
ship() {
  mkdir -p elsewhere "$1/usr/bin" "$1/usr/lib"
  cp -r p/. elsewhere
  make -s -C elsewhere CFLAGS=-Wl,--build-id=0x00112233445566778899aabbccddeeff00112233 prog
  make -s -C elsewhere CFLAGS=-Wl,--build-id=0x99112233445566778899aabbccddeeff00112233 libpart.so
  strip -o "$1/usr/bin/prog" elsewhere/prog
  strip -o "$1/usr/lib/libpart.so" elsewhere/libpart.so
}

test_target_folder_with_other_build_ids() {
  real_tools
  make_project p
  ship shipped
  kpatch_make --json=facts.json --target shipped -p fix.patch -C p -o bundle -- make
  [ "$(verdicts)" = "$(printf 'libpart.so patched proved\nprog patched proved\ncomplete')" ]
  [ -s bundle/00112233445566778899aabbccddeeff00112233.kpatch ]
  [ -s bundle/99112233445566778899aabbccddeeff00112233.kpatch ]
}
# One program, linked twice: each has its own build-id.
test_targets_of_one_content() {
  real_tools
  mkdir p
  cat >p/Makefile <<'M'
all: one/prog two/prog
one/prog: prog.c
	mkdir -p one two
	gcc -O2 -Wl,--build-id=0x1111111111111111111111111111111111111111 -o $@ prog.c
two/prog: prog.c one/prog
	gcc -O2 -Wl,--build-id=0x2222222222222222222222222222222222222222 -o $@ prog.c
M
  echo 'int main(int c, char **v) { return v ? c / 7 : 0; }' >p/prog.c
  cp -r p elsewhere
  make -s -C elsewhere
  mkdir shipped
  mv elsewhere/one elsewhere/two shipped
  printf '%s\n' '--- a/prog.c' '+++ b/prog.c' '@@ -1 +1 @@' "-$(cat p/prog.c)" \
    '+int main(int c, char **v) { return v ? c / 9 : 0; }' >fix.patch
  kpatch_make --json=facts.json --target shipped -p fix.patch -C p -o bundle -- make
  [ "$(verdicts)" = "$(printf 'prog patched build-id\nprog patched build-id\ncomplete')" ]
  [ "$(ls bundle/*.kpatch | wc -l)" = 2 ]
}
# A constant of a library that the program has a copy of, aligned as the library at hand has it.
test_copied_constant_elsewhere() {
  real_tools
  mkdir -p p old new shipped/usr/bin
  echo 'const int limits[4] __attribute__((aligned(ALIGN))) = {1, 2, 3, 4};' >limits.c
  gcc -DALIGN=16 -shared -fPIC -o old/liblimits.so limits.c
  gcc -DALIGN=128 -shared -fPIC -o new/liblimits.so limits.c
  cat >p/Makefile <<'M'
prog: main.o part.o
	$(CC) -o $@ main.o part.o -L$(LIBS) -llimits
%.o: %.c
	$(CC) -O2 -g -c $< -o $@
M
  echo 'int part(int a) { return a * 3 + a / 7; }' >p/part.c
  cat >p/main.c <<'C'
extern const int limits[4];
int part(int);
const char *const names[] = {"one", "two", "three"};
int main(int c, char **v) { return v ? part(c) + limits[c & 3] + names[c & 1][0] : 0; }
C
  cp -r p elsewhere
  make -s -C elsewhere LIBS=../old
  strip -o shipped/usr/bin/prog elsewhere/prog
  sed 's/^/--- a\/part.c\n+++ b\/part.c\n@@ -1 +1 @@\n-/; s/$/\n+int part(int a) { return a * 5; }/' \
    p/part.c >fix.patch
  kpatch_make --json=facts.json --target shipped -p fix.patch -C p -o bundle -- \
    make LIBS="$PWD/new"
  [ "$(verdicts)" = "$(printf 'prog patched partly\ncomplete')" ]
  cat >fix.patch <<'P'
--- a/main.c
+++ b/main.c
@@ -2,3 +2,3 @@
 int part(int);
 const char *const names[] = {"one", "two", "three"};
-int main(int c, char **v) { return v ? part(c) + limits[c & 3] + names[c & 1][0] : 0; }
+int main(int c, char **v) { return v ? part(c) + limits[c & 3] + names[c & 1][1] : 0; }
P
  status=0
  kpatch_make --target shipped -p fix.patch -C p -o none -- make LIBS="$PWD/new" || status=$?
  [ $status = 9 ]
}
# A library for 64 bits and for 32, of one name; what can be patched is.
test_library_for_32_bits_too() {
  real_tools
  mkdir p shipped
  cat >p/Makefile <<'M'
all: usr/lib/libpart.so.1 usr/lib32/libpart.so.1
usr/lib/libpart.so.1: part.c
	mkdir -p usr/lib usr/lib32
	gcc -g -O2 -fPIC -ffreestanding -shared -nostdlib $(MORE) -Wl,-soname,libpart.so.1 -o $@ part.c
usr/lib32/libpart.so.1: part.c usr/lib/libpart.so.1
	gcc -m32 -g -O2 -fPIC -ffreestanding -shared -nostdlib -Wl,-soname,libpart.so.1 -o $@ part.c
M
  cat >p/part.c <<'C'
#define K 3
int table[4];
int part(int a) { return table[a & 3] + a * K; }
C
  cp -r p elsewhere
  make -s -C elsewhere MORE=-Wl,--build-id=0x00112233445566778899aabbccddeeff00112233
  cp -r elsewhere/usr shipped
  cat >fix.patch <<'P'
--- a/part.c
+++ b/part.c
@@ -1,2 +1,2 @@
-#define K 3
+#define K 5
 int table[4];
P
  if kpatch_make --target shipped -p fix.patch -C p -o bundle -- make 2>err; then fail "all"; fi
  grep '/usr/lib32/libpart.so.1): part.c .*compiled with -m32' err
  grep 'hint: what runs it has to be restarted.*--partial' err
  status=0
  kpatch_make --partial --json=facts.json --target shipped -p fix.patch -C p -o bundle -- make ||
    status=$?
  [ $status = 13 ]
  [ "$(verdicts)" = "$(printf 'libpart.so.1 patched proved\nlibpart.so.1 refused no\npartial')" ]
  [ "$(ls bundle)" = 00112233445566778899aabbccddeeff00112233.kpatch ]
  # What does not change the code of 32 bits, whatever it does to line numbers, is nothing to it.
  cat >fix.patch <<'P'
--- a/part.c
+++ b/part.c
@@ -1,2 +1,6 @@
+#ifdef __x86_64__
+#define K 5
+#else
 #define K 3
+#endif
 int table[4];
P
  kpatch_make --json=facts.json --target shipped -p fix.patch -C p -o bundle -- make
  [ "$(verdicts)" = "$(printf 'libpart.so.1 patched proved\nlibpart.so.1 unchanged no\ncomplete')" ]
}
# A source of several programs gets a function that only one of them uses.
test_function_without_users() {
  real_tools
  make_project p
  printf 'other: other.o part.o\n\t$(CC) $(CFLAGS) -o $@ $^\n' >>p/Makefile
  sed -i 's/^all:/& other/' p/Makefile
  printf 'int part(int);\nint main(int c, char **v) { return v ? part(c) : 1; }\n' >p/other.c
  cat >fix.patch <<'P'
--- a/part.c
+++ b/part.c
@@ -1,2 +1,3 @@
 #include "v.h"
 int part(int a) { return a * V + a / 7; }
+__attribute__((visibility("hidden"))) int check(int a) { return a < 7 ? 7 : a; }
--- a/main.c
+++ b/main.c
@@ -1,2 +1,3 @@
 int part(int);
-int main(int c, char **v) { return v ? part(c) : 0; }
+int check(int);
+int main(int c, char **v) { return v ? part(check(c)) : 0; }
P
  kpatch_make --json=facts.json -p fix.patch -C p -o bundle -- make
  [ "$(verdicts)" = "$(printf 'libpart.so unchanged build-id\nother unchanged build-id\nprog patched build-id\ncomplete')" ]
  [ "$(ls bundle | wc -l)" = 1 ]
}
test_target_package() {
  has dpkg-deb || skip "no dpkg-deb"
  real_tools
  make_project p
  ship root
  mkdir root/DEBIAN debs
  printf 'Package: part-tools\nVersion: 1\nArchitecture: amd64\nMaintainer: a <a@b>\nDescription: x\n' \
    >root/DEBIAN/control
  dpkg-deb -b root debs/part.deb >/dev/null
  kpatch_make --json=facts.json --target debs/part.deb -p fix.patch -C p -o bundle -- make
  [ "$(verdicts)" = "$(printf 'libpart.so patched proved\nprog patched proved\ncomplete')" ]
  kpatch_make --json=facts.json --target debs -p fix.patch -C p -o bundle2 -- make
  diff -r bundle bundle2
  python3 -c '
import json
for o in json.load(open("facts.json"))["objects"]:
    assert o["package"] == "part-tools" and o["path"].startswith("/usr/"), o
    assert o["shipped_build_id"] != o["build_id"], o'
}
# What is not among the targets is not shipped.
test_target_of_one_file() {
  real_tools
  make_project p
  ship shipped
  kpatch_make --json=facts.json --target shipped/usr/bin/prog -p fix.patch -C p -o bundle -- make
  [ "$(verdicts)" = "$(printf 'prog patched proved\ncomplete')" ]
  [ "$(ls bundle)" = 00112233445566778899aabbccddeeff00112233.kpatch ]
  python3 -c '
import json
(path,) = json.load(open("facts.json"))["not_shipped"]
assert path.endswith("/libpart.so"), path'
}
test_target_with_the_same_build_id() {
  real_tools
  make_project p
  (cd p && make -s && mkdir ../shipped && cp prog libpart.so ../shipped && rm prog libpart.so ./*.o)
  kpatch_make --json=facts.json --target shipped -p fix.patch -C p -o bundle -- make
  [ "$(verdicts)" = "$(printf 'libpart.so patched build-id\nprog patched build-id\ncomplete')" ]
}
# Two files of the name: the place where the build's packaging put it tells which.
test_target_by_place() {
  real_tools
  make_project p
  sed -i 's,^all:.*,all: prog\n\tmkdir -p stage/two/usr/bin\n\tcp prog stage/two/usr/bin/prog,' p/Makefile
  ship shipped
  mkdir shipped/bin
  cp /bin/true shipped/bin/prog
  kpatch_make --json=facts.json --target shipped -p fix.patch -C p -o bundle -- make
  [ "$(verdicts)" = "$(printf 'prog patched proved\ncomplete')" ]
  sed -i '/stage/d' p/Makefile
  status=0
  kpatch_make --json=facts.json --target shipped -p fix.patch -C p -o bundle2 -- make 2>err ||
    status=$?
  [ $status = 9 ]
  grep '2 files of the targets have the name prog' err
  [ ! -e bundle2 ]
}
test_target_that_does_not_fit() {
  real_tools
  make_project p
  mkdir shipped
  cp /bin/true shipped/prog
  status=0
  kpatch_make --json=facts.json --target shipped -p fix.patch -C p -o bundle -- make 2>err ||
    status=$?
  [ $status = 9 ]
  [ "$(verdicts)" = "$(printf 'prog refused no\nnot proved')" ]
  [ ! -e bundle ]
}
test_target_names() {
  make_project p
  for target in nowhere nowhere.deb; do
    status=0
    kpatch_make --target $target -p fix.patch -C p -o bundle -- make 2>err || status=$?
    [ $status = 2 ]
  done
  mkdir empty
  status=0
  kpatch_make --target empty -p fix.patch -C p -o bundle -- make 2>err || status=$?
  [ $status = 2 ]
  grep 'no executable or shared object in' err
}

# The program's own part cannot be carried over, the library's can.
refused_in_prog() {
  real_tools
  make_project p
  printf 'int limit = 3;\nint main(int c, char **v) { int part(int); limit += c; return v ? part(c) : limit; }\n' \
    >p/main.c
  cat fix.patch - >both.patch <<'P'
--- a/main.c
+++ b/main.c
@@ -1,2 +1,2 @@
-int limit = 3;
+int limit = 4;
 int main(int c, char **v) { int part(int); limit += c; return v ? part(c) : limit; }
P
}
test_partial_is_refused_unless_asked_for() {
  refused_in_prog
  status=0
  kpatch_make --json=facts.json -p both.patch -C p -o bundle -- make 2>err || status=$?
  [ $status = 6 ]
  grep 'limit changed' err
  grep -- '--partial writes' err
  [ ! -e bundle ]
  [ "$(verdicts)" = "$(printf 'libpart.so patched build-id\nprog refused no\npartial')" ]
}
test_partial() {
  refused_in_prog
  status=0
  kpatch_make --partial --json=facts.json --report page.html -p both.patch -C p -o bundle -- \
    make >out 2>err || status=$?
  [ $status = 13 ]
  [ "$(ls bundle | wc -l)" = 1 ]
  [ -s "bundle/$(cd p && make -s libpart.so && build_id_of libpart.so).kpatch" ]
  grep 'refused: prog' out
  grep 'what would help: .*KPATCH_IGNORE' out
  python3 "$here/report/check.py" page.html facts.json
  python3 -c '
import json
(prog,) = [o for o in json.load(open("facts.json"))["objects"] if o["object"] == "prog"]
assert "limit" in prog["reason"] and "KPATCH_POST_APPLY" in prog["help"], prog'
}
# A refused object that is in no link that stays holds up nobody.
test_refusal_in_an_object_that_is_not_linked() {
  refused_in_prog
  sed -i 's/^all:.*/all: libpart.so main.o/' p/Makefile
  kpatch_make --json=facts.json -p both.patch -C p -o bundle -- make
  [ "$(verdicts)" = "$(printf 'libpart.so patched build-id\ncomplete')" ]
}
test_refusal_reaches_a_link_through_an_archive() {
  refused_in_prog
  sed -i 's/^prog:.*/prog: main.o part.o\n\tar rcs lib.a main.o part.o\n\t$(CC) -o prog lib.a/' p/Makefile
  sed -i '/-o $@ $^/d' p/Makefile
  status=0
  kpatch_make --json=facts.json --partial -p both.patch -C p -o bundle -- make || status=$?
  [ $status = 13 ]
  [ "$(verdicts)" = "$(printf 'libpart.so patched build-id\nprog refused no\npartial')" ]
}
test_refusal_with_lto() {
  refused_in_prog
  status=0
  kpatch_make --json=facts.json --partial -p both.patch -C p -o bundle -- \
    make CFLAGS=-flto || status=$?
  [ $status = 13 ]
  [ "$(verdicts)" = "$(printf 'libpart.so patched build-id\nprog refused no\npartial')" ]
}
# Changed, and no compiled code: what the assembler included.
test_change_outside_of_compiled_code() {
  real_tools
  make_project p
  printf 'asm(".section .rodata\\n.incbin \\"blob\\"\\n.text");int part(int a) { return a; }\n' >p/part.c
  printf 'one\n' >p/blob
  printf -- '--- a/blob\n+++ b/blob\n@@ -1 +1 @@\n-one\n+two\n' >blob.patch
  status=0
  kpatch_make --json=facts.json -p blob.patch -C p -o bundle -- make 2>err || status=$?
  [ $status = 6 ]
  grep 'no compiled code changed, and yet both builds differ' err
}

# One object in several places: one patch, and every path is named.
test_target_in_several_places() {
  real_tools
  make_project p
  ship shipped
  mkdir shipped/sbin
  cp shipped/usr/bin/prog shipped/sbin/other
  kpatch_make --json=facts.json --report page.html --target shipped -p fix.patch -C p -o bundle -- make >out
  [ "$(ls bundle | wc -l)" = 2 ]
  grep -E '^ +also at /(sbin/other|usr/bin/prog)$' out
  python3 "$here/report/check.py" page.html facts.json
  python3 -c '
import json
paths = {}
for o in json.load(open("facts.json"))["objects"]:
    paths[o["shipped_build_id"][:2]] = {o["path"], *(place["path"] for place in o["also_at"])}
assert paths == {"00": {"/usr/bin/prog", "/sbin/other"}, "99": {"/usr/lib/libpart.so"}}, paths'
  kpatch_make --target shipped --target shipped -p fix.patch -C p -o bundle2 -- make >out2
  [ "$(grep -c 'also at' out2)" = 1 ]
}
test_copies_in_the_build() {
  real_tools
  make_project p
  printf 'two: main.o part.o\n\t$(CC) $(CFLAGS) -o $@ $^\n' >>p/Makefile
  sed -i 's/^all:.*/all: prog two/' p/Makefile
  kpatch_make --json=facts.json -p fix.patch -C p -o bundle -- make >out
  [ "$(ls bundle | wc -l)" = 1 ]
  grep '^ *also at /.*/p/two$' out
  sed -i 's,-o $@ $^,-Wl\,--build-id=none &,' p/Makefile
  status=0
  kpatch_make --json=facts.json -p fix.patch -C p -o bundle2 -- make 2>err || status=$?
  [ $status = 6 ]
  grep 'prog (.*no build-id' err
  grep 'two (.*: the same' err
}

# What a partial proof leaves open is named: here in the program that was shipped, five functions.
test_target_proved_in_part() {
  real_tools
  make_project p
  {
    for n in 1 2 3 4 5; do
      echo "__attribute__((used, noipa)) static int number$n(int x) { return x * $n + 1000; }"
    done
    echo 'int part(int); int main(int c, char **v) { return v ? part(c) : 0; }'
  } >p/main.c
  mkdir elsewhere
  cp -r p/. elsewhere
  sed -i 's/1000/2000/' elsewhere/main.c
  make -s -C elsewhere prog
  mkdir shipped
  strip -o shipped/prog elsewhere/prog
  kpatch_make --json=facts.json --report page.html --target shipped -p fix.patch -C p -o bundle -- make >out
  [ "$(verdicts)" = "$(printf 'prog patched partly\ncomplete')" ]
  [ "$(grep -c '^ *not proved: [.]text.*number' out)" = 3 ]
  grep '^ *not proved: 2 more' out
  grep '<th>not proved</th><td>.text' page.html
  grep 'holds in part' page.html
  python3 "$here/report/check.py" page.html facts.json
  python3 -c '
import json
(prog,) = json.load(open("facts.json"))["objects"]
assert not prog["proof"]["whole"] and len(prog["proof"]["unproved"]) == 5, prog["proof"]'
}
