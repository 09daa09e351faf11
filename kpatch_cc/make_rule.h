// SPDX-License-Identifier: GPL-2.0-or-later
//
// Dependency files, as gcc and clang write them (-MD) for make to read.
//
//     a.o: a.c two\ words.h sharp\#.h dollar$$.h
//
// A name's special characters are quoted as libcpp/mkdeps.cc of gcc does it, which is how
// GNU make reads them, but for one case:
//
//   * In front of a space or a tab, 2N+1 backslashes are N of them and the character, 2N are
//     N of them at the end of the name. In front of a line's end, likewise: an odd number
//     continues the rule. Elsewhere a backslash is itself.
//   * `$$` is a dollar.
//   * `\#` is a `#`, however many backslashes stand in front: gcc does not double those. make
//     would begin a comment behind an even number, and compilers write no comments.
//   * The targets end at the first colon that white space follows. Other colons are part of a
//     name; compilers do not quote them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace care::cc {

struct MakeRule {
  std::vector<std::string> targets, prerequisites;
};

// The first rule of `text`; nothing when it is none, or is cut off before its line's end.
std::optional<MakeRule> first_make_rule(std::string_view text);

} // namespace care::cc
