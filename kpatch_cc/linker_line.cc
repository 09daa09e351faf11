// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/linker_line.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace care::cc {

namespace {

constexpr std::array<std::string_view, 20> kTakesNext = {"-e",
                                                         "-h",
                                                         "-soname",
                                                         "-z",
                                                         "-m",
                                                         "-rpath",
                                                         "-rpath-link",
                                                         "-T",
                                                         "-L",
                                                         "-l",
                                                         "-u",
                                                         "-plugin",
                                                         "-plugin-opt",
                                                         "-y",
                                                         "-dynamic-linker",
                                                         "-Map",
                                                         "-version-script",
                                                         "--version-script",
                                                         "--dynamic-list",
                                                         "-R"};

bool takes_next(std::string_view arg) {
  return std::find(kTakesNext.begin(), kTakesNext.end(), arg) != kTakesNext.end();
}

bool strips(std::string_view arg) {
  return arg == "-s" || arg == "--strip-all" || arg == "-strip-all" || arg == "-S" ||
         arg == "--strip-debug" || arg == "-strip-debug" || arg == "-x" || arg == "--discard-all" ||
         arg == "-discard-all";
}

// "-m elf_i386", "-melf32_x86_64" (x32).
bool is_foreign(std::string_view emulation) {
  return emulation.starts_with("elf") && !emulation.starts_with("elf_x86_64");
}

} // namespace

LinkerLine read_linker_line(const std::vector<std::string> &arguments) {
  LinkerLine line;
  bool asks = false, inputs = false;
  for (size_t i = 0; i < arguments.size(); i++) {
    std::string_view arg = arguments[i];
    bool more = i + 1 < arguments.size();
    if ((arg == "-o" || arg == "--output") && more)
      line.output = arguments[++i];
    else if (arg.starts_with("--output="))
      line.output = arg.substr(arg.find('=') + 1);
    else if (arg.starts_with("-o") && arg.size() > 2)
      line.output = arg.substr(2); // ld reads -omagic as a file "magic", too
    else if (arg == "-r" || arg == "-i" || arg == "--relocatable" || arg == "-relocatable" ||
             arg == "-Ur")
      line.relocatable = true;
    else if (arg == "-shared" || arg == "--shared" || arg == "-Bshareable")
      line.shared = true;
    else if (arg == "-v" || arg == "-V" || arg == "--verbose" || arg == "-qmagic")
      asks = true;
    else if (arg == "--version" || arg == "--help" || arg == "--target-help" ||
             arg.starts_with("--print-"))
      line.query |=
          arg != "--print-gc-sections" && arg != "--print-map" && arg != "--print-memory-usage";
    else if (arg == "-m" && more)
      line.foreign = is_foreign(arguments[++i]);
    else if (arg.starts_with("-melf"))
      line.foreign = is_foreign(arg.substr(2));
    else if (takes_next(arg) && more)
      i++;
    else if (!arg.empty() && (arg[0] != '-' || arg.starts_with("-l")))
      inputs = true;
  }
  line.query |= !inputs && (asks || arguments.empty());
  return line;
}

std::vector<std::string> instrumented(const std::vector<std::string> &arguments) {
  std::vector<std::string> out;
  for (size_t i = 0; i < arguments.size(); i++) {
    if (strips(arguments[i]))
      continue;
    out.push_back(arguments[i]);
    if ((takes_next(arguments[i]) || arguments[i] == "-o") && i + 1 < arguments.size())
      out.push_back(arguments[++i]);
  }
  out.push_back("--emit-relocs");
  return out;
}

} // namespace care::cc
