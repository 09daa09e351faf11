// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/x86/patch_site.h"

#include "lib/x86/decoder.h"

namespace care {

bool starts_with_endbr(std::string_view code) {
  return code.starts_with(kEndbr64);
}

uint64_t padding_length(std::string_view code) {
  if (code.find_first_not_of('\0') == std::string_view::npos)
    return code.size();
  uint64_t at = 0;
  while (at < code.size()) {
    std::optional<Instruction> instruction = decode(code.substr(at));
    if (!instruction || !instruction->padding)
      break;
    at += instruction->length;
  }
  return at;
}

bool ends_flow(std::string_view code) {
  bool ends = false;
  for (uint64_t at = 0; at < code.size();) {
    std::optional<Instruction> instruction = decode(code.substr(at));
    if (!instruction)
      return false;
    ends = instruction->ends_flow;
    at += instruction->length;
  }
  return ends;
}

bool in_short_reach(uint64_t site, uint64_t pad) {
  auto distance = static_cast<int64_t>(pad - (site + kShortJump));
  return distance >= INT8_MIN && distance <= INT8_MAX;
}

std::optional<uint64_t> find_pad(std::string_view code, uint64_t begin, uint64_t site) {
  bool zeros = code.find_first_not_of('\0') == std::string_view::npos;
  for (uint64_t at = 0; at + kLongJump <= code.size();) {
    if (in_short_reach(site, begin + at))
      return at;
    std::optional<Instruction> instruction = decode(code.substr(at));
    at += zeros || !instruction ? 1 : instruction->length;
  }
  return std::nullopt;
}

} // namespace care
