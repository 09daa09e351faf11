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
// form without a ModRM byte. The assembler takes the address for one byte at first and
// makes it longer later: never to the accumulator's short form, and jumps over it have
// then been laid out along another way, so that one may end longer or shorter. No
// spelling avoids that. So the instruction is written as bytes, with a relocation of the
// same kind. (mov, test and the byte forms have one encoding only.)
#pragma once

#include <string>
#include <string_view>

namespace care::cc {

// What to write instead of the instruction at the start of `line`, or "" for any other
// line. `length` is that of the text that it stands for.
std::string address_immediate(std::string_view line, size_t &length);

} // namespace care::cc
