# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where the jump goes: short functions, padding, pads, and ways into the middle.

# site_unit: t.s from stdin (a function `tiny` that is to be changed, and what lies
# around it), linked with the base unit. What is in reach before it has no padding and
# ends at a multiple of 64.
site_unit() {
  base_unit "-O2 -fPIE"
  { echo '	.text'; echo ' .p2align 6'; for n in $(seq 64); do packed "m$n"; done; cat
    echo '	.section .note.GNU-stack,"",@progbits'; } >t.s
  printf '\tret\n' | changed "${1:-tiny}" >t.patch.s
  link "-O2 -fPIE" "${2--pie}" a t
}

# function NAME <BODY: with its type and size, unaligned.
function_of() {
  printf '\t.globl %s\n\t.type %s, @function\n%s:\n' "$1" "$1" "$1"
  cat
  printf '\t.size %s, .-%s\n' "$1" "$1"
}

# shown FIELD: of `tiny` in `kpatch_tool show --json`.
shown() {
  "$tool" show --json out.kpatch | python3 -c '
import json, sys
f = [f for f in json.load(sys.stdin)["functions"] if f["name"] == "tiny"][0]
print({"site": f["site"] - f["original"], "size": f["original_size"],
       "pad": f["pad"] and f["pad"] - f["original"]}[sys.argv[1]])' "$1"
}

# placed SITE SIZE PAD: what the patch of tiny says.
placed() {
  expect 0 "changed" make_patch
  expect 0 "fits" "$tool" check out.kpatch target
  [ "$(shown site)" = "$1" ] || fail "site $(shown site) instead of $1"
  [ "$(shown size)" = "$2" ] || fail "size $(shown size) instead of $2"
  [ "$(shown pad)" = "$3" ] || fail "pad $(shown pad) instead of $3"
}

packed() { for name; do printf '\txorl %%eax, %%eax\n\tret\n' | function_of "$name"; done; }

test_site_runs_into_padding() {
  { echo ' .p2align 4'; printf '\tret\n' | function_of tiny; echo ' .p2align 4'; packed next; } | site_unit
  placed 0 5 0
}

test_site_runs_into_int3() {
  { echo ' .p2align 4'; printf '\tret\n' | function_of tiny; echo ' .p2align 4, 0xcc'; packed next; } | site_unit
  placed 0 5 0
}

test_site_keeps_endbr_over_padding() {
  { echo ' .p2align 4'; printf '\tendbr64\n\tret\n' | function_of tiny; echo ' .p2align 4'; packed next; } | site_unit
  placed 4 9 0
}

test_site_keeps_endbr_with_a_pad() {
  {
    echo ' .p2align 4'
    printf '\tendbr64\n\txorl %%eax, %%eax\n\tret\n' | function_of tiny
    packed next
    echo ' .p2align 5'
    packed last
  } | site_unit
  placed 4 7 10
}

# Nothing but the endbr to give way.
test_site_gives_up_endbr() {
  {
    packed before
    printf '\tendbr64\n\txorl %%eax, %%eax\n\tret\n' | function_of tiny
    for n in $(seq 60); do packed "n$n"; done
  } | site_unit
  placed 0 7 0
}

test_site_with_a_pad() {
  { echo ' .p2align 5'; packed before tiny after; echo ' .p2align 5'; packed last; } | site_unit
  placed 0 3 6
}

test_pad_before_the_function() {
  {
    echo ' .p2align 6'
    packed first
    echo ' .p2align 4'
    packed second tiny
    for n in $(seq 60); do packed "n$n"; done
  } | site_unit
  placed 0 3 -16
}

test_pads_are_not_shared() {
  { echo ' .p2align 4'; packed tiny tiny2 after; echo ' .p2align 4'; packed last
    for n in $(seq 60); do packed "n$n"; done; } | site_unit
  printf '\tret\n' | changed tiny2 >>t.patch.s
  link "-O2 -fPIE" -pie a t
  expect 6 "function tiny2 has 3 bytes" make_patch
}

test_packed_short_function_is_refused() {
  { packed tiny; for n in $(seq 60); do packed "n$n"; done; } | site_unit
  expect 6 "function tiny has 3 bytes: no room for a jump" make_patch
}

# The function in front runs on through the padding.
test_padding_that_is_run_through_is_no_pad() {
  {
    packed before tiny
    printf '\tincl %%eax\n' | function_of falls
    echo ' .p2align 5'
    for n in $(seq 60); do packed "n$n"; done
  } | site_unit
  expect 6 "no room for a jump" make_patch
}

# Somebody jumps into the padding, or keeps its address.
test_padding_that_is_referred_to_is_no_pad() {
  {
    echo ' .p2align 4'
    packed tiny
    echo '.Lhere: .p2align 4'
    { packed next; printf '\tjmp .Lhere\n'; } | sed '/\.size/d'
    for n in $(seq 60); do packed "n$n"; done
  } | site_unit
  expect 6 "no room for a jump" make_patch
}

# -fpatchable-function-entry=N,M: the nops in front of an entry are somebody's.
test_patchable_entries_are_no_pad() {
  {
    echo ' .p2align 4'
    packed before tiny
    echo ' .section __patchable_function_entries,"awo",@progbits,.text'
    echo ' .p2align 3'
    echo ' .quad .Lpfe'
    echo ' .text'
    echo '.Lpfe: .fill 6, 1, 0x90'
    for n in $(seq 60); do packed "n$n"; done
  } | site_unit
  expect 6 "no room for a jump" make_patch
}

test_unlabelled_code_is_no_padding() {
  { echo ' .p2align 4'; packed tiny; printf '\tincl %%eax\n\t.p2align 4\n'
    for n in $(seq 60); do packed "n$n"; done; } | site_unit
  expect 6 "no room for a jump" make_patch
}

loop_body() { printf '\txorl %%eax,%%eax\n1: incl %%eax\n\tcmpl %%edi,%%eax\n\tjl 1b\n\tret\n'; }

# A function's own loop back into its first bytes: dead once the jump stands. Where
# there is a pad the short jump leaves even the loop alone.
test_loop_into_the_entry() {
  { echo ' .p2align 4'; loop_body | function_of tiny; for n in $(seq 60); do packed "n$n"; done; } | site_unit
  placed 0 9 0
}

test_loop_into_the_entry_with_a_pad() {
  { echo ' .p2align 4'; loop_body | function_of tiny; echo ' .p2align 4'; packed next; } | site_unit
  placed 0 9 9
}

test_branch_from_outside_is_refused() {
  {
    loop_body | sed 's/1:/1: .Linside:/' | function_of tiny
    printf '\tjmp .Linside\n' | function_of intruder
  } | site_unit
  expect 6 "function tiny is also entered in the middle, at tiny+0x2" make_patch
  expect 6 "(intruder+0x0)" make_patch
}

test_address_taken_outside_is_refused() {
  {
    loop_body | sed 's/ret/nop\n.Linside: ret/' | function_of tiny
    printf '\tleaq .Linside(%%rip), %%rax\n\tjmp *%%rax\n' | function_of intruder
  } | site_unit
  expect 6 "function tiny is also entered in the middle, at tiny+0x9" make_patch
}

test_label_address_in_data_is_refused() {
  {
    loop_body | sed 's/1:/1: .Linside:/' | function_of tiny
    printf ' .data\n .quad .Linside\n .text\n'
  } | site_unit
  expect 6 "function tiny is also entered in the middle, at tiny+0x2, from outside: data" make_patch
}

test_second_entry_is_refused() {
  loop_body | sed 's/1:/\t.globl other_entry\nother_entry: 1:/' | function_of tiny | site_unit
  expect 6 "function tiny has a second entry, other_entry" make_patch
}
