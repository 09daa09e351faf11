// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/reuse_line.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <unistd.h>

#include "kpatch_cc/object_key.h"
#include "lib/base/environment.h"
#include "lib/base/fd.h"

namespace care::cc {

namespace fs = std::filesystem;

namespace {

// Families whose members do not all behave: they write a second file, read one, or
// make the output depend on more than the sources.
constexpr std::array<std::string_view, 24> kNotAllowed = {
    "-fprofile",       "-fauto-profile",
    "-ftest-coverage", "-fcoverage",
    "-fplugin",        "-fpass-plugin",
    "-fdump",          "-fsave",
    "-fstack-usage",   "-fcallgraph-info",
    "-ftime-trace",    "-fmodule",
    "-fopt-info",      "-fdiagnostics-format",
    "-fsanitize",      "-fembed",
    "-frecord",        "-fcompare-debug",
    "-fpch",           "-fcs-profile",
    "-gsplit-dwarf",   "-grecord-",
    "-fbuild-session", "-fdiagnostics-add-output"};

constexpr std::array<std::string_view, 12> kAllowedFamilies = {
    "-f", "-g", "-m", "-O", "-W", "-w", "-D", "-U", "-std=", "--std=", "--param=", "-pedantic"};
// gcc records its switches with -g anyway. They are the same where a compilation is reused.
constexpr std::array<std::string_view, 8> kAllowed = {
    "-c", "-pthread", "-ansi", "-nostdinc", "-nostdinc++", "-MP", "-pipe", "-grecord-gcc-switches"};
// Options for the assembler, behind -Wa, that change nothing but the object.
constexpr std::array<std::string_view, 7> kAssemblerFamilies = {
    "--noexecstack",        "--execstack",      "--compress-debug-sections",
    "-mrelax-relocations=", "-mx86-used-note=", "-mbranches-within",
    "-malign-branch"};
// Options for the preprocessor, behind -Wp: definitions.
constexpr std::array<std::string_view, 2> kPreprocessorFamilies = {"-D", "-U"};
constexpr std::array<std::string_view, 2> kSpecsOptions = {"-specs", "--specs"};
constexpr std::array<std::string_view, 5> kFolderOptions = {"-I", "-isystem", "-iquote",
                                                            "-idirafter", "-cxx-isystem"};
constexpr std::array<std::string_view, 6> kSources = {".c", ".cc", ".cpp", ".cxx", ".c++", ".C"};

bool starts_with_any(std::string_view arg, const auto &list) {
  return std::any_of(list.begin(), list.end(),
                     [arg](std::string_view family) { return arg.starts_with(family); });
}

bool among(std::string_view arg, const auto &list) {
  return std::find(list.begin(), list.end(), arg) != list.end();
}

bool is_source(const std::string &arg) {
  size_t dot = arg.rfind('.');
  return dot != std::string::npos && among(std::string_view(arg).substr(dot), kSources);
}

// "-Wa,--noexecstack,..."
bool all_start_with_any(std::string_view arg, const auto &list) {
  for (size_t begin = arg.find(','); begin != arg.npos;) {
    size_t end = arg.find(',', begin + 1);
    if (!starts_with_any(arg.substr(begin + 1, end - begin - 1), list))
      return false;
    begin = end;
  }
  return true;
}

// A file of options for gcc; Debian's and Fedora's builds name one with each call. The only
// plugin that is known to write nothing else is Fedora's, which adds notes to the text.
bool harmless_specs(const std::string &path) {
  if (access(path.c_str(), R_OK) != 0)
    return false;
  std::string text = read_file(path);
  constexpr std::string_view kKnown = "-fplugin=annobin";
  for (size_t at; (at = text.find(kKnown)) != std::string::npos;)
    text.erase(at, kKnown.size());
  return std::none_of(kNotAllowed.begin(), kNotAllowed.end(), [&](std::string_view family) {
    return text.find(family) != std::string::npos;
  });
}

// Options for the linker have no effect with -c.
bool allowed(std::string_view arg) {
  if (among(arg, kAllowed))
    return true;
  if (arg.starts_with("-Wa,"))
    return all_start_with_any(arg, kAssemblerFamilies);
  if (arg.starts_with("-Xclang") || starts_with_any(arg, kNotAllowed))
    return false;
  if (arg.starts_with("-Wp,"))
    return all_start_with_any(arg, kPreprocessorFamilies);
  return starts_with_any(arg, kAllowedFamilies);
}

class Reading {
 public:
  explicit Reading(const std::vector<std::string> &arguments) : arguments_(arguments) {}

  ReuseLine run() {
    for (; at_ < arguments_.size(); at_++)
      if (size_t begin = at_; !one(arguments_[at_]))
        refuse(arguments_[begin]);
    // `gcc -c x.c` writes x.o where it runs.
    if (line_.output.empty() && !line_.source.empty())
      line_.output = fs::path(line_.source).stem().string() + ".o";
    if (line_.source.empty())
      refuse("no source");
    // The compiler would not list a header of the package that counts as a system header.
    if (line_.system_headers_left_out && system_folders_)
      refuse("-MMD with folders of system headers");
    if (line_.wants_dependencies && line_.dependencies.empty())
      line_.dependencies = line_.output.substr(0, line_.output.rfind('.')) + ".d";
    for (const char *variable : {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH"})
      if (!environment(variable).empty())
        refuse(variable);
    line_.compiles = compiles_ && !line_.source.empty() && !is_probe(absolute_path(line_.output)) &&
                     !is_probe(line_.source);
    line_.eligible = line_.compiles && line_.why_not.empty();
    return line_;
  }

 private:
  void refuse(const std::string &why) {
    if (line_.why_not.empty())
      line_.why_not = why;
  }

  // The operand of an option, attached or as the next argument.
  std::string operand(const std::string &arg, std::string_view option) {
    if (arg.size() > option.size())
      return arg.substr(option.size());
    at_++;
    return at_ < arguments_.size() ? arguments_[at_] : "";
  }

  bool one(const std::string &arg) {
    if (!arg.starts_with("-")) {
      bool first = line_.source.empty();
      line_.source = arg;
      return first && is_source(arg);
    }
    for (std::string_view option : kFolderOptions)
      if (arg.starts_with(option)) {
        system_folders_ |= option != "-I" && option != "-iquote";
        line_.folders.push_back(operand(arg, option));
        return !line_.folders.back().empty() && line_.folders.back()[0] != '=';
      }
    for (std::string_view option : kSpecsOptions)
      if (arg == option || arg.starts_with(std::string(option) + "=")) {
        std::string file = operand(arg, option);
        line_.specs.push_back(file.substr(file.starts_with('=') ? 1 : 0));
        return harmless_specs(line_.specs.back());
      }
    if (arg.starts_with("-o")) {
      line_.output = operand(arg, "-o");
      return true;
    }
    if (arg == "-MD" || arg == "-MMD") {
      line_.wants_dependencies = true;
      line_.system_headers_left_out = arg == "-MMD";
      return true;
    }
    if (arg.starts_with("-MF")) {
      line_.dependencies = operand(arg, "-MF");
      return true;
    }
    if (arg.starts_with("-MT") || arg.starts_with("-MQ"))
      return !operand(arg, "-MT").empty();
    if (arg == "-include" || arg == "-imacros" || arg == "-D" || arg == "-U" || arg == "--param") {
      at_++;
      return true;
    }
    compiles_ |= arg == "-c";
    return allowed(arg);
  }

  const std::vector<std::string> &arguments_;
  size_t at_ = 0;
  ReuseLine line_;
  bool compiles_ = false;
  bool system_folders_ = false;
};

} // namespace

ReuseLine read_reuse_line(const std::vector<std::string> &arguments) {
  return Reading(arguments).run();
}

} // namespace care::cc
