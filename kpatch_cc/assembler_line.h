// SPDX-License-Identifier: GPL-2.0-or-later
//
// The command line of `as`, as compiler drivers and makefiles write it.
#pragma once

#include <string>
#include <vector>

namespace care::cc {

struct AssemblerLine {
  std::vector<std::string> options; // all but the input and -o, in order
  std::vector<std::string> inputs;  // "-" and none at all mean standard input
  std::string output = "a.out";
  bool query = false; // --version, --help

  // One text, from a file or standard input: kpatch_gensrc can compare it.
  bool simple() const { return !query && inputs.size() <= 1; }
  bool from_stdin() const { return inputs.empty() || inputs[0] == "-"; }
};

// `arguments` without argv[0], response files expanded.
AssemblerLine read_assembler_line(const std::vector<std::string> &arguments);

// The same call with another input; from standard input when `input` is "".
std::vector<std::string> assembler_arguments(const AssemblerLine &line, const std::string &input);

} // namespace care::cc
