// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the bytes of a function and of the padding around it allow: the shapes
// of jump that lead to a replacement.
//
//   5 bytes  e9 rel32   at the site, 2 GiB in either direction
//   2 bytes  eb rel8    at the site of a short function, to a *pad*: five bytes of
//                       alignment padding within 127 bytes that hold an e9 rel32
//
// The site is the function's entry; behind an endbr64 when there is one and room
// for both, so that indirect calls under CET still land on it. Which bytes are
// padding and nothing else is for the caller to know: here is only what they say.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace care {

inline constexpr std::string_view kEndbr64 = "\xf3\x0f\x1e\xfa";
inline constexpr uint64_t kLongJump = 5;
inline constexpr uint64_t kShortJump = 2;

bool starts_with_endbr(std::string_view code);

// Number of bytes at the start of `code` that are padding: whole nops and int3, or
// zeros if there is nothing but zeros.
uint64_t padding_length(std::string_view code);

// Does the last instruction of the function whose bytes are `code` let nothing run
// on into what follows? False when the code cannot be decoded to its end.
bool ends_flow(std::string_view code);

// Can a short jump at `site` reach `pad`? Any address type, as plain numbers.
bool in_short_reach(uint64_t site, uint64_t pad);

// Offset of the first pad that a short jump at `site` reaches in the padding
// [begin, begin + code.size()), on an instruction's beginning, with kLongJump bytes.
std::optional<uint64_t> find_pad(std::string_view code, uint64_t begin, uint64_t site);

} // namespace care
