// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/x86/decoder.h"

#include <Zydis/Zydis.h>

namespace care {

namespace {

const ZydisDecoder &long_mode_decoder() {
  static const ZydisDecoder decoder = [] {
    ZydisDecoder d;
    ZydisDecoderInit(&d, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    return d;
  }();
  return decoder;
}

} // namespace

std::optional<Instruction> decode(std::string_view code) {
  ZydisDecodedInstruction decoded;
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&long_mode_decoder(), nullptr, code.data(),
                                                  code.size(), &decoded)))
    return std::nullopt;
  Instruction instruction;
  instruction.length = decoded.length;
  const auto &immediate = decoded.raw.imm[0];
  if (immediate.size != 0 && immediate.is_relative) {
    instruction.relative_branch = true;
    instruction.branch_distance = immediate.value.s;
  }
  return instruction;
}

std::string instruction_text(std::string_view code, uint64_t address) {
  ZydisDecodedInstruction decoded;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  ZydisFormatter formatter;
  char text[96];
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&long_mode_decoder(), code.data(), code.size(), &decoded,
                                           operands)) ||
      !ZYAN_SUCCESS(ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL)) ||
      !ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &decoded, operands,
                                                    decoded.operand_count_visible, text,
                                                    sizeof text, address, nullptr)))
    return "(bad)";
  return text;
}

} // namespace care
