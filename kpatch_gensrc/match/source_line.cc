// SPDX-License-Identifier: GPL-2.0-or-later
//
// Source lines are looked up in the text when a message needs them: backwards to
// the nearest .loc, then for the .file that gives its number a name. Keeping all
// of them would double the memory for an answer that is wanted a few times.
#include <algorithm>

#include "kpatch_gensrc/asm/lexer.h"
#include "kpatch_gensrc/match/explain.h"
#include "lib/base/error.h"

namespace care::gensrc {

namespace {

// Where the last directive `word` before the end of `text` begins, with its blanks
// behind (gcc writes a space, clang a tab).
size_t last_directive(std::string_view text, std::string_view word) {
  size_t at = text.size();
  while ((at = text.rfind(word, at)) != std::string_view::npos) {
    char behind = at + word.size() < text.size() ? text[at + word.size()] : '\n';
    if (behind == ' ' || behind == '\t')
      return at;
    if (at-- == 0)
      break;
  }
  return std::string_view::npos;
}

// The name behind `.file NUMBER ["DIRECTORY"] "NAME"`.
std::string_view file_name(std::string_view text, std::string_view number) {
  size_t at = 0;
  while ((at = text.find("\t.file", at)) != std::string_view::npos) {
    at += 6;
    std::string_view rest = text.substr(at, text.find('\n', at) - at);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (!rest.starts_with(number) || rest.substr(number.size()).find_first_of(" \t") != 0)
      continue;
    std::string_view name;
    // clang adds an MD5, unquoted; the last string is the name.
    for (size_t begin = rest.find('"'); begin != rest.npos;) {
      size_t end = rest.find('"', begin + 1);
      if (end == rest.npos)
        break;
      name = rest.substr(begin + 1, end - begin - 1);
      begin = rest.find('"', end + 1);
    }
    return name;
  }
  return {};
}

// The reason in a patch: where the assembly lay is nothing that two builds agree on.
std::string assembly_line(const Unit &unit, uint32_t offset) {
  std::string where = unit.where(offset);
  return where.starts_with('/') ? where.substr(where.rfind('/') + 1) : where;
}

} // namespace

std::string source_line(const Unit &unit, uint32_t offset) {
  // A .loc is good for the statements behind it, up to the function's beginning.
  std::string_view before = unit.text.substr(0, offset);
  size_t type = last_directive(before, "\t.type");
  before.remove_prefix(type == std::string_view::npos ? 0 : type);
  size_t at = last_directive(before, "\t.loc");
  if (at == std::string_view::npos)
    return assembly_line(unit, offset);
  std::string_view arguments = before.substr(at, before.find('\n', at + 1) - at);
  arguments.remove_prefix(std::min(arguments.find_first_of("0123456789"), arguments.size()));
  std::string_view file = first_word(arguments);
  std::string_view line = first_word(behind_first_word(arguments));
  std::string_view name = file_name(unit.part_of(offset), file);
  if (name.empty())
    return assembly_line(unit, offset);
  return fmt::format("{}:{}", name, line);
}

} // namespace care::gensrc
