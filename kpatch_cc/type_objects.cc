// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/type_objects.h"

#include <filesystem>

#include "lib/base/fd.h"
#include "lib/base/subprocess.h"

namespace care::cc {

namespace {

bool has_debug_information(std::string_view text) {
  return text.find("\t.section\t.debug_info") != std::string_view::npos;
}

// "KEY/TEXT.s" -> "KEY/types-TEXT.o"; "" when there is nothing in it.
std::string assembled(const AssemblerLine &line, const std::string &path, std::string_view text,
                      const AssemblerCall &call) {
  if (!has_debug_information(text))
    return "";
  std::filesystem::path file(path);
  AssemblerLine own = line;
  own.output = file.parent_path() / ("types-" + file.stem().string() + ".o");
  if (std::filesystem::exists(own.output))
    return own.output;
  Command command;
  command.argv = call(own, path, text);
  command.capture = true;
  return run(command).ok() ? own.output : "";
}

} // namespace

std::vector<std::string> accepted_layouts(std::string_view text) {
  constexpr std::string_view kMark = "# KPATCH_ACCEPT_LAYOUT ";
  std::vector<std::string> lines;
  for (size_t at = text.find(kMark); at != std::string_view::npos; at = text.find(kMark, at)) {
    at += kMark.size();
    lines.emplace_back(text.substr(at, text.find('\n', at) - at));
  }
  return lines;
}

TypeObjects make_type_objects(const AssemblerLine &line, const Store::Pairing &pair,
                              const AssemblerCall &call) {
  TypeObjects objects;
  std::string patched = read_file(pair.patched);
  objects.accepted = accepted_layouts(patched);
  if (!pair.original)
    return objects;
  objects.original = assembled(line, *pair.original, read_file(*pair.original), call);
  objects.patched = assembled(line, pair.patched, patched, call);
  return objects;
}

} // namespace care::cc
