// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/x86/call_site.h"

#include <algorithm>

#include "lib/x86/decoder.h"

namespace care {

namespace {

constexpr unsigned kDirectCall = 5;

std::optional<CallSite> call_of(std::string_view code, uint64_t end, unsigned length) {
  std::string_view bytes = code.substr(code.size() - length);
  std::optional<Instruction> decoded = decode(bytes);
  if (!decoded || !decoded->call || decoded->length != length)
    return std::nullopt;
  CallSite call;
  call.length = length;
  if (decoded->relative_branch)
    call.target = end + static_cast<uint64_t>(decoded->branch_distance);
  else if (decoded->rip_operand)
    call.slot = end + static_cast<uint64_t>(decoded->rip_distance);
  return call;
}

} // namespace

std::optional<CallSite> call_before(std::string_view code, uint64_t end) {
  if (code.size() >= kDirectCall) {
    std::optional<CallSite> direct = call_of(code, end, kDirectCall);
    if (direct && direct->target)
      return direct;
  }
  for (unsigned length = 2; length <= std::min(kLongestCall, code.size()); length++) {
    std::optional<CallSite> call = call_of(code, end, length);
    if (call && !call->target)
      return call;
  }
  return std::nullopt;
}

} // namespace care
