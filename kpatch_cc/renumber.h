// SPDX-License-Identifier: GPL-2.0-or-later
//
// Line directives put into a source, so that its lines have the numbers of a LineMap.
//
// Two kinds of text are read. `gcc -E -fdirectives-only` writes one text of many files,
// with markers `# 12 "a.h" 3` between them; macros, and so __LINE__, are not expanded
// yet. The other kind is a source file as it is, perhaps with #line directives of its own
// (generated parsers have them).
//
// A directive can stand only where a line begins: not in a comment, in a string, in
// a line continued by a backslash, between the parentheses of a macro's arguments.
// Where the numbering changes in such a place, the directive is put behind the place.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "kpatch_cc/line_map.h"

namespace care::cc {

// How the lines of a file are numbered; null when it is not changed.
using FindLineMap = std::function<const LineMap *(std::string_view file)>;

// For preprocessed text.
std::string renumber_preprocessed(std::string_view text, const FindLineMap &map_of);

// For the text of one file; `original` is the text that it was made from.
std::string renumber_source(std::string_view text, std::string_view original, const LineMap &map);

// Turns the .loc directives of assembly text back to the lines of the patched source.
std::string true_lines(std::string_view assembly, const FindLineMap &map_of);

} // namespace care::cc
