// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/driver_line.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "kpatch_cc/object_key.h"

namespace care::cc {

namespace {

constexpr std::array<std::string_view, 36> kTakesNext = {"-o",
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
                                                         "-wrapper",
                                                         "-specs",
                                                         "--specs"};

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

// kpatch_gensrc compares AT&T syntax in the small code model. Instrumented code keeps
// tables on itself (shadow memory, counters by function), which do not have the
// functions of a patch. docs/building-patches.rst has the list.
constexpr std::array<std::string_view, 9> kRefused = {
    "-mcmodel=medium", "-mcmodel=large", "-mcmodel=kernel", "-m32", "-mx32", "-m16",
    "-masm=intel",     "--coverage",     "-coverage"};
constexpr std::array<std::string_view, 6> kRefusedFamilies = {
    "-fsanitize=",    "-fprofile-generate",    "-fprofile-instr-generate",
    "-fprofile-arcs", "-fcs-profile-generate", "-fcoverage-mapping"};

bool is_refused(std::string_view arg) {
  return among(kRefused, arg) ||
         std::any_of(kRefusedFamilies.begin(), kRefusedFamilies.end(),
                     [arg](std::string_view family) { return arg.starts_with(family); });
}

// The option that cancels `refused` when it comes later on the command line.
bool takes_back(std::string_view arg, std::string_view refused) {
  if (refused.starts_with("-mcmodel="))
    return arg == "-mcmodel=small";
  if (refused.starts_with("-masm="))
    return arg == "-masm=att";
  if (refused == "-m32" || refused == "-mx32" || refused == "-m16")
    return arg == "-m64";
  if (refused.starts_with("-fsanitize"))
    return arg.starts_with("-fno-sanitize=all");
  return arg.starts_with("-fno-") && refused.starts_with("-f") &&
         refused.substr(2) == arg.substr(5);
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
  else if (takes_back(arg, line.refused))
    line.refused.clear();
  if (matters_to_assembler(arg))
    line.assembler.push_back(arg);
}

} // namespace

bool takes_operand(std::string_view option) {
  return among(kTakesNext, option);
}

DriverLine read_driver_line(const std::vector<std::string> &arguments) {
  DriverLine line;
  bool verbose = false, has_input = false;
  for (size_t i = 0; i < arguments.size(); i++) {
    const std::string &arg = arguments[i];
    if (arg == "--") {
      line.double_dash = true;
      has_input |= i + 1 < arguments.size();
      break;
    }
    read_option(line, arg);
    verbose |= arg == "-v" || arg == "--verbose";
    has_input |= !arg.starts_with("-") || arg == "-" || arg.starts_with("-l");
    if (line.probe.empty() && !arg.starts_with("-") && is_probe(arg))
      line.probe = arg;
    if (arg.starts_with("-o") && arg.size() > 2)
      line.output = arg.substr(2);
    if (!takes_operand(arg) || i + 1 == arguments.size())
      continue;
    const std::string &operand = arguments[++i];
    if (arg == "-o")
      line.output = operand;
    if (arg == "-B")
      line.prefixes.push_back(operand);
    if (arg == "-target" || arg == "-mllvm")
      line.assembler.push_back(operand);
  }
  // `gcc -v` alone asks; `gcc -v a.c` compiles and must be captured.
  line.query |= verbose && !has_input;
  return line;
}

} // namespace care::cc
