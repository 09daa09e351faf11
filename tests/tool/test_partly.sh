# SPDX-License-Identifier: GPL-2.0-or-later
#
# Targets that differ from the rebuild in a few functions or constants: a patch that has
# nothing to do with those is made, any other is refused.

# partly FLAGS LDFLAGS SED <BODY: `inst` with a patch of `work`, and `shipped`, the same
# program after SED.
partly() {
  cat >a.c <<'END'
#include <stdio.h>
#define APART __attribute__((noipa))
static __thread int tls_counter = 3, tls_spare = 4;
static int calls, spare;
static int limit = 40;
static const int table[4] = {1, 2, 3, 4};
APART const char *version(void) { return "version 2.6.11"; }
APART int number(int x) { spare += x + tls_spare; return 20611; }
APART static int helper(int x) { return x * 3 + table[x & 3]; }
APART static int left(int x) { return x * 5 + table[x & 3]; }
APART static int right(int x) { return x * 3 + table[x & 3]; }
APART int other(int x) { return x + limit + ++calls; }
__asm__(".text; .type odd, @function; odd: .byte 0xe9; .long 0 /*odd*/; ret; .size odd, .-odd");
APART int work(int n) {
  tls_counter++;
  return helper(n) + other(n) + limit * 7 + tls_counter;
}
APART __attribute__((used)) static int idle(int n) { return left(n) + right(n) + calls / 2; }
int main(int argc, char **argv) {
  printf("%s %d %d %s\n", version(), number(argc), work(argc), argv[0]);
  return 0;
}
END
  gcc $1 -fno-toplevel-reorder -S a.c -o a.s
  changed work >a.patch.s
  link "$1" "$2" a
  sed "$3" a.c >b.c
  cmp -s a.c b.c && fail "no change in the source"
  gcc $1 -fno-toplevel-reorder b.c $2 -s -o shipped
}

other_version='s/2\.6\.11/2.6.12/; s/20611/20612/'

full_body() {
  cat <<'END'
	call helper
	call other@PLT
	incl calls(%rip)
	movl $5, limit(%rip)
	leaq table(%rip), %rax
	movl %fs:tls_counter@tpoff, %eax
	ret
END
}

made_partly() {
  expect 9 "2 differences, in 1 function" "$tool" check inst --target shipped
  expect 0 "proved in part" "$tool" make inst --target shipped -o out.kpatch
  expect 0 "not proved: .text+" "$tool" make inst --target shipped -o out.kpatch
  expect 0 "fits" "$tool" check out.kpatch shipped
  expect 0 "(number+" "$tool" show out.kpatch
  "$tool" make --json inst --target shipped -o out.kpatch >made.json
  "$tool" show --json out.kpatch >show.json
  python3 - <<'END'
import json
made, shown = json.load(open("made.json")), json.load(open("show.json"))
assert made["proof"]["whole"] is False, made
assert len(made["proof"]["unproved"]) == 2, made
assert shown["unproved"] == made["proof"]["unproved"], shown
END
  "$tool" make --json inst --target target -o out.kpatch >made.json
  python3 - <<'END'
import json
proof = json.load(open("made.json"))["proof"]
assert proof["whole"] is True and proof["unproved"] == [], proof
END
}

test_partly_pie() {
  full_body | partly "-O2 -fPIE" -pie "$other_version"
  made_partly
}

test_partly_no_pie() {
  full_body | partly "-O2 -fno-pie" -no-pie "$other_version"
  made_partly
}

test_partly_shared() {
  full_body | sed 's/movl %fs.*/movl exported@GOTPCREL(%rip), %eax/' |
    partly "-O2 -fPIC" -shared "$other_version"
  made_partly
}

# refused SED TEXT <BODY
refused() {
  partly "-O2 -fPIE" -pie "$1"
  expect 9 "$2" "$tool" make inst --target shipped -o out.kpatch
  [ ! -e out.kpatch ] || fail "a patch was written"
  expect 9 "does not have the layout" "$tool" check inst --target shipped
}

test_partly_not_where_the_replaced_function_differs() {
  full_body | refused 's/limit \* 7/limit * 6/' "does not have the layout"
  full_body | refused 's/tls_counter++/tls_counter += 2/' "function work, which the patch replaces"
}

test_partly_not_where_a_callee_differs() {
  full_body | refused 's/x \* 3 + table/x * 9 + table/' "function helper, which the patch calls"
}

test_partly_not_where_a_callee_lies_elsewhere() {
  printf '\tcall left\n\tret\n' |
    refused 's/int left(int x) { return x \* 5/int right(int x) { return x * 3/; t
      s/int right(int x) { return x \* 3/int left(int x) { return x * 5/' \
      "function left, which the patch calls"
}

test_partly_not_where_a_constant_differs() {
  full_body | refused 's/3, 4}/3, 5}/' "constant table, which the patch refers to"
}

test_partly_not_where_a_string_differs() {
  printf '\tleaq .LC0(%%rip), %%rax\n\tret\n' | refused "$other_version" "constant "
}

test_partly_not_where_a_variable_moved() {
  printf '\tincl calls(%%rip)\n\tret\n' | refused 's/int calls, spare/int spare, calls/' "differs"
}

test_partly_not_where_nothing_proves_a_variable() {
  printf '\tincl spare(%%rip)\n\tret\n' |
    refused "$other_version" "spare, which the patch refers to: nothing that is proved"
}

test_partly_not_where_nothing_proves_a_thread_local_variable() {
  printf '\tmovl %%fs:tls_spare@tpoff, %%eax\n\tret\n' |
    refused "$other_version" "thread-local variable tls_spare: nothing that is proved"
}

test_partly_not_where_the_layout_is_shifted() {
  full_body | refused 's/return 20611/return 20611 + x * limit * calls/' "does not have the layout"
}

test_partly_not_where_the_replaced_function_is_entered() {
  printf '\tmovl $1, %%eax\n\tret\n' | refused 's/0 .\*odd\*./work + 8 - . - 4/' \
    "enter function work, which the patch replaces, in the middle"
}
