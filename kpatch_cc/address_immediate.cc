// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/address_immediate.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "lib/x86/encoder.h"

namespace care::cc {

namespace {

// A symbol and a number, `"a b"+4`. The name is as written, quotes and all.
struct Address {
  std::string_view name;
  int64_t addend = 0;

  std::string text(int64_t more = 0) const {
    int64_t sum = addend + more;
    return sum == 0 ? std::string(name) : fmt::format("{}{:+}", name, sum);
  }
};

std::optional<int64_t> number(std::string_view text) {
  if (text.starts_with('+'))
    text.remove_prefix(1);
  int64_t value = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::optional<Address> read_address(std::string_view text) {
  size_t end = 0;
  if (text.starts_with('"')) {
    end = text.find('"', 1);
    end = end == std::string_view::npos ? text.size() : end + 1;
  } else {
    auto in_name = [](char c) {
      return isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '$';
    };
    while (end < text.size() && in_name(text[end]))
      end++;
  }
  if (end == 0 || isdigit(static_cast<unsigned char>(text[0])))
    return std::nullopt;
  Address address{text.substr(0, end), 0};
  std::string_view addend = text.substr(end);
  if (addend.empty())
    return address;
  std::optional<int64_t> value = number(addend);
  if ((addend[0] != '+' && addend[0] != '-') || !value)
    return std::nullopt;
  address.addend = *value;
  return address;
}

// The comma-separated operands. Commas in parentheses and quotes separate nothing.
std::vector<std::string_view> split_operands(std::string_view text) {
  std::vector<std::string_view> operands;
  size_t start = 0;
  bool quoted = false;
  int depth = 0;
  for (size_t i = 0; i <= text.size(); i++) {
    char c = i < text.size() ? text[i] : ',';
    quoted ^= c == '"';
    depth += !quoted && c == '(' ? 1 : !quoted && c == ')' ? -1 : 0;
    if (c != ',' || (i < text.size() && (quoted || depth > 0)))
      continue;
    operands.push_back(text.substr(start, i - start));
    start = std::min(i + 1, text.size());
    while (start < text.size() && text[start] == ' ')
      start++;
  }
  return operands;
}

std::optional<std::string> register_name(std::string_view text) {
  if (!text.starts_with('%') || text.size() < 3)
    return std::nullopt;
  return std::string(text.substr(1));
}

struct Operand {
  EncoderOperand encoded;
  std::optional<Address> displacement; // a symbol there
};

// %reg, 8(%base,%index,4), symbol+4(%rip). Segments and absolute addresses are not read.
std::optional<Operand> read_operand(std::string_view text) {
  Operand operand;
  if (std::optional<std::string> reg = register_name(text)) {
    operand.encoded.reg = *reg;
    return operand;
  }
  size_t open = text.rfind('(');
  if (open == std::string_view::npos || !text.ends_with(')') || text.starts_with('%'))
    return std::nullopt;
  std::string_view displacement = text.substr(0, open);
  if (!displacement.empty()) {
    operand.encoded.displacement = number(displacement);
    if (!operand.encoded.displacement) {
      operand.displacement = read_address(displacement);
      if (!operand.displacement)
        return std::nullopt;
    }
  }
  std::vector<std::string_view> parts =
      split_operands(text.substr(open + 1, text.size() - open - 2));
  auto part = [&](size_t n) { return n < parts.size() ? parts[n] : std::string_view{}; };
  std::optional<std::string> base = register_name(part(0)), index = register_name(part(1));
  if ((!part(0).empty() && !base) || (!part(1).empty() && !index) || (!base && !index))
    return std::nullopt;
  operand.encoded.base = base.value_or("");
  operand.encoded.index = index.value_or("");
  if (!part(2).empty())
    operand.encoded.scale = static_cast<unsigned>(number(part(2)).value_or(1));
  return operand;
}

// `.reloc` alone does not make an undefined symbol known. `.type` does, and @notype
// changes nothing.
std::string relocation(std::string_view kind, const Address &address, int64_t more) {
  std::string known =
      address.name.starts_with(".L") ? "" : fmt::format(" .type {}, @notype;", address.name);
  return fmt::format("{} .reloc ., {}, {};", known, kind, address.text(more));
}

std::string as_bytes(const WideImmediate &code, unsigned bits, const Address &immediate,
                     const std::optional<Address> &displacement, bool rip) {
  size_t plain = code.code.size() - code.immediate - (displacement ? 4 : 0);
  std::string text = "\t.byte ";
  for (size_t i = 0; i < plain; i++)
    text += fmt::format("{}{:#04x}", i == 0 ? "" : ", ", static_cast<uint8_t>(code.code[i]));
  text += ';';
  if (displacement) {
    // Relative to the end of the instruction, not to the displacement.
    int64_t behind = -4 - static_cast<int64_t>(code.immediate);
    text += relocation(rip ? "R_X86_64_PC32" : "R_X86_64_32S", *displacement, rip ? behind : 0);
    text += " .long 0;";
  }
  const char *kind = bits == 64 ? "R_X86_64_32S" : bits == 32 ? "R_X86_64_32" : "R_X86_64_16";
  text += relocation(kind, immediate, 0);
  return text + (code.immediate == 2 ? " .short 0" : " .long 0");
}

struct Operation {
  std::string_view mnemonic;
  unsigned bits = 0;
};

std::optional<Operation> read_operation(std::string_view word) {
  constexpr std::array<std::string_view, 10> kNames = {"add", "or",  "adc", "sbb",  "and",
                                                       "sub", "xor", "cmp", "imul", "push"};
  constexpr std::string_view kSuffixes = "wlq";
  if (word.size() < 3)
    return std::nullopt;
  size_t suffix = kSuffixes.find(word.back());
  word.remove_suffix(1);
  if (suffix == std::string_view::npos ||
      std::find(kNames.begin(), kNames.end(), word) == kNames.end())
    return std::nullopt;
  return Operation{word, 16U << suffix};
}

} // namespace

std::string address_immediate(std::string_view line, size_t &length) {
  size_t tab = line.substr(0, 8).find("\t$", 1);
  if (!line.starts_with('\t') || tab == std::string_view::npos)
    return "";
  std::optional<Operation> operation = read_operation(line.substr(1, tab - 1));
  if (!operation)
    return "";
  line = line.substr(0, line.find('\n'));
  line = line.substr(0, line.find("  #"));
  while (line.ends_with(' ') || line.ends_with('\t'))
    line.remove_suffix(1);
  std::vector<std::string_view> operands = split_operands(line.substr(tab + 1));
  std::optional<Address> immediate = read_address(operands[0].substr(1));
  if (!immediate || operands.size() != (operation->mnemonic == "push"   ? 1U
                                        : operation->mnemonic == "imul" ? 3U
                                                                        : 2U))
    return "";
  std::vector<EncoderOperand> encoded; // Intel's order
  std::optional<Address> displacement;
  bool rip = false;
  for (size_t i = operands.size(); i-- > 1;) {
    std::optional<Operand> operand = read_operand(operands[i]);
    if (!operand)
      return "";
    encoded.push_back(operand->encoded);
    if (operand->displacement)
      displacement = operand->displacement;
    rip |= operand->encoded.base == "rip";
  }
  std::optional<WideImmediate> code =
      encode_wide_immediate(operation->mnemonic, operation->bits, encoded);
  if (!code)
    return "";
  length = line.size();
  return as_bytes(*code, operation->bits, *immediate, displacement, rip);
}

} // namespace care::cc
