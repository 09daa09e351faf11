// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/assembler_line.h"

#include <string_view>

namespace care::cc {

namespace {

bool takes_next(std::string_view arg) {
  return arg == "-I" || arg == "--defsym" || arg == "--MD" || arg == "--debug-prefix-map" ||
         arg == "-G" || arg == "-defsym";
}

bool is_query(std::string_view arg) {
  return arg == "--version" || arg == "-version" || arg == "--help" || arg == "--target-help" ||
         arg == "--dump-config";
}

} // namespace

AssemblerLine read_assembler_line(const std::vector<std::string> &arguments) {
  AssemblerLine line;
  for (size_t i = 0; i < arguments.size(); i++) {
    const std::string &arg = arguments[i];
    line.query |= is_query(arg);
    if (arg == "-o" && i + 1 < arguments.size()) {
      line.output = arguments[++i];
    } else if (arg.starts_with("-o") && arg.size() > 2) {
      line.output = arg.substr(2);
    } else if (takes_next(arg) && i + 1 < arguments.size()) {
      line.options.push_back(arg);
      line.options.push_back(arguments[++i]);
    } else if (arg.size() > 1 && arg[0] == '-' && arg != "--") {
      line.options.push_back(arg);
    } else if (arg != "--") {
      line.inputs.push_back(arg);
    }
  }
  return line;
}

std::vector<std::string> assembler_arguments(const AssemblerLine &line, const std::string &input) {
  std::vector<std::string> arguments = line.options;
  arguments.insert(arguments.end(), {"-o", line.output});
  if (!input.empty())
    arguments.push_back(input);
  return arguments;
}

} // namespace care::cc
