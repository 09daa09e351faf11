// SPDX-License-Identifier: GPL-2.0-or-later
//
// Access to data that may lie in another module.
//
// Code compiled for an executable reaches any data directly (`movl x(%rip), %eax`)
// and trusts the linker to put it, or a copy of it, within 2 GiB. Code that is
// added to a running process has no such luck: `x` may be in a library at
// any distance. Such an instruction is rewritten to take the address from the
// global offset table.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace care::gensrc {

// Symbols whose value is known at run time only, and the memory operand that holds it:
// "stderr" -> "stderr@GOTPCREL(%rip)".
using ValueSlots = std::map<std::string, std::string>;

// The statements (each with "\t" in front and "\n" behind) that do what
// `instruction` does, with the value of each symbol taken from its slot. Flags, the
// red zone and all registers are as after the instruction itself. A value may be an
// offset from a segment's base, too (%fs:x).
// `adjust_cfa`: the frame is described relative to %rsp, so that pushes have to
// be told to the unwinder. Throws Error when the instruction cannot be rewritten.
std::string load_values(std::string_view instruction, const ValueSlots &slots, bool adjust_cfa);

} // namespace care::gensrc
