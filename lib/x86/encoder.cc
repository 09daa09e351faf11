// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/x86/encoder.h"

#include <algorithm>
#include <array>

#include <Zydis/Zydis.h>

namespace care {

namespace {

// Too large for every shorter form.
constexpr int64_t kWideNumber = 0x7ffffff1;
constexpr int64_t kWideNumber16 = 0x7ff1;

std::optional<ZydisRegister> register_named(std::string_view name) {
  for (int r = ZYDIS_REGISTER_NONE + 1; r <= ZYDIS_REGISTER_MAX_VALUE; r++) {
    auto reg = static_cast<ZydisRegister>(r);
    const char *text = ZydisRegisterGetString(reg);
    if (text != nullptr && name == text)
      return reg;
  }
  return std::nullopt;
}

std::optional<ZydisMnemonic> mnemonic_named(std::string_view name) {
  for (int m = ZYDIS_MNEMONIC_INVALID + 1; m <= ZYDIS_MNEMONIC_MAX_VALUE; m++) {
    auto mnemonic = static_cast<ZydisMnemonic>(m);
    const char *text = ZydisMnemonicGetString(mnemonic);
    if (text != nullptr && name == text)
      return mnemonic;
  }
  return std::nullopt;
}

bool fill(ZydisEncoderOperand &to, const EncoderOperand &from, unsigned bits) {
  if (!from.reg.empty()) {
    std::optional<ZydisRegister> reg = register_named(from.reg);
    to.type = ZYDIS_OPERAND_TYPE_REGISTER;
    to.reg.value = reg.value_or(ZYDIS_REGISTER_NONE);
    return reg.has_value();
  }
  std::optional<ZydisRegister> base = ZYDIS_REGISTER_NONE, index = ZYDIS_REGISTER_NONE;
  if (!from.base.empty())
    base = register_named(from.base);
  if (!from.index.empty())
    index = register_named(from.index);
  if (!base || !index)
    return false;
  to.type = ZYDIS_OPERAND_TYPE_MEMORY;
  to.mem.base = *base;
  to.mem.index = *index;
  to.mem.scale = static_cast<ZyanU8>(from.index.empty() ? 0 : from.scale);
  to.mem.displacement = from.displacement.value_or(kWideNumber);
  to.mem.size = static_cast<ZyanU16>(bits / 8);
  return true;
}

} // namespace

std::optional<WideImmediate> encode_wide_immediate(std::string_view mnemonic, unsigned bits,
                                                   const std::vector<EncoderOperand> &operands) {
  ZydisEncoderRequest request{};
  std::optional<ZydisMnemonic> name = mnemonic_named(mnemonic);
  if (!name || operands.size() + 1 > ZYDIS_ENCODER_MAX_OPERANDS)
    return std::nullopt;
  request.machine_mode = ZYDIS_MACHINE_MODE_LONG_64;
  request.mnemonic = *name;
  request.operand_count = static_cast<ZyanU8>(operands.size() + 1);
  bool open = false;
  for (size_t i = 0; i < operands.size(); i++) {
    if (!fill(request.operands[i], operands[i], bits))
      return std::nullopt;
    open |= operands[i].reg.empty() && !operands[i].displacement;
  }
  ZydisEncoderOperand &last = request.operands[operands.size()];
  last.type = ZYDIS_OPERAND_TYPE_IMMEDIATE;
  last.imm.s = bits == 16 ? kWideNumber16 : kWideNumber;

  std::array<uint8_t, ZYDIS_MAX_INSTRUCTION_LENGTH> bytes{};
  ZyanUSize length = bytes.size();
  if (!ZYAN_SUCCESS(ZydisEncoderEncodeInstruction(&request, bytes.data(), &length)))
    return std::nullopt;
  size_t immediate = bits == 16 ? 2 : 4;
  size_t zeros = immediate + (open ? 4 : 0);
  if (length < zeros)
    return std::nullopt;
  std::fill_n(bytes.begin() + static_cast<long>(length - zeros), zeros, 0);
  return WideImmediate{std::string(bytes.begin(), bytes.begin() + static_cast<long>(length)),
                       immediate};
}

} // namespace care
