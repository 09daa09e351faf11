// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/driver_line.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "kpatch_cc/object_key.h"

namespace care {

namespace {

// Options whose operand is the next argument: what follows them is no option,
// even when it looks like one (-Xlinker -E, -MF -S).
constexpr std::array<std::string_view, 34> kTakesNext = {"-o",
                                                         "-x",
                                                         "-I",
                                                         "-L",
                                                         "-D",
                                                         "-U",
                                                         "-l",
                                                         "-B",
                                                         "-T",
                                                         "-u",
                                                         "-z",
                                                         "-e",
                                                         "-A",
                                                         "-MF",
                                                         "-MT",
                                                         "-MQ",
                                                         "-MJ",
                                                         "-Xlinker",
                                                         "-Xassembler",
                                                         "-Xclang",
                                                         "-mllvm",
                                                         "-Xpreprocessor",
                                                         "-include",
                                                         "-imacros",
                                                         "-isystem",
                                                         "-iquote",
                                                         "-idirafter",
                                                         "-iprefix",
                                                         "-isysroot",
                                                         "-iwithprefix",
                                                         "-iwithprefixbefore",
                                                         "-target",
                                                         "--param",
                                                         "-wrapper"};

constexpr std::array<std::string_view, 14> kQueries = {"-E",
                                                       "-S",
                                                       "-M",
                                                       "-MM",
                                                       "-###",
                                                       "--version",
                                                       "-dumpversion",
                                                       "-dumpmachine",
                                                       "-dumpspecs",
                                                       "-dumpfullversion",
                                                       "-fsyntax-only",
                                                       "-emit-llvm",
                                                       "-emit-ast",
                                                       "--analyze"};

// Options of ours or of no use to `clang -x assembler`, or with side effects there.
constexpr std::array<std::string_view, 8> kNotForAssembler = {
    "-fno-integrated-as", "-fintegrated-as", "-flto",         "-fembed-bitcode",
    "-fuse-ld",           "-fplugin",        "-fsyntax-only", "-fno-lto"};

template<size_t N>
bool among(const std::array<std::string_view, N> &list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_query(std::string_view arg) {
  return among(kQueries, arg) || arg.starts_with("-print-") || arg.starts_with("--print-") ||
         arg.starts_with("--help") || arg.starts_with("-cc1");
}

bool matters_to_assembler(std::string_view arg) {
  if (std::any_of(kNotForAssembler.begin(), kNotForAssembler.end(),
                  [arg](std::string_view no) { return arg.starts_with(no); }))
    return false;
  return arg.starts_with("-m") || arg.starts_with("-f") || arg.starts_with("-O") ||
         arg == "-target" || arg.starts_with("--target=");
}

// kpatch_gensrc compares AT&T syntax in the small code model without
// instrumentation; it would have to guess about these.
bool is_refused(std::string_view arg) {
  return arg == "-mcmodel=medium" || arg == "-mcmodel=large" || arg.starts_with("-fsanitize=") ||
         arg == "-m32" || arg == "-mx32" || arg == "-m16";
}

void read_option(DriverLine &line, const std::string &arg) {
  if (is_query(arg))
    line.query = true;
  if (arg == "-flto" || arg.starts_with("-flto="))
    line.lto = true;
  else if (arg == "-fno-lto")
    line.lto = false;
  if (arg.starts_with("-B") && arg.size() > 2)
    line.prefixes.push_back(arg.substr(2));
  if (arg == "-")
    line.from_stdin = true;
  if (arg.starts_with("-g") && !arg.starts_with("-gcc-"))
    line.debug_info = arg != "-g0";
  if (arg.starts_with("-O"))
    line.relax_all = arg == "-O0";
  if (line.refused.empty() && is_refused(arg))
    line.refused = arg;
  if (arg.starts_with("-fno-sanitize=all") && line.refused.starts_with("-fsanitize"))
    line.refused.clear();
  if (matters_to_assembler(arg))
    line.assembler.push_back(arg);
}

} // namespace

DriverLine read_driver_line(const std::vector<std::string> &arguments) {
  DriverLine line;
  bool verbose = false, compiles = false;
  for (size_t i = 0; i < arguments.size(); i++) {
    const std::string &arg = arguments[i];
    if (arg == "--") {
      line.double_dash = true;
      break;
    }
    read_option(line, arg);
    verbose |= arg == "-v" || arg == "--verbose";
    compiles |= arg == "-c" || arg.starts_with("-o");
    if (line.probe.empty() && !arg.starts_with("-") && is_probe(arg))
      line.probe = arg;
    if (arg.starts_with("-o") && arg.size() > 2)
      line.output = arg.substr(2);
    if (!among(kTakesNext, arg) || i + 1 == arguments.size())
      continue;
    const std::string &operand = arguments[++i];
    if (arg == "-o")
      line.output = operand;
    if (arg == "-B")
      line.prefixes.push_back(operand);
    if (arg == "-target" || arg == "-mllvm")
      line.assembler.push_back(operand);
  }
  // `gcc -v` alone asks; `gcc -v -c a.c` compiles and must be captured.
  line.query |= verbose && !compiles;
  return line;
}

} // namespace care
