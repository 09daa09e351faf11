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
  bool foreign = false; // 32-bit code, for example: linked as it is and never patched
};

// `arguments` without argv[0], response files expanded.
LinkerLine read_linker_line(const std::vector<std::string> &arguments);

// The arguments for the instrumented link: with --emit-relocs, and without options that
// strip the symbols and relocations which kpatch_tool reads. Neither changes a byte of
// the loaded sections.
std::vector<std::string> instrumented(const std::vector<std::string> &arguments);

} // namespace care::cc
