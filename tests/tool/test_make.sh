# SPDX-License-Identifier: GPL-2.0-or-later
#
# Patches out of links of every kind, and what is in them.

full_round() {
  base_unit "$1"
  link "$1" "$2" a
  expect 0 "proved:" "$tool" check inst --target target
  expect 0 "1 changed, 0 new functions, 1 new data" make_patch --level 3 --description "a test"
  expect 0 "fits: build-id" "$tool" check out.kpatch target
  opens_everywhere
  grep -q "a test" show.txt || fail "no description"
  objdump -dr out.kpatch >code.txt
  grep -q "puts@plt" code.txt || fail "the stub of puts has no name"
  grep -q "environ@GLIBC_2.2.5" show.txt || fail "environ is no import"
  readelf -SW out.kpatch | grep eh_frame_hdr || fail "no unwind table"
  readelf --debug-dump=frames out.kpatch | grep FDE || fail "no unwind entry"
}

test_make_pie() { full_round "-O2 -fPIE" -pie; }
test_make_unoptimised() { full_round "-O0 -fPIE" -pie; }
test_make_no_pie() { full_round "-O2 -fno-pie" -no-pie; }
test_make_shared() { full_round "-O2 -fPIC" -shared; }
test_make_debug() { full_round "-O2 -g -fPIE" -pie; }
test_make_now() { full_round "-O2 -fPIE" "-pie -Wl,-z,now"; }
test_make_no_plt() { full_round "-O2 -fPIE -fno-plt" "-pie -Wl,-z,now"; }
test_make_cet() { full_round "-O2 -fPIE -fcf-protection" "-pie -Wl,-z,ibtplt"; }
test_make_relr() { full_round "-O2 -fPIE" "-pie -Wl,-z,pack-relative-relocs"; }
test_make_sections() {
  full_round "-O2 -fPIE -ffunction-sections -fdata-sections" "-pie -Wl,--gc-sections"
}

test_exported_function_of_a_library_is_an_import() {
  full_round "-O2 -fPIC" -shared
  grep -qE "function +other$" show.txt || fail "other can be interposed"
}

test_endbr_stays() {
  full_round "-O2 -fPIE -fcf-protection" -pie
  python3 - <<'END' || fail "the site is not behind the endbr64"
import json
f = json.load(open("show.json"))["functions"][0]
assert f["site"] == f["original"] + 4, f
END
}

test_static_functions_of_one_name() {
  for unit in a b; do
    cat >$unit.c <<END
__attribute__((noinline)) static int same(int x) { return x * ${#unit} + x / 7; }
int call_$unit(int x) { return same(x) + 1; }
END
    gcc -O2 -fPIE -S $unit.c -o $unit.s
    printf '\tmovl $%d, %%eax\n\tret\n' "'$unit" | changed same >$unit.patch.s
  done
  echo 'int call_a(int), call_b(int); int main(void) { return call_a(1) + call_b(2); }' >m.c
  gcc -O2 -fPIE -S m.c -o m.s
  link "-O2 -fPIE" -pie a b m
  expect 0 "2 changed" make_patch
  opens_everywhere
}

comdat_unit() {
  cat >$1.cc <<END
struct S { static int value(int x); };
__attribute__((noinline)) inline int shared_inline(int x) { return x * 5 + x / 3; }
int call_$1(int x) { return shared_inline(x); }
END
  g++ -O2 -fPIE -S $1.cc -o $1.s
  changed _Z13shared_inlinei >$1.patch.s
}

comdat_main() {
  echo 'int call_a(int), call_b(int); int main() { return call_a(1) + call_b(2); }' >m.cc
  g++ -O2 -fPIE -S m.cc -o m.s
  LINKER=g++ link "-O2 -fPIE" -pie a b m
}

test_comdat_duplicates_are_one() {
  for unit in a b; do printf '\tmovl $1, %%eax\n\tret\n' | comdat_unit $unit; done
  comdat_main
  expect 0 "1 changed" make_patch
}

test_comdat_duplicates_that_differ_are_refused() {
  printf '\tmovl $1, %%eax\n\tret\n' | comdat_unit a
  printf '\tmovl $2, %%eax\n\tret\n' | comdat_unit b
  comdat_main
  expect 6 "function _Z13shared_inlinei became different code" make_patch
  [ ! -e out.kpatch ] || fail "a file was written"
}

exceptions() {
  cat >a.cc <<'END'
#include <cstdio>
#include <stdexcept>
__attribute__((noinline)) int risky(int x) {
  if (x > 1) throw std::runtime_error("no");
  return x;
}
__attribute__((noinline)) int work(int x) {
  try { return risky(x) + 1; } catch (const std::runtime_error &e) { std::puts(e.what()); return -1; }
}
int main(int argc, char **) { return work(argc); }
END
  g++ $1 -fno-reorder-blocks-and-partition -S a.cc -o a.s
  # The function once more under another name, with its table in our section.
  sed -n '/^_Z4worki:/,/\.size\t_Z4worki, /p' a.s >body.s
  { echo '	.section .kpatch.text,"axR",@progbits'
    echo '	.type _Z4worki.kpatch, @function'
    sed -e 's/_Z4worki/_Z4worki.kpatch/g' -e 's/\.L\([A-Za-z]*[0-9]\)/.Lk\1/g' -e 's/\.section\t\.gcc_except_table.*/.section .kpatch.except_table,"aR",@progbits/' \
      -e 's/^\t\.text$/\t.section .kpatch.text,"axR",@progbits/' body.s
    record 1 _Z4worki _Z4worki.kpatch _Z4worki; } >a.patch.s
  # Constants of the original serve both.
  sed -i 's/\.LkC\([0-9]\)/.LC\1/g' a.patch.s
  LINKER=g++ link "$1" "$2" a
  expect 0 "proved:" "$tool" check inst --target target
  expect 0 "1 changed" make_patch
  opens_everywhere
  readelf --debug-dump=frames out.kpatch >frames.txt
  grep -q 'Augmentation: *"zPLR"' frames.txt || fail "no personality routine"
  readelf -SW out.kpatch | grep kpatch.except_table || fail "no exception table"
}

test_exceptions_pie() { exceptions "-O2 -fPIE" -pie; }
test_exceptions_no_pie() { exceptions "-O2 -fno-pie" -no-pie; }
test_exceptions_shared() { exceptions "-O2 -fPIC" -shared; }

test_thread_local_variable_of_another_object_is_an_import() {
  base_unit "-O2 -fPIC"
  changed work >a.patch.s <<'END'
	movq errno@gottpoff(%rip), %rax
	ret
END
  link "-O2 -fPIC" -shared a
  make_patch
  "$tool" show out.kpatch | grep -x '  thread-local errno@GLIBC_PRIVATE'
}
