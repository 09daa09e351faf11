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
  // An operand in memory, given relative to the next instruction.
  bool rip_operand = false;
  int64_t rip_distance = 0; // from the end of the instruction
  // Does nothing and means nothing: a nop of any length, int3.
  bool padding = false;
  // What follows it is not reached through it: jmp, ret, ud2, hlt, int3; a call too,
  // when it is a function's last instruction (of a function that does not return).
  bool ends_flow = false;
  bool call = false;
};

// The instruction at the start of `code`; nothing when it is not one, or cut off.
std::optional<Instruction> decode(std::string_view code);

// Intel syntax of the instruction at the start of `code`, which lies at
// `address`; "(bad)" when it is none. For messages.
std::string instruction_text(std::string_view code, uint64_t address);

} // namespace care
