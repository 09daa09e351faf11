// SPDX-License-Identifier: GPL-2.0-or-later
//
// A function's code comes from lines of several files when something was inlined, so
// each file with a span is looked at. Spans are widened a little: a declaration
// or a deleted statement has no code of its own on one of the sides.
#include "kpatch_make/report/source_diff.h"

#include <algorithm>
#include <filesystem>

#include "lib/base/alignment.h"
#include "lib/base/lines.h"
#include "lib/json/json.h"

namespace care::make {

namespace fs = std::filesystem;

namespace {
constexpr size_t kContext = 3;    // lines around a change
constexpr size_t kSpanMargin = 2; // lines that a span is widened by
constexpr size_t kMaxRows = 400;  // of one excerpt

std::vector<SourceRow> diff_rows(const std::vector<std::string> &before,
                                 const std::vector<std::string> &after) {
  std::vector<SourceRow> rows;
  size_t i = 0;
  size_t j = 0;
  auto differing_up_to = [&](size_t i_end, size_t j_end) {
    for (; i < i_end; i++)
      rows.push_back({i + 1, 0, before[i]});
    for (; j < j_end; j++)
      rows.push_back({0, j + 1, after[j]});
  };
  auto same = [&](size_t x, size_t y) { return before[x] == after[y]; };
  for (const auto &[x, y] : align(before.size(), after.size(), same)) {
    differing_up_to(x, y);
    rows.push_back({i + 1, j + 1, before[i]});
    i++;
    j++;
  }
  differing_up_to(before.size(), after.size());
  return rows;
}

bool changed(const SourceRow &row) {
  return row.old_line == 0 || row.new_line == 0;
}

// Rows that `wanted` names, with context; gaps between them.
Json shown_rows(const std::vector<SourceRow> &rows, const std::vector<bool> &wanted) {
  Json out = Json::array();
  size_t next = 0;
  for (size_t i = 0; i < rows.size() && out.size() < kMaxRows; i++) {
    size_t begin = i - std::min(i, kContext);
    size_t end = std::min(i + kContext + 1, rows.size());
    auto first = wanted.begin() + static_cast<ptrdiff_t>(begin);
    if (std::find(first, wanted.begin() + static_cast<ptrdiff_t>(end), true) ==
        wanted.begin() + static_cast<ptrdiff_t>(end))
      continue;
    if (i != next && !out.empty())
      out.push_back({{"mark", "gap"}, {"old", ""}, {"new", ""}, {"text", "\u22ee"}});
    next = i + 1;
    const SourceRow &row = rows[i];
    auto number = [](size_t line) { return line == 0 ? std::string() : std::to_string(line); };
    out.push_back({{"mark", row.new_line == 0   ? "del"
                            : row.old_line == 0 ? "add"
                                                : "same"},
                   {"old", number(row.old_line)},
                   {"new", number(row.new_line)},
                   {"text", row.text}});
  }
  return out;
}

struct Span {
  size_t first = 1;
  size_t last = 0;
  bool holds(size_t line) const {
    return line != 0 && line + kSpanMargin >= first && line <= last + kSpanMargin;
  }
};

Span span_of(const Json &spans, const std::string &file) {
  for (const Json &span : spans)
    if (span.at("file").string() == file)
      return {static_cast<size_t>(span.at("first").integer()),
              static_cast<size_t>(span.at("last").integer())};
  return {};
}

Json excerpt(const std::string &file, std::string_view note, Json rows) {
  return {{"file", file}, {"note", note}, {"rows", std::move(rows)}};
}

// "a.c:17" of the first difference, on one side.
std::pair<std::string, size_t> place_of(const Json &side) {
  std::string where = side.string_or("where", "");
  size_t colon = where.rfind(':');
  if (colon == std::string::npos || where.ends_with(":"))
    return {};
  return {where.substr(0, colon), std::strtoul(where.c_str() + colon + 1, nullptr, 10)};
}

} // namespace

const SourceDiffs::File *SourceDiffs::file(const std::string &name, const std::string &directory) {
  std::string path = (fs::path(directory) / name).lexically_normal();
  if (path.rfind(trees_.path + "/", 0) != 0)
    return nullptr; // a system header: both builds have the same
  auto [known, added] = files_.try_emplace(path);
  if (added) {
    std::string relative = path.substr(trees_.path.size() + 1);
    std::string before = trees_.original + "/" + relative;
    std::string after = trees_.patched + "/" + relative;
    if (fs::is_regular_file(before) && fs::is_regular_file(after)) {
      File file{relative, diff_rows(lines_of_file(before), lines_of_file(after)), false};
      file.differs = std::any_of(file.rows.begin(), file.rows.end(), changed);
      known->second = std::move(file);
    }
  }
  return known->second ? &*known->second : nullptr;
}

Json SourceDiffs::excerpts(const Json &function, const std::string &directory,
                           const std::string &source) {
  Json out = Json::array();
  Json listing = function.value("listing", Json::object());
  Json before = listing.value("original_source", Json::array());
  Json after = listing.value("patched_source", Json::array());
  for (const Json &span : after) {
    const File *found = file(span.at("file").string(), directory);
    if (found == nullptr || !found->differs)
      continue;
    Span old_span = span_of(before, span.at("file").string());
    Span new_span = span_of(after, span.at("file").string());
    std::vector<bool> wanted;
    for (const SourceRow &row : found->rows)
      wanted.push_back(changed(row) &&
                       (old_span.holds(row.old_line) || new_span.holds(row.new_line)));
    if (Json rows = shown_rows(found->rows, wanted); !rows.empty())
      out.push_back(excerpt(found->name, "", std::move(rows)));
  }
  if (!out.empty())
    return out;
  auto [name, line] = place_of(function.value("patched", Json::object()));
  if (const File *found = name.empty() || line == 0 ? nullptr : file(name, directory)) {
    std::vector<bool> wanted;
    for (const SourceRow &row : found->rows)
      wanted.push_back(row.new_line == line);
    if (Json rows = shown_rows(found->rows, wanted); !rows.empty())
      out.push_back(excerpt(found->name,
                            "the source did not change here; what it uses did (a constant, a "
                            "macro, an inlined function)",
                            std::move(rows)));
    return out;
  }
  const File *whole = file(source, directory);
  if (whole == nullptr || !whole->differs)
    return out;
  std::vector<bool> wanted;
  for (const SourceRow &row : whole->rows)
    wanted.push_back(changed(row));
  out.push_back(excerpt(whole->name,
                        "compiled without line numbers: all that the fix changes in the file",
                        shown_rows(whole->rows, wanted)));
  return out;
}

Json fix_json(const std::string &path) {
  Json rows = Json::array();
  for (const std::string &line : lines_of_file(path)) {
    bool header = line.starts_with("+++") || line.starts_with("---") || line.starts_with("diff ");
    rows.push_back({{"mark", header                  ? "head"
                             : line.starts_with("@") ? "gap"
                             : line.starts_with("+") ? "add"
                             : line.starts_with("-") ? "del"
                                                     : "same"},
                    {"text", line}});
  }
  return {{"name", fs::path(path).filename().string()}, {"rows", std::move(rows)}};
}

} // namespace care::make
