// SPDX-License-Identifier: GPL-2.0-or-later
#include "packaging/kpatch_make/deb/patch_series.h"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/lines.h"
#include "packaging/kpatch_make/fixes.h"

namespace care {

namespace fs = std::filesystem;

namespace {

// The first word, without a comment: the patch.
std::string patch_of(std::string_view line) {
  line = line.substr(0, line.find('#'));
  size_t begin = line.find_first_not_of(" \t\r");
  if (begin == line.npos)
    return {};
  line.remove_prefix(begin);
  return std::string(line.substr(0, line.find_first_of(" \t\r")));
}

std::string without_suffix(std::string name) {
  for (std::string_view suffix : {".patch", ".diff", ".dpatch"})
    if (name.ends_with(suffix))
      return name.substr(0, name.size() - suffix.size());
  return name;
}

bool is_applied(const std::string &tree, const std::string &name) {
  std::string path = tree + "/.pc/applied-patches";
  if (!fs::exists(path))
    return false;
  std::vector<std::string> applied = parse_series(read_file(path));
  return std::find(applied.begin(), applied.end(), name) != applied.end();
}

// `later`: the patches behind it that stay.
void take_off(const std::string &tree, const std::string &name,
              const std::vector<std::string> &later) try {
  remove_fixes({tree + "/debian/patches/" + name}, 1, tree);
} catch (const Error &e) {
  std::string behind;
  for (const std::string &patch : later)
    behind += (behind.empty() ? "" : ", ") + patch;
  throw error(e.code(), "{}", e.message())
      .with_hint(behind.empty()
                     ? "is the tree as its series left it?"
                     : "one of those behind it builds on it; name it with -p as well: " + behind);
}

void remove_from(const std::string &path, const std::vector<std::string> &names) {
  if (fs::exists(path))
    write_file(path, series_without(read_file(path), names), 0644);
}

} // namespace

std::vector<std::string> parse_series(std::string_view text) {
  std::vector<std::string> series;
  for (std::string_view line : lines_of(text))
    if (std::string name = patch_of(line); !name.empty())
      series.push_back(name);
  return series;
}

std::string series_without(std::string_view text, const std::vector<std::string> &names) {
  std::string out;
  for (std::string_view line : lines_of(text))
    if (std::find(names.begin(), names.end(), patch_of(line)) == names.end())
      out += std::string(line) + "\n";
  return out;
}

std::string find_in_series(const std::vector<std::string> &series, std::string_view wanted) {
  std::string found;
  for (const std::string &name : series) {
    if (name == wanted)
      return name;
    std::string base = name.substr(name.rfind('/') + 1);
    if (base != wanted && without_suffix(base) != wanted && without_suffix(name) != wanted)
      continue;
    if (!found.empty())
      throw error(ExitCode::usage, "'{}' may be {} or {}", wanted, found, name);
    found = name;
  }
  return found;
}

void peel(const std::string &tree, const std::vector<std::string> &names) {
  std::string series_path = tree + "/debian/patches/series";
  std::vector<std::string> series = parse_series(read_file(series_path));
  std::vector<std::string> later;
  for (size_t i = series.size(); i-- > 0;) {
    const std::string &name = series[i];
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      later.insert(later.begin(), name);
      continue;
    }
    // A series that debian/rules applies while it builds is only to be shortened.
    if (is_applied(tree, name))
      take_off(tree, name, later);
    fs::remove_all(tree + "/.pc/" + name);
  }
  remove_from(series_path, names);
  remove_from(tree + "/.pc/applied-patches", names);
}

} // namespace care
