// SPDX-License-Identifier: GPL-2.0-or-later
//
// Getting a fix into a copy of the tree, or out of it, with patch(1).
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace care::make {

// How fixes are read.
struct FixReading {
  std::optional<unsigned> strip; // patch -pN; found by trial when empty
  std::vector<std::string> skip; // files, folders and patterns: what is done to them is left out
};

// Applies `patches` in order in `tree`. Each is tried without effect first, at
// -p1, -p0, -p2... unless a level is given. Binary parts, which patch(1) cannot apply, are
// left out with a warning. A hunk that would go into another function than it is for
// (hunk_places.h) is an Error, too. Throws Error naming the command and showing its last lines;
// the tree is half-patched then and of no use.
void apply_fixes(const std::vector<std::string> &patches, const FixReading &reading,
                 const std::string &tree);

// Takes patches that the tree has out of it, the last of `patches` first. Throws Error as
// above: when one is not in the tree, or when another stands on it.
void remove_fixes(const std::vector<std::string> &patches, const FixReading &reading,
                  const std::string &tree);

// The last `count` lines of a command's output, indented.
std::string last_lines(std::string_view output, size_t count = 20);

} // namespace care::make
