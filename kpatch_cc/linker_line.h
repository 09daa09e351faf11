// SPDX-License-Identifier: GPL-2.0-or-later
//
// The command line of `ld` (GNU ld, gold, lld and mold agree on what is read here).
#pragma once

#include <string>
#include <vector>

namespace care::cc {

struct LinkerLine {
  std::string output = "a.out";
  bool relocatable = false;
  bool shared = false;
  bool query = false;   // nothing is linked
  bool foreign = false; // for 32-bit code, say: never patched, and linked as it is
};

// `arguments` without argv[0], response files expanded.
LinkerLine read_linker_line(const std::vector<std::string> &arguments);

// The arguments for the instrumented link: --emit-relocs added, and what would
// strip the symbols and relocations that kpatch_tool reads left out. Neither
// changes a byte of the loaded sections.
std::vector<std::string> instrumented(const std::vector<std::string> &arguments);

} // namespace care::cc
