# SPDX-License-Identifier: GPL-2.0-or-later
#
# Kinds of programs: how they were linked, and how they were started.

usual() {
  start "$1" "${@:2}"
  there_and_back "$1"
  ends "$1" 0
}

test_library() { usual host "$tree/host"; }
test_static() { usual static "$tree/static"; }
test_static_pie() { usual static "$tree/static_pie"; }

test_musl() {
  [ -e "$tree/musl" ] || skip "no musl-gcc"
  usual musl "$tree/musl"
}

test_musl_static() {
  [ -e "$tree/musl_static" ] || skip "no musl-gcc"
  usual musl "$tree/musl_static"
}

# The dynamic linker as the program: /proc/PID/exe is the linker then.
test_linker_started() { usual host "$(linker)" "$tree/host"; }
test_linker_preloads() { usual host "$(linker)" --preload libm.so.6 "$tree/host"; }
linker() { readelf -lW "$tree/host" | sed -n 's/.*interpreter: \(.*\)]/\1/p'; }

# As prelink leaves it: an address of its own, which it gets.
test_linked_for_an_address() {
  mkdir lib
  cp "$tree/libbased.so" lib/libfix.so
  usual host env LD_LIBRARY_PATH="$work/lib" "$tree/host"
}

# e_shoff, e_shnum and e_shstrndx are 0.
test_no_section_headers() {
  local file
  for file in host libfix.so; do
    cp "$tree/$file" .
    printf '\0\0\0\0\0\0\0\0' | dd of="$file" bs=1 seek=40 conv=notrunc status=none
    printf '\0\0\0\0' | dd of="$file" bs=1 seek=60 conv=notrunc status=none
  done
  usual host env LD_LIBRARY_PATH="$work" ./host
}
