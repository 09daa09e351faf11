// SPDX-License-Identifier: GPL-2.0-or-later
//
// Sizes that x86-64 fixes, in bytes.
#pragma once

#include <cstdint>

namespace care {

inline constexpr uint64_t kPage = 4096;
inline constexpr uint64_t kWord = 8;
// Below the stack pointer: a leaf function's (psABI for x86-64, 3.2.2).
inline constexpr uint64_t kRedZone = 128;

} // namespace care
