// SPDX-License-Identifier: GPL-2.0-or-later
//
// Procedure linkage table stubs: which GOT slot does one jump through?
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace care {

// The address of the slot of the stub at `address`, whose bytes start `code`;
// nothing when this is no stub. Knows [endbr64] [bnd] jmp *disp32(%rip), which
// is every form that ld, gold, lld and mold write for calls.
std::optional<uint64_t> plt_slot(std::string_view code, uint64_t address);

inline constexpr uint64_t kStubSize = 16;
// A stub of our own at `address` that jumps through `slot`.
void write_stub(char (&bytes)[kStubSize], uint64_t address, uint64_t slot);

} // namespace care
