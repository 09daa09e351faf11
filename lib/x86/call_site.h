// SPDX-License-Identifier: GPL-2.0-or-later
//
// Calls, seen from behind: is this address one that a call instruction returns to?
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace care {

// call, FF /2: two bytes (call *%rax) to eight (segment prefix, REX, ModRM, SIB,
// disp32); call rel32, E8: five.
inline constexpr size_t kLongestCall = 8;

struct CallSite {
  unsigned length = 0;
  std::optional<uint64_t> target; // of a direct call
  std::optional<uint64_t> slot;   // of call *disp32(%rip): where the target is stored
};

// The call whose last byte is the last of `code`, and which returns to `end`. Where
// the bytes can be read as several calls a direct one goes before indirect ones;
// `end` must not be trusted to be a return address then either: data and other
// instructions can look like calls, never the other way round.
std::optional<CallSite> call_before(std::string_view code, uint64_t end);

} // namespace care
