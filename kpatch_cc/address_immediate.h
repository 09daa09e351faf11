// SPDX-License-Identifier: GPL-2.0-or-later
//
// Arithmetic of clang with the address of a symbol, as in code that is not
// position-independent:
//
//         cmpq    $symbol, 8(%rbx)
//         addq    $symbol, %rcx
//         cmpq    $symbol, %rax           48 3d, not 48 81 f8
//
// The compiler emits four bytes for the address at once, and for the accumulator the
// form without a ModRM byte. The assembler assumes one byte for the address at first and
// makes it longer later, but never to the accumulator's short form. Jumps over the
// instruction are then laid out in other steps, so that one may end longer or shorter. No
// spelling avoids that. So the instruction is written as bytes, with a relocation of the
// same kind. (mov, test and the byte forms have one encoding only.)
#pragma once

#include <string>
#include <string_view>

namespace care::cc {

// The text that replaces the instruction at the start of `line`, or "" for any other
// line. `length` becomes the length of the replaced text.
std::string address_immediate(std::string_view line, size_t &length);

} // namespace care::cc
