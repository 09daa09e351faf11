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
