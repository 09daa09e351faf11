// SPDX-License-Identifier: GPL-2.0-or-later
#include "kpatch_cc/source_scanner.h"

#include <algorithm>

namespace care::cc {

namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The word in front of `at`.
std::string_view word_before(std::string_view line, size_t at) {
  size_t begin = at;
  while (begin > 0 && is_word(line[begin - 1]))
    begin--;
  return line.substr(begin, at - begin);
}

bool begins_raw_string(std::string_view line, size_t quote) {
  std::string_view prefix = word_before(line, quote);
  return prefix == "R" || prefix == "LR" || prefix == "uR" || prefix == "UR" || prefix == "u8R";
}

// 1'000'000: no character constant.
bool separates_digits(std::string_view line, size_t quote) {
  std::string_view before = word_before(line, quote);
  return !before.empty() && before[0] >= '0' && before[0] <= '9';
}

} // namespace

// Behind the quote that ends the literal, or the end of the line. `at` is inside.
size_t SourceScanner::skip_literal(std::string_view line, size_t at) {
  for (; at < line.size(); at++) {
    if (line[at] == '\\')
      at++;
    else if (line[at] == open_) {
      open_ = 0;
      return at + 1;
    }
  }
  return line.size();
}

void SourceScanner::token(std::string_view line, size_t &at) {
  char c = line[at];
  char next = at + 1 < line.size() ? line[at + 1] : '\0';
  if (c == '/' && next == '/') {
    line_comment_ = true;
    at = line.size();
  } else if (c == '/' && next == '*') {
    comment_ = true;
    at += 2;
  } else if (c == '"' && begins_raw_string(line, at)) {
    size_t parenthesis = std::min(line.find('(', at), line.size());
    raw_ = true;
    raw_end_ = ")" + std::string(line.substr(at + 1, parenthesis - at - 1)) + "\"";
    at = std::min(parenthesis + 1, line.size());
  } else if (c == '"' || (c == '\'' && !separates_digits(line, at))) {
    open_ = c;
    at = skip_literal(line, at + 1);
  } else {
    if (!directive_ && c == '(')
      parentheses_++;
    else if (!directive_ && c == ')' && parentheses_ > 0)
      parentheses_--;
    at++;
  }
}

void SourceScanner::take(std::string_view line) {
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  size_t at = 0;
  if (may_be_directive()) {
    size_t first = line.find_first_not_of(" \t");
    directive_ = first != line.npos && line[first] == '#';
    // A function ends here, even if conditionals left its parentheses unbalanced.
    if (line.starts_with('}'))
      parentheses_ = 0;
  }
  if (open_ != 0)
    at = skip_literal(line, 0);
  if (line_comment_)
    at = line.size();
  while (at < line.size()) {
    std::string_view end = comment_ ? std::string_view("*/") : std::string_view(raw_end_);
    if (!comment_ && !raw_) {
      token(line, at);
      continue;
    }
    size_t found = line.find(end, at);
    at = found == line.npos ? line.size() : found + end.size();
    if (found != line.npos)
      comment_ = raw_ = false;
  }
  continued_ = !raw_ && line.ends_with('\\');
  if (!continued_) {
    open_ = 0;
    directive_ = line_comment_ = false;
  }
}

} // namespace care::cc
