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

namespace {

bool ends_flow(ZydisMnemonic mnemonic) {
  switch (mnemonic) {
  case ZYDIS_MNEMONIC_JMP:
  case ZYDIS_MNEMONIC_RET:
  case ZYDIS_MNEMONIC_UD0:
  case ZYDIS_MNEMONIC_UD1:
  case ZYDIS_MNEMONIC_UD2:
  case ZYDIS_MNEMONIC_HLT:
  case ZYDIS_MNEMONIC_INT3:
  case ZYDIS_MNEMONIC_CALL:
    return true;
  default:
    return false;
  }
}

// 66 90 is a nop to the processor, an xchg to the decoder.
bool is_padding(std::string_view code, const ZydisDecodedInstruction &decoded) {
  return decoded.mnemonic == ZYDIS_MNEMONIC_NOP || decoded.mnemonic == ZYDIS_MNEMONIC_INT3 ||
         code.substr(0, decoded.length) == "\x66\x90";
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
  if (decoded.attributes & ZYDIS_ATTRIB_HAS_MODRM && decoded.raw.modrm.mod == 0 &&
      decoded.raw.modrm.rm == 5) {
    instruction.rip_operand = true;
    instruction.rip_distance = decoded.raw.disp.value;
  }
  instruction.padding = is_padding(code, decoded);
  instruction.ends_flow = ends_flow(decoded.mnemonic);
  instruction.call = decoded.mnemonic == ZYDIS_MNEMONIC_CALL;
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
