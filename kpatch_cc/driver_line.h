// SPDX-License-Identifier: GPL-2.0-or-later
//
// The few facts that kpatch_cc reads from a compiler's command line.
//
// The line is read, never rebuilt. The driver decides what is compiled, into which files
// and through which temporaries, and it hands every assembly text to kpatch_cc's `as`.
// For the same reason there is no option parser here: gcc and clang have thousands of
// options, and a handful matters to kpatch_cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace care::cc {

struct DriverLine {
  // Nothing is assembled or linked: -E, -S, -M, --version, -print-..., -###.
  bool query = false;
  bool lto = false;                   // -flto in effect
  bool debug_info = false;            // -g and its kin in effect
  bool from_stdin = false;            // "-" among the inputs
  bool double_dash = false;           // "--": what follows is no option any more
  bool relax_all = true;              // clang's -O0 rule: long jumps; see clang_assembler.h
  std::vector<std::string> prefixes;  // operands of -B, which would win over ours
  std::string output;                 // operand of -o, or ""
  std::string probe;                  // first input that configure scripts compile, or ""
  std::string refused;                // first option whose code cannot be compared, or ""
  std::vector<std::string> assembler; // options that matter to clang's own assembler
};

// True for an option whose operand is the next argument. The operand is no option, even
// when it looks like one (-Xlinker -E, -MF -S).
bool takes_operand(std::string_view option);

// `arguments` without argv[0], response files expanded.
DriverLine read_driver_line(const std::vector<std::string> &arguments);

} // namespace care::cc
