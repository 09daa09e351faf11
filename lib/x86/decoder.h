// SPDX-License-Identifier: GPL-2.0-or-later
//
// Decoding of x86-64 instructions. The one place that knows Zydis.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace care {

struct Instruction {
  unsigned length = 0;
  // Jump, call, loop or xbegin to a place given relative to the next instruction.
  bool relative_branch = false;
  int64_t branch_distance = 0; // from the end of the instruction
};

// The instruction at the start of `code`; nothing when it is not one, or cut off.
std::optional<Instruction> decode(std::string_view code);

// Intel syntax of the instruction at the start of `code`, which lies at
// `address`; "(bad)" when it is none. For messages.
std::string instruction_text(std::string_view code, uint64_t address);

} // namespace care
