// SPDX-License-Identifier: GPL-2.0-or-later
//
// Which command lines are so plain that what the first build made of them will do
// for the second one (reuse.h). Here an option has to be known to be allowed: one
// that we do not know may write a file of its own, or read one.
#pragma once

#include <string>
#include <vector>

namespace care::cc {

struct ReuseLine {
  bool eligible = false;
  bool compiles = false; // has -c, and is no probe of configure
  std::string why_not;   // the argument, or what else makes it not eligible
  std::string source;
  std::string output;             // operand of -o
  std::vector<std::string> specs; // files that options come from
  // Where headers are looked for: operands of -I and its kin, and of CPATH and its kin.
  std::vector<std::string> folders;
  bool wants_dependencies = false; // -MD or -MMD
  bool system_headers_left_out = false;
  std::string dependencies; // the file that they are written to, if wanted
};

// `arguments` without argv[0], response files expanded.
ReuseLine read_reuse_line(const std::vector<std::string> &arguments);

} // namespace care::cc
