# SPDX-License-Identifier: GPL-2.0-or-later
#
# The layout proof against binaries as distributions ship them, and what it says
# when it does not hold.

# holds_for_shipped: the layout of `inst` is proved against the binary `shipped`, and a
# patch made for it carries its build-id.
holds_for_shipped() {
  local id
  expect 0 "proved:" "$tool" check inst --target shipped
  "$tool" make inst --target shipped -o out.kpatch
  expect 0 "fits" "$tool" check out.kpatch shipped
  id=$(readelf -n shipped | sed -n 's/ *Build ID: //p')
  "$tool" show out.kpatch | grep "$id" || fail "the patch is not for the shipped build-id"
}

test_shipped_with_another_build_id() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  gcc -pie -Wl,--build-id=0x00112233445566778899aabbccddeeff00112233 a.orig.o -o shipped
  strip shipped
  holds_for_shipped
  expect 9 "build-id" "$tool" check out.kpatch target
}

# A build-id of another length moves whatever the linker lays out behind it.
test_shipped_with_a_long_build_id() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  gcc -pie -Wl,--build-id=0x$(printf '42%.0s' $(seq 64)) a.orig.o -o shipped
  strip shipped
  holds_for_shipped
}

# .data ends at an odd address and .bss wants no more than 4: in the target it begins
# before the place where --emit-relocs keeps crtbegin.o's empty .tm_clone_table.
test_shipped_with_bss_before_an_empty_section() {
  echo 'char odd = 1; static int zero; int work(void) { return odd + ++zero; }' >a.c
  gcc -O2 -fPIC -S a.c -o a.s
  printf '\tmovl $1, %%eax\n\tret\n' | changed work >a.patch.s
  link "-O2 -fPIC" -shared a
  cp target shipped
  holds_for_shipped
}

test_shipped_with_debuglink_and_without_comment() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" "-pie -g" a
  objcopy --only-keep-debug orig shipped.debug
  objcopy --strip-all --remove-section=.comment --remove-section=.note.gnu.property \
    --add-gnu-debuglink=shipped.debug orig shipped
  holds_for_shipped
}

test_shipped_with_another_comment() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  printf 'GCC: (Another 99) 12.2.0\0' >comment
  objcopy --update-section .comment=comment orig shipped
  holds_for_shipped
}

test_shipped_with_section_headers_moved() {
  base_unit "-O2 -fPIC"
  link "-O2 -fPIC" "-shared -Wl,-z,relro,-z,now" a
  objcopy --strip-all --set-section-alignment .comment=4096 orig shipped
  holds_for_shipped
}

# wrong_source CFLAGS SED: `shipped` is the same program with one change in its source,
# or other flags.
wrong_source() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  sed "$2" a.c >b.c
  gcc $1 b.c -pie -s -o shipped
}

test_shipped_with_another_immediate() {
  wrong_source "-O2 -fPIE" 's/x \* 3/x * 5/'
  expect 9 "(helper+" "$tool" check inst --target shipped
  "$tool" check inst --target shipped 2>&1 | grep -A3 helper >said.txt || true
  grep -qE '^ +rebuilt +8d 04 7f +lea eax, \[rdi\+rdi\*2\]$' said.txt || fail "not our instruction"
  grep -qE '^ +target +8d 04 bf +lea eax, \[rdi\+rdi\*4\]$' said.txt || fail "not theirs"
}

test_shipped_with_another_reference() {
  wrong_source "-O2 -fPIE" 's/return x + exported/return x + table[1]/'
  expect 9 "refers to exported" "$tool" check inst --target shipped
  expect 9 "relocation  R_X86_64_" "$tool" check inst --target shipped
}

# Two functions have other sizes; what lies behind them has moved and is no difference.
test_shipped_with_functions_of_another_size() {
  wrong_source "-O2 -fPIE" 's/  tls_counter++;/  if (n == 7) exported = 1;\n  tls_counter++;/
    s/  return 0;/  return argc > 7;/'
  "$tool" check --json inst --target shipped >said.json && fail "proved"
  python3 - <<'END'
import json
said = json.load(open("said.json"))
names = [d["symbol"] for d in said["differences"] if d["function"]]
assert not said["proved"] and said["shifted"], said
assert sorted(names) == ["main", "work"] and said["functions_that_differ"] == 2, names
END
  expect 9 "in 2 functions" "$tool" check inst --target shipped
}

# One function grows at the cost of the padding behind it.
test_shipped_with_a_function_that_fits_its_padding() {
  wrong_source "-O2 -fPIE" 's/return x + exported/return x + exported - 4000/'
  [ "$(size -A shipped | awk '$1 == ".text" { print $2 }')" = \
    "$(size -A target | awk '$1 == ".text" { print $2 }')" ] || return 0
  expect 9 "in 1 function" "$tool" check inst --target shipped
  expect 9 "functions of section .text begin elsewhere" "$tool" check inst --target shipped
  expect 9 "(other+" "$tool" check inst --target shipped
}

test_shipped_with_another_string() {
  wrong_source "-O2 -fPIE" 's/work %s %d/Work %s %d/'
  expect 9 ".rodata+" "$tool" check inst --target shipped
}

test_shipped_with_other_flags() {
  wrong_source "-O1 -fPIE" ''
  expect 9 "does not have the layout" "$tool" check inst --target shipped
}

test_shipped_by_another_compiler_is_said() {
  wrong_source "-O2 -fPIE" 's/x \* 3/x * 5/'
  printf 'GCC: (Another 99) 12.2.0\0' >comment
  objcopy --update-section .comment=comment shipped
  expect 9 "it was compiled by GCC: (Another 99)" "$tool" check inst --target shipped
}

test_shipped_is_something_else() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  expect 9 "section .text has" "$tool" check inst --target /bin/true
  "$tool" check --json inst --target /bin/true >said.json && fail "proved"
  python3 -m json.tool said.json >/dev/null
  expect 3 "a.c" "$tool" check inst --target a.c
}

test_every_difference_is_shown_on_request() {
  base_unit "-O2 -fPIE"
  for n in $(seq 30); do echo "int many_$n(int x) { return x + 10; }"; done >>a.c
  gcc -O2 -fPIE -S a.c -o a.s
  link "-O2 -fPIE" -pie a
  sed 's/x + 10/x + 11/' a.c >b.c
  gcc -O2 -fPIE b.c -pie -s -o shipped
  expect 9 "30 differences, in 30 functions" "$tool" check inst --target shipped
  expect 9 "and 20 more" "$tool" check inst --target shipped
  expect 9 "(many_30+" "$tool" check --all inst --target shipped
}

# lld moves .eh_frame when it is asked to keep relocations.
test_shipped_linked_by_lld() {
  command -v ld.lld >/dev/null || return 0
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" "-pie -fuse-ld=lld" a
  cp target shipped
  holds_for_shipped
}
