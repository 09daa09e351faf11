// SPDX-License-Identifier: GPL-2.0-or-later
//
// Encoding of arithmetic with an immediate of full width, through Zydis: the number
// itself is not known yet, a relocation will bring it. What an assembler does with
// `cmpq $symbol, 8(%rbx)` once it has seen that no byte holds the symbol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace care {

// A register by its name without `%`, or memory. Of the memory's parts those that
// are not there are empty.
struct EncoderOperand {
  std::string reg;
  std::string base, index; // base may be "rip"
  unsigned scale = 1;
  // Nothing: four bytes for a relocation.
  std::optional<int64_t> displacement = 0;
};

struct WideImmediate {
  std::string code;     // immediate and open displacement are zero
  size_t immediate = 0; // its length; it stands at the end, an open displacement before it
};

// `mnemonic` without size (add, cmp, imul, push ...), `bits` 16, 32 or 64, `operands` in
// Intel's order (destination first) without the immediate. Nothing when there is no
// such instruction.
std::optional<WideImmediate> encode_wide_immediate(std::string_view mnemonic, unsigned bits,
                                                   const std::vector<EncoderOperand> &operands);

} // namespace care
