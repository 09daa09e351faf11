// SPDX-License-Identifier: GPL-2.0-or-later
//
// Where a function takes the 5-byte jump to its replacement.
//
// At its entry; behind an endbr64 when there is one and room for both, so that
// indirect calls under CET still land on it. Nobody runs the old body once the
// jump stands, yet a function that branches back into the bytes of the jump is
// refused: whoever still is inside (a suspended coroutine, a context of which
// nobody knew) would run half a jump.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace care {

inline constexpr std::string_view kEndbr64 = "\xf3\x0f\x1e\xfa";

// Offset of the site in the function whose bytes are `code`: 0 or 4. Nothing
// when the function is too short for a jump.
std::optional<uint64_t> patch_site_offset(std::string_view code);

// Offset of the first direct branch in `code` that leads into the middle of the
// jump at `site` (site + 1 .. site + 4). Indirect jumps are not followed.
std::optional<uint64_t> branch_into_site(std::string_view code, uint64_t site);

} // namespace care
