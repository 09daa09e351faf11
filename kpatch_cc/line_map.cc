// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/line_map.h"

#include <algorithm>
#include <charconv>

#include "lib/base/error.h"
#include "lib/base/fd.h"
#include "lib/base/subprocess.h"

namespace care::cc {

namespace {

// One change of diff's normal format: "12,14c15,18".
struct Hunk {
  uint32_t old_first, old_last;
  char kind; // a, c, d
  uint32_t new_first, new_last;
};

[[noreturn]] void bad(std::string_view line) {
  throw error(ExitCode::bad_input, "diff writes what cannot be understood: {}", line);
}

Hunk read_hunk(std::string_view line) {
  const char *at = line.data(), *end = at + line.size();
  auto number = [&] {
    uint32_t value = 0;
    auto [next, failure] = std::from_chars(at, end, value);
    if (failure != std::errc())
      bad(line);
    at = next;
    return value;
  };
  auto range = [&](uint32_t &first, uint32_t &last) {
    first = last = number();
    if (at != end && *at == ',') {
      at++;
      last = number();
    }
  };
  Hunk hunk{};
  range(hunk.old_first, hunk.old_last);
  if (at == end || (*at != 'a' && *at != 'c' && *at != 'd'))
    bad(line);
  hunk.kind = *at++;
  range(hunk.new_first, hunk.new_last);
  return hunk;
}

} // namespace

LineMap::LineMap(std::string_view differences, uint32_t lines) : lines_(lines) {
  by_line_.push_back({1, 1});
  uint32_t added = lines + 1;
  auto add = [this](uint32_t line, uint32_t number) {
    if (by_line_.back().line == line)
      by_line_.back().number = number;
    else
      by_line_.push_back({line, number});
  };
  while (!differences.empty()) {
    size_t end = std::min(differences.find('\n'), differences.size());
    std::string_view line = differences.substr(0, end);
    differences.remove_prefix(std::min(end + 1, differences.size()));
    if (line.empty() || line[0] < '0' || line[0] > '9')
      continue; // the text of a change
    Hunk hunk = read_hunk(line);
    // `12a15` is behind line 12, `12d15` in front of line 16.
    uint32_t removed = hunk.kind == 'a' ? 0 : hunk.old_last - hunk.old_first + 1;
    uint32_t put = hunk.kind == 'd' ? 0 : hunk.new_last - hunk.new_first + 1;
    if (put == removed)
      continue;
    uint32_t first_new = hunk.kind == 'd' ? hunk.new_first + 1 : hunk.new_first;
    if (put > removed) {
      add(first_new + removed, added);
      added += put - removed;
    }
    add(first_new + put, hunk.old_last + 1);
  }
  by_number_ = by_line_;
  std::sort(by_number_.begin(), by_number_.end(),
            [](const Span &a, const Span &b) { return a.number < b.number; });
}

LineMap LineMap::between(const std::string &original, const std::string &patched) {
  Command command;
  command.argv = {"diff", "-a", "--", original, patched};
  command.capture = true;
  command.environment = {{"LC_ALL", "C"}};
  Outcome outcome = run(command);
  if (outcome.exit_status > 1)
    throw error("diff {} {} fails: {}", original, patched, outcome.output);
  std::string text = read_file(original);
  return LineMap(outcome.output,
                 static_cast<uint32_t>(std::count(text.begin(), text.end(), '\n')) + 1);
}

uint32_t LineMap::number_of(uint32_t line) const {
  auto above = std::upper_bound(by_line_.begin(), by_line_.end(), line,
                                [](uint32_t value, const Span &s) { return value < s.line; });
  if (above == by_line_.begin())
    return line; // gcc writes markers for line 0
  return std::prev(above)->number + (line - std::prev(above)->line);
}

uint32_t LineMap::line_of(uint32_t number) const {
  auto above = std::upper_bound(by_number_.begin(), by_number_.end(), number,
                                [](uint32_t value, const Span &s) { return value < s.number; });
  if (above == by_number_.begin())
    return number;
  return std::prev(above)->line + (number - std::prev(above)->number);
}

} // namespace care::cc
