# SPDX-License-Identifier: GPL-2.0-or-later
#
# What must not become a patch, with the exit code and the words that say why.

test_changed_layout_is_named() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  sed -i 's/x \* 3/x * 9/' a.c
  gcc -O2 -fPIE -pie a.c -s -o target
  expect 9 "(helper+" "$tool" check inst --target target
  expect 9 "(helper+" make_patch
  [ ! -e out.kpatch ] || fail "a file was written"
}

test_changed_data_is_named() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  sed -i 's/{1, 2, 3, 4}/{1, 2, 8, 4}/' a.c
  gcc -O2 -fPIE -pie a.c -s -o target
  expect 9 "(table+0x8)" "$tool" check inst --target target
}

test_changed_reference_is_named() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  sed -i 's/{table, &exported}/{\&exported, table}/' a.c
  gcc -O2 -fPIE -pie a.c -s -o target
  expect 9 "refers to" "$tool" check inst --target target
}

test_changed_callee_is_named() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  sed 's/strlen@PLT/atoi@PLT/; s/call	strlen/call	atoi/' a.s >b.s
  gcc -pie b.s -s -o target
  expect 9 "refers to strlen" "$tool" check inst --target target
}

test_other_kind_of_link_is_refused() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  gcc -O2 -fno-pie -no-pie a.c -o target
  expect 9 "fixed address" "$tool" check inst --target target
}

test_link_without_relocations_is_refused() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  expect 3 "--emit-relocs" "$tool" check orig --target target
  expect 3 "--emit-relocs" "$tool" check target --target target
}

test_nothing_changed() {
  base_unit "-O2 -fPIE"
  rm a.patch.s
  link "-O2 -fPIE" -pie a
  expect 7 "nothing changed" make_patch
}

test_target_without_build_id_is_refused() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" "-pie -Wl,--build-id=none" a
  expect 9 "no build-id" make_patch
}

test_patch_for_another_build_is_refused() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  make_patch
  expect 9 "build-id" "$tool" check out.kpatch "$tool"
}

test_malformed_files_are_refused() {
  base_unit "-O2 -fPIE"
  link "-O2 -fPIE" -pie a
  make_patch
  head -c 1000 out.kpatch >cut.kpatch
  expect 3 "cut.kpatch: " "$tool" show cut.kpatch
  head -c 5000 /dev/urandom >garbage.kpatch
  expect 3 "not an ELF file" "$tool" show garbage.kpatch
  : >empty
  expect 3 "empty: not an ELF file" "$tool" check inst --target empty
  head -c 9000 target >cut
  expect 3 "cut: " "$tool" check inst --target cut
  expect 3 "not a .kpatch file" "$tool" show target
  expect 1 "cannot open" "$tool" show missing
}

test_bad_command_lines() {
  expect 2 "" "$tool"
  expect 2 "" "$tool" make inst
  expect 2 "" "$tool" check inst
  expect 2 "" "$tool" no-such-command
  expect 0 "Examples" "$tool" check --help
  expect 0 "Example" "$tool" make --help
}

# NAME for `wanted` of a.patch.s: new, and one with other files' (kShared).
shared_unit() {
  base_unit "-O2 -fPIC"
  {
    echo '	.section .kpatch.text,"axR",@progbits'
    printf '	.hidden %s.kpatch\n	.type %s.kpatch, @function\n' "$1" "$1"
    printf '%s.kpatch:\n	ret\n	.size %s.kpatch, .-%s.kpatch\n' "$1" "$1" "$1"
    record 2 0 "$1.kpatch" "$1" | sed 's/\.long 2, 0/.long 2, 2/'
  } >>a.patch.s
}

test_shared_name_of_two_is_refused() {
  shared_unit _Z4twinv
  for unit in b c; do
    printf '	.text\n	.type _Z4twinv, @function\n_Z4twinv: ret\n	.size _Z4twinv, .-_Z4twinv\n' >$unit.s
  done
  link "-O2 -fPIC" -pie a b
  expect 0 "1 changed, 0 new functions" make_patch # that of b.s
  rm out.kpatch
  link "-O2 -fPIC" -pie a b c
  expect 6 "_Z4twinv is new in a file that changed, and the program has several already, at .text+" \
    make_patch
  [ ! -e out.kpatch ] || fail "a file was written"
}

test_shared_name_of_another_object_is_refused() {
  shared_unit _Z5theirv
  for use in 'call _Z5theirv@PLT' 'movq _Z5theirv@GOTPCREL(%rip), %rax' \
    '.section .data.rel.ro,"aw"; .quad _Z5theirv'; do
    printf '	.text\nuser:	%s\n' "$use" >b.s
    link "-O2 -fPIC" -shared a b
    expect 6 "_Z5theirv is new in a file that changed, and original code, at ." make_patch
    [ ! -e out.kpatch ] || fail "a file was written: $use"
  done
  : >b.s
  link "-O2 -fPIC" -shared a b
  expect 0 "1 changed, 1 new functions" make_patch
}
