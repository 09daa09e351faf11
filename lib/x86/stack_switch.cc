// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/x86/stack_switch.h"

#include <cstdint>
#include <optional>

#include "lib/x86/decoder.h"

namespace care {

namespace {

constexpr unsigned kRsp = 4;
constexpr unsigned kRbp = 5;

// REX.W mov r64, r/m64 (8B) and mov r/m64, r64 (89) with %rsp as destination; xchg (87).
bool loads_stack_pointer(std::string_view instruction) {
  if (instruction.size() < 3)
    return false;
  auto rex = static_cast<uint8_t>(instruction[0]);
  auto opcode = static_cast<uint8_t>(instruction[1]);
  auto modrm = static_cast<uint8_t>(instruction[2]);
  if ((rex & 0xf8) != 0x48)
    return false;
  unsigned reg = (modrm >> 3 & 7U) | (rex & 4U) << 1;
  unsigned rm = (modrm & 7U) | (rex & 1U) << 3;
  bool in_register = modrm >> 6 == 3;
  if (opcode == 0x8b || opcode == 0x87)
    return reg == kRsp && !(in_register && rm == kRbp);
  return opcode == 0x89 && in_register && rm == kRsp && reg != kRbp;
}

} // namespace

bool switches_stack(std::string_view code) {
  for (;;) {
    std::optional<Instruction> instruction = decode(code);
    if (!instruction)
      return false;
    if (loads_stack_pointer(code.substr(0, instruction->length)))
      return true;
    if (instruction->ends_flow && !instruction->call)
      return false;
    code.remove_prefix(instruction->length);
  }
}

} // namespace care
