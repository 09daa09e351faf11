# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests of kpatch_tool share. A test works in a folder of its own: it
# compiles sources to assembly, appends by hand what kpatch_gensrc would, and
# links both: `orig` is what runs, `inst` the instrumented link.

tool=${BUILD:?}/bin/kpatch_tool

fail() {
  echo "FAILED: $*"
  exit 1
}

# expect STATUS TEXT COMMAND...: exit status and a part of the output.
expect() {
  local status=$1 text=$2 output code=0
  shift 2
  output=$("$@" 2>&1) || code=$?
  echo "$output"
  [ $code = "$status" ] || fail "exit status $code instead of $status: $*"
  grep -qF -- "$text" <<<"$output" || fail "no '$text' in the output of: $*"
}

# record KIND ORIGINAL REPLACEMENT NAME: one entry of .kpatch.info.
record() {
  cat <<END
	.section .kpatch.strtab,"R",@progbits
	.byte 0
.Lkp_n$4: .string "$4"
.Lkp_w$4: .string "by hand"
.Lkp_s$4: .string "test.c"
	.section .kpatch.info,"R",@progbits
	.balign 8
	.quad $2, $3, 0, 0, .Lkp_n$4, .Lkp_w$4, .Lkp_s$4
	.long $1, 0
END
}

# changed NAME <BODY: NAME.kpatch with that body, and its record.
changed() {
  echo '	.section .kpatch.text,"axR",@progbits'
  echo "	.p2align 4"
  echo "	.type $1.kpatch, @function"
  echo "$1.kpatch:"
  cat
  echo "	.size $1.kpatch, .-$1.kpatch"
  record 1 "$1" "$1.kpatch" "$1"
}

# link CFLAGS LDFLAGS UNIT...: UNIT.s and UNIT.patch.s (where there is one)
# become orig, inst, and target (orig stripped).
link() {
  local cflags=$1 ldflags=$2 unit originals=() instrumented=()
  shift 2
  for unit; do
    gcc -c "$unit.s" -o "$unit.orig.o"
    originals+=("$unit.orig.o")
    if [ -e "$unit.patch.s" ]; then
      cat "$unit.s" "$unit.patch.s" >"$unit.inst.s"
      gcc -c "$unit.inst.s" -o "$unit.inst.o"
      instrumented+=("$unit.inst.o")
    else
      instrumented+=("$unit.orig.o")
    fi
  done
  ${LINKER:-gcc} $cflags $ldflags "${originals[@]}" -o orig
  ${LINKER:-gcc} $cflags $ldflags -Wl,--emit-relocs "${instrumented[@]}" -o inst
  strip -o target orig
}

# One unit "a" with a bit of everything, and a patch of its function `work`.
base_unit() {
  cat >a.c <<'END'
#include <stdio.h>
#include <string.h>
__thread int tls_counter = 3;
static int table[4] = {1, 2, 3, 4};
int exported = 5;
int *const pointers[] = {table, &exported};
__attribute__((noinline)) static int helper(int x) { return x * 3 + table[x & 3]; }
__attribute__((noinline)) int other(int x) { return x + exported; }
__attribute__((noinline)) int work(const char *s, int n) {
  tls_counter++;
  int r = helper(n) + (int)strlen(s) + other(n) + *pointers[n & 1];
  printf("work %s %d %d\n", s, r, tls_counter);
  return r;
}
int main(int argc, char **argv) {
  fprintf(stderr, "%d\n", work(argv[0], argc));
  return 0;
}
END
  gcc $1 -S a.c -o a.s
  changed work >a.patch.s <<'END'
	.cfi_startproc
	pushq %rbx
	.cfi_def_cfa_offset 16
	.cfi_offset 3, -16
	leaq .Lkp_text(%rip), %rdi
	call puts@PLT
	call helper
	call other@PLT
	movq stderr@GOTPCREL(%rip), %rax
	movq environ@GOTPCREL(%rip), %rax
	leaq counter.kpatch(%rip), %rax
	movq pointer.kpatch(%rip), %rax
	incl zero.kpatch(%rip)
	movl %fs:0, %eax
	popq %rbx
	.cfi_def_cfa_offset 8
	ret
	.cfi_endproc
END
  cat >>a.patch.s <<'END'
	.section .kpatch.rodata,"aR",@progbits
.Lkp_text: .string "patched"
	.section .kpatch.data,"awR",@progbits
	.type counter.kpatch, @object
counter.kpatch: .long 7
	.size counter.kpatch, 4
	.section .kpatch.data.rel.ro,"awR",@progbits
	.balign 8
	.type pointer.kpatch, @object
pointer.kpatch: .quad table
	.size pointer.kpatch, 8
	.section .kpatch.bss,"awR",@nobits
	.type zero.kpatch, @object
zero.kpatch: .zero 4
	.size zero.kpatch, 4
END
  record 3 0 counter.kpatch counter >>a.patch.s
}

make_patch() { "$tool" make inst --target target -o out.kpatch "$@"; }

# Every tool that people use opens the file without a word of complaint.
opens_everywhere() {
  local output
  output=$(readelf -aW out.kpatch 2>&1 >/dev/null)
  [ -z "$output" ] || fail "readelf: $output"
  output=$(objdump -dr out.kpatch 2>&1 >/dev/null)
  [ -z "$output" ] || fail "objdump: $output"
  "$tool" show out.kpatch >show.txt
  "$tool" show --json out.kpatch >show.json
  python3 -m json.tool show.json >/dev/null
}
