# SPDX-License-Identifier: GPL-2.0-or-later
# kpatch_make and types that change under live objects.

# type_project FOLDER: a program with a list of records; fix.patch adds a member to them.
type_project() {
  mkdir "$1"
  cat >"$1/prog.c" <<'C'
#include <stdlib.h>
struct rec { int key; int id; struct rec *next; };
struct rec *records;
__attribute__((noinline)) int add(int key) {
  struct rec *r = malloc(sizeof *r);
  r->key = key; r->id = 1; r->next = records; records = r;
  return r->id;
}
int main(int argc, char **argv) { return argv ? add(argc) : 0; }
C
  printf 'prog: prog.c\n\t$(CC) $(CFLAGS) -O2 prog.c -o prog -Wl,--build-id\n' >"$1/Makefile"
  cp -r "$1" fixed
  sed -i 's/int key; int id;/int key; long seen; int id;/; s/r->id = 1;/r->id = 1; r->seen = 7;/' fixed/prog.c
  diff -u "$1/prog.c" fixed/prog.c >fix.patch || true
  [ -z "${2:-}" ] || { sed -i "2i $2" fixed/prog.c && diff -u "$1/prog.c" fixed/prog.c >fix.patch || true; }
}

test_types_refused() {
  real_tools
  type_project p
  kpatch_make -p fix.patch -C p -o bundle --json out.json --report page.html -- make CFLAGS=-g 2>err && fail "no refusal"
  [ ! -e bundle ]
  grep 'struct rec (.*prog.c:2): 16 -> 32 bytes, refused' err
  grep 'long int seen: new, offset 8, 8 bytes' err
  grep 'the variable records (.*prog.c:3) points to one' err
  grep 'KPATCH_POST_APPLY(set_up_rec)' err
  grep 'KPATCH_POST_APPLY(set_up_rec)' page.html
  python3 - <<'P'
import json
o = json.load(open("out.json"))["objects"][0]
assert o["verdict"] == "refused" and o["types"][0]["name"] == "struct rec", o
P
}

test_types_accepted() {
  real_tools
  type_project p
  kpatch_make -p fix.patch -C p -o bundle --accept-layout 'struct rec: made once' -- make CFLAGS=-g
  kpatch_tool="$bin/kpatch_tool"
  "$kpatch_tool" show bundle/*.kpatch | grep 'struct rec: size 16 -> 32'
  "$kpatch_tool" show bundle/*.kpatch | grep 'made once'
  kpatch_make -p fix.patch -C p -o bundle --accept-layout 'struct rec' -- make && fail "no reason"
  kpatch_make -p fix.patch -C p -o other --no-types -- make CFLAGS=-g
}

test_types_accepted_in_the_fix() {
  real_tools
  type_project p '#include <kpatch.h>\nKPATCH_ACCEPT_LAYOUT("struct rec", "as the fix says");'
  kpatch_make -p fix.patch -C p -o bundle -- make CFLAGS=-g
  "$bin/kpatch_tool" show bundle/*.kpatch | grep 'as the fix says'
}

test_types_need_debug_information() {
  real_tools
  type_project p
  kpatch_make -p fix.patch -C p -o bundle -- make CFLAGS= 2>err
  grep 'types not checked: prog.c: no debug information' err
}

test_types_of_a_link_with_lto() {
  real_tools
  type_project p
  echo 'int main(void) { return 0; }' >probe.c
  gcc -flto probe.c -o probe 2>/dev/null || skip "no -flto"
  kpatch_make -p fix.patch -C p -o bundle -- make CFLAGS='-g -flto' 2>err && fail "no refusal"
  grep 'struct rec (.*prog.c:2): 16 -> 32 bytes, refused' err
  kpatch_make -p fix.patch -C p -o bundle -- make CFLAGS='-flto' 2>err
  grep 'types not checked' err
}

# What kpatch_gensrc refuses by a symbol is shown as members, too.
test_types_of_a_refused_variable() {
  real_tools
  mkdir p
  printf 'struct srv { int a; int b; } srv = {1, 2};\nint main(void) { return srv.b; }\n' >p/prog.c
  printf 'prog: prog.c\n\t$(CC) -g -O2 prog.c -o prog -Wl,--build-id\n' >p/Makefile
  cp -r p fixed
  sed -i 's/int a; int b;/int a; long c; int b;/; s/1, 2/1, 0, 2/' fixed/prog.c
  diff -u p/prog.c fixed/prog.c >fix.patch || true
  kpatch_make -p fix.patch -C p -o bundle -- make 2>err && fail "no refusal"
  grep 'b: offset 4 -> 16' err
  grep 'the variable srv (.*prog.c:1) is one' err
}

test_types_gone_with_their_caller() {
  real_tools
  mkdir p
  cat >p/part.c <<'C'
#include <stdlib.h>
struct item { short n; struct item *next; };
struct job { struct item *first; int sum; };
static __attribute__((noinline)) void put(struct job *job, int n) {
  struct item *item = malloc(sizeof *item);
  item->n = n;
  item->next = job->first;
  job->first = item;
}
static __attribute__((noinline)) int add(struct job *job) {
  for (struct item *i = job->first; i; i = i->next) job->sum += i->n;
  return job->sum;
}
__attribute__((noinline)) int work(int n) {
  struct job job = {0, 0};
  for (int i = 0; i < n; i++) put(&job, i);
  return add(&job);
}
int outside(int n) { return n + 1; }
C
  printf 'libpart.so: part.c\n\t$(CC) -g -O2 -fPIC -shared part.c -o libpart.so -Wl,--build-id\n' >p/Makefile
  cp -r p fixed
  sed -i 's/short n;/long n;/' fixed/part.c
  diff -u p/part.c fixed/part.c >fix.patch || true
  kpatch_make -p fix.patch -C p -o bundle -- make 2>err
  grep 'struct item .*passing' err
  "$bin/kpatch_tool" show bundle/*.kpatch >show
  grep 'work' show
  # A way past the caller that has the root on its stack.
  sed -i 's/^int outside(int n) .*/int outside(struct job *job) { return add(job); }/' p/part.c fixed/part.c
  diff -u p/part.c fixed/part.c >fix.patch || true
  kpatch_make -p fix.patch -C p -o other -- make 2>err && fail "no refusal"
  grep 'struct item .*refused' err
}

# counted_tool: the real kpatch_tool, which notes its calls in calls.log.
counted_tool() {
  printf '#!/bin/sh\necho "$1" >>"%s/calls.log"\nexec "%s/kpatch_tool" "$@"\n' "$PWD" "$bin" >counted
  chmod +x counted
  export KPATCH_TOOL=$PWD/counted
}
test_types_accepted_take_one_proof() {
  real_tools
  counted_tool
  type_project p
  kpatch_make -p fix.patch -C p -o bundle --accept-layout 'struct rec: made once' -- make CFLAGS=-g
  [ "$(cat calls.log)" = make ]
  "$bin/kpatch_tool" show bundle/*.kpatch | grep 'made once'
}

# A program beside prog that changes as well, without debug information; both have a main().
beside_project() {
  type_project p
  for folder in p fixed; do
    printf '%s\n' 'int main(int c, char **v) { return v[0][c] * 3; }' >$folder/beside.c
    printf 'beside: beside.c\n\t$(CC) -O2 beside.c -o beside -Wl,--build-id\n' >>$folder/Makefile
    sed -i 's/-O2 prog.c/-g -O2 prog.c/' $folder/Makefile
  done
  cp p/prog.c fixed/prog.c
  sed -i 's/argv ? add(argc) : 0/argv ? add(argc) + 1 : 0/' fixed/prog.c
  sed -i 's/3/4/' fixed/beside.c
  diff -ru p fixed >fix.patch || true
}
test_types_unchecked_are_those_of_the_patches() {
  real_tools
  beside_project
  kpatch_make -p fix.patch -C p -o bundle --json facts.json -- make prog beside 2>err
  grep 'types not checked: beside.c: no debug information' err
  cp -r p elsewhere
  make -s -C elsewhere prog
  kpatch_make -p fix.patch -C p -o bundle2 --target elsewhere/prog --json facts.json --report page.html -- \
    make prog beside 2>err
  ! grep 'types not checked' err
  ! grep 'types not checked' page.html
  python3 -c '
import json
facts = json.load(open("facts.json"))
assert facts["layout"]["unchecked"] == [], facts["layout"]
(prog,) = facts["objects"]
assert prog["object"] == "prog" and prog["unchecked"] == [], prog'
}
# Nothing of it is in a linked object that stays.
test_types_unchecked_of_nothing() {
  real_tools
  beside_project
  sed -i 's/^beside:.*/beside:\n\t$(CC) -O2 -c beside.c/; /-o beside/d' p/Makefile
  status=0
  kpatch_make -p fix.patch -C p -o bundle -- make beside 2>err || status=$?
  [ $status = 7 ]
  ! grep 'types not checked' err
}
