// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/rpm/spec_fixes.h"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.h"
#include "lib/base/fd.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {

bool has(const std::vector<std::string> &list, const std::string &name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// A dist-git folder holds the spec and its patches: there a file's name is both.
bool means_spec(const std::string &fix, const std::string &sources,
                const std::vector<std::string> &listed) {
  std::string name = fs::path(fix).filename();
  if (!has(listed, name))
    return false;
  if (!fs::is_regular_file(fix))
    return fix == name;
  return read_file(fix) == read_file(sources + "/" + name);
}

std::string list_text(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

} // namespace

std::vector<std::string> SpecFixes::all() const {
  std::vector<std::string> list = of_spec;
  list.insert(list.end(), files.begin(), files.end());
  return list;
}

SpecFixes sort_fixes(const std::vector<std::string> &fixes, const std::string &sources,
                     const std::vector<std::string> &applied,
                     const std::vector<std::string> &listed) {
  SpecFixes result;
  std::vector<std::string> wanted;
  for (const std::string &fix : fixes) {
    std::string name = fs::path(fix).filename();
    if (!means_spec(fix, sources, listed)) {
      if (!fs::is_regular_file(fix))
        throw error(ExitCode::usage, "{}: no such patch file, and no patch of the spec", fix)
            .with_hint("the spec's patches: " + list_text(listed));
      result.files.push_back(fs::absolute(fix).lexically_normal());
      continue;
    }
    if (!has(applied, name))
      throw error(ExitCode::usage, "{}: the spec lists it, but %prep does not apply it", name);
    wanted.push_back(name);
  }
  for (const std::string &name : applied)
    if (has(wanted, name))
      result.of_spec.push_back(sources + "/" + name);
  return result;
}

} // namespace care::make
