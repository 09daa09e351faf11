// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/x86/patch_site.h"

#include "lib/x86/decoder.h"

namespace care {

namespace {
constexpr uint64_t kJumpLength = 5; // e9 rel32
}

std::optional<uint64_t> patch_site_offset(std::string_view code) {
  if (code.size() < kJumpLength)
    return std::nullopt;
  bool endbr = code.substr(0, kEndbr64.size()) == kEndbr64;
  return endbr && code.size() >= kEndbr64.size() + kJumpLength ? kEndbr64.size() : 0;
}

std::optional<uint64_t> branch_into_site(std::string_view code, uint64_t site) {
  for (uint64_t at = 0; at < code.size();) {
    std::optional<Instruction> instruction = decode(code.substr(at));
    if (!instruction) { // data among the code: find the next instruction bytewise
      at++;
      continue;
    }
    uint64_t next = at + instruction->length;
    uint64_t target = next + static_cast<uint64_t>(instruction->branch_distance);
    if (instruction->relative_branch && target > site && target < site + kJumpLength)
      return at;
    at = next;
  }
  return std::nullopt;
}

} // namespace care
