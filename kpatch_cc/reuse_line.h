// SPDX-License-Identifier: GPL-2.0-or-later
//
// The command lines that are plain enough for the second build to reuse the first one's
// result (reuse.h). Only known options are allowed here: an unknown one may write a file
// of its own, or read one.
#pragma once

#include <string>
#include <vector>

namespace care::cc {

struct ReuseLine {
  bool eligible = false;
  bool compiles = false; // has -c, and is no probe of configure
  std::string why_not;   // the argument, or another reason why it is not eligible
  std::string source;
  std::string output;             // operand of -o
  std::vector<std::string> specs; // files that options come from
  // Folders of headers: operands of -I and its kin, and of CPATH and its kin.
  std::vector<std::string> folders;
  bool wants_dependencies = false; // -MD or -MMD
  bool system_headers_left_out = false;
  std::string dependencies; // the file that they are written to, if wanted
};

// `arguments` without argv[0], response files expanded.
ReuseLine read_reuse_line(const std::vector<std::string> &arguments);

} // namespace care::cc
