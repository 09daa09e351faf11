// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/clang_assembler.h"

#include <regex>

#include <fmt/format.h>

#include "kpatch_cc/assembler_line.h"
#include "kpatch_cc/driver_line.h"

namespace care {

namespace {

// Between the words of KPATCH_CLANG: no option holds it.
constexpr char kSeparator = '\x1f';

// A symbol of value 1 that is defined behind its uses.
constexpr std::string_view kOne = ".Lkpatch_one";

std::vector<std::string> split(std::string_view word) {
  std::vector<std::string> words;
  for (;;) {
    size_t end = word.find(kSeparator);
    words.emplace_back(word.substr(0, end));
    if (end == std::string_view::npos)
      return words;
    word.remove_prefix(end + 1);
  }
}

} // namespace

std::string clang_word(const std::string &clang, const DriverLine &line) {
  std::string word = clang;
  for (const std::string &option : line.assembler)
    word += kSeparator + option;
  // First in effect for compiled code only; see clang_command().
  word += kSeparator;
  word += line.relax_all ? "-mrelax-all" : "";
  return word;
}

bool is_clang_output(std::string_view text) {
  // The table of -faddrsig, which the driver was told to ask for, stands in every
  // compiled file and in no written one. The first lines say less: -fcf-protection
  // puts a note there.
  return text.rfind("\n\t.addrsig\n") != std::string_view::npos;
}

std::string keep_encodings(std::string_view text) {
  static const std::regex ambiguous(R"(\n\t(?:(?:sh[lr]|sa[lr]|ro[lr]|rc[lr])[bwlq]\t\$1,)"
                                    R"(|f(?:add|mul)\t%st, %st\(0\)))");
  std::string result;
  const char *rest = text.data(), *end = text.data() + text.size();
  for (std::cmatch match; std::regex_search(rest, end, match, ambiguous);
       rest = match[0].second) {
    std::string_view found(match[0].first, match[0].second);
    result.append(rest, match[0].first);
    if (found.ends_with(','))
      result += fmt::format("{}{},", found.substr(0, found.size() - 2), kOne);
    else
      result += found.starts_with("\n\tfadd") ? "\n\t.byte 0xdc, 0xc0" : "\n\t.byte 0xdc, 0xc8";
  }
  if (result.empty())
    return result;
  return fmt::format("{}{}\n\t.set {}, 1\n", result, std::string_view(rest, end), kOne);
}

std::vector<std::string> clang_command(std::string_view word, const AssemblerLine &line,
                                       const std::string &input, bool compiled) {
  std::vector<std::string> command = split(word);
  std::string relax = command.back();
  command.pop_back();
  if (compiled && !relax.empty())
    command.push_back(relax);
  command.insert(command.end(), {"-Qunused-arguments", "-c", "-x", "assembler"});
  // clang reports an MD5 missing in a line table that it has written itself.
  if (compiled)
    command.push_back("-Wa,--no-warn");
  for (const std::string &option : line.options) {
    if (option == "--64" || option == "--32" || option == "--x32")
      continue;
    if (option.starts_with("--gdwarf") || option == "-g")
      command.push_back(option.starts_with("--gdwarf-") ? option.substr(1) : "-g");
    else
      command.insert(command.end(), {"-Xassembler", option});
  }
  command.insert(command.end(), {"-o", line.output, input});
  return command;
}

} // namespace care
