// SPDX-License-Identifier: GPL-2.0-or-later
//
// The names of the sixteen general purpose registers (Intel SDM vol. 1, 3.4.1).
#include "kpatch_gensrc/asm/registers.h"

#include "kpatch_gensrc/asm/lexer.h"

namespace care::gensrc {

namespace {

struct Register {
  std::string_view bits64, bits32, bits16, bits8, high;
};

constexpr Register kRegisters[] = {
    {"%rax", "%eax", "%ax", "%al", "%ah"},   {"%rbx", "%ebx", "%bx", "%bl", "%bh"},
    {"%rcx", "%ecx", "%cx", "%cl", "%ch"},   {"%rdx", "%edx", "%dx", "%dl", "%dh"},
    {"%rsi", "%esi", "%si", "%sil", ""},     {"%rdi", "%edi", "%di", "%dil", ""},
    {"%rbp", "%ebp", "%bp", "%bpl", ""},     {"%rsp", "%esp", "%sp", "%spl", ""},
    {"%r8", "%r8d", "%r8w", "%r8b", ""},     {"%r9", "%r9d", "%r9w", "%r9b", ""},
    {"%r10", "%r10d", "%r10w", "%r10b", ""}, {"%r11", "%r11d", "%r11w", "%r11b", ""},
    {"%r12", "%r12d", "%r12w", "%r12b", ""}, {"%r13", "%r13d", "%r13w", "%r13b", ""},
    {"%r14", "%r14d", "%r14w", "%r14b", ""}, {"%r15", "%r15d", "%r15w", "%r15b", ""},
};

} // namespace

std::string_view whole_register(std::string_view name) {
  if (name.empty())
    return {};
  for (const Register &reg : kRegisters)
    if (name == reg.bits64 || name == reg.bits32 || name == reg.bits16 || name == reg.bits8 ||
        name == reg.high)
      return reg.bits64;
  return {};
}

int register_bits(std::string_view name) {
  if (name.empty())
    return 0;
  for (const Register &reg : kRegisters) {
    if (name == reg.bits64)
      return 64;
    if (name == reg.bits32)
      return 32;
    if (name == reg.bits16)
      return 16;
    if (name == reg.bits8 || name == reg.high)
      return 8;
  }
  return 0;
}

bool is_high_byte(std::string_view name) {
  return name == "%ah" || name == "%bh" || name == "%ch" || name == "%dh";
}

bool mentions_register(std::string_view text, std::string_view whole) {
  for (size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    size_t end = at + 1;
    while (end < text.size() && is_name_char(text[end]))
      end++;
    if (whole_register(text.substr(at, end - at)) == whole)
      return true;
  }
  return false;
}

} // namespace care::gensrc
