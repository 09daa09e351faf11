// SPDX-License-Identifier: GPL-2.0-or-later
//
// A second compilation, in which the lines that a fix did not touch have the
// numbers that they had before it (line_map.h).
//
// It must differ in nothing else, so the compiler sees the same sources under the same
// names with the same options. gcc preprocesses with -fdirectives-only, which leaves
// macros and __LINE__ for later; kpatch_cc changes the line markers, and gcc compiles the
// result. clang gets copies of the changed files with #line in them, which cover the real
// ones in this one call (-ivfsoverlay).
//
// kpatch_cc's `as` starts it, and only when the assembly differs from the original's by
// more than debug information. The driver records how it was called.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace care::cc {

// For the driver: writes compiler and arguments to the environment.
void remember_compilation(const std::string &compiler, bool clang,
                          const std::vector<std::string> &arguments);

struct SecondCompilation {
  std::optional<std::string> text; // assembly; .loc directives name the patched source's lines
  std::string why_not;             // "" where line numbers cannot matter
};

// Compiles the source called `source` (as in .file) again. Never throws.
SecondCompilation compile_with_original_lines(const std::string &source);

} // namespace care::cc
