// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_make/deb/patch_series.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fmt/format.h>
#include <iterator>
#include <set>

#include "kpatch_make/sources/fix_parts.h"
#include "kpatch_make/sources/fixes.h"
#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/lines.h"

namespace care::make {

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

bool is_named(const std::string &name, std::string_view wanted) {
  std::string base = name.substr(name.rfind('/') + 1);
  return base == wanted || without_suffix(base) == wanted || without_suffix(name) == wanted;
}

bool continues_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// CVE-2026-1 in CVE-2026-1_CVE-2026-2.patch, but not in CVE-2026-12.patch.
bool has_words(const std::string &name, std::string_view wanted) {
  if (wanted.empty())
    return false;
  for (size_t at = name.find(wanted); at != name.npos; at = name.find(wanted, at + 1)) {
    size_t end = at + wanted.size();
    bool begins = at == 0 || !continues_word(name[at - 1]) || !continues_word(wanted.front());
    bool ends = end == name.size() || !continues_word(name[end]) || !continues_word(wanted.back());
    if (begins && ends)
      return true;
  }
  return false;
}

std::vector<std::string> with_words_of(const std::vector<std::string> &series,
                                       std::string_view wanted) {
  std::vector<std::string> with;
  std::copy_if(series.begin(), series.end(), std::back_inserter(with),
               [&](const std::string &name) { return has_words(name, wanted); });
  return with;
}

bool is_applied(const std::string &tree, const std::string &name) {
  std::string path = tree + "/.pc/applied-patches";
  if (!fs::exists(path))
    return false;
  std::vector<std::string> applied = parse_series(read_file(path));
  return std::find(applied.begin(), applied.end(), name) != applied.end();
}

std::set<std::string> touched_by(const std::string &patch) {
  std::set<std::string> files;
  for (const FixPart &part : split_fix(read_file(patch)))
    if (!part.file.empty())
      files.insert(part.file);
  return files;
}

// Those of `later` that change a file of the patch `name`: only they can stand on it.
std::string may_stand_on(const std::string &tree, const std::string &name,
                         const std::vector<std::string> &later) {
  std::string folder = tree + "/debian/patches/";
  std::set<std::string> files = touched_by(folder + name);
  std::string behind;
  for (const std::string &patch : later) {
    std::set<std::string> its = touched_by(folder + patch);
    if (std::any_of(its.begin(), its.end(), [&](const auto &f) { return files.count(f) != 0; }))
      behind += (behind.empty() ? "" : ", ") + patch;
  }
  return behind;
}

// `later`: the patches behind it that stay.
void take_off(const std::string &tree, const std::string &name,
              const std::vector<std::string> &later) try {
  remove_fixes({tree + "/debian/patches/" + name}, {1, {}}, tree);
} catch (const Error &e) {
  std::string behind = may_stand_on(tree, name, later);
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
  if (std::find(series.begin(), series.end(), wanted) != series.end())
    return std::string(wanted);
  std::vector<std::string> meant;
  std::copy_if(series.begin(), series.end(), std::back_inserter(meant),
               [&](const std::string &name) { return is_named(name, wanted); });
  if (meant.empty())
    meant = with_words_of(series, wanted);
  if (meant.size() > 1)
    throw error(ExitCode::usage, "'{}' may be {}", wanted, fmt::join(meant, " or "))
        .with_hint("give -p and the name for each that is meant");
  return meant.empty() ? "" : meant.front();
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

} // namespace care::make
